"""Random expressions in standard form: a function of independent scalar sources, each of a law without parameters left.

Every instrument for expectations starts here. A point is put into the expression and into the laws of its random
leaves; a leaf of a location-scale family becomes an affine function of a standard one (a normal vector through the
exact Cholesky factor of its covariance), which also resolves laws whose parameters are random themselves. What remains
are `Source`s: a real dummy variable and its law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.stats.joint_rv import JointRandomSymbol
from sympy.stats.rv import RandomMatrixSymbol, RandomSymbol

from lemmata.theory.experiments import Draw
from lemmata.theory.quantity import RandomQuantity, random_symbols


class Unsupported(Exception):
    """This expectation is outside what an instrument can do; the message says what was met."""


@dataclass(frozen=True, slots=True)
class Source:
    """One independent scalar source of randomness.

    variable  a real dummy that stands for it in expressions
    family    the law's name: "Normal" is the standard normal, "Uniform" that on [0, 1], "Exponential" has mean 1, ...
    law       the sympy.stats distribution (numbers as parameters), None for the standard normal
    """

    variable: sp.Dummy
    family: str
    law: Any = None

    @property
    def is_normal(self) -> bool:
        return self.family == "Normal"

    @property
    def outcomes(self) -> dict[Any, Any] | None:
        """Value -> exact probability for a law on finitely many numbers, else None."""
        table = getattr(self.law, "dict", None)
        return dict(table) if table is not None and not callable(table) else None


@dataclass(frozen=True, slots=True)
class Model:
    """`expr` is a function of the sources' variables and of `draws` (experiments, independent of one another and of the sources)."""

    expr: Any
    sources: tuple[Source, ...]
    draws: tuple[Draw, ...] = ()


def standardise(expr: Any, at: Mapping[Any, Any], *extra: Any) -> Model | tuple[Model, ...]:
    """The model of a random expression at a point; with `extra` expressions, of each of them over the same sources.

    Raises `Unsupported` for a law that has no standard form here.

    >>> from sympy import Symbol
    >>> from sympy.stats import Normal
    >>> mu = Symbol("mu", real=True)
    >>> model = standardise(Normal("x", mu, 3), {mu: sp.Integer(2)})
    >>> model.expr.xreplace({model.sources[0].variable: Symbol("z")})
    3*z + 2
    """
    found = _Standardiser(dict(at))
    exprs = [found.rewrite(part) for part in (expr, *extra)]
    models = tuple(Model(part, tuple(found.sources), tuple(found.draws)) for part in exprs)
    return models if extra else models[0]


