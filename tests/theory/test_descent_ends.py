"""The rules about where descent ends: each proves what holds and refuses what does not."""

from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.automatic import derive
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.conserved import conserved
from lemmata.theory.rules.descent_steps import few_steps, first_step, staying_put
from lemmata.theory.rules.piece_slopes import slopes_at_least, slopes_at_most
from lemmata.theory.rules.potential import TAU, Region, drift_at_least, drift_at_most, nonnegative, speed
from lemmata.theory.saddle_trap import kinked_knots, kinked_trap, smooth_knots, smooth_trap
from lemmata.theory.trajectory import descent, flow

w, x, y, z, u = sp.symbols("w x y z u", real=True)
alpha, h, kappa, start, t = sp.symbols("alpha h kappa x_0 t", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
N = sp.Symbol("N", integer=True, positive=True)
UP_TO_START = Region(sp.Lambda(z, start / (1 + z)), sp.Lambda(z, start / z - 1))
BEYOND = Region(sp.Lambda(z, start + z), sp.Lambda(z, z - start))
SHORT = 1 / (12 * start * (1 + start) * (1 + kappa))
CREEPING = descent(3 * w**4 + 4 * w**3, {w: start}, SHORT)
SETTING = Domain((start, kappa, alpha, n))


def derived(expr: Any, rule: Any, *args: Any, domain: Domain = SETTING) -> Any:
    return Derivation(expr, domain).by(rule, *args).end


def test_inflection_is_bounded_on_both_sides_and_has_its_speed() -> None:
    assert sp.cancel(derived(CREEPING[n, 1 / w], drift_at_least, UP_TO_START, 12 * SHORT) - 1 / start - 12 * SHORT * n) == 0
    wide = 12 * SHORT * (1 + 1 / kappa) * (1 + start)
    assert derived(CREEPING[n, 1 / w], drift_at_most, UP_TO_START, wide) == 1 / start + n * wide
    assert sp.cancel(derived(sp.Limit(CREEPING[n, 1 / w] / n, n, sp.oo), speed, UP_TO_START, 12 * SHORT) - 12 * SHORT) == 0


@pytest.mark.parametrize(
    ("rule", "drift"),
    [(drift_at_least, 13 * SHORT), (drift_at_most, 12 * SHORT), (drift_at_most, 12 * SHORT * (1 + 1 / kappa))],
)
def test_a_drift_that_is_off_is_refused(rule: Any, drift: Any) -> None:
    with pytest.raises(NotDischarged, match="increment"):
        derived(CREEPING[n, 1 / w], rule, UP_TO_START, drift)


def test_a_step_that_leaves_the_region_is_refused() -> None:
    """Without the bound on the step the first iterate may jump over the inflection."""
    with pytest.raises(NotDischarged, match="stay in the region"):
        derived(descent(3 * w**4 + 4 * w**3, {w: start}, alpha)[n, 1 / w], drift_at_least, UP_TO_START, 12 * alpha)


def test_a_start_outside_the_region_is_refused() -> None:
    with pytest.raises(NotDischarged, match="start"):
        derived(descent(-(w**2), {w: start / 2}, alpha)[n, w], drift_at_least, BEYOND, 2 * alpha * start)


def test_maps_that_are_no_inverses_are_refused() -> None:
    crooked = Region(sp.Lambda(z, start + z), sp.Lambda(z, z - 2 * start))
    with pytest.raises(NotDischarged, match="inverse"):
        derived(descent(-(w**2), {w: start}, alpha)[n, w], drift_at_least, crooked, 2 * alpha * start)


def test_a_potential_with_a_pole_in_the_region_is_refused() -> None:
    """From x_0 descent moves past 2 x_0, where 1/(2 x_0 - w) jumps from oo to -oo."""
    node = descent(-w, {w: start}, alpha)[n, 1 / (2 * start - w)]
    with pytest.raises(NotDischarged, match="defined"):
        derived(node, drift_at_least, BEYOND, 0)


def test_a_speed_needs_a_drift() -> None:
    """phi = 1 - 1/(1 + w) grows for ever and stays below 1: no positive drift can be given."""
    node = descent(-w, {w: start}, alpha)[n, 1 - 1 / (1 + w)]
    for drift in (sp.Rational(1, 10**6), sp.S.Zero):
        with pytest.raises(NotDischarged):
            derived(sp.Limit(node / n, n, sp.oo), speed, BEYOND, drift)


def test_logistic_growth_uses_the_exponential() -> None:
    region = Region(sp.Lambda(z, sp.log(sp.exp(start) + z)), sp.Lambda(z, sp.exp(z) - sp.exp(start)))
    node = descent(sp.log(1 + sp.exp(-w)), {w: start}, alpha)[n, sp.exp(w)]
    assert derived(node, drift_at_least, region, alpha / 2) == sp.exp(start) + n * alpha / 2
    with pytest.raises(NotDischarged):
        derived(node, drift_at_least, region, 2 * alpha)


# Traps

s, M = sp.symbols("s M", positive=True)
BETWEEN = Domain((s, M, t, h), (sp.Gt(s, 1), sp.Lt(s, 2)))
FAMILIES = [(kinked_trap, kinked_knots), (smooth_trap, smooth_knots)]


def slope_and_knots(trap: Any, knots: Any) -> tuple[Any, list[Any]]:
    ends = sorted({sign * knot for knot in knots(s) for sign in (-1, 1)}, key=lambda knot: knot.subs(s, sp.Rational(3, 2)))
    return sp.Lambda(z, sp.diff(trap(z, M, s), z)), ends


@pytest.mark.parametrize(("trap", "knots"), FAMILIES)
def test_traps_are_lipschitz_with_their_constant_and_no_smaller_one(trap: Any, knots: Any) -> None:
    slope, ends = slope_and_knots(trap, knots)
    rise = slope(y + h) - slope(y)
    assert derived(rise, slopes_at_most, slope, y, h, M, ends, domain=BETWEEN) == M * h
    assert derived(rise, slopes_at_least, slope, y, h, -M, ends, domain=BETWEEN) == -M * h
    with pytest.raises(NotDischarged, match="slope"):
        derived(rise, slopes_at_most, slope, y, h, M * sp.Rational(99, 100), ends, domain=BETWEEN)
    with pytest.raises(NotDischarged, match="slope"):
        derived(rise, slopes_at_least, slope, y, h, -M * sp.Rational(99, 100), ends, domain=BETWEEN)


@pytest.mark.parametrize(("trap", "knots"), FAMILIES)
@pytest.mark.parametrize("relative", [sp.Rational(101, 100), sp.Rational(3, 2), sp.Rational(199, 100)])
def test_traps_by_exact_numbers(trap: Any, knots: Any, relative: Any) -> None:
    """Slopes of chords between rational points, and one step of descent, in rationals."""
    slope = sp.diff(trap(y, sp.S.One, relative), y)
    points = sorted({sp.Rational(j, 7) for j in range(-21, 22)} | {sign * knot for knot in knots(relative) for sign in (-1, 1)})
    values = [slope.subs(y, at) for at in points]
    chords = [(b - a) / (q - p) for p, q, a, b in zip(points, points[1:], values, values[1:], strict=False)]
    assert max(chords) <= 1 and min(chords) >= -1
    assert all(at - relative * value == 0 for at, value in zip(points, values, strict=True) if abs(at) >= 1)
    assert all(abs(at - relative * value) < 1 for at, value in zip(points, values, strict=True) if abs(at) < 1)
    assert all(at - relative * value != 0 for at, value in zip(points, values, strict=True) if 0 < abs(at) < 1)


def test_knots_that_are_missing_or_out_of_order_are_refused() -> None:
    slope, ends = slope_and_knots(kinked_trap, kinked_knots)
    rise = slope(y + h) - slope(y)
    with pytest.raises(NotDischarged, match="not among the knots"):
        derived(rise, slopes_at_most, slope, y, h, M, ends[1:], domain=BETWEEN)
    with pytest.raises(NotDischarged, match="rising order"):
        derived(rise, slopes_at_most, slope, y, h, M, ends[::-1], domain=BETWEEN)


def test_a_jump_is_no_slope() -> None:
    jump = sp.Lambda(z, sp.Heaviside(z))
    with pytest.raises(NotDischarged, match="continuous"):
        derived(jump(y + h) - jump(y), slopes_at_most, jump, y, h, 1, (sp.S.Zero,), domain=BETWEEN)
    inner = sp.Lambda(z, z**4)
    with pytest.raises(NotDischarged, match="degree"):
        derived(inner(y + h) - inner(y), slopes_at_most, inner, y, h, 10**6, (), domain=BETWEEN)
    outer = sp.Lambda(z, z**2)
    with pytest.raises(NotDischarged, match="unbounded"):
        derived(outer(y + h) - outer(y), slopes_at_most, outer, y, h, 10**6, (), domain=BETWEEN)


# Steps and lines

DOUBLE_WELL = x**2 - y**2 + y**4


def test_staying_put_drops_what_does_not_move() -> None:
    held = derived(descent(DOUBLE_WELL, {x: 1, y: 0}, alpha)[n, x + y], staying_put)
    (node,) = held.atoms(type(descent(DOUBLE_WELL, {x: 1}, alpha)[n, x]))
    assert [str(v) for v in node.variables] == ["x"]
    with pytest.raises(NotApplicable, match="held"):
        derived(descent(DOUBLE_WELL, {x: 1, y: sp.Rational(1, 10)}, alpha)[n, x + y], staying_put)
    with pytest.raises(NotApplicable, match="held"):
        derived(descent(x * y + y**2, {x: 1, y: 0}, alpha)[n, x + y], staying_put)


def test_first_step_takes_one_step() -> None:
    assert derived(descent(w**2, {w: u}, alpha)[1, w], first_step) == u - 2 * alpha * u
    shorter = derived(descent(w**2, {w: u}, alpha)[N, w], first_step)
    assert shorter == descent(w**2, {w: u - 2 * alpha * u}, alpha)[N - 1, w]
    with pytest.raises(NotApplicable, match="may be 0"):
        derived(descent(w**2, {w: u}, alpha)[n, w], first_step)
    with pytest.raises(NotApplicable):
        derived(descent(w**2, {w: u}, alpha, momentum=sp.Rational(1, 2), method="heavy_ball")[1, w], first_step)


def test_few_steps_are_taken_unasked_on_polynomials_alone() -> None:
    v = sp.Symbol("v", real=True)
    cubic = u * w**3 / 3 + w**2
    stepped = Derivation(descent(cubic, {w: v}, alpha)[2, w], Domain((u, v, alpha)))
    once = v - alpha * (u * v**2 + 2 * v)
    by_hand = once - alpha * (u * once**2 + 2 * once)
    chain = derive(stepped.start, by_hand, stepped.domain)
    assert chain is not None and "few_steps" in [step.rule for step in chain.steps]
    assert exact.equal(chain.end, by_hand, stepped.domain) is True
    wrong = derive(stepped.start, by_hand + alpha**3, stepped.domain)
    assert wrong is not None and exact.equal(wrong.end, by_hand + alpha**3, stepped.domain) is False
    for node in (descent(cubic, {w: v}, alpha)[3, w], descent(sp.Abs(w) ** 3, {w: v}, alpha)[1, w], descent(cubic, {w: v}, alpha)[N, w]):
        with pytest.raises(NotApplicable):
            derived(node, few_steps)


# Conserved quantities

v, b = sp.symbols("v b", real=True)
UNIT = (v * sp.Max(0, w * u + b) - 1) ** 2
BEGINS = {w: x, b: y, v: z}


def test_the_invariant_of_a_unit_is_conserved_and_others_are_not() -> None:
    kept = flow(UNIT, BEGINS)[t, v**2 - w**2 - b**2]
    assert derived(kept, conserved) == z**2 - x**2 - y**2
    for other in (v**2 + w**2 + b**2, v**2 - w**2, v**2 - w**2 - 2 * b**2, v):
        with pytest.raises(NotDischarged, match="orthogonal"):
            derived(flow(UNIT, BEGINS)[t, other], conserved)


def test_switches_that_look_alike_are_kept_apart() -> None:
    """A parameter of the variable's name: the two indicators must not be taken for one."""
    loss = sp.Max(0, w) * v
    inner = flow(loss, {w: 1, v: 1})[t, w**2 - v**2 + sp.Max(0, w)]
    with pytest.raises(NotDischarged):
        derived(inner, conserved)
    with pytest.raises(NotApplicable, match="switches"):
        derived(flow(sp.Abs(w), {w: 1})[t, w], conserved)


def test_a_speed_needs_its_leading_coefficient() -> None:
    """With u = 0 the increment is 2 everywhere, and not 1 in the limit."""
    bent, region = sp.Symbol("u", nonnegative=True), Region(sp.Lambda(z, z), sp.Lambda(z, z))
    limit = sp.Limit(descent(-w - w / (1 + bent * w), {w: 0}, 1)[N, w] / N, N, sp.oo)
    with pytest.raises(NotDischarged, match="not 0"):
        derived(limit, speed, region, 1, domain=Domain((bent, N)))
    there = limit.xreplace({bent: sp.S.Half})
    assert derived(there, speed, region, 1, domain=Domain((N,))) == 1


@pytest.mark.parametrize(
    ("body", "knots"),
    [
        (5 * z, ()),
        (sp.Piecewise((5, z > 0), (0, True)), ()),
        (sp.Piecewise((5, z > 0), (0, True)), (sp.S.Zero,)),
        (sp.sign(z), (sp.S.One,)),
    ],
)
def test_maps_that_rise_without_a_knot_are_refused(body: Any, knots: tuple) -> None:
    f = sp.Lambda(z, body)
    with pytest.raises(NotDischarged):
        derived(f(y + h) - f(y), slopes_at_most, f, y, h, 0, knots, domain=Domain((y, h)))


@pytest.mark.parametrize("jumping", [sp.atan(w) + sp.atan(1 / w), sp.sqrt(w**2 - 2 * w + 1) / (w - 1), sp.log(w**2) - 2 * sp.log(w)])
def test_what_jumps_where_the_flow_crosses_is_not_conserved(jumping: Any) -> None:
    """Its derivative vanishes wherever it exists; from 2 the flow is at -1 at time 3."""
    with pytest.raises(NotDischarged, match="jump"):
        derived(flow(w, {w: 2})[t, jumping], conserved, domain=Domain((t,)))


def test_signs_of_exponentials_are_read_in_either_direction() -> None:
    """e^u is at least 1 + u, and e^-u one over it."""
    assert nonnegative(1 - sp.exp(-TAU) * (1 + TAU), Domain()) and nonnegative(sp.exp(TAU) - sp.exp(-TAU), Domain())
    assert not nonnegative(sp.exp(-TAU) - 1, Domain()) and not nonnegative(sp.exp(-TAU) - 1 + TAU / 2, Domain())


def test_a_map_without_knots_keeps_to_its_slope() -> None:
    f = sp.Lambda(z, 5 * z)
    assert derived(f(y + h) - f(y), slopes_at_most, f, y, h, 5, (), domain=Domain((y, h))) == 5 * h
