"""Random ReLU networks and the spaces of their kernels: which functions they reach, and how deep and wide ones compare.

Conventions: K^(L) is the kernel of L hidden ReLU layers without biases and without scaling, so that its diagonal halves a layer;
k_1(c) = 2 E[relu(u) relu(v)] at unit variances is its normalised layer. The norm of g in the space of K at finitely many inputs is
g^T K^-1 g. Zonal kernels have the spherical harmonics as eigenfunctions, and a harmonic of eigenvalue lambda has squared norm 1/lambda.
"""

from typing import Any

from sympy import Abs, Derivative, Eq, Expr, Ge, Gt, Lambda, Le, Lt, Max, Rational, Sum, Symbol, acos, diff, pi, sqrt, symbols
from sympy.stats import Expectation, Normal, Rademacher

from lemmata.theory.activations import monomial, relu
from lemmata.theory.gaussian import gaussian_pair, standard_normal
from lemmata.theory.kernels.sphere import eigenvalue
from lemmata.theory.minima import minimum
from lemmata.theory.recursion import iterate
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim


def printed(place: str) -> Source:
    """A place in the summary whose statements are checked here."""
    return Source("daniely-frostig-singer-2016", f"a summary of it, {place}")


BACH = Source("Bach (2017), Breaking the curse of dimensionality with convex neural networks", "section on random features")
DEEP_SHALLOW = Source("Bietti & Bach (2021), Deep equals shallow for ReLU networks in kernel regimes", "section 3, Funk-Hecke")
ARC_COSINE = Source("cho-saul-2009", "section 2.2, kernels by composition")

a, b, h, v, w, x, t = symbols("a b h v w x t", real=True)
f1, f2, h1, h2 = symbols("f_1 f_2 h_1 h_2", real=True)
q, q1, q2, rho, s, scale, R = symbols("q q_1 q_2 rho s t R", positive=True)
c = Symbol("c", real=True)
depth, degree = symbols("L n", integer=True, positive=True)
unit = [Ge(c, -1), Le(c, 1)]
z = standard_normal()
u1, v1 = gaussian_pair(1, 1, c)
uq, vq = gaussian_pair(q1, q2, c)


