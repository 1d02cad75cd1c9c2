"""The convex program of a cell against the events of signs that decide it, and a part of a network against the whole."""

from typing import Any

from sympy import Ge, Le, Rational, Symbol
from sympy import log as ln

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
