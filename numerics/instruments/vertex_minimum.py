"""The minimum of a quadratic over a polytope, exactly: in rationals, by its vertices and faces."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.polytopes import TooManyRays
from lemmata.numerics.quadratics import NoMinimum, Quadratic, least, written
from lemmata.numerics.streams import Stream
from lemmata.theory.minima import Minimum

WORK_A_BOX = 1_000
"""Comparisons of rays for each box of the budget."""

Form = dict[tuple[int, ...], Any]
"""A polynomial: exponents -> coefficient."""


class VertexMinimum(Instrument):
    """Vertices and faces of the polytope in exact rationals: see `lemmata.numerics.quadratics.least`."""

    name: ClassVar[str] = "vertex enumeration"
    kinds: ClassVar[tuple[type, ...]] = (Minimum,)
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures minima over polytopes")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            objective, rows = _problem(quantity, at)
            found = least(objective, rows, budget.boxes * WORK_A_BOX)
        except (NotRational, NoMinimum) as error:
            return Refusal(str(error))
        except TooManyRays as error:
            return Refusal(f"{error}, and the budget {budget.name} allows no more: take a larger budget")
        with precision(int(budget.digits * BITS_A_DIGIT) + 32):
            return Ball(arb(found.value), f"{found.value} at {written(found.point)}, {found.how}")


class NotRational(Exception):
    """A coefficient has no rational value at the point."""


def _problem(quantity: Any, at: Mapping[Any, Any]) -> tuple[Quadratic, list[list[fmpq]]]:
    """The objective and the rows r of r_0 + r_1 x_1 + ... + r_n x_n >= 0, in rationals; raises NotRational."""
    terms, forms, size = _forms(quantity)
    units = [tuple(int(i == j) for i in range(size)) for j in range(size)]
    origin = (0,) * size
    rows = [[_rational(form.get(key, 0), at) for key in (origin, *units)] for form in forms]
    hessian = [[fmpq(0)] * size for _ in range(size)]
    for exponents, coefficient in terms.items():
        places = [place for place, power in enumerate(exponents) for _ in range(power)]
        if len(places) == 2:
            value = _rational(coefficient, at)
            hessian[places[0]][places[1]] += value
            hessian[places[1]][places[0]] += value
    slope = tuple(_rational(terms.get(unit, 0), at) for unit in units)
    return Quadratic(_rational(terms.get(origin, 0), at), slope, tuple(tuple(row) for row in hessian)), rows


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
        raise NotRational(f"the coefficient {found} is no rational number: only rational polytopes are enumerated exactly")
    return fmpq(int(found.p), int(found.q))


INSTRUMENT = VertexMinimum()
