"""Statements outside the register, true and false in pairs: what a stranger might write on the first day.

Each pair differs by the kind of slip that papers contain: a factor, a sign, a lost square, a swapped function.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Eq, Ge, Gt, Le, Lt, Max, Rational, Symbol, cos, erf, exp, log, pi, sin, sqrt, symbols, tanh
from sympy.stats import Bernoulli, Covariance, Die, Expectation, Exponential, Normal, Probability, Uniform, Variance
from sympy.stats.symbolic_multivariate_probability import VarianceMatrix

from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.gradients import gradient
from lemmata.theory.trajectory import descent, flow

a, b, c, x, y, t = symbols("a b c x y t", real=True)
q, lam, sigma = symbols("q lambda sigma", positive=True)
n, k = symbols("n k", integer=True, positive=True)
alpha, w0 = Symbol("alpha", positive=True), Symbol("w0", real=True)
w, v1 = symbols("w v1", real=True)
square_of_starts = [Ge(t, 0), Le(t, 2), Ge(w0, -2), Le(w0, 2), Ge(b, -2), Le(b, 2)]
s, s1, s2 = Normal("s", 0, 1), Normal("s1", 0, 1), Normal("s2", 0, 1)
z = Normal("z", 0, sigma)
u, v = s1, c * s1 + sqrt(1 - c**2) * s2
U = Uniform("U", 0, 1)
X = Exponential("X", lam)
coin, die = Bernoulli("coin", Rational(1, 3)), Die("die", 6)
correlation = [Ge(c, -1), Le(c, 1)]
d1, d2 = symbols("d1 d2", integer=True, positive=True)
W, A = sp.MatrixSymbol("W", d1, d2), sp.MatrixSymbol("A", d1, d2)
B, C = sp.MatrixSymbol("B", d2, n), sp.MatrixSymbol("C", d1, n)
F, S = sp.MatrixSymbol("F", d1, d2), sp.MatrixSymbol("S", d2, d2)
G = gaussian_vector("G", S)
N = Symbol("N", integer=True, nonnegative=True)
sigmoid = 1 / (1 + exp(-x))

Statement = tuple[str, Any, list[Any]]

TRUE: list[Statement] = [
    ("mgf", Eq(Expectation(exp(s)), exp(Rational(1, 2))), []),
    ("mgf-scaled", Eq(Expectation(exp(a * s)), exp(a**2 / 2)), [Le(a, 2), Ge(a, -2)]),
    ("relu-variance", Eq(Variance(Max(0, s)), Rational(1, 2) - 1 / (2 * pi)), []),
    ("cos-feature", Eq(Expectation(cos(a * s)), exp(-(a**2) / 2)), []),
    ("fair-comparison", Eq(Probability(s1 > s2), Rational(1, 2)), []),
    ("mean-absolute", Eq(Expectation(sp.Abs(z)), sigma * sqrt(2 / pi)), []),
    ("isserlis", Eq(Expectation(u**2 * v**2), 1 + 2 * c**2), correlation),
    ("covariance", Eq(Covariance(u, v), c), correlation),
    ("uniform-square", Eq(Expectation(U**2), Rational(1, 3)), []),
    ("exponential-mean", Eq(Expectation(X), 1 / lam), []),
    ("coin", Eq(Variance(coin), Rational(2, 9)), []),
    ("die", Eq(Expectation(die**2), Rational(91, 6)), []),
    ("cubic-relu", Eq(Expectation(Max(0, s) ** 3), sqrt(2 / pi)), []),
    ("orthant", Eq(Probability(sp.And(s1 > 0, s2 > 0)), Rational(1, 4)), []),
    ("shifted-relu", Eq(Expectation(Max(0, s + 1)), exp(-Rational(1, 2)) / sqrt(2 * pi) + (1 + erf(1 / sqrt(2))) / 2), []),
    ("stein", Eq(Expectation(s * tanh(s)), 1 - Expectation(tanh(s) ** 2)), []),
    ("pythagoras", Eq(sin(x) ** 2 + cos(x) ** 2, 1), []),
    ("square", Eq((x + y) ** 2, x**2 + 2 * x * y + y**2), []),
    ("sine-bound", Ge(sin(x), x - x**3 / 6), [Ge(x, 0), Le(x, 2)]),
    ("softplus-bound", Ge(log(1 + exp(x)), Max(0, x)), []),
    ("sigmoid-slope", Le(sigmoid * (1 - sigmoid), Rational(1, 4)), []),
    ("amgm", Le(x * y, (x**2 + y**2) / 2), []),
    ("tanh-bounded", Le(Expectation(tanh(sqrt(q) * s) ** 2), 1), []),
    ("tanh-below-linear", Le(Expectation(tanh(sqrt(q) * s) ** 2), q), []),
    ("exp-above-line", Gt(exp(x), x), []),
    ("e", Eq(sp.Limit((1 + 1 / y) ** y, y, sp.oo), sp.E), []),
    ("sinc", Eq(sp.Limit(sin(x) / x, x, 0), 1), []),
    ("gauss-sum", Eq(sp.Sum(k, (k, 1, n)), n * (n + 1) / 2), []),
    ("basel", Eq(sp.Sum(1 / k**2, (k, 1, sp.oo)), pi**2 / 6), []),
    ("gaussian-integral", Eq(sp.Integral(exp(-(x**2)), (x, -sp.oo, sp.oo)), sqrt(pi)), []),
    ("sigmoid-derivative", Eq(sp.Derivative(sigmoid, x), sigmoid * (1 - sigmoid)), []),
    ("descent-on-a-parabola", Eq(descent(w**2 / 2, {w: w0}, alpha)[5, w], (1 - alpha) ** 5 * w0), [Le(alpha, 2)]),
    ("flow-on-a-parabola", Eq(flow(lam * w**2 / 2, {w: w0})[t, w], exp(-lam * t) * w0), [Ge(t, 0), Le(t, 2), Le(lam, 3)]),
    ("ridge-gradient", Eq(gradient(sp.Trace(W.T * W) / 2, W), W), []),
    ("least-squares-gradient", Eq(gradient(sp.Trace((W - A).T * (W - A)), W), 2 * W - 2 * A), []),
    ("exp-limit", Eq(sp.Limit((1 + x / y) ** y, y, sp.oo), exp(x)), [Le(x, 5), Ge(x, -5)]),
    ("box-cox-limit", Eq(sp.Limit((x**t - 1) / t, t, 0), log(x)), [Gt(x, 0)]),
    ("softplus-limit", Eq(sp.Limit(log(1 + exp(q * x)) / q, q, sp.oo), Max(0, x)), []),
    (
        "ridge-regression",
        Eq(gradient(sp.Trace((W * B - C).T * (W * B - C)) / 2 + lam * sp.Trace(W.T * W) / 2, W), (W * B - C) * B.T + lam * W),
        [],
    ),
    ("log-determinant", Eq(gradient(log(sp.Determinant(S)), S), sp.Inverse(S)), [sp.Q.positive_definite(S)]),
    ("covariance-of-a-layer", Eq(VarianceMatrix(F * G), F * S * F.T), [sp.Q.positive_definite(S)]),
    (
        "descent-any-length",
        Eq(descent(lam * (w - b) ** 2 / 2, {w: w0}, alpha)[N, w], b + (1 - alpha * lam) ** N * (w0 - b)),
        [Le(alpha * lam, 2)],
    ),
    ("descent-on-a-slope", Eq(descent(b * w, {w: w0}, alpha)[N, w], w0 - N * alpha * b), []),
    (
        "difference-of-iterates",
        Eq(descent((w - v1) ** 2 / 2, {w: w0, v1: b}, alpha)[N, w - v1], (1 - 2 * alpha) ** N * (w0 - b)),
        [Le(alpha, 1)],
    ),
    ("conserved-along-the-flow", Eq(flow((w * v1 - 1) ** 2 / 2, {w: w0, v1: b})[t, w**2 - v1**2], w0**2 - b**2), square_of_starts),
    ("relu-slope", Eq(sp.Derivative(Max(0, x), x), sp.Heaviside(x)), [sp.Ne(x, 0)]),
    ("squared-relu-slope", Eq(sp.Derivative(Max(0, x) ** 2, x), 2 * Max(0, x)), []),
    ("geometric-series", Eq(sp.Sum(x**k, (k, 0, sp.oo)), 1 / (1 - x)), [Gt(x, -1), Lt(x, 1)]),
    ("gauss-tail", Le(Probability(s > t), exp(-(t**2) / 2)), [Ge(t, 0)]),
    ("swish-minimum", Ge(x * sigmoid, -Rational(27847, 10**5)), []),
    ("bernoulli-inequality", Ge((1 + x) ** n, 1 + n * x), [Ge(x, -1), sp.Contains(n, sp.Range(1, 9))]),
    ("tight-on-a-curve", Le(lam * (1 - sigma * lam / 2), 1 / (2 * sigma)), []),
    ("true-in-all-decades", Le(log(q), 4 * q ** Rational(1, 10)), []),
]

FALSE: list[Statement] = [
    ("mgf", Eq(Expectation(exp(s)), exp(1)), []),
    ("mgf-scaled", Eq(Expectation(exp(a * s)), exp(a**2)), [Le(a, 2), Ge(a, -2)]),
    ("relu-variance", Eq(Variance(Max(0, s)), Rational(1, 2)), []),
    ("cos-feature", Eq(Expectation(cos(a * s)), exp(-(a**2))), []),
    ("fair-comparison", Eq(Probability(s1 > 2 * s2 + 1), Rational(1, 2)), []),
    ("mean-absolute", Eq(Expectation(sp.Abs(z)), sigma * sqrt(pi / 2)), []),
    ("isserlis", Eq(Expectation(u**2 * v**2), 1 + c**2), correlation),
    ("covariance", Eq(Covariance(u, v), c**2), correlation),
    ("uniform-square", Eq(Expectation(U**2), Rational(1, 4)), []),
    ("exponential-mean", Eq(Expectation(X), lam), []),
    ("coin", Eq(Variance(coin), Rational(1, 3)), []),
    ("die", Eq(Expectation(die**2), Rational(49, 4)), []),
    ("cubic-relu", Eq(Expectation(Max(0, s) ** 3), Rational(3, 2)), []),
    ("orthant", Eq(Probability(sp.And(s1 > 0, s1 + s2 > 0)), Rational(1, 4)), []),
    ("shifted-relu", Eq(Expectation(Max(0, s + 1)), 1), []),
    ("stein", Eq(Expectation(s * tanh(s)), 1 - Expectation(tanh(s))), []),
    ("pythagoras", Eq(sin(x) ** 2 - cos(x) ** 2, 1), []),
    ("square", Eq((x + y) ** 2, x**2 + y**2), []),
    ("sine-bound", Ge(x - x**3 / 6, sin(x)), [Ge(x, 0), Le(x, 2)]),
    ("softplus-bound", Ge(log(1 + exp(x)), Max(0, x) + Rational(1, 10)), []),
    ("sigmoid-slope", Le(sigmoid * (1 - sigmoid), Rational(1, 5)), []),
    ("amgm", Le(x * y, (x**2 + y**2) / 3), []),
    ("tanh-bounded", Le(Expectation(tanh(sqrt(q) * s) ** 2), Rational(1, 3)), [Ge(q, 1), Le(q, 9)]),
    ("tanh-below-linear", Le(Expectation(tanh(sqrt(q) * s) ** 2), q / 2), []),
    ("exp-above-line", Gt(exp(x), x + 1), []),
    ("e", Eq(sp.Limit((1 + 1 / y) ** y, y, sp.oo), 3), []),
    ("sinc", Eq(sp.Limit(sin(x) / x, x, 0), 0), []),
    ("gauss-sum", Eq(sp.Sum(k, (k, 1, n)), n * (n - 1) / 2), []),
    ("basel", Eq(sp.Sum(1 / k**2, (k, 1, sp.oo)), pi**2 / 8), []),
    ("gaussian-integral", Eq(sp.Integral(exp(-(x**2)), (x, -sp.oo, sp.oo)), sqrt(2 * pi), evaluate=False), []),
    ("sigmoid-derivative", Eq(sp.Derivative(sigmoid, x), sigmoid * (1 + sigmoid)), []),
    ("descent-on-a-parabola", Eq(descent(w**2, {w: w0}, alpha)[5, w], (1 - alpha) ** 5 * w0), [Le(alpha, 2)]),
    ("flow-on-a-parabola", Eq(flow(lam * w**2 / 2, {w: w0})[t, w], exp(lam * t) * w0), [Ge(t, 0), Le(t, 2), Le(lam, 3)]),
    ("ridge-gradient", Eq(gradient(sp.Trace(W.T * W), W), W), []),
    ("least-squares-gradient", Eq(gradient(sp.Trace((W - A).T * (W - A)), W), 2 * W + 2 * A), []),
    ("strict-at-the-end", Lt(x**2, 1), [Ge(x, 0), Le(x, 1)]),
    ("exp-limit", Eq(sp.Limit((1 + x / y) ** y, y, sp.oo), exp(x) + x / 100), [Le(x, 5), Ge(x, -5)]),
    ("box-cox-limit", Eq(sp.Limit((x**t - 1) / t, t, 0), sp.Abs(log(x))), [Gt(x, 0)]),
    ("softplus-limit", Eq(sp.Limit(log(1 + exp(q * x)) / q, q, sp.oo), sp.Abs(x)), []),
    ("ridge-regression", Eq(gradient(sp.Trace((W * B - C).T * (W * B - C)) / 2 + lam * sp.Trace(W.T * W) / 2, W), (W * B - C) * B.T), []),
    ("log-determinant", Eq(gradient(log(sp.Determinant(S)), S), S), [sp.Q.positive_definite(S)]),
    ("covariance-of-a-layer", Eq(VarianceMatrix(F * G), 2 * F * S * F.T), [sp.Q.positive_definite(S)]),
    (
        "descent-any-length",
        Eq(descent(lam * (w - b) ** 2 / 2, {w: w0}, alpha)[N, w], b + (1 - alpha * lam) ** N * w0),
        [Le(alpha * lam, 2)],
    ),
    ("descent-on-a-slope", Eq(descent(b * w, {w: w0}, alpha)[N, w], w0 - (N + 1) * alpha * b), []),
    (
        "difference-of-iterates",
        Eq(descent((w - v1) ** 2 / 2, {w: w0, v1: b}, alpha)[N, w - v1], (1 - alpha) ** N * (w0 - b)),
        [Le(alpha, 1)],
    ),
    ("conserved-along-the-flow", Eq(flow((w * v1 - 1) ** 2 / 2, {w: w0, v1: b})[t, w - v1], w0 - b), square_of_starts),
    ("gauss-tail", Le(Probability(s > t), exp(-(t**2))), [Ge(t, 0)]),
    ("swish-minimum", Ge(x * sigmoid, -Rational(27846, 10**5)), []),
    ("bernoulli-inequality", Ge((1 + x) ** n, 1 + n * x), [sp.Contains(n, sp.Range(1, 9))]),
    ("open-end", Le(x, 1 - Rational(1, 10**6)), [Ge(x, 0), Lt(x, 1)]),
    ("narrow-dip", Gt((x - Rational(34567, 10**5)) ** 2, Rational(1, 10**8)), []),
    ("cut-corner", Le(x - y, 1 - Rational(1, 10**4)), [Gt(y, 0), Lt(y, x), Lt(x, 1)]),
    ("strict-on-a-curve", Lt(lam * (1 - sigma * lam / 2), 1 / (2 * sigma)), []),
    ("strict-at-an-algebraic-point", Lt(x * (2 - x**2), 4 * sqrt(6) / 9), [Ge(x, 0), Le(x, 1)]),
    ("false-in-the-middle-decades", Le(log(q), 3 * q ** Rational(1, 10)), []),
]

INCONCLUSIVE: list[Statement] = [
    ("divergent", Eq(Expectation(exp(s**2)), 7), []),
    ("nowhere", Eq(x, x + 0 * y + 1, evaluate=False), [Lt(x, 0), Gt(x, 0)]),
    ("no-value-at-one", Eq((x**2 - 1) / (x - 1), x + 1), []),
    ("not-real-below-zero", Le(sp.sqrt(x), 1 + x), [Ge(x, -1)]),
    ("undefined-function", Eq(sp.Function("f")(x), x), []),
    ("series-beyond-its-radius", Eq(sp.Sum(x**k, (k, 0, sp.oo)), 1 / (1 - x)), [Gt(x, -1), Lt(x, 2), sp.Ne(x, 1)]),
    ("slope-at-a-kink", Eq(sp.Derivative(Max(0, x), x), sp.Heaviside(x)), []),
    ("gradient-at-a-kink", Eq(gradient(sp.Abs(x), x), sp.sign(x)), []),
    ("already-true", Eq(x, x), []),
]
