"""Runs of deep linear networks: their gradients, the convex optimum they are compared with, and widths that break the theorem."""

import pytest
import torch

from lemmata.numerics.landscape.linear_descent import SAMPLES, SETTLED, ConvexLoss, Tasks, descend, ends, gradients, product, settled
from lemmata.numerics.streams import Stream

EPS = torch.finfo(torch.float64).eps
THIRD_OF_THE_DIGITS = EPS ** (1 / 3)
"""A gap that descent has closed; on the logistic loss it is slow."""


def generator(*names):
    torch.set_num_threads(1)
    return Stream(11, names).torch()


def drawn_layers(widths, runs, rng):
    return [torch.randn(runs, b, a, generator=rng, dtype=torch.float64) for a, b in zip(widths, widths[1:], strict=False)]


@pytest.mark.parametrize("loss", ConvexLoss)
@pytest.mark.parametrize("widths", [(3, 2), (3, 4, 5, 2), (2, 1, 1, 3)])
def test_gradients_of_every_layer_against_automatic_differentiation(loss, widths):
    rng = generator("gradients", loss.value, str(widths))
    tasks = Tasks.drawn(loss, widths, 5, rng, "cpu")
    layers = [layer.requires_grad_() for layer in drawn_layers(widths, 5, rng)]
    expected = torch.autograd.grad(tasks.value(product(layers)).sum(), layers)
    with torch.no_grad():
        found = gradients(layers, tasks.gradient(product(layers)))
    sizes = torch.stack([layer.detach().flatten(1).norm(dim=1) + 1 for layer in layers]).prod(0).max() ** 2
    bound = 64 * EPS * sizes * tasks.inputs.norm() ** 2 * (1 + tasks.labels.norm())
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert float((one - other).abs().max()) <= float(bound)
        assert float(other.abs().max()) > float(bound)


@pytest.mark.parametrize("loss", ConvexLoss)
def test_majorants_touch_and_are_nowhere_below(loss):
    rng = generator("majorants", loss.value)
    at, to = (4 * torch.randn(4000, generator=rng, dtype=torch.float64) for _ in range(2))
    y = loss.labels(torch.randn(4000, generator=rng, dtype=torch.float64))
    parabola = loss.at(at, y) + loss.slope(at, y) * (to - at) + loss.majorant(at, y) * (to - at) ** 2 / 2
    room = 16 * EPS * (1 + parabola.abs() + (to - at) ** 2)
    assert bool((parabola + room >= loss.at(to, y)).all())
    assert bool((loss.majorant(at, y) >= loss.bend(at, y) - room).all())


def test_least_square_loss_is_that_of_linear_regression():
    tasks = Tasks.drawn(ConvexLoss.SQUARE, (4, 3), 50, generator("regression"), "cpu")
    solved = torch.linalg.lstsq(tasks.inputs.mT, tasks.labels.mT).solution.mT
    error = tasks.least() - tasks.value(solved)
    assert float(error.abs().max()) <= 256 * EPS * float(tasks.labels.square().sum((1, 2)).max())


@pytest.mark.parametrize("loss", ConvexLoss)
def test_no_linear_map_is_below_the_least(loss):
    """By convexity no map at all is below it where its gradient is 0; here thousands near and far."""
    rng = generator("least", loss.value)
    tasks = Tasks.drawn(loss, (3, 2), 64, rng, "cpu")
    least = tasks.least()
    for scale in (0.01, 0.1, 1.0, 10.0):
        for _ in range(16):
            maps = scale * torch.randn(64, 2, 3, generator=rng, dtype=torch.float64)
            assert bool((tasks.value(maps) >= least - 64 * EPS * (1 + least)).all())


def test_separable_data_have_no_least_logistic_loss():
    inputs = torch.randn(1, 2, SAMPLES, generator=generator("separable"), dtype=torch.float64)
    tasks = Tasks(ConvexLoss.LOGISTIC, inputs, inputs[:, :1].sign())
    with pytest.raises(ArithmeticError, match="separable"):
        tasks.least()


