"""Exact matrices with prescribed properties: the points at which statements about matrices are examined."""

from __future__ import annotations

import random
from collections.abc import Set
from typing import Any

import sympy as sp

from lemmata.theory.domain.hypotheses import predicate

DENOMINATORS = (1, 1, 2, 3)
SHAPES = {"symmetric", "positive_definite", "orthogonal", "diagonal", "invertible", "singular", "unit_triangular", "triangular"}
"""Properties that only square matrices have."""


def entry(rng: random.Random, *, zero: bool = True) -> sp.Rational:
    """A small rational, between -2 and 2 in most draws."""
    while True:
        value = sp.Rational(rng.randint(-3, 3), rng.choice(DENOMINATORS))
        if zero or value != 0:
            return value


def matrix(rows: int, columns: int, properties: Set[str], rng: random.Random) -> Any | None:
    """A rational matrix that has every one of the properties (checked exactly); None where this draw has not.

    Symmetric matrices are A + A^T, positive definite ones B B^T + D, orthogonal ones the Cayley transform
    (I - S)(I + S)^-1 of an antisymmetric S, times a sign on the first column.

    >>> import random
    >>> O = matrix(3, 3, {"orthogonal"}, random.Random(0))
    >>> O.T * O == sp.eye(3)
    True
    """
    value = sp.ImmutableMatrix(_build(rows, columns, properties, rng))
    return value if all(predicate(name, value) for name in properties) else None


def _build(rows: int, columns: int, properties: Set[str], rng: random.Random) -> Any:
    if "diagonal" in properties:
        return _diagonal(rows, columns, properties, rng)
    full = sp.Matrix(rows, columns, lambda i, j: sp.Integer(rng.randint(-3, 3)) if "integer_elements" in properties else entry(rng))
    if rows != columns:
        if "upper_triangular" in properties or "lower_triangular" in properties:
            keep_upper = "upper_triangular" in properties
            return sp.Matrix(rows, columns, lambda i, j: full[i, j] if (i <= j if keep_upper else i >= j) else 0)
        return full
    if "orthogonal" in properties:
        return _orthogonal(full, "symmetric" in properties, rng)
    if "positive_definite" in properties:
        return full * full.T + sp.diag(*[sp.Rational(1, rng.choice((1, 2, 3, 4))) for _ in range(rows)])
    if "symmetric" in properties and "singular" in properties:
        thin = full[:, : max(rows - 1, 0)]
        return thin * thin.T if rows > 1 else sp.zeros(1)
    if "symmetric" in properties:
        return full + full.T
    if properties & {"upper_triangular", "lower_triangular", "triangular", "unit_triangular"}:
        return _triangular(full, properties, rng)
    if "singular" in properties:
        full[rows - 1, :] = sum((full[i, :] * rng.randint(-1, 1) for i in range(rows - 1)), sp.zeros(1, rows))
    return full


def _diagonal(rows: int, columns: int, properties: Set[str], rng: random.Random) -> Any:
    value = sp.zeros(rows, columns)
    for i in range(min(rows, columns)):
        if "orthogonal" in properties:
            value[i, i] = rng.choice((1, -1))
        elif "positive_definite" in properties:
            value[i, i] = abs(entry(rng, zero=False))
        else:
            value[i, i] = entry(rng, zero=not properties & {"invertible", "fullrank"})
    if "singular" in properties:
        value[0, 0] = 0
    return value


def _orthogonal(full: Any, symmetric: bool, rng: random.Random) -> Any:
    identity = sp.eye(full.rows)
    if symmetric:
        v = full[:, :1] if any(full[:, :1]) else identity[:, :1]
        return identity - 2 * v * v.T / (v.T * v)[0]
    small = sp.Matrix(full.rows, full.rows, lambda i, j: rng.randint(-1, 1) if i < j else 0)
    antisymmetric = small - small.T
    rotation = (identity - antisymmetric) * (identity + antisymmetric).inv()
    return rotation * sp.diag(rng.choice((1, -1)), *[1] * (full.rows - 1))


def _triangular(full: Any, properties: Set[str], rng: random.Random) -> Any:
    upper = "lower_triangular" not in properties
    value = sp.Matrix(full.rows, full.cols, lambda i, j: full[i, j] if (i <= j if upper else i >= j) else 0)
    for i in range(full.rows):
        if "unit_triangular" in properties:
            value[i, i] = 1
        elif properties & {"invertible", "fullrank"}:
            value[i, i] = entry(rng, zero=False)
    return value


def extreme_matrices(rows: int, columns: int, properties: Set[str]) -> list[Any]:
    """Corner cases with the properties: zero, one in a corner, ones, the identity, and both scaled by 10^6 and 10^-6."""
    identity = sp.Matrix(rows, columns, lambda i, j: int(i == j))
    corner = sp.Matrix(rows, columns, lambda i, j: int(i == j == 0))
    shapes = [sp.zeros(rows, columns), corner, sp.ones(rows, columns), identity, identity * 10**6, identity / 10**6, -identity]
    exact = [sp.ImmutableMatrix(shape) for shape in shapes]
    return [value for value in exact if all(predicate(name, value) for name in properties)]
