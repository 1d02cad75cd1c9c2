"""Products in textbook order: which factor stands where, which roots are written under one root sign."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.stats.rv import RandomSymbol, is_random

from lemmata.theory.quantity import RandomQuantity, quantities


def is_unevaluated(expr: Any) -> bool:
    """A product whose factors must be shown as they stand."""
    return expr.args[0] is sp.S.One or any(isinstance(arg, sp.Number) for arg in expr.args[1:])


def merge_roots(factors: list[Any]) -> list[Any]:
    """Square roots of nonnegative factors under one root, where the first of them stood."""
    bases = [factor.base for factor in factors if _is_root(factor)]
    if len(bases) < 2:
        return factors
    merged = sp.Pow(sp.Mul(*bases, evaluate=False), sp.Rational(1, 2), evaluate=False)
    first = next(index for index, factor in enumerate(factors) if _is_root(factor))
    return [merged if index == first else factor for index, factor in enumerate(factors) if index == first or not _is_root(factor)]


def _is_root(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.exp == sp.Rational(1, 2) and factor.base.is_nonnegative)


def roots_below(product: Any) -> Any:
    """sqrt(2)/2 as 1/sqrt(2), which SymPy would turn back."""
    for root in product.args:
        if root.is_Pow and root.exp == sp.Rational(1, 2) and root.base.is_Integer:
            coefficient = product.as_coeff_Mul()[0]
            if coefficient.is_Rational and coefficient.q % root.base == 0:
                below = sp.Pow(sp.Pow(root.base, sp.Rational(1, 2)), -1, evaluate=False)
                others = [factor for factor in product.args if factor not in (root, coefficient)]
                above = [] if coefficient * root.base == 1 else [coefficient * root.base]
                return sp.Mul(*above, *others, below, evaluate=False)
    return product


def rank(factor: Any) -> int:
    """Where a factor stands in a printed product: numbers, scales such as sigma_w, letters, random symbols, sums, quantities."""
    if factor.is_number:
        return 0
    letter = factor.as_base_exp()[0]
    if isinstance(letter, sp.Symbol) and letter.name.startswith("sigma_"):
        return 1
    if quantities(factor):
        return 5
    if isinstance(factor, (RandomSymbol, RandomQuantity)):
        return 3
    return 4 if factor.is_Add and is_random(factor) else 3 if is_random(factor) else 2
