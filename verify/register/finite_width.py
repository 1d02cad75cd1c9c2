"""What finite width does to the lengths of signals: exact moments at every width, and how they tend to the length map.

ReLU networks without biases, weights N(0, 2/fan_in): q_l = 2 |relu(z_l)|^2 / n is the conditional variance of the next preactivations,
so q_l / q_(l-1) = (2/n) sum_i relu(g_i)^2 with independent standard normals g_i, of mean 1 and variance 5/n since E relu(g)^4 = 3/2. In
the mean the length map holds at every width; mean squares grow by 1 + 5/n a layer, an excess of 5 L/n + O(1/n^2) over the limit.
The ratio of two moments grows exponentially in L/n, so deeper networks than wide are heavy-tailed, and only two layers are drawn here.
"""

from typing import Any

from sympy import Eq, Ge, Le, Limit, Max, Rational, Symbol, oo, sqrt, symbols
from sympy.stats import Expectation, Normal, Rademacher, Variance

from lemmata.theory.experiments import experiment
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LENGTHS = Source("poole-2016", "section 2.1, the length map (its moments at finite width are derived here)")
LECTURE = Source("yarotsky-lecture", "signal propagation, the layer's variance and the central limit theorem")

a, b, q = symbols("a b q", positive=True)
x = Symbol("x", positive=True)
n, m, depth = symbols("n m L", integer=True, positive=True)


def mean_power(moments: tuple[float, float, float, float], n: int) -> float:
    """E (Y_1 + ... + Y_n)^4 for independent Y_i with these first four moments."""
    m1, m2, m3, m4 = moments
    pairs, triples = n * (n - 1), n * (n - 1) * (n - 2)
    return n * m4 + pairs * (4 * m3 * m1 + 3 * m2**2) + 6 * triples * m2 * m1**2 + triples * (n - 3) * m1**4


def rectified_fourth(n: int) -> float:
    """E ((2/n) sum relu(g_i)^2)^4, where E relu(g)^(2k) = (1, 3, 15, 105)/2."""
    return (2 / n) ** 4 * mean_power((1 / 2, 3 / 2, 15 / 2, 105 / 2), n)


def squared_fourth(n: int) -> float:
    """E ((1/n) sum g_i^2)^4."""
    return mean_power((1, 3, 15, 105), n) / n**4


def preactivations(widths: tuple[int, ...], size: int, rng: Any, device: str) -> Any:
    """z of the last layer of `size` ReLU networks with these widths, for an input with two coordinates for which z_1 has variance 1."""
    import torch

    z = torch.randn(size, widths[0], 2, generator=rng, device=device).sum(2) / 2**0.5
    for before, width in zip(widths, widths[1:], strict=False):
        weights = torch.randn(size, width, before, generator=rng, device=device) * (2 / before) ** 0.5
        z = (weights @ z.clamp(min=0).unsqueeze(2)).squeeze(2)
    return z.double()


@experiment(second_moment=lambda n, m: rectified_fourth(n) * rectified_fourth(m))
def rectified_length_square(n: int, m: int, *, size: int, rng: Any, device: str) -> Any:
    """(q_2 / q_0)^2 of a network with hidden widths n and m."""
    z = preactivations((n, m), size, rng, device)
    return (2 * z.clamp(min=0).square().mean(1)).square()


