"""Clustered data (theorem 5): how often each cluster has a good neuron, and what the value of a basin then is.

A neuron is good for a cluster if it splits none, is active on all of this one, and has the output sign of its target. Under the cone
condition one neuron is good for a given cluster with chance at least 3/16, so that all k clusters have one with chance
1 - k (13/16)^n; then Bas <= delta^2 (2 |z|_1/(sigma - delta sqrt(k - 1)) + gamma)^2 (`lemmata.numerics.basins.clusters`).
"""

from typing import Any

from sympy import Eq, Ge, Le, Limit, Lt, Rational, sqrt, symbols
from sympy.stats import Expectation, Probability

from lemmata.theory.basins import Demand
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.rules.bound_part import bound_part
from lemmata.verify.claim import Claim
from lemmata.verify.register.basin_starts import AT_ONCE, LAWS, NAMED, law, slide, tensor

n, k, d = symbols("n k d", integer=True, positive=True)
h = symbols("h", integer=True, nonnegative=True)
rate = Rational(13, 16)

CENTRES = [[4.0, 0.0, 0.0], [1.0, 4.0, 0.0], [0.0, -1.0, 4.0]]
OFFSETS = [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]


def clustered(centres: Any, relative: float) -> tuple[list[list[float]], list[int]]:
    """Points around each centre at this part of its norm, and the number of their cluster."""
    rows, cluster = [], []
    for number, centre in enumerate(centres):
        length = sum(entry**2 for entry in centre) ** 0.5 * relative
        for offset in OFFSETS:
            if any(offset[: len(centre)]):
                rows.append([a + length * b for a, b in zip(centre, offset, strict=False)])
                cluster.append(number)
    return rows, cluster


WANTED = (Demand(0, 1, 1), Demand(1, 1, -1), Demand(2, 1, 1))
"""Each of three clusters asks for an active neuron, with outputs of signs +, - and +."""


def cones(device: str) -> list[Any]:
    """The three clusters of R^3 at the radius of the cone condition."""
    import math

    rows, cluster = clustered(CENTRES, 2 * math.sin(math.sqrt(2 * math.pi) / (16 * 3 * math.sqrt(3))))
    return [tensor([row for row, number in zip(rows, cluster, strict=True) if number == chosen], device) for chosen in range(3)]


