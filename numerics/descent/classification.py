r"""Why a run of descent on |x| with a shallow ReLU network ended where it did: each run gets one fate, by exact criteria.

On the five inputs -1, -1/2, 0, 1/2, 1 a unit with output weight 1 ranges, while the inputs that activate it stay the same, over a
cone spanned by two hinges: (x - t)_+ for the two inputs t around its kink if it rises, (t - x)_+ if it falls, 1 + x and 1 - x if all
inputs activate it. So a network can represent |x| without moving a kink across an input or changing the sign of an output
weight exactly if |x| lies in the cone of its signed hinges. That is decided by the list of all minimal ways to write |x| as a signed sum
of linearly independent hinges, which is computed once, in rationals (there are 13). Which inputs activate a unit is exact as well:
the inputs are 0 or plus or minus powers of two, and a rounded sum has the sign of the exact one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from fractions import Fraction
from functools import cache
from itertools import combinations, product

import torch
from torch import Tensor

from lemmata.numerics.descent.shallow import Shallow, Target, Trained

GOAL = 1e-6
"""A run is solved at this loss: the figure of the experiment in the lecture's exercise."""

HINGES = 8
"""(x - t)_+ for t = -1, -1/2, 0, 1/2, then (t - x)_+ for t = -1/2, 0, 1/2, 1."""


class Fate(IntEnum):
    """The closed set of ends of a run."""

    SOLVED = 0
    """The loss reached the goal."""
    DEAD = 1
    """Fewer than two units are active on some input; the others stay as they are for ever, and one unit cannot represent |x|."""
    LOCKED_SIGN = 2
    """Other signs are needed, but the units that would have to change have v^2 > w^2 + b^2 and v < 0, which gradient flow keeps: too
    few units are or can become positive for any kinks, or for these."""
    FEW_KINKS = 3
    """Whatever the signs of the output weights, the kinks are not where |x| needs them: some would have to cross an input."""
    SLOW = 4
    """The target can be reached from where the run is, and the loss is still falling."""
    UNCLASSIFIED = 5
    """None of these."""


Piece = tuple[int, int]
"""A hinge and a sign."""


@cache
def representations() -> tuple[frozenset[Piece], ...]:
    """All minimal ways to write |x| on the five inputs as a sum of signed hinges with positive coefficients.

    By Caratheodory's theorem a vector in the cone of some signed hinges is in that of linearly independent ones, which extend to a
    basis of R^5 among the eight hinges; in a basis the coefficients are unique, and their signs are the signs needed.

    >>> len(representations()), frozenset({(2, 1), (5, 1)}) in representations()
    (13, True)
    """
    inputs = [Fraction(j, 2) for j in range(-2, 3)]
    rising = [[max(Fraction(0), x - t) for x in inputs] for t in inputs[:-1]]
    falling = [[max(Fraction(0), t - x) for x in inputs] for t in inputs[1:]]
    hinges, target = rising + falling, [abs(x) for x in inputs]
    found = set()
    for basis in combinations(range(HINGES), 5):
        coefficients = _solved([hinges[place] for place in basis], target)
        if coefficients is not None:
            found.add(frozenset((place, 1 if c > 0 else -1) for place, c in zip(basis, coefficients, strict=True) if c))
    return tuple(sorted((one for one in found if not any(other < one for other in found)), key=sorted))


def _solved(columns: list[list[Fraction]], target: list[Fraction]) -> list[Fraction] | None:
    """The coefficients of the target in a basis, by elimination; None where it is no basis."""
    size = len(target)
    rows = [[column[i] for column in columns] + [target[i]] for i in range(size)]
    for place in range(size):
        pivot = next((i for i in range(place, size) if rows[i][place]), None)
        if pivot is None:
            return None
        rows[place], rows[pivot] = rows[pivot], rows[place]
        lead = rows[place][place]
        rows[place] = [value / lead for value in rows[place]]
        for i in range(size):
            if i != place and rows[i][place]:
                factor = rows[i][place]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[place], strict=True)]
    return [row[-1] for row in rows]


