"""Packed sign patterns against plain ones, the signs' symmetry against all signs one by one, and laws that do not change the chance."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import torch

from lemmata.numerics.basins.events import reach_shares, reaches, serves, serves_clusters
from lemmata.numerics.basins.packed import all_served, chance_given_classes, events, shares, states
from lemmata.numerics.basins.starts import Law, activity, start
from lemmata.numerics.streams import Stream
from lemmata.theory.basins import Demand, demands_of, orthogonal, served_by_each, singletons


def tensor(rows: object) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def begun(neurons: int, dimension: int, size: int, *name: object) -> tuple[torch.Tensor, torch.Tensor]:
    return start(Law.NORMAL, size, neurons, dimension, Stream(0).child("packed", *name).torch(), "cpu")


POINTS = [[2, 1, 0], [1, -3, 1], [0, 2, 5], [-1, 1, 1], [3, -1, 2]]


@pytest.mark.parametrize("neurons", [1, 3, 9, 20])
def test_packed_points_are_served_where_plain_ones_are(neurons: int) -> None:
    weights, outputs = begun(neurons, 3, 500, neurons)
    wanted = [1, -1, 1, 1, -1]
    demands = [Demand(place, 1, sign) for place, sign in enumerate(wanted)]
    plain = serves(activity(weights, tensor(POINTS)), outputs, tensor(wanted))
    packed = all_served(*states(weights, [tensor([point]) for point in POINTS]), outputs, demands)
    assert torch.equal(plain, packed)


def test_more_than_eight_demands_are_packed_into_several_words() -> None:
    points = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, -1, 0], [1, 0, -1], [0, 1, -1], [1, 1, 1]]
    wanted = [1, -1] * 5
    weights, outputs = begun(12, 3, 800, "many")
    demands = [Demand(place, 1, sign) for place, sign in enumerate(wanted)]
    plain = serves(activity(weights, tensor(points)), outputs, tensor(wanted))
    assert torch.equal(plain, all_served(*states(weights, [tensor([point]) for point in points]), outputs, demands))
    assert 0 < int(plain.sum()) < len(plain)


@pytest.mark.parametrize("spread", [0.05, 0.3, 1.0])
def test_packed_clusters_are_served_where_plain_ones_are(spread: float) -> None:
    centres = tensor([[1.0, 0.0, 0.0], [0.2, 1.0, 0.0], [0.0, -0.3, 1.0]])
    around = tensor([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, 0, -1]]) * spread
    clusters = [centre + around for centre in centres]
    weights, outputs = begun(10, 3, 1500, spread)
    number = torch.arange(3).repeat_interleave(4)
    plain = serves_clusters(activity(weights, torch.cat(clusters)), outputs, tensor([1, -1, 1]), number)
    demands = [Demand(0, 1, 1), Demand(1, 1, -1), Demand(2, 1, 1)]
    active, whole = states(weights, clusters)
    assert torch.equal(plain, all_served(active, whole, outputs, demands))
    assert not bool(whole.all())


@pytest.mark.parametrize("spread", [0.0, 0.4])
@pytest.mark.parametrize("demands", [demands_of(orthogonal(2, 1)), demands_of(singletons(1, 1, 1)), (Demand(1, -1, 1), Demand(2, 1, -1))])
def test_the_chance_given_the_classes_is_the_share_of_all_signs(demands: tuple[Demand, ...], spread: float) -> None:
    """Every sign of three neurons and of their outputs, one by one: 64 starts for each start."""
    clusters = [tensor([[1, 0.5, 0], [1, 0.5, spread]]), tensor([[-1, 2, 0.5]]), tensor([[0, spread, 1], [0, -spread, 1]])]
    weights, outputs = begun(3, 3, 60, spread, str(demands))
    told = chance_given_classes(*states(weights, clusters), demands)
    total = torch.zeros(60, dtype=torch.int64)
    for inner in itertools.product((1, -1), repeat=3):
        for outer in itertools.product((1, -1), repeat=3):
            turned = weights * tensor(inner)[:, None]
            total += all_served(*states(turned, clusters), outputs.abs() * tensor(outer), demands)
    assert torch.equal(told * 64, total.double())


@pytest.mark.parametrize("law", list(Law))
def test_the_mean_of_the_shares_is_the_exact_chance(law: Law) -> None:
    """Orthogonal points: all sign patterns are equally likely, counted here without the package's counting."""
    demands = demands_of(orthogonal(2, 1))
    masks = served_by_each(demands)
    patterns = {0: 1}
    for _ in range(6):
        after: dict[int, int] = {}
        for met, count in patterns.items():
            for mask in masks:
                after[met | mask] = after.get(met | mask, 0) + count
        patterns = after
    exact = Fraction(patterns[7], len(masks) ** 6)
    points = [tensor([[1, 1, 0, 0]]), tensor([[1, -1, 0, 0]]), tensor([[0, 0, 3, 4]])]
    for draw in (events, shares):
        found = draw(law, 6, points, demands, size=2**15, rng=Stream(1).child(draw.__name__, law).torch(), device="cpu").double()
        assert abs(float(found.mean()) - float(exact)) < 5 * float(found.std()) / len(found) ** 0.5


def test_shares_spread_far_less_than_events() -> None:
    points = [tensor([[1, 0, 0]]), tensor([[0, 1, 0]]), tensor([[0, 0, 1]])]
    demands = demands_of(singletons(1, 1, 1))
    spread = [
        float(draw(0, 12, points, demands, size=2**14, rng=Stream(2).child(draw.__name__).torch(), device="cpu").double().std())
        for draw in (events, shares)
    ]
    assert spread[1] < spread[0] / 30


def test_too_many_neurons_for_exact_shares_are_an_error() -> None:
    points = [tensor([[1, 0]]), tensor([[0, 1]])]
    with pytest.raises(ValueError, match="too many for a table of chances"):
        shares(0, 40, points, demands_of(orthogonal(2)), size=4, rng=Stream(0).torch(), device="cpu")


def test_blocks_fill_the_size_that_was_asked_for() -> None:
    points = [tensor([[1, 0]]), tensor([[0, 1]])]
    for size in (1, 2**13, 2**13 + 1):
        assert len(events(0, 2, points, demands_of(orthogonal(2)), size=size, rng=Stream(0).torch(), device="cpu")) == size


@pytest.mark.parametrize("cosine", [0.0, 0.5, 0.9])
def test_the_chance_of_reaching_two_teachers_is_the_share_of_all_signs(cosine: float) -> None:
    weights, outputs = begun(3, 2, 80, "teachers", cosine)
    teachers, signs = tensor([[1, 0], [-3, 4]]), tensor([1, -1])
    told = reach_shares(weights, teachers, cosine)
    total = torch.zeros(80, dtype=torch.int64)
    for inner in itertools.product((1, -1), repeat=3):
        for outer in itertools.product((1, -1), repeat=3):
            total += reaches(weights * tensor(inner)[:, None], outputs.abs() * tensor(outer), teachers, signs, cosine)
    assert torch.equal(told * 64, total.double())
    assert 0 < int(total.sum()) < 80 * 64


def test_shares_of_other_teachers_are_refused() -> None:
    with pytest.raises(ValueError, match="for two teachers, not for 1"):
        reach_shares(torch.ones(1, 1, 2), tensor([[1, 0]]), 0.5)
    with pytest.raises(ValueError, match="an angle around a line is at most pi/2"):
        reach_shares(torch.ones(1, 1, 2), tensor([[1, 0], [0, 1]]), -0.5)
