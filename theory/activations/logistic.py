"""The logistic function."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _sigmoid(x: Any) -> Any:
    """1/(1 + exp(-x)).

    >>> _sigmoid(sp.Integer(0))
    1/2
    """
    return 1 / (1 + sp.exp(-x))


sigmoid = Activation("sigmoid", _sigmoid, growth=0, source="Cybenko (1989), Approximation by superpositions of a sigmoidal function")
