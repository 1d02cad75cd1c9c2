"""False statements, each of which lacks one hypothesis of a rule; and the true ones next to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from sympy import I, Lambda, Le, Limit, S, Sum, cos, exp, gegenbauer, oo, pi, sin, sqrt, symbols

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.minima import minimum
from lemmata.theory.near_identity import near_identity_radius
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.fix_variables import fix_variables
from lemmata.theory.rules.near_identity_bounds import near_identity_floor
from lemmata.theory.rules.power_descent import power_limit
from lemmata.theory.rules.power_flow import power_lags, power_law_decay, power_speed
from lemmata.theory.rules.recurrence import power_law
from lemmata.theory.rules.settling import flow_power_law, settles
from lemmata.theory.rules.sphere_harmonics import funk_hecke, relu_harmonics
from lemmata.theory.rules.term_by_term import equal_terms, monotone, one_term, telescopes
from lemmata.theory.trajectory import flow

K, N = symbols("K N", integer=True, positive=True)
i, j = symbols("i j", integer=True)
w, x, y, z, phi = symbols("w x y z phi", real=True)
a, b, p, t = symbols("a b p t", positive=True)
C = sp.Symbol("C")
KERNEL = (sin(phi) + (pi - phi) * cos(phi)) / pi


def chain(expr: Any, *given: Any, also: tuple[Any, ...] = ()) -> Derivation:
    return Derivation(expr, Domain(tuple(sorted({*expr.free_symbols, *also}, key=str)), given))


def approach(gain: Any, start: Any) -> Any:
    """The limit of x + gain (2 - x), iterated N times."""
    return Limit(iterate(Lambda(x, x + gain * (2 - x)), start, N), N, oo)


def decay(loss: Any, start: Any) -> Any:
    return Limit(t * flow(loss, {w: start})[t, w], t, oo)


def settled(loss: Any, start: Any, expr: Any) -> Any:
    return Limit(flow(loss, {w: start})[t, expr], t, oo)


def ridge(rest: Any, order: Any, end: Any) -> Any:
    return sp.Integral(rest * gegenbauer(2 * K, order, cos(phi)) * sin(phi) ** (2 * order), (phi, 0, end))


FALSE: dict[str, Callable[[], Derivation]] = {
    # (1 - 1/(N + 2))^N -> 1/e: steps that shrink with the number of steps do not arrive
    "limit of iterates whose map changes with their number": lambda: chain(approach(1 / (N + 2), S.One)).by(power_limit, 2, 0, 1),
    "limit of iterates whose start changes": lambda: chain(approach(S(1) / 9, 1 / (N + 1))).by(power_limit, 2, 0, 1),
    "power law of a map that changes": lambda: chain(
        Limit(N * (0 - iterate(Lambda(x, x + x**2 / N), -S(1) / 2, N)), N, oo),
    ).by(power_law),
    # w = 1/(1/w_0 + t) from w_0 = 1/t is 1/(2 t)
    "decay of a flow whose start changes": lambda: chain(decay(w**3 / 3, 1 / t)).by(power_law_decay),
    "decay of a flow whose slope changes": lambda: chain(decay(w**3 / 3 + t * w**4 / 4, S.One)).by(power_law_decay),
    "the same for a number as exponent": lambda: chain(decay(w**3 / 3, 1 / t)).by(flow_power_law),
    "a flow that gets slower settles": lambda: chain(settled((w - 2) ** 2 / (2 + 2 * t), S.One, w)).by(settles, 2),
    "what is looked at changes": lambda: chain(settled((w - 2) ** 2 / 2, S.One, w / t)).by(settles, 2),
    "speed backwards in time": lambda: chain(flow((w - 2) ** 2 / 2, {w: 1})[x, w]).by(power_speed, 2, 0, 1, 1),
    "a flow that explodes stays above": lambda: chain(flow(w**3 / 3, {w: 1})[t, w]).by(power_lags, Lambda(x, x**2)),
    "a flow that ends at 0 stays below": lambda: chain(flow(w**3 / 3, {w: 1})[t, w]).by(power_lags, Lambda(x, -1 / x**2)),
    # the values of Sum(1, (j, 0, 1/2)) are those of j = 0 alone
    "a number of terms that is none": lambda: chain(Sum(S.One, (j, 0, p))).by(equal_terms),
    "half a range": lambda: chain(Sum(S.One, (j, 0, N / 2))).by(equal_terms),
    "a telescope that ends between two integers": lambda: chain(Sum(2 * j + 1, (j, 0, p))).by(telescopes, Lambda(x, x**2)),
    "a telescope that begins between two": lambda: chain(Sum(2 * j + 1, (j, S.Half, N))).by(telescopes, Lambda(x, x**2)),
    "a telescope without end": lambda: chain(Sum(1 / ((j + 1) * (j + 2)), (j, 0, oo))).by(telescopes, Lambda(x, -1 / (x + 1))),
    "a telescope with a pole": lambda: chain(Sum(-1 / ((j - 2) * (j - 1)), (j, 0, N))).by(telescopes, Lambda(x, 1 / (x - 2))),
    "one term of a range that is none": lambda: chain(Sum(a**j, (j, 0, p))).by(one_term, 0),
    # j <= i says nothing of the j that is summed over: Sum(i j) = i K (K + 1)/2 may exceed Sum(i^2)
    "the index taken for a free symbol": lambda: chain(a + Sum(i * j, (j, 1, N)), a <= b, Le(j, i), also=(b, j)).by(monotone, {a: b, j: i}),
    "a bound with the index": lambda: chain(a + Sum(p * j, (j, 1, N))).by(monotone, {p: p + j**2}),
    # min (x^2 + y^2) = 0 is not at most min (x^2 - 1)
    "an imaginary value": lambda: chain(minimum(x**2 + y**2, (x, y), [])).by(fix_variables, {y: I}),
    "a value that may be complex": lambda: chain(minimum(x**2 + y**2, (x, y), []), also=(C,)).by(fix_variables, {y: C}),
    "a root of what is negative": lambda: chain(minimum(x**2 + y**2, (x, y), []), also=(z,)).by(fix_variables, {y: sqrt(-1 - z**2)}),
    # (2, i) has the "length" sqrt(3), and its image sqrt(15): no real vector is stretched by sqrt(5)
    "a vector that is not real": lambda: chain(near_identity_radius(sp.diag(2, 1), 3)).by(near_identity_floor, (2, I), (0, 1), (0, 1), 0),
    "a vector of no length": lambda: chain(near_identity_radius(sp.diag(2, 1), 3)).by(near_identity_floor, (0, 0), (0, 1), (0, 1), 0),
    "an order that changes under the integral": lambda: chain(ridge(cos(phi), 1 + phi**2, pi / 2)).by(relu_harmonics),
    "the same for the kernel": lambda: chain(ridge(KERNEL, exp(phi), pi)).by(funk_hecke),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_statement_that_lacks_one_hypothesis_is_refused(name: str) -> None:
    with pytest.raises((NotApplicable, NotDischarged)):
        FALSE[name]()


def test_the_true_neighbours_are_derived() -> None:
    assert chain(approach(S(1) / 9, S.One)).by(power_limit, 2, 0, 1).end == 2
    assert chain(decay(w**3 / 3, S.One)).by(power_law_decay).end == 1
    assert chain(decay(w**3 / 3, S.One)).by(flow_power_law).end == 1
    assert chain(settled((w - 2) ** 2 / 2, S.One, w)).by(settles, 2).end == 2
    assert chain(flow((w - 2) ** 2 / 2, {w: 1})[t, w]).by(power_speed, 2, 0, 1, 1).link is Link.AT_LEAST
    assert chain(flow(w**3 / 3, {w: 1})[t, w]).by(power_lags, Lambda(x, x)).link is Link.AT_MOST
    assert chain(flow(w**3 / 3, {w: 1})[t, w]).by(power_lags, Lambda(x, -x)).link is Link.AT_LEAST
    assert chain(Sum(S.One, (j, 2, N))).by(equal_terms).end == N - 1
    assert chain(a + Sum(i * j, (j, 1, N)), a <= b, also=(b,)).by(monotone, {a: b}).end == b + Sum(i * j, (j, 1, N))
    assert chain(minimum(x**2 + y**2, (x, y), [])).by(fix_variables, {y: sqrt(2)}).end == minimum(x**2 + 2, (x,), [])
    assert chain(ridge(cos(phi), a, pi / 2)).by(relu_harmonics).link is Link.EQUAL


def test_parts_are_replaced_before_what_is_inside_them() -> None:
    """u^2 <= u for u <= 1, once u^2 is a part of its own: -u^2 >= -u whatever else becomes of u."""
    derived = chain(a - a**2, a <= 1, b <= a, also=(b,)).by(monotone, {a: b, a**2: a})
    assert derived.link is Link.AT_LEAST
    assert derived.end == b - a
