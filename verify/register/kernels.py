"""Dual activations beyond the ReLU and erf, expansions of kernels at the ends, and critical initialisations.

Conventions: (u, v) are centred and jointly normal with variances q_1, q_2 and correlation c; the dual of f is E[f(u) f(v)], the
length map is sigma_w^2 E[f(z)^2] + sigma_b^2 for z ~ N(0, q), and chi_1 = sigma_w^2 E[f'(z)^2].
"""

from typing import Any

from sympy import Eq, Expr, Ge, Le, Limit, Lt, Rational, Symbol, acos, asin, erf, exp, pi, sinh, sqrt, symbols
from sympy.stats import Expectation

from lemmata.theory.activations import cos_, exp_, gaussian, gelu, hard_tanh, hermite, leaky_relu, rectified_monomial, sin_, tanh
from lemmata.theory.gaussian import gaussian_pair, standard_normal
from lemmata.theory.rules.gaussian_parts import gaussian_parts
from lemmata.theory.signal_propagation import chi_1, length_map
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

DUAL = Source("daniely-frostig-singer-2016", "section 4, table of dual activations")
ARC_COSINE = Source("cho-saul-2009", "eq. (7), J_2")
PRINTED = Source("daniely-frostig-singer-2016", "a summary of it, theorem on depth, expansions of the kernel")
EXERCISE = Source("yarotsky-lecture", "signal propagation, exercise on the fixed points with tanh")
CHI = Source("schoenholz-2017", "section 3, the definition of chi_1")
CRITICAL = Source("schoenholz-2017", "section 3, the critical line chi_1 = 1")

q, q1, q2, a, sigma_w, sigma_b = symbols("q q_1 q_2 a sigma_w sigma_b", positive=True)
c = Symbol("c", real=True)
t = Symbol("t", real=True)
unit = [Ge(c, -1), Le(c, 1)]
u, v = gaussian_pair(q1, q2, c)
u1, v1 = gaussian_pair(1, 1, c)
covariance = c * sqrt(q1) * sqrt(q2)
z = sqrt(q) * standard_normal()

rectified_square_kernel = Claim(
    "rectified-square-kernel",
    Eq(
        2 * Expectation(rectified_monomial(u) * rectified_monomial(v)),
        q1 * q2 * (3 * c * sqrt(1 - c**2) + (pi - acos(c)) * (1 + 2 * c**2)) / pi,
    ),
    given=unit,
    source=ARC_COSINE,
    about="The arc-cosine kernel of degree 2, for any lengths and any correlation.",
)

leaky_relu_kernel = Claim(
    "leaky-relu-kernel",
    Eq(
        Expectation(leaky_relu(u, a) * leaky_relu(v, a)),
        sqrt(q1 * q2) * ((1 - a) ** 2 * (sqrt(1 - c**2) + c * asin(c)) / (2 * pi) + (1 + a) ** 2 * c / 4),
    ),
    given=unit,
    source=DUAL,
    about="The dual of the leaky ReLU with any slope a on the left.",
)

sine_kernel = Claim(
    "sine-kernel",
    Eq(Expectation(sin_(u) * sin_(v)), exp(-(q1 + q2) / 2) * sinh(covariance)),
    given=unit,
    source=DUAL,
    about="The dual of the sine, by the characteristic function of a normal pair.",
)

cosine_of_difference = Claim(
    "random-fourier-features",
    Eq(Expectation(cos_(u) * cos_(v)) + Expectation(sin_(u) * sin_(v)), exp(-(q1 + q2 - 2 * covariance) / 2)),
    given=[*unit, Le(q1, 4), Le(q2, 4)],
    source=Source("Rahimi & Recht (2007), Random features for large-scale kernel machines", "section 3, the Gaussian kernel"),
    about="Sine and cosine together give the Gaussian kernel of the distance |x - x'|^2 = q_1 + q_2 - 2 c sqrt(q_1 q_2).",
)

exponential_kernel = Claim(
    "exponential-kernel",
    Eq(Expectation(exp_(u) * exp_(v)), exp((q1 + q2) / 2 + covariance)),
    given=unit,
    source=DUAL,
    about="The dual of the exponential, by its moment generating function.",
)

gaussian_kernel = Claim(
    "gaussian-bump-kernel",
    Eq(Expectation(gaussian(u) * gaussian(v)), 1 / sqrt((1 + 2 * q1) * (1 + 2 * q2) - 4 * c**2 * q1 * q2)),
    given=unit,
    source=Source("williams-1997", "section 3.2, the Gaussian transfer function"),
    about="The dual of the Gaussian bump exp(-x^2).",
)

