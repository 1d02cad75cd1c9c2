"""Experiments with a known mean, each of a law that tries another method, for runs of the real decision code in thousands.

What is declared of each is true, and its mean is exact. `narrow` has a mean of 1 and a spread that can be chosen, so that small
errors can be tried on few samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from scipy.stats import binom
from sympy.stats import Expectation, Normal, Probability, Variance

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT as MONTE_CARLO
from lemmata.numerics.streams import Stream
from lemmata.theory.experiments import experiment
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome
from lemmata.verify.measure import SHARES_A_NODE, Measured

DRAWS = 2**12
"""The budget of a run that is repeated thousands of times."""


@experiment
def coin(p: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device, dtype=torch.float64) < p


@experiment(bounds=(0, 1))
def larger(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, 2, generator=rng, device=device, dtype=torch.float64).amax(1)


@experiment(variance=1)
def normal(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.randn(size, generator=rng, device=device, dtype=torch.float64)


@experiment(variance=3)
def student(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    below = torch.randn(size, 3, generator=rng, device=device, dtype=torch.float64).square().mean(1)
    return torch.randn(size, generator=rng, device=device, dtype=torch.float64) / below.sqrt()


@experiment(fourth_moment=24)
def exponential(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return -torch.log1p(-torch.rand(size, generator=rng, device=device, dtype=torch.float64))


@experiment(variance=99)
def rare(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return 100.0 * (torch.rand(size, generator=rng, device=device, dtype=torch.float64) < 0.01)


@experiment(variance=lambda spread: spread**2)
def narrow(spread: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return 1 + spread * torch.randn(size, generator=rng, device=device, dtype=torch.float64)


@dataclass(frozen=True)
class Known:
    """A quantity and its exact mean."""

    quantity: Any
    mean: Any

    def claim(self, name: str, factor: Any = 1) -> Claim:
        """The claim that the mean is this, times a factor, which is true for 1 alone."""
        return Claim(name, sp.Eq(self.quantity, factor * self.mean, evaluate=False), source="")


Z, W = Normal("z", 0, 1), Normal("w", 0, 1)

KNOWN = {
    "coin": Known(Expectation(coin(sp.Rational(1, 3))), sp.Rational(1, 3)),
    "rare coin": Known(Expectation(coin(sp.Rational(1, 100))), sp.Rational(1, 100)),
    "bounded": Known(Expectation(larger()), sp.Rational(2, 3)),
    "normal": Known(Expectation(1 + normal()), sp.Integer(1)),
    "student": Known(Expectation(student()), sp.Integer(0)),
    "exponential": Known(Expectation(exponential()), sp.Integer(1)),
    "rare": Known(Expectation(rare()), sp.Integer(1)),
    "coin with noise": Known(Expectation(coin(sp.Rational(1, 2)) * Z**2), sp.Rational(1, 2)),
    "event": Known(Probability(Z > W), sp.Rational(1, 2)),
    "variance": Known(Variance(Z), sp.Integer(1)),
    "conditional": Known(Expectation(Z**2, Z > 0), sp.Integer(1)),
}


def judged(claim: Claim, seed: int, level: float, draws: int = DRAWS) -> list[Evidence]:
    """What the measured road finds of a claim without free symbols, in one run with this false-alarm probability at its one point."""
    budget = Budget(samples=draws, alpha=level * SHARES_A_NODE, resolution=2.0**-40)
    return list(Measured(claim, [{}], budget, Stream(seed, (claim.name,))).evidence())


def rejected(claim: Claim, seed: int, level: float, draws: int = DRAWS) -> bool:
    """Whether such a run rejects the claim by samples; a run in which none agrees or disagrees is an error of the calibration."""
    outcomes = {item.outcome for item in judged(claim, seed, level, draws) if item.instrument == MONTE_CARLO.name}
    if len(outcomes) != 1 or not outcomes <= {Outcome.AGREES, Outcome.DISAGREES}:
        raise AssertionError(f"{claim.name}, seed {seed}: {outcomes}")
    return Outcome.DISAGREES in outcomes


def not_above(count: int, runs: int, rate: float, level: float) -> bool:
    """Whether so many events in so many runs are no evidence, at this level, of a rate above the nominal one (exact binomial test)."""
    return bool(binom.sf(count - 1, runs, rate) > level)
