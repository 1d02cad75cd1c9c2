"""Finite networks against what is exact at every width: closed forms, lengths, fourth moments, two roads to one law."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from lemmata.numerics.networks.estimates import KernelEstimate, nngp, ntk
from lemmata.numerics.networks.factors import factor, level
from lemmata.numerics.networks.gram_law import Degrees, Pairs, controls, count_controls, covariance, last_covariances
from lemmata.numerics.networks.network import EntryLaw, Inputs, Network
from lemmata.numerics.networks.replicates import RIDGE, EntryMoments, fit
from lemmata.numerics.networks.tangent import Conditional, layer_weights
from lemmata.numerics.streams import Stream
from lemmata.theory.kernels.parametrisation import Parametrisation

QUANTILE = 5.5
"""Standard errors that a normal mean leaves behind with probability 4e-8."""

HE = math.sqrt(2)
POINTS = [[1.0, 0.0], [1.0, 1.0], [0.0, 3.0], [-1.0, -1.0]]


def assert_near(found: KernelEstimate, exact: torch.Tensor, rounding: float = 2.0**-40) -> None:
    """Within the standard errors, and what double precision may lose."""
    assert bool(((found.mean - exact).abs() <= QUANTILE * found.stderr + rounding * exact.abs().max()).all())


def assert_agree(one: KernelEstimate, other: KernelEstimate) -> None:
    """Two estimates of one matrix."""
    both = (one.stderr.square() + other.stderr.square()).sqrt()
    assert bool(((one.mean - other.mean).abs() <= QUANTILE * both + 2.0**-40 * one.mean.abs()).all())


def arc_cosine(gram: torch.Tensor) -> torch.Tensor:
    """2 E[relu(u) relu(v)] under N(0, gram): Cho & Saul (2009), eq. (6)."""
    scale = gram.diagonal().sqrt()
    size = scale[:, None] * scale[None, :]
    c = (gram / size).clamp(-1, 1)
    return size * ((1 - c.square()).sqrt() + c * (math.pi - c.acos())) / math.pi


def test_one_layer_is_exact() -> None:
    found = nngp(Network(torch.relu, (), 1.5, 0.5), POINTS, stream=Stream(0), replicates=100)
    x = torch.tensor(POINTS, dtype=torch.float64)
    assert torch.equal(found.mean, x @ x.T * (2.25 / 2) + 0.25)
    assert found.relative == 0 and found.replicates == 0


@pytest.mark.parametrize("width", [1, 7, 64])
def test_two_layers_follow_the_closed_form_at_every_width(width: int) -> None:
    network = Network(torch.relu, (width,), HE, 0.5)
    x = torch.tensor(POINTS, dtype=torch.float64)
    assert_near(nngp(network, POINTS, stream=Stream(1), precision=2e-3), arc_cosine(x @ x.T + 0.25) + 0.25)


@pytest.mark.parametrize("widths", [(1,), (3, 2), (8, 1, 8), (4,) * 6])
@pytest.mark.parametrize("law", list(EntryLaw))
def test_lengths_are_kept_in_the_mean_at_every_width_and_law(law: EntryLaw, widths: tuple[int, ...]) -> None:
    """E relu(z)^2 = E z^2 / 2 for every symmetric z: with sigma_w^2 = 2 the mean square stays what it is."""
    found = nngp(Network(torch.relu, widths, HE, weights=law), POINTS, stream=Stream(2).child(law.value), replicates=4000)
    lengths = torch.tensor(POINTS, dtype=torch.float64).square().sum(1)
    errors = (found.mean.diagonal() - lengths).abs()
    assert bool((errors <= QUANTILE * found.stderr.diagonal() + 2.0**-40).all())
    assert float(found.stderr.diagonal().min()) < 0.1


@pytest.mark.parametrize("activation", [torch.relu, torch.tanh, torch.sin])
def test_gram_matrices_and_weights_give_one_law(activation: Callable[[torch.Tensor], torch.Tensor]) -> None:
    network = Network(activation, (5, 3, 4), 1.5, 0.3)
    inputs = POINTS[:3]
    grams, weights = (nngp(network, inputs, stream=Stream(3).child(drawn), replicates=8000, drawn=drawn) for drawn in (False, True))
    assert_agree(grams, weights)
    assert grams.relative < 0.02


def test_gram_factors_stand_for_the_weights_of_wide_layers() -> None:
    """Width 3 with two inputs goes through the factor, width 1 through the weights: the middle layer's law shows in what follows."""
    network = Network(torch.square, (3, 3, 1), 0.7, 0.2)
    one, other = (nngp(network, POINTS[:2], stream=Stream(4).child(drawn), replicates=40000, drawn=drawn) for drawn in (False, True))
    assert_agree(one, other)


