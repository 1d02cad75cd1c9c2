"""Controls of an inequality: its bound is tightened just past the largest measured lhs/rhs, and must then be refuted.

Where the bound keeps its sign the ratio is the measure, for it has no unit; where the bound may be 0 the gap is. The
tightest place is the instrument's own, or the one that a search found, if that is tighter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from lemmata.numerics.compile.arb import CannotEvaluate
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Ball
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import Side, assemble, compare
from lemmata.verify.controls.altered import NUDGE
from lemmata.verify.controls.fates import View, views
from lemmata.verify.controls.table import PASSED, TOGETHER
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import Measured, answers

SEARCH = "search"
CHEAP = 1
"""The `cost` of the instruments that measure a quantity once more, where a search found the bound tightest."""


@dataclass(frozen=True, slots=True)
class Tightened:
    """A bound made tighter at the place where it is tightest: what was done, by how much, and whether it was then refuted."""

    measure: str
    extreme: float
    step: float
    refuted: bool

    def text(self) -> str:
        """The sentence of a record."""
        if self.refuted:
            return f"{self.measure} seen: {self.extreme:.6g}; a bound tightened by {self.step:.2g} past it is refuted"
        return f"a bound tightened past the {self.measure} seen ({self.extreme:.6g}) is not refuted"


def inequality_evidence(claim: Claim, measured: Measured, tightest: Any = None) -> Iterator[Evidence]:
    """Each instrument by itself, then all together with what a search found."""
    seen = [view for view in views(measured, claim.rhs, claim.lhs) if _scalar(view)]
    if not seen:
        return
    found = []
    for name in dict.fromkeys(view.instrument for view in seen):
        result = tightened(claim, [view for view in seen if view.instrument == name])
        if result is not None:
            found.append(result)
            outcome = Outcome.CAUGHT if result.refuted else Outcome.AGREES
            cost = {"altered": 1.0, "caught": float(result.refuted), "small": 0.0, "equal": 0.0}
            yield Evidence(Road.CONTROL, name, outcome, Rigour.EXACT, f"{name}: {result.text()}", cost=cost)
    searched = _searched(claim, measured, tightest)
    overall = tightened(claim, _sharpest(seen, searched))
    if overall is None:
        return
    cost = {"altered": 1.0, "caught": float(overall.refuted), "small": 0.0, "equal": 0.0}
    if overall.refuted:
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.CAUGHT, Rigour.EXACT, overall.text(), cost=cost)
    else:
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.BLIND, Rigour.EXACT, f"the check is blind: {overall.text()}", cost=cost)
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.AGREES, Rigour.EXACT, f"{PASSED}{overall.text()}")


def tightened(claim: Claim, seen: Sequence[View]) -> Tightened | None:
    """The bound tightened just past its tightest place among the views, and whether the comparison there refutes it.

    >>> from sympy import Le, Symbol
    >>> from lemmata.verify.evidence import Rigour
    >>> half, one = (Side(arb(value), Rigour.RIGOROUS) for value in (0.5, 1))
    >>> tightened(Claim("bounded", Le(Symbol("x", real=True), 1)), [View("balls", 0, {}, {}, half, one)]).text()
    'largest lhs/rhs seen: 0.5; a bound tightened by 0.0039 past it is refuted'
    """
    usable = [view for view in seen if view.theirs.value.is_finite() and view.ours.value.is_finite()]
    if not usable:
        return None
    signs = {1 if view.ours.value > 0 else -1 if view.ours.value < 0 else 0 for view in usable}
    if signs in ({1}, {-1}):
        return _by_ratio(claim, usable, positive=signs == {1})
    return _by_gap(claim, usable)


def _by_ratio(claim: Claim, seen: Sequence[View], positive: bool) -> Tightened:
    """lhs <= rhs with rhs > 0 holds by the factor sup lhs/rhs; with rhs < 0, or for >=, by inf lhs/rhs."""
    assert claim.relation is not None
    largest = positive == _upward(claim)
    ratios = [float((view.theirs.value / view.ours.value).mid()) for view in seen]
    index = max(range(len(seen)), key=lambda i: ratios[i] if largest else -ratios[i])
    ratio, view = ratios[index], seen[index]
    blur = float(arb(_blur(view)) / abs(view.ours.value.mid()))
    step = max(float(NUDGE) * abs(ratio), 2 * blur)
    factor = arb(ratio - step if largest else ratio + step)
    bound = Side(factor * view.ours.value, view.ours.rigour, view.ours.margin)
    refuted = compare(claim.relation, view.theirs, bound).outcome is Outcome.DISAGREES
    # a side that is 0 sets no scale of its own: a step as large as the bound would not have seen the bound exceeded twofold
    return Tightened(f"{'largest' if largest else 'smallest'} lhs/rhs", ratio, step, refuted and step < (abs(ratio) or 1.0))


def _by_gap(claim: Claim, seen: Sequence[View]) -> Tightened:
    """Where the bound changes sign or is 0, it is moved by the smallest gap and a little more."""
    assert claim.relation is not None
    toward = 1 if _upward(claim) else -1
    gaps = [toward * float((view.ours.value - view.theirs.value).mid()) for view in seen]
    index = min(range(len(seen)), key=gaps.__getitem__)
    gap, view = gaps[index], seen[index]
    scale = max(abs(float(view.theirs.value.mid())), abs(float(view.ours.value.mid())), abs(gap)) or 1.0
    step = max(float(NUDGE) * scale, 2 * _blur(view))
    bound = Side(view.ours.value - toward * arb(gap + step), view.ours.rigour, view.ours.margin)
    refuted = compare(claim.relation, view.theirs, bound).outcome is Outcome.DISAGREES
    return Tightened("smallest gap", gap, step, refuted and step < max(scale, 1.0))


def _blur(view: View) -> float:
    """The smallest change of a side that the comparison in a view would have seen, as a number."""
    return float(view.theirs.value.rad()) + float(view.ours.value.rad()) + view.theirs.margin + view.ours.margin


def _upward(claim: Claim) -> bool:
    return claim.relation in (Relation.LE, Relation.LT)


def _scalar(view: View) -> bool:
    return not hasattr(view.theirs.value, "entries") and not hasattr(view.ours.value, "entries")


def _sharpest(seen: Sequence[View], searched: View | None) -> list[View]:
    """At each point the view with the least blur; where a search looked, its view too."""
    best: dict[int, View] = {}
    for view in seen:
        if view.index not in best or _blur(view) < _blur(best[view.index]):
            best[view.index] = view
    return [*best.values(), *([searched] if searched is not None else [])]


def _searched(claim: Claim, measured: Measured, tightest: Any) -> View | None:
    """Both sides where a search found the bound tightest; their quantities are measured there once more, by balls."""
    if tightest is None:
        return None
    nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
    known = {}
    for number, node in enumerate(nodes):
        place = {symbol: value for symbol, value in tightest.at.items() if symbol in free_parameters(node) or symbol.is_integer}
        for instrument in (one for one in instruments_for(node)[0] if one.cost <= CHEAP):
            (answer,) = answers(instrument, node, [place], measured.budget, measured.stream.child("controls", number))
            if isinstance(answer, Ball):
                known[node] = answer
                break
    if len(known) < len(nodes):
        return None
    try:
        sides = [assemble(side, tightest.at, known, measured.budget.digits) for side in (claim.lhs, claim.rhs)]
    except CannotEvaluate:
        return None
    view = View(SEARCH, -1, tightest.at, known, *sides)
    return view if _scalar(view) and _is_sharp(view) else None


def _is_sharp(view: View) -> bool:
    """Whether a view would see the smallest control; far out a ball may be too wide to say anything."""
    return _blur(view) <= float(NUDGE) * max(abs(float(view.theirs.value.mid())), abs(float(view.ours.value.mid())))
