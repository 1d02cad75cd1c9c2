r"""Near-identity factorisations in balls: the polar parts of a matrix, the factors that are built of it, and what no factor can beat.

All norms are spectral. Where something may fail (a determinant that is not proved positive) `NotFactorised` is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, arb_mat

from lemmata.numerics.landscape.leftmost import NotSeparated, leftmost

STEPS = 1000
"""Steps of Newton's iteration, at most: it halves the exponent of a condition number once a step."""


class NotFactorised(ArithmeticError):
    """There are no factors, or balls do not show that there are."""


class NoFactors(NotFactorised):
    """There are none near the identity: det A < 0."""


def identity(size: int) -> arb_mat:
    """The identity matrix."""
    return arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


def norm(matrix: arb_mat) -> arb:
    """The spectral norm, the root of the largest eigenvalue of V^T V.

    >>> norm(arb_mat([[3, 0], [0, 1]])).contains(3)
    True
    """
    square = _symmetric(matrix.transpose() * matrix)
    return _root(-leftmost(-square))


def _symmetric(matrix: arb_mat) -> arb_mat:
    return (matrix + matrix.transpose()) * arb(0.5)


def _root(value: arb) -> arb:
    """The square root of a number that is known not to be negative, whatever part of its ball is."""
    upper = value.upper()
    lower = value.lower()
    if not upper > 0:
        return arb(0)
    return upper.sqrt().union(lower.sqrt() if lower > 0 else arb(0))


def floats(matrix: arb_mat) -> np.ndarray:
    """The middles of the entries in double precision."""
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


def dyadic(matrix: np.ndarray) -> arb_mat:
    """A matrix of doubles as exact balls."""
    return arb_mat([[float(x) for x in row] for row in matrix])


@dataclass(frozen=True)
class PolarParts:
    """A = B O with det A > 0: how far B stretches and shrinks, how far O turns.

    >>> parts = PolarParts(arb_mat([[0, -2], [2, 0]]))
    >>> parts.largest.contains(2), parts.smallest.contains(2), parts.angle.overlaps(arb.pi() / 2)
    (True, True, True)
    """

    matrix: arb_mat

    def __post_init__(self) -> None:
        determinant = self.matrix.det()
        if determinant < 0:
            raise NoFactors("det A < 0 here, and factors near the identity have a positive determinant: det A > 0 is needed")
        if not determinant > 0:
            raise NotFactorised("det A > 0 is not shown here: the matrix is singular, or too near to one that is")

    @property
    def size(self) -> int:
        """d."""
        return int(self.matrix.nrows())

    @cached_property
    def largest(self) -> arb:
        """The largest singular value."""
        return norm(self.matrix)

    @cached_property
    def smallest(self) -> arb:
        """The smallest singular value, 1/|A^-1|."""
        return 1 / norm(self.matrix.inv())

    @cached_property
    def rotation(self) -> arb_mat:
        r"""O, by Newton's iteration X -> (X + X^-T)/2.

        It keeps the polar factor O and maps each singular value s to (s + 1/s)/2, so that |X - O| = max |s - 1| <= |X^T X - 1|: the
        last iterate, widened by that norm, encloses O. Source: Higham (1986), Computing the polar decomposition, section 3.
        """
        x, defect = self.matrix, arb("inf")
        for _ in range(STEPS):
            x = (x + x.inv().transpose()) * arb(0.5)
            before, defect = defect, _frobenius(x.transpose() * x - identity(self.size)).upper()
            if defect < 1 and not defect * 2 < before:
                return arb_mat([[entry + arb(0, defect) for entry in row] for row in x.tolist()])
        raise NotFactorised("the polar decomposition did not converge: the matrix is too near to a singular one")

    @cached_property
    def angle(self) -> arb:
        """The largest angle in [0, pi] by which O turns a plane: |O - 1| = 2 sin(angle/2), |O + 1| >= 2 cos(angle/2)."""
        turn = self.rotation
        if self.size == 1:
            return arb(0)
        if self.size <= 3:
            cosine = (turn.trace() - (self.size - 2)) / 2
            skew = (turn - turn.transpose()) * arb(0.5)
            sine = _root(sum((skew[i, j] ** 2 for i in range(self.size) for j in range(i)), arb(0)))
            return _angle(cosine, sine)
        cosine = leftmost(_symmetric(turn))
        return _angle(cosine, _root(1 - cosine * cosine))

    def stretch(self, count: int) -> arb:
        """|B^(1/count) - 1|: the eigenvalues of the root are roots of eigenvalues; infinite for no factor."""
        if count == 0:
            return arb("inf")
        share = arb(1) / count
        return (self.largest**share - 1).max(1 - self.smallest**share)

    def turn(self, count: int) -> arb:
        """|O^(1/count) - 1| = 2 sin(angle/(2 count)); infinite for no factor."""
        return arb("inf") if count == 0 else 2 * (self.angle / (2 * count)).sin()

    def split(self, count: int) -> tuple[int, arb]:
        """How many of K factors B has in the best split, and the radius, for K >= 2.

        `stretch` falls in j, `turn` of what is left rises, so whatever j is proposed, no split is better than the less of
        stretch(j - 1) and turn(K - j): a smaller j stretches at least as far as the former, any other turns at least as far as the latter.
        """
        if count < 2:
            raise NotFactorised("one factor for two parts: K is at least 2")
        low, high = 1, count - 1
        while low < high:
            middle = (low + high) // 2
            if self.stretch(middle).mid() <= self.turn(count - middle).mid():
                high = middle
            else:
                low = middle + 1
        if low == count - 1 and not self.stretch(low).mid() <= self.turn(1).mid():
            best, bound = low, self.stretch(low)
            return best, bound.union(bound.max(self.turn(1)))
        radii = {j: self.stretch(j).max(self.turn(count - j)) for j in (low - 1, low) if j >= 1}
        best = min(radii, key=lambda j: float(radii[j].mid()))
        bound = self.turn(count - low) if low == 1 else self.turn(count - low).min(self.stretch(low - 1))
        return best, bound.union(radii[best])


