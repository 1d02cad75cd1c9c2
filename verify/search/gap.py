"""How far a statement is from failing, in floating point and for thousands of places at once, with gradients.

Floating point proposes places to look at and never decides: what overflows, or has no value, is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import sympy as sp
import torch
from sympy.core.relational import Relational
from torch import Tensor

from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.theory.quantity import is_quantity, quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.search.chart import Chart
from lemmata.verify.search.surrogate import Sum

Objective = Callable[[Tensor], Tensor]
"""What is to be made large: from coordinates of shape (n, size) to n numbers, -inf or nan where there is nothing to see."""

SLACK = 1e-12
"""How far outside a hypothesis, relative to its two sides, a place may lie in floating point: exact points are held to it exactly."""

HALVINGS = 16
"""Halvings that bring a place back to the border of the domain."""

MOST_FEATURES = 6
"""Arguments of functions that are looked into."""

KINKS = (sp.Abs, sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.tanh, sp.erf, sp.erfc, sp.atan, sp.log)
"""Functions of which the narrow places are where the argument is 0, or a jump follows it."""

PEAKS = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.erf, sp.erfc, sp.Abs)
"""Functions of which the narrow places are where the argument is extreme."""


class Way(Enum):
    """How a violation is measured: over the sum of the moduli of the sides, where it is at most 1, or as it is."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Gap:
    """The two sides of a claim over the coordinates of its chart; raises CannotEvaluate for what Torch cannot compile.

    `nodes` are the expectations in it, which sums over few values stand for.
    """

    def __init__(self, claim: Claim, chart: Chart, nodes: Sequence[Any] = ()) -> None:
        assert claim.relation is not None
        scalars = list(claim.domain.scalars)
        self._sums = {node: Sum(node, scalars) for node in nodes}
        symbols = [*scalars, *nodes]
        self.claim = claim
        self.chart = chart
        self.equality = claim.relation.is_equality
        self.sign = -1.0 if claim.relation in (Relation.GE, Relation.GT) else 1.0
        self._lhs = compile_torch(claim.lhs, symbols)
        self._rhs = compile_torch(claim.rhs, symbols)
        self._excesses = [compile_torch(excess, scalars) for excess in _excesses(claim)]
        self.middle: Tensor | None = None
        self.by(Way.RELATIVE)(torch.zeros(2, chart.size, dtype=torch.float64))

    @property
    def summed(self) -> bool:
        """Whether sums stand for quantities: then signs mean little where the sides are close."""
        return bool(self._sums)

    def by(self, way: Way) -> Objective:
        """The violation as a function of coordinates."""
        return lambda u: self.at(way, self.chart.places(u))

    def at(self, way: Way, places: Mapping[Any, Tensor]) -> Tensor:
        """The violation at values of the symbols: positive where the statement fails, -inf outside the domain."""
        places = {**places, **{node: weighted(places) for node, weighted in self._sums.items()}}
        left, right = self._lhs(places), self._rhs(places)
        violation = self._violation(left, right)
        if way is Way.RELATIVE:
            violation = violation / (left.abs() + right.abs())
        for excess in self._excesses:
            violation = torch.where(excess(places) <= SLACK, violation, -torch.inf)  # what overflows is not inside
        return violation

    def _violation(self, left: Tensor, right: Tensor) -> Tensor:
        return (left - right).abs() if self.equality else self.sign * (left - right)

    def settle(self, u: Tensor) -> None:
        """Learn from many places which hypotheses the chart does not keep by itself, and a place well inside these."""
        places = self.chart.places(u)
        with torch.no_grad():
            all_of = [torch.nan_to_num(excess(places).expand_as(u[:, 0]), nan=torch.inf) for excess in self._excesses]
        kept = [k for k, values in enumerate(all_of) if bool((values > SLACK).any())]
        self._excesses = [self._excesses[k] for k in kept]
        if not kept:
            return
        worst = torch.stack([all_of[k] for k in kept]).amax(dim=0)
        if bool((worst < 0).any()):
            self.middle = u[worst.argmin()]

    def pull(self, u: Tensor) -> Tensor:
        """Places outside the domain moved towards its middle until they are inside: what climbs to a curved border follows it."""
        if self.middle is None:
            return u
        inside, outside = torch.zeros_like(u[:, :1]), torch.ones_like(u[:, :1])
        for halving in range(HALVINGS + 1):
            share = outside if not halving else (inside + outside) / 2
            places = self.chart.places(self.middle + share * (u - self.middle))
            good = torch.stack([excess(places).expand_as(u[:, 0]) <= 0 for excess in self._excesses]).all(dim=0)[:, None]
            inside, outside = torch.where(good, share, inside), torch.where(good, outside, share)
        return self.middle + inside * (u - self.middle)

    def features(self) -> Iterator[Objective]:
        """Objectives that lead to where narrow failures hide, even where the gap itself is flat in floating point.

        A narrow peak, kink or jump is where the argument of some function is extreme or 0: of exp(-10^6 (t - c)^2) in t = c, of
        tanh(10^9 (t - c)) there too. The argument has a slope where the function has underflowed.
        """
        for argument, sign in _narrow(self.claim):
            try:
                value = compile_torch(argument, list(self.claim.domain.scalars))
                value(self.chart.places(torch.zeros(2, self.chart.size, dtype=torch.float64)))
            except FAILURES:
                continue
            yield _objective(value, sign, self.chart)


