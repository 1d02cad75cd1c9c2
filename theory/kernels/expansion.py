r"""The kernel near c = 1 and c = -1, from the activation's derivatives: powers of 1 - |c|, and the first singular one.

At equal variances q the k-th derivative of K(c) = E[f(u) g(v)] in c is q^k E[f^(k)(u) g^(k)(v)] (Price's theorem k times). With
t = 1 - c it gives K(1 - t) = sum over k < m of (-t)^k q^k/k! E[f^(k) g^(k)](sqrt(q) s) + ..., m being the order of the first
derivatives with jumps. There f^(m) = sum of J_i delta(x - a_i) + a function, and equal places leave

    d^m K/dc^m ~ A t^(-1/2),    A = q^(m - 1) sum over a of J_f(a) J_g(a) exp(-a^2/(2 q)) / (2 sqrt(2) pi),

the joint density at (a, a) being exp(-a^2/(q (1 + c)))/(2 pi q sqrt(1 - c^2)). Integrated m times, this is the singular term
(-1)^m A Gamma(1/2)/Gamma(m + 1/2) t^(m - 1/2). At c = -1 the same holds with g(x) = f(-x).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.domain import Domain
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.kernels.admissible import X, admissible
from lemmata.theory.kernels.derivative import jumps
from lemmata.theory.kernels.duals import Q, derivable, to_closed_form

ROUGHEST = 6
"""Derivatives of a higher order than this are taken to exist."""


@dataclass(frozen=True)
class PowerTerm:
    """coefficient * t^power, t = 1 - |c|; the coefficient is closed, or a quantity in q."""

    coefficient: Any
    power: Any

    @property
    def is_closed(self) -> bool:
        """Whether the coefficient holds no expectation."""
        return not self.coefficient.has(Expectation)


def expand_kernel(f: Any, end: int = 1, terms: int = 3) -> list[PowerTerm]:
    """K(end (1 - t)) in powers of t at equal variances q, up to the first singular power and at most `terms` regular ones.

    Terms that vanish are left out. Raises ValueError for an end that is not 1 or -1, ActivationError for no activation.

    >>> from lemmata.theory.activations import relu
    >>> [(term.coefficient, term.power) for term in expand_kernel(relu)]
    [(q/2, 0), (-q/2, 1), (sqrt(2)*q/(3*pi), 3/2)]
    """
    if end not in (1, -1):
        raise ValueError(f"the kernel is expanded at c = 1 or c = -1, not at {end}")
    first = admissible(f)
    second = first if end == 1 else first.xreplace({X: -X})
    order = _first_jump(first)
    found = []
    for k in range(terms if order is None else min(order, terms)):
        coefficient = (-Q) ** k / sp.factorial(k) * _mean(sp.diff(first, X, k), sp.diff(second, X, k))
        found.append(PowerTerm(_tidy(coefficient), sp.Integer(k)))
    if order is not None and order <= terms:
        found.append(PowerTerm(_singular(first, second, order), order - sp.Rational(1, 2)))
    return [term for term in found if term.coefficient != 0]


def _first_jump(f: Any) -> int | None:
    """The order of the first derivative that holds delta functions: one more than that of the first which jumps."""
    smooth = f
    for order in range(1, ROUGHEST + 1):
        derivative = sp.diff(smooth, X)
        if any(mass != 0 for mass in jumps(smooth).values()):
            return order
        smooth = derivative.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return None


def _singular(first: Any, second: Any, order: int) -> Any:
    """The coefficient of t^(order - 1/2)."""
    smooth = [_without_deltas(part, order - 1) for part in (first, second)]
    ours, theirs = (jumps(part) for part in smooth)
    common = sum((height * theirs.get(place, 0) * sp.exp(-(place**2) / (2 * Q)) for place, height in ours.items()), sp.S.Zero)
    amplitude = Q ** (order - 1) * common / (2 * sp.sqrt(2) * sp.pi)
    return _tidy((-1) ** order * amplitude * sp.gamma(sp.Rational(1, 2)) / sp.gamma(order + sp.Rational(1, 2)))


def _without_deltas(f: Any, count: int) -> Any:
    """The derivative of order `count`; below the first jump it has no delta functions of weight other than 0."""
    return sp.diff(f, X, count).replace(sp.DiracDelta, lambda *_: sp.S.Zero)


def _mean(f: Any, g: Any) -> Any:
    """E[f(z) g(z)] for z ~ N(0, q): the closed form where it is derived, else the quantity."""
    product = (f * g).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    if not product.has(X):
        return product
    quantity = Expectation(product.xreplace({X: sp.sqrt(Q) * standard_normal()}))
    derivation = to_closed_form(quantity, Domain((Q,))) if derivable(product) else None
    return quantity if derivation is None else derivation.end


def _tidy(value: Any) -> Any:
    return sp.factor_terms(sp.expand(value))
