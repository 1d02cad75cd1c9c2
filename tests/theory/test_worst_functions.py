"""The functions on which descent is slowest: their iterates, their smoothness, their runs; runs in exact arithmetic."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact.order import sign
from lemmata.theory.rules.exact_run import exact_run
from lemmata.theory.trajectory import descent, grad_norm_squared
from lemmata.theory.worst_functions import Iterates, K, slowest, slowest_zigzag, straight, zigzag

N = sp.Symbol("N", integer=True, positive=True)
x, y = sp.symbols("x y", real=True)
ROOT = sp.sqrt(3)


@pytest.mark.parametrize("family", [straight, zigzag])
@pytest.mark.parametrize("step", [sp.Rational(1, 3), sp.S.One, sp.Rational(6, 5), 2 / ROOT, ROOT, sp.Rational(19, 10)], ids=str)
def test_families_satisfy_all_pair_inequalities(family: Any, step: Any) -> None:
    found = family(step)
    found.discharge(lambda value: sign(value) in (0, 1))
    points, slopes, values = zip(*(_numbers(found, k) for k in range(9)), strict=True)
    for i in range(9):
        for j in range(9):
            apart = [a - b for a, b in zip(points[i], points[j], strict=True)]
            turned = [a - b for a, b in zip(slopes[i], slopes[j], strict=True)]
            inner = sum((a + b) * d for a, b, d in zip(slopes[i], slopes[j], apart, strict=True))
            squares = sum(a * a for a in turned) / 4 - sum(a * a for a in apart) / 4
            assert sign(sp.expand(values[i] - values[j] - inner / 2 - squares)) in (0, 1)


def _numbers(found: Iterates, k: int) -> tuple[Any, Any, Any]:
    point, gradient, value = (found.at(what, sp.Integer(k), (-1) ** k) for what in (found.point, found.gradient, found.value))
    return point, gradient, value


PLANTED = {
    "iterates": {"point": (-2 * K,)},
    "length": {"gradient": (sp.Rational(1, 2),)},
    "pair inequality": {"value": -K * sp.Rational(74, 100)},
    "fall": {"value": K},
}


@pytest.mark.parametrize("what", PLANTED)
def test_planted_faults_in_a_family_are_found(what: str) -> None:
    with pytest.raises(NotDischarged):
        replace(straight(1), **PLANTED[what]).discharge(lambda value: sign(value) in (0, 1))


@pytest.mark.parametrize("n", range(1, 9))
def test_the_worst_function_is_smooth_bounded_and_attains_the_bound(n: int) -> None:
    """Its curvature on each interval between its kinks lies in [-M, M], its slope is continuous, it is least at x_*."""
    m, a, slope = sp.Rational(7, 3), sp.Rational(2, 5), sp.Rational(3, 2)
    loss = slowest(n, x, constant=m, step=a, slope=slope)
    kinks = sorted({-k * a * slope / 2 for k in range(2 * n - 1)})
    at = [kinks[0] - 1, *((p + q) / 2 for p, q in zip(kinks, kinks[1:], strict=False)), kinks[-1] + 1]
    curvature = [sp.diff(loss.replace(sp.Max, lambda zero, e, p=p: e if e.subs(x, p) > 0 else zero), x, 2) for p in at]
    assert set(curvature) <= {m, -m, sp.S.Zero} and curvature[0] == m
    falling = sp.diff(loss, x)
    lowest = -(n - 1) * a * slope - slope / m
    slopes = [falling.subs(x, p) for p in kinks]
    assert all(value > 0 for value in slopes) and falling.subs(x, lowest) == 0 and loss.subs(x, lowest) == 0
    run = descent(loss, {x: 0}, a).least[n, falling**2]
    attained = Derivation(run, Domain()).by(exact_run).end
    excess = loss.subs(x, 0)
    assert attained == slope**2 == 4 * excess / ((n - 1) * (4 * a - m * a**2) + 2 / m)


@pytest.mark.parametrize(("n", "step"), [*((n, sp.Rational(6, 5)) for n in range(1, 9)), (2, 2 / ROOT), (3, 2 / ROOT)], ids=str)
def test_the_worst_function_of_two_variables_attains_the_bound_for_longer_steps(n: int, step: Any) -> None:
    loss = slowest_zigzag(n, x, y, step=step)
    start = {x: sp.S.Zero, y: step**2 / 4}
    run = descent(loss, start, step).least[n, grad_norm_squared(loss, [x, y])]
    assert Derivation(run, Domain()).by(exact_run).end == 1
    excess = loss.xreplace(start)
    assert exact.is_zero(4 * excess - (n - 1) * (4 * step - step**3) - 2) is True


def test_the_worst_function_of_two_variables_is_smooth() -> None:
    """Each branch has curvatures 1 and -1 alone; the pair inequality, exactly, at 40 x 40 points of many branches; least value 0."""
    loss = slowest_zigzag(5, x, y, step=sp.Rational(6, 5))
    curvatures = {tuple(sorted(sp.hessian(branch, (x, y)).eigenvals())) for branch, _ in loss.args}
    assert curvatures == {(-1,), (-1, 1), (1,)}
    stream = random.Random(7)
    points = [{x: sp.Rational(stream.randint(-500, 100), 100), y: sp.Rational(stream.randint(-150, 150), 100)} for _ in range(40)]
    looked_at = [(p, loss.xreplace(p), sp.diff(loss, x).xreplace(p), sp.diff(loss, y).xreplace(p)) for p in points]
    assert min(value for _, value, _, _ in looked_at) >= 0
    for p, value, *slope in looked_at:
        for q, other, *turned in looked_at:
            form = sum(sp.Rational(1, 2) * (a + b) * (p[v] - q[v]) for v, a, b in zip((x, y), slope, turned, strict=True))
            form += sum((a - b) ** 2 / 4 - (p[v] - q[v]) ** 2 / 4 for v, a, b in zip((x, y), slope, turned, strict=True))
            assert bool(value - other >= form)


def test_runs_that_cannot_be_exact_are_declined() -> None:
    kink, growing = sp.Abs(x), x**4
    free = sp.Symbol("u", real=True)
    cases = [
        (descent(kink, {x: 0}, 1)[1, x], "not along the gradient"),
        (descent(kink, {x: free}, 1)[1, x], "was not proved"),
        (descent(growing, {x: sp.Rational(1, 3)}, 1)[40, x], "too long"),
        (descent(x**2, {x: 1}, 1)[N, x], "at most 64"),
        (descent(sp.floor(x), {x: 1}, 1)[1, x], "jumps"),
    ]
    for node, says in cases:
        with pytest.raises((NotApplicable, NotDischarged), match=says):
            Derivation(node, Domain((free, N))).by(exact_run)
