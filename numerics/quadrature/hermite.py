"""Hermite coefficients of analytic functions as balls, and Mehler's series with its proved tail.

With he_k the normalised Hermite polynomials (E he_j(s) he_k(s) = 1 if j = k, else 0) and x, y standard normals of
correlation r, E he_j(x) he_k(y) = r^k if j = k, else 0 (Mehler). So for F and G of finite second moment

    E F(x) G(y) = sum_k r^k a_k b_k,   a_k = E F(s) he_k(s),   b_k = E G(s) he_k(s),

and what is left after n terms is at most |r|^n sqrt((E F^2 - sum_{k<n} a_k^2) (E G^2 - sum_{k<n} b_k^2)) (Bessel, Cauchy-Schwarz).
The coefficients are trapezoid sums on one lattice. From he_k(z) = sqrt(k!) [t^k] exp(z t - t^2 / 2) and Cauchy's bound on
|t| = sqrt(k): |he_k(x + i v)| <= sqrt(k!) k^(-k/2) exp(k / 2) exp(sqrt(k) (|x| + |v|)).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import arb

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.line import refine
from lemmata.numerics.quadrature.pairs import WIDEST, Exponential, Profile, beyond, dyadic, gauss, up

FIRST_TERMS = 16

MOST_TERMS = 256


def mehler_mean(f: Profile, g: Profile, a: Callable[[], arb], b: Callable[[], arb], r: Callable[[], arb], digits: int) -> arb:
    """E f(a x) g(b y) for standard normals of correlation r, |r| <= 1, by Mehler's series.

    Raises Unsupported where MOST_TERMS terms leave too large a tail.

    >>> import sympy as sp
    >>> from lemmata.numerics.quadrature.pairs import profile
    >>> z = sp.Symbol("z", real=True)
    >>> tanh = profile(sp.tanh(z), z)
    >>> mehler_mean(tanh, tanh, lambda: arb(1), lambda: arb(1), lambda: arb(1) / 2, 12).str(12, radius=False)
    '0.186324413203'
    """
    scale = float((f.on_line(up(a())).C * g.on_line(up(b())).C).upper())
    return refine(lambda tolerance: _attempt(f, g, a(), b(), r(), tolerance), scale, digits, rounds=3)


def _attempt(f: Profile, g: Profile, a: arb, b: arb, r: arb, tolerance: float) -> arb:
    alike = f is g and bool((a - b).is_zero())
    count = FIRST_TERMS
    while True:
        first, square = hermite_coefficients(f, a, count, tolerance / 8)
        second, other = (first, square) if alike else hermite_coefficients(g, b, count, tolerance / 8)
        left = (square - sum((c * c for c in first), arb(0))) * (other - sum((c * c for c in second), arb(0)))
        tail = abs(r).upper() ** count * abs(left).upper().sqrt()
        if tail.upper() <= tolerance:
            break
        if count >= MOST_TERMS:
            raise Unsupported(f"{count} terms of the Hermite series leave up to {float(tail.upper()):.1g}: it converges too slowly here")
        count = min(2 * count, MOST_TERMS)
    total, power = arb(0), arb(1)
    for one, two in zip(first, second, strict=True):
        total += one * two * power
        power *= r
    return total + arb(0, tail.upper())


def hermite_coefficients(f: Profile, scale: arb, count: int, tolerance: float) -> tuple[list[arb], arb]:
    """The first `count` coefficients of x -> f(scale x), and E f(scale x)^2, each within about `tolerance`.

    >>> import sympy as sp
    >>> from lemmata.numerics.quadrature.pairs import profile
    >>> z = sp.Symbol("z", real=True)
    >>> [c.str(6, radius=False) for c in hermite_coefficients(profile(sp.exp(z), z), arb(1), 3, 1e-12)[0]]
    ['1.64872', '1.64872', '1.16582']
    """
    top = up(scale)
    flat, roots = f.on_line(top), [math.nextafter(math.sqrt(k), math.inf) for k in range(count)]
    decay = -math.log(tolerance) + max(0.0, float(flat.C.log().upper())) + count / 2 + flat.b * roots[-1]
    strip, step = _strip(f, top, decay, max(roots[-1], flat.b))
    h = dyadic(step)
    slope = flat.b + max(roots[-1], flat.b)
    reach = slope + math.sqrt(slope * slope + 2 * (decay + 4))
    n = math.ceil(reach / h)
    sums, square = _sums(f, scale, h, n, count)
    coefficients = []
    for k, (value, root) in enumerate(zip(sums, roots, strict=True)):
        size = _size(k) * (arb(root) * strip.w).exp()
        error = strip.C * size * (arb(strip.w) ** 2 / 2).exp() * gauss(arb(strip.b) + root) / _divisor(strip, h)
        error += flat.C * _size(k) * beyond(arb(flat.b) + root, arb(h) * n)
        coefficients.append(value + arb(0, error.upper()))
    error = strip.C**2 * (arb(strip.w) ** 2 / 2).exp() * gauss(2 * arb(strip.b)) / _divisor(strip, h)
    error += flat.C**2 * beyond(2 * arb(flat.b), arb(h) * n)
    return coefficients, square + arb(0, error.upper())


def _strip(f: Profile, scale: float, decay: float, root: float) -> tuple[Exponential, float]:
    """The strip and the step for the steepest of the integrands: a shift by w also costs exp(root w)."""
    best: tuple[Exponential, float] | None = None
    for width, bound in f.strips:
        strip = f.exponential(scale, bound, width)
        for share in (1.0, 0.5, 0.25):
            narrower = Exponential(strip.C, strip.b, min(strip.w, WIDEST) * share)
            w = narrower.w
            size = decay + w * w / 2 + root * w + 2 * max(0.0, float(strip.C.log().upper())) + (strip.b + root) ** 2 / 2 + 3
            step = 2 * math.pi * w / size
            if best is None or step > best[1]:
                best = narrower, step
    assert best is not None
    return best


def _sums(f: Profile, scale: arb, h: float, n: int, count: int) -> tuple[list[arb], arb]:
    """h sum f(scale x) he_k(x) phi(x) for k < count, and h sum f(scale x)^2 phi(x), over the nodes x = i h, |i| <= n."""
    places = [arb(h) * i for i in range(n + 1)]
    right = f.values([scale * x for x in places])
    left = [f.parity * value for value in right] if f.parity else f.values([-scale * x for x in places])
    roots = [arb(k).sqrt() for k in range(count + 1)]
    inverse = [1 / root if k else arb(0) for k, root in enumerate(roots)]
    totals, square = [arb(0)] * count, arb(0)
    for i, (x, one, two) in enumerate(zip(places, right, left, strict=True)):
        weight = (-x * x / 2).exp()
        if i == 0:
            two = arb(0)
        square += weight * (one * one + two * two)
        even, odd = weight * (one + two), weight * (one - two)
        before, now = arb(0), arb(1)
        for k in range(count):
            totals[k] += now * (odd if k % 2 else even)
            before, now = now, (x * now - roots[k] * before) * inverse[k + 1]
    factor = h / (2 * arb.pi()).sqrt()
    return [total * factor for total in totals], square * factor


def _size(k: int) -> arb:
    """sqrt(k!) k^(-k/2) exp(k / 2)."""
    return arb(1) if k == 0 else (arb(math.factorial(k)) / arb(k) ** k * arb(k).exp()).sqrt()


def _divisor(strip: Exponential, h: float) -> arb:
    return ((2 * arb.pi() * strip.w / h).exp() - 1) / 2
