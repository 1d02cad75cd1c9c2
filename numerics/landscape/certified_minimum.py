r"""Strict local minima of two-layer ReLU students, proved at any numbers of neurons n and k: strong convexity on a ball.

Let x be a matrix, g and H the gradient and the Hessian of G = F/2 at x, and let L bound the Hessian's variation within R of x. If

    lambda = lambda_min(H) - L R > 0    and    |g| < lambda R,

then G is strongly convex on the ball of radius R around x, and on its surface <grad G(y), y - x> >= lambda R^2 - |g| R > 0. So the minimum
of G over the closed ball is inside: a critical point x*, the only one in the ball, a strict local minimum. It has |x* - x| <= |g|/lambda,
its Hessian differs from H by L |x* - x| at most, and G(x) - |g|^2/(2 lambda) <= G(x*) <= G(x).

Everything is evaluated in balls at the doubles of x. No symmetry of the minimum and no distance between its neurons is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.landscape.ball_geometry import Pair, Parallel, Student, dot, orthonormal, same
from lemmata.numerics.landscape.hessian_variation import variation

BITS = 128

Array = Any


class NotProved(ArithmeticError):
    """A strict local minimum near a matrix was not proved to exist: the message says why."""


@dataclass(frozen=True)
class CertifiedMinimum:
    """The strict local minimum within `distance` of a matrix of doubles, the only critical point within `radius` of it.

    `objective` encloses F there, `curvature` the least eigenvalue of the Hessian of F/2.
    """

    n: int
    k: int
    distance: arb
    radius: arb
    objective: arb
    curvature: arb


def certified_minimum(w: Array, bits: int = BITS, alone: float = 0.0) -> CertifiedMinimum:
    """The strict local minimum near a student w (n rows, k columns) that learns e_1, ..., e_k; see this file for the proof.

    R is at least `alone`: that far no other critical point is.

    Raises ValueError for what is no matrix of finite numbers, NotProved where the conditions are not met.
    """
    rows = np.asarray(w, dtype=float)
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise ValueError(f"a student is a matrix of finite numbers with a neuron in each row, not of shape {rows.shape}")
    n, k = rows.shape
    with precision(bits):
        student = Student([[arb(float(x)) for x in row] for row in rows], orthonormal(k))
        try:
            gradient = _at_most([x for i in range(n) for x in student.gradient(i)])
            least = least_eigenvalue(hessian(student))
        except Parallel as error:
            raise NotProved(str(error)) from None
        norms = [dot(row, row).sqrt() for row in student.rows]
        low = arb(least.lower())
        if not low > 0:
            raise NotProved(f"the least eigenvalue of the Hessian is {least.str(5)}: not shown to be positive")
        radius = arb((2 * gradient / low).upper()).max(arb(alone))
        if not radius > 0:
            radius = arb(2) ** (-bits)
        try:
            spread = variation(norms, [arb(1)] * k, radius)
        except ArithmeticError as error:
            raise NotProved(str(error)) from None
        convex = low - spread * radius
        if not (convex > 0 and gradient < convex * radius):
            raise NotProved(f"the gradient {gradient.str(3)} is too large for an eigenvalue {least.str(3)}: continue the descent")
        distance = arb((gradient / convex).upper())
        slack = arb((gradient**2 / convex).upper())
        objective, curvature = student.objective() + (-slack).union(arb(0)), least + arb(0, 1) * spread * distance
        return CertifiedMinimum(n, k, distance, radius, objective, curvature)


def hessian(student: Student) -> arb_mat:
    """The Hessian of F/2, n k by n k, in balls; raises Parallel where two rows may be parallel."""
    rows, n, k = student.rows, len(student.rows), len(student.rows[0])
    blocks = [[arb_mat(k, k) for _ in range(n)] for _ in range(n)]
    for i in range(n):
        blocks[i][i] = _own(student, i)
        for j in range(i):
            blocks[i][j] = _crossed(student.pair(i, j, False))
            blocks[j][i] = blocks[i][j].transpose()
    tables = [[block.table() for block in line] for line in blocks]
    return arb_mat([[x for block in line for x in block[a]] for line in tables for a in range(len(rows[0]))])


def _own(student: Student, i: int) -> arb_mat:
    """d^2G/dw_i^2 = kappa(1) 1 + sum of |v|/|w| (p s (1 - a a^T) + m s u u^T) over the other rows, less the same over the targets."""
    n, k = len(student.rows), len(student.rows[0])
    pairs = [(student.pair(i, j, False), 1) for j in range(n) if j != i] + [(student.pair(i, j, True), -1) for j in range(k)]
    flat, columns, weighted = arb(0), [], []
    for pair, sign in pairs:
        along, _, bend = pair.factors
        scale = sign * pair.norms[1] / pair.norms[0]
        flat += scale * along
        columns.append(pair.normals[0])
        weighted.append([scale * bend * x for x in pair.normals[0]])
    unit = pairs[0][0].units[0]
    columns.append(unit)
    weighted.append([-flat * x for x in unit])
    diagonal = same(student.rows[i])[1] + flat
    return arb_mat(columns).transpose() * arb_mat(weighted) + _multiple(k, diagonal)


def _crossed(pair: Pair) -> arb_mat:
    """d^2 f/dw dv = kappa' 1 + p s a b^T + m s u t^T."""
    along, other, bend = pair.factors
    (a, b), (u, t) = pair.units, pair.normals
    left = arb_mat([[along * x for x in a], [bend * x for x in u]]).transpose()
    return left * arb_mat([list(b), list(t)]) + _multiple(len(a), other)


