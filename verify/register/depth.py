"""How far signals and gradients reach in wide random networks: fixed lengths, correlations, depth scales, growth of gradients.

Conventions: weights N(0, sigma_w^2/fan_in), biases N(0, sigma_b^2); q is the variance of a preactivation, c the correlation of the
preactivations of two inputs, s a standard normal variable. The tanh of the lecture is joined by erf, whose maps have closed forms.
"""

from typing import Any

from sympy import Abs, Derivative, Eq, Expr, Ge, Gt, Lambda, Le, Limit, Lt, Rational, asin, erfc, log, oo, pi, sqrt, symbols, tanh
from sympy.stats import Expectation, Normal, Rademacher

from lemmata.theory.activations import erf_
from lemmata.theory.derivation import Derivation
from lemmata.theory.experiments import experiment
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.recursion import iterate
from lemmata.theory.signal_propagation import chi_1, correlation_map, correlation_slope, length_map, length_slope
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

DEVIATIONS = Source("yarotsky-lecture", "signal propagation, slide on the law of large numbers, the CLT and large deviations")
LAYER = Source("yarotsky-lecture", "signal propagation, the layer's variance and the central limit theorem")
STABILITY = Source("yarotsky-lecture", "signal propagation, exercise on the fixed point q = 0")
EXISTENCE = Source("yarotsky-lecture", "signal propagation, exercise on the fixed points with tanh")
CORRELATION = Source("yarotsky-lecture", "signal propagation, exercise on the fixed point c* = 1")
SLOPE = Source("yarotsky-lecture", "signal propagation, exercise on chi_1")
PHASES = Source("yarotsky-lecture", "signal propagation, the two phases")
LENGTH_SCALE = Source("yarotsky-lecture", "signal propagation, exercise on the depth scale xi_q")
PAIR_SCALE = Source("yarotsky-lecture", "signal propagation, exercise on the depth scale xi_c")
GRADIENTS = Source("yarotsky-lecture", "signal propagation, vanishing and exploding gradients")

q, q0, a, b, x, sigma_w, sigma_b = symbols("q q_0 a b x sigma_w sigma_b", positive=True)
c, y = symbols("c y", real=True)
n, depth, width, k = symbols("n L m k", integer=True, positive=True)
s, h = Normal("s", 0, 1), Rademacher("h")
unit = [Ge(c, -1), Le(c, 1)]

# Sums of independent terms

large_deviations = Claim(
    "normal-large-deviations",
    Eq(Limit(-log(erfc(x * sqrt(n / 2)) / 2) / n, n, oo), x**2 / 2),
    given=[Le(x, 3)],
    source=DEVIATIONS,
    about="-ln P(mean of n standard normals > x)/n tends to Cramer's rate I(x) = x^2/2 (row Y.64).",
)

preactivation_kurtosis = Claim(
    "rademacher-bias-fourth-moment",
    Eq(Expectation((a * s + b * h) ** 4), 3 * (a**2 + b**2) ** 2 - 2 * b**4),
    source=LAYER,
    about="One bias +-b stays in the limit law: a wide layer's preactivation has the fourth moment 3 Var^2 - 2 b^4 (row Y.65).",
)

preactivation_normal = Claim(
    "rademacher-bias-as-gaussian",
    Eq(Expectation((a * s + b * h) ** 4), 3 * (a**2 + b**2) ** 2),
    source=LAYER,
    about="The printed 'all preactivations are normal' needs normal biases: the CLT does not smooth a single term (row Y.65).",
    expect="refuted",
)

# Lengths

zero_length = Claim(
    "tanh-length-zero-unbiased",
    Eq(Limit(length_map(tanh, q, sigma_w, sigma_b), q, 0, "+"), sigma_b**2),
    source=STABILITY,
    about="With tanh the length 0 goes to sigma_b^2, so it is fixed exactly where there are no biases (row Y.68).",
)

zero_slope = Claim(
    "tanh-length-zero-slope",
    Eq(Limit(length_map(tanh, q, sigma_w, 0) / q, q, 0, "+"), sigma_w**2),
    source=STABILITY,
    about="Near 0 one layer multiplies the length by nu'(0) = sigma_w^2 sigma'(0)^2: stable for sigma_w < 1 (row Y.68).",
)

