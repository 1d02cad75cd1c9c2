"""A second look where the first one cannot decide: SymPy's limit, many more digits, and whether a look is a second one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from flint import arb_mat

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.measurement import Approx, Measurement, Refusal
from lemmata.verify.claim import Claim
from lemmata.verify.clock import TimeUp, at_most
from lemmata.verify.compare import CannotEvaluate, Comparison, Side, assemble, compare

SECONDS_FOR_A_LIMIT = 5.0
"""What SymPy may take for the limit at one exact point, where it is asked to confirm a disagreement."""

MANY_DIGITS = 250
"""Digits at which closed sides that touch are looked at again."""


def same_again(first: Measurement, second: Measurement) -> bool:
    """Whether two floating-point answers are one computation: equal values with equal errors."""
    import numpy as np

    if not (isinstance(first, Approx) and isinstance(second, Approx)):
        return False
    return bool(np.all(first.value == second.value) and np.all(first.error == second.error))


def symbolic_limit(node: Any, at: Mapping[Any, Any], digits: int) -> Measurement:
    """SymPy's limit of a closed expression at one exact point: worth no more than floating point, since nothing checks it.

    >>> x, t = sp.symbols("x t", positive=True)
    >>> symbolic_limit(sp.Limit((1 + x / t) ** t, t, sp.oo), {x: sp.Integer(2)}, 15).value
    7.38905609893065
    """
    body, variable, place, direction = node.xreplace({symbol: value for symbol, value in at.items() if symbol != node.args[1]}).args
    try:
        with at_most(SECONDS_FOR_A_LIMIT):
            value = sp.limit(body, variable, place, str(direction))
        ball = enclose(value, {}, digits=digits)
    except TimeUp:
        return Refusal(f"SymPy found no limit in {SECONDS_FOR_A_LIMIT:g} s")
    except Exception as error:  # SymPy may fail in any way at all
        return Refusal(f"SymPy's limit failed: {type(error).__name__}: {error}")
    if not ball.is_finite():
        return Refusal("SymPy's limit is not finite")
    return Approx(float(ball.mid()), float(ball.rad()) + math.ulp(float(ball.mid())), "SymPy's limit at the exact point")


def closer_look(claim: Claim, at: Mapping[Any, Any], left: Side, right: Side) -> Comparison | None:
    """Closed sides that touch, looked at with many more digits: the comparison where these tell them apart, else None.

    tanh(30) is 1 to 26 places. Numbers written as decimals are what their author rounded, and say nothing beyond that.
    """
    matrix = isinstance(left.value, arb_mat) or isinstance(right.value, arb_mat)
    if matrix or claim.lhs.has(sp.Float) or claim.rhs.has(sp.Float) or not (right.value - left.value).contains(0):
        return None
    try:
        sides = [assemble(side, at, {}, MANY_DIGITS) for side in (claim.lhs, claim.rhs)]
    except CannotEvaluate:
        return None
    assert claim.relation is not None
    gap = sides[0].value - sides[1].value
    if not gap.is_finite() or gap.contains(0):
        return None
    outcome = compare(claim.relation, *sides)
    return replace(outcome, lhs=f"{outcome.rhs} {'+' if gap > 0 else '-'} {abs(gap).str(5, radius=False)}")