@cache
def representable(units: tuple[tuple[frozenset[int], frozenset[int]], ...]) -> bool:
    """Whether units, each with its hinges and the signs it may take, can represent |x|.

    >>> both, up = frozenset({1, -1}), frozenset({1})
    >>> rising, falling = frozenset({2, 3}), frozenset({5, 6})
    >>> representable(((rising, up), (falling, up))), representable(((rising, up), (rising, both)))
    (True, False)
    """
    return any(
        any(one <= set().union(*pieces) for one in representations())
        for pieces in product(*([{(place, sign) for place in hinges} for sign in signs] for hinges, signs in units))
    )


def hinges_of(rises: bool, active: int) -> frozenset[int]:
    """The hinges that span a unit's cone, by its direction and the number of inputs that activate it.

    >>> sorted(hinges_of(True, 2)), sorted(hinges_of(False, 2)), sorted(hinges_of(True, 5)), sorted(hinges_of(True, 0))
    ([2, 3], [4, 5], [0, 7], [])
    """
    if active in (0, 5):
        return frozenset({0, 7} if active else ())
    ends = {4 - active, 5 - active} if rises else {2 + active, 3 + active}
    return frozenset(end for end in ends if (0 <= end <= 3 if rises else 4 <= end <= 7))


def classify(trained: Trained, target: Target) -> Tensor:
    """The fate of every run, as integers of `Fate`; the target has to be |x| at the five inputs.

    >>> networks = Shallow(torch.tensor([[1.0], [-1.0]]), torch.tensor([[0.0], [-2.0]]), torch.tensor([[1.0], [1.0]]))
    >>> Fate(int(classify(Trained(networks, torch.tensor([0.1]), torch.tensor([0.0])), Target.absolute_value()))).name
    'DEAD'
    """
    networks = trained.networks
    active = (networks.preactivations(target.inputs) > 0).sum(0)
    fates = torch.full_like(trained.loss, Fate.UNCLASSIFIED, dtype=torch.int64)
    for run in range(networks.runs):
        fates[run] = _fate(networks, active[:, run].tolist(), float(trained.loss[run]), float(trained.rate[run]), run)
    return fates


def _fate(networks: Shallow, active: list[int], loss: float, rate: float, run: int) -> Fate:
    if loss <= GOAL:
        return Fate.SOLVED
    alive = [unit for unit, count in enumerate(active) if count]
    if len(alive) < 2:
        return Fate.DEAD
    weights, outputs = networks.weights[:, run].tolist(), networks.outputs[:, run].tolist()
    locked = (networks.invariants()[:, run] > 0).tolist()
    if sum(outputs[unit] > 0 or not locked[unit] for unit in alive) < 2:
        return Fate.LOCKED_SIGN  # every representation needs two positive units: no unit's cone holds all its positive hinges
    hinges = [hinges_of(weights[unit] > 0, active[unit]) for unit in alive]
    either = frozenset({1, -1})
    if not representable(_grouped((one, either) for one in hinges)):
        return Fate.FEW_KINKS
    now = [frozenset({1 if outputs[unit] > 0 else -1}) for unit in alive]
    if not representable(_grouped((one, sign if locked[unit] else either) for one, sign, unit in zip(hinges, now, alive, strict=True))):
        return Fate.LOCKED_SIGN
    return Fate.SLOW if rate > 0 else Fate.UNCLASSIFIED


def _grouped(units: Iterable[tuple[frozenset[int], frozenset[int]]]) -> tuple[tuple[frozenset[int], frozenset[int]], ...]:
    """Two units of one cone serve as well as any number of them: one for each sign."""
    kept: list[tuple[frozenset[int], frozenset[int]]] = []
    for unit in units:
        if kept.count(unit) < 2:
            kept.append(unit)
    return tuple(sorted(kept, key=lambda unit: (sorted(unit[0]), sorted(unit[1]))))
