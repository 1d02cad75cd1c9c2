"""Exact laws at every width: how often a random start lies in a basin whose best loss is the best of all.

On singletons (points on both halves of every axis) and on orthogonal points the event is one of signs: `lemmata.theory.basins`. Its
chance is derived by inclusion and exclusion for every n, and the sign patterns are counted one by one. p is the number of positive
output weights, Binomial(n, 1/2); given p the axes are independent.
"""

from typing import Any

from sympy import Add, Eq, Expr, Ge, Gt, Le, Limit, Max, Rational, Sum, Symbol, binomial, oo, symbols

from lemmata.theory.basins import orthogonal, served, singletons
from lemmata.theory.rules.binomial_theorem import binomial_theorem
from lemmata.theory.rules.inclusion_exclusion import inclusion_exclusion
from lemmata.theory.rules.inequality import at_least
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

SINGLETONS = Source("safran-shamir-2016", "slides on it, theorem 2: singletons")
FULL_RANK = Source("safran-shamir-2016", "slides on it, theorem 4: data of full rank")
WIDER = Source("safran-shamir-2016", "slides on it, lemma 2 and the remark on wider networks")

n = Symbol("n", integer=True, positive=True)
p = Symbol("p", integer=True, nonnegative=True)
i, j, k = symbols("i j k", integer=True, nonnegative=True)
half, three_quarters = Rational(1, 2), Rational(3, 4)


def exact(name: str, data: Any, law: Expr, source: Source, about: str) -> Claim:
    """A law for every n, by inclusion and exclusion."""
    return Claim(name, Eq(served(n, data), law), source=source, about=about, derivation=lambda lhs: lhs.by(inclusion_exclusion))


ONE_AXIS = exact(
    "singletons-one-axis",
    singletons(1),
    1 - 2 * three_quarters**n + half**n,
    SINGLETONS,
    "One axis, both slopes positive: the chance is exactly 1 - 2(3/4)^n + 2^-n, at every width (row S.15).",
)

LAWS = [
    ONE_AXIS,
    exact(
        "singletons-one-axis-opposite-slopes",
        singletons(mixed=1),
        1 - 2 * three_quarters**n + half**n,
        SINGLETONS,
        "One axis with slopes of opposite sign: the same law, at every width (row S.15).",
    ),
    exact(
        "singletons-two-axes",
        singletons(2),
        1 - 4 * three_quarters**n + 4 * Rational(5, 8) ** n - half**n,
        SINGLETONS,
        "Two axes, all four slopes positive (row S.15).",
    ),
    exact(
        "singletons-two-axes-opposite-slopes",
        singletons(mixed=2),
        1 - 4 * three_quarters**n + 2 * Rational(5, 8) ** n + 4 * half**n - 4 * Rational(3, 8) ** n + Rational(1, 4) ** n,
        SINGLETONS,
        "Two axes with slopes of opposite sign on each: another law than with equal ones, 0 for n = 1 only (row S.15).",
    ),
    exact(
        "orthogonal-points-three",
        orthogonal(2, 1),
        1 - 3 * three_quarters**n + Rational(5, 8) ** n + 2 * half**n - Rational(3, 8) ** n,
        FULL_RANK,
        "Three orthogonal points, two positive targets and a negative one: E (1 - 2^-p)^2 (1 - 2^-(n - p)), summed (row S.20).",
    ),
    exact(
        "orthogonal-points-three-positive",
        orthogonal(3, 0),
        1 - 3 * three_quarters**n + 3 * Rational(5, 8) ** n - Rational(9, 16) ** n,
        FULL_RANK,
        "Three orthogonal points with positive targets: E (1 - 2^-p)^3, summed (row S.20).",
    ),
]

# Given p positive output weights: a finite sum, closed by the binomial theorem.


def mean_over_outputs(of: Any) -> Expr:
    """E of a function of p ~ Binomial(n, 1/2)."""
    return Sum(binomial(n, p) * of / 2**n, (p, 0, n))


def summed(name: str, of: Any, law: Expr, source: Source, about: str) -> Claim:
    """An expectation over p in closed form."""
    return Claim(name, Eq(mean_over_outputs(of), law), source=source, about=about, derivation=lambda lhs: lhs.by(binomial_theorem))


at_plus, at_minus = 1 - half**p, 1 - half ** (n - p)

SUMS = [
    summed(
        "orthogonal-points-mean",
        at_plus**2 * at_minus,
        LAWS[4].rhs,
        FULL_RANK,
        "The same law by conditioning: a point of positive target is served with chance 1 - 2^-p, independently (row S.20).",
    ),
    summed(
        "singletons-opposite-slopes-mean",
        (at_plus * at_minus) ** 2,
        LAWS[3].rhs,
        SINGLETONS,
        "Opposite slopes by conditioning: each axis is served with chance (1 - 2^-p)(1 - 2^-(n - p)) (row S.15).",
    ),
    summed(
        "singletons-equal-slopes-mean",
        (1 - 2 * half**p) ** 2,
        LAWS[2].rhs + half**n,
        SINGLETONS,
        "Equal slopes: 1 - 2^(1-p) for p >= 1; at p = 0 it squares to 1 and not to 0, which is the last 2^-n (row S.15).",
    ),
]

a, b, c = symbols("m_1 m_2 d_0", integer=True, nonnegative=True)
SMALL = [Le(n, 6), Ge(a + b, 1), Le(a + b, 4)]


