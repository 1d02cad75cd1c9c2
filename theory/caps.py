r"""Caps and cones: how likely a random direction in R^r is near a given one, or near its hyperplane.

The angle between a uniform direction and a fixed one has the density sin(z)^(r-2), up to its integral over (0, pi).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.admitted import real

_Z = sp.Symbol("z", positive=True)


def cap(angle: Any, rank: Any) -> Any:
    r"""The chance that a uniform direction in R^r is within `angle` of a given one.

    $$\int_0^\theta \sin^{r-2} z\,dz \Big/ \int_0^\pi \sin^{r-2} z\,dz$$

    Holds for r >= 2 and 0 < angle <= pi. Raises ValueError for rank 1, where there are two directions.

    >>> cap(sp.Symbol("theta", positive=True), 2)
    Integral(1, (z, 0, theta))/Integral(1, (z, 0, pi))
    """
    near, whole = cap_integrals(angle, rank)
    return near / whole


def cap_integrals(angle: Any, rank: Any) -> tuple[Any, Any]:
    """The two integrals of which a cap's chance is the ratio: over the angles up to `angle`, and over all.

    >>> cap_integrals(sp.pi / 2, 3)
    (Integral(sin(z), (z, 0, pi/2)), Integral(sin(z), (z, 0, pi)))
    """
    density = sp.sin(_Z) ** (_checked(rank) - 2)
    turned = real("the angle of a cap", angle)
    if turned.is_number and not 0 < turned <= sp.pi:
        raise ValueError(f"the angle of a cap is above 0 and at most pi, not {angle}")
    return sp.Integral(density, (_Z, 0, turned)), sp.Integral(density, (_Z, 0, sp.pi))


def cap_at_least(begun: Any, angle: Any, rank: Any) -> Any:
    r"""The derivation of a cap's chance, made longer: $\int_0^\theta \ge \sin^{r-1}\theta/(r-1)$, and the whole integral at most $\pi$.

    Safran & Shamir (2016), theorem 3: since cos <= 1 the first integral is at least that of sin^(r-2) cos, and sin <= 1. Holds for
    r >= 2 and angles up to pi/2, and is discharged there.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.domain import Domain
    >>> theta, r = sp.Symbol("theta", positive=True), sp.Symbol("r", integer=True, positive=True)
    >>> where = Domain((theta, r), (theta <= sp.pi / 2, sp.Ge(r, 2)))
    >>> cap_at_least(Derivation(cap(theta, r) / 2, where), theta, r).end
    sin(theta)**(r - 1)/(2*pi*(r - 1))
    """
    from lemmata.theory.rules.bound_integral import bound_integral
    from lemmata.theory.rules.bound_part import bound_part
    from lemmata.theory.rules.inequality import at_least

    near, whole = cap_integrals(angle, rank)
    primitive = sp.sin(_Z) ** (rank - 1) / (rank - 1)
    smaller = begun.by(bound_integral, near, lambda f, z: f.by(at_least, f.start * sp.cos(z)), primitive)
    return smaller.by(bound_integral, whole, lambda f, z: f.by(bound_part, sp.sin(z), sp.S.One), _Z)


def cap_bound(angle: Any, rank: Any) -> Any:
    r"""A lower bound of half that chance, $\sin^{r-1}\theta / (2\pi(r - 1))$, for angles up to pi/2 and r >= 2.

    Since cos <= 1 the integral of sin^(r-2) is at least that of sin^(r-2) cos, which is sin^(r-1)/(r - 1); the whole one is at most
    pi. Source: Safran & Shamir (2016), theorem 3. Raises ValueError for rank 1, where it divides by 0.

    >>> cap_bound(sp.pi / 2, 3)
    1/(4*pi)
    """
    r = _checked(rank)
    return sp.sin(angle) ** (r - 1) / (2 * sp.pi * (r - 1))


def cone_split(sine: Any, dimension: Any) -> Any:
    r"""The chance that the hyperplane orthogonal to a uniform direction in R^d meets a cone, given the sine of its half-angle.

    $$\int_{\pi/2 - \arcsin s}^{\pi/2} \sin^{d-2} z\,dz \Big/ \int_0^{\pi/2} \sin^{d-2} z\,dz$$

    The direction must be within that half-angle of the hyperplane orthogonal to the cone's axis. Raises ValueError for dimension 1.

    >>> cone_split(sp.Rational(1, 2), 2)
    Integral(1, (z, pi/3, pi/2))/Integral(1, (z, 0, pi/2))
    """
    density, sine = sp.sin(_Z) ** (_checked(dimension) - 2), real("the sine of a cone's half-angle", sine)
    if sine.is_number and not 0 <= sine <= 1:
        raise ValueError(f"the sine of a cone's half-angle lies in [0, 1], and {sine} does not")
    return sp.Integral(density, (_Z, sp.pi / 2 - sp.asin(sine), sp.pi / 2)) / sp.Integral(density, (_Z, 0, sp.pi / 2))


def _checked(rank: Any) -> Any:
    r = sp.sympify(rank)
    if r.is_integer is not True or (r.is_Integer and r < 2):
        raise ValueError(f"directions have a density on a sphere of rank 2 or more, not of rank {rank}: on a line there are two")
    return r
