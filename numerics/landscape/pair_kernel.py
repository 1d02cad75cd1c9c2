r"""The kernel of two ReLU neurons, E[relu(w.x) relu(v.x)] for x ~ N(0, I), and what its derivatives need, as functions of the angle.

$$f(w, v) = |w| |v| \kappa(c), \qquad c = \cos\theta = \frac{w \cdot v}{|w| |v|}$$

With w^ = w/|w|, u = (v^ - c w^)/s, t = (w^ - c v^)/s and s = sin(theta),

    df/dw      = |v| (kappa - c kappa') w^ + kappa' v
    d^2f/dw^2  = |v|/|w| [ (kappa - c kappa') (1 - w^ w^T) + (s^2 kappa'') u u^T ]
    d^2f/dw dv = kappa' 1 + (kappa - c kappa') w^ v^T + (s^2 kappa'') u t^T

Written so, nothing is divided by s but unit vectors whose factor vanishes with s: at parallel and antiparallel vectors the limits
hold. The functions kappa, kappa - c kappa', kappa' and s^2 kappa'' are those that the rules derive for the ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose_at_precision
from lemmata.theory.activations import relu
from lemmata.theory.kernels.duals import Q1, Q2, C, dual

THETA = sp.Symbol("theta", real=True)


@dataclass(frozen=True)
class PairKernel:
    """Expressions in the angle `THETA`, 0 <= theta <= pi.

    value  kappa
    along  kappa - c kappa', the factor of w^ in the gradient
    other  kappa', the factor of v in the gradient
    bend   s^2 kappa'', the factor of the unit normals in the second derivatives
    """

    value: Any
    along: Any
    other: Any
    bend: Any


@cache
def pair_kernel() -> PairKernel:
    """The kernel from the derivation of the ReLU's dual and of the dual of its derivative.

    Raises ArithmeticError where the derived forms do not have the shape that the fast programs rest on.

    >>> pair_kernel().along, pair_kernel().other == sp.Rational(1, 2) - THETA / (2 * sp.pi)
    (sin(theta)/(2*pi), True)
    """
    found = dual(relu)
    kappa, slope = found.closed, found.slope.closed
    if kappa is None or slope is None:
        raise ArithmeticError("the rules no longer derive the dual of the ReLU in closed form")
    kappa = kappa.xreplace({Q1: 1, Q2: 1})
    curved = sp.expand((1 - C**2) * slope.diff(C) / sp.sqrt(1 - C**2)) * sp.sqrt(1 - C**2)
    parts = (kappa, kappa - C * slope, slope, sp.together(curved))
    return PairKernel(*(_in_angle(part) for part in parts))


def _in_angle(part: Any) -> Any:
    """c = cos(theta) on [0, pi]: asin(c) = pi/2 - theta, sqrt(1 - c^2) = sin(theta)."""
    root = sp.sqrt(1 - C**2)
    found = sp.expand(part).xreplace({sp.asin(C): sp.pi / 2 - THETA, root: sp.sin(THETA), 1 / root: 1 / sp.sin(THETA)})
    return sp.expand(sp.powsimp(sp.expand(found.xreplace({C: sp.cos(THETA)}))))


@cache
def coefficients() -> tuple[Any, Any, Any, Any]:
    """(p, q, r, m), exact, with kappa - c kappa' = p sin(theta), kappa' = q + r theta, s^2 kappa'' = m sin(theta).

    Then kappa itself is p sin(theta) + (q + r theta) cos(theta).

    >>> coefficients()
    (1/(2*pi), 1/2, -1/(2*pi), 1/(2*pi))
    """
    kernel, sine = pair_kernel(), sp.sin(THETA)
    along, bend = (sp.cancel(part / sine) for part in (kernel.along, kernel.bend))
    slope = sp.Poly(kernel.other, THETA)
    rebuilt = kernel.along + sp.cos(THETA) * kernel.other - kernel.value
    if not (along.is_number and bend.is_number and slope.degree() == 1 and sp.expand(rebuilt) == 0):
        raise ArithmeticError(f"the derived kernel of the ReLU has another shape than the compiled one: {kernel}")
    rise, start = slope.all_coeffs()
    return along, start, rise, bend


@cache
def in_doubles() -> tuple[float, float, float, float]:
    """The same four constants, rounded to doubles.

    >>> in_doubles()[1]
    0.5
    """
    p, q, r, m = (float(constant) for constant in coefficients())
    return p, q, r, m


@cache
def in_balls(bits: int) -> tuple[Any, ...]:
    """The same four constants as balls at a working precision.

    >>> in_balls(53)[1]
    0.500000000000000
    """
    return tuple(enclose_at_precision(constant, {}, bits) for constant in coefficients())