zero_bend = Claim(
    "tanh-length-zero-bend",
    Eq(Limit((Expectation(tanh(sqrt(q) * s) ** 2) - q) / q**2, q, 0, "+"), -2),
    source=STABILITY,
    about="At sigma_w = 1, where the slope does not decide, nu(q) = q - 2 q^2 + ...: 0 attracts, as 1/(2 k) (row Y.68).",
)

no_fixed_length = Claim(
    "tanh-no-positive-fixed-length",
    Lt(length_map(tanh, q, Rational(9, 10), 0), q),
    given=[Le(q, 4)],
    source=EXISTENCE,
    about="Without biases and with sigma_w = 9/10 every length shrinks: the printed exercise needs sigma_b > 0 or sigma_w > 1 (row Y.69).",
)

concave = Claim(
    "tanh-length-concave",
    Gt(3 * x * tanh(x) ** 2 - x + tanh(x), 0),
    given=[Le(x, 10)],
    source=EXISTENCE,
    about="Why tanh has at most one positive fixed length: tanh(x) sech(x)^2/x falls, so the length map is strictly concave (row Y.69).",
)

above = Claim(
    "tanh-fixed-length-above",
    Gt(length_map(tanh, Rational(408, 1000), Rational(13, 10), 0), Rational(408, 1000)),
    source=EXISTENCE,
    about="sigma_w = 1.3 without biases: the length map is above the diagonal at 0.408, below the fixed length 0.40898 (row Y.69).",
)

below = Claim(
    "tanh-fixed-length-below",
    Lt(length_map(tanh, Rational(410, 1000), Rational(13, 10), 0), Rational(410, 1000)),
    source=EXISTENCE,
    about="sigma_w = 1.3 without biases: the length map is below the diagonal at 0.410; a positive fixed length lies between (row Y.69).",
)

# Correlations of an erf network, with closed forms

erf_square = 2 / pi * asin(2 * q / (1 + 2 * q))
erf_product = 2 / pi * asin(2 * q * c / (1 + 2 * q))
bias_fixing = sqrt(q - sigma_w**2 * erf_square)
weight_fixing = sqrt(q / erf_square)
fixed = [Le(q, 4), Lt(sigma_w**2 * erf_square, q)]

erf_correlation = Claim(
    "erf-correlation-map-fixed",
    Eq(correlation_map(erf_, q, c, sigma_w, bias_fixing), 1 - sigma_w**2 * (erf_square - erf_product) / q),
    given=[*fixed, *unit],
    source=CORRELATION,
    about="The correlation map of erf where q is a fixed length: at c = 1 it is 1, so c* = 1 is fixed (row Y.71).",
)

erf_slope_map = Claim(
    "erf-correlation-slope",
    Eq(Derivative(sigma_w**2 * erf_product / q, c), correlation_slope(erf_, q, c, sigma_w)),
    given=[Gt(c, -1), Lt(c, 1)],
    source=SLOPE,
    about="Price's theorem for erf: the slope of the correlation map is sigma_w^2 E[sigma'(u) sigma'(v)] at every c (row Y.72).",
    uses=[erf_correlation],
)

erf_slope_one = Claim(
    "erf-slope-at-one",
    Eq(Limit(Derivative(sigma_w**2 * erf_product / q, c), c, 1, "-"), chi_1(erf_, q, sigma_w)),
    source=SLOPE,
    about="At c = 1 the slope is chi_1: where c* = 1 is stable, xi_c is -1/ln chi_1 (rows Y.72, Y.76).",
    uses=[erf_slope_map, erf_correlation],
)

erf_pair_scale = Claim(
    "erf-pair-depth-scale",
    Eq(-1 / log(correlation_slope(erf_, q, c, sigma_w)), -1 / log(4 * sigma_w**2 / (pi * sqrt((1 + 2 * q) ** 2 - 4 * q**2 * c**2)))),
    given=[*unit, Le(q, 4), Lt(sigma_w, Rational(4, 5))],
    source=PAIR_SCALE,
    about="The depth scale of correlations xi_c = -1/ln of the slope at c*, in closed form for erf (row Y.76).",
)

