"""The dual of an activation: E[f(u) g(v)] for centred jointly normal u, v with variances q_1, q_2 and correlation c."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.automatic import derive
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact.defined import unproved_conditions
from lemmata.theory.gaussian import gaussian_pair, standard_normal
from lemmata.theory.kernels.admissible import ActivationError, X, admissible
from lemmata.theory.kernels.derivative import derivative
from lemmata.theory.kernels.flatten import flattened
from lemmata.theory.pieces import SWITCHES
from lemmata.theory.quantity import quantities, random_symbols
from lemmata.theory.rules.gaussian_parts import gaussian_parts
from lemmata.theory.rules.scaling import scaling

Q1, Q2, Q = sp.symbols("q_1 q_2 q", positive=True)
C = sp.Symbol("c", real=True)

CLOSED = Domain((Q1, Q2, C), (sp.Ge(C, -1), sp.Le(C, 1)))
OPEN = Domain((Q1, Q2, C), (sp.Gt(C, -1), sp.Lt(C, 1)))


@dataclass(frozen=True)
class Dual:
    """E[f(u) g(v)] as a quantity, and its derivation to a closed form where the rules reach one.

    `f` and `g` are expressions in `X`; the variances are q_1, q_2 > 0 and the correlation is c, -1 <= c <= 1 (`domain` is the
    open interval where the closed form is undefined at its ends).
    """

    f: Any
    g: Any

    @cached_property
    def parameters(self) -> tuple[Any, ...]:
        """The symbols of the activations other than their variable, by name."""
        return tuple(sorted((self.f.free_symbols | self.g.free_symbols) - {X}, key=str))

    @cached_property
    def quantity(self) -> Any:
        """The unevaluated expectation."""
        u, v = gaussian_pair(Q1, Q2, C)
        return Expectation(self.f.xreplace({X: u}) * self.g.xreplace({X: v}))

    @cached_property
    def domain(self) -> Domain:
        """Where the closed form holds, ends of the interval of correlations included where it is defined there."""
        base = self._over(CLOSED)
        if self.f.has(sp.DiracDelta) or self.g.has(sp.DiracDelta):
            return self._over(OPEN)
        found = self._derived(base)
        return base if found is None or not unproved_conditions(found.end, base) else self._over(OPEN)

    @cached_property
    def derivation(self) -> Derivation | None:
        """From the quantity to its closed form by checked steps; None where the rules get stuck."""
        return self._derived(self.domain)

    @property
    def closed(self) -> Any | None:
        """The closed form in q_1, q_2, c, or None."""
        return None if self.derivation is None else self.derivation.end

    @property
    def expression(self) -> Any:
        """The closed form, or the quantity where there is none."""
        return self.quantity if self.closed is None else self.closed

    @cached_property
    def slope(self) -> Dual:
        """The dual of the derivatives: d/dc E[f(u) g(v)] = sqrt(q_1 q_2) E[f'(u) g'(v)] (Price)."""
        return Dual(derivative(self.f), derivative(self.g))

    @cached_property
    def length(self) -> Derivation | None:
        """E[f(z) g(z)] for z ~ N(0, q), derived in one variable; None where the rules get stuck."""
        if not (derivable(self.f) and derivable(self.g)):
            return None
        return to_closed_form(self.length_quantity, self._over(Domain((Q,))))

    @cached_property
    def length_quantity(self) -> Any:
        """E[f(z) g(z)] for z = sqrt(q) s, unevaluated."""
        z = sp.sqrt(Q) * standard_normal()
        return Expectation((self.f * self.g).xreplace({X: z}))

    def at(self, q1: Any, q2: Any, c: Any) -> Any:
        """The closed form (or the quantity) at variances and a correlation; raises ActivationError where these are impossible.

        >>> dual(lambda x: sp.Max(0, x)).at(1, 1, sp.Rational(1, 2))
        sqrt(3)/(4*pi) + 1/6
        """
        q1, q2, c = (sp.sympify(value) for value in (q1, q2, c))
        for q in (q1, q2):
            if q.is_positive is False:
                raise ActivationError(f"a variance is positive, and {q} is not")
        if sp.Abs(c).is_number and (sp.Abs(c) - 1).is_positive:
            raise ActivationError(f"a correlation lies in [-1, 1], and {c} does not")
        point = {Q1: q1, Q2: q2, C: c}
        if self.closed is not None and not (self._needs_open and (1 - c**2).is_zero):
            return sp.expand(self.closed.xreplace(point))
        u, v = gaussian_pair(q1, q2, c)
        return Expectation(self.f.xreplace({X: u}) * self.g.xreplace({X: v}))

    @property
    def _needs_open(self) -> bool:
        return any(isinstance(part, sp.StrictLessThan) for part in self.domain.given)

    def _over(self, domain: Domain) -> Domain:
        return Domain((*domain.symbols, *self.parameters), domain.given)

    def _derived(self, domain: Domain) -> Derivation | None:
        cache: dict[Domain, Derivation | None] = self.__dict__.setdefault("_cache", {})
        if domain not in cache:
            cache[domain] = to_closed_form(self.quantity, domain) if derivable(self.f) and derivable(self.g) else None
        return cache[domain]


def derivable(f: Any) -> bool:
    """Whether an activation is made of what the rules integrate: polynomials, exp, erf, sine, cosine, kinks, and their products.

    >>> derivable(X * sp.erf(X) + sp.Max(0, X)), derivable(sp.tanh(X)), derivable(1 / (1 + sp.exp(X)))
    (True, False, False)
    """
    known = (sp.exp, sp.erf, sp.erfc, sp.sin, sp.cos, sp.sinh, sp.cosh, *SWITCHES)
    powers = [node for node in f.atoms(sp.Pow) if node.has(X) and not isinstance(node, sp.exp)]
    functions = [node for node in f.atoms(sp.Function) if node.has(X)]
    return all(isinstance(node, known) for node in functions) and all(node.exp.is_Integer and node.exp > 0 for node in powers)


def to_closed_form(quantity: Any, domain: Domain) -> Derivation | None:
    """A derivation of an expectation to an expression whose only quantities are integrals over an angle, or to none at all."""
    chain = Derivation(quantity, domain)
    for rule in (scaling, gaussian_parts):
        try:
            chain = chain.by(rule)
        except (NotApplicable, NotDischarged):
            continue
    if chain.steps and not any(isinstance(node, Expectation) for node in quantities(chain.end)):
        return chain
    return None if _tilted_orthants(quantity) else derive(quantity, None, domain)


def _tilted_orthants(quantity: Any) -> bool:
    """Whether waves meet steps in two variables: orthant probabilities at complex places, which no rule closes."""
    if not isinstance(quantity, Expectation):
        return False
    integrand = quantity.args[0]
    return len(random_symbols(integrand)) > 1 and integrand.has(sp.sin, sp.cos) and integrand.has(*SWITCHES)


def dual(f: Any, g: Any = None) -> Dual:
    """The dual of one activation, or of two: E[f(u) g(v)], u ~ N(0, q_1), v ~ N(0, q_2), with correlation c.

    `f` and `g` are activations, functions of one expression, or expressions in one symbol; `g` is `f` unless given. Raises
    ActivationError for what is not real, defined on the whole line, and square integrable under every normal law.

    >>> dual(sp.erf).closed
    2*asin(2*c*sqrt(q_1)*sqrt(q_2)/(sqrt(2*q_1 + 1)*sqrt(2*q_2 + 1)))/pi
    >>> dual(sp.tanh).closed is None
    True
    """
    first = flattened(admissible(f))
    return Dual(first, first if g is None else flattened(admissible(g)))
