"""The search for counterexamples where the points of measurement did not look: ends, corners, far away, in between.

Exact points come first, the simplest of them first; then floating point proposes places and balls decide at simple exact
points near them. The same search says where an inequality is tightest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.search.looking import NAME, Looker, height
from lemmata.verify.search.stationary import stationary_points
from lemmata.verify.search.tightness import Tightness, tightest_of

CLOSED_POINTS = 40
"""Exact points tried for closed sides, for each point that the budget measures at."""

MEASURED_POINTS = 4
"""The same where quantities have to be measured, and a cheap instrument gives balls for each of them."""


class Search:
    """One search of one claim's domain: `evidence()` runs it once, `tightest` is what it saw of an inequality.

    >>> from sympy import Le, Symbol, exp
    >>> t = Symbol("t", real=True)
    >>> claim = Claim("peak", Le(exp(-10**6 * (t - 0.31415)**2), 0.99), given=[t >= 0, t <= 1])
    >>> [item.outcome.value for item in Search(claim, Budget(), Stream(0)).evidence()]
    ['disagrees']
    """

    def __init__(self, claim: Claim, budget: Budget, stream: Stream) -> None:
        self.claim = claim
        self.budget = budget
        self.stream = stream
        self.looker = Looker.at_claim(claim, budget, stream) if claim.symbols and claim.relation is not None else None
        self.swept = 0
        self._found: tuple[Evidence, ...] | None = None

    def evidence(self) -> Iterator[Evidence]:
        """A counterexample found off the points of measurement, or that there was none at so many; nothing where none was looked at."""
        if self._found is None:
            self._found = ()  # a search that is stopped by a deadline is not begun again
            self._found = tuple(self._run())
        yield from self._found

    @property
    def tightest(self) -> Tightness | None:
        """Where an inequality was seen tightest; a search that was not begun is run. None for equalities, and without balls."""
        for _ in self.evidence():
            pass
        if self.looker is None or self.claim.relation is None:
            return None
        return tightest_of(self.looker.looks, self.claim.relation)

    def _run(self) -> Iterator[Evidence]:
        looker = self.looker
        if looker is None:
            return
        against = looker.against(self._drawn())
        if against is None:
            against = looker.against(self._proposed(looker))
        if against is not None:
            yield against
            return
        if looker.agreed:
            yield Evidence(Road.SEARCHED, NAME, Outcome.AGREES, Rigour.RIGOROUS, self._summary(looker))

    def _drawn(self) -> Iterator[Mapping[Any, Any]]:
        """Exact points: ends, corners, remote ones, interior ones, the simplest first; then where the two sides run parallel."""
        claim, looker = self.claim, self.looker
        assert looker is not None and claim.relation is not None
        count = (MEASURED_POINTS if looker.nodes else CLOSED_POINTS) * self.budget.points
        places = sorted(claim.domain.points(count, self.stream.child("search").python(), wide=True), key=height)
        yield from places
        if not looker.nodes and not claim.relation.is_equality:
            yield from stationary_points(claim.rhs - claim.lhs, claim.domain, places)

    def _proposed(self, looker: Looker) -> Iterator[Mapping[Any, Any]]:
        """Exact points near the places that a search in floating point, or an ascent from point to point, leads to."""
        from lemmata.verify.search.proposing import Proposer

        proposer = Proposer.of(self.claim, self.budget, self.stream)
        if proposer is not None:
            yield from proposer.points(looker)
            self.swept = proposer.looked
        if looker.nodes:
            from lemmata.verify.search.stepping import steps

            yield from steps(looker)

    def _summary(self, looker: Looker) -> str:
        because = f"no counterexample at {looker.agreed} further points"
        because += f", chosen after {self.swept} in floating point" if self.swept else ""
        assert self.claim.relation is not None
        tightness = tightest_of(looker.looks, self.claim.relation)
        return because if tightness is None else f"{because}; {tightness.text}"


def search_evidence(claim: Claim, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """What a search of the domain found: see `Search`."""
    yield from Search(claim, budget, stream).evidence()


def tightest(claim: Claim, budget: Budget, stream: Stream, measured: Any = None) -> Tightness | None:
    """Where an inequality is tightest, by a search of its domain and by what was measured with balls (`Measured`) already.

    >>> from sympy import Le, Symbol
    >>> c = Symbol("c", real=True)
    >>> claim = Claim("parabola", Le(c * (1 - c), 1), given=[c >= 0, c <= 1])
    >>> tightest(claim, Budget(), Stream(0)).text
    'lhs/rhs is largest, 0.25, at c = 1/2'
    """
    search = Search(claim, budget, stream)
    if search.looker is None or claim.relation is None:
        return None
    for _ in search.evidence():
        pass
    for index, at in enumerate(measured.points if measured is not None else ()):
        known = measured.best(index)
        if known is not None:
            search.looker.remember(at, known)
    return tightest_of(search.looker.looks, claim.relation)
