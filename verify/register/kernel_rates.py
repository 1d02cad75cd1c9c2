"""Spectra of kernels on the circle, and what the kernel gradient flow slides read off them: smoothness, noise condition, rates.

Conventions: lambda_k is the eigenvalue of the tangent kernel, mu_k that of the random features, at frequency 2k under the uniform law on
the circle, network without biases (odd frequencies above 1 have eigenvalue 0); d is the dimension of the sphere, 1 for the circle.
"""

from sympy import Eq, Ge, Gt, Integral, Le, Limit, Lt, Rational, Sum, Symbol, cos, coth, factorial, gamma, oo, pi, sin, sqrt, symbols
from sympy.stats import Expectation, Normal

from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

DECAY = Source("chen-li-lin-2024", "slides, eigenvalue decay rate (3)")
SMOOTHNESS = Source("chen-li-lin-2024", "slides, theorem 4.2")
NOISE = Source("chen-li-lin-2024", "slides, the moment condition on the noise")
RATES = Source("chen-li-lin-2024", "slides, remark on the rate for s close to 1")

d, k, m = symbols("d k m", integer=True, positive=True)
s = Normal("s", 0, 1)

# The spectrum on the circle (dimension 1, without bias: odd frequencies above 1 have eigenvalue 0)

phi = Symbol("phi", real=True)
features = (sin(phi) + (pi - phi) * cos(phi)) / pi
network = features + (pi - phi) * cos(phi) / pi
feature_eigenvalue = 4 / (pi**2 * (4 * k**2 - 1) ** 2)
kernel_eigenvalue = (8 * k**2 + 6) / (pi**2 * (4 * k**2 - 1) ** 2)

tangent_spectrum = Claim(
    "tangent-kernel-circle-eigenvalues",
    Eq(Integral(network * cos(2 * k * phi), (phi, 0, pi)) / pi, kernel_eigenvalue),
    given=[Le(k, 20)],
    source=DECAY,
    about="The tangent kernel on the circle: its eigenvalue at frequency 2k, by Fourier's integral (rows C.11, C.12).",
    uses=["relu-kernel"],
)

feature_spectrum = Claim(
    "random-feature-circle-eigenvalues",
    Eq(Integral(features * cos(2 * k * phi), (phi, 0, pi)) / pi, feature_eigenvalue),
    given=[Le(k, 20)],
    source=DECAY,
    about="The random-feature kernel on the circle: its eigenvalue at frequency 2k (rows C.12, C.14).",
    uses=["relu-kernel"],
)

tangent_decay = Claim(
    "tangent-kernel-circle-decay",
    Eq(Limit((2 * k) ** 2 * kernel_eigenvalue, k, oo), 2 / pi**2),
    source=DECAY,
    about="Two eigenvalues a frequency, every second frequency: lambda_i ~ i^-2, (d + 1)/d with the circle's own d = 1 (row C.12).",
    uses=[tangent_spectrum],
)

tangent_decay_ambient = Claim(
    "tangent-kernel-circle-decay-ambient",
    Eq(Limit(kernel_eigenvalue.subs(k, 2 * k) / kernel_eigenvalue, k, oo), 2 ** Rational(-3, 2)),
    source=DECAY,
    about="(d + 1)/d with d = 2, the inputs' own dimension, is wrong on the circle without a bias: there it is d/(d - 1) = 2 (row C.12).",
    expect="refuted",
)

smoothness_harmonic = Claim(
    "initial-smoothness-circle-threshold",
    Eq(Limit(2 * k * feature_eigenvalue / kernel_eigenvalue ** Rational(3, 2), k, oo), sqrt(2) * pi),
    source=SMOOTHNESS,
    about="At s = 3/(d + 1), d = 1, the series of E|f|^2 in [H]^s is harmonic and diverges: the threshold itself is excluded (row C.14).",
    uses=[tangent_spectrum, feature_spectrum],
)

smoothness_one = Claim(
    "initial-smoothness-circle-one",
    Eq(Sum(2 * feature_eigenvalue / kernel_eigenvalue, (k, 1, oo)), (pi * sqrt(3) / 2 * coth(pi * sqrt(3) / 2) - 1) * 2 / 3),
    source=SMOOTHNESS,
    about="At s = 1 < 3/2 the series converges: for d = 1 the initial function lies in the kernel's own space (row C.14).",
    uses=[tangent_spectrum, feature_spectrum],
)

