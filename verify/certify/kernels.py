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
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose_at_precision, precision, to_arb
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.correlation import Pair, mean, parity, place
from lemmata.numerics.quadrature.divergence import Divergent
from lemmata.theory.printing import text
from lemmata.theory.quantity import PROBABILISTIC, quantities
from lemmata.verify.certify.boxes import real_throughout
from lemmata.verify.certify.kernel_covers import Against, Difference, cover, outwards
from lemmata.verify.certify.kernel_regions import BITS, End, Region, check_analytic
from lemmata.verify.certify.kernel_scales import unscaled
from lemmata.verify.certify.kernel_terms import Reader, Side
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

NAME = "interpolation in the correlation"

FINEST = 10
"""The most decimal places a certificate aims at; where the work does not reach, it aims at two places fewer, and so on."""

BOXES_AN_INTEGRAL = 2
"""One certified integral of the cheapest kind counts as so many boxes of the budget."""

GIVEN_UP = (Unsupported, Divergent, CannotEvaluate, ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError)
"""What stops a certificate: refusals of ours, and how SymPy and flint say that they cannot."""

PROBES = tuple(sp.Rational(p, q) for p, q in ((0, 1), (1, 2), (-1, 2), (1, 1), (-1, 1), (4, 5), (-4, 5)))
"""Correlations that are looked at first."""

HEIGHTS = (Fraction(49, 64), Fraction(1, 2), Fraction(1, 4))
"""Half-heights in w of the region around a piece that are tried, all below pi/4."""


def kernel_certificate(claim: Claim, budget: Budget) -> Evidence | None:
    """A certificate that lhs = rhs for every correlation of the domain, a counterexample at a correlation, or None.

    For equalities in one correlation symbol whose expectations are over pairs of normals with that correlation; other symbols may
    only be positive scales that both sides are proportional to. A certificate's eps is proved: |lhs - rhs| <= eps, in units
    of the scale.
    """
    if claim.relation is None or not claim.relation.is_equality or not all(_scalar(side) for side in (claim.lhs, claim.rhs)):
        return None
    nodes = (*quantities(claim.lhs), *quantities(claim.rhs))
    if not nodes or not all(isinstance(node, PROBABILISTIC) for node in nodes):
        return None
    box = claim.domain.box()
    if box is None or any(symbol.is_integer for symbol in box):
        return None
    for c, interval in box.items():
        if interval.inf >= -1 and interval.sup <= 1 and any(c in node.free_symbols for node in nodes):
            scales = frozenset(box) - {c}
            if not all(symbol.is_positive for symbol in scales):
                continue
            try:
                return _Judged(claim, budget, c, interval, scales).evidence()
            except GIVEN_UP:
                continue
    return None


def _scalar(side: Any) -> bool:
    return isinstance(side, sp.Expr) and not getattr(side, "is_Matrix", False)


