"""Descent, landscapes, linear networks and basins: statements as printed and slipped, each beside what is right.

A line is a name, the true statement, a wrong one that looks like it, and the hypotheses of both (None: there is no twin);
the comment names the row that the wrong one is taken from.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Abs, Eq, Ge, Gt, Le, Lt, Max, Min, Rational, Symbol, asin, binomial, exp, log, pi, sin, sqrt, symbols
from sympy.stats import Expectation, Normal, Probability

from lemmata.theory.activations import relu
from lemmata.theory.gradients import gradient
from lemmata.theory.trajectory import descent

Pair = tuple[str, Any, Any, list[Any]]

w, w1, w2, v1, v2, u, x, y, a, b, c, d, t = symbols("w w_1 w_2 v_1 v_2 u x y a b c d t", real=True)
alpha, lam, M, mu, r, p, delta, eps, L0, top = symbols("alpha lambda M mu r p delta epsilon L_0 m_0", positive=True)
beta, ell = symbols("beta ell", positive=True)
n, K, N = symbols("n K N", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
s, s1, s2 = (Normal(name, 0, 1) for name in ("s", "s1", "s2"))
rows, columns, inner = symbols("d_1 d_2 d_3", integer=True, positive=True)
A, W, B = sp.MatrixSymbol("A", rows, inner), sp.MatrixSymbol("W", inner, columns), sp.MatrixSymbol("B", columns, n)
R = sp.MatrixSymbol("R", rows, n)
error = A * W * B - R

logistic = log(1 + exp(-x))
slope = sp.Piecewise((-y, Abs(y) <= Rational(1, 5)), (y, True))
gain = alpha * (1 - M * alpha / 2)
best = 2 / (sqrt(3) * M)
grown = r * exp(2 * r * t) / (r - 1 + exp(2 * r * t))
run = descent(lam * w**2 / 2, {w: u}, alpha)
cell = 1 + v1 * (w1 - w2) + v1**2 * (w1**2 + w2**2) / 2
moderate = [Le(Abs(u), 3), Le(alpha, 1), Le(lam, 1)]

DESCENT: list[Pair] = [
    # row Y.2
    (
        "cross-entropy-convex",
        Gt(p / x**2 + (1 - p) / (1 - x) ** 2, 0),
        Gt(p / x**2 - (1 - p) / (1 - x) ** 2, 0),
        [Gt(x, 0), Lt(x, 1), Lt(p, 1)],
    ),
    # rows Y.4, Y.5
    (
        "momentum-memory",
        Eq(sp.Sum(beta**k, (k, 0, sp.oo)), 1 / (1 - beta)),
        Eq(sp.Sum(beta**k, (k, 0, sp.oo)), 1 / (1 + beta)),
        [Lt(beta, 1)],
    ),
    ("momentum-stable", Lt(beta, 1), Lt(beta + alpha * lam, 1), [Lt(beta, 1), Lt(alpha * lam, 2 * (1 + beta))]),
    (
        "momentum-rate",
        Le((sqrt(M) - sqrt(mu)) / (sqrt(M) + sqrt(mu)), (M - mu) / (M + mu)),
        Ge((sqrt(M) - sqrt(mu)) / (sqrt(M) + sqrt(mu)), (M - mu) / (M + mu)),
        [Lt(mu, M)],
    ),
    # rows Y.10, Y.12, Y.13
    ("best-step", Le(gain, 1 / (2 * M)), Le(gain, 1 / (4 * M)), []),
    ("gain-positive", Gt(gain, 0), Gt(gain, alpha / 10), [Lt(alpha, 2 / M)]),
    ("gain-any-step", None, Gt(gain, 0), []),
    ("exact-worst-case", Le(4 * alpha - M**2 * alpha**3, 16 / (3 * sqrt(3) * M)), Le(4 * alpha - M**2 * alpha**3, 3 / M), []),
    (
        "best-step-worst-case",
        Eq(4 * best - M**2 * best**3, 16 / (3 * sqrt(3) * M), evaluate=False),
        Eq(4 * best - M**2 * best**3, 3 / M, evaluate=False),
        [],
    ),
    ("textbook-is-loose", Lt(4 / (3 * N + 2), 2 / N), Gt(4 / (3 * N + 2), 2 / N), []),
    # row Y.14
    ("inflection", Ge(3 * x**4 + 4 * x**3, -1), Ge(3 * x**4 + 4 * x**3, 0), []),
    ("saddle", Ge(x**2 - y**2 + y**4, -Rational(1, 4)), Ge(x**2 - y**2 + y**4, 0), []),
    # row Y.15
    ("logistic-smooth", Le(exp(-x) / (1 + exp(-x)) ** 2, Rational(1, 4)), Le(exp(-x) / (1 + exp(-x)) ** 2, Rational(1, 5)), []),
    ("logistic-slope", Eq(sp.Derivative(logistic, x), -1 / (1 + exp(x))), Eq(sp.Derivative(logistic, x), 1 / (1 + exp(-x))), []),
    ("logistic-no-minimum", Gt(logistic, 0, evaluate=False), Gt(logistic, Rational(1, 100)), []),
    # row Y.18
    ("indicator-of-integers", Ge(x - x**2, 0), Ge(x - x**2, Rational(1, 100)), [Ge(x, 0), Le(x, 1)]),
    (
        "indicator-largest",
        Le(x - x**2 + y - y**2, Rational(1, 2)),
        Lt(x - x**2 + y - y**2, Rational(1, 2)),
        [Ge(x, 0), Le(x, 1), Ge(y, 0), Le(y, 1)],
    ),
    # rows Y.19, Y.20
    ("one-step", Eq(run[1, w], (1 - alpha * lam) * u), Eq(run[1, w], (1 + alpha * lam) * u), moderate),
    ("seven-steps", Eq(run[7, w**2], (1 - alpha * lam) ** 14 * u**2), Eq(run[7, w**2], (1 - alpha * lam) ** 7 * u**2), moderate),
    ("stable-curvature", Lt(Abs(1 - alpha * lam), 1), None, [Lt(alpha * lam, 2)]),
    ("positive-curvature", None, Lt(Abs(1 - alpha * lam), 1), []),
    # row Y.21: alpha = 1 sends every |y| > 1/5 to the saddle
    ("saddle-evaded", Gt(Abs(y - slope / 2), 0), Gt(Abs(y - slope), 0), [Gt(y, 0), Le(y, 2)]),
    # row Y.22
    ("differentiable-minimum", Ge((Max(w, 0) - 1) ** 2 / 2, 0, evaluate=False), Gt((Max(w, 0) - 1) ** 2 / 2, 0), []),
    # row Y.24
    ("valley", Ge((w2 - w1**2) ** 2 + eps * w1**2, 0, evaluate=False), Ge((w2 - w1**2) ** 2 + eps * w1**2, eps * w1**2 + w2**2 / 10), []),
]

LINEAR: list[Pair] = [
    # row Y.38
    ("half", Eq(Expectation((a * s - b * s) ** 2) / 2, (a - b) ** 2 / 2), Eq(Expectation((a * s - b * s) ** 2) / 2, (a - b) ** 2), []),
    # row Y.40
    ("near-identity", Le(2 * K * sin(pi / (2 * K)), pi), Le(2 * K * sin(pi / (2 * K)), 3), []),
    ("near-identity-scale", Ge(K * (2 ** (1 / K) - 1), log(2)), Le(K * (2 ** (1 / K) - 1), log(2)), []),
    # row Y.41
    (
        "determinant-positive",
        Gt((1 + a) * (1 + d) - b * c, 0),
        Gt((1 + a) * (1 + d) - b * c, Rational(1, 4)),
        [Lt(a**2 + b**2 + c**2 + d**2, 1)],
    ),
    # row Y.42: 2K factors
    ("roots", Eq(r ** (1 / K) * r ** ((K - 1) / K), r), Eq((r ** (1 / K)) ** (2 * K), r), []),
    # row Y.44
    (
        "layer-gradient",
        Eq(gradient(sp.Trace(error.T * error) / 2, W), A.T * error * B.T),
        Eq(gradient(sp.Trace(error.T * error), W), A.T * error * B.T),
        [],
    ),
    ("layer-gradient-sign", None, Eq(gradient(sp.Trace(error.T * error) / 2, W), A.T * (A * W * B + R) * B.T), []),
    ("layer-gradient-above", None, Eq(gradient(sp.Trace(error.T * error) / 2, W), 2 * A.T * error * B.T), []),
    # row Y.48
    (
        "two-layers",
        Eq(sp.Derivative(grown, t), 2 * grown * (r - grown)),
        Eq(sp.Derivative(grown, t), grown * (r - grown)),
        [Ge(t, 0), Le(t, 3), Ge(r, 1), Le(r, 3)],
    ),
    (
        "rest-is-slow",
        Eq(sp.Derivative((1 + 4 * t) ** Rational(-1, 4), t), -((1 + 4 * t) ** Rational(-5, 4))),
        Eq(sp.Derivative((1 + 4 * t) ** Rational(-1, 2), t), -((1 + 4 * t) ** Rational(-5, 4))),
        [Ge(t, 0)],
    ),
    # row Y.49
    (
        "stuck-at-zero",
        Eq(sp.Derivative(1 / (1 + r * t), t), -r / (1 + r * t) ** 2),
        Eq(sp.Derivative(1 / (1 + r * t), t), -1 / (1 + r * t) ** 2),
        [Ge(t, 0)],
    ),
    # row Y.50: without a condition on the step the iterate jumps over the minimum
    (
        "monotone-step",
        Le(w + alpha * w * (r - w**2), sqrt(r)),
        None,
        [Ge(w, 0), Le(w, sqrt(r)), Le(alpha, 1 / (2 * r))],
    ),
    ("any-step", None, Le(w + alpha * w * (r - w**2), sqrt(r)), [Ge(w, 0), Le(w, sqrt(r))]),
    # row Y.54
    ("double-cone", Ge(Abs(w * a) + Abs(w * b + 1), 1), None, [Le(Abs(b), Abs(a)), Le(Abs(a), 3), Le(Abs(w), 3)]),
    ("no-cone", None, Ge(Abs(w * a) + Abs(w * b + 1), 1), []),
]

BASINS: list[Pair] = [
    (
        "neuron-active",
        Eq(Probability(3 * s1 - 2 * s2 > 0), Rational(1, 2)),
        Eq(Probability(3 * s1 - 2 * s2 > 1), Rational(1, 2)),
        [],
    ),  # row S.3
    # rows S.6, S.7: the path ends above what was promised
    ("path-value", Ge((1 - ell / 3) * L0 + ell / 3 * top, top), Eq((1 - ell / 3) * L0 + ell / 3 * top, top), [Le(ell, 1), Lt(top, L0)]),
    # row S.8
    ("capped", Le(logistic, log(2)), Ge(logistic, log(2)), [Ge(x, 0)]),
    # row S.9: deep networks without biases
    (
        "half-of-half",
        None,
        Ge(Probability(sp.And(s1 > 0, s2 > 0)), (1 - Rational(1, 2**20)) / 2),
        [],
    ),
    # row S.14
    ("cell", Ge(cell, Rational(1, 2)), Ge(cell, 1), [Ge(v1, 0), Ge(w1, 0), Ge(w2, 0)]),
    # row S.15
    (
        "half-axes",
        Eq(sp.Sum(binomial(n, k) * (1 - 2 ** (-k)) * (1 - 2 ** (k - n)) / 2**n, (k, 0, n)), 1 - 2 * Rational(3, 4) ** n + 2 ** (-n)),
        Eq(sp.Sum(binomial(n, k) * (1 - 2 ** (-k)) * (1 - 2 ** (k - n)) / 2**n, (k, 0, n)), 1 - 2 * Rational(3, 4) ** n),
        [Le(n, 12)],
    ),
    (
        "basin-bound",
        Ge(1 - 2 * Rational(3, 4) ** n + 2 ** (-n), 1 - 2 * Rational(3, 4) ** n, evaluate=False),
        Le(1 - 2 * Rational(3, 4) ** n + 2 ** (-n), 1 - 2 * Rational(3, 4) ** n, evaluate=False),
        [],
    ),
    # row S.18
    ("width", Le((1 - p) ** (1 / p), exp(-1)), Ge((1 - p) ** (1 / p), exp(-1)), [Lt(p, 1)]),
    ("width-exponent", Le(exp(-n), exp(-n * Rational(1, 4))), Ge(exp(-n), exp(-n * Rational(1, 4))), []),
    # row S.19
    (
        "chord",
        Eq(sin(2 * asin(delta / 2)), delta * sqrt(1 - delta**2 / 4)),
        Eq(sin(2 * asin(delta / 2)), delta * sqrt(1 - delta**2 / 2)),
        [Le(delta, 1)],
    ),
    # row S.22
    ("clusters", Ge(Rational(7, 8) ** n, Rational(13, 16) ** n), Le(Rational(7, 8) ** n, Rational(13, 16) ** n), []),
    ("good-neuron", Ge(Rational(3, 4) / 4, Rational(3, 16), evaluate=False), Ge(Rational(3, 4) / 4, Rational(7, 8), evaluate=False), []),
    # row S.16: more neurons never hurt
    ("overspecified", Le(Min(a, b), a), Lt(Min(a, b), a), []),
    ("dead-network", Eq(relu(-Abs(x) - 1), 0, evaluate=False), Eq(relu(1 - Abs(x)), 0), []),  # row Y.16
    ("one-sided-net", Eq(relu(x) - relu(-x), x), Eq(relu(x) + relu(-x), x), []),
    ("wide-net", Le(Abs(relu(v2) - relu(v1)), Abs(v2 - v1)), Lt(Abs(relu(v2) - relu(v1)), Abs(v2 - v1)), []),
]
