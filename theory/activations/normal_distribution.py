"""The distribution function of the standard normal law."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _normal_cdf(x: Any) -> Any:
    """Phi(x) = (1 + erf(x/sqrt(2)))/2.

    >>> _normal_cdf(sp.Integer(0))
    1/2
    """
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


normal_cdf = Activation("normal_cdf", _normal_cdf, growth=0, source="Williams (1997), Computing with infinite networks, section 3.1")