erf_length_scale = Claim(
    "erf-length-depth-scale",
    Eq(length_slope(erf_, q, sigma_w), 4 * sigma_w**2 / (pi * (1 + 2 * q) * sqrt(1 + 4 * q))),
    source=LENGTH_SCALE,
    about="exp(-1/xi_q) = nu'(q*) = chi_1 + sigma_w^2 E[sigma'' sigma](sqrt(q*) s), the root of q* alone, for erf (row Y.75).",
)

erf_chaotic = Claim(
    "erf-unbiased-chaotic",
    Gt(chi_1(erf_, 1, weight_fixing.subs(q, 1)), 1),
    source=PHASES,
    about="An erf network without biases at the fixed length 1 is chaotic: chi_1 > 1 and c* = 1 is unstable (row Y.73).",
)

erf_attracted = Claim(
    "erf-unbiased-correlations-fall",
    Le(asin(2 * c / 3) / asin(Rational(2, 3)), c),
    given=[Ge(c, 0), Le(c, 1)],
    source=PHASES,
    about="There, at q = 1, the correlation map is convex and below the diagonal: c* = 0 is the stable fixed point (row Y.73).",
    uses=[erf_correlation, erf_chaotic],
)

erf_vanishing = Claim(
    "erf-unbiased-correlations-vanish",
    Eq(Limit(iterate(Lambda(y, asin(2 * y / 3) / asin(Rational(2, 3))), c, k), k, oo), 0),
    given=[Ge(c, 0), Le(c, Rational(9, 10))],
    source=PHASES,
    about="Iterated at the fixed length q = 1, the correlation of any two inputs tends to 0 (row Y.73).",
    uses=[erf_attracted],
)

# Correlations of a tanh network with sigma_w = 9/5 whose biases make the length 1.59239 fixed: sigma_b = 0.2 to five digits

held, wide = Rational(159239, 100000), Rational(9, 5)
tanh_square = Expectation(tanh(sqrt(held) * s) ** 2)
held_bias = sqrt(held - wide**2 * tanh_square)
left, right = Rational(2133, 10000), Rational(2135, 10000)


def as_it_stands(lhs: Derivation) -> Derivation:
    """Nothing is derived: no mean of tanh has a closed form, and certified integrals give what is asked here."""
    return lhs


def tanh_map(c: Any) -> Expr:
    """The correlation map at this length: (sigma_w^2 E[tanh(u) tanh(v)] + sigma_b^2)/q with sigma_b^2 = q - sigma_w^2 E tanh^2."""
    u, v = gaussian_pair(held, held, c)
    return 1 - wide**2 * (tanh_square - Expectation(tanh(u) * tanh(v))) / held


tanh_bias = Claim(
    "tanh-length-held-by-biases",
    Lt(Abs(held - wide**2 * tanh_square - Rational(1, 25)), Rational(1, 10**5)),
    source=EXISTENCE,
    about="With sigma_w = 1.8 and sigma_b = 0.2 tanh has the fixed length 1.59239: there q - sigma_w^2 E tanh^2 is 0.04 (row Y.73).",
    derivation=as_it_stands,
)

tanh_one = Claim(
    "tanh-correlation-one-fixed",
    Eq(correlation_map(tanh, held, c, wide, held_bias), 1),
    given=[Eq(c, 1)],
    source=CORRELATION,
    about="c* = 1 is a fixed correlation at a positive fixed length, for tanh as for any activation (row Y.71).",
    uses=[tanh_bias],
    derivation=as_it_stands,
)

tanh_chaotic = Claim(
    "tanh-chaotic",
    Gt(chi_1(tanh, held, wide), Rational(124, 100)),
    source=PHASES,
    about="There chi_1 = 1.248 > 1: the correlation 1 is unstable (rows Y.72, Y.73).",
    uses=[tanh_bias],
    derivation=as_it_stands,
)

tanh_ordered = Claim(
    "tanh-ordered",
    Lt(chi_1(tanh, 1, Rational(6, 5)), 1),
    source=PHASES,
    about="With sigma_w = 6/5 and biases that hold the length 1, chi_1 < 1: the map is convex, and c* = 1 the only fixed point (row Y.73).",
    derivation=as_it_stands,
)

tanh_above = Claim(
    "tanh-fixed-correlation-above",
    Gt(tanh_map(left), left),
    source=PHASES,
    about="In the chaotic phase the correlation map of tanh is above the diagonal at 0.2133 (row Y.73).",
    uses=[tanh_bias],
    derivation=as_it_stands,
)

