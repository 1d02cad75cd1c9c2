"""Printed code is run: near c = 1 and c = -1 its values and gradients are compared with balls of forty digits."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy
import pytest
import sympy as sp
import torch
from flint import arb

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import FAILURES
from lemmata.theory.grammar import read
from lemmata.theory.kernels.duals import Q1, Q2, C, dual
from lemmata.verify.derive_expression.answers import Answer, What, answers
from lemmata.verify.derive_expression.closed_points import fixed_code
from lemmata.verify.derive_expression.code import HEADERS, code, helpers, separated
from lemmata.verify.derive_expression.printing import LANGUAGES, NUMPY, TORCH, NoCode, printed
from lemmata.verify.derive_expression.stable_forms import D, E, W, gradient, stable

KINKED = ["relu", "Max(0, x)^2", "Max(0, x)^3", "abs(x)", "leaky_relu", "relu + x^2", "step(x)", "sign(x)"]
SMOOTH = ["erf", "gelu", "sin", "cos", "exp(x)", "exp(-x^2)", "x*exp(-x^2)", "normal_cdf", "x^2", "x^3 - x", "x", "3"]
NEAR = [sign * (1 - distance) for distance in (0.0, 2.0**-53, 1e-12, 1e-6, 1e-3, 0.1) for sign in (1.0, -1.0)]
VARIANCES = [(0.5, 2.0), (1.0, 1.0), (3.0, 3.0)]
VALUE, GRADIENT = arb(10) ** -14, arb(10) ** -13
PAIRED = frozenset({What.KERNEL, What.SLOPE})


@cache
def _answers(f: str) -> tuple[Answer, ...]:
    return tuple(answers(dual(read(f)), PAIRED))


@cache
def _program(f: str, language: str) -> dict[str, Any]:
    parts = [HEADERS[language], helpers(language, list(_answers(f)))]
    space: dict[str, Any] = {}
    exec("\n\n".join([*parts, *(code(answer, language) for answer in _answers(f))]), space)
    return space


@cache
def _truth(f: str, what: What, index: int, point: tuple[float, float, float]) -> arb | None:
    """The closed form or one of its derivatives; None where it is not finite."""
    (answer,) = (one for one in _answers(f) if one.what is what)
    expr = answer.closed if index == 0 else sp.diff(answer.closed, (Q1, Q2, C)[index - 1])
    try:
        return enclose(expr, {symbol: sp.Rational(number) for symbol, number in zip((Q1, Q2, C), point, strict=True)}, digits=40)
    except FAILURES:
        return None


def _run(f: str, what: What, language: str, point: tuple[float, float, float]) -> list[float]:
    """The value and its three derivatives."""
    space = _program(f, language)
    if language == "python":
        with numpy.errstate(divide="ignore"):
            return [float(part) for part in (space[what.value](*point), *space[f"{what.value}_gradient"](*point))]
    given = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in point]
    value = space[what.value](*given)
    slopes = torch.autograd.grad(value, given, allow_unused=True) if value.requires_grad else (None,) * 3
    return [float(value.detach()), *(0.0 if slope is None else float(slope) for slope in slopes)]


def _off(found: float, truth: arb) -> arb:
    """The relative error; 0 where the truth is 0 and so is the number."""
    return arb(0) if truth.contains(0) and found == 0 else abs(arb(found) - truth) / abs(truth)


@pytest.mark.parametrize("language", ["python", "torch"])
@pytest.mark.parametrize("f", [*KINKED, *SMOOTH])
def test_values_and_gradients_near_the_ends(f: str, language: str) -> None:
    """Against balls: 1e-14 for values, 1e-13 for the derivative in c, wherever these are finite.

    Relative to the number itself; for smooth activations at c < 0, where terms cancel, to the number at -c, which bounds it.
    """
    for answer in _answers(f):
        for variances in VARIANCES:
            for c in NEAR:
                point = (*variances, c)
                found = _run(f, answer.what, language, point)
                assert not any(math.isnan(number) for number in found), (answer.what, point, found)
                for index, most in ((0, VALUE), (3, GRADIENT)):
                    truth = _truth(f, answer.what, index, point)
                    mirrored = None if f in KINKED or c > 0 else _truth(f, answer.what, index, (*variances, -c))
                    if truth is not None:
                        share = arb(1) if mirrored is None or truth.contains(0) else (abs(truth) / abs(mirrored)).min(arb(1))
                        assert _off(found[index], truth) * share < most, (answer.what, point, index)


@pytest.mark.parametrize("f", KINKED)
def test_kinked_kernels_are_accurate_everywhere(f: str) -> None:
    for c in (-0.75, -0.5, -0.47, -0.3, 0.1, 0.3, 0.47, 0.5, 0.53, 0.75):
        for language in ("python", "torch"):
            found = _run(f, What.KERNEL, language, (0.5, 2.0, c))
            for index, number in enumerate(found):
                truth = _truth(f, What.KERNEL, index, (0.5, 2.0, c))
                assert truth is not None and _off(number, truth) < VALUE


@pytest.mark.parametrize(("f", "what"), [("relu", What.SLOPE), ("step(x)", What.KERNEL), ("step(x)", What.SLOPE), ("sign(x)", What.KERNEL)])
@pytest.mark.parametrize("language", ["python", "torch"])
def test_derivatives_that_diverge_are_infinite(f: str, what: What, language: str) -> None:
    for c in (1.0, -1.0):
        assert math.isinf(_run(f, what, language, (1.0, 1.0, c))[3])


def test_second_derivatives_in_torch() -> None:
    """d^2 K/dc^2 = 1/(2 pi sqrt(1 - c^2)) for relu at unit variances."""
    one = torch.tensor(1.0, dtype=torch.float64)
    for c in (1 - 1e-12, 0.25, -1 + 1e-9):
        given = torch.tensor(c, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(_program("relu", "torch")["kernel"](one, one, given), given, create_graph=True)
        (second,) = torch.autograd.grad(slope, given)
        exact = sp.Rational(c)
        assert _off(float(second), enclose(1 / (2 * sp.pi * sp.sqrt(1 - exact**2)), {}, digits=40)) < GRADIENT


def test_arrays_and_single_precision() -> None:
    c = numpy.linspace(-1, 1, 101)
    values = _program("relu", "python")["kernel"](2.0, 0.5, c)
    assert values.shape == c.shape and numpy.all(numpy.diff(values) > 0)
    single = _program("relu", "torch")["kernel"](
        *(torch.tensor(number, dtype=torch.float32) for number in (2.0, 0.5)), torch.tensor(c).float()
    )
    assert single.dtype == torch.float32
    for given, wide, narrow, at in zip(c, values, single.tolist(), torch.tensor(c).float().tolist(), strict=True):
        truth = _truth("relu", What.KERNEL, 0, (2.0, 0.5, at))
        assert truth is not None and _off(narrow, truth) < arb(2) ** -20
        exact = _truth("relu", What.KERNEL, 0, (2.0, 0.5, float(given)))
        assert exact is not None and _off(wide, exact) < VALUE


def test_outside_the_range_there_is_no_number() -> None:
    assert math.isnan(_run("relu", What.KERNEL, "python", (1.0, 1.0, 1.5))[0])
    assert math.isnan(_run("relu", What.KERNEL, "torch", (1.0, 1.0, -1.5))[0])


@pytest.mark.parametrize("f", [*SMOOTH, "relu", "Max(0, x)^2"])
def test_rewritten_forms_are_the_same_function(f: str) -> None:
    for answer in _answers(f):
        form = stable(answer.closed)
        back = {D: 1 - C, E: 1 + C, W: 1 - C**2}
        for point in ((0.5, 2.0, 0.25), (3.0, 1.0, -0.75)):
            at = {symbol: sp.Rational(number) for symbol, number in zip((Q1, Q2, C), point, strict=True)}
            for symbol in (None, Q1, Q2, C):
                ours = form if symbol is None else gradient(form, symbol)
                theirs = answer.closed if symbol is None else sp.diff(answer.closed, symbol)
                plain = ours.xreplace(back).replace(lambda node: node.func.__name__ == "expm1", lambda node: sp.exp(node.args[0]) - 1)
                assert enclose(plain.xreplace(at), {}, digits=25).overlaps(enclose(theirs.xreplace(at), {}, digits=25))


@pytest.mark.parametrize("language", [NUMPY, TORCH], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "expr",
    [
        "-x",
        "1/x",
        "x/(1 + x)/2",
        "2*x^2 - x/3",
        "x^2*sqrt(x)",
        "-(x + 1)*x",
        "1/(x*sqrt(1 + x))",
        "exp(-x)/sqrt(2)",
        "x - (1 - x)",
        "1/x^2",
    ],
)
def test_printed_formulas_have_the_value_of_the_formula(expr: str, language: Any) -> None:
    formula = read(expr)
    (x,) = formula.free_symbols
    space: dict[str, Any] = {}
    exec(f"{language.imports}\nvalue = lambda x: {printed(formula, language)}", space)
    given = torch.tensor(0.75, dtype=torch.float64) if language is TORCH else 0.75
    truth = enclose(formula, {x: sp.Rational(3, 4)}, digits=25)
    assert _off(float(space["value"](given)), truth) < arb(2) ** -50


def test_functions_without_a_counterpart_are_refused() -> None:
    with pytest.raises(NoCode, match="numpy has no"):
        printed(sp.gamma(C), NUMPY)
    (answer,) = answers(dual(read("hard_tanh")), frozenset({What.KERNEL}))
    with pytest.raises(NoCode, match="bivariate"):
        code(answer, "python")


def test_what_is_separated() -> None:
    assert separated(sp.asin(Q1 * C)) is None
    assert separated(sp.exp(Q1) * C) is None
    assert separated(Q1 * sp.asin(C) + Q1 * C + sp.sqrt(Q2)) == {Q1: sp.asin(C) + C, sp.sqrt(Q2): 1}


def test_fixed_points_as_code() -> None:
    space: dict[str, Any] = {}
    exec(f"{LANGUAGES['python'].imports}\n{fixed_code(dual(read('Max(0, x)^2')), NUMPY)}", space)
    low, high = space["fixed_points"](1.2, 0.3)
    weight, bias = sp.Rational(1.2) ** 2, sp.Rational(0.3) ** 2
    root = sp.sqrt(1 - 6 * weight * bias)
    for found, truth in ((low, (1 - root) / (3 * weight)), (high, (1 + root) / (3 * weight))):
        assert _off(float(found), enclose(truth, {}, digits=30)) < VALUE
    assert all(math.isnan(q) for q in space["fixed_points"](2.0, 1.0))
    with pytest.raises(NoCode, match="no closed form"):
        fixed_code(dual(read("tanh")), TORCH)
