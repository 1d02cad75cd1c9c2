"""Reductions: what a unit of an estimate is, and certified bounds of its moments."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
import torch
from flint import arb

from lemmata.numerics.compile.arb import rounding_bound
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.laws import Model, Source, Unsupported
from lemmata.numerics.quadrature.divergence import Divergent
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.mean import Integrator
from lemmata.numerics.quadrature.pieces import has_switch
from lemmata.numerics.reduction.polar import polar_form
from lemmata.numerics.reduction.turns import Turn, plane_of

Inputs = Mapping[Any, torch.Tensor]

CHUNK = 2**15
"""Images of draws that are evaluated together: what they take stays in a core's cache."""

MOST_TURNS = 4
"""Rotations at which a second moment is integrated where no polar form is known: the integrand has a term for each of them."""


@dataclass(frozen=True)
class Reduction:
    """A unit: the average of f over the orbit of a draw under a group that keeps its law, less a polynomial of mean zero.

        unit(z) = (1/K) sum_k f(T^k z) - p(z),    E[unit] = E[f],    p(T z) = p(z),

    for independent draws z: the units are independent and have one law. `centre` is a constant near their mean, from a
    pilot run; what is certified is E[(unit - centre)^2] = E[(f - p - centre) (unit - centre)] >= Var(unit).
    """

    turn: Turn
    control: Any = sp.Integer(0)
    centre: Any = sp.Integer(0)

    @property
    def evaluations(self) -> int:
        """Values of the integrand in one unit."""
        return self.turn.order

    @property
    def is_plain(self) -> bool:
        """Whether a unit is one value of the integrand."""
        return self.turn.order == 1 and self.control == 0

    @property
    def method(self) -> str:
        """One line for the record."""
        return f"{self.turn}{'' if self.control == 0 else ' with polynomial control variates'}"

    def expression(self, expr: Any) -> Any:
        """The unit of an integrand as an exact expression in the sources."""
        return self.turn.mean(expr) - self.control

    def units(self, function: Callable[[Inputs], torch.Tensor], inputs: Inputs) -> torch.Tensor:
        """The units of a batch of draws, played in blocks that stay in a core's cache."""
        if self.is_plain:
            return function(inputs)
        control = None if self.control == 0 else _compiled(self.control, tuple(source.variable for source in self.turn.sources))
        size, order = len(next(iter(inputs.values()))), self.turn.order
        parts = []
        for start in range(0, size, CHUNK // order):
            part = {node: values[start : start + CHUNK // order] for node, values in inputs.items()}
            orbit = {node: values.reshape(-1) for node, values in self.turn.orbit(part).items()}
            mean = function(orbit).reshape(order, -1).mean(0)
            parts.append(mean if control is None else mean - control(part))
        return torch.cat(parts)

    def variance(self, expr: Any, digits: int = 6) -> arb | None:
        """A ball of E[(unit - centre)^2], whose upper end bounds the variance of a unit; None where no integral is proved.

        Var(U) = min over a of E[(U - a)^2]. With F = f - p - a and U - a = (1/K) sum_k F(T^k z), and since z and T^k z have
        the same law, E[(U - a)^2] = E[F (U - a)], which is E[f (U + p)] - 2 E[f (p + a)] + E[(p + a)^2].

        An average over an orbit may have moments where f has no mean (odd functions average to 0), hence None also where
        E|f| < oo is not proved.
        """
        return _second_moment(self, expr, digits)

    def rounding(self, expr: Any, draws: Sequence[Mapping[Any, float]]) -> float:
        """How far floating point may move the mean of the units, from a few draws; infinite where balls tell nothing.

        The images T^k z of a draw have its law, so what f loses at draws, within the rounding errors of an image, stands for all
        of them. Adding K values and averaging the units lose at most (K + 64) 2^-53 of their mean size.
        """
        lost = arb(0)
        try:
            for draw in draws:
                value, control = rounding_bound(expr, self.turn.around(draw)), rounding_bound(self.control, draw)
                lost = lost + value.rad() + control.rad() + (abs(value) + abs(control)) * (self.turn.order + 64) * arb(2) ** -53
        except Undecided:
            return math.inf
        return float((lost / max(1, len(draws))).upper())

    def fourth_moment(self, of_integrand: arb) -> arb | None:
        """A bound of E[(unit - centre)^4] from one of E[f^4], by Minkowski: ||U - a||_4 <= ||f||_4 + ||p + a||_4."""
        shift = sp.expand(self.control + self.centre)
        if shift == 0:
            return of_integrand
        try:
            fourth = Integrator(15).mean(Model(sp.expand(shift**4), self.turn.sources))
        except (Unsupported, Divergent):
            return None
        return (_root(of_integrand) + _root(fourth)) ** 4


@lru_cache(maxsize=128)
def _compiled(control: Any, variables: tuple[Any, ...]) -> Callable[[Inputs], torch.Tensor]:
    return compile_torch(control, variables)


@lru_cache(maxsize=512)
def _second_moment(reduction: Reduction, expr: Any, digits: int) -> arb | None:
    try:
        value = _polar(reduction, expr)
        if value is None and has_mean(expr, reduction.turn.sources):
            value = _integral(reduction, expr, digits)
    except (Unsupported, Divergent, CannotEvaluate, ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError):
        return None
    return value if value is not None and value.is_finite() and value.upper() >= 0 else None


def _polar(reduction: Reduction, expr: Any) -> arb | None:
    """In the plane, for polynomials between lines through the origin and radial controls."""
    plane = plane_of(reduction.turn.sources)
    if plane is None:
        return None
    radial = _radial(reduction.control + reduction.centre, *plane)
    form = polar_form(expr, *plane) if radial is not None else None
    try:
        return form.second_moment(reduction.turn.order, radial) if form is not None and radial is not None else None
    except Unsupported:
        return None


def _integral(reduction: Reduction, expr: Any, digits: int) -> arb | None:
    turn = reduction.turn
    if turn.order > MOST_TURNS or (turn.order > 2 and has_switch(expr)):
        return None
    shift, sources = reduction.control + reduction.centre, turn.sources
    if len(sources) == 1 or shift == 0:
        return Integrator(digits).mean(Model((expr - shift) * (turn.mean(expr) - shift), sources))
    integrator = Integrator(digits)
    square = integrator.mean(Model(expr * turn.mean(expr), sources))
    mixed = integrator.mean(Model(expr * shift, sources))
    return square - 2 * mixed + integrator.mean(Model(sp.expand(shift**2), sources))


def has_mean(expr: Any, sources: tuple[Source, ...]) -> bool:
    """Whether E|f| < oo is proved: by a bound of f's growth against the tails of the sources, else by a finite E[f^2].

    |f| <= C (1 + |x|)^k exp(b |x| + a |x|^2) with |x|^2 <= d sum x_j^2 over the d sources: integrable against normal ones for
    a d < 1/2, and for a = 0, b < 1 also against exponential ones.

    >>> x = sp.Symbol("x", real=True)
    >>> has_mean(sp.exp(x), (Source(x, "Normal"),)), has_mean(x**3 * sp.exp(x**2), (Source(x, "Normal"),))
    (True, False)
    """
    bound = growth(expr, {source.variable: 0.0 for source in sources})
    families = {source.family for source in sources}
    if bound is not None and families <= {"Normal", "Uniform"} and 2 * bound.a * len(sources) < 1:
        return True
    if bound is not None and families <= {"Normal", "Uniform", "Exponential"} and bound.a == 0 and bound.b < 1:
        return True
    try:
        return bool(Integrator(3).mean(Model(expr**2, sources)).is_finite())
    except (Unsupported, Divergent):
        return False


def _root(fourth: arb) -> arb:
    return fourth.upper().max(arb(0)).root(4)


def _radial(polynomial: Any, x: Any, y: Any) -> dict[int, Any] | None:
    """The coefficients of r^d of a polynomial in r^2 = x^2 + y^2, else None.

    c (x^2 + y^2)^m has the terms c C(m, j) x^(2 j) y^(2 m - 2 j), and no others.
    """
    terms = dict(sp.Poly(polynomial, x, y).terms())
    found = {i: value for (i, j), value in terms.items() if j == 0}
    if any(power % 2 for power in found):
        return None
    rebuilt = {
        (2 * j, power - 2 * j): value * math.comb(power // 2, j)
        for power, value in found.items()
        for j in range(power // 2 + 1)
        if value != 0
    }
    return found if rebuilt == {powers: value for powers, value in terms.items() if value != 0} else None
