"""The identity: linear networks."""

from __future__ import annotations

from typing import Any

from lemmata.theory.activations.registry import Activation


def _identity(x: Any) -> Any:
    """x.

    >>> _identity(7)
    7
    """
    return x


identity = Activation(
    "identity",
    _identity,
    growth=1,
    homogeneous=1,
    source="Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning",
)