def orthogonal_law() -> Expr:
    """sum over i, j of C(m_1, i) C(m_2, j) (-1)^(i + j) ((2^-i + 2^-j)/2)^n."""
    return Sum(binomial(a, i) * binomial(b, j) * (-1) ** (i + j) * ((half**i + half**j) / 2) ** n, (i, 0, a), (j, 0, b))


GENERAL = [
    Claim(
        "orthogonal-points-law",
        Eq(served(n, orthogonal(a, b)), orthogonal_law()),
        given=SMALL,
        source=FULL_RANK,
        about="m_1 points of positive and m_2 of negative target: the finite double sum, against all sign patterns (row S.20).",
    ),
    Claim(
        "orthogonal-points-law-by-outputs",
        Eq(served(n, orthogonal(a, b)), mean_over_outputs((1 - half**p) ** a * (1 - half ** (n - p)) ** b)),
        given=SMALL,
        source=FULL_RANK,
        about="The same as an expectation over the signs of the outputs, against all sign patterns (row S.20).",
    ),
]

served_equally, served_equally_below = Max(0, 1 - 2 * half**p), Max(0, 1 - 2 * half ** (n - p))

GENERAL += [
    Claim(
        "singletons-law-by-outputs",
        Eq(
            served(n, singletons(a, b, c)),
            mean_over_outputs(served_equally**a * served_equally_below**b * ((1 - half**p) * (1 - half ** (n - p))) ** c),
        ),
        given=[Le(n, 4), Ge(a + b + c, 1), Le(a + b + c, 3)],
        source=SINGLETONS,
        about="m_1 axes of slopes (+, +), m_2 of (-, -), d_0 of opposite ones: given p positive outputs the axes are independent, with the "
        "chances 1 - 2^(1-p) (0 at p = 0), the same for n - p, and (1 - 2^-p)(1 - 2^-(n-p)) (row S.15).",
    ),
    Claim(
        "singletons-law-without-zero-outputs",
        Eq(served(n, singletons(1)), mean_over_outputs(1 - 2 * half**p)),
        given=[Le(n, 40)],
        source=SINGLETONS,
        about="1 - 2^(1-p) alone is -1 at p = 0, where an axis is never served: too little by 2^-n (row S.15).",
        expect="refuted",
    ),
]

# What the theorems state, and how sharp that is.

BOUNDS = [
    Claim(
        "singletons-bound-one-axis",
        Ge(served(n, singletons(1)), 1 - 2 * three_quarters**n),
        source=SINGLETONS,
        about="Theorem 2 for d = 1, at every width: the law exceeds the bound by 2^-n (row S.15).",
        derivation=lambda lhs: lhs.by(inclusion_exclusion).by(at_least, 1 - 2 * three_quarters**n),
    ),
    Claim(
        "singletons-bound",
        Ge(served(n, singletons(a, b, c)), 1 - 2 * (a + b + c) * three_quarters**n),
        given=[Le(n, 5), Ge(a + b + c, 1), Le(a + b + c, 3)],
        source=SINGLETONS,
        about="Theorem 2, 1 - 2 d (3/4)^n, against all sign patterns: every choice of slopes on up to three axes (row S.15).",
        uses=["neuron-active-half-of-the-time", "part-of-a-network"],
    ),
    Claim(
        "orthogonal-points-bound",
        Ge(served(n, orthogonal(a, b)), 1 - (a + b) * three_quarters**n),
        given=SMALL,
        source=FULL_RANK,
        about="Theorem 4, 1 - m (3/4)^n, against all sign patterns on orthogonal points (row S.20).",
        uses=["neuron-active-half-of-the-time", "part-of-a-network"],
    ),
    Claim(
        "singletons-bound-sharp",
        Eq(Limit((1 - LAWS[2].rhs) / (4 * three_quarters**n), n, oo), 1),
        source=SINGLETONS,
        about="Both constants are sharp: for d = 2 the chance of failure is 2 d (3/4)^n to first order (row S.15).",
        uses=[LAWS[2]],
    ),
    Claim(
        "singletons-faster-rate",
        Ge(served(n, singletons(1)), 1 - 2 * Rational(7, 10) ** n),
        source=SINGLETONS,
        about="No smaller rate than 3/4 will do: 7/10 is too small from n = 3 on (row S.15).",
        expect="refuted",
    ),
    Claim(
        "orthogonal-points-bound-sharp",
        Eq(Limit((1 - LAWS[4].rhs) / (3 * three_quarters**n), n, oo), 1),
        source=FULL_RANK,
        about="So are those of theorem 4: for m = 3 the chance of failure is m (3/4)^n to first order (row S.20).",
        uses=[LAWS[4]],
    ),
]

gain = Add(*((served(n + 1, singletons(1)) - served(n, singletons(1))),))

MONOTONE = [
    Claim(
        "wider-starts-are-better",
        Gt(gain, 0),
        given=[Le(n, 60)],
        source=WIDER,
        about="A neuron more makes an optimal basin more likely, at every width (row S.17).",
    ),
    Claim(
        "wider-starts-are-not-surely-better",
        Gt(served(n, singletons(1)), served(n, singletons(2))),
        given=[Gt(n, 1), Le(n, 40)],
        source=WIDER,
        about="More to serve is harder: two axes are served less often than one (row S.17).",
    ),
]
