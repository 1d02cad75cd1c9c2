"""The hyperbolic tangent."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _tanh(x: Any) -> Any:
    """tanh(x).

    >>> _tanh(sp.Integer(0))
    0
    """
    return sp.tanh(x)


tanh = Activation("tanh", _tanh, growth=0, source="LeCun et al. (1998), Efficient BackProp, section 4.4")
