"""Cells of two-layer ReLU networks: convexity in u = v w, their number, flat local minima, caps and cones.

N(x) = sum_j v_j (<w_j, x>)_+ without biases. Where the signs of all v_j and all <w_j, x_t> are fixed, the loss is a function of the
u_j = v_j w_j alone, and convex in them on a polyhedral cone. Bas is the infimum over that cell.
"""

from typing import Any

from sympy import Eq, Expr, Ge, Le, Lt, Rational, Sum, Symbol, binomial, cos, exp, log, pi, sin, sqrt, symbols

from lemmata.theory.activations import relu
from lemmata.theory.caps import cap, cap_at_least, cap_bound, cone_split
from lemmata.theory.cells import cells, cells_of
from lemmata.theory.minima import minimum
from lemmata.theory.rules.bound_part import bound_part
from lemmata.theory.rules.convex_minimum import convex_minimum
from lemmata.theory.rules.fix_variables import fix_variables
from lemmata.theory.rules.inequality import at_least
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim


def slide(place: str) -> Source:
    """A place in the slides on this paper."""
    return Source("safran-shamir-2016", f"slides on it, {place}")


n, m, d, r, k = symbols("n m d r k", integer=True, positive=True)
i = Symbol("i", integer=True, nonnegative=True)
v, w1, w2, x1, x2, y1, y2 = symbols("v w_1 w_2 x_1 x_2 y_1 y_2", real=True)
a, b, c, e = symbols("a b c e", real=True)
s, t = symbols("s t", positive=True)

# Bilinear in (v, w), linear in u = v w (row S.12)

inside = w1 * x1 + w2 * x2

CONVEX = [
    Claim(
        "active-neuron-is-linear-in-u",
        Eq(v * relu(inside), (v * w1) * x1 + (v * w2) * x2),
        given=[Ge(inside, 0)],
        source=slide("observation before definition 2"),
        about="Where a neuron is active its output is linear in u = v w... (row S.12)",
    ),
    Claim(
        "inactive-neuron-is-silent",
        Eq(v * relu(inside), 0),
        given=[Le(inside, 0)],
        source=slide("observation before definition 2"),
        about="... and 0 where it is not: with fixed signs the predictions are linear in u (row S.12).",
    ),
    Claim(
        "square-loss-convex-in-u",
        Le(((a * x1 + b * x2 - y1) / 2 + (c * x1 + e * x2 - y1) / 2) ** 2, ((a * x1 + b * x2 - y1) ** 2 + (c * x1 + e * x2 - y1) ** 2) / 2),
        source=slide("observation before definition 2"),
        about="The square loss at the middle of u = (a, b) and (c, e) is at most the mean of those at the ends (row S.12).",
    ),
]

# How many cells (row S.13)

cover = 2 * Sum(binomial(m - 1, i), (i, 0, d - 1))
COUNTED = [Le(m, 7), Le(d, 4)]

NUMBER = [
    Claim(
        "cells-of-one-neuron",
        Eq(cells(m, d), cover),
        given=COUNTED,
        source=slide("definition 2, the number of parts"),
        about="One neuron has 2 sum_(i<d) C(m - 1, i) sign patterns on m points in general position: all are counted (row S.13).",
    ),
    Claim(
        "cells-by-dimension-printed",
        Le(cells(m, d), 2**d),
        given=COUNTED,
        source=slide("definition 2: A in {-1, +1}^(n x d)"),
        about="As printed a neuron would have d signs, so at most 2^d patterns: 3 points in the plane have 6 (row S.13).",
        expect="refuted",
    ),
    Claim(
        "cells-by-points",
        Le(cells(m, d), 2**m),
        given=COUNTED,
        source=slide("definition 2, with A in {-1, +1}^(n x m)"),
        about="Corrected: one sign for each point; most of the 2^m patterns are not realisable once m > d (row S.13).",
    ),
    Claim(
        "cells-of-a-network",
        Le((2 * cells(m, d)) ** n, (2 * cover) ** n),
        given=[*COUNTED, Le(n, 3)],
        source=slide("definition 2, the number of parts"),
        about="A network of n neurons has at most 2^n (2 sum_(i<d) C(m - 1, i))^n cells, the signs of v included (row S.13).",
    ),
    Claim(
        "cells-of-special-points",
        Lt(cells_of([[1, 0], [2, 0], [-3, 0], [0, 1], [0, 5]]), 2 * Sum(binomial(4, i), (i, 0, 1)), evaluate=False),
        source=slide("definition 2, the number of parts"),
        about="Repeated and collinear points have fewer: these five have 4 patterns, five in general position 10 (row S.13).",
    ),
]

