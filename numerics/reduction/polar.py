"""Second moments of units over rotations, for integrands that are polynomials between lines through the origin.

With x = r cos t, y = r sin t such an f is sum_d r^d g_d(t), g_d a trigonometric polynomial on each sector. The average over
K rotations is sum_d r^d h_d(t), h_d(t) = mean over k of g_d(t + 2 pi k / K), of period p = 2 pi / K. Hence exactly

    E[(unit - c(r))^2] = sum_{d, e} E[r^(d + e)] (1 / p) int_0^p (h_d - c_d)(h_e - c_e) dt,    c(r) = sum_d c_d r^d,

with E[r^n] = 2^(n/2) Gamma(n/2 + 1) and integrals of exponentials exp(i n t) in closed form between the kinks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pieces import boundaries, has_switch, linear, resolve
from lemmata.numerics.quadrature.sectors import angles

BITS = 160
"""Working precision: a variance of 10^-20 of the integrand's square still has its leading digits."""

NARROW = arb(2) ** -80
"""Kinks that are closer than this are taken for one; what that changes is bounded."""

Harmonics = dict[int, dict[int, acb]]
"""Degree d -> frequency n -> the coefficient of r^d exp(i n t)."""


@dataclass(frozen=True, slots=True)
class Polar:
    """f on sectors: cuts[j] <= t <= cuts[j + 1] (the last wraps around) is pieces[j]; kinks lie within `fuzz` of the cuts in all.

    `ceiling` bounds |f| <= sum_d ceiling[d] r^d wherever the kinks lie.
    """

    cuts: tuple[arb, ...]
    pieces: tuple[Harmonics, ...]
    fuzz: arb
    ceiling: dict[int, arb]

    @classmethod
    def of(cls, expr: Any, x: Any, y: Any) -> Polar:
        """The polar form; raises Unsupported for an integrand that is no polynomial between lines through the origin."""
        with precision(BITS):
            cuts, fuzz = _cuts(expr, x, y)
            pieces = []
            for left, right in zip(cuts, [*cuts[1:], cuts[0] + 2 * arb.pi()], strict=True):
                direction = (left + right) / 2
                piece = resolve(expr, {x: direction.cos(), y: direction.sin()})
                if not piece.is_polynomial(x, y):
                    raise Unsupported(f"{piece} is no polynomial")
                pieces.append(_harmonics(piece, x, y))
            return cls(tuple(cuts), tuple(pieces), fuzz, _ceiling(expr, x, y))

    def second_moment(self, order: int, radial: Mapping[int, Any]) -> arb:
        """E[(mean over the rotations by 2 pi k / order of f - sum_d radial[d] r^d)^2] as a ball.

        >>> x, y = sp.symbols("x y", real=True)
        >>> relu = Polar.of(sp.Max(0, x), x, y)
        >>> relu.second_moment(1, {}).overlaps(arb(1) / 2), relu.second_moment(2, {}).overlaps(arb(1) / 4)
        (True, True)
        """
        with precision(BITS):
            period = 2 * arb.pi() / order
            points, width = self._breakpoints(period)
            control = {degree: constant(value) for degree, value in radial.items()}
            total = arb(0)
            for left, right in pairwise(points):
                total = total + _square_integral(self._averaged((left + right) / 2, order, control), left, right)
            return total / period + arb(0, (2 * (self.fuzz + width) / period * self._most(control)).upper())

    def _breakpoints(self, period: arb) -> tuple[list[arb], arb]:
        """The cuts modulo the period in order, as exact numbers, and how wide the balls are in which they lie."""
        reduced = _sorted([cut - math.floor(float((cut / period).mid())) * period for cut in self.cuts])
        reduced.append(reduced[0] + period)
        points = [reduced[0].mid()]
        width = 2 * reduced[0].rad()
        for ball in reduced[1:]:
            if ball.lower() > points[-1] + NARROW:
                points.append(ball.mid())
                width = width + 2 * ball.rad()
            else:
                width = width + 2 * ball.union(points[-1]).rad()
        return points, width

    def _averaged(self, at: arb, order: int, control: Mapping[int, arb]) -> Harmonics:
        """The coefficients of the average over rotations, less the control, on the segment around an angle."""
        step = 2 * arb.pi() / order
        mean: Harmonics = {degree: {0: acb(-value)} for degree, value in control.items()}
        for k in range(order):
            for degree, terms in self._piece(at + k * step).items():
                row = mean.setdefault(degree, {})
                for n, value in terms.items():
                    row[n] = row.get(n, acb(0)) + value * acb(0, n * k * step).exp() / order
        return mean

    def _piece(self, angle: arb) -> Harmonics:
        """The sector of an angle; raises Unsupported where it cannot be told."""
        turns = math.floor(float(((angle - self.cuts[0]) / (2 * arb.pi())).mid()))
        angle = angle - turns * 2 * arb.pi()
        index = -1
        for place, cut in enumerate(self.cuts):
            if angle > cut:
                index = place
            elif not angle < cut:
                raise Unsupported("an angle cannot be told from a kink")
        return self.pieces[index]

    def _most(self, control: Mapping[int, arb]) -> arb:
        """A bound of the angular means of (unit - c)^2, for f itself and for every way to take the pieces."""
        sizes = dict(self.ceiling)
        for degree, value in control.items():
            sizes[degree] = sizes.get(degree, arb(0)) + abs(value)
        for piece in self.pieces:
            for degree, terms in piece.items():
                sizes[degree] = sizes.get(degree, arb(0)) + sum((abs(value) for value in terms.values()), arb(0))
        return sum((radial_moment(d + e) * a * b for d, a in sizes.items() for e, b in sizes.items()), arb(0))


