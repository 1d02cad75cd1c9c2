"""Balls that have to hold the truth where an enclosure is tempted to lie: unlocated jumps, far kinks, values that are not real."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from flint import arb
from sympy.stats import Expectation, Normal, Probability, Uniform, Variance

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose, precision
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.instruments.difference_quotient import INSTRUMENT as DIFFERENCES
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT as MONTE_CARLO
from lemmata.numerics.instruments.series import INSTRUMENT as SERIES
from lemmata.numerics.measurement import Approx, Ball, Estimate, Measurement, Refusal
from lemmata.numerics.quadrature import sectors
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.improper import as_mpf
from lemmata.numerics.rounding import mean_loss
from lemmata.numerics.streams import Stream

S, T = Normal("s", 0, 1), Normal("t", 0, 1)
U = Uniform("u", 0, 1)
x, y = sp.symbols("x y", real=True)
n = sp.Symbol("n", integer=True)


def measured(quantity: sp.Expr) -> Measurement:
    return INSTRUMENT.measure(quantity, {}, Budget(), Stream(0, ("rigour",)))


def ball(quantity: sp.Expr) -> arb:
    answer = measured(quantity)
    assert isinstance(answer, Ball), answer
    return answer.value


def summed(term: sp.Expr, first: int) -> Ball:
    answer = SERIES.measure(sp.Sum(term, (n, first, sp.oo)), {}, Budget(), Stream(0, ("sum",)))
    assert isinstance(answer, Ball), answer
    return answer


def upper_tail(threshold: sp.Expr) -> arb:
    """P(s > threshold)."""
    return enclose(sp.erfc(threshold / sp.sqrt(2)) / 2, {})


def test_a_jump_whose_place_is_no_root_of_a_polynomial() -> None:
    """The ball [0, 1] of an undecided condition is not the number 0."""
    third = sp.Rational(1, 3)
    assert ball(Probability(sp.tanh(S) > third)).overlaps(upper_tail(sp.atanh(third)))
    both = ball(Probability((sp.tanh(S) > third) & (S < 2)))
    assert both.overlaps(upper_tail(sp.atanh(third)) - upper_tail(sp.Integer(2)))
    either = ball(Probability((sp.tanh(S) > third) | (sp.exp(S) < third)))
    assert either.overlaps(upper_tail(sp.atanh(third)) + upper_tail(sp.log(3)))


def test_three_branches_between_unlocated_jumps() -> None:
    branches = sp.Piecewise((1, sp.exp(S) > 2), (3, sp.tanh(S) < 0), (5, True))
    high = upper_tail(sp.log(2))
    assert ball(Expectation(branches)).overlaps(high + arb(3) / 2 + 5 * (arb(1) / 2 - high))


def test_a_branch_is_not_followed_beyond_its_kink() -> None:
    """Far out the inner integral passes a kink at which the other branch, continued backwards, is exp(50)."""
    far = ball(Expectation(sp.tanh(S) ** 2 * sp.exp(-sp.Max(0, S / 3 + T - 20))))
    plain = ball(Expectation(sp.tanh(S) ** 2))
    assert far.overlaps(plain)
    assert far.rad() < arb(2) ** -20


def test_an_integrand_that_is_not_real_has_no_ball() -> None:
    assert not isinstance(measured(Expectation(sp.sqrt(U - sp.Rational(1, 2)))), Ball)


def test_directions_that_overlap_count_with_their_whole_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ball of one kink's direction reaches below that of another: what lies there is uncertain too."""
    first, second = sp.symbols("a b", positive=True)
    known = {first: arb(1), -first: arb(-1), second: arb(1.125, 0.5), -second: -arb(1.125, 0.5)}
    exact = sectors.constant
    monkeypatch.setattr(sectors, "constant", lambda value: known[value] if value in known else exact(value))
    with precision(64):
        _, width = sectors.angles(sp.Max(0, y - first * x) + sp.Max(0, y - second * x), x, y)
        assert width >= 2 * (2 * known[second].atan().rad())


def test_growth_is_rounded_up() -> None:
    """A power next to a whole number may not be rounded down to it."""
    exponent = 2 + sp.Rational(1, 10**20)
    bound = growth(sp.Abs(x) ** exponent, {x: 0.0})
    assert bound is not None and sp.Rational(bound.k) >= exponent
    steep = growth(sp.exp(exponent * x), {x: 0.0})
    assert steep is not None and sp.Rational(steep.b) >= exponent


def test_a_narrow_peak_between_the_nodes_of_a_quadrature() -> None:
    """A logarithm at the end rules out a ball, not the peak in the middle that double-exponential nodes would step over."""
    peak = sp.exp(-(10**8) * (x - sp.Rational(1, 3)) ** 2)
    with_end = INTEGRAL.measure(sp.Integral(peak * sp.log(x), (x, 0, 1)), {}, Budget(), Stream(0, ("peak",)))
    inside = INTEGRAL.measure(sp.Integral(peak * sp.log(x), (x, sp.Rational(1, 4), 1)), {}, Budget(), Stream(0, ("peak",)))
    assert isinstance(with_end, Approx) and isinstance(inside, Ball)
    with mpmath.workdps(40):
        assert abs(with_end.value - as_mpf(inside.value.mid())) <= with_end.error + as_mpf(inside.value.rad())