# A flat local minimum on a cell that is not global (row S.14): x_1 = e_1, y_1 = -1, x_2 = e_2, y_2 = 1, one neuron, v >= 0


def loss(first: Any, second: Any) -> Expr:
    """The mean square error of u = (first, second), with both points active."""
    return ((first + 1) ** 2 + (second - 1) ** 2) / 2


u1, u2 = symbols("u_1 u_2", real=True)
q1, q2 = symbols("q_1 q_2", nonnegative=True)
infimum = minimum(loss(u1, u2), (u1, u2), [Ge(u1, 0), Ge(u2, 0)])
LOCAL = slide("definition 2, 'defines a basin'")
near = [Ge(v, 0), Ge(w1, w2), Ge(w2, Rational(1, 2)), Le(w1, 3), Le(v, 1)]

FLAT = [
    Claim(
        "flat-minimum-difference",
        Eq(loss(v * w1, v * w2) - 1, v * (w1 - w2) + v**2 * (w1**2 + w2**2) / 2),
        source=LOCAL,
        about="On the cell where both points are active the loss exceeds 1 by v(w_1 - w_2) + v^2 |w|^2/2... (row S.14)",
    ),
    Claim(
        "flat-minimum-is-local",
        Ge(loss(v * w1, v * w2), 1),
        given=near,
        source=LOCAL,
        about="... which is >= 0 all around w = (2, 1), v = 0: a local minimum of value 1 (row S.14).",
        derivation=lambda lhs: lhs.by(at_least, 1),
    ),
    Claim(
        "flat-minimum-is-not-global",
        Eq(infimum, Rational(1, 2)),
        source=LOCAL,
        about="The infimum over the cell is 1/2, at u = (0, 1): w = (0, 1), v = 1 (row S.14).",
    ),
    Claim(
        "local-minima-of-cells-are-global-printed",
        Le(loss(0 * w1, 0 * w2), infimum, evaluate=False),
        source=LOCAL,
        about="As printed every local minimum on a cell would be global: at v = 0, w = (2, 1) there is one of value 1 (row S.14).",
        expect="refuted",
    ),
]

at_w = loss(v * w1, v * w2)
better = loss(q1, q2)
along = loss((1 - t) * v * w1 + t * q1, (1 - t) * v * w2 + t * q2)

DESCENDS = [
    Claim(
        "cell-segment-is-convex",
        Le(along, (1 - t) * at_w + t * better),
        given=[Le(t, 1)],
        source=slide("definition 2, corrected"),
        about="Corrected: along the segment from u = v w to any u' = q of the cell the loss is at most the chord... (row S.14)",
        uses=["square-loss-convex-in-u"],
    ),
    Claim(
        "cell-segment-lifts",
        Eq(s * relu(((1 - t) * s * w1 + t * u1) / s), (1 - t) * s * w1 + t * u1),
        given=[Le(t, 1), Ge(w1, 0), Ge(u1, 0)],
        source=slide("definition 2, corrected"),
        about="... and where v = s is not 0 it lifts to wfactors near w with the same v: a local minimum with v != 0 is global (row S.14).",
    ),
    Claim(
        "cell-segment-lifts-from-zero",
        Eq(sqrt(t) * relu(sqrt(t) * u1), t * u1),
        given=[Le(t, 1), Ge(u1, 0)],
        source=slide("definition 2, corrected"),
        about="At v = 0 and w = 0 it lifts to w' = sqrt(t) u, v' = sqrt(t): these local minima are global too (row S.14).",
    ),
]

# More neurons never hurt (rows S.16, S.17)

p1 = Symbol("p_1", real=True)


def fit(predictions: Any) -> Expr:
    """The mean square error on two points with targets y_1 and y_2."""
    return ((predictions[0] - y1) ** 2 + (predictions[1] - y2) ** 2) / 2