class _Standardiser:
    """Rewrites leaves in a fixed order, each once."""

    def __init__(self, at: dict[Any, Any]) -> None:
        self.at = at
        self.sources: list[Source] = []
        self.draws: list[Draw] = []
        self.known: dict[Any, Any] = {}
        self.fixed: dict[Any, Any] = {}
        self.name = ""

    def rewrite(self, expr: Any) -> Any:
        if not isinstance(expr, (sp.Basic, sp.MatrixBase)):
            expr = sp.sympify(expr)
        for leaf in sorted(random_symbols(expr), key=lambda node: (str(node), sp.default_sort_key(node))):
            self._leaf(leaf)
        self.fixed.clear()
        return _entrywise(self._replace(expr))

    def _replace(self, node: Any) -> Any:
        """Leaves and the point's values in one pass, top down: a leaf is replaced before anything inside its law is touched."""
        if not isinstance(node, sp.Basic) or isinstance(node, sp.MatrixBase):
            return self._replaced(node)
        if node not in self.fixed:
            self.fixed[node] = self._replaced(node)
        return self.fixed[node]

    def _replaced(self, node: Any) -> Any:
        if node in self.known:
            return self.known[node]
        if node in self.at:
            return self.at[node]
        if isinstance(node, sp.Indexed) and isinstance(_base(node), JointRandomSymbol):
            return self._component(node)
        if isinstance(node, sp.MatrixBase):
            return sp.ImmutableMatrix(node.applyfunc(self._replace))
        if not getattr(node, "args", ()):
            return node
        if not node.has(RandomSymbol, JointRandomSymbol, RandomQuantity):
            return node.xreplace(self.at)
        return node.func(*(self._replace(arg) for arg in node.args))

    def _component(self, node: Any) -> Any:
        vector = self.known[_base(node)]
        index = sp.sympify(node.indices[0]).xreplace(self.at)
        if len(node.indices) != 1 or not index.is_Integer or not 0 <= int(index) < len(vector):
            raise Unsupported(f"{node} is not a component of a random vector with {len(vector)} entries")
        return vector[int(index)]

    def _leaf(self, leaf: Any) -> None:
        if leaf in self.known:
            return
        self.fixed.clear()
        if isinstance(leaf, RandomQuantity):
            if not isinstance(leaf, Draw):
                raise Unsupported(f"no instrument draws {type(leaf).__name__}")
            draw = leaf.func(leaf.args[0], *(value.xreplace(self.at) for value in leaf.parameters))
            self.known[leaf] = draw
            if draw not in self.draws:
                self.draws.append(draw)
            return
        law = leaf.pspace.distribution
        if type(law).__name__ == "CompoundDistribution":
            law = law.args[0]
        for inner in random_symbols(law):
            self._leaf(inner)
        parameters = [self._replace(value) for value in law.args]
        self.name = f"{leaf}_"
        if isinstance(leaf, RandomMatrixSymbol):
            self.known[leaf] = self._matrix(type(law).__name__, parameters)
        elif isinstance(leaf, JointRandomSymbol):
            self.known[leaf] = self._vector(type(law).__name__, parameters)
        elif isinstance(leaf, RandomSymbol):
            self.known[leaf] = self._scalar(leaf, law, parameters)
        else:
            raise Unsupported(f"no standard form for the random object {leaf}")

    def new(self, family: str, law: Any = None) -> sp.Dummy:
        variable = sp.Dummy(f"{self.name}{len(self.sources)}", real=True)
        self.sources.append(Source(variable, family, law))
        return variable

    def _scalar(self, leaf: Any, law: Any, parameters: list[Any]) -> Any:
        family = type(law).__name__.removesuffix("Distribution")
        affine = _AFFINE.get(family)
        if affine is not None:
            return affine(self.new, *parameters)
        rebuilt = law.func(*parameters)
        if rebuilt.free_symbols:
            raise Unsupported(f"the law {family} of {leaf} has a parameter that is random or has no value: {rebuilt}")
        source = Source(sp.Dummy("probe"), family, rebuilt)
        outcomes = source.outcomes
        if outcomes is not None and not all(sp.sympify(value).is_number for value in outcomes):
            raise Unsupported(f"the outcomes of {leaf} are not numbers: {', '.join(map(str, outcomes))}")
        return self.new(family, rebuilt)

    def _normals(self, count: int) -> list[Any]:
        return [self.new("Normal") for _ in range(count)]

    def _vector(self, family: str, parameters: list[Any]) -> list[Any]:
        if family != "MultivariateNormalDistribution":
            raise Unsupported(f"joint laws other than the normal one are not drawn: {family}")
        mean, covariance = (_explicit(value) for value in parameters)
        factor = cholesky(covariance)
        vector = sp.Matrix(list(mean)) + factor * sp.Matrix(self._normals(factor.cols))
        return list(vector)

    def _matrix(self, family: str, parameters: list[Any]) -> sp.ImmutableMatrix:
        if family != "MatrixNormalDistribution":
            raise Unsupported(f"random matrices other than the normal one are not drawn: {family}")
        mean, rows, columns = (_explicit(value) for value in parameters)
        left, right = cholesky(rows), cholesky(columns)
        noise = sp.Matrix(left.cols, right.cols, self._normals(left.cols * right.cols))
        return sp.ImmutableMatrix(mean + left * noise * right.T)


