"""certificate(): the ways to a certificate over the whole domain, cheapest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import FAILURES
from lemmata.theory.derivation import Derivation
from lemmata.theory.printing.plain_text import text
from lemmata.theory.quantity import quantities
from lemmata.verify.certify.boxes import value_certificate
from lemmata.verify.certify.compact import compactified
from lemmata.verify.certify.equality import Covered, cover
from lemmata.verify.certify.finite import finite_certificate
from lemmata.verify.certify.inequality import hold
from lemmata.verify.certify.reductions import at_kinks, at_worst_end
from lemmata.verify.certify.statement import Point, Statement, statements
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.lacking import undefined
from lemmata.verify.measure import finding

NAME = "enclosure of both sides"

DIGITS = 50
"""Digits at which a point against a statement is looked at again: as many as the boxes work with."""


def certificate(claim: Claim, measured: Any, derivations: Sequence[Derivation], budget: Budget) -> Iterator[Evidence]:
    """What enclosures show over the whole domain: one finding that CERTIFIES or DISAGREES, or nothing.

    A side that holds a quantity is replaced by the closed end of a derivation that starts at it. Where neither the whole
    domain is covered within the budget's resolution nor a point against the claim is met, there is no finding.
    """
    whole = value_certificate(claim, measured)
    if whole is not None:
        yield whole
        return
    try:
        found = _closed(claim, derivations, budget)
    except FAILURES:  # the border to SymPy and Arb, which may fail on any expression: what is not shown is no finding
        found = None
    if found is None and claim.relation is not None and claim.relation.is_equality and (quantities(claim.lhs) or quantities(claim.rhs)):
        from lemmata.verify.certify.kernels import kernel_certificate

        found = kernel_certificate(claim, budget)
    found = found or finite_certificate(claim, measured)
    if found is not None:
        yield found


def _closed(claim: Claim, derivations: Sequence[Derivation], budget: Budget) -> Evidence | None:
    """What is shown of the two sides as closed expressions."""
    pieces = statements(claim, derivations, budget.boxes)
    if pieces is None or claim.relation is None:
        return None
    if claim.relation.is_equality:
        return _equality(claim, [part for piece in pieces for part in at_kinks(piece)], budget)
    return _inequality(claim, [part for piece in pieces for part in at_kinks(at_worst_end(piece))], budget)


def _equality(claim: Claim, pieces: list[Statement], budget: Budget) -> Evidence | None:
    """Every piece covered with an error within the resolution, or an admissible point at which the sides differ."""
    covered: list[Covered] = []
    for piece in pieces:
        found = _covered(piece, budget, budget.boxes // len(pieces))
        if found.against is not None:
            return against(claim, piece, found.against, budget)
        if found.eps is None or found.eps > budget.resolution:
            return None
        covered.append(found)
    if not covered:
        return None
    relative = all(found.relative for found in covered)
    eps = max((found.eps or 0.0) if relative else found.absolute for found in covered)
    if eps > budget.resolution:
        return None
    boxes = sum(found.boxes for found in covered)
    unit = " times the larger side" if relative else _unit(pieces)
    because = f"|lhs - rhs| <= {printed(eps)}{unit} on boxes that cover the domain ({boxes} looked at){_told(pieces)}"
    return Evidence(Road.SEARCHED, NAME, Outcome.CERTIFIES, Rigour.RIGOROUS, because, resolution=eps)


def _covered(piece: Statement, budget: Budget, most: int) -> Covered:
    """The cover of a piece as it stands, or over bounded symbols: where it has several, and where one reaches too little as it is."""
    other = None
    if len(piece.left.free_symbols | piece.right.free_symbols) < 2 or (other := compactified(piece)) is None:
        found = cover(piece, 10.0**-budget.digits, most)
        if found.against is not None or (found.eps is not None and found.eps <= budget.resolution):
            return found
        other = other or compactified(piece)
        if other is None:
            return found
    again = cover(other, 10.0**-budget.digits, most)
    if again.against is None:
        return again
    at = {symbol: value.xreplace(again.against) for symbol, value in other.back.items()}
    names = {value.free_symbols.pop() for value in other.back.values()}
    return replace(again, against={**{symbol: value for symbol, value in again.against.items() if symbol not in names}, **at})


def _inequality(claim: Claim, pieces: list[Statement], budget: Budget) -> Evidence | None:
    """Every piece shown to hold, or an admissible point at which one fails."""
    boxes = 0
    touching: list[str] = []
    for piece in pieces:
        found = hold(piece, budget.boxes // len(pieces))
        if found.against is not None:
            return against(claim, piece, found.against, budget)
        if not found.holds:
            return None
        boxes += found.boxes
        touching += [text(point) for point in found.touching]
    if not pieces:
        return None
    touch = (
        f", and near {', '.join(dict.fromkeys(touching))}, where the sides touch, by the first derivative that is not 0" if touching else ""
    )
    because = f"the inequality holds on each of the boxes that cover the domain ({boxes} looked at){touch}{_told(pieces)}"
    return Evidence(Road.SEARCHED, NAME, Outcome.CERTIFIES, Rigour.RIGOROUS, because)


def _unit(pieces: Sequence[Statement]) -> str:
    """What an absolute error is multiplied by on the whole domain, where symbols were set to 1."""
    factors = {piece.factor for piece in pieces}
    if len(factors) > 1:
        return " on the slice where these symbols are 1"
    (factor,) = factors
    return "" if factor.is_number else f" {text(factor)}"


def _told(pieces: Sequence[Statement]) -> str:
    """How the statement that was covered comes from the claim."""
    parts = []
    if pieces[0].scaled:
        parts.append(f"{', '.join(map(str, pieces[0].scaled))} = 1 by scaling")
    ends = [f"{symbol} = {text(value)}" for symbol, value in pieces[0].fixed.items() if symbol in pieces[0].ends]
    if ends:
        parts.append(f"worst at {', '.join(ends)}, since the difference is monotone")
    if len(pieces) > 1:
        parts.append(f"in {len(pieces)} parts (kinks, and values of integer symbols)")
    if pieces[0].derived:
        parts.append("from the derived closed form")
    if pieces[0].assumes:
        parts.append(f"taking for granted: {'; '.join(pieces[0].assumes)}")
    return f"; {'; '.join(parts)}" if parts else ""


def against(claim: Claim, piece: Statement, at: Point, budget: Budget) -> Evidence | None:
    """A point at which balls exclude the relation, if it is admissible; of a derived side only where the derivation is an equality."""
    point = {**at, **piece.fixed}
    for symbol in claim.symbols:
        if symbol not in point:
            filled = _filled(claim, point)
            if filled is None:
                return None
            point = filled
            break
    if claim.domain.satisfies(point) is not True or piece.one_way or undefined(claim, point) is not None:
        return None
    if not piece.derived:
        found = finding(claim, point, {}, NAME, Road.SEARCHED, replace(budget, digits=max(budget.digits, DIGITS)))
        return found if found.outcome is Outcome.DISAGREES else None
    told = {str(symbol): str(value) for symbol, value in sorted(point.items(), key=lambda pair: str(pair[0]))}
    because = f"the derived closed form is not in the stated relation there{_told([piece])}"
    return Evidence(Road.SEARCHED, NAME, Outcome.DISAGREES, Rigour.RIGOROUS, because, told)


def _filled(claim: Claim, point: Point) -> Point | None:
    """A point with admissible values for the symbols on which the sides do not depend."""
    import random

    for other in claim.domain.points(20, random.Random(0)):
        full = {**other, **point}
        if claim.domain.satisfies(full) is True:
            return full
    return None


def printed(eps: float) -> str:
    """Two digits of a bound, rounded up.

    >>> printed(1.2345e-15), printed(0.5)
    ('1.3e-15', '0.5')
    """
    if eps == 0:
        return "0"
    value = sp.Rational(eps)
    exponent = 0
    while value >= 10:
        value, exponent = value / 10, exponent + 1
    while value < 1:
        value, exponent = value * 10, exponent - 1
    return f"{float(sp.ceiling(value * 10) * sp.Integer(10) ** exponent / 10):.3g}"
