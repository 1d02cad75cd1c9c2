"""Random networks as kernels: which scaling of the weights gives Sigma^(L), at which width, and how well such kernels are conditioned.

Unnormalised ReLU kernels at unit inputs of correlation c: Sigma^(1) = k_1(c)/2 with 1/2 on the diagonal, Sigma^(2) = k_1(k_1(c))/4. Given
the hidden layer h, which is drawn, the mean over the weights above it is Sigma's own map at the Gram matrix of h.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Integral, Lambda, Le, Lt, Max, Rational, Symbol, acos, cos, pi, sin, sqrt, symbols
from sympy.stats import Expectation, Normal

from lemmata.theory.experiments import experiment
from lemmata.theory.recursion import iterate
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

KERNEL = Source("daniely-frostig-singer-2016", "a summary of it, the kernel of a random network")
LIMIT = Source("daniely-frostig-singer-2016", "a summary of it, K^(L) = Sigma^(L)")
CONDITIONING = Source("daniely-frostig-singer-2016", "a summary of it, depth helps optimisation")

c = Symbol("c", real=True)
n, points, depth = symbols("n N L", integer=True, positive=True)
x = Symbol("x", real=True)
correlations = [Ge(c, -1), Le(c, 1)]


def k0(rho: Any) -> Any:
    """The normalised arc-cosine kernel of degree 0."""
    return 1 - acos(rho) / pi


def k1(rho: Any) -> Any:
    """The normalised arc-cosine kernel of degree 1."""
    return (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi


# One hidden layer of two units, weights N(0, 1) throughout

s1, s2, s3, s4, v1, v2 = (Normal(name, 0, 1) for name in ("s1", "s2", "s3", "s4", "v1", "v2"))
first = v1 * Max(0, s1) + v2 * Max(0, s3)
second = v1 * Max(0, c * s1 + sqrt(1 - c**2) * s2) + v2 * Max(0, c * s3 + sqrt(1 - c**2) * s4)

literal = Claim(
    "random-network-unit-weights-printed",
    Eq(Expectation(first * second), k1(c) / 2),
    given=correlations,
    source=KERNEL,
    about="With all weights N(0, 1), as printed, the kernel is not Sigma^(1): two units give twice that (rows D.1, D.6).",
    expect="refuted",
)

fan_in = Claim(
    "random-network-fan-in-weights",
    Eq(Expectation((first / sqrt(2)) * (second / sqrt(2))), k1(c) / 2),
    given=correlations,
    source=KERNEL,
    about="With output weights N(0, 1/n) one hidden layer has the kernel Sigma^(1), here at n = 2 (rows D.1, D.6).",
)


def mean_square_length(c: float, n: int) -> float:
    """E Sigma-map^2 <= E q q'/4 <= E q^2/4, q = |relu(z)|^2/n of mean 1/2 and E q^2 = (1 + 5/n)/4."""
    return (1 + 5 / n) / 16


