r"""The descent lemma, step by step: along the segment of one step, the Lipschitz gradient, the integral.

    L(w_1) = L(w_0) + int_0^1 <grad L(w_t), w_1 - w_0> dt,    w_t = w_0 - t alpha grad L(w_0)
           <= L(w_0) + int_0^1 (-alpha + M alpha^2 t) |grad L(w_0)|^2 dt
           = L(w_0) - alpha (1 - M alpha/2) |grad L(w_0)|^2

Only the second line uses that the gradient is M-Lipschitz; the rest is exact. Source: Nesterov (2018), section 1.2.3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.smoothness import Smoothness, everywhere
from lemmata.theory.trajectory import Method, Reduction, Trajectory, grad_norm_squared

TIME = sp.Symbol("t", real=True)


def decrease(step: Any, constant: Any) -> Any:
    """c = alpha (1 - M alpha/2): what one step gains for each unit of the squared gradient.

    >>> alpha, M = sp.symbols("alpha M", positive=True)
    >>> decrease(alpha, M).subs(alpha, 1 / M)
    1/(2*M)
    """
    return step * (1 - constant * step / 2)


class AlongSegment(Rule):
    """The loss after one step, by the fundamental theorem of calculus along the step; scalar variables."""

    name = "along_segment"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = one_step(expr)
        slope = sum((sp.diff(path, TIME) * d for path, d in zip(_path(node), _gradient_along(node), strict=True)), sp.S.Zero)
        after = node.at_start() + sp.Integral(slope, (TIME, 0, 1))
        return Rewrite(after, r"fundamental theorem of calculus along $w_t = w_0 - t \alpha \nabla L(w_0)$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The integrand is the derivative of the loss along the segment, whose ends are the start and the next iterate."""
        node = one_step(before)
        loss, free, where = everywhere(node.loss, node.variables, domain)
        require(all(regular(loss, variable, where) for variable in free), "the loss was not proved continuous along the segment")
        along = node.loss.xreplace(dict(zip(node.variables, _path(node), strict=True)))
        integral = rewrite.after - node.at_start()
        if not isinstance(integral, sp.Integral) or integral.limits != (sp.Tuple(TIME, sp.S.Zero, sp.S.One),):
            raise NotDischarged("the step does not end in an integral over the segment")
        if exact.is_zero(sp.diff(along, TIME) - integral.function, domain) is not True:
            raise NotDischarged("the integrand is not the derivative of the loss along the segment")
        if exact.is_zero(along.subs(TIME, 0) - node.at_start(), domain) is not True:
            raise NotDischarged("the segment does not begin at the start")


class LipschitzGradient(Rule):
    """The integrand is at most (-alpha + M alpha^2 t)|grad L(w_0)|^2: Cauchy-Schwarz and |grad L(u) - grad L(v)| <= M |u - v|.

    `args`: the trajectory's node, M, and the reason (`Smoothness`) why the gradient is M-Lipschitz.
    """

    name = "lipschitz_gradient"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, constant, reason = _arguments(args)
        if expr.atoms(sp.Integral) == set():
            raise NotApplicable("there is no integral along a segment: use along_segment first")
        (integral,) = expr.atoms(sp.Integral)
        square = sum((d.subs(TIME, 0) ** 2 for d in _gradient_along(node)), sp.S.Zero)
        bound = (constant * node.step**2 * TIME - node.step) * square
        after = expr.xreplace({integral: sp.Integral(bound, *integral.limits)})
        because = rf"Lipschitz gradient with $M = {sp.latex(constant)}$ and Cauchy--Schwarz; {reason.because}"
        return Rewrite(after, because, Link.AT_MOST, reason.assumes)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The integrand is <grad L(w_t), w_1 - w_0>, -alpha |g|^2 at t = 0, and w_t - w_0 has length t alpha |g|."""
        node, constant, reason = _arguments(args)
        (old,), (new,) = before.atoms(sp.Integral), rewrite.after.atoms(sp.Integral)
        gradients, path = _gradient_along(node), _path(node)
        start = [d.subs(TIME, 0) for d in gradients]
        square = sum((d**2 for d in start), sp.S.Zero)
        inner = sum((-node.step * g * d for g, d in zip(start, gradients, strict=True)), sp.S.Zero)
        require(exact.is_zero(old.function - inner, domain), "the integrand is not the slope along the step")
        moved = sum(((p - s) ** 2 for p, s in zip(path, node.starts, strict=True)), sp.S.Zero)
        require(exact.is_zero(moved - (TIME * node.step) ** 2 * square, domain), "the segment is not a step of gradient descent")
        # <g_t, -alpha g> = -alpha |g|^2 + <g_t - g, -alpha g>, and the last term is at most M (t alpha |g|) (alpha |g|)
        allowed = -node.step * square + constant * (TIME * node.step) * node.step * square
        require(exact.is_zero(new.function - allowed, domain), "the bound is not the one that the Lipschitz gradient gives")
        require(exact.positive(node.step, domain), f"the step {node.step} > 0 was not proved")
        reason.discharge(node.loss, node.variables, constant, domain)


class IntegrateStep(Rule):
    """The integral over the segment of what is polynomial in t."""

    name = "integrate_step"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        integrals = expr.atoms(sp.Integral)
        if len(integrals) != 1:
            raise NotApplicable("it needs one integral along a segment")
        (integral,) = integrals
        return Rewrite(expr.xreplace({integral: _primitive(integral).subs(TIME, 1)}), r"integration over $t \in [0, 1]$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The antiderivative is differentiated again."""
        (integral,) = before.atoms(sp.Integral)
        primitive = _primitive(integral)
        require(exact.is_zero(sp.diff(primitive, TIME) - integral.function, domain), "the antiderivative is wrong")
        value = primitive.subs(TIME, 1) - primitive.subs(TIME, 0)
        claimed = rewrite.after - before.xreplace({integral: sp.S.Zero})
        require(exact.is_zero(claimed - value, domain), "the integral has another value")


