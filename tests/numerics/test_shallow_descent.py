"""Descent on shallow networks: against exact arithmetic, and every fate on a network made for it."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import pytest
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.descent.classification import GOAL, HINGES, Fate, classify, hinges_of, representable, representations
from lemmata.numerics.descent.shallow import Shallow, Target, Trained, gaussian_start, train
from lemmata.numerics.instruments.run_frequency import INSTRUMENT
from lemmata.numerics.measurement import Estimate, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency

INPUTS = [Fraction(j, 2) for j in range(-2, 3)]
TARGET = Target.absolute_value()


def networks(*units: Sequence[float]) -> Shallow:
    """One run: units (w, b, v)."""
    weights, biases, outputs = (torch.tensor([[float(part)] for part in parts], dtype=torch.float64) for parts in zip(*units, strict=True))
    return Shallow(weights, biases, outputs)


def fate(of: Shallow, rate: float = 1.0) -> Fate:
    return Fate(int(classify(Trained(of, TARGET.loss(of), torch.full((of.runs,), rate)), TARGET)))


def exact_steps(units: list[list[Fraction]], step: Fraction, steps: int) -> list[list[Fraction]]:
    """The same descent in rationals."""
    for _ in range(steps):
        seen = [[w * x + b for x in INPUTS] for w, b, _ in units]
        errors = [
            sum((unit[2] * max(Fraction(0), z[j]) for unit, z in zip(units, seen, strict=True)), -abs(x)) for j, x in enumerate(INPUTS)
        ]
        moved = []
        for (w, b, v), z in zip(units, seen, strict=True):
            on = [(error, x, value) for error, x, value in zip(errors, INPUTS, z, strict=True) if value > 0]
            gradient = (v * sum(e * x for e, x, _ in on), v * sum(e for e, _, _ in on), sum(e * value for e, _, value in on))
            moved.append([part - step * Fraction(slope) / 5 for part, slope in zip((w, b, v), gradient, strict=True)])
        units = moved
    return units


def test_descent_is_that_of_exact_arithmetic() -> None:
    """Seven steps of 1/8 from small dyadic numbers, where no sum cancels: an error of a few hundred roundings at most."""
    start = [
        [Fraction(3, 4), Fraction(1, 4), Fraction(1, 2)],
        [Fraction(-1, 2), Fraction(1, 8), Fraction(-1, 4)],
        [Fraction(1), Fraction(-2), Fraction(1)],
    ]
    expected = exact_steps(start, Fraction(1, 8), 7)
    ended = train(networks(*start), TARGET, step=0.125, steps=7, goal=0.0).networks
    for row, name in enumerate(("weights", "biases", "outputs")):
        for unit in range(3):
            off = abs(Fraction(float(getattr(ended, name)[unit, 0])) - expected[unit][row])
            assert off <= 400 * Fraction(torch.finfo(torch.float64).eps), (name, unit)


def test_dead_units_stay_as_they_are_to_the_last_bit() -> None:
    drawn = gaussian_start(4, 200, Stream(1, ("dead",)).torch())
    biases = -drawn.weights.abs() - drawn.biases.abs()
    start = Shallow(drawn.weights, biases, drawn.outputs)
    ended = train(start, TARGET, step=0.1, steps=100, goal=0.0, least=0).networks
    assert all(torch.equal(getattr(ended, name), getattr(start, name)) for name in ("weights", "biases", "outputs"))


def test_a_run_has_the_fate_that_it_has_alone() -> None:
    """Others that leave the batch do not touch it; the last bit may differ, since sums of other shapes are ordered otherwise."""
    start = gaussian_start(3, 24, Stream(2, ("alone",)).torch())
    together = classify(train(start, TARGET, step=0.1, steps=1200, goal=GOAL), TARGET)
    for run in range(start.runs):
        alone = train(start.part(torch.tensor([run])), TARGET, step=0.1, steps=1200, goal=GOAL)
        assert int(classify(alone, TARGET)) == int(together[run])


def test_bad_steps_are_named() -> None:
    with pytest.raises(ValueError, match="positive step"):
        train(networks((1, 0, 1)), TARGET, step=0.0, steps=100, goal=0.0)
    with pytest.raises(ValueError, match="at least 2"):
        train(networks((1, 0, 1)), TARGET, step=0.1, steps=1, goal=0.0)


def vector(place: int) -> list[Fraction]:
    rising = place < HINGES // 2
    knot = INPUTS[place] if rising else INPUTS[place - 3]
    return [max(Fraction(0), x - knot if rising else knot - x) for x in INPUTS]


def test_representations_are_exactly_the_minimal_ones() -> None:
    """Each writes |x| with positive coefficients, and every cone of at most four signed hinges that holds |x| holds one of them."""
    from scipy.optimize import nnls

    signed = [(place, sign) for place in range(HINGES) for sign in (1, -1)]
    y = [float(abs(x)) for x in INPUTS]

    def distance(pieces: Sequence[tuple[int, int]]) -> float:
        columns = [[float(sign * value) for value in vector(place)] for place, sign in pieces]
        return float(nnls([list(row) for row in zip(*columns, strict=True)], y)[1])

    found = representations()
    reached = [distance(sorted(one)) for one in found]
    others = [
        distance(pieces) for size in (1, 2, 3, 4) for pieces in combinations(signed, size) if not any(one <= set(pieces) for one in found)
    ]
    assert max(reached) * 2**30 < min(others)


def test_every_representation_needs_two_positive_units() -> None:
    cones = [hinges_of(rises, active) for rises, active in product((True, False), range(6))]
    for one in representations():
        positive = {place for place, sign in one if sign > 0}
        assert not any(positive <= cone for cone in cones)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([(1, 0, 1), (-1, 0, 1)], Fate.SOLVED),
        ([(1, 0, 1), (-1, -2, 1)], Fate.DEAD),
        ([(1, -2, 1), (-1, -2, 1)], Fate.DEAD),
        ([(1, 2, 1), (-1, 2, 1)], Fate.FEW_KINKS),
        ([(1, 0.1, 1), (1, 0.1, 1)], Fate.FEW_KINKS),
        ([(1, 0.1, 1), (-0.5, 0.1, -2)], Fate.LOCKED_SIGN),
        ([(1, 0.1, 2), (1, 0.1, -2), (-0.5, 0.1, -2)], Fate.LOCKED_SIGN),
        ([(1, 0.1, 1), (-1, 0.1, 1)], Fate.SLOW),
        ([(1, 0.1, 1), (-1, 0.1, -0.5)], Fate.SLOW),
    ],
)
def test_each_fate_on_a_network_made_for_it(units: list[tuple[float, float, float]], expected: Fate) -> None:
    assert fate(networks(*units)) is expected


def test_a_reachable_target_without_progress_is_not_classified() -> None:
    assert fate(networks((1, 0.1, 1), (-1, 0.1, 1)), rate=0.0) is Fate.UNCLASSIFIED


def test_a_unit_of_either_sign_is_not_two_units() -> None:
    """1 + x and -(1 - x) together need two units."""
    flat, either = frozenset({0, 7}), frozenset({1, -1})
    assert not representable(((flat, either), (frozenset({2, 3}), either)))
    assert representable(((flat, either), (flat, either), (frozenset({2, 3}), either)))


def test_fates_hold_when_runs_go_on() -> None:
    """Ten times longer: no run that was given up is solved, and every slow one has come nearer."""
    start = gaussian_start(4, 120, Stream(3, ("longer",)).torch())
    ended = train(start, TARGET, step=0.1, steps=3000, goal=GOAL)
    fates = classify(ended, TARGET)
    later = train(ended.networks, TARGET, step=0.1, steps=6000, goal=GOAL)
    given_up = (fates == Fate.DEAD) | (fates == Fate.LOCKED_SIGN) | (fates == Fate.FEW_KINKS)
    assert int(given_up.sum()) > 10 and float(later.loss[given_up].min()) > 1000 * GOAL
    slow = fates == Fate.SLOW
    assert int(slow.sum()) > 3 and bool((later.loss[slow] < ended.loss[slow]).all())
    assert not bool((fates == Fate.UNCLASSIFIED).any())


@experiment
def coin(p: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device) < p


@experiment
def number(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device)


@pytest.mark.parametrize("p", [0.0, 0.01, 0.5, 0.97, 1.0])
def test_counted_runs_cover_the_probability(p: float) -> None:
    for seed in range(20):
        found = INSTRUMENT.measure(frequency(coin(p), 400), {}, Budget(alpha=1e-6), Stream(seed, ("coin",)))
        assert isinstance(found, Estimate) and found.n == 400
        assert abs(found.mean - p) <= found.radius < 0.25


def test_counted_runs_refuse_numbers() -> None:
    found = INSTRUMENT.measure(frequency(number(), 100), {}, Budget(), Stream(0))
    assert isinstance(found, Refusal) and "booleans" in found.reason


def test_counted_runs_are_reproducible_and_grow_with_the_budget() -> None:
    node = frequency(coin(0.5), 100)
    first, again = (INSTRUMENT.measure(node, {}, Budget(), Stream(0, ("same",))) for _ in range(2))
    assert first == again
    wide = INSTRUMENT.measure(node, {}, Budget(samples=2**24), Stream(0, ("same",)))
    assert isinstance(wide, Estimate) and wide.n == 400 and math.isfinite(wide.radius)
