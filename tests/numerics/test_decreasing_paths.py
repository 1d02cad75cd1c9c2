"""Decreasing paths walked: against exact networks and closed crossings, and where a hypothesis fails."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb, fmpq
from sympy import Rational

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.decreasing_paths import WalkedPath
from lemmata.numerics.instruments.decreasing_path import INSTRUMENT
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.decreasing_path import absolute_loss, cross_entropy, decreasing_path, logistic_loss, squared_loss
from lemmata.verify.register.decreasing_paths import CLASSES, NUMBERS, SIGNS, between, drawn

QUICK = BUDGETS[BudgetName.QUICK]
ALL = [
    between(2, squared_loss, NUMBERS, (2, 42)),
    between(4, squared_loss, NUMBERS, (33, 73)),
    between(2, absolute_loss, NUMBERS, (2, 42)),
    between(2, logistic_loss, SIGNS, (2, 42)),
    between(1, cross_entropy, CLASSES, (6, 46)),
]


def ask(quantity, at=None):
    return INSTRUMENT.measure(quantity, at or {}, QUICK, Stream(0, "paths"))


def outputs(layers, inputs):
    """A ReLU network in SymPy's rationals, layer by layer."""
    values = inputs
    for place, layer in enumerate(layers):
        last = place == len(layers) - 1
        values = layer * (values if last else values.col_join(sp.ones(1, inputs.cols)))
        values = values if last else values.applyfunc(lambda entry: sp.Max(0, entry))
    return values


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("s", [Rational(0), Rational(2, 7), Rational(1)])
def test_predictions_are_those_of_the_network_between(path, s):
    layers = [(1 - s) * first + s * last for first, last in zip(path.start, path.end, strict=True)]
    expected = outputs(layers, path.inputs)
    found = WalkedPath(path).predictions(int(s.p), int(s.q))
    assert found == tuple(tuple(fmpq(int(v.p), int(v.q)) for v in expected.col(t)) for t in range(expected.cols))


@pytest.mark.parametrize("path", ALL)
def test_the_loss_on_a_ray_is_that_of_its_formula(path):
    s, c = Rational(1, 3), Rational(5, 4)
    layers = [(1 - s) * first + s * last for first, last in zip(path.start, path.end, strict=True)]
    values = c * outputs(layers, path.inputs)
    columns = [(*values.col(t), *path.targets.col(t)) for t in range(values.cols)]
    formula = sum((path.single(*column) for column in columns), sp.S.Zero) / values.cols
    assert ask(path.on_ray(c, s)).value.overlaps(enclose(formula, {}))


def test_the_crossing_of_a_squared_loss_is_the_root_of_its_quadratic():
    path, s = ALL[0], Rational(3, 5)
    walked = WalkedPath(path)
    with precision(120):
        p = [one[0] for one in walked.predictions(3, 5)]
        y = [fmpq(int(v.p), int(v.q)) for v in path.targets]
        square, cross, rest = sum(a * a for a in p), sum(a * b for a, b in zip(p, y, strict=True)), sum(b * b for b in y)
        level = walked.prescribed(3, 5) * len(p)
        root = (arb(cross) + (arb(cross) ** 2 - arb(square) * (arb(rest) - level)).sqrt()) / arb(square)
        assert ask(path.scale(s)).value.overlaps(root)


@pytest.mark.parametrize("path", ALL)
def test_it_falls_at_every_step_from_one_loss_to_the_other(path):
    walked = WalkedPath(path)
    with precision(100):
        losses = walked.losses(range(401), 200)
    assert all(after < before for before, after in zip(losses, losses[1:], strict=False))
    assert losses[0].overlaps(ask(path.on_ray(1, 0)).value) and losses[-1].overlaps(ask(path.on_ray(1, 1)).value)
    assert ask(path.largest_step(400)).value < 0


def test_a_segment_that_would_pass_the_minimum_of_the_ray_ends_before_it():
    path = between(1, squared_loss, NUMBERS, (21, 61))
    bottom = ask(path.scale(2)).value
    assert bottom > 1 and ask(path.loss(2)).value.overlaps(ask(path.on_ray(1, 1)).value)
    assert ask(path.on_ray(Rational(3, 2), 1)).value < ask(path.on_ray(1, 1)).value


