"""Polynomials, coefficients from the constant upwards; x + x^2 unless others are told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation

DEFAULT = (sp.Integer(0), sp.Integer(1), sp.Integer(1))
"""The coefficients of x + x^2."""


def _polynomial(x: Any, *coefficients: Any) -> Any:
    """The sum of coefficients[k] x^k.

    >>> _polynomial(sp.Integer(2)), _polynomial(sp.Integer(2), sp.Integer(1), sp.Integer(0), sp.Integer(3))
    (6, 13)
    """
    return sum((a * x**k for k, a in enumerate(coefficients or DEFAULT)), sp.Integer(0))


polynomial = Activation("polynomial", _polynomial, growth=2, source="Livni, Shalev-Shwartz & Shamir (2014), section 2")
