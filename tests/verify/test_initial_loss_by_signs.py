"""Signs summed over: the mean of the event, with less spread. Every sign one by one: `tests/numerics/test_begins_above.py`."""

from __future__ import annotations

import pytest
import torch

from lemmata.verify.register import initial_loss, initial_loss_by_signs


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_small_networks_have_the_bound_as_their_share_at_every_start(n: int) -> None:
    """One active neuron at least, and an output of the right sign: (1 - 2^-n)/2 of all signs, whatever the neurons are."""
    found = initial_loss_by_signs.small_share.sample((n, 0.01), size=200, rng=generator(), device="cpu")
    assert set(found.tolist()) == {(1 - 2.0**-n) / 2}


@pytest.mark.parametrize(
    ("event", "share", "arguments"),
    [
        ("shallow_squared_above", "shallow_squared_share", (3,)),
        ("shallow_logistic_above", "shallow_logistic_share", (2,)),
        ("biased_above", "biased_share", (2, 3)),
        ("unbiased_above", "unbiased_share", (2, 3)),
        ("small_deep_above", "small_deep_share", (2, 2)),
        ("small_above", "small_share", (3, 40.0)),
    ],
)
def test_events_and_shares_have_one_mean(event: str, share: str, arguments: tuple[float, ...]) -> None:
    """Within five standard errors, at fixed streams."""
    size = 2**15
    drawn = getattr(initial_loss, event).sample(arguments, size=size, rng=generator(3), device="cpu").double()
    found = getattr(initial_loss_by_signs, share).sample(arguments, size=size, rng=generator(4), device="cpu")
    assert float(found.min()) >= 0 and float(found.max()) <= 1 and found.dtype == torch.float64
    spread = float(drawn.std()) + float(found.std())
    assert abs(float(drawn.mean() - found.mean())) < 5 * spread / size**0.5
    assert float(found.std()) < float(drawn.std())
