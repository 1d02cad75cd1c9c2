"""The least eigenvalue of a matrix of balls whose eigenvalues are all real, enclosed."""

from __future__ import annotations

import numpy as np
from flint import arb, arb_mat


class NotSeparated(ArithmeticError):
    """The discs of the eigenvalues could not be computed: an approximate basis of eigenvectors is singular."""


def leftmost(matrix: arb_mat) -> arb:
    r"""An enclosure of the least eigenvalue, for every matrix in the balls that has real eigenvalues only.

    With Q the approximate eigenvectors (any invertible matrix does), Q^-1 A Q has the eigenvalues of A. They lie in the union of
    Gershgorin's discs, and a connected part of the union holds as many as it has discs: so the part furthest left holds the least.
    Source: Gershgorin (1931); Horn & Johnson, Matrix Analysis, theorem 6.1.1. Raises NotSeparated where Q is singular.

    >>> leftmost(arb_mat([[2, 1], [1, 2]])).contains(1)
    True
    """
    size = matrix.nrows()
    middle = np.array([[float(matrix[i, j].mid()) for j in range(size)] for i in range(size)])
    if not np.isfinite(middle).all():
        raise NotSeparated("an entry of the Hessian is not finite")
    values, vectors = np.linalg.eig(middle)
    plane = np.where(values.imag < 0, vectors.imag, vectors.real)  # rounding makes conjugate pairs of eigenvalues that are equal
    basis = arb_mat([[arb(float(x)) for x in row] for row in plane])
    try:
        similar = basis.solve(matrix * basis)
    except ZeroDivisionError:
        raise NotSeparated("the approximate eigenvectors of the Hessian are not independent") from None
    discs = []
    for i in range(size):
        reach = sum((abs(similar[i, j]) for j in range(size) if j != i), arb(0))
        discs.append((similar[i, i] - reach).union(similar[i, i] + reach))
    found = discs[0]
    for disc in discs[1:]:  # the disc that ends first belongs to the part furthest left
        if disc.upper() < found.upper():
            found = disc
    for _ in discs:
        for disc in discs:
            if disc.overlaps(found):
                found = found.union(disc)
    return found
