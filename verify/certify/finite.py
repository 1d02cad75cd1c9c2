"""A statement whose domain is a finite set of integer points is certified by looking at every one of them."""

from __future__ import annotations

from typing import Any

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Ball, Instrument
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.verify.certify.boxes import clear
from lemmata.verify.certify.statement import integer_points
from lemmata.verify.claim import Claim
from lemmata.verify.compare import assemble, compare
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import answers, finding

NAME = "every point of the domain"


def finite_certificate(claim: Claim, measured: Any) -> Evidence | None:
    """A finding that CERTIFIES or DISAGREES where all symbols are integers of finitely many values and every quantity has balls.

    Each quantity is measured anew at every admissible point by an instrument that gave a ball where the claim was measured;
    an equality holds within the resolution of the worst point, an inequality where the enclosures themselves are in it. No
    finding where an instrument declines at a point, or where there are more points than a tenth of the budget's boxes.
    """
    nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
    if not claim.symbols or not nodes or claim.domain.matrices or claim.relation is None:
        return None
    points = integer_points(claim.domain, measured.budget.boxes)
    chosen = {node: _giving_balls(node, measured) for node in nodes}
    if points is None or None in chosen.values() or any(set(at) != set(claim.symbols) for at in points):
        return None
    looked, eps = 0, 0.0
    for at in points:
        admitted = claim.domain.satisfies(at)
        if admitted is None:
            return None
        if not admitted:
            continue
        known: dict[Any, Ball] = {}
        for node, instrument in chosen.items():
            assert instrument is not None
            place = {symbol: value for symbol, value in at.items() if symbol in free_parameters(node)}
            (found,) = answers(instrument, node, [place], measured.budget, measured.stream.child(NAME, looked))
            if not isinstance(found, Ball):
                return None
            known[node] = found
        try:
            left, right = (assemble(side, at, known, measured.budget.digits) for side in (claim.lhs, claim.rhs))
        except CannotEvaluate:
            return None
        outcome = compare(claim.relation, left, right)
        if outcome.outcome is Outcome.DISAGREES:
            return finding(claim, at, known, NAME, Road.SEARCHED, measured.budget)
        if outcome.outcome is not Outcome.AGREES or outcome.resolution is None or outcome.resolution > measured.budget.resolution:
            return None
        if not claim.relation.is_equality and not clear(claim.relation, left.value, right.value):
            return None
        looked, eps = looked + 1, max(eps, outcome.resolution)
    if not looked:
        return None
    because = f"both sides enclosed rigorously at each of the {looked} points of the domain; eps = {eps:.2g}"
    return Evidence(Road.SEARCHED, NAME, Outcome.CERTIFIES, Rigour.RIGOROUS, because, resolution=eps)


def _giving_balls(node: Any, measured: Any) -> Instrument | None:
    """The instrument that gave a ball for a quantity at every point where the claim was measured."""
    for instrument in instruments_for(node)[0]:
        if all(isinstance(slot.get(node, {}).get(instrument.name), Ball) for slot in measured.values):
            return instrument
    return None
