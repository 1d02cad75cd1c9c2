"""Closed form of gradient descent where every update is affine in its own variable: w_n = w* + r^n (w_0 - w*)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import signs
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.trajectory import Method, Reduction, Trajectory


class LinearRecurrence(Rule):
    """An expression at the n-th iterate of descent on a separable quadratic loss, by solving w <- r w + s for each variable."""

    name = "linear_recurrence"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.method is Method.GRADIENT]
        if not nodes:
            raise NotApplicable("it takes an expression at an iterate of gradient descent")
        after = expr.xreplace({node: node.expr.xreplace(solution(node, node.time, domain)) for node in nodes})
        return Rewrite(after, r"each update is $w \mapsto r w + s$, so $w^{(n)} = w^* + r^n (w_0 - w^*)$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Induction on n: the closed form starts at the start, and one step of descent from it is the next one."""
        n = sp.Dummy("n", integer=True, nonnegative=True)
        nodes = [node for node in before.atoms(Trajectory) if node.reduction is Reduction.AT and node.method is Method.GRADIENT]
        values = {}
        for node in nodes:
            now, then = solution(node, n, domain), solution(node, n + 1, domain)
            for variable, start in zip(node.variables, node.starts, strict=True):
                require(exact.is_zero(now[variable].xreplace({n: sp.S.Zero}) - start), "the closed form has another start")
                moved = now[variable] - node.step * sp.diff(node.loss, variable).xreplace(now)
                require(exact.is_zero(sp.expand(sp.expand_power_exp(moved - then[variable]))), "the closed form is not one step further")
            values[node] = node.expr.xreplace({variable: value.xreplace({n: node.time}) for variable, value in now.items()})
        require(exact.equal(rewrite.after, before.xreplace(values), domain), "the expression at the iterate is another")


def solution(node: Trajectory, n: Any, domain: Domain | None = None) -> dict[Any, Any]:
    """The n-th iterate of each variable; raises NotApplicable where an update is not affine in its own variable alone.

    Where the loss is flat the iterates drift and there is no fixed point: that the loss is not flat must be proved, unless the
    fixed point has no denominator.

    >>> from lemmata.theory.trajectory import descent
    >>> w = sp.Symbol("w", real=True)
    >>> list(solution(descent(w**2, {w: 5}, sp.Rational(1, 4))[2, w], 3).values())
    [5/8]
    """
    found = {}
    for variable, start in zip(node.variables, node.starts, strict=True):
        if not isinstance(variable, sp.Symbol):
            raise NotApplicable(f"the variable {variable} is a matrix; recurrences are solved for scalars")
        update = sp.expand(variable - node.step * sp.diff(node.loss, variable))
        ratio = sp.diff(update, variable)
        shift = sp.expand(update - ratio * variable)
        if (ratio.free_symbols | shift.free_symbols) & set(node.variables):
            raise NotApplicable(f"the update of {variable} is not affine in {variable} alone")
        if ratio == 1:
            found[variable] = start + n * shift
            continue
        fixed = sp.S.Zero if shift == 0 else sp.cancel(shift / (1 - ratio))
        if domain is not None and 0 in signs(sp.denom(fixed), domain):
            raise NotApplicable(f"the fixed point {fixed} of {variable} may not exist: say in `given` that {sp.denom(fixed)} is not 0")
        found[variable] = fixed + ratio**n * (start - fixed)
    return found


linear_recurrence = LinearRecurrence()
