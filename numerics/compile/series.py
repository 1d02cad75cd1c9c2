"""Taylor coefficients of closed expressions in balls: the walk over a tree, in whatever ring of truncated series it is given.

A coefficient at a ball holds f^(k)(x)/k! for every x of the ball. Every value on the way must be finite, and Arb returns no
finite coefficient where a function is not analytic on the whole ball: a finite result shows that the expression is real,
defined and analytic there. Where a switch (Max, sign, Piecewise) is not decided on the whole ball, there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_series
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.compile.balls import _free_symbols, shorten
from lemmata.numerics.compile.dispatch import ByClass
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided

Series = Any
"""An element of the ring: an `arb_series`, or a `Jet` in several variables; both have +, -, *, ** (integer) and `apply`."""

RULES: ByClass[Callable[[SeriesWalk, Any], Series]] = ByClass()
rule = RULES.rule


def in_one_variable(sides: Sequence[Any], symbol: Any, at: arb, order: int, constants: dict[Any, arb]) -> list[list[arb]]:
    """For each side its Taylor coefficients up to `order` (excluded) in one symbol, at a point or over a ball.

    `constants` keeps the numbers of the expression between calls at one precision. Raises CannotEvaluate.

    >>> x = sp.Symbol("x", real=True)
    >>> [[c.str(3, radius=False) for c in side] for side in in_one_variable([sp.exp(2 * x)], x, arb(0), 4, {})]
    [['1.00', '2.00', '2.00', '1.33']]
    """
    before = flint.ctx.cap
    flint.ctx.cap = order
    try:
        walk = SeriesWalk({symbol: arb_series([at, 1], order)}, lambda number: arb_series([number], order), constants)
        return [(walk(side).coeffs() + [arb(0)] * order)[:order] for side in sides]
    finally:
        flint.ctx.cap = before


class SeriesWalk:
    """One evaluation of expressions in a ring of truncated series: `SeriesWalk(values, lift, constants)(expr)`."""

    __slots__ = ("values", "lift", "constants", "_memo")

    def __init__(self, values: Mapping[Any, Series], lift: Callable[[arb], Series], constants: dict[Any, arb]) -> None:
        self.values = values
        self.lift = lift
        self.constants = constants
        self._memo: dict[Any, Series] = dict(values)

    def __call__(self, node: Any) -> Series:
        """The series of a node; raises CannotEvaluate, naming the node or its class."""
        found = self._memo.get(node)
        if found is None:
            found = self._memo[node] = self._value(node)
        return found

    def _value(self, node: Any) -> Series:
        if not _free_symbols(node):
            if node not in self.constants:
                self.constants[node] = to_arb(node)
            if not self.constants[node].is_finite():
                raise CannotEvaluate(f"{shorten(node)} is not finite")
            return self.lift(self.constants[node])
        evaluate = RULES.nearest(type(node))
        if evaluate is None:
            raise CannotEvaluate(f"{type(node).__name__} is not among the functions that series know: {shorten(node)}")
        value = evaluate(self, node)
        if not all(coefficient.is_finite() for coefficient in value.coeffs()):
            raise Undecided(f"{type(node).__name__} is not analytic on the whole ball: {shorten(node)}")
        return value

    def start(self, node: Any) -> arb:
        """The range of a node over the ball: the coefficient of order 0."""
        return leading(self(node))


def leading(value: Series) -> arb:
    """The coefficient of order 0; a series that is exactly 0 has no coefficients."""
    found = value.coeffs()
    return found[0] if found else arb(0)


def apply(name: str, value: Series) -> Series:
    """A function of Arb's power series by its name, in either ring."""
    if not isinstance(value, arb_series):
        return value.apply(name)
    if name not in WAVES or leading(value).is_exact():
        return getattr(value, name)()
    order = flint.ctx.cap
    terms, higher = wave_terms(name, leading(value), order), value.coeffs()[1:]
    if not higher:
        return arb_series(terms[:1], order)
    return arb_series(terms, order)(arb_series([arb(0), *higher], order))


WAVES = ("sin", "cos")


