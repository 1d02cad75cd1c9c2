"""Losses of one variable that are quadratic between kinks, q(x) + sum c_i max(0, x - p_i)^2: curvature and least value, exactly.

The slope of max(0, x - p)^2 is continuous, so that the curvature, constant between kinks, decides whether a gradient is Lipschitz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.smoothness import Smoothness


@dataclass(frozen=True)
class PiecewiseQuadratic(Smoothness):
    """For a loss of one variable that is quadratic between kinks: every one of its curvatures lies in [-M, M]."""

    @property
    def because(self) -> str:
        return r"the slope is continuous and piecewise linear, with curvatures in $[-M, M]$"

    def discharge(self, loss: Any, variables: Sequence[Any], constant: Any, domain: Domain) -> None:
        """Read off the curvature between kinks; raises NotDischarged for the first that leaves [-M, M]."""
        pieces = Pieces.of(loss, variables, domain)
        for place, curvature in enumerate(pieces.curvatures()):
            if not (exact.nonnegative(constant - curvature, domain) and exact.nonnegative(constant + curvature, domain)):
                raise NotDischarged(f"the curvature {curvature} after {place} kinks was not proved to lie in [-{constant}, {constant}]")


@dataclass(frozen=True)
class Pieces:
    """A loss q(x) + sum c_i max(0, x - p_i)^2 taken apart: x, q, and the pairs (p_i, c_i) with p_i ascending."""

    variable: Any
    smooth: Any
    kinks: tuple[tuple[Any, Any], ...]

    @classmethod
    def of(cls, loss: Any, variables: Sequence[Any], domain: Domain) -> Pieces:
        """The parts of a loss; raises NotDischarged for another form, or where the order of the kinks is not proved.

        >>> x = sp.Symbol("x", real=True)
        >>> Pieces.of((x + 1) ** 2 / 2 - 3 * sp.Max(0, x - 2) ** 2, [x], Domain((x,))).kinks
        ((2, -3),)
        """
        if len(variables) != 1:
            raise NotDischarged("a piecewise quadratic loss has one variable")
        (x,) = variables
        names = {node: sp.Dummy("m", nonnegative=True) for node in loss.atoms(sp.Max)}
        body = sp.Poly(loss.xreplace(names), x, *names.values()) if _polynomial(loss.xreplace(names), x, *names.values()) else None
        if body is None or body.total_degree() > 2:
            raise NotDischarged(f"the loss {loss} is not quadratic in {x} and squares of max(0, {x} - p)")
        kinks, smooth = [], body.as_expr().xreplace(dict.fromkeys(names.values(), sp.S.Zero))
        for node, name in names.items():
            point = sp.expand(x - sp.Add(*node.args))
            weight = body.coeff_monomial(name**2)
            if sp.S.Zero not in node.args or len(node.args) != 2 or point.has(x):
                raise NotDischarged(f"{node} is not of the form max(0, {x} - p)")
            kinks.append((point, weight))
            smooth += weight * name**2
        if sp.expand(body.as_expr() - smooth) != 0:
            raise NotDischarged(f"the kinks of {loss} do not enter as squares alone")

        def order(first: Any, second: Any) -> int:
            return _order(first[0], second[0], domain)

        ordered = sorted(kinks, key=cmp_to_key(order))
        return cls(x, sp.expand(smooth.xreplace(dict.fromkeys(names.values(), sp.S.Zero))), tuple(ordered))

    def curvatures(self) -> list[Any]:
        """The curvatures from left to right."""
        found = [sp.diff(self.smooth, self.variable, 2)]
        for _, weight in self.kinks:
            found.append(sp.expand(found[-1] + 2 * weight))
        return found

    def slope(self, place: Any, count: int) -> Any:
        """The slope at a place that lies to the right of the first `count` kinks and not of the others."""
        smooth = sp.diff(self.smooth, self.variable).xreplace({self.variable: place})
        return sp.expand(smooth + sum((2 * weight * (place - point) for point, weight in self.kinks[:count]), sp.S.Zero))

    def least(self, domain: Domain) -> Any:
        """The least value, where the loss falls up to one place left of all kinks and rises from there on; else NotDischarged.

        >>> x = sp.Symbol("x", real=True)
        >>> Pieces.of((x + 1) ** 2 / 2 - sp.Max(0, x) ** 2 / 2, [x], Domain((x,))).least(Domain((x,)))
        0
        """
        first = self.curvatures()[0]
        if not exact.positive(first, domain):
            raise NotDischarged("the loss was not proved to be convex to the left of its kinks")
        lowest = sp.cancel(-sp.diff(self.smooth, self.variable).xreplace({self.variable: sp.S.Zero}) / first)
        rising = all(exact.nonnegative(self.slope(point, count), domain) for count, (point, _) in enumerate(self.kinks))
        before = not self.kinks or exact.nonnegative(self.kinks[0][0] - lowest, domain)
        if not (before and rising and exact.nonnegative(self.curvatures()[-1], domain)):
            raise NotDischarged("the loss was not proved to rise from its first stationary point on")
        return sp.expand(self.smooth.xreplace({self.variable: lowest}))


def _polynomial(expr: Any, *symbols: Any) -> bool:
    return bool(expr.is_polynomial(*symbols))


def _order(first: Any, second: Any, domain: Domain) -> int:
    gap = sp.expand(first - second)
    if exact.positive(gap, domain):
        return 1
    if exact.positive(-gap, domain):
        return -1
    raise NotDischarged(f"the order of the kinks {first} and {second} was not proved")