@pytest.mark.parametrize("loss", ConvexLoss)
@pytest.mark.parametrize("widths", [(3, 4, 5, 2), (3, 2, 2, 2)])
def test_wide_enough_networks_end_at_the_convex_optimum(loss, widths):
    found = ends(loss, widths, 256, generator("wide", loss.value), "cpu", steps=100)
    assert float(found.above_floor.max()) < THIRD_OF_THE_DIGITS and float(found.above_floor.min()) >= -1024 * EPS


@pytest.mark.parametrize("loss", ConvexLoss)
def test_the_floor_is_below_every_map_and_touches_the_best(loss):
    rng = generator("floor", loss.value)
    tasks = Tasks.drawn(loss, (3, 2), 64, rng, "cpu")
    best = tasks.best()
    room = 256 * EPS * (1 + tasks.least())
    assert bool((tasks.floor(best) <= tasks.least() + room).all())
    assert bool((tasks.least() - tasks.floor(best) < SETTLED).all())
    for scale in (0.0, 0.01, 0.1, 1.0):
        moved = best + scale * torch.randn(64, 2, 3, generator=rng, dtype=torch.float64)
        floor = tasks.floor(moved)
        assert bool((floor <= tasks.least() + room).all())


@pytest.mark.parametrize("loss", ConvexLoss)
def test_conjugates_are_suprema(loss):
    rng = generator("conjugate", loss.value)
    u = torch.linspace(-40, 40, 16001, dtype=torch.float64)
    y = loss.labels(torch.randn(20, 1, generator=rng, dtype=torch.float64))
    p = loss.slope(4 * torch.randn(20, 1, generator=rng, dtype=torch.float64), y)
    least = (p * u - loss.at(u, y)).amax(1, keepdim=True)
    claimed = loss.conjugate(p, y)
    spacing = 80 / 16000
    assert bool((claimed >= least - 64 * EPS * (1 + u.abs().max())).all())
    assert bool((claimed <= least + spacing**2).all())


def test_steps_never_rise():
    rng = generator("never")
    tasks = Tasks.drawn(ConvexLoss.HUBER, (3, 2, 2, 2), 32, rng, "cpu")
    values = torch.stack([settled(tasks, (3, 2, 2, 2), generator("never again"), steps=k) for k in range(0, 12, 3)])
    assert bool((values[1:] <= values[:-1]).all()) and bool((values[-1] < values[0]).all())


def test_a_narrow_layer_ends_at_the_least_rank_one_loss():
    """Eckart and Young: with one hidden neuron the gap is half the square of the smaller singular value that is left out."""
    rng = generator("narrow")
    tasks = Tasks.drawn(ConvexLoss.SQUARE, (3, 1, 2), 32, rng, "cpu")
    best = torch.linalg.lstsq(tasks.inputs.mT, tasks.labels.mT).solution.mT
    left_out = torch.linalg.svdvals(best @ tasks.inputs / SAMPLES**0.5)[:, 1] ** 2 / 2
    ended = descend(tasks, (3, 1, 2), rng, step=0.03, steps=6000) - tasks.least()
    room = 4096 * EPS * float(tasks.labels.square().sum((1, 2)).max())
    assert bool((ended >= left_out - room).all()) and bool((left_out > THIRD_OF_THE_DIGITS).all())
    assert float((ended - left_out).quantile(0.75)) < THIRD_OF_THE_DIGITS


@pytest.mark.parametrize("widths", [(3,), (3, 0, 2), ()])
def test_networks_without_layers_or_with_empty_ones_are_refused(widths):
    tasks = Tasks.drawn(ConvexLoss.SQUARE, (3, 2), 2, generator("empty"), "cpu")
    with pytest.raises(ValueError, match="at least one layer"):
        descend(tasks, widths, generator("empty"), step=0.1, steps=1)


@pytest.mark.parametrize("widths", [(4, 3, 2), (3, 3, 3)])
def test_a_network_of_other_dimensions_than_the_data_is_refused(widths):
    tasks = Tasks.drawn(ConvexLoss.SQUARE, (3, 2), 2, generator("other"), "cpu")
    for start in (lambda rng: descend(tasks, widths, rng, step=0.1, steps=1), lambda rng: settled(tasks, widths, rng, steps=1)):
        with pytest.raises(ValueError, match="the data map 3 numbers to 2"):
            start(generator("other"))
