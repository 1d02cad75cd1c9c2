"""Polynomial identity in algebraic generators: the workhorse of the exact zero test.

An expression becomes a fraction of polynomials in generators: symbols, roots r with r^q = f, exponentials, logarithms,
trigonometric and other functions of arguments that are themselves compared exactly. Each generator comes with the
relation it satisfies; a numerator that reduces to 0 modulo the relations is 0 wherever the expression is defined.
The converse is not claimed: generators may be dependent in ways that are not listed here.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, real, signs

ODD = (sp.erf, sp.asin, sp.atan, sp.sinh, sp.asinh, sp.sign, sp.sin)
EVEN = (sp.cos, sp.cosh, sp.Abs)
LARGEST = 3000


STEEPEST = 3000
"""Degrees in a generator beyond which its dense polynomials are not built: exp(10^6 t) would be one of degree 12 10^6."""


class TooLarge(ValueError):
    """The expression is beyond what is looked at."""


def _by_sine_and_cosine(kind: Any, argument: Any) -> Any:
    """tan, cot, sec and csc by their definitions; SymPy's `rewrite` leaves some as they are and shifts the arguments of others."""
    sine, cosine = sp.sin(argument), sp.cos(argument)
    return {sp.tan: sine / cosine, sp.cot: cosine / sine, sp.sec: 1 / cosine, sp.csc: 1 / sine}[kind]


