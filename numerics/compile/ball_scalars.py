"""Numbers, sums, products, powers, comparisons, piecewise functions and finite sums in balls."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, fmpq, fmpz_poly
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.numerics.compile.balls import Balls, Scalar, hull, monotone, rule, settle, shorten, sign_of, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, ComplexInside, Pole, Undecided, Undefined

TERMS = 200_000
"""Terms of a finite sum that is written out; more need another instrument."""


@rule(sp.Rational)
def _rational(walk: Balls, node: Any) -> Scalar:
    value = fmpq(int(node.p), int(node.q))
    return value if walk.exact else arb(value)


@rule(sp.Float)
def _float(walk: Balls, node: Any) -> Scalar:
    """A Float stands for the binary number that it stores."""
    sign, mantissa, exponent, _ = node._mpf_
    value = fmpq(-int(mantissa) if sign else int(mantissa)) * fmpq(2) ** int(exponent)
    return settle(value) if walk.exact else arb(value)


@rule(sp.core.numbers.Pi)
def _pi(walk: Balls, node: Any) -> Scalar:
    return arb.pi()


@rule(sp.core.numbers.Exp1)
def _exp1(walk: Balls, node: Any) -> Scalar:
    return arb.const_e()


@rule(sp.core.numbers.EulerGamma)
def _euler_gamma(walk: Balls, node: Any) -> Scalar:
    return arb.const_euler()


@rule(sp.core.numbers.Catalan)
def _catalan(walk: Balls, node: Any) -> Scalar:
    return arb.const_catalan()


@rule(sp.core.numbers.GoldenRatio)
def _golden_ratio(walk: Balls, node: Any) -> Scalar:
    return (1 + arb(5).sqrt()) / 2


@rule(sp.core.numbers.Infinity, sp.core.numbers.NegativeInfinity, sp.core.numbers.ComplexInfinity, sp.core.numbers.NaN)
def _not_finite(walk: Balls, node: Any) -> Scalar:
    raise CannotEvaluate(f"the expression holds {node}, which is no number")


@rule(sp.core.numbers.ImaginaryUnit)
def _imaginary(walk: Balls, node: Any) -> Scalar:
    raise CannotEvaluate("the expression is complex; only real ones are evaluated")


@rule(sp.AlgebraicNumber)
def _algebraic(walk: Balls, node: Any) -> Scalar:
    root, total = walk.ball(node.root), arb(0)
    for coefficient in node.coeffs():
        total = total * root + walk.ball(sp.sympify(coefficient))
    return total


@rule(sp.polys.rootoftools.ComplexRootOf)
def _root_of(walk: Balls, node: Any) -> Scalar:
    """Real roots come first, in increasing order; flint isolates them with a zero imaginary part."""
    _, whole = node.poly.clear_denoms()
    roots: Any = fmpz_poly([int(c) for c in reversed(whole.all_coeffs())]).complex_roots()
    real = sorted((root.real for root, _ in roots if root.imag.is_zero()), key=lambda ball: ball.mid())
    if node.index >= len(real):
        raise CannotEvaluate(f"{shorten(node)} is not real")
    return real[node.index]


@rule(sp.Add)
def _add(walk: Balls, node: Any) -> Scalar:
    total = walk.number(node.args[0])
    for arg in node.args[1:]:
        total = total + walk.number(arg)
    return settle(total)


@rule(sp.Mul)
def _mul(walk: Balls, node: Any) -> Scalar:
    """The denominator is gathered, so that a/b is one division."""
    above: Scalar = fmpq(1)
    below: Scalar = fmpq(1)
    try:
        for arg in node.args:
            if isinstance(arg, sp.Pow) and arg.exp is sp.S.NegativeOne and arg not in walk.values:
                below = below * walk.number(arg.base)
            else:
                above = above * walk.number(arg)
    except Undefined as error:
        if any(_vanishes(walk, arg) for arg in node.args):
            raise ComplexInside(error.reason) from None
        raise
    return settle(above if isinstance(below, fmpq) and below == 1 else divide(above, below))


def _vanishes(walk: Balls, node: Any) -> bool:
    """Whether a factor is exactly zero."""
    try:
        return sign_of(walk.number(node)) == 0
    except CannotEvaluate:
        return False


def divide(above: Scalar, below: Scalar) -> Scalar:
    """A quotient; a denominator that is zero is an error, one that may be zero waits for more precision."""
    sign = sign_of(below)
    if sign == 0:
        raise Pole("division by zero")
    if sign is None:
        raise Undecided("division by a ball that holds zero")
    return above / below


@rule(sp.Pow)
def _pow(walk: Balls, node: Any) -> Scalar:
    return power(walk.number(node.base), walk.number(node.exp))


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """base ** exponent over the reals; exact where both are rational and the result is."""
    if isinstance(exponent, arb) and exponent.is_exact() and (whole := exponent.unique_fmpz()) is not None:
        exponent = fmpq(whole)
    if isinstance(exponent, fmpq):
        if exponent.q == 1:
            return integer_power(base, int(exponent.p))
        return rational_power(base, exponent)
    sign = sign_of(base)
    if sign == -1:
        raise Undefined("a negative number to a power that is not an integer")
    if sign == 1:
        return to_ball(base) ** exponent
    if sign == 0 and exponent < 0:
        raise Pole("zero to a negative power")
    if not exponent > 0:
        raise Undecided("zero to a power that may not be positive")
    if sign == 0:
        return fmpq(0)
    top = to_ball(base).upper()
    return arb(0).union(top ** exponent.lower()).union(top ** exponent.upper())


def integer_power(base: Scalar, n: int) -> Scalar:
    """base ** n for an integer n; 0 ** 0 is 1 as in SymPy; even powers of a ball over zero are not negative."""
    if n < 0:
        return divide(fmpq(1), integer_power(base, -n))
    if isinstance(base, fmpq):
        if (base.p.bit_length() + base.q.bit_length()) * n <= 1 << 14:
            return settle(base**n)
        base = arb(base)
    if n % 2 == 0 and n > 0 and sign_of(base) is None:
        return arb(0).union(abs(base).upper() ** n)
    return base**n


LONGEST_ROOT = 30
"""Bits of the order of a root that is taken as a root."""


def rational_power(base: Scalar, exponent: fmpq) -> Scalar:
    """base ** (p/q): the power of the root, cut to base >= 0."""
    p, q = int(exponent.p), int(exponent.q)
    if base < 0:
        raise Undefined(f"a negative number to the power {exponent}")
    root: Any = exact_root(base, q) if isinstance(base, fmpq) else None
    if root is None:
        ball = to_ball(base)
        if q.bit_length() > LONGEST_ROOT:  # a logarithm costs less, and Arb counts roots in machine words
            if not ball > 0:
                raise Undecided(f"a root of high order of what may be 0: {exponent}")
            return (ball.log() * p / q).exp()
        if ball > 0:
            root = ball.sqrt() if q == 2 else ball.root(q)
        else:
            root = monotone(arb.sqrt, ball, low=arb(0)) if q == 2 else monotone(lambda x: x.root(q), ball, low=arb(0))
    return integer_power(root, p)


def exact_root(base: fmpq, q: int) -> fmpq | None:
    """The q-th root of a rational when it is rational."""
    above, below = (sp.integer_nthroot(int(base.p), q), sp.integer_nthroot(int(base.q), q))
    return fmpq(int(above[0]), int(below[0])) if above[1] and below[1] else None


def truth(walk: Balls, condition: Any) -> bool | None:
    """Whether a condition holds at the values of the walk; None when the balls do not decide."""
    if isinstance(condition, (BooleanTrue, BooleanFalse, bool)):
        return bool(condition)
    if isinstance(condition, Relational):
        return _relation(condition, walk.number(condition.lhs), walk.number(condition.rhs))
    if isinstance(condition, Not):
        inner = truth(walk, condition.args[0])
        return None if inner is None else not inner
    if isinstance(condition, (And, Or)):
        absorbing = isinstance(condition, Or)
        found = [_truth_beside(walk, arg) for arg in condition.args]
        if absorbing in found:
            return absorbing
        for one in found:
            if isinstance(one, Undefined):
                raise one
        return None if None in found else not absorbing
    if isinstance(condition, ITE):
        test = truth(walk, condition.args[0])
        first, second = (truth(walk, arg) for arg in condition.args[1:])
        return (first if first is second else None) if test is None else (first if test else second)
    if isinstance(condition, sp.Contains) and hasattr(condition.args[1], "as_relational"):
        return truth(walk, condition.args[1].as_relational(condition.args[0]))
    raise CannotEvaluate(f"the condition {shorten(condition)} cannot be decided numerically")


def _truth_beside(walk: Balls, condition: Any) -> bool | Undefined | None:
    """The truth of a condition, or why it has none: beside one that settles the matter that may not count."""
    try:
        return truth(walk, condition)
    except Undefined as error:
        return error


def _relation(condition: Any, left: Scalar, right: Scalar) -> bool | None:
    sign = sign_of(left - right)
    if isinstance(condition, (sp.Eq, sp.Ne)):
        equal = sign == 0 if sign is not None else None
        return equal if equal is None or isinstance(condition, sp.Eq) else not equal
    direction = 1 if isinstance(condition, (sp.Gt, sp.Ge)) else -1
    strict = isinstance(condition, (sp.Gt, sp.Lt))
    if sign is not None:
        return sign == direction or (sign == 0 and not strict)
    difference = to_ball(left - right) * direction
    if not strict and difference >= 0:
        return True
    return False if strict and difference <= 0 else None


@rule(Relational, And, Or, Not, BooleanTrue, BooleanFalse, sp.Contains, ITE)
def _indicator(walk: Balls, node: Any) -> Scalar:
    """A condition as a number: 1 where it holds, 0 where not, [0, 1] where the balls do not decide."""
    holds = truth(walk, node)
    return arb(0).union(arb(1)) if holds is None else fmpq(int(holds))


@rule(sp.Piecewise)
def _piecewise(walk: Balls, node: Any) -> Scalar:
    """The hull of the branches that are still possible, up to the first that is certain."""
    found: Scalar | None = None
    pair: ExprCondPair
    for pair in node.args:
        holds = truth(walk, pair.cond)
        if holds is False:
            continue
        try:
            value = walk.number(pair.expr)
        except Undefined as error:
            if holds:
                raise
            raise Undecided(f"a branch that may not be taken: {error.reason}") from None
        found = value if found is None else hull(found, value)
        if holds:
            return found
    if found is None:
        raise Undefined(f"no branch of {shorten(node)} holds here")
    return found


@rule(sp.Sum, sp.Product)
def _finite(walk: Balls, node: Any) -> Scalar:
    """A sum or product between integers, written out; from a to a - 1 it is empty, below that SymPy's (Karr's) convention."""
    return settle(_over(walk, node.function, list(node.limits), isinstance(node, sp.Product)))


def _over(walk: Balls, body: Any, limits: list[Any], product: bool) -> Scalar:
    if not limits:
        return walk.number(body)
    index, *ends = limits[-1]
    if len(ends) != 2 or any(end.is_infinite for end in ends):
        raise CannotEvaluate("an infinite sum or product is a quantity: it needs the series instrument")
    first, last = (walk.integer(end) for end in ends)
    if turned := last < first - 1:
        first, last = last + 1, first - 1
    if last - first >= TERMS:
        raise CannotEvaluate(f"a sum of {last - first + 1} terms is too long to write out")
    total: Scalar = fmpq(1) if product else fmpq(0)
    for i in range(first, last + 1):
        term = _over(walk.inner({index: fmpq(i)}), body, limits[:-1], product)
        total = settle(total * term if product else total + term)
    if not turned:
        return total
    return divide(fmpq(1), total) if product else -total
