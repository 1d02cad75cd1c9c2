"""The first step of gradient descent by its definition, and descent on a line that it does not leave."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.smoothness import everywhere
from lemmata.theory.trajectory import Method, Reduction, Trajectory

MOST_STEPS = 2
"""Steps that are written out unasked: each composes the polynomial with itself."""


@final
class FirstStep(Rule):
    """An expression at the n-th iterate is that at the (n - 1)-th from w_0 - alpha grad L(w_0), for n >= 1."""

    name = "first_step"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = _only_node(expr)
        if not (node.time - 1).is_nonnegative:
            raise NotApplicable(f"the number of steps {node.time} may be 0")
        begun = {v: start - node.step * sp.diff(node.loss, v).xreplace(_starts(node)) for v, start in _starts(node).items()}
        return Rewrite(expr.xreplace({node: _from(node, tuple(begun.values()), node.time - 1)}), r"the step $w_0 - \alpha \nabla L(w_0)$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The new start is the old one minus the step times the loss's linear term at it."""
        node = _only_node(before)
        moved = []
        for v, start in _starts(node).items():
            h = sp.Dummy("h", real=True)
            slope = sp.diff(node.loss.xreplace({v: v + h}), h).xreplace({h: sp.S.Zero})
            moved.append(start - node.step * slope.xreplace(_starts(node)))
        expected = before.xreplace({node: _from(node, tuple(moved), node.time - 1)})
        if expected != rewrite.after:
            raise NotDischarged("the new start is not one step of descent from the old one")


@final
class FewSteps(Rule):
    """`first_step` where it ends soon: at most two steps, counted in numbers, on a polynomial loss, which has no kinks to mind."""

    name = "few_steps"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = _only_node(expr)
        if not (node.time.is_Integer and 1 <= node.time <= MOST_STEPS):
            raise NotApplicable(f"it takes 1 to {MOST_STEPS} steps, not {node.time}")
        if not node.loss.is_polynomial(*node.variables):
            raise NotApplicable("the loss is no polynomial in its variables")
        return first_step.apply(expr, domain=domain)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """As for `first_step`: the new start is the old one minus the step times the loss's linear term at it."""
        first_step.check(before, rewrite, domain=domain)


@final
class StayingPut(Rule):
    """A variable stays at its start, where the loss's derivative in it vanishes there whatever the others are: it becomes a constant."""

    name = "staying_put"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = _only_node(expr)
        held = {v: start for v, start in _starts(node).items() if _is_held(node, v, start, domain)}
        if not held:
            raise NotApplicable("no variable of the descent is held at its start")
        names = ", ".join(sp.latex(v) for v in held)
        because = f"the derivative in ${names}$ vanishes at its start, whatever the other variables are"
        return Rewrite(expr.xreplace({node: _without(node, held)}), because)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The loss's difference quotient in each dropped variable has no linear term at its start; by induction it never moves."""
        node = _only_node(before)
        kept = {v for after in rewrite.after.atoms(Trajectory) for v in after.variables}
        held = {v: start for v, start in _starts(node).items() if v not in kept}
        for v, start in held.items():
            h = sp.Dummy("h", real=True)
            slope = sp.diff(node.loss.xreplace({v: start + h}), h).xreplace({h: sp.S.Zero})
            loss, _, where = everywhere(slope, [w for w in node.variables if w != v], domain)
            if exact.is_zero(loss, where) is not True:
                raise NotDischarged(f"the derivative in {v} is not proved to vanish at its start")
        if before.xreplace({node: _without(node, held)}) != rewrite.after:
            raise NotDischarged("the descent in the other variables is another one")


def _only_node(expr: Any) -> Trajectory:
    nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.method is Method.GRADIENT]
    if len(nodes) != 1 or len(expr.atoms(Trajectory)) != 1:
        raise NotApplicable("it takes one expression at an iterate of gradient descent")
    if not all(isinstance(v, sp.Symbol) for v in nodes[0].variables):
        raise NotApplicable("it takes scalar variables")
    return nodes[0]


def _starts(node: Trajectory) -> dict[Any, Any]:
    return dict(zip(node.variables, node.starts, strict=True))


def _from(node: Trajectory, starts: tuple[Any, ...], n: Any) -> Any:
    """The same descent from other starts; at n = 0 the expression itself."""
    if n == 0:
        return node.expr.xreplace(dict(zip(node.variables, starts, strict=True)))
    return Trajectory(node.loss, node.variables, starts, n, node.expr, node.step, node.momentum, node.method, node.reduction)


def _is_held(node: Trajectory, v: Any, start: Any, domain: Domain) -> bool:
    slope = sp.diff(node.loss, v).xreplace({v: start})
    loss, _, where = everywhere(slope, [w for w in node.variables if w != v], domain)
    return exact.is_zero(loss, where) is True


def _without(node: Trajectory, held: dict[Any, Any]) -> Any:
    """The descent in the other variables, with these at their starts."""
    others = [(v, start) for v, start in _starts(node).items() if v not in held]
    if not others:
        return node.expr.xreplace(held)
    variables, starts = zip(*others, strict=True)
    loss, expr = node.loss.xreplace(held), node.expr.xreplace(held)
    return Trajectory(loss, variables, starts, node.time, expr, node.step, node.momentum, node.method, node.reduction)


first_step = FirstStep()
few_steps = FewSteps()
staying_put = StayingPut()
