"""The Heaviside step, 1/2 at 0: the derivative of the ReLU."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _step(x: Any) -> Any:
    """Heaviside(x).

    >>> _step(sp.Integer(-2))
    0
    """
    return sp.Heaviside(x)


step = Activation(
    "step",
    _step,
    growth=0,
    jumps=(sp.Integer(0),),
    homogeneous=0,
    smoothness=-1,
    source="McCulloch & Pitts (1943), A logical calculus of the ideas immanent in nervous activity",
)
