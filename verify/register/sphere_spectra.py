"""Spectra of the ReLU's kernels on spheres S^d of every dimension, in closed form, and the smoothness of a random start.

Inputs lie on S^d, the unit sphere of R^(d + 1), under the uniform law; one hidden layer without biases; d >= 2 (the circle is
`kernel_rates`). k is the degree of the spherical harmonics. mu_k belongs to the random features kappa_1, lambda_k to the tangent kernel
kappa_1 + t kappa_0. Both kernels have the same eigenfunctions, and the eigenvalue 0 at every odd degree from 3 on: what is said
here holds on the span of the even degrees and of degree 1.
"""

from sympy import (
    Eq,
    Ge,
    Gt,
    Integral,
    Le,
    Limit,
    Lt,
    Rational,
    Sum,
    Symbol,
    binomial,
    cos,
    expand_func,
    gamma,
    gegenbauer,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
)

from lemmata.theory.rules.leading_powers import leading_powers
from lemmata.theory.rules.sphere_harmonics import at_one, funk_hecke, relu_harmonics
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

DECAY = Source("chen-li-lin-2024", "slides, eigenvalue decay rate (3)")
SMOOTHNESS = Source("chen-li-lin-2024", "slides, theorem 4.2")

d, j = symbols("d j", integer=True, positive=True)
s, phi = Symbol("s_0", positive=True), Symbol("phi", real=True)
top = Symbol("J", integer=True, positive=True)
k = 2 * j

features = (sin(phi) + (pi - phi) * cos(phi)) / pi
network = features + (pi - phi) * cos(phi) / pi
order = (d - 1) / 2
weight = gamma((d + 1) / 2) / (sqrt(pi) * gamma(d / 2))
at_zero = gamma(d / 2) * gamma(j + Rational(1, 2)) / (sqrt(pi) * gamma(j + d / 2))
"""|P_k(0)| of the Legendre polynomial of even degree k = 2j in d + 1 dimensions."""

feature_eigenvalue = 2 * (d + 1) * (weight * at_zero / ((k - 1) * (k + d))) ** 2
kernel_eigenvalue = 2 * (k**2 + (d - 1) * k + d + 2) * (weight * at_zero / ((k - 1) * (k + d))) ** 2
index = binomial(k + d, d)
multiplicity = (2 * k + d - 1) / (k + d - 1) * binomial(k + d - 1, k)
spheres = [Ge(d, 2), Le(d, 6), Le(j, 8)]


def coefficient(kernel, degree):
    """The eigenvalue of a kernel of the angle phi at this degree, by the theorem of Funk and Hecke."""
    integral = Integral(kernel * gegenbauer(degree, order, cos(phi)) * sin(phi) ** (d - 1), (phi, 0, pi))
    return weight * integral / (at_one(j, order) if degree == k else binomial(degree + d - 2, degree))


# The eigenvalues (rows C.11, C.12)

relu_on_spheres = Claim(
    "relu-on-spheres",
    Eq(
        Integral(cos(phi) * gegenbauer(k, order, cos(phi)) * sin(phi) ** (d - 1), (phi, 0, pi / 2)),
        (-1) ** (j + 1) * gamma(order + j) / (gamma(order) * gamma(j + 1) * (k - 1) * (k + d)),
    ),
    given=[Ge(d, 2), Le(d, 6), Le(j, 5)],
    source=DECAY,
    about="The ReLU's own coefficient at even degrees: -C_k(0)/((k - 1)(k + d)) (row C.12).",
    derivation=lambda lhs: lhs.by(relu_harmonics),
)

feature_spectrum = Claim(
    "random-feature-sphere-eigenvalues",
    Eq(coefficient(features, k), feature_eigenvalue),
    given=spheres,
    source=DECAY,
    about="mu_k of the random features on S^d at even degrees k: 2(d + 1) squared coefficients of the ReLU (rows C.11, C.12).",
    uses=[relu_on_spheres],
    derivation=lambda lhs: lhs.by(funk_hecke).by(relu_harmonics),
)

tangent_spectrum = Claim(
    "tangent-kernel-sphere-eigenvalues",
    Eq(coefficient(network, k), kernel_eigenvalue),
    given=spheres,
    source=DECAY,
    about="lambda_k of the tangent kernel on S^d: mu_k (k^2 + (d - 1) k + d + 2)/(d + 1) (rows C.11, C.12).",
    uses=[feature_spectrum],
)

odd_degrees = Claim(
    "tangent-kernel-sphere-odd-degrees",
    Eq(coefficient(network, k + 1), 0),
    given=spheres,
    source=SMOOTHNESS,
    about="Without a bias every odd degree from 3 on has the eigenvalue 0, of either kernel: the span of the rest is meant (row C.14).",
)

counted_two, counted_three, counted_five = (
    Claim(
        f"sphere-eigenvalues-counted-s{dimension}",
        Eq(1 + Sum(expand_func(multiplicity.subs(d, dimension)), (j, 1, top)), expand_func(index.subs({d: dimension, j: top}))),
        source=DECAY,
        about=f"The harmonics of even degree up to k on S^{dimension} number binomial(k + d, d): the index of lambda_k (row C.12).",
    )
    for dimension in (2, 3, 5)
)

