"""The sigmoid linear unit, also called swish."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _silu(x: Any) -> Any:
    """x/(1 + exp(-x)).

    >>> _silu(sp.Integer(0))
    0
    """
    return x / (1 + sp.exp(-x))


silu = Activation("silu", _silu, growth=1, source="Elfwing, Uchibe & Doya (2018), Sigmoid-weighted linear units")
