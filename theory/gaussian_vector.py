r"""Random vectors with a normal law of any dimension, as SymPy knows random matrices: symbolic size, symbolic covariance."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.stats.matrix_distributions import MatrixNormalDistribution, MatrixPSpace
from sympy.stats.rv import RandomMatrixSymbol, is_random

from lemmata.theory.admitted import table
from lemmata.theory.quantity import random_symbols


def gaussian_vector(name: str, covariance: Any, mean: Any = None) -> Any:
    r"""A random n x 1 vector with law N(mean, covariance); vectors with different names are independent.

    $$X \sim N(\mu, \Sigma), \qquad \mathbb{E}\, e^{i a^T X} = e^{i a^T \mu - a^T \Sigma a / 2}$$

    The covariance is a square matrix (a symbol or explicit, positive semidefinite; say so of a symbol in `given`), the
    mean is 0 unless given. Raises ValueError where the shapes do not fit.

    >>> from sympy import MatrixSymbol, Symbol
    >>> n = Symbol("n", integer=True, positive=True)
    >>> gaussian_vector("X", MatrixSymbol("Sigma_0", n, n)).shape
    (n, 1)
    """
    if isinstance(covariance, (list, tuple)):
        covariance = sp.ImmutableMatrix(table("a covariance", covariance))
    if not getattr(covariance, "is_Matrix", False):
        raise ValueError(f"a covariance is a square matrix, a symbol or rows of numbers, not {covariance!r}")
    if not isinstance(name, str) or not name:
        raise ValueError(f"a random vector is named by a text, not by {name!r}")
    rows, columns = covariance.shape
    if rows != columns:
        raise ValueError(f"a covariance is square, not {rows} x {columns}")
    if isinstance(covariance, sp.MatrixBase) and all(entry.is_number for entry in covariance):
        if covariance != covariance.T or covariance.is_positive_semidefinite is False:
            fault = "positive semidefinite" if covariance == covariance.T else "symmetric"
            raise ValueError(f"a covariance is symmetric and positive semidefinite, and {covariance.tolist()} is not {fault}")
    centre = sp.ZeroMatrix(rows, 1) if mean is None else sp.ImmutableMatrix(mean) if isinstance(mean, (list, tuple)) else mean
    if not getattr(centre, "is_Matrix", False):
        raise ValueError(f"the mean of a random vector is a matrix of one column, not {mean!r}")
    if tuple(centre.shape) != (rows, 1):
        raise ValueError(f"the mean of a vector of {rows} entries has shape {(rows, 1)}, not {tuple(centre.shape)}")
    law = MatrixNormalDistribution(centre, covariance, sp.ImmutableMatrix([[1]]))
    return MatrixPSpace(sp.Symbol(name), law, rows, sp.Integer(1)).value


def is_gaussian_vector(node: Any) -> bool:
    """Whether a node is a random vector made by `gaussian_vector`."""
    if not isinstance(node, RandomMatrixSymbol):
        return False
    law = getattr(node.pspace, "distribution", None)
    return isinstance(law, MatrixNormalDistribution) and law.args[2] == sp.ImmutableMatrix([[1]])


def mean_of(vector: Any) -> Any:
    """The mean in the law of a gaussian vector."""
    return vector.pspace.distribution.args[0]


def covariance_of(vector: Any) -> Any:
    """The covariance in the law of a gaussian vector.

    >>> covariance_of(gaussian_vector("X", sp.eye(2)))
    Matrix([
    [1, 0],
    [0, 1]])
    """
    return vector.pspace.distribution.args[1]


def gaussian_vectors(expr: Any) -> tuple[Any, ...] | None:
    """The gaussian vectors in an expression, ordered by name; None when it holds another random object too."""
    leaves = random_symbols(expr)
    if not all(is_gaussian_vector(leaf) for leaf in leaves):
        return None
    return leaves if all(is_random(leaf) for leaf in leaves) else None
