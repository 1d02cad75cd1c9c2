"""Exact worst cases: certificates for each number of gradients, planted faults in each part of them, functions that attain them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.exact.order import sign
from lemmata.theory.interpolation import (
    Certificate,
    descent_step,
    follows_from_descent_lemma,
    in_a_field,
    one_step,
    pair_gain,
    telescoped,
    two_gradients,
)
from lemmata.theory.rules.worst_case_lower import least_gradient_at_least, least_gradient_exactly, parabola_at_least
from lemmata.theory.rules.worst_case_upper import (
    first_gradient_at_most,
    least_gradient_at_most,
    least_gradient_by_descent_lemma,
    second_gradient_at_most,
)
from lemmata.theory.worst_cases import Smooth, SmoothConvex, worst_case

M, alpha, Delta, g = sp.symbols("M alpha Delta g", positive=True)
N = sp.Symbol("N", integer=True, positive=True)
x, y = sp.symbols("x y", real=True)
ROOT = sp.sqrt(3)

STEPS = [sp.Rational(1, 2), sp.S.One, sp.Rational(6, 5), 2 / ROOT, sp.Rational(17, 10), ROOT]
"""Steps in units of 1/M, rational ones and those of Q(sqrt 3), the ends 1 and sqrt(3) of the two cases among them."""


def certificate(n: int, step: Any, total: Any = None) -> tuple[Certificate, Any]:
    """The certificate for n gradients with M = 1, and the way back from its field."""
    (one, a, s), back = in_a_field(sp.S.One, step, sp.Max(1, step) if total is None else total)
    return telescoped(n, one_step(one, a, s)), back


def signs_of(back: Any) -> Any:
    return lambda value: sign(back(value)) in (0, 1)


def least(step: Any, n: Any = N, among: Any = None) -> Any:
    return worst_case(among or Smooth(M), step, excess=Delta).least[n, "gradient"]


def derived(rule: Any, step: Any, *args: Any, n: Any = N, given: tuple[Any, ...] = (), among: Any = None) -> Any:
    start = Derivation(least(step, n, among), Domain((M, alpha, Delta, N), given))
    return start.by(rule, *args)


# The certificate, for each number of gradients


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_the_certificate_holds_for_each_number_of_gradients_up_to_fifty(step: Any) -> None:
    for n in range(1, 51):
        found, back = certificate(n, step)
        found.verify(signs_of(back))
        formula = (n - 1) * sp.Min(4 * step - step**2, 4 * step - step**3) / 4 + sp.Rational(1, 2)
        assert exact.is_zero(back(found.total) - formula) is True


def test_at_the_step_one_over_m_the_weights_are_three_n_less_one_over_four() -> None:
    found = [certificate(n, sp.S.One) for n in (1, 2, 5, 50)]
    assert [back(item.total) for item, back in found] == [sp.Rational(3 * n - 1, 4) for n in (1, 2, 5, 50)]


def test_symbols_take_the_place_of_numbers() -> None:
    (m, a, s), back = in_a_field(M, alpha, g)
    telescoped(7, one_step(m, a, s)).verify(lambda _: True)
    telescoped(7, descent_step(m, a)).verify(lambda _: True)
    assert follows_from_descent_lemma(m)


def test_the_local_identity_is_written_out_by_hand_in_coordinates() -> None:
    """The pair inequalities of one step in two dimensions, expanded by SymPy without any form."""
    u, v = sp.Matrix(sp.symbols("u_1 u_2")), sp.Matrix(sp.symbols("v_1 v_2"))
    s, apart = g, alpha * u
    forward = (u + v).dot(apart) / 2 + (u - v).dot(u - v) / (4 * M) - M * apart.dot(apart) / 4
    backward = -(u + v).dot(apart) / 2 + (u - v).dot(u - v) / (4 * M) - M * apart.dot(apart) / 4
    gain = (3 * alpha - s * M * alpha**2) / 4 * u.dot(u) + alpha / 4 * v.dot(v) + (s / M - alpha) / 4 * (u - v).dot(u - v)
    assert sp.expand((s + 1) / 2 * forward + (s - 1) / 2 * backward - gain) == 0


@pytest.mark.parametrize("n", [2, 3, 8, 50])
@pytest.mark.parametrize("part", ["pairs", "ends", "weights"])
def test_one_wrong_multiplier_is_found(n: int, part: str) -> None:
    found, back = certificate(n, sp.S.One)
    values = dict(getattr(found, part))
    key = max(values)
    values[key] += found.constant / 10**9
    with pytest.raises(NotDischarged, match="there remains"):
        replace(found, **{part: values}).verify(signs_of(back))


def test_a_negative_multiplier_is_found() -> None:
    found, back = certificate(2, sp.S.One)
    pairs = {**found.pairs, (0, 1): found.pairs[0, 1] - 2, (1, 0): found.pairs[1, 0] - 2}
    with pytest.raises(NotDischarged, match=r"multiplier of pair \(0, 1\), -1, was not proved >= 0"):
        replace(found, pairs=pairs).verify(signs_of(back))


def test_a_square_with_negative_weight_is_found() -> None:
    """Below max(1, M alpha) the multipliers fail: s = 1 at the step 6/5 leaves a square of weight -1/20."""
    found, back = certificate(2, sp.Rational(6, 5), sp.S.One)
    with pytest.raises(NotDischarged, match="the weight of square 0, -1/20"):
        found.verify(signs_of(back))


@pytest.mark.parametrize("n", [1, 2, 10, 50])
def test_a_constant_smaller_by_a_hundredth_has_no_certificate_of_this_shape(n: int) -> None:
    found, back = certificate(n, sp.S.One)
    larger = {k: weight * 100 / 99 for k, weight in found.weights.items()}
    with pytest.raises(NotDischarged, match="there remains"):
        replace(found, weights=larger).verify(signs_of(back))


def test_beyond_root_three_a_weight_turns_negative() -> None:
    found, back = certificate(2, sp.Rational(9, 5))
    with pytest.raises(NotDischarged, match="the weight of iterate 0, -27/250"):
        found.verify(signs_of(back))


@pytest.mark.parametrize("step", [ROOT, sp.Rational(9, 5), sp.Rational(2), sp.Rational(7, 2)], ids=str)
def test_two_gradients_have_a_certificate_for_every_longer_step(step: Any) -> None:
    (one, h), back = in_a_field(sp.S.One, step)
    found = two_gradients(one, h)
    found.verify(signs_of(back))
    assert exact.is_zero(back(found.total) * 2 * (step - 1) ** 2 - 1) is True
    with pytest.raises(NotDischarged, match="there remains"):
        replace(found, weights={1: found.weights[1] * 101 / 100}).verify(signs_of(back))


def test_below_root_three_that_certificate_fails() -> None:
    (one, h), back = in_a_field(sp.S.One, sp.Rational(173, 100))
    with pytest.raises(NotDischarged, match="the multiplier of end 0, "):
        two_gradients(one, h).verify(signs_of(back))
    with pytest.raises(NotDischarged, match=r"sqrt\(3\)/M or more"):
        derived(second_gradient_at_most, sp.Rational(173, 100) / M, n=sp.Integer(2))
    with pytest.raises(NotApplicable, match="not of 3"):
        derived(second_gradient_at_most, sp.Rational(9, 5) / M, n=sp.Integer(3))


def test_floating_point_is_no_field() -> None:
    with pytest.raises(NotDischarged, match="exact field"):
        in_a_field(1, 0.3)


# The pair inequality


def test_the_pair_inequality_is_broken_by_a_parabola_that_is_too_steep() -> None:
    """On c w^2/2 it holds for |c| <= 1 and fails beyond, at any pair of points, when M = 1."""
    for c, holds in [(sp.S.One, True), (-sp.S.One, True), (sp.Rational(101, 100), False), (-sp.Rational(101, 100), False)]:
        w = {0: sp.Rational(2, 3), 1: -sp.Rational(7, 5)}
        form = pair_gain(sp.S.One, {"e": c * w[0]}, {"e": c * w[1]}, {"e": w[0] - w[1]})
        room = c * w[0] ** 2 / 2 - c * w[1] ** 2 / 2 - form.get(("e", "e"), 0)
        assert bool(room >= 0) is holds


# The rules


CASES = [
    (1 / M, (), 4 * M * Delta / (3 * N - 1)),
    (alpha, (sp.Le(M * alpha, 1),), 4 * Delta / ((N - 1) * (4 * alpha - M * alpha**2) + 2 / M)),
    (alpha, (sp.Ge(M * alpha, 1), sp.Le(M * alpha, ROOT)), 4 * Delta / ((N - 1) * (4 * alpha - M**2 * alpha**3) + 2 / M)),
    (2 / (ROOT * M), (), 4 * Delta / ((N - 1) * 16 / (3 * ROOT * M) + 2 / M)),
    (alpha, (sp.Ge(M * alpha, 2),), 2 * M * Delta),
]

LONG = (sp.Ge(M * alpha, ROOT), sp.Le(M * alpha, 2))


@pytest.mark.parametrize(("step", "given", "stated"), CASES, ids=lambda part: str(part))
def test_the_worst_case_is_derived_for_every_number_of_gradients(step: Any, given: tuple[Any, ...], stated: Any) -> None:
    found = derived(least_gradient_exactly, step, given=given)
    assert found.link is Link.EQUAL
    assert exact.equal(found.end, stated, found.domain) is True


def test_the_worst_case_of_two_gradients_is_derived_for_long_steps() -> None:
    found = derived(least_gradient_exactly, alpha, n=sp.Integer(2), given=LONG)
    assert exact.equal(found.end, 2 * M * Delta * (M * alpha - 1) ** 2, found.domain) is True
    with pytest.raises(NotDischarged):
        derived(least_gradient_exactly, alpha, n=sp.Integer(3), given=LONG)


def test_what_is_taken_for_granted_is_listed() -> None:
    upper, both = derived(least_gradient_at_most, 1 / M), derived(least_gradient_exactly, 1 / M)
    assert ["theorem 3.10" in item for item in upper.assumes] == [True]
    assert len(both.assumes) == 2
    assert derived(first_gradient_at_most, alpha).assumes == ()


@pytest.mark.parametrize("factor", [sp.Rational(99, 100), 1 - sp.Rational(1, 10**12)])
@pytest.mark.parametrize("rule", [least_gradient_at_most, least_gradient_by_descent_lemma, first_gradient_at_most])
def test_a_smaller_bound_does_not_pass_the_check(rule: Any, factor: Any) -> None:
    node, domain = least(1 / M), Domain((M, Delta, N))
    rewrite = rule.apply(node, domain=domain)
    rule.check(node, rewrite, domain=domain)
    with pytest.raises(NotDischarged):
        rule.check(node, Rewrite(rewrite.after * factor, "", Link.AT_MOST), domain=domain)


@pytest.mark.parametrize("rule", [least_gradient_at_least, parabola_at_least])
def test_a_larger_lower_bound_does_not_pass_the_check(rule: Any) -> None:
    node, domain = least(1 / M), Domain((M, Delta, N))
    rewrite = rule.apply(node, domain=domain)
    rule.check(node, rewrite, domain=domain)
    with pytest.raises(NotDischarged):
        rule.check(node, Rewrite(rewrite.after * sp.Rational(101, 100) + Delta * M / 100, "", Link.AT_LEAST), domain=domain)


@pytest.mark.parametrize(
    ("rule", "step", "given", "says"),
    [
        (least_gradient_at_most, sp.Rational(9, 5) / M, (), "weight of iterate 0"),
        (least_gradient_at_most, alpha, (), "was not proved >= 0"),
        (least_gradient_at_most, alpha, (sp.Le(alpha, ROOT),), "was not proved >= 0"),
        (least_gradient_by_descent_lemma, alpha, (sp.Le(M * alpha, sp.Rational(21, 10)),), "was not proved >= 0"),
        (least_gradient_at_least, 3 / M, (), "not real"),
        (least_gradient_exactly, sp.Rational(9, 5) / M, (), "weight of iterate 0"),
        (least_gradient_at_most, (alpha**2 + alpha) / M, (), "not a multiple of a symbol"),
    ],
)
def test_steps_for_which_a_bound_is_not_proved(rule: Any, step: Any, given: tuple[Any, ...], says: str) -> None:
    with pytest.raises((NotDischarged, NotApplicable), match=says):
        derived(rule, step, given=given)


def test_a_bound_on_smooth_functions_holds_for_convex_ones_but_is_not_attained_there() -> None:
    assert derived(least_gradient_at_most, 1 / M, among=SmoothConvex(M)).end == 4 * Delta * M / (3 * N - 1)
    with pytest.raises(NotDischarged, match="must be Smooth"):
        derived(least_gradient_at_least, 1 / M, among=SmoothConvex(M))


def test_other_quantities_are_declined() -> None:
    worst = worst_case(Smooth(M), 1 / M, excess=Delta)
    far = worst_case(Smooth(M), 1 / M, distance=Delta)
    heavy = worst_case(Smooth(M), 1 / M, excess=Delta, momentum=sp.Rational(1, 2), method="heavy_ball")
    for node in (worst[N, "gradient"], worst.least[N, "excess"], worst.total[N, "gradient"], far.least[N, "gradient"], M):
        with pytest.raises(NotApplicable):
            Derivation(node, Domain((M, Delta, N))).by(least_gradient_at_most)
    with pytest.raises(NotApplicable, match="without momentum"):
        Derivation(heavy.least[N, "gradient"], Domain((M, Delta, N))).by(least_gradient_at_most)


def test_weaker_bounds_must_be_weaker() -> None:
    below = (sp.Lt(M * alpha, 2),)
    gain = alpha * (1 - M * alpha / 2)
    assert derived(least_gradient_by_descent_lemma, alpha, gain, gain, given=below).link is Link.AT_MOST
    for gain_of_step, end in [(gain * sp.Rational(101, 100), gain), (gain, 2 / M), (-gain, gain)]:
        with pytest.raises(NotDischarged):
            derived(least_gradient_by_descent_lemma, alpha, gain_of_step, end, given=below)
    best = 4 / (3 * ROOT * M)
    assert derived(least_gradient_at_least, alpha, "zigzag", best, 1 / (2 * M), given=below).link is Link.AT_LEAST
    with pytest.raises(NotDischarged, match="was not proved to be"):
        derived(least_gradient_at_least, alpha, "zigzag", best * sp.Rational(99, 100), 1 / (2 * M), given=below)


def test_between_root_three_and_two_a_parabola_breaks_the_formula() -> None:
    """2 (1 - h)^2 (4h - h^3 + 2) - 4 = 2 h^2 (2 - h)(h^2 - 3), of one sign on either side of sqrt(3)."""
    h = sp.Symbol("h")
    assert sp.expand(2 * (1 - h) ** 2 * (4 * h - h**3 + 2) - 4 - 2 * h**2 * (2 - h) * (h**2 - 3)) == 0
    found = derived(parabola_at_least, sp.Rational(9, 5) / M, n=sp.Integer(2)).end
    assert found == sp.Rational(32, 25) * M * Delta
    assert found.subs({M: 1, Delta: 1}) > 4 / (4 * sp.Rational(9, 5) - sp.Rational(9, 5) ** 3 + 2)
