"""Deep linear networks under descent, in matrices: polynomials in the target, modes that decouple, and generic starts.

From W_k = 1 and with a symmetric target R every layer is a polynomial in R after any number of steps. In the bases that diagonalise
target and second moment, starts that are diagonal stay so, rectangular layers included, and each mode moves by itself.

What happens from generic starts is an open question in the source. It is treated here by runs: from random starts near 0 small steps
end at the least loss. That almost every start does so is proved for flow under conditions (Bah et al.), and is not claimed.
"""

from typing import Any

from sympy import (
    BlockMatrix,
    Eq,
    Ge,
    Identity,
    Le,
    MatMul,
    Matrix,
    MatrixSymbol,
    Q,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    diag,
    expand,
    symbols,
)

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import square_loss
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.rules.polynomial_layers import X, in_matrix
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

SUBALGEBRA = Source("yarotsky-lecture", "slide on linear networks, from W_k = 1 all layers stay in one subalgebra")
DECOUPLING = Source("saxe-2014", "section 1.1, the modes decouple in the common basis")
GENERIC = Source("yarotsky-lecture", "slide on linear networks, the open question on generic starts")

d = Symbol("d", integer=True, positive=True)
N = Symbol("N", integer=True, nonnegative=True)
alpha = Symbol("alpha", positive=True)
R, H = MatrixSymbol("R", d, d), MatrixSymbol("H", d, d)

# From the identity: polynomials in the target.


def squares(depth: int) -> tuple[Any, ...]:
    """The layers W_1, ..., W_K, all d x d."""
    return tuple(MatrixSymbol(f"W_{layer}", d, d) for layer in range(1, depth + 1))


def from_identity(depth: int) -> Any:
    """Descent on tr((W_K ... W_1 - R)^T (W_K ... W_1 - R))/2 from W_k = 1."""
    product = MatMul(*reversed(squares(depth)))
    return descent(square_loss(product - R, Identity(d)), dict.fromkeys(squares(depth), Identity(d)), alpha)


def polynomial(depth: int, steps: int) -> Any:
    """p_n over x: p_0 = 1, p_(n+1) = p_n - alpha p_n^(K-1) (p_n^K - x)."""
    p = X**0
    for _ in range(steps):
        p = expand(p - alpha * p ** (depth - 1) * (p**depth - X))
    return p


NOT_SYMMETRIC = Claim(
    "linear-descent-polynomial-any-target",
    Eq(from_identity(2)[2, Trace(H.T * squares(2)[0])], Trace(H.T * in_matrix(polynomial(2, 2), R))),
    source=SUBALGEBRA,
    about="Where R is not symmetric its transpose comes in with the second step (row Y.47).",
    expect="refuted",
)

# The common basis: descent is equivariant under rotations of every layer, and diagonal starts stay diagonal.

n0, n1, n2, n3 = symbols("n_0 n_1 n_2 n_3", integer=True, positive=True)
A, W, B, T = MatrixSymbol("A", n3, n2), MatrixSymbol("W", n2, n1), MatrixSymbol("B", n1, n0), MatrixSymbol("R", n3, n0)
O0, O1, O2, O3 = (MatrixSymbol(f"O_{k}", n, n) for k, n in enumerate((n0, n1, n2, n3)))
Sigma = MatrixSymbol("Sigma", n0, n0)

EQUIVARIANT = Claim(
    "linear-gradient-in-the-common-basis",
    Eq(
        O2 * gradient(square_loss(A * W * B - T, Sigma), W) * O1.T,
        (O3 * A * O2.T).T * (O3 * A * O2.T * O2 * W * O1.T * O1 * B * O0.T - O3 * T * O0.T) * (O0 * Sigma * O0.T) * (O1 * B * O0.T).T,
    ),
    given=[Q.symmetric(Sigma), *(Q.orthogonal(O) for O in (O0, O1, O2, O3))],
    source=DECOUPLING,
    about="With O_k W_k O_(k-1)^T for W_k, O_K R O_0^T for R and O_0 Sigma O_0^T for Sigma the gradient is rotated alike (row Y.51).",
    derivation=lambda lhs: lhs.by(matrix_calculus),
    uses=["linear-gradient-any-layer"],
)

# One mode beside the rest, at any widths: what is diagonal splits off mode after mode, in whatever order.

mode_above, mode, mode_below, mode_target = symbols("a w b r", real=True)
strength = Symbol("s", positive=True)
P, rest_moment = MatrixSymbol("P", n3, n0), MatrixSymbol("S", n0, n0)
beyond = Q.symmetric(rest_moment)


