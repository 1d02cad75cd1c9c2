"""One normal variable: expectations of piecewise polynomials times exponentials, piece by piece.

On each piece the exponent is completed to a square, and the truncated moments of the normal law that is left follow
from integration by parts. The check goes the other way: an antiderivative with undetermined coefficients, which is
differentiated.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation, Probability

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.forms import OneForm, one_form
from lemmata.theory.pieces import KINKED, Piece, pieces
from lemmata.theory.rules.local import LocalRule, Replacement, inside


@final
class HalfLines(LocalRule):
    """E[f(x)] for normal x and f piecewise polynomial times exponential, as a sum over the pieces.

    f may be made of powers, exp of quadratics, and Max, Min, Abs, sign, Heaviside, Piecewise of affine functions.
    """

    name = "half_lines"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation over one normal variable"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        form = _form(node, domain)
        total = sp.Integer(0)
        for piece in pieces(form.function, form.x, domain):
            for power, coefficient, exponent in terms(piece.branch, form.x):
                total += coefficient * _moment(power, exponent, piece, form, domain)
        after = sp.expand(total) if sp.count_ops(total) < 200 else total
        return Replacement(node, after, domain, "integration over half-lines, each completed to a square")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        form = _form(replacement.before, replacement.domain)
        x, total = form.x, sp.Integer(0)
        for piece in pieces(form.function, x, replacement.domain):
            where = inside(replacement.domain, x, piece.low, piece.high)
            if form.function.has(*KINKED) and is_zero(form.function - piece.branch, where) is not True:
                raise NotDischarged("a branch is not proved equal to the function on its piece")
            for power, coefficient, exponent in terms(piece.branch, x):
                total += coefficient * _by_antiderivative(power, exponent, piece, form, replacement.domain)
        if is_zero(total - replacement.after, replacement.domain) is not True:
            raise NotDischarged("the antiderivative gives another value")


def _form(node: Any, domain: Domain) -> OneForm:
    if len(node.args) > 1 or isinstance(node, Probability):
        raise NotApplicable("conditional expectations are not integrated here")
    form = one_form(node.args[0])
    if signs(form.variance, domain) != POSITIVE:
        raise NotApplicable(f"the variance {form.variance} is not proved positive")
    return form


def terms(branch: Any, x: sp.Symbol) -> list[tuple[int, Any, Any]]:
    """`branch` as a sum of coefficient * x^power * exp(exponent), exponent a polynomial of degree <= 2 without constant."""
    found: list[tuple[int, Any, Any]] = []
    for term in sp.Add.make_args(sp.expand(sp.powsimp(sp.expand(branch)))):
        power, coefficient, exponent = sp.Integer(0), sp.Integer(1), sp.Integer(0)
        for factor in sp.Mul.make_args(term):
            base, degree = factor.as_base_exp()
            if not factor.has(x):
                coefficient *= factor
            elif base == x and degree.is_Integer and degree > 0:
                power += degree
            elif base is sp.E:
                exponent += degree
            else:
                raise NotApplicable(f"{factor} is neither a power nor an exponential")
        exponent = sp.expand(exponent)
        if not exponent.is_polynomial(x) or sp.degree(exponent, x) > 2:
            raise NotApplicable(f"exp({exponent}) is not the exponential of a quadratic")
        constant = exponent.coeff(x, 0)
        found.append((int(power), coefficient * sp.exp(constant), exponent - constant))
    return found


def _square(exponent: Any, form: OneForm, domain: Domain) -> tuple[Any, Any, Any]:
    """(centre, variance, factor) with exp(exponent) N(x; mean, variance) = factor N(x; centre, variance')."""
    v, m, x = form.variance, form.mean, form.x
    a = 1 / (2 * v) - exponent.coeff(x, 2)
    if signs(sp.cancel(2 * v * a), domain) != POSITIVE:
        raise NotApplicable(f"E exp({exponent}) is not proved finite")
    width = sp.cancel(1 / (2 * a))
    centre = sp.cancel(width * (m / v + exponent.coeff(x, 1)))
    factor = sp.exp(sp.cancel(centre**2 / (2 * width) - m**2 / (2 * v))) * sp.sqrt(sp.cancel(width / v))
    return centre, width, factor


def _moment(power: int, exponent: Any, piece: Piece, form: OneForm, domain: Domain) -> Any:
    """E[x^power exp(exponent); low < x < high] through the truncated moments of z = (x - centre)/width."""
    centre, width, factor = _square(exponent, form, domain)
    root = sp.sqrt(width)
    low, high = ((end - centre) / root for end in (piece.low, piece.high))
    truncated = [_cumulative(high) - _cumulative(low), _density(low) - _density(high)]
    for n in range(2, power + 1):
        edges = _edge(low, n - 1) - _edge(high, n - 1)
        truncated.append((n - 1) * truncated[n - 2] + edges)
    moment = sum((sp.binomial(power, k) * centre ** (power - k) * root**k * truncated[k] for k in range(power + 1)), sp.Integer(0))
    return factor * moment


def _infinite(z: Any) -> bool:
    return bool(z.has(sp.oo, -sp.oo))


def _upper(z: Any) -> bool:
    return sp.oo in z.atoms(sp.core.numbers.Infinity)


def _cumulative(z: Any) -> Any:
    if _infinite(z):
        return sp.Integer(1 if _upper(z) else 0)
    return (1 + sp.erf(z / sp.sqrt(2))) / 2


def _density(z: Any) -> Any:
    return sp.Integer(0) if _infinite(z) else sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


def _edge(z: Any, power: int) -> Any:
    return sp.Integer(0) if _infinite(z) else z**power * _density(z)


def _by_antiderivative(power: int, exponent: Any, piece: Piece, form: OneForm, domain: Domain) -> Any:
    """The same integral from P(x) exp(e(x)) + k erf((x - centre)/sqrt(2 width)), found downwards in degree and differentiated."""
    x, v, m = form.x, form.variance, form.mean
    centre, width, factor = _square(exponent, form, domain)
    rest = sp.Poly(x**power, x)
    quotient = sp.Poly(0, x)
    slope = sp.Poly(-(x - centre) / width, x)
    while rest.degree() >= 1:  # (P e)' = (P' - (x - centre) P / width) e: cancel the leading term
        lead = sp.Poly(-width * rest.LC() * x ** (rest.degree() - 1), x)
        quotient += lead
        rest = sp.Poly(sp.expand((rest - lead * slope - lead.diff(x)).as_expr()), x)
    density = sp.exp(-((x - centre) ** 2) / (2 * width)) / sp.sqrt(2 * sp.pi * width)
    normal = (1 + sp.erf((x - centre) / sp.sqrt(2 * width))) / 2
    antiderivative = quotient.as_expr() * density + rest.as_expr() * normal
    given = x**power * sp.exp(exponent - (x - m) ** 2 / (2 * v)) / sp.sqrt(2 * sp.pi * v)
    if is_zero(sp.diff(antiderivative, x) * factor - given, domain) is not True:
        raise NotDischarged("the derivative of the antiderivative is not proved to be the integrand")

    def at(end: Any) -> Any:
        if end is sp.oo:
            return rest.as_expr()
        if end is -sp.oo:
            return sp.Integer(0)
        return antiderivative.xreplace({x: end}) if end.is_Symbol else antiderivative.subs(x, end)

    return factor * (at(piece.high) - at(piece.low))


half_lines = HalfLines()