def test_prescribed_values_that_rise_are_caught(monkeypatch):
    true = WalkedPath.prescribed
    monkeypatch.setattr(WalkedPath, "prescribed", lambda self, part, whole: true(self, (part * 7) % (whole + 1), whole))
    assert not ask(ALL[0].largest_step(100)).value < 0


def test_hypotheses_that_fail_are_named():
    first, last = drawn((2, 4, 1), 6), drawn((2, 4, 1), 46)
    data, wanted = ALL[0].inputs, ALL[0].targets
    back = decreasing_path(last, first, data, wanted, squared_loss)
    assert "is not below L(P(W_0))" in ask(back.loss(Rational(1, 2))).reason
    nothing = [[[0, 0, 0]] * 4, [[1, 1, 1, 1]]]
    assert "is not below" in ask(decreasing_path(nothing, nothing, data, wanted, squared_loss).loss(0)).reason
    good = [[[0, 0, 1]] * 4, [[1, 0, 0, 0]]]
    below = decreasing_path([[[0, 0, 1]] * 4, [[Rational(1, 2), 0, 0, 0]]], good, data, sp.ones(1, 7), squared_loss)
    assert "the second condition fails" in ask(below.scale(1)).reason
    wrong = [[[0, 0, 1]] * 4, [[-1, 0, 0, 0]]]
    through_zero = decreasing_path(wrong, good, data, sp.ones(1, 7), squared_loss)
    assert "the first condition fails" in ask(through_zero.loss(Rational(1, 2))).reason
    separated = decreasing_path(wrong, [[[0, 0, 1]] * 4, [[0, 1, 0, 0]]], data, sp.ones(1, 7), logistic_loss)
    assert "the first condition fails" in ask(separated.largest_step(64)).reason


def test_zero_data_without_biases_leave_nothing_to_walk():
    layers = [[[1, 2, 0], [3, -1, 0]], [[1, 1]]]
    path = decreasing_path(layers, drawn((2, 2, 1), 3), sp.zeros(2, 3), [[1, 2, 3]], squared_loss)
    found = ask(path.loss(0))
    assert isinstance(found, Refusal) and "\n" not in found.reason


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        (ALL[0].loss(3), "goes from 0 to 2"),
        (ALL[0].on_ray(1, 2), "goes from 0 to 1"),
        (ALL[0].largest_step(1), "2 to 16384 steps"),
        (ALL[0].loss(sp.sqrt(2)), "rational points"),
    ],
)
def test_places_off_the_path_are_declined(quantity, said):
    assert said in ask(quantity).reason


def test_a_symbol_is_put_in_its_place():
    s = sp.Symbol("s", real=True)
    assert isinstance(ask(ALL[0].loss(s), {s: Rational(1, 4)}), Ball)


@pytest.mark.parametrize("path", [*ALL, between(4, squared_loss, NUMBERS, (5, 45))])
def test_the_least_loss_of_a_line_is_below_every_point_and_near_one(path):
    least = ask(path.least_on_line(8)).value
    values = [ask(path.on_ray(8, Rational(place, 64))).value for place in range(65)]
    assert all(not value < least for value in values)
    assert not any(value.upper() < least.lower() for value in values)
    assert least.rad() * 100 < abs(least)


def test_the_least_loss_of_a_line_of_linear_predictors_is_that_of_a_quadratic():
    path = decreasing_path([[[3]]], [[[-1]]], [[1, 2]], [[1, -1]], squared_loss)
    s = sp.Symbol("s", real=True)
    w = 5 * (3 - 4 * s)
    exact = sp.Poly(((w - 1) ** 2 + (2 * w + 1) ** 2) / 2, s)
    (place,) = sp.roots(exact.diff(s))
    value = exact.eval(place)
    assert 0 < place < 1
    assert ask(path.least_on_line(5)).value.overlaps(arb(fmpq(int(value.p), int(value.q))))


def test_a_line_on_which_the_predictions_vanish_is_caught_where_points_miss_it():
    path = between(4, squared_loss, NUMBERS, (5, 45))
    assert ask(path.largest_step(256)).value < 0
    assert set(WalkedPath(path).predictions(2, 3)) == {(fmpq(0),)}
    assert ask(path.least_on_line(2**20)).value < ask(path.on_ray(1, 0)).value
    assert "the first condition fails" in ask(path.loss(Rational(2, 3))).reason
    assert "the first condition fails" in ask(path.largest_step(384)).reason
