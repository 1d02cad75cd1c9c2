"""Descent on a deep linear network whose layers stay polynomials in one symmetric matrix, step by step."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.gradients import gradient
from lemmata.theory.matrices.algebra import equal_matrices
from lemmata.theory.rules.matrix_calculus import closed_form
from lemmata.theory.trajectory import Method, Reduction, Trajectory

LONGEST, TERMS = 8, 200
"""Steps, and terms of a polynomial, beyond which the words of the check are too many."""


@final
class PolynomialLayers(Rule):
    """Where every W_k is a polynomial in a symmetric R, all matrices commute: W_k^(n) = p_(k,n)(R) by the recursion of numbers.

    p_(k,n+1)(x) = p_(k,n)(x) - alpha g_k(p_(1,n)(x), ..., p_(K,n)(x)), with g_k the gradient where transposes are left out and R is x.
    """

    name = "polynomial_layers"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, target = _only(expr), args[0]
        last = _iterates(node, target)[-1]
        values = {variable: in_matrix(polynomial, target) for variable, polynomial in last.items()}
        because = rf"all layers are polynomials in ${sp.latex(target)}$ and commute"
        return Rewrite(expr.xreplace({node: node.expr.xreplace(values)}), because)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Every step with the matrices in their order: W^(n+1) - W^(n) + alpha grad L(W^(n)) = 0 in the words of R, R symmetric."""
        node, target = _only(before), args[0]
        if sp.Q.symmetric(target) not in domain.given:
            raise NotDischarged(f"{target} is not symmetric by hypothesis")
        slopes = {variable: closed_form(gradient(node.loss, variable), domain) for variable in node.variables}
        runs = [{v: in_matrix(p, target) for v, p in iterate.items()} for iterate in _iterates(node, target)]
        for variable, start in zip(node.variables, node.starts, strict=True):
            if equal_matrices(runs[0][variable], start, domain) is not True:
                raise NotDischarged(f"the start of {variable} is another")
        for here, there in zip(runs, runs[1:], strict=False):
            for variable, slope in slopes.items():
                if equal_matrices(there[variable], here[variable] - node.step * slope.xreplace(here), domain) is not True:
                    raise NotDischarged(f"the step in {variable} is not along the gradient")
        if before.xreplace({node: node.expr.xreplace(runs[-1])}) != rewrite.after:
            raise NotDischarged("the expression at the iterate is another")


def in_matrix(polynomial: Any, matrix: Any) -> Any:
    """The polynomial, over x, of a square matrix.

    >>> R = sp.MatrixSymbol("R", 2, 2)
    >>> in_matrix(3 * X**2 + 1, R)
    I + 3*R**2
    """
    size = matrix.shape[0]
    terms = sp.Poly(polynomial, X).terms()
    return (
        sp.MatAdd(*(c * (matrix**power if power else sp.Identity(size)) for (power,), c in terms)) if terms else sp.ZeroMatrix(size, size)
    )


X = sp.Dummy("x", real=True)
"""The number that stands for the matrix."""


def _only(expr: Any) -> Trajectory:
    nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.method is Method.GRADIENT]
    if len(nodes) != 1 or len(expr.atoms(Trajectory)) != 1 or not all(isinstance(v, sp.MatrixSymbol) for v in nodes[0].variables):
        raise NotApplicable("it takes one expression at an iterate of gradient descent in matrix variables")
    if not (nodes[0].time.is_Integer and nodes[0].time <= LONGEST):
        raise NotApplicable(f"the number of steps is to be given and at most {LONGEST}, not {nodes[0].time}")
    return nodes[0]


def _iterates(node: Trajectory, target: Any) -> list[dict[Any, Any]]:
    """The polynomials at each iterate, by the recursion of numbers."""
    here = {v: sp.expand(_number(start, {target: X})) for v, start in zip(node.variables, node.starts, strict=True)}
    slopes = {v: closed_form(gradient(node.loss, v), Domain()) for v in node.variables}
    found = [here]
    for _ in range(int(node.time)):
        values = {target: X, **here}
        here = {v: sp.expand(here[v] - node.step * _number(slope, values)) for v, slope in slopes.items()}
        if any(len(sp.Add.make_args(p)) > TERMS for p in here.values()):
            raise NotApplicable(f"the polynomials have more than {TERMS} terms")
        found.append(here)
    return found


def _number(expr: Any, values: dict[Any, Any]) -> Any:
    """A matrix expression of commuting symmetric matrices as the number that it is on a common eigenvector."""
    if expr in values:
        return values[expr]
    if not getattr(expr, "is_Matrix", False):
        return expr
    match expr:
        case sp.Identity():
            return sp.S.One
        case sp.ZeroMatrix():
            return sp.S.Zero
        case sp.Transpose():
            return _number(expr.arg, values)
        case sp.MatAdd():
            return sp.Add(*(_number(part, values) for part in expr.args))
        case sp.MatMul():
            return sp.Mul(*(_number(part, values) for part in expr.args))
        case sp.MatPow() if expr.exp.is_Integer and expr.exp >= 0:
            return _number(expr.base, values) ** expr.exp
    raise NotApplicable(f"{expr} is not made of the layers and {[str(v) for v in values][0]} by sums and products")


polynomial_layers = PolynomialLayers()