def k1(t: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 1, as stated."""
    return (sqrt(1 - t**2) + t * (pi - acos(t))) / pi


# One neuron at the inputs rho and -rho, each of probability 1/2, against g = 1 (row D.9)


def error(network: Any) -> Expr:
    """E (f(x) - 1)^2 for x uniform on {rho, -rho}."""
    return ((network(rho) - 1) ** 2 + (network(-rho) - 1) ** 2) / 2


norm_squared = 1 / Expectation(relu(rho * z) ** 2) + 1 / Expectation(relu(-rho * z) ** 2)
mean_diagonal = (Expectation(relu(rho * z) ** 2) + Expectation(relu(-rho * z) ** 2)) / 2

two_points_uncorrelated = Claim(
    "opposite-inputs-uncorrelated",
    Eq(Expectation(relu(rho * z) * relu(-rho * z)), 0),
    source=printed("the definition of the kernel"),
    about="K(rho, -rho) = 0 on the line: the Gram matrix at two opposite inputs is diagonal (row D.9).",
)

two_points_norm = Claim(
    "constant-norm-at-opposite-inputs",
    Eq(norm_squared, 4 / rho**2),
    source=printed("the definition of the kernel"),
    about="The squared norm of g = 1 at the inputs rho and -rho is 4/rho^2 (row D.9).",
    uses=[two_points_uncorrelated, "random-network-fan-in-weights"],
)

one_neuron = Claim(
    "one-neuron-error",
    Ge(error(lambda x: v * Max(0, w * x)), Rational(1, 2)),
    source=printed("the network model, at width 1"),
    about="A neuron without bias is 0 at one of two opposite inputs, so its mean squared error against g = 1 is at least 1/2 (row D.9).",
)

width_bound_fails = Claim(
    "width-bound-fails",
    Gt(error(lambda x: v * Max(0, w * x)), norm_squared),
    given=[Ge(rho, 3)],
    source=printed("theorem 1, at width m = 1"),
    about="No neuron attains the printed bound R^2/m at the inputs +-rho when rho >= 3: it lacks the factor E K(x, x) (row D.9).",
    uses=[one_neuron, two_points_norm],
)

one_side = Claim(
    "one-neuron-vanishes-at-one-side",
    Eq(Max(0, w * rho) * Max(0, -w * rho), 0),
    source=printed("the network model, at width 1"),
    about="Of the outputs f_1, f_2 of one neuron without bias at rho and -rho one is 0 (row D.9).",
)

least_error = minimum(((f1 - 1) ** 2 + (f2 - 1) ** 2) / 2, (f1, f2), [Eq(f2, 0)])

width_bound_printed = Claim(
    "width-bound-printed",
    Le(least_error, norm_squared),
    source=printed("theorem 1, at width m = 1"),
    about="As printed, the least error of one neuron against g = 1 would be at most R^2/m: it is 1/2, and R^2 = 4/rho^2 (row D.9).",
    expect="refuted",
    uses=[one_side, two_points_norm],
)

width_bound_corrected = Claim(
    "width-bound-corrected",
    Le(least_error, norm_squared * mean_diagonal - 1),
    source=BACH,
    about="The bound (R^2 E K(x, x) - E g^2)/m holds for it at every rho: 1/2 against 1 (row D.9).",
    uses=[one_side, two_points_norm],
)

small_norm_printed = Claim(
    "approximable-means-small-norm-printed",
    Le(f1**2 / Expectation(relu(rho * z) ** 2), R**2),
    source=printed("the equivalence of approximation and norm"),
    about="The printed 'only if': f_1 at rho, 0 at -rho is one neuron, error 0 <= R^2/m for every R, yet has a norm of its own (row D.2).",
    expect="refuted",
    uses=[one_side],
)

r1, r2, r3 = (Rademacher(f"r_{i}") for i in (1, 2, 3))
z1, z2 = Normal("z_1", 0, 1), Normal("z_2", 0, 1)

importance_sampling = Claim(
    "random-features-by-importance",
    Eq(Expectation(error(lambda x: sum(2 / rho * Max(0, r * x) for r in (r1, r2)) / 2)), (norm_squared * mean_diagonal - 1) / 2),
    source=BACH,
    about="m = 2 neurons drawn by importance: the mean error is (R^2 E K(x, x) - E g^2)/m, the right bound (row D.9).",
    uses=[two_points_norm],
)

gaussian_sampling = Claim(
    "random-features-from-the-prior",
    Eq(Expectation(error(lambda x: sum(2 / rho * Abs(r) * Max(0, r * x) for r in (z1, z2)) / 2)), Rational(5, 2)),
    source=BACH,
    about="m = 2 neurons from the prior with the same function of least norm: the mean error is 5/m (row D.9).",
)

gaussian_sampling_printed = Claim(
    "random-features-from-the-prior-bound",
    Le(Expectation(error(lambda x: sum(2 / rho * Abs(r) * Max(0, r * x) for r in (z1, z2)) / 2)), norm_squared * mean_diagonal / 2),
    source=printed("theorem 1, read with the factor E K(x, x) and weights from the prior"),
    about="Even with E K(x, x) the bound R^2 E K/m fails for weights drawn from the prior: 5/m against 2/m (row D.9).",
    expect="refuted",
)

# Homogeneity (row D.10)

homogeneous = Claim(
    "relu-kernel-homogeneous",
    Eq(Expectation(relu(scale * uq) * relu(vq)), scale * Expectation(relu(uq) * relu(vq))),
    given=unit,
    source=printed("the network model without biases"),
    about="K(t x, y) = t K(x, y) for t > 0: every function of the space of K^(L) is homogeneous of degree 1 (rows D.4, D.10).",
)

universality_fails = Claim(
    "homogeneous-functions-miss-constants",
    Ge(Max(h - 1, 1 - h, 2 * h - 1, 1 - 2 * h), Rational(1, 3)),
    source=printed("theorem 2, on [1, 2]"),
    about="A homogeneous function with values h and 2 h at 1 and 2 misses g = 1 by at least 1/3, at every depth (row D.10).",
    uses=[homogeneous],
)

best_homogeneous = Claim(
    "homogeneous-best-approximation",
    Le(Abs(2 * x / 3 - 1), Rational(1, 3)),
    given=[Ge(x, 1), Le(x, 2)],
    source=printed("theorem 2"),
    about="2 x/3 attains the least distance 1/3 from g = 1 on [1, 2] (row D.10).",
)

least_distance = minimum(t, (h1, h2, t), [Eq(h2, 2 * h1), Ge(t, h1 - 1), Ge(t, 1 - h1), Ge(t, h2 - 1), Ge(t, 1 - h2), Le(t, 1)])

universality_printed = Claim(
    "universality-with-depth-printed",
    Eq(least_distance, 0),
    source=printed("theorem 2, for g = 1 at 1 and 2"),
    about="The printed distance 0 in the limit of depth: at every depth h(2) = 2 h(1), and max |h - 1| is at least 1/3 (row D.10).",
    expect="refuted",
    uses=[homogeneous],
)

universality_corrected = Claim(
    "homogeneous-distance",
    Eq(least_distance, Rational(1, 3)),
    source=printed("theorem 2, for g = 1 at 1 and 2"),
    about="The least distance of a homogeneous function from g = 1 is exactly 1/3, whatever the depth (row D.10).",
    uses=[homogeneous],
)

# Depth inclusion (row D.3)

inclusion_identity = Claim(
    "relu-kernel-splits",
    Eq(
        Expectation((a * relu(u1) + b * relu(v1)) ** 2),
        Expectation((a * u1 + b * v1) ** 2) / 4 + Expectation((a * Abs(u1) + b * Abs(v1)) ** 2) / 4,
    ),
    given=unit,
    source=printed("the inclusion of the spaces by depth"),
    about="K^(L) = K^(L-1)/4 + the kernel of |u|/2: for the ReLU a layer more keeps every function, with at most twice the norm (row D.3).",
)

inclusion_square = Claim(
    "square-depth-inclusion",
    Ge(Expectation((a * monomial(u1) + b * monomial(v1)) ** 2), s * Expectation((a * u1 + b * v1) ** 2)),
    given=unit,
    source=printed("the inclusion of the spaces by depth, for a general activation"),
    about="For sigma(u) = u^2 no constant s serves: opposite inputs get equal features, so that linear functions are lost (row D.3).",
    expect="refuted",
)

# Spectra on the sphere S^2 (rows D.2, D.3, D.11)

single_neuron = Claim(
    "single-neuron-eigenvalue",
    Eq(eigenvalue(lambda t: k1(t) / 2, 2, 3), 3 * eigenvalue(lambda t: Max(0, t), 2, 3) ** 2, evaluate=False),
    source=printed("the equivalence of approximation and norm"),
    about="lambda_k = 3 a_k^2, here k = 2: each harmonic of one neuron adds as much to its norm as N(3, k)/3, so it is infinite (row D.2).",
)

neuron_norm = Claim(
    "single-neuron-norm-diverges",
    Eq(Sum(Rational(4, 3) * depth + Rational(1, 3), (depth, 1, degree)) + Rational(1, 3), (degree + 1) * (2 * degree + 1) / 3),
    source=printed("the equivalence of approximation and norm"),
    about="Degrees 0, 2, ..., 2 n of one neuron add N(3, k)/3 = (2 k + 1)/3 each to its squared norm, without bound (row D.2).",
    uses=[single_neuron],
)

one_layer_cubic = Claim(
    "relu-one-layer-odd-third-derivative",
    Eq(Derivative(k1(t), (t, 3)), t / (pi * (1 - t**2) ** Rational(3, 2))),
    given=[Gt(t, -1), Lt(t, 1)],
    source=DEEP_SHALLOW,
    about="The third derivative of k_1 is odd: its series has no odd power above t, and one layer no odd harmonic above 1 (row D.3).",
    uses=["relu-kernel"],
)

two_layers_cubic = Claim(
    "relu-two-layers-cubic-term",
    Gt(diff(k1(k1(t)), t, 3).subs(t, 0), 0, evaluate=False),
    source=DEEP_SHALLOW,
    about="Two layers' kernel has one, and so the third harmonic: depth 2 reaches strictly more than depth 1 (row D.3).",
    uses=[one_layer_cubic],
)

odd_harmonic = Claim(
    "relu-one-layer-odd-harmonic",
    Eq(eigenvalue(k1, 3, 3), 0, evaluate=False),
    source=DEEP_SHALLOW,
    about="One layer reaches no odd harmonic of degree >= 3, here 3: a separation there is one of parity (rows D.10, D.11).",
    uses=["relu-kernel"],
)

even_ratio = Claim(
    "relu-depth-separation-even",
    Lt(eigenvalue(lambda t: k1(k1(t)), 2, 10), Rational(8, 5) * eigenvalue(k1, 2, 10), evaluate=False),
    source=printed("theorem 3, at L = 2 and d = 10"),
    about="On harmonics of degree 2 one layer's squared norm is below 8/5 of two layers'; the printed d^L would be 100 (row D.11).",
    derivation=lambda lhs: lhs,
    uses=["relu-kernel"],
)

separation_printed = Claim(
    "relu-depth-separation-printed",
    Ge(eigenvalue(lambda t: k1(k1(t)), 2, 10), 10**2 * eigenvalue(k1, 2, 10), evaluate=False),
    source=printed("theorem 3, at L = 2 and d = 10, read with constants 1"),
    about="The printed separation d^(L/2) of norms, on harmonics of degree 2: the eigenvalues would have the ratio 100 (row D.11).",
    derivation=lambda lhs: lhs,
    expect="refuted",
)

# The code of the summary (rows D.13, D.15)

stale = q / 2
stale_diagonal = Claim(
    "relu-recursion-stale-diagonal",
    Eq(iterate(Lambda(x, stale * k1(x / stale) / 2), stale, depth - 1), q / 2**depth),
    given=[Le(depth, 5)],
    source=printed("code listing, the recursion of the diagonal"),
    about="The listing keeps the diagonal of layer 1 for ever: right to depth 2, at depth 3 it gives 0.1522 for 1/8 (row D.13).",
    expect="refuted",
)

own_diagonal = Claim(
    "relu-recursion-own-diagonal",
    Eq(Expectation(relu(sqrt(q / 2 ** (depth - 1)) * z) ** 2), q / 2**depth),
    given=[Le(depth, 50)],
    source=ARC_COSINE,
    about="What the listing needs: each layer halves the diagonal of the layer before it (row D.13).",
)


def guarded(norms: Any, cosine: Any) -> Expr:
    """One layer of the efficient listing: 1e-10 is added to the product of the norms."""
    product = norms + Rational(1, 10**10)
    return product * k1(norms * cosine / product) / 2


guard = Claim(
    "relu-recursion-guarded",
    Eq(guarded(2 ** (-depth), c), 2 ** (-depth) * k1(c) / 2),
    given=[*unit, Le(depth, 50)],
    source=printed("code listing, the efficient recursion"),
    about="The 1e-10 added to norms of 2^-L is no guard but an error that swamps the kernel of a deep network (row D.15).",
    expect="refuted",
)

guard_error = Claim(
    "relu-recursion-guarded-at-depth-40",
    Gt(guarded(Rational(1, 2**40), c), 30 * Rational(1, 2**40) * k1(c) / 2),
    given=[Ge(c, 0), Le(c, 1)],
    source=printed("code listing, the efficient recursion"),
    about="After 40 layers one further guarded layer is more than 30 times too large at every correlation >= 0 (row D.15).",
)
