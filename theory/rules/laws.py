"""Expectations by their definition: a finite sum over a discrete law, an integral against a density."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.crv import SingleContinuousPSpace
from sympy.stats.frv import SingleFinitePSpace
from sympy.stats.rv import RandomSymbol
from sympy.stats.symbolic_probability import Expectation, Probability

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import NONNEGATIVE, signs
from lemmata.theory.pieces import KINKED, pieces
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.local import LocalRule, Replacement, fresh, inside

MOST = 64
"""A finite law with more values than this is not summed."""


@final
class Indicator(LocalRule):
    """P(A) = E[1_A] for events made of inequalities: the indicator as a product of steps."""

    name = "indicator"
    kinds: ClassVar[tuple[type, ...]] = (Probability,)
    needs = "probability of inequalities"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        event = node.args[0]
        if len(node.args) > 1:
            raise NotApplicable("conditional probabilities are not rewritten")
        factors = []
        for part in event.args if isinstance(event, sp.And) else (event,):
            if not isinstance(part, sp.StrictGreaterThan | sp.GreaterThan | sp.StrictLessThan | sp.LessThan):
                raise NotApplicable(f"{part} is not an inequality")
            if not _has_density(part.gts - part.lts, domain):
                raise NotApplicable(f"{part}: the two sides may be equal with positive probability")
            factors.append(sp.Heaviside(part.gts - part.lts))
        if not all(isinstance(getattr(leaf, "pspace", None), SingleContinuousPSpace) for leaf in random_symbols(node)):
            raise NotApplicable("only variables with a density: there an inequality may be strict or not")
        return Replacement(node, Expectation(sp.Mul(*factors)), domain, "the probability of an event is the mean of its indicator")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """On every pattern of signs the product of steps is 1 exactly where all inequalities hold."""
        event = replacement.before.args[0]
        parts = event.args if isinstance(event, sp.And) else (event,)
        margins = [part.gts - part.lts for part in parts]
        integrand = replacement.after.args[0]
        for pattern in range(2 ** len(margins)):
            held = [bool(pattern >> i & 1) for i in range(len(margins))]
            names = {sp.Heaviside(m): sp.Integer(int(h)) for m, h in zip(margins, held, strict=True)}
            if integrand.xreplace(names) != int(all(held)):
                raise NotDischarged("the indicator is another function")


def _has_density(margin: Any, domain: Domain) -> bool:
    """Whether a margin is an affine function of independent variables with densities, not all coefficients 0."""
    leaves = {leaf: sp.Dummy(real=True) for leaf in random_symbols(margin)}
    flat = sp.expand(margin.xreplace(leaves))
    slopes = [sp.diff(flat, name) for name in leaves.values()]
    if any(slope.has(*leaves.values()) for slope in slopes):
        return False
    return signs(sp.expand(sp.Add(*(slope**2 for slope in slopes))), domain) == frozenset({1})


@final
class FiniteLaw(LocalRule):
    """E f(X) = sum of p_i f(x_i) for a law with finitely many values (Bernoulli, Rademacher, Die, Binomial of a number)."""

    name = "finite_law"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation over a law with finitely many values"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        leaf, masses = _finite(node)
        total = sum((p * node.args[0].xreplace({leaf: value}) for value, p in masses.items()), sp.Integer(0))
        rest = random_symbols(total) if isinstance(total, sp.Basic) else ()
        after = Expectation(total) if rest else total
        return Replacement(node, after, domain, f"the sum over the {len(masses)} values of ${sp.latex(leaf.symbol)}$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The masses are nonnegative and sum to 1; the sum is rebuilt value by value."""
        leaf, masses = _finite(replacement.before)
        domain = replacement.domain
        if is_zero(sum(masses.values()) - 1, domain) is not True or not all(signs(p, domain) <= NONNEGATIVE for p in masses.values()):
            raise NotDischarged("the masses are not proved to be a probability law")
        after = replacement.after.args[0] if isinstance(replacement.after, Expectation) else replacement.after
        for value, p in masses.items():
            after -= p * replacement.before.args[0].subs(leaf, value)
        names = {other: sp.Dummy(real=True) for other in random_symbols(after)}
        if is_zero(after.xreplace(names), domain) is not True:
            raise NotDischarged("the sum over the values is another")


