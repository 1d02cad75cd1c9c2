"""Random against mirrored starts at every width, number of samples and dimension: exact statements on matrices of any shape.

In the kernel regime a network is linear in its weights, with outputs Phi w at n samples, Phi of shape n x p and K = Phi Phi^T its
tangent kernel there, and the loss |Phi w - y|^2/(2 n); a start with output 0 is that of a mirrored network. tr(H^T Phi w) with any
column H is any combination of the outputs at the samples, tr(g^T w) the output at any other input.
"""

from typing import Any

from sympy import Eq, Identity, Lambda, Le, MatrixSymbol, Max, Symbol, Trace, ZeroMatrix, sqrt, symbols

from lemmata.theory.rules.shifted_start import at_start, least_squares_outputs, shifted_start
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent, flow
from lemmata.verify.claim import Claim

SHIFT = Source("chen-li-lin-2024", "slides, standard and mirrored initialisation")

m, n, p = symbols("m n p", integer=True, positive=True)
N = Symbol("N", integer=True, nonnegative=True)
alpha = Symbol("alpha", positive=True)
label, u = symbols("y_1 u", real=True)

# A mirrored network with the ReLU and m neurons in each copy

W1, W2, W0 = (MatrixSymbol(name, m, p) for name in ("W_1", "W_2", "W_0"))
c1, c2, c0 = (MatrixSymbol(name, m, 1) for name in ("c_1", "c_2", "c_0"))
x, z = MatrixSymbol("x", p, 1), MatrixSymbol("z", p, 1)
copies = {W1: W0, W2: W0, c1: c0, c2: c0}


def network(W: Any, c: Any, at: Any) -> Any:
    """c^T max(0, W x)."""
    return Trace(c.T * (W * at).applyfunc(Lambda(u, Max(0, u))))


def mirrored(at: Any) -> Any:
    """(f_1 - f_2)/sqrt(2)."""
    return (network(W1, c1, at) - network(W2, c2, at)) / sqrt(2)


output = Claim(
    "mirrored-output-is-zero",
    Eq(flow((mirrored(x) - label) ** 2 / 2, copies)[0, mirrored(z)], 0),
    source=SHIFT,
    about="With mirrored initialisation the output at the start is exactly 0, at every input and every width (row C.6).",
    derivation=lambda lhs: lhs.by(at_start),
)

# The kernel regime

Phi, H, y = MatrixSymbol("Phi", n, p), MatrixSymbol("H", n, 1), MatrixSymbol("y", n, 1)
w, w0, g = (MatrixSymbol(name, p, 1) for name in ("w", "w_0", "g"))
NOWHERE = ZeroMatrix(p, 1)
few = [Le(alpha, 1), Le(N, 3)]


def loss(labels: Any) -> Any:
    """|Phi w - y|^2/(2 n)."""
    return Trace((Phi * w - labels).T * (Phi * w - labels)) / (2 * n)


def learnt(start: Any, labels: Any) -> Any:
    """The output at any other input after N steps."""
    return descent(loss(labels), {w: start}, alpha)[N, Trace(g.T * w)]


def fitted(start: Any) -> Any:
    """An output at the samples after N steps on the labels y."""
    return descent(loss(y), {w: start}, alpha)[N, Trace(H.T * Phi * w)]


kernel_step = Identity(n) - alpha / n * Phi * Phi.T

residual = Claim(
    "random-start-learns-residual-labels",
    Eq(learnt(w0, y), Trace(g.T * w0) + learnt(NOWHERE, y - Phi * w0)),
    given=few,
    source=SHIFT,
    about="From f_0 the predictor becomes f_0 plus what a start at 0 learns of the residual labels y - f_0, at any input (row C.5).",
    derivation=lambda lhs: lhs.by(shifted_start),
)

same_labels = Claim(
    "random-start-learns-the-labels-printed",
    Eq(learnt(w0, y), Trace(g.T * w0) + learnt(NOWHERE, y)),
    given=few,
    source=SHIFT,
    about="As printed, with the labels themselves, the start is counted twice (row C.5).",
    expect="refuted",
)

outputs = Claim(
    "kernel-regime-outputs",
    Eq(fitted(w0), Trace(H.T * (y + kernel_step**N * (Phi * w0 - y)))),
    given=few,
    source=SHIFT,
    about="The outputs at the samples are y + (I - (alpha/n) K)^N (f_0 - y): a matrix function of the kernel (row C.5).",
    derivation=lambda lhs: lhs.by(least_squares_outputs),
)

left_of_start = Claim(
    "random-less-mirrored-outputs",
    Eq(fitted(w0) - fitted(NOWHERE), Trace(H.T * kernel_step**N * Phi * w0)),
    given=few,
    source=SHIFT,
    about="On the same labels a random start differs from a mirrored one by (I - (alpha/n) K)^N f_0, whatever the labels are (row C.5).",
    derivation=lambda lhs: lhs.by(least_squares_outputs),
)
