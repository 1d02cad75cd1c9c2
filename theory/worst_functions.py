r"""Functions on which descent on M-smooth functions is slowest: the iterates of two families, and the functions themselves.

In units of M = 1, with step h and gradients of length 1 throughout, k = 0, 1, 2, ... and sigma = (-1)^k:

    straight   w_k = -k h,                                g_k = 1,            L_k - L_{k+1} = h - h^2/4
    zigzag     w_k = (-k h p, sigma h q/2),               g_k = (p, sigma q), L_k - L_{k+1} = h - h^3/4,  q = h/2, p^2 = 1 - q^2

Each pair satisfies the pair inequality of `interpolation`, so that a 1-smooth L with these values and gradients exists
for any n iterates: with Q_k(w) = L_k + <g_k, w - w_k> + |w - w_k|^2/2,

    L(w) = conv(min_k [Q_k(w) + |w|^2/2]) - |w|^2/2

where conv is the convex hull. It is 1-smooth, since a hull of parabolas |w|^2 + affine is |w|^2 folded with a polyhedral
function, convex with curvature at most 2; it takes the values and gradients, by the inequalities; and inf L is
min_k (L_k - |g_k|^2/2), since every Q_k lies above that constant and L below every Q_k. Hence L_0 - L_* is
(n - 1)(L_0 - L_1) + 1/2 and the least squared gradient is 1. Source: Taylor, Hendrickx & Glineur (2017), theorem 3.10;
the formula is the extension of Azagra, Le Gruyer & Mudarra (2018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotDischarged

K = sp.Symbol("k", real=True)
SIGN = sp.Symbol("sigma", real=True)


@dataclass(frozen=True)
class Iterates:
    """Iterates, gradients and values as expressions in k (`K`) and (-1)^k (`SIGN`), with M = 1 and a step."""

    name: str
    step: Any
    point: tuple[Any, ...]
    gradient: tuple[Any, ...]
    value: Any

    def at(self, what: Any, k: Any, sign: Any) -> Any:
        """An entry or a tuple of them at iterate k of the given parity."""
        if isinstance(what, tuple):
            return tuple(self.at(entry, k, sign) for entry in what)
        return sp.expand(sp.sympify(what).xreplace({K: k, SIGN: sign}))

    @property
    def drop(self) -> Any:
        """L_k - L_{k+1}, the same for every k."""
        return sp.expand(self.value - self.value.xreplace({K: K + 1}))

    def discharge(self, nonnegative: Callable[[Any], bool]) -> None:
        """Prove that they are iterates of descent with gradients of length 1 and data of a 1-smooth function; raises NotDischarged."""
        for sign in (1, -1):
            here, there = (self.at(self.point, k, s) for k, s in ((K, sign), (K + 1, -sign)))
            slope = self.at(self.gradient, K, sign)
            moved = [sp.expand(a - b - self.step * g) for a, b, g in zip(here, there, slope, strict=True)]
            _require(not any(moved), "the points are not iterates of descent")
            _require(sp.expand(sum(g**2 for g in slope) - 1) == 0, "a gradient has another length than 1")
            _require(all(nonnegative(g**2) for g in slope), "a gradient is not real")
            for parity, other in ((0, sign), (1, -sign)):
                _require(
                    nonnegative_on_integers(self._room(sign, other), parity, nonnegative),
                    f"the pair inequality of iterates at {'odd' if parity else 'even'} distance was not proved",
                )
        _require(not self.drop.has(K) and nonnegative(self.drop), "the values do not fall by the same amount >= 0 at each step")

    def _room(self, sign: int, other: int) -> sp.Poly:
        """L_i - L_j less what the pair inequality asks for, i = k and j = k + d, as a polynomial in d that k must not enter."""
        d = sp.Symbol("d", real=True)
        wi, wj = self.at(self.point, K, sign), self.at(self.point, K + d, other)
        gi, gj = self.at(self.gradient, K, sign), self.at(self.gradient, K + d, other)
        inner = sum((a + b) * (u - v) for a, b, u, v in zip(gi, gj, wi, wj, strict=True)) / 2
        slopes, apart = (sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) for first, second in ((gi, gj), (wi, wj)))
        room = sp.expand(self.at(self.value, K, sign) - self.at(self.value, K + d, other) - inner - slopes / 4 + apart / 4)
        _require(not room.has(K), "the pair inequality depends on where the pair is")
        return sp.Poly(room, d)


def straight(step: Any) -> Iterates:
    """Iterates on a line, each with the same gradient: the worst for M alpha <= 1.

    >>> straight(sp.Integer(1)).drop
    3/4
    """
    step = sp.sympify(step)
    return Iterates("straight", step, (-K * step,), (sp.S.One,), -K * (step - step**2 / 4))


def zigzag(step: Any) -> Iterates:
    """Iterates to both sides of a line, between which the gradient turns as fast as it may: the worst for 1 <= M alpha <= sqrt(3).

    >>> zigzag(sp.Rational(6, 5)).gradient, zigzag(sp.Rational(6, 5)).drop
    ((4/5, 3*sigma/5), 96/125)
    """
    step = sp.sympify(step)
    across = step / 2
    ahead = sp.sqrt(sp.expand(1 - across**2))
    point, gradient = (-K * step * ahead, SIGN * step * across / 2), (ahead, SIGN * across)
    return Iterates("zigzag", step, point, gradient, -K * sp.expand(step - step**3 / 4))


def nonnegative_on_integers(polynomial: sp.Poly, parity: int, nonnegative: Callable[[Any], bool]) -> bool:
    """Whether c (d^2 + beta d + gamma) >= 0 for all integers d of a parity, beta and gamma rational numbers, c >= 0.

    A parabola is least, among such integers, next to its vertex -beta/2 on either side.

    >>> d = sp.Symbol("d")
    >>> [nonnegative_on_integers(sp.Poly(d**2 - 1, d), parity, lambda c: c >= 0) for parity in (0, 1)]
    [False, True]
    """
    if polynomial.is_zero:
        return True
    if polynomial.degree() != 2:
        return False
    c, b, e = (sp.expand(coefficient) for coefficient in polynomial.all_coeffs())
    beta, gamma = (sp.cancel(coefficient / c) for coefficient in (b, e))
    if not (beta.is_Rational and gamma.is_Rational and nonnegative(c)):
        return False
    below = 2 * sp.floor((-beta / 2 - parity) / 2) + parity
    return all(d**2 + beta * d + gamma >= 0 for d in (below, below + 2))


def slowest(n: int, x: Any, *, constant: Any, step: Any, slope: Any = 1) -> Any:
    r"""The function of one variable on which n gradients of descent from x = 0 all equal `slope`, with least value 0.

        L(x) = (M/2)[(x - x_*)^2 - 2 sum_{k=1}^{n-1} (x - x_k)_+^2 + 2 sum_{k=1}^{n-1} (x - m_k)_+^2 - (x - x_0)_+^2]

    x_k = -k alpha g the iterates, m_k = x_k + alpha g/2 between them, x_* = x_{n-1} - g/M. Its curvature is M up to x_{n-1},
    then -M and M in turns, 0 from x_0 on; its slope falls from g by M alpha g/2 between iterates: M-smooth, and for M alpha <= 2
    never rising to the left of x_*.

    >>> x = sp.Symbol("x", real=True)
    >>> L = slowest(2, x, constant=1, step=1)
    >>> L.subs(x, 0), [sp.diff(L, x).subs(x, -k) for k in (0, 1, 2)]
    (5/4, [1, 1, 0])
    """
    constant, step, slope = (sp.sympify(part) for part in (constant, step, slope))
    points = [-k * step * slope for k in range(n)]
    least = points[-1] - slope / constant
    turns = [sp.Max(0, x - p) ** 2 - sp.Max(0, x - p - step * slope / 2) ** 2 for p in points[1:]]
    return constant * ((x - least) ** 2 / 2 - sp.Add(*turns) - sp.Max(0, x) ** 2 / 2)


def slowest_zigzag(n: int, x: Any, y: Any, *, step: Any) -> Any:
    """The function of two variables, M = 1, on which n gradients of descent from `zigzag(step)` have length 1; least value 0.

    The hull of the parabolas of the n iterates, whose polyhedral function lies over the zigzag of the points (w_k - g_k)/2:
    corners, edges between neighbours and next neighbours, triangles between three in turn. One branch for each of them.

    >>> x, y = sp.symbols("x y", real=True)
    >>> len(slowest_zigzag(4, x, y, step=sp.Rational(6, 5)).args)
    11
    """
    found, w = zigzag(step), sp.Matrix([x, y])
    data = [[found.at(what, sp.Integer(k), (-1) ** k) for what in (found.point, found.gradient, found.value)] for k in range(n)]
    points, slopes = ([sp.Matrix(row[column]) for row in data] for column in (0, 1))
    corners = [(p - g) / 2 for p, g in zip(points, slopes, strict=True)]
    # with M = 1: L_k - <g_k, w_k>/2 + |w_k|^2/4 - |g_k|^2/4, the least value of the k-th parabola
    heights = [row[2] - (g.dot(p) - (p.dot(p) - 1) / 2) / 2 for row, p, g in zip(data, points, slopes, strict=True)]
    lowest = data[-1][2] - sp.Rational(1, 2)

    def above(others: Any, k: int, slope: Any) -> list[Any]:
        return [heights[j] - heights[k] - slope.dot(corners[j] - corners[k]) for j in others if 0 <= j < n]

    branches = []
    for k in range(n):
        away = w - corners[k]
        branches.append((heights[k] + away.dot(away), above((k - 2, k - 1, k + 1, k + 2), k, 2 * away)))
    for j, k in [(k, k + d) for d in (1, 2) for k in range(n - d)]:
        along, away, rise = corners[k] - corners[j], w - corners[j], heights[k] - heights[j]
        t = (away.dot(along) - rise / 2) / along.dot(along)
        off = away - t * along
        thirds = (j - 1, j + 2) if k == j + 1 else (j + 1,)
        branches.append((heights[j] + t * rise + off.dot(off), [t, 1 - t, *above(thirds, j, 2 * off)]))
    for k in range(n - 2):
        sides = sp.Matrix([(corners[k + d] - corners[k]).T for d in (1, 2)])
        slope = sides.solve(sp.Matrix([heights[k + d] - heights[k] for d in (1, 2)]))
        first, second = sides.T.solve(w - slope / 2 - corners[k])
        value = heights[k] + slope.dot(w - corners[k]) - slope.dot(slope) / 4
        branches.append((value, [first, second, 1 - first - second]))
    pieces = [
        (sp.expand(value - w.dot(w) / 2 - lowest), sp.And(*(sp.expand(room) >= 0 for room in inside if sp.expand(room) != 0)))
        for value, inside in branches
    ]
    return sp.Piecewise(*pieces[:-1], (pieces[-1][0], True))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotDischarged(otherwise)