def test_a_second_look_at_an_integral_is_another_computation() -> None:
    quantity = sp.Integral(sp.log(x), (x, 0, 1))
    first, second = (INTEGRAL.measure(quantity, {}, Budget(digits=digits), Stream(0, ("look",))) for digits in (15, 30))
    assert isinstance(first, Approx) and isinstance(second, Approx)
    assert first.value != second.value
    with mpmath.workdps(40):
        assert abs(first.value + 1) <= first.error
        assert abs(second.value + 1) <= second.error


@pytest.mark.parametrize(
    "form",
    [sp.dirichlet_eta(2, x), sp.elliptic_pi(x, sp.Rational(1, 3), sp.Rational(1, 5)), sp.LambertW(2, x)],
    ids=lambda form: form.func.__name__,
)
def test_a_form_with_other_arguments_is_refused(form: sp.Expr) -> None:
    """A second argument that a rule does not know changes the value: it may not be dropped."""
    with pytest.raises(CannotEvaluate):
        enclose(form, {x: sp.Rational(1, 2)})


def test_sums_that_end_by_themselves_do_not_diverge() -> None:
    """The ratio of 3^n binomial(10, n) tends to -3, and the eleventh term and all after it are zero."""
    assert summed(sp.binomial(10, n) * 3**n, 0).value == 4**10
    assert summed(sp.binomial(10, n) * sp.factorial(n), 0).value == int(sum(sp.ff(10, k) for k in range(11)))


@pytest.mark.parametrize("term", [7 * sp.KroneckerDelta(n, 1000), sp.Heaviside(n - 500) / n**4])
def test_terms_that_are_zero_so_far_bound_nothing(term: sp.Expr) -> None:
    assert isinstance(SERIES.measure(sp.Sum(term, (n, 1, sp.oo)), {}, Budget(), Stream(0, ("zero",))), Refusal)


def test_two_halves_keep_the_digits_that_their_error_claims() -> None:
    """n^2 + 1 squared has double poles that are not rational: two accelerated halves."""
    answer = SERIES.measure(sp.Sum(1 / (n**2 + 1) ** 2, (n, -sp.oo, sp.oo)), {}, Budget(), Stream(0, ("halves",)))
    assert isinstance(answer, Approx)
    with mpmath.workdps(60):
        truth = (mpmath.pi * mpmath.coth(mpmath.pi) + mpmath.pi**2 / mpmath.sinh(mpmath.pi) ** 2) / 2
        assert abs(answer.value - truth) <= answer.error


def test_a_second_difference_quotient_takes_other_steps() -> None:
    """Else the same extrapolation, fooled once, would confirm itself."""
    a = sp.Symbol("a", real=True)
    quantity = sp.Derivative(Expectation(sp.tanh(S) ** 2 * sp.exp(a)), a)
    looks = [DIFFERENCES.measure(quantity, {a: sp.Rational(1, 3)}, Budget(digits=d), Stream(0, ("look",))) for d in (15, 30)]
    assert all(isinstance(look, Approx) for look in looks)
    assert looks[0] != looks[1]
    truth = ball(Expectation(sp.tanh(S) ** 2)) * enclose(sp.exp(sp.Rational(1, 3)), {})
    for look in looks:
        assert isinstance(look, Approx)
        assert abs(arb(float(look.value)) - truth) <= float(look.error) + float(abs(truth).upper()) * 2.0**-48


@pytest.mark.parametrize(
    "quantity",
    [
        Expectation(sp.sqrt(1 + S**2 / sp.Integer(10) ** 14) - 1),
        Expectation((sp.exp(S / 10**7) - 1 - S / 10**7) * sp.Integer(10) ** 14),
        Variance(sp.sqrt(1 + S**2 / sp.Integer(10) ** 14) - 1),
    ],
    ids=["root", "exponential", "variance"],
)
def test_samples_count_what_floating_point_loses(quantity: sp.Expr) -> None:
    """A mean of a million rounded draws is known to many digits, and wrong in the second one."""
    budget = Budget(resolution=2.0**-9, samples=2**20)
    estimate = MONTE_CARLO.measure(quantity, {}, budget, Stream(0, ("loss",)))
    assert isinstance(estimate, Estimate)
    assert abs(arb(estimate.mean) - ball(quantity)) <= estimate.radius


def test_ordinary_samples_lose_next_to_nothing() -> None:
    loss = mean_loss(sp.tanh(x) ** 2 * sp.Max(0, x + y), [{x: 0.3, y: 0.8}, {x: -1.3, y: 0.2}])
    assert 0 < loss < 2.0**-40