class Generators:
    """The generators met so far, with their relations; one instance serves one zero test."""

    def __init__(self, domain: Domain | None, depth: int = 3) -> None:
        self.domain = domain
        self.depth = depth
        self.relations: list[tuple[sp.Dummy, sp.Expr]] = []
        self._functions: dict[Any, list[tuple[Any, sp.Dummy]]] = {}
        self._roots: dict[tuple[Any, int], sp.Dummy] = {}
        self._powers: dict[Any, sp.Dummy] = {}
        self._opaque: dict[Any, sp.Dummy] = {}

    def vanishes(self, expr: Any) -> bool:
        """Whether the numerator of `expr` reduces to 0 and its denominator is not seen to."""
        numerator, denominator = sp.fraction(sp.together(self.polynomial(expr)))
        if sp.count_ops(numerator) > LARGEST:
            raise TooLarge
        if self.reduce(numerator) != 0:
            return False
        return denominator.is_number or self.reduce(denominator) != 0

    def reduce(self, expr: Any) -> Any:
        """The normal form of a polynomial in the generators: highest generators first, each modulo its relation."""
        expr = sp.expand(expr)
        for generator, value in reversed(self.relations):
            if not expr.has(generator):
                continue
            poly, modulus = sp.Poly(expr, generator), sp.Poly(value, generator)
            expr = sp.expand(sp.rem(poly, modulus).as_expr())
            # a relation may have denominators: what matters is the numerator
            expr = sp.expand(sp.fraction(sp.together(expr))[0])
        return expr

    def polynomial(self, expr: Any) -> Any:
        """`expr` with every function and root replaced by a generator."""
        if expr.is_Rational or expr.is_Symbol:
            return expr
        if isinstance(expr, sp.Add | sp.Mul):
            return expr.func(*(self.polynomial(arg) for arg in expr.args))
        if isinstance(expr, sp.exp) or expr is sp.E:
            return self._exponential(expr.args[0] if expr is not sp.E else sp.Integer(1))
        if isinstance(expr, sp.Pow):
            return self._power(*expr.args)
        if isinstance(expr, sp.log):
            return self._logarithm(expr.args[0])
        rewritten = self._rewritten(expr)
        if rewritten is not None:
            return self.polynomial(rewritten)
        if isinstance(expr, sp.Function) and len(expr.args) == 1:
            return self._function(expr)
        if expr not in self._opaque:
            self._opaque[expr] = sp.Dummy("o")
        return self._opaque[expr]

    def _rewritten(self, expr: Any) -> Any:
        """Functions that are others in disguise."""
        match expr:
            case sp.acos() if isinstance(expr.args[0], sp.cos) and self._between(expr.args[0].args[0], sp.Integer(0), sp.pi):
                return expr.args[0].args[0]
            case sp.asin() if isinstance(expr.args[0], sp.sin) and self._between(expr.args[0].args[0], -sp.pi / 2, sp.pi / 2):
                return expr.args[0].args[0]
            case sp.acos():
                return sp.pi / 2 - sp.asin(expr.args[0], evaluate=False)
            case sp.erfc():
                return 1 - sp.erf(expr.args[0], evaluate=False)
            case sp.tan() | sp.cot() | sp.sec() | sp.csc():
                return _by_sine_and_cosine(type(expr), expr.args[0])
            case sp.sinh() | sp.cosh() | sp.tanh() | sp.coth() | sp.sech() | sp.csch():
                return expr.rewrite(sp.exp)
            case sp.Abs() | sp.sign() | sp.Heaviside():
                return self._by_sign(expr)
            case sp.Max() | sp.Min():
                return self._extremum(expr)
            case _:
                return None

    def _between(self, expr: Any, low: Any, high: Any) -> bool:
        return signs(expr - low, self.domain) <= NONNEGATIVE and signs(high - expr, self.domain) <= NONNEGATIVE

    def _by_sign(self, expr: Any) -> Any:
        inner = signs(expr.args[0], self.domain)
        if isinstance(expr, sp.Abs):
            if inner <= NONNEGATIVE:
                return expr.args[0]
            return -expr.args[0] if inner <= frozenset({-1, 0}) else None
        if len(inner) == 1:
            (value,) = inner
            if isinstance(expr, sp.sign):
                return sp.Integer(value)
            return None if value == 0 else sp.Integer((value + 1) // 2)
        return None

    def _extremum(self, expr: Any) -> Any:
        best = expr.args[0]
        for other in expr.args[1:]:
            difference = signs(best - other, self.domain)
            if difference <= NONNEGATIVE:
                best = best if isinstance(expr, sp.Max) else other
            elif difference <= frozenset({-1, 0}):
                best = other if isinstance(expr, sp.Max) else best
            else:
                sign = 1 if isinstance(expr, sp.Max) else -1
                best = (best + other + sign * sp.Abs(best - other, evaluate=False)) / 2
        return best

    def _function(self, expr: Any) -> Any:
        """f(argument), merged with an earlier f of an argument proved equal, or opposite where f is odd or even."""
        kind, argument = type(expr), expr.args[0]
        for known, generator in self._functions.setdefault(kind, []):
            if self._same(argument, known):
                return generator
            if kind in ODD + EVEN and self._same(argument, -known):
                return -generator if kind in ODD else generator
        generator = sp.Dummy(kind.__name__)
        self._functions[kind].append((argument, generator))
        if kind is sp.Abs:
            self.relations.append((generator, generator**2 - self.polynomial(argument) ** 2))
        if kind in (sp.sin, sp.cos):
            other = self._function((sp.cos if kind is sp.sin else sp.sin)(argument, evaluate=False))
            if isinstance(other, sp.Dummy) and kind is sp.cos:
                self.relations.append((other, other**2 + generator**2 - 1))
        return generator

    def _same(self, first: Any, second: Any) -> bool:
        if first == second:
            return True
        if self.depth <= 0 or first.free_symbols != second.free_symbols:
            return False
        try:
            return Generators(self.domain, self.depth - 1).vanishes(first - second)
        except (TooLarge, sp.PolynomialError):
            return False

    def _power(self, base: Any, exponent: Any) -> Any:
        if exponent.is_Integer:
            return self.polynomial(base) ** exponent
        if exponent.is_Rational:
            return self._root(base, int(exponent.q)) ** int(exponent.p)
        coefficient, rest = exponent.as_coeff_Add()
        factors = [self.polynomial(base**coefficient)] if coefficient != 0 else []
        for term in sp.Add.make_args(sp.expand(rest)):
            number, symbolic = term.as_coeff_Mul()
            if not number.is_Rational:
                number, symbolic = sp.Integer(1), term
            key = (base, symbolic / number.q)
            factors.append(self._powers.setdefault(key, sp.Dummy("p")) ** int(number.p))
        return sp.Mul(*factors)

    def _exponential(self, argument: Any) -> Any:
        factors = []
        for term in sp.Add.make_args(sp.expand(argument)):
            number, symbolic = term.as_coeff_Mul()
            if not number.is_Rational:
                number, symbolic = sp.Integer(1), term
            factors.append(self._exponential_generator(number, symbolic))
        return sp.Mul(*factors)

    def _exponential_generator(self, number: sp.Rational, symbolic: Any) -> Any:
        for (kind, known), generator in self._powers.items():
            if kind is not sp.E:
                continue
            ratio = number * sp.cancel(symbolic / known) if symbolic.free_symbols == known.free_symbols else None
            if ratio is not None and ratio.is_Integer:
                if abs(ratio) > STEEPEST:
                    raise TooLarge
                return generator ** int(ratio)
        if abs(number.p) * 12 > STEEPEST:
            raise TooLarge
        generator = self._powers.setdefault((sp.E, symbolic / (number.q * 12)), sp.Dummy("e"))
        return generator ** (int(number.p) * 12)

    def _root(self, base: Any, order: int) -> Any:
        """base**(1/order), split over the factors of the base that are proved nonnegative."""
        if base.has(sp.sin, sp.cos):
            base = base.replace(lambda node: isinstance(node, sp.Pow) and isinstance(node.base, sp.cos) and node.exp == 2, _sine_squared)
        base = sp.factor(sp.together(sp.expand(base))) if sp.count_ops(base) < 200 and _is_shallow(base) else base
        result: Any = sp.Integer(1)
        left: Any = sp.Integer(1)
        for factor in sp.Mul.make_args(base):
            inner, power = factor.as_base_exp()
            if not power.is_Integer:
                inner, power = factor, sp.Integer(1)
            if inner.is_Rational:
                if inner < 0:
                    left, inner = -left, -inner
                for prime, times in sp.factorrat(inner).items():
                    if prime != 1:
                        result *= self._radical(sp.Integer(prime), order) ** int(times * power)
                continue
            sign = signs(inner, self.domain)
            if sign <= NONNEGATIVE:
                result *= self._radical(inner, order) ** int(power)
            elif sign <= frozenset({-1, 0}) and power.is_odd:
                result *= self._radical(sp.expand(-inner), order) ** int(power)
                left = -left
            else:
                left *= factor
        if left == 1:
            return result
        return result * self._radical(left, order)

    def _radical(self, base: Any, order: int) -> Any:
        """The generator of base**(1/order), its sign fixed by being the principal root; equal bases are merged."""
        value = self.polynomial(base)
        for (known, known_order), generator in self._roots.items():
            if known_order == order and sp.expand(known - value) == 0:
                return generator
        # one root of the least common order would be better: x**(1/2) and x**(1/4) are not related here
        generator = sp.Dummy("r")
        self._roots[value, order] = generator
        self.relations.append((generator, generator**order - value))
        return generator

    def _logarithm(self, argument: Any) -> Any:
        argument = sp.factor(sp.together(argument)) if sp.count_ops(argument) < 200 and _is_shallow(argument) else argument
        total: Any = sp.Integer(0)
        left: Any = sp.Integer(1)
        for factor in sp.Mul.make_args(argument):
            inner, power = factor.as_base_exp()
            if isinstance(factor, sp.exp) and real(factor.args[0], self.domain):
                total += self.polynomial(factor.args[0])
            elif inner.is_Rational and inner > 0 and power.is_Rational:
                total += sp.Add(
                    *(
                        times * power * self._function(sp.log(prime, evaluate=False))
                        for prime, times in sp.factorrat(inner).items()
                        if prime != 1
                    )
                )
            elif signs(inner, self.domain) <= POSITIVE:
                total += self.polynomial(power) * self._function(sp.log(inner, evaluate=False))
            else:
                left *= factor
        return total if left == 1 else total + self._function(sp.log(left, evaluate=False))


def _is_shallow(expr: Any) -> bool:
    """Whether exponentials are low powers: SymPy factors 1 + exp(12345/1000) as a dense polynomial of that degree, in C."""
    terms = (term for node in expr.atoms(sp.exp) for term in sp.Add.make_args(sp.expand(node.args[0])))
    return all(abs(number.p) * 12 <= STEEPEST for term in terms if (number := term.as_coeff_Mul()[0]).is_Rational)


def _sine_squared(power: Any) -> Any:
    """cos^2 as 1 - sin^2: radicands such as 1 - cos^2 become squares."""
    return 1 - sp.sin(power.base.args[0]) ** 2
