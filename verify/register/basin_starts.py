"""Random starts of overspecified networks, drawn: how often the basin is optimal, for several spherically symmetric laws.

The events are those of signs that decide the theorems (`lemmata.numerics.basins.events`); that they agree with the convex program of
the cell is a claim of its own, and so is the bound of order delta^2 on clusters.
"""

from typing import Any

from sympy import Eq, Ge, Le, Rational, Symbol, ceiling, log, pi, sin, symbols
from sympy.stats import Expectation, Probability

from lemmata.theory.basins import Data, demands_of, orthogonal, served, singletons
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim


def slide(place: str) -> Source:
    """A place in the slides on this paper."""
    return Source("safran-shamir-2016", f"slides on it, {place}")


n, m = symbols("n m", integer=True, positive=True)
law = Symbol("law", integer=True, nonnegative=True)
"""Which law: normal, on the sphere, heavy tails, unequal scales (`lemmata.numerics.basins.starts.Law`)."""
LAWS = [Le(law, 3)]
NAMED = {"normal": 0, "sphere": 1, "heavy": 2, "unequal": 3}

SKEWED = [[2, 1, 0, 0], [1, -3, 1, 0], [0, 2, 5, 1]]
"""Three independent points that are not orthogonal."""
NEAR = [[20, 1, 0, 0], [20, 0, 1, 0], [20, 0, 0, 1]]
"""Three independent points that are nearly parallel."""


AT_ONCE = 2**14
"""Starts that are asked for at once, at most."""


def tensor(rows: Any, device: str) -> Any:
    """Rows as a tensor in single precision."""
    import torch

    return torch.tensor(rows, dtype=torch.float32, device=device)


def drawn(points: Any, data: Data, law: int, neurons: int, size: int, rng: Any, device: str) -> Any:
    """Whether the signs of a start serve what the data demand of these points."""
    from lemmata.numerics.basins.packed import events

    return events(law, neurons, alone(points, device), demands_of(data), size=size, rng=rng, device=device)


def given_signs(points: Any, data: Data, law: int, neurons: int, size: int, rng: Any, device: str) -> Any:
    """The chance of that given the neurons up to their signs."""
    from lemmata.numerics.basins.packed import shares

    return shares(law, neurons, alone(points, device), demands_of(data), size=size, rng=rng, device=device)


def alone(points: Any, device: str) -> list[Any]:
    """Each point as a cluster of its own."""
    return [tensor([point], device) for point in points]


# Assumption 1 (row S.3)