def _multiple(size: int, value: arb) -> arb_mat:
    return arb_mat([[value if i == j else arb(0) for j in range(size)] for i in range(size)])


def least_eigenvalue(matrix: arb_mat) -> arb:
    r"""An enclosure of the least eigenvalue of every symmetric matrix in the balls.

    With any Q, S = Q^T A Q and T = Q^T Q of which |T - 1| <= epsilon < 1, every x is Q y and |x|^2 is within epsilon |y|^2 of |y|^2; and
    the least eigenvalue of S is within delta of min d, if |S - diag(d)| <= delta. So lambda_min(A) is between (min d -+ delta)/(1 +-
    epsilon), whichever of the signs is further out. Frobenius' norm bounds the operator norm. Raises NotProved where Q is not near
    orthogonal.

    >>> least_eigenvalue(arb_mat([[2, 1], [1, 2]])).contains(1)
    True
    """
    size = matrix.nrows()
    middle = np.array([[float(x.mid()) for x in row] for row in matrix.table()])
    if not np.isfinite(middle).all():
        raise NotProved("an entry of the Hessian is not finite")
    values, vectors = np.linalg.eigh((middle + middle.T) / 2)
    basis = arb_mat(vectors.tolist())
    turned = basis.transpose()
    epsilon = _at_most([x for row in (turned * basis - _multiple(size, arb(1))).table() for x in row])
    if not epsilon < 1:
        raise NotProved("the approximate eigenvectors of the Hessian are not near orthogonal")
    similar = turned * (matrix * basis)
    for place, value in enumerate(values):
        similar[place, place] -= arb(float(value))
    delta, least = _at_most([x for row in similar.table() for x in row]), arb(float(values.min()))
    ends = [(least + sign * delta) / (1 + way * epsilon) for sign in (-1, 1) for way in (-1, 1)]
    return ends[0].union(ends[1]).union(ends[2]).union(ends[3])


def _at_most(vector: list[arb]) -> arb:
    """An upper bound of the Euclidean norm, exact as a ball."""
    return arb(sum((arb(abs(x).upper()) ** 2 for x in vector), arb(0)).sqrt().upper())
