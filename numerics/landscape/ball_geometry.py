r"""Two neurons in balls: their angle, their unit normals, the kernel and the action of its second derivatives.

Everything is a formula of `pair_kernel` in ball arithmetic, so that it encloses the values for all vectors in the balls. The
formulas hold away from parallel vectors; where the sine of the angle may be 0 `Parallel` is raised and nothing is returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import flint
from flint import arb

from lemmata.numerics.landscape.pair_kernel import in_balls

Vector = Sequence[arb]


class Parallel(ArithmeticError):
    """Two vectors of which balls do not show that they are neither parallel nor antiparallel nor 0."""


def dot(x: Vector, y: Vector) -> arb:
    """x.y.

    >>> dot([arb(1), arb(2)], [arb(3), arb(4)])
    11.0000000000000
    """
    total = arb(0)
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


@dataclass(frozen=True)
class Pair:
    """Vectors w and v, not parallel."""

    w: Vector
    v: Vector

    @cached_property
    def norms(self) -> tuple[arb, arb]:
        """|w| and |v|, both positive."""
        found = dot(self.w, self.w).sqrt(), dot(self.v, self.v).sqrt()
        if not (found[0] > 0 and found[1] > 0):
            raise Parallel("a neuron whose weights may all be 0 has no angle")
        return found

    @cached_property
    def units(self) -> tuple[Vector, Vector]:
        """w^ and v^."""
        (a, b), w, v = self.norms, self.w, self.v
        return [x / a for x in w], [x / b for x in v]

    @cached_property
    def cosine(self) -> arb:
        """c."""
        return dot(*self.units)

    @cached_property
    def sine(self) -> arb:
        """s = sqrt(1 - c^2), positive."""
        squared = 1 - self.cosine**2
        if not squared > 0:
            raise Parallel("two neurons may be parallel: their kernel has no second derivatives that balls could enclose")
        return squared.sqrt()

    @cached_property
    def normals(self) -> tuple[Vector, Vector]:
        """u = (v^ - c w^)/s and t = (w^ - c v^)/s."""
        (w, v), c, s = self.units, self.cosine, self.sine
        return [(b - c * a) / s for a, b in zip(w, v, strict=True)], [(a - c * b) / s for a, b in zip(w, v, strict=True)]

    @cached_property
    def factors(self) -> tuple[arb, arb, arb]:
        """kappa - c kappa', kappa', s^2 kappa''."""
        p, q, r, m = in_balls(flint.ctx.prec)
        return p * self.sine, q + r * self.cosine.acos(), m * self.sine

    @property
    def value(self) -> arb:
        """f(w, v) = |w| |v| kappa(c)."""
        along, other, _ = self.factors
        return self.norms[0] * self.norms[1] * (along + self.cosine * other)

    def slope(self) -> list[arb]:
        """df/dw."""
        along, other, _ = self.factors
        return [self.norms[1] * along * a + other * b for a, b in zip(self.units[0], self.v, strict=True)]

    def bent(self, x: Vector) -> list[arb]:
        """(d^2 f/dw^2) x."""
        along, _, bend = self.factors
        (w, _), (u, _), scale = self.units, self.normals, self.norms[1] / self.norms[0]
        on_w, on_u = along * dot(w, x), bend * dot(u, x)
        return [scale * (along * each - on_w * a + on_u * b) for each, a, b in zip(x, w, u, strict=True)]

    def crossed(self, y: Vector) -> list[arb]:
        """(d^2 f/dw dv) y."""
        along, other, bend = self.factors
        (w, v), (u, t) = self.units, self.normals
        on_v, on_t = along * dot(v, y), bend * dot(t, y)
        return [other * each + on_v * a + on_t * b for each, a, b in zip(y, w, u, strict=True)]


def same(w: Vector) -> tuple[arb, arb]:
    """f(w, w) = kappa(1) |w|^2 and the factor kappa(1) = kappa'(1) of w in half its gradient: the angle 0, at any w.

    >>> same([arb(3), arb(4)])
    (12.5000000000000, 0.500000000000000)
    """
    slope = in_balls(flint.ctx.prec)[1]
    return slope * dot(w, w), slope


class Student:
    """n neurons W (rows) that learn the orthonormal neurons V: half the objective, G = F/2, and its derivatives, in balls.

    Raises ValueError where W and V are of different dimensions or one of them is empty.
    """

    def __init__(self, rows: Sequence[Vector], targets: Sequence[Vector]) -> None:
        if not rows or not targets:
            raise ValueError("student and target have at least one neuron each")
        if len({len(row) for row in (*rows, *targets)}) > 1:
            raise ValueError(f"a student of dimension {len(rows[0])} cannot learn a target of dimension {len(targets[0])}: make them equal")
        self.rows, self.targets = rows, targets
        self._pairs: dict[tuple[int, int, bool], Pair] = {}

    def pair(self, i: int, j: int, target: bool) -> Pair:
        """Student i with student j, or with target j."""
        key = (i, j, target)
        if key not in self._pairs:
            self._pairs[key] = Pair(self.rows[i], self.targets[j] if target else self.rows[j])
        return self._pairs[key]

    def gradient(self, i: int) -> list[arb]:
        """Row i of the gradient of G."""
        found = [same(self.rows[i])[1] * x for x in self.rows[i]]
        for j in range(len(self.rows)):
            if j != i:
                found = [a + b for a, b in zip(found, self.pair(i, j, False).slope(), strict=True)]
        for j in range(len(self.targets)):
            found = [a - b for a, b in zip(found, self.pair(i, j, True).slope(), strict=True)]
        return found

    def hessian(self, i: int, along: Sequence[Vector]) -> list[arb]:
        """Row i of (the Hessian of G) applied to a matrix with the rows `along`."""
        x = along[i]
        found = [same(self.rows[i])[1] * each for each in x]
        for j in range(len(self.rows)):
            if j != i:
                pair = self.pair(i, j, False)
                found = [a + b + c for a, b, c in zip(found, pair.bent(x), pair.crossed(along[j]), strict=True)]
        for j in range(len(self.targets)):
            found = [a - b for a, b in zip(found, self.pair(i, j, True).bent(x), strict=True)]
        return found

    def objective(self) -> arb:
        """F = E (sum relu(w_i.x) - sum relu(v_j.x))^2 = sum f(w_i, w_j) - 2 sum f(w_i, v_j) + sum f(v_i, v_j)."""
        n, k = len(self.rows), len(self.targets)
        total = arb(0)
        for rows in (self.rows, self.targets):
            total += sum((same(row)[0] for row in rows), arb(0))
            total += 2 * sum((Pair(rows[i], rows[j]).value for i in range(len(rows)) for j in range(i)), arb(0))
        return total - 2 * sum((self.pair(i, j, True).value for i in range(n) for j in range(k)), arb(0))


def orthonormal(k: int) -> list[list[arb]]:
    """The unit vectors of R^k.

    >>> orthonormal(2)
    [[1.00000000000000, 0], [0, 1.00000000000000]]
    """
    return [[arb(int(i == j)) for j in range(k)] for i in range(k)]
