"""Where an inequality is tightest: the largest lhs/rhs for `lhs <= rhs`, the smallest for `lhs >= rhs`, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.verify.claim import Relation
from lemmata.verify.measure import written
from lemmata.verify.search.looking import Look, height

NEARLY = 1e-6
"""Of points that differ by less than this part of rhs (where that is 0 somewhere: of the median gap), the shortest to write is named."""


@dataclass(frozen=True, slots=True)
class Tightness:
    """The point at which the two sides of an inequality were seen closest.

    at     the point, exact
    ratio  lhs/rhs there; None where rhs is 0 or has both signs on the domain, so that ratios say nothing
    gap    by how much the inequality holds there: rhs - lhs for <=, lhs - rhs for >= (negative where it fails)
    text   "lhs/rhs is largest, 0.9834, at c = 1/2"
    """

    at: Mapping[Any, Any]
    ratio: float | None
    gap: float
    text: str


def tightest_of(looks: Sequence[Look], relation: Relation) -> Tightness | None:
    """The tightest of some looks at an inequality; None for an equality, or where nothing was seen.

    >>> tightest_of([Look({}, 1.0, 2.0), Look({}, 3.0, 4.0)], Relation.LE).ratio
    0.75
    """
    if relation.is_equality or not looks:
        return None
    relative = of_one_sign(looks)
    excesses = [look.share(relation) if relative else look.excess(relation) for look in looks]
    top = max(excesses)
    room = NEARLY if relative else NEARLY * sorted(map(abs, excesses))[len(excesses) // 2]
    near = [look for look, excess in zip(looks, excesses, strict=True) if excess >= top - room]
    best = min(near, key=lambda look: height(look.at))
    gap = 0.0 - best.excess(relation)
    ratio = best.lhs / best.rhs if relative else None
    where = ", ".join(f"{symbol} = {value}" for symbol, value in written(best.at).items())
    at = f" at {where}" if where else ""
    if ratio is None:
        side = "lhs - rhs" if relation in (Relation.GE, Relation.GT) else "rhs - lhs"
        return Tightness(best.at, None, gap, f"{side} is smallest, {gap:.4g},{at}")
    upward = (relation in (Relation.LE, Relation.LT)) == (best.rhs > 0)
    return Tightness(best.at, ratio, gap, f"lhs/rhs is {'largest' if upward else 'smallest'}, {_ratio(ratio)},{at}")


def of_one_sign(looks: Sequence[Look]) -> bool:
    """Whether rhs has one sign wherever it was seen, so that ratios can be compared."""
    return all(look.rhs > 0 for look in looks) or all(look.rhs < 0 for look in looks)


def _ratio(ratio: float) -> str:
    """Four digits; of what is not 1 but nearly, four digits of the difference."""
    near = f"{ratio:.4g}"
    return near if near != "1" or ratio == 1 else f"1 {'-' if ratio < 1 else '+'} {abs(1 - ratio):.4g}"
