"""Near-identity factorisations in every dimension and for every K: the determinant, the constant of the construction, what none can beat.

A = B O with B = diag(e^b, e^-c) and a rotation O by phi stands for what is asked of a matrix: |log B| = Max(b, c), |log O| = phi. K factors
can be had within (|log B| + |log O|)/K of the identity, but for a remainder of order 1/K^2, and never within less than
Max(|log B|, |log O|)/K, so that the constant is sharp for pure stretches and for pure rotations. In between it is not: a matrix that
stretches and turns at once, a spiral, has nearer factors.
"""

from typing import Any

from sympy import (
    Determinant,
    Eq,
    Ge,
    Gt,
    Identity,
    Le,
    Limit,
    Matrix,
    MatrixSymbol,
    Max,
    Q,
    Rational,
    ceiling,
    cos,
    diag,
    exp,
    floor,
    oo,
    sin,
    sqrt,
    symbols,
)

from lemmata.theory.near_identity import near_identity_radius
from lemmata.theory.rules.largest_of import limit_of_max, mean_at_most
from lemmata.theory.rules.near_identity_bounds import determinant_near_identity, near_identity_built, near_identity_floor
from lemmata.theory.rules.term_by_term import monotone
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

PROPOSITION = Source("hardt-ma-2017", "theorem 2.1, factors near the identity")
NECESSARY = Source("yarotsky-lecture", "slide on near-identity factorisations, exercise: why det A > 0")
PROOF = Source("yarotsky-lecture", "slide on near-identity factorisations, proof by polar decomposition")

d, i, j, K = symbols("d i j K", integer=True, positive=True)
b, c, h, phi = symbols("b c h phi", positive=True)
V, W = (h * MatrixSymbol(name, d, d) for name in "VW")

# Any dimension: det A > 0 is necessary.


def near(shift: Any) -> Any:
    """|V| < 1, said of 1 - V^T V."""
    return Q.positive_definite(Identity(d) - shift.T * shift)


small = [Le(d, 3), Le(h, Rational(1, 10))]

NECESSITY = [
    Claim(
        "near-identity-determinant-every-dimension",
        Gt(Determinant(Identity(d) + V), 0),
        given=[near(V), *small],
        source=NECESSARY,
        about="Where |V| < 1, det(1 + s V) has no zero for 0 <= s <= 1 and is 1 at s = 0: in any dimension det(1 + V) > 0 (row Y.41)...",
        derivation=lambda lhs: lhs.by(determinant_near_identity),
    ),
    Claim(
        "near-identity-product-every-dimension",
        Gt(Determinant((Identity(d) + V) * (Identity(d) + W) * (Identity(d) + V)), 0),
        given=[near(V), near(W), *small],
        source=NECESSARY,
        about="... and so have products of such factors: no matrix with det A < 0 is one (row Y.41).",
        derivation=lambda lhs: lhs.by(determinant_near_identity),
    ),
    Claim(
        "near-identity-determinant-printed-free",
        Gt(Determinant(Identity(d) + V), 0),
        given=[Le(d, 3)],
        source=NECESSARY,
        about="For matrices of any norm it is wrong (row Y.41).",
        expect="refuted",
    ),
]

# The construction: i factors stretch, j factors turn.

rotation = Matrix([[cos(phi), -sin(phi)], [sin(phi), cos(phi)]])
mixed = diag(exp(b), exp(-c)) * rotation
moderate = [Le(b, 2), Le(c, 2), Le(phi, Rational(157, 50))]
stretch, turn = exp(b / i) - 1, 2 * sin(phi / (2 * j))
share = b / (b + phi)
split = K * Max(exp(b / ceiling(share * K)) - 1, 2 * sin(phi / (2 * floor(phi * K / (b + phi)))))
"""K times the radius of the best split: ceil(K |log B|/(|log B| + |log O|)) factors stretch, and the others turn."""

rounded = K * Max(exp((b + phi) / K) - 1, phi / (phi * K / (b + phi) - 1))


def round_off(lhs: Any) -> Any:
    """The numbers of factors replaced by bounds of them, and the sine by its argument."""
    stretches, turns = ceiling(share * K), floor(phi * K / (b + phi))
    arc = phi / (2 * turns)
    return lhs.by(monotone, {stretches: share * K}).by(monotone, {sin(arc): arc}).by(monotone, {turns: phi * K / (b + phi) - 1})


