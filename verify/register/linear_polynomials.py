"""Deep linear networks from the identity: the polynomials in the target that all layers are after one and after two steps, written out.

With W_k = 1, Sigma = 1 and a symmetric R of any size, W_k^(n) = p_n(R) for every layer k, where
p_(n+1) = p_n - alpha p_n^(K-1) (p_n^K - x).
"""

from typing import Any

from sympy import Add, Eq, Identity, Le, MatMul, MatrixSymbol, Q, Symbol, Trace

from lemmata.theory.linear_networks import square_loss
from lemmata.theory.rules.polynomial_layers import polynomial_layers
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

SUBALGEBRA = Source("yarotsky-lecture", "slide on linear networks, from W_k = 1 all layers stay in one subalgebra")

d = Symbol("d", integer=True, positive=True)
alpha = Symbol("alpha", positive=True)
R, H, G = (MatrixSymbol(name, d, d) for name in "RHG")

COEFFICIENTS: dict[tuple[int, int], tuple[Any, ...]] = {
    (2, 1): (1 - alpha, alpha),
    (2, 2): (
        (1 - alpha) * (1 - alpha * (1 - alpha) ** 2),
        alpha * (2 - 4 * alpha + 6 * alpha**2 - 3 * alpha**3),
        alpha**2 * (1 - 3 * alpha + 3 * alpha**2),
        -(alpha**4),
    ),
    (3, 1): (1 - alpha, alpha),
    (3, 2): (
        (1 - alpha) * (1 - alpha * (1 - alpha) ** 4),
        alpha * (2 - 7 * alpha + 21 * alpha**2 - 30 * alpha**3 + 20 * alpha**4 - 5 * alpha**5),
        2 * alpha**2 * (1 - alpha) * (1 - 5 * alpha + 10 * alpha**2 - 5 * alpha**3),
        alpha**3 * (1 - 10 * alpha + 20 * alpha**2 - 10 * alpha**3),
        -5 * alpha**5 * (1 - alpha),
        -(alpha**6),
    ),
}
"""p_n of K layers by (K, n), its coefficients from the constant one up."""


def layers(depth: int) -> tuple[Any, ...]:
    """The layers W_1, ..., W_K, all d x d."""
    return tuple(MatrixSymbol(f"W_{layer}", d, d) for layer in range(1, depth + 1))


def from_identity(depth: int) -> Any:
    """Descent on tr((W_K ... W_1 - R)^T (W_K ... W_1 - R))/2 from W_k = 1."""
    product = MatMul(*reversed(layers(depth)))
    return descent(square_loss(product - R, Identity(d)), dict.fromkeys(layers(depth), Identity(d)), alpha)


def seen(matrix: Any) -> Any:
    """tr(H^T A): equal for all H exactly when A is."""
    return Trace(H.T * matrix)


def moments(coefficients: tuple[Any, ...]) -> Any:
    """tr(H^T p(R))."""
    return Add(*(c * seen(R**power if power else Identity(d)) for power, c in enumerate(coefficients)))


WRITTEN_OUT = [
    Claim(
        f"linear-polynomial-{depth}-layers-{steps}-step{'s' * (steps > 1)}",
        Eq(from_identity(depth)[steps, seen(layers(depth)[-1])], moments(coefficients)),
        given=[Q.symmetric(R), Le(d, 2), Le(alpha, 1)],
        source=SUBALGEBRA,
        about=f"After {steps} step{'s' * (steps > 1)} each of {depth} layers is this polynomial in R (row Y.47).",
        derivation=lambda lhs: lhs.by(polynomial_layers, R),
        uses=["linear-gradient-any-layer"],
    )
    for (depth, steps), coefficients in COEFFICIENTS.items()
]

ALIKE = [
    Claim(
        f"linear-layers-alike-{depth}-layers",
        Eq(
            from_identity(depth)[
                2, Add(*(Trace(T.T * (V - W)) for T, V, W in zip((H, G), layers(depth)[1:], layers(depth), strict=False)))
            ],
            0,
        ),
        given=[Q.symmetric(R), Le(d, 2), Le(alpha, 1)],
        source=SUBALGEBRA,
        about="All layers are the same polynomial (row Y.47).",
        derivation=lambda lhs: lhs.by(polynomial_layers, R),
        uses=["linear-gradient-any-layer"],
    )
    for depth in (2, 3)
]
