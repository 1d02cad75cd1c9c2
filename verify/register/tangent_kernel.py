"""The tangent kernel of the network of the kernel gradient flow slides, drawn by automatic differentiation at finite widths.

The network: alpha^(1) = sqrt(2/m) (W^(0) x + b), alpha^(l+1) = sqrt(2/m) W^(l) sigma(alpha^(l)), f = W^(L) sigma(alpha^(L)), all
entries standard normal, L hidden layers of width m; only the first layer has a bias. r = |x|^2. For the ReLU the pattern of active
units is a fair coin each, independent of the lengths (flip the sign of a row of W), so first moments are exact at every width.
"""

from typing import Any

from sympy import Eq, Expr, Ge, Le, Max, Rational, Symbol, acos, pi, sqrt, symbols, tanh
from sympy.stats import Expectation, Normal

from lemmata.theory.experiments import experiment
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

NETWORK = Source("chen-li-lin-2024", "slides, the network (1)")
MIRRORED = Source("chen-li-lin-2024", "slides, mirrored initialisation")
LIMIT = Source("chen-li-lin-2024", "slides, the limit of the tangent kernel")
PROCESS = Source("chen-li-lin-2024", "slides, the limit of f* - f_0 as a Gaussian process")

r, r1, r2, q = symbols("r r_1 r_2 q", positive=True)
c = Symbol("c", real=True)
width, depth, m = symbols("n L m", integer=True, positive=True)
s = Normal("s", 0, 1)
small = [Ge(width, 2), Le(width, 3), Le(r, 4), Le(depth, 2)]

AT_ONCE = 2**14
"""Small networks that are drawn at once: fewer cost more in calls than in numbers."""


def hidden_growth(n: int) -> float:
    """E ((2/n) sum relu(g_i)^2)^2 = 1 + 5/n; the same for (2/n) sum 1[g_i > 0] w_i^2, the step of a backpropagated error."""
    return 1 + 5 / n


def fourth_power(r: float, n: int, layers: int) -> float:
    """E f^4 = 3 E Q^2, as f is N(0, Q) given the hidden layers and Q is r + 1 times one growth factor a layer."""
    return float(3 * (r + 1) ** 2 * hidden_growth(n) ** layers)


def kernel_square(r: float, n: int, layers: int) -> float:
    """E T^2 <= (L + 1) sum E T_l^2: T_l = |h_l|^2 |delta_l|^2 is r + 1 times L independent growth factors in each of the L + 1 layers."""
    return float((layers + 1) ** 2 * (r + 1) ** 2 * hidden_growth(n) ** layers)


def kernel_pair_square(r1: float, r2: float, c: float, n: int) -> float:
    """E T(x, x')^2 <= E T(x, x) T(x', x') <= (E T(x, x)^2 E T(x', x')^2)^(1/2), Cauchy and Schwarz twice."""
    return (kernel_square(r1, n, 1) * kernel_square(r2, n, 1)) ** 0.5


def output_pair_square(r1: float, r2: float, c: float, n: int) -> float:
    """E (f(x) f(x'))^2 <= (E f(x)^4 E f(x')^4)^(1/2)."""
    return (fourth_power(r1, n, 1) * fourth_power(r2, n, 1)) ** 0.5


def mean_fourth(r: float, n: int) -> float:
    """E (mean of n independent Y_i - 1)^4, where E Y^k = k! 2^k/2 as Y = (g^2 + w^2) 1[g > 0]: variance 3, fourth moment 117."""
    return (117 + 27 * (n - 1)) / n**3


def weights_of(n: int, layers: int, size: int, rng: Any, device: str) -> list[Any]:
    """W^(0) with the bias as its last column (inputs have two coordinates), W^(1), ..., W^(L), `size` networks at once."""
    import torch

    shapes = [(n, 3), *((n, n) for _ in range(layers - 1)), (1, n)]
    return [torch.randn(size, *shape, generator=rng, device=device) for shape in shapes]


