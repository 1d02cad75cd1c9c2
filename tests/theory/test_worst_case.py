"""Worst cases over a class of functions as quantities: what they are, how they print, what is refused."""

from __future__ import annotations

import pytest
import sympy as sp

from lemmata.theory import Smooth, SmoothConvex, SmoothStronglyConvex, worst_case
from lemmata.theory.quantity import free_parameters, quantities

M, m, alpha, beta, Delta, R = sp.symbols("M m alpha beta Delta R", positive=True)
N = sp.Symbol("N", integer=True, positive=True)


def test_symbols_of_every_part_are_free() -> None:
    node = worst_case(SmoothStronglyConvex(m, M), alpha, distance=R, momentum=beta, method="nesterov")[N, "excess"]
    assert free_parameters(node) == {m, M, alpha, beta, R, N}
    assert quantities(2 * node + M) == (node,)


def test_it_stays_unevaluated_and_is_equal_to_itself_only() -> None:
    worst = worst_case(Smooth(M), alpha, excess=Delta)
    assert worst[N, "gradient"] == worst[N, "gradient"]
    assert len({worst[N, "gradient"], worst[N, "excess"], worst.least[N, "gradient"], worst.total[N, "gradient"]}) == 4
    assert isinstance(sp.Le(worst[N, "gradient"], M), sp.Le)
    assert worst[N, "gradient"].is_nonnegative


def test_substitution_reaches_the_class_and_the_start() -> None:
    node = worst_case(SmoothStronglyConvex(m, M), 1 / M, excess=Delta)[N, "excess"]
    fixed = node.xreplace({m: sp.Integer(1), M: sp.Integer(2), Delta: sp.Integer(3), N: sp.Integer(4)})
    assert fixed == worst_case(SmoothStronglyConvex(1, 2), sp.Rational(1, 2), excess=3)[4, "excess"]


def test_latex_says_the_class_the_start_and_the_measure() -> None:
    printed = sp.latex(worst_case(Smooth(M), alpha, excess=Delta).least[N, "gradient"])
    assert printed == r"\sup_{L \in \mathcal{F}_{M},\, L(w^{(0)}) - L_* \le \Delta} \min_{0 \le k < N} \left\| \nabla L(w^{(k)}) \right\|^2"
    printed = sp.latex(worst_case(SmoothStronglyConvex(m, M), alpha, distance=R)[N, "distance"])
    assert r"\mathcal{F}_{m, M}" in printed and r"\left\| w^{(0)} - w_* \right\| \le R" in printed and "w^{(N)}" in printed
    assert r"\sum_{0 \le k < N}" in sp.latex(worst_case(SmoothConvex(M), alpha, excess=Delta).total[N, "excess"])


@pytest.mark.parametrize(
    ("start", "measure", "factor"),
    [
        ("excess", "gradient", M * Delta),
        ("excess", "excess", Delta),
        ("excess", "distance", Delta / M),
        ("distance", "gradient", M**2 * R**2),
        ("distance", "excess", M * R**2),
        ("distance", "distance", R**2),
    ],
)
def test_how_it_scales(start: str, measure: str, factor: sp.Expr) -> None:
    bound = Delta if start == "excess" else R
    node = worst_case(SmoothStronglyConvex(m, M), alpha, **{start: bound})[N, measure]
    scale, unit = node.normalised()
    assert sp.expand(scale - factor) == 0
    assert unit == worst_case(SmoothStronglyConvex(m / M, 1), alpha * M, **{start: 1})[N, measure]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Smooth(0), "positive number or expression, not 0"),
        (lambda: Smooth(sp.oo), "positive number or expression, not oo"),
        (lambda: SmoothStronglyConvex(-1, 2), "strong convexity"),
        (lambda: SmoothStronglyConvex(3, 2), "m = 3 .* M = 2"),
        (lambda: worst_case(Smooth(M), 0, excess=Delta), "step of descent is a positive"),
        (lambda: worst_case(Smooth(M), sp.nan, excess=Delta), "step of descent is a positive number or expression, not nan"),
        (lambda: worst_case(Smooth(M), alpha, excess=sp.oo), "bound of the start, excess, is a positive number or expression, not oo"),
        (lambda: Smooth(sp.nan), "positive number or expression, not nan"),
        (lambda: worst_case(Smooth(M), alpha, excess=-1), "bound of the start, excess, is a positive"),
        (lambda: worst_case(Smooth(M), alpha), "one bound of the start"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta, distance=R), "one bound of the start"),
        (lambda: worst_case(M, alpha, excess=Delta), "class of functions, such as"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta, method="adam"), "no method 'adam': choose one of gradient"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta, momentum=beta), "no momentum"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta)[N, "loss"], "no measure 'loss': choose one of gradient, excess, distance"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta).least[0, "gradient"], "n an integer >= 1, not 0"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta)[sp.Rational(1, 2), "gradient"], "n an integer >= 0"),
        (lambda: worst_case(Smooth(M), alpha, excess=Delta)[N], "by a pair"),
    ],
)
def test_what_makes_no_sense_is_an_error_of_one_line(make, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        make()
    assert "\n" not in str(caught.value)
