r"""The semidefinite programme of a worst case, in floating point: what its solution proposes, exact arithmetic checks.

Unknown are the Gram matrix G of the basis vectors and the values f_i; with d = x_i - x_j and e = g_i - g_j

    maximise the measure over G >= 0 and f subject to
    f_i - f_j - <g_j, d> - lower/2 |d|^2 - |e - lower d|^2 / (2 (1 - lower)) >= 0      for all i, j    (interpolation)
    f_i - |g_i|^2/2 >= 0                                                              for all i      (L_* = 0 is below)
    f_0 <= 1, or |x_0|^2 <= 1                                                                        (start)

Source: Drori & Teboulle (2014), section 3; Taylor, Hendrickx & Glineur (2017), theorem 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lemmata.numerics.performance.layout import Layout, Setting, lay_out
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start

SOLVED = ("Solved", "AlmostSolved")


class Unsolved(Exception):
    """The solver stopped without a solution; its word for why."""


@dataclass(frozen=True)
class Proposal:
    """A solution in floating point: the Gram matrix and values of a bad function, and the multipliers of a bound.

    `between[i, j]` is the multiplier of the interpolation inequality of f_i - f_j, `below[i]` that of f_i - |g_i|^2/2,
    `start` that of the start, `shares[k]` those of the measured points.
    """

    value: float
    gram: Any
    values: Any
    between: Any
    below: Any
    start: float
    shares: Any


@lru_cache(maxsize=512)
def proposed(setting: Setting, trace: float = 0.0, narrower: float = 0.0, radius: float = 0.0) -> Proposal:
    """`propose` for a setting in floats, remembered: points that differ in scale alone ask for the same programme."""
    return propose(setting, lay_out(setting, 1.0), trace=trace, narrower=narrower, radius=radius)


def as_rows(forms: Any, size: int) -> Any:
    """Forms with float coefficients as rows of an array."""
    import numpy as np

    rows = np.zeros((len(forms), size))
    for row, form in zip(rows, forms, strict=True):
        for index, value in form.terms.items():
            row[index] = value
    return rows


def propose(setting: Setting, layout: Layout, *, trace: float = 0.0, narrower: float = 0.0, radius: float = 0.0) -> Proposal:
    """The optimum in floating point by Clarabel's interior point method; raises Unsolved.

    `trace` times the trace of G is added to what is maximised: a dual solution then has that much room before its matrix
    fails to be positive. `narrower` takes this part of the class's curvatures away at both ends: a primal solution then
    satisfies the interpolation conditions of the class itself with room to spare. `radius`, where it is not 0, keeps the
    start within that distance of the minimiser: some suprema are only approached as the minimiser moves away.
    """
    import numpy as np

    size = layout.size
    points, gradients = as_rows(layout.points, size), as_rows(layout.gradients, size)
    count, known = len(points), layout.values
    width = 1 - setting.lower
    lower, upper = setting.lower + narrower * width / 2, 1 - narrower * width / 2
    quadratic, linear = [], []

    def row(form: Any, at: dict[int, float]) -> None:
        entry = np.zeros(known)
        for index, weight in at.items():
            if index < known:
                entry[index] += weight
        quadratic.append(form)
        linear.append(entry)

    pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
    for i, j in pairs:
        d, e = points[i] - points[j], gradients[i] - gradients[j]
        lean = e - lower * d
        form = -(_together(gradients[j], d) + lower / 2 * np.outer(d, d) + np.outer(lean, lean) / (2 * (upper - lower)))
        row(form, {i: 1.0, j: -1.0})
    for i in range(known):
        row(-np.outer(gradients[i], gradients[i]) / (2 * upper), {i: 1.0})
    if setting.start is Start.EXCESS:
        row(np.zeros((size, size)), {0: -1.0})
    else:
        row(-np.outer(points[0], points[0]), {})
    if radius:
        row(-np.outer(points[0], points[0]), {})
    constraints = len(quadratic)
    measured = [_measured(setting, item, points, gradients, size, known) for item in layout.measured]
    least = setting.reduction is Reduction.LEAST
    aim_form, aim_values = trace * np.eye(size), np.zeros(known)
    if least:
        for form, entry in measured:
            quadratic.append(form)
            linear.append(entry)
    else:
        aim_form = aim_form + sum(form for form, _ in measured)
        aim_values = aim_values + sum(entry for _, entry in measured)
    constant = np.zeros(len(quadratic))
    constant[len(pairs) + known] = 1.0
    if radius:
        constant[len(pairs) + known + 1] = radius**2
    auxiliary = np.zeros(len(quadratic))
    auxiliary[constraints:] = -1.0
    found = _solve(np.array(quadratic), np.array(linear), constant, auxiliary, aim_form, aim_values, least)
    value, gram, values, multipliers = found
    between = np.zeros((count, count))
    for (i, j), multiplier in zip(pairs, multipliers, strict=False):
        between[i, j] = multiplier
    below = multipliers[len(pairs) : len(pairs) + known]
    shares = multipliers[constraints:] if least else np.ones(len(measured))
    return Proposal(value, gram, values, between, below, float(multipliers[len(pairs) + known]), shares)


def _together(a: Any, b: Any) -> Any:
    """The symmetric matrix of the form <a, b>."""
    import numpy as np

    return (np.outer(a, b) + np.outer(b, a)) / 2


def _measured(setting: Setting, item: Any, points: Any, gradients: Any, size: int, known: int) -> tuple[Any, Any]:
    """A measured quantity: its matrix and its coefficients of the values."""
    import numpy as np

    entry = np.zeros(known)
    match setting.measure:
        case Measure.GRADIENT:
            return np.outer(gradients[item], gradients[item]), entry
        case Measure.EXCESS:
            entry[item] = 1.0
            return np.zeros((size, size)), entry
        case Measure.DISTANCE:
            point = as_rows([item], size)[0]
            return np.outer(point, point), entry


def _solve(quadratic: Any, linear: Any, constant: Any, auxiliary: Any, aim_form: Any, aim_values: Any, least: bool) -> Any:
    """max <aim_form, G> + aim_values f (+ t) with <quadratic_r, G> + linear_r f + auxiliary_r t + constant_r >= 0 and G >= 0."""
    import clarabel
    import numpy as np
    from scipy import sparse

    size = quadratic.shape[1]
    columns, rows = np.tril_indices(size)  # the upper triangle column by column
    scale = np.where(rows == columns, 1.0, np.sqrt(2.0))
    triangle = len(scale)

    def packed(matrices: Any) -> Any:
        return matrices[..., rows, columns] * scale

    body = [packed(quadratic), linear] + ([auxiliary[:, None]] if least else [])
    inequalities = sparse.csc_matrix(-np.hstack(body))
    cone = sparse.hstack([-sparse.identity(triangle), sparse.csc_matrix((triangle, inequalities.shape[1] - triangle))])
    aim = np.concatenate([packed(aim_form), aim_values, [1.0] if least else []])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = SOLVER_ACCURACY
    count = len(constant)
    cones = [clarabel.NonnegativeConeT(count), clarabel.PSDTriangleConeT(size)]
    nothing = sparse.csc_matrix((len(aim), len(aim)))
    right = np.concatenate([constant, np.zeros(triangle)])
    stacked = sparse.vstack([inequalities, cone], format="csc")
    solution = clarabel.DefaultSolver(nothing, -aim, stacked, right, cones, settings).solve()
    if str(solution.status) not in SOLVED:
        raise Unsolved(f"the semidefinite solver ended with {solution.status}")
    unknowns, multipliers = np.array(solution.x), np.array(solution.z[:count])
    gram = np.zeros((size, size))
    gram[rows, columns] = unknowns[:triangle] / scale
    gram = gram + np.triu(gram, 1).T
    return -solution.obj_val, gram, unknowns[triangle : triangle + linear.shape[1]], multipliers


SOLVER_ACCURACY = 1e-11
"""What the interior point method is asked for; nothing rests on whether it gets there."""
