r"""An activation off the real line: where it is analytic, and how large it is there, proved.

- **Strips** |Im z| <= w come from the growth of the expression (`quadrature.growth`).
- **Discs** |z - x| <= theta |x| about each real x: half of each is covered by boxes, on each of which the expression is evaluated
  in complex balls with the flag that makes it infinite wherever it might not be analytic; the other half mirrors it.

The function is written in the ways that are finite where it is: tanh(log g) = 1 - 2/(1 + g^2), and in powers of E = exp(-x) on
the right and E = exp(x) on the left, logarithms of quotients taken apart. These are identities on the real line, so
wherever both forms are analytic on a connected set with real points they are the same analytic function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.kernels.lattice import Strip
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.holomorphic import compile_holomorphic
from lemmata.theory.kernels.admissible import X

SHARES = (0.85, 0.6, 0.4, 0.25, 0.12, 0.05, 0.02)
"""The radii theta of discs that are tried."""

MODEST = 1e4
"""Where a bound is below this, smaller discs are no longer tried."""

BOXES = 8
"""Boxes along the radius of a disc."""

DEEPEST = 3
"""A box is quartered so often at most before a disc is given up."""

WIDEST = 4.0
NARROWEST = 2.0**-6

COARSE = 53
"""The working precision of bounds."""

_E = sp.Symbol("E", positive=True)


def forms(expr: Any) -> tuple[Any, Any]:
    """The expression as it is best evaluated for x < 0 and for x > 0.

    >>> forms(sp.log(1 + sp.exp(X)))
    (log(exp(x) + 1), x + log(1 + exp(-x)))
    """
    plain = _without_tanh_of_log(expr)
    return _in_powers(plain, 1), _in_powers(plain, -1)


def _without_tanh_of_log(expr: Any) -> Any:
    def turned(inner: Any) -> Any:
        if isinstance(inner, sp.log):
            return 1 - 2 / (1 + sp.expand(inner.args[0] ** 2))
        return sp.tanh(inner)

    return expr.replace(sp.tanh, turned)


def _in_powers(expr: Any, sign: int) -> Any:
    """exp(n r x) as a power of E = exp(sign r x), quotients cancelled, log(E^k p / (E^l q)) = (k - l) sign r x + log p - log q."""
    rates = [abs(node.args[0].coeff(X)) for node in expr.atoms(sp.exp) if _multiple(node.args[0])]
    if not rates:
        return expr
    rate = sign * sp.gcd_list(rates)
    powers = expr.replace(sp.exp, lambda inner: _E ** (inner.coeff(X) / rate) if _multiple(inner) else sp.exp(inner))

    def logarithm(inner: Any) -> Any:
        top, bottom = sp.fraction(sp.cancel(inner)) if inner.has(_E) else (inner, sp.S.One)
        (k, p), (m, q) = _power_of_e(top), _power_of_e(bottom)
        return (k - m) * rate * X + sp.log(p) - (sp.log(q) if q != 1 else 0)

    simple = powers.replace(sp.log, logarithm)
    done = sp.cancel(simple) if not simple.atoms(sp.Function) and simple.is_rational_function(X, _E) else simple
    return done.xreplace({_E: sp.exp(rate * X)})


def _multiple(inner: Any) -> bool:
    """Is it r x for a rational r?"""
    return bool(inner.coeff(X).is_Rational and inner.coeff(X) != 0 and inner == inner.coeff(X) * X)


def _power_of_e(poly: Any) -> tuple[int, Any]:
    """(k, p) with poly = E^k p, k as large as can be seen."""
    if not poly.is_polynomial(_E):
        return 0, poly
    k = min(sum(monomial) for monomial in sp.Poly(poly, _E).monoms())
    return k, sp.expand(poly / _E**k)


@dataclass
class Continuation:
    """An activation as an expression in X, with what is proved of it off the real line. Raises Unsupported."""

    expr: Any
    scale: float = 1.0
    _sides: tuple[Callable[..., Any], ...] = field(init=False)
    _found: dict[tuple[int, int, float], float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        with precision(COARSE):
            self._sides = tuple(compile_holomorphic(form, [X]) for form in forms(self.expr))

    def strips(self) -> list[Strip]:
        """Strips in which the function is analytic with at most exponential growth, the widest first; none where none is proved."""
        plain, found = _without_tanh_of_log(self.expr), []
        width = WIDEST
        while width > NARROWEST:
            bound = growth(plain, {X: width})
            if bound is not None and bound.a == 0:
                found.append(Strip(width, bound))
                if len(found) == 12:
                    break
            width *= 0.96
        return found

    def radii(self, x: float) -> list[tuple[float, float]]:
        """(theta, M) with |f| <= M on the discs |z - y| <= theta |y| for all y of the cell of x, two of them with moderate M."""
        cell = math.floor(math.log(abs(x)) / math.log(RATIO))
        side = 1 if x > 0 else 0
        found = []
        for theta in SHARES:
            key = side, cell, theta
            if key not in self._found:
                self._found[key] = self._largest(side, cell, theta)
            if math.isfinite(self._found[key]):
                found.append((theta, self._found[key]))
                if len(found) > 1 and self._found[key] < MODEST:
                    break
        return found

    def _largest(self, side: int, cell: int, theta: float) -> float:
        """The bound on z = +-y (1 + theta d) for |d| <= 1 and y in the cell, widened so that rounding cannot leave it."""
        low, high = RATIO**cell * (1 - 1e-9), RATIO ** (cell + 1) * (1 + 1e-9)
        with precision(COARSE):
            about = arb((low + high) / 2, (high - low) / 2 * (1 + 1e-9)) * (1 if side else -1)
            width, worst = 1.0 / BOXES, 0.0
            for i in range(-BOXES, BOXES):
                for j in range(BOXES):
                    x, y = (i + 0.5) * width, (j + 0.5) * width
                    if max(abs(x) - width, 0.0) ** 2 + max(y - width, 0.0) ** 2 > 1:
                        continue
                    worst = max(worst, self._on_box(side, about, theta, x, y, width / 2, 0))
                    if not math.isfinite(worst):
                        return worst
        return worst

    def _on_box(self, side: int, about: arb, theta: float, x: float, y: float, half: float, depth: int) -> float:
        wide = half * (1 + 1e-9)
        factor = acb(1 + theta * arb(x, wide), theta * arb(y, wide))
        value = self._sides[side]((factor * about,), True)
        if value.is_finite():
            return math.nextafter(float(value.abs_upper()), math.inf)
        if depth == DEEPEST:
            return math.inf
        worst, quarter = 0.0, half / 2
        for a in (-quarter, quarter):
            for b in (-quarter, quarter):
                worst = max(worst, self._on_box(side, about, theta, x + a, y + b, quarter, depth + 1))
                if not math.isfinite(worst):
                    return worst
        return worst


RATIO = 1.15
"""Neighbouring cells of |x|: their discs are bounded together."""
