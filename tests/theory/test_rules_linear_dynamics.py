"""Rules for deep linear networks in time: what they derive, and what their checks turn down."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Ge, Identity, Le, MatMul, MatrixSymbol, Ne, Q, Rational, Symbol, Trace, symbols

from lemmata.theory.coefficient_signs import never_negative, open_box
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.linear_networks import square_loss
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.approach import approach_at_rate, approach_from_one_side
from lemmata.theory.rules.bernoulli_flow import bernoulli_flow
from lemmata.theory.rules.equal_layers import equal_layers
from lemmata.theory.rules.polynomial_layers import X, in_matrix, polynomial_layers
from lemmata.theory.rules.settling import flow_power_law, lags_behind, settles
from lemmata.theory.trajectory import descent, flow

r, x, v, w = symbols("r x v w", real=True)
s, t, alpha, theta = symbols("s t alpha theta", positive=True)
n = Symbol("n", integer=True, nonnegative=True)
d = Symbol("d", integer=True, positive=True)
REFUSED = (NotApplicable, NotDischarged)


def chain(expr: Any, *given: Any) -> Derivation:
    """An empty derivation from an expression."""
    return Derivation(expr, Domain(tuple(sorted(expr.free_symbols, key=str)), given))


def pair(target: Any = r) -> Any:
    """The loss of two layers of one dimension."""
    return (v * w - target) ** 2 / 2


# Signs by coefficients.


@pytest.mark.parametrize(
    ("expr", "given", "holds"),
    [
        (s**3 - s, [Ge(s, 1)], True),
        (1 - theta * s, [Le(s, 1), Le(theta, 1)], True),
        (1 - theta * s, [Le(s, 1), Le(theta, 2)], False),
        (s - Rational(1, 2), [Le(s, 1)], False),
        (1 / s - 1, [Le(s, 1)], True),
        (sp.sqrt(s), [], False),
    ],
)
def test_signs_by_coefficients(expr: Any, given: list[Any], holds: bool) -> None:
    assert never_negative(expr, Domain(tuple(expr.free_symbols), tuple(given))) is holds


def test_a_symbol_without_bounds_has_no_sign() -> None:
    assert not never_negative(x**2, Domain((x,)))


def test_a_box_with_a_closed_end_is_not_open() -> None:
    assert open_box([s], Domain((s,))) and not open_box([s], Domain((s,), (Ge(s, 1),)))


# Variables that stay equal.


def test_equal_layers_give_one_map() -> None:
    found = chain(descent(pair(), {v: 1, w: 1}, alpha)[n, v]).by(equal_layers).end
    assert sp.expand(found.map.expr.xreplace({found.map.variables[0]: x}) - (x + alpha * x * (r - x**2))) == 0


@pytest.mark.parametrize(
    "motion",
    [
        descent(pair(), {v: 1, w: 2}, alpha)[n, v],
        descent(pair() + v**2, {v: 1, w: 1}, alpha)[n, v],
        flow(pair() + v, {v: 1, w: 1})[t, v],
        descent(pair(), {v: 1, w: 1}, alpha, momentum=Rational(1, 2), method="heavy_ball")[n, v],
    ],
)
def test_layers_that_part_are_refused(motion: Any) -> None:
    with pytest.raises(REFUSED):
        chain(motion).by(equal_layers)


# Bernoulli's equation.


def test_two_layers_follow_the_logistic_curve() -> None:
    found = chain(flow(pair(), {v: 1, w: 1})[t, v * w], Ne(r, 0)).by(equal_layers).by(bernoulli_flow).end
    stated = r * sp.exp(2 * r * t) / (r - 1 + sp.exp(2 * r * t))
    assert sp.simplify(found - stated) == 0


@pytest.mark.parametrize(
    ("loss", "start", "given"),
    [
        (w**4 / 4 - r * w**2 / 2, 1, ()),  # r may be 0
        (-(w**4) / 4 + w**2, 1, ()),  # it blows up
        (w**4 / 4 - w**2, -1, ()),  # a negative start
        (w**4 + w**3 + w**2, 1, ()),  # three terms
    ],
)
def test_other_flows_are_refused(loss: Any, start: Any, given: tuple[Any, ...]) -> None:
    with pytest.raises(REFUSED):
        chain(flow(loss, {w: start})[t, w], *given).by(bernoulli_flow)


# Iterates that approach from one side.


def cubic(step: Any, target: Any = s) -> Any:
    """w <- w + step w^2 (s^3 - w^3) from 1."""
    return iterate(sp.Lambda(x, x + step * x**2 * (target**3 - x**3)), 1, n)


def test_the_step_of_the_theorem_approaches_from_one_side() -> None:
    derived = chain(cubic(theta / (3 * s**4)), Ge(s, 1), Le(theta, 1)).by(approach_from_one_side, s)
    assert (derived.end, derived.link) == (s, Link.AT_MOST)
    rate = chain(sp.Abs(cubic(theta / 3) - s), Le(s, 1), Le(theta, 1)).by(approach_at_rate, s)
    assert sp.expand(rate.end - (1 - theta * s**4) ** n * sp.Abs(1 - s)) == 0


@pytest.mark.parametrize("step", [theta / s**4, 2 * theta / (3 * s**4), theta / 3])
def test_longer_steps_are_refused(step: Any) -> None:
    for rule, expr in ((approach_from_one_side, cubic(step)), (approach_at_rate, sp.Abs(cubic(step) - s))):
        with pytest.raises(REFUSED):
            chain(expr, Ge(s, 1), Le(theta, 1)).by(rule, s)


def test_a_point_that_is_not_fixed_is_refused() -> None:
    with pytest.raises(REFUSED):
        chain(cubic(theta / (3 * s**4)), Ge(s, 1), Le(theta, 1)).by(approach_from_one_side, 2 * s)


def test_a_map_that_repels_has_no_rate() -> None:
    away = iterate(sp.Lambda(x, 2 * x), 1, n)
    with pytest.raises(REFUSED):
        chain(sp.Abs(away)).by(approach_at_rate, 0)


# Flows that settle.

CUBE = w**6 / 6 - s**3 * w**3 / 3


def test_flow_settles_at_the_solution_on_either_side() -> None:
    limit = sp.Limit(flow(CUBE, {w: 1})[t, w**3], t, sp.oo)
    assert chain(limit).by(settles, s).end == s**3


@pytest.mark.parametrize(
    ("loss", "rest"),
    [
        (CUBE, 0),  # the other point at rest
        ((w - 2) ** 2 * (w - 3) ** 2, 3),  # 2 is at rest on the way
        (w**4 / 4 - w**3 / 3, 0),  # it starts at rest, at 1
    ],
)
def test_flows_that_end_elsewhere_are_refused(loss: Any, rest: Any) -> None:
    with pytest.raises(REFUSED):
        chain(sp.Limit(flow(loss, {w: 1})[t, w], t, sp.oo)).by(settles, rest)


def test_the_power_law_needs_its_power() -> None:
    motion = flow(w**6 / 6 + s * w**3 / 3, {w: 1})[t, w]
    assert chain(sp.Limit(t * motion, t, sp.oo)).by(flow_power_law).end == 1 / s
    with pytest.raises(REFUSED):
        chain(sp.Limit(sp.sqrt(t) * motion, t, sp.oo)).by(flow_power_law)


def test_flows_compare_only_in_the_true_direction() -> None:
    motion = flow(w**6 / 6 + s * w**3 / 3, {w: 1})[t, w]
    above = chain(motion).by(lags_behind, lambda y: -s * y**2, 0)
    below = chain(motion).by(lags_behind, lambda y: -(s + 1) * y**2, 0)
    assert (above.link, below.link) == (Link.AT_MOST, Link.AT_LEAST)
    rewrite = Rewrite(above.end, "", Link.AT_LEAST)
    with pytest.raises(NotDischarged):
        lags_behind.check(motion, rewrite, lambda y: -s * y**2, 0, domain=above.domain)
    with pytest.raises(REFUSED):
        chain(motion).by(lags_behind, lambda y: -(s + Rational(1, 2)) * y**2, 0)


# Layers that are polynomials in the target.

R, H = MatrixSymbol("R", d, d), MatrixSymbol("H", d, d)
W1, W2 = MatrixSymbol("W_1", d, d), MatrixSymbol("W_2", d, d)


def two_steps(given: tuple[Any, ...], start: Any) -> Derivation:
    """The second iterate of W_1, both layers from the start."""
    loss = square_loss(MatMul(W2, W1) - R, Identity(d))
    node = descent(loss, {W1: start, W2: start}, alpha)[2, Trace(H.T * W1)]
    return Derivation(node, Domain((R, H, alpha, d), given)).by(polynomial_layers, R)


def test_layers_are_polynomials_in_a_symmetric_target() -> None:
    first = 1 - alpha * (1 - X)
    second = sp.expand(first - alpha * first * (first**2 - X))
    assert two_steps((Q.symmetric(R),), Identity(d)).end == Trace(H.T * in_matrix(second, R))


def test_without_symmetry_or_from_another_matrix_it_is_refused() -> None:
    with pytest.raises(REFUSED):
        two_steps((), Identity(d))
    with pytest.raises(REFUSED):
        two_steps((Q.symmetric(R),), H)


def test_a_wrong_polynomial_is_not_discharged() -> None:
    derived = two_steps((Q.symmetric(R),), Identity(d))
    wrong = Rewrite(Trace(H.T * in_matrix(1 + X, R)), "")
    with pytest.raises(NotDischarged):
        polynomial_layers.check(derived.start, wrong, R, domain=derived.domain)