tanh_below = Claim(
    "tanh-fixed-correlation-below",
    Lt(tanh_map(right), right),
    source=PHASES,
    about="It is below the diagonal at 0.2135: a fixed c* = 0.2134 lies between, the only one below 1, as the map is convex (row Y.73).",
    uses=[tanh_bias],
    derivation=as_it_stands,
)

tanh_pair_scale_most = Claim(
    "tanh-pair-depth-scale-at-most",
    Lt(-1 / log(correlation_slope(tanh, held, right, wide)), Rational(85, 10)),
    source=PAIR_SCALE,
    about="c* is stable with the depth scale xi_c < 8.5: the slope rises with c, and is below exp(-1/8.5) at 0.2135 (row Y.76).",
    uses=[tanh_above, tanh_below],
    derivation=as_it_stands,
)

tanh_pair_scale_least = Claim(
    "tanh-pair-depth-scale-at-least",
    Gt(-1 / log(correlation_slope(tanh, held, left, wide)), Rational(847, 100)),
    source=PAIR_SCALE,
    about="xi_c > 8.47 by the slope at 0.2133 (row Y.76).",
    uses=[tanh_above, tanh_below],
    derivation=as_it_stands,
)

tanh_printed_stable = Claim(
    "tanh-stable-correlation-below-one-printed",
    Lt(correlation_map(tanh, 1, Rational(9, 10), Rational(6, 5), sqrt(1 - Rational(36, 25) * Expectation(tanh(s) ** 2))), Rational(9, 10)),
    source=PHASES,
    about="'In general there are stable c* != 1' fails in the ordered phase: the map is above the diagonal at 0.9, too (row Y.73).",
    expect="refuted",
    uses=[tanh_ordered],
    derivation=as_it_stands,
)

# The ReLU: depth scale and gradients

lengths = iterate(Lambda(x, sigma_w**2 * x / 2 + sigma_b**2), q0, k)
q_star = sigma_b**2 / (1 - sigma_w**2 / 2)

relu_length_scale = Claim(
    "relu-length-depth-scale",
    Eq(lengths - q_star, (q0 - q_star) * (sigma_w**2 / 2) ** k),
    given=[Lt(sigma_w**2, 2)],
    source=LENGTH_SCALE,
    about="For the ReLU q_k - q* falls by the factor sigma_w^2/2 a layer: xi_q = -1/ln(sigma_w^2/2) (row Y.75).",
)


def gradient_square(sigma_w: float, sigma_b: float, n: int, layers: int) -> float:
    """E |delta|^4: each layer multiplies |delta|^2 by (sigma_w^2/n) sum 1[z_j > 0] g_j^2, of mean square sigma_w^4 (1/4 + 5/(4 n))."""
    return float((sigma_w**4 * (1 / 4 + 5 / (4 * n))) ** layers)


@experiment(second_moment=gradient_square, block=2**12)
def gradient_length(sigma_w: float, sigma_b: float, n: int, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """|delta_0|^2 for a unit error behind `layers` ReLU layers of width n with biases, by automatic differentiation."""
    import torch

    start = torch.randn(size, n, generator=rng, device=device).requires_grad_(True)
    z = start
    for _ in range(layers):
        weights = torch.randn(size, n, n, generator=rng, device=device) * (sigma_w / n**0.5)
        z = torch.einsum("sij,sj->si", weights, z.clamp(min=0)) + torch.randn(size, n, generator=rng, device=device) * sigma_b
    (delta,) = torch.autograd.grad(z.sum() / n**0.5, start)
    return delta.double().square().sum(1)


gradient_growth = Claim(
    "relu-gradient-growth",
    Eq(Expectation(gradient_length(sigma_w, sigma_b, width, depth)), (sigma_w**2 / 2) ** depth),
    given=[Le(sigma_w, 2), Le(sigma_b, 2), Ge(width, 2), Le(width, 3), Le(depth, 2)],
    source=GRADIENTS,
    about="Through L layers |delta|^2 grows by chi_1^L in mean, chi_1 = sigma_w^2/2: it vanishes or explodes unless chi_1 = 1 (row Y.80).",
    uses=["relu-network-chi-1", "delta-squares-sum"],
)
