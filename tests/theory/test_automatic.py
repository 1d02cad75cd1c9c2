"""The automatic rules: closed forms from the literature come out, and what is beyond them is None."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Abs, Heaviside, Integral, Lambda, Limit, Max, Rational, acos, asin, cosh, erf, exp, oo, pi, sign, sqrt, tanh
from sympy.stats import Bernoulli, Covariance, Expectation, Exponential, Normal, Probability, Rademacher, Uniform, Variance
from sympy.stats.symbolic_multivariate_probability import VarianceMatrix

from lemmata.theory.activations import activations, leaky_relu
from lemmata.theory.automatic import derive
from lemmata.theory.derivation import Link
from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.gradients import gradient
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.theory.recursion import iterate
from lemmata.theory.trajectory import descent

q, q1, q2, a, lam = sp.symbols("q q1 q2 a lamda", positive=True)
c, r, x = sp.symbols("c r x", real=True)
p = sp.Symbol("p", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
s, s1, s2 = Normal("s", 0, 1), Normal("s1", 0, 1), Normal("s2", 0, 1)
U, Y, B, R = Uniform("U", 0, 1), Exponential("Y", lam), Bernoulli("B", p), Rademacher("R")
D = Domain((q, q1, q2, c, a, lam, r, p, n), (c >= -1, c <= 1, r > 0, r < 1, p <= 1))
u, v = gaussian_pair(q1, q2, c)
kernel = sqrt(q1 * q2) * (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi)

KNOWN = {
    "arc-cosine kernel of degree 1": (Expectation(Max(0, u) * Max(0, v)), kernel),
    "arc-cosine kernel of degree 0": (Expectation(Heaviside(u) * Heaviside(v)), Rational(1, 2) - acos(c) / (2 * pi)),
    "arc-cosine kernel of degree 2": (
        Expectation(Max(0, u) ** 2 * Max(0, v) ** 2),
        q1 * q2 * (3 * c * sqrt(1 - c**2) + (1 + 2 * c**2) * (pi - acos(c))) / (2 * pi),
    ),
    "erf kernel": (Expectation(erf(u) * erf(v)), 2 / pi * asin(2 * c * sqrt(q1 * q2) / sqrt((1 + 2 * q1) * (1 + 2 * q2)))),
    "erf length": (Expectation(erf(sqrt(q) * s) ** 2), 2 / pi * asin(2 * q / (1 + 2 * q))),
    "absolute values": (Expectation(Abs(u) * Abs(v)), 2 * sqrt(q1 * q2) / pi * (sqrt(1 - c**2) + c * asin(c))),
    "signs": (Expectation(sign(u) * sign(v)), 2 * asin(c) / pi),
    "leaky ReLU": (
        Expectation(leaky_relu(u, Rational(1, 10)) * leaky_relu(v, Rational(1, 10))),
        Rational(81, 100) * kernel + c * sqrt(q1 * q2) / 10,
    ),
    "orthant probability": (Probability(sp.And(u > 0, v > 0)), Rational(1, 4) + asin(c) / (2 * pi)),
    "tail probability": (Probability(s > 1), (1 - erf(1 / sqrt(2))) / 2),
    "covariance": (Covariance(u, v), c * sqrt(q1 * q2)),
    "Isserlis": (Expectation(u**2 * v**2), q1 * q2 * (1 + 2 * c**2)),
    "moment generating function": (Expectation(exp(u + v)), exp((q1 + q2) / 2 + c * sqrt(q1 * q2))),
    "variance of a ReLU": (Variance(Max(0, s)), Rational(1, 2) - 1 / (2 * pi)),
    "a pair without a parameter": (
        Expectation(Max(0, s1) * Max(0, (3 * s1 + 4 * s2) / 5)),
        (Rational(4, 5) + Rational(3, 5) * (pi - acos(Rational(3, 5)))) / (2 * pi),
    ),
    "uniform": (Variance(U), Rational(1, 12)),
    "a kink inside the support": (Expectation(Abs(U - Rational(1, 3))), Rational(5, 18)),
    "exponential": (Variance(Y), 1 / lam**2),
    "Bernoulli": (Variance(B), p * (1 - p)),
    "Rademacher": (Expectation(exp(a * R)), cosh(a)),
    "finite sum": (sp.Sum(k**2, (k, 1, n)), n * (n + 1) * (2 * n + 1) / 6),
    "integral": (Integral(x * sp.log(1 + x), (x, 0, 1)), Rational(1, 4)),
    "derivative": (sp.Derivative(kernel, c), sqrt(q1 * q2) * (pi - acos(c)) / (2 * pi)),
    "limit": (Limit((2 * n + 1) / (3 * n - 5), n, oo), Rational(2, 3)),
    "several quantities in one expression": (Expectation(Max(0, s)) ** 2 * pi + Integral(x, (x, 0, 1)), sp.Integer(1)),
    "limit of an iterate": (Limit(iterate(Lambda(x, r * x + 1), a, n), n, oo), 1 / (1 - r)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_closed_forms_come_out_in_the_stated_form(name: str) -> None:
    lhs, rhs = KNOWN[name]
    derivation = derive(lhs, rhs, D)
    assert derivation is not None
    assert derivation.link is Link.EQUAL and derivation.steps
    assert not quantities(derivation.end)
    assert equal(derivation.end, rhs, D) is True


@pytest.mark.parametrize("name", ["arc-cosine kernel of degree 1", "erf kernel", "Isserlis", "exponential", "finite sum"])
def test_a_wrong_stated_form_is_not_reached(name: str) -> None:
    lhs, rhs = KNOWN[name]
    derivation = derive(lhs, rhs * Rational(101, 100), D)
    assert derivation is not None
    assert equal(derivation.end, rhs * Rational(101, 100), D) is not True


def test_price_s_form_is_cho_and_saul_s() -> None:
    """The equality that SymPy's own simplification does not find."""
    derivation = derive(Expectation(Max(0, u) * Max(0, v)), kernel, D)
    assert derivation is not None and derivation.end == kernel
    assert derivation.steps[-1].rule == "rearrange" and derivation.steps[-1].before != kernel


