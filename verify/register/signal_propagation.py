"""Signal propagation measured on random networks whose weights are really drawn, and the slips of the lecture's proofs.

Conventions: weights N(0, sigma_w^2/fan_in), biases N(0, sigma_b^2). The statements about finite networks are exact at every
width: no limit is taken in them.
"""

from typing import Any

from sympy import Eq, Ge, Lambda, Le, Max, Rational, Symbol, acos, diff, exp, pi, sqrt, symbols, tanh
from sympy.stats import Expectation, Normal

from lemmata.theory.experiments import experiment
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.rearrange import rearrange
from lemmata.theory.rules.stein import stein
from lemmata.theory.signal_propagation import length_slope
from lemmata.theory.source import Source
from lemmata.theory.trajectory import flow
from lemmata.verify.claim import Claim

LENGTHS = Source("poole-2016", "section 2.1, the length map")
PAIRS = Source("poole-2016", "section 2.2, the covariance of two inputs")
BACKWARD = Source("schoenholz-2017", "section 4, back-propagation and chi_1")
LECTURE = Source("yarotsky-lecture", "signal propagation")
SLIDES = Source("chen-li-lin-2024", "slides, the kernel gradient flow")

q, r, r1, r2, sigma_w, sigma_b, lam = symbols("q r r_1 r_2 sigma_w sigma_b lambda", positive=True)
c, f, f0, y, x = symbols("c f f_0 y x", real=True)
t = Symbol("t", nonnegative=True)
width, fan_out, depth = symbols("n m L", integer=True, positive=True)
s = Normal("s", 0, 1)

moderate = [Le(sigma_w, 2), Le(sigma_b, 2), Le(width, 6)]

AT_ONCE = 2**14
"""Small networks that are drawn at once: fewer cost more in calls than in numbers."""


def squared_length(mean: float, square: float, sigma_w: float, sigma_b: float, n: int) -> tuple[float, float]:
    """E Q' and E Q'^2 for Q' = sigma_w^2 |relu(z)|^2/n + sigma_b^2, z_i ~ N(0, Q) independent, from E Q and E Q^2.

    The mean of n independent relu(z_i)^2, of mean Q/2 and mean square 3 Q^2/2 each, has the mean square (1/4 + 5/(4n)) Q^2.
    """
    w, b = sigma_w**2, sigma_b**2
    return w * mean / 2 + b, w**2 * (1 / 4 + 5 / (4 * n)) * square + w * b * mean + b**2


def network_square(r: float, sigma_w: float, sigma_b: float, n: int, layers: int) -> float:
    """E z^4 = 3 E Q^2 in the last layer, whose preactivation is N(0, Q) given the layers before."""
    mean = sigma_w**2 * r + sigma_b**2
    square = mean**2
    for _ in range(layers - 1):
        mean, square = squared_length(mean, square, sigma_w, sigma_b, n)
    return 3 * square


def pair_square(r1: float, r2: float, c: float, sigma_w: float, sigma_b: float, n: int) -> float:
    """E (z z')^2 <= 3 (E Q^2 E Q'^2)^(1/2): given the first layer the pair is normal with variances Q, Q' (Cauchy-Schwarz twice)."""
    q, q_ = sigma_w**2 * r1 + sigma_b**2, sigma_w**2 * r2 + sigma_b**2
    squares = [squared_length(mean, mean**2, sigma_w, sigma_b, n)[1] for mean in (q, q_)]
    return float(3 * (squares[0] * squares[1]) ** 0.5)


def error_square(q: float, sigma_w: float, n: int, m: int) -> float:
    """E |delta|^4: delta_j = 1[z_j > 0] g_j with g_j ~ N(0, sigma_w^2/n) independent for j = 1 ... n."""
    return sigma_w**4 * (1 / 4 + 5 / (4 * n))


