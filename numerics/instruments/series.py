"""Infinite sums and products: partial sums in balls with a proved tail where there is one, else two accelerations compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

import mpmath
import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, enclose, precision, to_arb
from lemmata.numerics.compile.balls import Balls, shorten, to_ball
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.instruments.integral import scalars
from lemmata.numerics.measurement import Approx, Ball, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.accelerate import PARTIAL_SUMS, SAFETY, WINDOW, agree, estimate, limit_of
from lemmata.numerics.quadrature.improper import as_mpf, mp_function
from lemmata.numerics.quadrature.rational_sums import rational_sum
from lemmata.numerics.quadrature.tails import shift, tail
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities, random_symbols

LONGEST = 1 << 14
"""Terms that are added before a proved tail takes over, at most."""

PARTIAL = 120
"""Partial sums that are accelerated."""

DOUBLINGS = 9
"""The longest partial sum has 8 * 2^DOUBLINGS terms."""

DIGITS = 50
"""Working digits where two halves of a sum are put together."""

SETTLED = 20
"""Bits to which two accelerations have to agree."""


class Series(Instrument):
    """`Sum` or `Product` of closed terms; finite ones are written out in balls.

    A ball: rational terms (by their poles), terms whose ratio is rational and at most rho < 1 from some N on (then the tail is at
    most |t_N| / (1 - rho)), or whose size is bounded by a falling x^k exp(p(x)). Otherwise Richardson with Shanks against
    Levin's transformation.
    """

    name = "series"
    cost = 2

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, (sp.Sum, sp.Product)):
            return Refusal("neither a sum nor a product")
        if quantities(quantity.function) or random_symbols(quantity.function):
            return Refusal(f"the terms hold a quantity: {shorten(quantity.function)}")
        if not all(len(limit) == 3 for limit in quantity.limits):
            return Refusal("a sum without both ends has no value")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            limits = [tuple(part.xreplace(scalars(at)) for part in limit[1:]) for limit in quantity.limits]
            if all(low.is_finite and high.is_finite for low, high in limits) or not any(end.is_infinite for ends in limits for end in ends):
                return Ball(enclose(quantity, at, digits=budget.digits), "written out")
            if len(limits) > 1:
                return Refusal("an infinite sum over several indices is not supported: nest single sums")
            index, n = quantity.limits[0][0], sp.Dummy("n", integer=True, real=True)
            term = quantity.function.xreplace({index: n}).xreplace(scalars(at))
            low, high = limits[0]
            return _infinite(term, n, low, high, isinstance(quantity, sp.Product), at, budget)
        except FAILURES as error:
            return Refusal(f"the series cannot be evaluated: {error}")


def _infinite(term: Any, n: Any, low: Any, high: Any, product: bool, at: Mapping[Any, Any], budget: Budget) -> Measurement:
    if low == -sp.oo and high == sp.oo:
        halves = [_infinite(term, n, sp.S.Zero, sp.oo, product, at, budget)]
        halves.append(_infinite(term.xreplace({n: -n}), n, sp.S.One, sp.oo, product, at, budget))
        return _joined(halves, product)
    if low == -sp.oo:
        term, low = term.xreplace({n: -n}), -high
    first = int(low)
    if product:
        return _product(term, n, first)
    ratio = _rational_ratio(term, n)
    if ratio is not None and (last := _last(term, n, first, ratio)) is not None:
        return Ball(enclose(sp.Sum(term, (n, first, last)), at, digits=budget.digits), f"written out: the terms are zero after {last}")
    if ratio is not None and (diverges := _ratio_test(ratio, n)):
        return Refusal(f"the sum diverges: {diverges} in {shorten(term)}", divergent=True)
    with precision(int(budget.digits * BITS_A_DIGIT) + 40):
        closed = rational_sum(term, n, first)
    if closed is not None:
        return Ball(closed, "digamma and zeta functions of the poles")
    ball = _certified(term, n, first, ratio, at, budget)
    if ball is not None:
        return Ball(ball, "partial sum with a proved tail")
    return _accelerated(term, n, first)


def _joined(halves: list[Measurement], product: bool) -> Measurement:
    first, second = halves
    for half in halves:
        if isinstance(half, Refusal):
            return half
    if isinstance(first, Ball) and isinstance(second, Ball):
        return Ball(first.value * second.value if product else first.value + second.value, first.note)
    with mpmath.workdps(DIGITS):
        (a, da), (b, db) = (_value_and_error(half) for half in halves)
        if product:
            return Approx(a * b, abs(a) * db + abs(b) * da + da * db, "two halves")
        return Approx(a + b, da + db, "two halves")


def _value_and_error(half: Any) -> tuple[Any, Any]:
    if isinstance(half, Ball):
        return as_mpf(half.value.mid()), as_mpf(half.value.rad())
    return half.value, half.error


def _rational_ratio(term: Any, n: Any) -> Any | None:
    """t(n+1)/t(n) as a quotient of polynomials with rational coefficients, when it is one."""
    if term.has(sp.Max, sp.Min, sp.Piecewise, sp.Abs, sp.Heaviside, sp.sin, sp.cos):
        return None
    ratio = sp.hypersimp(term, n)
    if ratio is None or not ratio.is_rational_function(n):
        return None
    above, below = sp.fraction(sp.cancel(ratio))
    for part in (above, below):
        if part.free_symbols - {n} or not all(c.is_Rational for c in sp.Poly(part, n).all_coeffs()):
            return None
    return above, below


def _last(term: Any, n: Any, first: int, ratio: tuple[Any, Any]) -> int | None:
    """The index after which all terms are zero, since a zero of the ratio is met, and no pole of it ever after; else None."""
    above, below = (sp.Poly(part, n) for part in ratio)
    zeros, poles = ([root for root in polynomial.ground_roots() if root.is_Integer and root >= first] for polynomial in (above, below))
    last = min(zeros, default=None)
    if last is None or any(pole > last for pole in poles) or term.xreplace({n: last + 1}) != 0:
        return None
    return int(last)


def _ratio_test(ratio: tuple[Any, Any], n: Any) -> str:
    """Gauss's test: a reason for divergence, or "" where the terms' ratio r(n) = L (1 - p/n + ...) lets the sum converge."""
    above, below = (sp.Poly(part, n) for part in ratio)
    if above.degree() != below.degree():
        return "the ratio of successive terms grows without bound" if above.degree() > below.degree() else ""
    limit = above.LC() / below.LC()
    if abs(limit) != 1:
        return f"the ratio of successive terms tends to {limit}" if abs(limit) > 1 else ""
    degree = above.degree()
    p = (below.coeff_monomial(n ** (degree - 1)) / below.LC() - above.coeff_monomial(n ** (degree - 1)) / above.LC()) if degree else 0
    if limit == 1 and p <= 1:
        return f"the terms fall like n^({-p})"
    return f"the terms fall like n^({-p}) and do not tend to 0" if limit == -1 and p <= 0 else ""


def _certified(term: Any, n: Any, first: int, ratio: Any | None, at: Mapping[Any, Any], budget: Budget) -> arb | None:
    bits = int(budget.digits * BITS_A_DIGIT) + 40
    for _ in range(3):
        with precision(bits):
            values = {symbol: to_arb(value) for symbol, value in at.items()}
            ball = _partial_and_tail(term, n, first, ratio, values, bits)
        if ball is None or ball.rad() <= abs(ball) * arb(10) ** -budget.digits or ball.rad() <= arb(10) ** (-3 * budget.digits):
            return ball
        bits *= 2
    return ball


def _partial_and_tail(term: Any, n: Any, first: int, ratio: Any | None, values: Mapping[Any, Any], bits: int) -> arb | None:
    """The partial sum up to a cut beyond which the tail is proved to be below the working precision; None where there is no such cut."""
    outside = Balls(values)
    positive = sp.Dummy("n", integer=True, positive=True)
    far_term = term.xreplace({n: positive})
    cut = max(8, first + 8)
    while (rest := _tail(outside, term, n, far_term, positive, cut, ratio)) is None or not rest < arb(2) ** -bits:
        cut = first + 2 * (cut - first)
        if cut - first > LONGEST:
            return None
    total = arb(0)
    for i in range(first, cut):
        total = total + to_ball(outside.inner({n: fmpq(i)}).number(term))
    return total + arb(0, rest)


def _tail(outside: Balls, term: Any, n: Any, far_term: Any, positive: Any, cut: int, ratio: Any | None) -> arb | None:
    """A bound of the sum of |t(m)| over m >= cut, by the ratio or by a falling majorant."""
    rest = _ratio_tail(outside, term, n, cut, ratio) if ratio is not None else None
    if rest is None and cut >= 1 and (bound := tail(far_term, positive, cut, outside.values)) is not None:
        rest = bound[0] + bound[1]
    return rest


def _ratio_tail(outside: Balls, term: Any, n: Any, cut: int, ratio: tuple[Any, Any]) -> arb | None:
    """|t(cut)| / (1 - rho), where rho bounds |r(m)| for all m >= cut: rho * below -+ above have coefficients of one sign there."""
    above, below = (tuple(to_ball(outside.number(c)) for c in reversed(sp.Poly(part, n).all_coeffs())) for part in ratio)
    far_above, far_below = shift(above, cut), shift(below, cut)
    if all(c <= 0 for c in far_below):
        far_above, far_below = tuple(-c for c in far_above), tuple(-c for c in far_below)
    if not (all(c >= 0 for c in far_below) and far_below[0] > 0):
        return None
    size = max(len(above), len(below))
    padded = [tuple(list(p) + [arb(0)] * (size - len(p))) for p in (far_above, far_below)]
    for rho in (fmpq(1, 2), fmpq(3, 4), fmpq(7, 8), fmpq(15, 16), fmpq(63, 64), fmpq(1023, 1024)):
        gaps = [rho * b - s * a for s in (1, -1) for a, b in zip(*padded, strict=True)]
        if all(gap >= 0 for gap in gaps):
            return abs(to_ball(outside.inner({n: fmpq(cut)}).number(term))).upper() / (1 - arb(rho))
    return None


class Far(Enum):
    """How the condensed terms c(k) = 2^k t(2^k) behave far out, for terms of one sign."""

    FAST = "summable by acceleration, or alternating"
    SLOW = "the terms fall so slowly that no acceleration can be trusted"
    DIVERGENT = "the terms do not fall faster than 1/(n log n)"
    CONSTANT = "the terms do not tend to 0"


def _far(function: Any) -> Far:
    """Cauchy's condensation: k c(k) (Bertrand) that does not fall makes the sum diverge; c(k) that falls slower than k^-4 is unclear."""
    places = [mpmath.mpf(2) ** k for k in range(36, 42)]
    values = [mpmath.re(function(place)) for place in places]
    beside = [mpmath.re(function(place + 1)) for place in places]
    sizes = [max(abs(v), abs(w)) for v, w in zip(values, beside, strict=True)]
    if max(sizes[3:]) >= max(sizes[:3]) > 0:
        return Far.CONSTANT
    if not (all(v > 0 for v in values + beside) or all(v < 0 for v in values + beside)):
        return Far.FAST
    condensed = [abs(value) * place for value, place in zip(values, places, strict=True)]
    steps = list(zip(condensed, condensed[1:], range(36, 41), strict=False))
    if all(after * (k + 1) >= before * k * (1 - mpmath.mpf(2) ** -20) for before, after, k in steps):
        return Far.SLOW if _falls_geometrically(steps) else Far.DIVERGENT
    return Far.SLOW if any(after > before * (1 - mpmath.mpf(4) / k) for before, after, k in steps) else Far.FAST


