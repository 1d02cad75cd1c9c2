"""Budgets: how much deterministic work a check may do, and how small an error it must be able to see.

This is the only file of the package in which a tolerance may be typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class BudgetName(Enum):
    """The three budgets of the command line."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


CLAIMS_A_RUN = 10**4
"""A run's false-alarm probability is spent in this many equal shares, one a claim; more claims are an error."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Work and error rate of one measurement.

    samples     draws of a Monte Carlo estimate, at most
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

    def share(self, parts: int) -> Budget:
        """The same budget with an equal share of the error rate: what each of `parts` checks may spend.

        >>> Budget(alpha=1e-2).share(10).alpha
        0.001
        """
        return replace(self, alpha=self.alpha / parts)


BUDGETS: dict[BudgetName, Budget] = {
    BudgetName.QUICK: Budget(),
    BudgetName.STANDARD: Budget(
        name="standard", samples=2**24, points=12, boxes=40_000, digits=20, resolution=1e-3, steps=20_000, deadline=300.0
    ),
    BudgetName.THOROUGH: Budget(
        name="thorough", samples=2**28, points=24, boxes=400_000, digits=30, resolution=1e-4, steps=200_000, deadline=1800.0
    ),
}