tangent_decay = Claim(
    "tangent-kernel-sphere-decay",
    Eq(Limit(kernel_eigenvalue * index ** ((d + 1) / d), j, oo), 2**d * gamma((d + 1) / 2) ** 2 / (pi**2 * gamma(d + 1) ** ((d + 1) / d))),
    given=[Ge(d, 2), Le(d, 9)],
    source=DECAY,
    about="lambda_i ~ C i^-((d + 1)/d) on S^d, with its constant (row C.12).",
    derivation=lambda lhs: lhs.by(leading_powers),
)

feature_decay = Claim(
    "random-feature-sphere-decay",
    Eq(
        Limit(feature_eigenvalue * index ** ((d + 3) / d), j, oo),
        2**d * (d + 1) * gamma((d + 1) / 2) ** 2 / (pi**2 * gamma(d + 1) ** ((d + 3) / d)),
    ),
    given=[Ge(d, 2), Le(d, 9)],
    source=DECAY,
    about="mu_i ~ C i^-((d + 3)/d) on S^d, with its constant (row C.12).",
    derivation=lambda lhs: lhs.by(leading_powers),
)

# The smoothness of a random start: E|f|^2 in [H]^s is the series of N(k) mu_k/lambda_k^s over the degrees with eigenvalues not 0

norm_term = multiplicity * feature_eigenvalue / kernel_eigenvalue**s

term_power = Claim(
    "initial-smoothness-terms-on-spheres",
    Eq(
        Limit(norm_term * k ** (4 - s * (d + 1)), j, oo),
        2 ** (d + 1 - s * d) * (d + 1) * gamma((d + 1) / 2) ** (2 - 2 * s) * pi ** (2 * s - 2) / gamma(d),
    ),
    given=[Ge(d, 2), Le(d, 9), Le(s, 2)],
    source=SMOOTHNESS,
    about="The terms of E|f|^2 in [H]^s fall exactly like k^-(4 - s(d + 1)), for every d and s (row C.14).",
    uses=[feature_spectrum, tangent_spectrum, odd_degrees],
    derivation=lambda lhs: lhs.by(leading_powers),
)

converges = Claim(
    "initial-smoothness-converges-below",
    Gt(4 - s * (d + 1), 1),
    given=[Lt(s * (d + 1), 3)],
    source=SMOOTHNESS,
    about="Below s = 3/(d + 1) that power is below -1: the series converges, and a random start lies in [H]^s (row C.14).",
)

diverges = Claim(
    "initial-smoothness-diverges-from",
    Le(4 - s * (d + 1), 1),
    given=[Ge(s * (d + 1), 3)],
    source=SMOOTHNESS,
    about="From s = 3/(d + 1) on, equality included, it is -1 or more: the series diverges (row C.14).",
)

# The harmonic series itself: on S^3 and S^5 eigenvalues are rational, up to pi^2

eigenvalue_three = 32 / pi**2 / ((k - 1) * (k + 1) * (k + 3)) ** 2
eigenvalue_five = 768 / pi**2 / ((k - 1) * (k + 1) * (k + 3) * (k + 5)) ** 2
shrinks_three, shrinks_five = 4 / (k**2 + 2 * k + 5), 6 / (k**2 + 4 * k + 7)
number_three, number_five = (k + 1) ** 2, (k + 1) * (k + 2) ** 2 * (k + 3) / 12

explicit_three, explicit_five = (
    Claim(
        f"random-feature-eigenvalues-s{dimension}",
        Eq(coefficient(features, k).subs(d, dimension), explicit),
        given=[Le(j, 12)],
        source=DECAY,
        about=f"mu_k of the random features on S^{dimension} (row C.12).",
    )
    for dimension, explicit in ((3, eigenvalue_three), (5, eigenvalue_five))
)

ambient_three, ambient_five = (
    Claim(
        f"tangent-kernel-s{dimension}-decay-ambient",
        Eq(
            Limit(tangent.subs(j, 2 * j) / tangent, j, oo),
            2 ** Rational(-dimension * (dimension + 2), dimension + 1),
        ),
        source=DECAY,
        about=f"(D + 1)/D with the inputs' own D = {dimension + 1} is wrong on S^{dimension} without a bias (row C.12).",
        expect="refuted",
    )
    for dimension, tangent in ((3, eigenvalue_three / shrinks_three), (5, eigenvalue_five / shrinks_five))
)

harmonic_three = Claim(
    "initial-smoothness-harmonic-s3",
    Ge(number_three**4 * (pi**2 * eigenvalue_three) * shrinks_three**3 * j**4, 10),
    source=SMOOTHNESS,
    about="On S^3 at s = 3/4: with terms a_j = N mu/lambda^s, pi^2 (j a_j)^4 >= 10: harmonic, so it diverges (row C.14).",
    uses=[explicit_three, tangent_spectrum],
)

harmonic_five = Claim(
    "initial-smoothness-harmonic-s5",
    Ge(number_five**2 * (pi**2 * eigenvalue_five) * shrinks_five * j**2, 5),
    source=SMOOTHNESS,
    about="On S^5 at s = 1/2: with terms a_j = N mu/lambda^s, pi^2 (j a_j)^2 >= 5: harmonic, so it diverges (row C.14).",
    uses=[explicit_five, tangent_spectrum],
)

summable_three = Claim(
    "initial-smoothness-summable-s3",
    Le(number_three**2 * (pi**2 * eigenvalue_three) * shrinks_three * j**4, 8),
    source=SMOOTHNESS,
    about="On S^3 at s = 1/2 < 3/4: pi^2 (j^2 a_j)^2 <= 8, and the series converges (row C.14).",
    uses=[explicit_three, tangent_spectrum],
)
