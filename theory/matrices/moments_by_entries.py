"""Moments of gaussian vectors entry by entry, at size 2: the second way by which covariance algebra is checked."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.matrixbase import MatrixBase
from sympy.stats.symbolic_multivariate_probability import ExpectationMatrix
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotDischarged
from lemmata.theory.gaussian_vector import covariance_of, mean_of
from lemmata.theory.matrices.algebra import vanishes_exactly
from lemmata.theory.quantity import random_symbols

SIZE = sp.Integer(2)


def entry_moments(node: Any, value: Any) -> None:
    r"""Check a mean or covariance with every free size 2, X = mu + L s, symbolic entries, s independent standard normals.

    Sigma = L L^T for a lower-triangular L stands for every covariance; E s_1^(a_1) ... = prod (a_i - 1)!! for even a_i, else 0.
    Raises NotDischarged where the two values differ or cannot be written out.

    >>> from lemmata.theory.gaussian_vector import gaussian_vector
    >>> X = gaussian_vector("X", sp.MatrixSymbol("S", 2, 2))
    >>> entry_moments(Expectation(sp.Trace(X.T * X)), sp.Trace(covariance_of(X)))
    """
    sides = {side for symbol in [*node.atoms(sp.MatrixSymbol), *value.atoms(sp.MatrixSymbol)] for side in symbol.shape}
    sizes = {symbol: SIZE for side in sides for symbol in side.free_symbols}
    vectors = random_symbols(node)
    covariances = [covariance_of(vector) for vector in vectors]
    entries = {matrix.xreplace(sizes): _square(matrix.xreplace(sizes)) for matrix in covariances if isinstance(matrix, sp.MatrixSymbol)}
    plain = set()
    for expr in (*node.args, value, *map(mean_of, vectors)):
        plain |= {symbol.xreplace(sizes) for symbol in expr.atoms(sp.MatrixSymbol) if not random_symbols(symbol)}
    for symbol in sorted(plain - set(entries), key=str):
        entries[symbol] = sp.ImmutableMatrix(*map(int, symbol.shape), lambda i, j, name=symbol.name: sp.Symbol(f"{name}_{i}{j}", real=True))
    sources: list[Any] = []
    drawn = {}
    for vector, covariance in zip(vectors, covariances, strict=True):
        noise = [sp.Dummy(f"s{index}", real=True) for index in range(int(covariance.shape[0].xreplace(sizes)))]
        sources += noise
        factor = _factor(covariance.xreplace(sizes), entries)
        drawn[vector.xreplace(sizes)] = _written(mean_of(vector), sizes, entries, {}) + factor * sp.ImmutableMatrix(noise)
    left, right = (_written(part, sizes, entries, drawn) for part in (node.args[0], node.args[-1]))
    claimed = _written(value, sizes, entries, {})
    if isinstance(node, (Expectation, ExpectationMatrix)):
        found = _mean(left, sources)
    else:
        turned = right.T if isinstance(right, MatrixBase) else right
        second = _mean(turned, sources)
        found = _mean(left * turned, sources) - _mean(left, sources) * second
    difference = found - claimed
    if not all(vanishes_exactly(entry) for entry in (difference if isinstance(difference, MatrixBase) else [difference])):
        raise NotDischarged(f"written out entry by entry at size {SIZE}, {node} is not what was derived")


def _lower(symbol: Any) -> Any:
    size = int(symbol.shape[0])
    return sp.ImmutableMatrix(size, size, lambda i, j: sp.Symbol(f"L{symbol.name}_{i}{j}", real=True) if i >= j else 0)


def _square(symbol: Any) -> Any:
    return _lower(symbol) * _lower(symbol).T


def _factor(covariance: Any, entries: dict[Any, Any]) -> Any:
    """A matrix L with L L^T the covariance."""
    if covariance in entries:
        return _lower(covariance)
    explicit = covariance.as_explicit()
    if explicit.free_symbols or not explicit.is_positive_definite:
        raise NotDischarged(f"the covariance {covariance} is neither a symbol nor an explicit positive definite matrix")
    return explicit.cholesky()


def _written(expr: Any, sizes: dict[Any, Any], entries: dict[Any, Any], drawn: dict[Any, Any]) -> Any:
    """An expression in explicit matrices; vectors are replaced before the covariances inside their laws are touched."""
    value = _replace(expr.xreplace({}) if isinstance(expr, MatrixBase) else expr, sizes, entries, drawn).doit()
    if isinstance(value, MatrixExpr):
        value = value.as_explicit()
    return value


def _replace(node: Any, sizes: dict[Any, Any], entries: dict[Any, Any], drawn: dict[Any, Any]) -> Any:
    sized = node.xreplace(sizes)
    return sized.xreplace(drawn).xreplace(entries)


def _mean(value: Any, sources: list[Any]) -> Any:
    if isinstance(value, MatrixBase):
        return value.applyfunc(lambda entry: _mean(entry, sources))
    total = sp.S.Zero
    for powers, coefficient in sp.Poly(sp.expand(value), *sources).terms():
        if all(power % 2 == 0 for power in powers):
            total += coefficient * sp.Mul(*[sp.factorial2(power - 1) for power in powers])
    return total
