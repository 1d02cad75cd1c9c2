"""Variance reduction: orbits keep the law, controls have mean zero, variances are certified, and nothing moves the mean."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import sympy as sp
import torch
from flint import arb
from sympy import stats

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import rounding_bound
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.drawing import draw_sources
from lemmata.numerics.laws import Model, Source, standardise
from lemmata.numerics.quadrature.mean import Integrator
from lemmata.numerics.quadrature.other_laws import moment
from lemmata.numerics.reduction.choice import choose
from lemmata.numerics.reduction.controls import polynomials
from lemmata.numerics.reduction.design import design
from lemmata.numerics.reduction.polar import Polar, polar_form
from lemmata.numerics.reduction.turns import ORDERS, Turn, orders_of
from lemmata.numerics.reduction.unit import Reduction, has_mean
from lemmata.numerics.streams import Stream

R = sp.Rational
x, y = sp.symbols("x y", real=True)
LINE = (Source(x, "Normal"),)
PLANE = (Source(x, "Normal"), Source(y, "Normal"))
MIXED = (Source(x, "Normal"), Source(y, "Uniform"))
s1, s2, s3 = (stats.Normal(f"s{i}", 0, 1) for i in (1, 2, 3))
uniform, exponential = stats.Uniform("w", 0, 1), stats.Exponential("e", 1)
BUDGET = Budget(alpha=1e-10)
SIX = 6.5
"""Standard errors: chances below 1e-10, at draws that are the same in every run."""


def relu_pair(c: Any) -> Any:
    return sp.Max(0, s1) * sp.Max(0, c * s1 + sp.sqrt(1 - c**2) * s2)


def exact_mean(poly: Any, sources: tuple[Source, ...]) -> Any:
    """E of a polynomial, exactly."""
    total = sp.Integer(0)
    for powers, coefficient in sp.Poly(sp.expand(poly), *(source.variable for source in sources)).terms():
        total += coefficient * sp.Mul(*(moment(source, power) for source, power in zip(sources, powers, strict=True)))
    return total


# groups ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sources", [LINE, PLANE, MIXED, (Source(x, "Uniform"),), (Source(x, "Laplace"),)], ids=str)
def test_moments_of_images_are_those_of_the_sources(sources: tuple[Source, ...]) -> None:
    for order in (order for order in orders_of(sources) if order <= 8):
        for powers in product(range(4), repeat=len(sources)):
            monomial = sp.Mul(*(source.variable**power for source, power in zip(sources, powers, strict=True)))
            image = Turn(sources, order).image(monomial, 1)
            assert sp.simplify(sp.expand(exact_mean(image, sources) - exact_mean(monomial, sources))) == 0


@pytest.mark.parametrize("order", ORDERS)
def test_images_of_draws_are_the_exact_images(order: int) -> None:
    turn = Turn(PLANE, order)
    draws = {x: torch.tensor([0.3, -1.7]), y: torch.tensor([2.2, 0.4])}
    orbit = turn.orbit({node: values.double() for node, values in draws.items()})
    for k, node, place in product(range(order), (x, y), range(2)):
        at = {other: float(values.double()[place]) for other, values in draws.items()}
        assert rounding_bound(turn.image(node, k), at).contains(arb(float(orbit[node][k, place])))


@pytest.mark.parametrize("order", ORDERS[1:])
def test_the_map_has_the_order_that_it_says(order: int) -> None:
    """T^order is the identity and no smaller power of T is: both coordinates return after `order` steps."""
    turn = Turn(PLANE, order)
    orbit = turn.orbit({x: torch.tensor([0.6]), y: torch.tensor([1.1])})
    points = [(round(float(a), 5), round(float(b), 5)) for a, b in zip(orbit[x][:, 0], orbit[y][:, 0], strict=True)]
    assert len(set(points)) == order
    assert turn.image(x, order) == x


def test_sources_without_a_symmetry_are_left_alone() -> None:
    lone = (Source(x, "Exponential"),)
    assert orders_of(lone) == (1,)
    assert Turn((Source(x, "Normal"), Source(y, "Exponential")), 2).image(x + y, 1) == y - x


# controls --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sources", [LINE, PLANE, MIXED, (Source(x, "Exponential"),), (Source(x, "Normal"), Source(y, "Exponential"))], ids=str
)
def test_controls_have_mean_zero_and_do_not_move(sources: tuple[Source, ...]) -> None:
    seen = 0
    for order in orders_of(sources):
        turn = Turn(sources, order)
        for control in polynomials(turn):
            seen += 1
            assert exact_mean(control, sources) == 0
            if order <= 8:
                assert sp.simplify(sp.expand(turn.image(control, 1)) - sp.expand(control)) == 0
    assert seen


# certified variances ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [R(1, 2), R(-3, 5), R(0), R(999, 1000)])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_polar_moments_are_those_of_certified_integrals(c: Any, order: int) -> None:
    f = sp.Max(0, x) * sp.Max(0, c * x + sp.sqrt(1 - c**2) * y)
    shift = R(3, 20) * (x**2 + y**2) + R(1, 50)
    mean = Turn(PLANE, order).mean(f)
    by_integral = Integrator(8).mean(Model((f - shift) * (mean - shift), PLANE))
    by_polar = Polar.of(f, x, y).second_moment(order, {0: R(1, 50), 2: R(3, 20)})
    assert by_polar.overlaps(by_integral)
    assert by_polar.rad() <= by_integral.rad()


def random_function(rng: random.Random, depth: int) -> Any:
    """A random polynomial between lines through the origin."""
    line = rng.choice([1, sp.sqrt(2), R(1, 7)]) * (rng.choice([-3, -1, 1, 2]) * x + rng.randint(-3, 3) * y)
    kinds = [
        lambda: sp.Max(0, line),
        lambda: sp.Abs(line),
        lambda: sp.Piecewise((random_function(rng, depth - 1), line > 0), (x - 2 * y, True)),
        lambda: sp.Heaviside(line) * random_function(rng, depth - 1),
        lambda: sp.sign(line) + random_function(rng, depth - 1),
    ]
    return rng.choice(kinds)() if depth else line


@pytest.mark.parametrize("seed", range(8))
def test_polar_moments_of_random_functions_are_those_of_certified_integrals(seed: int) -> None:
    rng = random.Random(seed)
    f = random_function(rng, 2)
    shift = R(rng.randint(-3, 3), 7) * (x**2 + y**2) + R(1, 3)
    form = polar_form(f, x, y)
    assert form is not None
    for order in (1, 2, 4):
        by_integral = Integrator(8).mean(Model((f - shift) * (Turn(PLANE, order).mean(f) - shift), PLANE))
        by_polar = form.second_moment(order, {0: R(1, 3), 2: (shift - R(1, 3)).coeff(x, 2)})
        assert by_polar.overlaps(by_integral), (f, order)


@pytest.mark.parametrize("order", ORDERS)
def test_polar_moments_of_functions_known_in_closed_form(order: int) -> None:
    """relu(x): its average over an even number of rotations is r times a mean of |cos|; a step's is 1/2 from order 2 on."""
    k = sp.Symbol("k", integer=True)
    relu, step = Polar.of(sp.Max(0, x), x, y), Polar.of(sp.Piecewise((1, x > 0), (0, True)), x, y)
    assert step.second_moment(order, {}).overlaps(arb(1) / (2 if order == 1 else 4))
    assert Polar.of(x**2 - y**2 + 3, x, y).second_moment(order, {}).overlaps(arb({1: 13, 2: 13}.get(order, 9)))
    if order > 2:
        half = sp.pi / order
        squares = sp.Sum(sp.cos(2 * sp.pi * k / order) ** 2, (k, 0, order - 1)).doit() if order <= 4 else None
        assert squares is None or squares == sp.Integer(order) / 2
        # on |t| < pi/K the K/2 - 1 (or K/2) nearest rays see a positive cosine: a sum of cosines, cos(t') / sin(pi / K) about its middle
        mean_square = (1 + sp.sin(2 * half) / (2 * half)) / 2 / sp.sin(half) ** 2 / order**2
        from lemmata.numerics.compile.arb import to_arb

        assert relu.second_moment(order, {}).overlaps(2 * to_arb(mean_square))


