"""Balls hold the truth: thousands of random integrals whose values are known by another road, to 60 digits.

The known values come from moments by recursion, changes of measure and closed kernels in mpmath; the instrument finds them
by quadrature. A ball passes when it overlaps the known value, widened by its own rounding, and when it is narrow: the
whole line holds every truth.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import mpmath
import pytest
import sympy as sp
from flint import arb
from sympy.stats import Expectation, Exponential, Normal, Probability, Uniform

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose, precision
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.measurement import Ball
from lemmata.numerics.streams import Stream
from lemmata.theory.gaussian import gaussian_pair

DIGITS = 90
"""Decimal digits that mpmath works with for a known value."""

TRUSTED = 200
"""Bits of a known value that are trusted, of the 302 that mpmath works with: each value is a short sum."""

NARROW = 30
"""Bits of relative accuracy that a ball must have, unless it is that narrow absolutely."""

s, s1, s2, U = Normal("s", 0, 1), Normal("s1", 0, 1), Normal("s2", 0, 1), Uniform("U", 0, 1)
x = sp.Symbol("x", real=True)

Case = tuple[Any, Callable[[], mpmath.mpf]]
"""A quantity and its value."""


def rational(rng: random.Random, size: int = 3, parts: int = 8) -> sp.Rational:
    return sp.Rational(rng.randint(-size * parts, size * parts), parts)


def polynomial(rng: random.Random, degree: int) -> list[sp.Rational]:
    """Coefficients, the constant first; the last is not 0."""
    return [*(rational(rng) for _ in range(degree)), sp.Rational(rng.choice([-2, -1, 1, 3]), rng.randint(1, 4))]


def mp(value: Any) -> mpmath.mpf:
    return mpmath.mpf(int(value.p)) / int(value.q)


def of(coefficients: list[sp.Rational], variable: Any) -> Any:
    return sum(coefficient * variable**power for power, coefficient in enumerate(coefficients))


def shifted(coefficients: list[sp.Rational], by: Any) -> list[Any]:
    """The coefficients of P(y + by)."""
    return [
        sum(mp(coefficient) * mpmath.binomial(power, k) * by ** (power - k) for power, coefficient in enumerate(coefficients) if power >= k)
        for k in range(len(coefficients))
    ]


def moments(low: Any, high: Any, count: int) -> list[Any]:
    """The integrals of y^k phi(y) over [low, high]: M_k = (k - 1) M_(k-2) + low^(k-1) phi(low) - high^(k-1) phi(high)."""
    ends = [(end, mpmath.npdf(end) if mpmath.isfinite(end) else mpmath.mpf(0)) for end in (low, high)]
    found = [(mpmath.erfc(-high / mpmath.sqrt(2)) - mpmath.erfc(-low / mpmath.sqrt(2))) / 2]
    for k in range(1, count):
        edge = [end ** (k - 1) * density if density else density for end, density in ends]
        found.append((k - 1) * (found[k - 2] if k > 1 else 0) + edge[0] - edge[1])
    return found


def gaussian_integral(coefficients: list[sp.Rational], tilt: Any, low: Any, high: Any) -> mpmath.mpf:
    """E[P(s) exp(tilt s); low < s < high], by the shift of the normal density."""
    weights = moments(low - tilt, high - tilt, len(coefficients))
    terms = zip(shifted(coefficients, tilt), weights, strict=True)
    return mpmath.exp(tilt**2 / 2) * mpmath.fsum(coefficient * weight for coefficient, weight in terms)


def pieces(rng: random.Random) -> Case:
    """P(s) exp(a s) between two jumps."""
    coefficients, a = polynomial(rng, rng.randint(0, 4)), rational(rng, 1)
    low = rational(rng, 2)
    high = low + sp.Rational(rng.randint(1, 24), 8)
    body = sp.Piecewise((of(coefficients, s) * sp.exp(a * s), (s > low) & (s < high)), (0, True))
    return Expectation(body), lambda: gaussian_integral(coefficients, mp(a), mp(low), mp(high))


def kinks(rng: random.Random) -> Case:
    """Max(0, a + b s)^k exp(t s): one kink, anywhere."""
    a, b, t, k = rational(rng), sp.Rational(rng.choice([-3, -1, 1, 2]), rng.randint(1, 3)), rational(rng, 1), rng.randint(1, 4)
    powers = [sp.binomial(k, j) * b**j * a ** (k - j) for j in range(k + 1)]
    kink = mp(-a / b)
    ends = (kink, mpmath.inf) if b > 0 else (-mpmath.inf, kink)
    return Expectation(sp.Max(0, a + b * s) ** k * sp.exp(t * s)), lambda: gaussian_integral(powers, mp(t), *ends)


def waves(rng: random.Random) -> Case:
    """P(s) cos(a s): the real part at an imaginary shift."""
    coefficients, a = polynomial(rng, rng.randint(0, 4)), rational(rng, 4)
    return Expectation(of(coefficients, s) * sp.cos(a * s)), lambda: _wave(coefficients, mp(a))


def _wave(coefficients: list[sp.Rational], a: mpmath.mpf) -> mpmath.mpf:
    even = [mpmath.fac2(k - 1) if k % 2 == 0 else mpmath.mpf(0) for k in range(len(coefficients))]
    total = mpmath.fsum(c * m for c, m in zip(shifted(coefficients, mpmath.mpc(0, a)), even, strict=True))
    return mpmath.exp(-(a**2) / 2) * mpmath.re(total)


def bells(rng: random.Random) -> Case:
    """s^(2k) exp(-b s^2): a normal law of another width."""
    b, k = sp.Rational(rng.randint(1, 60), 8), rng.randint(0, 3)
    return Expectation(s ** (2 * k) * sp.exp(-b * s**2)), lambda: mpmath.fac2(2 * k - 1) / mpmath.sqrt(1 + 2 * mp(b)) ** (2 * k + 1)


def tails(rng: random.Random) -> Case:
    """A union of two intervals, or a tail."""
    low = rational(rng)
    high = low + sp.Rational(rng.randint(1, 16), 8)
    outside = Probability(sp.Or(s < low, s > high))
    return outside, lambda: 1 - moments(mp(low), mp(high), 1)[0]


def steps_of_a_curve(rng: random.Random) -> Case:
    """A jump where a function that is no polynomial crosses a level."""
    level = sp.Rational(rng.randint(-7, 7), 8)
    return Probability(sp.tanh(s) > level), lambda: mpmath.erfc(mpmath.atanh(mp(level)) / mpmath.sqrt(2)) / 2


def uniforms(rng: random.Random) -> Case:
    """U^k exp(a U) by partial integration downwards."""
    a, k = sp.Rational(rng.choice([-9, -5, 4, 7, 11]), 4), rng.randint(0, 4)
    return Expectation(U**k * sp.exp(a * U)), lambda: mpmath.hyp1f1(k + 1, k + 2, mp(a)) / (k + 1)


def waiting_times(rng: random.Random) -> Case:
    rate, k = sp.Rational(rng.randint(1, 24), 8), rng.randint(0, 5)
    tilt = rate * sp.Rational(rng.randint(-8, 6), 8)
    wait = Exponential("X", rate)
    return Expectation(wait**k * sp.exp(tilt * wait)), lambda: mp(rate) * mpmath.factorial(k) / (mp(rate) - mp(tilt)) ** (k + 1)


def correlation(rng: random.Random) -> tuple[sp.Rational, Any, Any]:
    """A correlation, also close to an end, and the pair that has it."""
    c = rng.choice([sp.Rational(rng.randint(-31, 31), 32), 1 - sp.Rational(1, 10 ** rng.randint(2, 9)), -1 + sp.Rational(1, 10**5)])
    return (c, *gaussian_pair(1, 1, c))


def arc_cosines(rng: random.Random) -> Case:
    """E[u_+^n v_+^n] for n = 0, 1, 2 (Cho and Saul)."""
    c, u, v = correlation(rng)
    n = rng.randint(0, 2)

    def value() -> mpmath.mpf:
        theta = mpmath.acos(mp(c))
        sine, cosine = mpmath.sin(theta), mp(c)
        rest = mpmath.pi - theta
        return [rest, sine + rest * cosine, 3 * sine * cosine + rest * (1 + 2 * cosine**2)][n] / (2 * mpmath.pi)

    body = sp.Heaviside(u) * sp.Heaviside(v) if n == 0 else sp.Max(0, u) ** n * sp.Max(0, v) ** n
    return Expectation(body), value


def error_functions(rng: random.Random) -> Case:
    """E[erf(a u) erf(b v)] (Williams)."""
    c, u, v = correlation(rng)
    a, b = sp.Rational(rng.randint(1, 16), 8), sp.Rational(rng.randint(1, 16), 8)
    sine = 2 * a * b * c
    return Expectation(
        sp.erf(a * u) * sp.erf(b * v)
    ), lambda: 2 / mpmath.pi * mpmath.asin(mp(sine) / mpmath.sqrt(mp((1 + 2 * a**2) * (1 + 2 * b**2))))


def tilted_pairs(rng: random.Random) -> Case:
    """P(v) exp(a u) and 1{v > t} exp(a u): v moves by a c."""
    c, u, v = correlation(rng)
    a = rational(rng, 1)
    if rng.random() < 0.5:
        coefficients = polynomial(rng, rng.randint(1, 3))
        return Expectation(
            of(coefficients, v) * sp.exp(a * u)
        ), lambda: mpmath.exp((mp(a) ** 2 - mp(a * c) ** 2) / 2) * gaussian_integral(coefficients, mp(a * c), -mpmath.inf, mpmath.inf)
    t = rational(rng, 2)
    return Expectation(
        sp.Heaviside(v - t) * sp.exp(a * u)
    ), lambda: mpmath.exp(mp(a) ** 2 / 2) * mpmath.erfc((mp(t) - mp(a * c)) / mpmath.sqrt(2)) / 2


def waves_of_pairs(rng: random.Random) -> Case:
    c, u, v = correlation(rng)
    a, b = rational(rng, 2), rational(rng, 2)
    return Expectation(sp.cos(a * u + b * v)), lambda: mpmath.exp(-mp(a**2 + b**2 + 2 * a * b * c) / 2)


LINE = (pieces, kinks, waves, bells, tails, steps_of_a_curve, uniforms, waiting_times)
PLANE = (arc_cosines, error_functions, tilted_pairs, waves_of_pairs)


def holds(ball: arb, truth: mpmath.mpf) -> bool:
    """Whether a ball overlaps a known value, widened by what mpmath may have rounded, and is narrow."""
    mantissa, exponent = mpmath.mpf(truth).man_exp
    with precision(4 * TRUSTED):
        known = arb(int(mantissa)) * arb(2) ** int(exponent) * (-1 if truth < 0 and mantissa > 0 else 1)
        known += arb(0, float(abs(known).upper()) * 2.0**-TRUSTED)
        return bool(ball.overlaps(known)) and (ball.rel_accuracy_bits() >= NARROW or ball.rad() < arb(2) ** -NARROW)


def checked(family: Callable[[random.Random], Case], count: int) -> tuple[int, list[Any]]:
    """How many balls a family of integrals was given, and the quantities whose ball misses."""
    rng = Stream(0, ("balls", family.__name__)).python()
    given, missed = 0, []
    for index in range(count):
        quantity, value = family(rng)
        answer = INSTRUMENT.measure(quantity, {}, Budget(), Stream(0, (family.__name__, index)))
        if isinstance(answer, Ball):
            given += 1
            with mpmath.workdps(DIGITS):
                if not holds(answer.value, value()):
                    missed.append((quantity, answer.value, value()))
    return given, missed


@pytest.mark.parametrize("family", LINE, ids=lambda family: family.__name__)
def test_balls_on_the_line_hold_the_truth(family: Callable[[random.Random], Case]) -> None:
    given, missed = checked(family, 150)
    assert not missed, missed[:3]
    assert given >= 130


@pytest.mark.parametrize("family", PLANE, ids=lambda family: family.__name__)
def test_balls_in_the_plane_hold_the_truth(family: Callable[[random.Random], Case]) -> None:
    given, missed = checked(family, 75)
    assert not missed, missed[:3]
    assert given == 75


UNARY: tuple[Callable[[Any], Any], ...] = (
    sp.sin,
    sp.cos,
    sp.atan,
    sp.tanh,
    sp.erf,
    sp.Abs,
    sp.asinh,
    lambda e: sp.exp(-(e**2)),
    lambda e: sp.exp(sp.tanh(e)),
    lambda e: sp.sqrt(1 + e**2),
    lambda e: sp.log(1 + e**2),
    lambda e: sp.acos(e / sp.sqrt(2 + e**2)),
    lambda e: sp.Max(e, sp.Rational(1, 3)),
    lambda e: sp.Min(e, -sp.Rational(2, 5)),
    lambda e: e**3 - e,
)


def grown(rng: random.Random, depth: int) -> Any:
    """A random tree of functions of x that are real everywhere."""
    if depth == 0:
        return x if rng.random() < 0.7 else rational(rng)
    if rng.random() < 0.6:
        return rng.choice(UNARY)(grown(rng, depth - 1))
    first, second = grown(rng, depth - 1), grown(rng, rng.randrange(depth))
    return rng.choice([first + second, first - second, first * second, first / (1 + second**2)])


def at_digits(expr: Any, place: sp.Rational, digits: int) -> mpmath.mpf:
    """The value by mpmath, through SymPy's printer."""
    with mpmath.workdps(digits):
        value = sp.lambdify(x, expr, "mpmath", cse=True)(mp(place))
        return +mpmath.mpf(value if not isinstance(value, sp.Basic) else mp(value))


