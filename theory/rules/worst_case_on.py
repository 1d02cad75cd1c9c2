"""A supremum over a class of functions is at least the value on one of them: a loss and a start that are proved to belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import Reduction
from lemmata.theory.piecewise_quadratic import Pieces, PiecewiseQuadratic
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.rules.exact_run import settled
from lemmata.theory.rules.worst_case_terms import require_smooth
from lemmata.theory.smoothness import Smoothness, bounded_below, everywhere
from lemmata.theory.trajectory import Trajectory, descent, grad_norm_squared
from lemmata.theory.worst_cases import Measure, Start, WorstCase


@final
class WorstCaseOn(Rule):
    """The worst case of a squared gradient over `Smooth(M)` is at least that of descent on one loss from one start.

    `args`: the loss, {variable: start}, the reason (`Smoothness`) why its gradient is M-Lipschitz, and a lower bound of it.
    """

    name = "worst_case_on"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, loss, starts, reason, least = _arguments(expr, args)
        because = rf"on $L = {sp.latex(loss)}$, $L \ge {sp.latex(least)}$: {reason.because}"
        return Rewrite(_run(node, loss, starts), because, Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The gradient of the loss is M-Lipschitz, the loss bounded below, its start within the excess, its run that of the class."""
        node, loss, starts, reason, least = _arguments(before, args)
        require_smooth(node, domain, all_of_them=True)
        require(not reason.assumes, "that the loss is of the class is to be proved, not assumed: it decides what the loss shows")
        free, variables, where = everywhere(loss, list(starts), domain)
        reason.discharge(free, variables, node.among.upper, where)
        if isinstance(reason, PiecewiseQuadratic):
            lowest = Pieces.of(free, variables, where).least(where)
            require(exact.nonnegative(lowest - least, where), f"the least value {lowest} of the loss was not proved to be {least} or more")
        else:
            bounded_below(free, least, where)
        excess = loss.xreplace(starts)
        room = sp.expand(node.bound - settled(excess, domain) + least)
        require(exact.nonnegative(room, domain), f"the start was not proved to be within {node.bound} of the lower bound")
        run = rewrite.after
        require(isinstance(run, Trajectory) and run == _run(node, loss, starts), "it is another run than that of the worst case")


def _arguments(expr: Any, args: tuple[Any, ...]) -> tuple[WorstCase, Any, dict[Any, Any], Smoothness, Any]:
    if not isinstance(expr, WorstCase) or expr.measure is not Measure.GRADIENT or expr.start is not Start.EXCESS:
        raise NotApplicable("it takes a worst case of the squared gradient, from a start with bounded excess")
    if len(args) not in (3, 4) or not isinstance(args[1], Mapping) or not isinstance(args[2], Smoothness):
        raise NotApplicable(
            "it takes a loss, {variable: start}, the reason (a Smoothness) for M, and a lower bound of the loss (0 if none)"
        )
    starts = {variable: sp.sympify(start) for variable, start in args[1].items()}
    return expr, sp.sympify(args[0]), starts, args[2], sp.sympify(args[3] if len(args) == 4 else 0)


def _run(node: WorstCase, loss: Any, starts: dict[Any, Any]) -> Any:
    """The quantity of the worst case along descent on one loss."""
    run = descent(loss, starts, node.step, momentum=node.momentum, method=node.method.value)
    square = grad_norm_squared(loss, list(starts))
    match node.reduction:
        case Reduction.AT:
            return run[node.time, square]
        case Reduction.LEAST:
            return run.least[node.time, square]
        case Reduction.TOTAL:
            return run.total[node.time, square]


worst_case_on = WorstCaseOn()
