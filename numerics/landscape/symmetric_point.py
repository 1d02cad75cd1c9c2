r"""Critical points that are symmetric under permutations of all neurons but one: interval Newton in five unknowns.

    w_i = a e_i + b sum_{j != i, k} e_j + c e_k  for i < k,        w_k = d sum_{j < k} e_j + e e_k

Permuting neurons and coordinates at once leaves the objective alone, because x ~ N(0, I) is exchangeable. The matrices above are
those that all permutations of the first m = k - 1 indices fix. There the gradient is fixed too (it is equivariant), so it lies in
the same five-dimensional space: five equations make all k^2 derivatives vanish (the principle of symmetric criticality). And the Hessian
commutes with the permutations, so that by Schur's lemma it acts on each isotypic part of R^(k x k) by one small matrix:

    trivial            5 copies    the family itself
    standard           5 copies    x_i E_ii, x_i E_ij, x_j E_ij, x_i E_ik, x_j E_kj with sum x = 0   (4 copies for m = 2)
    (m-2, 2)           1 copy      symmetric, zero diagonal, rows adding up to 0                     (from m = 4)
    (m-2, 1, 1)        1 copy      antisymmetric, rows adding up to 0                                (from m = 3)

5 + 5 (m - 1) + m (m - 3)/2 + (m - 1)(m - 2)/2 = k^2: the eigenvalues of these matrices are all eigenvalues of the Hessian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.landscape.ball_geometry import Pair, Parallel, Student, orthonormal, same
from lemmata.numerics.landscape.leftmost import NotSeparated, leftmost

UNKNOWNS = 5
ROUNDS = 60
"""Newton steps at most: each about doubles the digits that are known."""

Matrix = list[list[arb]]


class NotProved(ArithmeticError):
    """Interval Newton did not show that the box holds exactly one critical point: the message says why."""


@dataclass(frozen=True)
class SymmetricPoint:
    """The one critical point of the family in a box: its coordinates (a, b, c, d, e), F there, the least eigenvalue of F/2's Hessian.

    `parts` are the least eigenvalues of the isotypic parts, by name.
    """

    k: int
    coordinates: tuple[arb, ...]
    objective: arb
    parts: tuple[tuple[str, arb], ...]

    @property
    def least(self) -> arb:
        """The least eigenvalue of the Hessian of F/2, over all directions."""
        found = self.parts[0][1]
        for _, value in self.parts[1:]:
            found = found.min(value)
        return found


def family(k: int, unknowns: Sequence[arb]) -> Matrix:
    """The matrix of the family with these (a, b, c, d, e).

    >>> [[int(x.unique_fmpz()) for x in row] for row in family(3, [arb(i) for i in range(1, 6)])]
    [[1, 2, 3], [2, 1, 3], [4, 4, 5]]
    """
    a, b, c, d, e = unknowns
    last = k - 1
    return [[*((a if i == j else b) for j in range(last)), c] for i in range(last)] + [[*([d] * last), e]]


def restricted(student: Student, k: int) -> list[arb]:
    """The five derivatives of F/2 that stand for all: at (1, 1), (1, 2), (1, k), (k, 1), (k, k)."""
    return _family_entries(student.gradient(0), student.gradient(k - 1))


def trivial_part(student: Student, k: int) -> arb_mat:
    """The Hessian of F/2 on the family, as the matrix of a linear map in the coordinates (a, b, c, d, e)."""
    columns = []
    for index in range(UNKNOWNS):
        along = family(k, [arb(int(index == place)) for place in range(UNKNOWNS)])
        columns.append(_family_entries(student.hessian(0, along), student.hessian(k - 1, along)))
    return _from_columns(columns)


def _family_entries(first: Sequence[arb], last: Sequence[arb]) -> list[arb]:
    return [first[0], first[1], first[-1], last[0], last[-1]]


def standard_part(student: Student, k: int) -> arb_mat:
    """The Hessian of F/2 on the standard part, from x = (1, -1, 0, ..., 0): coefficients are read off where one copy alone lives."""
    m, last = k - 1, k - 1
    columns = []
    for copy in range(UNKNOWNS if m > 2 else UNKNOWNS - 1):
        images = [student.hessian(row, _standard(k, copy)) for row in ((0, 2, last) if m > 2 else (0, last))]
        first, final = images[0], images[-1]
        if m > 2:
            columns.append([first[0], first[2], images[1][0], first[last], final[0]])
        else:
            columns.append([first[0], first[1], first[last], final[0]])
    return _from_columns(columns)


def _standard(k: int, copy: int) -> Matrix:
    """The copies of (1, -1, 0, ..., 0): on the diagonal, along rows, along columns, in the last column, in the last row.

    For m = 2 the copy along columns is minus the one along rows, and is left out.
    """
    last, found = k - 1, [[arb(0)] * k for _ in range(k)]
    kind = copy if k > 3 or copy < 2 else copy + 1
    for i, sign in ((0, 1), (1, -1)):
        if kind == 0:
            found[i][i] = arb(sign)
        elif kind == 3:
            found[i][last] = arb(sign)
        elif kind == 4:
            found[last][i] = arb(sign)
        else:
            for j in range(last):
                if j != i and kind == 1:
                    found[i][j] += sign
                elif j != i:
                    found[j][i] += sign
    return found


def _signed(k: int, entries: Sequence[tuple[int, int, int]]) -> Matrix:
    found = [[arb(0)] * k for _ in range(k)]
    for i, j, sign in entries:
        found[i][j] = arb(sign)
    return found


def lone_parts(student: Student, k: int) -> list[tuple[str, arb]]:
    """The eigenvalues on the two parts that occur once."""
    found = []
    if k >= 5:
        square = [(0, 1, 1), (1, 2, -1), (2, 3, 1), (3, 0, -1)]
        along = _signed(k, square + [(j, i, sign) for i, j, sign in square])
        found.append(("symmetric pairs", student.hessian(0, along)[1]))
    if k >= 4:
        triangle = [(0, 1, 1), (1, 2, 1), (2, 0, 1)]
        along = _signed(k, triangle + [(j, i, -sign) for i, j, sign in triangle])
        found.append(("antisymmetric pairs", student.hessian(0, along)[1]))
    return found


def _from_columns(columns: Sequence[Sequence[arb]]) -> arb_mat:
    size = len(columns)
    return arb_mat(size, size, [columns[j][i] for i in range(size) for j in range(size)])


def symmetric_point(k: int, near: Sequence[arb], radius: arb, bits: int = 128) -> SymmetricPoint:
    """The critical point of the family within `radius` of `near`, proved to exist and to be the only one there.

    Interval Newton: with X the box, m its middle, g the five derivatives and J(X) an enclosure of their Jacobian on X,
    N = m - J(X)^-1 g(m) inside the interior of X proves that g has exactly one zero in X, and that it lies in N
    (Moore 1977, A test for existence of solutions to nonlinear systems; Neumaier 1990, theorem 5.1.7).

    Raises ValueError for k < 3, NotProved where the test fails or neurons may be parallel.
    """
    if k < 3:
        raise ValueError(f"the family of symmetric networks has five coordinates from k = 3 on, not for k = {k}")
    with precision(bits):
        box = [middle + arb(0, 1) * radius for middle in near]
        found = _newton(k, box)
        if found is None or not all(abs(x - middle) < radius for x, middle in zip(found, near, strict=True)):
            raise NotProved(f"interval Newton does not show that the box around {_text(near)} holds exactly one critical point for k = {k}")
        for _ in range(ROUNDS):
            again = _newton(k, found)
            if again is None or not max(x.rad() for x in again) * 2 < max(x.rad() for x in found):
                break
            found = again
        student = Student(family(k, found), orthonormal(k))
        try:
            parts = [("family", leftmost(trivial_part(student, k))), ("standard", leftmost(standard_part(student, k)))]
            return SymmetricPoint(k, tuple(found), _objective(student, k), (*parts, *lone_parts(student, k)))
        except (Parallel, NotSeparated) as error:
            raise NotProved(str(error)) from None


def _newton(k: int, box: Sequence[arb]) -> list[arb] | None:
    """N within the interior of the box, or None."""
    middle = [arb(x.mid()) for x in box]
    targets = orthonormal(k)
    try:
        value = restricted(Student(family(k, middle), targets), k)
        slope = trivial_part(Student(family(k, box), targets), k)
        step = slope.solve(arb_mat(UNKNOWNS, 1, value))
    except (Parallel, ZeroDivisionError):
        return None
    found = [m - step[place, 0] for place, m in enumerate(middle)]
    inside = all(x.contains_interior(y) for x, y in zip(box, found, strict=True))
    return found if inside else None


def _objective(student: Student, k: int) -> arb:
    """F, each of the few different pairs evaluated once and counted."""
    m, last = k - 1, k - 1
    among = m * same(student.rows[0])[0] + same(student.rows[last])[0]
    among += m * (m - 1) * student.pair(0, 1, False).value + 2 * m * student.pair(0, last, False).value
    across = m * (student.pair(0, 0, True).value + (m - 1) * student.pair(0, 1, True).value + student.pair(0, last, True).value)
    across += m * student.pair(last, 0, True).value + student.pair(last, last, True).value
    unit = student.targets
    own = k * same(unit[0])[0] + k * (k - 1) * Pair(unit[0], unit[1]).value
    return among - 2 * across + own


def _text(values: Sequence[arb]) -> str:
    return "(" + ", ".join(f"{float(value):.6f}" for value in values) + ")"