def cholesky(covariance: Any) -> sp.Matrix:
    """An exact lower-triangular L with L L^T = covariance (positive semidefinite; dependent columns are dropped).

    Raises `Unsupported` where a pivot is negative or its sign cannot be told.

    >>> cholesky(sp.Matrix([[4, 2], [2, 1]]))
    Matrix([
    [2],
    [1]])
    """
    size = covariance.rows
    columns: list[list[Any]] = []
    rest = sp.Matrix(covariance)
    for j in range(size):
        pivot = sp.radsimp(sp.expand(rest[j, j]))
        if pivot.is_zero:
            if any(not sp.expand(rest[i, j]).is_zero for i in range(size)):
                raise Unsupported(f"the covariance matrix {covariance} is not positive semidefinite")
            continue
        if not pivot.is_positive:
            raise Unsupported(f"the covariance matrix {covariance} is not positive semidefinite: the pivot {pivot}")
        root = sp.sqrt(pivot)
        unit = [sp.radsimp(rest[i, j] / pivot) if i >= j else sp.Integer(0) for i in range(size)]
        columns.append([entry * root for entry in unit])
        rest = (rest - pivot * sp.Matrix(unit) * sp.Matrix([unit])).applyfunc(sp.expand)
    return sp.Matrix(size, len(columns), lambda i, j: columns[j][i])


def _entrywise(node: Any) -> Any:
    """Traces and entries of explicit matrices as sums of products, so that what is known of scalars applies to them."""
    if not getattr(node, "args", ()) or not node.has(sp.Trace, MatrixElement):
        return node
    if isinstance(node, (sp.Trace, MatrixElement)):
        parent = node.args[0]
        if not parent.free_symbols & parent.atoms(sp.MatrixSymbol) and all(isinstance(size, (int, sp.Integer)) for size in parent.shape):
            explicit = _written_out(parent)
            return explicit.trace() if isinstance(node, sp.Trace) else explicit[node.args[1], node.args[2]]
    if isinstance(node, sp.MatrixBase):
        return node
    return node.func(*(_entrywise(arg) for arg in node.args))


def _written_out(node: Any) -> Any:
    """An explicit matrix: products and sums of explicit matrices by their factors and terms, entries as sums of products."""
    if isinstance(node, (sp.MatMul, sp.MatAdd)):
        parts = [_written_out(arg) if getattr(arg, "is_Matrix", False) else arg for arg in node.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if isinstance(node, sp.MatAdd) else total * part
        return total.applyfunc(sp.expand_mul)
    if isinstance(node, sp.Transpose):
        return _written_out(node.arg).T
    return node.as_explicit() if hasattr(node, "as_explicit") else node


def _base(node: Any) -> Any:
    return node.base.args[0] if isinstance(node.base, sp.IndexedBase) else node.base


def _explicit(value: Any) -> sp.Matrix:
    """A matrix of numbers; raises Unsupported where a symbol was left without a value."""
    matrix = value.as_explicit() if hasattr(value, "as_explicit") else value
    if not isinstance(matrix, sp.MatrixBase):
        raise Unsupported(f"{value} is not a matrix with entries")
    return sp.Matrix(matrix)


def _bernoulli(new: Callable[..., Any], p: Any, success: Any, failure: Any) -> Any:
    """p times one outcome and 1 - p times the other; a random p through a uniform threshold."""
    if sp.sympify(p).free_symbols:
        return sp.Piecewise((success, new("Uniform") < p), (failure, True))
    from sympy.stats.frv_types import BernoulliDistribution

    if not (sp.sympify(success).is_number and sp.sympify(failure).is_number):
        raise Unsupported(f"the outcomes {success} and {failure} are not numbers")
    return new("Bernoulli", BernoulliDistribution(p, success, failure))


_AFFINE: dict[str, Callable[..., Any]] = {
    "Normal": lambda new, mean, std: mean + std * new("Normal"),
    "LogNormal": lambda new, mean, std: sp.exp(mean + std * new("Normal")),
    "Uniform": lambda new, left, right: left + (right - left) * new("Uniform"),
    "Exponential": lambda new, rate: new("Exponential") / rate,
    "Laplace": lambda new, mean, scale: mean + scale * new("Laplace"),
    "Logistic": lambda new, mean, scale: mean + scale * new("Logistic"),
    "Cauchy": lambda new, place, scale: place + scale * new("Cauchy"),
    "Weibull": lambda new, scale, shape: scale * new("Exponential") ** (1 / sp.sympify(shape)),
    "Pareto": lambda new, least, shape: least * sp.exp(new("Exponential") / shape),
    "Rayleigh": lambda new, scale: scale * sp.sqrt(2 * new("Exponential")),
    "Bernoulli": _bernoulli,
}
"""Families that are a fixed transform of a standard law."""
