"""The straight line and the arc between two independent normal vectors: what becomes of the law on the way."""

from __future__ import annotations

from sympy import Eq, Ge, Gt, Le, MatrixSymbol, Q, Rational, Symbol, Trace, cos, exp, pi, sqrt
from sympy.stats import Expectation, Normal, Uniform, Variance
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, VarianceMatrix

from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.paths import arc_path, linear_path
from lemmata.theory.rules.complete_square import complete_square
from lemmata.theory.rules.covariance_algebra import covariance_algebra
from lemmata.theory.rules.half_lines import half_lines
from lemmata.theory.rules.same_gaussian import same_gaussian
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LINEAR = Source("yarotsky-lecture", "slide on linear and arc connection, the linear path")
ARC = Source("yarotsky-lecture", "slide on linear and arc connection, the arc")

n = Symbol("n", integer=True, positive=True)
s, t = Symbol("s", real=True), Symbol("t", real=True)
Sigma = MatrixSymbol("Sigma_0", n, n)
a = MatrixSymbol("a", n, 1)
X, Y = gaussian_vector("X", Sigma), gaussian_vector("Y", Sigma)
line, arc = linear_path(X, Y, t), arc_path(X, Y, t)

COVARIANCE = (Q.symmetric(Sigma), Q.positive_definite(Sigma))
ON_THE_WAY = (Ge(t, 0), Le(t, 1))
variance = Trace(a.T * Sigma * a)

linear_covariance = Claim(
    "linear-path-covariance",
    Eq(VarianceMatrix(line), (t**2 + (1 - t) ** 2) * Sigma),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=LINEAR,
    about="On the straight line between two independent N(0, Sigma_0) vectors the covariance is (t^2 + (1-t)^2) Sigma_0 (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

linear_covariance_kept = Claim(
    "linear-path-keeps-covariance",
    Eq(VarianceMatrix(line), Sigma),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=LINEAR,
    about="A common slip: an average of two independent vectors does not have the covariance of each (row Y.35).",
    expect="refuted",
)

linear_middle = Claim(
    "linear-path-middle",
    Eq(VarianceMatrix(linear_path(X, Y, Rational(1, 2))), Sigma / 2),
    given=COVARIANCE,
    source=LINEAR,
    about="In the middle of the straight line the covariance is squeezed to one half (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

linear_in_every_direction = Claim(
    "linear-path-variance-in-every-direction",
    Eq(Variance(Trace(a.T * line)), (t**2 + (1 - t) ** 2) * variance),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=LINEAR,
    about="The same by samples: the variance of a^T((1-t)X + tY) for every vector a, which determines the covariance (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

linear_least_variance = Claim(
    "linear-path-least-variance",
    Ge(Variance(Trace(a.T * line)), variance / 2),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=LINEAR,
    about="Nowhere on the line is the variance in any direction below one half of that at its ends: t = 1/2 is the minimum (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra).by(complete_square, t),
    uses=(linear_in_every_direction,),
)

arc_covariance = Claim(
    "arc-path-covariance",
    Eq(VarianceMatrix(arc), Sigma),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=ARC,
    about="On the arc cos(pi t/2) X + sin(pi t/2) Y the covariance stays Sigma_0 (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

arc_in_every_direction = Claim(
    "arc-path-variance-in-every-direction",
    Eq(Variance(Trace(a.T * arc)), variance),
    given=(*COVARIANCE, *ON_THE_WAY),
    source=ARC,
    about="The same by samples: the variance of the arc in every direction a (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

arc_cross_covariance = Claim(
    "arc-path-cross-covariance",
    Eq(CrossCovarianceMatrix(arc_path(X, Y, s), arc), cos(pi * (s - t) / 2) * Sigma),
    given=(*COVARIANCE, *ON_THE_WAY, Ge(s, 0), Le(s, 1)),
    source=ARC,
    about="Two points of the arc are correlated by the cosine of the angle between them (row Y.35).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

# The law itself: by its characteristic function, and by its moment generating function, in every direction a.

b, r = Symbol("b", real=True), Symbol("r", real=True)
z = Normal("z", 0, 1)
SOME_DIRECTION = Gt(variance, 0)

arc_law = Claim(
    "arc-path-keeps-the-law",
    Eq(Expectation(cos(r * Trace(a.T * arc) / sqrt(variance) + b)), Expectation(cos(r * Trace(a.T * X) / sqrt(variance) + b))),
    given=(*COVARIANCE, *ON_THE_WAY, SOME_DIRECTION, Ge(r, 0), Le(r, 3)),
    source=ARC,
    about="Every point of the arc has the law N(0, Sigma_0) of its ends: the characteristic functions agree in every direction a, "
    "real part at b = 0, imaginary part at b = -pi/2 (row Y.35).",
    derivation=lambda lhs: lhs.by(same_gaussian, arc, X),
)

arc_moment_generating_function = Claim(
    "arc-path-moment-generating-function",
    Eq(Expectation(exp(r * Trace(a.T * arc) / sqrt(variance))), exp(r**2 / 2)),
    given=(*COVARIANCE, *ON_THE_WAY, SOME_DIRECTION, Ge(r, -1), Le(r, 1)),
    source=ARC,
    about="In every direction the arc is normal with the variance of its ends, by its moment generating function (row Y.35).",
    derivation=lambda lhs: lhs.by(same_gaussian, arc, X).by(same_gaussian, Trace(a.T * X), sqrt(variance) * z).by(half_lines),
)

linear_moment_generating_function = Claim(
    "linear-path-keeps-the-law",
    Eq(Expectation(exp(r * Trace(a.T * line) / sqrt(variance))), exp(r**2 / 2)),
    given=(*COVARIANCE, *ON_THE_WAY, SOME_DIRECTION, Ge(r, Rational(1, 2)), Le(r, 1)),
    source=LINEAR,
    about="The slip for the law: the straight line leaves N(0, Sigma_0) at once (row Y.35).",
    expect="refuted",
)

# Other laws: two moments are kept, the fourth is not.

x, y = Uniform("x", -1, 1), Uniform("y", -1, 1)

arc_other_law_variance = Claim(
    "arc-path-uniform-variance",
    Eq(Variance(arc_path(x, y, t)), Rational(1, 3)),
    given=ON_THE_WAY,
    source=ARC,
    about="For any centred law the arc keeps the variance; here for the uniform law on [-1, 1] (row Y.35).",
)

arc_other_law_fourth_moment = Claim(
    "arc-path-uniform-fourth-moment",
    Eq(Expectation(arc_path(x, y, t) ** 4), Expectation(x**4)),
    given=ON_THE_WAY,
    source=ARC,
    about="Only normal laws are kept: between two independent uniform variables the arc has another fourth moment (row Y.35).",
    expect="refuted",
)
