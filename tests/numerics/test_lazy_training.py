"""Training of wide networks from two starts: steps and kernels against automatic differentiation, mirrored starts, bad input."""

from __future__ import annotations

import pytest
import torch

from lemmata.numerics import lazy_training, learning_curves
from lemmata.numerics.lazy_training import Labels, Layer, Reference, drawn, drift, gap, inputs, kernel_limit, labels, slope

EPS = torch.finfo(torch.float64).eps


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def double(layer: Layer) -> Layer:
    return Layer(layer.w.double(), layer.b.double(), layer.c.double())


def test_a_step_and_the_kernel_are_those_of_automatic_differentiation() -> None:
    x = inputs("cpu")[0].double()
    layer = double(drawn(9, 1, generator(), "cpu"))
    weights = [tensor.clone().requires_grad_(True) for tensor in (layer.w, layer.b, layer.c)]
    values = Layer(*weights).outputs(x)
    loss = (values - labels(x)).square().sum() / (2 * len(x))
    gradients = torch.autograd.grad(loss, weights, retain_graph=True)
    moved = layer.moved(x, (layer.outputs(x) - labels(x)) / len(x), 0.25)
    for before, after, slope_of in zip((layer.w, layer.b, layer.c), (moved.w, moved.b, moved.c), gradients, strict=True):
        assert float((after - (before - 0.25 * slope_of)).detach().abs().max()) <= 1000 * EPS
    rows = [torch.cat([part.ravel() for part in torch.autograd.grad(value, weights, retain_graph=True)]) for value in values[0]]
    jacobian = torch.stack(rows)
    assert float((layer.kernel(x)[0] - jacobian @ jacobian.T).abs().max()) <= 10_000 * EPS


def test_a_mirrored_network_starts_at_zero_exactly() -> None:
    start = drawn(64, 4, generator(), "cpu")
    x, grid = inputs("cpu")
    learnt_nothing = lazy_training.trained_mirrored(start, x, torch.zeros(4, len(x)), grid)
    assert bool((learnt_nothing == 0).all())


def test_the_limiting_kernel_is_the_mean_of_drawn_ones() -> None:
    x, _ = inputs("cpu")
    kernels = drawn(2000, 64, generator(), "cpu").kernel(x)
    mean, error = kernels.mean(0), kernels.std(0) / 8
    assert bool(((mean - kernel_limit(x)).abs() <= 6 * error).all())


def test_residual_labels_close_the_gap_and_the_labels_themselves_do_not() -> None:
    residual, same = (float(gap(512, kind, 16, generator(), "cpu").mean()) for kind in (Labels.RESIDUAL, Labels.SAME))
    assert same > 100 * residual > 0


def test_kernels_stay_closer_to_their_start_than_to_the_limit() -> None:
    start, limit = (float(drift(1024, reference, 16, generator(), "cpu").mean()) for reference in Reference)
    assert 0 < start < limit


def test_slopes_of_power_laws() -> None:
    widths = (64, 256, 1024)
    values = [torch.tensor([3 * width**-0.5], dtype=torch.float64) for width in widths]
    assert abs(float(slope(widths, values)) + 0.5) <= 100 * EPS


def test_a_step_on_the_sphere_is_that_of_automatic_differentiation() -> None:
    task = learning_curves.posed(5, 20, 1, generator(), "cpu")
    x, y = task.x.double(), task.y.double()
    w = torch.randn(1, 7, 6, generator=generator(), dtype=torch.float64, requires_grad=True)
    c = torch.randn(1, 7, generator=generator(), dtype=torch.float64, requires_grad=True)
    loss = (learning_curves.outputs(w, c, x) - y).square().sum() / (2 * 20)
    gradients = torch.autograd.grad(loss, (w, c))
    with torch.no_grad():
        moved = learning_curves.stepped(w, c, x, (learning_curves.outputs(w, c, x) - y) / 20)
        for before, after, slope_of in zip((w, c), moved, gradients, strict=True):
            assert float((after - (before - slope_of)).abs().max()) <= 1000 * EPS


def test_inputs_are_on_the_sphere_and_the_target_is_the_kernel_at_the_pole() -> None:
    x = learning_curves.sphere(3, 2, 50, generator(), "cpu")
    assert x.shape == (2, 50, 4) and float((x.norm(dim=-1) - 1).abs().max()) <= 8 * torch.finfo(torch.float32).eps
    pole = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0]], dtype=torch.float64)
    found = learning_curves.target(pole)
    assert float(found[0]) == 2 and abs(float(found[1])) <= 4 * EPS


def test_bad_input_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match="at least one hidden neuron, not 0"):
        drawn(0, 1, generator(), "cpu")
    with pytest.raises(ValueError, match="at least two widths"):
        slope((64, 64), [torch.ones(1), torch.ones(1)])
    with pytest.raises(ValueError, match="d >= 1, not 0"):
        learning_curves.sphere(0, 1, 5, generator(), "cpu")


def test_the_kernel_beside_a_network_takes_the_same_steps() -> None:
    """Step by step: f(x) <- f(x) - (1/n) sum k(x, x_i) (f(x_i) - y_i), the least error at the same times."""
    task = learning_curves.posed(3, 12, 2, generator(), "cpu", 16)
    networks = learning_curves.begun(learning_curves.Start.RANDOM, task, 32, generator(), "cpu")
    x, unseen = task.x.double(), task.unseen.double()
    seen_kernel, unseen_kernel = (learning_curves.tangent_kernel(at, x) for at in (x, unseen))
    f, g = networks.outputs(task.x).double(), networks.outputs(task.unseen).double()
    least = torch.full((2,), torch.inf, dtype=torch.float64)
    for step in range(41):
        if step in learning_curves.looks(40):
            least = least.minimum((g - task.target.double()).square().mean(1))
        error = (f - task.y.double())[..., None] / 12
        f, g = f - (seen_kernel @ error)[..., 0], g - (unseen_kernel @ error)[..., 0]
    found = learning_curves.best_kernel_errors(networks, task, 40)
    # 40 steps of sums over 12 samples, and a division by eigenvalues: each error is a square of a sum
    assert float((found - least).abs().max()) <= 1e4 * 40 * 12 * EPS


def test_wide_networks_follow_the_kernel() -> None:
    apart = []
    for width in (16, 1024):
        task = learning_curves.posed(3, 24, 24, generator(), "cpu", 64)
        networks = learning_curves.begun(learning_curves.Start.MIRRORED, task, width, generator(), "cpu")
        ratio = learning_curves.best_errors(networks, task, 30) / learning_curves.best_kernel_errors(networks, task, 30)
        apart.append(float(ratio.log().square().mean().sqrt()))
    assert apart[1] < apart[0] / 2


def test_the_kernel_on_the_sphere_is_the_target_at_the_pole() -> None:
    points = learning_curves.sphere(4, 1, 30, generator(), "cpu").double()
    points = points / points.norm(dim=-1, keepdim=True)
    pole = torch.tensor([[[1.0, 0, 0, 0, 0]]], dtype=torch.float64)
    found = learning_curves.tangent_kernel(points, pole)[0, :, 0]
    assert (
        float((found - learning_curves.target(points[0])).abs().max()) <= 64 * EPS**0.5
    )  # an angle from its cosine loses half of the digits
