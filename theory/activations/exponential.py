"""The exponential."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _exp(x: Any) -> Any:
    """exp(x).

    >>> _exp(sp.Integer(0))
    1
    """
    return sp.exp(x)


exp_ = Activation("exp_", _exp, growth=None, source="Mairal et al. (2014), Convolutional kernel networks, section 2")
