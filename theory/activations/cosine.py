"""The cosine, as in random Fourier features."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _cos(x: Any) -> Any:
    """cos(x).

    >>> _cos(sp.Integer(0))
    1
    """
    return sp.cos(x)


cos_ = Activation("cos_", _cos, growth=0, source="Rahimi & Recht (2007), Random features for large-scale kernel machines, section 3")
