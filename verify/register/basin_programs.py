"""The convex program of a cell against the events of signs that decide it, and a part of a network against the whole."""

from typing import Any

from sympy import Abs, Eq, Ge, Le, Rational, Symbol, asin, ceiling, exp, pi, sin, sqrt, symbols
from sympy import log as ln

from lemmata.theory.activations import relu
from lemmata.theory.basins import Demand, demands_of, orthogonal, singletons
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.verify.claim import Claim
from lemmata.verify.register.basin_starts import AXES, LAWS, SKEWED, alone, law, slide, tensor

n = Symbol("n", integer=True, positive=True)


@experiment
def program_agrees(n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the convex program of a start's cell is 0 exactly where its signs serve three independent points."""
    import torch

    from lemmata.numerics.basins.packed import all_served, states
    from lemmata.numerics.basins.programs import checked_points, least_square_error
    from lemmata.numerics.basins.starts import activity, start

    targets = [1.0, 2.0, -1.0]
    weights, outputs = start(0, size, n, 4, rng, device)
    active = activity(weights, tensor(SKEWED, device))
    events = all_served(*states(weights, alone(SKEWED, device)), outputs, demands_of(orthogonal(2, 1)))
    points = checked_points(SKEWED)
    values = [least_square_error(points, on, v, targets).value for on, v in zip(active.tolist(), outputs.tolist(), strict=True)]
    return (torch.tensor(values, device=device) < 1 / 6) == events


@experiment
def part_is_no_better(law: int, n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the programs of a start and of its first half, on four points that span a plane, are in the order of Lemma 2."""
    import torch

    from lemmata.numerics.basins.programs import checked_points, least_square_error, never_above
    from lemmata.numerics.basins.starts import activity, start

    points, targets = [[2, 1], [1, -3], [-1, 2], [-4, -2]], [1.0, -2.0, 0.5, 1.0]
    weights, outputs = start(law, size, n, 2, rng, device)
    active, rows = activity(weights, tensor(points, device)).tolist(), checked_points(points)
    held = []
    for on, v in zip(active, outputs.tolist(), strict=True):
        whole = least_square_error(rows, on, v, targets)
        part = least_square_error(rows, on[: n // 2], v[: n // 2], targets)
        held.append(never_above(whole, part, targets))
    return torch.tensor(held, device=device)


@experiment
def axes_agree(n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the program on two points a half-axis is 0 exactly where the signs serve all six half-axes."""
    import torch

    from lemmata.numerics.basins.packed import all_served, states
    from lemmata.numerics.basins.programs import checked_points, least_square_error
    from lemmata.numerics.basins.starts import activity, start

    halves = [[sign * size * entry for entry in axis] for axis in AXES for sign in (1, -1) for size in (1, 2)]
    slopes = [1, 1, -1, -1, 1, -1]
    targets = [float(slope * size) for slope in slopes for size in (1, 2)]
    weights, outputs = start(0, size, n, 3, rng, device)
    events = all_served(*states(weights, alone(AXES, device)), outputs, demands_of(singletons(1, 1, 1)))
    active, points = activity(weights, tensor(halves, device)), checked_points(halves)
    found = [least_square_error(points, on, v, targets).value for on, v in zip(active.tolist(), outputs.tolist(), strict=True)]
    return (torch.tensor(found, device=device) < 5 / 24) == events


@experiment
def logistic_agrees(n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the infimum of the logistic loss over a cell is log(2)/3 for each of three points without a neuron."""
    import torch

    from lemmata.numerics.basins.logistic import least_logistic_error
    from lemmata.numerics.basins.packed import all_served, states
    from lemmata.numerics.basins.programs import checked_points
    from lemmata.numerics.basins.starts import activity, start

    labels = [1, 1, -1]
    weights, outputs = start(0, size, n, 4, rng, device)
    active, points = activity(weights, tensor(SKEWED, device)).tolist(), checked_points(SKEWED)
    begun = states(weights, alone(SKEWED, device))
    each = [all_served(*begun, outputs, [Demand(place, 1, label)]) for place, label in enumerate(labels)]
    stated = float(ln(2)) / 3 * (3 - torch.stack(each).sum(0).double())
    found = [least_logistic_error(points, on, v, labels) for on, v in zip(active, outputs.tolist(), strict=True)]
    value = torch.tensor([basin.value for basin in found], dtype=torch.float64)
    attained = torch.tensor([basin.attained for basin in found])
    rounding = 8 * torch.finfo(torch.float64).eps  # three logarithms and their sum
    return ((value - stated).abs() <= rounding) & (attained == ~torch.stack(each).any(0))


SOLVED = [
    Claim(
        "lemma-two-by-programs",
        Ge(frequency(part_is_no_better(law, n), 300), Rational(9, 10)),
        given=[*LAWS, Ge(n, 2), Le(n, 6)],
        source=slide("lemma 2"),
        about="The program of a start is never above that of the first half of its neurons, under each law: no exception (row S.16).",
    ),
    Claim(
        "signs-decide-on-singletons",
        Ge(frequency(axes_agree(n), 600), Rational(19, 20)),
        given=[Ge(n, 2), Le(n, 8)],
        source=slide("theorem 2, the proof"),
        about="The same on both halves of three axes: no mismatch between the program and the signs (row S.15).",
    ),
    Claim(
        "signs-decide-the-logistic-program",
        Ge(frequency(logistic_agrees(n), 200), Rational(17, 20)),
        given=[Ge(n, 2), Le(n, 8)],
        source=slide("theorem 4, the proof, for the logistic loss"),
        about="Logistic loss: the infimum over the cell is log(2)/m for each point that is not served, attained by none that is: no "
        "mismatch (row S.20).",
    ),
    Claim(
        "signs-decide-the-program",
        Ge(frequency(program_agrees(n), 600), Rational(9, 10)),
        given=[Ge(n, 2), Le(n, 8)],
        source=slide("theorem 4, the proof"),
        about="The least loss of the cell is 0, and not at least 1/3, just where the signs serve every point: no mismatch (row S.20).",
    ),
]


# Theorem 3 (row S.18): a teacher's neuron is replaced by a student's of nearly the same direction

TEACHERS = [[25, 0], [-15, 20]]
"""Two teachers of length 25, with outputs of signs + and - and |v| |w| = 1 once lengths are divided by 25."""
CIRCLE = [[7, 24], [24, 7], [15, -20], [-20, 15], [-7, -24], [-24, -7], [20, 15], [-15, -20]]
"""Points of length 25: the length 1 is the theorem's largest."""


def students(epsilon: float, neurons: int, size: int, rng: Any, device: str) -> tuple[Any, Any]:
    """Whether normal starts reach both teachers within the chord sqrt(epsilon)/2; whether their cell has a loss of epsilon at most."""
    import torch

    from lemmata.numerics.basins.events import reaches
    from lemmata.numerics.basins.programs import checked_points, least_square_error
    from lemmata.numerics.basins.starts import activity, start

    weights, outputs = start(0, size, neurons, 2, rng, device)
    near = reaches(weights, outputs, tensor(TEACHERS, device), tensor([1, -1], device), 1 - epsilon / 8)  # cos = 1 - chord^2/2
    first, second = ([max(0, sum(a * b for a, b in zip(teacher, point, strict=True))) / 25 for point in CIRCLE] for teacher in TEACHERS)
    targets = [one - other for one, other in zip(first, second, strict=True)]
    active, points = activity(weights, tensor(CIRCLE, device)), checked_points(CIRCLE)
    found = [least_square_error(points, on, v, targets).value for on, v in zip(active.tolist(), outputs.tolist(), strict=True)]
    return near, torch.tensor(found, device=device) <= 625 * epsilon


@experiment
def reached_is_fitted(epsilon: float, neurons: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the least loss of a start's cell is at most epsilon wherever both teachers are reached."""
    near, fitted = students(epsilon, neurons, size, rng, device)
    return fitted | ~near


@experiment
def fitted(epsilon: float, neurons: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the least loss of a start's cell is at most epsilon."""
    return students(epsilon, neurons, size, rng, device)[1]


x, y, s = symbols("x y s", real=True)
eps = Symbol("epsilon", positive=True)
chord = sqrt(eps) / 2
cap_of_chord = chord * sqrt(1 - chord**2 / 4) / (2 * pi)
THEOREM = slide("theorem 3, the proof")

TEACHER = [
    Claim(
        "relu-of-close-inputs",
        Le(Abs(relu(x) - relu(y)), Abs(x - y)),
        given=[Le(x**2, 9), Le(y**2, 9)],
        source=THEOREM,
        about="A student's neuron on |x| <= 1 is off by |v||w| times the chord to the teacher's direction at most... (row S.18)",
    ),
    Claim(
        "sine-of-a-chord",
        Eq(sin(2 * asin(s / 2)), s * sqrt(1 - s**2 / 4)),
        given=[Ge(s, 0), Le(s, 1)],
        source=slide("theorem 3, the formula for p_eps"),
        about="... a chord s = 2 sin(theta/2) has sin(theta) = s sqrt(1 - s^2/4), which is the formula's (rows S.18, S.19)...",
    ),
    Claim(
        "errors-of-two-students",
        Le((x + y) ** 2, 2 * (x**2 + y**2)),
        source=THEOREM,
        about="... and two errors with |v||w| <= B and the chord sqrt(eps)/(2 B), so x^2, y^2 <= eps/4, make a loss <= eps (row S.18).",
        uses=["relu-of-close-inputs"],
    ),
    Claim(
        "reached-teachers-are-fitted",
        Ge(frequency(reached_is_fitted(eps, 32), 300), Rational(9, 10)),
        given=[Ge(eps, Rational(1, 4)), Le(eps, 1)],
        source=THEOREM,
        about="Two teachers in the plane: wherever the signs and angles reach both, the convex program is <= eps: no exception (row S.18).",
        uses=["errors-of-two-students"],
    ),
    Claim(
        "theorem-three-by-programs",
        Ge(frequency(fitted(eps, 2 * ceiling(2 / cap_of_chord)), 200), 1 - exp(-1)),
        given=[Ge(eps, Rational(1, 4)), Le(eps, 1)],
        source=slide("theorem 3"),
        about="Theorem 3 as printed, n = 2, c = 2: at the width c ceil(n/p_eps) the value is <= eps with chance 1 - e^(-c n/4) (row S.18).",
    ),
    Claim(
        "theorem-three-with-few-neurons",
        Ge(frequency(fitted(eps, 2), 200), 1 - exp(-1)),
        given=[Ge(eps, Rational(1, 50)), Le(eps, Rational(1, 4))],
        source=slide("theorem 3, with as many neurons as the teacher"),
        about="The teacher's own width is not enough (row S.18).",
        expect="refuted",
    ),
]
