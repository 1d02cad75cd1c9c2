"""The absolute value."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _abs(x: Any) -> Any:
    """|x|.

    >>> _abs(sp.Integer(-2))
    2
    """
    return sp.Abs(x)


abs_ = Activation(
    "abs_",
    _abs,
    growth=1,
    kinks=(sp.Integer(0),),
    homogeneous=1,
    smoothness=0,
    source="Bruna & Mallat (2013), Invariant scattering convolution networks, section 2",
)
