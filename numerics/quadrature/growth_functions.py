"""Functions that are bounded on a strip about the real line, by a function of its half-width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import arb


def _tanh(height: arb) -> arb | None:
    """max(1, tan h): |tanh|^2 = (sinh^2 x + sin^2 h) / (sinh^2 x + cos^2 h)."""
    return height.tan().max(arb(1)) if height < arb.pi() / 2 else None


def _erf(height: arb) -> arb:
    """|erf(x + i y) - erf(x)| <= 2/sqrt(pi) |y| exp(y^2)."""
    return 1 + 2 * height * (height * height).exp() / arb.pi().sqrt()


def _atan(height: arb) -> arb | None:
    """|Re| <= pi / 2 and |Im| <= atanh |y|."""
    return arb.pi() / 2 + height.atanh() if height < 1 else None


BOUNDED: dict[Any, Callable[[arb], arb | None]] = {
    sp.sin: lambda height: height.cosh(),
    sp.cos: lambda height: height.cosh(),
    sp.tanh: _tanh,
    sp.erf: _erf,
    sp.erfc: lambda height: 1 + _erf(height),
    sp.atan: _atan,
}
"""Bounds of |f| for |Im z| <= height; None where there is none."""
