"""Rules with symbols for exponents and numbers of terms: what they derive, and what their checks turn down."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Abs, Ge, Lambda, Le, Limit, Max, Rational, Sum, Symbol, ceiling, exp, floor, oo, sin, symbols

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.monotone import direction
from lemmata.theory.power_terms import nonnegative_below, power_terms
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.bernoulli_flow import bernoulli_flow
from lemmata.theory.rules.conserved import conserved
from lemmata.theory.rules.largest_of import limit_of_max, mean_at_most
from lemmata.theory.rules.power_descent import power_approach, power_limit, power_one_side
from lemmata.theory.rules.power_flow import change_of_variable, power_lags, power_law_decay, power_law_floor, power_speed
from lemmata.theory.rules.term_by_term import equal_terms, monotone, one_term, telescopes
from lemmata.theory.trajectory import flow

K, N = symbols("K N", integer=True, positive=True)
j = Symbol("j", integer=True)
x, w = symbols("x w", real=True)
a, b, q, s, t, u, alpha, theta, rho = symbols("a b q s t u alpha theta rho", positive=True)
REFUSED = (NotApplicable, NotDischarged)
TERMS = Sum(u**j * s ** (K - 1 - j), (j, 0, K - 1))


def chain(expr: Any, *given: Any) -> Derivation:
    """An empty derivation from an expression."""
    return Derivation(expr, Domain(tuple(sorted(expr.free_symbols, key=str)), given))


def forged(rule: Any, derivation: Derivation, after: Any, link: Link, *args: Any) -> None:
    """Hands a rule's check a result that is not the rule's."""
    rule.check(derivation.end, Rewrite(after, "", link), *args, domain=derivation.domain)


# Monotony by shape.


@pytest.mark.parametrize(
    ("expr", "moves"),
    [
        (u**K, 1),
        (u ** (-K), -1),
        (u**j, None),
        (1 - u ** (K - 1), -1),
        (u - u**2, None),
        (u / (1 + u), None),
        (x * u, None),
        (TERMS, 1),
        (Sum(u ** (K - 1 - 2 * j), (j, 0, K - 1)), None),
        (Sum(u**j, (j, 0, K - 3)), None),
        (Max(u, 1 / u), None),
        (Max(exp(u), 2), 1),
        (sin(u), None),
        (a + 1, 0),
    ],
)
def test_direction_by_shape(expr: Any, moves: int | None) -> None:
    assert direction(expr, u, Domain(tuple(expr.free_symbols - {j}))) == moves


def test_direction_does_not_lean_on_the_bounds_of_the_symbol_itself() -> None:
    assert direction((1 - u) * u**2, u, Domain((u,), (Le(u, Rational(1, 3)),))) is None


# Sums of any length.


def test_a_geometric_sum_telescopes_at_every_length() -> None:
    found = chain((u - s) * TERMS).by(telescopes, lambda i: u**i * s ** (K - i))
    assert exact.is_zero(found.end - (u**K - s**K)) is True


def test_what_does_not_telescope_is_turned_down() -> None:
    with pytest.raises(REFUSED):
        chain((u - s) * TERMS).by(telescopes, lambda i: u**i * s ** (K + 1 - i))
    with pytest.raises(REFUSED):
        chain((u + s) * TERMS).by(telescopes, lambda i: u**i * s ** (K - i))
    with pytest.raises(REFUSED):
        chain(Sum(1, (j, 0, K - 3))).by(telescopes, lambda i: i)


def test_equal_terms_are_counted() -> None:
    assert chain(Sum(u**j * u ** (K - 1 - j), (j, 0, K - 1))).by(equal_terms).end == K * u ** (K - 1)
    with pytest.raises(REFUSED):
        chain(TERMS).by(equal_terms)
    with pytest.raises(REFUSED):
        chain(Sum(a, (j, 0, K - 3))).by(equal_terms)


def test_one_term_bounds_a_sum_of_nonnegative_ones_from_below() -> None:
    found = chain(1 - alpha * TERMS).by(one_term, 0)
    assert found.link is Link.AT_MOST and found.end == 1 - alpha * s ** (K - 1)
    for expr, place in ((Sum(u**j - 1, (j, 0, K)), 0), (TERMS, K), (TERMS, -1), (TERMS, Rational(1, 2)), (sin(TERMS), 0)):
        with pytest.raises(REFUSED):
            chain(expr).by(one_term, place)


def test_bounds_replace_what_they_bound() -> None:
    given = (Le(u, Max(1, s)), Le(alpha, 1 / (K * Max(1, s) ** (2 * K - 2))))
    largest = Max(1, s)
    found = chain(1 - alpha * u ** (K - 1) * TERMS, *given).by(monotone, {u: largest, s: largest}).by(equal_terms)
    assert found.link is Link.AT_LEAST
    last = found.by(monotone, {alpha: 1 / (K * largest ** (2 * K - 2))})
    assert exact.is_zero(last.end) is True and last.link is Link.AT_LEAST


@pytest.mark.parametrize(
    ("expr", "given", "bounds"),
    [
        (u**2, [Le(u, 2)], {u: Rational(3, 2)}),
        (u / s, [Le(u, 1), Le(s, 1)], {u: 1, s: 1}),
        (exp(u) - u, [Le(u, 1)], {u: 1}),
        (a * floor(b), [], {floor(b): b}),
        (-a * ceiling(b), [], {ceiling(b): b + 1}),
        (sin(u), [], {sin(u): u - u**3 / 7}),
        (x * exp(u), [], {exp(u): 1 + u}),
    ],
)
def test_bounds_that_do_not_hold_or_go_both_ways_are_turned_down(expr: Any, given: list[Any], bounds: dict[Any, Any]) -> None:
    with pytest.raises(REFUSED):
        chain(expr, *given).by(monotone, bounds)


@pytest.mark.parametrize(
    ("expr", "bounds", "link"),
    [
        (a * sin(u), {sin(u): u}, Link.AT_MOST),
        (a * sin(u), {sin(u): u - u**3 / 6}, Link.AT_LEAST),
        (a * exp(u), {exp(u): 1 + u}, Link.AT_LEAST),
        (a * floor(b), {floor(b): b - 1}, Link.AT_LEAST),
        (a / ceiling(b), {ceiling(b): b}, Link.AT_MOST),
    ],
)
def test_parts_are_bounded_like_symbols(expr: Any, bounds: dict[Any, Any], link: Link) -> None:
    found = chain(expr).by(monotone, bounds)
    assert found.link is link and found.end == expr.xreplace(bounds)


def test_a_bound_in_the_wrong_direction_is_not_discharged() -> None:
    with pytest.raises(NotDischarged):
        forged(monotone, chain(a * sin(u)), a * u, Link.AT_LEAST, {sin(u): u})


# The largest of several numbers.


def test_limit_of_the_largest() -> None:
    found = chain(Limit(N * Max(exp(b / N) - 1, sin(a / N)), N, oo)).by(limit_of_max)
    assert exact.is_zero(found.end - Max(a, b)) is True
    for expr in (Limit(Max(-N, 1 / N), N, oo), Limit((a - N) * Max(1 / N, 2 / N), N, oo), Limit(N * Max(u, s), N, oo)):
        with pytest.raises(REFUSED):
            chain(expr).by(limit_of_max)


def test_no_mean_exceeds_the_largest() -> None:
    assert chain((K + N) * Max(a, b)).by(mean_at_most, {a: K, b: N}).end == K * a + N * b
    for weights in ({a: K, b: K}, {a: 2 * K + N, b: -K}, {a: K, s: N}):
        with pytest.raises(REFUSED):
            chain((K + N) * Max(a, b)).by(mean_at_most, weights)


# Descent in any number of layers.


def one_map(step: Any, power: Any = K) -> Lambda:
    """w + step w^(K-1) (s^K - w^K)."""
    return Lambda(w, w + step * w ** (K - 1) * (s**power - w**power))


def test_descent_approaches_for_every_depth() -> None:
    below = chain(Abs(iterate(one_map(theta / K), 1, N) - s), Le(s, 1), Le(theta, 1)).by(power_approach, s, K - 1, K)
    assert below.end == (1 - s ** (2 * K - 2) * theta) ** N * Abs(1 - s) and below.link is Link.AT_MOST
    above = chain(iterate(one_map(theta / (K * s ** (2 * K - 2))), 1, N), Ge(s, 1), Le(theta, 1))
    assert above.by(power_one_side, s, K - 1, K).link is Link.AT_MOST
    limit = chain(Limit(iterate(one_map(theta / K), 1, N), N, oo), Le(s, 1), Le(theta, 1))
    assert limit.by(power_limit, s, K - 1, K).end == s


@pytest.mark.parametrize(
    ("step", "given", "start"),
    [
        (theta / K, [Le(s, 1), Le(theta, 2)], 1),
        (theta / K, [Ge(s, 1), Le(theta, 1)], 1),
        (theta / K, [Le(theta, 1)], 1),
        (-theta / K, [Le(s, 1), Le(theta, 1)], 1),
        (theta / K, [Le(s, 1), Le(theta, 1)], -1),
        (theta / K, [Le(s, 1), Le(theta, 1)], 2),
        (theta / sp.sqrt(K), [Le(s, 1), Le(theta, 1)], 1),
    ],
)
def test_descent_that_may_overshoot_is_turned_down(step: Any, given: list[Any], start: Any) -> None:
    node = iterate(one_map(step), start, N)
    for rule, expr in ((power_approach, Abs(node - s)), (power_one_side, node), (power_limit, Limit(node, N, oo))):
        with pytest.raises(REFUSED):
            chain(expr, *given).by(rule, s, K - 1, K)


def test_another_map_and_another_point_are_turned_down() -> None:
    given = (Le(s, 1), Le(theta, 1))
    with pytest.raises(REFUSED):
        chain(Abs(iterate(one_map(theta / K, K + 1), 1, N) - s), *given).by(power_approach, s, K - 1, K)
    with pytest.raises(REFUSED):
        chain(Abs(iterate(one_map(theta / K), 1, N) - s**2), *given).by(power_approach, s, K - 1, K)
    with pytest.raises(NotDischarged):
        forged(power_one_side, chain(iterate(one_map(theta / K), 1, N), *given), s, Link.AT_MOST, s, K - 1, K)
    honest = chain(Abs(iterate(one_map(theta / K), 1, N) - s), *given)
    with pytest.raises(NotDischarged):
        forged(power_approach, honest, (1 - theta * s ** (2 * K - 1)) ** N * Abs(1 - s), Link.AT_MOST, s, K - 1, K)


# Flow in any number of layers.


def layers(target: Any, start: Any = 1, depth: Any = K, at: Any = w) -> Any:
    """K equal layers along the flow."""
    return flow((w**depth - target) ** 2 / (2 * depth), {w: start})[t, at]


def test_terms_of_sums_of_powers() -> None:
    assert power_terms((u**K + 1) ** 2 / u, u) == {2 * K - 1: 1, K - 1: 2, sp.Integer(-1): 1}
    assert power_terms((u ** (K + 1)) ** (2 - 2 / (K + 1)), u) == {2 * K: 1}
    assert power_terms(u - u, u) == {} and power_terms(exp(u), u) is None and power_terms(1 / (1 + u), u) is None
    assert not nonnegative_below({sp.S.One: 1, sp.Integer(2): -1}, u, sp.Integer(2), Domain())


def test_closed_form_for_every_depth() -> None:
    assert chain(layers(0, 1, K + 1)).by(bernoulli_flow).end == (2 * K * t + 1) ** (-1 / (2 * K))
    with pytest.raises(REFUSED):
        chain(layers(0)).by(bernoulli_flow)


def test_stuck_flow_between_power_laws() -> None:
    stuck = layers(-rho, 1, K + 2)
    assert chain(stuck).by(power_lags, lambda v: -rho * v ** (K + 1)).link is Link.AT_MOST
    assert chain(stuck).by(power_lags, lambda v: -(rho + 1) * v ** (K + 1)).link is Link.AT_LEAST
    assert chain(stuck).by(power_law_floor).link is Link.AT_LEAST
    limit = chain(Limit(t ** (1 / K) * stuck, t, oo)).by(power_law_decay)
    assert exact.is_zero(limit.end - (K * rho) ** (-1 / K)) is True


def test_comparisons_that_fail_are_turned_down() -> None:
    stuck = layers(-rho, 1, K + 2)
    for rival in (lambda v: -(rho + Rational(1, 2)) * v ** (K + 1), lambda v: -rho * v**K, lambda v: -sin(v)):
        with pytest.raises(REFUSED):
            chain(stuck).by(power_lags, rival)
    with pytest.raises(REFUSED):
        chain(layers(rho, 1, K + 2)).by(power_lags, lambda v: -rho * v ** (K + 1))
    with pytest.raises(REFUSED):
        chain(layers(-rho, 1, K)).by(power_lags, lambda v: -rho * v ** (K - 1))  # one layer crosses 0
    with pytest.raises(REFUSED):
        chain(layers(-rho, 1, 2)).by(power_law_floor)
    with pytest.raises(REFUSED):
        chain(Limit(t ** (1 / (K + 1)) * stuck, t, oo)).by(power_law_decay)
    with pytest.raises(NotDischarged):
        forged(power_law_floor, chain(stuck), (1 + K * rho * t) ** (-1 / K), Link.AT_LEAST)


def test_exponential_bounds_for_every_depth() -> None:
    node = layers(s**K, s * (1 + u))
    slow = chain(node).by(power_speed, s, K - 1, K, s)
    assert slow.link is Link.AT_MOST and exact.is_zero(slow.end - s - s * u * exp(-K * s ** (2 * K - 2) * t)) is True
    assert chain(node).by(power_speed, s, K - 1, K, s * (1 + u)).link is Link.AT_LEAST
    assert chain(layers(s**K), Le(s, 1)).by(power_speed, s, K - 1, K, sp.S.One).link is Link.AT_LEAST
    assert chain(layers(s**K), Ge(s, 1)).by(power_speed, s, K - 1, K, sp.S.One).link is Link.AT_LEAST
    for expr, args in ((node, (s, K - 1, K, 2 * s)), (layers(s**K), (s, K - 1, K, s)), (layers(-(s**K)), (s, K - 1, K, s))):
        with pytest.raises(REFUSED):
            chain(expr).by(power_speed, *args)


def test_the_product_moves_by_the_chain_rule() -> None:
    deep = K + 1

    def product(power: Any, factor: Any = 1) -> Any:
        return flow(factor * deep * (q ** (power + 2) / (power + 2) - x * q ** (power + 1) / (power + 1)), {q: 1})[t, q]

    layered = chain(layers(x, 1, deep, w**deep))
    assert layered.by(change_of_variable, product(2 - 2 / deep)).end == product(2 - 2 / deep)
    for other in (product(2 - 1 / deep), product(2 - 2 / deep, 2), flow(q**2 / 2, {q: 2})[t, q]):
        with pytest.raises(REFUSED):
            layered.by(change_of_variable, other)
    with pytest.raises(REFUSED):  # one layer with a negative target leaves w > 0
        chain(layers(x)).by(change_of_variable, flow((q - x) ** 2 / 2, {q: 1})[t, q])


def test_invariants_with_powers_of_any_degree() -> None:
    z = Symbol("z", positive=True)
    balance = flow((w * x * (z / sp.sqrt(K)) ** K - a) ** 2 / 2, {w: 1, x: b, z: sp.sqrt(K) * s})
    assert chain(balance[t, w**2 - z**2 / K]).by(conserved).end == 1 - s**2
    with pytest.raises(REFUSED):
        chain(balance[t, w**2 - z**2]).by(conserved)
