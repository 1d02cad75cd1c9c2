"""Where a statement has no truth: at points at which something in it has no real value, and how points are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose_at_precision
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.places import deepest, depths
from lemmata.numerics.undefined import is_partial, without_real_value
from lemmata.theory.printing import text
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

CLOSED = "ball arithmetic"

BITS, MOST_DEPTHS = 64, 6
"""The precision at which places are proposed, and how many arguments are followed for each symbol."""


SHORT = (2**4, 2**10, 2**20)
"""Denominators up to which a place is rounded, the shortest first: people check a point by hand."""


def undefined(claim: Claim, at: Mapping[Any, Any]) -> Evidence | None:
    """What has no real value at a point, within quantities too: the statement has no truth there, and nothing there is a counterexample."""
    found = next((lacking for side in (claim.lhs, claim.rhs) if (lacking := without_real_value(side, at)) is not None), None)
    if found is None:
        return None
    where = "exclude the point in `given`" if at else "narrow the range or the law in the statement"
    because = f"{place_in_words(at)}{found}, and a statement without a value has no truth: {where}"
    return Evidence(Road.MEASURED, CLOSED, Outcome.LACKING, Rigour.EXACT, because, written(at))


def hidden(claim: Claim, points: Sequence[Mapping[Any, Any]]) -> Evidence | None:
    """Between the points of measurement, symbol by symbol: where an argument of a root or a logarithm seems to be least.

    Floating point proposes; that the point is admissible and has no value is proved.
    """
    sides = [side for side in (claim.lhs, claim.rhs) if is_partial(side)]
    for symbol in claim.symbols if sides and points else ():
        values = sorted({at[symbol] for at in points if getattr(at[symbol], "is_Rational", False)})
        if len(values) < 2 or symbol.is_integer:
            continue
        for depth in list(dict.fromkeys(depth for side in sides for depth in depths(side, {symbol})))[:MOST_DEPTHS]:
            least = deepest(_along(depth, points[0], symbol, values[0], values[-1]))
            if least is None:
                continue
            near = Fraction(int(2**40 * _between(values[0], values[-1], least)), 2**40)
            for denominator in SHORT:
                at = {**points[0], symbol: sp.Rational(near.limit_denominator(denominator))}
                if claim.domain.satisfies(at) is True and (found := undefined(claim, at)) is not None:
                    return found
    return None


def _between(low: Any, high: Any, part: float) -> Any:
    return low + (high - low) * sp.Rational(round(part * 2**20), 2**20)


def _along(depth: Any, at: Mapping[Any, Any], symbol: Any, low: Any, high: Any) -> Callable[[float], float | None]:
    """An argument between two values of a symbol, the others fixed."""

    def value(part: float) -> float | None:
        try:
            return float(enclose_at_precision(depth, {**at, symbol: _between(low, high, part)}, BITS).mid())
        except FAILURES:
            return None

    return value


def without_value(place: Mapping[Any, Any], name: str, reason: str, road: Road) -> Evidence:
    """A quantity without a value at an admissible point leaves the claim open there."""
    at = written(place)
    because = f"{place_in_words(place)}divergent: {reason}; a statement has no truth where a side has no value: restrict `given`"
    return Evidence(road, name, Outcome.UNDECIDED, Rigour.EXACT, because, at)


def closed_side_without_value(claim: Claim, at: Mapping[Any, Any]) -> str | None:
    """A closed side that SymPy finds infinite, undefined or not real at an exact point, printed; None when there is none."""
    for side in (claim.lhs, claim.rhs):
        if not isinstance(side, sp.Expr) or side.is_Matrix or quantities(side) or side.has(sp.MatrixSymbol):
            continue
        try:
            value = substituted(side, at)
        except (ArithmeticError, NotImplementedError, TypeError, ValueError):
            continue
        if value.has(sp.zoo, sp.nan, sp.oo, -sp.oo) or value.is_extended_real is False:
            return text(side)
    return None


def substituted(expr: Any, at: Mapping[Any, Any]) -> Any:
    """An expression with its free symbols replaced by exact values."""
    return expr.xreplace(dict(at)).doit(deep=False) if at else expr


def place_in_words(at: Mapping[Any, Any]) -> str:
    """The point as the beginning of a sentence, empty where there is no free symbol."""
    return f"at {', '.join(f'{symbol} = {value}' for symbol, value in written(at).items())} " if at else ""


def written(at: Mapping[Any, Any]) -> dict[str, str]:
    """A point as text, exact values and all."""
    return dict(sorted((symbol.name if type(symbol) is sp.Symbol else str(symbol), value_text(value)) for symbol, value in at.items()))


def value_text(value: Any) -> str:
    """A value of a point as text; a rational without a walk of SymPy's printer."""
    if isinstance(value, sp.Rational):
        return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"
    return str(value.tolist()) if hasattr(value, "tolist") else str(value)
