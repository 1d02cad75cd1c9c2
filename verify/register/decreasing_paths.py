"""The strictly decreasing path to the loss of another network: built, walked, and what its proof needs.

L(P) is a convex loss of the predictions, W^(s) the straight line between two networks, and the last layer is rescaled by the c for
which L(c P(W^(s))) has a prescribed value. That value decreases; c is unique because c -> L(c P) is convex and below it at c = 0.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Le, Limit, Lt, Max, Rational, exp, log, oo, symbols

from lemmata.theory.decreasing_path import (
    DecreasingPath,
    absolute_loss,
    cross_entropy,
    decreasing_path,
    logistic_loss,
    squared_loss,
)
from lemmata.theory.rules.bound_part import bound_part
from lemmata.theory.rules.limit_inside import limit_inside
from lemmata.theory.rules.triangle import reverse_triangle
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

THEOREM = Source("safran-shamir-2016", "Theorem 1")
PROOF = Source("safran-shamir-2016", "proof of Theorem 1, the values v^(lambda)")
END = Source("safran-shamir-2016", "proof of Theorem 1, where the path ends")
CONDITION = Source("safran-shamir-2016", "Theorem 1, the remark on the first condition")

s, h, p, q, y = symbols("s h p q y", real=True)


def drawn(sizes: tuple[int, ...], root: int) -> list[list[list[Rational]]]:
    """A network of these sizes: quarters from -3/2 to 3/2, by the powers of a root modulo 10007."""
    place = 0
    layers: list[list[list[Rational]]] = []
    for fan_in, width in zip(sizes, sizes[1:], strict=False):
        last = len(layers) == len(sizes) - 2
        columns = fan_in + (not last)
        block = [
            [Rational(pow(root, place + row * columns + col + 1, 10007) % 13 - 6, 4) for col in range(columns)] for row in range(width)
        ]
        place, layers = place + width * columns, [*layers, block]
    return layers


INPUTS = [[Rational(entry, 2) for entry in row] for row in ((1, -2, 3, 0, -1, 2, 2), (2, 1, -1, -3, -2, 1, 1))]
"""Seven points of the plane; the last is the one before it, and has another label below."""

NUMBERS = [[Rational(entry, 2) for entry in (2, -1, 3, 0, 1, -2, -1)]]
SIGNS = [[1, -1, 1, 1, -1, 1, -1]]
CLASSES = [[1, 0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1, 0]]


def between(depth: int, loss: Any, targets: Any, roots: tuple[int, int]) -> DecreasingPath:
    """The path between two networks with this many hidden layers of four units."""
    sizes = (2, *[4] * depth, len(targets))
    return decreasing_path(drawn(sizes, roots[0]), drawn(sizes, roots[1]), INPUTS, targets, loss)


# Walked: every step of thousands is enclosed, for 1 to 4 hidden layers and for four losses.

ROOTS = {1: (21, 61), 2: (2, 42), 3: (5, 45), 4: (33, 73)}
squares = {depth: between(depth, squared_loss, NUMBERS, ROOTS[depth]) for depth in ROOTS}
others = {
    "absolute": between(2, absolute_loss, NUMBERS, (2, 42)),
    "logistic": between(2, logistic_loss, SIGNS, (2, 42)),
    "cross-entropy": between(2, cross_entropy, CLASSES, (4, 44)),
}


def conditions(name: str) -> tuple[str, ...]:
    """What makes of falling steps a path that falls everywhere."""
    lemmas = ("unique-crossing", "prescribed-values-fall", "prescribed-value-last")
    return (*lemmas, f"first-condition-whole-line-{name}", f"second-condition-{name}")


WALKED = [
    *(
        Claim(
            f"decreasing-path-depth-{depth}",
            Lt(path.largest_step(2048), 0),
            source=THEOREM,
            about=f"{depth} hidden layers of ReLU, squared loss: each of 2048 steps of the path leads down (rows S.4, S.5).",
            uses=[*conditions(f"depth-{depth}"), f"decreasing-path-last-segment-depth-{depth}"],
        )
        for depth, path in squares.items()
    ),
    *(
        Claim(
            f"decreasing-path-{name}",
            Lt(path.largest_step(2048), 0),
            source=THEOREM,
            about=f"The same with two hidden layers and the {name} loss, on data that no network separates (rows S.4, S.5, S.8).",
            uses=conditions(name),
        )
        for name, path in others.items()
    ),
    Claim(
        "decreasing-path-anywhere",
        Lt(squares[2].loss(s + h), squares[2].loss(s)),
        given=[Ge(s, 0), Gt(h, 0), Le(s + h, 2)],
        source=THEOREM,
        about="Between any two places of the path, and not only from one step to the next, the loss falls (row S.5).",
    ),
]

# With one c for the whole line the first condition holds at every lambda, so that the theorem applies to each of these paths as a whole.

WHOLE = [
    *(
        Claim(
            f"first-condition-whole-line-depth-{depth}",
            Gt(path.least_on_line(64), path.on_ray(1, 0)),
            source=THEOREM,
            about=f"{depth} hidden layers: L(c P(W^(lambda))) > L_0 for c = 64 and all lambda in [0, 1] at once (row S.5).",
        )
        for depth, path in squares.items()
    ),
    *(
        Claim(
            f"first-condition-whole-line-{name}",
            Gt(path.least_on_line(64), path.on_ray(1, 0)),
            source=THEOREM,
            about=f"The same for the {name} loss, on data that no network of the line separates (rows S.5, S.8).",
        )
        for name, path in others.items()
    ),
    *(
        Claim(
            f"second-condition-{name}",
            Gt(path.on_ray(1, 0), path.on_ray(0, 0)),
            source=THEOREM,
            about=f"The start lies above the zero network, L(P(W_0)) > L(0): {name} (row S.5).",
        )
        for name, path in [*((f"depth-{depth}", path) for depth, path in squares.items()), *others.items()]
    ),
]

# Points are not enough: on this line the predictions vanish at 2/3, between two of the points that are walked.

broken = between(4, squared_loss, NUMBERS, (5, 45))
factor = symbols("c", positive=True)

BROKEN = [
    Claim(
        "line-through-zero-walked",
        Lt(broken.largest_step(2048), 0),
        source=CONDITION,
        about="Four hidden layers whose line passes P = 0 at lambda = 2/3: each of 2048 steps still leads down (row S.8)...",
    ),
    Claim(
        "line-through-zero",
        Eq(broken.on_ray(factor, Rational(2, 3)), broken.on_ray(0, 0)),
        source=CONDITION,
        about="... but there no c gives another loss than L(0): c jumps to infinity, and the path is torn (row S.8).",
    ),
    Claim(
        "line-through-zero-first-condition",
        Gt(broken.least_on_line(2**20), broken.on_ray(1, 0)),
        source=CONDITION,
        about="As printed, losses that get large far from the origin satisfy the first condition: P must not vanish on the line (row S.8).",
        expect="refuted",
    ),
]

deep = squares[3]
start, end, origin = deep.on_ray(1, 0), deep.on_ray(1, 1), deep.on_ray(0, 1)

ENDS = [
    Claim(
        "decreasing-path-begins-at-the-start",
        Eq(deep.scale(0), 1),
        source=PROOF,
        about="At lambda = 0 the prescribed value is L_0 = L(1 P(W_0)): the path begins at the given network itself (row S.6).",
    ),
    Claim(
        "decreasing-path-prescribed-loss",
        Eq(deep.loss(s), (1 - s / 3) * start + s / 3 * Max(origin, end)),
        given=[Ge(s, 0), Le(s, 1)],
        source=PROOF,
        about="On the line the rescaled network has the loss (1 - s/3) L_0 + (s/3) max(L(0), L_1) (row S.6).",
    ),
    Claim(
        "decreasing-path-end-printed",
        Eq(deep.loss(1), end),
        source=END,
        about="As printed, the path on [0, 1] leads to the value of the given path's end: it stops far above (row S.7).",
        expect="refuted",
    ),
    Claim(
        "decreasing-path-end-of-line",
        Eq(deep.loss(1), 2 * start / 3 + Max(origin, end) / 3),
        source=END,
        about="At lambda = 1 the loss is 2/3 L_0 + 1/3 max(L(0), L_1) (row S.7)...",
    ),
    *(
        Claim(
            f"decreasing-path-last-segment-depth-{depth}",
            Eq(path.loss(2), path.on_ray(1, 1)),
            source=END,
            about="... and a last segment, the last layer of W_1 scaled down, leads to L(P(W_1)) (row S.7).",
        )
        for depth, path in squares.items()
    ),
]

# What the proof takes from convexity, and the order of the prescribed values: M is max{L(0), L_1}, and L_0 = M + g.

M, v = symbols("M v", real=True)
g, eps, c, d, a = symbols("g epsilon c d a", positive=True)
b, lam = symbols("b lambda", nonnegative=True)


def prescribed(at: Any) -> Any:
    """v^(lambda) for 0 <= lambda <= 2."""
    return (1 - Rational(1, 3) * at) * (M + g) + Rational(1, 3) * at * M


ORDER = [
    Claim(
        "unique-crossing",
        Lt(d / (c + d) * (v - a) + c / (c + d) * (v - b), v),
        source=Source("safran-shamir-2016", "proof of Theorem 1, uniqueness of c~^(lambda)"),
        about="phi convex, phi(0) = v - a < v and phi(c + d) = v - b <= v: at c its chord, and so phi, is below v: one crossing (row S.5).",
    ),
    Claim(
        "prescribed-value-first",
        Lt(M + g + eps / 2, M + g + eps, evaluate=False),
        source=PROOF,
        about="v^(-1) = L_0 + eps/2 lies below L_0 + eps, which the first condition reaches (row S.6).",
    ),
    Claim(
        "prescribed-values-fall-before",
        Lt(M + g - (lam - 1 + d) * eps / 2, M + g - (lam - 1) * eps / 2),
        source=PROOF,
        about="Before 0, v^(lambda - 1) = L_0 - (lambda - 1) epsilon/2: it strictly decreases from v^(-1) to L_0 (row S.6).",
    ),
    Claim(
        "prescribed-values-fall",
        Lt(prescribed(lam + d), prescribed(lam)),
        source=PROOF,
        about="v^(lambda) = (1 - lambda/3) L_0 + (lambda/3) M strictly decreases, for all lambda >= 0 (row S.6).",
    ),
    Claim(
        "prescribed-value-last",
        Gt(prescribed(2), M, evaluate=False),
        source=PROOF,
        about="v^(2) still lies above M = max(L(0), L_1), so that the ray crosses it (row S.6).",
    ),
    Claim(
        "prescribed-value-last-below-end",
        Le(prescribed(2), M, evaluate=False),
        source=PROOF,
        about="The value prescribed does not reach M even at lambda = 2 (row S.7).",
        expect="refuted",
    ),
]

# The first condition: L(c P) grows beyond every bound where the loss does, which the logistic loss does on one side only.

CONDITIONS = [
    Claim(
        "squared-loss-grows-on-every-ray",
        Ge((a * p - y) ** 2, a**2 * p**2 / 2 - y**2),
        source=CONDITION,
        about="Squared loss: at least c^2 p^2/2 - y^2, so that c reaches every value where some prediction p is not 0 (row S.8).",
    ),
    Claim(
        "absolute-loss-grows-on-every-ray",
        Ge(Abs(a * p - y), a * Abs(p) - Abs(y)),
        source=CONDITION,
        about="Absolute loss: at least c |p| - |y| (row S.8).",
        derivation=lambda lhs: lhs.by(reverse_triangle, a * p, -y),
    ),
    Claim(
        "logistic-loss-grows-where-wrong",
        Ge(log(1 + exp(c)), c),
        source=CONDITION,
        about="Logistic loss of an example whose margin on the ray is -c < 0: at least c, so that one wrong example suffices (row S.8).",
        derivation=lambda lhs: lhs.by(bound_part, 1 + exp(c), exp(c)),
    ),
    Claim(
        "cross-entropy-grows-where-wrong",
        Ge(log(exp(p) + exp(q)) - p, q - p),
        source=CONDITION,
        about="Cross-entropy: at least q - p, where the right class has p and another one q > p, both growing with c (row S.8).",
        derivation=lambda lhs: lhs.by(bound_part, exp(p) + exp(q), exp(q)),
    ),
    Claim(
        "logistic-loss-capped-where-separated",
        Lt(log(1 + exp(-c)), log(2)),
        source=CONDITION,
        about="Where every margin is positive L(c P) stays below log 2 = L(0) < L_0 for all c > 0: the condition fails (row S.8).",
    ),
    Claim(
        "logistic-loss-large-far-away",
        Ge(Limit(log(1 + exp(-c)), c, oo), log(2)),
        source=CONDITION,
        about="As printed, the loss gets very large far from the origin: on a ray with margins c it does not even reach L(0) (row S.8).",
        expect="refuted",
    ),
    Claim(
        "logistic-loss-small-far-away",
        Eq(Limit(log(1 + exp(-c)), c, oo), 0),
        source=CONDITION,
        about="The logistic loss on such a ray tends to 0 (row S.8).",
        derivation=lambda lhs: lhs.by(limit_inside, exp(-c)),
    ),
]
