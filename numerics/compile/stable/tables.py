"""Tables: [0, 2] cut into pieces, one polynomial each, found by halving until every piece meets the goal; their play on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.charts import Chart, U, X, at_end
from lemmata.numerics.compile.stable.pieces import Polynomial, Reach, shortest
from lemmata.numerics.compile.stable.series import Germ, expand

DEGREES = 32
FEW = 24
PIECES = 600
BLOCK = 1 << 16
NARROWEST = Fraction(1, 1 << 50)


@dataclass(frozen=True)
class Place:
    """A piece [low, high] of [0, 2] and its coordinate u: d = u or u^2 at 0, 2 - d = u or u^2 at 2, d = centre + u inside."""

    low: Fraction
    high: Fraction

    @property
    def centre(self) -> Fraction:
        if self.low == 0:
            return Fraction(0)
        return Fraction(2) if self.high == 2 else (self.low + self.high) / 2

    @property
    def sign(self) -> int:
        """The sign of u against d."""
        return -1 if self.high == 2 else 1

    def parts(self) -> Iterator[Place]:
        """A smaller piece in the middle or at the end, so that a zero at the centre stays at a centre."""
        low, high = self.low, self.high
        width = high - low
        if low == 0:
            cuts = [low, low + width / 4, low + width / 2, high]
        elif high == 2:
            cuts = [low, high - width / 2, high - width / 4, high]
        else:
            cuts = [low, low + width / 4, high - width / 4, high]
        return (Place(a, b) for a, b in zip(cuts[:-1], cuts[1:], strict=True))

    @property
    def exact(self) -> bool:
        """Whether d - centre is exact in floating point: centre/2 <= d <= 2 centre (Sterbenz)."""
        return self.low == 0 or (self.centre <= 2 * self.low and self.high <= 2 * self.centre)

    def reach(self, root: bool) -> Reach:
        """The range of the coordinate; the root of a rational is rounded up."""
        if self.low == 0 or self.high == 2:
            width = self.high - self.low
            return Reach(Fraction(0), _root_up(width) if root else width, root)
        return Reach(self.low - self.centre, self.high - self.centre, False)


def _root_up(value: Fraction) -> Fraction:
    found = Fraction(float(value) ** 0.5)
    while found**2 < value:
        found *= 1 + Fraction(1, 1 << 50)
    return found


class Germs:
    """The expansions of F(d) = end (kappa(end) - kappa(end (1 - d))) and its derivatives, each made once."""

    def __init__(self, kappa: Any, c: Any, end: int) -> None:
        self.kappa, self.c, self.end = kappa, c, end
        self._found: dict[tuple[Place, int], Germ] = {}
        start, far = at_end(kappa, c, end), at_end(kappa, c, -end)
        self.at_start = start.expr.xreplace({U: sp.S.Zero})
        """kappa at the end from which d counts, as an exact constant."""
        self._near = Chart(end * (self.at_start - start.expr), U, start.root)
        self._far = Chart(end * (self.at_start - far.expr), U, far.root)

    def expansion(self, place: Place, order: int) -> Expansion:
        """d^order F / dd^order at a place as u^p g(u); raises CannotEvaluate where the place is too wide.

        At a square root the series of F is differentiated, term by term; elsewhere the expression is, whose derivatives may be
        much smaller than it is. The constant term of F at d = 0 is 0 by its definition.
        """
        chart = self._end(place)
        if chart is not None and chart.root:
            key, here = (place, 0), chart
        else:
            key, here = (place, order), self._inside(place, order) if chart is None or order else chart
        reach = place.reach(here.root)
        if key not in self._found:
            self._found[key] = expand(here, reach.high)
        first = 1 if place.low == 0 and key[1] == 0 else 0
        return Expansion(reach, *self._found[key].derivative(order - key[1], first, reach.high, place.sign))

    def _end(self, place: Place) -> Chart | None:
        return self._near if place.low == 0 else self._far if place.high == 2 else None

    def _inside(self, place: Place, order: int) -> Chart:
        """The derivative in d, with d = centre + x."""
        d = self.c
        whole = self.end * (self.at_start - self.kappa.xreplace({d: self.end * (1 - d)}))
        return Chart(sp.diff(whole, d, order).xreplace({d: _exact(place.centre) + place.sign * X}), X, False)


@dataclass(frozen=True)
class Expansion:
    """u^power (sum terms_k u^k + e), |e| <= rest, over the reach of the coordinate u."""

    reach: Reach
    power: int
    terms: list[Any]
    rest: Any


def _exact(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)


def build(germs: Germs, order: int, goal: Fraction) -> Table:
    """The table of d^order F / dd^order with a relative error of at most `goal` on every piece; raises CannotEvaluate.

    A piece that holds a zero of the function is cut further and further: that ends with an error that names the place.
    """
    half = Fraction(1, 2)
    todo = [Place(3 * half, 4 * half), Place(half, 3 * half), Place(0 * half, half)]
    done: list[tuple[Place, bool, Polynomial]] = []
    reason = ""
    while todo:
        place = todo.pop()
        try:
            found = _fit(germs, place, order, goal)
        except CannotEvaluate as error:
            found, reason = None, error.reason
        if found is not None:
            done.append((place, *found))
            continue
        if place.high - place.low < NARROWEST or len(done) + len(todo) > PIECES:
            what = f"derivative {order} of the map" if order else "the map"
            raise CannotEvaluate(
                f"no relative error can be proved for {what} near d = {float(place.centre):.6g}: {reason or 'it vanishes there'}: "
                f"{shorten(germs.kappa)}"
            )
        todo.extend(reversed(list(place.parts())))
    return Table(tuple(place for place, _, _ in done), tuple(root for _, root, _ in done), tuple(found for _, _, found in done))


def _fit(germs: Germs, place: Place, order: int, goal: Fraction) -> tuple[bool, Polynomial] | None:
    if not place.exact:
        return None
    here = germs.expansion(place, order)
    found = shortest(here.power, here.terms, here.rest, here.reach, DEGREES)
    return (here.reach.root, found) if found is not None and found.error <= goal else None


@dataclass(frozen=True)
class Table:
    """One polynomial a place, in order from d = 0 to d = 2; `roots` says where the coordinate is a square root."""

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
    def centres(self) -> np.ndarray:
        """The point from which each piece counts."""
        return np.array([float(place.centre) for place in self.places])

    @cached_property
    def coefficients(self) -> np.ndarray:
        """One row a degree, from the highest down; one column a piece."""
        degree = max(len(polynomial.coefficients) for polynomial in self.polynomials)
        rows = [[0.0] * (degree - len(p.coefficients)) + list(reversed(p.coefficients)) for p in self.polynomials]
        return np.ascontiguousarray(np.array(rows).T)

    def numpy(self, d: np.ndarray) -> np.ndarray:
        """The values at an array of doubles; nan outside [0, 2]."""
        flat = np.ascontiguousarray(d).reshape(-1)
        found = np.empty_like(flat)
        with np.errstate(all="ignore"):
            for start in range(0, flat.size, BLOCK):
                part = flat[start : start + BLOCK]
                if len(self.places) > FEW:
                    index = np.searchsorted(self.edges, part, side="right")
                    found[start : start + BLOCK] = self._gathered(part, index, self.centres, self.coefficients, np)
                else:
                    self._sorted(part, found[start : start + BLOCK])
        return found.reshape(d.shape)

    def torch(self, d: Any) -> Any:
        """The values at a tensor of doubles on any device; nan outside [0, 2].

        On the CPU NumPy plays it: Torch's square root there is not always the nearest double.
        """
        import torch

        if d.device.type == "cpu":
            return torch.from_numpy(self.numpy(d.detach().numpy()))
        edges, centres, rows = (torch.from_numpy(table).to(d.device) for table in (self.edges, self.centres, self.coefficients))
        index = torch.searchsorted(edges, d.detach().contiguous(), right=True)
        return self._gathered(d.detach(), index, centres, rows, torch)

    def _sorted(self, d: np.ndarray, found: np.ndarray) -> None:
        """Piece after piece: the elements of one piece are put together, so that its coefficients are plain numbers."""
        index = np.zeros(d.shape, np.uint8)
        for edge in self.edges:
            index += d >= edge
        index[~((d >= 0) & (d <= 2))] = len(self.places)
        for i, polynomial in enumerate(self.polynomials):
            (here,) = np.nonzero(index == i)
            if not here.size:
                continue
            base = d[here] - self.centres[i]
            base = np.abs(base, out=base) if i in (0, len(self.places) - 1) else base
            u = np.sqrt(base) if self.roots[i] else base
            value = np.full_like(u, polynomial.coefficients[-1])
            for coefficient in reversed(polynomial.coefficients[:-1]):
                value *= u
                value += coefficient
            found[here] = raised(value, base, u, polynomial.power, self.roots[i])
        found[index == len(self.places)] = np.nan

    def _gathered(self, d: Any, index: Any, centres: Any, rows: Any, xp: Any) -> Any:
        """All elements at once, each with the coefficients of its piece: for many pieces, and for devices that like no branches."""
        base = d - centres[index]
        last = len(self.places) - 1
        base = xp.where((index == 0) | (index == last), abs(base), base)
        u = base
        for i in (0, last):
            if self.roots[i]:
                u = xp.where(index == i, xp.sqrt(abs(base)), u)
        value = rows[0][index]
        for row in rows[1:]:
            value = value * u + row[index]
        for i, (root, polynomial) in enumerate(zip(self.roots, self.polynomials, strict=True)):
            if polynomial.power:
                value = xp.where(index == i, raised(value, base, u, polynomial.power, root), value)
        return xp.where((d >= 0) & (d <= 2), value, float("nan"))


def raised(value: Any, base: Any, u: Any, power: int, root: bool) -> Any:
    """value u^power by products or quotients, one factor after another: nothing underflows before the result does."""
    whole, odd = divmod(abs(power), 2) if root else (abs(power), 0)
    for _ in range(whole):
        value = value * base if power > 0 else value / base
    if odd:
        value = value * u if power > 0 else value / u
    return value
