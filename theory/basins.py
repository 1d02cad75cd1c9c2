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

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import table
from lemmata.theory.convexity import checked_loss
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


def served(neurons: Any, data: Data, loss: Callable[[Any, Any], Any] | None = None) -> Served:
    r"""The chance that n neurons with spherically symmetric weights start in a cell whose best loss is the best of all.

    $$\mathbb{P}[\mathrm{Bas}(W, v) = \inf L] = 2^{-n(1 + d)}\,\#\{\text{sign patterns that serve every demand}\}$$

    A half-axis (or an orthogonal point) contributes its own term to the loss, and within a cell its slope (or prediction) ranges over
    all multiples of the signs that active neurons have there, one by one for each: the best value is reached exactly where the sign
    of every optimum is on offer. For a loss that is convex, with optima that are not 0 and are the only ones: with `loss(p, y)`, a
    function of one prediction and target, that it is convex in p is looked at. Raises ValueError for a width that is no whole number
    from 0 on, and for a loss that is not seen to be convex.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> served(n, singletons(1))
    served(n, singletons(1, 0, 0))
    >>> served(n, singletons(1), loss=lambda p, y: (p - y) ** 2 / (1 + p**2))
    Traceback (most recent call last):
    ValueError: the loss (p - y)**2/(p**2 + 1) is not seen to be convex in its predictions: a basin of this kind needs a convex loss
    """
    if loss is not None:
        checked_loss(lambda p, y: loss(p[0], y[0]), 1, "a basin of this kind")
    width = sp.sympify(neurons)
    if width.is_integer is not True or width.is_negative:
        raise ValueError(f"a network has a whole number of neurons, not {width}")
    if not isinstance(data, Data):
        raise TypeError(f"the data are singletons(...) or orthogonal(...), not {data!r}")
    if len(data.counts) != COUNTS[data.kind]:
        raise ValueError(f"{data.kind.value} are described by {COUNTS[data.kind]} numbers, not by {data.counts}")
    return Served(width, data.kind, *data.counts)


def singletons_of(points: Any, targets: Any) -> Data:
    """What points with one coordinate that is not 0 ask of a network, read off the points and their targets.

    Every axis that is used has points on both halves, and the targets on a half-axis have one sign, which is that of the optimal
    output there for every loss that falls towards the target. Repeated and collinear points are allowed: a half-axis is one demand.
    Raises ValueError for a point that is 0 or no singleton, a target that is 0, a half-axis without points or with targets of both
    signs, naming it.

    >>> singletons_of([[1, 0], [2, 0], [-1, 0]], [1, 3, -1]).counts
    (0, 0, 1)
    >>> singletons_of([[1, 0], [0, 0]], [1, 1])
    Traceback (most recent call last):
    ValueError: point 2 is 0, and no neuron without bias is active there: leave it out
    """
    signs: dict[tuple[int, int], set[int]] = {}
    for place, (row, target) in enumerate(_examples(points, targets), 1):
        used = [axis for axis, entry in enumerate(row) if entry]
        if len(used) != 1:
            raise ValueError(f"point {place} has {len(used)} coordinates that are not 0: a singleton has one")
        signs.setdefault((used[0], 1 if row[used[0]] > 0 else -1), set()).add(1 if target > 0 else -1)
    counts = {(1, 1): 0, (-1, -1): 0, (1, -1): 0}
    for axis in sorted({axis for axis, _ in signs}):
        halves = [signs.get((axis, half), set()) for half in (1, -1)]
        if any(len(found) != 1 for found in halves):
            lacks = "points on one half only" if set() in halves else "targets of both signs on one half"
            raise ValueError(f"axis {axis + 1} has {lacks}: the exact law needs both halves, each with targets of one sign")
        first, second = (found.pop() for found in halves)
        counts[(first, second) if first == second else (1, -1)] += 1
    return singletons(counts[1, 1], counts[-1, -1], counts[1, -1])


def orthogonal_of(points: Any, targets: Any) -> Data:
    """What orthogonal points ask of a network, read off the points and their targets.

    Raises ValueError for a point or a target that is 0 and for two points that are repeated, collinear or not orthogonal, naming them.

    >>> orthogonal_of([[1, 1], [1, -1]], [2, -1]).counts
    (1, 1)
    >>> orthogonal_of([[1, 1], [2, 2]], [1, 1])
    Traceback (most recent call last):
    ValueError: points 1 and 2 are collinear: the exact law needs orthogonal points
    """
    examples = _examples(points, targets)
    for second, (later, _) in enumerate(examples):
        for first, (earlier, _) in enumerate(examples[:second]):
            if sum(one * other for one, other in zip(earlier, later, strict=True)):
                told = _relation(earlier, later)
                raise ValueError(f"points {first + 1} and {second + 1} are {told}: the exact law needs orthogonal points")
    plus = sum(bool(target > 0) for _, target in examples)
    return orthogonal(plus, len(examples) - plus)


def independent_points(points: Any) -> Any:
    """The points as a matrix of rank m, as theorem 4 asks; raises ValueError for points that are not independent, naming one.

    >>> independent_points([[1, 0, 0], [1, 1, 0]]).shape
    (2, 3)
    >>> independent_points([[1, 0], [0, 1], [1, 1]])
    Traceback (most recent call last):
    ValueError: point 3 depends on those before it: theorem 4 asks for independent points, so at most as many as dimensions
    """
    rows = [row for row, _ in _examples(points, [1] * (len(table("the matrix of points", points)) if points != [] else 0))]
    for place, row in enumerate(rows):
        twins = [(first, _relation(rows[first], row)) for first in range(place) if _collinear(rows[first], row)]
        if twins:
            raise ValueError(f"points {twins[0][0] + 1} and {place + 1} are {twins[0][1]}: theorem 4 asks for independent points")
        if sp.ImmutableMatrix(rows[: place + 1]).rank() <= place:
            asks = "theorem 4 asks for independent points, so at most as many as dimensions"
            raise ValueError(f"point {place + 1} depends on those before it: {asks}")
    return sp.ImmutableMatrix(rows)


def _examples(points: Any, targets: Any) -> list[tuple[list[Any], Any]]:
    """Rows and targets, rational and none of them 0."""
    if not isinstance(targets, (list, tuple, sp.Tuple, sp.MatrixBase)):
        raise ValueError(f"the targets are a list of rational numbers, one for each point, not {targets!r}")
    rows = [[sp.sympify(entry) for entry in row] for row in table("the matrix of points", points)] if points != [] else []
    wanted = [sp.sympify(target) for target in targets]
    if not rows or len(rows) != len(wanted):
        raise ValueError(f"{len(rows)} points and {len(wanted)} targets do not make a data set: give one target a point")
    for place, (row, target) in enumerate(zip(rows, wanted, strict=True), 1):
        if not all(entry.is_Rational for entry in (*row, target)):
            raise ValueError(f"example {place} has entries that are not rational: signs are decided exactly")
        if not any(row):
            raise ValueError(f"point {place} is 0, and no neuron without bias is active there: leave it out")
        if target == 0:
            raise ValueError(f"the target of point {place} is 0: its optimum asks for no neuron, leave it out")
    return list(zip(rows, wanted, strict=True))


def _collinear(first: Any, second: Any) -> bool:
    return all(a * d == b * c for a, c in zip(first, second, strict=True) for b, d in zip(first, second, strict=True))


def _relation(first: Any, second: Any) -> str:
    return "repeated" if first == second else "collinear" if _collinear(first, second) else "not orthogonal"
