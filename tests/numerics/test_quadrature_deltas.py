"""Delta functions under certified means, and integrands that were refused before: exp(min), gated units, softened ones."""

from __future__ import annotations

import pytest
import sympy as sp
from flint import arb
from sympy.stats.symbolic_probability import Expectation

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.quadrature.correlation import X, Y, mean
from lemmata.numerics.quadrature.growth import above, below, growth
from lemmata.numerics.streams import Stream
from lemmata.theory.gaussian import gaussian_pair, standard_normal

C, S = sp.Rational(3, 5), sp.Rational(4, 5)
V = C * X + S * Y
DELTA = sp.DiracDelta


@pytest.mark.parametrize(
    ("expr", "truth"),
    [
        (DELTA(X), 1 / sp.sqrt(2 * sp.pi)),
        (DELTA(3 * X - 1) * X, sp.exp(-sp.Rational(1, 18)) / sp.sqrt(2 * sp.pi) / 9),
        (DELTA(X) * DELTA(V), 1 / (2 * sp.pi * S)),
        (DELTA(X - 1) * DELTA(V - 1), sp.exp(-1 / (1 + C)) / (2 * sp.pi * S)),
        (DELTA(X) * sp.Heaviside(V), 1 / sp.sqrt(2 * sp.pi) / 2),
        (DELTA(V - 2) * X, 2 * C * sp.exp(-2) / sp.sqrt(2 * sp.pi)),
        ((DELTA(X) + X) * (DELTA(V) + V), 1 / (2 * sp.pi * S) + C),
    ],
)
def test_means_of_delta_functions(expr: sp.Expr, truth: sp.Expr) -> None:
    value = mean(expr, 20)
    assert value.overlaps(arb(str(sp.N(truth, 40)))) and value.rad() < arb(10) ** -18


@pytest.mark.parametrize(
    "expr", [DELTA(X) ** 2, DELTA(X) * sp.Heaviside(X), DELTA(X) * DELTA(2 * X), DELTA(X, 1), sp.exp(DELTA(X)), DELTA(X**2 - 1)]
)
def test_products_without_a_meaning_are_refused(expr: sp.Expr) -> None:
    with pytest.raises(Unsupported):
        mean(expr, 15)


def test_the_instrument_refuses_rather_than_fails() -> None:
    s = standard_normal()
    for integrand in (DELTA(s) ** 2, sp.sin(DELTA(s))):
        assert isinstance(INSTRUMENT.measure(Expectation(integrand), {}, Budget(), Stream(0)), Refusal)


def test_exponentials_of_kinks_have_bounds() -> None:
    x = sp.Symbol("x", real=True)
    line = {x: 0.0}
    bounded = growth(sp.exp(sp.Min(0, x)), line)
    assert bounded is not None and bounded.bounded
    steep = growth(sp.exp(2 * sp.Min(0, x) + x), line)
    assert steep is not None and steep.b == 3
    top, low, none = above(sp.Min(3, x), line), below(sp.Min(3, sp.Abs(x)), line), above(sp.Max(3, x), line)
    assert top is not None and top == 3 and low is not None and low == 0 and none is None
    assert growth(sp.exp(sp.Max(0, x**4)), line) is None


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (sp.exp(sp.Min(0, X)) + sp.Max(0, X) - 1, sp.Piecewise((sp.exp(X), X < 0), (1, True))),
        (X * sp.tanh(sp.log(1 + sp.exp(X))), None),
        (X * (1 + sp.erf(X)) / 2, None),
    ],
)
def test_pairs_near_equal_arguments_lie_below_single_integrals(f: sp.Expr, slope: sp.Expr | None) -> None:
    """E f^2 - E f(u) f(v) = d E f'(u) f'(v) at some correlation above 1 - d (Price), which lies between 0 and d E f'^2 for these f."""
    pair = gaussian_pair(1, 1, 1 - sp.Rational(1, 100))
    found = INSTRUMENT.measure(Expectation(f.xreplace({X: pair.u}) * f.xreplace({X: pair.v})), {}, Budget(), Stream(0))
    assert isinstance(found, Ball)
    drop = mean(f**2, 15) - found.value
    assert drop > 0 and drop < mean((sp.diff(f, X) if slope is None else slope) ** 2, 15) / 100


@pytest.mark.parametrize("sigma", [sp.Rational(1, 1000), sp.Integer(1), sp.Integer(300)])
def test_softened_rectifiers_at_any_scale(sigma: sp.Rational) -> None:
    """softplus(z) - softplus(-z) = z, so E[(softplus(z) - softplus(-z))^2] = sigma^2, in four integrals."""
    z = sigma * X
    plus, minus = sp.log(1 + sp.exp(z)), sp.log(1 + sp.exp(-z))
    both = mean(plus**2, 15) + mean(minus**2, 15) - 2 * mean(plus * minus, 15)
    assert both.overlaps(arb(sigma.p) ** 2 / arb(sigma.q) ** 2)
    mish = z * sp.tanh(sp.log(1 + sp.exp(z)))
    assert mean(mish**2, 12) < mean(sp.Max(0, z) ** 2, 15) + 1
