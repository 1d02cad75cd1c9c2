"""Tables: a range cut into pieces, one polynomial each, found by cutting until every piece meets the goal; their play on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.pieces import Polynomial, shortest
from lemmata.numerics.compile.stable.places import Place, Side
from lemmata.numerics.compile.stable.sources import Source

DEGREES = 32
FEW = 24
PIECES = 600
BLOCK = 1 << 16
NARROWEST = Fraction(1, 1 << 50)


def build(source: Source, order: int, goal: Fraction) -> Table:
    """The table of a derivative with a relative error of at most `goal` on every piece; raises CannotEvaluate.

    A simple zero becomes the centre of a piece, as a sum of two doubles, so that a relative error holds next to it too; at any
    other zero the cutting ends with an error that names the place.
    """
    todo = list(reversed(source.places()))
    done: list[tuple[Place, bool, Polynomial]] = []
    while todo:
        place = todo.pop()
        found, reason = _tried(source, place, order, goal)
        if found is None and place.side is Side.INSIDE and place.high - place.low <= place.high / 4:
            place, found = _about_zero(source, place, order, goal)
        if found is not None:
            done.append((place, *found))
            continue
        if place.high - place.low < NARROWEST * place.high or len(done) + len(todo) > PIECES:
            what = f"derivative {order} of {source}" if order else str(source)
            raise CannotEvaluate(f"no relative error can be proved for {what} near {float(place.centre):.6g}: {reason}")
        todo.extend(reversed(list(place.parts())))
    return Table(tuple(place for place, _, _ in done), tuple(root for _, root, _ in done), tuple(found for _, _, found in done))


def _tried(source: Source, place: Place, order: int, goal: Fraction) -> tuple[tuple[bool, Polynomial] | None, str]:
    """What fits a place, or None and the reason."""
    try:
        return _fit(source, place, order, goal), "it may vanish there"
    except CannotEvaluate as error:
        return None, error.reason


def _about_zero(source: Source, place: Place, order: int, goal: Fraction) -> tuple[Place, tuple[bool, Polynomial] | None]:
    """The place counted from a zero inside it and what fits, or the place as it was and None."""
    try:
        at_zero = source.about_zero(place, order)
    except CannotEvaluate:
        return place, None
    found = None if at_zero is None else _tried(source, at_zero, order, goal)[0]
    return (place, None) if at_zero is None or found is None else (at_zero, found)


def _fit(source: Source, place: Place, order: int, goal: Fraction) -> tuple[bool, Polynomial] | None:
    if not place.exact:
        return None
    here = source.expansion(place, order)
    found = shortest(here.power, here.terms, here.rest, here.reach, DEGREES)
    return (here.reach.root, found) if found is not None and found.error <= goal else None


@dataclass(frozen=True)
class Table:
    """One polynomial a place, in order; `roots` says where the coordinate is a square root."""

    places: tuple[Place, ...]
    roots: tuple[bool, ...]
    polynomials: tuple[Polynomial, ...]

    @property
    def error(self) -> Fraction:
        """The largest proved relative error, in double precision, where the result neither underflows nor overflows."""
        return max(polynomial.error for polynomial in self.polynomials)

    @cached_property
    def edges(self) -> np.ndarray:
        """The inner ends of the pieces."""
        return np.array([float(place.high) for place in self.places[:-1]])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The range."""
        return float(self.places[0].low), float(self.places[-1].high)

    @cached_property
    def outer(self) -> tuple[int, ...]:
        """The pieces whose coordinate is a distance from an end."""
        return tuple(i for i, place in enumerate(self.places) if place.side in (Side.NEAR, Side.FAR))

    @cached_property
    def centres(self) -> np.ndarray:
        """The point from which each piece counts."""
        return np.array([place.halves[0] for place in self.places])

    @cached_property
    def shifts(self) -> np.ndarray:
        """What is left of each of these points: 0 except at zeros that are no doubles."""
        return np.array([place.halves[1] for place in self.places])

    @cached_property
    def coefficients(self) -> np.ndarray:
        """One row a degree, from the highest down; one column a piece."""
        degree = max(len(polynomial.coefficients) for polynomial in self.polynomials)
        rows = [[0.0] * (degree - len(p.coefficients)) + list(reversed(p.coefficients)) for p in self.polynomials]
        return np.ascontiguousarray(np.array(rows).T)

    def numpy(self, d: np.ndarray) -> np.ndarray:
        """The values at an array of doubles; nan outside the range."""
        flat = np.ascontiguousarray(d).reshape(-1)
        found = np.empty_like(flat)
        with np.errstate(all="ignore"):
            for start in range(0, flat.size, BLOCK):
                part = flat[start : start + BLOCK]
                if len(self.places) > FEW:
                    index = np.searchsorted(self.edges, part, side="right")
                    found[start : start + BLOCK] = self._gathered(part, index, (self.centres, self.shifts), self.coefficients, np)
                else:
                    self._sorted(part, found[start : start + BLOCK])
        return found.reshape(d.shape)

    def torch(self, d: Any) -> Any:
        """The values at a tensor of doubles on any device; nan outside the range.

        On the CPU NumPy plays it: Torch's square root there is not always the nearest double.
        """
        import torch

        if d.device.type == "cpu":
            return torch.from_numpy(self.numpy(d.detach().numpy()))
        return self.on_device(d.detach())

    def on_device(self, d: Any) -> Any:
        """The values at a tensor of doubles where it lies, all at once."""
        import torch

        tables = (self.edges, self.centres, self.shifts, self.coefficients)
        edges, centres, shifts, rows = (torch.from_numpy(table).to(d.device) for table in tables)
        index = torch.searchsorted(edges, d.contiguous(), right=True)
        return self._gathered(d, index, (centres, shifts), rows, torch)

    def _within(self, d: Any) -> Any:
        low, high = self.ends
        return (d >= low) & (d <= high)

    def _sorted(self, d: np.ndarray, found: np.ndarray) -> None:
        """Piece after piece: the elements of one piece are put together, so that its coefficients are plain numbers."""
        index = np.zeros(d.shape, np.uint8)
        for edge in self.edges:
            index += d >= edge
        index[~self._within(d)] = len(self.places)
        for i, polynomial in enumerate(self.polynomials):
            (here,) = np.nonzero(index == i)
            if not here.size:
                continue
            base = (d[here] - self.centres[i]) - self.shifts[i]
            base = np.abs(base, out=base) if i in self.outer else base
            u = np.sqrt(base) if self.roots[i] else base
            value = np.full_like(u, polynomial.coefficients[-1])
            for coefficient in reversed(polynomial.coefficients[:-1]):
                value *= u
                value += coefficient
            found[here] = raised(value, base, u, polynomial.power, self.roots[i])
        found[index == len(self.places)] = np.nan

    def _gathered(self, d: Any, index: Any, centres: tuple[Any, Any], rows: Any, xp: Any) -> Any:
        """All elements at once, each with the coefficients of its piece: for many pieces, and for devices that like no branches."""
        base = (d - centres[0][index]) - centres[1][index]
        for i in self.outer:
            base = xp.where(index == i, abs(base), base)
        u = base
        for i in self.outer:
            if self.roots[i]:
                u = xp.where(index == i, xp.sqrt(abs(base)), u)
        value = rows[0][index]
        for row in rows[1:]:
            value = value * u + row[index]
        for i, (root, polynomial) in enumerate(zip(self.roots, self.polynomials, strict=True)):
            if polynomial.power:
                value = xp.where(index == i, raised(value, base, u, polynomial.power, root), value)
        return xp.where(self._within(d), value, float("nan"))


def raised(value: Any, base: Any, u: Any, power: int, root: bool) -> Any:
    """value u^power by products or quotients, one factor after another: nothing underflows before the result does."""
    whole, odd = divmod(abs(power), 2) if root else (abs(power), 0)
    for _ in range(whole):
        value = value * base if power > 0 else value / base
    if odd:
        value = value * u if power > 0 else value / u
    return value
