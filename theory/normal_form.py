"""Normal forms of closed expressions: rational functions under roots, and sums ordered by their functions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp


@lru_cache(maxsize=4096)
def tidy(expr: Any) -> Any:
    """A normal form of rational functions: factored, but for factors of unknown sign, which stay multiplied out.

    So sqrt(tidy(v)) is sqrt(1 - c^2), not the root of a product of two factors, one of them negative.

    >>> c, q = sp.Symbol("c", real=True), sp.Symbol("q", positive=True)
    >>> tidy(q**2 + q - q * (1 + q) * c**2)
    q*(1 - c**2)*(q + 1)
    """
    expr = sp.sympify(expr)
    if expr.is_Atom:
        return expr
    roots = {node.base for node in expr.atoms(sp.Pow) if node.base.is_Symbol and node.exp.is_Rational and node.exp.q == 2}
    plain = {symbol: sp.Dummy(symbol.name, positive=True) for symbol in roots if symbol.is_nonnegative}
    rational = sp.powdenest(expr.xreplace({symbol: name**2 for symbol, name in plain.items()}))
    back = {name: sp.sqrt(symbol) for symbol, name in plain.items()}
    kept, above, below = sp.S.One, sp.S.One, sp.S.One
    for factor in sp.Mul.make_args(sp.factor(rational)):
        base, power = factor.as_base_exp()
        if not isinstance(base, sp.Add) or base.is_positive or not power.is_Integer:
            kept *= factor
        elif power > 0:
            above *= factor
        else:
            below /= factor
    if kept.could_extract_minus_sign() and (above != 1 or below != 1):
        kept, above, below = -kept, *((-above, below) if above != 1 else (above, -below))
    above, below = sp.expand(above), sp.expand(below)
    if isinstance(below, sp.Add) and _leads_negative(below):
        above, below = sp.expand(-above), sp.expand(-below)
    return (kept * above / below).xreplace(back)


def root(expr: Any) -> Any:
    """The square root of a rational function in its normal form, numbers taken out of each factor.

    >>> root((sp.Symbol("q", positive=True) + 1) / 4)
    sqrt(q + 1)/2
    """
    value = sp.S.One
    for part, power in zip(sp.fraction(tidy(expr)), (1, -1), strict=True):
        number, rest = part.as_content_primitive()
        value *= (sp.sqrt(number) * sp.sqrt(rest)) ** power
    return value


def _leads_negative(poly: Any) -> bool:
    """Whether the term of lowest degree of a polynomial has a negative coefficient."""
    terms = sorted(sp.Add.make_args(poly), key=lambda term: (len(term.free_symbols), sp.count_ops(term), str(term)))
    return bool(terms[0].could_extract_minus_sign())


def collected(expr: Any) -> Any:
    """A sum ordered by its transcendental factors, each with one factored coefficient, what all share in front.

    >>> c = sp.Symbol("c", real=True)
    >>> collected((c + 1) * sp.asin(c) + c**2 * sp.asin(c) + (c + 1) ** 2 / 2 - c - sp.Rational(1, 2))
    c**2/2 + (c**2 + c + 1)*asin(c)
    """
    groups, values = _grouped(expr)
    return sp.factor_terms(sp.Add(*(tidy(value) * key for key, value in groups.items())), sign=False).xreplace(values)


def vanishes_by_terms(expr: Any) -> bool:
    """Whether the coefficients of all products of functions, exponentials and square roots of sums vanish as rational functions.

    >>> q = sp.Symbol("q", positive=True)
    >>> first, second = sp.exp(q / 2) * sp.exp(-q / (q + 1)), sp.exp(q * (q - 1) / (2 * q + 2))
    >>> vanishes_by_terms(first / sp.sqrt(q + 1) - second * sp.sqrt(q + 1) / (q + 1))
    True
    """
    groups, values = _grouped(expr)
    reduced: dict[Any, Any] = {}
    for key, value in groups.items():
        kept = sp.S.One
        for factor in sp.Mul.make_args(key):
            name, power = factor.as_base_exp()
            base, exponent = values.get(name, name).as_base_exp()
            if name in values and _is_root_of_sum(values[name]) and exponent.q == 2 and power.is_Integer:
                odd = int(exponent.p * power) % 2
                value = value * base ** ((exponent * power) - sp.Rational(odd, 2))
                kept *= sp.sqrt(base) if odd else sp.S.One
            else:
                kept *= values.get(name, name) ** power
        reduced[kept] = reduced.get(kept, sp.S.Zero) + value
    return all(sp.cancel(sp.together(value)) == 0 for value in reduced.values())


def _grouped(expr: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Product of names -> rational coefficient, and name -> function; exponentials of one term are one exponential."""
    names: dict[Any, Any] = {}
    flat = _opaque(expr, names)
    values = {name: node for node, name in names.items()}
    groups: dict[Any, Any] = {}
    exponentials: dict[Any, Any] = {sp.S.Zero: sp.S.One}
    for term in sp.Add.make_args(sp.expand(flat)):
        key, rest, exponent = sp.S.One, sp.S.One, sp.S.Zero
        roots: dict[Any, Any] = {}
        for factor in sp.Mul.make_args(term):
            name, power = factor.as_base_exp()
            node = values.get(name)
            if node is None or _is_reciprocal(node):
                rest *= factor
            elif isinstance(node, sp.exp):
                exponent += power * node.args[0]
            elif _is_root_of_sum(node):
                base, inner = node.as_base_exp()
                roots[base] = roots.get(base, sp.S.Zero) + power * inner
            else:
                key *= factor
        for base, power in roots.items():
            if power.is_Integer:
                rest *= base**power
            else:
                key *= names.setdefault(base**power, sp.Dummy("r"))
        if exponent != 0:
            exponent = tidy(exponent)
            known = next((other for other in exponentials if other == exponent or tidy(other - exponent) == 0), None)
            if known is None:
                exponentials[exponent] = sp.Dummy("e")
            key *= exponentials[exponent if known is None else known]
        groups[key] = groups.get(key, sp.S.Zero) + rest.xreplace(values)
    values = {name: node for node, name in names.items()}
    return groups, values | {name: sp.exp(exponent) for exponent, name in exponentials.items() if exponent != 0}


def _opaque(expr: Any, names: dict[Any, Any]) -> Any:
    """`expr` with functions, integrals, and roots and reciprocals of sums replaced by symbols, so that expanding it is cheap."""
    if expr.is_Atom:
        return expr
    if isinstance(expr, sp.Function | sp.Integral | sp.exp) or _is_root_of_sum(expr) or _is_reciprocal(expr):
        return names.setdefault(expr, sp.Dummy(f"n{len(names)}"))
    return expr.func(*(_opaque(arg, names) for arg in expr.args))


def _is_reciprocal(node: Any) -> bool:
    base, power = node.as_base_exp()
    return bool(isinstance(base, sp.Add) and power.is_Integer and power < 0)


def _is_root_of_sum(factor: Any) -> bool:
    base, power = factor.as_base_exp()
    return isinstance(base, sp.Add) and not power.is_Integer
