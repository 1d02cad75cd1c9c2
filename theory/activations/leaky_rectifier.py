"""The leaky rectified linear unit: slope a on the left, 1/100 unless told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _leaky_relu(x: Any, slope: Any = sp.Rational(1, 100)) -> Any:
    """Max(0, x) + slope Min(0, x), for any slope.

    >>> _leaky_relu(sp.Integer(-3)), _leaky_relu(sp.Integer(-3), sp.Rational(1, 2)), _leaky_relu(sp.Integer(3))
    (-3/100, -3/2, 3)
    """
    return sp.Max(0, x) + slope * sp.Min(0, x)


leaky_relu = Activation(
    "leaky_relu",
    _leaky_relu,
    growth=1,
    kinks=(sp.Integer(0),),
    homogeneous=1,
    smoothness=0,
    source="Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models",
)