def _falls_geometrically(steps: list[tuple[Any, Any, int]]) -> bool:
    """Whether (k + 1)(1 - c(k + 1)/c(k)) grows: for n^-p with p just above 1, whose sum is finite, and not for 1/n and 1/(n log n)."""
    falls = [(k + 1) * (1 - after / before) for before, after, k in steps]
    return all(after - before > mpmath.mpf(2) ** -14 for before, after in zip(falls, falls[1:], strict=False))


def _accelerated(term: Any, n: Any, first: int) -> Measurement:
    with mpmath.workdps(30):
        function = mp_function(term, n)
        start = max(first, 1)
        head = sum((function(mpmath.mpf(i)) for i in range(first, start)), mpmath.mpf(0))
        if (far := _far(function)) is not Far.FAST:
            return Refusal(f"the sum of {shorten(term)}: {far.value}", divergent=far is not Far.SLOW)

        if (found := _from_partial_sums(function, start)) is not None:
            value, error, methods = found
            return Approx(head + value, error + abs(value) * mpmath.mpf(10) ** -25, methods)
    return Refusal(f"no two accelerations agree on the sum of {shorten(term)}")


def _from_partial_sums(function: Any, start: int) -> tuple[Any, Any, str] | None:
    """Two accelerations of the first sums that agree to SETTLED bits; the third opinion is the sums at 8, 16, 32, ... terms."""
    with mpmath.workdps(120):
        sums = list(_sums(function, start, PARTIAL))
        if sums[-1] == sums[-WINDOW]:
            return None  # terms that are zero as far as one looks say nothing of those beyond
        singles = [(name, result) for name, f in PARTIAL_SUMS.items() if (result := estimate(f, sums, (10, 40))) is not None]
        found = agree(PARTIAL_SUMS, sums, drops=(10, 40))
    if found is not None and found[1] <= abs(found[0]) / 2**SETTLED:
        return found
    with mpmath.workdps(60):
        long = list(_sums(function, start, 8 << DOUBLINGS))
        doubled = limit_of([long[(8 << k) - 1] for k in range(DOUBLINGS + 1)])
    if isinstance(doubled, str):
        return None
    for name, (value, error) in singles:
        together = SAFETY * max(error, abs(value - doubled[0]))
        if together <= abs(value) / 2**SETTLED:
            return value, together, f"{name}, and {doubled[2]} on doubled sums"
    return None


