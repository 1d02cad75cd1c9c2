"""What a probabilistic quantity asks for, in terms of means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix
from sympy.stats.symbolic_probability import Covariance, Expectation, Moment, Probability, Variance

from lemmata.numerics.laws import Unsupported
from lemmata.theory.quantity import PROBABILISTIC, RandomQuantity, quantities, random_symbols


class Kind(Enum):
    """The closed set of targets: a mean, the probability of an event, a covariance (a variance is that of X with X)."""

    MEAN = "mean"
    PROBABILITY = "probability"
    COVARIANCE = "covariance"


@dataclass(frozen=True, slots=True)
class Target:
    """`parts` are one expression (mean, probability) or two (covariance); `condition` an indicator expression or None."""

    kind: Kind
    parts: tuple[Any, ...]
    condition: Any = None

    @property
    def is_matrix(self) -> bool:
        return any(getattr(part, "is_Matrix", False) for part in self.parts)


def target_of(quantity: Any) -> Target:
    """The target of an `Expectation`, `Variance`, `Covariance`, `Moment` or `Probability` node (matrices included).

    Raises `Unsupported` for other nodes, and where another quantity sits inside.

    >>> from sympy.stats import Normal, Probability, Variance
    >>> x = Normal("x", 0, 1)
    >>> target_of(Variance(x)).kind.value, target_of(Probability(x > 1)).parts
    ('covariance', (Piecewise((1, x > 1), (0, True)),))
    """
    if not isinstance(quantity, PROBABILISTIC):
        raise Unsupported(f"{type(quantity).__name__} is no expectation, variance, covariance, moment or probability")
    args = list(quantity.args)
    inner = [node for arg in args for node in quantities(arg)]
    if inner:
        raise Unsupported(f"{type(inner[0]).__name__} stands inside the quantity: give it a claim of its own")
    if isinstance(quantity, (Expectation, ExpectationMatrix)):
        return Target(Kind.MEAN, (args[0],), _condition(args[1:]))
    if isinstance(quantity, Moment):
        return Target(Kind.MEAN, ((args[0] - args[2]) ** args[1],), _condition(args[3:]))
    if isinstance(quantity, Probability):
        return Target(Kind.PROBABILITY, (indicator(args[0]),), _condition(args[1:]))
    if isinstance(quantity, (Variance, VarianceMatrix)):
        return Target(Kind.COVARIANCE, (args[0], args[0]), _condition(args[1:]))
    if isinstance(quantity, (Covariance, CrossCovarianceMatrix)):
        return Target(Kind.COVARIANCE, (args[0], args[1]), _condition(args[2:]))
    raise Unsupported(f"{type(quantity).__name__} has no target")


def _condition(rest: list[Any]) -> Any:
    return indicator(rest[0]) if rest and rest[0] is not None else None


def indicator(event: Any) -> Any:
    """The 0-1 expression of an event; a random expression of 0-1 values (an experiment that returns booleans) is its own.

    Raises `Unsupported` for conditions that are neither relations nor made of them.

    >>> from sympy.abc import x, y
    >>> indicator((x > 0) & (y > 0))
    Piecewise((1, x > 0), (0, True))*Piecewise((1, y > 0), (0, True))
    """
    if isinstance(event, (BooleanTrue, BooleanFalse, bool)):
        return sp.Integer(int(bool(event)))
    if isinstance(event, RandomQuantity):
        return event
    if isinstance(event, And):
        return sp.Mul(*(indicator(part) for part in event.args))
    if isinstance(event, Or):
        return 1 - sp.Mul(*(1 - indicator(part) for part in event.args))
    if isinstance(event, Not):
        return 1 - indicator(event.args[0])
    if isinstance(event, Relational):
        return sp.Piecewise((sp.Integer(1), event), (sp.Integer(0), True))
    if random_symbols(event):
        raise Unsupported(f"the event {event} is not a relation: write one, such as {event} > 0")
    raise Unsupported(f"{event} is no event")
