"""Minima as nodes of a statement: what is free in them, how they print, and what is said of bad input."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, Eq, Ge, Gt, Le, MatrixSymbol, Rational, Symbol, exp, symbols

from lemmata.theory import latex, minimum
from lemmata.theory.quantity import free_parameters, quantities

x, y, a = symbols("x y a", real=True)
SQUARE = [Ge(x, 0), Le(x, 1), Ge(y, 0), Le(y, 1)]


def test_variables_are_bound_and_parameters_are_free() -> None:
    node = minimum(a * x - x**2, x, [Ge(x, 0), Le(x, a)])
    assert free_parameters(node) == {a} and node.free_symbols == {a}
    inside = node.xreplace({x: Rational(7), a: Rational(3)})
    assert inside == minimum(3 * x - x**2, x, [Ge(x, 0), Le(x, 3)])
    assert quantities(1 + 2 * node) == (node,)


def test_it_prints_in_the_notation_of_the_field() -> None:
    node = minimum(x - x**2, (x, y), [Ge(x, 0), Le(x, 1), Eq(x + y, 1)])
    assert latex(node) == r"\min_{x, y} \{x - x^{2} : 0 \le x \le 1,\; x + y = 1\}"
    assert latex(minimum(x * y, (x, y), SQUARE)) == r"\min_{x, y} \{x y : 0 \le x, y \le 1\}"
    assert str(node) == "minimum(-x**2 + x, (x, y), [x >= 0, x <= 1, x + y == 1])"


def test_many_constraints_stand_in_rows() -> None:
    rows = [Ge(x + k * y, k) for k in range(2, 12)]
    printed = latex(minimum(x - x**2, (x, y), [*SQUARE, *rows]))
    assert printed.count(r"\\") >= 2 and r"\begin{array}{l}" in printed
    assert printed.count(r"\ge") == len(rows)


def test_a_constraint_that_sympy_has_decided_is_left_out() -> None:
    p = Symbol("p", positive=True)
    assert minimum(x, x, [Ge(p, 0), Ge(x, p), Le(x, 2)]) == minimum(x, x, [Ge(x, p), Le(x, 2)])


WRONG: list[tuple[Any, Any, Any, str]] = [
    (x**3, x, SQUARE[:2], "degree at most 2"),
    (exp(x), x, SQUARE[:2], "degree at most 2"),
    (Abs(x), x, SQUARE[:2], "degree at most 2"),
    (MatrixSymbol("M", 2, 2), x, SQUARE[:2], "degree at most 2"),
    (x, x, [Ge(x**2, 0.5)], "is affine"),
    (x, x, [Gt(x, 0), Le(x, 1)], "closed"),
    (x, x, [x - 1], "Le, Ge or Eq"),
    (x, x, [Ge(Rational(-1), 0)], "false whatever"),
    (x, Symbol("t"), [], "is a real symbol"),
    (x, Symbol("t", positive=True), [], "declared more than real"),
    (x, Symbol("t", integer=True), [], "declared more than real"),
    (x, (x, x), SQUARE, "each named once"),
    (x, (), SQUARE, "at least one variable"),
]


@pytest.mark.parametrize(("expr", "variables", "constraints", "said"), WRONG)
def test_bad_input_is_said_in_one_line(expr: Any, variables: Any, constraints: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        minimum(expr, variables, constraints)
    assert "\n" not in str(caught.value)
