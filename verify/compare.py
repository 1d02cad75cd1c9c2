"""Where the roads meet: each side is assembled from the quantities measured in it, and two enclosures are compared.

Tolerances are computed, never typed: a ball has its radius, an estimate its anytime-valid interval, a floating-point
value its error; two sides differ when their enclosures are disjoint, and for no other reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat

from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.numerics.measurement import Approx, Ball, Estimate, Measurement, Refusal
from lemmata.verify.claim import Relation
from lemmata.verify.evidence import Outcome, Rigour

EXACT_ENOUGH = 60
"""Bits of relative accuracy from which a value is printed without its radius."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a statement at one point: its enclosure, what that is worth, and by how much more than its radius an
    error must exceed to be caught with 99% probability (0 for balls)."""

    value: Any
    rigour: Rigour
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides at one point: the outcome, the rigour of it, and the smallest error that would have been caught.

    `ratio` is the certain part of lhs/rhs for inequalities (None where it makes no sense); `entry` the matrix entry
    that decided.
    """

    outcome: Outcome
    rigour: Rigour
    lhs: str
    rhs: str
    resolution: float | None
    ratio: float | None = None
    entry: tuple[int, int] | None = None


def weakest(*rigours: Rigour) -> Rigour:
    """The weakest link of what went into a value."""
    order = [Rigour.EXACT, Rigour.RIGOROUS, Rigour.STATISTICAL, Rigour.FLOATING]
    return max(rigours, key=order.index, default=Rigour.RIGOROUS)


def as_ball(measured: Measurement) -> Side:
    """A measurement as an enclosure; a Refusal has none and raises ValueError."""
    match measured:
        case Ball(value=value):
            return Side(value, Rigour.RIGOROUS)
        case Estimate(mean=mean, radius=radius):
            return Side(arb(mean, radius), Rigour.STATISTICAL, measured.caught - radius)
        case Approx(value=value, error=error):
            return Side(_floating(value, error), Rigour.FLOATING)
        case Refusal(reason=reason):
            raise ValueError(reason)


def _floating(value: Any, error: Any) -> Any:
    """An enclosure from a float (or an array of floats) and its error."""
    rows = value.tolist() if hasattr(value, "tolist") else value
    errors = error.tolist() if hasattr(error, "tolist") else error
    if not isinstance(rows, list):
        return _number(rows) + arb(0, _upwards(errors))
    if rows and not isinstance(rows[0], list):
        rows = [[entry] for entry in rows]
        errors = [[entry] for entry in errors] if isinstance(errors, list) else errors
    return arb_mat(
        [
            [_number(entry) + arb(0, float(errors[i][j]) if isinstance(errors, list) else float(errors)) for j, entry in enumerate(row)]
            for i, row in enumerate(rows)
        ]
    )


def _upwards(error: Any) -> float:
    """An error as a float that is not smaller: the error of a tiny mpf would otherwise round to 0."""
    return math.nextafter(float(error), math.inf) if error else 0.0


def _number(value: Any) -> arb:
    """A float, an int or an mpf, exactly: the text of an mpf would be cut at mpmath's global precision."""
    if hasattr(value, "man_exp"):
        mantissa, exponent = value.man_exp  # of the modulus: mpmath keeps the sign apart
        modulus = arb(int(mantissa)) * arb(2) ** int(exponent)
        return -modulus if value < 0 else modulus
    return arb(value)


def assemble(side: Any, at: Mapping[Any, Any], known: Mapping[Any, Measurement], digits: int) -> Side:
    """One side at one point, its quantities replaced by what was measured; raises CannotEvaluate."""
    parts = {node: as_ball(measured) for node, measured in known.items()}
    used = {node: part for node, part in parts.items() if side.has(node)}
    value = enclose(side, at, digits=digits, known={node: part.value for node, part in used.items()})
    rigour = weakest(*(part.rigour for part in used.values()))
    margin = 0.0
    if any(part.margin for part in used.values()):
        widened = {node: _widen(part) for node, part in used.items()}
        margin = max(0.0, _radius(enclose(side, at, digits=digits, known=widened)) - _radius(value))
    return Side(value, rigour, margin)


def _widen(part: Side) -> Any:
    return part.value + arb(0, part.margin) if part.margin else part.value


def _radius(value: Any) -> float:
    if isinstance(value, arb_mat):
        return max((float(entry.rad()) for entry in value.entries()), default=0.0)
    return float(value.rad())