def trees(name: str, count: int) -> Iterator[tuple[Any, random.Random]]:
    """Random expressions that hold x."""
    rng = Stream(0, (name,)).python()
    kept = (expr for expr in iter(lambda: grown(rng, rng.randint(2, 4)), None) if expr.has(x) and not expr.has(sp.nan, sp.zoo))
    yield from ((expr, rng) for expr in islice(kept, count))


def known(expr: Any, place: sp.Rational) -> arb:
    """The value as a ball whose radius is what 60 more digits change, a thousandfold, and the rounding of the last of them."""
    rough, fine = at_digits(expr, place, DIGITS), at_digits(expr, place, DIGITS + 60)
    with precision(4 * TRUSTED), mpmath.workdps(DIGITS + 60):
        middle = exactly(fine)
        doubt = abs(exactly(rough) - middle) + abs(middle) * arb(2) ** -TRUSTED
        return middle + arb(0, 1) * (1000 * doubt + arb(2) ** -TRUSTED)


def exactly(value: mpmath.mpf) -> arb:
    mantissa, exponent = value.man_exp
    return arb(int(mantissa)) * arb(2) ** int(exponent) * (-1 if value < 0 < mantissa else 1)


@pytest.mark.parametrize("batch", range(6))
def test_enclosures_of_random_expressions_hold_the_value(batch: int) -> None:
    narrow = 0
    for expr, rng in trees(f"points {batch}", 250):
        place = rational(rng, 4, 32)
        try:
            ball = enclose(expr, {x: place})
        except CannotEvaluate:
            continue
        with precision(4 * TRUSTED):
            assert ball.overlaps(known(expr, place)), (expr, place, ball)
        narrow += ball.rel_accuracy_bits() >= NARROW or bool(ball.rad() < arb(2) ** -NARROW)
    assert narrow >= 245


@pytest.mark.parametrize("batch", range(4))
def test_enclosures_over_a_box_hold_the_values_inside(batch: int) -> None:
    """The range over a ball of arguments: its ends, and points between."""
    looked = 0
    for expr, rng in trees(f"boxes {batch}", 150):
        middle, half = rational(rng, 3, 16), sp.Rational(1, 2 ** rng.randint(1, 12))
        with precision(100):
            box = arb(float(middle), float(half))
        try:
            ball = enclose(expr, {x: box})
        except CannotEvaluate:
            continue
        for share in (-1, 0, 1, sp.Rational(rng.randint(-99, 99), 100)):
            place = middle + share * half
            with precision(4 * TRUSTED):
                assert ball.overlaps(known(expr, place)), (expr, box, place, ball)
            looked += 1
    assert looked >= 500


def test_the_counting_can_fail() -> None:
    """A ball that is a little to the side of the truth, and one that is the whole line, both miss."""
    with mpmath.workdps(DIGITS):
        third = mpmath.mpf(1) / 3
        with precision(100):
            assert holds(arb(1) / 3, third)
            assert not holds(arb(1) / 3 + arb(2) ** -80, third)
            assert not holds(arb(0, 1), third) and not holds(-arb(1) / 3, third)