def _objective(value: Callable[[Mapping[Any, Tensor]], Tensor], sign: int, chart: Chart) -> Objective:
    def objective(u: Tensor) -> Tensor:
        there = value(chart.places(u))
        return (sign * there if sign else -there.abs()).expand_as(u[:, 0])

    return objective


def _excesses(claim: Claim) -> Iterator[Any]:
    """For each inequality between symbols among the hypotheses, by how much it is broken, relative to its sides."""
    for part in claim.domain.hypotheses:
        if isinstance(part, Relational) and part.rel_op in ("<", "<=", ">", ">=") and not getattr(part.lhs, "is_Matrix", False):
            low, high = (part.lhs, part.rhs) if part.rel_op in ("<", "<=") else (part.rhs, part.lhs)
            yield (low - high) / (1 + sp.Abs(low) + sp.Abs(high))


def _narrow(claim: Claim) -> list[tuple[Any, int]]:
    """Arguments whose zeros (0), largest (1) or smallest values (-1) are looked for, each once, the longest expressions last."""
    found: dict[tuple[Any, int], None] = {}
    for node in (part for side in (claim.lhs, claim.rhs) for part in _closed_parts(side)):
        for argument, signs in _looked_into(node):
            if argument.free_symbols and not argument.is_Symbol and not quantities(argument):
                found.update(dict.fromkeys((_primitive(argument), sign) for sign in signs))
    return sorted(found, key=lambda pair: (sp.count_ops(pair[0]), str(pair[0]), pair[1]))[:MOST_FEATURES]


def _closed_parts(side: Any) -> Iterator[Any]:
    """The nodes of a side outside its quantities."""
    if not is_quantity(side):
        yield side
        for arg in side.args:
            yield from _closed_parts(arg)


def _primitive(argument: Any) -> Any:
    """The argument without a positive factor."""
    content, rest = argument.as_coeff_Mul()
    return rest if content.is_positive else argument


def _looked_into(node: Any) -> Iterator[tuple[Any, tuple[int, ...]]]:
    if isinstance(node, (sp.Max, sp.Min)):
        first = node.args[0]
        for other in node.args[1:]:
            yield first - other, (0, 1, -1)
    elif isinstance(node, Relational) and node.rel_op != "==":
        yield node.lhs - node.rhs, (0,)
    elif isinstance(node, sp.Pow) and not (node.exp.is_Integer and node.exp > 0):
        yield node.base, (0, 1) if node.exp.is_negative else (0,)
        if node.exp.free_symbols:
            yield node.exp, (1, -1)
    elif isinstance(node, sp.Pow) and int(node.exp) % 2 == 0:
        yield node.base, (0,)
    elif isinstance(node, (*KINKS, *PEAKS)):
        # a function of several kinds is narrow in both ways
        argument = node.args[0]
        if isinstance(node, PEAKS) and not _monotone(argument):
            yield argument, (1, -1)
        if isinstance(node, KINKS):
            yield argument, (0,)


def _monotone(argument: Any) -> bool:
    """Whether an argument is affine in its only symbol: then it is extreme at the ends, where the search has been."""
    if len(argument.free_symbols) != 1:
        return False
    (symbol,) = argument.free_symbols
    return bool(argument.is_polynomial(symbol) and sp.degree(argument, symbol) == 1)
