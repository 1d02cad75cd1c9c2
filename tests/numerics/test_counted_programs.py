"""Sweeps on counting scalars: the gradients are right, and the counts are those of the graphs."""

import random

import pytest
import sympy as sp
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.operation_count import INSTRUMENT
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.programs.meter import Counted, Meter
from lemmata.numerics.programs.sweeps import run
from lemmata.numerics.streams import Stream
from lemmata.theory.programs import Sweep, program
from lemmata.theory.rules.cost_in_sizes import operations
from lemmata.theory.sample_programs import (
    additive_line,
    continued_fraction,
    multilayer,
    rectified,
    repeated_squaring,
    straight_line,
)


@program(uses=("add", "subtract", "multiply", "negate"))
def polynomial(graph, inputs, count, index):
    """Few products, so that whole numbers stay exact in double precision."""
    draw = random.Random(f"{inputs} {count} {index}")
    scalars = [graph.variable() for _ in range(inputs)]
    for _ in range(count):
        x, y = draw.choice(scalars), draw.choice(scalars[-3:])
        scalars.append(draw.choice([x + y, x - y, -x + 2 * y, x * y]))
    return scalars[-1]


@pytest.mark.parametrize("index", range(25))
def test_the_sweep_gives_the_exact_gradient_of_polynomials(index: int) -> None:
    graph, output = polynomial.graph(3, 9, index)
    leaves = [3.0, -2.0, 5.0]
    symbols = sp.symbols("x:3")
    values = []
    for place, (operation, inputs) in enumerate(graph.steps):
        if operation is None:
            known = graph.constants.get(place)
            values.append(symbols[graph.variables.index(place)] if known is None else sp.Integer(int(known)))
        else:
            values.append(operation.compute(*(values[i] for i in inputs)))
    at = dict(zip(symbols, (3, -2, 5), strict=True))
    exact = [sp.diff(values[output], symbol).subs(at) for symbol in symbols]
    found = run(graph, output, Sweep.GRADIENT, leaves)
    assert [sp.Integer(int(slope)) for slope in found.gradient] == exact
    assert found.cost == operations(graph, output, Sweep.GRADIENT)


@pytest.mark.parametrize("kind", [straight_line, additive_line])
def test_counts_are_those_of_the_graph_and_within_the_bounds(kind) -> None:
    draw = random.Random(0)
    for _ in range(60):
        sizes = (draw.randint(1, 6), draw.randint(1, 80), draw.randint(0, 10**6))
        graph, output = kind.graph(*sizes)
        leaves = [draw.uniform(0.5, 1.5) for _ in range(sizes[0])]
        forward, gradient = (run(graph, output, sweep, leaves).cost for sweep in (Sweep.FORWARD, Sweep.GRADIENT))
        assert forward == sizes[1] == operations(graph, output, Sweep.FORWARD)
        assert gradient == operations(graph, output, Sweep.GRADIENT)
        assert gradient <= (5 if kind is straight_line else 4) * forward


@pytest.mark.parametrize("kind", [multilayer, rectified])
def test_a_network_against_automatic_differentiation(kind) -> None:
    widths = (4, 5, 3)
    graph, output = kind.graph(*widths)
    draw = random.Random(1)
    data = [draw.uniform(-1, 1) for _ in range(widths[0])]
    weights = [draw.uniform(-1, 1) for _ in graph.variables]
    found = run(graph, output, Sweep.GRADIENT, [*data, *weights])
    leaf = torch.tensor(weights, dtype=torch.float64, requires_grad=True)
    layer, used = torch.tensor(data, dtype=torch.float64), 0
    for width in (*widths[1:], 1):
        rows = leaf[used : used + width * len(layer)].reshape(width, len(layer))
        used += rows.numel()
        layer = rows @ layer
        if used < len(weights):
            layer = torch.tanh(layer) if kind is multilayer else torch.relu(layer)
    (slope,) = torch.autograd.grad(layer[0], leaf)
    # every partial derivative is a sum of at most 15 products of at most 6 factors that are at most 5 in modulus
    rounding = 15 * (15 + 6 * 2) * 5**3 * torch.finfo(torch.float64).eps
    assert all(abs(mine - theirs) <= rounding for mine, theirs in zip(found.gradient, slope.tolist(), strict=True))
    assert any(abs(theirs) > 1e6 * rounding for theirs in slope.tolist())


def test_difference_quotients_count_their_evaluations() -> None:
    graph, output = repeated_squaring.graph(3)
    ahead = run(graph, output, Sweep.FORWARD_DIFFERENCES, [1.0])
    both = run(graph, output, Sweep.CENTRAL_DIFFERENCES, [1.0])
    assert (ahead.cost, both.cost) == (2 * 3 + 3, 2 * 3 + 4)
    # f = x^8 at 1: the quotients differ from 8 by 28 h + ... and 56 h^2 + ..., and by the rounding of f over h
    h, eps = 2.0**-26, 2.0**-52
    assert abs(ahead.gradient[0] - 8) <= 29 * h + 16 * eps / h
    assert abs(both.gradient[0] - 8) <= 57 * h**2 + 16 * eps / h


def test_the_extreme_programs() -> None:
    for n in (1, 2, 17):
        fraction, square = continued_fraction.graph(n), repeated_squaring.graph(n)
        assert run(*fraction, Sweep.GRADIENT, [1.5]).cost == 5 * n - 1
        assert run(*square, Sweep.GRADIENT, [1.5]).cost == 4 * n


def test_counted_scalars_count_values_that_do_not_exist() -> None:
    meter = Meter()
    x = Counted(0.0, meter)
    assert str((1 - x / x).value) == "nan" and str(x.apply("log").value) == "nan" and meter.count == 3
    with pytest.raises(KeyError):
        x.apply("cube")


def test_the_instrument_counts_and_refuses() -> None:
    n = sp.Symbol("n", integer=True, positive=True)
    found = INSTRUMENT.measure(repeated_squaring(n).gradient, {n: sp.Integer(5)}, Budget(), Stream(0))
    assert isinstance(found, Ball) and found.value == 20
    symbolic = INSTRUMENT.measure(repeated_squaring(n).gradient, {}, Budget(), Stream(0))
    assert isinstance(symbolic, Refusal) and "integer parameters" in symbolic.reason
    large = INSTRUMENT.measure(multilayer(40, 40, 40).forward_differences, {}, Budget(), Stream(0))
    assert isinstance(large, Refusal) and "the budget quick allows" in large.reason
    broken = INSTRUMENT.measure(multilayer(-1).forward, {}, Budget(), Stream(0))
    assert isinstance(broken, Refusal) and "cannot be run" in broken.reason
