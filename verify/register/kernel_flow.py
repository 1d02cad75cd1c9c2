"""Kernel gradient flow: how outputs move, what a mirrored start leaves alone, and how fast it learns when stopped at the best time.

The network is v tanh(w x) at two points; starts in the kernel regime are in `every_width`. The rates are those of the sequence model:
stopped at time t the squared bias is t^-s and the variance t^(1/beta)/n, up to constants, where lambda_i ~ i^-beta and the function to be
learnt has smoothness s.
"""

from sympy import Eq, Ge, Le, Limit, Rational, Symbol, exp, log, sqrt, symbols, tanh

from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

FLOW = Source("chen-li-lin-2024", "slides, the flow of the network")
SHIFT = Source("chen-li-lin-2024", "slides, standard and mirrored initialisation")
RATE = Source("chen-li-lin-2024", "slides, the rate of kernel gradient flow")
MIRRORED = Source("chen-li-lin-2024", "slides, the rate with mirrored initialisation")
STANDARD = Source("chen-li-lin-2024", "slides, theorems 4.3 and 4.4")
DATA = Source("chen-li-lin-2024", "slides, the smoothness of real data")

w, v, w0, v0, x1, x2, y1, y2, x, late = symbols("w v w_0 v_0 x_1 x_2 y_1 y_2 x late", real=True)
t, alpha, n, s, beta = symbols("t alpha n s beta", positive=True)
d = Symbol("d", integer=True, positive=True)
bounded = [Le(value**2, 4) for value in (w0, x1, x2, y1, y2, x)]

# How the output of a network moves: f = v tanh(w x), squared error over two points with the factor 1/(2 n), n = 2

network = v * tanh(w * x)
errors = [v * tanh(w * point) - label for point, label in ((x1, y1), (x2, y2))]
loss = sum(error**2 for error in errors) / 4


def tangent(first, second):
    """<grad f(x), grad f(x')> at the start."""
    features = [[f.diff(weight) for weight in (w, v)] for f in (v * tanh(w * first), v * tanh(w * second))]
    return sum(a * b for a, b in zip(*features, strict=True))


at_start = {w: w0, v: v0}
speed = -sum(tangent(x, point) * error for point, error in zip((x1, x2), errors, strict=True)) / 2

output_moves = Claim(
    "network-output-moves-by-tangent-kernel",
    Eq(
        Limit((descent(loss, at_start, alpha)[1, network] - network.xreplace(at_start)) / alpha, alpha, 0, "+"),
        speed.xreplace(at_start),
    ),
    given=[*bounded, Le(v0**2, 4)],
    source=FLOW,
    about="df(x)/dt = -(1/n) sum <grad f(x), grad f(x_i)> (f(x_i) - y_i), as the limit of a step of descent (row C.7).",
)

# Mirrored initialisation: (f_1 - f_2)/sqrt(2) with equal copies at the start

w2, v2 = symbols("w_2 v_2", real=True)
mirrored_network = (network - v2 * tanh(w2 * x)) / sqrt(2)
copies = {w: w0, v: v0, w2: w0, v2: v0}

mirrored_tangent = Claim(
    "mirrored-tangent-kernel-is-equal",
    Eq(
        sum(mirrored_network.diff(p).xreplace({x: x1}) * mirrored_network.diff(p).xreplace({x: x2}) for p in copies).xreplace(copies),
        tangent(x1, x2).xreplace(at_start),
        evaluate=False,
    ),
    given=[*bounded, Le(v0**2, 4)],
    source=SHIFT,
    about="And its tangent kernel is exactly that of one copy, at every width, here for one neuron (row C.6).",
)

# Rates: bias t^-s against variance t^(1/beta)/n

exponent = s * beta / (s * beta + 1)
best = n ** (beta / (s * beta + 1))

balanced = Claim(
    "kernel-flow-best-time-balances",
    Eq(log(best) / beta - log(n), -s * log(best)),
    source=RATE,
    about="At t = n^(beta/(s beta + 1)) the logarithms of bias t^-s and variance t^(1/beta)/n are equal (row C.10).",
)

rate = Claim(
    "kernel-flow-rate",
    Ge(exp(-s * late) + exp(late / beta), 1),
    source=RATE,
    about="With late = log(t/t_best), errors in units of the best bias n^(-s beta/(s beta + 1)): no time does better (row C.10).",
    uses=[balanced],
)

rate_reached = Claim(
    "kernel-flow-rate-reached",
    Eq(-s * log(best), -exponent * log(n)),
    source=RATE,
    about="And the best time reaches twice n^(-s beta/(s beta + 1)), for every s and beta (row C.10).",
    uses=[balanced],
)

rate_printed = Claim(
    "kernel-flow-rate-printed",
    Eq(beta / (d + 1), exponent),
    given=[Eq(beta, (d + 1) / d)],
    source=RATE,
    about="The printed exponent beta/(d + 1) is 1/d where beta = (d + 1)/d: at d = 3, s = 1 it is 1/3 and not 4/7 (row C.10).",
    expect="refuted",
)

mirrored = Claim(
    "mirrored-rate-exponent",
    Eq(exponent.xreplace({beta: (d + 1) / d}), s * (d + 1) / (s * (d + 1) + d), evaluate=False),
    source=MIRRORED,
    about="With beta = (d + 1)/d the exponent is s (d + 1)/(s (d + 1) + d) (row C.17).",
    uses=[rate_reached, "tangent-kernel-sphere-decay"],
)

standard = Claim(
    "standard-rate-exponent",
    Eq(exponent.subs(beta, (d + 1) / d).subs(s, Rational(3) / (d + 1)), Rational(3) / (d + 3), evaluate=False),
    source=STANDARD,
    about="At the smoothness 3/(d + 1) of the random start it is 3/(d + 3): what a random start leaves of it (row C.18).",
    uses=[rate_reached, "tangent-kernel-sphere-decay", "initial-smoothness-converges-below", "initial-smoothness-diverges-from"],
)

standard_is_slower = Claim(
    "standard-rate-is-slower",
    Le(Rational(3) / (d + 3), s * (d + 1) / (s * (d + 1) + d)),
    given=[Ge(s * (d + 1), 3), Le(s, 2), Le(d, 100)],
    source=STANDARD,
    about="For every smoothness from 3/(d + 1) on it is the slower of the two (row C.18).",
)

images = Claim(
    "random-start-smoothness-of-images",
    Le(3 / (d + 1), Rational(1, 250)),
    given=[Ge(d, 784), Le(d, 3072)],
    source=DATA,
    about="With the dimensions of images, 784 to 3072, a random start is hardly smooth at all: 3/(d + 1) <= 1/250 (row C.21).",
)
