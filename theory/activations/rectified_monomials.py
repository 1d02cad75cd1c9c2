"""Powers of the ReLU, as in the arc-cosine kernels; the square unless another degree is told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _rectified_monomial(x: Any, degree: Any = sp.Integer(2)) -> Any:
    """Max(0, x)^degree.

    >>> _rectified_monomial(sp.Integer(-3)), _rectified_monomial(sp.Integer(2), sp.Integer(3))
    (0, 8)
    """
    return sp.Max(0, x) ** degree


rectified_monomial = Activation(
    "rectified_monomial",
    _rectified_monomial,
    growth=2,
    kinks=(sp.Integer(0),),
    homogeneous=2,
    smoothness=1,
    source="Cho & Saul (2009), Kernel methods for deep learning, eq. (1)",
)
