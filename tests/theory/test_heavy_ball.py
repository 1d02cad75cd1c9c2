"""The heavy ball by its last two iterates and under a constant gradient: against the definition run in rationals."""

import pytest
import sympy as sp

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import Trajectory
from lemmata.theory.rules.geometric_limit import geometric_limit
from lemmata.theory.rules.heavy_ball import constant_gradient, double_root, heavy_ball_step
from lemmata.theory.trajectory import descent

w, x, u, c = sp.symbols("w x u c", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
BETA, ALPHA = sp.Rational(2, 5), sp.Rational(1, 7)
LOSS = w**4 / 4 + w * x + x**2
STARTS = {w: sp.Rational(3, 4), x: sp.Rational(-1, 3)}


def _run(late: bool, steps: int) -> list[dict]:
    """Iterates by the definition."""
    point, speed = dict(STARTS), dict.fromkeys(STARTS, sp.S.Zero)
    found = [point]
    for _ in range(steps):
        faster = {v: BETA * speed[v] + ALPHA * sp.diff(LOSS, v).subs(point) for v in STARTS}
        used = speed if late else faster
        point, speed = {v: point[v] - used[v] for v in STARTS}, faster
        found.append(point)
    return found


@pytest.mark.parametrize("method", ["heavy_ball", "heavy_ball_printed"])
@pytest.mark.parametrize("time", [1, 2, 3, 5])
def test_a_step_back_is_what_the_definition_gives(method: str, time: int) -> None:
    iterates = _run(method.endswith("printed"), time)
    ball = descent(LOSS, STARTS, ALPHA, momentum=BETA, method=method)
    for variable in STARTS:
        end = Derivation(ball[time, variable], Domain()).by(heavy_ball_step).end
        nodes = end.atoms(Trajectory)
        assert nodes and all(node.time < time for node in nodes)
        values = {node: node.expr.subs(dict(zip(node.variables, iterates[int(node.time)].values(), strict=True))) for node in nodes}
        assert end.xreplace(values) == iterates[time][variable]


def test_the_two_methods_are_not_mistaken_for_each_other() -> None:
    polyak = descent(w**2, {w: u}, ALPHA, momentum=BETA, method="heavy_ball")
    printed = descent(w**2, {w: u}, ALPHA, momentum=BETA, method="heavy_ball_printed")
    right = heavy_ball_step.apply(polyak[n + 2, w], domain=Domain((n, u)))
    wrong = Rewrite(right.after.xreplace({node: printed[node.time, w] for node in right.after.atoms(Trajectory)}), "")
    with pytest.raises(NotDischarged):
        heavy_ball_step.check(printed[n + 2, w], wrong, domain=Domain((n, u)))
    with pytest.raises(NotDischarged):
        heavy_ball_step.check(polyak[n + 2, w], Rewrite(right.after + u, ""), domain=Domain((n, u)))


def test_two_iterates_before_are_needed() -> None:
    ball = descent(w**2, {w: u}, ALPHA, momentum=BETA, method="heavy_ball")
    with pytest.raises(NotApplicable, match="two iterates before"):
        Derivation(ball[n + 1, w], Domain((n, u))).by(heavy_ball_step)
    with pytest.raises(NotApplicable, match="here are 2"):
        Derivation(ball[n + 2, w] + ball[n + 3, w], Domain((n, u))).by(heavy_ball_step)
    with pytest.raises(NotApplicable, match="not another expression"):
        Derivation(ball[n + 2, w**2], Domain((n, u))).by(heavy_ball_step)


@pytest.mark.parametrize("time", range(6))
def test_a_constant_gradient_by_its_sums(time: int) -> None:
    ball = descent(c * w, {w: u}, ALPHA, momentum=BETA, method="heavy_ball")
    end = Derivation(ball[time, w], Domain((u, c))).by(constant_gradient).end
    passed = sum(sum(BETA**j for j in range(k)) for k in range(1, time + 1))
    assert sp.expand(end - (u - ALPHA * c * passed)) == 0


def test_a_gradient_that_is_not_constant_or_a_momentum_of_one_is_refused() -> None:
    with pytest.raises(NotApplicable, match="is not constant"):
        Derivation(descent(w**2, {w: u}, 1, momentum=BETA, method="heavy_ball")[n, w], Domain((n, u))).by(constant_gradient)
    b = sp.Symbol("b", positive=True)
    with pytest.raises(NotApplicable, match="is not 1 was not proved"):
        Derivation(descent(w, {w: u}, 1, momentum=b, method="heavy_ball")[n, w], Domain((n, u, b))).by(constant_gradient)
    with pytest.raises(NotDischarged):
        ball = descent(w, {w: u}, 1, momentum=BETA, method="heavy_ball")[n, w]
        constant_gradient.check(ball, Rewrite(u - n, ""), domain=Domain((n, u)))


@pytest.mark.parametrize(("step", "momentum"), [(sp.Rational(1, 4), sp.Rational(1, 4)), (sp.Rational(9, 4), sp.Rational(1, 4))])
def test_a_double_root_by_the_definition(step: sp.Rational, momentum: sp.Rational) -> None:
    ball = descent(w**2 / 2, {w: u}, step, momentum=momentum, method="heavy_ball")
    place, speed = u, sp.S.Zero
    for time in range(6):
        assert sp.expand(Derivation(ball[time, w], Domain((u,))).by(double_root).end - place) == 0
        speed = momentum * speed + step * place
        place = sp.expand(place - speed)


def test_two_roots_or_another_loss_are_refused() -> None:
    for loss, step, momentum, reason in (
        (w**2 / 2, sp.Rational(1, 2), sp.Rational(1, 4), "proved to be one"),
        (w**4, sp.Rational(1, 4), sp.Rational(1, 4), "multiple of w"),
        (w**2 / 2 + w, sp.Rational(1, 4), sp.Rational(1, 4), "multiple of w"),
        (w**2 / 2, sp.S.One, sp.S.Zero, "is not 0 was not proved"),
    ):
        with pytest.raises(NotApplicable, match=reason):
            Derivation(descent(loss, {w: u}, step, momentum=momentum, method="heavy_ball")[n, w], Domain((n, u))).by(double_root)
    ball = descent(w**2 / 2, {w: u}, sp.Rational(1, 4), momentum=sp.Rational(1, 4), method="heavy_ball")[n, w]
    with pytest.raises(NotDischarged):
        double_root.check(ball, Rewrite(u * sp.Rational(1, 2) ** n, ""), domain=Domain((n, u)))


def test_geometric_limits() -> None:
    r = sp.Symbol("r", real=True)
    inside = Domain((r,), (sp.Lt(r, 1), sp.Gt(r, -1)))
    sequence = sp.Limit(3 + c * r ** (n + 2) / (1 - r), n, sp.oo)
    assert Derivation(sequence, inside).by(geometric_limit).end == 3
    for expr, domain in (
        (sequence, Domain((r,), (sp.Lt(r, 1),))),
        (sequence, Domain((r,), (sp.Lt(r, 2), sp.Gt(r, -1)))),
        (sp.Limit(r**n * n, n, sp.oo), inside),
        (sp.Limit(r**n + 2**n, n, sp.oo), inside),
        (sp.Limit(r ** (n**2), n, sp.oo), inside),
        (sp.Limit(r**n, n, 3), inside),
    ):
        with pytest.raises(NotApplicable):
            Derivation(expr, domain).by(geometric_limit)
    found = geometric_limit.apply(sequence, domain=inside)
    (replaced,) = found.replaced
    with pytest.raises(NotDischarged):
        geometric_limit.check_replacement(type(replaced)(replaced.before, sp.Integer(4), inside))