hermite_kernel = Claim(
    "hermite-kernel",
    Eq(Expectation(hermite(u1, 3) * hermite(v1, 3)), c**3),
    given=unit,
    source=Source("daniely-frostig-singer-2016", "section 4.2, Hermite polynomials"),
    about="The dual of the n-th normalised Hermite polynomial is c^n; here n = 3.",
)

gelu_kernel = Claim(
    "gelu-kernel",
    Eq(
        Expectation(gelu(u) * gelu(v)),
        covariance / 4
        + covariance * asin(covariance / sqrt((1 + q1) * (1 + q2))) / (2 * pi)
        + q1 * q2 * (1 + q1 + q2 + q1 * q2 * (1 - c**2) + c**2) / (2 * pi * (1 + q1) * (1 + q2) * sqrt(1 + q1 + q2 + q1 * q2 * (1 - c**2))),
    ),
    given=unit,
    source=Source(
        "Tsuchida et al. (2021), Avoiding kernel fixed points: computing with ELU and GELU infinite networks", "section on the GELU"
    ),
    about="The dual of the Gaussian error linear unit x Phi(x), for any lengths and any correlation.",
    derivation=lambda lhs: lhs.by(gaussian_parts),
)

gelu_chi = Claim(
    "gelu-chi-1",
    Eq(
        chi_1(gelu, q, sigma_w),
        sigma_w**2 * (Rational(1, 4) + asin(q / (1 + q)) / (2 * pi) + q * (3 + 5 * q) / (2 * pi * (1 + q) * (1 + 2 * q) ** Rational(3, 2))),
    ),
    source=CHI,
    about="chi_1 of a GELU network at length q (row Y.72).",
)

hard_tanh_chi = Claim(
    "hard-tanh-chi-1",
    Eq(chi_1(hard_tanh, q, sigma_w), sigma_w**2 * erf(1 / sqrt(2 * q))),
    source=CHI,
    about="chi_1 of a hard tanh network is sigma_w^2 times the probability that the preactivation lies in [-1, 1] (row Y.72).",
)

hard_tanh_length = Claim(
    "hard-tanh-length-map",
    Eq(
        length_map(hard_tanh, q, sigma_w, sigma_b),
        sigma_w**2 * (1 + (q - 1) * erf(1 / sqrt(2 * q)) - sqrt(2 * q / pi) * exp(-1 / (2 * q))) + sigma_b**2,
    ),
    source=Source("poole-2016", "section 2.1, the length map"),
    about="The length map of a hard tanh network (row Y.66).",
    derivation=lambda lhs: lhs.by(gaussian_parts),
)

erf_critical = Claim(
    "erf-critical-line",
    Eq(chi_1(erf, q, sqrt(pi * sqrt(4 * q + 1)) / 2), 1),
    source=CRITICAL,
    about="An erf network is critical where sigma_w^2 = pi sqrt(1 + 4 q)/4, q its fixed length (row Y.73).",
)

# The kernel of the ReLU at both ends, k_1(c) = 2 E[relu(u) relu(v)] at unit lengths


def k1(x: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 1, as stated."""
    return (sqrt(1 - x**2) + x * (pi - acos(x))) / pi


relu_kernel_near_one = Claim(
    "relu-kernel-near-one",
    Eq(Limit((k1(1 - t) - 1 + t) / t ** Rational(3, 2), t, 0, "+"), 2 * sqrt(2) / (3 * pi)),
    source=PRINTED,
    about="k_1(1 - t) = 1 - t + 2 sqrt(2)/(3 pi) t^(3/2) + ...: the half-integer power that sets the decay of its spectrum (row D.7).",
)

relu_kernel_near_minus_one = Claim(
    "relu-kernel-near-minus-one",
    Eq(Limit(k1(-1 + t) / t ** Rational(3, 2), t, 0, "+"), 2 * sqrt(2) / (3 * pi)),
    source=PRINTED,
    about="k_1(-1 + t) = 2 sqrt(2)/(3 pi) t^(3/2) + ...: opposite inputs (row D.7).",
)

tanh_lengths_shrink = Claim(
    "tanh-length-below-identity",
    Lt(Expectation(tanh(z) ** 2), q),
    given=[Ge(q, Rational(1, 100)), Le(q, 9)],
    source=EXERCISE,
    about="E tanh(sqrt(q) s)^2 < q: without biases and with sigma_w <= 1 no length but 0 is fixed (rows Y.68, Y.69).",
)
