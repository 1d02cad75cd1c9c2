"""Certificates over a whole range of correlations for statements about Gaussian kernels.

The difference of the two sides is D(c) = sum a_i(c) K_i(c) + b(c), each K_i(c) = E f_i(U) g_i(V) at the correlation c. D is
analytic in the unit disc, where |K_i| <= |f_i| |g_i|; certified integrals at finitely many correlations then bound D between
them (`lemmata.numerics.quadrature.interpolation`), with c = tanh w and the points in w, since the disc is a strip there. What is left of
the domain near +-1 is bounded by the modulus of continuity of the K_i (`lemmata.numerics.quadrature.correlation`) and of the closed terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision, to_arb
from lemmata.numerics.quadrature.correlation import Pair, parity, place
from lemmata.verify.certify.kernel_covers import Against, Difference, cover, outwards
from lemmata.verify.certify.kernel_lengths import Lengths
from lemmata.verify.certify.kernel_regions import BITS, End, tanh_of
from lemmata.verify.certify.kernel_statement import BOXES_AN_INTEGRAL, GIVEN_UP, Statement, parameters
from lemmata.verify.certify.kernel_terms import Reader
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence

NAME = "interpolation in the correlation"

WHY = "between which a function analytic in the unit disc of the correlation is bounded"

PROBES = tuple(sp.Rational(p, q) for p, q in ((0, 1), (1, 2), (-1, 2), (1, 1), (-1, 1), (4, 5), (-4, 5)))
"""Correlations that are looked at first: they tell how large the sides are, and refute most wrong statements."""

HEIGHTS = (Fraction(49, 64), Fraction(1, 2), Fraction(1, 4))
"""Half-heights in w of the region around a piece that are tried, all below pi/4."""


def kernel_certificate(claim: Claim, budget: Budget) -> Evidence | None:
    """A certificate that lhs = rhs for every value of the one parameter, a counterexample, or None.

    For equalities in one correlation symbol whose expectations are over pairs of normals with that correlation, or in one
    variance on a compact interval whose expectations are over one normal with that variance; other symbols may only be positive
    scales that the difference is proportional to. A certificate's eps is proved: |lhs - rhs| <= eps, in units of the scale.

    >>> from sympy.stats import Expectation
    >>> from lemmata.theory.gaussian import gaussian_pair
    >>> c = sp.Symbol("c", real=True)
    >>> u, v = gaussian_pair(1, 1, c)
    >>> signs = sp.Eq(Expectation(sp.sign(u) * sp.sign(v)), 2 / sp.pi * sp.asin(c))
    >>> found = kernel_certificate(Claim("signs", signs, given=[c >= -1, c <= 1]), Budget())
    >>> found.outcome.value, found.resolution < 1e-10
    ('certifies', True)
    """
    box = parameters(claim)
    for symbol, interval in (box or {}).items():
        if not all(other.is_positive for other in box or {} if other != symbol):
            continue
        try:
            if interval.inf >= -1 and interval.sup <= 1:
                return _Range(claim, budget, symbol, box).evidence()
        except GIVEN_UP:
            pass  # not a correlation: it may be a variance
        try:
            return Lengths(claim, budget, symbol, box).evidence()
        except GIVEN_UP:
            continue  # another symbol may be the parameter
    return None


class _Range:
    """A statement over a range of correlations."""

    def __init__(self, claim: Claim, budget: Budget, c: Any, box: Any) -> None:
        reader = Reader(c, frozenset(box) - {c})
        left, right = reader.side(claim.lhs), reader.side(claim.rhs)
        self.statement = Statement.of(claim, budget, c, box, left, right, reader.means, reader.lines)
        self.c, self.budget, self.interval = c, budget, box[c]
        self.sizes = {pair: pair.size(budget.digits) for pair in self.statement.functions}
        self.differences, self.closed = self.statement.differences, self.statement.closed
        self.symmetric = _symmetric([(a, pair.parity) for a, pair in self.differences], self.closed, c)

    def evidence(self) -> Evidence | None:
        """The certificate at the smallest eps that the work reaches, or a counterexample."""
        try:
            for c in self._probes():
                self._difference(c, sp.sqrt(1 - c**2))
            return self.statement.best(self._certified, NAME, WHY)
        except Against as against:
            return self.statement.counterexample(_simple(against.at), NAME)

    def _probes(self) -> list[Any]:
        low, high = (to_arb(end) for end in (self.interval.inf, self.interval.sup))
        inside = [c for c in PROBES if to_arb(c) >= low and to_arb(c) <= high]
        return inside or [sp.Rational(float(((low + high) / 2).mid()))]

    def _certified(self, aim: float) -> arb | None:
        """A proved bound of |D| on the domain, near the aim; None where the work does not reach."""
        spans = self._spans(aim)
        if spans is None:
            return None
        low, high, ends = spans
        if self.symmetric and low < 0 < high:
            low, high = Fraction(0), max(-low, high)
        most = self.budget.boxes // BOXES_AN_INTEGRAL // sum(pair.work for pair in self.sizes)
        around = partial(self.statement.around, tanh_of, self.sizes)
        eps = cover(Difference(lambda t: self._difference(*place(t)), around, HEIGHTS), low, high, aim, most)
        return None if eps is None else eps.max(ends)

    def _spans(self, aim: float) -> tuple[Fraction, Fraction, arb] | None:
        """The domain in w, cut off where its ends are -1 or 1, and a bound of |D| on what was cut off."""
        ends = arb(0)
        bounds = []
        for sign, end in ((-1, self.interval.inf), (1, self.interval.sup)):
            if end == sign:
                found = self._end(sign, aim)
                if found is None:
                    return None
                bits, bound = found
                ends = ends.max(bound)
                bounds.append(sign * outwards(bits * arb(2).log()))
            else:
                with precision(BITS):
                    w = to_arb(end).atanh()
                bounds.append(sign * outwards(sign * w))
        return bounds[0], bounds[1], ends

    def _end(self, sign: int, aim: float) -> tuple[int, arb] | None:
        """k and a bound of |D| between the correlations sign * place(2^-k) and sign; None where none is small enough.

        |D(c)| <= |D(sign)| + |b(c) - b(sign)| + sum |a_i(c) - a_i(sign)| |K_i(sign)| + |a_i(c)| |K_i(c) - K_i(sign)|.
        """
        at_end = self._difference(sp.Integer(sign), sp.Integer(0))
        parts = [(End(a, self.c, sign, self.statement.values), pair) for a, pair in self.differences]
        closed = End(self.closed, self.c, sign, self.statement.values)
        limit = closed.at_end() + sum((a.at_end() * self._value(pair, sp.Integer(sign), sp.Integer(0)) for a, pair in parts), arb(0))
        first = math.ceil(-math.log2(aim) / 2)
        for bits in (first + 1, first + 4, first + first // 2, 2 * first + 4):
            t = Fraction(1, 2**bits)
            bound = abs(limit).max(abs(at_end)) + closed.moved(t)
            for a, pair in parts:
                step, last = a.moved(t), pair.modulus(t, self.budget.digits)
                bound = bound + step * self.sizes[pair] + (abs(a.at_end()) + step) * last
            if bound <= arb(aim):
                return bits, bound.upper()
        return None

    def _value(self, pair: Pair, c: Any, root: Any) -> arb:
        return self.statement.value(pair, c, lambda one: one.value(c, root, self.budget.digits))

    def _difference(self, c: Any, root: Any) -> arb:
        """lhs - rhs at an exact correlation with `root` = sqrt(1 - c^2); raises Against where it is not 0."""
        return self.statement.difference(c, lambda pair: pair.value(c, root, self.budget.digits))


def _simple(c: Any) -> Iterator[Any]:
    """Rational numbers near one and opposite to it, the simple ones first, at last the number itself."""
    exact = Fraction(int(c.p), int(c.q))
    for most in (10, 100, 1000, exact.denominator):
        near = exact.limit_denominator(most)
        yield sp.Rational(near.numerator, near.denominator)
        yield sp.Rational(-near.numerator, near.denominator)


def _symmetric(terms: Sequence[tuple[Any, int | None]], closed: Any, c: Any) -> bool:
    """Whether the difference is seen to be even or odd in the correlation: then half of the domain is enough."""
    found = set() if closed.is_zero else {parity(closed, c)}
    for a, other in terms:
        one = parity(a, c)
        found.add(None if one is None or other is None else one * other)
    return len(found) == 1 and None not in found
