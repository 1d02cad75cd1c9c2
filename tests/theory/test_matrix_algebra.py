"""Normal forms of matrix polynomials: what they identify, and what they keep apart."""

from __future__ import annotations

import random

import pytest
import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.matrices.algebra import canonical, equal_matrices, vanishes_exactly

m, n, p = sp.symbols("m n p", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", n, p)
C = sp.MatrixSymbol("C", p, m)
S, T = sp.MatrixSymbol("S", n, n), sp.MatrixSymbol("T", n, n)
x, y = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1)
t = sp.Symbol("t", real=True)

EQUAL = [
    ((A * B).T, B.T * A.T),
    ((S + T) ** 2, S**2 + S * T + T * S + T**2),
    (sp.Trace(A * B * C), sp.Trace(C * A * B)),
    (sp.Trace(A * B * C), sp.Trace(C.T * B.T * A.T)),
    (sp.Trace(A * A.T) * sp.Trace(S), sp.Trace(S.T) * sp.Trace(A.T * A)),
    (sp.Inverse(S) * S * x, x),
    (sp.Inverse(S * T) * S, sp.Inverse(T) * sp.Inverse(S) * S),
    (sp.Trace(sp.Identity(n)), n),
    (x * x.T * S * x * y.T, sp.Trace(x.T * S * x) * x * y.T),
    (sp.Trace(x * y.T * S * x * y.T), sp.Trace(y.T * S * x) * sp.Trace(y.T * x)),
    (sp.Determinant(2 * S * T), 2**n * sp.Determinant(S) * sp.Determinant(T)),
    (S.T[0, 1], S[1, 0]),
    (sp.cos(t) ** 2 * S + sp.sin(t) ** 2 * S, S),
    (sp.exp(sp.Trace(A * A.T)), sp.exp(sp.Trace(A.T * A))),
    (A * sp.ZeroMatrix(n, n) * B, sp.ZeroMatrix(m, p)),
    (sp.Matrix([[1, 2], [3, 4]]) * sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[2, 1], [4, 3]])),
]

DIFFERENT = [
    (S * T, T * S),
    (S, S.T),
    (sp.Trace(S * T), sp.Trace(S) * sp.Trace(T)),
    (sp.Trace(S * T), sp.Trace(S * T.T)),
    (A * S * B, A * T * B),
    (2 * S, S),
    (sp.Trace(x.T * S * y), sp.Trace(y.T * S * x)),
]


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=str)
def test_equal_forms_have_one_normal_form(left: sp.Basic, right: sp.Basic) -> None:
    assert equal_matrices(left, right) is True
    assert equal_matrices(right, left) is True


@pytest.mark.parametrize(("left", "right"), DIFFERENT, ids=str)
def test_different_forms_differ_at_an_exact_point(left: sp.Basic, right: sp.Basic) -> None:
    assert equal_matrices(left, right) is None
    domain = Domain(tuple(left.free_symbols | right.free_symbols))
    assert equal_matrices(left, right, domain) is False


def test_hypotheses_rewrite_letters() -> None:
    symmetric, orthogonal = [sp.Q.symmetric(S)], [sp.Q.orthogonal(S)]
    assert canonical(S.T - S, symmetric) == sp.ZeroMatrix(n, n)
    assert canonical(sp.Trace(x.T * S * y) - sp.Trace(y.T * S * x), symmetric) == 0
    assert canonical(S * S.T * x, orthogonal) == x
    assert canonical(sp.Inverse(S) - S.T, orthogonal) == sp.ZeroMatrix(n, n)
    assert canonical(A * S * B, [sp.Eq(S, sp.ZeroMatrix(n, n))]) == sp.ZeroMatrix(m, p)
    assert canonical(S.T - S) != sp.ZeroMatrix(n, n)


def test_the_normal_form_has_the_value_of_the_expression() -> None:
    expr = (S + 2 * T).T * (S * T - T) ** 2 * x * y.T * S
    domain = Domain((S, T, x, y))
    for point in domain.points(3, random.Random(5)):
        sizes = {n: point[n]}
        values = {symbol.xreplace(sizes): point[symbol] for symbol in (S, T, x, y)}
        written = [side.xreplace(sizes).xreplace(values).doit() for side in (expr, canonical(expr))]
        assert written[0] == written[1]


def test_a_sum_that_is_a_factor_may_stay_together() -> None:
    D = S * T - T
    assert canonical(A * D * B, expand=False) == A * (-T + S * T) * B
    assert canonical(sp.Trace(D.T * D), expand=False) == sp.Trace(sp.MatMul(D, sp.Transpose(D)))
    assert equal_matrices(canonical(A * D * B, expand=False), A * D * B) is True


def test_different_shapes_are_not_equal() -> None:
    assert equal_matrices(A, B) is False


def test_the_zero_test_knows_matrices() -> None:
    assert equal(S * T, (T.T * S.T).T) is True
    assert equal((1 - t) ** 2 * S + t**2 * S, (2 * t**2 - 2 * t + 1) * S) is True
    assert equal(S * T, T * S, Domain((S, T))) is False


def test_trigonometry_vanishes_and_does_not() -> None:
    s = sp.Symbol("s", real=True)
    assert vanishes_exactly(sp.cos(s) * sp.cos(t) - sp.sin(s) * sp.sin(t) - sp.cos(s + t))
    assert not vanishes_exactly(sp.cos(s) * sp.cos(t) + sp.sin(s) * sp.sin(t) - sp.cos(s + t))