class DescentLemma(Rule):
    """L(w_1) <= L(w_0) - alpha (1 - M alpha/2)|grad L(w_0)|^2 in one step, for variables of any shape.

    `args`: M and the reason (`Smoothness`) why the gradient is M-Lipschitz. Both terms stay quantities at the 0-th iterate.
    """

    name = "descent_lemma"
    source = "Nesterov (2018), section 1.2.3"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = one_step(expr)
        constant, reason = _reason(args)
        square = node.looking_at(0, grad_norm_squared(node.loss, node.variables))
        after = node.looking_at(0, node.loss) - decrease(node.step, constant) * square
        because = rf"descent lemma with $M = {sp.latex(constant)}$: {reason.because}"
        return Rewrite(after, because, Link.AT_MOST, reason.assumes)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        node = one_step(before)
        constant, reason = _reason(args)
        square = node.looking_at(0, grad_norm_squared(node.loss, node.variables))
        quadratic_model(node.step, constant, decrease(node.step, constant), domain)
        start = node.looking_at(0, node.loss)
        require(rewrite.after == start - decrease(node.step, constant) * square, "the bound has another form")
        reason.discharge(node.loss, node.variables, constant, domain)


def quadratic_model(step: Any, constant: Any, gain: Any, domain: Domain) -> None:
    """Prove int_0^1 (-alpha + M alpha^2 t) dt = -gain by differentiating an antiderivative; raises NotDischarged."""
    require(exact.positive(step, domain), f"the step {step} > 0 was not proved")
    alpha, slope, t = sp.Dummy("alpha", positive=True), sp.Dummy("M", positive=True), TIME
    primitive = -alpha * t + slope * alpha**2 * t**2 / 2
    require(exact.is_zero(sp.diff(primitive, t) - (slope * alpha**2 * t - alpha)), "the antiderivative is wrong")
    value = (primitive.subs(t, 1) - primitive.subs(t, 0)).xreplace({alpha: step, slope: constant})
    require(exact.is_zero(value + gain, domain), "the decrease is not alpha (1 - M alpha/2)")


def one_step(expr: Any) -> Trajectory:
    """The loss after one step of gradient descent; raises NotApplicable for anything else."""
    if not isinstance(expr, Trajectory) or expr.reduction is not Reduction.AT or expr.time != 1 or expr.expr != expr.loss:
        raise NotApplicable("it takes the loss after one step, descent(L, {w: w0}, alpha)[1, L]")
    if expr.method is not Method.GRADIENT:
        raise NotApplicable(f"it takes gradient descent without momentum, not {expr.method.value}")
    return expr


def require(holds: bool | None, otherwise: str) -> None:
    """Raise NotDischarged with a reason unless something is proved."""
    if holds is not True:
        raise NotDischarged(otherwise)


def _path(node: Trajectory) -> list[Any]:
    """w_0 - t alpha grad L(w_0), entry by entry."""
    if not all(isinstance(variable, sp.Symbol) for variable in node.variables):
        raise NotApplicable("the segment is written out for scalar variables; use descent_lemma for matrices")
    at_start = dict(zip(node.variables, node.starts, strict=True))
    return [
        start - TIME * node.step * sp.diff(node.loss, variable).xreplace(at_start)
        for variable, start in zip(node.variables, node.starts, strict=True)
    ]


def _gradient_along(node: Trajectory) -> list[Any]:
    here = dict(zip(node.variables, _path(node), strict=True))
    return [sp.diff(node.loss, variable).xreplace(here) for variable in node.variables]


def _primitive(integral: Any) -> Any:
    polynomial = sp.Poly(integral.function, TIME)
    return sum((c * TIME ** (k + 1) / (k + 1) for (k,), c in polynomial.terms()), sp.S.Zero)


def _arguments(args: tuple[Any, ...]) -> tuple[Trajectory, Any, Smoothness]:
    if len(args) != 3:
        raise NotApplicable("it takes the trajectory's node, the constant M and the reason for it")
    return one_step(args[0]), *_reason(args[1:])


def _reason(args: tuple[Any, ...]) -> tuple[Any, Smoothness]:
    if len(args) != 2 or not isinstance(args[1], Smoothness):
        raise NotApplicable("it takes the constant M and the reason (a Smoothness) why the gradient is M-Lipschitz")
    return sp.sympify(args[0]), args[1]


along_segment = AlongSegment()
lipschitz_gradient = LipschitzGradient()
integrate_step = IntegrateStep()
descent_lemma = DescentLemma()
