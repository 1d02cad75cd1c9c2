"""A smooth ReLU."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _softplus(x: Any) -> Any:
    """log(1 + exp(x)).

    >>> _softplus(sp.Integer(0))
    log(2)
    """
    return sp.log(1 + sp.exp(x))


softplus = Activation(
    "softplus", _softplus, growth=1, source="Dugas et al. (2001), Incorporating second-order functional knowledge for better option pricing"
)
