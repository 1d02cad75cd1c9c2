"""The law of deep gradients drawn without matrices is that of networks whose weights are drawn, with the same weights both ways."""

from __future__ import annotations

from typing import Any

import torch

from lemmata.numerics.streams import Stream
from lemmata.verify.register.deep_gradients import TANH, gradient_slope

SIZE, WIDTHS, LAYERS = 20_000, (3, 5), 4


def with_matrices(q: float, sigma_w: float, sigma_b: float, rng: torch.Generator) -> Any:
    widths = [WIDTHS[layer % 2] for layer in range(LAYERS + 1)]
    passed = [torch.randn(SIZE, widths[0], generator=rng) * q**0.5]
    weights = []
    for layer in range(LAYERS):
        weights.append(torch.randn(SIZE, widths[layer + 1], widths[layer], generator=rng) * (sigma_w / widths[layer] ** 0.5))
        bias = torch.randn(SIZE, widths[layer + 1], generator=rng) * sigma_b
        passed.append(torch.einsum("sij,sj->si", weights[-1], passed[-1].tanh()) + bias)
    delta = torch.randn(SIZE, widths[-1], generator=rng)
    start = delta.square().sum(1).log()
    for layer in reversed(range(LAYERS)):
        delta = (1 - passed[layer].tanh() ** 2) * torch.einsum("sij,si->sj", weights[layer], delta)
    return ((delta.square().sum(1).log() - start) / LAYERS).double()


def test_means_and_spreads_are_those_of_drawn_weights() -> None:
    rng = Stream(1, ("deep gradients",)).torch()
    drawn = with_matrices(1.5, 1.8, 0.2, rng)
    ours = gradient_slope(TANH, 1.5, 1.8, 0.2, *WIDTHS, LAYERS, size=SIZE, rng=rng, device="cpu")
    for power in (1, 2):
        gap = (drawn**power).mean() - (ours**power).mean()
        error = (((drawn**power).var() + (ours**power).var()) / SIZE) ** 0.5
        assert abs(gap) < 5 * error
