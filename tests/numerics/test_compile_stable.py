"""Correlation maps in d = 1 - c: proved errors hold against balls of 50 digits, ends and divergences are what they are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from flint import arb

from lemmata.numerics.compile.arb import precision, to_arb
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.series import in_one_variable
from lemmata.numerics.compile.stable import StableMap, accuracy_map, stable_function, stable_map
from lemmata.numerics.compile.stable.accuracy import exact, relative_error
from lemmata.numerics.compile.stable.charts import U, at_end
from lemmata.numerics.compile.stable.conditioning import amplification
from lemmata.numerics.compile.stable.places import Side
from lemmata.theory.activations import abs_, erf_, leaky_relu, relu, sign_, sin_, step
from lemmata.theory.kernels import dual

C = sp.Symbol("c", real=True)
UNIT = 2.0**-53
SINGLE = 2.0**-24
SMALLEST_NORMAL = 2.0**-1022

VALUE, GRADIENT, VALUE_IN_SINGLE = 9 * UNIT, 90 * UNIT, 5 * SINGLE
"""The goals: below 10^-15, 10^-14 and 3 10^-7."""


def normalised(f: Any) -> Any:
    """The correlation map of an activation at unit variances, from its derived dual."""
    closed = dual(f).at(1, 1, C)
    return closed / closed.xreplace({C: sp.S.One})


@cache
def derived() -> dict[str, Any]:
    """Maps whose closed forms are derived, by name."""
    return {
        "relu": normalised(relu),
        "step": normalised(step),
        "leaky relu": normalised(lambda x: leaky_relu(x, sp.Rational(1, 10))),
        "abs": normalised(abs_),
        "sign": normalised(sign_),
        "erf": normalised(erf_),
        "sin": normalised(sin_),
        "exp": sp.exp(C - 1),
        "relu squared": normalised(lambda x: relu(x) ** 2),
    }


@cache
def compiled(name: str, end: int = 1) -> StableMap:
    return stable_map(derived()[name], C, end=end)


NAMES = tuple(derived())


def points(seed: int, count: int) -> np.ndarray:
    """Arguments of every size, from both ends."""
    drawn = np.random.default_rng(seed)
    near = 2.0 ** drawn.uniform(-1000, 1, count)
    far = 2 - 2.0 ** drawn.uniform(-50, 0, count)
    return np.concatenate([near, far, drawn.uniform(0, 2, count)])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", [1, -1])
def test_errors_are_below_what_is_proved_which_is_below_the_goal(name: str, end: int) -> None:
    k = compiled(name, end)
    proved = k.error()
    assert proved.value <= VALUE and proved.gradient <= GRADIENT
    d = points(7, 25)
    for order, bound in ((0, proved.value), (1, proved.gradient)):
        for x, found in zip(d, k.derivative(d, order), strict=True):
            true = exact(k, float(x), order)
            if abs(true) > SMALLEST_NORMAL:
                assert relative_error(float(found), true) <= bound


@pytest.mark.parametrize("name", NAMES)
def test_accuracy_maps_meet_the_goals_in_both_types(name: str) -> None:
    for row in accuracy_map(compiled(name), octaves=30):
        proved = compiled(name).error(row.dtype)
        assert row.points > 15 and row.value <= proved.value and row.gradient <= proved.gradient
        assert row.value <= (VALUE if row.dtype == "float64" else VALUE_IN_SINGLE)


def test_the_form_that_is_compiled_naively_would_not_pass() -> None:
    d = np.array([1e-8, 1e-16])
    k = compiled("step")
    naive = np.arccos(1 - d) / np.pi
    wrong = [relative_error(float(found), exact(k, float(x), 0)) for x, found in zip(d, naive, strict=True)]
    assert wrong[0] > 2**20 * UNIT and wrong[1] > 2**46 * UNIT
    assert all(relative_error(float(f), exact(k, float(x), 0)) <= VALUE for x, f in zip(d, k.numpy(d), strict=True))


def test_ends_are_exact_and_derivatives_one_sided() -> None:
    relu_map, step_map, abs_map = compiled("relu"), compiled("step"), compiled("abs")
    ends = np.array([0.0, -0.0, 2.0])
    assert relu_map.numpy(ends).tolist() == [0.0, 0.0, 1.0]
    assert relu_map.slope(ends).tolist() == [1.0, 1.0, 0.0]
    assert step_map.numpy(ends).tolist() == [0.0, 0.0, 1.0]
    assert step_map.slope(ends).tolist() == [np.inf, np.inf, np.inf]
    assert relu_map.derivative(ends, 2).tolist() == [-np.inf, -np.inf, -np.inf]
    assert abs_map.numpy(ends).tolist() == [0.0, 0.0, 0.0]
    assert abs_map.slope(ends).tolist() == [1.0, 1.0, -1.0]
    assert compiled("relu", -1).numpy(ends).tolist() == [0.0, 0.0, 1.0]


def test_outside_and_undefined_are_nan() -> None:
    d = np.array([-1e-300, 2 + 2.0**-51, np.nan, np.inf, -np.inf])
    for order in (0, 1):
        assert np.isnan(compiled("relu").derivative(d, order)).all()
    assert torch.isnan(compiled("relu").torch(torch.from_numpy(d))).all()


def test_subnormal_numbers_are_treated_as_such() -> None:
    tiny = np.array([5e-324, 1e-310, 2.3e-308])
    assert (compiled("relu").numpy(tiny) == tiny).all()
    k = compiled("step")
    for x, found in zip(tiny, k.numpy(tiny), strict=True):
        assert relative_error(float(found), exact(k, float(x), 0)) <= k.error().value


@pytest.mark.parametrize("name", ["relu", "step", "erf", "relu squared"])
def test_gradients_of_torch_are_the_tables(name: str) -> None:
    k = compiled(name)
    d = torch.from_numpy(points(3, 20)).requires_grad_()
    value = k.torch(d)
    (first,) = torch.autograd.grad(value.sum(), d, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), d)
    assert (value.detach().numpy() == k.numpy(d.detach().numpy())).all()
    assert (first.detach().numpy() == k.slope(d.detach().numpy())).all()
    assert (second.numpy() == k.derivative(d.detach().numpy(), 2)).all()


def test_single_precision_keeps_its_type_and_is_rounded_once() -> None:
    d = torch.tensor([1e-30, 1e-3, 1.5], dtype=torch.float32, requires_grad=True)
    value = compiled("relu").torch(d)
    value.sum().backward()
    assert value.dtype == d.dtype and d.grad is not None and d.grad.dtype == d.dtype
    for x, found, slope in zip(d.tolist(), value.tolist(), d.grad.tolist(), strict=True):
        assert relative_error(found, exact(compiled("relu"), x, 0)) <= SINGLE * (1 + 2.0**-20)
        assert relative_error(slope, exact(compiled("relu"), x, 1)) <= SINGLE * (1 + 2.0**-20)


def layers_exactly(k: StableMap, d: float, layers: int) -> Iterator[Any]:
    """The composition and its derivative in balls: F(m + r) lies in F(m) + r F' over the ball, which keeps radii from growing."""
    with precision(400):
        chart = at_end(k.source.kappa, k.source.c, 1)
        x, slope = to_arb(d), arb(1)
        for _ in range(layers):
            ends = [x.mid().sqrt(), x.sqrt()] if chart.root else [x.mid(), x]
            (value, _), (_, steep) = (in_one_variable([1 - chart.expr], U, u, 2, {})[0] for u in ends)
            factor = steep / (2 * ends[1]) if chart.root else steep
            slope = slope * factor
            x = value + (x - x.mid()) * factor
        yield x
        yield slope