@experiment(block=AT_ONCE)
def clusters_served(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether each of three clusters in R^3, at the radius of the cone condition, has a good neuron."""
    from lemmata.numerics.basins.packed import events

    return events(law, n, cones(device), WANTED, size=size, rng=rng, device=device)


@experiment(bounds=(0, 1), block=AT_ONCE)
def clusters_share(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The chance of that given the neurons up to their signs."""
    from lemmata.numerics.basins.packed import shares

    return shares(law, n, cones(device), WANTED, size=size, rng=rng, device=device)


@experiment(block=AT_ONCE)
def unsplit(law: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether one neuron splits none of the three clusters."""
    from lemmata.numerics.basins.packed import states
    from lemmata.numerics.basins.starts import start

    weights, _ = start(law, size, 1, 3, rng, device)
    return states(weights, cones(device))[1][0]


@experiment(block=AT_ONCE)
def good_for_the_second(law: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether it is good for the second of them."""
    from lemmata.numerics.basins.packed import events

    return events(law, 1, cones(device), WANTED[1:2], size=size, rng=rng, device=device)


x, total = symbols("x s", nonnegative=True)
q = symbols("q", positive=True)

STARTS = [
    Claim(
        "clusters-rarely-split-by-starts",
        Ge(frequency(unsplit(law), 2**18), Rational(3, 4)),
        given=LAWS,
        source=slide("theorem 5, the proof"),
        about="Three clusters in R^3 at the radius of the cone condition: a neuron splits none with chance >= 1 - k/(4 d) (row S.23).",
        uses=["cluster-rarely-split"],
    ),
    Claim(
        "good-neuron-by-starts",
        Eq(frequency(good_for_the_second(law), 2**20), frequency(unsplit(law), 2**20) / 4),
        given=LAWS,
        source=slide("theorem 5, improved by the symmetry w -> -w"),
        about="A neuron that splits none is good for a given cluster in exactly a quarter of the cases, by its signs (row S.22).",
    ),
    Claim(
        "clusters-starts-bound",
        Ge(Probability(Eq(clusters_served(law, n), 1)), 1 - 3 * rate**n),
        given=[*LAWS, Ge(n, 26), Le(n, 36)],
        source=slide("theorem 5, improved"),
        about="Three clusters in R^3 at the radius of the cone condition: a good neuron for each with 1 - k (13/16)^n (row S.22).",
        uses=["cluster-rarely-split", "good-neuron-chance"],
    ),
]

BY_SYMMETRY = [
    Claim(
        f"clusters-bound-{name}",
        Ge(Expectation(clusters_share(number, n)), 1 - 3 * rate**n),
        given=[Ge(n, 10), Le(n, 16)],
        source=slide("theorem 5, improved"),
        about=f"The same under the law {name}, the signs summed over (row S.22).",
    )
    for name, number in NAMED.items()
]

# From one neuron to all clusters: misses are rare, and their chances add up

UNION = [
    Claim(
        "cluster-missed-by-all-neurons",
        Le((1 - q) ** n, rate**n),
        given=[Ge(q, Rational(3, 16)), Lt(q, 1)],
        source=slide("theorem 5, improved"),
        about="A cluster for which one neuron is good with chance q >= 3/16 is missed by n with chance (1 - q)^n <= (13/16)^n (row S.22).",
        derivation=lambda lhs: lhs.by(bound_part, 1 - q, rate),
        uses=["good-neuron-chance"],
    ),
    Claim(
        "union-bound-step",
        Le(1 - (1 - x) * (1 - total), x + total),
        given=[Le(x, 1), Le(total, 1)],
        source=slide("theorems 2 to 5, the union bound"),
        about="One event more, x its indicator and s the sum so far: 1 - (1 - x)(1 - s) <= x + s; in the mean, step by step, the union "
        "bound (rows S.15, S.20, S.22).",
    ),
    Claim(
        "clusters-bound-from-one-neuron",
        Ge(1 - k * (1 - q) ** n, 1 - k * rate**n),
        given=[Ge(q, Rational(3, 16)), Lt(q, 1)],
        source=slide("theorem 5, improved: k (13/16)^n"),
        about="So all k clusters have a good neuron with chance 1 - k (13/16)^n at least: k for d, 13/16 for 7/8 (row S.22).",
        derivation=lambda lhs: lhs.by(bound_part, 1 - q, rate),
        uses=["cluster-missed-by-all-neurons", "union-bound-step"],
    ),
]

UNION += [
    Claim(
        "clusters-that-shrink-to-points",
        Eq(Limit(1 - k * (1 - (1 - x) / 4) ** n, x, 0), 1 - k * Rational(3, 4) ** n),
        source=slide("theorem 5, improved: clusters that shrink to points"),
        about="A neuron that splits some cluster with chance x is good with (1 - x)/4: for x -> 0 the rate is theorem 4's 3/4 (row S.22).",
    )
]

# The constant of O(delta^2): z is |z_i|, r = sqrt(k - 1), g = sigma - delta r, and tau the margin that u keeps on the other clusters

z, g, delta = symbols("z g delta", positive=True)
r, gamma, norm = symbols("r gamma z_1", nonnegative=True)
tau = delta * z / g

CONSTANT = [
    Claim(
        "cluster-neuron-length",
        Le(sqrt(z**2 + (r * tau) ** 2), (g + delta * r) * tau / delta),
        source=slide("theorem 5, with an explicit constant"),
        about="u with <u, c_i> = z, <u, c_l> = +-tau in the centres' span: sigma |u| <= (z^2 + (k - 1) tau^2)^(1/2) <= sigma tau/delta, so "
        "that |<u, e>| <= tau for |e| <= delta (row S.22).",
        derivation=lambda lhs: lhs.by(bound_part, z**2 + (r * tau) ** 2, (z + r * tau) ** 2),
    ),
    Claim(
        "cluster-own-sign",
        Le(tau, z),
        given=[Le(delta, g)],
        source=slide("theorem 5, with an explicit constant"),
        about="Nor is a sign wrong on its own cluster: tau <= |z_i| where delta <= sigma - delta sqrt(k - 1) (row S.22).",
    ),
    Claim(
        "clusters-constant",
        Eq((2 * norm * delta / g + gamma * delta) ** 2, delta**2 * (2 * norm / g + gamma) ** 2),
        source=slide("theorem 5, with an explicit constant"),
        about="An error of 2 sum tau_i + gamma delta at each point: Bas <= delta^2 (2 |z|_1/(sigma - delta sqrt(k - 1)) + gamma)^2 "
        "(row S.22).",
        uses=["cluster-neuron-length", "cluster-own-sign"],
    ),
]

PLANE = [[1000, 0], [500, 1000]]
"""Centres in the plane, in thousandths."""


def values(halvings: int, weights: Any, outputs: Any, device: str) -> tuple[Any, float]:
    """The convex programs on two clusters of radius delta = 1/(10 2^h), over delta^2, and the bound over delta^2."""
    import torch

    from lemmata.numerics.basins.clusters import value_bound
    from lemmata.numerics.basins.programs import checked_points, least_square_error
    from lemmata.numerics.basins.starts import activity

    scale, step = 2**halvings, 100
    sides = [(0, 0), (step, 0), (-step, 0), (0, step), (0, -step)]
    rows = [[scale * a + b for a, b in zip(centre, side, strict=True)] for centre in PLANE for side in sides]
    targets = [1.0] * len(sides) + [-2.0] * len(sides)
    centres = [[scale * entry for entry in centre] for centre in PLANE]
    bound = value_bound(centres, [1.0, -2.0], step, 0.0)
    active, points = activity(weights, tensor(rows, device)), checked_points(rows)
    found = [least_square_error(points, on, v, targets).value for on, v in zip(active.tolist(), outputs.tolist(), strict=True)]
    unit = (10 * scale) ** 2
    return torch.tensor(found, dtype=torch.float64, device=device) * unit, bound * unit


def begun(n: int, size: int, rng: Any, device: str) -> tuple[Any, Any]:
    """Normal starts in the plane."""
    from lemmata.numerics.basins.starts import start

    return start(0, size, n, 2, rng, device)


@experiment
def value_within_bound(n: int, halvings: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the value is at most the bound of order delta^2."""
    found, bound = values(halvings, *begun(n, size, rng, device), device)
    return found <= bound


@experiment
def good_neurons_keep_the_bound(n: int, halvings: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the value is at most the bound wherever each cluster has a good neuron, by the signs."""
    from lemmata.numerics.basins.packed import all_served, states

    weights, outputs = begun(n, size, rng, device)
    found, bound = values(halvings, weights, outputs, device)
    step = 100 / 2**halvings
    sides = [(0, 0), (step, 0), (-step, 0), (0, step), (0, -step)]
    clusters = [tensor([[a + b for a, b in zip(centre, side, strict=True)] for side in sides], device) for centre in PLANE]
    good = all_served(*states(weights, clusters), outputs, [Demand(0, 1, 1), Demand(1, 1, -1)])
    return (found <= bound) | ~good


@experiment
def value_quarters(n: int, halvings: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the value of the same start falls by a factor between 7/2 and 9/2 when the radius is halved."""
    weights, outputs = begun(n, size, rng, device)
    larger, _ = values(halvings, weights, outputs, device)
    smaller, _ = values(halvings + 1, weights, outputs, device)
    ratio = 4 * larger / smaller
    return (ratio >= 3.5) & (ratio <= 4.5)


CLUSTERS = [
    Claim(
        "clusters-value-of-order-delta-squared",
        Ge(frequency(value_within_bound(8, h), 2000), 1 - 2 * rate**8),
        given=[Le(h, 6)],
        source=slide("theorem 5, with an explicit constant"),
        about="Two clusters, radii 1/10 to 1/640: Bas <= delta^2 (2 |z|_1/(sigma - delta) + gamma)^2 as often as k (13/16)^n says "
        "(row S.22).",
        uses=["part-of-a-network", "clusters-constant", "clusters-bound-from-one-neuron"],
    ),
    Claim(
        "good-neurons-keep-the-bound",
        Ge(frequency(good_neurons_keep_the_bound(6, h), 1000), Rational(97, 100)),
        given=[Le(h, 6)],
        source=slide("theorem 5, with an explicit constant"),
        about="Wherever the signs give each cluster a good neuron, the convex program is within the bound: no exception (row S.22).",
    ),
    Claim(
        "clusters-value-quarters",
        Ge(frequency(value_quarters(8, h), 1000), Rational(1, 2)),
        given=[Le(h, 5)],
        source=slide("theorem 5, with an explicit constant"),
        about="For more than half of the starts the value falls by 7/2 to 9/2 when the radius is halved: the order is delta^2 (row S.22).",
    ),
]
