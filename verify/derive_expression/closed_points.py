"""Lines on the fixed points in closed form, as text or as code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from lemmata.theory.kernels.duals import Dual, Q
from lemmata.theory.kernels.fixed_points import SIGMA_B, SIGMA_W, LengthPoint, chi_at, correlation_point, length_points
from lemmata.verify.clock import TimeUp, at_most
from lemmata.verify.derive_expression.printing import Language, NoCode, printed

TITLE = "the fixed points q* of the length map, and c* of the correlation map at q*, in closed form"
DEADLINE = 20.0
SHORT = 60
"""Operations up to which the slope at c* is written out."""


STABILITY = {True: "; lengths near it approach it", False: "; lengths near it leave it", None: "; lengths approach it where |slope| < 1"}


def points(dual: Dual) -> tuple[LengthPoint, ...] | None:
    """`length_points`, given up after some seconds of the processor."""
    try:
        with at_most(DEADLINE):
            return length_points(dual)
    except TimeUp:
        return None


def fixed_lines(dual: Dual, show: Callable[[Any], str]) -> Iterator[str]:
    """The fixed points as formulas; what has none points to certified numbers."""
    found = points(dual)
    if found is None:
        yield "  no closed form: the length map is no polynomial of low degree; certified numbers: --at sigma_w=1.5,sigma_b=0.3"
        return
    for point in found:
        where = " and ".join(f"{show(one.lhs)} = {show(one.rhs)}" if isinstance(one, sp.Eq) else show(one) for one in point.conditions)
        yield f"  q* = {show(point.q)}{f' where {where}' if where else ''}"
        yield f"    slope of the length map: {show(point.slope)}, xi_q = -1/ln|slope|{STABILITY[point.attracts]}"
    yield from _critical(dual, show)
    if (chi := chi_at(dual, found[0].q if len(found) == 1 else Q)) is not None:
        at = " at q = q*" if chi.has(Q) else ""
        yield f"  chi_1 = {show(chi)}{at}, xi_c = -1/ln(chi_1) at c* = 1 where chi_1 < 1"
    if (other := correlation_point(dual)) is not None:
        yield f"  c* = {show(other.c)} at q = q* where chi_1 > 1, else c* = 1 alone"
        if sp.count_ops(other.slope) <= SHORT:
            yield f"    slope of the correlation map: {show(other.slope)}, xi_c = -1/ln(slope)"


def _critical(dual: Dual, show: Callable[[Any], str]) -> Iterator[str]:
    """Where the length map is the identity, for maps that are a multiple of q."""
    assert dual.length is not None
    rate = sp.cancel(dual.length.end / Q)
    if rate.is_number and rate.is_positive:
        yield f"  without bias q* = 0 alone, and every q where {show(SIGMA_W**2)} = {show(1 / rate)}"


def fixed_code(dual: Dual, language: Language) -> str:
    """`fixed_points(sigma_w, sigma_b)`: the positive q*, nan where there is none; raises NoCode without a closed form."""
    found = points(dual)
    if found is None:
        raise NoCode("the fixed points have no closed form")
    weight, bias = sp.Symbol("sigma_w", positive=True), sp.Symbol("sigma_b", nonnegative=True)
    plain = {SIGMA_W: weight, SIGMA_B: bias}
    values = []
    for point in found:
        text = printed(point.q.xreplace(plain), language)
        for condition in point.conditions:
            left, right = (printed(side.xreplace(plain), language) for side in (condition.lhs, condition.rhs))
            sign = "==" if isinstance(condition, sp.Eq) else condition.rel_op
            text = f"{language.name}.where({left} {sign} {right}, {text}, math.nan)"
        values.append(text)
    body = f"    return {', '.join(values)}"
    if language.name == "numpy":
        body = f'    with numpy.errstate(all="ignore"):\n    {body}'
    return f"def fixed_points(sigma_w, sigma_b):\n{body}"
