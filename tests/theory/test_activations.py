"""Activations: the facts recorded of each are facts about its expression."""

from __future__ import annotations

import itertools
import math
import re

import pytest
import sympy as sp
from sympy.stats import Expectation, Normal

from lemmata.theory import activations as face
from lemmata.theory.activations import activations, erf_, leaky_relu, normal_cdf, relu, step
from lemmata.theory.automatic import derive
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.pieces import breakpoints, pieces
from lemmata.theory.signal_propagation import chi_1, correlation_map, correlation_slope, covariance_map, length_map, length_slope

x = sp.Symbol("x", real=True)
a = sp.Symbol("a", positive=True)
q, w, b = sp.symbols("q sigma_w sigma_b", positive=True)
c = sp.Symbol("c", real=True)
NAMES = sorted(activations())


def test_the_face_offers_every_activation() -> None:
    assert {name for name in face.__all__ if name not in ("Activation", "activations")} == set(NAMES)
    assert all(getattr(face, name) is activations()[name] for name in NAMES)
    with pytest.raises(AttributeError, match="offers"):
        _ = face.no_such_activation


@pytest.mark.parametrize("name", NAMES)
def test_kinks_and_jumps_are_where_the_expression_switches(name: str) -> None:
    activation = activations()[name]
    assert set(breakpoints(activation(x), x, Domain((x,)))) == set(activation.kinks) | set(activation.jumps)


@pytest.mark.parametrize("name", NAMES)
def test_jumps_are_what_the_derivative_has_deltas_at(name: str) -> None:
    activation = activations()[name]
    assert activation.derivative(x).has(sp.DiracDelta) == bool(activation.jumps)


@pytest.mark.parametrize("name", [name for name in NAMES if activations()[name].homogeneous is not None])
def test_homogeneity_is_exact_on_both_sides_of_0(name: str) -> None:
    activation = activations()[name]
    for sign in (1, -1):
        y = sp.Symbol("y", positive=True)
        assert is_zero(activation(a * sign * y) - a**activation.homogeneous * activation(sign * y)) is True


@pytest.mark.parametrize("name", [name for name in NAMES if activations()[name].homogeneous is None])
def test_the_others_are_not_homogeneous_of_a_low_degree(name: str) -> None:
    activation = activations()[name]
    assert all(is_zero(activation(2 * x) - 2**degree * activation(x)) is not True for degree in (0, 1, 2))


def _far_branches(name: str) -> list[sp.Expr]:
    """The activation beyond its last kink, as a function of y > 0, on the right and on the left."""
    y = sp.Symbol("y", positive=True)
    branches = pieces(activations()[name](x), x, Domain((x,)))
    return [branches[-1].branch.xreplace({x: y}), branches[0].branch.xreplace({x: -y})]


@pytest.mark.parametrize("name", [name for name in NAMES if activations()[name].growth is not None])
def test_the_stated_growth_is_the_growth(name: str) -> None:
    growth, y = activations()[name].growth, sp.Symbol("y", positive=True)
    assert all(sp.limit(branch / y**growth, y, sp.oo).is_finite is not False for branch in _far_branches(name))
    if growth:
        assert any(sp.limit(branch / y ** (growth - 1), y, sp.oo) in (sp.oo, -sp.oo) for branch in _far_branches(name))


@pytest.mark.parametrize("name", [name for name in NAMES if activations()[name].growth is None])
def test_what_has_no_power_as_its_growth_is_exponential(name: str) -> None:
    y = sp.Symbol("y", positive=True)
    logarithms = [sp.limit(sp.log(branch) / y, y, sp.oo) for branch in _far_branches(name)]
    assert max(logarithms) > 0 and all(value.is_finite for value in logarithms)


@pytest.mark.parametrize("name", NAMES)
def test_the_stated_smoothness_is_the_smoothness(name: str) -> None:
    """At every kink as many derivatives agree from both sides as are stated, and the next one does not."""
    activation = activations()[name]
    branches = pieces(activation(x), x, Domain((x,)))
    assert (activation.smoothness == math.inf) == (len(branches) == 1)
    agreeing = []
    for left, right in itertools.pairwise(branches):
        jumps = [sp.diff(right.branch - left.branch, x, k).subs(x, left.high) for k in range(4)]
        agreeing.append(next(k for k, jump in enumerate(jumps) if jump != 0) - 1)
    assert min(agreeing, default=math.inf) == activation.smoothness


@pytest.mark.parametrize("name", NAMES)
def test_each_names_its_source(name: str) -> None:
    assert re.search(r"\(\d{4}\)", activations()[name].source)


def test_the_derivative_is_taken_in_a_real_symbol() -> None:
    with pytest.raises(TypeError, match="real symbol"):
        relu.derivative(sp.Symbol("z"))


def test_values() -> None:
    assert (relu(-2), relu(3), step(-1), step(2)) == (0, 3, 0, 1)
    assert leaky_relu(-3, sp.Rational(1, 2)) == -sp.Rational(3, 2)
    assert normal_cdf(0) == sp.Rational(1, 2)
    assert [face.hard_tanh(v) for v in (-2, 0, 2)] == [-1, 0, 1]
    assert face.elu(-1, 2) == 2 * (sp.exp(-1) - 1)
    assert face.polynomial(3) == 12


@pytest.mark.parametrize("degree", range(5))
def test_hermite_polynomials_solve_their_equation_and_have_norm_1(degree: int) -> None:
    h = face.hermite(x, degree)
    assert sp.expand(sp.diff(h, x, 2) - x * sp.diff(h, x) + degree * h) == 0
    derivation = derive(Expectation(h.subs(x, Normal("s", 0, 1)) ** 2), sp.Integer(1), Domain(()))
    assert derivation is not None and derivation.end == 1


def test_a_hermite_polynomial_has_a_degree() -> None:
    with pytest.raises(ValueError, match="degree"):
        face.hermite(x, -1)


def test_at_equal_inputs_the_covariance_map_is_the_length_map() -> None:
    domain = Domain((q, w, b))
    pair = derive(covariance_map(relu, q, q, 1, w, b), sp.Integer(0), domain)
    one = derive(length_map(relu, q, w, b), sp.Integer(0), domain)
    assert pair is not None and one is not None and is_zero(pair.end - one.end, domain) is True


def test_at_equal_inputs_the_slope_of_the_correlation_map_is_chi_1() -> None:
    domain = Domain((q, w))
    pair = derive(correlation_slope(erf_, q, 1, w), sp.Integer(0), domain)
    one = derive(chi_1(erf_, q, w), sp.Integer(0), domain)
    assert pair is not None and one is not None and is_zero(pair.end - one.end, domain) is True


def test_the_maps_are_left_unevaluated() -> None:
    for quantity in (correlation_map(relu, q, c, w, b), chi_1(relu, q, w), length_slope(sp.tanh, q, w)):
        assert quantity.atoms(Expectation)
