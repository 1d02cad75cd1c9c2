r"""The heavy ball in terms of its last two iterates, and in closed form where the gradient is constant.

With $v^{(k)} = w^{(k-1)} - w^{(k)}$ eliminated, Polyak's method is

    w^(k+1) = w^(k) + beta (w^(k) - w^(k-1)) - alpha g(w^(k)),

and with the indices as they are often printed, w <- w - v for the old v, the gradient is that of the iterate before:

    w^(k+1) = w^(k) + beta (w^(k) - w^(k-1)) - alpha g(w^(k-1)).

Source: Polyak (1964), eq. (9).
"""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import nonzero
from lemmata.theory.rules.descent_lemma import require
from lemmata.theory.trajectory import Method, Reduction, Trajectory

SOURCE = "Polyak (1964), eq. (9)"

LATE = {Method.HEAVY_BALL: 0, Method.HEAVY_BALL_PRINTED: 1}
"""How many steps late the gradient enters."""


@final
class HeavyBallStep(Rule):
    """`(heavy_ball_step, node)`: a variable at an iterate by the two iterates before it; the first by the start.

    `node` says which, where there are several.

    The gradient is looked at at its iterate, with its constant factors in front.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.trajectory import descent
    >>> w, u, b = sp.symbols("w u beta", real=True)
    >>> ball = descent(w**2, {w: u}, sp.Rational(1, 4), momentum=b, method="heavy_ball")
    >>> found = Derivation(ball[2, w], Domain((u, b))).by(heavy_ball_step).end
    >>> sp.expand(found - (b + sp.Rational(1, 2)) * ball[1, w] + b * ball[0, w])
    0
    """

    name = "heavy_ball_step"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node = _chosen(expr, args)
        late = LATE[node.method]
        if node.time == 1:
            start = node.looking_at(0, node.expr)
            return Rewrite(
                expr.xreplace({node: start if late else start - node.step * _slope(node, sp.S.Zero)}), "the velocity is 0 at first"
            )
        if not exact.nonnegative(node.time - 2, domain):
            raise NotApplicable(f"two iterates before the one at {node.time} are needed: that it is at least 2 was not proved")
        last, before = node.looking_at(node.time - 1, node.expr), node.looking_at(node.time - 2, node.expr)
        after = expr.xreplace({node: last + node.momentum * (last - before) - node.step * _slope(node, node.time - 1 - late)})
        return Rewrite(after, r"$v^{(k)} = w^{(k-1)} - w^{(k)}$ put into the definition of the heavy ball")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """One step of the definition from any iterate and velocity: w, v of the step before are free, everything else follows."""
        node = _chosen(before, args)
        require(node.time == 1 or exact.nonnegative(node.time - 2, domain), "the step before the last was not proved to exist")
        first = {variable: sp.Dummy(f"{variable}_0", real=True) for variable in node.variables}
        velocity = {variable: sp.S.Zero if node.time == 1 else sp.Dummy(f"v_{variable}", real=True) for variable in node.variables}
        second, speed = one_step(node, first, velocity)
        iterates = (second, first) if node.time == 1 else (one_step(node, second, speed)[0], second, first)
        places = {sp.expand(node.time - late): iterate for late, iterate in enumerate(iterates)}
        values: dict[Any, Any] = {}
        for found in rewrite.after.atoms(Trajectory) | before.atoms(Trajectory):
            run = found.looking_at(node.time, node.expr) == node
            iterate = places.get(sp.expand(found.time)) if run else None
            values[found] = found if iterate is None else found.expr.xreplace(iterate)
        stated, true = rewrite.after.xreplace(values), before.xreplace(values)
        require(exact.is_zero(sp.expand(stated - true), domain), "a step of the definition gives another iterate")


