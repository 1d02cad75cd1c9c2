"""Risks of the sequence model: against sums written out with bounds of what is cut off, and the inputs it refuses."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.instruments.sequence_risk import INSTRUMENT, Risk
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.sequence_model import best_sequence_constant, best_sequence_risk, sequence_risk

STREAM = Stream(0, ("sequence",))
CUT = 3000


def written_out(t: arb, n: arb, s: arb, beta: arb) -> arb:
    """Terms up to CUT; bias beyond is between 0 and CUT^(-s beta)/(s beta), variance t^2 CUT^(1 - 2 beta)/((2 beta - 1) n) at most."""
    bias = sum((arb(i) ** -(s * beta + 1) * (-2 * t * arb(i) ** -beta).exp() for i in range(1, CUT + 1)), arb(0))
    variance = sum(((1 - (-t * arb(i) ** -beta).exp()) ** 2 for i in range(1, CUT + 1)), arb(0)) / n
    cut = arb(CUT)
    beyond = cut ** (-s * beta) / (s * beta) + t**2 * cut ** (1 - 2 * beta) / ((2 * beta - 1) * n)
    return bias + variance + (beyond / 2 + arb(0, (beyond / 2).upper()))


@pytest.mark.parametrize("beta", ["3/2", "2", "6/5", "3/4", "3"])
@pytest.mark.parametrize("s", ["1/2", "1", "2"])
@pytest.mark.parametrize("t", ["1/50", "1", "9", "400"])
def test_one_time_against_the_sums(t: str, s: str, beta: str) -> None:
    at = [sp.Rational(value) for value in (t, "100", s, beta)]
    found = INSTRUMENT.measure(sequence_risk(*at), {}, Budget(), STREAM)
    assert isinstance(found, Ball)
    with precision(120):
        expected = written_out(*(arb(value.p) / value.q for value in at))
        assert found.value.overlaps(expected)
        assert found.value.rad() < expected.mid() / 100


@pytest.mark.parametrize(("n", "s", "beta"), [(1, 1, 2), (50, 1, 2), (10**4, sp.Rational(1, 2), sp.Rational(6, 5)), (10**9, 3, 3)])
def test_no_time_is_better_than_the_best(n: int, s: sp.Expr, beta: sp.Expr) -> None:
    best = INSTRUMENT.measure(best_sequence_risk(n, s, beta), {}, Budget(), STREAM)
    assert isinstance(best, Ball)
    with precision(160):
        risk = Risk(arb(n), *(arb(sp.Rational(value).p) / sp.Rational(value).q for value in (s, beta)))
        values = [risk.at(arb(k).exp() if k <= 0 else (arb(k) / 4).exp()) for k in range(-6, 120)]
        assert all(value.upper() >= best.value.lower() for value in values)
        assert min(float(value.mid()) for value in values) < 1.1 * float(best.value.mid())
        assert best.value.rad() < best.value.mid() / 1000


def test_bias_falls_and_variance_grows() -> None:
    with precision(160):
        risk = Risk(arb(1), arb(1), arb(3) / 2)
        times = [arb(2) ** k for k in range(-4, 20)]
        assert all(risk.bias(a) > risk.bias(b) and risk.variance(a) < risk.variance(b) for a, b in zip(times, times[1:], strict=False))


def test_the_constant_is_where_bias_and_variance_balance() -> None:
    t = sp.Symbol("t", positive=True)
    s, b = sp.S.One, sp.Rational(1, 2)
    bias, variance = 2**-s * sp.gamma(s) * b, (2**b - 2) * sp.gamma(-b) * b
    total = bias * t**-s + variance * t**b
    place = sp.solve(sp.diff(total, t), t)[0]
    reached, stated = (enclose(value, {}, digits=30) for value in (total.subs(t, place), best_sequence_constant(1, 2)))
    assert reached.overlaps(stated)


def test_points_out_of_range_are_refused() -> None:
    n, s, beta = sp.symbols("n s beta", real=True)
    for at in ({n: 0, s: 1, beta: 2}, {n: 5, s: -1, beta: 2}, {n: 5, s: 1, beta: sp.Rational(1, 2)}):
        found = INSTRUMENT.measure(best_sequence_risk(n, s, beta), {k: sp.sympify(v) for k, v in at.items()}, Budget(), STREAM)
        assert isinstance(found, Refusal) and "above 0" in found.reason
    found = INSTRUMENT.measure(best_sequence_risk(n, s, beta), {n: sp.Integer(5), s: sp.Integer(1), beta: sp.Integer(1)}, Budget(), STREAM)
    assert isinstance(found, Refusal) and "beta = 1" in found.reason


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, 1, 2), "n > 0, not 0"),
        ((5, -1, 2), "s > 0, not -1"),
        ((5, 1, sp.Rational(1, 3)), "beta > 1/2, not 1/3"),
        ((5, sp.I, 2), "s > 0, not I"),
    ],
)
def test_numbers_out_of_range_are_errors(values: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        best_sequence_risk(*values)
    with pytest.raises(ValueError, match="t > 0, not -2"):
        sequence_risk(-2, 10, 1, 2)


@pytest.mark.parametrize("n", ["1/100000000", "1/1000"])
def test_with_hardly_any_samples_the_infimum_is_that_of_no_training(n: str) -> None:
    """Variance grows like t^(1/3), so that R rises from zeta(4) at once for small n; for n = 1/1000 it has fallen below zeta(4) before."""
    found = INSTRUMENT.measure(best_sequence_risk(sp.Rational(n), 1, 3), {}, Budget(), STREAM)
    assert isinstance(found, Ball)
    with precision(80):
        start = arb(4).zeta()
        assert found.value.lower() < start
        assert found.value.rad() < start / 1000
        assert found.value.overlaps(start) or found.value < start
