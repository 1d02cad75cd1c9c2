"""The mean of a random expression in standard form, as a ball: independence and linearity first, then integrals.

In this order: polynomials from exact moments; factors that share no source are independent; sums are split; sources
with finitely many outcomes are enumerated; a normal vector is projected on the directions the expression uses, and an
integral over one or two of them is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.laws import Model, Source, Unsupported
from lemmata.numerics.quadrature import iterated, sectors, strips
from lemmata.numerics.quadrature.deltas import without_delta
from lemmata.numerics.quadrature.directions import project, rotations
from lemmata.numerics.quadrature.discrete import masses_of, sum_line
from lemmata.numerics.quadrature.divergence import check_divergence
from lemmata.numerics.quadrature.holomorphic import constant, without_removable
from lemmata.numerics.quadrature.line import integrate_line
from lemmata.numerics.quadrature.other_laws import moment, weight_of
from lemmata.numerics.quadrature.pieces import has_switch, resolve
from lemmata.numerics.quadrature.polynomials import has_irrational, polynomial_mean
from lemmata.numerics.quadrature.products import product_mean, product_of

MOST_TERMS = 400

NESTED = "nested integral"
"""The last resort over a plane: it costs a second, and gives a few digits whatever is asked for."""


@dataclass
class Integrator:
    """Digits asked for, the most outcomes that may be enumerated, and the methods that were used."""

    digits: int
    most_outcomes: int = 4_000
    most_nodes: int = strips.MOST_NODES
    used: dict[str, None] = field(default_factory=dict)
    _known: dict[Any, arb] = field(default_factory=dict)
    _refused: dict[Any, Unsupported] = field(default_factory=dict)

    @property
    def note(self) -> str:
        return ", ".join(self.used)

    def mean(self, model: Model) -> arb:
        """E of the model's expression; raises Unsupported with the reason, Divergent where the mean does not exist."""
        if model.draws:
            raise Unsupported(f"{model.draws[0]} is an experiment: only samples can measure it")
        return self._mean(without_removable(sp.sympify(model.expr)), {source.variable: source for source in model.sources})

    def _mean(self, expr: Any, sources: dict[Any, Source]) -> arb:
        if expr not in self._known:
            with precision(int(self.digits * BITS_A_DIGIT) + 40):
                self._known[expr] = self._compute(expr, sources)
        return self._known[expr]

    def _compute(self, expr: Any, sources: dict[Any, Source]) -> arb:
        used = [variable for variable in sources if variable in expr.free_symbols]
        if not used:
            return _closed(expr)
        if expr.is_polynomial(*used):
            exact = self._polynomial(expr, used, sources)
            if exact is not None:
                return exact
        if expr.has(sp.DiracDelta):
            return self._deltas(expr, used, sources)
        if expr.is_Add:
            check_divergence(expr, [sources[variable] for variable in used])
            groups = _sum_groups(expr, used, sources)
            if len(groups) > 1:
                return self._sum(groups, sources)
        if expr.is_Mul:
            parts = _independent_factors(expr, used)
            if len(parts) > 1:
                return self._product(parts, sources)
        outcomes = {variable: table for variable in used if (table := sources[variable].outcomes) is not None}
        if outcomes:
            return self._enumerate(expr, outcomes, sources)
        if len(used) == 1:
            return self._line(expr, sources[used[0]])
        return self._many(expr, used, sources)

    def _deltas(self, expr: Any, used: list[Any], sources: dict[Any, Source]) -> arb:
        """Term by term, each delta function of normal variables integrated out."""
        total = arb(0)
        for term in sp.Add.make_args(sp.expand_mul(expr)):
            if not term.has(sp.DiracDelta):
                total = total + self._mean(term, sources)
                continue
            own = [variable for variable in used if variable in term.free_symbols]
            if not all(sources[variable].is_normal for variable in own):
                raise Unsupported("delta functions are integrated over normal variables alone")
            weight, rest = without_delta(term, own)
            self.used["delta functions"] = None
            total = total + constant(weight) * self._mean(rest, sources)
        return total

    def _sum(self, terms: Sequence[Any], sources: dict[Any, Source]) -> arb:
        total = arb(0)
        for term in terms:
            total = total + self._mean(term, sources)
        return total

    def _product(self, parts: Sequence[Any], sources: dict[Any, Source]) -> arb:
        total = arb(1)
        for part in parts:
            total = total * self._mean(part, sources)
        return total

    def _polynomial(self, expr: Any, used: list[Any], sources: dict[Any, Source]) -> arb | None:
        """From exact moments, one power of a source at a time; None where one of them has no closed form."""
        if has_irrational(expr):
            return self._enclosed(expr, used, sources)
        poly = sp.Poly(sp.expand(expr), *used)
        total = sp.Integer(0)
        for powers, coefficient in poly.terms():
            value = coefficient
            for variable, power in zip(used, powers, strict=True):
                one = moment(sources[variable], power) if power else sp.Integer(1)
                if one is None:
                    check_divergence(expr, [sources[variable]])
                    return None
                value = value * one
            total = total + value
        self.used["exact moments"] = None
        return _closed(total)

    def _enclosed(self, expr: Any, used: list[Any], sources: dict[Any, Source]) -> arb | None:
        """The same with coefficients in balls: SymPy would expand powers of sines at length."""
        own = [sources[variable] for variable in used]
        value = polynomial_mean(expr, own)
        if value is None:
            check_divergence(expr, own)
            return None
        self.used["exact moments"] = None
        return value

    def _enumerate(self, expr: Any, outcomes: dict[Any, dict[Any, Any]], sources: dict[Any, Source]) -> arb:
        count = 1
        for table in outcomes.values():
            count *= len(table)
        if count > self.most_outcomes:
            raise Unsupported(f"{count} outcomes are more than the {self.most_outcomes} that the budget enumerates")
        self.used["enumeration"] = None
        total, exact = arb(0), sp.Integer(0)
        for choice in product(*(table.items() for table in outcomes.values())):
            weight = sp.Mul(*(sp.sympify(probability) for _, probability in choice))
            inner = expr.xreplace({variable: sp.sympify(value) for variable, (value, _) in zip(outcomes, choice, strict=True)})
            if inner.is_Rational and weight.is_Rational:
                exact = exact + weight * inner
            else:
                total = total + constant(weight) * self._mean(inner, sources)
        return total + constant(exact)

    def _line(self, expr: Any, source: Source) -> arb:
        check_divergence(expr, [source])
        if source.is_normal:
            self.used["one-dimensional integral"] = None
            return integrate_line(expr, source.variable, self.digits)
        if source.family == "Laplace":
            half = Source(source.variable, "Exponential")
            mirrored = expr.xreplace({source.variable: -source.variable})
            check_divergence(mirrored, [half])
            return (self._line(expr, half) + self._line(mirrored, half)) / 2
        if masses_of(source) is not None:
            self.used["sum"] = None
            return sum_line(expr, source, self.digits)
        weight = weight_of(source)
        if weight is None:
            raise Unsupported(f"no proved integral for the law {source.family}")
        self.used["one-dimensional integral"] = None
        return integrate_line(expr, source.variable, self.digits, weight)

    def _many(self, expr: Any, used: list[Any], sources: dict[Any, Source]) -> arb:
        """Several sources that the expression ties together."""
        reasons: list[str] = []
        if all(sources[variable].is_normal for variable in used):
            try:
                return self._normals(expr, used, sources)
            except Unsupported as reason:
                reasons.append(str(reason))
        elif len(used) == 2 and any(sources[variable].is_normal for variable in used):
            try:
                return self._with_a_normal(expr, sorted(used, key=lambda variable: sources[variable].is_normal), sources)
            except Unsupported as reason:
                reasons.append(str(reason))
        else:
            families = ", ".join(sorted({sources[variable].family for variable in used}))
            reasons.append(f"the integrand ties {len(used)} sources together ({families})")
        for deep in (False, True):
            expanded = sp.expand(expr, deep=deep, power_base=False, log=False)
            if expanded != expr and len(sp.Add.make_args(expanded)) <= MOST_TERMS:
                try:
                    return self._mean(expanded, sources)
                except Unsupported as reason:
                    reasons.append(str(reason))
        raise Unsupported(reasons[0])

    def _normals(self, expr: Any, used: list[Any], sources: dict[Any, Source]) -> arb:
        turned, fresh = project(expr, used)
        if len(fresh) < len(used):
            inner = {variable: Source(variable, "Normal") for variable in fresh}
            if len(fresh) == 2:
                return self._plane(turned, *fresh)
            return self._mean(turned, {**sources, **inner})
        return self._plane(expr, used[0], used[1])

    def _with_a_normal(self, expr: Any, pair: list[Any], sources: dict[Any, Source]) -> arb:
        """Another law outside, the normal one inside."""
        x, y = pair
        if sources[x].family == "Laplace":
            halves = {**sources, x: Source(x, "Exponential")}
            return (self._with_a_normal(expr, pair, halves) + self._with_a_normal(expr.xreplace({x: -x}), pair, halves)) / 2
        weight = weight_of(sources[x])
        if weight is None:
            raise Unsupported(f"no proved integral for the law {sources[x].family} together with a normal one")
        closed = iterated.is_closed(expr, y)
        value = iterated.integrate_iterated(expr, x, y, self.digits, closed, weight)
        self.used["iterated integral, inner one in closed form" if closed else NESTED] = None
        return value

    def _plane(self, expr: Any, x: Any, y: Any) -> arb:
        """The first of the two-dimensional methods that can: polar, pair, closed inner integral, trapezoid, nested."""
        if expr in self._refused:
            raise self._refused[expr]
        reasons: list[str] = []
        for name, method in self._methods(expr, x, y):
            try:
                value = method()
            except Unsupported as reason:
                reasons.append(f"{name}: {reason}")
                continue
            self.used[name] = None
            return value
        self._refused[expr] = Unsupported("; ".join(reasons))
        raise self._refused[expr]

    def _methods(self, expr: Any, x: Any, y: Any) -> Iterator[tuple[str, Callable[[], arb]]]:
        digits = self.digits
        if sectors.supports(expr, x, y):
            yield "polar integral", partial(sectors.integrate_sectors, expr, x, y, digits)
        product = None if has_switch(expr) else product_of(expr, x, y)
        if product is not None:
            yield "trapezoid rules for a pair", partial(product_mean, product, digits)
        if not has_switch(expr):
            yield "two-dimensional trapezoid rule", partial(strips.integrate_strips, expr, x, y, digits, self.most_nodes)
        for form, first, second in _arrangements(expr, x, y):
            if iterated.is_closed(form, second):
                yield "iterated integral, inner one in closed form", partial(iterated.integrate_iterated, form, first, second, digits, True)
                break
        yield NESTED, partial(iterated.integrate_iterated, expr, x, y, digits, False)