def beside(entry: Any, rest: Any) -> Any:
    """The matrix with one mode's entry in its corner and the rest of the modes beside it."""
    rows, columns = rest.shape
    return BlockMatrix([[Matrix([[entry]]), ZeroMatrix(1, columns)], [ZeroMatrix(rows, 1), rest]])


def no_column(rest: Any) -> Any:
    """A layer, or a product of layers, that goes to widths without the mode."""
    return BlockMatrix([[ZeroMatrix(rest.shape[0], 1), rest]])


def no_row(rest: Any) -> Any:
    """One that comes from widths without the mode."""
    return BlockMatrix([[ZeroMatrix(1, rest.shape[1])], [rest]])


G = MatrixSymbol("G", n2 + 1, n1 + 1)
at_rest = Eq(G, ZeroMatrix(n2 + 1, n1 + 1))
rest_gradient = A.T * (A * W * B - P) * rest_moment * B.T


def layer_gradient(above: Any, below: Any, target: Any, moment: Any) -> Any:
    """The gradient with respect to a layer at diag(w, W): by a change G of it, at G = 0."""
    return gradient(square_loss(above * (beside(mode, W) + G) * below - target, moment), G)


SPLIT = [
    Claim(
        "linear-modes-products",
        Eq(beside(mode_above, A) * beside(mode, W) * beside(mode_below, B), beside(mode_above * mode * mode_below, A * W * B)),
        source=DECOUPLING,
        about="Products of layers that are diagonal in a mode are so, and multiply its entries: any widths (row Y.51).",
        derivation=lambda lhs: lhs,
    ),
    Claim(
        "linear-modes-split",
        Eq(
            layer_gradient(beside(mode_above, A), beside(mode_below, B), beside(mode_target, P), beside(strength, rest_moment)),
            beside(strength * mode_above * mode_below * (mode_above * mode * mode_below - mode_target), rest_gradient),
        ),
        given=[beyond, at_rest],
        source=DECOUPLING,
        about="Any widths, any layer, a and b the products of the mode's entries above and below it: the gradient is diagonal in the mode, "
        "dw/dt = s a b (r - a w b), 0 where a layer has no such mode; the rest moves as a network without it (row Y.51).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
    Claim(
        "linear-modes-split-without-moment",
        Eq(
            layer_gradient(beside(mode_above, A), beside(mode_below, B), beside(mode_target, P), beside(strength, rest_moment)),
            beside(mode_above * mode_below * (mode_above * mode * mode_below - mode_target), rest_gradient),
        ),
        given=[beyond, at_rest],
        source=DECOUPLING,
        about="The rate of each mode is its second moment, which is 1 for white inputs only (row Y.51).",
        expect="refuted",
    ),
    Claim(
        "linear-modes-frozen-above",
        Eq(layer_gradient(no_column(A), beside(mode_below, B), no_column(P), beside(strength, rest_moment)), beside(0, rest_gradient)),
        given=[beyond, at_rest],
        source=DECOUPLING,
        about="Any widths: a mode i > min d_k that the output lacks is frozen in every layer that has it... (row Y.51)",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
    Claim(
        "linear-modes-frozen-below",
        Eq(layer_gradient(beside(mode_above, A), no_row(B), no_row(P), rest_moment), beside(0, rest_gradient)),
        given=[beyond, at_rest],
        source=DECOUPLING,
        about="... and so is one that the input lacks (row Y.51).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
]

a1, a2, b1, b2, r1, r2 = symbols("a_1 a_2 b_1 b_2 r_1 r_2", real=True)
s1, s2, s3 = symbols("s_1 s_2 s_3", positive=True)
v, w = symbols("v w", real=True)


def diagonal(rows: int, columns: int, *entries: Any) -> Any:
    """A rectangular matrix with these entries on its diagonal."""
    return Matrix(rows, columns, lambda i, j: entries[i] if i == j else 0)


def off_diagonal(matrix: Any) -> Any:
    """The sum of the squared entries off the diagonal."""
    rows, columns = matrix.shape
    return sum(matrix[i, j] ** 2 for i in range(rows) for j in range(columns) if i != j)


def within(*parameters: Any) -> list[Any]:
    """The region of the points: steps short enough, and few enough, for exact arithmetic."""
    return [*(Le(x**2, 1) for x in parameters), *(Le(x, 2) for x in (s1, s2)), Le(alpha, Rational(1, 4)), Le(N, 2)]


W1, W2 = MatrixSymbol("W_1", 2, 3), MatrixSymbol("W_2", 2, 2)
modes = descent(
    square_loss(W2 * W1 - diagonal(2, 3, r1, r2), diag(s1, s2, s3)), {W1: diagonal(2, 3, a1, a2), W2: diagonal(2, 2, b1, b2)}, alpha
)

MODES = [
    Claim(
        "linear-modes-stay-diagonal",
        Eq(modes[N, off_diagonal(W1) + off_diagonal(W2)], 0),
        given=[*within(a1, a2, b1, b2, r1, r2), Le(s3, 2)],
        source=DECOUPLING,
        about="Rectangular layers that begin diagonal in the common basis stay so: here of widths 3, 2, 2 (row Y.51).",
    ),
    Claim(
        "linear-modes-decouple",
        Eq(modes[N, W1[0, 0]], descent(s1 * (v * w - r1) ** 2 / 2, {w: a1, v: b1}, alpha)[N, w]),
        given=[*within(a1, a2, b1, b2, r1, r2), Le(s3, 2)],
        source=DECOUPLING,
        about="At any step a mode is where a one-dimensional network is, with the loss s_i (w_K ... w_1 - r_i)^2/2 (row Y.51).",
    ),
]

# Runs: descent in the original coordinates, and from generic starts.


def linear_network_loss(target: Any, moment: Any) -> Any:
    """tr(D^T D Sigma)/2 as a function of one run's matrices, the first layer first."""

    def loss(*layers: Any) -> Any:
        product = layers[0]
        for layer in layers[1:]:
            product = layer @ product
        deviation = product - target
        return ((deviation @ moment) * deviation).sum() / 2

    return loss


@experiment
def off_the_diagonal(*, size: int, rng: Any, device: str) -> Any:
    """Whether, widths 3-5-4-3 and random bases, 500 steps leave the rotated layers diagonal but for rounding.

    A step adds some 10 (widths) eps of rounding to an entry of size about 1, and errors off the diagonal grow only
    while the loss falls, some hundredfold: 500 x 10 x 100 eps < 2^-33 bounds them.
    """
    import torch

    from lemmata.numerics.descent.table import runs

    widths = (3, 5, 4, 3)

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=rng, device=device, dtype=torch.float64)

    bases = [torch.linalg.qr(normal(n, n))[0] for n in widths]
    target, moment = (torch.diag(torch.tensor(x, dtype=torch.float64, device=device)) for x in ((1.5, 1.0, 0.5), (1.0, 0.75, 0.5)))
    starts = {}
    for k in range(1, 4):
        start = torch.zeros(size, widths[k], widths[k - 1], dtype=torch.float64, device=device)
        for i in range(min(widths[k], widths[k - 1])):
            start[:, i, i] = 0.5 + 0.5 * torch.rand(size, generator=rng, device=device, dtype=torch.float64)
        starts[f"W_{k}"] = bases[k].T @ start @ bases[k - 1]
    loss = linear_network_loss(bases[3].T @ target @ bases[0], bases[0].T @ moment @ bases[0])
    table = runs(loss, starts, 0.05, 500)
    worst = torch.zeros(size, dtype=torch.float64, device=device)
    for k in range(1, 4):
        turned = bases[k] @ table.final[f"W_{k}"] @ bases[k - 1].T
        mask = 1 - torch.eye(widths[k], widths[k - 1], dtype=torch.float64, device=device)
        worst = torch.maximum(worst, (turned * mask).abs().amax(dim=(1, 2)))
    return worst <= 2.0**-33


@experiment
def generic_start_solves(depth: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether descent from independent normal weights of variance 1/4 (width 3, Sigma = 1, random R) ends below 2^-20 of the saddle's loss.

    The step is 1/50, four thousand times. Runs that pass near a saddle on their way are still on it then.
    """
    import torch

    from lemmata.numerics.descent.table import runs

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=rng, device=device, dtype=torch.float64)

    def loss(target: Any, *layers: Any) -> Any:
        return linear_network_loss(target, torch.eye(3, dtype=torch.float64, device=device))(*layers)

    starts = {f"W_{k}": normal(size, 3, 3) / 2 for k in range(1, depth + 1)}
    target = normal(size, 3, 3)
    return runs(loss, starts, 0.02, 4000, parameters={"R": target}).loss * 2**20 <= target.square().sum(dim=(1, 2)) / 2


RUNS = [
    Claim(
        "linear-modes-in-any-basis",
        Ge(frequency(off_the_diagonal(), 256), Rational(9, 10)),
        source=DECOUPLING,
        about="In random bases, widths 3, 5, 4, 3: after 500 steps the rotated layers are diagonal but for rounding (row Y.51).",
    ),
    *(
        Claim(
            f"linear-descent-generic-starts-depth-{depth}",
            Ge(frequency(generic_start_solves(depth), 128), Rational(3, 4)),
            source=GENERIC,
            about="From independent normal weights descent with small steps solves random tasks in most runs of this length (row Y.52).",
        )
        for depth in (2, 3)
    ),
]
