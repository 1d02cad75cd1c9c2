"""Powers of the preactivation; the square unless another degree is told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _monomial(x: Any, degree: Any = sp.Integer(2)) -> Any:
    """x^degree.

    >>> _monomial(sp.Integer(-3)), _monomial(sp.Integer(-2), sp.Integer(3))
    (9, -8)
    """
    return x**degree


monomial = Activation("monomial", _monomial, growth=2, homogeneous=2, source="Livni, Shalev-Shwartz & Shamir (2014), section 2")
