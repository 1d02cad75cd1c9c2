"""Products entry by entry in normal form: linear in each factor, opened where they are nested, without factors of ones."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction


def entrywise_product(factors: Iterable[Any]) -> Any:
    r"""The product entry by entry of matrix expressions of one shape, in a fixed order.

    $$(A \circ B) \circ C = A \circ B \circ C, \qquad f(Z) \circ g(Z) = \mathbf{1} \text{ where } f g = 1, \qquad A \circ \mathbf{1} = A$$

    Two functions are taken for inverse to each other only where neither holds a division: their product is then 1 everywhere.

    >>> A, B, C = (sp.MatrixSymbol(name, 2, 2) for name in "ABC")
    >>> entrywise_product([sp.HadamardProduct(C, B), A])
    HadamardProduct(A, B, C)
    """
    factors = list(factors)
    shape = factors[0].shape
    flat = _without_inverses([part for factor in factors for part in _opened(factor)])
    rest = sorted((part for part in flat if not isinstance(part, sp.OneMatrix)), key=sp.default_sort_key)
    if not rest:
        return sp.OneMatrix(*shape)
    return rest[0] if len(rest) == 1 else sp.HadamardProduct(*rest)


def _opened(factor: Any) -> list[Any]:
    return [part for arg in factor.args for part in _opened(arg)] if isinstance(factor, sp.HadamardProduct) else [factor]


def _without_inverses(factors: list[Any]) -> list[Any]:
    """The factors without pairs f(Z), g(Z) with f g = 1."""
    for first, second in combinations(range(len(factors)), 2):
        if _inverse(factors[first], factors[second]):
            return _without_inverses([factor for place, factor in enumerate(factors) if place not in (first, second)]) or [
                sp.OneMatrix(*factors[first].shape)
            ]
    return factors


def _inverse(first: Any, second: Any) -> bool:
    if not (isinstance(first, ElementwiseApplyFunction) and isinstance(second, ElementwiseApplyFunction) and first.expr == second.expr):
        return False
    u = sp.Dummy("u", real=True)
    one, other = first.function(u), second.function(u)
    if any(_divides(side) for side in (one, other)):
        return False
    return bool(sp.cancel(sp.together((one * other - 1).rewrite(sp.exp))) == 0)


def _divides(expr: Any) -> bool:
    """Whether an expression divides by something that is no number, or is not a polynomial of entire functions and tanh."""
    known = (sp.exp, sp.tanh, sp.cosh, sp.sinh, sp.erf, sp.cos, sp.sin)
    powers = any(not power.base.is_number and not (power.exp.is_Integer and power.exp > 0) for power in expr.atoms(sp.Pow))
    return powers or any(not isinstance(function, known) for function in expr.atoms(sp.Function))