@pytest.mark.parametrize("gap", [10**3, 10**12, 10**30])
def test_polar_moments_where_kinks_nearly_coincide(gap: int) -> None:
    f = sp.Max(0, y - x / gap) - sp.Max(0, y + x / gap)
    value = Polar.of(f, x, y).second_moment(1, {})
    top = arb(4) / arb(gap) ** 2
    assert value.upper() > 0 and value.lower() <= top
    assert value.rad() < arb(2) ** -50


@pytest.mark.parametrize("gap", [10**3, 10**30, 10**60])
def test_a_high_and_narrow_wedge_is_never_lost(gap: int) -> None:
    """h on 0 < y < x / gap: E f^2 = h^2 atan(1 / gap) / (2 pi), whether or not the two kinks can be told apart."""
    height = 10**40
    f = sp.Piecewise((height, (y > 0) & (y < x / gap)), (0, True))
    exact = arb(height) ** 2 * (arb(1) / gap).atan() / (2 * arb.pi())
    form = polar_form(f, x, y)
    assert form is None or form.second_moment(1, {}).overlaps(exact)
    assert form is None or form.second_moment(4, {}).overlaps(exact / 4)


def test_sums_of_many_kinks_have_a_polar_form() -> None:
    f = sp.Add(*(R(1, k) * sp.Max(0, k * x + (7 * k % 5 - 2) * y) for k in range(1, 13)))
    form = polar_form(f, x, y)
    assert form is not None and form.second_moment(8, {}) < form.second_moment(1, {})


