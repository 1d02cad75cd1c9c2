"""Where a statement has no real value: a walk through quantities too, which finds what they would otherwise be asked for.

A root of a negative number, a logarithm of none, a division by zero, a branch that no condition admits: at a point of the domain, at an
index of a sum, at a start of descent; within an integral or a mean on a set of positive measure, since a null set changes neither.
Each finding is proved in balls. Nothing found proves nothing: ranges and laws are looked at in finitely many places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean
from sympy.stats.joint_rv import JointRandomSymbol
from sympy.stats.rv import NamedArgsMixin, RandomMatrixSymbol, RandomSymbol

from lemmata.numerics.compile.arb import precision, to_value
from lemmata.numerics.compile.balls import Balls, shorten
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate, ComplexInside, Undecided, Undefined
from lemmata.numerics.laws import Unsupported, standardise
from lemmata.numerics.places import deepest, depths, inner_places, interval, law_place, law_places, outcomes, range_places
from lemmata.theory.gradients import Gradient, ScalarGradient
from lemmata.theory.iterates import Along
from lemmata.theory.quantity import PROBABILISTIC, is_quantity, law_parameters, random_symbols
from lemmata.theory.recursion import Iterate

BITS = 192
"""The working precision: what is undecided at it is no finding."""

APPLICATIONS = 32
"""Applications of an iterated map that are followed."""

NOT_DRAWN: tuple[type[Exception], ...] = (Unsupported, *FAILURES)
"""What a law without a standard form raises: nothing is looked at there."""

PARTIAL: tuple[type, ...] = (
    *(sp.log, sp.asin, sp.acos, sp.asec, sp.acsc, sp.acosh, sp.atanh, sp.acoth, sp.asech, sp.erfinv, sp.erfcinv),
    *(sp.tan, sp.cot, sp.sec, sp.csc, sp.Piecewise, sp.Mod),
)
"""Functions that are not defined everywhere; powers with exponents that are no natural numbers are asked for apart."""


def without_real_value(expr: Any, at: Mapping[Any, Any]) -> str | None:
    """What in an expression has no real value at a point, as the first half of a sentence; None where nothing was found.

    >>> x, j = sp.Symbol("x", real=True), sp.Symbol("j", integer=True)
    >>> without_real_value(sp.Sum(sp.sqrt(1 - j * x), (j, 0, 3)), {x: sp.Rational(1, 2)})
    'sqrt(-j*x + 1) has no real value at j = 3 (a negative number to the power 1/2)'
    >>> without_real_value(sp.Integral(1 / sp.sqrt(x), (x, 0, 1)), {}) is None
    True
    """
    if not is_partial(expr):
        return None
    with precision(BITS):
        try:
            values = {symbol: to_value(value) for symbol, value in at.items()}
            return _Look(dict(at), Balls(values)).at(expr)
        except FAILURES:  # a finding is proved or it is none
            return None


@cache
def is_partial(expr: Any) -> bool:
    """Whether an expression holds anything that is not defined everywhere, as far as SymPy's assumptions do not settle it."""
    if not isinstance(expr, (sp.Basic, sp.MatrixBase)) or expr.has(sp.I):
        return False
    return any(_may_lack(node) for node in sp.preorder_traversal(expr)) or any(map(law_parameters, random_symbols(expr)))


@cache
def _moves(expr: Any, bound: frozenset[Any]) -> bool:
    """Whether anything that is not defined everywhere moves with bound variables: the rest is looked at once."""
    if not is_partial(expr):
        return False
    return any(_may_lack(node) and not bound.isdisjoint(_inner(node)) for node in sp.preorder_traversal(expr))


def _inner(node: Any) -> set[Any]:
    return node.free_symbols | node.atoms(sp.Indexed)


def _may_lack(node: Any) -> bool:
    if isinstance(node, sp.Pow):
        if node.exp.is_integer and node.exp.is_nonnegative:
            return False
        return not (node.base.is_positive or (node.exp.is_nonnegative and node.base.is_nonnegative))
    if isinstance(node, sp.log):
        return not node.args[0].is_positive
    return isinstance(node, PARTIAL)


