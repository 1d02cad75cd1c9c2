"""The gradient as a node, and matrix calculus: closed forms, and a check that rejects corrupted ones."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.gradients import Gradient, gradient, gradients
from lemmata.theory.matrices.algebra import equal_matrices
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.theory.rules.matrix_calculus import discharge, matrix_calculus

m, n, p, q = sp.symbols("m n p q", integer=True, positive=True)
A, W, B = sp.MatrixSymbol("A", m, p), sp.MatrixSymbol("W", p, q), sp.MatrixSymbol("B", q, n)
R, S, H = sp.MatrixSymbol("R", m, n), sp.MatrixSymbol("S", n, n), sp.MatrixSymbol("H", p, q)
x = sp.MatrixSymbol("x", n, 1)
t = sp.Symbol("t", real=True)
D = A * W * B - R
LOSS = sp.Trace(D.T * D * S) / 2
SYMMETRIC = (sp.Q.symmetric(S),)


def derived(expr: sp.Basic, given: tuple = ()) -> sp.Basic:
    return Derivation(expr, Domain(tuple(free_parameters(expr)), given)).by(matrix_calculus).end


def test_the_node_stays_unevaluated() -> None:
    node = gradient(LOSS, W)
    assert node.shape == W.shape
    assert W in node.free_symbols and A in node.free_symbols
    statement = sp.Eq(node, A.T * D * S * B.T)
    assert isinstance(statement, sp.Equality) and statement.lhs == node
    assert isinstance(sp.Eq(node, sp.ZeroMatrix(p, q)), sp.Equality)
    assert node.doit() == node
    for holder in (sp.Trace(H.T * node), 2 * node + H, node.T, node * H.T, node[0, 1]):
        assert quantities(holder) == (node,)
    assert free_parameters(node) == {m, n, p, q, A, W, B, R, S}


def test_sizes_and_values_at_a_point() -> None:
    point = {m: sp.Integer(2), p: sp.Integer(3), q: sp.Integer(4), n: sp.Integer(2), W: sp.zeros(3, 4)}
    loss, variable, values = gradient(LOSS, W).at(point)
    assert tuple(variable.shape) == (3, 4)
    assert values == {variable: sp.zeros(3, 4)}
    assert not loss.free_symbols & {m, n, p, q}


def test_printing() -> None:
    assert sp.latex(gradient(sp.Trace(W.T * W), W)).startswith(r"\nabla_{W}")
    assert str(gradient(t**2, t)) == "gradient(t**2, t)"
    assert sp.latex(gradient(t**2, t) ** 2) == r"\left(\nabla_{t} \left(t^{2}\right)\right)^{2}"


@pytest.mark.parametrize("bad", [(W, W), (LOSS, A * W), (LOSS, 2)], ids=["not a scalar", "not a symbol", "a number"])
def test_what_is_no_gradient_is_refused(bad: tuple) -> None:
    with pytest.raises(ValueError, match="gradient"):
        gradient(*bad)


CLOSED = [
    (LOSS, W, A.T * D * S * B.T, SYMMETRIC),
    (LOSS, W, A.T * D * (S + S.T) * B.T / 2, ()),
    (LOSS, R, -D * S, SYMMETRIC),
    (x.T * S * x, x, (S + S.T) * x, ()),
    (x.T * S * x, S, x * x.T, ()),
    (sp.Trace(S**3), S, 3 * (S.T) ** 2, ()),
    (sp.Trace(sp.Inverse(S)), S, -(sp.Inverse(S).T ** 2), ()),
    (sp.log(sp.Determinant(S)), S, sp.Inverse(S).T, ()),
    (sp.Trace(W * W.T) ** 2, W, 4 * sp.Trace(W * W.T) * W, ()),
    (sp.exp(sp.Trace(W * W.T)), W, 2 * sp.exp(sp.Trace(W * W.T)) * W, ()),
    (sp.Trace(A * A.T), W, sp.ZeroMatrix(p, q), ()),
]


@pytest.mark.parametrize(("loss", "variable", "closed", "given"), CLOSED, ids=lambda value: str(value)[:30])
def test_closed_forms(loss: sp.Basic, variable: sp.Basic, closed: sp.Basic, given: tuple) -> None:
    node = gradient(loss, variable)
    assert equal_matrices(derived(node, given), closed, Domain((), given)) is True


def test_the_deviation_is_left_together() -> None:
    assert derived(gradient(LOSS, W), SYMMETRIC) == A.T * D * S * B.T


def test_functions_entry_by_entry() -> None:
    u = sp.Symbol("u", real=True)
    activated = ElementwiseApplyFunction(sp.Lambda(u, sp.tanh(u)), S * x)
    slope = ElementwiseApplyFunction(sp.Lambda(u, 1 - sp.tanh(u) ** 2), S * x)
    found = derived(gradient(sp.Trace(x.T * activated), S))
    assert equal_matrices(found, sp.HadamardProduct(slope, x) * x.T) is True


def test_scalar_variables() -> None:
    assert derived(gradient(t**3 + sp.exp(t), t)) == 3 * t**2 + sp.exp(t)
    loss = sp.Trace((x + t * S * x).T * (x + t * S * x))
    assert equal_matrices(derived(gradient(loss, t)), 2 * sp.Trace(x.T * S * x) + 2 * t * sp.Trace(x.T * S.T * S * x)) is True


@pytest.mark.parametrize(
    "wrong",
    [A.T * D * B.T, A.T * D * S.T * B.T, -A.T * D * S * B.T, 2 * A.T * D * S * B.T, A.T * D * S * B.T + W, (A.T * D * S * B.T) / 2],
    ids=["no moment", "transposed moment", "sign", "factor 2", "a term too many", "half"],
)
def test_a_corrupted_gradient_is_rejected(wrong: sp.Basic) -> None:
    node = gradient(LOSS, W)
    with pytest.raises(NotDischarged):
        discharge(node, wrong, Domain(()))
    with pytest.raises(NotDischarged):
        matrix_calculus.check(node, Rewrite(wrong, ""), domain=Domain(()))


def test_a_corrupted_function_gradient_is_rejected_entry_by_entry() -> None:
    node = gradient(sp.exp(sp.Trace(W * W.T)), W)
    with pytest.raises(NotDischarged):
        discharge(node, sp.exp(sp.Trace(W * W.T)) * W, Domain(()))


def test_every_gradient_of_an_expression_is_replaced() -> None:
    expr = sp.Trace(H.T * gradient(LOSS, W)) + gradient(t**2, t)
    found = derived(expr, SYMMETRIC)
    assert not gradients(found)
    assert equal_matrices(found, sp.Trace(H.T * A.T * D * S * B.T) + 2 * t) is True


def test_without_a_gradient_the_rule_does_not_apply() -> None:
    with pytest.raises(NotApplicable, match="no gradient"):
        derived(sp.Trace(S))


def test_a_gradient_is_built_by_its_arguments() -> None:
    node = gradient(LOSS, W)
    assert node.func(*node.args) == node
    assert isinstance(node.xreplace({A: sp.MatrixSymbol("Z", m, p)}), Gradient)
