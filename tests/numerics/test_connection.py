"""Paths between trained networks: ends, scaling, matching, and means over pairs."""

from __future__ import annotations

import pytest
import torch

from lemmata.numerics.connection import (
    Activation,
    Networks,
    Path,
    accuracy,
    between,
    images,
    lowest_accuracy,
    matched,
    pairs,
    table,
    train,
    unseen_images,
)


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


@pytest.fixture(scope="module")
def two() -> tuple[Networks, Networks]:
    return pairs(3, 8, Activation.RELU, _generator())


def test_paths_begin_and_end_at_the_networks(two: tuple[Networks, Networks]) -> None:
    line = between(*two, Path.LINE, 0.0), between(*two, Path.LINE, 1.0)
    assert torch.equal(line[0].inner, two[0].inner) and torch.equal(line[1].outer, two[1].outer)
    assert torch.equal(between(*two, Path.ARC, 0.0).inner, two[0].inner)


def test_the_middle_of_the_arc_is_a_multiple_of_the_middle_of_the_line(two: tuple[Networks, Networks]) -> None:
    line, arc = between(*two, Path.LINE, 0.5), between(*two, Path.ARC, 0.5)
    ratio = 2**0.5
    bound = 8 * torch.finfo(torch.float32).eps * (two[0].inner.abs() + two[1].inner.abs())
    assert bool(((arc.inner - ratio * line.inner).abs() <= bound).all())
    assert not torch.equal(arc.inner, line.inner)


def test_training_is_descent_on_the_loss_of_each_network_alone() -> None:
    """The batch of hand-written gradients against automatic differentiation of one network's loss, one step of float64."""
    import lemmata.numerics.connection as module

    inputs, classes = images(0, module.TRAINING, "cpu")
    rng = _generator()
    inner = torch.randn(65, 1, 4, generator=rng) / 8
    inner[-1] = 0
    outer = torch.randn(1, 4, 10, generator=rng) / 2
    leaves = [inner[:, 0].double().requires_grad_(True), outer[0].double().requires_grad_(True)]
    speeds = [torch.zeros_like(leaf) for leaf in leaves]
    for _ in range(module.STEPS):
        loss = torch.nn.functional.cross_entropy((inputs.double() @ leaves[0]).tanh() @ leaves[1], classes)
        slopes = torch.autograd.grad(loss, leaves)
        speeds = [module.MOMENTUM * speed + slope for speed, slope in zip(speeds, slopes, strict=True)]
        leaves = [(leaf - module.STEP * speed).detach().requires_grad_(True) for leaf, speed in zip(leaves, speeds, strict=True)]
    trained = train(1, 4, Activation.TANH, _generator())
    rounding = torch.finfo(torch.float32).eps * module.STEPS * module.TRAINING
    assert float((trained.inner[:, 0] - leaves[0]).abs().max().detach()) < rounding
    assert float((trained.inner[:, 0] - inner[:, 0]).abs().max()) > rounding


def test_matching_undoes_a_permutation(two: tuple[Networks, Networks]) -> None:
    order = torch.tensor([3, 1, 0, 2, 7, 6, 5, 4])
    shuffled = Networks(two[0].inner[..., order], two[0].outer[..., order])
    again = matched(two[0], shuffled)
    assert torch.equal(again.inner, two[0].inner) and torch.equal(again.outer, two[0].outer)
    assert not torch.equal(shuffled.inner, two[0].inner)


def test_a_permutation_changes_no_accuracy_at_the_ends(two: tuple[Networks, Networks]) -> None:
    data = unseen_images()
    share = 1 / len(data[1])
    assert bool(((accuracy(matched(*two), Activation.RELU, data) - accuracy(two[1], Activation.RELU, data)).abs() <= 2 * share).all())


def test_the_way_from_a_network_to_itself_loses_nothing(two: tuple[Networks, Networks]) -> None:
    data = unseen_images()
    lowest = lowest_accuracy(two[0], two[0], Path.LINE, Activation.RELU, data)
    assert bool(((lowest - accuracy(two[0], Activation.RELU, data)).abs() <= 2 / len(data[1])).all())


def test_table_has_error_bars() -> None:
    rows = table(8, 8, Activation.RELU, _generator())
    assert all(0 <= mean <= 1 and 0 < error < 1 for mean, error in rows.values())
    assert rows["matched_line"][0] > rows["line"][0]


@pytest.mark.parametrize(("count", "width"), [(0, 3), (3, 0)])
def test_nothing_to_train_is_an_error(count: int, width: int) -> None:
    with pytest.raises(ValueError, match="at least one of each"):
        train(count, width, Activation.RELU, _generator())


def test_one_pair_has_no_error_bar() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        table(1, 3, Activation.RELU, _generator())
