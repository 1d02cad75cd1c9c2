"""How the evidence for a claim fares against its controls: each instrument alone, all together, and what survived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from lemmata.theory.quantity import is_quantity, quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.controls.altered import Control, counted_alterations
from lemmata.verify.controls.fates import Fate, Trial, together, views
from lemmata.verify.controls.inequality import inequality_evidence
from lemmata.verify.controls.table import PASSED, TOGETHER
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import Measured

NAMED = 3
"""Survivors named in a sentence; each has a finding of its own as well."""

Tried = list[tuple[Control, Mapping[str, Fate]]]


def control_evidence(claim: Claim, measured: Measured, tightest: Any = None) -> Iterator[Evidence]:
    """How the evidence fares against altered copies of the statement, of an equality or an inequality.

    First each instrument by itself (CAUGHT, or AGREES where it is blind to a copy that the others may have caught), with
    `cost` {"altered", "caught", "small", "equal"}; then all together (CAUGHT, or BLIND, which weakens statistical evidence);
    then each copy that survived them all. `tightest` is where a search found an inequality tightest, if one did.
    """
    if claim.relation is Relation.EQ:
        yield from _equality(claim, measured)
    elif claim.relation is not None:
        yield from inequality_evidence(claim, measured, tightest)


def stated_sides(claim: Claim) -> list[tuple[Any, Any, bool]]:
    """The sides that are stated rather than measured, each with the other: the right one, or both where both are closed.

    A right side that is 0 leaves little to alter: then the left one is altered inside (the flag), if it has terms that
    are stated, as in E[f] - 1/2 = 0.

    >>> from sympy import Eq, Integral, Symbol
    >>> x = Symbol("x", real=True)
    >>> stated_sides(Claim("half", Eq(Integral(x, (x, 0, 1)), sp.Rational(1, 2))))
    [(1/2, Integral(x, (x, 0, 1)), False)]
    """
    lhs, rhs = claim.lhs, claim.rhs
    sides = [(rhs, lhs, False)] if not is_quantity(rhs) or is_quantity(lhs) else []
    if not quantities(lhs):
        return [*sides, (lhs, rhs, rhs == 0)]
    if not sides:
        return [(lhs, rhs, False)]
    if rhs == 0 and any(not quantities(term) for term in sp.Add.make_args(lhs)):
        sides.append((lhs, rhs, True))
    return sides


def _equality(claim: Claim, measured: Measured) -> Iterator[Evidence]:
    """Every stated side, altered in every way, as each instrument sees it."""
    tried: Tried = []
    left_out = 0
    for side, other, inside in stated_sides(claim):
        seen = views(measured, side, other)
        if not seen:
            continue
        trial = Trial(measured, side, seen)
        controls, untried = counted_alterations(side, inside=inside)
        left_out += untried
        tried += [(control, trial.fates(control)) for control in controls]
    names = list(dict.fromkeys(name for _, fates in tried for name in fates))
    for name in names:
        item = _alone(name, [fates[name] for _, fates in tried if name in fates])
        if item is not None:
            yield item
    yield from _summary(tried, left_out)


def _cost(fates: Sequence[Fate]) -> dict[str, float]:
    """The figures of one row: copies that are no copies at all (proved equal, nowhere defined) are not counted as altered."""
    count = Counter(fates)
    altered = count[Fate.CAUGHT] + count[Fate.BLIND] + count[Fate.SMALL]
    return {"altered": altered, "caught": count[Fate.CAUGHT], "small": count[Fate.SMALL], "equal": count[Fate.EQUAL]}


def _alone(name: str, fates: Sequence[Fate]) -> Evidence | None:
    """What one instrument alone would have caught."""
    cost = _cost(fates)
    if not cost["altered"]:
        return None
    sees = Fate.BLIND not in fates and cost["caught"] > 0
    because = f"{name} alone refutes {cost['caught']} of {cost['altered']} altered copies"
    because += f"; {cost['small']} differ by less than it can see" if cost["small"] else ""
    outcome = Outcome.CAUGHT if sees else Outcome.AGREES
    return Evidence(Road.CONTROL, name, outcome, Rigour.EXACT, because, cost=cost)


def _summary(tried: Tried, left_out: int) -> Iterator[Evidence]:
    """All instruments together, and a finding for each copy that would have passed."""
    fates = [(control, together(each)) for control, each in tried]
    cost = _cost([fate for _, fate in fates])
    if not cost["altered"]:
        return
    blind = [control for control, fate in fates if fate is Fate.BLIND]
    small = [control for control, fate in fates if fate is Fate.SMALL]
    rest = f"; {left_out} more were left out" if left_out else ""
    if blind or not cost["caught"]:
        which = blind or small
        names = "; ".join(str(control) for control in which[:NAMED])
        because = f"the check is blind: {len(which)} of {cost['altered']} altered copies would have passed too ({names}){rest}"
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.BLIND, Rigour.EXACT, because, cost=cost)
    else:
        below = f"; {len(small)} differ by less than could be seen" if small else ""
        because = f"{cost['caught']} of {cost['altered']} altered copies refuted{below}{rest}"
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.CAUGHT, Rigour.EXACT, because, cost=cost)
    for control, reason in [*((one, "") for one in blind), *((one, " (below the resolution)") for one in small)]:
        yield Evidence(Road.CONTROL, TOGETHER, Outcome.AGREES, Rigour.EXACT, f"{PASSED}{control}{reason}")