@experiment(second_moment=lambda n, layers: squared_fourth(n) * rectified_fourth(n) ** (layers - 1))
def preactivation_length_square(n: int, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """(|z_L|^2 / n)^2 of a network of width n, for an input with q_0 = 1."""
    return preactivations((n,) * layers, size, rng, device).square().mean(1).square()


u1, u2, u3 = (sqrt(q) * Normal(f"g_{i}", 0, 1) for i in (1, 2, 3))

relu_width_two = Claim(
    "relu-length-square-width-2",
    Eq(Expectation((Max(0, u1) ** 2 + Max(0, u2) ** 2) ** 2), (1 + Rational(5, 2)) * q**2),
    source=LENGTHS,
    about="One layer of two units, in exact moments: E q_1^2 = (1 + 5/n) q_0^2 at n = 2 (row Y.66).",
)

relu_width_three = Claim(
    "relu-length-square-width-3",
    Eq(Expectation((2 * (Max(0, u1) ** 2 + Max(0, u2) ** 2 + Max(0, u3) ** 2) / 3) ** 2), (1 + Rational(5, 3)) * q**2),
    source=LENGTHS,
    about="One layer of three units, in exact moments: E q_1^2 = (1 + 5/n) q_0^2 at n = 3 (row Y.66).",
)

h1, h2 = Normal("h_1", 0, 1), Normal("h_2", 0, 1)
first_length, growth = Max(0, u1) ** 2 + Max(0, u2) ** 2, Max(0, h1) ** 2 + Max(0, h2) ** 2

relu_two_layers = Claim(
    "relu-length-square-two-layers",
    Eq(Expectation((first_length * growth) ** 2), Rational(49, 4) * q**2),
    source=LENGTHS,
    about="Two layers of two units: q_2 is q_1 times a fresh factor, so E q_2^2 = (1 + 5/n)^2 q_0^2 at n = 2 (row Y.66).",
    uses=[relu_width_two],
)

length_square = Claim(
    "relu-length-square",
    Eq(Expectation(rectified_length_square(n, m)), (1 + 5 / n) * (1 + 5 / m)),
    given=[Ge(n, 4), Le(n, 8), Ge(m, 4), Le(m, 8)],
    source=LENGTHS,
    about="Its square grows by 1 + 5/n a layer of width n: at width n and depth L the limit is missed by 5 L/n + O(1/n^2) (row Y.66).",
    uses=[relu_two_layers],
)

preactivation_square = Claim(
    "relu-preactivation-square",
    Eq(Expectation(preactivation_length_square(n, depth)), (1 + 2 / n) * (1 + 5 / n) ** (depth - 1)),
    given=[Ge(n, 4), Le(n, 8), Le(depth, 2)],
    source=LENGTHS,
    about="The preactivations' own squared length |z_L|^2/n: the last layer adds 1 + 2/n and not 1 + 5/n (row Y.66).",
    uses=[relu_width_two],
)

width_coefficient = Claim(
    "relu-length-square-width-coefficient",
    Eq(Limit(x * ((1 + 5 / x) ** depth - 1), x, oo), 5 * depth),
    given=[Le(depth, 20)],
    source=LENGTHS,
    about="The 1/n coefficient of E q_L^2/q_0^2: finite width shows as 5 L/n, the ratio of depth to width (row Y.66).",
    uses=[length_square],
)

preactivation_coefficient = Claim(
    "relu-preactivation-square-width-coefficient",
    Eq(Limit(x * ((1 + 2 / x) * (1 + 5 / x) ** (depth - 1) - 1), x, oo), 5 * depth - 3),
    given=[Le(depth, 20)],
    source=LENGTHS,
    about="The 1/n coefficient of the preactivations' E (|z_L|^2/n)^2: 5 L - 3 (row Y.66).",
    uses=[preactivation_square],
)

# The first layer, at an input of two coordinates

x1, x2 = symbols("x_1 x_2", real=True)
sigma_w, sigma_b = symbols("sigma_w sigma_b", positive=True)
bias = Rademacher("h")
w1, w2 = Normal("w_1", 0, 1), Normal("w_2", 0, 1)

layer_variance = Claim(
    "preactivation-variance",
    Eq(Variance(sigma_w * (w1 * x1 + w2 * x2) / sqrt(2) + sigma_b * bias), sigma_w**2 * (x1**2 + x2**2) / 2 + sigma_b**2),
    source=LECTURE,
    about="A preactivation has the variance sigma_w^2 |x|^2/d + sigma_b^2, here at d = 2, with biases +-sigma_b as with normal ones "
    "(row Y.65).",
)

layer_normal = Claim(
    "preactivation-with-normal-bias",
    Eq(
        Expectation((sigma_w * (w1 * x1 + w2 * x2) / sqrt(2) + sigma_b * h1) ** 4), 3 * (sigma_w**2 * (x1**2 + x2**2) / 2 + sigma_b**2) ** 2
    ),
    source=LECTURE,
    about="With normal biases its fourth moment is the normal one, 3 Var^2 (row Y.65).",
    uses=[layer_variance],
)

r1, r2 = Rademacher("r_1"), Rademacher("r_2")

rademacher_preactivation = Claim(
    "rademacher-preactivation-fourth-moment",
    Eq(Expectation((a * r1 + b * r2) ** 4), 3 * (a**2 + b**2) ** 2 - 2 * (a**4 + b**4)),
    source=LECTURE,
    about="Weights +-1 give a preactivation the variance of Gaussian ones and another fourth moment (row Y.65).",
)

rademacher_as_gaussian = Claim(
    "rademacher-preactivation-as-gaussian",
    Eq(Expectation((a * r1 + b * r2) ** 4), 3 * (a**2 + b**2) ** 2),
    source=LECTURE,
    about="At finite width the law of the weights is not forgotten: the Gaussian fourth moment is wrong (row Y.65).",
    expect="refuted",
)
