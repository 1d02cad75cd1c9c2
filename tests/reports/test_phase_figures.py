"""The phase diagram and the depth scales: what their data say is checked by other roads."""

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.reports.figures import depth_scales, draw_figures, phase_diagram
from lemmata.reports.figures._propagation import DIGITS, Tanh, exact, tanh_numbers
from lemmata.verify.derive_expression.fixed_points import correlation_fixed_points, length_fixed_points


@pytest.fixture(scope="module")
def numbers() -> Any:
    return tanh_numbers()


@pytest.fixture(scope="module")
def phases() -> Any:
    return json.loads(json.dumps(phase_diagram.measure(Budget())))


@pytest.fixture(scope="module")
def scales() -> Any:
    return json.loads(json.dumps(depth_scales.measure(Budget())))


def test_chi_crosses_one_on_the_line_of_tanh(numbers: Any, phases: Any) -> None:
    line = phases["tanh"]
    for index in (16, 32, 45):
        for change, ordered in ((Fraction(199, 200), True), (Fraction(201, 200), False)):
            weight, bias = Fraction(line["weight"][index]) * change, Fraction(line["bias"][index])
            (root,) = length_fixed_points(numbers, sp.sqrt(exact(weight)), sp.sqrt(exact(bias)), DIGITS)
            chis = [numbers.chi(exact(q)) * weight.numerator / weight.denominator for q in (root.low, root.high)]
            assert all((chi < 1) if ordered else (chi > 1) for chi in chis)


def test_the_lines_lie_in_the_plane_and_rise(phases: Any) -> None:
    for line in (phases["tanh"], phases["erf"]):
        points = list(zip(line["weight"], line["bias"], strict=True))
        assert all(w < w_ and b < b_ for (w, b), (w_, b_) in pairwise(points))
        assert points[0][1] == 0
        assert points[-1][0] > phase_diagram.MOST_WEIGHT or points[-1][1] > phase_diagram.MOST_BIAS
    # both start where sigma_w^2 f'(0)^2 = 1
    assert phases["tanh"]["weight"][0] == 1
    assert arb(phases["erf"]["weight"][0]).overlaps(arb.pi() / 4 * (1 + arb(0, 2**-50)))


def test_relu_is_critical_at_two_and_zero(phases: Any) -> None:
    assert phases["relu"] == {"weight": 2.0, "bias": 0.0}


def test_one_cross_on_each_side(phases: Any) -> None:
    below, above = (side["chi"] for side in phases["sides"])
    assert below[1] < 1 < above[0]


def test_a_point_on_the_line_is_on_no_side(phases: Any) -> None:
    figures, notes = draw_figures({"phase-diagram": phases | {"sides": [{"weight": 1.0, "bias": 1.0, "chi": [0.9, 1.1]}]}})
    assert not figures
    assert "decides no side" in notes[0]


def test_both_are_drawn_from_what_was_measured(phases: Any, scales: Any) -> None:
    figures, notes = draw_figures({"phase-diagram": phases, "depth-scales": scales})
    assert [figure.name for figure in figures] == ["phase-diagram", "depth-scales"]
    assert not notes
    assert figures == draw_figures({"phase-diagram": phases, "depth-scales": scales})[0]


def test_the_correlation_scale_grows_towards_the_critical_line(scales: Any) -> None:
    curve = scales["curve"]
    points = sorted(zip(curve["weight"], curve["correlation"], strict=True))
    ordered = [xi for weight, xi in points if weight < scales["critical"]]
    chaotic = [xi for weight, xi in points if weight > scales["critical"]]
    assert ordered == sorted(ordered)
    assert chaotic == sorted(chaotic, reverse=True)
    assert min(ordered[-1], chaotic[0]) > 500
    assert max(curve["length"]) < 2


def test_the_critical_variance_lies_on_the_critical_line(phases: Any, scales: Any) -> None:
    """Between two neighbours of the line, whose second variances are on either side of the figure's."""
    line = list(zip(phases["tanh"]["weight"], phases["tanh"]["bias"], strict=True))
    (around,) = [(left[0], right[0]) for left, right in pairwise(line) if left[1] < scales["bias"] <= right[1]]
    assert around[0] < scales["critical"] < around[1]


@pytest.mark.parametrize(
    ("q", "sigma_w", "sigma_b", "xi_c"),
    [("1.59239", Fraction(9, 5), Fraction(1, 5), "8.488")],
)
def test_known_values(numbers: Any, q: str, sigma_w: Fraction, sigma_b: Fraction, xi_c: str) -> None:
    """To the digits printed: the fixed point lies within half a unit of the last one, and so does the scale there."""
    half = Fraction(1, 2 * 10**5)
    low, high = (Tanh(numbers, Fraction(q) + side * half, sigma_b**2) for side in (-1, 1))
    square = sigma_w**2
    assert low.weight * square.denominator < square.numerator
    assert high.weight * square.denominator > square.numerator
    for network in (low, high):
        assert f"{float(depth_scales.depth_scale(network.correlation_slope)):.3f}" == xi_c


def test_iterating_the_correlation_map_gives_its_slope(numbers: Any) -> None:
    """A ratio of changes is the slope between two iterates (mean value), and the slope rises in c >= 0."""
    network = Tanh(numbers, Fraction(8, 5), depth_scales.BIAS)
    weight, q = network.weight, exact(network.length)
    slope = float(network.correlation_slope)
    (root,) = correlation_fixed_points(numbers, network.length, sp.sqrt(exact(float(weight))), sp.sqrt(exact(network.bias)), DIGITS)
    distance = Fraction(2 * depth_scales.SETTLED / (1 - slope) / slope)
    low, high = (weight * numbers.slope(q, q, exact(c)) for c in (root.low - distance, root.high + distance))
    assert low < depth_scales.decay(network.next_correlation, 0.5) < high
    assert high - low < 0.01


def test_slopes_at_which_nothing_decays() -> None:
    for slope in (arb(1), arb(0), arb(2), arb(1, 1e-9), arb(0, 0.5)):
        with pytest.raises(ValueError, match="difference falls"):
            depth_scales.depth_scale(slope)
    assert depth_scales.depth_scale(arb(-1) / 2).overlaps(1 / arb(2).log())


def test_too_near_to_the_line_is_an_error(numbers: Any) -> None:
    length, _ = depth_scales.critical_point(numbers)
    with pytest.raises(ValueError, match="no attracting correlation"):
        _ = Tanh(numbers, length * (1 + Fraction(1, 2**20)), depth_scales.BIAS).correlation_slope