class _Judged:
    """One statement in standard form with everything that does not depend on the correlation."""

    def __init__(self, claim: Claim, budget: Budget, c: Any, interval: Any, scales: frozenset[Any]) -> None:
        self.claim, self.budget, self.c, self.interval, self.scales = claim, budget, c, interval, scales
        reader = Reader(c, scales)
        left, right = reader.side(claim.lhs), reader.side(claim.rhs)
        self.left, self.right, self.scale = _unscaled(left, right, scales)
        if not self.left.terms and not self.right.terms:
            raise Unsupported("no expectation depends on the correlation")
        if not interval.inf < interval.sup:
            raise Unsupported("the correlation has one value only")
        digits = budget.digits
        self.values = {symbol: mean(function, digits) for symbol, function in reader.means.items()}
        self.pairs = tuple(dict.fromkeys(pair for side in (self.left, self.right) for _, pair in side.terms))
        self.sizes = {pair: pair.size(digits) for pair in self.pairs}
        self.differences = [(sp.Add(*(a for a, p in _signed(self.left, self.right) if p == pair)), pair) for pair in self.pairs]
        self.closed = self.left.closed - self.right.closed
        parts = [*(a for a, _ in self.differences), self.closed]
        for part in parts:
            check_analytic(part, c)
        one = dict.fromkeys(self.values, sp.Integer(1))
        if not all(real_throughout(part.xreplace(one), {c: _wider(interval)}) for part in (*parts, *reader.lines)):
            raise Unsupported("the statement is not shown to be real on the whole domain")
        self.symmetric = _symmetric([(a, pair.parity) for a, pair in self.differences], self.closed, c)
        self.measured = 0
        self.reached = arb(0)
        self.known: dict[Any, arb] = {}

    def evidence(self) -> Evidence | None:
        """The certificate at the smallest eps that the work reaches."""
        try:
            for c in self._probes():
                self._difference(c, sp.sqrt(1 - c**2))
            for places in range(FINEST, 0, -2):
                aim = min(10.0**-places, self.budget.resolution) * (float(self.reached.lower()) or 1.0) * 0.9
                eps = self._certified(aim)
                if eps is not None:
                    return self._evidence(eps)
                if 10.0**-places >= self.budget.resolution:
                    break
        except Against as against:
            return self._counterexample(against.at)
        return None

    def _probes(self) -> list[Any]:
        """Simple correlations of the domain: they tell how large the sides are, and refute most wrong statements."""
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
        most = self.budget.boxes // BOXES_AN_INTEGRAL // sum(pair.work for pair in self.pairs)
        eps = cover(Difference(lambda t: self._difference(*place(t)), self._around, HEIGHTS), low, high, aim, most)
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
        parts = [(End(a, self.c, sign, self.values), pair) for a, pair in self.differences]
        closed = End(self.closed, self.c, sign, self.values)
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

    def _around(self, low: float, high: float, height: float) -> arb | None:
        """M: a bound of |D| over a rectangle in w inside the strip of the unit disc."""
        total = Region(self.closed, self.c, self.values).bound(low, high, height)
        for a, pair in self.differences:
            bound = Region(a, self.c, self.values).bound(low, high, height)
            if total is None or bound is None:
                return None
            total = total + bound * self.sizes[pair]
        return None if total is None else total.upper()

    def _value(self, pair: Pair, c: Any, root: Any) -> arb:
        key = (pair, c)
        if key not in self.known:
            self.known[key] = pair.value(c, root, self.budget.digits)
            self.measured += 1
        return self.known[key]

    def _difference(self, c: Any, root: Any) -> arb:
        """D at an exact correlation; raises Against where it is not 0."""
        left, right = (self._side(side, c, root) for side in (self.left, self.right))
        self.reached = self.reached.max(abs(left).lower().max(abs(right).lower()))
        difference = left - right
        if not difference.contains(0):
            raise Against(c)
        return difference

    def _side(self, side: Side, c: Any, root: Any) -> arb:
        at = {self.c: c, **self.values}
        total = enclose_at_precision(side.closed, at, BITS)
        for a, pair in side.terms:
            total = total + enclose_at_precision(a, at, BITS) * self._value(pair, c, root)
        return total

    def _evidence(self, eps: arb) -> Evidence | None:
        from lemmata.verify.certify.certificate import printed

        size, scale = _upwards(eps), float(self.reached.lower())
        resolution = size / scale if scale > size else size
        if not resolution <= self.budget.resolution:
            return None
        ends = f"{text(self.interval.inf)} <= {text(self.c)} <= {text(self.interval.sup)}"
        unit = "" if self.scale == 1 else f" times {text(self.scale)}, to which both sides are proportional,"
        because = (
            f"|lhs - rhs| <= {printed(size)}{unit} for all {ends}: {self.measured} certified integrals, between which a function analytic "
            f"in the unit disc of the correlation is bounded; the larger side reaches {scale:.3g}"
        )
        return Evidence(
            Road.SEARCHED,
            NAME,
            Outcome.CERTIFIES,
            Rigour.RIGOROUS,
            because,
            resolution=resolution,
            cost={"integrals": float(self.measured)},
        )

    def _counterexample(self, c: Any) -> Evidence | None:
        """The finding at an admissible point at or near the correlation at which the sides differ; None where it is not confirmed."""
        from lemmata.numerics.instruments.certified_mean import INSTRUMENT
        from lemmata.numerics.measurement import Ball, Measurement
        from lemmata.numerics.streams import Stream
        from lemmata.verify.measure import finding

        nodes = dict.fromkeys((*quantities(self.claim.lhs), *quantities(self.claim.rhs)))
        for place_ in _simple(c):
            at = {**dict.fromkeys(self.scales, sp.Integer(1)), self.c: place_}
            if self.claim.domain.satisfies(at) is not True:
                continue
            known: dict[Any, Measurement] = {}
            for node in nodes:
                known[node] = INSTRUMENT.measure(node, at, self.budget, Stream(self.budget.seed))
            if all(isinstance(answer, Ball) for answer in known.values()):
                item = finding(self.claim, at, known, NAME, Road.SEARCHED, self.budget)
                if item.outcome is Outcome.DISAGREES:
                    return item
        return None


def _simple(c: Any) -> Iterator[Any]:
    """Rational numbers near one and opposite to it, the simple ones first, at last the number itself."""
    exact = Fraction(int(c.p), int(c.q))
    for most in (10, 100, 1000, exact.denominator):
        near = exact.limit_denominator(most)
        yield sp.Rational(near.numerator, near.denominator)
        yield sp.Rational(-near.numerator, near.denominator)


def _wider(interval: Any) -> Any:
    """The interval, or one with rational ends around it inside [-1, 1]."""
    low, high = interval.inf, interval.sup
    if not low.is_Rational:
        low = max(sp.Integer(-1), sp.Rational(int((to_arb(low) * 2**16 - 1).mid().floor().fmpz()), 2**16))
    if not high.is_Rational:
        high = min(sp.Integer(1), sp.Rational(int((to_arb(high) * 2**16 + 2).mid().floor().fmpz()), 2**16))
    return sp.Interval(low, high)


def _symmetric(terms: Sequence[tuple[Any, int | None]], closed: Any, c: Any) -> bool:
    """Whether the difference is seen to be even or odd in the correlation: then half of the domain is enough."""
    found = set() if closed.is_zero else {parity(closed, c)}
    for a, other in terms:
        one = parity(a, c)
        found.add(None if one is None or other is None else one * other)
    return len(found) == 1 and None not in found


def _signed(left: Side, right: Side) -> list[tuple[Any, Pair]]:
    return [*left.terms, *((-a, pair) for a, pair in right.terms)]


def _unscaled(left: Side, right: Side, scales: frozenset[Any]) -> tuple[Side, Side, Any]:
    """Both sides without the positive symbols, and the monomial in them that both are proportional to."""
    coefficients = [a for side in (left, right) for a, _ in side.terms]
    found, monomial = unscaled([*coefficients, left.closed, right.closed], sorted(scales, key=str))
    cut = len(left.terms)
    first = Side(tuple((a, pair) for a, (_, pair) in zip(found[:cut], left.terms, strict=True)), found[-2])
    second = Side(tuple((a, pair) for a, (_, pair) in zip(found[cut:-2], right.terms, strict=True)), found[-1])
    return first, second, monomial


def _upwards(value: arb) -> float:
    return math.nextafter(float(value.upper()), math.inf)
