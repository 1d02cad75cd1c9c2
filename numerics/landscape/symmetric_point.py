r"""Critical points that are symmetric under permutations of k - 1 neurons: interval Newton in five unknowns, or in seven.

    w_i = a e_i + b sum_{j != i, k} e_j + c e_k  for i < k,        w_(k-1+r) = d_r sum_{j < k} e_j + e_r e_k  for r = 1, ..., l

Permuting neurons and coordinates at once leaves the objective alone, because x ~ N(0, I) is exchangeable. The matrices above, with
n = m + l rows, are those that all permutations of the first m = k - 1 indices fix. There the gradient is fixed too (it is equivariant),
so it lies in the same space: 3 + 2 l equations make all n k derivatives vanish (the principle of symmetric criticality). And the Hessian
commutes with the permutations, so that by Schur's lemma it acts on each isotypic part of R^(n x k) by one small matrix:

    trivial        3 + 2 l copies    the family itself
    standard       4 + l copies      x_i E_ii, x_i E_ij, x_j E_ij, x_i E_ik, x_j E_(m+r)j with sum x = 0   (one less for m = 2)
    (m-2, 2)       1 copy            symmetric, zero diagonal, rows adding up to 0                        (from m = 4)
    (m-2, 1, 1)    1 copy            antisymmetric, rows adding up to 0                                   (from m = 3)

3 + 2 l + (4 + l)(m - 1) + m (m - 3)/2 + (m - 1)(m - 2)/2 = (m + l)(m + 1) = n k: the eigenvalues of these matrices are all eigenvalues of
the Hessian. n = k is l = 1, n = k + 1 is l = 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flint import arb, arb_mat

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.landscape.ball_geometry import Pair, Parallel, Student, Vector, orthonormal, same
from lemmata.numerics.landscape.leftmost import NotSeparated, leftmost

ROUNDS = 60
"""Newton steps at most: each about doubles the digits that are known."""

ALONG_COLUMNS = 2
"""The place of the standard copy x_j E_ij."""

Matrix = list[list[arb]]


class NotProved(ArithmeticError):
    """Interval Newton did not show that the box holds exactly one critical point: the message says why."""


@dataclass(frozen=True)
class SymmetricPoint:
    """The one critical point of the family in a box: its coordinates (a, b, c, d_1, e_1, ...), F there, F/2's least eigenvalue.

    `parts` are the least eigenvalues of the isotypic parts of the Hessian, by name.
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
    """The matrix of the family with these (a, b, c, d_1, e_1, ..., d_l, e_l).

    >>> [[int(x.unique_fmpz()) for x in row] for row in family(3, [arb(i) for i in range(1, 6)])]
    [[1, 2, 3], [2, 1, 3], [4, 4, 5]]
    """
    a, b, c = unknowns[:3]
    last = k - 1
    rows = [[*((a if i == j else b) for j in range(last)), c] for i in range(last)]
    return rows + [[*([d] * last), e] for d, e in zip(unknowns[3::2], unknowns[4::2], strict=True)]


def restricted(student: Student, k: int) -> list[arb]:
    """The derivatives of F/2 that stand for all: at (1, 1), (1, 2), (1, k), and at (k, 1), (k, k) of each further row."""

    def term(i: int, j: int, target: bool) -> Sequence[arb]:
        slope = student.pair(i, j, target).slope()
        return [-x for x in slope] if target else slope

    return _family_entries(student, k, student.rows, term)


def trivial_part(student: Student, k: int) -> arb_mat:
    """The Hessian of F/2 on the family, as the matrix of a linear map in the coordinates (a, b, c, d_1, e_1, ...)."""
    columns, unknowns = [], 3 + 2 * (len(student.rows) - k + 1)
    for index in range(unknowns):
        along = family(k, [arb(int(index == place)) for place in range(unknowns)])
        columns.append(_family_entries(student, k, along, partial(_second, student, along)))
    return _from_columns(columns)


def _second(student: Student, along: Matrix, i: int, j: int, target: bool) -> Sequence[arb]:
    """What the pair (i, j) adds to row i of the Hessian applied to `along`."""
    pair = student.pair(i, j, target)
    bent = pair.bent(along[i])
    return [-x for x in bent] if target else [x + y for x, y in zip(bent, pair.crossed(along[j]), strict=True)]


def _family_entries(student: Student, k: int, own: Sequence[Vector], term: Callable[[int, int, bool], Sequence[arb]]) -> list[arb]:
    """Five entries or more of a sum over pairs that permutations leave alone, one pair of each orbit evaluated.

    The pairs of row 1 with the rows 2 to m, or with their targets, are images of one another under permutations that fix 1; those of a
    further row with the rows 1 to m under all. Summing over the images of a vector z adds its entries up as below.
    """
    m, last, n = k - 1, k - 1, len(student.rows)
    slope = same(student.rows[0])[1]

    def total(i: int, take: Callable[[Sequence[arb]], list[arb]], spread: Callable[[Sequence[arb]], list[arb]]) -> list[arb]:
        moved, lone = (1, [(0, True)]) if i == 0 else (0, [])
        lone += [(last, True), *((j, False) for j in range(m, n) if j != i)]
        parts = [[slope * x for x in take(own[i])], *(take(term(i, j, target)) for j, target in lone)]
        parts += [spread(term(i, moved, target)) for target in (False, True)]
        return [sum(entries, arb(0)) for entries in zip(*parts, strict=True)]

    first = total(0, lambda z: [z[0], z[1], z[last]], lambda z: [(m - 1) * z[0], z[1] + (m - 2) * z[2], (m - 1) * z[last]])
    return first + [x for i in range(m, n) for x in total(i, lambda z: [z[0], z[last]], lambda z: [z[0] + (m - 1) * z[1], m * z[last]])]


