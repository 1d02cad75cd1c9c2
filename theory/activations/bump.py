"""The Gaussian bump."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _gaussian(x: Any) -> Any:
    """exp(-x^2).

    >>> _gaussian(sp.Integer(1))
    exp(-1)
    """
    return sp.exp(-(x**2))


gaussian = Activation("gaussian", _gaussian, growth=0, source="Broomhead & Lowe (1988), Radial basis functions")
