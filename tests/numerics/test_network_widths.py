"""How finite networks depend on their widths: growth of squares, and the 1/n coefficient fitted and predicted."""

from __future__ import annotations

import math

import pytest
import torch

from lemmata.numerics.networks.estimates import gram_squares, nngp
from lemmata.numerics.networks.network import Network
from lemmata.numerics.networks.widths import WidthStudy, fit_widths
from lemmata.numerics.streams import Stream

QUANTILE = 5.5
"""Standard errors that a normal mean leaves behind with probability 4e-8."""

HE = math.sqrt(2)


def arc_cosine(gram: torch.Tensor) -> torch.Tensor:
    """2 E[relu(u) relu(v)] under N(0, gram): Cho & Saul (2009), eq. (6)."""
    scale = gram.diagonal().sqrt()
    size = scale[:, None] * scale[None, :]
    c = (gram / size).clamp(-1, 1)
    return size * ((1 - c.square()).sqrt() + c * (math.pi - c.acos())) / math.pi


@pytest.mark.parametrize("widths", [(8,), (16, 8), (16, 16, 16)])
def test_squares_of_lengths_grow_by_one_and_five_over_n_a_layer(widths: tuple[int, ...]) -> None:
    """E ((2/n) sum relu(g_i)^2)^2 = 1 + 5/n in units of q_0 = 2 |x|^2 / d."""
    found = gram_squares(Network(torch.relu, widths, HE), [[1.0, 1.0], [2.0, -2.0]], stream=Stream(22), replicates=40_000)
    growth = math.prod(1 + 5 / width for width in widths)
    exact = growth * torch.tensor([4.0, 64.0])
    assert bool(((found.mean.diagonal() - exact).abs() <= QUANTILE * found.stderr.diagonal()).all())
    other = math.prod(1 + 4 / width for width in widths)
    assert float(found.stderr[0, 0]) * QUANTILE < 4 * (growth - other)  # else 5/n and 4/n look alike


def test_gram_squares_do_not_depend_on_the_road() -> None:
    network = Network(torch.tanh, (5, 3), 1.5, 0.3)
    one, other = (
        gram_squares(network, [[1.0, 0.0], [1.0, 1.0]], stream=Stream(23).child(d), replicates=8000, drawn=d) for d in (False, True)
    )
    both = (one.stderr.square() + other.stderr.square()).sqrt()
    assert bool(((one.mean - other.mean).abs() <= QUANTILE * both).all())
    mean = nngp(network, [[1.0, 0.0], [1.0, 1.0]], stream=Stream(24), replicates=8000)
    assert bool((one.mean.diagonal() > mean.mean.diagonal().square()).all())
    alone = gram_squares(Network(torch.tanh, (), 1.5), [[2.0]], stream=Stream(0), replicates=5)
    assert alone.mean.item() == 81.0


def predicted_coefficient(gram: torch.Tensor) -> torch.Tensor:
    """lim n (E K^(3) - K_infinity) at two inputs, for He ReLU: F''(K) : Cov(2 relu relu) / 2, where F is the arc-cosine map.

    K^(2) fluctuates about its mean by the average of n terms 2 relu(u_a) relu(u_b); the next layer is F of it in the mean. Moments of
    degree 4 at angle t: E u^3 v = (4/pi) (cos t (3 (pi - t)/8 + sin(2t)/4 - sin(4t)/32) + sin(t)^5/4), E u^2 v^2 = J_2(t) / (2 pi).
    """
    s1, s2 = gram[0, 0].sqrt().item(), gram[1, 1].sqrt().item()
    t = math.acos(gram[0, 1].item() / (s1 * s2))
    cubic = 4 / math.pi * (math.cos(t) * (3 * (math.pi - t) / 8 + math.sin(2 * t) / 4 - math.sin(4 * t) / 32) + math.sin(t) ** 5 / 4)
    square = (3 * math.sin(t) * math.cos(t) + (math.pi - t) * (1 + 2 * math.cos(t) ** 2)) / (2 * math.pi)
    fourth = torch.tensor([[1.5, square, cubic], [square, 1.5, cubic], [cubic, cubic, square]], dtype=torch.float64)
    mean = arc_cosine(gram)
    flat = torch.stack([mean[0, 0], mean[1, 1], mean[0, 1]])
    units = torch.tensor([s1 * s1, s2 * s2, s1 * s2], dtype=torch.float64)
    spread = 4 * fourth * units[:, None] * units[None, :] - flat[:, None] * flat[None, :]

    def after(k: torch.Tensor) -> torch.Tensor:
        size = (k[0] * k[1]).sqrt()
        c = k[2] / size
        return size * ((1 - c.square()).sqrt() + c * (math.pi - c.acos())) / math.pi

    return (torch.func.hessian(after)(flat) * spread).sum() / 2


def test_the_fitted_coefficient_of_the_width_is_the_predicted_one() -> None:
    """An off-diagonal NNGP entry after two hidden layers: limit and 1/n coefficient from five widths, against arc-cosine formulas."""
    inputs, widths = torch.tensor([[1.0, 0.0], [-1.0, 2.0]], dtype=torch.float64), (8, 12, 16, 32, 64)
    study = WidthStudy.of(widths, lambda n: nngp(Network(torch.relu, (n, 8), HE), inputs, stream=Stream(25).child(n), precision=4e-4))
    fitted = study.entry(0, 1, order=2)
    first = inputs @ inputs.T
    limit, slope = arc_cosine(arc_cosine(first))[0, 1], predicted_coefficient(first)
    assert abs(fitted.coefficients[0] - float(limit)) <= QUANTILE * fitted.stderr[0]
    assert abs(fitted.coefficients[1] - float(slope)) <= QUANTILE * fitted.stderr[1]
    assert abs(fitted.coefficients[1]) > QUANTILE * fitted.stderr[1], "the coefficient must be seen to differ from 0"
    assert fitted.chi_square <= fitted.degrees + 6 * math.sqrt(2 * fitted.degrees) + 18


def test_a_fit_needs_widths_enough() -> None:
    with pytest.raises(ValueError, match="different widths"):
        fit_widths([4, 4], [1.0, 1.0], [0.1, 0.1])
    with pytest.raises(ValueError, match="above 0"):
        fit_widths([4, 8], [1.0, 1.0], [0.1, 0.0])


def test_many_inputs_take_fewer_controls_and_stay_unbiased() -> None:
    """With 700 inputs the controls of a pilot run would take more memory than they may: those of degree 2 or none are left."""
    inputs = Stream(26).numpy().standard_normal((700, 3))
    found = nngp(Network(torch.relu, (4,), HE), inputs, stream=Stream(27), replicates=64)
    x = torch.tensor(inputs)
    scores = (found.mean.diagonal() - 2 * x.square().sum(1) / 3).abs() / found.stderr.diagonal()
    assert found.pilot < 300
    assert bool((scores <= 7).all())  # 64 replicates: Student's law with 63 degrees, not the normal one, and 700 inputs of rank 3