def outputs_of(weights: list[Any], x: tuple[float, float]) -> Any:
    """f(x) of every network."""
    import torch

    scale = (2 / weights[0].shape[1]) ** 0.5
    alpha = torch.einsum("sij,j->si", weights[0], torch.tensor([*x, 1.0], device=weights[0].device)) * scale
    for matrix in weights[1:-1]:
        alpha = torch.einsum("sij,sj->si", matrix, alpha.clamp(min=0)) * scale
    return torch.einsum("sij,sj->s", weights[-1], alpha.clamp(min=0))


def kernel_of(weights: list[Any], x: tuple[float, float], y: tuple[float, float], mirrored: bool = False) -> Any:
    """<grad f(x), grad f(y)> of every network, by automatic differentiation; with an equal copy subtracted where mirrored."""
    import torch

    trained = [matrix.requires_grad_(True) for matrix in weights]
    copies = [matrix.detach().clone().requires_grad_(True) for matrix in weights] if mirrored else []

    def gradient(point: tuple[float, float]) -> Any:
        value = outputs_of(trained, point)
        if mirrored:
            value = (value - outputs_of(copies, point)) / 2**0.5
        return torch.autograd.grad(value.sum(), [*trained, *copies])

    first = gradient(x)
    second = first if x == y else gradient(y)
    return sum(torch.einsum("sij,sij->s", a, b) for a, b in zip(first, second, strict=True)).double()