def _frobenius(matrix: arb_mat) -> arb:
    return _root(sum((entry * entry for entry in matrix.entries()), arb(0)))


def _angle(cosine: arb, sine: arb) -> arb:
    """The angle in [0, pi] with this cosine and sine, up to a common positive factor."""
    found = arb.atan2(_clipped(sine), cosine)
    return found.max(arb(0)).min(arb.pi())


def _clipped(value: arb) -> arb:
    """The part of a ball that is not negative."""
    return value.max(arb(0))


def built_factors(matrix: arb_mat, parts: PolarParts, count: int) -> tuple[arb_mat, arb_mat, arb_mat, int]:
    """B^(1/j) and O^(1/(K - j)) in doubles, the first factor that makes the product A exactly, and j.

    The product is F B^(1/j) ... O^(1/(K-j)) ... with one root replaced by F: whatever the roundings of the roots, it is A.
    """
    j = _proposed(parts, count)
    stretch, turn = _roots(floats(matrix), j, count - j)
    rest = identity(parts.size)
    for root, times in ((stretch, j), (turn, count - j)):
        missing = int(root is (stretch if j else turn))
        for _ in range(times - missing):
            rest = rest * root
    return stretch, turn, matrix * rest.inv(), j


def _proposed(parts: PolarParts, count: int) -> int:
    """How many of K factors stretch: none for what looks like a rotation, all for what looks positive definite. Any number is right."""
    one = identity(parts.size)
    if _frobenius(parts.matrix.transpose() * parts.matrix - one).contains(0):
        return 0
    return count if _frobenius(parts.rotation - one).contains(0) else parts.split(count)[0]


def _roots(matrix: np.ndarray, stretches: int, turns: int) -> tuple[arb_mat, arb_mat]:
    """Roots of the polar parts in doubles; -1 as an eigenvalue of a rotation comes in pairs, which are planes turned by pi."""
    from scipy.linalg import schur

    left, values, right = np.linalg.svd(matrix)
    size = len(values)
    stretch = (left * values ** (1 / max(1, stretches))) @ left.T
    blocks, basis = schur(left @ right, output="real")
    root, flips, place = np.eye(size), [], 0
    while place < size:
        if place + 1 < size and abs(blocks[place + 1, place]) > np.sqrt(np.finfo(float).eps):
            angle = np.arctan2(blocks[place + 1, place], blocks[place, place])
            _turn(root, place, place + 1, angle / max(1, turns))
            place += 2
            continue
        if blocks[place, place] < 0:
            flips.append(place)
        place += 1
    for first, second in zip(flips[::2], flips[1::2], strict=False):
        _turn(root, first, second, np.pi / max(1, turns))
    return dyadic(stretch), dyadic(basis @ root @ basis.T)


