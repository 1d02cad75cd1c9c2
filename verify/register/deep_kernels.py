"""What a layer more does to a kernel: which functions it keeps, for any activation, and by how much it can shrink their norms.

Conventions: a_n = E[h_n(z) sigma(z)] are the coefficients of an activation in the normalised Hermite polynomials, so that its kernel at
unit variances is sum a_n^2 c^n. K^(L) = k_1(K^(L-1)) is the normalised ReLU kernel of L hidden layers. The eigenvalue of a zonal kernel
sum b_n c^n at the harmonics of degree k on S^(d-1) is sum b_n w_n with weights w_n >= 0 that are 0 unless n - k is even and not negative.
So b_n' <= C b_n for all even n gives lambda_k' <= C lambda_k for all even k, in every dimension d: norms of even functions then differ by
at most sqrt(C), whatever d. For K^(L) against K^(1) there is such a C, as the ratio of coefficients has a limit: both kernels have
singularities (1 - c)^(3/2) and (1 + c)^(3/2) at 1 and -1 and no others on the unit circle, and the limit is the mean of the ratios of
their factors there (Flajolet & Odlyzko's transfer). By series to degree 400 the ratios from degree 2 on rise to that limit.
"""

from typing import Any

from sympy import Eq, Expr, Ge, Gt, Integral, Le, Limit, Rational, Symbol, acos, cos, diff, pi, sin, sqrt, symbols
from sympy.stats import Expectation

from lemmata.theory.activations import erf_, hermite, step
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.kernels.sphere import eigenvalue
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

INCLUSION = Source("daniely-frostig-singer-2016", "a summary of it, the inclusion of the spaces by depth, for a general activation")
DUALS = Source("daniely-frostig-singer-2016", "section 4.2, Hermite polynomials and dual activations")
SEPARATION = Source("daniely-frostig-singer-2016", "a summary of it, theorem 3")
UNIVERSALITY = Source("daniely-frostig-singer-2016", "a summary of it, theorem 2")
DEEP_SHALLOW = Source("Bietti & Bach (2021), Deep equals shallow for ReLU networks in kernel regimes", "section 3, Funk-Hecke")

c, t = symbols("c t", real=True)
a0, a1, a2, a3 = symbols("a_0:4", real=True)
d, j = symbols("d j", integer=True, positive=True)
phi = Symbol("phi", real=True)
unit = [Ge(c, -1), Le(c, 1)]
u, v = gaussian_pair(1, 1, c)


