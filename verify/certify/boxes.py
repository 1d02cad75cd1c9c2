"""What holds over the whole domain: boxes for inequalities, one ball where there is no free symbol.

The boxes look where points do not: where the inequality fails on a narrow stretch, the middle of some box shows it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose_at_precision, to_arb
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import assemble, compare, weakest
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import finding

NAME = "interval branch and bound"

PRECISION = 64


REAL_BOXES = 64
"""Boxes that may be spent on showing that one root or arc function is real."""

REACH = 32
"""How far the search for counterexamples goes along a side of the domain that has no end."""


def boxed(claim: Claim, budget: Budget) -> Evidence | None:
    """Boxes over the domain of a closed inequality: a certificate where it holds on each of boxes that cover the domain,
    a counterexample where it fails in the middle of one, None where neither is found.

    A domain without an end is searched up to REACH and never certified; nor is a statement of which it is not shown that
    it is real all over the domain, since balls cut the arguments of roots and arc functions to where these are real.
    """
    if claim.relation is None or claim.relation.is_equality or not claim.symbols:
        return None
    box = claim.domain.box()
    if box is None or any(symbol.is_integer for symbol in box):
        return None
    room = claim.rhs - claim.lhs if claim.relation in (Relation.LE, Relation.LT) else claim.lhs - claim.rhs
    if not isinstance(room, sp.Expr) or getattr(room, "is_Matrix", False):
        return None
    bounded = all(interval.inf is not -sp.oo and interval.sup is not sp.oo for interval in box.values())
    start = {symbol: _ends(interval) for symbol, interval in box.items()}
    paving = pave(room, start, claim.relation in (Relation.LT, Relation.GT), budget.boxes, claim.domain.satisfies)
    if paving.against is not None:
        return finding(claim, paving.against, {}, NAME, Road.SEARCHED, budget)
    if not bounded or not paving.covered or not all(real_throughout(side, box) for side in (claim.lhs, claim.rhs)):
        return None
    because = f"the inequality holds on each of {paving.boxes} boxes that cover the domain"
    return Evidence(Road.SEARCHED, NAME, Outcome.CERTIFIES, Rigour.RIGOROUS, because)


def _ends(interval: Any) -> tuple[arb, arb]:
    """The two ends of an interval, the missing ones REACH away from the other or from 0."""
    low = None if interval.inf is -sp.oo else to_arb(interval.inf)
    high = None if interval.sup is sp.oo else to_arb(interval.sup)
    if low is None:
        low = (arb(0) if high is None else high) - REACH
    if high is None:
        high = (arb(0) if interval.inf is -sp.oo else low) + REACH
    return low, high


def value_certificate(claim: Claim, measured: Any) -> Evidence | None:
    """A statement without free symbols is certified by one rigorous comparison.

    An equality at the budget's resolution; an inequality that the enclosures decide is true however wide they are.
    """
    if claim.symbols or not measured.points:
        return None
    known = measured.best(0)
    if known is None:
        return None
    try:
        left = assemble(claim.lhs, measured.points[0], known, measured.budget.digits)
        right = assemble(claim.rhs, measured.points[0], known, measured.budget.digits)
    except CannotEvaluate:
        return None
    if weakest(left.rigour, right.rigour) is not Rigour.RIGOROUS:
        return None
    assert claim.relation is not None
    outcome = compare(claim.relation, left, right)
    if outcome.outcome is not Outcome.AGREES or outcome.resolution is None:
        return None
    if claim.relation.is_equality:
        decided = outcome.resolution <= measured.budget.resolution
    else:
        decided = clear(claim.relation, left.value, right.value)
    if not decided:
        return None
    because = f"both sides enclosed rigorously, no free symbol; eps = {outcome.resolution:.2g}"
    return Evidence(
        Road.SEARCHED, "enclosure", Outcome.CERTIFIES, Rigour.RIGOROUS, because, {}, outcome.lhs, outcome.rhs, outcome.resolution
    )


def clear(relation: Relation, left: Any, right: Any) -> bool:
    """Whether the enclosures themselves are in the relation, not merely compatible with it."""
    room = right - left if relation in (Relation.LE, Relation.LT) else left - right
    return bool(room >= 0)


@dataclass(frozen=True, slots=True)
class Paving:
    """What boxes showed: whether they cover the start, how many there were, and an exact point where the inequality fails."""

    covered: bool
    boxes: int
    against: dict[Any, Any] | None = None


def pave(room: Any, start: dict[Any, tuple[arb, arb]], strict: bool, most: int, admits: Callable[[Any], bool | None]) -> Paving:
    """Boxes on which room > 0 (or >= 0) is shown, the most doubtful one cut next, until they cover the start box.

    The search ends at a box in whose middle, an admissible point, room < 0; and after `most` boxes.

    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> pave(x**2 + 1, {x: (arb(-1), arb(1))}, True, 10, lambda _: True)
    Paving(covered=True, boxes=1, against=None)
    """
    waiting: list[tuple[float, int, dict[Any, tuple[arb, arb]]]] = []
    done = made = 0

    def put(box: dict[Any, tuple[arb, arb]]) -> dict[Any, Any] | None:
        nonlocal done, made
        made += 1
        low = _least(room, {symbol: a.union(b) for symbol, (a, b) in box.items()})
        if low > 0 or (low == 0 and not strict):
            done += 1
            return None
        heapq.heappush(waiting, (float(low), made, box))
        middle = {symbol: _exactly(((a + b) / 2).mid()) for symbol, (a, b) in box.items()}
        return middle if _negative(room, middle) and admits(middle) is True else None

    against = put(start)
    while against is None and waiting and made < most:
        _, _, box = heapq.heappop(waiting)
        widest = max(box, key=lambda symbol: float((box[symbol][1] - box[symbol][0]).mid()))
        low, high = box[widest]
        middle = ((low + high) / 2).mid()
        against = put({**box, widest: (low, middle)}) or put({**box, widest: (middle, high)})
    return Paving(against is None and not waiting, done, against)


def _least(room: Any, at: dict[Any, arb]) -> float | arb:
    """A lower bound of room over a box; minus infinity where it has no enclosure."""
    try:
        least = enclose_at_precision(room, at, PRECISION).lower()
    except CannotEvaluate:
        return -math.inf
    return least if least.is_finite() else -math.inf


def _negative(room: Any, at: dict[Any, Any]) -> bool:
    try:
        return bool(enclose_at_precision(room, at, PRECISION) < 0)
    except CannotEvaluate:
        return False


def _exactly(middle: arb) -> sp.Rational:
    mantissa, exponent = middle.man_exp()
    return sp.Rational(int(mantissa)) * sp.Integer(2) ** int(exponent)


def real_throughout(expr: Any, box: Mapping[Any, Any]) -> bool:
    """Whether every root and arc function of an expression is shown to be real on a box of bounded intervals.

    What has to be nonnegative is so by SymPy's assumptions, or it is a polynomial in one symbol without a change of sign
    (exactly, by Sturm's theorem), or balls show it.

    >>> x = sp.Symbol("x", real=True)
    >>> box = {x: sp.Interval(-1, 1)}
    >>> real_throughout(sp.sqrt(1 - x**2) * sp.acos(x), box), real_throughout(sp.cos(2 * sp.acos(2 * x)), box)
    (True, False)
    """
    return all(_nonnegative(gap, box) for gap in dict.fromkeys(gap for node in sp.preorder_traversal(expr) for gap in _gaps(node)))


def _gaps(node: Any) -> list[Any]:
    """What must not be negative for a function to be real; logarithms are left out, since their balls are infinite at the end."""
    if isinstance(node, sp.Pow) and not node.exp.is_integer:
        return [node.base]
    if isinstance(node, (sp.asin, sp.acos)):
        return [1 - node.args[0], 1 + node.args[0]]
    if isinstance(node, sp.acosh):
        return [node.args[0] - 1]
    if isinstance(node, (sp.asec, sp.acsc)):
        return [node.args[0] ** 2 - 1]
    return [node.args[0], 1 - node.args[0]] if isinstance(node, sp.asech) else []


def _nonnegative(gap: Any, box: Mapping[Any, Any]) -> bool:
    if gap.is_nonnegative or gap.xreplace({symbol: _signed(symbol, interval) for symbol, interval in box.items()}).is_nonnegative:
        return True
    symbols = gap.free_symbols
    if len(symbols) == 1 and gap.is_polynomial(*symbols):
        (symbol,) = symbols
        interval, polynomial = box[symbol], sp.Poly(gap, symbol)
        if interval.inf.is_Rational and interval.sup.is_Rational and all(c.is_Rational for c in polynomial.all_coeffs()):
            return _keeps_its_sign(polynomial, interval.inf, interval.sup)
    return pave(gap, {symbol: _ends(interval) for symbol, interval in box.items()}, False, REAL_BOXES, lambda _: False).covered


def _signed(symbol: Any, interval: Any) -> Any:
    """The symbol, or one that is known to have the sign that its interval has."""
    if interval.inf >= 0:
        return sp.Dummy(nonnegative=True)
    return sp.Dummy(nonpositive=True) if interval.sup <= 0 else symbol


def _keeps_its_sign(polynomial: Any, low: Any, high: Any) -> bool:
    """Whether a polynomial is nowhere negative between rational ends: no root of odd order inside, and no negative value."""
    for factor, order in polynomial.sqf_list()[1]:
        inside = factor.count_roots(low, high) - sum(factor.eval(end) == 0 for end in {low, high})
        if order % 2 and inside > 0:
            return False
    count = polynomial.degree() + 2
    return all(polynomial.eval(low + (high - low) * sp.Rational(k, count)) >= 0 for k in range(count + 1))
