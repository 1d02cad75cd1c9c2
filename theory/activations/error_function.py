"""The error function, as in Williams's kernel."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _erf(x: Any) -> Any:
    """erf(x).

    >>> _erf(sp.Integer(0))
    0
    """
    return sp.erf(x)


erf_ = Activation("erf_", _erf, growth=0, source="Williams (1997), Computing with infinite networks")