def two_inputs(r1: float, r2: float, c: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two points of the plane with squared lengths r1, r2 and cosine c."""
    return (r1**0.5, 0.0), (r2**0.5 * c, (r2 * max(0.0, 1 - c * c)) ** 0.5)


@experiment(second_moment=fourth_power, block=AT_ONCE)
def output_square(r: float, n: int, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """f(x)^2 of the ReLU network."""
    return outputs_of(weights_of(n, layers, size, rng, device), ((r / 2) ** 0.5, (r / 2) ** 0.5)).double().square()


@experiment(second_moment=output_pair_square, block=AT_ONCE)
def output_pair(r1: float, r2: float, c: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """f(x) f(x') of a ReLU network with one hidden layer."""
    x, y = two_inputs(r1, r2, c)
    weights = weights_of(n, 1, size, rng, device)
    return outputs_of(weights, x).double() * outputs_of(weights, y).double()


@experiment(second_moment=kernel_square, block=AT_ONCE)
def tangent_kernel(r: float, n: int, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """|grad f(x)|^2 of the ReLU network, in all weights and biases."""
    x = ((r / 2) ** 0.5, (r / 2) ** 0.5)
    return kernel_of(weights_of(n, layers, size, rng, device), x, x)


@experiment(second_moment=kernel_pair_square, block=AT_ONCE)
def tangent_kernel_pair(r1: float, r2: float, c: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """<grad f(x), grad f(x')> of a ReLU network with one hidden layer."""
    return kernel_of(weights_of(n, 1, size, rng, device), *two_inputs(r1, r2, c))


@experiment(second_moment=kernel_pair_square, block=AT_ONCE)
def mirrored_kernel_pair(r1: float, r2: float, c: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same for (f_1 - f_2)/sqrt(2), f_2 an equal copy of f_1 with its own parameters."""
    return kernel_of(weights_of(n, 1, size, rng, device), *two_inputs(r1, r2, c), mirrored=True)


@experiment(second_moment=mean_fourth, block=AT_ONCE)
def kernel_deviation(r: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """(T/(2 (r + 1)) - 1)^2 for the tangent kernel T at one input, one hidden layer."""
    x = ((r / 2) ** 0.5, (r / 2) ** 0.5)
    return (kernel_of(weights_of(n, 1, size, rng, device), x, x) / (2 * (r + 1)) - 1).square()


def k0(t: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 0, as stated."""
    return 1 - acos(t) / pi


def k1(t: Any) -> Expr:
    """The normalised arc-cosine kernel of degree 1, as stated."""
    return (sqrt(1 - t**2) + t * (pi - acos(t))) / pi


# The network (1)

output_variance = Claim(
    "slides-network-variance",
    Eq(Expectation(output_square(r, width, depth)), r + 1),
    given=small,
    source=NETWORK,
    about="The network (1) with sigma = ReLU has Var f(x) = |x|^2 + 1 at every width and depth (row C.1).",
)

kernel_at_one_input = Claim(
    "slides-network-tangent-kernel",
    Eq(Expectation(tangent_kernel(r, width, depth)), (depth + 1) * (r + 1)),
    given=small,
    source=NETWORK,
    about="Its tangent kernel at one input is (L + 1)(|x|^2 + 1): each of the L + 1 layers gives the same part (row C.1).",
    uses=[output_variance],
)

own_width_relu = Claim(
    "slides-network-own-width-relu",
    Eq(m * Expectation(Max(0, sqrt(q / m) * s) ** 2), Expectation(Max(0, sqrt(q) * s) ** 2)),
    source=NETWORK,
    about="Dividing a layer by its own width and not the one before is harmless for a homogeneous activation (row C.1).",
)

own_width_tanh = Claim(
    "slides-network-own-width-tanh",
    Eq(m * Expectation(tanh(sqrt(q / m) * s) ** 2), Expectation(tanh(sqrt(q) * s) ** 2)),
    given=[Le(m, 8), Le(q, 4)],
    source=NETWORK,
    about="The slide leaves sigma open; with tanh preactivations shrink with the width, and the limit is a linear network (row C.1).",
    expect="refuted",
)

rho = (c * sqrt(r1 * r2) + 1) / sqrt((1 + r1) * (1 + r2))
tangent = sqrt((1 + r1) * (1 + r2)) * (k1(rho) + rho * k0(rho))
pair = [Ge(c, -1), Le(c, 1), Le(r1, 4), Le(r2, 4), Ge(width, 2), Le(width, 3)]

kernel_at_two_inputs = Claim(
    "slides-network-tangent-kernel-pair",
    Eq(Expectation(tangent_kernel_pair(r1, r2, c, width)), tangent),
    given=pair,
    source=LIMIT,
    about="One hidden layer, two inputs: the mean tangent kernel is the limit's, lengths times k_1 + rho k_0, at every width (row C.8).",
)

mirrored_kernel = Claim(
    "mirrored-tangent-kernel",
    Eq(Expectation(mirrored_kernel_pair(2, 1, Rational(1, 2), width)), tangent.subs({r1: 2, r2: 1, c: Rational(1, 2)})),
    given=[Ge(width, 2), Le(width, 3)],
    source=MIRRORED,
    about="Mirrored initialisation (f_1 - f_2)/sqrt(2) leaves the tangent kernel as it is (row C.6).",
    uses=[kernel_at_two_inputs],
)

kernel_concentrates = Claim(
    "slides-network-tangent-kernel-deviation",
    Eq(Expectation(kernel_deviation(r, width)), 3 / width),
    given=[Ge(width, 2), Le(width, 3), Le(r, 4)],
    source=LIMIT,
    about="At the start the kernel tends to its limit in mean square, with the relative squared error 3/m, so in probability (row C.8).",
    uses=[kernel_at_one_input],
)

output_covariance = Claim(
    "slides-network-covariance",
    Eq(Expectation(output_pair(r1, r2, c, width)), sqrt((1 + r1) * (1 + r2)) * k1(rho)),
    given=pair,
    source=PROCESS,
    about="f_0 has the covariance K^RF of the limiting process, at every width (row C.13).",
)

w1, w2 = Normal("w_1", 0, 1), Normal("w_2", 0, 1)
g1, g2 = sqrt(q) * Normal("g_1", 0, 1), sqrt(q) * Normal("g_2", 0, 1)
output_width_two = w1 * Max(0, g1) + w2 * Max(0, g2)

output_fourth = Claim(
    "slides-network-fourth-moment-width-2",
    Eq(Expectation(output_width_two**4), 3 * (1 + Rational(5, 2)) * q**2),
    source=PROCESS,
    about="At width m the fourth moment of f_0 is 3 (1 + 5/m) q^2 with q = |x|^2 + 1, here m = 2: Gaussian only in the limit (row C.13).",
)

output_fourth_gaussian = Claim(
    "slides-network-gaussian-at-width-2",
    Eq(Expectation(output_width_two**4), 3 * q**2),
    source=PROCESS,
    about="The Gaussian law holds in the limit alone: read at a finite width the fourth moment is wrong (row C.13).",
    expect="refuted",
)