@experiment(second_moment=mean_square_length, block=2**13)
def second_layer_kernel(c: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """E f f' given a hidden layer of n units, for two unit inputs of correlation c and a second layer of any width."""
    import torch

    z, other = torch.randn(2, n, size, generator=rng, device=device)
    u = z.clamp(min=0)
    t = (c * z + max(0.0, 1 - c * c) ** 0.5 * other).clamp(min=0)
    lengths = (u.square().sum(0) * t.square().sum(0)).double().sqrt() / n
    rho = ((u * t).sum(0) / (n * lengths)).nan_to_num(0.0).clamp(-1, 1)
    return lengths * ((1 - rho * rho).sqrt() + rho * (torch.pi - rho.acos())) / (2 * torch.pi)


at_width = [*correlations, Ge(n, 2), Le(n, 8)]

printed_width = Claim(
    "random-network-two-layers-any-width",
    Eq(Expectation(second_layer_kernel(c, n)), k1(k1(c)) / 4),
    given=[Ge(c, -1), Le(c, Rational(1, 2)), Ge(n, 2), Le(n, 4)],
    source=LIMIT,
    about="Two hidden layers have the kernel Sigma^(2) in the limit of wide layers alone: narrow ones fall short of it (row D.6).",
    expect="refuted",
)

in_the_limit = Claim(
    "random-network-two-layers-wide",
    Le(Abs(Expectation(second_layer_kernel(c, n)) - k1(k1(c)) / 4), 1 / (4 * n)),
    given=at_width,
    source=LIMIT,
    about="It is missed by O(1/n): at most 1/(4 n) where it was measured (row D.6).",
)

# N unit inputs with all correlations c: the kernel has the eigenvalues 1 - rho and 1 + (N - 1) rho, in units of its diagonal


def condition(rho: Any, points: Any = points) -> Any:
    """The condition number of N points with equal correlations rho >= 0."""
    return (1 + (points - 1) * rho) / (1 - rho)


def tangent(c: Any, layers: int) -> Any:
    """The tangent kernel of the normalised ReLU network over its diagonal, L + 1: T <- rho_(l+1) + k_0(rho_l) T."""
    rho, total = c, c
    for _ in range(layers):
        total = k1(rho) + k0(rho) * total
        rho = k1(rho)
    return total / (layers + 1)


some = [Ge(c, 0), Le(c, Rational(9, 10)), Ge(points, 2), Le(points, 50)]

worse = Claim(
    "deep-kernel-condition-number",
    Gt(condition(k1(c)), condition(c)),
    given=[Ge(c, 0), Le(c, Rational(9, 10)), Ge(points, 2), Le(points, 50)],
    source=CONDITIONING,
    about="Each layer makes the covariance kernel worse conditioned: k_1(c) > c, and correlations tend to 1 (row D.16).",
    uses=["relu-kernel"],
)

better_printed = Claim(
    "deep-kernel-condition-number-printed",
    Le(condition(k1(c)), condition(c)),
    given=some,
    source=CONDITIONING,
    about="As printed, depth makes it better conditioned (row D.16).",
    expect="refuted",
)

square_growth = Claim(
    "deep-kernel-condition-number-growth",
    Ge(1 / (1 - iterate(Lambda(x, k1(x)), c, depth)), depth**2 / 50),
    given=[Ge(c, 0), Le(c, Rational(9, 10)), Le(depth, 200)],
    source=CONDITIONING,
    about="Like L^2: 1 - c_L falls as 9 pi^2/(2 L^2), so the condition number of two points exceeds L^2/50 (row D.16).",
)

half = Rational(1, 2)

tangent_better = Claim(
    "deep-tangent-kernel-condition-number",
    Lt(condition(tangent(half, 3), 20), condition(tangent(half, 1), 20), evaluate=False),
    source=CONDITIONING,
    about="Depth makes the tangent kernel better conditioned: 20 points of correlation 1/2, three hidden layers against one (row D.16).",
)

# Another law of the weights (row D.18)

PRIOR = Source("daniely-frostig-singer-2016", "a summary of it, initialisation as a prior")
scale = Symbol("s", positive=True)
theta, phi = symbols("theta phi", real=True)
s_first, s_second = s1, c * s1 + sqrt(1 - c**2) * s2

another_scale = Claim(
    "relu-kernel-scales-with-weights",
    Eq(Expectation(Max(0, scale * s_first) * Max(0, scale * s_second)), scale**2 * k1(c) / 2),
    given=correlations,
    source=PRIOR,
    about="Weights of another variance give the kernel multiplied by that variance (row D.18)...",
    uses=["relu-kernel"],
)

another_law = Claim(
    "relu-kernel-of-weights-on-a-circle",
    Eq(Integral(cos(phi) * cos(phi - theta), (phi, theta - pi / 2, pi / 2)) / pi, (sin(theta) + (pi - theta) * cos(theta)) / (2 * pi)),
    given=[Ge(theta, 0), Le(theta, pi)],
    source=PRIOR,
    about="... but another law need not give another kernel: weights spread on the circle with E|w|^2 = 2, of which those within pi/2 of "
    "both inputs are active, have that of N(0, I) (row D.18).",
    uses=["relu-kernel-angle"],
)
