"""Closed fixed points are put back into their maps, and slopes are derivatives of these maps."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from lemmata.theory.grammar import read
from lemmata.theory.kernels.derivative import derivative, jumps
from lemmata.theory.kernels.duals import Q1, Q2, C, Q, dual
from lemmata.theory.kernels.fixed_points import SIGMA_B, SIGMA_W, chi_at, correlation_point, critical_bias, length_points

W, B = sp.Rational(1, 10), sp.Rational(1, 20)
"""sigma_w^2 and sigma_b^2 at which every square root below is real."""

AT = {SIGMA_W: sp.sqrt(W), SIGMA_B: sp.sqrt(B)}
POLYNOMIAL = [
    "relu",
    "leaky_relu",
    "abs(x)",
    "Max(0, x)^2",
    "x^2",
    "x",
    "x^2 + x + 1",
    "x^2 - 1",
    "sign(x)",
    "step(x) + 1",
    "3",
    "2*step(x) - 1",
]


def _length_map(f: str) -> Any:
    found = dual(read(f)).length
    assert found is not None
    return SIGMA_W**2 * found.end + SIGMA_B**2


@pytest.mark.parametrize("f", POLYNOMIAL)
def test_points_solve_the_length_map(f: str) -> None:
    found = length_points(dual(read(f)))
    assert found
    values = []
    for point in found:
        q = point.q.xreplace(AT)
        assert all(condition.xreplace(AT) == sp.true for condition in point.conditions) and sp.N(q, 30) > 0
        assert sp.simplify(_length_map(f).xreplace(AT).xreplace({Q: q}) - q) == 0
        slope = sp.diff(_length_map(f), Q).xreplace(AT).xreplace({Q: q})
        assert sp.simplify(slope - point.slope.xreplace(AT)) == 0
        if point.attracts is not None:
            assert bool(abs(sp.N(slope, 30)) < 1) is point.attracts
        values.append(sp.N(q, 30))
    count = sp.Poly(sp.expand(_length_map(f).xreplace(AT) - Q), Q).count_roots(0, None)
    assert len(set(values)) == count


def test_powers_have_a_point_without_bias() -> None:
    (point,) = length_points(dual(read("x^3"))) or ()
    assert sp.Eq(SIGMA_B, 0) in point.conditions and point.slope == 3 and point.attracts is False
    assert sp.simplify(_length_map("x^3").xreplace({SIGMA_B: sp.S.Zero, Q: point.q}) - point.q) == 0


@pytest.mark.parametrize("f", ["erf", "tanh", "gelu", "x^3 - x", "sin"])
def test_other_maps_are_left_alone(f: str) -> None:
    assert length_points(dual(read(f))) is None


@pytest.mark.parametrize("f", ["x^2", "x^2 + x + 1", "x^2 - 1", "x^3", "x^3 - x", "x^3 + x^2"])
def test_correlations_solve_the_correlation_map(f: str) -> None:
    """With sigma_b^2 so that q is a fixed point of the length map."""
    one = dual(read(f))
    point = correlation_point(one)
    assert point is not None and one.length is not None
    q = sp.Rational(2)
    weight = q / one.length.end.xreplace({Q: q}) / 2
    at = {SIGMA_W: sp.sqrt(weight), SIGMA_B: sp.sqrt(q / 2), Q: q}
    kernel = (weight * one.closed.xreplace({Q1: q, Q2: q}) + q / 2) / q
    c = point.c.xreplace(at)
    assert sp.simplify(kernel.xreplace({C: c}) - c) == 0 and sp.simplify(kernel.xreplace({C: sp.S.One}) - 1) == 0
    assert sp.simplify(sp.diff(kernel, C).xreplace({C: c}) - point.slope.xreplace(at)) == 0
    chi = chi_at(one, Q)
    assert chi is not None
    assert bool(sp.N(chi.xreplace(at), 30) > 1) is bool(0 <= sp.N(c, 30) < 1)


@pytest.mark.parametrize("f", ["Max(0, x)^2", "x^2", "x^2 + x + 1"])
def test_the_critical_line_without_the_length(f: str) -> None:
    """At the q where chi_1 = 1 the bias makes q a fixed point."""
    one = dual(read(f))
    bias = critical_bias(one)
    assert bias is not None and one.slope.length is not None
    weight = sp.Rational(1, 30)
    (q,) = sp.solve(weight * one.slope.length.end - 1, Q)
    assert (
        sp.simplify(_length_map(f).xreplace({SIGMA_W: sp.sqrt(weight), Q: q}) - SIGMA_B**2 + bias.xreplace({SIGMA_W: sp.sqrt(weight)}) - q)
        == 0
    )


X = sp.Symbol("x", real=True)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (sp.sin(X) * sp.Heaviside(X), sp.cos(X) * sp.Heaviside(X)),
        (sp.Heaviside(X) ** 2, sp.DiracDelta(X)),
        (sp.Piecewise((0, X < 0), (X + 1, True)), sp.Piecewise((0, X < 0), (1, True)) + sp.DiracDelta(X)),
        (sp.sign(X - 1) * X, sp.sign(X - 1) + 2 * sp.DiracDelta(X - 1)),
        (sp.Abs(X), sp.sign(X)),
        (X**2 * sp.sign(X), 2 * X * sp.sign(X)),
    ],
)
def test_derivatives_with_jumps(f: Any, slope: Any) -> None:
    assert derivative(f) == slope


def test_jumps_of_a_step_between_pieces() -> None:
    assert jumps(sp.Heaviside(X) * (X - 2)) == {0: -2}
    assert jumps(sp.exp(X)) == {}
