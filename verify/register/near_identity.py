"""Near-identity factorisations: a matrix with positive determinant as a product of K factors 1 + V_k with max |V_k| = O(1/K).

`near_identity_radius` is the infimum over all factorisations: enclosed between a product that is built and bounds that none beats.
`polar_radius` belongs to the product that the proof builds, roots of the polar parts A = B O. K times it tends to |log B| + |log O| for
the best split of the K factors; for pure stretches and pure rotations nothing does better. Norms are spectral.
"""

from itertools import permutations
from typing import Any

from sympy import Abs, Add, Eq, Ge, Gt, Le, Matrix, Max, Mul, Rational, Symbol, acos, cos, diag, eye, log, pi, sin, symbols
from sympy.combinatorics import Permutation

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.near_identity import near_identity_radius, polar_radius
from lemmata.theory.rules.largest_of import mean_at_most
from lemmata.theory.rules.near_identity_bounds import near_identity_built, near_identity_floor, near_identity_stretch
from lemmata.theory.rules.term_by_term import monotone
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

PROPOSITION = Source("hardt-ma-2017", "theorem 2.1, factors near the identity")
NECESSARY = Source("yarotsky-lecture", "slide on near-identity factorisations, exercise: why det A > 0")
PROOF = Source("yarotsky-lecture", "slide on near-identity factorisations, proof by polar decomposition")
EULER = Source("yarotsky-lecture", "slide on near-identity factorisations, exercise: rotations of dimension three")

K = Symbol("K", integer=True, positive=True)
j = Symbol("j", integer=True, nonnegative=True)
p, q, phi = symbols("p q phi", positive=True)
a, b, c, d, e, f = symbols("a b c d e f", real=True)
theta, psi = symbols("theta psi", real=True)


def rotation(angle: Any) -> Any:
    """The plane turned by an angle."""
    return Matrix([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])


def determinant(matrix: Any) -> Any:
    """Leibniz's sum over permutations, products of entries that SymPy does not expand."""
    size = range(matrix.rows)
    return Add(*(Permutation(list(order)).signature() * Mul(*(matrix[i, order[i]] for i in size)) for order in permutations(size)))


lower = Matrix([[p, 0, 0], [a, q, 0], [b, c, phi]])
skew = Matrix([[0, -f, e], [f, 0, -d], [-e, d, 0]])
quaternion = Matrix(
    [
        [a**2 + b**2 - c**2 - d**2, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a**2 - b**2 + c**2 - d**2, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a**2 - b**2 - c**2 + d**2],
    ]
) / (a**2 + b**2 + c**2 + d**2)
"""Every rotation of R^3: Euler's four parameters."""

turned_stretch = diag(2, Rational(1, 2)) * Matrix([[3, -4], [4, 3]]) / 5
flipped = Matrix([[-1, 0, 0], [0, -2, 0], [0, 0, 3]])
CONSTANT = (
    ("turned-stretch", turned_stretch, log(2) + acos(Rational(3, 5))),
    ("flipped-plane", flipped, log(3) + pi),
    ("stretch", diag(2, Rational(1, 3)), log(3)),
)
"""Matrices and |log B| + |log O|."""

many = [Ge(K, 8), Le(K, 512)]


