"""Deep linear networks of one dimension with any number K of layers: gradient flow from the identity, for every K at once.

Equal layers w move as w' = w^(K-1) (r - w^K), which is the flow of (w^K - r)^2/(2K), and their product q = w^K moves as
q' = K q^(2 - 2/K) (r - q). For r > 0 the distance from s = r^(1/K) falls exponentially, near the solution at the rate K r^(2 - 2/K).
For r < 0 and K >= 3 the flow tends to w = 0 like (|r| (K - 2) t)^(-1/(K - 2)), between two bounds that differ by a constant shift of
time; for r = 0 it is a power law itself.
"""

from typing import Any

from sympy import Eq, Ge, Le, Rational, Symbol, exp, sqrt, symbols

from lemmata.theory.rules.bernoulli_flow import bernoulli_flow
from lemmata.theory.rules.conserved import conserved
from lemmata.theory.rules.power_flow import change_of_variable, power_lags, power_law_floor, power_speed
from lemmata.theory.source import Source
from lemmata.theory.trajectory import flow
from lemmata.verify.claim import Claim

FLOW = Source("yarotsky-lecture", "slide on linear networks, one-dimensional dynamics")
STUCK = Source("yarotsky-lecture", "slide on linear networks, exercise: r > 0 and r <= 0")

K = Symbol("K", integer=True, positive=True)
a, b, r, w = symbols("a b r w", real=True)
c, q, s, t, h, rho = symbols("c q s t h rho", positive=True)


def equal(target: Any, start: Any = 1, layers: Any = K, at: Any = w) -> Any:
    """K equal layers along the flow: w' = w^(K-1) (target - w^K)."""
    return flow((w**layers - target) ** 2 / (2 * layers), {w: start})[t, at]


deep = K + 1
product = flow(deep * (q ** (4 - 2 / deep) / (4 - 2 / deep) - r * q ** (3 - 2 / deep) / (3 - 2 / deep)), {q: 1})[t, q]
"""q' = K q^(2 - 2/K) (r - q) with K + 1 for K, from q = 1."""

PRODUCT = [
    Claim(
        "linear-flow-product-every-depth",
        Eq(equal(r, 1, deep, w**deep), product),
        given=[Le(r**2, 4), Le(t, 1), Le(K, 4)],
        source=FLOW,
        about="The product of K + 1 >= 2 equal layers moves as q' = (K + 1) q^(2 - 2/(K + 1)) (r - q), r of any sign (row Y.48).",
        derivation=lambda lhs: lhs.by(change_of_variable, product),
        uses=["linear-descent-step-every-depth"],
    ),
    Claim(
        "linear-flow-invariant-every-depth",
        Eq(flow((a * b * (c / sqrt(K)) ** K - r) ** 2 / 2, {a: 1, b: h, c: sqrt(K) * s})[t, a**2 - b**2], 1 - h**2),
        given=[Le(r**2, 4), Le(t, 1), Le(K, 4), Le(h, 1), Le(s, 1)],
        source=FLOW,
        about="K + 2 layers, K of them equal to c/sqrt(K): flow conserves w_k^2 - w_j^2, whatever K (row Y.48)...",
        derivation=lambda lhs: lhs.by(conserved),
    ),
    Claim(
        "linear-flow-invariant-equal-every-depth",
        Eq(flow((a * b * (c / sqrt(K)) ** K - r) ** 2 / 2, {a: 1, b: h, c: sqrt(K) * s})[t, a**2 - c**2 / K], 1 - s**2),
        given=[Le(r**2, 4), Le(t, 1), Le(K, 4), Le(h, 1), Le(s, 1)],
        source=FLOW,
        about="... also between a layer and one of the K equal ones (row Y.48).",
        derivation=lambda lhs: lhs.by(conserved),
    ),
    Claim(
        "linear-flow-no-target-every-depth",
        Eq(equal(0, 1, deep), (1 + 2 * K * t) ** (-1 / (2 * K))),
        given=[Le(t, 10), Le(K, 5)],
        source=FLOW,
        about="For r = 0 and K + 1 >= 2 layers w = (1 + 2 K t)^(-1/(2K)) (rows Y.48, Y.49).",
        derivation=lambda lhs: lhs.by(bernoulli_flow),
        uses=["linear-descent-step-every-depth"],
    ),
]

# r > 0: two-sided exponential bounds from any start above the solution; with h -> 0 both rates tend to K r^(2 - 2/K).


def at_rate_of(end: Any) -> Any:
    """The derivation that compares every rate on the way with the one at an end of it."""
    return lambda lhs: lhs.by(power_speed, s, K - 1, K, end)


TOWARDS = [
    Claim(
        f"linear-flow-{name}-every-depth",
        relation(equal(s**K, s * (1 + h)), s + s * h * exp(-K * end ** (2 * K - 2) * t)),
        given=[Le(s, Rational(3, 2)), Le(h, 1), Le(t, 1), Le(K, 4)],
        source=STUCK,
        about=about,
        derivation=at_rate_of(end),
    )
    for name, relation, end, about in (
        ("slowest", Le, s, "For r > 0 the distance from s = r^(1/K) falls at least at the rate K r^(2 - 2/K), for every K (row Y.49)..."),
        ("fastest", Ge, s * (1 + h), "... and from s (1 + h) at most at (1 + h)^(2K - 2) times that: the rate near s (row Y.49)."),
    )
]

# r = -rho < 0 and K + 2 >= 3 layers.

stuck = equal(-rho, 1, K + 2)
after_while = [Le(rho, 2), Le(t, 5), Le(K, 4)]

STUCK_CLAIMS = [
    Claim(
        "linear-flow-stuck-above-every-depth",
        Le(stuck, (1 + K * rho * t) ** (-1 / K)),
        about="For r = -rho < 0 and K + 2 >= 3 layers w stays below the power law (1 + K rho t)^(-1/K), for every K (row Y.49)...",
        derivation=lambda lhs: lhs.by(power_lags, lambda x: -rho * x ** (K + 1)).by(bernoulli_flow),
        given=after_while,
        source=STUCK,
    ),
    Claim(
        "linear-flow-stuck-below-every-depth",
        Ge(stuck, (1 + K * rho * t + K / (2 * rho)) ** (-1 / K)),
        about="... and above the same power law K/(2 rho) later in K rho t: w ~ (rho K t)^(-1/K) for every K (row Y.49).",
        derivation=lambda lhs: lhs.by(power_law_floor),
        given=after_while,
        source=STUCK,
    ),
    Claim(
        "linear-flow-stuck-below-printed",
        Ge(stuck, (1 + K * rho * t) ** (-1 / K)),
        about="Not the power law itself: the flow is faster at first (row Y.49).",
        expect="refuted",
        given=after_while,
        source=STUCK,
    ),
]
