r"""Eigenvalues of zonal kernels on the sphere S^(d-1) under its uniform law, by the theorem of Funk and Hecke.

A kernel k(<x, y>) has the spherical harmonics of degree n as eigenfunctions, with the eigenvalue

    lambda_n = w_d * Integral(k(t) P_n(t) (1 - t^2)^((d - 3)/2), t from -1 to 1),    w_d = Gamma(d/2)/(sqrt(pi) Gamma((d - 1)/2)),

P_n the Legendre polynomial in d dimensions, P_n(1) = 1. Its multiplicity is (2n + d - 2)/(n + d - 2) binomial(n + d - 2, n), and
the eigenvalues with their multiplicities add up to k(1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

T = sp.Symbol("t", real=True)


def legendre(n: int, d: int) -> Any:
    """P_n in d >= 2 dimensions by (n + d - 2) P_(n+1) = (2n + d - 2) t P_n - n P_(n-1), P_0 = 1, P_1 = t.

    Source: Müller (1966), Spherical harmonics, section on Legendre functions, lemma 4. Raises ValueError for n < 0 or d < 2.

    >>> legendre(2, 3), legendre(3, 2)
    (3*t**2/2 - 1/2, 4*t**3 - 3*t)
    """
    _require(n, d)
    before, current = sp.S.Zero, sp.S.One
    for k in range(n):
        following = T if k == 0 else sp.expand(((2 * k + d - 2) * T * current - k * before) / (k + d - 2))
        before, current = current, following
    return current


def multiplicity(n: int, d: int) -> int:
    """The number of independent spherical harmonics of degree n on S^(d-1).

    >>> [multiplicity(n, 3) for n in range(4)], [multiplicity(n, 2) for n in range(4)]
    ([1, 3, 5, 7], [1, 2, 2, 2])
    """
    _require(n, d)
    if n == 0:
        return 1
    return int(sp.Rational(2 * n + d - 2, n + d - 2) * sp.binomial(n + d - 2, n))


def eigenvalue(kernel: Callable[[Any], Any], n: int, d: int) -> Any:
    """lambda_n of k(<x, y>) on S^(d-1), as an integral over t in (-1, 1), or over the angle on the circle (d = 2).

    `kernel` maps t to the kernel's value. The integral is a quantity: `integrate` or an instrument gives its value.

    >>> eigenvalue(lambda t: t, 1, 3).doit()
    1/3
    """
    _require(n, d)
    if d == 2:
        angle = sp.Symbol("phi", real=True)
        return sp.Integral(kernel(sp.cos(angle)) * sp.cos(n * angle), (angle, 0, sp.pi)) / sp.pi
    weight = sp.gamma(sp.Rational(d, 2)) / (sp.sqrt(sp.pi) * sp.gamma(sp.Rational(d - 1, 2)))
    value = kernel(T)
    zonal = value * sp.factor(legendre(n, d))
    integrand = (sp.expand(zonal) if value.is_polynomial(T) else zonal) * (1 - T**2) ** sp.Rational(d - 3, 2)
    return weight * sp.Integral(integrand, (T, -1, 1))


def monomial_eigenvalue(power: int, n: int, d: int) -> Any:
    """lambda_n of t^power: 0 where n > power or the parities differ, else a ratio of factorials and Gamma functions.

    By Rodrigues's formula and n integrations by parts: Gamma(d/2) power!/(2^n (power - n)! Gamma(n + (d - 1)/2) sqrt(pi)) times
    the beta integral B((power - n + 1)/2, n + (d - 1)/2). A kernel sum a_m^2 t^m then has lambda_n = sum a_m^2 of these.

    >>> monomial_eigenvalue(1, 1, 3), monomial_eigenvalue(4, 2, 3), monomial_eigenvalue(3, 2, 3)
    (1/3, 4/35, 0)
    """
    _require(n, d)
    if power < n or (power - n) % 2:
        return sp.S.Zero
    half = n + sp.Rational(d - 1, 2)
    rest = sp.Rational(power - n + 1, 2)
    beta = sp.gamma(rest) * sp.gamma(half) / sp.gamma(rest + half)
    front = sp.gamma(sp.Rational(d, 2)) * sp.factorial(power) / (2**n * sp.factorial(power - n) * sp.gamma(half) * sp.sqrt(sp.pi))
    return sp.simplify(front * beta)


def _require(n: int, d: int) -> None:
    if n < 0 or d < 2:
        raise ValueError(f"a sphere S^(d-1) has d >= 2 and its harmonics a degree n >= 0, not d = {d}, n = {n}")
