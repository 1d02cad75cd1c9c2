r"""Limits of products of powers of polynomials and Gamma functions, with symbolic exponents: by the leading power of each factor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NEGATIVE, POSITIVE, signs
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.calculus import vanishes
from lemmata.theory.rules.local import LocalRule, Replacement, near_its_limit

GAMMA_RATIO = "Gamma(x + a)/(Gamma(x) x^a) -> 1 as x -> oo (DLMF 5.11.12)"


@final
class LeadingPowers(LocalRule):
    r"""$\lim_{x \to \infty} \prod_i b_i(x)^{e_i}$ for polynomials and $\Gamma(c x + a)$ as $b_i$ and exponents free of x.

    $$p(x) \sim L x^D, \qquad \Gamma(c x + a) \sim \Gamma(c x) (c x)^a$$

    A polynomial has a leading coefficient that is proved positive, so that real powers of it are defined far out; the Gamma
    functions of each c cancel, and the power of x that is left is 0, or negative and the limit 0. Binomials and factorials are
    Gamma functions.
    Source: DLMF (5.11.12).

    >>> from lemmata.theory.derivation import Derivation
    >>> a, n = sp.Symbol("a", positive=True), sp.Symbol("n", integer=True, positive=True)
    >>> f = (2 * n**2 + 1) ** a * (sp.gamma(n + a) / sp.gamma(n + 1)) ** 2 * n ** (2 - 4 * a)
    >>> Derivation(sp.Limit(f, n, sp.oo), Domain((a,))).by(leading_powers).end
    2**a
    """

    name = "leading_powers"
    source = "DLMF (5.11.12)"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of a product of powers"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        f, x, end, _ = node.args
        if end is not sp.oo or quantities(f) or not near_its_limit(x, end, "-", domain):
            raise NotApplicable("it takes the limit of a closed expression as a variable grows")
        constant, power, stirling = sp.S.One, sp.S.Zero, dict[Any, Any]()
        for base, exponent in factors(with_gamma(f), x, domain):
            if not base.has(x):
                constant *= base**exponent
            elif isinstance(base, sp.gamma):
                scale, shift = _linear(base.args[0], x)
                constant *= scale ** (shift * exponent)
                power += shift * exponent
                stirling[scale] = stirling.get(scale, sp.S.Zero) + exponent
            else:
                polynomial = sp.Poly(base, x)
                constant *= polynomial.LC() ** exponent
                power += polynomial.degree() * exponent
        if any(sp.simplify(total) != 0 for total in stirling.values()):
            raise NotApplicable("the Gamma functions do not cancel")
        power = sp.simplify(power)
        if power != 0 and signs(power, domain) != NEGATIVE:
            raise NotApplicable(f"the product goes like {x}**({power}), which is not proved to have a finite limit")
        because = rf"each factor by its leading power as ${sp.latex(x)} \to \infty$"
        return Replacement(node, sp.powsimp(constant) if power == 0 else sp.S.Zero, domain, because, (GAMMA_RATIO,) if stirling else ())

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Each factor over its leading power tends to 1, and these leading powers multiply to the limit: the logarithms add up."""
        f, x, _, _ = replacement.before.args
        domain = replacement.domain
        leading, unknown = sp.S.Zero, dict[Any, Any]()
        for base, exponent in factors(with_gamma(f), x, domain):
            if isinstance(base, sp.gamma) and base.has(x):
                scale, shift = _linear(base.args[0], x)
                if signs(scale, domain) != POSITIVE:
                    raise NotDischarged(f"the argument of {base} is not proved to grow")
                unknown.setdefault(scale, sp.Dummy(f"log_gamma_{scale}", real=True))
                leading += exponent * (unknown[scale] + shift * (sp.log(scale) + sp.log(x)))
                continue
            if base.has(x):
                top = sp.LT(base, x)
                if not vanishes(sp.cancel(base / top) - 1, x, sp.oo, "-", domain):
                    raise NotDischarged(f"{base} is not proved to grow like {top}")
                base = top
            leading += exponent * _log(base)
        rest = sp.expand(sp.expand_log(leading, force=True))
        if replacement.after == 0:
            falling = rest.coeff(sp.log(x))
            constant = sp.simplify(rest - falling * sp.log(x))
            if constant.has(x, *unknown.values()) or signs(falling, domain) != NEGATIVE:
                raise NotDischarged("the product is not proved to fall")
            return
        rest = sp.expand(rest - sp.expand_log(_log(replacement.after), force=True))
        if rest != 0 and sp.simplify(rest) != 0:
            raise NotDischarged("the leading powers do not multiply to the limit")


def with_gamma(f: Any) -> Any:
    """Binomials, factorials and rising factorials as Gamma functions."""
    parts = f.atoms(sp.binomial, sp.factorial, sp.RisingFactorial)
    return f.xreplace({node: node.rewrite(sp.gamma) for node in parts})


def factors(f: Any, x: sp.Symbol, domain: Domain) -> Iterator[tuple[Any, Any]]:
    """f as a product of b^e: numbers free of x, Gamma functions and polynomials in x; raises NotApplicable for other shapes.

    A base under an exponent that is no integer is proved positive (far out, where x is in it), so that powers multiply.
    """
    yield from _split(f, sp.S.One, x, domain)


def _split(f: Any, exponent: Any, x: sp.Symbol, domain: Domain) -> Iterator[tuple[Any, Any]]:
    if isinstance(f, sp.Mul):
        for part in f.args:
            yield from _split(part, exponent, x, domain)
    elif isinstance(f, sp.Pow) and not f.exp.has(x) and f.has(x):
        yield from _split(f.base, exponent * f.exp, x, domain)
    elif not f.has(x):
        if exponent.is_integer is not True and signs(f, domain) != POSITIVE:
            raise NotApplicable(f"{f} under a power is not proved positive")
        yield f, exponent
    elif isinstance(f, sp.gamma):
        _linear(f.args[0], x)
        yield f, exponent
    elif isinstance(f, sp.Pow):
        raise NotApplicable(f"{f} has {x} in its exponent")
    else:
        yield from _polynomials(f, exponent, x, domain)


def _polynomials(f: Any, exponent: Any, x: sp.Symbol, domain: Domain) -> Iterator[tuple[Any, Any]]:
    together = sp.together(f)
    for part, sign in zip(sp.fraction(together), (1, -1), strict=True):
        if isinstance(part, sp.Mul | sp.Pow) or not part.has(x):
            yield from _split(part, sign * exponent, x, domain)
            continue
        if not part.is_polynomial(x):
            raise NotApplicable(f"{part} is neither a polynomial in {x} nor a Gamma function")
        if signs(sp.LC(part, x), domain) != POSITIVE:
            raise NotApplicable(f"the leading coefficient of {part} is not proved positive")
        yield part, sign * exponent


def _linear(argument: Any, x: sp.Symbol) -> tuple[Any, Any]:
    polynomial = sp.Poly(argument, x) if argument.is_polynomial(x) else None
    if polynomial is None or polynomial.degree() != 1 or not (polynomial.LC().is_Rational and polynomial.LC() > 0):
        raise NotApplicable(f"a Gamma function of {argument}: its argument has to be c {x} + a with a rational c > 0")
    return polynomial.LC(), polynomial.TC()


def _log(value: Any) -> Any:
    return sp.expand_log(sp.log(value), force=True)


leading_powers = LeadingPowers()
