"""The Gaussian error linear unit, exact form."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _gelu(x: Any) -> Any:
    """x Phi(x).

    >>> _gelu(sp.Integer(0))
    0
    """
    return x * (1 + sp.erf(x / sp.sqrt(2))) / 2


gelu = Activation("gelu", _gelu, growth=1, source="Hendrycks & Gimpel (2016), Gaussian error linear units")