smooth = Symbol("s_0", positive=True)

series_exponent = Claim(
    "initial-smoothness-below-threshold",
    Gt((d + 3) / d - smooth * (d + 1) / d, 1),
    given=[Lt(smooth, 3 / (d + 1))],
    source=SMOOTHNESS,
    about="mu_i/lambda_i^s ~ i^-p with p > 1 for s < 3/(d + 1): the series of E|f|^2 in [H]^s converges (row C.14).",
)

series_exponent_above = Claim(
    "initial-smoothness-above-threshold",
    Le((d + 3) / d - smooth * (d + 1) / d, 1),
    given=[Ge(smooth, 3 / (d + 1))],
    source=SMOOTHNESS,
    about="For s >= 3/(d + 1), equality included, p <= 1 and the series diverges (row C.14).",
)

harm_from_three = Claim(
    "initial-smoothness-harms",
    Lt(3 / (d + 1), 1),
    given=[Ge(d, 3)],
    source=SMOOTHNESS,
    about="The threshold is below 1, so that the initial function is rougher than the kernel's space, from d = 3 on (row C.14).",
)

harm_always = Claim(
    "initial-smoothness-harms-in-every-dimension",
    Lt(3 / (d + 1), 1),
    source=SMOOTHNESS,
    about="Read for every d it is wrong: for d = 1 the threshold is 3/2 and for d = 2 it is 1 (row C.14).",
    expect="refuted",
)

# The noise condition and the rate

absolute_moment = Claim(
    "normal-absolute-moments",
    Eq(Expectation(abs(s) ** m), 2 ** (m / 2) * gamma((m + 1) / 2) / sqrt(pi)),
    given=[Le(m, 12)],
    source=NOISE,
    about="E|eps|^m of standard normal noise (row C.16).",
)

printed_noise = Claim(
    "noise-moments-printed",
    Le(Expectation(abs(s) ** m), m * Rational(1, 2)),
    given=[Ge(m, 2), Le(m, 12)],
    source=NOISE,
    about="The printed bound m sigma^2 L^(m-2)/2 with sigma = L = 1 fails for standard normal noise from m = 3 on (row C.16).",
    expect="refuted",
)

printed_noise_ten = Claim(
    "noise-moments-printed-large-constants",
    Le(Expectation(abs(s) ** 277), 277 * 10 * 10**275 / 2),
    source=NOISE,
    about="Larger constants only delay it: with sigma^2 = L = 10 the printed bound fails at m = 277 (row C.16).",
    expect="refuted",
)

bernstein = Claim(
    "noise-moments-factorial",
    Le(Expectation(abs(s) ** m), factorial(m) / 2),
    given=[Ge(m, 2), Le(m, 12)],
    source=NOISE,
    about="With Bernstein's m! for m the condition m! sigma^2 L^(m-2)/2 admits standard normal noise with sigma = L = 1 (row C.16).",
)

L0, variance = symbols("L_0 v", positive=True)

printed_noise_bounded = Claim(
    "noise-moments-printed-bounded",
    Eq(Limit((m * variance * L0 ** (m - 2) / 2) ** (1 / m), m, oo), L0),
    source=NOISE,
    about="The m-th root of the printed bound tends to L: for all m it forces |eps| <= L and excludes Gaussian noise (row C.16).",
)

beta = (d + 1) / d

rate = Claim(
    "rate-at-smoothness-one",
    Eq(beta / (beta + 1), Rational(1, 2) + 1 / (4 * d + 2)),
    source=RATES,
    about="At s = 1 and decay beta = (d + 1)/d the exponent s beta/(s beta + 1) is 1/2 + 1/(4 d + 2) (row C.19).",
    uses=["kernel-flow-rate-reached", "tangent-kernel-sphere-decay"],
)

rate_half = Claim(
    "rate-at-smoothness-one-printed",
    Eq(beta / (beta + 1), Rational(1, 2)),
    source=RATES,
    about="The printed rate n^(-1/2) is the limit of large d; in dimension d the exponent is larger (row C.19).",
    expect="refuted",
)

rate_limit = Claim(
    "rate-at-smoothness-one-limit",
    Eq(Limit(beta / (beta + 1), d, oo), Rational(1, 2)),
    source=RATES,
    about="n^(-1/2) is right for large d (row C.19).",
    uses=[rate],
)
