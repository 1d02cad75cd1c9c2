"""The convex program of a cell against the events of signs, an independent solver, and the bound on clusters."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch

from lemmata.numerics.basins.clusters import value_bound
from lemmata.numerics.basins.events import reaches, serves, serves_clusters
from lemmata.numerics.basins.programs import checked_points, cone_of, least_square_error
from lemmata.numerics.basins.starts import Law, activity, start
from lemmata.numerics.streams import Stream

EPS = np.finfo(float).eps


def tensor(rows: object) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def drawn(points: list[list[int]], neurons: int, size: int, *name: object) -> tuple[torch.Tensor, torch.Tensor]:
    rng = Stream(0).child("basins", *name).torch()
    weights, outputs = start(Law.NORMAL, size, neurons, len(points[0]), rng, "cpu")
    return activity(weights, tensor(points)), outputs


SINGLETONS = [[1, 0], [-2, 0], [0, 1], [0, -3]]
INDEPENDENT = [[2, 1, 0, 0], [1, -3, 1, 0], [0, 2, 5, 1]]
PARALLEL = [[20, 1, 0], [20, 0, 1], [19, 1, 1]]


@pytest.mark.parametrize("points", [SINGLETONS, INDEPENDENT, PARALLEL])
@pytest.mark.parametrize("neurons", [1, 2, 4, 8])
def test_the_program_vanishes_just_where_the_signs_serve(points: list[list[int]], neurons: int) -> None:
    """On 150 starts each; what is not served costs at least min y^2/m, so that the threshold between is no matter of rounding."""
    targets = [1.0, -2.0, 1.0, 3.0][: len(points)]
    active, outputs = drawn(points, neurons, 150, str(points), neurons)
    if points is SINGLETONS:  # slope y/x on a half-axis: the prediction has the sign of y there
        assert activity(tensor([[[1, 1]]]), tensor(points)).tolist() == [[[True, False, True, False]]]
    events = serves(active, outputs, tensor(targets))
    for on, v, event in zip(active.tolist(), outputs.tolist(), events.tolist(), strict=True):
        value = least_square_error(checked_points(points), on, v, targets).value
        assert (value < min(y * y for y in targets) / len(points) / 2) is event


def test_the_events_are_not_all_alike() -> None:
    active, outputs = drawn(INDEPENDENT, 4, 150, "spread")
    share = serves(active, outputs, tensor([1, -1, 1])).double().mean()
    assert 0 < share < 1


@pytest.mark.parametrize("points", [[[1, 0], [1, 1], [-1, 2], [3, -1]], [[1, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0], [0, 1, 0]]])
def test_the_program_is_the_least_of_descent_in_u(points: list[list[int]]) -> None:
    """Repeated, collinear and rank-deficient data: no u of the cell, found by a general solver, is better, and one is as good."""
    from scipy.optimize import minimize

    x, rng = np.array(points, dtype=float), Stream(0).child("slsqp", str(points)).numpy()
    neurons, targets = 2, rng.normal(size=len(points))
    for _ in range(12):
        w, v = rng.normal(size=(neurons, x.shape[1])), rng.normal(size=neurons)
        on = w @ x.T > 0
        sides = np.where(on, 1, -1) * np.sign(v)[:, None]

        def loss(u: np.ndarray, on: np.ndarray = on) -> float:
            return float(
                (((u.reshape(neurons, -1) @ x.T) * on).sum(0) - targets) @ (((u.reshape(neurons, -1) @ x.T) * on).sum(0) - targets)
            )

        def inside(u: np.ndarray, sides: np.ndarray = sides) -> np.ndarray:
            return ((u.reshape(neurons, -1) @ x.T) * sides).ravel()

        found = minimize(loss, (v[:, None] * w).ravel(), constraints={"type": "ineq", "fun": inside}, method="SLSQP")
        basin = least_square_error(checked_points(points), on.tolist(), v.tolist(), targets.tolist())
        outside = max(0.0, -float(inside(found.x).min()))
        size = 1 + float(np.abs(targets).sum()) + float(np.abs(found.x).sum()) * float(np.abs(x).sum())
        assert basin.slope < EPS * 100 * size * size
        lower = basin.value * len(points)
        assert lower <= found.fun + (outside + EPS * size) * size * 1000  # a solver outside of the cell by a little gains as little
        if found.success:
            assert found.fun <= lower + EPS**0.5 * size**2  # its own stopping rule sees the square root of the precision


def test_more_neurons_are_never_worse() -> None:
    """Lemma 2 on 200 random cases: the value of a network is at most that of a part of it."""
    rng = Stream(0).child("lemma 2").numpy()
    strict = 0
    for _ in range(200):
        points = [row for row in rng.integers(-4, 5, size=(5, 2)).tolist() if any(row)]
        targets = rng.normal(size=len(points)).tolist()
        active, outputs = drawn(points, 4, 1, "lemma", str(targets))
        on, v = active[0].tolist(), outputs[0].tolist()
        whole = least_square_error(checked_points(points), on, v, targets)
        part = least_square_error(checked_points(points), on[:2], v[:2], targets)
        size = sum(y * y for y in targets)
        assert whole.value <= part.value + 1000 * EPS * size
        strict += whole.value < part.value - 1000 * EPS * size
    assert 0 < strict < 200


def test_cones_have_the_signs_of_their_cell() -> None:
    for pattern in itertools.product((False, True), repeat=3):
        for ray in cone_of(checked_points(INDEPENDENT), pattern, False):
            assert all(entry <= 0 for entry in ray)
            assert all(entry == 0 for entry, on in zip(ray, pattern, strict=True) if not on)


@pytest.mark.parametrize("halvings", range(0, 7, 2))
def test_values_on_clusters_are_within_the_bound_on_the_event(halvings: int) -> None:
    """Wherever each cluster has a good neuron, and for targets that differ within a cluster."""
    scale, step, gamma = 2**halvings, 100, Fraction(1, 10**4)
    sides = [(0, 0), (step, 0), (-step, 0), (0, step), (0, -step)]
    centres = [[1000 * scale, 0], [500 * scale, 1000 * scale]]
    rows = [[a + b for a, b in zip(centre, side, strict=True)] for centre in centres for side in sides]
    wobble = [float(gamma * step * (-1) ** place) for place in range(len(sides))]
    targets = [1 + by for by in wobble] + [-2 + by for by in wobble]
    active, outputs = drawn(rows, 8, 120, "clusters", halvings)
    good = serves_clusters(active, outputs, tensor([1, -1]), torch.tensor([0] * 5 + [1] * 5))
    bound = value_bound(centres, [1, -2], step, float(gamma))
    looked = 0
    for on, v, event in zip(active.tolist(), outputs.tolist(), good.tolist(), strict=True):
        if event:
            looked += 1
            assert least_square_error(checked_points(rows), on, v, targets).value <= bound
    assert looked > 40


def test_dependent_centres_keep_the_value_away_from_zero() -> None:
    points, targets = [[1000, 0], [1000, 1], [2000, 0], [2000, 1]], [1.0, 1.0, 1.0, 1.0]
    active, outputs = drawn(points, 30, 40, "dependent")
    values = [
        least_square_error(checked_points(points), on, v, targets).value for on, v in zip(active.tolist(), outputs.tolist(), strict=True)
    ]
    assert min(values) > 0.05


@pytest.mark.parametrize("law", list(Law))
def test_each_law_is_spherically_symmetric_in_its_signs(law: Law) -> None:
    """The 8 octants of R^3 are equally likely: within five standard errors each, at a fixed stream."""
    size = 2**14
    weights, outputs = start(law, size, 2, 3, Stream(0).child("law", law).torch(), "cpu")
    octant = ((weights[:, 1] > 0) * torch.tensor([1, 2, 4])).sum(1)
    counts = torch.bincount(octant, minlength=8)
    spread = (size * 7 / 64) ** 0.5
    assert ((counts - size / 8).abs() < 5 * spread).all()
    assert bool((outputs != 0).all())


def test_a_student_at_the_teacher_reaches_it_with_the_right_sign_only() -> None:
    teacher = tensor([[3.0, 4.0]])
    assert reaches(tensor([[[3.0, 4.0]]]), tensor([[1.0]]), teacher, tensor([1.0]), 0.99).all()
    assert not reaches(tensor([[[3.0, 4.0]]]), tensor([[-1.0]]), teacher, tensor([1.0]), 0.99).any()
    assert not reaches(tensor([[[-3.0, -4.0]]]), tensor([[1.0]]), teacher, tensor([1.0]), 0.99).any()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: checked_points([]), "at least one row"),
        (lambda: checked_points([[1, 0], [0, 0]]), "point 2 is 0"),
        (lambda: checked_points([[1, 0], [0]]), "rows of a matrix"),
        (lambda: checked_points([[0.5, 1]]), "no whole number"),
        (lambda: least_square_error(((1, 0),), [[True]], [1.0], [1.0, 2.0]), "as many outputs and targets"),
        (lambda: value_bound([[1, 0], [2, 0]], [1, 1], 0.01, 0), "not linearly independent"),
        (lambda: value_bound([[1, 0], [0, 1], [1, 1]], [1, 1, 1], 0.01, 0), "not linearly independent"),
        (lambda: value_bound([[1, 0], [0, 1]], [1, 0], 0.01, 0), "the value 0"),
        (lambda: value_bound([[1, 0], [0, 1]], [1, 1], 0.6, 0), "is not between 0 and"),
    ],
)
def test_bad_input_is_one_clear_line(call: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)
