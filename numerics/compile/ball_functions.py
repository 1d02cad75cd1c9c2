"""Functions of one or more numbers in balls: elementary, special, orthogonal polynomials; a function is one line of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import acb, arb, fmpq

from lemmata.numerics.compile.ball_scalars import divide
from lemmata.numerics.compile.balls import RULES, Balls, Scalar, hull, monotone, rule, shorten, sign_of, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, ComplexInside, Undecided, Undefined


def finite(value: arb, name: str) -> arb:
    """A ball that must be finite; else more precision may help."""
    if not value.is_finite():
        raise Undecided(f"{name} is not finite on the ball it was given")
    return value


def _real(value: acb, name: str) -> arb:
    """The real part of a value that is real in theory."""
    if not value.imag.contains(0):
        raise CannotEvaluate(f"{name} is complex here")
    return value.real


def _increasing(function: Callable[[arb], arb], low: int | None = None, high: int | None = None) -> Callable[[arb], arb]:
    """A monotone function: a wide ball is sent to the hull of the values at its ends, cut to the domain."""

    def evaluate(x: arb) -> arb:
        inside = (low is None or x > low) and (high is None or x < high)
        if inside and x.rel_accuracy_bits() > 20:
            return function(x)
        return monotone(function, x, None if low is None else arb(low), None if high is None else arb(high))

    return evaluate


_asin, _acos = _increasing(arb.asin, -1, 1), _increasing(arb.acos, -1, 1)
_acosh, _atanh = _increasing(arb.acosh, 1), _increasing(arb.atanh, -1, 1)
_asinh, _atan = _increasing(arb.asinh), _increasing(arb.atan)


def _acot(x: arb) -> arb:
    """SymPy's branch: odd, with acot(0) = pi/2."""
    return arb.pi() / 2 if x.is_zero() else _atan(to_ball(divide(fmpq(1), x)))


def _inverted(function: Callable[[arb], arb]) -> Callable[[arb], arb]:
    return lambda x: function(to_ball(divide(fmpq(1), x)))


def _sinc(x: arb) -> arb:
    return arb(1) if x.is_zero() else x.sinc()


def _besselj(order: arb, x: arb) -> arb:
    return x.bessel_j(order)


ONE: dict[Any, Callable[[arb], arb]] = {
    sp.exp: _increasing(arb.exp),
    sp.log: _increasing(arb.log, 0),
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.cot: arb.cot,
    sp.sec: arb.sec,
    sp.csc: arb.csc,
    sp.sinc: _sinc,
    sp.asin: _asin,
    sp.acos: _acos,
    sp.atan: _atan,
    sp.acot: _acot,
    sp.asec: _inverted(_acos),
    sp.acsc: _inverted(_asin),
    sp.sinh: _increasing(arb.sinh),
    sp.cosh: arb.cosh,
    sp.tanh: _increasing(arb.tanh),
    sp.coth: arb.coth,
    sp.sech: arb.sech,
    sp.csch: arb.csch,
    sp.asinh: _asinh,
    sp.acosh: _acosh,
    sp.atanh: _atanh,
    sp.acoth: _inverted(_atanh),
    sp.asech: _inverted(_acosh),
    sp.acsch: _inverted(_asinh),
    sp.erf: _increasing(arb.erf),
    sp.erfc: _increasing(arb.erfc),
    sp.erfi: _increasing(arb.erfi),
    sp.erfinv: _increasing(arb.erfinv, -1, 1),
    sp.erfcinv: _increasing(arb.erfcinv, 0, 2),
    sp.gamma: arb.gamma,
    sp.loggamma: arb.lgamma,
    sp.digamma: arb.digamma,
    sp.factorial: lambda x: (x + 1).gamma(),
    sp.Si: arb.si,
    sp.Ci: arb.ci,
    sp.Shi: arb.shi,
    sp.Chi: arb.chi,
    sp.li: arb.li,
    sp.Ei: arb.ei,
    sp.fresnels: arb.fresnel_s,
    sp.fresnelc: arb.fresnel_c,
    sp.airyai: arb.airy_ai,
    sp.airybi: arb.airy_bi,
    sp.harmonic: lambda x: (x + 1).digamma() + arb.const_euler(),
}

