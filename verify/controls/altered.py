"""The altered copies of a stated side: the slips that papers, and people who copy them, really make.

A slip is made at one place at a time: this constant, that sign, this factor. What has to be measured is not stated, and is
never altered inside. The order is fixed, so that a run can be repeated; kinds take turns, so that the cap cuts none off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations, pairwise, zip_longest
from operator import add, attrgetter, mul, neg
from typing import Any

import sympy as sp
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats.rv import RandomSymbol

from lemmata.theory.quantity import RandomQuantity, is_quantity

NUDGE = sp.Rational(1, 128)
"""The relative change of the smallest control."""

MOST = 64
"""Controls that one side is put to, at most."""

LONGEST = 120
"""Characters of a copy that are printed."""

SWAPS: tuple[tuple[Any, Any], ...] = (
    (sp.sin, sp.cos),
    (sp.asin, sp.acos),
    (sp.sinh, sp.cosh),
    (sp.tan, sp.tanh),
    (sp.exp, sp.cosh),
    (sp.exp, sp.sinh),
    (sp.tanh, sp.erf),
    (sp.erf, sp.erfc),
    (sp.atan, sp.asin),
    (sp.Max, sp.Min),
)
"""Functions that are taken for one another, each way."""

WALKED = (sp.MatAdd, sp.MatMul, sp.Transpose, sp.Inverse, HadamardProduct)
"""Matrix expressions that are altered inside; the arguments of any other kind are sizes and indices."""


@lru_cache(maxsize=1024)
def _written(altered: Any) -> str:
    """A copy as text, once: products of matrices are slow to print."""
    return str(altered)


@dataclass(frozen=True, slots=True)
class Control:
    """An altered copy of a stated side and what was done to it; `entry` is a matrix entry that is moved when it is evaluated."""

    what: str
    altered: Any
    entry: tuple[int, int] | None = None

    def __str__(self) -> str:
        copy = _written(self.altered)
        return self.what if self.entry else f"{self.what}: {copy if len(copy) <= LONGEST else copy[:LONGEST] + '...'}"


@dataclass(frozen=True, slots=True)
class _Place:
    """One node of a side and the way to it; `within` is the node that holds it (None for the side itself)."""

    path: tuple[int, ...]
    node: Any
    within: Any


Slip = tuple[str, Callable[[], Any]]
"""A slip by name, and the copy it makes; the copy is None where there is no such expression."""


def alterations(side: Any, most: int = MOST) -> list[Control]:
    """The altered copies of one stated side, distinct from it and from one another, at most so many.

    >>> from sympy import Symbol, cos
    >>> [control.what for control in alterations(2 * cos(Symbol("x", real=True)))][:3]
    ['scaled by 1 + 1/128', 'scaled by 1 - 1/128', 'negated']
    """
    return counted_alterations(side, most)[0]


def counted_alterations(side: Any, most: int = MOST, inside: bool = False) -> tuple[list[Control], int]:
    """The altered copies, and how many slips were left untried for the cap; with `inside` the whole is not scaled.

    What vanishes by the statement still does so when it is scaled: there only its parts are altered.

    >>> controls, left_out = counted_alterations(sp.Symbol("x", positive=True) ** 2 - 4, most=6, inside=True)
    >>> [str(control) for control in controls][:3], left_out > 0
    (['-4 scaled by 1 + 1/128: x**2 - 129/32', 'the sign of -4: x**2 + 4', 'the term -4 dropped: x**2'], True)
    """
    matrix = bool(getattr(side, "is_Matrix", False) or isinstance(side, MatrixExpr))
    found: dict[Any, Control] = {}
    slips = [*([] if inside else _whole(side, matrix)), *_in_turn(side)]
    for index, (what, make) in enumerate(slips):
        if len(found) == most:
            return list(found.values()), len(slips) - index
        altered = make()
        if altered is not None and altered != side and _is_a_value(altered) and _fits(altered, side):
            found.setdefault(altered, Control(what, altered))
    controls = list(found.values())
    if matrix:
        controls.append(Control("its first entry moved by 1/128", side, (0, 0)))
    return controls, 0


def _is_a_value(altered: Any) -> bool:
    return not altered.has(sp.nan, sp.zoo, sp.oo, -sp.oo)


def _fits(altered: Any, side: Any) -> bool:
    """Whether the factors and terms of matrix expressions fit, as SymPy checks of sizes that are numbers only."""
    if not altered.has(MatrixExpr):
        return True
    if getattr(altered, "shape", ()) != getattr(side, "shape", ()):
        return False
    for node in sp.preorder_traversal(altered):
        shapes = [arg.shape for arg in node.args if isinstance(arg, MatrixExpr | sp.MatrixBase)]
        if isinstance(node, sp.MatMul) and any(left[1] != right[0] for left, right in pairwise(shapes)):
            return False
        if isinstance(node, (sp.MatAdd, HadamardProduct)) and len(set(shapes)) > 1:
            return False
        if isinstance(node, (sp.Trace, sp.Determinant, sp.MatPow)) and shapes[0][0] != shapes[0][1]:
            return False
    return True


def _whole(side: Any, matrix: bool) -> Iterator[Slip]:
    """The slips to the side as a whole."""
    yield "scaled by 1 + 1/128", lambda: (1 + NUDGE) * side
    yield "scaled by 1 - 1/128", lambda: (1 - NUDGE) * side
    yield "negated", lambda: -side
    yield "doubled", lambda: 2 * side
    if not matrix:
        yield "moved by 1/128", lambda: side + NUDGE
        yield "squared", lambda: side**2


def _in_turn(side: Any) -> Iterator[Slip]:
    """The slips inside: one of each kind at a time, until every kind is spent."""
    places = list(_places(side))
    kinds = [list(kind(side, places)) for kind in KINDS]
    for turn in zip_longest(*kinds):
        yield from (slip for slip in turn if slip is not None)


def _places(side: Any, path: tuple[int, ...] = (), within: Any = None) -> Iterator[_Place]:
    """The nodes of a side, outside what is opaque, in reading order."""
    if _opaque(side):
        return
    yield _Place(path, side, within)
    if isinstance(side, sp.MatrixSymbol):
        return
    for index, arg in enumerate(side.args):
        if isinstance(side, WALKED) and not isinstance(arg, MatrixExpr | sp.Expr | sp.MatrixBase):
            continue
        if isinstance(side, (sp.Inverse, sp.Heaviside)) and index:  # the power -1, the value at the jump
            continue
        yield from _places(arg, (*path, index), side)


def _opaque(node: Any) -> bool:
    """What is not altered inside: quantities (they are measured, not stated), the shapes and laws of symbols, other matrices."""
    if is_quantity(node) or isinstance(node, (sp.Lambda, sp.Indexed, sp.IndexedBase, RandomSymbol, RandomQuantity)):
        return True
    return isinstance(node, (MatrixExpr, sp.MatrixBase)) and not isinstance(node, (*WALKED, sp.MatrixSymbol))


def _with(side: Any, path: tuple[int, ...], other: Any) -> Any:
    """The side with the node at the end of a path replaced; None where SymPy refuses the copy: no such expression exists."""
    if not path:
        return other
    first, *rest = path
    args = list(side.args)
    args[first] = _with(args[first], tuple(rest), other)
    if args[first] is None:
        return None
    try:
        copy = side.func(*args)
    except (AttributeError, TypeError, ValueError):  # factors that do not fit, a size that is no integer
        return None
    return copy.doit(deep=False) if isinstance(copy, (sp.MatMul, sp.MatAdd)) else copy


def _at(side: Any, place: _Place, make: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    """The copy with `make(node, *given)` at the place."""

    def copy() -> Any:
        try:
            other = make(place.node, *given)
        except (AttributeError, TypeError, ValueError):  # as above: a power of a matrix that is not square, say
            return None
        return _with(side, place.path, other)

    return copy


def _applied(node: Any, function: Any) -> Any:
    return function(*node.args)


def _raised(node: Any, step: int) -> Any:
    return node.base ** (node.exp + step)


def _product(_: Any, factors: tuple[Any, ...]) -> Any:
    return sp.MatMul(*factors)


def _scaled_constants(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """Each number, pi and E, and each power that is a number, 1/128 larger and smaller."""
    for place in places:
        if not isinstance(place.node, (sp.Rational, sp.NumberSymbol)) or place.node == 0:
            continue
        for factor, text in ((1 + NUDGE, "1 + 1/128"), (1 - NUDGE, "1 - 1/128")):
            yield f"{place.node} scaled by {text}", _at(side, place, mul, factor)


def _signs(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """The sign of each term, and of what each function and power is applied to."""
    for place in places:
        within = place.within
        if isinstance(within, (sp.Add, sp.MatAdd)):
            yield f"the sign of {place.node}", _at(side, place, neg)
        elif isinstance(within, (sp.Function, sp.Max, sp.Min)) and not isinstance(within, sp.Piecewise):
            yield f"the sign of {place.node} in {within.func.__name__}", _at(side, place, neg)
        elif isinstance(within, sp.Pow) and not (place.path[-1] == 0 and within.exp.is_even):
            yield f"the sign of {place.node} in a power", _at(side, place, neg)


def _swapped_functions(side: Any, places: list[_Place]) -> Iterator[Slip]:
    for pair in SWAPS:
        for one, two in (pair, pair[::-1]):
            for place in places:
                if isinstance(place.node, one):
                    yield f"{two.__name__} for {one.__name__}", _at(side, place, _applied, two)


def _dropped(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """Each term of each sum, each factor of each product."""
    for place in places:
        kind = "term" if isinstance(place.node, (sp.Add, sp.MatAdd)) else "factor"
        if not isinstance(place.node, (sp.Add, sp.MatAdd, sp.Mul, sp.MatMul, HadamardProduct)):
            continue
        for index, arg in enumerate(place.node.args):
            rest = place.node.args[:index] + place.node.args[index + 1 :]
            yield f"the {kind} {arg} dropped", _at(side, place, _joined, rest)


def _joined(node: Any, rest: tuple[Any, ...]) -> Any:
    """What is left of a sum or product; None where a product of matrices has become a number."""
    left = node.func(*rest)
    return None if isinstance(node, MatrixExpr) and not isinstance(left, MatrixExpr) else left


def _exponents(side: Any, places: list[_Place]) -> Iterator[Slip]:
    for place in places:
        if isinstance(place.node, sp.Pow) and not isinstance(place.node, MatrixExpr):
            for step, text in ((1, "one more"), (-1, "one less")):
                what = f"the exponent of {place.node} {text}"
                yield what, _at(side, place, _raised, step)


def _swapped_symbols(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """Two symbols of one kind: of equal assumptions, or matrices of equal shape."""
    symbols = sorted({place.node for place in places if isinstance(place.node, (sp.Symbol, sp.MatrixSymbol))}, key=str)
    for first, second in combinations(symbols, 2):
        if _kind(first) == _kind(second):
            yield f"{first} and {second} swapped", partial(_renamed, side, {first: second, second: first})


def _kind(symbol: Any) -> Any:
    return symbol.shape if isinstance(symbol, sp.MatrixSymbol) else tuple(sorted(symbol.assumptions0.items()))


def _renamed(side: Any, names: dict[Any, Any]) -> Any:
    """The side under other names outside what is opaque."""
    if side in names:
        return names[side]
    if _opaque(side) or not side.args or isinstance(side, sp.MatrixSymbol):
        return side
    return side.func(*(_renamed(arg, names) for arg in side.args))


def _indices(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """An integer symbol off by one, a positive one squared: the variance taken for the standard deviation."""
    for place in places:
        node = place.node
        if not isinstance(node, sp.Symbol) or isinstance(place.within, MatrixExpr):
            continue
        if node.is_integer:
            yield f"{node} + 1 for {node}", _at(side, place, add, 1)
            yield f"{node} - 1 for {node}", _at(side, place, add, -1)
        elif node.is_positive:
            yield f"{node}**2 for {node}", _at(side, place, pow, 2)


def _matrix_factors(side: Any, places: list[_Place]) -> Iterator[Slip]:
    """A factor transposed, two neighbours swapped: where the shapes allow it."""
    for place in places:
        if isinstance(place.node, (sp.MatrixSymbol, sp.Transpose, sp.Inverse)) and not isinstance(place.within, sp.Transpose):
            yield f"{place.node} transposed", _at(side, place, attrgetter("T"))
        if isinstance(place.node, sp.MatMul):
            for index in range(len(place.node.args) - 1):
                left, right = place.node.args[index : index + 2]
                if isinstance(left, MatrixExpr) and isinstance(right, MatrixExpr):
                    args = (*place.node.args[:index], right, left, *place.node.args[index + 2 :])
                    yield f"{left} and {right} swapped", _at(side, place, _product, args)


KINDS = (_scaled_constants, _signs, _swapped_functions, _dropped, _exponents, _swapped_symbols, _matrix_factors, _indices)
"""The kinds of slip, in the order in which they take turns."""
