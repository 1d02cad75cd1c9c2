"""The two sides of a worst case: the bound is an identity that anything else fails, the function satisfies every condition."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat, fmpq

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.performance.case import BITS, Case, case_at
from lemmata.numerics.performance.certificate import _balanced, _slack, bounded_above, is_positive_definite
from lemmata.numerics.performance.layout import Layout, lay_out
from lemmata.numerics.performance.program import propose
from lemmata.numerics.performance.witness import Witness, checked, witnesses
from lemmata.theory import Smooth, SmoothConvex, SmoothStronglyConvex, worst_case
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start

HALF = sp.Rational(1, 2)

NODES = [
    worst_case(Smooth(1), 1, excess=1).least[3, "gradient"],
    worst_case(Smooth(1), sp.Rational(8, 5), excess=1)[3, "gradient"],
    worst_case(Smooth(2), HALF, distance=1)[3, "excess"],
    worst_case(SmoothConvex(1), 1, distance=1)[3, "excess"],
    worst_case(SmoothConvex(1), 1, distance=1, momentum=HALF, method="nesterov")[3, "distance"],
    worst_case(SmoothConvex(1), 1, excess=1, momentum=HALF, method="heavy_ball").least[3, "gradient"],
    worst_case(SmoothStronglyConvex(HALF, 1), 1, excess=1, momentum=HALF, method="heavy_ball_printed").total[3, "excess"],
    worst_case(SmoothStronglyConvex(HALF, 2), HALF, distance=1).total[3, "gradient"],
]


def prepared(node: sp.Expr) -> tuple[Case, object]:
    case = case_at(node, {})
    floating = case.floating()
    return case, propose(floating, lay_out(floating, 1.0), trace=1e-6)


def exhibited(node: sp.Expr) -> tuple[Case, Layout, Witness]:
    case = case_at(node, {})
    floating, layout = case.floating(), case.layout()
    for narrower, digits, blend in ((1e-3, 7, 0.0), (0.0, 10, 1e-3)):
        for found in witnesses(case, layout, propose(floating, lay_out(floating, 1.0), narrower=narrower), digits, blend):
            return case, layout, found
    raise AssertionError(f"no function is exhibited for {node}")


@pytest.mark.parametrize("node", NODES, ids=str)
def test_the_bound_minus_the_weighted_sum_is_the_form_that_is_shown_positive(node: sp.Expr) -> None:
    """tau - sum nu measure - sum lambda c - sum beta b - tau s = <S, G> on arbitrary vectors, in exact numbers."""
    rng = random.Random(7)
    with precision(BITS):
        case = case_at(node, {})
        setting = case.normalised()
        layout = lay_out(setting, arb(1))
        count, known = len(layout.points), layout.values
        between = [[fmpq(rng.randint(1, 9)) if i != j else fmpq(0) for j in range(count)] for i in range(count)]
        below, shares = [fmpq(rng.randint(1, 9)) for _ in range(known)], [fmpq(1, len(layout.measured)) for _ in layout.measured]
        if setting.reduction is not Reduction.LEAST:
            shares = [fmpq(1) for _ in shares]
        tau = _balanced(setting, layout, between, below, shares, fmpq(5))
        assert tau is not None
        matrix = _slack(setting, layout, between, below, shares, tau)
        for _ in range(3):
            basis = [[fmpq(rng.randint(-9, 9), 7) for _ in range(2)] for _ in range(layout.size)]
            values = [fmpq(rng.randint(-9, 9), 5) for _ in range(known)] + [fmpq(0)] * layout.anchored

            def vector(form: object, basis: list = basis) -> list[arb]:
                return [sum((weight * arb(basis[index][k]) for index, weight in form.terms.items()), arb(0)) for k in range(2)]

            points, gradients = [vector(form) for form in layout.points], [vector(form) for form in layout.gradients]
            left = arb(tau) - arb(tau) * _start(setting, points, values)
            for i in range(count):
                for j in range(count):
                    left -= arb(between[i][j]) * _condition(setting.lower, i, j, points, gradients, values)
            for i in range(known):
                left -= arb(below[i]) * (arb(values[i]) - _dot(gradients[i], gradients[i]) / 2)
            for item, share in zip(layout.measured, shares, strict=True):
                match setting.measure:
                    case Measure.GRADIENT:
                        left -= arb(share) * _dot(gradients[item], gradients[item])
                    case Measure.EXCESS:
                        left -= arb(share) * arb(values[item])
                    case Measure.DISTANCE:
                        left -= arb(share) * _dot(vector(item), vector(item))
            rows = arb_mat([[arb(entry) for entry in row] for row in basis])
            right = (rows.transpose() * matrix * rows).trace()
            assert left.overlaps(right)
            assert left.rad() < arb(2) ** -100 and right.rad() < arb(2) ** -100


def _start(setting: object, points: list, values: list) -> arb:
    return 1 - arb(values[0]) if setting.start is Start.EXCESS else 1 - _dot(points[0], points[0])


def _dot(a: list[arb], b: list[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))


def _condition(lower: arb, i: int, j: int, points: list, gradients: list, values: list) -> arb:
    """f_i - f_j - <g_j, d> - (|e|^2 + lower |d|^2 - 2 lower <e, d>)/(2 (1 - lower)): theorem 4 as it is printed, L = 1."""
    if i == j:
        return arb(0)
    d, e = ([a - b for a, b in zip(group[i], group[j], strict=True)] for group in (points, gradients))
    bend = (_dot(e, e) + lower * _dot(d, d) - 2 * lower * _dot(e, d)) / (2 * (1 - lower))
    return arb(values[i]) - arb(values[j]) - _dot(gradients[j], d) - bend


@pytest.mark.parametrize("node", NODES, ids=str)
def test_multipliers_that_promise_one_percent_too_much_prove_nothing(node: sp.Expr) -> None:
    with precision(BITS):
        case, proposal = prepared(node)
        setting = case.normalised()
        layout = lay_out(setting, arb(1))
        bound = bounded_above(setting, layout, proposal)
        assert bound is not None and bound > 0
        smaller = replace(proposal, between=0.99 * proposal.between, below=0.99 * proposal.below, start=0.99 * proposal.start)
        weaker = bounded_above(setting, layout, smaller)
        assert weaker is None or weaker >= bound


def test_a_wrong_interpolation_multiplier_is_noticed() -> None:
    with precision(BITS):
        case, proposal = prepared(NODES[0])
        layout = lay_out(case.normalised(), arb(1))
        broken = proposal.between.copy()
        broken[0, 1], broken[1, 0] = broken[1, 0], broken[0, 1]
        assert bounded_above(case.normalised(), layout, replace(proposal, between=broken)) is None


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([[2, 1], [1, 2]], True),
        ([[1, 1], [1, 1]], False),
        ([[1, 2], [2, 1]], False),
        ([[-1, 0], [0, 1]], False),
        ([[1, 0, 0], [0, 1, 0], [0, 0, "0 +/- 1e-30"]], False),
        ([[1, 0], [0, "1e-30"]], True),
    ],
)
def test_positive_definite_means_certainly_so(rows: list, wanted: bool) -> None:
    assert is_positive_definite(arb_mat([[arb(entry) for entry in row] for row in rows])) is wanted


def test_cholesky_agrees_with_eigenvalues_near_the_boundary() -> None:
    rng = np.random.default_rng(3)
    for shift in (-1e-6, 1e-6):
        root = rng.normal(size=(8, 4))
        gram = np.array(root @ root.T + shift * np.eye(8))
        symmetric = (gram + gram.T) / 2
        matrix = arb_mat([[arb(float(entry)) for entry in row] for row in symmetric])
        assert is_positive_definite(matrix) is (shift > 0)


@pytest.mark.parametrize("node", NODES, ids=str)
def test_data_that_are_made_worse_are_no_function_of_the_class(node: sp.Expr) -> None:
    with precision(BITS):
        case, layout, found = exhibited(node)
        assert checked(case, layout, found.free, found.values) is not None
        steeper = [[entry * Fraction(101, 100) for entry in row] for row in found.free]
        assert checked(case, layout, steeper, found.values) is None
        assert checked(case, layout, found.free, [value * Fraction(11, 10) for value in found.values]) is None
        assert checked(case, layout, found.free, [value * Fraction(9, 10) for value in found.values]) is None


@pytest.mark.parametrize("node", NODES, ids=str)
def test_the_function_of_the_data_exists_and_its_run_is_as_bad_as_it_says(node: sp.Expr) -> None:
    """The interpolant of the data, evaluated by its own formula, is run from the start: the gradients are those of the data."""
    with precision(BITS):
        case, layout, found = exhibited(node)
        free = np.array([[float(entry) for entry in row] for row in found.free])
        forms = [
            np.array([[float(form.terms.get(k, arb(0))) for k in range(layout.size)] for form in group])
            for group in (layout.points, layout.gradients)
        ]
    points, gradients = (group @ free for group in forms)
    values = np.array([float(value) for value in found.values] + [0.0] * layout.anchored)
    lower, upper = float(case.lower), float(case.upper)
    for i in range(len(points)):
        value, gradient, gap = interpolant(points, gradients, values, lower, upper, points[i])
        assert gap < SOLVED
        assert 0 <= value - values[i] + ROUNDING and value - values[i] <= gap + ROUNDING
        assert np.linalg.norm(gradient - gradients[i]) <= (2 * (upper - lower) * (gap + ROUNDING)) ** 0.5


SOLVED = 2.0**-20
"""A gap at which the quadratic programme of an interpolant counts as solved."""

ROUNDING = 2.0**-40
"""What rounding adds to a sum of a few products of numbers below 10."""


def interpolant(points, gradients, values, lower: float, upper: float, x) -> tuple[float, np.ndarray, float]:
    """L(x) = lower/2 |x|^2 + min over weights of D/2 |x - sum a_i y_i|^2 + sum a_i c_i, its gradient, and how far from the least.

    The objective q is convex in a, so q(a) - min q <= max over i of <grad q(a), a - e_i> (Frank and Wolfe's gap); as it is
    D-strongly convex in sum a_i y_i, the gradient is off by at most sqrt(2 D gap).
    """
    from scipy.optimize import minimize

    D = upper - lower
    s = gradients - lower * points
    h = values - lower / 2 * (points**2).sum(axis=1)
    y, c = points - s / D, h - (s**2).sum(axis=1) / (2 * D)
    count = len(values)

    def objective(a):
        apart = x - a @ y
        return D / 2 * apart @ apart + a @ c, -D * y @ apart + c

    def solved(start):
        rows = {"type": "eq", "fun": lambda a: a.sum() - 1, "jac": lambda a: np.ones(count)}
        options = {"ftol": 1e-16, "maxiter": 1000}
        found = minimize(objective, start, jac=True, bounds=[(0, 1)] * count, constraints=rows, method="SLSQP", options=options)
        weights = np.clip(found.x, 0, None)
        return weights / weights.sum()

    a = min((solved(start) for start in (*np.eye(count), np.full(count, 1 / count))), key=lambda a: objective(a)[0])
    value, slope = objective(a)
    return lower / 2 * x @ x + value, lower * x + D * (x - a @ y), float(max(0.0, slope @ a - slope.min()))
