"""How fast a continuous piecewise polynomial of degree at most two can rise or fall: by its slopes at the ends of its pieces.

f(y + h) - f(y) <= m h for h >= 0 where f is continuous and f' <= m on every piece; f' is affine on a piece, so that its ends decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, signs

SWITCHES = (sp.Max, sp.Heaviside)


class SlopeBound(Rule):
    """A bound on f(y + h) - f(y) by the slopes of f on its pieces; the side on which it lies is the class's."""

    link: ClassVar[Link]

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        _, _, h, m, _ = _arguments(expr, args)
        side = "most" if self.link is Link.AT_MOST else "least"
        because = rf"the map is continuous and its slope is at {side} ${sp.latex(m)}$ at both ends of every piece, where it is affine"
        return Rewrite(m * h, because, self.link)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        _, _, h, m, knots = _arguments(before, args)
        if rewrite.after != m * h:
            raise NotDischarged("the bound is not the slope times the distance")
        sign = 1 if self.link is Link.AT_MOST else -1
        bounded_slopes(args[0], h, knots, domain, lambda slope: sign * (m - slope))


@final
class SlopesAtMost(SlopeBound):
    """`(slopes_at_most, f, y, h, m, knots)`: f(y + h) - f(y) <= m h.

    f is a Lambda built of polynomials, Max(0, .) and Heaviside of affine arguments that vanish at the knots, given in rising order.
    """

    name = "slopes_at_most"
    link = Link.AT_MOST


@final
class SlopesAtLeast(SlopeBound):
    """`(slopes_at_least, f, y, h, m, knots)`: f(y + h) - f(y) >= m h; see `SlopesAtMost`."""

    name = "slopes_at_least"
    link = Link.AT_LEAST


def bounded_slopes(f: Any, h: Any, knots: Sequence[Any], domain: Domain, room: Any) -> None:
    """Prove that `room(slope)` >= 0 for the slopes of every piece, that f is continuous, and h >= 0; raises NotDischarged."""
    if not signs(h, domain) <= NONNEGATIVE:
        raise NotDischarged(f"{h} >= 0 is not proved")
    for left, right in zip(knots, knots[1:], strict=False):
        if signs(right - left, domain) != POSITIVE:
            raise NotDischarged(f"the knots {left} and {right} are not proved to be in rising order")
    (z,) = f.variables
    pieces = [piece_of(f, knots, place) for place in range(len(knots) + 1)]
    for place, knot in enumerate(knots):
        before, after = pieces[place].xreplace({z: knot}), pieces[place + 1].xreplace({z: knot})
        there = _at_knot(f, knots, place)
        if not (exact.is_zero(before - after, domain) is True and exact.is_zero(there - after, domain) is True):
            raise NotDischarged(f"the map is not proved continuous at {knot}")
    for place, piece in enumerate(pieces):
        slope = sp.diff(piece, z)
        # a polynomial, not only what SymPy differentiates to 0: the derivative of a Piecewise does not see its jumps
        if not piece.is_polynomial(z) or exact.is_zero(sp.diff(slope, z, 2), domain) is not True:
            raise NotDischarged("a piece is no polynomial of degree two at most")
        ends = [*knots[max(0, place - 1) : place], *knots[place : place + 1]]
        if len(ends) < 2 and exact.is_zero(sp.diff(slope, z), domain) is not True:
            raise NotDischarged("the slope of an unbounded piece is not constant")
        for end in ends or [sp.S.Zero]:  # without knots the one slope is constant: any place shows it
            if not signs(sp.factor(sp.together(room(slope.xreplace({z: end})))), domain) <= NONNEGATIVE:
                raise NotDischarged(f"the slope at the end {end} of a piece is not proved to keep to the bound")


def piece_of(f: Any, knots: Sequence[Any], place: int) -> Any:
    """f on the piece left of the knot at that place (after the last knot, for the place past it), without its switches.

    >>> z = sp.Symbol("z", real=True)
    >>> f = sp.Lambda(z, sp.Max(0, z - 1) + sp.Max(0, -z - 1))
    >>> [piece_of(f, (-1, 1), place) for place in (0, 1, 2)]
    [-z - 1, 0, z - 1]
    """
    return _resolved(f, knots, lambda root: 1 if root < place else -1)


def _at_knot(f: Any, knots: Sequence[Any], place: int) -> Any:
    value = _resolved(f, knots, lambda root: (root < place) - (root > place))
    return value.xreplace({f.variables[0]: knots[place]})


def _resolved(f: Any, knots: Sequence[Any], side: Any) -> Any:
    """f with every switch replaced by what it is where the variable lies on `side` (-1, 0, 1) of its knot, by the knot's place."""
    (z,) = f.variables
    values: dict[Any, Any] = {}
    for node in f.expr.atoms(*SWITCHES):
        argument = _argument(node)
        rise = sp.diff(argument, z)
        if rise not in (1, -1) or argument.atoms(*SWITCHES):
            raise NotDischarged(f"the switch {node} is not at a knot plus or minus the variable")
        sign = rise * side(_place(z - rise * argument, knots))
        if isinstance(node, sp.Max):
            values[node] = argument if sign > 0 else sp.S.Zero
        else:
            values[node] = sp.Rational(1 + sign, 2)
    return f.expr.xreplace(values)


def _argument(node: Any) -> Any:
    if isinstance(node, sp.Heaviside):
        if node.args[1:] not in ((), (sp.S.Half,)):
            raise NotDischarged(f"{node} has another value at 0 than 1/2")
        return node.args[0]
    others = [arg for arg in node.args if arg != 0]
    if len(others) != 1 or len(node.args) != 2:
        raise NotDischarged(f"{node} is not Max(0, .)")
    return others[0]


def _place(root: Any, knots: Sequence[Any]) -> int:
    for place, knot in enumerate(knots):
        if sp.cancel(sp.expand(root) - knot) == 0:
            return place
    raise NotDischarged(f"the switch at {root} is not among the knots")


def _arguments(expr: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any, Any, Sequence[Any]]:
    if len(args) != 5 or not isinstance(args[0], sp.Lambda) or len(args[0].variables) != 1:
        raise NotApplicable("give the map as a Lambda, y, h, the slope and the knots")
    f, y, h, m, knots = args
    if expr != f(y + h) - f(y):
        raise NotApplicable("the expression is not f(y + h) - f(y) for the given map")
    return f, y, sp.sympify(h), sp.sympify(m), tuple(sp.sympify(knot) for knot in knots)


slopes_at_most = SlopesAtMost()
slopes_at_least = SlopesAtLeast()