def standard_part(student: Student, k: int) -> arb_mat:
    """The Hessian of F/2 on the standard part, from x = (1, -1, 0, ..., 0): coefficients are read off where one copy alone lives."""
    m, last, n = k - 1, k - 1, len(student.rows)
    columns = []
    for kind in range(4 + n - m):
        if m == 2 and kind == ALONG_COLUMNS:  # minus the copy along rows
            continue
        along = _standard(k, n, kind)
        first, further = student.hessian(0, along), [student.hessian(i, along)[0] for i in range(m, n)]
        if m > 2:
            columns.append([first[0], first[2], student.hessian(2, along)[0], first[last], *further])
        else:
            columns.append([first[0], first[1], first[last], *further])
    return _from_columns(columns)


def _standard(k: int, n: int, kind: int) -> Matrix:
    """The copies of (1, -1, 0, ..., 0): on the diagonal, along rows, along columns, in the last column, in each further row."""
    last, found = k - 1, [[arb(0)] * k for _ in range(n)]
    for i, sign in ((0, 1), (1, -1)):
        if kind == 0:
            found[i][i] = arb(sign)
        elif kind == 3:
            found[i][last] = arb(sign)
        elif kind > 3:
            found[last + kind - 4][i] = arb(sign)
        else:
            for j in range(last):
                if j != i and kind == 1:
                    found[i][j] += sign
                elif j != i:
                    found[j][i] += sign
    return found


def _signed(student: Student, entries: Sequence[tuple[int, int, int]]) -> Matrix:
    found = [[arb(0)] * len(row) for row in student.rows]
    for i, j, sign in entries:
        found[i][j] = arb(sign)
    return found


def lone_parts(student: Student, k: int) -> list[tuple[str, arb]]:
    """The eigenvalues on the two parts that occur once."""
    found = []
    if k >= 5:
        square = [(0, 1, 1), (1, 2, -1), (2, 3, 1), (3, 0, -1)]
        along = _signed(student, square + [(j, i, sign) for i, j, sign in square])
        found.append(("symmetric pairs", student.hessian(0, along)[1]))
    if k >= 4:
        triangle = [(0, 1, 1), (1, 2, 1), (2, 0, 1)]
        along = _signed(student, triangle + [(j, i, -sign) for i, j, sign in triangle])
        found.append(("antisymmetric pairs", student.hessian(0, along)[1]))
    return found


def _from_columns(columns: Sequence[Sequence[arb]]) -> arb_mat:
    size = len(columns)
    return arb_mat(size, size, [columns[j][i] for i in range(size) for j in range(size)])


def symmetric_point(k: int, near: Sequence[arb], radius: arb, bits: int = 128) -> SymmetricPoint:
    """The critical point of the family within `radius` of `near`, proved to exist and to be the only one there.

    `near` has five numbers for n = k, seven for n = k + 1. Interval Newton: with X the box, m its middle, g the derivatives, J(X) an
    enclosure of their Jacobian on X and C about its inverse, N = m - (C J(X))^-1 C g(m) inside the interior of X proves that g has
    exactly one zero in X, and that it lies in N; C is regular then, as C J(X) is
    (Moore 1977, A test for existence of solutions to nonlinear systems; Neumaier 1990, theorem 5.1.7).

    Raises ValueError for k < 3, NotProved where the test fails or neurons may be parallel.
    """
    if k < 3:
        raise ValueError(f"the family of symmetric networks has five coordinates from k = 3 on, not for k = {k}")
    if len(near) < 5 or len(near) % 2 == 0:
        raise ValueError(f"a box is given by its middle (a, b, c, d, e, ...), 5, 7, 9, ... numbers and not {len(near)}")
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
        inverse = slope.mid().inv().mid()
        step = (inverse * slope).solve(inverse * arb_mat(len(value), 1, value))
    except (Parallel, ZeroDivisionError):
        return None
    found = [m - step[place, 0] for place, m in enumerate(middle)]
    inside = all(x.contains_interior(y) for x, y in zip(box, found, strict=True))
    return found if inside else None


def _objective(student: Student, k: int) -> arb:
    """F, each of the few different pairs evaluated once and counted."""
    m, last = k - 1, k - 1
    further = range(m, len(student.rows))
    among = m * same(student.rows[0])[0] + m * (m - 1) * student.pair(0, 1, False).value
    across = m * (student.pair(0, 0, True).value + (m - 1) * student.pair(0, 1, True).value + student.pair(0, last, True).value)
    for i in further:
        among += same(student.rows[i])[0] + 2 * m * student.pair(0, i, False).value
        among += 2 * sum((student.pair(i, j, False).value for j in further if j < i), arb(0))
        across += m * student.pair(i, 0, True).value + student.pair(i, last, True).value
    unit = student.targets
    own = k * same(unit[0])[0] + k * (k - 1) * Pair(unit[0], unit[1]).value
    return among - 2 * across + own


def _text(values: Sequence[arb]) -> str:
    return "(" + ", ".join(f"{float(value):.6f}" for value in values) + ")"
