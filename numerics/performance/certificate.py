r"""The upper side: multipliers proposed in floating point, made exactly feasible, and the bound they prove.

Let c_ij = f_i - f_j - <g_j, d> - lower/2 |d|^2 - |e - lower d|^2/(2 (1 - lower)) with d = x_i - x_j, e = g_i - g_j, which is
>= 0 for every function of the class (Taylor, Hendrickx & Glineur 2017, theorem 4), b_i = f_i - |g_i|^2/2, which is >= 0
because L_* <= L(x_i - g_i) <= L(x_i) - |g_i|^2/2, and s = 1 - f_0 or 1 - |x_0|^2, which is >= 0 by the start. For numbers
lambda, beta, tau >= 0 and shares nu >= 0 that add up to 1

    tau - sum nu_k measure_k - (sum lambda_ij c_ij + sum beta_i b_i + tau s) = linear form in f + <S, G>,

so where the linear form is 0 and S is positive semidefinite, min measure_k <= sum nu_k measure_k <= tau. The linear form is
made exactly 0 in rationals: what rounding left at a node is carried to node 0, and from there to tau or to the minimiser.
S is shown positive definite by a Cholesky factorisation in balls.
"""

from __future__ import annotations

from typing import Any

from flint import arb, arb_mat, fmpq

from lemmata.numerics.performance.layout import Form, Layout, Setting
from lemmata.numerics.performance.program import Proposal
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start

NEGLIGIBLE = 2.0**-60
"""Multipliers below this are left out: they only add rounding."""


def rational(value: float) -> fmpq:
    """A float as the rational number that it is."""
    numerator, denominator = float(value).as_integer_ratio()
    return fmpq(numerator, denominator)


def form_rows(forms: Any, size: int) -> arb_mat:
    """Forms with ball coefficients as the rows of a matrix."""
    return arb_mat([[form.terms.get(index, arb(0)) for index in range(size)] for form in forms])


def bounded_above(setting: Setting, layout: Layout, proposal: Proposal) -> arb | None:
    """A number that no function of the class exceeds, or None where the proposal cannot be made into a proof.

    `setting` and `layout` hold balls, the proposal floats.
    """
    count, known = len(layout.points), layout.values
    between = [[_kept(proposal.between[i, j]) for j in range(count)] for i in range(count)]
    below = [_kept(value) for value in proposal.below]
    shares = [_kept(value) for value in proposal.shares]
    least = setting.reduction is Reduction.LEAST
    total = sum(shares, fmpq(0))
    if least:
        if total == 0:
            return None
        shares = [share / total for share in shares]
    tau = _balanced(setting, layout, between, below, shares, _kept(proposal.start))
    if tau is None:
        return None
    matrix = _slack(setting, layout, between, below, shares, tau)
    assert known >= 1
    return arb(tau) if is_positive_definite(matrix) else None


def _kept(value: float) -> fmpq:
    return rational(value) if value > NEGLIGIBLE else fmpq(0)


def _balanced(setting: Setting, layout: Layout, between: Any, below: Any, shares: Any, tau: fmpq) -> fmpq | None:
    """Make the coefficient of every value 0 by adding to multipliers only; the bound tau that belongs to them.

    The coefficient of f_i in the sum of c, b, s and the measures is what flows in at i less what flows out.
    """
    count, known = len(between), layout.values
    excess = [fmpq(0)] * known
    for i in range(known):
        excess[i] = sum(between[i], fmpq(0)) - sum((between[j][i] for j in range(count)), fmpq(0)) + below[i]
    if setting.measure is Measure.EXCESS:
        for item, share in zip(layout.measured, shares, strict=True):
            excess[item] += share
    for i in range(1, known):
        if excess[i] > 0:
            between[0][i] += excess[i]
        else:
            between[i][0] -= excess[i]
        excess[0] += excess[i]
    if setting.start is Start.EXCESS and not layout.anchored:
        return excess[0] if excess[0] >= 0 else None
    if setting.start is Start.EXCESS:
        excess[0] -= tau
    if excess[0] > 0:
        between[known][0] += excess[0]
    else:
        between[0][known] -= excess[0]
    return tau


def _slack(setting: Setting, layout: Layout, between: Any, below: Any, shares: Any, tau: fmpq) -> arb_mat:
    """S, from the weights of inner products <x_i, x_j>, <x_i, g_j>, <g_i, g_j>, each a matrix product of forms.

    With a = lower and q = 1/(2 (1 - a)), -c_ij has the quadratic part
    <g_j, d> + (a/2 + q a^2) |d|^2 + q |e|^2 - 2 q a <d, e>.
    """
    count, size, known = len(between), layout.size, layout.values
    weights = arb_mat([[arb(entry) for entry in row] for row in between])
    lower = arb(setting.lower)
    q = 1 / (2 * (1 - lower))
    # sum over i, j of weight |x_i - x_j|^2 is the form of the Laplacian of the symmetrised weights
    both = weights + weights.transpose()
    laplacian = arb_mat([[_row_sum(both, i) - both[i, i] if i == j else -both[i, j] for j in range(count)] for i in range(count)])
    # sum of weight <g_j, x_i - x_j>: the matrix of <x_i, g_j>
    crossing = arb_mat([[weights[i, j] - (_column_sum(weights, j) if i == j else 0) for j in range(count)] for i in range(count)])
    points, gradients = form_rows(layout.points, size), form_rows(layout.gradients, size)
    mixed = points.transpose() * (crossing - laplacian * (2 * q * lower)) * gradients
    matrix = (mixed + mixed.transpose()) * arb(0.5)
    matrix += points.transpose() * (laplacian * (lower / 2 + q * lower**2)) * points
    matrix += gradients.transpose() * (laplacian * q) * gradients
    extra: list[tuple[Form, arb]] = [(layout.gradients[i], arb(below[i]) / 2) for i in range(known)]
    if setting.start is Start.DISTANCE:
        extra.append((layout.points[0], arb(tau)))
    if setting.measure is not Measure.EXCESS:
        of = layout.gradients.__getitem__ if setting.measure is Measure.GRADIENT else _itself
        extra += [(of(item), -arb(share)) for item, share in zip(layout.measured, shares, strict=True)]
    rows = form_rows([form for form, _ in extra], size)
    diagonal = arb_mat([[extra[i][1] if i == j else arb(0) for j in range(len(extra))] for i in range(len(extra))])
    return matrix + rows.transpose() * diagonal * rows


def _itself(item: Any) -> Any:
    return item


def _row_sum(matrix: arb_mat, i: int) -> arb:
    return sum((matrix[i, j] for j in range(matrix.ncols())), arb(0))


def _column_sum(matrix: arb_mat, j: int) -> arb:
    return sum((matrix[i, j] for i in range(matrix.nrows())), arb(0))


def is_positive_definite(matrix: arb_mat) -> bool:
    """Whether a symmetric matrix of balls is certainly positive definite: every pivot of its elimination is above 0.

    >>> is_positive_definite(arb_mat([[2, 1], [1, 2]])), is_positive_definite(arb_mat([[1, 1], [1, 1]]))
    (True, False)
    """
    rows = [[matrix[i, j] for j in range(matrix.ncols())] for i in range(matrix.nrows())]
    for k, pivot_row in enumerate(rows):
        pivot = pivot_row[k]
        if not pivot > 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot
            for j in range(k + 1, len(rows)):
                row[j] -= factor * pivot_row[j]
    return True
