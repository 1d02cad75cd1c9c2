"""What an experiment that costs a whole run of descent is asked for: a quantity that says how many runs it is worth."""

from __future__ import annotations

from typing import Any

from lemmata.theory.experiments import Draw
from lemmata.theory.quantity import Quantity


class OverRuns(Quantity):
    """An experiment's key, what it is called with, and the runs that the quick budget takes; abstract: see `Frequency` and `RunMean`."""

    @property
    def draw(self) -> Draw:
        """The experiment's node; that of an event has the values 1 and 0, which say whether it took place."""
        return Draw(self.args[0], *self.parameters)

    @property
    def parameters(self) -> tuple[Any, ...]:
        """What the experiment is called with."""
        return tuple(self.args[1])

    @property
    def runs(self) -> int:
        """How many runs the quick budget takes."""
        return int(self.args[2])

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[1].free_symbols)