@experiment
def active_on_a_point(law: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a neuron is active on the point (3, -1, 2)."""
    from lemmata.numerics.basins.starts import activity, start

    weights, _ = start(law, size, 1, 3, rng, device)
    return activity(weights, tensor([[3, -1, 2]], device))[:, 0, 0]


@experiment
def outputs_alternate(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the signs of the outputs are +, -, +, -, ..."""
    import torch

    from lemmata.numerics.basins.starts import start

    _, outputs = start(law, size, n, 1, rng, device)
    return ((outputs > 0) == (torch.arange(n, device=device) % 2 == 0)).all(1)


SYMMETRY = [
    Claim(
        "half-of-the-neurons-active",
        Eq(frequency(active_on_a_point(law), 2**18), Rational(1, 2)),
        given=LAWS,
        source=slide("assumption 1"),
        about="A neuron of any spherically symmetric law is active on a point x != 0 with chance 1/2: four laws (row S.3).",
    ),
    Claim(
        "output-signs-are-uniform",
        Eq(frequency(outputs_alternate(law, n), 2**20), Rational(1, 2) ** n),
        given=[*LAWS, Le(n, 3)],
        source=slide("assumption 1"),
        about="Every vector of output signs has the chance 2^-n, here +, -, +, ... (row S.3).",
    ),
]

# Theorems 2 and 4 (rows S.15, S.20)


AXES = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
"""Three axes: with slopes (+, +), (-, -) and (+, -), on both halves."""
ORTHOGONAL = [[1, 1, 0, 0], [1, -1, 0, 0], [0, 0, 3, 4]]


@experiment(block=AT_ONCE)
def singletons_served(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a start is optimal on both halves of three axes: slopes (+, +), (-, -) and (+, -)."""
    return drawn(AXES, singletons(1, 1, 1), law, n, size, rng, device)


@experiment(block=AT_ONCE)
def orthogonal_served(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a start is optimal on three orthogonal points with targets of signs +, +, -."""
    return drawn(ORTHOGONAL, orthogonal(2, 1), law, n, size, rng, device)


@experiment(block=AT_ONCE)
def skewed_served(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same on three independent points that are not orthogonal."""
    return drawn(SKEWED, orthogonal(2, 1), law, n, size, rng, device)


@experiment(block=AT_ONCE)
def near_served(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same on three nearly parallel points with targets of one sign."""
    return drawn(NEAR, orthogonal(3), law, n, size, rng, device)


@experiment(bounds=(0, 1), block=AT_ONCE)
def singletons_share(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The chance that a start is optimal on three axes, given its neurons up to their signs."""
    return given_signs(AXES, singletons(1, 1, 1), law, n, size, rng, device)


@experiment(bounds=(0, 1), block=AT_ONCE)
def orthogonal_share(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same on three orthogonal points."""
    return given_signs(ORTHOGONAL, orthogonal(2, 1), law, n, size, rng, device)


@experiment(bounds=(0, 1), block=AT_ONCE)
def skewed_share(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same on three independent points that are not orthogonal."""
    return given_signs(SKEWED, orthogonal(2, 1), law, n, size, rng, device)


@experiment(bounds=(0, 1), block=AT_ONCE)
def near_share(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same on three nearly parallel points with targets of one sign."""
    return given_signs(NEAR, orthogonal(3), law, n, size, rng, device)


three_quarters = Rational(3, 4)
WIDTHS = [*LAWS, Ge(n, 4), Le(n, 16)]
DRAWN = [*LAWS, Ge(n, 8), Le(n, 20)]
WIDE = [*LAWS, Ge(n, 22), Le(n, 32)]
"""Where failures are so rare that the events themselves show a thousandth."""
COUNTED = 2**17
"""Starts that are drawn where the same chance is looked at more closely with the signs summed over."""

STARTS = [
    Claim(
        "singletons-starts-bound",
        Ge(Probability(Eq(singletons_served(law, n), 1)), 1 - 6 * three_quarters**n),
        given=WIDE,
        source=slide("theorem 2"),
        about="Theorem 2 by drawn starts: at least 1 - 2 d (3/4)^n at d = 3, under every law (row S.15).",
    ),
    Claim(
        "singletons-starts-follow-the-law",
        Eq(frequency(singletons_served(law, n), COUNTED), served(n, singletons(1, 1, 1))),
        given=DRAWN,
        source=slide("theorem 2"),
        about="Starts drawn from four laws are optimal as often as the sign patterns say, d = 3 (row S.15).",
    ),
    Claim(
        "full-rank-starts-bound",
        Ge(Probability(Eq(skewed_served(law, n), 1)), 1 - 3 * three_quarters**n),
        given=WIDE,
        source=slide("theorem 4"),
        about="Theorem 4 by drawn starts, on independent points that are not orthogonal: at least 1 - m (3/4)^n (row S.20).",
    ),
    Claim(
        "orthogonal-starts-follow-the-law",
        Eq(frequency(orthogonal_served(law, n), COUNTED), served(n, orthogonal(2, 1))),
        given=DRAWN,
        source=slide("theorem 4"),
        about="Starts on three orthogonal points are optimal as often as the sign patterns say (row S.20).",
    ),
]

# The same to a thousandth: all signs are fair coins, so that they are summed over and the neurons alone, up to signs, are drawn.

TO_A_THOUSANDTH = [
    *(
        Claim(
            f"singletons-bound-{name}",
            Ge(Expectation(singletons_share(number, n)), 1 - 6 * three_quarters**n),
            given=WIDTHS[1:],
            source=slide("theorem 2"),
            about=f"Theorem 2 at d = 3 under the law {name}, the signs summed over (row S.15).",
        )
        for name, number in NAMED.items()
    ),
    *(
        Claim(
            f"full-rank-bound-{name}",
            Ge(Expectation(skewed_share(number, n)), 1 - 3 * three_quarters**n),
            given=WIDTHS[1:],
            source=slide("theorem 4"),
            about=f"Theorem 4 on three independent points under the law {name}, the signs summed over (row S.20).",
        )
        for name, number in NAMED.items()
    ),
    Claim(
        "singletons-law-by-symmetry",
        Eq(Expectation(singletons_share(law, n)), served(n, singletons(1, 1, 1))),
        given=WIDTHS,
        source=slide("theorem 2"),
        about="The exact law on three axes, the signs summed over (row S.15).",
    ),
    Claim(
        "orthogonal-law-by-symmetry",
        Eq(Expectation(orthogonal_share(law, n)), served(n, orthogonal(2, 1))),
        given=WIDTHS,
        source=slide("theorem 4"),
        about="The exact law on three orthogonal points, the signs summed over (row S.20).",
    ),
    Claim(
        "nearly-parallel-starts-do-better",
        Ge(Expectation(near_share(law, n)), 1 - Rational(3, 2) * three_quarters**n),
        given=WIDTHS,
        source=slide("theorem 4, nearly parallel data"),
        about="Nearly parallel points of one sign are served together: half the theorem's chance of failure is enough (row S.20).",
    ),
    Claim(
        "signs-summed-over-keep-the-chance",
        Eq(Expectation(skewed_share(law, n)), frequency(skewed_served(law, n), COUNTED)),
        given=DRAWN,
        source=slide("assumption 1"),
        about="Drawn signs and signs summed over have one chance, on points that are not orthogonal (rows S.3, S.20).",
    ),
]

# Theorem 3 (row S.18): two teachers in the plane

TEACHERS_AT = [[1, 0], [-3, 4]]


@experiment(block=2**12)
def width_reaches(law: int, angle: float, neurons: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a start of this width has a student within the angle of each of two teachers, of signs + and -."""
    import math

    from lemmata.numerics.basins.events import reaches
    from lemmata.numerics.basins.starts import start

    weights, outputs = start(law, size, neurons, 2, rng, device)
    return reaches(weights, outputs, tensor(TEACHERS_AT, device), tensor([1, -1], device), math.cos(angle))


@experiment(bounds=(0, 1), block=2**12)
def width_share(law: int, angle: float, neurons: int, *, size: int, rng: Any, device: str) -> Any:
    """The chance of that given the neurons up to their signs."""
    import math

    from lemmata.numerics.basins.events import reach_shares
    from lemmata.numerics.basins.starts import neurons_alone

    weights = neurons_alone(law, size, neurons, 2, rng, device)
    return reach_shares(weights, tensor(TEACHERS_AT, device), math.cos(angle))


theta = Symbol("theta", positive=True)
ANGLES = [*LAWS, Ge(theta, Rational(1, 4)), Le(theta, pi / 2)]
width = ceiling(log(20) / (sin(theta) / (2 * pi)))

TEACHERS = [
    Claim(
        "teachers-are-reached",
        Ge(Expectation(width_share(law, theta, width)), Rational(9, 10)),
        given=ANGLES,
        source=slide("theorem 3, improved: width ln(n/delta)/p"),
        about="n = 2 teachers in the plane, failure delta = 1/10: width ceil(ln(n/delta)/p) suffices, signs summed over (row S.18).",
        uses=["output-signs-are-uniform", "part-of-a-network"],
    ),
    Claim(
        "teachers-are-reached-by-starts",
        Ge(frequency(width_reaches(law, theta, width), 2**14), Rational(9, 10)),
        given=ANGLES,
        source=slide("theorem 3, improved: width ln(n/delta)/p"),
        about="The same by drawn starts, signs and all (row S.18).",
    ),
    Claim(
        "teachers-are-reached-with-fewer",
        Ge(Probability(Eq(width_reaches(law, theta, ceiling(log(20) / (sin(theta) / (2 * pi)) / 4)), 1)), Rational(9, 10)),
        given=ANGLES,
        source=slide("theorem 3, improved: a quarter of that width"),
        about="A quarter of it does not (row S.18).",
        expect="refuted",
    ),
]