def _turn(root: np.ndarray, first: int, second: int, angle: float) -> None:
    c, s = np.cos(angle), np.sin(angle)
    root[np.ix_([first, second], [first, second])] = [[c, -s], [s, c]]


def attained(matrix: arb_mat, parts: PolarParts, count: int) -> arb:
    """max |V_k| of a product of K factors that is exactly A: what the infimum cannot exceed."""
    one = identity(parts.size)
    if count == 1:
        return norm(matrix - one)
    try:
        stretch, turn, first, j = built_factors(matrix, parts, count)
        found = norm(first - one)
        if j > 1:
            found = found.max(norm(stretch - one))
        if count - j > (j == 0):
            found = found.max(norm(turn - one))
    except NotSeparated as error:
        raise NotFactorised(str(error)) from error
    return found


def attained_by_root(matrix: arb_mat, count: int) -> arb | None:
    """max |V_k| of K equal factors A^(1/K), one of them mended so that the product is exactly A; None where floats find no real root.

    A spiral, stretch and rotation at once, has its factors within |log A|/K, less than |log B| + |log O| apart from the identity.

    >>> spiral = attained_by_root(arb_mat([[0, -2], [2, 0]]), 512)
    >>> bool(spiral * 512 < arb(2).log() + arb.pi() / 2)
    True
    """
    from scipy.linalg import fractional_matrix_power

    a = floats(matrix)
    values = np.linalg.eigvals(a)
    if count == 1 or any(abs(value.imag) <= np.sqrt(np.finfo(float).eps) * abs(value) and value.real <= 0 for value in values):
        return None
    root = np.real(fractional_matrix_power(a, 1 / count))
    if not np.isfinite(root).all():
        return None
    factor, one = dyadic(root), identity(int(matrix.nrows()))
    try:
        mended = matrix * (factor ** (count - 1)).inv()
        return norm(mended - one).max(norm(factor - one))
    except (NotSeparated, ZeroDivisionError):
        return None


def nearest(matrix: arb_mat, parts: PolarParts, count: int) -> arb:
    """The lesser radius of the two products that are built: what the infimum cannot exceed."""
    polar, equal = attained(matrix, parts, count), attained_by_root(matrix, count)
    return polar if equal is None or not equal.is_finite() else polar.min(equal)


def needed(matrix: arb_mat, parts: PolarParts, count: int) -> arb:
    r"""What every factorisation needs: a lower bound on max |V_k| = v.

    |A x| <= (1 + v)^K |x| gives (1 + v)^K >= s_max; for v < 1 |A x| >= (1 - v)^K |x| gives (1 - v)^K <= s_min, and as 1 + V turns no
    vector by more than arcsin v, K arcsin v is at least the angle between x and A x for every x (v >= sin of the least of angle/K and
    pi/2). For K = 1, V = A - 1.
    """
    if count == 1:
        return norm(matrix - identity(parts.size))
    share = arb(1) / count
    found = (parts.largest**share - 1).max(1 - parts.smallest**share)
    return found.max((widest_turn(matrix) / count).min(arb.pi() / 2).sin())


def widest_turn(matrix: arb_mat) -> arb:
    """The angle between x and A x for an x that floating point has found to be turned far, in balls: any x gives a lower bound."""
    from scipy.optimize import minimize

    a = floats(matrix)
    size = len(a)

    def cosine(x: np.ndarray) -> float:
        image = a @ x
        scale = np.linalg.norm(x) * np.linalg.norm(image)
        return float(x @ image / scale) if scale > 0 else 1.0

    left, _, right = np.linalg.svd(a)
    basis = np.linalg.eig(left @ right)[1]
    starts = [*np.eye(size), *basis.real.T, *(basis.real + basis.imag).T, *right, *(right[0] + right[1:]), *(right[0] - right[1:])]
    ends = [minimize(cosine, x, method="Nelder-Mead").x for x in starts if np.linalg.norm(x) > 0]
    found = arb(0)
    for x in [*starts, *ends]:
        angle = _turned(matrix, x)
        if angle.is_finite() and angle.lower() > found.lower():
            found = angle
    return found


def _turned(matrix: arb_mat, x: np.ndarray) -> arb:
    column = arb_mat([[float(value)] for value in x])
    image = matrix * column
    along = (column.transpose() * image)[0, 0]
    across = _root((column.transpose() * column)[0, 0] * (image.transpose() * image)[0, 0] - along * along)
    return _angle(along, across)