@pytest.mark.parametrize("law", list(EntryLaw))
def test_fourth_moments_tell_the_laws_apart(law: EntryLaw) -> None:
    """For f(z) = z^2: E (sum_i w_i x_i)^4 = 3 |x|^4 + (E w^4 - 3) sum_i x_i^4."""
    x = torch.tensor([[1.0, 2.0, -1.0]], dtype=torch.float64)
    found = nngp(Network(torch.square, (4,), math.sqrt(3), weights=law), x, stream=Stream(5), replicates=100_000)
    exact = 3 * (3 * x.square().sum() ** 2 + (law.fourth_moment - 3) * x.pow(4).sum())
    assert_near(found, exact[None, None])
    assert float(found.stderr) < 0.01 * float(exact)  # the laws differ by more than a tenth


def test_equal_and_proportional_inputs_stay_so() -> None:
    inputs = [[1.0, 2.0], [2.0, 4.0], [1.0, 2.0], [0.0, 0.0], [1e-9, 1e9]]
    found = nngp(Network(torch.relu, (16, 16), HE), inputs, stream=Stream(6), replicates=200)
    assert torch.equal(found.mean[0], found.mean[2]) and torch.equal(found.mean[:, 0], found.mean[:, 2])
    assert bool((found.mean[3] == 0).all()) and bool((found.stderr[3] == 0).all())
    rounding = 32 * 2.0**-52 / RIDGE * float(found.mean[1, 1])  # of coefficients fitted to controls that are one
    assert abs(float(found.mean[1, 1] - 4 * found.mean[0, 0])) <= rounding
    assert abs(float(found.mean[0, 1] - 2 * found.mean[0, 0])) <= rounding


def test_each_network_keeps_proportional_inputs_proportional() -> None:
    """One pivot too many would tear them apart by the square root of the rounding unit."""
    x = torch.tensor([[1.0, 2.0, -0.5], [3.0, 6.0, -1.5]], dtype=torch.float64)
    rng, pairs = Stream(28).torch(), Pairs.of(3, "cpu")
    gram, _ = last_covariances(Network(torch.relu, (64, 64), HE), x, pairs, 50, rng=rng)
    size = gram[:, :1]
    assert bool(((gram[:, 1] - 2 * size[:, 0]).abs() <= 2.0**-44 * size[:, 0]).all())
    assert bool(((gram[:, 3] - 4 * size[:, 0]).abs() <= 2.0**-44 * size[:, 0]).all())


def test_standard_errors_are_those_of_repetitions() -> None:
    """(mean - truth) / stderr over 300 seeds has mean square 1: chi-square with 300 degrees, 6 deviations of 2/300."""
    network = Network(torch.relu, (6, 6), HE)
    scores = []
    for seed in range(300):
        found = nngp(network, [[1.0, 0.0]], stream=Stream(seed), replicates=256)
        scores.append(((found.mean - 1) / found.stderr).item())
    mean_square = sum(score**2 for score in scores) / len(scores)
    assert abs(mean_square - 1) <= 6 * math.sqrt(2 / len(scores))
    assert abs(sum(scores)) <= QUANTILE * math.sqrt(len(scores))


def test_threads_and_order_change_nothing() -> None:
    network = Network(torch.relu, (512, 512), HE, 0.1)
    inputs = Stream(7).numpy().standard_normal((40, 3))
    one, two = (nngp(network, inputs, stream=Stream(8), replicates=96, workers=workers) for workers in (1, 2))
    assert torch.equal(one.mean, two.mean) and torch.equal(one.stderr, two.stderr)
    assert one.replicates == 96


def test_single_precision_loses_rounding_alone() -> None:
    network = Network(torch.relu, (256, 256), HE, 0.1)
    inputs = Stream(9).numpy().standard_normal((10, 3))
    single, double = (nngp(network, inputs, stream=Stream(9).child(t), precision=2e-3, dtype=t) for t in (torch.float32, torch.float64))
    assert single.mean.dtype == torch.float64
    assert_agree(single, double)


def test_an_estimate_reaches_the_precision_asked_for() -> None:
    network = Network(torch.tanh, (32, 32), 1.5, 0.3)
    found = nngp(network, POINTS, stream=Stream(10), precision=1e-3)
    assert found.relative < 1.3e-3  # 1.1 times the pilot's variance, itself known to a tenth or so
    naive = nngp(network, POINTS, stream=Stream(10), replicates=found.replicates)
    assert torch.equal(naive.mean, found.mean)


