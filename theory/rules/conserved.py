"""Quantities that gradient flow conserves: their gradient is orthogonal to the loss's everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.smoothness import everywhere
from lemmata.theory.trajectory import FlowValue


@final
class Conserved(Rule):
    """E(w(t)) = E(w(0)) along dw/dt = -grad L where <grad E, grad L> = 0 identically: dE/dt is minus that product.

    Both are differentiable for all w, kinks of Max(0, .) apart: atan(w) + atan(1/w) has no slope and jumps where the flow crosses 0.

    Max(0, z) is z times the indicator of z > 0 and its derivative that indicator times that of z, so that the identity is one of
    polynomials in indicators; at a kink it holds for each choice of the gradient between those of its two sides.
    """

    name = "conserved"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = sorted(expr.atoms(FlowValue), key=str)
        if not nodes or not all(isinstance(v, sp.Symbol) for node in nodes for v in node.variables):
            raise NotApplicable("it takes an expression along gradient flow in scalar variables")
        because = r"$\langle \nabla E, \nabla L \rangle = 0$ identically, so $E$ is constant along gradient flow"
        return Rewrite(expr.xreplace({node: node.at_start() for node in nodes}), because)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The derivative of E along the flow is zero as a polynomial in the variables and in the indicators of the active sides."""
        values = {}
        for node in before.atoms(FlowValue):
            pair, free, where = everywhere(sp.Tuple(node.loss, node.expr), node.variables, domain)
            loss, energy = with_indicators(pair)
            if not (smooth(loss, free, where) and smooth(energy, free, where)):
                raise NotDischarged(
                    "the quantity and the loss are not proved smooth between kinks: it may jump where the flow crosses a pole"
                )
            rate = sp.Add(*(sp.diff(energy, v) * sp.diff(loss, v) for v in free))
            if exact.is_zero(sp.expand(rate), where) is not True:
                raise NotDischarged("the gradients of the quantity and of the loss are not proved orthogonal")
            values[node] = node.at_start()
        if before.xreplace(values) != rewrite.after:
            raise NotDischarged("the conserved quantity has another value at the start")


def smooth(expr: Any, variables: Sequence[Any], domain: Domain) -> bool:
    """Whether an expression is proved to be differentiable for all values of the variables: no pole, no root that reaches 0.

    >>> z = sp.Symbol("z", real=True)
    >>> [smooth(f, [z], Domain((z,))) for f in (sp.atan(z), sp.atan(1 / z), sp.sqrt(1 + z**2), sp.sqrt(z**2 - 2 * z + 1))]
    [True, False, True, False]
    """
    powers = [node for node in expr.atoms(sp.Pow) if not isinstance(node, sp.exp) and node.has(*variables)]
    roots = [node for node in powers if not (node.exp.is_Integer or (node.exp.is_integer and signs(node.exp, domain) <= POSITIVE))]
    return all(regular(expr, v, domain) for v in variables) and all(signs(node.base, domain) <= POSITIVE for node in roots)


SMOOTH = (sp.exp, sp.log, sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh, sp.erf, sp.atan, sp.Max)
"""Functions that a loss may hold: Max(0, .) is replaced, the others are differentiable where they are defined."""


def with_indicators(expr: Any) -> Any:
    """Max(0, z) as z times a symbol that is constant on either side of the kink, one for each z; NotApplicable for other switches.

    >>> z = sp.Symbol("z", real=True)
    >>> smooth = with_indicators(3 * sp.Max(0, z) ** 2)
    >>> len(smooth.free_symbols), smooth.has(sp.Max)
    (2, False)
    """
    if not all(isinstance(node, SMOOTH) for node in expr.atoms(sp.Function, sp.Max, sp.Min)) or expr.has(sp.Piecewise, sp.Derivative):
        raise NotApplicable("the loss has switches other than Max(0, .)")
    replaced: dict[Any, Any] = {}
    for place, node in enumerate(sorted(expr.atoms(sp.Max), key=str)):
        others = [arg for arg in node.args if arg != 0]
        if len(node.args) != 2 or len(others) != 1 or others[0].has(sp.Max):
            raise NotApplicable(f"{node} is not Max(0, .) of a smooth argument")
        replaced[node] = sp.Dummy(f"active_{place}", real=True) * others[0]
    return expr.xreplace(replaced)


conserved = Conserved()
