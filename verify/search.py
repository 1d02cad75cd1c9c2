"""The search for counterexamples where the points of measurement did not look: ends, corners, far away, in between.

Closed sides are cheap to enclose, so many points are tried; a disagreement is a rigorous counterexample at an exact
point. Where every symbol of an inequality is bounded, boxes may cover the whole domain: then it is certified.
"""

from __future__ import annotations

from collections.abc import Iterator

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import finding

CLOSED_POINTS = 40
"""Points tried for closed sides, for each point that the budget measures at."""


def search_evidence(claim: Claim, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """A counterexample found off the points of measurement, or a certificate over the whole domain, or nothing."""
    if quantities(claim.lhs) or quantities(claim.rhs):
        return
    count = CLOSED_POINTS * budget.points if claim.symbols else 1
    places = claim.domain.points(count, stream.child("search").python(), wide=True)
    for at in places:
        item = finding(claim, at, {}, "search", Road.SEARCHED, budget)
        if item.outcome is Outcome.DISAGREES:
            yield item
            return
    from lemmata.verify.certify import certificate

    found = certificate(claim, budget)
    if found is not None:
        yield found
    else:
        because = f"no counterexample at {len(places)} further points"
        yield Evidence(Road.SEARCHED, "search", Outcome.AGREES, Rigour.RIGOROUS, because)
