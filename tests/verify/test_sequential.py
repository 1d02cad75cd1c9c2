"""Sampling stops at the first look at which the two sides differ, and only there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sympy import Eq, Max, Rational, Symbol, cos, exp
from sympy.stats import Expectation, Normal, Variance

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT as MONTE_CARLO
from lemmata.numerics.measurement import Ball, Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.verify import Claim
from lemmata.verify.sequential import after, is_sequential, rejecting, until_rejected

s = Normal("s", 0, 1)
mean, variance = Expectation(Max(0, s) ** 2), Variance(s)


class Counting(Instrument):
    """Looks ten times with a shrinking interval about 1/2, and counts."""

    name: ClassVar[str] = "counting"

    def __init__(self) -> None:
        self.looked = 0

    def supports(self, quantity: Any) -> Refusal | None:
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        return list(self.looks(quantity, at, budget, stream))[-1]

    def looks(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Iterator[Measurement]:
        for look in range(10):
            self.looked += 1
            yield Estimate(0.5, 0.5**look / 8, 1000 * 2**look, 0.5**look, 1e-10)


class Failing(Counting):
    """Raises at its second look."""

    def looks(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Iterator[Measurement]:
        yield Estimate(0.5, 0.1, 1000, 1.0, 1e-10)
        raise ArithmeticError("lost")


def stopped(stated: Any) -> tuple[int, Measurement]:
    counting = Counting()
    claim = Claim("stop", Eq(mean, stated))
    (answer,) = until_rejected(counting, mean, [{}], [rejecting(claim, mean, {}, {}, 15)], [Budget()], Stream(0))
    return counting.looked, answer


def test_a_wrong_side_is_rejected_early_and_a_right_one_looked_at_to_the_end() -> None:
    looked, answer = stopped(Rational(5, 8))
    assert looked == 5 and isinstance(answer, Estimate) and answer.radius == 0.5**4
    assert stopped(Rational(1, 2))[0] == 10


def test_an_instrument_that_raises_between_looks_has_refused() -> None:
    (answer,) = until_rejected(Failing(), mean, [{}], [lambda _: False], [Budget()], Stream(0))
    assert isinstance(answer, Refusal) and "ArithmeticError: lost" in answer.reason


def test_other_quantities_take_part_with_what_is_known_of_them() -> None:
    from flint import arb

    claim = Claim("two", Eq(mean, variance / 2))
    reject = rejecting(claim, mean, {}, {variance: Ball(arb(1))}, 15)
    assert not reject(Estimate(0.5, 0.01, 1000, 0.01, 1e-10))
    assert reject(Estimate(0.6, 0.01, 1000, 0.01, 1e-10))


def test_a_side_that_cannot_be_enclosed_rejects_nothing() -> None:
    x = Symbol("x", real=True)
    claim = Claim("root", Eq(mean, 1 / x))
    assert not rejecting(claim, mean, {x: Rational(0)}, {}, 15)(Estimate(0.5, 0.1, 1000, 0.1, 1e-10))


def test_monte_carlo_stops_long_before_its_samples_are_spent() -> None:
    """The wrong factor costs a fraction of what the right one does."""
    assert is_sequential(MONTE_CARLO)
    budget = Budget(samples=2**20, resolution=2.0**-12, alpha=1e-10)
    spent = []
    node = Expectation(cos(3 * s))
    for stated in (exp(-Rational(9, 2)), Rational(1, 4)):
        reject = rejecting(Claim("cosine", Eq(node, stated)), node, {}, {}, 15)
        (answer,) = until_rejected(MONTE_CARLO, node, [{}], [reject], [budget], Stream(0))
        assert isinstance(answer, Estimate)
        spent.append(answer.n)
    assert spent[1] * 8 < spent[0]


def test_samples_are_a_second_road_only_where_a_ball_decides() -> None:
    """A ball a thousand times finer than the resolution makes samples a witness; a coarser, a one-sided or a matrix one does not."""
    from flint import arb, arb_mat

    standard, quick = BUDGETS[BudgetName.STANDARD], BUDGETS[BudgetName.QUICK]
    fine = Ball(arb(2, 1e-7))
    witness = after({"other": Estimate(2.0, 0.1, 10, 0.1, 1e-10), "ball": fine}, standard)
    assert (witness.samples, witness.resolution) == (quick.samples, quick.resolution)
    assert (witness.alpha, witness.digits, witness.points) == (standard.alpha, standard.digits, standard.points)
    assert after({"ball": fine}, quick) == quick
    for answer in (Ball(arb(2, 1e-5)), Ball(arb(2), refutes_only=True), Ball(arb_mat([[2]])), Ball(arb(0, 1e-30)), Refusal("no")):
        assert after({"ball": answer}, standard) == standard
    assert after({}, standard) == standard


def test_a_witness_is_heard() -> None:
    """Where the ball decides, samples at the standard budget still look, and say how much they would have seen."""
    from lemmata.verify import check

    standard = BUDGETS[BudgetName.STANDARD]
    record = check(Claim("witness", Eq(Expectation(exp(s / 2)), exp(Rational(1, 8)))), standard)
    told = [item for item in record.evidence if item.instrument == "Monte Carlo" and item.road.value == "measured"]
    assert [item.outcome.value for item in told] == ["agrees"] and told[0].cost["samples"] <= BUDGETS[BudgetName.QUICK].samples
    assert told[0].resolution is not None and told[0].resolution <= 3 * BUDGETS[BudgetName.QUICK].resolution