def test_controls_have_mean_zero() -> None:
    """Each of them, at correlations that differ, over 10^4 independent layers of 3 units."""
    x = torch.tensor([[1.0, 0.5, -2.0]], dtype=torch.float64)
    gram = covariance(Network(torch.relu, (), 1.0, 0.7), x)
    rng, batch = Stream(11).torch(), 10_000
    z = torch.randn(batch, 3, 3, generator=rng, dtype=torch.float64) @ factor(gram[None]).mT
    for degrees in Degrees:
        found = controls(z, gram.expand(batch, -1, -1), Pairs.of(3, "cpu"), degrees)
        assert found.shape == (batch, 6, degrees.value)
        mean = EntryMoments.of(found.flatten(1))
        assert bool((mean.mean.abs() <= QUANTILE * mean.stderr).all()) and bool((mean.stderr > 0).all())


def test_a_wrong_control_is_seen() -> None:
    """Were the covariance taken to be another, the length would leave its exact value."""
    rng = Stream(12).torch()
    z = torch.randn(4096, 8, 1, generator=rng, dtype=torch.float64)
    values = 2 * z.clamp(min=0).square().mean(1)
    off = controls(z, torch.full((4096, 1, 1), 1.1, dtype=torch.float64), Pairs.of(1, "cpu"), Degrees.TWO)
    fitted = fit(values[:1024], off[:1024])
    moments = EntryMoments.of(fitted.corrected(values[1024:], off[1024:]))
    assert abs(float(moments.mean) - 1) > QUANTILE * float(moments.stderr)


def matrices() -> list[torch.Tensor]:
    """Positive semidefinite matrices, most of them singular, at scales from 1e-12 to 1e12."""
    x = torch.randn(3, 6, generator=Stream(13).torch(), dtype=torch.float64)
    scales = torch.tensor([1e-12, 1.0, 1e12, 1.0, 0.0, 1.0], dtype=torch.float64)
    full = torch.randn(9, 6, generator=Stream(14).torch(), dtype=torch.float64)
    near = x.clone()
    near[:, 1] = near[:, 0] * (1 + 2.0**-30) + 2.0**-30
    return [y.T @ y for y in (x, x * scales, full, full * scales, near, torch.ones(1, 6, dtype=torch.float64), torch.zeros(2, 6))]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_factors_of_singular_matrices(dtype: torch.dtype) -> None:
    for gram in matrices():
        g = gram.to(dtype)[None]
        s = factor(g).double()
        scale = g.double()[0].diagonal().sqrt()
        size = scale[:, None] * scale[None, :]
        assert bool(torch.isfinite(s).all())
        assert bool(((s @ s.mT - g.double())[0].abs() <= 4 * level(g) * size).all())


def test_a_batch_mixes_regular_and_singular_matrices() -> None:
    batch = torch.stack([m.double() for m in matrices()])
    assert torch.equal(factor(batch), torch.cat([factor(one[None]) for one in batch]))


def test_coefficients_of_useless_controls_are_zero() -> None:
    rng = Stream(15).torch()
    values, noise = torch.randn(64, 3, generator=rng).double(), torch.randn(64, 3, 20, generator=rng).double()
    assert int((fit(values, noise).coefficients != 0).any(1).sum()) < 3
    with pytest.raises(ValueError, match="pilot"):
        fit(values[:20], noise[:20])


def arc_cosine_slope(gram: torch.Tensor) -> torch.Tensor:
    """2 E[1(u > 0) 1(v > 0)] under N(0, gram): Cho & Saul (2009), eq. (5)."""
    scale = gram.diagonal().sqrt()
    return (math.pi - (gram / (scale[:, None] * scale[None, :])).clamp(-1, 1).acos()) / math.pi


@pytest.mark.parametrize("width", [1, 7, 64])
def test_tangent_kernels_of_one_hidden_layer_follow_the_closed_form_at_every_width(width: int) -> None:
    x = torch.tensor(POINTS, dtype=torch.float64)
    first = x @ x.T + 0.25
    exact = arc_cosine(first) + 0.25 + arc_cosine_slope(first) * first
    network = Network(torch.relu, (width,), HE, 0.5)
    assert_near(ntk(network, POINTS, stream=Stream(16), replicates=20_000), exact)
    mean_field = ntk(network, POINTS, stream=Stream(16), replicates=20_000, parametrisation=Parametrisation.MEAN_FIELD)
    assert_near(mean_field, exact / width)
    standard = width * arc_cosine(first) / 2 + 1 + arc_cosine_slope(first) * (x @ x.T + 1)
    assert_near(ntk(network, POINTS, stream=Stream(17), replicates=20_000, parametrisation=Parametrisation.STANDARD), standard)


