"""Quantities: the nodes of a statement that have to be measured, as opposed to evaluated.

A statement is an ordinary SymPy relational. Most of it is closed (numbers, elementary functions); the rest are
*quantities*: expectations, limits, gradients, trajectories. SymPy has some of them as unevaluated nodes; the ones it
lacks derive from `Quantity` (scalars) or `MatrixQuantity` (matrices), each in a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats.joint_rv import JointRandomSymbol
from sympy.stats.rv import RandomSymbol, is_random
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix
from sympy.stats.symbolic_probability import Covariance, Expectation, Moment, Probability, Variance

PROBABILISTIC = (Expectation, Probability, Variance, Covariance, Moment, ExpectationMatrix, VarianceMatrix, CrossCovarianceMatrix)
ANALYTIC = (sp.Limit, sp.Sum, sp.Product, sp.Integral, sp.Derivative)


class Quantity(sp.Expr):
    """A scalar that only an instrument can give; bound symbols must not appear in `free_symbols`."""

    is_commutative = True
    is_real = True


class MatrixQuantity(MatrixExpr):
    """A matrix that only an instrument can give; subclasses define `shape`."""


class RandomQuantity(sp.Expr):
    """A random scalar of ours (an experiment's draw): it lists itself and its parameters in `free_symbols`."""

    is_commutative = True
    is_real = True

    @property
    def free_symbols(self) -> set[Any]:
        return set().union(*(arg.free_symbols for arg in self.args)) | {self}


@is_random.register(RandomQuantity)
def _random_quantity_is_random(_: RandomQuantity) -> bool:
    return True


def is_quantity(node: Any) -> bool:
    """Whether this node itself (not something inside it) needs an instrument."""
    return isinstance(node, (Quantity, MatrixQuantity, *PROBABILISTIC, *ANALYTIC))


def outermost(expr: Any, wanted: Any = is_quantity) -> Iterator[Any]:
    """The outermost nodes of `expr` that satisfy `wanted`, in reading order, possibly repeated."""
    if wanted(expr):
        yield expr
        return
    for arg in getattr(expr, "args", ()):
        yield from outermost(arg, wanted)


def quantities(expr: Any) -> tuple[Any, ...]:
    """The distinct outermost quantities of an expression, in reading order.

    >>> from sympy import Symbol
    >>> from sympy.stats import Expectation, Normal
    >>> s = Normal("s", 0, 1)
    >>> quantities(2 * Expectation(s**2) + Symbol("b"))
    (Expectation(s**2),)
    """
    return tuple(dict.fromkeys(outermost(expr)))


def random_symbols(expr: Any) -> tuple[Any, ...]:
    """Every random leaf of an expression (a law of sympy.stats, or an experiment), ordered by name.

    >>> from sympy.stats import Normal
    >>> random_symbols(Normal("u", 0, 1) * Normal("v", 0, 1))
    (u, v)
    """
    leaves = {node for node in sp.preorder_traversal(expr) if isinstance(node, (RandomSymbol, JointRandomSymbol, RandomQuantity))}
    return tuple(sorted(leaves, key=str))


def law_parameters(leaf: Any) -> set[Any]:
    """The free symbols inside the law of a random leaf: they belong to the domain of a claim."""
    if isinstance(leaf, RandomQuantity):
        inner: set[Any] = set()
        for arg in leaf.args:
            inner |= free_parameters(arg)
        return inner
    distribution = getattr(leaf.pspace, "distribution", None)
    return free_parameters(distribution) if distribution is not None else set()


def free_parameters(expr: Any) -> set[Any]:
    """Free symbols of an expression, random ones excluded, those inside laws and matrix shapes included.

    >>> from sympy import Symbol
    >>> from sympy.stats import Expectation, Normal
    >>> mu = Symbol("mu", real=True)
    >>> free_parameters(Expectation(Normal("x", mu, 1)))
    {mu}
    """
    found: set[Any] = set()
    for leaf in random_symbols(expr):
        found |= law_parameters(leaf)
    for symbol in expr.free_symbols:
        if isinstance(symbol, (RandomSymbol, JointRandomSymbol, RandomQuantity)) or is_random(symbol):
            continue
        if isinstance(symbol, sp.Indexed | sp.IndexedBase):
            continue
        found.add(symbol)
        if isinstance(symbol, sp.MatrixSymbol):
            for side in symbol.shape:
                found |= side.free_symbols
    names = {str(leaf) for leaf in random_symbols(expr)}
    return {symbol for symbol in found if not (str(symbol) in names and not symbol.assumptions0.get("real"))}
