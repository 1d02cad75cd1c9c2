"""The least value of a quadratic on a polyhedron, exactly: at a vertex where it is concave, else at a stationary point on a face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from lemmata.numerics.polytopes import Ray, TooManyRays, generators

Vector = tuple[fmpq, ...]


class NoMinimum(Exception):
    """There is no least value to be found; the message says why and what to do."""


@dataclass(frozen=True)
class Quadratic:
    """f(x) = constant + slope . x + x . hessian x / 2, with rational coefficients."""

    constant: fmpq
    slope: Vector
    hessian: tuple[Vector, ...]

    def __call__(self, x: Vector) -> fmpq:
        """The value at a point.

        >>> half, zero, one = fmpq(1, 2), fmpq(0), fmpq(1)
        >>> Quadratic(one, (zero,), ((one,),))((half,))
        9/8
        """
        half = sum((row[j] * x[i] * x[j] for i, row in enumerate(self.hessian) for j in range(len(x))), fmpq(0)) / 2
        return self.constant + sum((a * b for a, b in zip(self.slope, x, strict=True)), fmpq(0)) + half

    @property
    def is_concave(self) -> bool:
        """Whether the Hessian has no positive eigenvalue."""
        return is_negative_semidefinite(self.hessian)

    @property
    def is_strictly_convex(self) -> bool:
        """Whether the Hessian is positive definite."""
        size = len(self.slope)
        opposite = [[-entry for entry in row] for row in self.hessian]
        return is_negative_semidefinite(opposite) and fmpq_mat(size, size, [entry for row in opposite for entry in row]).det() != 0


@dataclass(frozen=True, slots=True)
class Least:
    """The least value, a point where it is attained, and how that was found."""

    value: fmpq
    point: Vector
    how: str


def least(objective: Quadratic, rows: Sequence[Sequence[fmpq]], work: int) -> Least:
    r"""The least value of a quadratic on P = {x : r_0 + r_1 x_1 + ... + r_n x_n >= 0 for every row r}.

    A concave f on a polytope is least at a vertex (Rockafellar 1970, corollary 32.3.4). Any f that has a least value on P has it at the
    only stationary point of f on the affine hull of some face: take the smallest face that holds a minimiser, which then
    lies in its interior; f is stationary there along the face, and its second derivative along the face positive definite,
    for along a direction in which that is 0 f is constant, and following it leads to a smaller face where P is bounded, and
    does not exist where f is strictly convex. Affine hulls of faces are where some independent rows are 0, so all
    independent sets of rows are tried, and the feasible stationary points compared. Raises NoMinimum where P is empty, or
    not bounded while f is not strictly convex; TooManyRays past `work` operations.

    >>> rows = [[fmpq(entry) for entry in row] for row in ((1, 1), (1, -1))]
    >>> least(Quadratic(fmpq(0), (fmpq(1),), ((fmpq(2),),)), rows, 10**6)
    Least(value=-1/4, point=(-1/2,), how='the least of 3 stationary points on faces')
    """
    strictly_convex = objective.is_strictly_convex
    if not strictly_convex:
        corners = generators(rows, work)
        if corners.line:
            raise NoMinimum("the constraints leave a whole line free, or no point at all: bound every variable from both sides")
        if not corners.vertices:
            raise NoMinimum("no point satisfies the constraints: the polytope is empty")
        if corners.directions:
            raise NoMinimum(f"the constraints do not bound the direction {written(corners.directions[0])}: bound every variable")
        if objective.is_concave:
            return _smallest(objective, list(corners.vertices), "vertices")
    found = [point for point in _stationary(objective, rows, work) if all(_height(row, point) >= 0 for row in rows)]
    if not found:
        raise NoMinimum("no point satisfies the constraints: the polytope is empty")
    return _smallest(objective, list(dict.fromkeys(found)), "stationary points on faces")


def _smallest(objective: Quadratic, points: list[Vector], what: str) -> Least:
    value, point = min(((objective(point), point) for point in points), key=lambda pair: pair[0])
    return Least(value, point, f"the least of {len(points)} {what}")


SOLVE = 500
"""What one linear system counts, in comparisons of rays."""


def _stationary(objective: Quadratic, rows: Sequence[Sequence[fmpq]], work: int) -> Iterator[Vector]:
    """The stationary point of f on {x : the rows of S are 0} for each independent set S of rows for which it is a single one."""
    size = len(objective.slope)
    distinct = list(dict.fromkeys(tuple(row) for row in rows if any(entry != 0 for entry in row[1:])))
    for chosen in _independent_sets(distinct, size):
        work -= SOLVE
        if work < 0:
            raise TooManyRays(f"{len(distinct)} constraints in {size} variables have too many sets for a quadratic that is not concave")
        order = size + len(chosen)
        system, right = fmpq_mat(order, order), fmpq_mat(order, 1)
        for i in range(size):
            right[i, 0] = -objective.slope[i]
            for j in range(size):
                system[i, j] = objective.hessian[i][j]
        for k, row in enumerate(chosen, size):
            right[k, 0] = -row[0]
            for i in range(size):
                system[k, i] = system[i, k] = row[i + 1]
        if system.det() != 0:
            solution = system.solve(right)
            yield tuple(solution[i, 0] for i in range(size))


def _independent_sets(rows: Sequence[Vector], size: int) -> Iterator[tuple[Vector, ...]]:
    """Every set of at most `size` rows whose linear parts are independent, the empty one first."""

    def extended(chosen: tuple[Vector, ...], echelon: tuple[tuple[int, Vector], ...], start: int) -> Iterator[tuple[Vector, ...]]:
        yield chosen
        if len(chosen) == size:
            return
        for place in range(start, len(rows)):
            rest = rows[place][1:]
            for pivot, other in echelon:
                factor = rest[pivot] / other[pivot]
                rest = tuple(a - factor * b for a, b in zip(rest, other, strict=True))
            lead = next((column for column, entry in enumerate(rest) if entry != 0), None)
            if lead is not None:
                yield from extended((*chosen, rows[place]), (*echelon, (lead, rest)), place + 1)

    return extended((), (), 0)


def _height(row: Sequence[fmpq], point: Vector) -> fmpq:
    """r_0 + r . x."""
    return sum((a * b for a, b in zip(row[1:], point, strict=True)), row[0])


def is_negative_semidefinite(rows: Sequence[Sequence[fmpq]]) -> bool:
    """Whether a symmetric rational matrix has no positive eigenvalue: the pivots of its elimination are <= 0.

    A pivot 0 stands in a row of zeros or the matrix is indefinite; otherwise the Schur complement decides (Haynsworth 1968).

    >>> is_negative_semidefinite([[fmpq(-1), fmpq(1)], [fmpq(1), fmpq(-1)]])
    True
    >>> is_negative_semidefinite([[fmpq(0), fmpq(1)], [fmpq(1), fmpq(-9)]])
    False
    """
    rest = [list(row) for row in rows]
    while rest:
        pivot, top = rest[0][0], rest[0][1:]
        if pivot > 0 or (pivot == 0 and any(entry != 0 for entry in top)):
            return False
        rest = [[entry - (row[0] * top[j] / pivot if pivot else fmpq(0)) for j, entry in enumerate(row[1:])] for row in rest[1:]]
    return True


def written(entries: Sequence[fmpq] | Ray) -> str:
    """A point or a direction as text."""
    return f"({', '.join(map(str, entries))})"
