r"""Where a random start of an overspecified network lies: the chance that its cell holds a global minimum, as a quantity.

Two layers, sum_j v_j (<w_j, x>)_+. A cell fixes the sign of every v_j and which neurons are active on which points; within it the
loss is convex in u_j = v_j w_j. On the data described here the best value of a cell is the best value of all exactly where every
*demand* is served: a demand asks for a neuron that is active on a given side and has an output of a given sign.

- singletons: points with one coordinate each, on both half-axes of every axis, with optimal slopes that are not 0. A half-axis is a
  demand; an axis may ask for (+, +), (-, -) or opposite signs. The inner signs of a neuron are independent along the axes.
- orthogonal: orthogonal points with optimal predictions that are not 0. A point is a demand.

For spherically symmetric weights all signs are fair coins, so that the chance is a number of sign patterns over a power of 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.quantity import Quantity, quantities

MOST_DEMANDS = 10
"""Demands of one kind of data that are enumerated, at most."""


class Kind(Enum):
    """Which data: the closed set of those whose optimal cells are told by signs alone."""

    SINGLETONS = "singletons"
    ORTHOGONAL = "orthogonal"


COUNTS = {Kind.SINGLETONS: 3, Kind.ORTHOGONAL: 2}
"""How many numbers describe the data."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A neuron is asked for whose inner sign along `axis` is `inner`, with an output of sign `outer`."""

    axis: int
    inner: int
    outer: int


@dataclass(frozen=True, slots=True)
class Data:
    """What the data ask of a network; made by `singletons` or `orthogonal`."""

    kind: Kind
    counts: tuple[Any, ...]


def singletons(plus: Any = 0, minus: Any = 0, mixed: Any = 0) -> Data:
    """Points on both halves of every axis: so many axes with slopes (+, +), with (-, -) and with opposite signs.

    >>> [demand.outer for demand in demands_of(singletons(plus=1, mixed=1))]
    [1, 1, 1, -1]
    """
    return _data(Kind.SINGLETONS, plus, minus, mixed)


def orthogonal(plus: Any = 0, minus: Any = 0) -> Data:
    """Orthogonal points: so many with positive and with negative optimal predictions.

    >>> len(demands_of(orthogonal(2, 1)))
    3
    """
    return _data(Kind.ORTHOGONAL, plus, minus)


def _data(kind: Kind, *counts: Any) -> Data:
    found = tuple(sp.sympify(count) for count in counts)
    for count in found:
        if count.is_integer is not True or count.is_negative or quantities(count):
            raise ValueError(f"{kind.value} are counted by whole numbers from 0 on, not by {count}")
    return Data(kind, found)


def demands_of(data: Data) -> tuple[Demand, ...]:
    """The demands one by one; raises ValueError where a number is still a symbol, where there are none, and where there are too many."""
    if not all(count.is_Integer for count in data.counts):
        raise ValueError(f"{data.kind.value}{data.counts} have no numbers yet: name them")
    if data.kind is Kind.SINGLETONS:
        plus, minus, mixed = map(int, data.counts)
        slopes = [(1, 1)] * plus + [(-1, -1)] * minus + [(1, -1)] * mixed
        found = [Demand(axis, inner, outer) for axis, pair in enumerate(slopes) for inner, outer in zip((1, -1), pair, strict=True)]
    else:
        plus, minus = map(int, data.counts)
        found = [Demand(axis, 1, outer) for axis, outer in enumerate([1] * plus + [-1] * minus)]
    if not found:
        raise ValueError(f"{data.kind.value}{data.counts} ask for nothing: name at least one")
    if len(found) > MOST_DEMANDS:
        raise ValueError(f"{data.kind.value}{data.counts} make {len(found)} demands, and at most {MOST_DEMANDS} are enumerated")
    return tuple(found)


def served_by_each(demands: tuple[Demand, ...]) -> tuple[int, ...]:
    """For each of the 2^(1 + axes) signs that a neuron may have, a bit mask of the demands that it serves.

    Bit 0 of a neuron's code says that its output is positive, bit 1 + i that its inner sign along axis i is.

    >>> served_by_each((Demand(0, 1, 1),))
    (0, 0, 0, 1)
    """
    axes = 1 + max(demand.axis for demand in demands)
    masks = []
    for code in range(2 ** (1 + axes)):
        sign = [1 if code >> place & 1 else -1 for place in range(1 + axes)]
        met = [sign[0] == demand.outer and sign[1 + demand.axis] == demand.inner for demand in demands]
        masks.append(sum(1 << place for place, holds in enumerate(met) if holds))
    return tuple(masks)


class Served(Quantity):
    """The chance that the signs of independent neurons serve every demand; see `served`."""

    is_nonnegative = True

    def __new__(cls, neurons: Any, kind: Any, *counts: Any) -> Self:
        marker = kind if isinstance(kind, Str) else Str(Kind(kind).value)
        return sp.Expr.__new__(cls, sp.sympify(neurons), marker, *map(sp.sympify, counts))

    @property
    def neurons(self) -> Any:
        """The width n."""
        return self.args[0]

    @property
    def data(self) -> Data:
        """What is asked for."""
        return Data(Kind(self.args[1].name), tuple(self.args[2:]))

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured or rewritten by a rule, never evaluated in passing."""
        return self

    def _sympystr(self, printer: Any) -> str:
        return f"served({printer._print(self.neurons)}, {self.data.kind.value}({', '.join(map(printer._print, self.data.counts))}))"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(map(printer._print, self.data.counts))
        text = rf"\mathbb{{P}}_{{{printer._print(self.neurons)}}}\left[\text{{{self.data.kind.value}}}({inside})\right]"
        return text if exp is None else rf"{text}^{{{exp}}}"


def served(neurons: Any, data: Data) -> Served:
    r"""The chance that n neurons with spherically symmetric weights start in a cell whose best loss is the best of all.

    $$\mathbb{P}[\mathrm{Bas}(W, v) = \inf L] = 2^{-n(1 + d)}\,\#\{\text{sign patterns that serve every demand}\}$$

    A half-axis (or an orthogonal point) contributes its own term to the loss, and within a cell its slope (or prediction) ranges over
    all multiples of the signs that active neurons have there, one by one for each: the best value is reached exactly where the sign
    of every optimum is on offer. For a loss that is convex, with optima that are not 0 and are the only ones. Raises ValueError
    for a width that is no whole number from 0 on.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> served(n, singletons(1))
    served(n, singletons(1, 0, 0))
    """
    width = sp.sympify(neurons)
    if width.is_integer is not True or width.is_negative:
        raise ValueError(f"a network has a whole number of neurons, not {width}")
    if not isinstance(data, Data):
        raise TypeError(f"the data are singletons(...) or orthogonal(...), not {data!r}")
    if len(data.counts) != COUNTS[data.kind]:
        raise ValueError(f"{data.kind.value} are described by {COUNTS[data.kind]} numbers, not by {data.counts}")
    return Served(width, data.kind, *data.counts)
