r"""The bound on the least gradient of gradient descent: mean, descent lemma at every step, telescoping, a lower bound.

    min_{n<N} |grad L(w_n)|^2 <= (1/N) sum_{n<N} |grad L(w_n)|^2
                              <= (1/(c N)) sum_{n<N} (L(w_n) - L(w_{n+1}))
                               = (L(w_0) - L(w_N))/(c N)
                              <= (L(w_0) - L_*)/(c N),      c = alpha (1 - M alpha/2) > 0

Source: Nesterov (2018), section 1.2.3; Yarotsky's lecture, convergence of gradient descent.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.rules.descent_lemma import decrease, quadratic_model, require
from lemmata.theory.smoothness import Smoothness, bounded_below, everywhere
from lemmata.theory.trajectory import Method, Reduction, Trajectory, grad_norm_squared

STEP = sp.Symbol("k", integer=True, nonnegative=True)


class MinimumAtMostMean(Rule):
    """min over n < N of f(w_n) <= (1/N) sum over n < N of f(w_n)."""

    name = "minimum_at_most_mean"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        if not isinstance(expr, Trajectory) or expr.reduction is not Reduction.LEAST:
            raise NotApplicable("it takes a least value over iterates, descent(...).least[N, f]")
        after = expr.looking_at(expr.time, expr.expr, Reduction.TOTAL) / expr.time
        return Rewrite(after, "a minimum is at most the mean", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """N times the mean is the sum over the same iterates, and N > 0: the mean less the minimum is a mean of terms >= 0."""
        total = rewrite.after * before.time
        require(isinstance(total, Trajectory) and total.reduction is Reduction.TOTAL, "N times the mean is not a sum over iterates")
        require(total.looking_at(total.time, total.expr, Reduction.LEAST) == before, "the sum is over another run")
        require(before.time.is_integer and exact.positive(before.time, domain), f"{before.time} >= 1 was not proved")


class DescentEverywhere(Rule):
    """The descent lemma at every iterate: c |grad L(w_k)|^2 <= L(w_k) - L(w_{k+1}) under the sum.

    `args`: M and the reason (`Smoothness`) why the gradient is M-Lipschitz.
    """

    name = "descent_lemma_at_every_step"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        factor, node = total_of(expr)
        constant, reason = _reason(args)
        gain = decrease(node.step, constant)
        after = factor / gain * sp.Sum(_drop(node), (STEP, 0, node.time - 1))
        because = (
            rf"descent lemma $c\,\|\nabla L(w_k)\|^2 \le L(w_k) - L(w_{{k+1}})$, $c = {sp.latex(gain)} > 0$, "
            rf"with $M = {sp.latex(constant)}$: {reason.because}"
        )
        return Rewrite(after, because, Link.AT_MOST, reason.assumes)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The sum is of |grad L|^2 of the loss that descends; c > 0 and its value; the Lipschitz constant."""
        factor, node = total_of(before)
        constant, reason = _reason(args)
        gain = decrease(node.step, constant)
        require(node.method is Method.GRADIENT, "the descent lemma is for gradient descent without momentum")
        norm = grad_norm_squared(node.loss, node.variables)
        require(node.expr == norm or exact.is_zero(node.expr - norm, domain), "the sum is not of the squared gradient of the loss")
        require(exact.positive(gain, domain), f"c = {gain} > 0 was not proved: it needs 0 < alpha < 2/M among the hypotheses")
        require(exact.nonnegative(factor, domain), f"the factor {factor} >= 0 was not proved")
        quadratic_model(node.step, constant, gain, domain)
        summed = rewrite.after / factor * gain
        require(summed == sp.Sum(_drop(node), (STEP, 0, node.time - 1)), "the sum on the right is not of the decreases of the loss")
        reason.discharge(node.loss, node.variables, constant, domain)


class Monotone(Rule):
    """L(w_n) <= L(w_0) for a step of at most 2/M: every step lowers the loss by c |grad L|^2 >= 0.

    `args`: M and the reason (`Smoothness`) why the gradient is M-Lipschitz.
    """

    name = "descent_is_monotone"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = _loss_at(expr)
        constant, reason = _reason(args)
        because = rf"descent lemma at every step with $M = {sp.latex(constant)}$ and $\alpha \le 2/M$: {reason.because}"
        return Rewrite(node.looking_at(0, node.loss), because, Link.AT_MOST, reason.assumes)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """c >= 0 and its value, n >= 0, the Lipschitz constant, and the same run looked at at its start."""
        node = _loss_at(before)
        constant, reason = _reason(args)
        gain = decrease(node.step, constant)
        require(node.method is Method.GRADIENT, "the descent lemma is for gradient descent without momentum")
        require(exact.nonnegative(gain, domain), f"c = {gain} >= 0 was not proved: it needs alpha <= 2/M among the hypotheses")
        require(exact.nonnegative(node.time, domain), f"{node.time} >= 0 was not proved")
        require(rewrite.after == node.looking_at(0, node.loss), "it is not the loss at the start of the same run")
        quadratic_model(node.step, constant, gain, domain)
        reason.discharge(node.loss, node.variables, constant, domain)


