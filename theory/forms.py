"""Gaussian linear forms: what stands inside an expectation, as a function of one or two of them.

E[f(u) g(v)] is a function of the law of (u, v) alone. `one_form` and `two_forms` recognise the affine forms of
independent normal variables that an integrand depends on and return it as a function of plain symbols, with the
means, variances and covariance of the forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.stats.crv_types import NormalDistribution
from sympy.stats.rv import RandomSymbol

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.quantity import random_symbols


@dataclass(frozen=True, slots=True)
class Form:
    """mean + sum of coefficient * (leaf - its mean), leaves independent and normal."""

    mean: Any
    coefficients: tuple[tuple[Any, Any], ...]

    def covariance(self, other: Form) -> Any:
        """Sum of a_i b_i Var(leaf_i)."""
        theirs = dict(other.coefficients)
        return tidy(sum((a * theirs[leaf] * deviation(leaf) ** 2 for leaf, a in self.coefficients if leaf in theirs), sp.Integer(0)))

    @property
    def variance(self) -> Any:
        """Sum of a_i^2 Var(leaf_i)."""
        return self.covariance(self)


@dataclass(frozen=True, slots=True)
class OneForm:
    """integrand(x) with x ~ N(mean, variance)."""

    function: Any
    x: sp.Symbol
    mean: Any
    variance: Any


@dataclass(frozen=True, slots=True)
class TwoForms:
    """integrand(x, y) with (x, y) jointly normal."""

    function: Any
    x: sp.Symbol
    y: sp.Symbol
    means: tuple[Any, Any]
    variances: tuple[Any, Any]
    covariance: Any
    leaves: tuple[Any, ...]


def tidy(expr: Any) -> Any:
    """A cheap normal form for coefficients: expanded, then put over one denominator where that is small."""
    expr = sp.expand(expr)
    if expr.is_Atom or sp.count_ops(expr) > 60:
        return expr
    return sp.factor_terms(sp.cancel(expr)) if expr.is_rational_function(*expr.free_symbols) else expr


def is_normal(leaf: Any) -> bool:
    """Whether a random leaf is a univariate normal variable with a non-random law."""
    return isinstance(leaf, RandomSymbol) and isinstance(getattr(leaf.pspace, "distribution", None), NormalDistribution)


def location(leaf: Any) -> Any:
    """The mean of a normal leaf."""
    return leaf.pspace.distribution.mean


def deviation(leaf: Any) -> Any:
    """The standard deviation of a normal leaf."""
    return leaf.pspace.distribution.std


@lru_cache(maxsize=4096)
def as_form(expr: Any) -> Form | None:
    """`expr` as an affine form of normal leaves, or None."""
    leaves = random_symbols(expr)
    if not leaves or not all(is_normal(leaf) for leaf in leaves):
        return None
    names = {leaf: sp.Dummy(real=True) for leaf in leaves}
    plain = expr.xreplace(names)
    if plain.has(*[sp.Max, sp.Min, sp.Heaviside, sp.DiracDelta]) and any(
        node.has(*names.values()) for node in plain.atoms(sp.Max, sp.Min, sp.Heaviside, sp.DiracDelta)
    ):
        return None
    coefficients = []
    for leaf in leaves:
        slope = sp.expand(sp.diff(plain, names[leaf]))
        if slope.has(*names.values()):
            return None
        if slope != 0:
            coefficients.append((leaf, slope))
    constant = plain.xreplace({name: sp.Integer(0) for name in names.values()})
    mean = tidy(constant + sum((a * location(leaf) for leaf, a in coefficients), sp.Integer(0)))
    return Form(mean, tuple(coefficients)) if coefficients else None


def affine_parts(expr: Any) -> list[tuple[Any, Form]]:
    """The maximal affine subexpressions of an integrand, in reading order."""
    if not random_symbols(expr):
        return []
    form = as_form(expr)
    if form is not None:
        return [(expr, form)]
    found: list[tuple[Any, Form]] = []
    if not expr.args or expr in random_symbols(expr):
        raise NotApplicable(f"{expr} is not a normal variable")
    for arg in expr.args:
        found.extend(affine_parts(arg))
    return found


def multiple(form: Form, of: Form) -> Any | None:
    """The number k with form - mean = k (of - mean), or None."""
    ours, theirs = dict(form.coefficients), dict(of.coefficients)
    if set(ours) != set(theirs):
        return None
    leaf = next(iter(ours))
    ratio = tidy(ours[leaf] / theirs[leaf])
    return ratio if all(sp.expand(ours[other] - ratio * theirs[other]) == 0 for other in ours) else None


def one_form(integrand: Any, *, whole: bool = False) -> OneForm:
    """The integrand as a function of one normal variable; raises NotApplicable when it depends on more.

    The variable is a leaf where there is only one; with `whole` it is the first affine form as it stands, scale included.
    """
    parts = affine_parts(integrand)
    if not parts:
        raise NotApplicable("the integrand is not random")
    reference = parts[0][1] if whole else _reference(parts)
    x = sp.Dummy("x", real=True)
    names = {}
    for part, form in parts:
        factor = multiple(form, reference)
        if factor is None:
            raise NotApplicable("the integrand depends on more than one normal variable")
        names[part] = tidy(form.mean - factor * reference.mean) + factor * x
    function = integrand.xreplace(names)
    return OneForm(function, x, reference.mean, reference.variance)


def two_forms(integrand: Any) -> TwoForms:
    """The integrand as a function of two jointly normal variables; raises NotApplicable otherwise."""
    parts = affine_parts(integrand)
    x, y = sp.Dummy("x", real=True), sp.Dummy("y", real=True)
    references: list[Form] = []
    names = {}
    for part, form in parts:
        for reference, symbol in zip(references, (x, y), strict=False):
            factor = multiple(form, reference)
            if factor is not None:
                names[part] = tidy(form.mean - factor * reference.mean) + factor * symbol
                break
        else:
            if len(references) == 2:
                raise NotApplicable("the integrand depends on more than two normal variables")
            names[part] = (x, y)[len(references)]
            references.append(form)
    if len(references) != 2:
        raise NotApplicable("the integrand does not depend on two normal variables")
    u, v = references
    leaves = tuple(dict.fromkeys(leaf for form in references for leaf, _ in form.coefficients))
    return TwoForms(integrand.xreplace(names), x, y, (u.mean, v.mean), (u.variance, v.variance), u.covariance(v), leaves)


def _reference(parts: list[tuple[Any, Form]]) -> Form:
    """A single leaf is its own reference; otherwise the first affine part."""
    first = parts[0][1]
    if len(first.coefficients) == 1:
        leaf = first.coefficients[0][0]
        return Form(location(leaf), ((leaf, sp.Integer(1)),))
    return first


def standard_leaves(leaves: tuple[Any, ...], count: int, *avoid: Any) -> tuple[Any, ...]:
    """`count` independent standard normal variables: the given ones where they are such, otherwise new ones."""
    from sympy.stats import Normal

    own = [leaf for leaf in sorted(leaves, key=str) if is_normal(leaf) and location(leaf) == 0 and deviation(leaf) == 1]
    if len(own) >= count:
        return tuple(own[:count])
    taken = {str(symbol) for expr in avoid for symbol in expr.free_symbols} | {str(leaf) for leaf in leaves}
    made: list[Any] = list(own)
    index = 0
    while len(made) < count:
        index += 1
        name = f"z{index}"
        if name not in taken:
            made.append(Normal(name, 0, 1))
    return tuple(made)
