"""Bounds of parts, of integrals, of minima, limits and absolute values: what is true is derived, what is false is not discharged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.caps import cap, cap_at_least, cap_bound, cap_integrals
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.minima import minimum
from lemmata.theory.rules.bound_integral import bound_integral
from lemmata.theory.rules.bound_part import bound_part
from lemmata.theory.rules.fix_variables import fix_variables
from lemmata.theory.rules.inequality import at_least, at_most
from lemmata.theory.rules.limit_inside import limit_inside
from lemmata.theory.rules.triangle import reverse_triangle

x, y = sp.symbols("x y", real=True)
a, b, t = sp.symbols("a b t", positive=True)
u = sp.Symbol("u", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)
z = sp.Symbol("z", positive=True)


def begun(expr: Any, *given: Any) -> Derivation:
    return Derivation(expr, Domain(tuple(sorted(expr.free_symbols, key=str)), given))


# Parts


@pytest.mark.parametrize(
    ("expr", "part", "bound", "link"),
    [
        (sp.log(1 + sp.exp(x)), 1 + sp.exp(x), sp.exp(x), Link.AT_LEAST),
        (1 / (1 + a), 1 + a, a, Link.AT_MOST),
        (-(a**2) - sp.sin(x), sp.sin(x), sp.Integer(1), Link.AT_LEAST),
        (sp.exp(-sp.sqrt(a + 1)), a + 1, sp.Integer(1), Link.AT_MOST),
        (b * (a + 1) ** 3, a + 1, a, Link.AT_LEAST),
    ],
)
def test_a_part_moves_the_expression_to_the_right_side(expr: Any, part: Any, bound: Any, link: Link) -> None:
    found = begun(expr).by(bound_part, part, bound)
    assert found.link is link
    point = {symbol: sp.Rational(3, 2) for symbol in expr.free_symbols}
    gap = (found.end - expr).xreplace(point)
    assert exact.nonnegative(gap if link is Link.AT_MOST else -gap)


@pytest.mark.parametrize(
    ("expr", "part", "bound"),
    [
        (sp.sin(x) ** 2 - sp.sin(x), sp.sin(x), sp.Integer(1)),  # falls, then rises
        (sp.sin(1 + a), 1 + a, a),
        (1 / x, x, sp.Integer(1)),  # a pole between, and neither side known
        (sp.exp(a), a, b),  # a and b in no order
        (1 / (x - 1), x, x - 1),  # a pole between
        (sp.log(x), x, x + 1),  # not real everywhere between
        (sp.Abs(x + 1), x + 1, x),
        (sp.floor(sp.sin(x)), sp.sin(x), sp.Integer(1)),
        (sp.sign(a - 1), a - 1, a),
    ],
)
def test_a_part_that_is_not_monotone_or_not_bounded_is_not_replaced(expr: Any, part: Any, bound: Any) -> None:
    with pytest.raises(NotDischarged):
        Derivation(expr, Domain((x, a, b))).by(bound_part, part, bound)


def test_a_symbol_in_place_of_a_part_must_cover_it() -> None:
    where = Domain((x, a))
    assert Derivation(sp.exp(-a), where).by(bound_part, sp.exp(-a), 1 - a, (t, a)).link is Link.AT_LEAST
    with pytest.raises(NotDischarged, match="not proved to be among the values"):
        Derivation(sp.exp(x) + a, where).by(bound_part, sp.exp(x), 1 + x + x**2 / 2, (u, x))  # true for x >= 0 only
    with pytest.raises(NotDischarged, match="not a new real symbol"):
        Derivation(sp.exp(-a), where).by(bound_part, sp.exp(-a), 1 - a, (a, a))
    whole = sp.Symbol("k", integer=True, nonnegative=True)
    with pytest.raises(NotDischarged, match="not proved to be among the values"):
        Derivation(sp.exp(-a), where).by(bound_part, sp.exp(-a), 1 - a, (whole, a))


def test_bound_variables_are_no_parts() -> None:
    integral = sp.Integral(sp.exp(z), (z, 0, 1))
    with pytest.raises(NotApplicable, match="closed expressions"):
        Derivation(integral + a, Domain((a, z))).by(bound_part, z, sp.Integer(2))
    with pytest.raises(NotApplicable, match="closed expressions"):
        Derivation(sp.Sum(1 / n, (n, 1, 3)) + a, Domain((a,))).by(bound_part, n, n + 1)


@pytest.mark.parametrize("link", [Link.AT_MOST, Link.EQUAL, Link.BELOW])
def test_another_link_than_the_proved_one_is_not_discharged(link: Link) -> None:
    expr, where = sp.log(1 + sp.exp(x)), Domain((x,))
    with pytest.raises(NotDischarged):
        bound_part.check(expr, Rewrite(x, "", link), 1 + sp.exp(x), sp.exp(x), domain=where)


# Powers with symbolic exponents, and hypotheses up to a number: what the rules rest on


def test_a_power_is_continuous_where_its_base_vanishes_for_positive_exponents_only() -> None:
    base = sp.Symbol("s", nonnegative=True)
    assert regular(base**a, base, Domain((base, a)))
    assert not regular(base ** (a - 1), base, Domain((base, a)))
    assert not regular(base**x, base, Domain((base, x)))
    assert not regular((base - 1) ** a, base, Domain((base, a)))


def test_hypotheses_give_signs_up_to_numbers() -> None:
    where = Domain((x,), (x <= sp.pi / 2,))
    assert exact.positive(sp.pi - x, where) and exact.nonnegative(sp.pi / 2 - x, where)
    assert not exact.nonnegative(1 - x, where) and not exact.nonnegative(x, where)
    assert exact.positive(-x + sp.sqrt(3), where)
    assert not exact.nonnegative(x - sp.pi, where)
    assert exact.positive(x - 1, Domain((x,), (x > sp.sqrt(2),)))
    assert not exact.nonnegative(x - 2, Domain((x,), (x > sp.sqrt(2),)))


# Integrals


def test_integrals_are_bounded_from_both_sides() -> None:
    node = sp.Integral(sp.exp(-(z**2)), (z, 0, a))
    above = begun(node).by(bound_integral, node, lambda f, _: f.by(at_most, 1), z)
    assert above.end == a and above.link is Link.AT_MOST
    inverse = begun(1 / node).by(bound_integral, node, lambda f, _: f.by(at_most, 1), z)
    assert inverse.end == 1 / a and inverse.link is Link.AT_LEAST


@pytest.mark.parametrize(
    ("expr", "node", "how", "anti"),
    [
        # the antiderivative of something else
        (sp.Integral(sp.exp(-z), (z, 0, a)), None, lambda f, _: f.by(at_most, 1), z**2),
        # limits in no order
        (sp.Integral(sp.exp(-z), (z, 0, x)), None, lambda f, _: f.by(at_most, 1), z),
        (sp.Integral(sp.exp(-z), (z, a, b)), None, lambda f, _: f.by(at_most, 1), z),
        # a jump in the antiderivative, and a pole inside: -1/z has the derivative of 1/z^2
        (sp.Integral(1 / (z - 1) ** 2, (z, 0, 2)) + a, None, lambda f, s: f.by(at_least, f.start / 2), -1 / (2 * (z - 1))),
        # a coefficient that may be negative
        (x * sp.Integral(sp.exp(-z), (z, 0, a)), 1, lambda f, _: f.by(at_most, 1), z),
        # not linear in the integral
        (sp.sin(sp.Integral(sp.exp(-z), (z, 0, a))), 0, lambda f, _: f.by(at_most, 1), z),
        # under one: 1/I with a bound that may be 0 or less
        (1 / sp.Integral(sp.exp(z), (z, 0, a)), 0, lambda f, _: f.by(at_least, 0 * f.start), 0 * z),
    ],
)
def test_integrals_that_are_not_bounded_so(expr: Any, node: Any, how: Callable[..., Any], anti: Any) -> None:
    chosen = next(iter(expr.atoms(sp.Integral)))
    with pytest.raises((NotDischarged, NotApplicable)):
        Derivation(expr, Domain((a, b, x))).by(bound_integral, chosen, how, anti)


def test_a_derivation_of_another_integrand_is_not_taken() -> None:
    node = sp.Integral(sp.exp(-z), (z, 0, a))
    with pytest.raises(NotApplicable, match="handed"):
        begun(node).by(bound_integral, node, lambda f, s: Derivation(sp.exp(-2 * s), f.domain).by(at_most, 1), z)
    with pytest.raises(NotApplicable, match="handed"):
        begun(node).by(bound_integral, node, lambda f, s: Derivation(f.start, Domain((a, s), (s > 0,))).by(at_most, 1), z)
    with pytest.raises(NotApplicable, match="not bounded from one side"):
        begun(node).by(bound_integral, node, lambda f, _: f, z)


def test_caps_at_every_rank_and_not_at_rank_one() -> None:
    theta, r = sp.Symbol("theta", positive=True), sp.Symbol("r", integer=True, positive=True)
    angle = sp.Le(theta, sp.pi / 2)
    where = Domain((theta, r), (angle, sp.Ge(r, 2)))
    found = cap_at_least(Derivation(cap(theta, r) / 2, where), theta, r)
    assert found.link is Link.AT_LEAST and exact.equal(found.end, cap_bound(theta, r), where)
    for weaker in (
        Domain((theta, r), (angle,)),
        Domain((theta, r), (sp.Ge(r, 2),)),
        Domain((theta, r), (sp.Le(theta, sp.pi), sp.Ge(r, 2))),
    ):
        with pytest.raises((NotDischarged, NotApplicable)):
            cap_at_least(Derivation(cap(theta, r) / 2, weaker), theta, r)
    near, whole = cap_integrals(theta, r)
    assert near / whole == cap(theta, r)


# Minima


p = sp.Symbol("p", real=True)
BOX = [sp.Ge(x, 0), sp.Le(x, 2), sp.Ge(p, -1), sp.Le(p, 1)]


def test_a_minimum_is_at_most_that_of_a_slice() -> None:
    node = minimum((x - p - b) ** 2 + p, (x, p), [*BOX, sp.Le(x + p, 2)])
    found = Derivation(node, Domain((b,))).by(fix_variables, {p: sp.S.Zero})
    assert found.link is Link.AT_MOST
    assert found.end == minimum((x - b) ** 2, x, [sp.Ge(x, 0), sp.Le(x, 2), sp.Le(x, 2)])


@pytest.mark.parametrize("values", [{p: sp.Integer(2)}, {p: b}, {p: -sp.Integer(2)}])
def test_values_that_the_constraints_may_forbid_are_not_discharged(values: dict[Any, Any]) -> None:
    node = minimum((x - p - b) ** 2, (x, p), BOX)
    with pytest.raises(NotDischarged):
        Derivation(node, Domain((b,))).by(fix_variables, values)


def test_what_is_no_choice_of_variables_is_declined() -> None:
    node = minimum((x - p) ** 2, (x, p), BOX)
    for values in ({x: sp.S.Zero, p: sp.S.Zero}, {y: sp.S.Zero}, {}):
        with pytest.raises(NotApplicable):
            Derivation(node, Domain(())).by(fix_variables, values)


# Limits and absolute values


@pytest.mark.parametrize(
    ("inner", "part"),
    [
        (sp.log(1 + sp.exp(z)), sp.exp(z)),
        (sp.log(sp.exp(-z)), sp.exp(-z)),
        (1 / sp.exp(-z), sp.exp(-z)),
        (sp.cos(1 / z**2) / z, 1 / z**2),
        (sp.sign(sp.exp(-z) - sp.Rational(1, 3)), sp.exp(-z)),
        (sp.exp(-x * z), sp.exp(-x * z)),
    ],
)
def test_limits_that_are_not_taken_inside(inner: Any, part: Any) -> None:
    with pytest.raises((NotDischarged, NotApplicable)):
        Derivation(sp.Limit(inner, z, sp.oo), Domain((x,))).by(limit_inside, part)


def test_a_limit_with_a_rate_that_is_proved_negative() -> None:
    assert Derivation(sp.Limit(sp.exp(-a * z), z, sp.oo), Domain((a,))).by(limit_inside, sp.exp(-a * z)).end == 0


def test_parts_that_do_not_add_up_are_not_discharged() -> None:
    with pytest.raises(NotDischarged):
        Derivation(sp.Abs(x - y), Domain((x, y))).by(reverse_triangle, x, y)
    with pytest.raises(NotApplicable):
        Derivation(x - y, Domain((x, y))).by(reverse_triangle, x, -y)
