"""The exponential linear unit: the identity on the right, alpha (exp(x) - 1) on the left; alpha is 1 unless told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _elu(x: Any, alpha: Any = sp.Integer(1)) -> Any:
    """Max(0, x) + alpha (exp(Min(0, x)) - 1).

    >>> _elu(sp.Integer(2)), _elu(sp.Integer(-1))
    (2, -1 + exp(-1))
    """
    return sp.Max(0, x) + alpha * (sp.exp(sp.Min(0, x)) - 1)


elu = Activation(
    "elu",
    _elu,
    growth=1,
    kinks=(sp.Integer(0),),
    smoothness=1,
    source="Clevert, Unterthiner & Hochreiter (2016), Fast and accurate deep network learning by exponential linear units, eq. (16)",
)