def test_a_closed_side_needs_no_step() -> None:
    derivation = derive(kernel, kernel, D)
    assert derivation is not None and derivation.steps == ()


@pytest.mark.parametrize(
    "expr",
    [Expectation(tanh(s) ** 2), Expectation(Max(0, u) * tanh(v)), Integral(exp(-(x**3)) * tanh(x), (x, 0, 1)), Expectation(1 / (1 + s**2))],
    ids=str,
)
def test_what_has_no_closed_form_here_is_none(expr: Any) -> None:
    assert derive(expr, sp.Integer(0), D) is None


def test_an_infinite_expectation_is_not_given_a_value() -> None:
    assert derive(Expectation(exp(s**2)), sp.Integer(1), D) is None
    assert derive(Expectation(exp(a * Y)), lam / (lam - a), D) is None


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs_", "step", "erf_", "normal_cdf", "identity"])
def test_kernels_of_piecewise_and_error_functions_are_derived(name: str) -> None:
    """Two roads to one kernel: at correlation 1 it is the length map, derived from one variable alone."""
    activation = activations()[name]
    first, second = gaussian_pair(q, q, c)
    domain = Domain((q, c), (c >= -1, c <= 1))
    pair = derive(Expectation(activation(first) * activation(second)), sp.Integer(0), domain)
    length = derive(Expectation(activation(sqrt(q) * s) ** 2), sp.Integer(0), domain)
    assert pair is not None and length is not None
    assert equal(pair.end.subs(c, 1), length.end, domain) is True


rows, columns, width = sp.symbols("rows columns width", integer=True, positive=True)
W, A, B_ = sp.MatrixSymbol("W", rows, columns), sp.MatrixSymbol("A", columns, width), sp.MatrixSymbol("B", rows, width)
V, Sigma = sp.MatrixSymbol("V", rows, rows), sp.MatrixSymbol("Sigma", columns, columns)
w, w0, b = sp.symbols("w w0 b", real=True)
steps = sp.Symbol("N", integer=True, nonnegative=True)
X = gaussian_vector("X", Sigma)

MATRICES = {
    "ridge regression": (
        gradient(sp.Trace((W * A - B_).T * (W * A - B_)) / 2 + lam * sp.Trace(W.T * W) / 2, W),
        (W * A - B_) * A.T + lam * W,
        (),
    ),
    "quartic": (gradient(sp.Trace(W.T * W * W.T * W), W), 4 * W * W.T * W, ()),
    "logarithm of a determinant": (gradient(sp.log(sp.Determinant(V)), V), sp.Inverse(V), (sp.Q.positive_definite(V),)),
    "covariance of a linear map": (VarianceMatrix(W * X), W * Sigma * W.T, (sp.Q.symmetric(Sigma),)),
    "mean of a square": (Expectation(sp.Trace(X.T * X)), sp.Trace(Sigma), (sp.Q.symmetric(Sigma),)),
    "descent on a parabola": (
        descent(lam * (w - b) ** 2 / 2, {w: w0}, a)[steps, w],
        b + (1 - a * lam) ** steps * (w0 - b),
        (),
    ),
    "descent on a slope": (descent(b * w, {w: w0}, a)[steps, w], w0 - steps * a * b, ()),
}


@pytest.mark.parametrize("name", MATRICES)
def test_matrices_and_descent_are_derived(name: str) -> None:
    lhs, rhs, given = MATRICES[name]
    domain = Domain(tuple(free_parameters(lhs) | free_parameters(rhs)), given)
    found = derive(lhs, rhs, domain)
    assert found is not None and found.steps and equal(found.end, rhs, domain) is True


@pytest.mark.parametrize("name", MATRICES)
def test_matrices_are_not_derived_to_another_value(name: str) -> None:
    lhs, rhs, given = MATRICES[name]
    domain = Domain(tuple(free_parameters(lhs) | free_parameters(rhs)), given)
    found = derive(lhs, 2 * rhs, domain)
    assert found is not None and equal(found.end, 2 * rhs, domain) is not True


def test_a_gradient_over_a_kink_is_not_derived() -> None:
    assert derive(gradient(Abs(x), x), sign(x), Domain((x,))) is None
    off = Domain((x,), (sp.Ne(x, 0),))
    assert derive(gradient(Abs(x), x), sign(x), off) is not None


def test_an_inverse_that_is_given_is_not_taken_for_granted() -> None:
    loss = sp.Trace(sp.Inverse(V))
    known = derive(gradient(loss, V), sp.S.Zero, Domain((V,), (sp.Q.invertible(V),)))
    assert known is not None and known.assumes == ()
    unknown = derive(gradient(loss, V), sp.S.Zero, Domain((V,)))
    assert unknown is not None and unknown.assumes == ("V is invertible",)


def test_a_fixed_point_that_may_not_exist_is_not_derived() -> None:
    """Without curvature the iterates of k w^2/2 - w drift, and 1/k is no number."""
    curvature = sp.Symbol("kappa", nonnegative=True)
    node = descent(curvature * w**2 / 2 - w, {w: w0}, a)[steps, w]
    stated = 1 / curvature + (1 - a * curvature) ** steps * (w0 - 1 / curvature)
    everywhere = Domain(tuple(free_parameters(node)))
    curved = Domain(everywhere.symbols, (curvature > 0,))
    assert derive(node, stated, everywhere) is None
    assert derive(node, stated, curved) is not None