def wave_terms(name: str, at: arb, count: int) -> list[arb]:
    """The first Taylor coefficients of sine or cosine over a ball, to second order in its radius r.

    Arb's own are known to r only, which is too much where 1 - cos(x)^2 is to be positive near 0. By Taylor's theorem
    sin(m + d) lies within r |cos m| + r^2/2 of sin m, and cos(m + d) within r |sin m| + r^2/2 of cos m.
    """
    middle, radius = at.mid(), at.rad()
    sine, cosine = middle.sin(), middle.cos()
    wide_sine = sine + arb(0, 1) * radius * (abs(cosine) + radius / 2)
    wide_cosine = cosine + arb(0, 1) * radius * (abs(sine) + radius / 2)
    cycle = [wide_sine, wide_cosine, -wide_sine, -wide_cosine]
    start = 0 if name == "sin" else 1
    found, factorial = [], 1
    for k in range(count):
        factorial *= max(k, 1)
        found.append(cycle[(start + k) % 4] / factorial)
    return found


ANALYTIC: dict[Any, str] = {
    sp.exp: "exp",
    sp.log: "log",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.atan: "atan",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.erfi: "erfi",
    sp.gamma: "gamma",
    sp.Si: "si",
    sp.Shi: "shi",
}
"""Functions whose series Arb has, with SymPy's branch wherever Arb's value is finite."""

POSITIVE: dict[Any, str] = {sp.loggamma: "lgamma", sp.Ei: "ei", sp.Ci: "ci", sp.Chi: "chi", sp.li: "li", sp.LambertW: "lambertw"}
"""The same, used for positive arguments only: elsewhere SymPy's value may be complex."""


@rule(*ANALYTIC)
def _analytic(walk: SeriesWalk, node: Any) -> Series:
    return apply(ANALYTIC[node.func], walk(node.args[0]))


@rule(*POSITIVE)
def _on_the_positive_half(walk: SeriesWalk, node: Any) -> Series:
    if len(node.args) != 1:
        raise CannotEvaluate(f"series know one branch of {node.func.__name__} only")
    argument = walk(node.args[0])
    if not leading(argument) > 0:
        raise Undecided(f"{node.func.__name__} of an argument that may not be positive")
    return apply(POSITIVE[node.func], argument)


@rule(sp.Add)
def _add(walk: SeriesWalk, node: Any) -> Series:
    total = walk(node.args[0])
    for arg in node.args[1:]:
        total = total + walk(arg)
    return total


@rule(sp.Mul)
def _mul(walk: SeriesWalk, node: Any) -> Series:
    total = walk(node.args[0])
    for arg in node.args[1:]:
        total = total * walk(arg)
    return total


@rule(sp.Pow)
def _pow(walk: SeriesWalk, node: Any) -> Series:
    base, exponent = node.base, node.exp
    if exponent.is_Integer:
        return integer_power(walk(base), int(exponent))
    series = walk(base)
    if not leading(series) > 0:
        raise Undecided(f"a root of what may not be positive: {shorten(base)}")
    if exponent.is_Rational and exponent.q == 2:
        root = apply("sqrt" if exponent.p > 0 else "rsqrt", series)
        return integer_power(root, abs(int(exponent.p)))
    return apply("exp", walk(exponent) * apply("log", series))


def integer_power(base: Series, n: int) -> Series:
    """base ** n by squaring; a negative power is one of the inverse, which must not hold zero."""
    if n < 0:
        if not (leading(base) > 0 or leading(base) < 0):
            raise Undecided("division by what may be zero")
        return integer_power(apply("inv", base), -n)
    if isinstance(base, arb_series):
        return base**n
    result = None
    while n:
        if n & 1:
            result = base if result is None else result * base
        base, n = (base * base if n > 1 else base), n >> 1
    assert result is not None
    return result


@rule(sp.cosh, sp.sinh)
def _hyperbolic(walk: SeriesWalk, node: Any) -> Series:
    up, down = apply("exp", walk(node.args[0])), apply("exp", walk(-node.args[0]))
    half = walk.lift(arb(1) / 2)
    return half * (up + down) if isinstance(node, sp.cosh) else half * (up - down)


@rule(sp.tanh)
def _tanh(walk: SeriesWalk, node: Any) -> Series:
    """tanh u = 1 - 2/(1 + e^(2u)), with the sign of u turned where that keeps the exponential small."""
    argument = walk(node.args[0])
    sign = walk.lift(arb(-1 if leading(argument).mid() > 0 else 1))
    grown = apply("exp", sign * (argument + argument))
    one = walk.lift(arb(1))
    return sign * (grown - one) * apply("inv", grown + one)