@final
class ConstantGradient(Rule):
    r"""Iterates of the heavy ball on a loss that is linear in each variable: with $g$ constant and $\beta \ne 1$,

    $$w^{(n)} = w_0 - \alpha g \Bigl(\frac{n}{1 - \beta} - \frac{\beta (1 - \beta^n)}{(1 - \beta)^2}\Bigr).$$

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.trajectory import descent
    >>> w = sp.Symbol("w", real=True)
    >>> ball = descent(3 * w, {w: 5}, 1, momentum=sp.Rational(1, 2), method="heavy_ball")
    >>> Derivation(ball[2, w], Domain()).by(constant_gradient).end
    -5/2
    """

    name = "constant_gradient"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = _drifting(expr)
        if not nodes:
            raise NotApplicable("it takes expressions at iterates of the heavy ball")
        after = expr.xreplace({node: node.expr.xreplace(_drift(node, node.time, domain)) for node in nodes})
        return Rewrite(after, r"the gradient is constant: $v^{(n)} = \alpha g (1 + \beta + \dots + \beta^{n-1})$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Induction on n for iterate and velocity, one step of the definition at a time."""
        n = sp.Dummy("n", integer=True, nonnegative=True)
        values: dict[Any, Any] = {}
        for node in _drifting(before):
            now, then = _drift(node, n, domain), _drift(node, n + 1, domain)
            speed = {x: _velocity(node, x, n) for x in node.variables}
            for variable, start in zip(node.variables, node.starts, strict=True):
                require(exact.is_zero(now[variable].xreplace({n: sp.S.Zero}) - start, domain), "the closed form has another start")
                require(exact.is_zero(speed[variable].xreplace({n: sp.S.Zero}), domain), "the velocity is not 0 at first")
            moved, faster = one_step(node, now, speed)
            for variable in node.variables:
                require(_vanishes(moved[variable] - then[variable], domain), "the closed form is not one step further")
                require(_vanishes(faster[variable] - _velocity(node, variable, n + 1), domain), "the velocity is not one step further")
            values[node] = node.expr.xreplace({x: value.xreplace({n: node.time}) for x, value in now.items()})
        require(exact.equal(rewrite.after, before.xreplace(values), domain), "the expression at the iterate is another")


@final
class DoubleRoot(Rule):
    r"""Iterates of the heavy ball on $k w^2/2$ where the two roots of $z^2 - (1 + \beta - \alpha k) z + \beta$ are one, r:

    $$w^{(n)} = \Bigl(1 + n \Bigl(\frac{1 - \alpha k}{r} - 1\Bigr)\Bigr) r^n w_0, \qquad r = \frac{1 + \beta - \alpha k}{2}.$$

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.trajectory import descent
    >>> w = sp.Symbol("w", real=True)
    >>> ball = descent(w**2 / 2, {w: 8}, sp.Rational(1, 4), momentum=sp.Rational(1, 4), method="heavy_ball")
    >>> Derivation(ball[3, w], Domain()).by(double_root).end
    5/2
    """

    name = "double_root"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        nodes = _drifting(expr)
        if not nodes:
            raise NotApplicable("it takes expressions at iterates of the heavy ball")
        after = expr.xreplace({node: node.expr.xreplace(_doubled(node, node.time, domain)) for node in nodes})
        return Rewrite(after, r"one double root r: $w^{(n)}$ is $(c_0 + c_1 n) r^n$")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Induction: the start, the first step from rest, and the recursion by which two iterates give the next."""
        n = sp.Dummy("n", integer=True, nonnegative=True)
        values: dict[Any, Any] = {}
        for node in _drifting(before):
            (variable,), (start,) = node.variables, node.starts
            now = _doubled(node, n, domain)[variable]
            slope = sp.diff(node.loss, variable)
            first, second, third = (now.xreplace({n: n + k}) for k in range(3))
            require(_vanishes(now.xreplace({n: sp.S.Zero}) - start, domain), "the closed form has another start")
            moved = start - node.step * slope.xreplace({variable: start})
            require(_vanishes(now.xreplace({n: sp.S.One}) - moved, domain), "the first step is another")
            following = second + node.momentum * (second - first) - node.step * slope.xreplace({variable: second})
            require(_vanishes(third - following, domain), "the closed form is not one step further")
            values[node] = node.expr.xreplace({variable: now.xreplace({n: node.time})})
        require(exact.equal(rewrite.after, before.xreplace(values), domain), "the expression at the iterate is another")


def _doubled(node: Trajectory, n: Any, domain: Domain) -> dict[Any, Any]:
    """The closed form at the n-th iterate; raises NotApplicable where there are two roots, or the root may be 0."""
    if len(node.variables) != 1 or not isinstance(node.variables[0], sp.Symbol):
        raise NotApplicable("it takes one scalar variable")
    (variable,), (start,) = node.variables, node.starts
    curvature = sp.diff(node.loss, variable, 2)
    if curvature.has(variable) or sp.expand(sp.diff(node.loss, variable) - curvature * variable) != 0:
        raise NotApplicable(f"the loss is not a multiple of {variable}^2")
    above, below = sp.fraction(sp.factor(1 + node.momentum - node.step * curvature) / 2)
    root = sp.expand(above) / below
    if exact.is_zero(root**2 - node.momentum, domain) is not True:
        raise NotApplicable("the two roots were not proved to be one")
    if not nonzero(root, domain):
        raise NotApplicable(f"that the root {root} is not 0 was not proved")
    return {variable: start * (1 + n * sp.factor((1 - node.step * curvature) / root - 1)) * root**n}


def one_step(node: Trajectory, w: dict[Any, Any], v: dict[Any, Any]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The definition: v' = beta v + alpha g(w), and w' = w - v', or w - v where the gradient enters late."""
    faster = {x: node.momentum * v[x] + node.step * sp.diff(node.loss, x).xreplace(w) for x in node.variables}
    used = v if LATE[node.method] else faster
    return {x: w[x] - used[x] for x in node.variables}, faster


def _slope(node: Trajectory, time: Any) -> Any:
    """The gradient in the variable that is looked at, at an iterate; constant factors in front."""
    factor, rest = sp.diff(node.loss, node.expr).as_independent(*node.variables, as_Add=False)
    return factor * (node.looking_at(time, rest) if rest != 1 else sp.S.One)


def _chosen(expr: Any, args: tuple[Any, ...]) -> Trajectory:
    nodes = [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.method in LATE]
    if args:
        nodes = [node for node in nodes if node == args[0]]
    if len(nodes) != 1:
        raise NotApplicable(f"it takes one variable at an iterate of the heavy ball, and here are {len(nodes)}: by(heavy_ball_step, node)")
    if not all(isinstance(variable, sp.Symbol) for variable in nodes[0].variables) or nodes[0].expr not in nodes[0].variables:
        raise NotApplicable("it takes a scalar variable at an iterate, not another expression")
    return nodes[0]


def _drifting(expr: Any) -> list[Trajectory]:
    return [node for node in expr.atoms(Trajectory) if node.reduction is Reduction.AT and node.method is Method.HEAVY_BALL]


def _drift(node: Trajectory, n: Any, domain: Domain) -> dict[Any, Any]:
    """The closed form of every variable at the n-th iterate; raises NotApplicable where a gradient is not constant."""
    beta, found = node.momentum, {}
    if not nonzero(1 - beta, domain):
        raise NotApplicable(f"that the momentum {beta} is not 1 was not proved")
    for variable, start in zip(node.variables, node.starts, strict=True):
        if not isinstance(variable, sp.Symbol) or sp.diff(node.loss, variable).free_symbols & set(node.variables):
            raise NotApplicable(f"the gradient in {variable} is not constant")
        path = n / (1 - beta) - beta * (1 - beta**n) / (1 - beta) ** 2
        found[variable] = start - node.step * sp.diff(node.loss, variable) * path
    return found


def _velocity(node: Trajectory, variable: Any, n: Any) -> Any:
    return node.step * sp.diff(node.loss, variable) * (1 - node.momentum**n) / (1 - node.momentum)


def _vanishes(expr: Any, domain: Domain) -> bool:
    numerator = sp.numer(sp.together(sp.expand_power_exp(expr)))
    return exact.is_zero(sp.expand(sp.expand_power_exp(numerator)), domain) is True


heavy_ball_step = HeavyBallStep()
constant_gradient = ConstantGradient()
double_root = DoubleRoot()