def compare(relation: Relation, lhs: Side, rhs: Side) -> Comparison:
    """The comparison of two sides; matrices entry by entry, the worst entry deciding."""
    if isinstance(lhs.value, arb_mat) or isinstance(rhs.value, arb_mat):
        return _compare_matrices(relation, lhs, rhs)
    rigour = weakest(lhs.rigour, rhs.rigour)
    if not (lhs.value.is_finite() and rhs.value.is_finite()):
        return Comparison(Outcome.UNDECIDED, rigour, str(lhs.value), str(rhs.value), None)
    gap = rhs.value - lhs.value
    smallest = float(gap.rad()) + lhs.margin + rhs.margin
    resolution = _relative(smallest, lhs.value, rhs.value)
    return Comparison(_outcome(relation, gap), rigour, _text(lhs.value), _text(rhs.value), resolution, _ratio(lhs.value, rhs.value))


def _outcome(relation: Relation, gap: arb) -> Outcome:
    """What the enclosure of rhs - lhs says; touching enclosures agree with = and with <=, and leave < undecided."""
    if relation is Relation.EQ:
        return Outcome.AGREES if gap.contains(0) else Outcome.DISAGREES
    if relation in (Relation.GE, Relation.GT):
        gap = -gap
    if gap < 0:
        return Outcome.DISAGREES
    if relation in (Relation.LE, Relation.GE):
        return Outcome.AGREES
    if gap > 0:
        return Outcome.AGREES
    return Outcome.DISAGREES if gap == 0 else Outcome.UNDECIDED


def _compare_matrices(relation: Relation, lhs: Side, rhs: Side) -> Comparison:
    rigour = weakest(lhs.rigour, rhs.rigour)
    left, right = _matrix(lhs.value), _matrix(rhs.value)
    if (left.nrows(), left.ncols()) != (right.nrows(), right.ncols()):
        shapes = f"{left.nrows()}x{left.ncols()}", f"{right.nrows()}x{right.ncols()}"
        return Comparison(Outcome.DISAGREES, Rigour.EXACT, f"a {shapes[0]} matrix", f"a {shapes[1]} matrix", None)
    scale = max((abs(float(entry.mid())) for entry in (*left.entries(), *right.entries())), default=0.0)
    agreed: list[Comparison] = []
    for i in range(left.nrows()):
        for j in range(left.ncols()):
            one = compare(relation, Side(left[i, j], lhs.rigour, lhs.margin), Side(right[i, j], rhs.rigour, rhs.margin))
            entry = Comparison(one.outcome, rigour, one.lhs, one.rhs, one.resolution, None, (i, j))
            if one.outcome is not Outcome.AGREES:
                return entry
            radius = float((right[i, j] - left[i, j]).rad()) + lhs.margin + rhs.margin
            agreed.append(Comparison(one.outcome, rigour, one.lhs, one.rhs, radius / scale if scale else radius, None, (i, j)))
    return max(agreed, key=lambda entry: entry.resolution or 0.0)


def _matrix(value: Any) -> arb_mat:
    return value if isinstance(value, arb_mat) else arb_mat([[value]])


def _relative(radius: float, left: arb, right: arb) -> float:
    """The radius relative to the larger side; absolute where both sides may be 0."""
    scale = max(abs(float(left.mid())), abs(float(right.mid())))
    return radius / scale if scale > radius else radius


def _ratio(left: arb, right: arb) -> float | None:
    if right.contains(0):
        return None
    return float((left / right).mid())


def _text(value: arb) -> str:
    """A ball for the reader: twenty digits where they are known, else the middle and the radius to two places more."""
    if value.rad() == 0 or value.rel_accuracy_bits() > EXACT_ENOUGH:
        printed = str(value.str(20, radius=False))
        return printed.rstrip("0").rstrip(".") if value.rad() == 0 and "." in printed and "e" not in printed else printed
    middle, radius = float(value.mid()), float(value.rad())
    if not radius or radius != radius or radius in (float("inf"), 0.0):
        return str(value.str(12))
    digits = max(1, 3 + math.floor(math.log10(abs(middle))) - math.floor(math.log10(radius))) if abs(middle) > radius else 3
    return f"{middle:.{min(digits, 20)}g} ± {radius:.2g}"


__all__ = ["CannotEvaluate", "Comparison", "Side", "as_ball", "assemble", "compare", "weakest"]
