"""Deep linear networks of given depth under gradient descent and gradient flow, from the identity and in one dimension.

From W_k = 1 with a symmetric target all layers stay one polynomial in it, so that everything happens in one dimension: the loss
(w_1 ... w_K - r)^2/2 from w_k = 1. Flow conserves w_k^2 - w_j^2 and has closed forms; for r <= 0 it tends to 0, while long steps of
descent with an odd number of layers may jump over 0. Descent converges from the identity where
alpha <= 1/(K max(1, r^(2 - 2/K))), a condition that the printed theorem does not name and cannot do without.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Lambda, Le, Lt, Mul, Ne, Rational, Symbol, exp, expand, symbols

from lemmata.theory.recursion import iterate
from lemmata.theory.rules.approach import approach_at_rate
from lemmata.theory.rules.bernoulli_flow import bernoulli_flow
from lemmata.theory.rules.conserved import conserved
from lemmata.theory.rules.descent_steps import first_step
from lemmata.theory.rules.equal_layers import equal_layers
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent, flow
from lemmata.verify.claim import Claim

FLOW = Source("yarotsky-lecture", "slide on linear networks, one-dimensional dynamics")
STUCK = Source("yarotsky-lecture", "slide on linear networks, exercise: r > 0 and r <= 0")
THEOREM = Source("bartlett-2018", "theorem 1, descent from the identity")

a, b, c, h, r = symbols("a b c h r", real=True)
s, t, u, alpha, rho, theta = symbols("s t u alpha rho theta", positive=True)
N = Symbol("N", integer=True, positive=True)


def layers(depth: int) -> tuple[Any, ...]:
    """The weights w_1, ..., w_K of one dimension."""
    return symbols(f"w_1:{depth + 1}", real=True)


def loss(depth: int, target: Any = r) -> Any:
    """(w_1 ... w_K - r)^2/2."""
    return (Mul(*layers(depth)) - target) ** 2 / 2


def ones(depth: int, start: Any = 1) -> dict[Any, Any]:
    """Every layer at the same start."""
    return dict.fromkeys(layers(depth), start)


def product(depth: int) -> Any:
    """q = w_1 ... w_K."""
    return Mul(*layers(depth))


# Flow: invariants and closed forms.

INVARIANTS = [
    Claim(
        f"linear-flow-invariant-depth-{depth}-layers-{i}-{j}",
        Eq(
            flow(loss(depth), dict(zip(layers(depth), (a, b, c), strict=False)))[t, layers(depth)[i - 1] ** 2 - layers(depth)[j - 1] ** 2],
            (a, b, c)[i - 1] ** 2 - (a, b, c)[j - 1] ** 2,
        ),
        given=[Le(x**2, 1) for x in (a, b, c)[:depth]] + [Le(r**2, 4), Le(t, 2)],
        source=FLOW,
        about="Flow conserves w_k^2 - w_j^2: each square grows at the rate 2 q (r - q) (row Y.48).",
        derivation=lambda lhs: lhs.by(conserved),
    )
    for depth, i, j in ((3, 1, 3),)
]

CLOSED = [
    Claim(
        "linear-flow-one-layer",
        Eq(flow(loss(1), ones(1))[t, product(1)], r + (1 - r) * exp(-t)),
        given=[Le(r**2, 9), Le(t, 5)],
        source=FLOW,
        about="One layer relaxes exponentially, r of any sign (row Y.48).",
    ),
    Claim(
        "linear-flow-two-layers",
        Eq(flow(loss(2), ones(2))[t, product(2)], r * exp(2 * r * t) / (r - 1 + exp(2 * r * t))),
        given=[Ne(r, 0), Le(r**2, 4), Le(t, 3)],
        source=FLOW,
        about="Two layers follow the logistic curve, r of any sign but 0 (row Y.48).",
        derivation=lambda lhs: lhs.by(equal_layers).by(bernoulli_flow),
    ),
]

STUCK_TWO = Claim(
    "linear-flow-stuck-two-layers",
    Eq(flow(loss(2, -rho), ones(2))[t, product(2)], rho / ((1 + rho) * exp(2 * rho * t) - 1)),
    given=[Le(rho, 2), Le(t, 4)],
    source=STUCK,
    about="For r = -rho < 0 two layers tend to 0, q like e^(-2 |r| t) and each of them like e^(-|r| t) (row Y.49).",
    derivation=lambda lhs: lhs.by(equal_layers).by(bernoulli_flow),
)

# With the step that the theorem needs, alpha = theta/(K max(1, r^(2 - 2/K))) and theta <= 1, descent converges without ever overshooting.


def one_map(depth: int, w: Any) -> Any:
    """w + alpha w^(K-1) (r - w^K)."""
    return w + alpha * w ** (depth - 1) * (r - w**depth)


def rate(depth: int, above: bool) -> Any:
    """The factor of the slowest step: the first one where s >= 1, the last ones where s <= 1."""
    slowest = sum(s**j for j in range(depth)) if above else depth * s ** (2 * depth - 2)
    return expand(1 - bounded_step(depth, above) * slowest)


def bounded_step(depth: int, above: bool) -> Any:
    """theta/(K max(1, s^(2K-2))), r = s^K."""
    return theta / (depth * s ** (2 * depth - 2)) if above else theta / depth


CONVERGENCE = [
    *(
        Claim(
            f"linear-descent-map-depth-{depth}",
            Eq(
                descent(loss(depth), ones(depth), alpha)[N, layers(depth)[0]],
                iterate(Lambda(layers(depth)[0], expand(one_map(depth, layers(depth)[0]))), 1, N),
            ),
            given=[Le(r**2, 1), Le(alpha, Rational(1, 4)), Le(N, 20)],
            source=THEOREM,
            about="From w_k = 1 all layers stay equal: w <- w + alpha w^(K-1) (r - w^K), at any number of steps (row Y.47).",
            derivation=lambda lhs: lhs.by(equal_layers),
        )
        for depth in (3,)
    ),
    *(
        Claim(
            f"linear-descent-converges-{'above' if above else 'below'}-depth-{depth}",
            Le(
                Abs(descent(loss(depth, s**depth), ones(depth), bounded_step(depth, above))[N, layers(depth)[0]] - s),
                rate(depth, above) ** N * Abs(1 - s),
            ),
            given=[*((Ge(s, 1), Le(s, 2)) if above else (Le(s, 1),)), Le(theta, 1), Le(N, 30)],
            source=THEOREM,
            about="For alpha <= 1/(K max(1, r^(2 - 2/K))) descent converges to s = r^(1/K), at this rate (row Y.50)...",
            derivation=lambda lhs: lhs.by(equal_layers).by(approach_at_rate, s),
        )
        for depth in (3,)
        for above in (True, False)
    ),
]

# The missing step size, and the jump over 0.

COUNTEREXAMPLES = [
    Claim(
        "linear-descent-converges-printed",
        Le(descent(loss(10), ones(10), alpha)[N, loss(10)], (1 - r) ** 2 / 2),
        given=[Ge(r, 1), Le(r, 4), Le(alpha, Rational(1, 10)), Le(N, 12)],
        source=Source("yarotsky-lecture", "slide on linear networks, theorem of Bartlett et al. without a step size"),
        about="As printed, without a step size, descent converges from the identity: at K = 10, r = 4, alpha = 1/10 two steps overshoot "
        "beyond every bound (row Y.50).",
        expect="refuted",
    ),
    Claim(
        "linear-descent-caught-at-zero",
        Ge(descent(loss(5, 4), ones(5), Rational(1, 10))[N, loss(5, 4)], 8),
        given=[Ge(N, 16), Le(N, 80)],
        source=THEOREM,
        about="Five layers, r = 4, alpha = 1/10: at step 16 descent jumps to w = -0.36 and then creeps towards the saddle 0: it stays "
        "above the loss of the saddle, r^2/2 (row Y.50)...",
    ),
    *(
        Claim(
            f"linear-descent-{name}-zero",
            statement,
            given=[Le(u, 1)],
            source=THEOREM,
            about=about,
            derivation=lambda lhs: lhs.by(first_step),
        )
        for name, statement, about in (
            (
                "never-crosses",
                Le(descent(loss(5, 4), ones(5, -u), Rational(1, 10))[1, layers(5)[0]], 0),
                "... for ever: no step leads from [-1, 0] across 0 (row Y.50)...",
            ),
            (
                "moves-to",
                Ge(descent(loss(5, 4), ones(5, -u), Rational(1, 10))[1, layers(5)[0]], -u),
                "... and each one leads towards it (row Y.50).",
            ),
        )
    ),
    Claim(
        "linear-descent-stuck-printed",
        Ge(descent(loss(3, -1), ones(3), alpha)[N, loss(3, -1)], Rational(1, 2)),
        given=[Lt(alpha, 1), Le(N, 20)],
        source=STUCK,
        about="As printed, descent is stuck at q >= 0 where r <= 0: with three layers, r = -1 and alpha = 3/5 it jumps over 0 (row Y.49).",
        expect="refuted",
    ),
    Claim(
        "linear-descent-escapes",
        Le(descent(loss(3, -1), ones(3), Rational(3, 5))[N, loss(3, -1)], Rational(1, 10**9)),
        given=[Ge(N, 60), Le(N, 90)],
        source=STUCK,
        about="... and solves the task, w = -1 (row Y.49).",
    ),
]