@rule(sp.asinh, sp.acosh, sp.atanh)
def _inverse_hyperbolic(walk: SeriesWalk, node: Any) -> Series:
    """By logarithms: asinh u = log(u + sqrt(u^2 + 1)), acosh u = log(u + sqrt(u^2 - 1)) (u > 1), atanh u = log((1+u)/(1-u))/2."""
    u, one = walk(node.args[0]), walk.lift(arb(1))
    if isinstance(node, sp.atanh):
        if not (leading(u) > -1 and leading(u) < 1):
            raise Undecided("atanh of what may lie outside (-1, 1)")
        return walk.lift(arb(1) / 2) * (apply("log", one + u) - apply("log", one - u))
    if isinstance(node, sp.acosh) and not leading(u) > 1:
        raise Undecided("acosh of what may not exceed 1")
    inside = u * u + one if isinstance(node, sp.asinh) else u * u - one
    return apply("log", u + apply("sqrt", inside))


@rule(sp.factorial)
def _factorial(walk: SeriesWalk, node: Any) -> Series:
    return apply("gamma", walk(node.args[0]) + walk.lift(arb(1)))


@rule(sp.cot, sp.sec, sp.csc)
def _reciprocal(walk: SeriesWalk, node: Any) -> Series:
    u = walk(node.args[0])
    below = integer_power(apply("cos" if isinstance(node, sp.sec) else "sin", u), -1)
    return below * apply("cos", u) if isinstance(node, sp.cot) else below


@rule(sp.Abs)
def _abs(walk: SeriesWalk, node: Any) -> Series:
    """The sign must be strict: where the two branches touch they have different derivatives, and each ball must take the same one."""
    value = walk(node.args[0])
    if leading(value) > 0:
        return value
    if leading(value) < 0:
        return walk.lift(arb(-1)) * value
    raise Undecided("the sign under an absolute value is not decided on the whole ball")


@rule(sp.sign, sp.Heaviside)
def _step(walk: SeriesWalk, node: Any) -> Series:
    start = walk.start(node.args[0])
    if not (start > 0 or start < 0):
        raise Undecided("a step is not decided on the whole ball")
    low = -1 if isinstance(node, sp.sign) else 0
    return walk.lift(arb(1 if start > 0 else low))


@rule(sp.Max, sp.Min)
def _extreme(walk: SeriesWalk, node: Any) -> Series:
    best = walk(node.args[0])
    for arg in node.args[1:]:
        other = walk(arg)
        gap = leading(other + walk.lift(arb(-1)) * best)
        if isinstance(node, sp.Min):
            gap = -gap
        if gap > 0:
            best = other
        elif not gap < 0:
            raise Undecided("which of the values is the extreme one is not decided on the whole ball")
    return best


@rule(sp.Piecewise)
def _piecewise(walk: SeriesWalk, node: Any) -> Series:
    for piece in node.args:
        if decided(walk, piece.cond):
            return walk(piece.expr)
    raise CannotEvaluate(f"no branch of {shorten(node)} holds here")


def decided(walk: SeriesWalk, condition: Any) -> bool:
    """Whether a condition holds all over the ball; raises Undecided where neither it nor its opposite does."""
    if isinstance(condition, (BooleanTrue, BooleanFalse, bool)):
        return bool(condition)
    if isinstance(condition, Not):
        return not decided(walk, condition.args[0])
    if isinstance(condition, (And, Or)):
        found = [decided(walk, arg) for arg in condition.args]
        return all(found) if isinstance(condition, And) else any(found)
    if isinstance(condition, (sp.StrictGreaterThan, sp.GreaterThan, sp.StrictLessThan, sp.LessThan)):
        gap = leading(walk(condition.gts) + walk.lift(arb(-1)) * walk(condition.lts))
        strict = isinstance(condition, (sp.StrictGreaterThan, sp.StrictLessThan))
        if gap > 0 or (not strict and gap >= 0):
            return True
        if gap < 0 or (strict and gap <= 0):
            return False
    kind = "relation" if isinstance(condition, Relational) else "condition"
    raise Undecided(f"the {kind} {shorten(condition)} is not decided on the whole ball")
