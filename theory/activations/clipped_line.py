"""The hard hyperbolic tangent: the identity, cut off at -1 and 1."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _hard_tanh(x: Any) -> Any:
    """Max(0, x + 1) - Max(0, x - 1) - 1, which is Max(-1, Min(1, x)) with no function inside another.

    >>> [_hard_tanh(sp.Rational(n, 2)) for n in (-3, -1, 3)]
    [-1, -1/2, 1]
    """
    return sp.Max(0, x + 1) - sp.Max(0, x - 1) - 1


hard_tanh = Activation(
    "hard_tanh",
    _hard_tanh,
    growth=0,
    kinks=(sp.Integer(-1), sp.Integer(1)),
    smoothness=0,
    source="Collobert (2004), Large scale machine learning, section 2.2",
)
