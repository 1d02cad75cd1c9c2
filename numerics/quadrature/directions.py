"""Functions of few directions of a normal vector, written in as many independent standard normals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pieces import linear

MOST_DIRECTIONS = 2


def linear_forms(expr: Any, variables: Sequence[Any]) -> dict[Any, tuple[list[Any], Any]]:
    """The maximal linear subexpressions in the variables, each with its coefficients and constant term.

    >>> x, y = sp.symbols("x y", real=True)
    >>> linear_forms(sp.tanh(x + 2 * y) * y, [x, y])
    {y: ([0, 1], 0), x + 2*y: ([1, 2], 0)}
    """
    found: dict[Any, tuple[list[Any], Any]] = {}
    wanted = set(variables)

    def visit(node: Any) -> None:
        if not (getattr(node, "free_symbols", set()) & wanted):
            return
        if isinstance(node, sp.Expr):
            line = linear(node, list(variables))
            if line is not None:
                found[node] = line
                return
        for arg in node.args:
            visit(arg)

    visit(expr)
    return found


def project(expr: Any, variables: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The expression in as many new standard normals as it has directions, by Gram and Schmidt in exact arithmetic.

    Where there are as many directions as variables, the expression is returned as it is, in its own variables.

    Raises Unsupported beyond two directions, and where it cannot be told whether two of them are the same.

    >>> x, y, z = sp.symbols("x y z", real=True)
    >>> expr, fresh = project(sp.tanh(x + 2 * y - 2 * z), [x, y, z])
    >>> expr.xreplace({fresh[0]: x})
    tanh(3*x)
    """
    forms = linear_forms(expr, variables)
    basis: list[list[Any]] = []
    fresh: list[Any] = []
    replaced: dict[Any, Any] = {}
    for node, (vector, offset) in forms.items():
        rest, combination = list(vector), sp.sympify(offset)
        for direction, variable in zip(basis, fresh, strict=True):
            along = _tidy(sum((a * b for a, b in zip(vector, direction, strict=True)), sp.Integer(0)))
            combination = combination + along * variable
            rest = [_tidy(a - along * b) for a, b in zip(rest, direction, strict=True)]
        square = _tidy(sum((value**2 for value in rest), sp.Integer(0)))
        if not _vanishes(square):
            if len(basis) == MOST_DIRECTIONS:
                raise Unsupported(f"the integrand depends on more than {MOST_DIRECTIONS} directions of the normal vector")
            length = sp.sqrt(square)
            basis.append([_tidy(value / length) for value in rest])
            fresh.append(sp.Dummy(f"t{len(fresh)}", real=True))
            combination = combination + length * fresh[-1]
        replaced[node] = combination
    return (expr.xreplace(replaced) if len(fresh) < len(variables) else expr), fresh


def rotations(expr: Any, x: Any, y: Any) -> Iterator[Any]:
    """The expression after rotations of (x, y), the first coordinate along each of its directions in turn."""
    for (a, b), _ in linear_forms(expr, [x, y]).values():
        if b.is_zero:
            continue
        length = sp.sqrt(_tidy(a**2 + b**2))
        lines = {
            node: sp.Add(*(_tidy(c) * t for c, t in zip(_turn(vector, a, b, length), (x, y), strict=True)), offset)
            for node, (vector, offset) in linear_forms(expr, [x, y]).items()
        }
        yield expr.xreplace(lines)


def _turn(vector: list[Any], a: Any, b: Any, length: Any) -> tuple[Any, Any]:
    """Coefficients along (a, b) / length and across it."""
    u, v = vector
    return (u * a + v * b) / length, (v * a - u * b) / length


def _tidy(value: Any) -> Any:
    """Expanded, even powers of sines written by cosines, so that cos^2 + sin^2 cancels, and no root in a denominator."""
    value = sp.expand(value)
    if value.has(sp.sin):
        value = sp.expand(value.replace(_is_power_of_sine, _by_cosine))
    return sp.radsimp(value) if any(power.exp.is_negative for power in value.atoms(sp.Pow)) else value


def _is_power_of_sine(node: Any) -> bool:
    return isinstance(node, sp.Pow) and isinstance(node.base, sp.sin) and bool(node.exp.is_Integer) and node.exp >= 2


def _by_cosine(power: Any) -> Any:
    """sin^(2k + r) = (1 - cos^2)^k sin^r."""
    pairs, left = divmod(int(power.exp), 2)
    return (1 - sp.cos(power.base.args[0]) ** 2) ** pairs * power.base**left


def _vanishes(square: Any) -> bool:
    if square.is_zero:
        return True
    if not constant(square).contains(0):
        return False
    if sp.simplify(square).is_zero:
        return True
    raise Unsupported("it cannot be told whether two directions are the same")
