"""Descent and flow in variables that start equal and stay equal: everything happens in one dimension."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import BoundSymbol
from lemmata.theory.recursion import Iterate
from lemmata.theory.trajectory import Along, FlowValue, Method, Reduction, Trajectory


@final
class EqualLayers(Rule):
    """Where all variables start at w_0 and dL/dw_i(w, ..., w) = g(w) for every i, each of them is w with w' = -g(w), w(0) = w_0.

    For descent by induction, w^(n) = F(F(...F(w_0))) with F(w) = w - alpha g(w). For flow the curve (w, ..., w) solves the equations, whose
    solution is unique where the loss is a polynomial, for as long as it exists; g = dV/dw with V(w) = L(w, ..., w)/K.
    """

    name = "equal_layers"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = motions_of(expr)
        after = expr.xreplace({node: in_one_variable(node) for node in nodes})
        return Rewrite(after, r"$\partial_i L(w, \ldots, w)$ is the same for all $i$, so the variables stay equal")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Each partial derivative on the diagonal is the slope of the loss of one variable that is followed instead."""
        for node in motions_of(before):
            w = node.variables[0]
            single = sp.diff(on_diagonal(node.loss, node), w) / len(node.variables)
            for variable, start in zip(node.variables, node.starts, strict=True):
                h = sp.Dummy("h", real=True)
                moved = node.loss.xreplace({v: w + h if v == variable else w for v in node.variables})
                slope = sp.diff(sp.expand(moved), h).xreplace({h: sp.S.Zero})
                if exact.is_zero(sp.expand(slope - single)) is not True or exact.is_zero(start - node.starts[0], domain) is not True:
                    raise NotDischarged(f"{variable} is not proved to move as the others do")
        if before.xreplace({node: in_one_variable(node) for node in motions_of(before)}) != rewrite.after:
            raise NotDischarged("the motion in one variable is another one")


def motions_of(expr: Any) -> list[Any]:
    """The descents and flows in an expression, each in several real scalars and on a polynomial loss; or NotApplicable."""
    nodes = sorted(expr.atoms(Trajectory, FlowValue), key=str)
    if not nodes:
        raise NotApplicable("it takes an expression along gradient descent or gradient flow")
    for node in nodes:
        if isinstance(node, Trajectory) and (node.method is not Method.GRADIENT or node.reduction is not Reduction.AT):
            raise NotApplicable("it takes plain gradient descent at an iterate")
        if len(node.variables) < 2 or not all(isinstance(v, sp.Symbol) and v.is_real for v in node.variables):
            raise NotApplicable("it takes several real scalar variables")
        if not node.loss.is_polynomial(*node.variables):
            raise NotApplicable("the loss is not a polynomial")
    return nodes


def on_diagonal(expr: Any, node: Along) -> Any:
    """An expression where all variables are the first one."""
    return expr.xreplace(dict.fromkeys(node.variables, node.variables[0]))


def in_one_variable(node: Along) -> Any:
    """The node in its first variable: an iterated map for descent, the flow of L(w, ..., w)/K for flow."""
    w, loss = node.variables[0], sp.expand(on_diagonal(node.loss, node) / len(node.variables))
    expr = on_diagonal(node.expr, node)
    if isinstance(node, FlowValue):
        return FlowValue(loss, (w,), node.starts[:1], node.time, expr)
    assert isinstance(node, Trajectory)
    x = BoundSymbol(w.name, real=True)
    step = sp.expand(w - node.step * sp.diff(loss, w)).xreplace({w: x})
    return expr.xreplace({w: Iterate(sp.Lambda(x, step), node.starts[0], node.time)})


equal_layers = EqualLayers()