@dataclass(frozen=True, slots=True)
class _Look:
    """A place to look from: the point's exact values, an evaluation in balls that knows bound variables too, and what these are."""

    exact: Mapping[Any, Any]
    walk: Balls
    bound: tuple[tuple[Any, str], ...] = ()

    def inside(self, bound: Mapping[Any, Any], near: bool = False) -> _Look:
        """The same place within a binder."""
        told = tuple((symbol, _told(symbol, value, near)) for symbol, value in bound.items())
        exact = {symbol: value for symbol, value in self.exact.items() if symbol not in bound}
        return _Look(exact, self.walk.inner(dict(bound)), (*self.bound, *told))

    def at(self, node: Any) -> str | None:
        """What in a node has no real value here."""
        if not is_partial(node):
            return None
        if is_quantity(node):
            return next(_quantity(self, node), None)
        try:
            self.walk(node)
        except Undefined as error:
            return self._named(node, error)
        except (ComplexInside, Undecided):
            return None
        except FAILURES:  # a quantity or an unknown function within: its parts may still be told
            return self._parts(node)
        return None

    def _parts(self, node: Any) -> str | None:
        if isinstance(node, (sp.Abs, sp.re, sp.im, sp.conjugate, sp.arg, sp.Lambda)):
            return None
        if not isinstance(node, sp.Piecewise):
            return next((found for arg in node.args if isinstance(arg, sp.Basic) and (found := self.at(arg))), None)
        for branch in node.args:
            holds = self.holds(branch.cond)
            if holds:
                return self.at(branch.expr)
            if holds is None:
                return None
        return None

    def holds(self, condition: Any) -> bool | None:
        """Whether a condition certainly holds, or certainly not."""
        try:
            value = self.walk.number(sp.sympify(condition))
        except FAILURES:
            return None
        return bool(value == 1) if value == 1 or value == 0 else None

    def _named(self, node: Any, error: Undefined) -> str:
        """The smallest part that is to blame, where it is, and why."""
        for arg in node.args:
            if isinstance(arg, sp.Basic) and not is_quantity(arg):
                try:
                    self.walk(arg)
                except Undefined as inner:
                    return self._named(arg, inner)
                except FAILURES:
                    continue
        where = [text for symbol, text in self.bound if symbol in node.free_symbols]
        return f"{shorten(_readable(node))} has no real value{' at ' if where else ''}{', '.join(where)} ({error.reason})"


def _told(symbol: Any, value: Any, near: bool) -> str:
    name = str(symbol).lstrip("_")
    if not near:
        return f"{name} = {value}"
    return f"{name} near {float(value.mid()):.4g}"


def _readable(node: Any) -> Any:
    """A node with its dummies under plain names."""
    return node.xreplace({dummy: sp.Symbol(dummy.name, real=True) for dummy in node.atoms(sp.Dummy)}) if node.has(sp.Dummy) else node


def _quantity(look: _Look, node: Any) -> Iterator[str]:
    """What is found inside a quantity, by its kind."""
    match node:
        case sp.Sum() | sp.Product():
            yield from _within(look, node, sp.Tuple(*node.limits), near=False)
        case sp.Integral():
            yield from _within(look, node, sp.Tuple(*node.limits), near=True)
        case sp.Derivative() | ScalarGradient() | Gradient():
            yield from _some(look.at(node.args[0]))
        case sp.Limit():
            yield from _limit(look, node)
        case Along():
            yield from _along(look, node)
        case Iterate():
            yield from _iterate(look, node)
        case _ if isinstance(node, PROBABILISTIC):
            yield from _mean(look, node)
        case _:
            for arg in node.args:
                if isinstance(arg, (sp.Basic, sp.MatrixBase)):
                    yield from _some(look.at(arg))


def _some(found: str | None) -> Iterator[str]:
    if found is not None:
        yield found


def _within(look: _Look, node: Any, limits: Any, near: bool) -> Iterator[str]:
    """The body at indices of a sum, or in small intervals of a range; outer limits come last."""
    for limit in limits:
        for end in limit[1:]:
            if not end.free_symbols & {other[0] for other in limits}:
                yield from _some(look.at(end))
    yield from _some(look.at(node.args[0]))
    if _moves(node.args[0], frozenset(limit[0] for limit in limits)):
        for bound in inner_places(look.walk, tuple(limits), near):
            yield from _some(look.inside(bound, near).at(node.args[0]))
        if near and len(limits) == 1 and len(limits[0]) == 3:
            yield from _narrow(look, [node.args[0]], lambda part: interval(look.walk, tuple(limits), (part,)))


def _limit(look: _Look, node: Any) -> Iterator[str]:
    """What has no value at each of several points ever closer to the limit's place."""
    body, variable, place, direction = node.args
    yield from _some(look.at(place))
    if variable.is_integer and body.has(sp.MatrixExpr):
        return  # no matrix is written out at sizes like those
    for side in range_places(look.walk, variable, place, str(direction)):
        found = None
        for point in reversed(side):  # the last one first: a sum with too many terms is looked at in places, not added up
            found = look.inside({variable: point}).at(body)
            if found is None:
                break
        yield from _some(found)


