"""What a user may get wrong where a statement is written: one line that says what was asked and what was met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from lemmata.theory import (
    descent,
    flow,
    found_minimum,
    iterate,
    kinked_trap,
    length_map,
    margin_loss,
    mean_over_runs,
    minimum,
    program,
    smooth_trap,
    spectral_radius,
    worst_case,
)
from lemmata.theory.admitted import rational_rows, real, table, whole
from lemmata.theory.basins import independent_points, orthogonal_of, served, singletons, singletons_of
from lemmata.theory.caps import cap, cap_bound, cone_split
from lemmata.theory.cells import cells, cells_of
from lemmata.theory.data import DataMatrix
from lemmata.theory.decreasing_path import decreasing_path, squared_loss
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.function_classes import Smooth
from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import LinearNetwork
from lemmata.theory.lipschitz_gradients import gradient_gap, lipschitz
from lemmata.theory.losses import half_square, logistic
from lemmata.theory.near_identity import near_identity_radius
from lemmata.theory.spurious_minima import Look, run_average

w, x, y = sp.symbols("w x y", real=True)
n = sp.Symbol("n", integer=True, positive=True)
W = sp.MatrixSymbol("W", 2, 2)
HERE = "tests.theory.test_borders"
START, END = [[[1, 0], [1, 1]], [[1, -3]]], [[[1, 0], [-1, 0]], [[2, 1]]]


@experiment(bounds=(0, 1))
def share(*, size: int, rng: Any, device: str) -> Any:
    import torch

    return torch.rand(size, generator=rng, device=device)


def ragged() -> Any:
    return [[1, 2], [3]]


def scalar() -> Any:
    return 3


def nans() -> Any:
    return [[float("nan"), 1], [1, 1]]


def texts() -> Any:
    return [["a", "b"], ["c", "d"]]


def lost() -> Any:
    raise OSError("no such file:\ndigits.csv")


def asks(size: int) -> Any:
    return [[size]]


def data(name: str, rows: Any = 2, cols: Any = 2) -> Any:
    return DataMatrix("H", rows, cols, name if ":" in name or not name else f"{HERE}:{name}").exact()


def path(start: Any = START, end: Any = END, inputs: Any = ((1, -1),), targets: Any = ((2, 1),), loss: Any = squared_loss) -> Any:
    return decreasing_path(start, end, inputs, targets, loss)


FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "data of another shape": (lambda: data("lemmata.theory.data:hilbert", 3), "returned 2 x 2 numbers, but H was announced as 3 x 2"),
    "data without a function": (lambda: data("nothing"), "loader tests.theory.test_borders:nothing of data H was not found"),
    "data without a module": (lambda: data("nowhere.data:f"), "nowhere.data:f of data H was not found: No module named 'nowhere'"),
    "data without a loader": (lambda: data(""), "is named 'package.module:function', not ''"),
    "ragged data": (lambda: data("ragged"), "row 1 with 2 numbers and row 2 with 1"),
    "data that are one number": (lambda: data("scalar"), "returns rows of exact numbers, not 3"),
    "data that are no numbers": (lambda: data("nans"), "an entry that is no finite number"),
    "data that are text": (lambda: data("texts"), "returns rows of exact numbers"),
    "data that are not there": (lambda: data("lost"), "raised OSError: no such file: digits.csv"),
    "a loader with arguments": (lambda: data("asks"), "raised TypeError"),
    "less than no rows": (lambda: data("ragged", -1), "the number of rows of data H is a whole number from 1 on, not -1"),
    "half a column": (lambda: data("ragged", 2, 1.5), "the number of columns of data H is a whole number"),
    "a shape in symbols": (lambda: data("ragged", n), "have a shape in numbers, not n x 2"),
    "no runs": (lambda: mean_over_runs(share(), 0), "the number of runs is a whole number from 1 on, not 0"),
    "runs in symbols": (lambda: mean_over_runs(share(), n), "the number of runs is a number, not the expression n"),
    "half a run": (lambda: frequency(share(), 2.5), "the number of runs is a whole number from 1 on"),
    "runs that are no number": (lambda: frequency(share(), sp.nan), "the number of runs is a whole number from 1 on, not nan"),
    "ragged points": (lambda: cells_of([[1, 0], [1]]), "row 1 has 2 entries and row 2 has 1"),
    "no points": (lambda: cells_of([]), "there is none"),
    "an empty point": (lambda: cells_of([[]]), "row 1 is empty"),
    "flat points": (lambda: cells_of([1, 2]), "rows of exact rational numbers, such as"),
    "points that are a number": (lambda: cells_of(3), "rows of exact rational numbers, such as"),
    "points in words": (lambda: cells_of(["ab"]), "row 1 is the text 'ab'"),
    "points in symbols": (lambda: cells_of([[x, 1]]), "row 1 holds x"),
    "points in floats": (lambda: cells_of([[0.5, 1]]), "row 1 holds 0.5: write a fraction"),
    "no cells": (lambda: cells(0, 2), "whole numbers from 1 on"),
    "no steps on a path": (lambda: path().largest_step(0), "the number of steps along the path is a whole number from 1 on, not 0"),
    "half a step on a path": (lambda: path().largest_step(1.5), "the number of steps along the path is a whole number"),
    "a ragged layer": (lambda: path(start=[[[1, 0], [1]], [[1, -3]]]), "layer 1 of the start must have rows of one length"),
    "no layer": (lambda: path(start=[], end=[]), "the start has no layer"),
    "no inputs": (lambda: path(inputs=[], targets=[]), "the inputs must be rows of exact rational numbers"),
    "a loss that is none": (lambda: path(loss=3), "the loss fails on symbols"),
    "a loss that is not convex": (lambda: path(loss=lambda p, q: sp.sin(p[0] - q[0])), "not seen to be convex"),
    "a basin without convexity": (lambda: served(n, singletons(1, 1), lambda p, q: sp.sin(p - q)), "needs a convex loss"),
    "half a neuron": (lambda: served(1.5, singletons(1, 1)), "a whole number of neurons"),
    "ragged singletons": (lambda: singletons_of([[1, 0], [1]], [1, 1]), "row 1 has 2 entries and row 2 has 1"),
    "targets that are none": (lambda: singletons_of([[1], [-1]], None), "the targets are a list of rational numbers"),
    "too few targets": (lambda: singletons_of([[1, 0], [-1, 0]], [1]), "2 points and 1 targets"),
    "points that are none": (lambda: orthogonal_of(1, [1]), "must be a list of rows, such as"),
    "an orthogonal zero vector": (lambda: orthogonal_of([[0, 0], [1, 0]], [1, 1]), "point 1 is 0"),
    "an independent zero vector": (lambda: independent_points([[0, 0]]), "point 1 is 0"),
    "repeated independent points": (lambda: independent_points([[1, 0], [1, 0]]), "points 1 and 2 are repeated"),
    "collinear independent points": (lambda: independent_points([[1, 0], [2, 0]]), "points 1 and 2 are collinear"),
    "a cap of rank 1": (lambda: cap(sp.pi / 3, 1), "rank 2 or more, not of rank 1"),
    "a bound of rank 1": (lambda: cap_bound(sp.pi / 3, 1), "rank 2 or more, not of rank 1"),
    "a negative cap": (lambda: cap(-1, 3), "the angle of a cap is above 0 and at most pi, not -1"),
    "a cap beyond the sphere": (lambda: cap(7, 3), "the angle of a cap is above 0 and at most pi, not 7"),
    "a sine of 2": (lambda: cone_split(2, 3), r"lies in \[0, 1\], and 2 does not"),
    "a ragged matrix": (lambda: spectral_radius([[1, 2], [1]]), "row 1 has 2 entries and row 2 has 1"),
    "a matrix without rows": (lambda: spectral_radius([]), "there is none"),
    "ragged factors": (lambda: near_identity_radius([[1], [1, 2]], 2), "row 1 has 1 entries and row 2 has 2"),
    "a covariance that is none": (lambda: gaussian_vector("g", 3), "a covariance is a square matrix"),
    "an indefinite covariance": (lambda: gaussian_vector("g", [[1, 2], [2, 1]]), "is not positive semidefinite"),
    "a lopsided covariance": (lambda: gaussian_vector("g", [[1, 0], [1, 1]]), "is not symmetric"),
    "a mean of another length": (lambda: gaussian_vector("g", [[1, 0], [0, 1]], [1, 2, 3]), r"has shape \(2, 1\), not \(3, 1\)"),
    "a vector without a name": (lambda: gaussian_vector("", [[1]]), "is named by a text"),
    "an activation that is none": (lambda: length_map(3, x, 1, 1), "an activation is a function of one expression"),
    "a length below 0": (lambda: length_map(sp.tanh, -1, 1, 1), "the length of a layer is a variance, at least 0, not -1"),
    "margins of a list": (lambda: margin_loss(logistic, [[1, 2]], W), "the data of a margin loss is a matrix expression"),
    "margins without a function": (lambda: margin_loss(None, W, W), "a margin loss is of a function"),
    "half a square of no matrix": (lambda: half_square(w, []), "of a matrix of data and a vector"),
    "a trap that is none": (lambda: smooth_trap(x, 1, 0), "lies between 1 and 2"),
    "a trap of negative slope": (lambda: kinked_trap(x, -1, sp.Rational(3, 2)), "is a positive number"),
    "an average of nothing": (lambda: run_average(3, 2, "mean", 10), "what is averaged is a Look"),  # type: ignore[arg-type]  # the mistake that is tested
    "an average of no runs": (lambda: run_average(3, 2, Look.OBJECTIVE, 0), "at least one run"),
    "a network without layers": (lambda: LinearNetwork(0), "one layer or more"),
    "a program that is none": (lambda: program(3), "a program is a function"),
    "half a start": (lambda: found_minimum(1.5, 2, 3), "whole, not n = 1.5"),
    "a gap of no loss": (lambda: gradient_gap(None, {w: (x, y)}), "is an expression, not None"),
    "a negative constant": (lambda: lipschitz(w**2, {w: (x, y)}, -2), "at least 0, not -2"),
    "one point for a gap": (lambda: lipschitz(w**2, {w: (x,)}, 2), "takes a pair of points"),
    "a worst case over nothing": (lambda: worst_case(None, None), "a class of functions"),  # type: ignore[call-arg]  # the mistake that is tested
    "a class of text": (lambda: Smooth("a b"), "is a number or expression, not 'a b'"),
    "a minimum over nothing": (lambda: minimum(x**2, [], []), "at least one variable"),
    "a gradient in a number": (lambda: gradient(x**2, 3), "MatrixSymbol or a Symbol, not 3"),
    "an iterated expression": (lambda: iterate(x**2, 1, 3), "a Lambda of one variable"),
    "a loss in broken words": (lambda: descent("w**", {w: 1}, 1), r"is an expression, not 'w\*\*'"),
    "a start in words": (lambda: descent(w**2, {w: "a b"}, 1), "the start of w is a number or expression, not 'a b'"),
    "a ragged start": (lambda: descent(sp.Trace(W.T * W), {W: [[1, 2], [1]]}, 1), "rows of one length"),
    "a start of another shape": (lambda: descent(sp.Trace(W.T * W), {W: [[1, 2]]}, 1), "has the shape 2 x 2"),
    "a step of 0": (lambda: descent(w**2, {w: 1}, 0), "is a positive number or expression, not 0"),
    "a start without a value": (lambda: descent(w**2 * sp.asin(3), {w: 1}, 1), "descent starts where it is finite and real"),
    "less than no time": (lambda: flow(w**2, {w: 1})[-1, w], "a time t >= 0, not -1"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_in_one_line(case: str) -> None:
    call, said = FAULTS[case]
    with pytest.raises((ValueError, TypeError), match=said) as caught:
        call()
    assert type(caught.value) in (ValueError, TypeError)
    assert len(str(caught.value).strip().splitlines()) == 1 and len(str(caught.value)) < 400


def test_there_are_many() -> None:
    assert len(FAULTS) >= 60


def test_what_is_right_passes() -> None:
    assert rational_rows("the points", ((1, sp.Rational(1, 2)), (0, 3))) == sp.ImmutableMatrix([[1, sp.Rational(1, 2)], [0, 3]])
    assert rational_rows("the points", sp.Matrix([[1, 2]])).shape == (1, 2)
    assert table("the matrix", [[x, "a"]]) == [[x, "a"]]
    assert whole("the number", n) == n and whole("the number", 0, 0) == 0 and real("it", "1/2") == sp.Rational(1, 2)
    assert DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert").exact()[0, 1] == sp.Rational(1, 2)
    assert gaussian_vector("g", [[2, 1], [1, 2]]).shape == (2, 1) and gaussian_vector("g", [[1, 1], [1, 1]]).shape == (2, 1)
    assert mean_over_runs(share(), 10).runs == 10 and cap(sp.pi, 3).doit() == 1