first = [Ge(u1, 0), Le(u1, 4), Ge(u2, 0), Le(u2, 4)]
one = minimum(fit((u1, u2)), (u1, u2), first)
two = minimum(fit((u1 - p1, u2)), (u1, u2, p1), [*first, Ge(p1, 0), Le(p1, 4)])

WIDER = [
    Claim(
        "part-of-a-network",
        Le(two, one),
        given=[Le(y1**2, 4), Le(y2**2, 4)],
        source=slide("lemma 2"),
        about="A neuron more, negative and active on the first point: the least loss of a cell is at most that of its part (row S.16).",
        derivation=lambda lhs: lhs.by(fix_variables, {p1: 0}),
        uses=["inactive-neuron-is-silent"],
    ),
    Claim(
        "part-of-a-network-strictly",
        Lt(two, one),
        given=[Le(y1**2, 4), Le(y2**2, 4)],
        source=slide("lemma 2, read as a strict improvement"),
        about="It need not be smaller: where the part already reaches the best value nothing is gained (row S.17).",
        expect="refuted",
    ),
]

# Caps (rows S.18, S.19)

theta = Symbol("theta", positive=True)
p, delta = symbols("p delta", positive=True)
q = Symbol("q", nonnegative=True)
small = [Lt(p, 1), Lt(delta, 1), Ge(n, 1, evaluate=False)]
factor = Symbol("C", integer=True, positive=True)

CAPS = [
    Claim(
        "cap-probability-bound",
        Ge(cap(theta, r) / 2, cap_bound(theta, r)),
        given=[Ge(r, 2), Le(theta, pi / 2)],
        source=slide("theorem 3, the formula for p_eps"),
        about="p_eps is at most half the chance of a cap, at every rank r >= 2: it divides by r - 1 (row S.19).",
        derivation=lambda lhs: cap_at_least(lhs, theta, r),
    ),
    Claim(
        "cap-probability-plane",
        Eq(cap(theta, 2) / 2, theta / (2 * pi)),
        given=[Le(theta, pi)],
        source=slide("theorem 3, the formula for p_eps, at rank 2"),
        about="At rank 2 the exact chance is theta/(2 pi) against sin(theta)/(2 pi): sharp for small angles (row S.19).",
    ),
    Claim(
        "cap-bound-by-slopes",
        Ge(sin(theta) ** (r - 2), sin(theta) ** (r - 2) * cos(theta)),
        given=[Ge(r, 2), Le(theta, pi / 2)],
        source=slide("theorem 3, the formula for p_eps"),
        about="Why: the cap grows by sin^(r-2) with the angle, the bound by sin^(r-2) cos, and both begin at 0 (row S.19).",
        derivation=lambda lhs: lhs.by(at_least, sin(theta) ** (r - 2) * cos(theta)),
    ),
    Claim(
        "cap-bound-order",
        Ge((s * sqrt(1 - s**2 / 4)) ** (r - 1), (s * sqrt(3) / 2) ** (r - 1)),
        given=[Ge(r, 2), Le(s, 1)],
        source=slide("theorem 3, the order of p_eps"),
        about="With the chord s = sqrt(eps)/(n B) = 2 sin(theta/2) the power of s is r - 1: more than the printed rank (row S.19).",
        derivation=lambda lhs: lhs.by(bound_part, 1 - s**2 / 4, Rational(3, 4)),
    ),
    Claim(
        "cap-bound-loses-at-rank-three",
        Eq(cap(theta, 3) / 2, pi / (1 + cos(theta)) * cap_bound(theta, 3)),
        given=[Lt(theta, pi)],
        source=slide("theorem 3, the formula for p_eps, at rank 3"),
        about="At rank 3 the exact chance is pi/(1 + cos(theta)) times the formula: 1.57 times for small angles (row S.19).",
    ),
    Claim(
        "cap-bound-order-printed",
        Ge((s * sqrt(3) / 2) ** (r - 1), (sqrt(3) / 2) ** (r - 1) * s**r),
        given=[Ge(r, 2), Le(s, 1)],
        source=slide("theorem 3, p_eps = Omega((sqrt(eps)/(n B))^rank)"),
        about="As printed, with the power rank: true, and weaker by a factor s <= 1 (row S.19).",
    ),
    LOGARITHM := Claim(
        "logarithm-below-its-tangent",
        Ge(-log(1 - q) - q, 0),
        given=[Lt(q, 1)],
        source=slide("theorem 3, the proof"),
        about="log(1 - q) <= -q: N neurons that each serve with chance q all miss with chance (1 - q)^N <= e^(-q N) (row S.18).",
        derivation=lambda lhs: lhs.by(convex_minimum, q, 0),
    ),
    Claim(
        "width-that-suffices",
        Le(n * exp(log(n / delta) / p * log(1 - p)), delta),
        given=small,
        source=slide("theorem 3, improved: width ln(n/delta)/p"),
        about="Width ln(n/delta)/p suffices for failure delta: n (1 - p)^N <= delta, where theorem 3 asks for c n/p (row S.18).",
        uses=[LOGARITHM],
        derivation=lambda lhs: lhs.by(bound_part, 1 - p, exp(-p)),
    ),
    Claim(
        "width-of-theorem-three",
        Le(n * exp(factor * n / p * log(1 - p)), exp(-factor * n / 4)),
        given=[Lt(p, 1), Ge(factor, 2)],
        source=slide("theorem 3"),
        about="The theorem's width c n/p: some teacher is missed with chance at most n (1 - p)^(c n/p) <= e^(-c n/4) (row S.18).",
        uses=[LOGARITHM],
        derivation=lambda lhs: lhs.by(bound_part, 1 - p, exp(-p)).by(
            bound_part, n * exp(-factor * n), exp(-factor * n / 4), (Symbol("t", positive=True), n)
        ),
    ),
]

