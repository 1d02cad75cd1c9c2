"""Budgets: how much deterministic work a check may do, and how small an error it must be able to see.

This is the only file of the package in which a tolerance may be typed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any


class BudgetName(Enum):
    """The three budgets of the command line."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


FINER = 1e-3
"""An enclosure that tells this part of the resolution leaves nothing for samples to find but a fault of the engine that made it."""

CLAIMS_A_RUN = 10**4
"""A run's false-alarm probability is spent in this many equal shares, one a claim; more claims are an error."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Work and error rate of one measurement.

    samples     draws of a Monte Carlo estimate at one point, at most; a second road takes fewer (`second_road`)
    points      points of the domain at which a claim is measured
    boxes       boxes of an adaptive subdivision, at most
    digits      decimal digits that a certified value aims at
    resolution  relative error that a check should be able to see: sampling stops early once it is reached
    alpha       false-alarm probability of whatever this budget is handed to (a run, then a claim, then a point)
    steps       iterations of gradient descent a trajectory may take, at most
    seed        the run's seed; streams are hashed from it
    device      "cpu" or "cuda"
    deadline    seconds after which a claim is stopped (an emergency stop: what it stops is inconclusive)
    memory      bytes of resident memory a worker may take

    Raises ValueError for a value that no budget can have, with what it must be.

    >>> Budget(alpha=2)
    Traceback (most recent call last):
    ValueError: alpha is the probability of a false alarm: a number above 0 and below 1, not 2
    """

    name: str = "quick"
    samples: int = 2**20
    points: int = 6
    boxes: int = 4_000
    digits: int = 15
    resolution: float = 1e-2
    alpha: float = 1e-6
    steps: int = 2_000
    seed: int = 0
    device: str = "cpu"
    deadline: float = 60.0
    memory: int = 6 * 2**30

    def __post_init__(self) -> None:
        for field, what in _WHOLE.items():
            value = getattr(self, field)
            least = -math.inf if field == "seed" else 1
            if isinstance(value, bool) or not hasattr(value, "__index__") or not value >= least:
                bound = "" if field == "seed" else ", at least 1"
                raise ValueError(f"{field} is {what}: a whole number{bound}, not {value!r}")
        for field, (what, most) in _POSITIVE.items():
            value = getattr(self, field)
            if isinstance(value, bool) or not _is_number(value) or not 0 < value < most:
                kind = "a finite number above 0" if most == math.inf else f"a number above 0 and below {most:g}"
                raise ValueError(f"{field} is {what}: {kind}, not {value!r}")
        if self.device not in ("cpu", "cuda"):
            raise ValueError(f"device is where samplers compute: 'cpu' or 'cuda', not {self.device!r}")

    def share(self, parts: int) -> Budget:
        """The same budget with an equal share of the error rate: what each of `parts` checks may spend.

        >>> Budget(alpha=1e-2).share(10).alpha
        0.001
        """
        if parts < 1:
            raise ValueError(f"an error rate is shared among at least 1 part, not {parts!r}")
        return replace(self, alpha=self.alpha / parts)

    def second_road(self) -> Budget:
        """What sampling may spend where a rigorous enclosure tells a thousandth of this resolution: what the quick budget spends.

        There the enclosure decides, at any budget: samples are the witness that no engine has gone wrong by more than the
        quick resolution, and a hundred times as many of them would not let the claim see an error that the enclosure does not.

        >>> BUDGETS[BudgetName.STANDARD].second_road().samples == BUDGETS[BudgetName.QUICK].samples
        True
        >>> Budget(samples=100).second_road().samples
        100
        """
        quick = BUDGETS[BudgetName.QUICK]
        return replace(self, samples=min(self.samples, quick.samples), resolution=max(self.resolution, quick.resolution))

    def is_decided_by(self, radius: float, size: float) -> bool:
        """Whether an enclosure of this radius about a number of this size is finer than sampling at this budget will ever be.

        >>> Budget(resolution=1e-2).is_decided_by(1e-6, 1.0), Budget(resolution=1e-2).is_decided_by(1e-4, 1.0)
        (True, False)
        """
        return radius <= FINER * self.resolution * size


_WHOLE = {
    "samples": "how many draws a Monte Carlo estimate may take",
    "points": "at how many points a claim is measured",
    "boxes": "how many boxes a subdivision may have",
    "digits": "how many decimal digits a certified value aims at",
    "steps": "how many iterations of descent a trajectory may take",
    "seed": "the seed of every random stream",
    "memory": "how many bytes of memory a worker may take",
}

_POSITIVE: dict[str, tuple[str, float]] = {
    "resolution": ("the relative error that a check should see", math.inf),
    "alpha": ("the probability of a false alarm", 1.0),
    "deadline": ("the emergency stop of a claim in seconds", math.inf),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or (hasattr(value, "__float__") and not isinstance(value, str))


BUDGETS: dict[BudgetName, Budget] = {
    BudgetName.QUICK: Budget(),
    BudgetName.STANDARD: Budget(
        name="standard", samples=2**22, points=12, boxes=40_000, digits=20, resolution=1e-3, steps=20_000, deadline=300.0
    ),
    BudgetName.THOROUGH: Budget(
        name="thorough", samples=2**28, points=24, boxes=400_000, digits=30, resolution=1e-4, steps=200_000, deadline=1800.0
    ),
}


def step_control(digits: int, size: float) -> tuple[dict[str, float], dict[str, float]]:
    """The coarse and the fine tolerances of an integrator that controls its steps, for a solution of this size.

    Neither is an error: that is told by how far the two answers lie apart. The fine one is a thousand times smaller; both shrink
    with the digits asked for, as far as doubles allow. What is 10^12 times smaller than the start is followed in absolute terms.

    >>> coarse, fine = step_control(15, 2.0)
    >>> f"{coarse['rtol']:.0e} {fine['rtol']:.0e}"
    '1e-08 1e-11'
    """
    coarse = 10.0 ** -min(10.0, 8.0 + max(0, digits - 15) / 10)
    loose, tight = ({"rtol": local, "atol": local * 1e-12 * (size or 1.0)} for local in (coarse, coarse / 1000))
    return loose, tight