def k0(x: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 0, the derivative of k_1."""
    return 1 - acos(x) / pi


def k1(x: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 1."""
    return (sqrt(1 - x**2) + x * (pi - acos(x))) / pi


# Which functions a layer keeps (row D.3). With rho = sigma - a_1 z for what is left of an activation u and rho(v) are uncorrelated, so
# that E(a sigma(u) + b sigma(v))^2 = a_1^2 E(a u + b v)^2 + E(a rho(u) + b rho(v))^2: all of them, if a_1 = E[z sigma(z)] is not 0


def cubic(x: Any) -> Expr:
    """Any polynomial of degree 3, by its Hermite coefficients."""
    return a0 + a1 * x + a2 * hermite(x, 2) + a3 * hermite(x, 3)


ERF, STEP = 2 / sqrt(3 * pi), 1 / sqrt(2 * pi)
"""E[z sigma(z)]."""

splits = [
    Claim(
        f"{name}-layer-keeps-functions",
        Eq(Expectation(u * rest), 0),
        given=unit,
        source=INCLUSION,
        about=f"{said}: what is left of it beside a_1 z is uncorrelated with its inputs, so that the kernel is a_1^2 times the one "
        "below plus another, and norms grow at most by 1/|a_1| (row D.3).",
    )
    for name, rest, said in (
        ("cubic", cubic(v) - a1 * v, "Any polynomial of degree 3"),
        ("erf", erf_(v) - ERF * v, "The error function, a_1 = 2/sqrt(3 pi)"),
        ("step", step(v) - STEP * v, "The step, a_1 = 1/sqrt(2 pi)"),
    )
]

cube_share = Claim(
    "cubic-layer-loses-linear-functions",
    Eq(Integral(t**4 * (1 - t**2) ** ((d - 3) / 2), (t, -1, 1)), 3 * Integral(t**2 * (1 - t**2) ** ((d - 3) / 2), (t, -1, 1)) / (d + 2)),
    given=[Ge(d, 3), Le(d, 9)],
    source=INCLUSION,
    about="Where a_1 = 0 it does not, even for an odd sigma: in the kernel c^3 of the third Hermite polynomial linear functions on "
    "S^(d-1) have the share 3/(d + 2), which falls below every constant as d grows (row D.3).",
)

# How much deeper kernels shrink norms (rows D.10, D.11): the ratio of coefficients, hence of eigenvalues in every dimension

weight = (1 - t**2) ** ((d - 3) / 2)

zonal_weights = Claim(
    "zonal-weights-are-positive",
    Eq(
        Integral(t ** (2 * j) * (d * t**2 - 1) * weight, (t, -1, 1)),
        2 * j * (d - 1) / (2 * j + d) * Integral(t ** (2 * j) * weight, (t, -1, 1)),
    ),
    given=[Ge(d, 3), Le(d, 6), Le(j, 3)],
    source=DEEP_SHALLOW,
    about="The eigenvalue of t^(2j) at the harmonics of degree 2 on S^(d-1) is positive for every j and d: a kernel with smaller even "
    "coefficients has smaller eigenvalues in every dimension (row D.11).",
)


# k_1(c) = 1/pi + y, y = c/2 + A c^2 + B c^4 + ..., and k_1(k_1(c)) = D_0 + D_1 y + D_2 y^2 + ..., expanded at 1/pi

A, B = 1 / (2 * pi), 1 / (24 * pi)
curvature = 1 / (pi * sqrt(1 - t**2))
D2, D3, D4 = (diff(curvature, t, n).subs(t, 1 / pi) / over for n, over in ((0, 2), (1, 6), (2, 24)))
TWO_LAYERS = {0: pi * k1(1 / pi), 2: (k0(1 / pi) * A + D2 / 4) / A, 4: (k0(1 / pi) * B + D2 * A**2 + D3 * 3 * A / 4 + D4 / 16) / B}
"""Coefficients of c^n in k_1(k_1(c)) over those in k_1(c)."""

first_coefficients = [
    Claim(
        f"relu-two-layers-coefficient-{n}",
        Le(TWO_LAYERS[n], bound, evaluate=False),
        source=DEEP_SHALLOW,
        about=f"The coefficient of c^{n} in k_1(k_1(c)) is at most {bound} of that in k_1(c) (row D.11).",
    )
    for n, bound in ((0, Rational(1552, 1000)), (2, Rational(5, 4)), (4, Rational(5, 4)))
]


def curvature_ratio(layers: int, angle: Any) -> Expr:
    """K^(L)''/k_1'' at the cosine of this angle, by the chain rule: 1 for one layer."""
    kernel, slope, ratio = (sin(angle) + (pi - angle) * cos(angle)) / pi, 1 - angle / pi, Rational(1)
    for _ in range(layers - 1):
        ratio = sin(angle) * slope**2 / sqrt(1 - kernel**2) + k0(kernel) * ratio
        kernel, slope = k1(kernel), k0(kernel) * slope
    return ratio


at_the_ends = [
    Claim(
        f"relu-depth-separation-limit-{layers}",
        Eq(Limit((curvature_ratio(layers, phi) + curvature_ratio(layers, pi - phi)) / 2, phi, 0, "+"), limit),
        source=DEEP_SHALLOW,
        derivation=lambda lhs: lhs,
        about=f"Second derivatives of the even parts of K^({layers}) and K^(1) have the ratio {value} at c = 1 and -1: so have the "
        f"eigenvalues as the degree grows, where the source says d^{layers} (row D.11).",
    )
    for layers, limit, value in ((2, (2 + k0(0)) / 2, "5/4"), (3, (3 + k0(0) * k0(1 / pi)) / 2, "1.651"))
]


even_ratio = Claim(
    "relu-depth-separation-degree-4",
    Le(eigenvalue(lambda x: k1(k1(x)), 4, 10), Rational(5, 4) * eigenvalue(k1, 4, 10), evaluate=False),
    source=SEPARATION,
    about="At d = 10 one layer's squared norm of harmonics of degree 4 is at most 5/4 of two layers', not d^2 = 100 times it (row D.11).",
    uses=[zonal_weights, *first_coefficients],
    derivation=lambda lhs: lhs,
)

odd_harmonics = Claim(
    "relu-two-layers-odd-harmonic",
    Gt(eigenvalue(lambda x: k1(k1(x)), 3, 10), 0, evaluate=False),
    source=UNIVERSALITY,
    about="Two layers reach the harmonics of degree 3, which one misses: universality on the sphere needs depth 2 (rows D.3, D.10).",
    derivation=lambda lhs: lhs,
    uses=["relu-kernel"],
)