@final
class DensityIntegral(LocalRule):
    """E f(X) = Integral of f p over the support, for a law of sympy.stats with a density; kinks split the integral."""

    name = "density_integral"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation over one variable with a density"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        leaf, x, low, high, density = _continuous(node, domain.symbols)
        f = node.args[0].xreplace({leaf: x})
        return Replacement(node, _split(f, density, x, low, high, domain), domain, "the definition of the expectation")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The density is nonnegative with total mass 1, and the pieces join end to end from one end of the support to the other."""
        from lemmata.theory.rules.integrate import integrate

        leaf, x, low, high, density = _continuous(replacement.before, replacement.domain.symbols)
        domain = replacement.domain
        where = inside(domain, x, low, high)
        if not signs(density, where) <= NONNEGATIVE:
            raise NotDischarged("the density is not proved nonnegative")
        total = integrate.replace(sp.Integral(density, (x, low, high)), domain=domain)
        integrate.check_replacement(total)
        if is_zero(total.after - 1, domain) is not True:
            raise NotDischarged("the density is not proved to have mass 1")
        f, end = replacement.before.args[0].xreplace({leaf: x}), low
        for part in sorted(replacement.after.atoms(sp.Integral), key=lambda part: _rank(part.limits[0][1], domain)):
            _, start, stop = part.limits[0]
            if start != end or is_zero(part.function - f * density, inside(domain, x, start, stop)) is not True:
                raise NotDischarged("a piece of the integral is not proved to be the integrand there")
            end = stop
        if end != high or replacement.after != sp.Add(*replacement.after.atoms(sp.Integral)):
            raise NotDischarged("the pieces do not cover the support")


def _rank(end: Any, domain: Domain) -> Any:
    return sp.oo if end is sp.oo else end


def _finite(node: Any) -> tuple[Any, dict[Any, Any]]:
    if len(node.args) > 1:
        raise NotApplicable("conditional expectations are not summed")
    for leaf in random_symbols(node):
        if isinstance(leaf, RandomSymbol) and isinstance(leaf.pspace, SingleFinitePSpace):
            masses = dict(leaf.pspace.distribution.dict) if getattr(leaf.pspace.distribution, "is_Finite", True) else {}
            if 0 < len(masses) <= MOST:
                return leaf, {sp.sympify(value): sp.sympify(p) for value, p in masses.items()}
    raise NotApplicable("no variable has finitely many values")


def _continuous(node: Any, symbols: tuple[Any, ...]) -> tuple[Any, sp.Symbol, Any, Any, Any]:
    leaves = random_symbols(node)
    if len(node.args) > 1 or len(leaves) != 1 or not isinstance(getattr(leaves[0], "pspace", None), SingleContinuousPSpace):
        raise NotApplicable("exactly one variable with a density is needed")
    leaf = leaves[0]
    support = leaf.pspace.domain.set if hasattr(leaf.pspace.domain, "set") else leaf.pspace.distribution.set
    if not isinstance(support, sp.Interval):
        raise NotApplicable("the support is not an interval")
    x = fresh("x", node, *symbols)
    density = leaf.pspace.distribution.pdf(x)
    if isinstance(density, sp.Piecewise):
        density = density.args[0][0]
    return leaf, x, support.start, support.end, density


def _split(f: Any, density: Any, x: sp.Symbol, low: Any, high: Any, domain: Domain) -> Any:
    """One integral, or one for each piece of f that meets the support."""
    if not f.has(*KINKED):
        return sp.Integral(f * density, (x, low, high))
    total = sp.Integer(0)
    for piece in pieces(f, x, domain):
        start, stop = _later(piece.low, low, domain), _earlier(piece.high, high, domain)
        if stop is sp.oo or start is -sp.oo or signs(stop - start, domain) == frozenset({1}):
            total += sp.Integral(piece.branch * density, (x, start, stop))
        elif not signs(stop - start, domain) <= frozenset({-1, 0}):
            raise NotApplicable("the order of the kinks and the ends of the support is not known")
    return total


def _later(a: Any, b: Any, domain: Domain) -> Any:
    if a is -sp.oo or b is -sp.oo:
        return b if a is -sp.oo else a
    difference = signs(a - b, domain)
    if not (difference <= NONNEGATIVE or difference <= frozenset({-1, 0})):
        raise NotApplicable("the order of the kinks and the ends of the support is not known")
    return a if difference <= NONNEGATIVE else b


def _earlier(a: Any, b: Any, domain: Domain) -> Any:
    if a is sp.oo or b is sp.oo:
        return b if a is sp.oo else a
    return -_later(-a, -b, domain)


indicator = Indicator()
finite_law = FiniteLaw()
density_integral = DensityIntegral()
