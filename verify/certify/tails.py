"""Inequalities on a ray: f >= 0 on [A, oo) where f, f', ..., f^(k-1) are not negative at A and f^(k) is not negative on the ray."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose_at_precision
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.ranges import INF, Range, Ranges
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import ENTIRE, regular
from lemmata.theory.exact.signs import NONNEGATIVE, NONZERO, POSITIVE, signs
from lemmata.verify.certify.forms import PRECISION
from lemmata.verify.certify.statement import Proved, exactly

DERIVATIVES = 3
"""Derivatives that are tried."""

LARGEST = 300


def holds_on_ray(smaller: Any, larger: Any, symbol: Any, side: Range, strict: bool) -> bool:
    """Whether smaller <= larger (< if strict) on a side with one infinite end, both being regular there.

    By Taylor's theorem with the remainder as an integral, f(A + y) >= f(A) where the derivatives of orders 1 to k - 1 are not
    negative at A and the k-th is not negative on the ray; all of them are shown to be continuous there (`regular`).

    >>> from flint import arb
    >>> x = sp.Symbol("x", real=True)
    >>> holds_on_ray(3 * sp.log(x), x**2, x, Range(arb(3), float("inf")), True)
    True
    """
    if sp.count_ops(larger - smaller) > LARGEST or side.finite() or (isinstance(side.low, float) and isinstance(side.high, float)):
        return False
    y = sp.Dummy("y", nonnegative=True)
    place = {symbol: exactly(side.low) + y if isinstance(side.high, float) else exactly(side.high) - y}
    smaller, larger, ray = smaller.xreplace(place), larger.xreplace(place), Domain((y,))
    if not (regular(smaller, y, ray) and regular(larger, y, ray)):
        return False
    function = larger - smaller
    proofs = Proved(ray)
    whole = {y: Range(arb(0), INF)}
    if strict and _falls_to_its_limit(function, y, ray, whole, proofs):
        return True
    for order in range(DERIVATIVES + 1):
        needed = strict and order == 0
        if _by_sign(function, ray, needed) or _by_range(function, whole, proofs, needed):
            return True
        if not _at_start(function, y, needed):
            return False
        function = sp.diff(function, y)
        if sp.count_ops(function) > LARGEST or not regular(function, y, ray):
            return False
    return False


def _falls_to_its_limit(function: Any, y: Any, ray: Domain, whole: Any, proofs: Proved) -> bool:
    """Whether f > 0 because f >= 0 and f' <= 0 on the ray, f(A) > 0, and f is analytic: were it 0 once, it would be 0 from there on."""
    return (
        _at_start(function, y, True)
        and _analytic(function, ray)
        and _by_range(function, whole, proofs, False)
        and _by_range(-sp.diff(function, y), whole, proofs, False)
    )


def _analytic(expr: Any, ray: Domain) -> bool:
    if not expr.free_symbols or expr.is_Symbol:
        return True
    if not all(_analytic(arg, ray) for arg in expr.args):
        return False
    if isinstance(expr, (sp.Add, sp.Mul, *ENTIRE)):
        return True
    if isinstance(expr, sp.Pow):
        natural = expr.exp.is_Integer and expr.exp > 0
        return bool(natural) or signs(expr.base, ray) <= (NONZERO if expr.exp.is_Integer else POSITIVE)
    return isinstance(expr, sp.log) and signs(expr.args[0], ray) <= POSITIVE


def _by_sign(function: Any, ray: Domain, strict: bool) -> bool:
    return bool(signs(function, ray) <= (POSITIVE if strict else NONNEGATIVE))


def _by_range(function: Any, whole: Any, proofs: Proved, strict: bool) -> bool:
    try:
        low = Ranges(whole, proofs, {})(function).low
    except CannotEvaluate:
        return False
    return bool(low > 0 if strict else low >= 0)


def _at_start(function: Any, y: Any, strict: bool) -> bool:
    try:
        value = enclose_at_precision(function, {y: sp.Integer(0)}, PRECISION)
    except CannotEvaluate:
        return False
    return bool(value > 0 if strict else value >= 0)