CONSTRUCTION = [
    Claim(
        "near-identity-built-every-split",
        Le(near_identity_radius(mixed, i + j), Max(stretch, 1 - exp(-c / i), turn)),
        given=[*moderate, Le(i, 32), Le(j, 32)],
        source=PROOF,
        about="i roots of B and j roots of O make A: K = i + j factors at this distance from the identity (rows Y.40, Y.42).",
        derivation=lambda lhs: lhs.by(near_identity_built, (b, -c), i, phi, j),
    ),
    Claim(
        "near-identity-equal-split-limit",
        Eq(Limit(2 * i * Max(stretch, 1 - exp(-c / i), 2 * sin(phi / (2 * i))), i, oo), Max(2 * b, 2 * c, 2 * phi)),
        given=moderate,
        source=PROOF,
        about="With half of the factors for each, K max |V_k| tends to 2 Max(|log B|, |log O|) (rows Y.40, Y.42).",
        derivation=lambda lhs: lhs.by(limit_of_max),
    ),
    Claim(
        "near-identity-best-split",
        Le(split, rounded),
        given=[*moderate[::2], Gt(phi * K, b + phi), Le(K, 512)],
        source=PROOF,
        about="With shares in proportion to |log B| and |log O|, rounded to integers, K max |V_k| is at most this (row Y.40)...",
        derivation=round_off,
    ),
    Claim(
        "near-identity-best-split-limit",
        Eq(Limit(rounded, K, oo), b + phi),
        given=moderate[::2],
        source=PROOF,
        about="... which tends to |log B| + |log O| (row Y.40)...",
        derivation=lambda lhs: lhs.by(limit_of_max),
    ),
    Claim(
        "near-identity-no-better-split",
        Ge((i + j) * Max(stretch, turn), b + phi - phi**3 / (24 * j**2)),
        given=[*moderate[::2], Le(i, 64), Le(j, 64)],
        source=PROOF,
        about="... and no split of this construction does better, however many the factors (row Y.40).",
        derivation=lambda lhs: (
            lhs.by(mean_at_most, {stretch: i, turn: j})
            .by(monotone, {exp(b / i): 1 + b / i})
            .by(monotone, {sin(phi / (2 * j)): phi / (2 * j) - (phi / (2 * j)) ** 3 / 6})
        ),
    ),
]

# What no factorisation can beat.

needed = Max(exp(b / K) - 1, 1 - exp(-c / K), sin(phi / K))
first, second = rotation.T * Matrix([1, 0]), rotation.T * Matrix([0, 1])
lifted, spiral = diag(mixed, 1), exp(b) * rotation

NEEDED = [
    Claim(
        "near-identity-needed-mixed",
        Ge(near_identity_radius(mixed, K), needed),
        given=[*moderate, Ge(K, 2), Le(K, 512)],
        source=PROPOSITION,
        about="For a stretch and a rotation at once: (1 + v)^K >= s_max, (1 - v)^K <= s_min and K arcsin v >= phi for v = max |V_k| of "
        "every factorisation (row Y.40)...",
        derivation=lambda lhs: lhs.by(near_identity_floor, first, second, first, phi),
    ),
    Claim(
        "near-identity-needed-mixed-space",
        Ge(near_identity_radius(lifted, K), needed),
        given=[*moderate, Ge(K, 2), Le(K, 512)],
        source=PROPOSITION,
        about="... in three dimensions too (row Y.40)...",
        derivation=lambda lhs: lhs.by(near_identity_floor, [*first, 0], [*second, 0], [*first, 0], phi),
    ),
    Claim(
        "near-identity-needed-limit",
        Eq(Limit(K * needed, K, oo), Max(b, c, phi)),
        given=moderate,
        source=PROPOSITION,
        about="... so that K max |V_k| cannot come below Max(|log B|, |log O|): the constant |log B| + |log O| is sharp for pure stretches "
        "and for pure rotations, and within a factor 2 for all (row Y.40).",
        derivation=lambda lhs: lhs.by(limit_of_max),
    ),
    Claim(
        "near-identity-spiral",
        Le(near_identity_radius(spiral, K), sqrt(exp(2 * b / K) - 2 * exp(b / K) * cos(phi / K) + 1)),
        given=[*moderate[::2], Ge(K, 2), Le(K, 512)],
        source=PROPOSITION,
        about="Better than the construction: a multiple of a rotation has K equal factors, each |e^((b + i phi)/K) - 1| from the identity, "
        "which is (b^2 + phi^2)^(1/2)/K to the first order (row Y.40)...",
    ),
    Claim(
        "near-identity-needed-sum",
        Ge(K * near_identity_radius(spiral, K), b + phi),
        given=[*moderate[::2], Ge(K, 16), Le(K, 512)],
        source=PROPOSITION,
        about="... so that it is wrong that every factorisation needs |log B| + |log O| (row Y.40).",
        expect="refuted",
    ),
]
