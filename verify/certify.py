"""Certificates over the whole domain, in a first form: boxes for inequalities, one ball where there is no free symbol."""

from __future__ import annotations

from collections import deque
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose_at_precision, to_arb
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import assemble, compare, weakest
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

PRECISION = 64


def certificate(claim: Claim, budget: Budget) -> Evidence | None:
    """Boxes that cover a bounded domain on each of which a closed inequality holds; None when they do not (yet)."""
    if claim.relation is None or claim.relation.is_equality or not claim.symbols:
        return None
    box = claim.domain.box()
    if box is None or any(symbol.is_integer for symbol in box):
        return None
    if any(interval.inf in (-sp.oo, sp.oo) or interval.sup in (-sp.oo, sp.oo) for interval in box.values()):
        return None
    room = claim.rhs - claim.lhs if claim.relation in (Relation.LE, Relation.LT) else claim.lhs - claim.rhs
    start = {symbol: (to_arb(interval.inf), to_arb(interval.sup)) for symbol, interval in box.items()}
    strict = claim.relation in (Relation.LT, Relation.GT)
    covered = _cover(room, start, strict, budget.boxes)
    if covered is None:
        return None
    because = f"the inequality holds on each of {covered} boxes that cover the domain"
    return Evidence(Road.SEARCHED, "interval branch and bound", Outcome.CERTIFIES, Rigour.RIGOROUS, because)


def value_certificate(claim: Claim, measured: Any) -> Evidence | None:
    """A statement without free symbols is certified by one rigorous comparison, at the budget's resolution."""
    if claim.symbols or not measured.points:
        return None
    known = measured.best(0)
    if known is None:
        return None
    try:
        left = assemble(claim.lhs, measured.points[0], known, measured.budget.digits)
        right = assemble(claim.rhs, measured.points[0], known, measured.budget.digits)
    except CannotEvaluate:
        return None
    if weakest(left.rigour, right.rigour) is not Rigour.RIGOROUS:
        return None
    assert claim.relation is not None
    outcome = compare(claim.relation, left, right)
    if outcome.outcome is not Outcome.AGREES or outcome.resolution is None:
        return None
    if not claim.relation.is_equality and not _clear(claim.relation, left.value, right.value):
        return None
    if outcome.resolution > measured.budget.resolution:
        return None
    because = f"both sides enclosed rigorously, no free symbol; eps = {outcome.resolution:.2g}"
    return Evidence(
        Road.SEARCHED, "enclosure", Outcome.CERTIFIES, Rigour.RIGOROUS, because, {}, outcome.lhs, outcome.rhs, outcome.resolution
    )


def _clear(relation: Relation, left: Any, right: Any) -> bool:
    """Whether the enclosures themselves are in the relation, not merely compatible with it."""
    room = right - left if relation in (Relation.LE, Relation.LT) else left - right
    return bool(room >= 0)


def _cover(room: Any, start: dict[Any, tuple[arb, arb]], strict: bool, most: int) -> int | None:
    """The number of boxes on which room > 0 (or >= 0) that cover the start box; None when `most` do not suffice.

    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> _cover(x**2 + 1, {x: (arb(-1), arb(1))}, True, 10)
    1
    """
    waiting = deque([start])
    done = 0
    while waiting:
        if done + len(waiting) > most:
            return None
        box = waiting.popleft()
        try:
            value = enclose_at_precision(room, {symbol: low.union(high) for symbol, (low, high) in box.items()}, PRECISION)
            holds = bool(value > 0) if strict else bool(value >= 0)
        except CannotEvaluate:
            holds = False
        if holds:
            done += 1
            continue
        widest = max(box, key=lambda symbol: float((box[symbol][1] - box[symbol][0]).mid()))
        low, high = box[widest]
        middle = ((low + high) / 2).mid()
        waiting.append({**box, widest: (low, middle)})
        waiting.append({**box, widest: (middle, high)})
    return done