@experiment
def product_has_positive_determinant(size_: int, factors: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a product of random factors 1 + V with |V| = 99/100 has a positive determinant."""
    import torch

    drawn = torch.randn(size, factors, size_, size_, generator=rng, device=device, dtype=torch.float64)
    near = torch.eye(size_, dtype=torch.float64, device=device) + 0.99 * drawn / torch.linalg.matrix_norm(drawn, ord=2)[..., None, None]
    product = near[:, 0]
    for place in range(1, factors):
        product = product @ near[:, place]
    return torch.linalg.det(product) > 0


NECESSITY = [
    Claim(
        "near-identity-determinant",
        Eq(determinant(lower * lower.T + skew), (p * q * phi) ** 2 + sum((x**2 for x in lower.T * Matrix([d, e, f])), 0 * p)),
        source=NECESSARY,
        about="Where |V| < 1, 1 + V has a positive definite symmetric part, L L^T, and a positive determinant: d = 3, L triangular "
        "(row Y.41).",
    ),
    Claim(
        "near-identity-determinant-plane",
        Eq(determinant(Matrix([[p**2, a * p - b], [a * p + b, a**2 + q**2]])), (p * q) ** 2 + b**2),
        source=NECESSARY,
        about="The same for d = 2: so products of such factors have positive determinants, and det A > 0 is necessary (row Y.41).",
    ),
    Claim(
        "near-identity-products-positive",
        Ge(frequency(product_has_positive_determinant(3, 6), 4096), Rational(99, 100)),
        source=NECESSARY,
        about="Random products of six factors with |V| = 0.99 (row Y.41).",
    ),
    Claim(
        "near-identity-determinant-any-factor",
        Gt(determinant(Matrix([[1 + a, b], [c, 1 + d]])), 0),
        source=NECESSARY,
        about="Without |V| < 1 it is wrong (row Y.41).",
        expect="refuted",
    ),
]

AXES = [
    Claim(
        "rotation-of-space-has-an-axis",
        Eq(determinant(quaternion - eye(3)), 0),
        given=[Gt(a**2 + b**2 + c**2 + d**2, 0)],
        source=EULER,
        about="det(O - 1) = 0 for every rotation of R^3: it leaves a vector alone (row Y.43).",
    ),
    Claim(
        "rotation-of-space-angle",
        Eq((quaternion.trace() - 1) / 2, 2 * a**2 / (a**2 + b**2 + c**2 + d**2) - 1),
        given=[Gt(a**2 + b**2 + c**2 + d**2, 0)],
        source=EULER,
        about="(tr O - 1)/2 is the cosine of the angle, 2 cos^2(phi/2) - 1 with Euler's a/|(a, b, c, d)| = cos(phi/2) (row Y.43).",
    ),
    Claim(
        "rotation-of-plane-has-no-axis",
        Eq(determinant(rotation(theta) - eye(2)), 2 - 2 * cos(theta)),
        source=EULER,
        about="In even dimensions there is none unless the angle is 0: det(O - 1) = 2 - 2 cos(theta) in the plane (row Y.43).",
    ),
    Claim(
        "rotation-of-four-dimensions-axis",
        Eq(determinant(diag(rotation(theta), rotation(psi)) - eye(4)), 0),
        source=EULER,
        about="That every rotation has an axis is wrong in four dimensions too (row Y.43).",
        expect="refuted",
    ),
]

CONSTRUCTION = [
    Claim(
        "near-identity-stretch",
        Eq(near_identity_radius(diag(p, q), K), Max(p ** (1 / K) - 1, 1 - q ** (1 / K))),
        given=[Ge(p, 1), Le(p, 9), Le(q, 1), Ge(q, Rational(1, 9)), *many],
        source=PROPOSITION,
        about="For a positive definite A nothing beats its K-th root: the infimum of max |V_k| is |A^(1/K) - 1| (row Y.40).",
        derivation=lambda lhs: lhs.by(near_identity_stretch),
    ),
    Claim(
        "near-identity-rotation-built",
        Le(K * near_identity_radius(rotation(phi), K), phi),
        given=[Le(phi, Rational(157, 50)), *many],
        source=PROPOSITION,
        about="A rotation by phi has factors with K max |V_k| <= phi... (row Y.40)",
        derivation=lambda lhs: lhs.by(near_identity_built, (0, 0), 0, phi, K).by(monotone, {sin(phi / (2 * K)): phi / (2 * K)}),
    ),
    Claim(
        "near-identity-rotation-needed",
        Ge(K * near_identity_radius(rotation(phi), K), K * sin(phi / K)),
        given=[Ge(phi, Rational(1, 10)), Le(phi, Rational(157, 50)), *many],
        source=PROPOSITION,
        about="... and no fewer: 1 + V turns no vector by more than arcsin |V|, so that max |V_k| >= sin(phi/K) (row Y.40).",
        derivation=lambda lhs: lhs.by(near_identity_floor, [1, 0], [1, 0], [1, 0], phi).by(mean_at_most, {sin(phi / K): K}),
    ),
    Claim(
        "near-identity-rotation-cheaper",
        Le(K * near_identity_radius(rotation(phi), K), Rational(9, 10) * phi),
        given=[Ge(phi, Rational(1, 10)), Le(phi, Rational(157, 50)), *many],
        source=PROPOSITION,
        about="A rotation by phi cannot be had for nine tenths of phi (row Y.40).",
        expect="refuted",
    ),
    *(
        Claim(
            f"near-identity-constant-{name}",
            Le(Abs(8 * 2**j * polar_radius(matrix, 8 * 2**j) - constant), 3 * constant**2 / (8 * 2**j)),
            given=[Le(j, 6)],
            source=PROPOSITION,
            about="K max |V_k| of the polar factorisation tends to |log B| + |log O|: K = 8, 16, ..., 512 (row Y.40).",
        )
        for name, matrix, constant in CONSTANT
    ),
    *(
        Claim(
            f"near-identity-order-{name}",
            Le(8 * 2**j * near_identity_radius(matrix, 8 * 2**j), 2 * constant),
            given=[Le(j, 6)],
            source=PROPOSITION,
            about="K factors within 2 (|log B| + |log O|)/K of the identity, K = 8, 16, ..., 512 (row Y.40).",
        )
        for name, matrix, constant in CONSTANT
    ),
]

PRINTED_PROOF = [
    Claim(
        "near-identity-printed-proof",
        Le(near_identity_radius(turned_stretch, K), Max(2 ** (1 / K) - 1, 2 * sin(acos(Rational(3, 5)) / (2 * K)))),
        given=many,
        source=PROOF,
        about="As printed, (B^(1/K))^K (O^(1/K))^K are K factors. They are 2K, and no K factors are as near to the identity (row Y.42).",
        expect="refuted",
    ),
    Claim(
        "near-identity-proof-with-halves",
        Le(near_identity_radius(turned_stretch, 2 * K), Max(2 ** (1 / K) - 1, 2 * sin(acos(Rational(3, 5)) / (2 * K)))),
        given=[Ge(K, 4), Le(K, 256)],
        source=PROOF,
        about="Corrected: half of the factors for each of B and O (row Y.42).",
    ),
]