def _mean(look: _Look, node: Any) -> Iterator[str]:
    """Means and probabilities: the parameters, then small boxes that the law gives a positive probability."""
    parts = [arg for arg in node.args if isinstance(arg, (sp.Basic, sp.MatrixBase))]
    for part in parts:
        yield from _some(look.at(part))
    for leaf in dict.fromkeys(leaf for part in parts for leaf in random_symbols(part)):
        yield from _law(look, leaf)
    leaves = tuple(dict.fromkeys(leaf for part in parts for leaf in _scalar_leaves(part)))
    if (
        not leaves
        or not any(_moves(part, frozenset(leaves)) for part in parts)
        or any(is_quantity(inner) for part in parts for inner in sp.preorder_traversal(part))
    ):
        return
    given = parts.pop() if len(parts) > 1 and isinstance(parts[-1], Boolean) else None
    try:
        models = standardise(leaves[0], look.exact, sp.S.One, *leaves[1:])
    except NOT_DRAWN:
        return
    assert isinstance(models, tuple)
    drawn = (models[0], *models[2:])
    used = set().union(*(model.expr.free_symbols for model in drawn))
    sources = [source for source in models[0].sources if source.variable in used]

    def values(place: Any) -> dict[Any, Any]:
        inner = look.walk.inner(dict(place))
        return {leaf: inner.number(model.expr) for leaf, model in zip(leaves, drawn, strict=True)}

    for place, near in law_places(sources):
        try:
            there = look.inside(values(place), near)
        except FAILURES:
            continue
        if given is None or there.holds(given):
            for part in parts:
                yield from _some(there.at(part))
    tables = [outcomes(source) for source in sources]
    if len(sources) == 1 and tables == [None] and given is None:
        yield from _narrow(look, parts, lambda part: (place := law_place(sources, tables, (part,))) and values(place))


def _narrow(look: _Look, parts: list[Any], place: Callable[[float], Any]) -> Iterator[str]:
    """Narrow gaps on a line: where an argument is least between the places that were looked at, by floating point, then in balls."""
    bound = place(1 / 2) or {}
    for depth in dict.fromkeys(depth for part in parts for depth in depths(part, set(bound))):

        def value(part: float, depth: Any = depth) -> float | None:
            try:
                there = place(part)
                return float(look.walk.inner({node: ball.mid() for node, ball in there.items()}).number(depth)) if there else None
            except FAILURES:
                return None

        least = deepest(value)
        there = None if least is None else place(least)
        if there:
            for part in parts:
                yield from _some(look.inside(there, True).at(part))


def _law(look: _Look, leaf: Any) -> Iterator[str]:
    """A law whose parameters do not make one, as SymPy checks them: a probability above 1, a deviation below 0."""
    law = getattr(getattr(leaf, "pspace", None), "distribution", None)
    if not isinstance(law, NamedArgsMixin) or not isinstance(law, sp.Basic) or not hasattr(law, "check"):
        return
    values = [sp.sympify(arg).xreplace(dict(look.exact)) for arg in law.args]
    if values == list(law.args) or not all(value.is_number for value in values) or _is_a_point(type(law).__name__, values):
        return
    try:
        law.check(*values)
    except ValueError as error:
        given = ", ".join(shorten(value) for value in values)
        name = type(law).__name__.removesuffix("Distribution")
        yield f"{leaf} has no law: {name}({given}) ({' '.join(str(error).split())})"


def _is_a_point(family: str, values: list[Any]) -> bool:
    """Laws that shrink to a point are taken for what they tend to."""
    return (family == "NormalDistribution" and values[1].is_zero) or (family == "UniformDistribution" and values[0] == values[1])


def _scalar_leaves(part: Any) -> tuple[Any, ...]:
    """The scalar random leaves of an expression and the entries of random vectors; those of matrices are passed over."""
    whole = [
        leaf
        for leaf in random_symbols(part)
        if isinstance(leaf, RandomSymbol) and not isinstance(leaf, (JointRandomSymbol, RandomMatrixSymbol))
    ]
    entries = [node for node in part.atoms(sp.Indexed) if random_symbols(node)]
    return (*whole, *sorted(entries, key=str))


def _along(look: _Look, node: Any) -> Iterator[str]:
    """A run of descent or a flow: its starts, its step and time, and the loss at the start."""
    for part in (*node.starts, node.time, *node.args[5:7]):
        yield from _some(look.at(part))
    try:
        starts = {variable: look.walk(start) for variable, start in zip(node.variables, node.starts, strict=True)}
    except FAILURES:
        return
    yield from _some(look.inside(starts).at(node.loss))


def _iterate(look: _Look, node: Any) -> Iterator[str]:
    """An iterated map: its start and count, and the map at each of the first iterates."""
    yield from _some(look.at(node.start) or look.at(node.count))
    variable, body = node.map.variables[0], node.map.expr
    try:
        value, count = look.walk.number(node.start), look.walk.integer(node.count)
        for _ in range(min(count, APPLICATIONS)):
            there = look.inside({variable: value})
            yield from _some(there.at(body))
            value = there.walk.number(body)
    except CannotEvaluate:
        return
