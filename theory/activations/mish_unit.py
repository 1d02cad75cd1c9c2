"""Mish, a smooth non-monotone unit."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _mish(x: Any) -> Any:
    """x tanh(log(1 + exp(x))).

    >>> _mish(sp.Integer(0))
    0
    """
    return x * sp.tanh(sp.log(1 + sp.exp(x)))


mish = Activation("mish", _mish, growth=1, source="Misra (2020), Mish: a self regularized non-monotonic activation function, eq. (1)")
