"""Where a statement has no truth: at points at which something in it has no real value, and how points are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from lemmata.numerics.undefined import without_real_value
from lemmata.theory.printing import text
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

CLOSED = "ball arithmetic"


def undefined(claim: Claim, at: Mapping[Any, Any]) -> Evidence | None:
    """What has no real value at a point, within quantities too: the statement has no truth there, and nothing there is a counterexample."""
    found = next((lacking for side in (claim.lhs, claim.rhs) if (lacking := without_real_value(side, at)) is not None), None)
    if found is None:
        return None
    where = "exclude the point in `given`" if at else "narrow the range or the law in the statement"
    because = f"{place_in_words(at)}{found}, and a statement without a value has no truth: {where}"
    return Evidence(Road.MEASURED, CLOSED, Outcome.LACKING, Rigour.EXACT, because, written(at))


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
    return f"at {', '.join(f'{symbol} = {value}' for symbol, value in written(at).items())} " if at else ""


def written(at: Mapping[Any, Any]) -> dict[str, str]:
    """A point as text, exact values and all."""
    return dict(sorted((symbol.name if type(symbol) is sp.Symbol else str(symbol), value_text(value)) for symbol, value in at.items()))


def value_text(value: Any) -> str:
    """A value of a point as text; a rational without a walk of SymPy's printer."""
    if isinstance(value, sp.Rational):
        return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"
    return str(value.tolist()) if hasattr(value, "tolist") else str(value)