@pytest.mark.parametrize("name", ["relu", "exp", "erf", "leaky relu"])
def test_a_thousand_layers_lose_at_most_ten_units_a_layer(name: str) -> None:
    k, start = compiled(name), [1e-9, 1.25]
    for layers in (3, 1000):
        found = k.through(start, layers)
        for x, *rest in zip(start, found.value, found.slope, found.value_error, found.slope_error, strict=True):
            value, slope, error, slope_error = rest
            true, true_slope = layers_exactly(k, x, layers)
            assert relative_error(float(value), true) <= min(error, 10 * layers * UNIT)
            assert relative_error(float(slope), true_slope) <= slope_error
    assert compiled("relu").error_after(1000) <= 10 * 1000 * UNIT
    assert compiled("step").error_after(2) == np.inf


def test_layers_in_torch_are_those_of_numpy() -> None:
    d = torch.tensor([1e-9, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
    value = compiled("relu").torch(d, layers=50)
    value.sum().backward()
    found = compiled("relu").through(d.detach().numpy(), 50)
    assert value.tolist() == found.value.tolist() and d.grad is not None
    for mine, theirs, bound in zip(d.grad.tolist(), found.slope, found.slope_error, strict=True):
        assert abs(mine - theirs) <= 2 * bound * abs(theirs)


def test_a_bound_notices_a_wrong_coefficient() -> None:
    """The same comparison as above, with one coefficient moved by sixteen units: the error then exceeds what was proved."""
    from dataclasses import replace

    table = compiled("relu").table(0)
    first = table.polynomials[0]
    moved = replace(first, coefficients=(first.coefficients[0] * (1 + 16 * UNIT), *first.coefficients[1:]))
    spoiled = replace(table, polynomials=(moved, *table.polynomials[1:]))
    d = np.array([1e-12, 1e-9])
    for x, found in zip(d, spoiled.numpy(d), strict=True):
        assert relative_error(float(found), exact(compiled("relu"), float(x), 0)) > compiled("relu").error().value


def test_steep_maps_are_cut_where_they_need_it() -> None:
    k = stable_map(sp.exp(100 * (C - 1)), C)
    assert k.error().value <= VALUE and k.error().gradient <= GRADIENT
    d = points(11, 25)
    for order in (0, 1):
        for x, found in zip(d, k.derivative(d, order), strict=True):
            assert relative_error(float(found), exact(k, float(x), order)) <= GRADIENT
    long = stable_map(sp.asin(C * sp.Rational(2000, 2001)) / sp.asin(sp.Rational(2000, 2001)), C)
    assert long.error().value <= VALUE
    for x, found in zip(d, long.numpy(d), strict=True):
        assert relative_error(float(found), exact(long, float(x), 0)) <= VALUE


@pytest.mark.parametrize(
    ("kappa", "message"),
    [
        (sp.Symbol("a") * C, "give exact values"),
        ((C - 1) * (C - sp.Rational(1, 3)) ** 2, "no relative error can be proved"),
        (1 / (C - sp.Rational(1, 3)), "no relative error can be proved"),
        (sp.sqrt(sp.sqrt(1 - C)), "no relative error can be proved|singularity"),
        (sp.Abs(C), "no relative error can be proved"),
        (sp.log(1 - C), "not finite|no relative error|zoo|not analytic"),
        (sp.Integer(1), "constant"),
    ],
)
def test_what_cannot_be_compiled_is_refused(kappa: Any, message: str) -> None:
    with pytest.raises(CannotEvaluate, match=message):
        stable_map(kappa, C).table(0)


def test_compositions_need_a_normalised_map() -> None:
    with pytest.raises(CannotEvaluate, match="normalise"):
        stable_map(2 * derived()["relu"], C).numpy(0.5, layers=2)
    with pytest.raises(CannotEvaluate, match="normalise"):
        compiled("relu", -1).torch(torch.tensor(0.5, dtype=torch.float64), layers=2)
    with pytest.raises(CannotEvaluate, match="at least one layer"):
        compiled("relu").numpy(0.5, layers=0)


def test_length_maps_are_accurate_for_small_and_large_lengths() -> None:
    q = sp.Symbol("q", positive=True)
    f = stable_function(2 * sp.asin(2 * q / (1 + 2 * q)) / sp.pi, q, 1e-12, 1e12)
    assert f.error().value <= VALUE and f.error().gradient <= GRADIENT
    for row in accuracy_map(f, octaves=79):
        assert row.points > 20 and row.value <= f.error(row.dtype).value and row.gradient <= f.error(row.dtype).gradient
    assert np.isnan(f.numpy([0.0, 0.99e-12, 1.01e12, -1.0, np.nan])).all()
    d = torch.tensor([1e-12, 1.0, 1e12], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f.torch(d).sum(), d)
    assert slope.tolist() == f.slope(d.detach().numpy()).tolist()


def test_simple_zeros_are_met_and_others_and_empty_intervals_refused() -> None:
    q = sp.Symbol("q", positive=True)
    with pytest.raises(CannotEvaluate, match="no relative error can be proved"):
        stable_function(sp.log(q) ** 2, q, sp.Rational(1, 2), 3).numpy(1.0)
    logarithm = stable_function(sp.log(q), q, sp.Rational(1, 2), 3)
    for x in (0.5, 1 - UNIT, 1 + 2 * UNIT, 1.5, 3.0):
        assert relative_error(float(logarithm.numpy(x)), exact(logarithm, x, 0)) <= VALUE
    assert logarithm.numpy(1.0) == 0 and stable_map(C - C**2, C).slope(0.5) == 0
    with pytest.raises(CannotEvaluate, match="0 < low < high"):
        stable_function(sp.exp(q), q, 2, 1)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_gathered_and_sorted_play_give_the_same_numbers(order: int) -> None:
    d = np.concatenate([points(17, 400), [0.0, 2.0, -1.0, np.nan]])
    for name in ("relu", "abs", "step", "exp"):
        table = compiled(name).table(order)
        index = np.searchsorted(table.edges, d, side="right")
        with np.errstate(all="ignore"):
            gathered = table._gathered(d, index, (table.centres, table.shifts), table.coefficients, np)
        found = table.numpy(d)
        assert ((gathered == found) | (np.isnan(gathered) & np.isnan(found))).all()


@pytest.mark.parametrize("name", ["relu", "step", "abs", "exp"])
def test_on_another_device_a_root_may_be_a_unit_off(name: str) -> None:
    """Torch's square root is not always the nearest double: the proof allows for it."""
    k, d = compiled(name), points(23, 25)
    for order in (0, 1):
        for x, found in zip(d, k.table(order).on_device(torch.from_numpy(d)).tolist(), strict=True):
            true = exact(k, float(x), order)
            assert abs(true) < SMALLEST_NORMAL or relative_error(found, true) <= float(k.table(order).error)


def test_the_finite_differences_of_torch_agree() -> None:
    """An independent look at backward and double backward, where differences are accurate enough."""
    d = torch.tensor([0.3, 0.9, 1.4], dtype=torch.float64, requires_grad=True)
    for name in ("relu", "erf"):
        assert torch.autograd.gradcheck(compiled(name).torch, (d,)) and torch.autograd.gradgradcheck(compiled(name).torch, (d,))


def test_next_to_a_zero_of_the_gradient_it_is_as_accurate_as_elsewhere() -> None:
    """The tangent kernel's map falls and rises again: its gradient has a zero that is no double, from which a piece counts."""
    k = stable_map(C * derived()["step"] + derived()["relu"], C)
    (zero,) = (place for place in k.table(1).places if place.side is Side.ZERO)
    first, second = zero.halves
    assert second != 0 and k.error().gradient <= GRADIENT
    d = [first]
    for _ in range(6):
        d += [float(np.nextafter(d[-1], 2))] if len(d) < 4 else [float(np.nextafter(min(d), 0))]
    for x, found in zip(d + [first - 2.0**-20, first + 2.0**-9], k.slope(d + [first - 2.0**-20, first + 2.0**-9]), strict=True):
        assert relative_error(float(found), exact(k, x, 1)) <= k.error().gradient
    signs = {float(np.sign(k.slope(x))) for x in d}
    assert signs == {1.0, -1.0}
    found = k.torch(torch.tensor([first], dtype=torch.float64), layers=1)
    assert found.item() == float(k.numpy(first))


def test_what_amplifies_errors_is_bounded_by_what_differences_show() -> None:
    """K of a piece is at least the amplification of small steps, and infinite next to a zero."""
    for name in ("relu", "erf", "abs", "exp"):
        k, d = compiled(name), points(31, 30)
        for order in (0, 1):
            factors = amplification(k.source, k.table(order), order).at(d)
            own, following = k.derivative(d, order), k.derivative(d, order + 1)
            with np.errstate(all="ignore"):
                seen = np.abs(d * following / own)
            assert (~np.isfinite(seen) | (seen <= factors * (1 + 2.0**-40))).all()
    tangent = stable_map(C * derived()["step"] + derived()["relu"], C)
    assert np.isinf(amplification(tangent.source, tangent.table(1), 1).factors).any()
