"""The minimum of a concave quadratic over a polytope, exactly: its least value at a vertex, in rationals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.polytopes import TooManyRays, generators, is_negative_semidefinite
from lemmata.numerics.streams import Stream
from lemmata.theory.minima import Minimum

WORK_A_BOX = 1_000
"""Comparisons of rays for each box of the budget."""

Form = dict[tuple[int, ...], Any]
"""A polynomial: exponents -> coefficient."""


class VertexMinimum(Instrument):
    """Every vertex of the polytope in exact integers; a concave function is least at one of them (Rockafellar 1970, 32.3.4)."""

    name: ClassVar[str] = "vertex enumeration"
    kinds: ClassVar[tuple[type, ...]] = (Minimum,)
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures minima over polytopes")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            problem = _Problem.of(quantity, at)
        except _NotRational as error:
            return Refusal(str(error))
        if not is_negative_semidefinite(problem.hessian()):
            return Refusal("the objective is not concave, so that its minimum may lie inside the polytope: only concave ones are supported")
        try:
            found = generators(problem.rows, budget.boxes * WORK_A_BOX)
        except TooManyRays as error:
            return Refusal(f"{error}, and the budget {budget.name} allows no more: take a larger budget")
        if found.line:
            return Refusal("the constraints leave a whole line free, or no point at all: bound every variable from both sides")
        if not found.vertices:
            return Refusal("no point satisfies the constraints: the polytope is empty")
        if found.directions:
            return Refusal(f"the constraints do not bound the direction {_written(found.directions[0])}: bound every variable")
        least, place = min(((problem.value(vertex), vertex) for vertex in found.vertices), key=lambda pair: pair[0])
        with precision(int(budget.digits * BITS_A_DIGIT) + 32):
            return Ball(arb(least), f"{least} at the vertex {_written(place)}, the least of {len(found.vertices)}")


class _NotRational(Exception):
    """A coefficient has no rational value at the point."""


@dataclass(frozen=True)
class _Problem:
    """The objective and the rows r of r_0 + r_1 x_1 + ... + r_n x_n >= 0, in rationals."""

    objective: Mapping[tuple[int, ...], fmpq]
    rows: list[list[fmpq]]
    size: int

    @classmethod
    def of(cls, quantity: Any, at: Mapping[Any, Any]) -> _Problem:
        objective, forms, size = _forms(quantity)
        units = [tuple(int(i == j) for i in range(size)) for j in range(size)]
        rows = [[_rational(form.get(key, 0), at) for key in ((0,) * size, *units)] for form in forms]
        return cls({key: _rational(value, at) for key, value in objective.items()}, rows, size)

    def hessian(self) -> list[list[fmpq]]:
        """The matrix of second derivatives of the objective."""
        rows = [[fmpq(0)] * self.size for _ in range(self.size)]
        for exponents, coefficient in self.objective.items():
            places = [place for place, power in enumerate(exponents) for _ in range(power)]
            if len(places) == 2:
                rows[places[0]][places[1]] += coefficient
                rows[places[1]][places[0]] += coefficient
        return rows

    def value(self, point: tuple[fmpq, ...]) -> fmpq:
        """The objective at a point."""
        total = fmpq(0)
        for exponents, coefficient in self.objective.items():
            for entry, power in zip(point, exponents, strict=True):
                coefficient = coefficient * entry**power
            total += coefficient
        return total


@lru_cache(maxsize=512)
def _forms(quantity: Any) -> tuple[Form, tuple[Form, ...], int]:
    """The objective and every constraint as a form that is to be >= 0; an equation gives two."""
    variables = quantity.variables

    def form(expr: Any) -> Form:
        return dict(sp.Poly(expr, *variables).terms()) if expr.has(*variables) else {(0,) * len(variables): expr}

    forms = []
    for left, sense, right in quantity.constraints:
        if sense in (">=", "=="):
            forms.append(form(left - right))
        if sense in ("<=", "=="):
            forms.append(form(right - left))
    if not forms:
        forms.append(form(sp.S.One))
    return form(quantity.expr), tuple(forms), len(variables)


def _rational(value: Any, at: Mapping[Any, Any]) -> fmpq:
    found = value.xreplace(dict(at)) if isinstance(value, sp.Basic) else sp.Integer(value)
    if not found.is_Rational:
        raise _NotRational(f"the coefficient {found} is no rational number: only rational polytopes are enumerated exactly")
    return fmpq(int(found.p), int(found.q))


def _written(entries: Any) -> str:
    return f"({', '.join(map(str, entries))})"


INSTRUMENT = VertexMinimum()