def test_kinks_that_cannot_be_told_apart_have_no_polar_form() -> None:
    assert polar_form(sp.Max(0, y - x / 10**60) - sp.Max(0, y + x / 10**60), x, y) is None
    assert polar_form(sp.Max(0, x - 1), x, y) is None
    assert polar_form(sp.tanh(x), x, y) is None


@pytest.mark.parametrize(
    "quantity",
    [
        relu_pair(R(1, 2)),
        relu_pair(R(-99, 100)),
        sp.Max(0, s1) ** 2,
        sp.tanh(s1) * sp.tanh(R(3, 5) * s1 + R(4, 5) * s2),
        sp.exp(s1 / 2),
        sp.exp(uniform),
        sp.Max(0, s1 + s2 - s3),
        sp.sin(exponential),
        sp.Max(0, s1) * uniform,
    ],
    ids=str,
)
def test_units_have_the_mean_of_the_integrand_and_no_more_than_the_certified_variance(quantity: Any) -> None:
    model = standardise(quantity, {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    plain = Integrator(12).mean(model)
    draws = draw_sources(model.sources, 2**15, Stream(5), "cpu")
    for resolution in (1e-2, 1e-3, 1e-5):
        found = choose(
            model, function, lambda count: draw_sources(model.sources, count, Stream(6), "cpu"), replace(BUDGET, resolution=resolution)
        )
        variance = found.variance(model.expr)
        if variance is None:
            assert found.control == 0
            continue
        units = found.units(function, draws)
        top = float(variance.upper())
        rounding = found.rounding(model.expr, [{node: float(values[i]) for node, values in draws.items()} for i in range(16)])
        assert abs(float(units.mean()) - float(plain.mid())) <= SIX * math.sqrt(top / len(units)) + float(plain.rad()) + rounding
        squares = (units - units.mean()).square()
        assert float(squares.mean()) <= top + SIX * float(squares.std()) / math.sqrt(len(units)) + rounding**2


@pytest.mark.parametrize("order", [2, 4])
def test_a_variance_in_terms_is_that_of_the_product(order: int) -> None:
    f = sp.tanh(x) * sp.tanh(R(3, 5) * x + R(4, 5) * y)
    turn = Turn(PLANE, order)
    control = sp.Add(*(R(1, 20 + index) * each for index, each in enumerate(polynomials(turn))))
    reduction = Reduction(turn, control, R(1, 5))
    shift = control + R(1, 5)
    product_form = Integrator(8).mean(Model((f - shift) * (turn.mean(f) - shift), PLANE))
    in_terms = reduction.variance(f, 8)
    assert in_terms is not None and in_terms.overlaps(product_form)


@pytest.mark.parametrize("sources", [LINE, PLANE, MIXED, (Source(x, "Exponential"),), (Source(x, "Laplace"),)], ids=str)
def test_pilot_points_have_the_moments_of_the_sources(sources: tuple[Source, ...]) -> None:
    turn = Turn(sources, orders_of(sources)[-1])
    points, weights = design(turn, lambda count: draw_sources(sources, count, Stream(4), "cpu"))
    orbit = turn.orbit(points)
    assert abs(float(weights.sum()) - 1) < 2**-40
    for source in sources:
        square = float((orbit[source.variable].square().mean(0) * weights).sum())
        exact = float(moment(source, 2))
        assert abs(square - exact) < (2**-36 if source.family != "Laplace" else 6.5 * exact * math.sqrt(5 / 2**11))


def test_integrands_that_overflow_at_pilot_points_are_sampled_all_the_same() -> None:
    """exp(60 x) is infinite at the outermost nodes and at no draw."""
    model = standardise(sp.exp(60 * s1), {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    found = choose(model, function, lambda count: draw_sources(model.sources, count, Stream(9), "cpu"), BUDGET)
    assert bool(torch.isfinite(found.units(function, draw_sources(model.sources, 2**10, Stream(3), "cpu"))).all())


def test_rotations_with_controls_pay_as_promised() -> None:
    """The ReLU kernel at c = 1/2: variance over squared mean is 6.60 plain, and falls as the fourth power of the order."""
    model = standardise(relu_pair(R(1, 2)), {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    found = choose(model, function, lambda count: draw_sources(model.sources, count, Stream(7), "cpu"), replace(BUDGET, resolution=1e-3))
    variance = found.variance(model.expr)
    assert found.turn.order >= 8 and variance is not None
    assert variance < arb(1) / 10_000


def test_a_mean_that_does_not_exist_gets_no_certificate() -> None:
    """x^3 exp(x^2) averages to 0 over mirror images, and has no mean."""
    for odd in (x**3 * sp.exp(x**2), 1 / x, x * sp.exp(x**2 / 2)):
        assert Reduction(Turn(LINE, 2)).variance(odd) is None
        assert not has_mean(odd, LINE)
    assert Reduction(Turn(LINE, 2)).variance(x**3) is not None


def test_fourth_moments_are_bounded_by_those_of_the_integrand() -> None:
    reduction = Reduction(Turn(LINE, 2), R(1, 4) * (x**2 - 1), R(1, 2))
    of_relu = Integrator(12).mean(Model(sp.Max(0, x) ** 4, LINE))
    bound = reduction.fourth_moment(of_relu)
    true = Integrator(12).mean(Model((reduction.expression(sp.Max(0, x)) - R(1, 2)) ** 4, LINE))
    assert bound is not None and true <= bound


def test_the_choice_is_the_same_every_time() -> None:
    model = standardise(relu_pair(R(1, 3)), {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    one, two = (choose(model, function, lambda count: draw_sources(model.sources, count, Stream(8), "cpu"), BUDGET) for _ in range(2))
    assert one == two and hash(one) == hash(two)


@pytest.mark.parametrize("samples", [2**10, 2**12])
def test_a_small_budget_still_has_a_first_look(samples: int) -> None:
    model = standardise(relu_pair(R(1, 2)), {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    budget = replace(BUDGET, samples=samples, resolution=1e-6)
    found = choose(model, function, lambda count: draw_sources(model.sources, count, Stream(9), "cpu"), budget)
    assert found.evaluations * 2**10 <= samples


def test_coins_and_exponentials_without_gain_stay_plain() -> None:
    model = standardise(stats.Bernoulli("b", R(1, 3)), {})
    function = compile_torch(model.expr, [source.variable for source in model.sources])
    assert choose(model, function, lambda count: draw_sources(model.sources, count, Stream(9), "cpu"), BUDGET).is_plain
