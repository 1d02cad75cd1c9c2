r"""Losses whose strict saddle swallows an open set of starts in one step of gradient descent: one for each step above 1/M.

Along y the loss is psi, along x it is M x^2/2. Where psi'(y) = y/alpha a step of descent, y - alpha psi'(y), is 0. The second
derivative is -M at the saddle and 1/alpha < M outside [-1, 1]; in between it must make up a mean of 1/alpha over [0, 1],
which is possible without exceeding M exactly because 1/alpha < M: for alpha <= 1/M there is no such loss. The step is
given as s = alpha M, between 1 and 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations import relu
from lemmata.theory.admitted import positive, real


def kinked_trap(y: Any, constant: Any, s: Any) -> Any:
    r"""psi with a piecewise linear derivative: slope -M up to r = (s - 1)/(2 s), then M up to 1, then M/s = 1/alpha.

    $$\psi(y) = M\left[ -\tfrac12 y^2 + (|y| - r)_+^2 - \tfrac{s - 1}{2 s}\,(|y| - 1)_+^2 \right]$$

    For M > 0 and 1 < s < 2. The derivative is M-Lipschitz; the second derivative is not continuous. Raises ValueError for other numbers.

    >>> y = sp.Symbol("y", real=True)
    >>> psi = kinked_trap(y, 1, sp.Rational(3, 2))
    >>> [sp.diff(psi, y).subs(y, at) for at in (0, sp.Rational(1, 6), sp.Rational(1, 3), 1, 3)]
    [0, -1/6, 0, 2/3, 2]
    """
    constant, s = _checked(constant, s)
    return constant * (-(y**2) / 2 + _beyond(y, kinked_knots(s)[0], 2) - (s - 1) / (2 * s) * _beyond(y, 1, 2))


def smooth_trap(y: Any, constant: Any, s: Any) -> Any:
    r"""psi with a continuous second derivative: -M at 0, linear up to M at a = (s - 1)/(s + 1), linear down to M/s at 1, constant beyond.

    $$\psi(y) = M\left[ -\tfrac12 y^2 + \tfrac{1}{3a} |y|^3 - \tfrac{1}{6}\Big(\tfrac{2}{a} + c\Big)(|y| - a)_+^3
    + \tfrac c6 (|y| - 1)_+^3 \right], \qquad c = \frac{s^2 - 1}{2 s}$$

    For M > 0 and 1 < s < 2; the second derivative is Lipschitz. Raises ValueError for other numbers.

    >>> y = sp.Symbol("y", real=True)
    >>> psi = smooth_trap(y, 1, sp.Rational(3, 2))
    >>> [sp.diff(psi, y).subs(y, at) for at in (0, 1, 3)], [sp.diff(psi, y, 2).subs(y, at) for at in (sp.Rational(1, 5), 2)]
    ([0, 2/3, 2], [1, 2/3])
    """
    constant, s = _checked(constant, s)
    knot, bend = smooth_knots(s)[1], (s**2 - 1) / (2 * s)
    cubes = _beyond(y, 0, 3) / (3 * knot) - (2 / knot + bend) * _beyond(y, knot, 3) / 6 + bend * _beyond(y, 1, 3) / 6
    return constant * (-(y**2) / 2 + cubes)


def kinked_knots(s: Any) -> tuple[Any, ...]:
    """Where the second derivative of `kinked_trap` jumps, on y > 0.

    >>> kinked_knots(sp.Rational(3, 2))
    (1/6, 1)
    """
    return (s - 1) / (2 * s), sp.S.One


def smooth_knots(s: Any) -> tuple[Any, ...]:
    """Where the third derivative of `smooth_trap` jumps, on y >= 0.

    >>> smooth_knots(sp.Rational(3, 2))
    (0, 1/5, 1)
    """
    return sp.S.Zero, (s - 1) / (s + 1), sp.S.One


def _checked(constant: Any, s: Any) -> tuple[Any, Any]:
    """M and s as expressions; raises ValueError for numbers that they cannot be."""
    constant, s = positive("the Lipschitz constant M of a trap", constant), real("the parameter s of a trap", s)
    if s.is_number and not 1 < s < 2:
        raise ValueError(f"the parameter s of a trap lies between 1 and 2, so that its step is between 1/M and 2/M, not {s}")
    return constant, s


def _beyond(y: Any, knot: Any, power: int) -> Any:
    """The power of what |y| exceeds the knot by."""
    return relu(y - knot) ** power + relu(-y - knot) ** power
