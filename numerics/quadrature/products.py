"""Integrands f(u) g(v) of two directions of a normal pair: which they are, and their mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.quadrature.directions import linear_forms
from lemmata.numerics.quadrature.holomorphic import constant, without_removable
from lemmata.numerics.quadrature.pairs import pair_mean, profile
from lemmata.numerics.quadrature.pieces import has_switch

ARGUMENT = sp.Symbol("z", real=True)
"""The one variable in which both functions are written, so that equal ones share a profile."""


@dataclass(frozen=True, slots=True)
class Product:
    """factor f(a x) g(b y) with standard normals x, y of correlation r; all numbers exact, f and g in ARGUMENT."""

    factor: Any
    f: Any
    g: Any
    a: Any
    b: Any
    r: Any


@dataclass
class _Direction:
    """A direction (its coefficients) and the factors that depend on it alone, in ARGUMENT."""

    vector: list[Any]
    factors: list[Any]


def product_of(expr: Any, x: Any, y: Any) -> Product | None:
    """The two functions of one direction each whose product the integrand is, None where it is no such product.

    >>> x, y = sp.symbols("x y", real=True)
    >>> found = product_of(3 * sp.tanh(2 * x) * sp.tanh(x + y + 1), x, y)
    >>> found.f, found.g, found.a, found.r
    (tanh(z), tanh(z + 1), 2, sqrt(2)/2)
    >>> product_of(sp.tanh(x * y), x, y) is None
    True
    """
    number, rest = expr.as_independent(x, y, as_Add=False)
    directions: list[_Direction] = []
    for part in sp.Mul.make_args(rest):
        if not _place(part, directions, x, y):
            return None
    if len(directions) != 2:
        return None
    first, second = directions
    a, b = (_tidy(sp.sqrt(sum(value**2 for value in one.vector))) for one in (first, second))
    along = sum(p * q for p, q in zip(first.vector, second.vector, strict=True))
    return Product(number, sp.Mul(*first.factors), sp.Mul(*second.factors), a, b, _tidy(along / (a * b)))


def _place(part: Any, directions: list[_Direction], x: Any, y: Any) -> bool:
    """Put a factor with the factors of its direction; False where it depends on two directions, or that cannot be told."""
    forms = linear_forms(part, [x, y])
    if not forms:
        return False
    vector = next(iter(forms.values()))[0]
    home = next((one for one in directions if _ratio(vector, one.vector) is not None), None)
    base = home.vector if home is not None else vector
    lines: dict[Any, Any] = {}
    for node, (own, offset) in forms.items():
        ratio = _ratio(own, base)
        if ratio is None:
            return False
        lines[node] = ratio * ARGUMENT + offset
    written = part.xreplace(lines)
    if written.free_symbols != {ARGUMENT}:
        return False
    if home is None:
        directions.append(_Direction(vector, [written]))
    else:
        home.factors.append(written)
    return True


def _ratio(own: list[Any], base: list[Any]) -> Any | None:
    """The exact factor between two coefficient vectors; None where they are not shown to be parallel."""
    if not _tidy(own[0] * base[1] - own[1] * base[0]).is_zero:
        return None
    index = 0 if not base[0].is_zero else 1
    return _tidy(own[index] / base[index])


def _tidy(value: Any) -> Any:
    return sp.radsimp(sp.expand(value))


@lru_cache(maxsize=256)
def symbolic_product(integrand: Any) -> Product | None:
    """The product that an integrand over two normals is for all values of its parameters; None where it is none.

    Taken apart once, a kernel costs at each point what its numbers cost.

    >>> from sympy.stats import Normal
    >>> c, q = sp.Symbol("c", real=True), sp.Symbol("q", positive=True)
    >>> s, t = Normal("s", 0, 1), Normal("t", 0, 1)
    >>> found = symbolic_product(sp.tanh(sp.sqrt(q) * s) * sp.tanh(sp.sqrt(q) * (c * s + sp.sqrt(1 - c**2) * t)))
    >>> found.f, found.a, found.r
    (tanh(z), sqrt(q), c)
    """
    if not isinstance(integrand, sp.Expr) or has_switch(integrand):
        return None
    try:
        model = standardise(without_removable(integrand), {})
    except Unsupported:
        return None
    assert isinstance(model, Model)
    if model.draws or len(model.sources) != 2 or not all(source.is_normal for source in model.sources):
        return None
    return product_of(model.expr, *(source.variable for source in model.sources))


def product_at(integrand: Any, at: Mapping[Any, Any]) -> Product | None:
    """`symbolic_product` with its numbers at a point; None where there is none, or a symbol is left."""
    general = symbolic_product(integrand)
    if general is None:
        return None
    product = Product(*(part.xreplace(dict(at)) for part in (general.factor, general.f, general.g, general.a, general.b, general.r)))
    numbers = (product.factor, product.a, product.b, product.r)
    if any(number.free_symbols for number in numbers) or not {ARGUMENT} == product.f.free_symbols == product.g.free_symbols:
        return None
    return product


def product_mean(product: Product, digits: int) -> arb:
    """E of the product as a ball; raises Unsupported for kinks, fast growth, and directions that cannot be told apart."""
    f, g = profile(product.f, ARGUMENT), profile(product.g, ARGUMENT)
    value = pair_mean(f, g, number(product.a), number(product.b), number(product.r), digits)
    return constant(product.factor) * value


def number(exact: Any) -> Callable[[], arb]:
    """An exact number as a function that encloses it at the working precision of the call; raises Unsupported for symbols."""
    if sp.sympify(exact).free_symbols:
        raise Unsupported(f"no value was given for {', '.join(sorted(map(str, exact.free_symbols)))}")
    return lambda: constant(exact)