@experiment(second_moment=network_square, block=AT_ONCE)
def relu_network(r: float, sigma_w: float, sigma_b: float, n: int, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """The square of a preactivation in layer `layers` of a ReLU network of width n, at an input of n coordinates sqrt(r)."""
    import torch

    z = torch.full((size, n), r**0.5, device=device)
    for layer in range(1, layers + 1):
        h = z.unsqueeze(1) if layer == 1 else z.clamp(min=0).unsqueeze(1)
        outputs = n if layer < layers else 1
        weights = torch.randn(size, outputs, n, generator=rng, device=device) * (sigma_w / n**0.5)
        z = (weights * h).sum(2) + torch.randn(size, outputs, generator=rng, device=device) * sigma_b
    return z[:, 0].double().square()


@experiment(second_moment=pair_square, block=AT_ONCE)
def relu_pair(r1: float, r2: float, c: float, sigma_w: float, sigma_b: float, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The product of the second-layer preactivations of two inputs with mean squares r1, r2 and cosine c, one network a sample."""
    import torch

    inputs = torch.tensor([[1.0, 0.0], [c, max(0.0, 1 - c * c) ** 0.5]], device=device)
    inputs = inputs * torch.tensor([[2 * r1], [2 * r2]], device=device).sqrt()
    first = torch.randn(size, n, 2, generator=rng, device=device) * (sigma_w / 2**0.5)
    hidden = (first @ inputs.T + torch.randn(size, n, 1, generator=rng, device=device) * sigma_b).clamp(min=0)
    last = torch.randn(size, n, 1, generator=rng, device=device) * (sigma_w / n**0.5)
    outputs = (last * hidden).sum(1) + torch.randn(size, 1, generator=rng, device=device) * sigma_b
    return outputs.double().prod(1)


@experiment(second_moment=error_square, block=AT_ONCE)
def backpropagated(q: float, sigma_w: float, n: int, m: int, *, size: int, rng: Any, device: str) -> Any:
    """|delta|^2 before a ReLU layer with n inputs and m outputs, for a unit error behind it, by automatic differentiation."""
    import torch

    z = torch.randn(size, n, generator=rng, device=device) * q**0.5
    weights = torch.randn(size, m, n, generator=rng, device=device) * (sigma_w / n**0.5)
    z.requires_grad_(True)
    following = (weights * z.clamp(min=0).unsqueeze(1)).sum(2)
    (delta,) = torch.autograd.grad(following.sum() / m**0.5, z)
    return delta.double().square().sum(1)


relu_network_length = Claim(
    "relu-network-length",
    Eq(
        Expectation(relu_network(r, sigma_w, sigma_b, width, depth)),
        iterate(Lambda(x, sigma_w**2 * x / 2 + sigma_b**2), sigma_w**2 * r + sigma_b**2, depth - 1),
    ),
    given=[*moderate, Le(depth, 3), Le(r, 4)],
    source=LENGTHS,
    about="The mean squared preactivation of a random ReLU network follows the length map exactly, at every width and depth (row Y.67).",
    uses=["relu-length-map"],
)

q1, q2 = sigma_w**2 * r1 + sigma_b**2, sigma_w**2 * r2 + sigma_b**2
rho = (sigma_w**2 * c * sqrt(r1 * r2) + sigma_b**2) / sqrt(q1 * q2)

relu_network_covariance = Claim(
    "relu-network-covariance",
    Eq(
        Expectation(relu_pair(r1, r2, c, sigma_w, sigma_b, width)),
        sigma_w**2 * sqrt(q1 * q2) * (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi) + sigma_b**2,
    ),
    given=[*moderate, Ge(c, -1), Le(c, 1), Le(r1, 4), Le(r2, 4)],
    source=PAIRS,
    about="Two inputs through two layers of a random ReLU network: the arc-cosine formula holds at every width (rows Y.70, D.5).",
    uses=["relu-kernel"],
)

relu_network_chi = Claim(
    "relu-network-chi-1",
    Eq(Expectation(backpropagated(q, sigma_w, width, fan_out)), sigma_w**2 / 2),
    given=[Le(sigma_w, 3), Le(q, 4), Le(width, 6), Le(fan_out, 6)],
    source=BACKWARD,
    about="A backpropagated error is multiplied by chi_1 = sigma_w^2/2 in mean square, for all widths of the layer (rows Y.72, Y.79).",
    uses=["relu-chi-1"],
)

# The lecture's slips, each beside what is right

variance_of_preactivation = Claim(
    "tanh-length-variance-squared",
    Eq(Expectation(tanh(Normal("z", 0, q)) ** 2), Expectation(tanh(sqrt(q) * s) ** 2)),
    given=[Le(q, 4)],
    source=Source("yarotsky-lecture", "signal propagation, proof of the recursion for q_k"),
    about="z ~ N(0, q^2) in the proof must be N(0, q): the two mean squares of tanh differ unless q = 1 (row Y.66).",
    expect="refuted",
)

z = sqrt(q) * s
tanh_slope = diff(tanh(x), x).subs(x, z)

tanh_length_slope = Claim(
    "tanh-length-slope",
    Eq(sigma_w**2 * Expectation(s * tanh(z) * tanh_slope) / sqrt(q), length_slope(tanh, q, sigma_w)),
    given=[Le(q, 4), Le(sigma_w, 3)],
    source=Source("yarotsky-lecture", "signal propagation, exercise on the depth scale xi_q"),
    about="dq'/dq, under the integral sign and by Stein's lemma: sigma_w^2 E[sigma'^2 + sigma sigma''](sqrt(q) s) (rows Y.68, Y.75).",
    derivation=lambda lhs: lhs.by(stein).by(rearrange, length_slope(tanh, q, sigma_w)),
)

bend = diff(tanh(x), x, 2)
root = sqrt(q * Max(0, s))
half_line = bend.subs(x, root) * tanh(root)

root_of_product = Claim(
    "tanh-depth-scale-root-slip",
    Eq(
        Expectation(half_line),
        Expectation(bend.subs(x, sqrt(q) * s) * tanh(sqrt(q) * s)),
    ),
    given=[Ge(q, Rational(1, 10)), Le(q, 1)],
    source=Source("yarotsky-lecture", "signal propagation, exercise on the depth scale xi_q"),
    about="sqrt(q s) printed for sqrt(q) s: not real for s < 0; read on s > 0 alone it gives another number (row Y.75).",
    expect="refuted",
)

# Kernel gradient flow in one eigendirection of the kernel: K/n becomes its eigenvalue lambda

kernel_flow = Claim(
    "kernel-gradient-flow",
    Eq(flow(lam * (f - y) ** 2 / 2, {f: f0})[t, f], y + exp(-lam * t) * (f0 - y)),
    given=[Le(t, 3), Le(lam, 3), Ge(f0, -3), Le(f0, 3), Ge(y, -3), Le(y, 3)],
    source=SLIDES,
    about="Along an eigendirection of the kernel the prediction relaxes to the label: df/dt = -lambda (f - y) (row C.9).",
)

kernel_flow_sign = Claim(
    "kernel-gradient-flow-sign",
    Eq(flow(lam * (f - y) ** 2 / 2, {f: f0})[t, f], y + exp(lam * t) * (f0 - y)),
    given=[Le(t, 3), Le(lam, 3), Ge(f0, -3), Le(f0, 3), Ge(y, -3), Le(y, 3)],
    source=SLIDES,
    about="With the printed plus sign the prediction runs away from the label (row C.9).",
    expect="refuted",
)
