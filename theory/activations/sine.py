"""The sine, as in periodic representations and random Fourier features."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _sin(x: Any) -> Any:
    """sin(x).

    >>> _sin(sp.pi / 2)
    1
    """
    return sp.sin(x)


sin_ = Activation(
    "sin_", _sin, growth=0, source="Sitzmann et al. (2020), Implicit neural representations with periodic activation functions"
)
