"""The mean of a bounded number that costs a whole run of descent: a quantity that says how many runs it is worth."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import whole
from lemmata.theory.experiments import Draw
from lemmata.theory.over_runs import OverRuns


class RunMean(OverRuns):
    """The expectation of an experiment's number; see `mean_over_runs`."""

    def __new__(cls, key: Any, parameters: Any, runs: Any) -> Self:
        marker = key if isinstance(key, Str) else Str(str(key))
        return sp.Expr.__new__(cls, marker, sp.Tuple(*parameters), sp.sympify(runs))

    def _sympystr(self, printer: Any) -> str:
        return f"E({self.draw.label}({', '.join(map(printer._print, self.parameters))}))"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{E}}\left[ {self.draw._latex(printer)} \right]"


def mean_over_runs(number: Any, runs: int) -> RunMean:
    r"""The expectation of a bounded number, to be estimated from `runs` runs and not from as many as the budget has samples.

    $$\mathbb{E}[X], \qquad \text{low} \le X \le \text{high}$$

    `number` is an experiment made with `@experiment(bounds=(low, high))`, called with its parameters. For numbers that cost a run of
    descent each; a thorough budget takes more runs. What lies m above one of the bounds in the mean is told from it by about
    24 (high - low)/m runs. Raises TypeError for what is no experiment or declares no bounds, ValueError for a number of runs that is
    none from 1 on.

    >>> from lemmata.theory.experiments import experiment
    >>> @experiment(bounds=(0, 1))
    ... def share(n, *, size, rng, device):
    ...     import torch
    ...     return torch.rand(size, n, generator=rng, device=device).amin(1)
    >>> mean_over_runs(share(sp.Symbol("n", integer=True, positive=True)), 100)
    E(share(n))
    """
    if not isinstance(number, Draw):
        raise TypeError(f"a mean over runs is that of an experiment's number, not of {number}")
    if number.experiment().declares.bounds is None:
        raise TypeError(f"the experiment {number.label} declares no bounds, so its mean stays unknown: @experiment(bounds=(low, high))")
    count = whole("the number of runs", runs)
    if not count.is_Integer:
        raise ValueError(f"the number of runs is a number, not the expression {runs}: the budget does not depend on the point")
    return RunMean(number.key, number.parameters, count)