def _sums(function: Any, start: int, count: int) -> Iterator[Any]:
    """The partial sums of the first terms."""
    total = mpmath.mpf(0)
    for i in range(count):
        total += mpmath.re(function(mpmath.mpf(start + i)))
        yield total


def _product(term: Any, n: Any, first: int) -> Measurement:
    with mpmath.workdps(30):
        function = mp_function(term, n)
        if (far := _far(lambda place: function(place) - 1)) is not Far.FAST:
            return Refusal(f"the product of {shorten(term)} less one: {far.value}", divergent=far is not Far.SLOW)
        start = max(first, 1)
        head = mpmath.fprod(function(mpmath.mpf(i)) for i in range(first, start))
        found = (mpmath.nprod(function, [start, mpmath.inf], nsum=nsum) for nsum in (False, True))
        return _agreed((head * mpmath.re(value) for value in found), "accelerated partial products against the sum of logarithms")


def _agreed(found: Iterable[Any], basis: str) -> Measurement:
    """The first value that an earlier method agrees with; their distance is the error."""
    seen: list[Any] = []
    for value in found:
        if not mpmath.isfinite(value):
            continue
        for other in seen:
            error = abs(value - other)
            if error <= abs(value) / 2**SETTLED:
                return Approx(value, error + abs(value) * mpmath.mpf(10) ** -25, basis)
        seen.append(value)
    return Refusal(f"the accelerations do not agree: {', '.join(mpmath.nstr(value, 6) for value in seen) or 'no finite value'}")


INSTRUMENT = Series()
