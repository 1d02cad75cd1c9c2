r"""Sums of binomial coefficients times powers: sum_p C(n, p) c r^p = c (1 + r)^n."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import NONNEGATIVE, signs
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement

MOST_TERMS = 200


@final
class BinomialTheorem(LocalRule):
    """A sum over all p from 0 to n of C(n, p) times terms c r^p, each with c and r != 0 free of p.

    >>> from lemmata.theory.derivation import Derivation
    >>> n, p = sp.symbols("n p", integer=True, nonnegative=True)
    >>> Derivation(sp.Sum(sp.binomial(n, p) * (1 - 2**(-p)), (p, 0, n)), Domain((n,))).by(binomial_theorem).end
    2**n - (3/2)**n
    """

    name = "binomial_theorem"
    kinds: ClassVar[tuple[type, ...]] = (sp.Sum,)
    needs = "sum over p from 0 to n of binomial(n, p) times powers"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        p, n = _range(node, domain)
        terms = _terms(node, p, n)
        after = sp.Add(*(_closed(constant, ratio, n, n) for constant, ratio in terms))
        return Replacement(node, after, domain, "the binomial theorem, term by term")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The terms add up to the summand; if c = c_0 s^n each closed form has F(0) = c_0 and F(n + 1) = s (1 + r) F(n): Pascal's rule."""
        node = replacement.before
        p, n = _range(node, replacement.domain)
        terms = _terms(node, p, n)
        size = sp.Dummy("n", integer=True, nonnegative=True)
        rest = sp.expand(_weight(node, p, n) - sp.Add(*(constant * ratio**p for constant, ratio in terms)))
        if sp.expand(sp.powsimp(rest)) != 0 and is_zero(rest, replacement.domain) is not True:
            raise NotDischarged("the terms do not add up to the summand")
        for constant, ratio in terms:
            first, growth = _geometric(constant, n)
            closed = _closed(constant, ratio, size, n)
            if closed.xreplace({size: sp.Integer(0)}) != first:
                raise NotDischarged(f"the sum of {ratio}^p over p = 0 alone is 1")
            step = closed.xreplace({size: size + 1}) - growth * (1 + ratio) * closed
            if is_zero(sp.expand(sp.powsimp(sp.expand(step))), replacement.domain) is not True:
                raise NotDischarged("Pascal's rule does not lead from n to n + 1")
        if replacement.after != sp.Add(*(_closed(constant, ratio, n, n) for constant, ratio in terms)):
            raise NotDischarged("the closed forms do not add up")


def _range(node: Any, domain: Domain) -> tuple[Any, Any]:
    if len(node.limits) != 1 or quantities(node.function):
        raise NotApplicable("one summation variable and a closed summand are needed")
    p, low, n = node.limits[0]
    if low != 0 or not isinstance(n, sp.Symbol) or n.is_integer is not True or not signs(n, domain) <= NONNEGATIVE:
        raise NotApplicable("the sum is to run from 0 to a symbol for a whole number that is not negative")
    return p, n


def _weight(node: Any, p: Any, n: Any) -> Any:
    """The summand without its binomial coefficient."""
    rest = node.function / sp.binomial(n, p)
    if rest.has(sp.binomial, sp.factorial, sp.gamma):
        raise NotApplicable(f"the summand is to be {sp.binomial(n, p)} times powers")
    return rest


def _terms(node: Any, p: Any, n: Any) -> list[tuple[Any, Any]]:
    """(c, r) for each term c r^p; exponents are affine in p and bases free of it."""
    found = []
    terms = sp.Add.make_args(sp.expand(_weight(node, p, n)))
    if len(terms) > MOST_TERMS:
        raise NotApplicable(f"the summand has {len(terms)} terms, more than {MOST_TERMS}")
    for term in terms:
        constant, ratio = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            slope = sp.expand(sp.diff(exponent, p)) if exponent.has(p) else sp.Integer(0)
            if base.has(p) or slope.has(p) or base == 0:
                raise NotApplicable(f"{factor} is no power of something free of {p}")
            constant *= base ** sp.expand(exponent - slope * p)
            ratio *= base**slope
        if ratio.has(n) or ratio == 0 or not ratio.is_real:
            raise NotApplicable(f"the ratio {ratio} is to be a real number free of {n}")
        found.append((constant, ratio))
    return found


def _geometric(constant: Any, n: Any) -> tuple[Any, Any]:
    """(c_0, s) of c = c_0 s^n, read at n = 0 and n = 1; raises NotApplicable where c is no geometric sequence with rational ratio."""
    for factor in sp.Mul.make_args(constant):
        base, exponent = factor.as_base_exp()
        slope = sp.expand(sp.diff(exponent, n)) if exponent.has(n) else sp.Integer(0)
        if base.has(n) or not slope.is_Integer or (slope != 0 and not base.is_Rational):
            raise NotApplicable(f"{factor} is no power of a rational number")
    first = constant.xreplace({n: sp.Integer(0)})
    return first, constant.xreplace({n: sp.Integer(1)}) / first


def _closed(constant: Any, ratio: Any, size: Any, n: Any) -> Any:
    """c_0 (s (1 + r))^n, at n = size."""
    first, growth = _geometric(constant, n)
    return first * (growth * (1 + ratio)) ** size


binomial_theorem = BinomialTheorem()
