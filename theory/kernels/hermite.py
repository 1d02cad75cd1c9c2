"""Hermite coefficients: f(sqrt(q) s) = sum of a_n h_n(s), so that E[f(u) f(v)] = sum of a_n^2 c^n at equal variances q."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.activations import hermite
from lemmata.theory.derivation import Derivation
from lemmata.theory.domain import Domain
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.kernels.admissible import X, admissible
from lemmata.theory.kernels.duals import Q, derivable, to_closed_form


def hermite_quantity(f: Any, n: int) -> Any:
    """a_n = E[f(sqrt(q) s) He_n(s)/sqrt(n!)], unevaluated."""
    s = standard_normal()
    return Expectation(admissible(f).xreplace({X: sp.sqrt(Q) * s}) * hermite(s, n))


def hermite_coefficient(f: Any, n: int) -> Derivation | None:
    """The derivation of a_n to a closed form in q, or None; raises ValueError for a negative n.

    Source: Daniely, Frostig & Singer (2016), section 4.2: the dual of f at q = 1 is the sum of a_n^2 c^n.

    >>> [hermite_coefficient(sp.exp, n).end for n in range(2)]
    [exp(q/2), sqrt(q)*exp(q/2)]
    """
    quantity = hermite_quantity(f, n)
    return to_closed_form(quantity, Domain((Q,))) if derivable(admissible(f)) else None
