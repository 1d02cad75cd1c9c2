"""The probability of an event that costs a whole run of descent: a quantity that says how many runs it is worth."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import whole
from lemmata.theory.experiments import Draw
from lemmata.theory.over_runs import OverRuns


class Frequency(OverRuns):
    """The probability of an experiment's event; see `frequency`."""

    def __new__(cls, key: Any, parameters: Any, runs: Any, granted: Any = "") -> Self:
        marker, taken = (text if isinstance(text, Str) else Str(str(text)) for text in (key, granted))
        return sp.Expr.__new__(cls, marker, sp.Tuple(*parameters), sp.sympify(runs), taken)

    is_nonnegative = True

    @property
    def granted(self) -> str:
        """What the experiment takes for granted about its runs, in words; empty where it takes nothing."""
        return str(self.args[3].name)

    def _sympystr(self, printer: Any) -> str:
        return f"P({self.draw.label}({', '.join(map(printer._print, self.parameters))}))"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{P}}\left[ {self.draw._latex(printer)} \right]"


def frequency(event: Any, runs: int, *, granted: str = "") -> Frequency:
    """The probability of an event, P[event], to be estimated from `runs` runs and not from as many as the budget has samples.

    `event` is an experiment that returns booleans, called with its parameters. For events that cost a run of descent each; a
    thorough budget takes more runs. Where the experiment ends a run early by a rule that is not proved, `granted` says so and is listed
    among what a verdict assumes. Raises TypeError for what is no experiment, ValueError for a number of runs that is none from 1 on.

    >>> from lemmata.theory.experiments import experiment
    >>> @experiment
    ... def heads(p, *, size, rng, device):
    ...     import torch
    ...     return torch.rand(size, generator=rng, device=device) < p
    >>> frequency(heads(sp.Symbol("p", positive=True)), 1000)
    P(heads(p))
    """
    if not isinstance(event, Draw):
        raise TypeError(f"a frequency is that of an experiment's event, not of {event}")
    count = whole("the number of runs", runs)
    if not count.is_Integer:
        raise ValueError(f"the number of runs is a number, not the expression {runs}: the budget does not depend on the point")
    return Frequency(event.key, event.parameters, count, granted)