class Telescoping(Rule):
    """sum over k < N of f(k) - f(k + 1) is f(0) - f(N)."""

    name = "telescoping"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        factor, total = _sum_of(expr)
        (index, first, last) = total.limits[0]
        term = _first_part(total, index)
        after = factor * (term.xreplace({index: first}) - term.xreplace({index: last + 1}))
        return Rewrite(after, "telescoping sum")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Induction on N: the empty sum is 0, and from N to N + 1 the right-hand side grows by the N-th term."""
        factor, total = _sum_of(before)
        (index, first, last) = total.limits[0]
        count = last + 1
        require(first == 0 and count.is_Symbol or count.is_Integer, "the sum must run from 0 to N - 1")
        term = _first_part(total, index)
        ends = _closed(term, index)
        require(exact.is_zero(ends.xreplace({index: sp.S.Zero})), "the empty sum is not zero")
        grown = ends.xreplace({index: index + 1}) - ends
        require(exact.is_zero(grown - total.function), "the sum does not grow by its next term")
        require(exact.is_zero(rewrite.after - factor * ends.xreplace({index: count}), domain), "the ends of the sum are others")


class BoundedBelow(Rule):
    """L(w_N) >= L_*, so that (L(w_0) - L(w_N)) is at most L(w_0) - L_*; `args`: the lower bound L_*."""

    name = "bounded_below"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        (least,) = args or (sp.S.Zero,)
        first, last = _ends(expr)
        after = expr.xreplace({last: sp.sympify(least)})
        return Rewrite(after, rf"$L \ge {sp.latex(sp.sympify(least))}$ everywhere", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The loss is bounded below by exact algebra, and enters with a factor <= 0."""
        (least,) = args or (sp.S.Zero,)
        _, last = _ends(before)
        gap = sp.Dummy("gap", real=True)
        slope = sp.diff(before.xreplace({last: gap}), gap)
        require(not slope.has(gap) and exact.nonnegative(-slope, domain), "the last loss does not enter with a factor <= 0")
        require(rewrite.after == before.xreplace({last: sp.sympify(least)}), "something else was replaced")
        loss, _, where = everywhere(last.loss, last.variables, domain)
        bounded_below(loss, sp.sympify(least), where)


class AtStart(Rule):
    """A quantity at the 0-th iterate is its expression at the start."""

    name = "at_start"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = _at_zero(expr)
        if not nodes:
            raise NotApplicable("nothing is looked at at the start")
        return Rewrite(expr.xreplace({node: node.at_start() for node in nodes}), "$w^{(0)} = w_0$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Each replaced value is the node's expression with starts for variables, one variable after another."""
        values = {}
        for node in _at_zero(before):
            value = node.expr
            for variable, start in zip(node.variables, node.starts, strict=True):
                value = value.xreplace({variable: start})
            values[node] = value
        require(rewrite.after == before.xreplace(values), "the value at the start is another")


def _loss_at(expr: Any) -> Trajectory:
    if not isinstance(expr, Trajectory) or expr.reduction is not Reduction.AT or expr.expr != expr.loss:
        raise NotApplicable("it takes the loss at an iterate, descent(L, {w: w0}, alpha)[n, L]")
    return expr


def total_of(expr: Any) -> tuple[Any, Trajectory]:
    """(factor, node) of factor * (sum over iterates); raises NotApplicable for anything else."""
    nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.TOTAL]
    if len(nodes) != 1 or (expr / nodes[0]).has(nodes[0]):
        raise NotApplicable("it takes a multiple of one sum over iterates, descent(...).total[N, f]")
    return expr / nodes[0], nodes[0]


def _drop(node: Trajectory) -> Any:
    """L(w_k) - L(w_{k+1})."""
    return node.looking_at(STEP, node.loss) - node.looking_at(STEP + 1, node.loss)


def _sum_of(expr: Any) -> tuple[Any, Any]:
    sums = expr.atoms(sp.Sum)
    if len(sums) != 1:
        raise NotApplicable("it takes a multiple of one sum")
    (total,) = sums
    return expr / total, total


def _first_part(total: Any, index: Any) -> Any:
    """f of a sum of f(k) - f(k + 1); raises NotApplicable for other sums."""
    for term in sp.Add.make_args(total.function):
        if total.function == term - term.xreplace({index: index + 1}):
            return term
    raise NotApplicable("the terms are not of the form f(k) - f(k + 1)")


def _closed(term: Any, index: Any) -> Any:
    """f(0) - f(k), as a function of the index k."""
    return term.xreplace({index: sp.S.Zero}) - term


def _at_zero(expr: Any) -> list[Trajectory]:
    return [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.time == 0]


def _ends(expr: Any) -> tuple[Trajectory, Trajectory]:
    nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.expr == node.loss]
    firsts, lasts = [node for node in nodes if node.time == 0], [node for node in nodes if node.time != 0]
    if len(firsts) != 1 or len(lasts) != 1:
        raise NotApplicable("it takes the difference of the loss at the start and at the end")
    return firsts[0], lasts[0]


def _reason(args: tuple[Any, ...]) -> tuple[Any, Smoothness]:
    if len(args) != 2 or not isinstance(args[1], Smoothness):
        raise NotApplicable("it takes the constant M and the reason (a Smoothness) why the gradient is M-Lipschitz")
    return sp.sympify(args[0]), args[1]


minimum_at_most_mean = MinimumAtMostMean()
descent_lemma_at_every_step = DescentEverywhere()
descent_is_monotone = Monotone()
telescoping = Telescoping()
bounded_below_by = BoundedBelow()
at_start = AtStart()

__all__ = ["at_start", "bounded_below_by", "descent_is_monotone", "descent_lemma_at_every_step", "minimum_at_most_mean", "telescoping"]