@pytest.mark.parametrize("law", [EntryLaw.GAUSSIAN, EntryLaw.RADEMACHER])
def test_tangent_kernels_are_those_of_automatic_differentiation(law: EntryLaw) -> None:
    """600 networks with all their parameters, gradients by reverse mode, no formula for layers."""
    network, inputs = Network(torch.tanh, (3, 2), 1.5, 0.5, law, law), torch.tensor(POINTS[:2], dtype=torch.float64)
    rng, kernels, sizes = Stream(18).torch(), [], (2, 3, 2, 1)
    for _ in range(600):
        weights = [law.draw(a, b, rng=rng, dtype=torch.float64).requires_grad_() for b, a in zip(sizes, sizes[1:], strict=False)]
        biases = [law.draw(a, 1, rng=rng, dtype=torch.float64).requires_grad_() for a in sizes[1:]]
        z = inputs.T
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = 1.5 * w @ (torch.tanh(z) if layer else z) / math.sqrt(z.shape[0]) + 0.5 * b
        rows = [torch.autograd.grad(one, [*weights, *biases], retain_graph=True) for one in z[0]]
        jacobian = torch.stack([torch.cat([part.flatten() for part in row]) for row in rows])
        kernels.append((jacobian @ jacobian.T).flatten())
    seen = EntryMoments.of(torch.stack(kernels))
    plain = KernelEstimate(seen.mean.reshape(2, 2), seen.stderr.reshape(2, 2), seen.n, 0)
    for drawn in (False, True):
        assert_agree(ntk(network, inputs, stream=Stream(19).child(drawn), replicates=20_000, drawn=drawn), plain)


@pytest.mark.parametrize("activation", [torch.relu, torch.tanh])
def test_conditional_and_drawn_weights_give_one_tangent_kernel(activation: Callable[[torch.Tensor], torch.Tensor]) -> None:
    network, inputs = Network(activation, (6, 5, 4), HE, 0.5), POINTS[:2]
    one, other = (ntk(network, inputs, stream=Stream(20).child(drawn), replicates=20_000, drawn=drawn) for drawn in (False, True))
    assert_agree(one, other)
    assert one.relative < 0.02


def test_what_is_not_known_of_weights_is_drawn_independently() -> None:
    """[W, b]^T D for fixed D has second moments |D|^2 1 over all W, and W stays consistent with z = W A on the span of A."""
    network, batch = Network(torch.relu, (), 1.0, 0.5), 4000
    rng = Stream(21).torch()
    features = torch.tensor([[1.0, 2.0], [0.5, 1.0], [0.0, 0.0], [3.0, 6.0]], dtype=torch.float64).expand(batch, -1, -1)  # of rank 2 with b
    layer = layer_weights(network, features, 3, False, rng)
    assert isinstance(layer, Conditional)
    z = layer.forward()
    found = layer.backward(torch.eye(3, dtype=torch.float64)[:, :2].expand(batch, -1, -1), True)
    assert found.values is not None and found.spare is not None
    back = found.values
    rows = network.rows(features)
    rounding = 64 * 2.0**-52 * float(back.abs().max() * rows.abs().max())
    assert bool(((rows.mT @ back - z.mT[:, :, :2]).abs() <= rounding).all())
    moments = EntryMoments.of((back.mT @ back).flatten(1))
    assert bool(((moments.mean - torch.tensor([5.0, 0.0, 0.0, 5.0])).abs() <= QUANTILE * moments.stderr).all())
    left = EntryMoments.of((back - found.known).square().mean(2) - found.spare)  # errors are orthonormal: each row has variance `spare`
    assert bool((left.mean.abs() <= QUANTILE * left.stderr + 2.0**-40).all())


def test_what_no_network_is() -> None:
    for widths in [(4, 0), (2.5,), (-1,), (True,)]:
        with pytest.raises(ValueError, match="at least 1"):
            Network(torch.relu, widths, 1.0)  # type: ignore[arg-type]  # what a user may write
    with pytest.raises(ValueError, match="standard deviation"):
        Network(torch.relu, (2,), -1.0)
    with pytest.raises(ValueError, match="activation"):
        Network(3.0, (2,), 1.0)  # type: ignore[arg-type]  # what a user may write
    for inputs in ([1.0, 2.0], [[math.nan]], [[]]):
        with pytest.raises(ValueError, match="finite matrix"):
            Inputs.of(inputs)
    good = Network(torch.relu, (2,), 1.0)
    for wanted in ({}, {"precision": 0.1, "replicates": 9}, {"precision": 0.0}, {"precision": math.inf}, {"replicates": 1}):
        with pytest.raises(ValueError, match="precision|replicates"):
            nngp(good, POINTS, stream=Stream(0), **wanted)
    with pytest.raises(ValueError, match="keep the shape"):
        nngp(Network(lambda z: z.sum(1), (2,), 1.0), POINTS, stream=Stream(0), replicates=9)
    with pytest.raises(ValueError, match="overflows or is NaN"):
        nngp(Network(torch.log, (2,), 1.0), POINTS, stream=Stream(0), replicates=9)
    with pytest.raises(ValueError, match="single or double"):
        ntk(good, POINTS, stream=Stream(0), replicates=9, dtype=torch.int64)
    assert count_controls(Network(torch.relu, (), 1.0)) == 0
