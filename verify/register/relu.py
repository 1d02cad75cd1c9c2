"""ReLU networks at infinite width: the length map, the covariance and correlation maps, chi_1, and the critical power law.

Conventions: weights N(0, sigma_w^2/fan_in), biases N(0, sigma_b^2), with sigma_w and sigma_b standard deviations; q is the
variance of a preactivation and c the correlation of the preactivations of two inputs.
"""

from functools import reduce
from typing import Any

from sympy import Derivative, Eq, Expr, Ge, Gt, Lambda, Le, Limit, Lt, Symbol, acos, cos, oo, pi, sin, sqrt, symbols
from sympy.stats import Expectation, Normal

from lemmata.theory.activations import relu, step
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.density import density
from lemmata.theory.rules.half_lines import half_lines
from lemmata.theory.rules.inequality import at_least
from lemmata.theory.rules.integrate import integrate
from lemmata.theory.rules.linearity import linearity
from lemmata.theory.rules.price import price
from lemmata.theory.rules.rearrange import rearrange
from lemmata.theory.rules.scaling import scaling
from lemmata.theory.signal_propagation import chi_1, correlation_map, correlation_slope, covariance_map, length_map
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LENGTHS = Source("poole-2016", "section 2.1, the length map")
CORRELATIONS = Source("poole-2016", "section 2.2, the correlation map and its slope chi_1")
RELU_KERNEL = Source("cho-saul-2009", "eq. (6), J_1")
STEP_KERNEL = Source("cho-saul-2009", "eq. (5), J_0")
DUAL = Source("daniely-frostig-singer-2016", "section 4, the dual activation of the ReLU")
EXERCISE = Source("yarotsky-lecture", "signal propagation, exercises on the ReLU network")

q, q0, q1, q2, sigma_w, sigma_b = symbols("q q_0 q_1 q_2 sigma_w sigma_b", positive=True)
c, c0 = symbols("c c_0", real=True)
k = Symbol("k", integer=True, nonnegative=True)
x = Symbol("x", real=True)
unit = [Ge(c, -1), Le(c, 1)]
ordered = [Lt(sigma_w**2, 2)]
chaotic = [Gt(sigma_w**2, 2)]

q_star = sigma_b**2 / (1 - sigma_w**2 / 2)
u, v = gaussian_pair(q1, q2, c)
u1, v1 = gaussian_pair(1, 1, c)


