"""Kernels, signal propagation and rates: statements as printed and slipped, each beside what is right.

A line is a name, the true statement, a wrong one that looks like it, and the hypotheses of both (None: there is no twin).
The wrong ones are the misprints of lectures and slides, and the slips that people make when they copy them; the comment
names the row.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Abs, Eq, Ge, Gt, Le, Lt, Max, Rational, Symbol, acos, asin, cos, erf, exp, gamma, log, pi, sin, sqrt, symbols, tanh
from sympy.stats import Bernoulli, Covariance, Expectation, Normal, Probability, Variance

from lemmata.theory.activations import relu, step
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.recursion import iterate
from lemmata.theory.signal_propagation import chi_1, covariance_map, length_map

Pair = tuple[str, Any, Any, list[Any]]

c, t, x, a, b, f0, y = symbols("c t x a b f_0 y", real=True)
q, q1, q2, lam, rho, r, delta = symbols("q q_1 q_2 lambda rho r delta", positive=True)
sigma_w, sigma_b = symbols("sigma_w sigma_b", positive=True)
n, m, d = symbols("n m d", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
s, s1, s2, s3, s4 = (Normal(name, 0, 1) for name in ("s", "s1", "s2", "s3", "s4"))
z = Normal("z", 0, sqrt(q))
wide = Normal("zz", 0, q)
coin = Bernoulli("coin", Rational(1, 2))
u, v = gaussian_pair(1, 1, c)
uq, vq = gaussian_pair(q1, q2, c)

unit = [Ge(c, -1), Le(c, 1)]
inside = [Gt(c, -1), Lt(c, 1)]
small = [Le(q, 4)]
k0 = 1 - acos(c) / pi
k1 = (sqrt(1 - c**2) + c * (pi - acos(c))) / pi
map_of_x = sp.Lambda(x, sigma_w**2 * x / 2 + sigma_b**2)
relaxed = y + exp(-lam * t) * (f0 - y)
away = y + exp(lam * t) * (f0 - y)

KERNELS: list[Pair] = [
    # row D.1: N(0, 1) weights, two hidden units: twice the kernel
    (
        "two-units",
        Eq(Expectation((s1 * Max(0, s2) + s3 * Max(0, s4)) ** 2), 1),
        Eq(Expectation((s1 * Max(0, s2) + s3 * Max(0, s4)) ** 2), Rational(1, 2)),
        [],
    ),
    # row D.7
    ("arc-cosine", Eq(Expectation(relu(u) * relu(v)), k1 / 2), Eq(Expectation(relu(u) * relu(v)), k1), unit),
    (
        "arc-cosine-lengths",
        Eq(Expectation(relu(uq) * relu(vq)), sqrt(q1 * q2) * k1 / 2),
        Eq(Expectation(relu(uq) * relu(vq)), q1 * q2 * k1 / 2),
        unit,
    ),
    ("arc-cosine-slope", Eq(sp.Derivative(k1, c), k0), Eq(sp.Derivative(k1, c), k0 / 2), inside),
    ("arc-cosine-curvature", Eq(sp.Derivative(k0, c), 1 / (pi * sqrt(1 - c**2))), Eq(sp.Derivative(k0, c), 1 / sqrt(1 - c**2)), inside),
    ("half-angle", Eq(2 * Expectation(step(u) * step(v)), k0), Eq(2 * Expectation(step(u) * step(v)), acos(c) / pi), unit),
    (
        "angle",
        Eq(pi * k1.subs(c, cos(t)), sin(t) + (pi - t) * cos(t)),
        Eq(pi * k1.subs(c, cos(t)), sin(t) + (pi + t) * cos(t)),
        [Ge(t, 0), Le(t, pi)],
    ),
    # row D.9: the error 1/2 of one neuron on two points against the bound 4/rho^2
    ("one-neuron", Le(1 / rho**2, 4 / rho**2, evaluate=False), Le(Rational(1, 2), 4 / rho**2), []),
    # row D.10: the best a x against 1 on [1, 2]
    (
        "homogeneous",
        Ge(Max(Abs(a - 1), Abs(2 * a - 1)), Rational(1, 3)),
        Ge(Max(Abs(a - 1), Abs(2 * a - 1)), Rational(1, 2)),
        [],
    ),
    # row D.13: the diagonal of layer 1 for ever
    ("stale-diagonal", Eq(iterate(sp.Lambda(x, x / 2), q, k), q / 2**k), Eq(iterate(sp.Lambda(x, x / 2), q, k), q / 2), []),
    # row D.14
    (
        "erf-kernel",
        Eq(Expectation(erf(u) * erf(v)), 2 / pi * asin(2 * c / 3)),
        Eq(Expectation(erf(u) * erf(v)), 2 / pi * asin(c / 2)),
        unit,
    ),
    (
        "erf-square",
        Eq(Expectation(erf(z) ** 2), 2 / pi * asin(2 * q / (1 + 2 * q))),
        Eq(Expectation(erf(z) ** 2), 2 / pi * asin(q / (1 + q))),
        small,
    ),
    # row D.15: the additive 1e-10 swamps norms of 2^-L
    ("additive-guard", None, Ge(2 ** (-n) / (2 ** (-n) + Rational(1, 10**10)), Rational(99, 100)), []),
    (
        "additive-guard-shallow",
        Ge(2 ** (-n) / (2 ** (-n) + Rational(1, 10**10)), Rational(99, 100)),
        None,
        [sp.Contains(n, sp.Range(1, 20))],
    ),
    ("hermite-criterion", Eq(Expectation(s * s**2), 0), Eq(Expectation(s * s**3), 0), []),  # row D.3
    ("dual-of-exp", Eq(Expectation(exp(u) * exp(v)), exp(1 + c)), Eq(Expectation(exp(u) * exp(v)), exp(c)), unit),
    ("dual-of-square", Eq(Expectation((u**2 - 1) * (v**2 - 1)), 2 * c**2), Eq(Expectation((u**2 - 1) * (v**2 - 1)), c**2), unit),
]

SLIDES: list[Pair] = [
    # row C.9: the sign of the kernel flow
    (
        "flow-solution",
        Eq(sp.Derivative(relaxed, t), -lam * (relaxed - y)),
        Eq(sp.Derivative(relaxed, t), lam * (relaxed - y)),
        [Le(Abs(t), 3)],
    ),
    ("flow-away", Eq(sp.Derivative(away, t), lam * (away - y)), Eq(sp.Derivative(away, t), -lam * (away - y)), [Le(Abs(t), 3)]),
    # rows C.10, C.17, C.18, C.19
    ("rate", Eq(1 / (1 + d / (d + 1)), (d + 1) / (2 * d + 1), evaluate=False), Eq((d + 1) / (2 * d + 1), 1 / d, evaluate=False), []),
    ("rate-standard", Eq(3 / (3 + d), 1 / (1 + d * Rational(1, 3)), evaluate=False), Eq(3 / (d + 3), 3 / (d + 1), evaluate=False), []),
    (
        "rate-large-d",
        Eq((d + 1) / (2 * d + 1), Rational(1, 2) + 1 / (4 * d + 2)),
        Eq((d + 1) / (2 * d + 1), Rational(1, 2) + 1 / (2 * d + 1), evaluate=False),
        [],
    ),
    ("standard-is-slower", Le(3 / (d + 3), (d + 1) / (2 * d + 1)), Ge(3 / (d + 3), (d + 1) / (2 * d + 1)), [Ge(d, 3)]),
    ("standard-is-never-faster", None, Le(3 / (d + 3), (d + 1) / (2 * d + 1)), []),
    # row C.16: m for m! in Bernstein's condition
    ("third-moment", Le(Expectation(Abs(s) ** 3), 3), Le(Expectation(Abs(s) ** 3), Rational(3, 2)), []),
    (
        "bernstein",
        Le(2 ** (m / 2) * gamma((m + 1) / 2) / sqrt(pi), sp.factorial(m) / 2),
        Le(2 ** (m / 2) * gamma((m + 1) / 2) / sqrt(pi), m / 2),
        [sp.Contains(m, sp.Range(2, 12))],
    ),
    ("fifth-moment", Eq(Expectation(Abs(s) ** 5), 8 * sqrt(2 / pi)), Eq(Expectation(Abs(s) ** 5), 8 / sqrt(2 * pi)), []),
]

SIGNALS: list[Pair] = [
    # row Y.65: a single coin is not smoothed
    (
        "coin-in-the-bias",
        Eq(Expectation((a * s + b * (2 * coin - 1)) ** 4), 3 * (a**2 + b**2) ** 2 - 2 * b**4),
        Eq(Expectation((a * s + b * (2 * coin - 1)) ** 4), 3 * (a**2 + b**2) ** 2),
        [Le(Abs(a), 3), Le(Abs(b), 3)],
    ),
    ("layer-variance", Eq(Variance(a * s1 + b * s2), a**2 + b**2), Eq(Variance(a * s1 + b * s2), (a + b) ** 2), []),
    # row Y.66: variance q, not standard deviation q
    ("relu-length", Eq(Expectation(relu(z) ** 2), q / 2), Eq(Expectation(relu(wide) ** 2), q / 2), small),
    (
        "erf-length",
        Eq(Expectation(erf(z) ** 2), Expectation(erf(sqrt(q) * s) ** 2)),
        Eq(Expectation(erf(wide) ** 2), Expectation(erf(sqrt(q) * s) ** 2)),
        small,
    ),
    ("normal-length", Eq(Expectation(z**4), 3 * q**2), Eq(Expectation(z**4), 3 * q**4), small),
    (
        "length-map",
        Eq(length_map(relu, q, sigma_w, sigma_b), sigma_w**2 * q / 2 + sigma_b**2),
        Eq(length_map(relu, q, sigma_w, sigma_b), sigma_w**2 * q / 2 + sigma_b),
        [],
    ),
    # row Y.67
    (
        "length-fixed-point",
        Eq(length_map(relu, sigma_b**2 / (1 - sigma_w**2 / 2), sigma_w, sigma_b), sigma_b**2 / (1 - sigma_w**2 / 2)),
        Eq(length_map(relu, sigma_b**2 / (1 - sigma_w**2), sigma_w, sigma_b), sigma_b**2 / (1 - sigma_w**2)),
        [Lt(sigma_w**2, Rational(9, 10))],
    ),
    (
        "fixed-point-positive",
        Gt(sigma_b**2 / (1 - sigma_w**2 / 2), 0),
        Gt(sigma_b**2 / (1 - sigma_w**2), 0),
        [Lt(sigma_w**2, 2), sp.Ne(sigma_w, 1)],
    ),
    (
        "lengths-critical",
        Eq(iterate(sp.Lambda(x, x + sigma_b**2), q, k), q + k * sigma_b**2),
        Eq(iterate(sp.Lambda(x, x + sigma_b**2), q, k), q + (k + 1) * sigma_b**2),
        [],
    ),
    (
        "second-length",
        Eq(iterate(map_of_x, q, 2), sigma_w**4 * q / 4 + sigma_b**2 * (1 + sigma_w**2 / 2)),
        Eq(iterate(map_of_x, q, 2), sigma_w**4 * q / 4 + sigma_b**2),
        [],
    ),
    # rows Y.68, Y.69
    (
        "tanh-series",
        Ge(Expectation(tanh(sqrt(q) * s) ** 2), q - 2 * q**2),
        Ge(Expectation(tanh(sqrt(q) * s) ** 2), q - q**2),
        [Le(q, Rational(1, 4))],
    ),
    (
        "tanh-subcritical",
        Le(Rational(81, 100) * Expectation(tanh(sqrt(q) * s) ** 2), q),
        Ge(Rational(81, 100) * Expectation(tanh(sqrt(q) * s) ** 2), q),
        small,
    ),
    ("tanh-stein", Eq(Expectation(s * tanh(s)), Expectation(1 - tanh(s) ** 2)), Eq(Expectation(s * tanh(s)), Expectation(1 - tanh(s))), []),
    # rows Y.70, Y.71: the covariance map
    (
        "covariance-map",
        Eq(covariance_map(relu, q1, q2, c, sigma_w, sigma_b), sigma_w**2 * sqrt(q1 * q2) * k1 / 2 + sigma_b**2),
        Eq(covariance_map(relu, q1, q2, c, sigma_w, sigma_b), sigma_w**2 * sqrt(q1 * q2) * k1 / 2 + sigma_b),
        unit,
    ),
    ("covariance-linear", Eq(Covariance(uq, vq), sqrt(q1 * q2) * c), Eq(Covariance(uq, vq), q1 * q2 * c), unit),
    # row Y.72
    ("chi-relu", Eq(chi_1(relu, q, sigma_w), sigma_w**2 / 2), Eq(chi_1(relu, q, sigma_w), sigma_w**2), []),
    (
        "chi-tanh",
        Le(Expectation((1 - tanh(sqrt(q) * s) ** 2) ** 2), 1),
        Le(Expectation((1 - tanh(sqrt(q) * s) ** 2) ** 2), Rational(9, 10)),
        small,
    ),
    # rows Y.73, Y.74
    ("never-below-the-diagonal", Ge(k1, c), Le(k1, c), unit),
    (
        "map-above-the-diagonal",
        Ge(sigma_w**2 / 2 * k1 + 1 - sigma_w**2 / 2, c),
        Ge(sigma_w**2 * k1 + 1 - sigma_w**2, c),
        [*unit, Le(sigma_w**2, 2)],
    ),
    ("kernel-at-zero", Eq(Expectation(relu(s1) * relu(s2)), 1 / (2 * pi)), Eq(Expectation(relu(s1) * relu(s2)), 1 / pi), []),
    (
        "kernel-above-its-tangent",
        Ge(k1, 1 / pi + c / 2),
        Ge(k1, 1 / pi + c / 2 + c**2 / pi),
        unit,
    ),
    # row Y.75: sqrt(q s) for sqrt(q) s
    ("root-of-a-product", Eq(Expectation(sqrt(q * s**2)), sqrt(2 * q / pi)), Eq(Expectation(sqrt(q * Abs(s))), sqrt(2 * q / pi)), small),
    # row Y.64
    (
        "gauss-tail-mean",
        Le(Probability(s > x * sqrt(n)), exp(-n * x**2 / 2)),
        Le(Probability(s > x * sqrt(n)), exp(-n * x**2)),
        [Ge(x, 0), Le(x, 2), Le(n, 9)],
    ),
    (
        "rademacher-rate",
        Ge((1 + x) * log(1 + x) / 2 + (1 - x) * log(1 - x) / 2, x**2 / 2),
        Le((1 + x) * log(1 + x) / 2 + (1 - x) * log(1 - x) / 2, x**2 / 2),
        [Ge(x, 0), Lt(x, 1)],
    ),
    # row Y.35: the straight line and the arc
    ("line", Eq(Variance((1 - t) * s1 + t * s2), t**2 + (1 - t) ** 2), Eq(Variance((1 - t) * s1 + t * s2), 1), [Ge(t, 0), Le(t, 1)]),
    (
        "arc",
        Eq(Variance(cos(pi * t / 2) * s1 + sin(pi * t / 2) * s2), 1),
        Eq(Variance(cos(pi * t) * s1 + sin(pi * t / 2) * s2), 1),
        [Ge(t, 0), Le(t, 1)],
    ),
    ("line-least", Ge(t**2 + (1 - t) ** 2, Rational(1, 2)), Gt(t**2 + (1 - t) ** 2, Rational(1, 2)), [Ge(t, 0), Le(t, 1)]),
    # row Y.29: the printed objective lacks a factor 2
    ("objective", Eq(Expectation((relu(u) - relu(v)) ** 2), 1 - k1), Eq(Expectation((relu(u) - relu(v)) ** 2), (1 - k1) / 2), unit),
]
