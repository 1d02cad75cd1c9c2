"""Hypotheses of a claim: their normal form, and their exact truth at a point (True, False, or None where it is undecided)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.theory.exact.order import compare, sign
from lemmata.theory.quantity import is_quantity

Point = Mapping[Any, Any]

_AS_RELATION = {
    "positive": sp.Gt,
    "negative": sp.Lt,
    "nonnegative": sp.Ge,
    "nonpositive": sp.Le,
    "nonzero": sp.Ne,
    "zero": sp.Eq,
    "extended_positive": sp.Gt,
    "extended_negative": sp.Lt,
}
_BINARY = {"eq": sp.Eq, "ne": sp.Ne, "gt": sp.Gt, "ge": sp.Ge, "lt": sp.Lt, "le": sp.Le}
_HOLDS_ANYWAY = {"real", "complex", "finite", "commutative", "hermitian", "extended_real", "real_elements", "complex_elements"}
_IN_SET = {"integer": sp.S.Integers, "rational": sp.S.Rationals}
_SCALAR = {"even", "odd", "prime", "composite", "irrational", "algebraic"}
_MATRIX = {
    "symmetric",
    "positive_definite",
    "orthogonal",
    "unitary",
    "invertible",
    "singular",
    "fullrank",
    "diagonal",
    "upper_triangular",
    "lower_triangular",
    "triangular",
    "unit_triangular",
    "square",
    "integer_elements",
}
SAME = {"unitary": "orthogonal"}
"""Over the reals these predicates say the same."""


def predicate_name(hypothesis: Any) -> str:
    """The name of an applied predicate: `Q.positive(x)` is 'positive'."""
    name = str(hypothesis.function.name)
    return SAME.get(name, name)


def normal(given: Iterable[Any]) -> tuple[Any, ...]:
    """Hypotheses as a flat tuple: conjunctions and bounds of moduli split, scalar predicates as relations, what always holds dropped.

    >>> from sympy import And, Q, Symbol
    >>> x = Symbol("x", real=True)
    >>> normal([And(x > 0, x < 1), Q.nonnegative(x - 2), True])
    (x > 0, x < 1, x - 2 >= 0)
    >>> normal([abs(x) <= 2])
    (x <= 2, x >= -2)
    """
    return tuple(dict.fromkeys(part for hypothesis in given for part in _parts(hypothesis)))


def _parts(hypothesis: Any) -> Iterator[Any]:
    if hypothesis is True or isinstance(hypothesis, BooleanTrue):
        return
    if hypothesis is False:
        yield sp.false
    elif isinstance(hypothesis, And):
        for arg in hypothesis.args:
            yield from _parts(arg)
    elif isinstance(hypothesis, AppliedPredicate):
        yield from _predicate_parts(hypothesis)
    elif (bounded := _bounded_modulus(hypothesis)) is not None:
        for half in bounded:
            yield from _parts(half)
    else:
        yield hypothesis


def _bounded_modulus(hypothesis: Any) -> tuple[Any, Any] | None:
    """|u| <= b as u <= b and u >= -b (< likewise), for u that is real by its symbols; None for any other hypothesis."""
    if not isinstance(hypothesis, Relational) or hypothesis.rel_op not in ("<", "<=", ">", ">="):
        return None
    rising = hypothesis.rel_op in ("<", "<=")
    small, large = (hypothesis.lhs, hypothesis.rhs) if rising else (hypothesis.rhs, hypothesis.lhs)
    if not isinstance(small, sp.Abs) or small.args[0].is_extended_real is not True:
        return None
    (u,) = small.args
    less, more = (sp.Lt, sp.Gt) if hypothesis.rel_op in ("<", ">") else (sp.Le, sp.Ge)
    return less(u, large), more(u, -large)


def _predicate_parts(hypothesis: Any) -> Iterator[Any]:
    name, arguments = predicate_name(hypothesis), hypothesis.arguments
    if name in _HOLDS_ANYWAY:
        return
    if name in _BINARY:
        yield from _parts(_BINARY[name](*arguments))
    elif name in _AS_RELATION and not getattr(arguments[0], "is_Matrix", False):
        yield from _parts(_AS_RELATION[name](arguments[0], 0))
    elif name in _IN_SET:
        yield from _parts(sp.Contains(arguments[0], _IN_SET[name]))
    else:
        yield hypothesis


def not_understood(hypothesis: Any) -> str | None:
    """Why a hypothesis (in normal form) cannot be decided at any point, naming it; None when it can."""
    if isinstance(hypothesis, AppliedPredicate):
        name = predicate_name(hypothesis)
        if name not in (_MATRIX if getattr(hypothesis.arguments[0], "is_Matrix", False) else _SCALAR):
            return f"the hypothesis {hypothesis} is not understood: no rule decides Q.{name}"
    elif not isinstance(hypothesis, Relational | sp.Contains | And | Or | Not | BooleanFalse):
        return f"the hypothesis {hypothesis} is not understood: use relations, Contains or Q predicates"
    if any(is_quantity(node) and not isinstance(node, sp.Sum | sp.Product) for node in sp.preorder_traversal(hypothesis)):
        return f"the hypothesis {hypothesis} holds a quantity that would have to be measured: state it with symbols"
    return None


def value_of(expr: Any, point: Point, but: Any = None) -> Any:
    """An expression at a point: matrices multiplied out, finite sums added, data of a DataMatrix put in.

    None where symbols (other than `but`) stay open.
    """
    data = {symbol: exact_data(symbol) for symbol in expr.atoms(sp.MatrixSymbol) if hasattr(symbol, "exact")}
    value = expr.xreplace({**data, **point})
    if value.has(sp.MatrixBase, sp.matrices.expressions.MatrixExpr, sp.Trace, sp.Determinant, sp.Sum, sp.Product):
        value = value.doit()
    if isinstance(value, sp.MatrixBase) and not value.free_symbols:
        return value
    if value.free_symbols - {but}:
        return None
    return value.as_explicit() if getattr(value, "is_Matrix", False) else value


def exact_data(symbol: Any) -> Any:
    """The exact matrix attached to a DataMatrix."""
    data = symbol.exact
    return sp.ImmutableMatrix(data() if callable(data) else data)


def truth(hypothesis: Any, point: Point) -> bool | None:
    """Whether a hypothesis holds at a point, decided exactly; None where no exact decision is known.

    >>> from sympy import Rational, Symbol, sqrt
    >>> x = Symbol("x", real=True)
    >>> truth(x**2 < 2, {x: Rational(99, 70)}), truth(x**2 <= 2, {x: sqrt(2)})
    (False, True)
    """
    if isinstance(hypothesis, BooleanTrue | BooleanFalse):
        return bool(hypothesis)
    if isinstance(hypothesis, Not):
        inner = truth(hypothesis.args[0], point)
        return None if inner is None else not inner
    if isinstance(hypothesis, And | Or):
        parts = [truth(arg, point) for arg in hypothesis.args]
        decisive = isinstance(hypothesis, Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(hypothesis, Relational):
        left, right = value_of(hypothesis.lhs, point), value_of(hypothesis.rhs, point)
        return None if left is None or right is None else _relation(hypothesis, left, right)
    if isinstance(hypothesis, sp.Contains):
        member = value_of(hypothesis.args[0], point)
        return None if member is None else contains(hypothesis.args[1].xreplace(dict(point)), member)
    if isinstance(hypothesis, AppliedPredicate):
        argument = value_of(hypothesis.arguments[0], point)
        return None if argument is None else predicate(predicate_name(hypothesis), argument)
    return None


def _relation(relation: Any, left: Any, right: Any) -> bool | None:
    if isinstance(left, sp.MatrixBase) or isinstance(right, sp.MatrixBase):
        return _equal_matrices(relation, left, right)
    order = compare(left, right)
    if order is None:
        return None
    match relation.rel_op:
        case "==":
            return order == 0
        case "!=":
            return order != 0
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case ">=":
            return order >= 0
    return None


def _equal_matrices(relation: Any, left: Any, right: Any) -> bool | None:
    if not (isinstance(left, sp.MatrixBase) and isinstance(right, sp.MatrixBase) and relation.rel_op in ("==", "!=")):
        return None
    equal = left.shape == right.shape and zero_matrix(left - right)
    return None if equal is None else equal == (relation.rel_op == "==")


def zero_matrix(matrix: Any) -> bool | None:
    """Whether every entry is proved to be zero (False: some entry is proved not to be)."""
    signs = [sign(entry) for entry in matrix]
    if any(s not in (0, None) for s in signs):
        return False
    return None if None in signs else True


def contains(region: Any, member: Any) -> bool | None:
    """Exact membership of a closed real number in a SymPy set; None for sets or numbers that cannot be decided."""
    if isinstance(region, sp.Interval):
        low, high = compare(member, region.start), compare(member, region.end)
        if low is None or high is None:
            return None
        return (low > 0 or (low == 0 and not region.left_open)) and (high < 0 or (high == 0 and not region.right_open))
    if isinstance(region, sp.FiniteSet):
        orders = [compare(member, element) for element in region]
        return True if 0 in orders else None if None in orders else False
    if isinstance(region, sp.Union | sp.Intersection):
        parts = [contains(part, member) for part in region.args]
        decisive = isinstance(region, sp.Union)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(region, sp.Complement):
        inside, outside = contains(region.args[0], member), contains(region.args[1], member)
        return None if inside is None or outside is None else inside and not outside
    if region in (sp.S.Reals, sp.S.Rationals):
        return True if region is sp.S.Reals else member.is_rational
    if region is sp.S.EmptySet:
        return False
    if region in (sp.S.Integers, sp.S.Naturals, sp.S.Naturals0) or isinstance(region, sp.Range):
        if member.is_integer is not True:
            return member.is_integer
        return bool(region.contains(member)) if member.is_Integer else None
    return None


def predicate(name: str, value: Any) -> bool | None:
    """Exact truth of a predicate on a closed number or an explicit matrix."""
    if not isinstance(value, sp.MatrixBase):
        answer = getattr(value, f"is_{name}", None)
        return bool(answer) if answer is not None else None
    rows, columns = value.shape
    if name == "square":
        return rows == columns
    if name == "integer_elements":
        return all(entry.is_Integer for entry in value)
    if name == "fullrank":
        return value.rank() == min(rows, columns)
    if name == "diagonal":
        return all(value[i, j] == 0 for i in range(rows) for j in range(columns) if i != j)
    if name == "upper_triangular" or name == "lower_triangular":
        return bool(value.is_upper if name == "upper_triangular" else value.is_lower)
    if name in ("triangular", "unit_triangular"):
        triangular = bool(value.is_upper or value.is_lower)
        return triangular and (name == "triangular" or all(value[i, i] == 1 for i in range(min(rows, columns))))
    return rows == columns and _square_predicate(name, value)


def _square_predicate(name: str, value: Any) -> bool | None:
    if name == "symmetric":
        return zero_matrix(value - value.T)
    if name == "orthogonal":
        return zero_matrix(value.T * value - sp.eye(value.rows))
    if name in ("invertible", "singular"):
        determinant = sign(value.det())
        return None if determinant is None else (determinant != 0) == (name == "invertible")
    if name == "positive_definite":
        minors: list[int | None] = _signs_of_pivots(value) or [sign(value[:k, :k].det()) for k in range(1, value.rows + 1)]
        symmetric = zero_matrix(value - value.T)
        return False if symmetric is False or any(s in (0, -1) for s in minors) else None if None in (*minors, symmetric) else True
    return None


def _signs_of_pivots(value: Any) -> list[int | None]:
    """Signs of the pivots of a rational matrix up to the first that is not positive; [] for other matrices."""
    if not all(entry.is_Rational for entry in value):
        return []
    rows = [[Fraction(int(entry.p), int(entry.q)) for entry in value.row(i)] for i in range(value.rows)]
    signs: list[int | None] = []
    for k, row in enumerate(rows):
        signs.append((row[k] > 0) - (row[k] < 0))
        if row[k] <= 0:
            break
        for below in rows[k + 1 :]:
            factor = below[k] / row[k]
            below[k:] = [a - factor * b for a, b in zip(below[k:], row[k:], strict=True)]
    return signs
