"""The sign, 0 at 0."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _sign(x: Any) -> Any:
    """sign(x).

    >>> _sign(sp.Integer(-2))
    -1
    """
    return sp.sign(x)


sign_ = Activation(
    "sign_", _sign, growth=0, jumps=(sp.Integer(0),), homogeneous=0, smoothness=-1, source="Rosenblatt (1958), The perceptron"
)
