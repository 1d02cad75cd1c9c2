"""Controls: every check is seen to fail.

Altered copies of the stated side are put to the same evidence, which must refute each of them: a check that cannot
tell sin from cos, or x from 1.008 x, has not checked much. Copies that are proved equal to the original are dropped;
copies that differ by less than the check could see are named but do not count against it. An inequality is tightened
just past its measured supremum of lhs/rhs instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.stats.rv import RandomSymbol

from lemmata.numerics.compile.arb import CannotEvaluate
from lemmata.theory.quantity import RandomQuantity, is_quantity
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import Side, assemble, compare
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import Measured

NUDGE = sp.Rational(1, 128)
"""The relative change of the smallest control."""

MOST = 24
"""Controls a claim is put to, at most."""

SWAPS: tuple[tuple[Any, Any], ...] = (
    (sp.sin, sp.cos),
    (sp.asin, sp.acos),
    (sp.sinh, sp.cosh),
    (sp.exp, sp.cosh),
    (sp.tanh, sp.erf),
    (sp.Max, sp.Min),
)


@dataclass(frozen=True, slots=True)
class Control:
    """An altered copy of the stated side and what was done to it."""

    what: str
    altered: Any


def alterations(side: Any) -> list[Control]:
    """The altered copies of one stated side: scaled, nudged, negated, a function swapped, a term dropped, symbols swapped.

    >>> from sympy import Symbol, cos
    >>> [control.what for control in alterations(2 * cos(Symbol("x", real=True)))][:3]
    ['scaled by 1 + 1/128', 'scaled by 1 - 1/128', 'negated']
    """
    if getattr(side, "is_Matrix", False) or getattr(side, "is_MatrixExpr", False):
        found = [Control("scaled by 1 + 1/128", (1 + NUDGE) * side), Control("negated", -side)]
        found += [Control("a term dropped", copy) for copy in _dropped(side, sp.MatAdd)]
        return found[:MOST]
    found = [
        Control("scaled by 1 + 1/128", (1 + NUDGE) * side),
        Control("scaled by 1 - 1/128", (1 - NUDGE) * side),
        Control("negated", -side),
        Control("moved by 1/128", side + NUDGE),
    ]
    found += [Control(f"{one.__name__} for {two.__name__}", copy) for one, two, copy in _swapped(side)]
    found += [Control("a term dropped", copy) for copy in _dropped(side, sp.Add)]
    found += [Control("a sign changed", copy) for copy in _sign_changed(side)]
    found += [Control("a constant changed", copy) for copy in _constants(side)]
    found += [Control("an exponent off by one", copy) for copy in _exponents(side)]
    found += [Control("two symbols swapped", copy) for copy in _symbols(side)]
    distinct: dict[Any, Control] = {}
    for control in found:
        if control.altered != side and not control.altered.has(sp.nan, sp.zoo, sp.oo):
            distinct.setdefault(control.altered, control)
    return list(distinct.values())[:MOST]


def _opaque(node: Any) -> bool:
    """What is not altered inside: quantities (they are measured, not stated), and the shapes and laws within symbols."""
    return is_quantity(node) or isinstance(node, (sp.MatrixSymbol, sp.MatrixBase, sp.Symbol, RandomSymbol, RandomQuantity))


def _parts(side: Any) -> Iterator[Any]:
    """The nodes of a side, outside what is opaque."""
    if _opaque(side):
        return
    yield side
    for arg in side.args:
        yield from _parts(arg)


def _closed_nodes(side: Any, kind: Any) -> list[Any]:
    """The distinct nodes of a kind that may be altered, in a fixed order."""
    return sorted({node for node in _parts(side) if isinstance(node, kind)}, key=sp.default_sort_key)


def _with(side: Any, node: Any, other: Any) -> Any:
    """The side with one node replaced, outside what is opaque; the side itself where SymPy refuses the copy."""
    if side == node:
        return other
    if _opaque(side) or not side.args:
        return side
    try:
        return side.func(*(_with(arg, node, other) for arg in side.args))
    except (TypeError, ValueError):  # no such expression exists (a size that is no integer, say), so no such slip either
        return side


def _swapped(side: Any) -> Iterator[tuple[Any, Any, Any]]:
    for pair in SWAPS:
        for one, two in (pair, pair[::-1]):
            for node in _closed_nodes(side, one):
                yield two, one, _with(side, node, two(*node.args))


def _dropped(side: Any, kind: Any) -> Iterator[Any]:
    for node in _closed_nodes(side, kind):
        for term in node.args:
            yield _with(side, node, node.func(*(other for other in node.args if other is not term)))


def _sign_changed(side: Any) -> Iterator[Any]:
    for node in _closed_nodes(side, sp.Add):
        for term in node.args:
            yield _with(side, node, node - 2 * term)


def _constants(side: Any) -> Iterator[Any]:
    for node in (*_closed_nodes(side, sp.Rational), *_closed_nodes(side, sp.NumberSymbol)):
        if node != 0:
            yield _with(side, node, node * (1 + NUDGE))


def _exponents(side: Any) -> Iterator[Any]:
    for node in _closed_nodes(side, sp.Pow):
        yield _with(side, node, node.base ** (node.exp + 1))


def _symbols(side: Any) -> Iterator[Any]:
    symbols = _closed_symbols(side)
    for first, second in zip(symbols, symbols[1:], strict=False):
        if first.assumptions0 == second.assumptions0:
            between = sp.Dummy()
            yield _with(_with(_with(side, first, between), second, first), between, second)


def _closed_symbols(side: Any) -> list[Any]:
    """The scalar symbols that the side holds outside its quantities."""
    found = {arg for node in _parts(side) for arg in node.args if type(arg) in (sp.Symbol, sp.Dummy)}
    return sorted(found, key=str)


def control_evidence(claim: Claim, measured: Measured) -> Iterator[Evidence]:
    """How the evidence fares against the controls: caught, or blind with the survivors named."""
    if not any(measured.best(index) is not None for index in range(len(measured.points))):
        return
    if claim.relation is Relation.EQ:
        yield from _equality(claim, measured)
    else:
        yield from _inequality(claim, measured)


def _equality(claim: Claim, measured: Measured) -> Iterator[Evidence]:
    side, other = (claim.rhs, claim.lhs) if not is_quantity(claim.rhs) else (claim.lhs, claim.rhs)
    places = _assembled(measured, side, other)
    if not places:
        return
    caught: list[Control] = []
    blind: list[Control] = []
    small: list[Control] = []
    seen = 0
    for control in alterations(side):
        fate = _fate(control, side, places, measured)
        if fate is None:
            continue
        seen += 1
        {"caught": caught, "blind": blind, "small": small}[fate].append(control)
    if not seen:
        return
    survivors = tuple(dict.fromkeys(control.what for control in (*blind, *small)))
    if blind or not caught:
        names = ", ".join(f"{control.what}: {control.altered}" for control in (blind or small)[:3])
        because = f"the check is blind: {len(blind) or len(small)} of {seen} altered copies would have passed too ({names})"
        yield Evidence(Road.CONTROL, "controls", Outcome.BLIND, Rigour.EXACT, because)
        return
    because = f"{len(caught)} of {seen} altered copies refuted" + (f"; below the resolution: {', '.join(survivors)}" if survivors else "")
    yield Evidence(Road.CONTROL, "controls", Outcome.CAUGHT, Rigour.EXACT, because)


def _assembled(measured: Measured, side: Any, other: Any) -> list[tuple[Any, Any, Side, Side]]:
    """At each point: the point, the known values, the unaltered other side and the stated side."""
    places = []
    for index, at in enumerate(measured.points):
        known = measured.best(index)
        if known is None:
            continue
        try:
            theirs = assemble(other, at, known, measured.budget.digits)
            ours = assemble(side, at, known, measured.budget.digits)
        except CannotEvaluate:
            continue
        places.append((at, known, theirs, ours))
    return places


def _fate(control: Control, side: Any, places: list[Any], measured: Measured) -> str | None:
    """Whether a control was caught; "small" when it moves the side by less than could be seen; None when it is no alteration."""
    moved = visible = anywhere = False
    for at, known, theirs, ours in places:
        try:
            altered = assemble(control.altered, at, known, measured.budget.digits)
        except CannotEvaluate:  # the slip left the reals here: a root of what is negative, say
            continue
        anywhere = True
        if compare(Relation.EQ, theirs, altered).outcome is Outcome.DISAGREES:
            return "caught"
        apart = compare(Relation.EQ, Side(ours.value, Rigour.RIGOROUS), Side(altered.value, Rigour.RIGOROUS))
        if apart.outcome is Outcome.DISAGREES:
            moved = True
            visible = visible or _exceeds(ours, altered, theirs)
    if not anywhere:
        return None
    if not moved:
        return None if _is_equal(control.altered, side, measured) else "small"
    return "blind" if visible else "small"


def _exceeds(ours: Side, altered: Side, theirs: Side) -> bool:
    """Whether the alteration moved the side by more than the comparison could see, and yet it survived."""
    if hasattr(ours.value, "entries") or hasattr(altered.value, "entries"):
        return False
    shift = abs(float((ours.value - altered.value).mid()))
    return shift > float(theirs.value.rad()) + float(ours.value.rad()) + theirs.margin + ours.margin + float(altered.value.rad())


def _is_equal(altered: Any, side: Any, measured: Measured) -> bool:
    from lemmata.theory import exact

    return exact.equal(altered, side, measured.claim.domain) is True


def _inequality(claim: Claim, measured: Measured) -> Iterator[Evidence]:
    """Tighten the bound just past the largest measured lhs/rhs: the same evidence must refute it there."""
    assert claim.relation is not None
    tightest: tuple[float, Any, Side, Side] | None = None
    upward = claim.relation in (Relation.LE, Relation.LT)
    for at, _, theirs, ours in _assembled(measured, claim.rhs, claim.lhs):
        if hasattr(ours.value, "entries") or ours.value.contains(0) or not ours.value.is_finite() or not theirs.value.is_finite():
            continue
        ratio = float((theirs.value / ours.value).mid())
        better = tightest is None or (ratio > tightest[0] if upward else ratio < tightest[0])
        if better:
            tightest = (ratio, at, theirs, ours)
    if tightest is None:
        return
    ratio, _, theirs, ours = tightest
    from flint import arb

    seen = compare(Relation.EQ, theirs, ours).resolution
    step = max(float(NUDGE) * abs(ratio), 2 * (seen or 0.0) * max(abs(ratio), 1.0))
    factor = arb(ratio - step if (upward == (ours.value > 0)) else ratio + step)
    tightened = Side(factor * ours.value, ours.rigour, ours.margin)
    extreme = "largest" if upward else "smallest"
    sees = step < abs(ratio) or not ratio
    if sees and compare(claim.relation, theirs, tightened).outcome is Outcome.DISAGREES:
        because = f"{extreme} lhs/rhs seen: {ratio:.6g}; a bound tightened by {step:.2g} past it is refuted"
        yield Evidence(Road.CONTROL, "controls", Outcome.CAUGHT, Rigour.EXACT, because)
    else:
        because = f"the check is blind: a bound tightened past the {extreme} lhs/rhs seen ({ratio:.6g}) would have passed too"
        yield Evidence(Road.CONTROL, "controls", Outcome.BLIND, Rigour.EXACT, because)
