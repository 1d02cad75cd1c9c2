"""Deep linear networks of one dimension with any number K of layers: descent from the identity, for every K at once.

Equal layers stay equal, and each of them moves as w <- w + alpha w^(K-1) (r - w^K). With s = r^(1/K) the distance from s is multiplied by
1 - alpha w^(K-1) (w^(K-1) + w^(K-2) s + ... + s^(K-1)), which lies in [0, 1) as long as alpha <= 1/(K max(1, r^(2 - 2/K))) and w is between
1 and s: descent converges, from one side. Beyond alpha = 2/(K r^(2 - 2/K)) the solution repels.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Lambda, Le, Limit, Lt, Max, Rational, Sum, Symbol, oo, symbols

from lemmata.theory.recursion import iterate
from lemmata.theory.rules.calculus import take_limit
from lemmata.theory.rules.descent_steps import first_step
from lemmata.theory.rules.power_descent import power_approach, power_limit, power_one_side
from lemmata.theory.rules.term_by_term import equal_terms, monotone, one_term, telescopes
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

THEOREM = Source("bartlett-2018", "theorem 1, descent from the identity")
PRINTED = Source("yarotsky-lecture", "slide on linear networks, theorem of Bartlett et al. without a step size")

K, N = symbols("K N", integer=True, positive=True)
j = Symbol("j", integer=True)
h, r, w = symbols("h r w", real=True)
s, u, alpha, theta = symbols("s u alpha theta", positive=True)
largest = Max(1, s)
"""The larger one of the start and the solution: max(1, r^(2 - 2/K)) is its power 2K - 2."""

terms = Sum(u**j * s ** (K - 1 - j), (j, 0, K - 1))
ratio = 1 - alpha * u ** (K - 1) * terms
"""What one step multiplies the distance from s by."""

admitted = [Le(s, 2), Le(u, largest), Le(alpha, 1 / (K * largest ** (2 * K - 2))), Le(K, 8)]

ONE_STEP = [
    Claim(
        "linear-descent-step-every-depth",
        Eq(descent((h * u ** (K - 1) - r) ** 2 / 2, {h: u}, alpha)[1, h], u + alpha * u ** (K - 1) * (r - u**K)),
        given=[Le(u, 2), Le(r**2, 4), Le(alpha, 1), Le(K, 8)],
        source=THEOREM,
        about="Any one of K layers that are all u moves by alpha u^(K-1) (r - u^K): equal layers stay equal (rows Y.47, Y.50).",
        derivation=lambda lhs: lhs.by(first_step),
    ),
    Claim(
        "linear-descent-factor-every-depth",
        Eq((u - s) * terms, u**K - s**K),
        given=[Le(u, 2), Le(s, 2), Le(K, 8)],
        source=THEOREM,
        about="So the distance from s = r^(1/K) is multiplied by 1 - alpha u^(K-1) (u^(K-1) + ... + s^(K-1)) (row Y.50)...",
        derivation=lambda lhs: lhs.by(telescopes, lambda i: u**i * s ** (K - i)),
    ),
    Claim(
        "linear-descent-no-overshoot-every-depth",
        Ge(ratio, 0),
        given=admitted,
        source=THEOREM,
        about="... which is not negative for alpha <= 1/(K max(1, r^(2 - 2/K))) and u up to max(1, s), for every K (row Y.50)...",
        derivation=lambda lhs: (
            lhs.by(monotone, {u: largest, s: largest}).by(equal_terms).by(monotone, {alpha: 1 / (K * largest ** (2 * K - 2))})
        ),
    ),
    Claim(
        "linear-descent-towards-every-depth",
        Lt(ratio, 1, evaluate=False),
        given=admitted,
        source=THEOREM,
        about="... and below 1: each step leads towards the solution, and not past it (row Y.50).",
        derivation=lambda lhs: lhs.by(one_term, 0),
    ),
    Claim(
        "linear-descent-no-overshoot-doubled",
        Ge(ratio, 0),
        given=[Le(s, 2), Le(u, largest), Le(alpha, 2 / (K * largest ** (2 * K - 2))), Le(K, 8)],
        source=PRINTED,
        about="With twice that step the solution may be overshot (row Y.50).",
        expect="refuted",
    ),
]


def one_map(step: Any) -> Any:
    """w + alpha w^(K-1) (s^K - w^K)."""
    return Lambda(w, w + step * w ** (K - 1) * (s**K - w**K))


LONGEST = {"below": theta / K, "above": theta / (K * s ** (2 * K - 2))}
"""theta/(K max(1, r^(2 - 2/K))), for r <= 1 and for r >= 1."""

SIDES = {"below": [Le(s, 1)], "above": [Ge(s, 1), Le(s, 2)]}
RATES = {"below": 1 - theta * s ** (2 * K - 2), "above": 1 - theta * s ** (2 - 2 * K)}

CONVERGENCE = [
    claim
    for side, step in LONGEST.items()
    for claim in (
        Claim(
            f"linear-descent-rate-{side}-every-depth",
            Le(Abs(iterate(one_map(step), 1, N) - s), RATES[side] ** N * Abs(1 - s)),
            given=[*SIDES[side], Le(theta, 1), Le(K, 8), Le(N, 12)],
            source=THEOREM,
            about="Descent with alpha = theta/(K max(1, r^(2 - 2/K))), theta <= 1, converges to s at this rate, for every K (row Y.50)...",
            derivation=lambda lhs: lhs.by(power_approach, s, K - 1, K),
        ),
        Claim(
            f"linear-descent-monotone-{side}-every-depth",
            (Ge if side == "below" else Le)(iterate(one_map(step), 1, N), s),
            given=[*SIDES[side], Le(theta, 1), Le(K, 8), Le(N, 12)],
            source=THEOREM,
            about="... from one side, for every K (row Y.50).",
            derivation=lambda lhs: lhs.by(power_one_side, s, K - 1, K),
        ),
    )
]

LIMITS = [
    Claim(
        "linear-descent-limit-every-depth",
        Eq(Limit(iterate(one_map(theta / K), 1, N), N, oo), s),
        given=[Le(s, 1), Ge(s, Rational(9, 10)), Le(theta, 1), Ge(theta, Rational(3, 4)), Le(K, 3)],
        source=THEOREM,
        about="So it converges, w -> r^(1/K), whatever the number of layers (row Y.50).",
        derivation=lambda lhs: lhs.by(power_limit, s, K - 1, K),
    ),
    Claim(
        "linear-descent-slope-every-depth",
        Eq(Limit((one_map(alpha)(s + h) - s) / h, h, 0), 1 - alpha * K * s ** (2 * K - 2)),
        given=[Le(s, 2), Le(K, 8), Le(alpha, 1)],
        source=THEOREM,
        about="Near the solution the factor is 1 - alpha K r^(2 - 2/K), for every K (row Y.50)...",
        derivation=lambda lhs: lhs.by(take_limit),
    ),
    Claim(
        "linear-descent-unstable-every-depth",
        Lt(Limit((one_map(LONGEST["above"])(s + h) - s) / h, h, 0), -1),
        given=[Gt(theta, 2), Le(theta, 6), Le(s, 2), Le(K, 8)],
        source=THEOREM,
        about="... so that for alpha = theta/(K r^(2 - 2/K)) with theta > 2 it is below -1: the solution repels (row Y.50).",
        derivation=lambda lhs: lhs.by(take_limit),
    ),
]