def _arrangements(expr: Any, x: Any, y: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Coordinates in which the inner integral might be closed: either order, or turned along a direction of the integrand."""
    yield expr, x, y
    yield expr, y, x
    for turned in rotations(expr, x, y):
        yield turned, x, y


def _closed(expr: Any) -> arb:
    """A number without sources."""
    if expr.free_symbols:
        raise Unsupported(f"no value was given for {', '.join(sorted(map(str, expr.free_symbols)))}")
    return constant(resolve(expr, {}))


def _sum_groups(expr: Any, used: list[Any], sources: dict[Any, Source]) -> list[Any]:
    """The terms of a sum, those over one source kept together: fewer integrals, and none that cancel."""
    groups: dict[Any, list[Any]] = {}
    for term in expr.args:
        own = tuple(variable for variable in used if variable in term.free_symbols)
        groups.setdefault(own if len(own) <= 1 else term, []).append(term)
    return [sp.Add(*terms) for terms in groups.values()]


def _independent_factors(expr: Any, used: list[Any]) -> list[Any]:
    """Factors of a product, merged until no two of them share a source."""
    parts: list[tuple[set[Any], list[Any]]] = []
    for factor in expr.args:
        own = set(used) & factor.free_symbols
        together, apart = [factor], []
        for symbols, factors in parts:
            if (symbols & own) or (not symbols and not own):
                own, together = own | symbols, [*factors, *together]
            else:
                apart.append((symbols, factors))
        parts = [*apart, (own, together)]
    return [sp.Mul(*factors) for _, factors in parts]
