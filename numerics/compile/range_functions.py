"""The functions that ranges know: monotone ones by a table of limits, the others by their shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.compile.balls import _free_symbols, shorten
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided
from lemmata.numerics.compile.ranges import INF, End, Range, Ranges, _rounded, rule, truth

Rising = tuple[Callable[[arb], arb], Callable[[], Any], Callable[[], Any]]


def _is(value: Any) -> Callable[[], Any]:
    return lambda: value


RISING: dict[Any, Rising] = {
    sp.exp: (arb.exp, lambda: arb(0), _is(INF)),
    sp.sinh: (arb.sinh, _is(-INF), _is(INF)),
    sp.tanh: (arb.tanh, lambda: arb(-1), lambda: arb(1)),
    sp.atan: (arb.atan, lambda: -arb.pi() / 2, lambda: arb.pi() / 2),
    sp.asinh: (arb.asinh, _is(-INF), _is(INF)),
    sp.erf: (arb.erf, lambda: arb(-1), lambda: arb(1)),
    sp.erfi: (arb.erfi, _is(-INF), _is(INF)),
}
"""Functions that rise on the whole line, with their limits at both of its ends."""


def over(way: Rising, x: Range) -> Range:
    """The range of a rising function: its values at the two ends, rounded outwards; what overflows is infinite."""
    function, below, above = way

    def at(end: End, direction: int) -> End:
        if isinstance(end, arb):
            return _rounded(function(end), direction)
        limit = above() if end > 0 else below()
        return _rounded(limit, direction) if isinstance(limit, arb) else limit

    return Range(at(x.low, -1), at(x.high, 1))


@rule(*RISING)
def _rising(walk: Ranges, node: Any) -> Range:
    return over(RISING[node.func], walk(node.args[0]))


@rule(sp.erfc)
def _erfc(walk: Ranges, node: Any) -> Range:
    return -over((lambda x: -x.erfc(), lambda: arb(-2), lambda: arb(0)), walk(node.args[0]))


@rule(sp.log)
def _log(walk: Ranges, node: Any) -> Range:
    """At 0 the range has no lower end; that the argument is never 0 itself must be proved."""
    x = walk.nonnegative(node.args[0])
    if not x.low > 0 and not walk.proofs.positive(node.args[0]):
        raise Undecided(f"the logarithm of {shorten(node.args[0])}, which may be 0")
    return over((lambda end: end.log(), _is(-INF), _is(INF)), Range(x.low if x.low > 0 else -INF, x.high if x.high > 0 else -INF))


@rule(sp.asin, sp.acos)
def _arc(walk: Ranges, node: Any) -> Range:
    """acos x = pi/2 - asin x; the argument is cut to [-1, 1] where both 1 - x and 1 + x are proved not to be negative."""
    (x,) = node.args
    found = walk(x)
    low, high = found.low, found.high
    if not low >= -1:
        if not walk.proofs.nonnegative(1 + x):
            raise Undecided(f"{shorten(x)} may be below -1")
        low = arb(-1)
    if not high <= 1:
        if not walk.proofs.nonnegative(1 - x):
            raise Undecided(f"{shorten(x)} may exceed 1")
        high = arb(1)
    if not low <= high:
        raise Undecided(f"{shorten(x)} lies outside [-1, 1]")
    if isinstance(node, sp.acos):
        return Range(_rounded(high.acos(), -1), _rounded(low.acos(), 1))
    return Range(_rounded(low.asin(), -1), _rounded(high.asin(), 1))


@rule(sp.acosh)
def _acosh(walk: Ranges, node: Any) -> Range:
    x = walk(node.args[0])
    if not x.low >= 1:
        raise Undecided(f"{shorten(node.args[0])} may be below 1")
    return over((arb.acosh, _is(-INF), _is(INF)), x)


@rule(sp.atanh)
def _atanh(walk: Ranges, node: Any) -> Range:
    x = walk(node.args[0])
    if not (x.low > -1 and x.high < 1):
        raise Undecided(f"{shorten(node.args[0])} may leave (-1, 1)")
    return over((arb.atanh, _is(-INF), _is(INF)), x)


@rule(sp.sin, sp.cos)
def _wave(walk: Ranges, node: Any) -> Range:
    x = walk(node.args[0])
    whole = Range(arb(-1), arb(1))
    if not x.finite():
        return whole
    value = x.ball().sin() if isinstance(node, sp.sin) else x.ball().cos()
    low, high = value.lower(), value.upper()
    return Range(low if low > -1 else whole.low, high if high < 1 else whole.high)


@rule(sp.tan, sp.cot, sp.sec, sp.csc)
def _with_poles(walk: Ranges, node: Any) -> Range:
    return Range.of(getattr(walk(node.args[0]).ball(), node.func.__name__)())


@rule(sp.cosh)
def _cosh(walk: Ranges, node: Any) -> Range:
    return over((arb.cosh, _is(1), _is(INF)), walk(node.args[0]).magnitude())


@rule(sp.gamma, sp.loggamma, sp.factorial)
def _gamma(walk: Ranges, node: Any) -> Range:
    x = walk(node.args[0]).ball()
    x = x + 1 if isinstance(node, sp.factorial) else x
    if not x > 0:
        raise Undecided(f"{node.func.__name__} of what may not be positive")
    return Range.of(x.lgamma() if isinstance(node, sp.loggamma) else x.gamma())


@rule(sp.Abs)
def _abs(walk: Ranges, node: Any) -> Range:
    return walk(node.args[0]).magnitude()


@rule(sp.sign, sp.Heaviside)
def _step(walk: Ranges, node: Any) -> Range:
    x = walk(node.args[0])
    low = arb(-1 if isinstance(node, sp.sign) else 0)
    if x.low > 0:
        return Range(arb(1), arb(1))
    if x.high < 0:
        return Range(low, low)
    found = Range(arb(1) if x.low >= 0 else low, low if x.high <= 0 else arb(1))
    jump = walk(node.args[1]) if isinstance(node, sp.Heaviside) else Range(arb(0), arb(0))
    return Range(found.low, found.low).union(Range(found.high, found.high)).union(jump)


@rule(sp.Max, sp.Min)
def _extreme(walk: Ranges, node: Any) -> Range:
    parts = [walk(arg) for arg in node.args]
    pick = max if isinstance(node, sp.Max) else min
    return Range(pick(part.low for part in parts), pick(part.high for part in parts))


@rule(sp.Piecewise)
def _piecewise(walk: Ranges, node: Any) -> Range:
    """The hull of the branches that are still possible, up to the first that is certain."""
    found: Range | None = None
    for piece in node.args:
        holds = truth(walk, piece.cond)
        if holds is False:
            continue
        value = walk(piece.expr)
        found = value if found is None else found.union(value)
        if holds:
            return found
    raise CannotEvaluate(f"no branch of {shorten(node)} is certain to hold here")


@rule(sp.Add)
def _add(walk: Ranges, node: Any) -> Range:
    total = walk(node.args[0])
    for arg in node.args[1:]:
        total = total + walk(arg)
    return total


@rule(sp.Mul)
def _mul(walk: Ranges, node: Any) -> Range:
    total = walk(node.args[0])
    for arg in node.args[1:]:
        total = total * walk(arg)
    return total if total.finite() else _tamed(walk, node, total)


def _tamed(walk: Ranges, node: Any, total: Range) -> Range:
    """A product without an end in which a power outweighs a logarithm, or an exponential a power; unchanged where none does."""
    for fast in node.args:
        if not isinstance(fast, (sp.log, sp.exp)):
            continue
        for slow in node.args:
            base, exponent = (slow.base, slow.exp) if isinstance(slow, sp.Pow) and not isinstance(slow, sp.exp) else (slow, sp.Integer(1))
            if slow is fast or not (exponent.is_Rational and exponent > 0) or not _free_symbols(base):
                continue
            found = (_power_log if isinstance(fast, sp.log) else _power_exp)(walk, base, exponent, fast.args[0])
            if found is not None:
                for arg in node.args:
                    found = found if arg is fast or arg is slow else found * walk(arg)
                return found
    return total


def _power_log(walk: Ranges, u: Any, p: Any, argument: Any) -> Range | None:
    """u^p log(k u) = k^(-p) v^p log(v) with v = k u > 0, which falls from 0 to -1/(p e) at v = e^(-1/p) and rises from there."""
    k = sp.cancel(argument / u)
    if not (k.is_Rational and k > 0 and walk.proofs.positive(u)):
        return None
    top = walk(argument).high
    if not isinstance(top, arb) or not top > 0:
        return None
    power = to_arb(p)
    value = top**power * top.log()
    low = value if top < (-1 / power).exp() else -1 / (power * arb(1).exp())
    return Range(_rounded(low, -1), arb(0) if value <= 0 else max(arb(0), _rounded(value, 1))) * Range.of(to_arb(k) ** -power)


def _power_exp(walk: Ranges, u: Any, n: Any, argument: Any) -> Range | None:
    """u^n exp(-k u^m) for m = 1 or 2, k > 0: it falls to 0 from u^m = n/(m k) on."""
    start = walk(u).low
    if not isinstance(start, arb) or not start > 0:
        return None
    for m in (1, 2):
        k = -sp.cancel(argument / u**m)
        if k.is_Rational and k > 0:
            steep, order = to_arb(k), to_arb(n)
            if start**m * m * steep >= order:
                return Range(arb(0), _rounded(start**order * (-steep * start**m).exp(), 1))
    return None


@rule(sp.Pow)
def _pow(walk: Ranges, node: Any) -> Range:
    base, exponent = node.base, node.exp
    if exponent.is_Integer:
        n = int(exponent)
        found = _natural_power(walk(base), abs(n))
        return found if n >= 0 else _inverse(walk, base, found)
    if exponent.is_Rational:
        found = _root(walk.nonnegative(base), int(exponent.q))
        found = _natural_power(found, abs(int(exponent.p)))
        return found if exponent > 0 else _inverse(walk, base, found)
    logarithm = walk(sp.log(base)) if base.is_number else walk(sp.log(base, evaluate=False))
    return over(RISING[sp.exp], walk(exponent) * logarithm)


def _natural_power(x: Range, n: int) -> Range:
    """x -> x^n, which rises on the half line, and everywhere for odd n."""
    if n % 2 == 0:
        x = x.magnitude()
    return over((lambda end: _product(end, n), _is(-INF if n else arb(1)), _is(INF if n else arb(1))), x)


def _product(end: arb, n: int) -> arb:
    total = arb(1)
    for _ in range(n):
        total = total * end
    return total


def _root(x: Range, q: int) -> Range:
    return over(((lambda end: end.sqrt()) if q == 2 else (lambda end: end.root(q)), _is(-INF), _is(INF)), x)


def _inverse(walk: Ranges, base: Any, power: Range) -> Range:
    """1/power: an end at 0 gives an infinite one where the base is proved to be positive, so that 0 is never reached."""
    if power.low > 0 or power.high < 0:
        return Range(_turned(power.high, -1), _turned(power.low, 1))
    if power.low >= 0 and walk.proofs.positive(base):
        return Range(_turned(power.high, -1), INF)
    raise Undecided(f"division by {shorten(base)}, which may be 0")


def _turned(end: End, direction: int) -> End:
    if isinstance(end, float):
        return arb(0)
    return INF if end == 0 else _rounded(1 / end, direction)