def _cuts(expr: Any, x: Any, y: Any) -> tuple[list[arb], arb]:
    """The angles of the kinks, all of them on lines through the origin: between two of them no switch changes its branch."""
    if not has_switch(expr):
        return [arb(0)], arb(0)
    for boundary in boundaries(expr):
        line = linear(boundary, [x, y])
        if line is None or not line[1].is_zero:
            raise Unsupported(f"the kink {boundary} is no line through the origin")
    return angles(expr, x, y)


def _ceiling(expr: Any, x: Any, y: Any) -> dict[int, arb]:
    """C (1 + |x| + |y|)^k <= C 2^k (1 + 2^(k/2) r^k), with the degree rounded up."""
    bound = growth(expr, {x: 0.0, y: 0.0})
    if bound is None or bound.b or bound.a:
        raise Unsupported(f"no polynomial bound is known for {expr}")
    degree = math.ceil(bound.k)
    height = abs(bound.C) * 2**degree
    return {0: 2 * height} if degree == 0 else {0: height, degree: height * arb(2) ** (arb(degree) / 2)}


@lru_cache(maxsize=256)
def polar_form(expr: Any, x: Any, y: Any) -> Polar | None:
    """The polar form of an integrand, or None where it has none."""
    try:
        return Polar.of(expr, x, y)
    except Unsupported:
        return None


def radial_moment(power: int) -> arb:
    """E[r^n] = 2^(n/2) Gamma(n/2 + 1) for the length r of a standard normal vector in the plane."""
    half = arb(power) / 2
    return arb(2) ** half * (half + 1).gamma()


def _sorted(balls: list[arb]) -> list[arb]:
    """By midpoints compared as balls: doubles may tie."""
    for index in range(1, len(balls)):
        place = index
        while place and balls[place].mid() < balls[place - 1].mid():
            balls[place - 1], balls[place] = balls[place], balls[place - 1]
            place -= 1
    return balls


def _harmonics(poly_expr: Any, x: Any, y: Any) -> Harmonics:
    """cos^i t sin^j t = 2^-(i + j) i^-j sum over u, v of C(i, u) C(j, v) (-1)^v exp(i (i + j - 2 u - 2 v) t)."""
    found: Harmonics = {}
    for (i, j), coefficient in sp.Poly(sp.expand(poly_expr), x, y).terms():
        weight = acb(constant(coefficient)) / 2 ** (i + j) * acb(0, -1) ** j
        if weight.is_zero():
            continue
        row = found.setdefault(i + j, {})
        for u in range(i + 1):
            for v in range(j + 1):
                n = i + j - 2 * (u + v)
                row[n] = row.get(n, acb(0)) + weight * math.comb(i, u) * math.comb(j, v) * (-1) ** v
    return found


def _square_integral(mean: Harmonics, left: arb, right: arb) -> arb:
    """sum_{d, e} E[r^(d + e)] int_left^right h_d h_e dt."""
    total = acb(0)
    powers: dict[int, acb] = {}
    for d, first in mean.items():
        for e, second in mean.items():
            inner = acb(0)
            for n, a in first.items():
                for m, b in second.items():
                    if n + m not in powers:
                        powers[n + m] = _exponential_integral(n + m, left, right)
                    inner = inner + a * b * powers[n + m]
            total = total + inner * radial_moment(d + e)
    return total.real


def _exponential_integral(n: int, left: arb, right: arb) -> acb:
    if n == 0:
        return acb(right - left)
    return (acb(0, n * right).exp() - acb(0, n * left).exp()) / acb(0, n)
