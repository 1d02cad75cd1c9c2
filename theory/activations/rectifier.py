"""The rectified linear unit."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _relu(x: Any) -> Any:
    """Max(0, x).

    >>> _relu(sp.Integer(3))
    3
    """
    return sp.Max(0, x)


relu = Activation(
    "relu",
    _relu,
    growth=1,
    kinks=(sp.Integer(0),),
    homogeneous=1,
    smoothness=0,
    source="Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines",
)