SEVERAL: dict[Any, Callable[..., arb]] = {
    sp.polygamma: lambda n, x: x.digamma() if n.is_zero() else _real(acb(x).polygamma(n), "polygamma"),
    sp.beta: lambda a, b=None: a.gamma() * b.gamma() * (a + b).rgamma(),
    sp.binomial: lambda n, k: (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma(),
    sp.RisingFactorial: lambda x, n: (x + n).gamma() * x.rgamma(),
    sp.FallingFactorial: lambda x, n: (x + 1).gamma() * (x - n + 1).rgamma(),
    sp.zeta: lambda s, a=None: s.zeta() if a is None else s.zeta(a),
    sp.dirichlet_eta: lambda s: (1 - arb(2) ** (1 - s)) * s.zeta(),
    sp.uppergamma: lambda s, x: x.gamma_upper(s),
    sp.lowergamma: lambda s, x: x.gamma_lower(s),
    sp.expint: lambda s, x: x.expint(s),
    sp.polylog: lambda s, x: x.polylog(s),
    sp.besselj: _besselj,
    sp.bessely: lambda order, x: x.bessel_y(order),
    sp.besseli: lambda order, x: x.bessel_i(order),
    sp.besselk: lambda order, x: x.bessel_k(order),
    sp.jn: lambda n, x: (arb.pi() / (2 * x)).sqrt() * x.bessel_j(n + arb(1) / 2),
    sp.yn: lambda n, x: (arb.pi() / (2 * x)).sqrt() * x.bessel_y(n + arb(1) / 2),
    sp.LambertW: lambda x, k=None: x.lambertw() if k is None or k.is_zero() else x.lambertw(int(k.unique_fmpz())),
    sp.atan2: lambda y, x: arb.atan2(y, x),
    sp.elliptic_k: lambda m: _real(acb(m).elliptic_k(), "elliptic_k"),
    sp.elliptic_e: lambda z, m=None: _real(acb(z).elliptic_e() if m is None else acb.elliptic_e_inc(acb(z), acb(m)), "elliptic_e"),
    sp.elliptic_f: lambda z, m: _real(acb.elliptic_f(acb(z), acb(m)), "elliptic_f"),
    sp.elliptic_pi: lambda n, m: _real(acb.elliptic_pi(acb(n), acb(m)), "elliptic_pi"),
    sp.legendre: lambda n, x: x.legendre_p(n),
    sp.assoc_legendre: lambda n, m, x: x.legendre_p(n, m),
    sp.chebyshevt: lambda n, x: x.chebyshev_t(n),
    sp.chebyshevu: lambda n, x: x.chebyshev_u(n),
    sp.hermite: lambda n, x: x.hermite_h(n),
    sp.laguerre: lambda n, x: x.laguerre_l(n),
    sp.assoc_laguerre: lambda n, a, x: x.laguerre_l(n, a),
    sp.gegenbauer: lambda n, a, x: x.gegenbauer_c(n, a),
    sp.jacobi: lambda n, a, b, x: x.jacobi_p(n, a, b),
}


def _from_table(walk: Balls, node: Any) -> Scalar:
    arguments = [walk.ball(arg) for arg in node.args]
    try:
        value = {**ONE, **SEVERAL}[node.func](*arguments)
    except (TypeError, ValueError) as error:  # a form with more arguments, or a branch that there is not
        raise CannotEvaluate(f"{node.func.__name__} has no rule for such arguments: {shorten(node)}") from error
    return finite(value, node.func.__name__)


RULES.add((*ONE, *SEVERAL), _from_table)


@rule(sp.exp)
def _exp(walk: Balls, node: Any) -> Scalar:
    x = walk.number(node.args[0])
    return fmpq(1) if isinstance(x, fmpq) and x == 0 else finite(ONE[sp.exp](to_ball(x)), "exp")


@rule(sp.log)
def _log(walk: Balls, node: Any) -> Scalar:
    x = walk.number(node.args[0])
    if sign_of(x) == 0:
        raise Undefined("the logarithm of zero")
    return fmpq(0) if isinstance(x, fmpq) and x == 1 else finite(ONE[sp.log](to_ball(x)), "log")


@rule(sp.factorial, sp.binomial, sp.RisingFactorial, sp.FallingFactorial)
def _combinatorial(walk: Balls, node: Any) -> Scalar:
    """Small integer arguments are exact and need no care at the poles of gamma."""
    arguments: list[Any] = [walk.number(arg) for arg in node.args]
    if all(isinstance(arg, fmpq) and arg.q == 1 and abs(arg.p) < 1000 for arg in arguments):
        value = node.func(*(sp.Integer(int(arg.p)) for arg in arguments))
        if value.is_Rational:
            return walk.number(value)
    return _from_table(walk, node)


def _part_of(walk: Balls, node: Any) -> Scalar:
    """The argument of what takes complex numbers; where it is no real one, that is no fault of the statement."""
    try:
        return walk.number(node.args[0])
    except Undefined as error:
        raise ComplexInside(error.reason) from None


@rule(sp.Abs)
def _abs(walk: Balls, node: Any) -> Scalar:
    value = _part_of(walk, node)
    if isinstance(value, fmpq) or sign_of(value) is not None:
        return max(value, -value)
    return arb(0).union(abs(value).upper())


@rule(sp.sign)
def _sign(walk: Balls, node: Any) -> Scalar:
    value = walk.number(node.args[0])
    sign = sign_of(value)
    return fmpq(sign) if sign is not None else to_ball(value).sgn()


@rule(sp.Heaviside)
def _heaviside(walk: Balls, node: Any) -> Scalar:
    sign = sign_of(walk.number(node.args[0]))
    if sign is not None and sign != 0:
        return fmpq(max(0, sign))
    at_zero = walk.number(node.args[1])
    return at_zero if sign == 0 else hull(hull(fmpq(0), fmpq(1)), at_zero)


def _extreme(walk: Balls, node: Any, direction: int) -> Scalar:
    best = walk.number(node.args[0])
    for arg in node.args[1:]:
        other = walk.number(arg)
        sign = sign_of(other - best)
        if sign is None:
            best = to_ball(best).max(to_ball(other)) if direction == 1 else to_ball(best).min(to_ball(other))
        elif sign == direction:
            best = other
    return best


@rule(sp.Max)
def _max(walk: Balls, node: Any) -> Scalar:
    return _extreme(walk, node, 1)


@rule(sp.Min)
def _min(walk: Balls, node: Any) -> Scalar:
    return _extreme(walk, node, -1)


@rule(sp.floor, sp.ceiling, sp.frac)
def _floor(walk: Balls, node: Any) -> Scalar:
    """Exact for rationals; a ball gives the hull of the integers it reaches."""
    value = walk.number(node.args[0])
    up = isinstance(node, sp.ceiling)
    whole: Scalar
    if isinstance(value, fmpq):
        whole = fmpq(value.ceil() if up else value.floor())
    else:
        ends: list[Any] = [(end.ceil() if up else end.floor()).unique_fmpz() for end in (value.lower(), value.upper())]
        if None in ends:
            raise Undecided(f"{type(node).__name__} of a number that is not known to within one")
        whole = hull(fmpq(ends[0]), fmpq(ends[1]))
    return value - whole if isinstance(node, sp.frac) else whole


@rule(sp.Mod)
def _mod(walk: Balls, node: Any) -> Scalar:
    above, below = (walk.number(arg) for arg in node.args)
    quotient = divide(above, below)
    if not isinstance(quotient, fmpq):
        raise CannotEvaluate("a remainder of numbers that are not rational")
    return above - below * fmpq(quotient.floor())


@rule(sp.re, sp.conjugate)
def _real_part(walk: Balls, node: Any) -> Scalar:
    return _part_of(walk, node)


@rule(sp.im)
def _imaginary_part(walk: Balls, node: Any) -> Scalar:
    _part_of(walk, node)
    return fmpq(0)


@rule(sp.erf2)
def _erf2(walk: Balls, node: Any) -> Scalar:
    first, second = (ONE[sp.erf](walk.ball(arg)) for arg in node.args)
    return second - first