# Cones around clusters (rows S.22, S.23)


radius = 2 * sin(sqrt(2 * pi) / (16 * d * sqrt(d)))
DIMENSIONS = [Ge(d, 2), Le(d, 12)]

CONES = [
    Claim(
        "cluster-rarely-split",
        Le(cone_split(radius, d), 1 / (4 * d)),
        given=DIMENSIONS,
        source=slide("theorem 5, the cone condition"),
        about="Where delta/|c| <= 2 sin(sqrt(2 pi)/(16 d sqrt(d))) a neuron splits a cluster with chance at most 1/(4 d) (row S.23).",
    ),
    Claim(
        "cluster-rarely-split-twice-the-radius",
        Le(cone_split(2 * radius, d), 1 / (2 * d)),
        given=DIMENSIONS,
        source=slide("theorem 5, the cone condition, improved"),
        about="Twice the radius costs no more than twice the chance, and 1/(2 d) is all that the rate 7/8 needs (row S.23).",
    ),
    Claim(
        "good-neuron-chance",
        Ge((1 - k / (4 * d)) / 4, Rational(3, 16)),
        given=[Le(k, d)],
        source=slide("theorem 5, improved by the symmetry w -> -w"),
        about="A neuron splits no cluster with chance >= 1 - k/(4 d), and has the two signs asked for in 1/4 of these cases (row S.22).",
        uses=["neuron-active-half-of-the-time"],
    ),
    Claim(
        "clusters-sharper-bound",
        Le(k * Rational(13, 16) ** n, d * Rational(7, 8) ** n),
        given=[Le(k, d)],
        source=slide("theorem 5, improved"),
        about="So theorem 5 holds with k (13/16)^n in place of d (7/8)^n, which is larger (row S.22).",
        uses=["good-neuron-chance"],
        derivation=lambda lhs: lhs.by(bound_part, k, d).by(bound_part, Rational(13, 16), Rational(7, 8)),
    ),
    Claim(
        "clusters-without-independent-centres",
        Le(minimum(((a - 1) ** 2 + (2 * a - 1) ** 2) / 2, a, []), 0),
        source=slide("theorem 5, as printed: nothing is asked of the centres"),
        about="With c_2 = 2 c_1, targets 1 and 1, and delta = 0, the value O(delta^2) would be 0: homogeneity leaves 1/10 (row S.22).",
        expect="refuted",
    ),
    Claim(
        "clusters-on-one-ray",
        Eq(minimum(((a - 1) ** 2 + (2 * a - 1) ** 2) / 2, a, []), Rational(1, 10)),
        source=slide("theorem 5, corrected: the centres are independent"),
        about="No width helps there: N(2 c) = 2 N(c) for every network without biases (row S.22).",
    ),
]
