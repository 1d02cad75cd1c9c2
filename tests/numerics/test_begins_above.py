"""Shares of signs above the zero network: against every sign one by one, against balls, and against plainly drawn events."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import torch
from flint import arb, ctx

from lemmata.numerics.basins.above import (
    FARTHEST,
    MOST_DEGREES,
    by_signs,
    chi_survival,
    layer_by_signs,
    logistic_share,
    squared_share,
    squared_share_of_lengths,
)
from lemmata.numerics.streams import Stream
from lemmata.verify.register import initial_loss, initial_loss_by_signs

TARGETS = (1, -1, 1)


def integers(*name: object, shape: tuple[int, ...], reach: int = 6) -> torch.Tensor:
    """Whole numbers from -reach to reach without 0, as single precision: sums and squares of them are exact."""
    rng = Stream(0).child("above", *name).torch()
    drawn = torch.randint(1, reach + 1, shape, generator=rng) * (torch.randint(0, 2, shape, generator=rng) * 2 - 1)
    return drawn.float()


def outputs_of(heights: list[list[float]], outputs: list[float], signs: tuple[int, ...]) -> list[Fraction]:
    """The predictions of one start whose neurons have these signs."""
    examples = range(len(heights[0]))
    return [
        sum((Fraction(v) * max(Fraction(0), Fraction(s * row[t])) for s, v, row in zip(signs, outputs, heights, strict=True)), Fraction(0))
        for t in examples
    ]


def is_above(predictions: list[Fraction], sign: int) -> bool:
    """|P - y|^2 > |y|^2 for the predictions times a sign, in rationals."""
    return sum((sign * p - y) ** 2 - y**2 for p, y in zip(predictions, TARGETS, strict=True)) > 0


@pytest.mark.parametrize("neurons", [1, 2, 4])
def test_shares_are_those_of_all_signs_one_by_one(neurons: int) -> None:
    heights, outputs = integers("heights", neurons, shape=(neurons, 3, 40)), integers("outputs", neurons, shape=(neurons, 40), reach=1)
    told = squared_share(by_signs(heights, outputs / 4), TARGETS).tolist()
    for start, share in enumerate(told):
        rows, v = heights[:, :, start].tolist(), (outputs[:, start] / 4).tolist()
        choices = [outputs_of(rows, v, signs) for signs in itertools.product((1, -1), repeat=neurons)]
        count = sum(is_above(choice, sign) for choice in choices for sign in (1, -1))
        assert Fraction(share) == Fraction(count, 2 * len(choices))
    assert len(set(told)) > 1


@pytest.mark.parametrize(("neurons", "turned"), [(3, 1), (4, 2), (5, 3)])
def test_neurons_that_turn_together_keep_the_mean(neurons: int, turned: int) -> None:
    """The mean over all signs of a start, of what its groups show, is what all its signs show."""
    heights, outputs = integers("turned", neurons, shape=(neurons, 3, 30)), integers("v", neurons, shape=(neurons, 30), reach=1) / 4
    whole = squared_share(by_signs(heights, outputs), TARGETS)
    total = torch.zeros(30, dtype=torch.float64)
    for signs in itertools.product((1.0, -1.0), repeat=neurons):
        total += squared_share(by_signs(heights * torch.tensor(signs)[:, None, None], outputs, turned), TARGETS)
    assert torch.equal(total, whole * 2**neurons)
    assert by_signs(heights, outputs, turned).shape[0] == 2**turned


def test_a_layer_turned_is_that_layer_drawn_with_other_signs() -> None:
    heights, weights = integers("layer", shape=(2, 3, 5)), integers("next", shape=(4, 2, 5))
    found = layer_by_signs(heights, weights)
    for place, signs in enumerate(itertools.product((1.0, -1.0), repeat=2)):
        values = (heights * torch.tensor(signs)[:, None, None]).clamp(min=0)
        assert torch.equal(found[:, place], torch.einsum("kns,nms->kms", weights, values))


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 8, 13])
def test_chi_survival_is_within_its_error_of_a_ball(degrees: int) -> None:
    t = torch.arange(0, 160) / 16
    for at, found in zip(t.tolist(), chi_survival(t, degrees).tolist(), strict=True):
        exact = arb(at * at / 2).gamma_upper(arb(degrees) / 2, regularized=True) if at else arb(1)
        assert abs(arb(found) - exact) < arb(2) ** -18


def test_the_length_from_which_a_network_is_above_is_the_root() -> None:
    """A start is above exactly where its length exceeds 2 <Q, y>/|Q|^2: in rationals, and then by the survival function."""
    predictions = integers("length", shape=(2, 3, 50))
    for start in range(50):
        shares = []
        for q in predictions[:, :, start].tolist():
            square, product = sum(Fraction(p) ** 2 for p in q), sum(Fraction(p) * y for p, y in zip(q, TARGETS, strict=True))
            least = 2 * abs(product) / square
            for length in (least / 2, least, least * 2, least + 1):
                both = [is_above([length * Fraction(p) for p in q], sign) for sign in (1, -1)]
                assert sum(both) == (0 if length == 0 else 2 if length > least else 1)
            z = arb(least.numerator) / least.denominator
            shares.append((1 + (z * z / 2).gamma_upper(arb(3) / 2, regularized=True)) / 2 if least else arb(1))
        told = float(squared_share_of_lengths(predictions[:, :, start : start + 1], TARGETS, 3))
        assert abs(arb(told) - (shares[0] + shares[1]) / 2) < arb(2) ** -18


def test_the_logistic_share_is_decided_as_by_balls() -> None:
    predictions = integers("logistic", shape=(1, 3, 400)) / 4
    ctx.prec = 80
    for start, told in enumerate(logistic_share(predictions, TARGETS).tolist()):
        margins = [arb(p) * y for p, y in zip(predictions[0, :, start].tolist(), TARGETS, strict=True)]
        rises = [sum(((-sign * m).exp() + 1).log() for m in margins) - 3 * arb(2).log() for sign in (1, -1)]
        assert told * 2 == sum(bool(rise > 0) for rise in rises) and all(bool(rise > 0) or bool(rise < 0) for rise in rises)
    ctx.prec = 53


def test_large_predictions_overflow_nowhere() -> None:
    huge = torch.tensor([[[3.0e4], [-3.0e4], [3.0e4]]])
    assert logistic_share(huge, TARGETS).tolist() == [0.5]
    assert logistic_share(-huge * torch.tensor([[[1.0], [1.0], [-1.0]]]), TARGETS).tolist() == [1.0]
    tiny = huge * 2.0**-100  # their squares are 0 in single precision
    assert squared_share_of_lengths(tiny, TARGETS, 4).tolist() == [0.5]
    assert squared_share_of_lengths(huge * 0, TARGETS, 4).tolist() == [0.0]


EVENTS = {
    "shallow_squared": [(1,), (5,)],
    "shallow_logistic": [(2,), (5,)],
    "biased": [(1, 1), (4, 3)],
    "unbiased": [(1, 2), (5, 3)],
    "small": [(3, 0.5)],
    "small_deep": [(2, 2)],
}


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, points in EVENTS.items() for at in points])
def test_shares_have_the_mean_of_the_events_and_a_smaller_spread(name: str, at: tuple[float, ...]) -> None:
    size = 2**15
    rng = Stream(0).child("shares", name, str(at)).torch()
    shares = getattr(initial_loss_by_signs, f"{name}_share").sample(at, size=size, rng=rng, device="cpu")
    events = getattr(initial_loss, f"{name}_above").sample(at, size=size, rng=rng, device="cpu").double()
    error = math.sqrt(float(shares.var() + events.var()) / size)
    assert abs(float(shares.mean() - events.mean())) < 5 * error
    assert float(shares.var()) < float(events.var()) / 5
    assert shares.shape == (size,) and bool(((shares >= 0) & (shares <= 1)).all())


def test_bad_input_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match="labels of the logistic loss are -1 and 1"):
        logistic_share(torch.ones(1, 1, 1), [0.0])
    with pytest.raises(ValueError, match="at least 1 degree of freedom, not 0"):
        chi_survival(torch.ones(1), 0)
    with pytest.raises(ValueError, match="at most 32 degrees of freedom"):
        chi_survival(torch.ones(1), MOST_DEGREES + 1)


def test_far_away_the_survival_of_the_most_degrees_is_a_number() -> None:
    far = torch.tensor([0.0, FARTHEST / 2, FARTHEST, torch.inf])
    for degrees in range(1, MOST_DEGREES + 1):
        assert chi_survival(far, degrees).tolist()[::2] == [1.0, 0.0]
        assert bool(chi_survival(far, degrees).isfinite().all())