def k0(t: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 0, as stated."""
    return 1 - acos(t) / pi


def k1(t: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 1, as stated."""
    return (sqrt(1 - t**2) + t * (pi - acos(t))) / pi


def price_twice(target: Any, *first: Any) -> Any:
    """E[relu relu] from its value at correlation -1, its slope from the value at correlation 1, the curvature a density."""
    return lambda lhs: (
        reduce(lambda chain, rule: chain.by(rule), (*first, linearity), lhs)
        .by(price, -1)
        .by(half_lines)
        .by(price, 1)
        .by(half_lines)
        .by(density)
        .by(integrate)
        .by(integrate)
        .by(rearrange, target)
    )


# Lengths

relu_length_map = Claim(
    "relu-length-map",
    Eq(length_map(relu, q, sigma_w, sigma_b), sigma_w**2 * q / 2 + sigma_b**2),
    source=LENGTHS,
    about="One layer of a wide ReLU network maps the preactivation variance q to sigma_w^2 q/2 + sigma_b^2 (rows Y.66, Y.67).",
    derivation=lambda lhs: lhs.by(scaling).by(linearity).by(half_lines),
    uses=["preactivation-variance", "preactivation-with-normal-bias"],
)

relu_length_map_variance_squared = Claim(
    "relu-length-map-variance-squared",
    Eq(sigma_w**2 * Expectation(relu(Normal("z", 0, q)) ** 2) + sigma_b**2, sigma_w**2 * q / 2 + sigma_b**2),
    source=Source("yarotsky-lecture", "signal propagation, proof of the recursion for q_k"),
    about="The proof's slip z ~ N(0, q^2): the preactivation has variance q, not standard deviation q (row Y.66).",
    expect="refuted",
)

relu_length_fixed_point = Claim(
    "relu-length-fixed-point",
    Eq(length_map(relu, q_star, sigma_w, sigma_b), q_star),
    given=ordered,
    source=EXERCISE,
    about="For sigma_w^2 < 2 the length sigma_b^2/(1 - sigma_w^2/2) reproduces itself (row Y.67).",
)

relu_length_slope = Claim(
    "relu-length-slope",
    Eq(Derivative(sigma_w**2 * q / 2 + sigma_b**2, q), sigma_w**2 / 2),
    source=EXERCISE,
    about="The slope of the length map is sigma_w^2/2 at every length, so the fixed point is stable exactly for sigma_w^2 < 2 (row Y.67).",
    uses=[relu_length_map],
)

lengths = iterate(Lambda(x, sigma_w**2 * x / 2 + sigma_b**2), q0, k)

relu_length_converges = Claim(
    "relu-length-converges",
    Eq(Limit(lengths, k, oo), q_star),
    given=ordered,
    source=EXERCISE,
    about="For sigma_w^2 < 2 the lengths converge to the fixed point from every start (row Y.67).",
    uses=[relu_length_map],
)

relu_length_explodes = Claim(
    "relu-length-explodes",
    Eq(Limit(lengths / (sigma_w**2 / 2) ** k, k, oo), q0 + sigma_b**2 / (sigma_w**2 / 2 - 1)),
    given=chaotic,
    source=EXERCISE,
    about="For sigma_w^2 > 2 the lengths grow like (sigma_w^2/2)^k with a known positive factor (row Y.67).",
    uses=[relu_length_map],
)

relu_length_he = Claim(
    "relu-length-he",
    Eq(iterate(Lambda(x, x + sigma_b**2), q0, k), q0 + k * sigma_b**2),
    source=EXERCISE,
    about="He's initialisation sigma_w^2 = 2: the length grows by sigma_b^2 a layer, and is kept where sigma_b = 0 (row Y.67).",
    uses=[relu_length_map],
)

# Pairs of inputs

relu_kernel = Claim(
    "relu-kernel",
    Eq(Expectation(relu(u) * relu(v)), sqrt(q1 * q2) * (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi)),
    given=unit,
    source=RELU_KERNEL,
    about="The arc-cosine kernel of degree 1 for any lengths and any correlation (rows Y.70, D.5, D.7).",
    derivation=price_twice(sqrt(q1 * q2) * (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi), scaling),
)

relu_kernel_diagonal = Claim(
    "relu-kernel-at-equal-inputs",
    Eq(Limit(sigma_w**2 * q * (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi) + sigma_b**2, c, 1, "-"), sigma_w**2 * q / 2 + sigma_b**2),
    source=EXERCISE,
    about="At equal inputs, c = 1, the kernel is q/2: the length map of the ReLU is its diagonal (rows D.7, Y.67).",
    uses=[relu_kernel],
)

theta = Symbol("theta", real=True)

relu_kernel_angle = Claim(
    "relu-kernel-angle",
    Eq(
        (sqrt(q1 * q2) * (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi)).subs(c, cos(theta)),
        sqrt(q1 * q2) * (sin(theta) + (pi - theta) * cos(theta)) / (2 * pi),
    ),
    given=[Ge(theta, 0), Le(theta, pi)],
    source=DUAL,
    about="The same kernel in the angle theta = arccos c, as the unnormalised recursion states it (rows D.7, D.8).",
    uses=[relu_kernel],
)

relu_covariance_map = Claim(
    "relu-covariance-map",
    Eq(covariance_map(relu, q1, q2, c, sigma_w, sigma_b), sigma_w**2 * sqrt(q1 * q2) * k1(c) / 2 + sigma_b**2),
    given=unit,
    source=CORRELATIONS,
    about="The covariance of two inputs after one ReLU layer (row Y.70).",
)

relu_correlation_one = Claim(
    "relu-correlation-one-fixed",
    Eq(Limit((sigma_w**2 * q_star * k1(c) / 2 + sigma_b**2) / q_star, c, 1, "-"), 1),
    given=ordered,
    source=EXERCISE,
    about="At the fixed length the covariance map over q* is 1 at c = 1: the correlation 1 is fixed (rows Y.71, Y.74).",
    uses=[relu_covariance_map],
)

step_kernel = Claim(
    "step-kernel",
    Eq(2 * Expectation(step(u) * step(v)), k0(c)),
    given=unit,
    source=STEP_KERNEL,
    about="The arc-cosine kernel of degree 0: the derivative of a ReLU at two inputs (row Y.72).",
)

relu_correlation_map = Claim(
    "relu-correlation-map",
    Eq(correlation_map(relu, q_star, c, sigma_w, sigma_b), sigma_w**2 / 2 * k1(c) + 1 - sigma_w**2 / 2),
    given=[*ordered, *unit],
    source=EXERCISE,
    about="The correlation map with both lengths at their fixed point (row Y.74).",
)

relu_correlation_above_diagonal = Claim(
    "relu-correlation-above-diagonal",
    Ge(Expectation(2 * relu(u1) * relu(v1)), c),
    given=unit,
    source=EXERCISE,
    about="k_1(c) >= c on [-1, 1]: correlations never fall, and 1 is the only fixed point (row Y.74).",
    derivation=lambda lhs: price_twice(k1(c))(lhs).by(at_least, c),
)

# chi_1

relu_chi = Claim(
    "relu-chi-1",
    Eq(chi_1(relu, q, sigma_w), sigma_w**2 / 2),
    source=Source("schoenholz-2017", "section 3, the definition of chi_1"),
    about="chi_1 of a ReLU network is sigma_w^2/2 at every length (row Y.72).",
)

relu_correlation_slope = Claim(
    "relu-correlation-slope",
    Eq(Derivative(sigma_w**2 / 2 * k1(c) + 1 - sigma_w**2 / 2, c), correlation_slope(relu, q, c, sigma_w)),
    given=[Gt(c, -1), Lt(c, 1)],
    source=EXERCISE,
    about="Price's theorem: the slope of the correlation map is sigma_w^2 E[relu'(u) relu'(v)] at every correlation (row Y.72).",
    uses=[relu_correlation_map],
)

relu_slope_at_one = Claim(
    "relu-slope-at-one",
    Eq(Limit(sigma_w**2 / 2 * k0(c), c, 1, "-"), chi_1(relu, q, sigma_w)),
    source=EXERCISE,
    about="At c = 1 the slope of the correlation map is chi_1 (row Y.72).",
    uses=[relu_correlation_slope],
)

# Criticality: sigma_w^2 = 2, sigma_b = 0

relu_critical_power_law = Claim(
    "relu-critical-power-law",
    Eq(Limit(k**2 * (1 - iterate(Lambda(x, k1(x)), c0, k)), k, oo), 9 * pi**2 / 2),
    given=[Ge(c0, -1), Lt(c0, 1)],
    source=EXERCISE,
    about="At criticality correlations approach 1 like 1 - c_k ~ 9 pi^2/(2 k^2), from every start below 1 (row Y.74).",
    uses=[relu_kernel],
)

relu_kernel_dropped_angle = Claim(
    "relu-kernel-dropped-angle",
    Eq(Expectation(relu(u) * relu(v)), sqrt(q1 * q2) * (sqrt(1 - c**2) + c * acos(c)) / (2 * pi)),
    given=unit,
    source=RELU_KERNEL,
    about="The kernel with pi - arccos c read as arccos c: wrong by c (pi - 2 arccos c), kept beside the right one (row D.7).",
    expect="refuted",
)
