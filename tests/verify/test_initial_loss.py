"""The experiments on initial losses: their networks against loops, their rises against losses, their laws against enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
import torch

from lemmata.verify.register import initial_loss
from lemmata.verify.register.initial_loss import INPUTS, directions, logistic_rise, predictions, small_above, squared_rise, targets

SIZE = 512


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def test_directions_have_bounded_length_and_no_atoms_in_one_dimension():
    lengths = directions((SIZE, 3), generator(), "cpu").norm(dim=-1)
    assert 0.5 <= lengths.min() and lengths.max() <= 1 + 2.0**-20
    assert len(set(directions((SIZE, 1), generator(), "cpu").flatten().tolist())) > SIZE - 4


@pytest.mark.parametrize("biases", [False, True])
def test_predictions_are_those_of_networks_computed_one_by_one(monkeypatch, biases):
    drawn = []
    true = torch.randn

    def recorded(*shape, **kwargs):
        drawn.append(true(*shape, **kwargs))
        return drawn[-1]

    monkeypatch.setattr(torch, "randn", recorded)
    found = predictions((4, 3), INPUTS, 5, generator(), "cpu", biases, False)
    first, second, last = drawn
    for run in range(5):
        for example, point in enumerate(INPUTS):
            values = list(point)
            for layer in (first[run], second[run]):
                values = [*values, 1.0] if biases else values
                values = [max(0.0, sum(float(w) * v for w, v in zip(row, values, strict=True))) for row in layer]
            output = sum(float(v) * h for v, h in zip(last[run].flatten(), values, strict=True))
            size = sum(abs(float(v) * h) for v, h in zip(last[run].flatten(), values, strict=True))
            assert abs(output - float(found[run, example])) <= 2.0**-18 * (1 + size)


def test_rises_have_the_sign_of_the_difference_of_losses():
    p, y = torch.randn(SIZE, 3, generator=generator(), dtype=torch.float64), targets("cpu").double()
    squared = ((p - y) ** 2).sum(1) - (y**2).sum()
    logistic = (1 + (-y * p).exp()).log().sum(1) - 3 * torch.tensor(2.0, dtype=torch.float64).log()
    assert torch.equal(squared_rise(p, y) > 0, squared > 0)
    assert torch.equal(logistic_rise(p, y) > 0, logistic > 0)
    nothing = torch.zeros(1, 3)
    assert not (squared_rise(nothing, targets("cpu")) > 0).any() and not (logistic_rise(nothing, targets("cpu")) > 0).any()


def test_fair_signs_by_enumeration():
    below = [v * max(0, w) + b * max(0, a) < 0 for v, w, b, a in product((-1, 1), repeat=4)]
    assert Fraction(sum(below), 16) == Fraction(5, 16) < Fraction(3, 8)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_small_networks_above_are_those_with_a_negative_output(n):
    small = small_above.sample((n, 0.1), size=SIZE, rng=generator(), device="cpu")
    smaller = small_above.sample((n, 0.001), size=SIZE, rng=generator(), device="cpu")
    assert torch.equal(small, smaller) and small.any() and not small.all()


def test_every_experiment_returns_booleans_of_the_size_asked():
    arguments = {"biased_above": (2, 3), "unbiased_above": (2, 3), "small_deep_above": (1, 2), "small_above": (2, 0.5)}
    names = [name for name, value in vars(initial_loss).items() if type(value).__name__ == "Experiment"]
    assert len(names) == 7
    for name in names:
        drawn = getattr(initial_loss, name).sample(arguments.get(name, (2,)), size=64, rng=generator(), device="cpu")
        assert drawn.shape == (64,) and drawn.dtype == torch.bool
