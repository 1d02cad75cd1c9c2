"""Coordinates for a domain: every admissible place is a vector of numbers between -REACH and REACH, remote places included.

An interval is run through by a logistic curve, a half line by an exponential one, the line by a hyperbolic sine, so that one
step of a search is one factor near an end or far out, and no step leaves the domain. Bounds that hypotheses put on a symbol
by the symbols before it move with these: the diagonal of `x < y` is an end like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.theory.domain import Domain
from lemmata.theory.domain.hypotheses import value_of
from lemmata.theory.domain.sampling import conditional
from lemmata.theory.domain.span import Span, as_rational, rational_inside
from lemmata.verify.search.rounding import Style, distance_in

REACH = 36.0
"""The largest coordinate: exp(36) is 4 10^15, and 1/(1 + exp(36)) is the rounding error of 1."""

MOST_BRANCHES = 4
"""Combinations of branches of solved equations that are searched, each with a chart of its own."""

Places = dict[Any, Tensor]


@dataclass(frozen=True, slots=True)
class Bound:
    """What an affine hypothesis leaves to a symbol: -b/a, from above or from below, by the symbols before it."""

    upper: bool
    slope: Callable[[Mapping[Any, Tensor]], Tensor]
    rest: Callable[[Mapping[Any, Tensor]], Tensor]

    def at(self, values: Mapping[Any, Tensor]) -> Tensor:
        """Where the bound is, for each of many places."""
        return -self.rest(values) / self.slope(values)


@dataclass(frozen=True, slots=True)
class Axis:
    """One symbol and what bounds it."""

    symbol: Any
    span: Span
    bounds: tuple[Bound, ...]
    low: float
    high: float

    @property
    def has_low(self) -> bool:
        """Whether the symbol is bounded from below."""
        return self.low > -math.inf or any(not bound.upper for bound in self.bounds)

    @property
    def has_high(self) -> bool:
        """Whether the symbol is bounded from above."""
        return self.high < math.inf or any(bound.upper for bound in self.bounds)

    @property
    def whole(self) -> bool:
        """Whether the symbol takes separate values only, so that nothing can be differentiated by it."""
        return bool(self.span.modulus) or self.span.values is not None

    def ends(self, values: Mapping[Any, Tensor], like: Tensor) -> tuple[Tensor, Tensor]:
        """The lower and the upper end at many places; infinities where there is none."""
        low, high = torch.full_like(like, self.low), torch.full_like(like, self.high)
        for bound in self.bounds:
            value = bound.at(values).expand_as(like)
            low, high = (low, torch.minimum(high, value)) if bound.upper else (torch.maximum(low, value), high)
        return low, high

    def value(self, u: Tensor, values: Mapping[Any, Tensor]) -> Tensor:
        """The symbol at coordinate u."""
        if self.span.values is not None:
            listed = torch.tensor([float(value.evalf()) for value in self.span.values], dtype=u.dtype)
            return listed[(torch.sigmoid(u) * len(listed)).long().clamp(0, len(listed) - 1)]
        low, high = self.ends(values, u)
        if self.span.modulus:
            return self._integer(u.detach(), low.detach(), high.detach())
        if self.has_low and self.has_high:
            width = high - low
            return torch.where(u < 0, low + width * torch.sigmoid(u), high - width * torch.sigmoid(-u))
        if self.has_low:
            return low + torch.exp(u)
        return high - torch.exp(u) if self.has_high else torch.sinh(u)

    def _integer(self, u: Tensor, low: Tensor, high: Tensor) -> Tensor:
        m = self.span.modulus
        if self.has_low and self.has_high:
            first = self.span.residue + m * torch.ceil((low - self.span.residue) / m)
            count = torch.floor((high - first) / m) + 1
            return first + m * torch.minimum(torch.floor(torch.sigmoid(u) * count), count - 1)
        steps = m * (torch.floor(torch.exp(u.abs())) - 1)
        if self.has_low:
            return self.span.residue + m * torch.ceil((low - self.span.residue) / m) + steps
        if self.has_high:
            return self.span.residue + m * torch.floor((high - self.span.residue) / m) - steps
        return self.span.residue + torch.sign(u) * steps


class Chart:
    """The coordinates of one domain without matrices, and one branch of each of its equations, solved by closed expressions.

    `Chart.all_of(domain)` is empty for any other domain: it is searched with drawn points only.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", positive=True)
    >>> (chart,) = Chart.all_of(Domain((x, y), [x < y]))
    >>> places = chart.places(torch.tensor([[0.0, -20.0]], dtype=torch.float64))
    >>> float(places[x]), float(places[y]) - 1 < 1e-8
    (1.0, True)
    """

    def __init__(self, domain: Domain, axes: Sequence[Axis], branches: Sequence[tuple[Any, Any]]) -> None:
        self.domain = domain
        self.axes = tuple(axes)
        self.branches = tuple(branches)
        self._solved = {symbol: compile_torch(branch, list(domain.scalars)) for symbol, branch in branches}

    @classmethod
    def all_of(cls, domain: Domain) -> list[Chart]:
        """The charts of a domain, one for each choice among the branches of its equations."""
        if domain.matrices or not all(getattr(step, "branches", ()) for step in domain.determined):
            return []
        determined = [step.symbol for step in domain.determined]
        free = [symbol for symbol in domain.scalars if symbol not in determined]
        if not free:
            return []
        choices = islice(product(*(step.branches for step in domain.determined)), MOST_BRANCHES)
        try:
            axes = [_axis(domain, symbol, free[:k]) for k, symbol in enumerate(free)]
            return [cls(domain, axes, list(zip(determined, choice, strict=True))) for choice in choices]
        except FAILURES:
            return []

    @property
    def size(self) -> int:
        """How many coordinates there are."""
        return len(self.axes)

    def places(self, u: Tensor) -> Places:
        """The values of all symbols at coordinates u of shape (n, size), differentiable."""
        values: Places = {symbol: torch.zeros_like(u[:, 0]) for symbol in self.domain.scalars}
        for k, axis in enumerate(self.axes):
            values[axis.symbol] = axis.value(u[:, k], values)
        for symbol, value in self._solved.items():
            values[symbol] = value(values).expand_as(u[:, 0])
        return values

    def exact(self, u: Sequence[float], style: Style, digits: int) -> dict[Any, Any] | None:
        """An exact point near coordinates u, written with so many digits; None where no such point is admissible."""
        point: dict[Any, Any] = {}
        for axis, coordinate in zip(self.axes, u, strict=True):
            value = _exact_value(conditional(self.domain, axis.symbol, point), coordinate, style, digits)
            if value is None:
                return None
            point[axis.symbol] = value
        for symbol, branch in self.branches:
            value = value_of(branch, point)
            if value is None:
                return None
            point[symbol] = value
        return point if self.domain.satisfies(point) is True else None

    def coordinates(self, point: Mapping[Any, Any]) -> list[float]:
        """The coordinates of an exact point, cut to REACH at ends and beyond."""
        values = {symbol: torch.tensor([float(value.evalf())], dtype=torch.float64) for symbol, value in point.items()}
        return [_coordinate(axis, values) for axis in self.axes]


def _axis(domain: Domain, symbol: Any, before: Sequence[Any]) -> Axis:
    span = domain.spans[symbol]
    return Axis(symbol, span, tuple(_bounds(domain, symbol, before)), float(span.lower.evalf()), float(span.upper.evalf()))


def _bounds(domain: Domain, symbol: Any, before: Sequence[Any]) -> list[Bound]:
    """The affine hypotheses that bound a symbol by the symbols before it, where the side they bound it from is known."""
    found = []
    for form in domain.forms:
        others = form.a.free_symbols | form.b.free_symbols
        if form.symbol != symbol or not others or not others <= set(before) or not (form.a.is_positive or form.a.is_negative):
            continue
        found.append(Bound(bool(form.a.is_positive), compile_torch(form.a, list(before)), compile_torch(form.b, list(before))))
    return found


def _exact_value(span: Span, u: float, style: Style, digits: int) -> Any | None:
    """The value of one symbol near a coordinate."""
    if span.is_empty:
        return None
    if span.values is not None:
        return span.values[min(len(span.values) - 1, int(len(span.values) / (1 + math.exp(-u))))]
    if span.modulus:
        return _exact_integer(span, u)
    low, high = rational_inside(span.lower, up=True), rational_inside(span.upper, up=False)
    if low is not None and high is not None:
        if low >= high:
            return span.lower if low == high else None
        share = Fraction(1 / (1 + math.exp(abs(u)))) * (high - low)
        end, towards, closed = (low, 1, not span.left_open) if u < 0 else (high, -1, not span.right_open)
    elif low is None and high is None:
        share, end, towards, closed = Fraction(math.sinh(abs(u))), Fraction(0), (1 if u > 0 else -1), True
    else:
        share = Fraction(math.exp(u))
        closed = not span.left_open if low is not None else not span.right_open
        end, towards = (low, 1) if low is not None else (high or Fraction(0), -1)
    exact_end = span.lower if low is not None and end == low else span.upper if high is not None and end == high else None
    if style is Style.ENDS and closed and abs(share) < Fraction(1, 10**4) * (1 + abs(end)):
        return exact_end if exact_end is not None else as_rational(end)
    return as_rational(distance_in(style, end, towards, share, digits))


def _exact_integer(span: Span, u: float) -> Any:
    m = span.modulus
    if span.lower.is_finite and span.upper.is_finite:
        count = int((span.upper - span.lower) // m) + 1
        return span.lower + m * min(count - 1, int(count / (1 + math.exp(-u))))
    steps = m * (math.floor(math.exp(abs(u))) - 1)
    if span.lower.is_finite:
        return span.lower + steps
    return span.upper - steps if span.upper.is_finite else sp.Integer(span.residue + (steps if u > 0 else -steps))


def _coordinate(axis: Axis, values: Mapping[Any, Tensor]) -> float:
    value = values[axis.symbol]
    if axis.span.values is not None:
        listed = [float(one.evalf()) for one in axis.span.values]
        share = (listed.index(min(listed, key=lambda one: abs(one - float(value)))) + 0.5) / len(listed)
        return _cut(math.log(share / (1 - share)))
    low, high = (float(end) for end in axis.ends(values, value))
    x, m = float(value), axis.span.modulus
    if axis.has_low and axis.has_high:
        offset = m / 2 if m else 0.0
        below, above = x - low + offset, high - x + offset
        return _cut(math.log(below / above)) if below > 0 and above > 0 else math.copysign(REACH, below - above)
    if not (axis.has_low or axis.has_high):
        return _cut(math.copysign(math.log1p(abs(x) / m + 0.5 / m) if m else math.asinh(abs(x)), x))
    step = (x - low if axis.has_low else high - x) / (m or 1)
    return _cut(math.log(step + 1.5) if m else math.log(step) if step > 0 else -REACH)


def _cut(u: float) -> float:
    return min(REACH, max(-REACH, u))
