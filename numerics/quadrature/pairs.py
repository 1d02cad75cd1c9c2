"""E f(u) g(v) over a pair of correlated normals, f and g analytic in strips: two trapezoid rules with proved errors.

With x = u / a and y = v / b standard of correlation r, the mean is the integral of f(a x) g(b y) against the density
exp(-(x^2 - 2 r x y + y^2) / (2 (1 - r^2))) / (2 pi sqrt(1 - r^2)).

- **Product lattice**, |r| at most FAR: nodes x = i h and y = j k. The weights at node i are a geometric progression in j,
  so each row is one polynomial in exp(r h k i / (1 - r^2)), and f and g are evaluated on one line each.
- **Sum and difference**, beyond: x = A p + B d and y = A p - B d with A^2 = (1 + r) / 2 and B^2 = (1 - r) / 2, p and d
  independent. As |r| nears 1 one of the two needs few nodes.

For G analytic in |Im x| < w with int |G(x + i v)| dx <= M there, the trapezoid sum of step h is within
2 M / (exp(2 pi w / h) - 1) of the integral (Trefethen & Weideman, SIAM Review 56 (2014), theorem 5.1); it is applied to
one coordinate first and to the other at each node. Of f and g only |f(z)| <= C (1 + |Re z|)^k exp(b |Re z|) is used; as
(1 + t)^k <= (k / s)^k exp(s - k) exp(s t) for s <= k, that is at most C' exp(b' |Re z|), whose Gaussian means are closed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import arb, arb_poly, ctx

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import Function, compile_holomorphic
from lemmata.numerics.quadrature.line import refine
from lemmata.numerics.quadrature.pieces import has_switch

FAR = 0.9
"""|correlation| beyond which sum and difference need fewer nodes than the product lattice."""

WIDTHS = tuple(12.0 * 0.8**n for n in range(28))
"""Half-widths of the strips that are tried, in the function's own argument."""

WIDEST = 16.0
"""Half-widths beyond this, in the standardised variable, allow no longer step: a shift by w costs exp(w^2 / 2)."""

MOST_NODES = 400_000

FEWER = (15, 10)
"""Digits that are aimed at instead where those asked for need too many nodes: no other rule for a pair gives as many."""

ROUNDED_UP, ROUNDED_DOWN = 1 + 2.0**-50, 1 - 2.0**-50
"""More than what three operations on floats can lose."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """|f(a (x + i v))| <= C exp(b |x|) for real x and |v| <= w, in the standardised variable x."""

    C: arb
    b: float
    w: float


class Profile:
    """A function of one variable with what is proved of it: growth on strips, parity, code in balls.

    Raises Unsupported for a function with kinks, and for one without a bound that is exponential at most.
    """

    def __init__(self, expr: Any, variable: Any) -> None:
        if has_switch(expr):
            raise Unsupported("the trapezoid rule needs an integrand without kinks")
        self.expr, self.variable = expr, variable
        self.real = self._growth(0.0)
        self.strips = [(width, bound) for width in WIDTHS if (bound := growth(expr, {variable: width})) is not None and bound.a == 0]
        if not self.strips:
            raise Unsupported(f"no strip was found in which {expr} is analytic and bounded")
        mirrored = expr.xreplace({variable: -variable})
        self.parity = 1 if mirrored == expr else -1 if mirrored == -expr else 0
        self._code: dict[int, Function] = {}

    def _growth(self, width: float) -> Growth:
        bound = growth(self.expr, {self.variable: width})
        if bound is None or bound.a != 0:
            raise Unsupported(f"no bound of {self.expr} is known that is exponential at most")
        return bound

    def values(self, places: Sequence[arb]) -> list[arb]:
        """The function at real balls, with the working precision of now."""
        code = self._code.get(ctx.prec)
        if code is None:
            code = self._code[ctx.prec] = compile_holomorphic(self.expr, [self.variable], real=True)
        return [code((place,), False) for place in places]

    def exponential(self, scale: float, bound: Growth, width: float) -> Exponential:
        """The bound of x -> f(scale x) as an exponential; `scale` is an upper end of the true one."""
        narrow = width / scale * ROUNDED_DOWN
        if bound.k == 0:
            return Exponential(bound.C, bound.b * scale * ROUNDED_UP, narrow)
        rate = min(1.0, 1.0 / scale, bound.k)
        k = arb(bound.k)
        return Exponential(bound.C * (k / rate) ** k * (rate - k).exp(), (bound.b + rate) * scale * ROUNDED_UP, narrow)

    def on_line(self, scale: float) -> Exponential:
        return self.exponential(scale, self.real, 0.0)

    def best(self, scale: float, steep: float, decay: float) -> tuple[Exponential, float]:
        """The strip that allows the longest step for an error exp(-decay), and that step.

        A shift by i v raises the Gaussian factor to exp(steep v^2 / 2).
        """
        found: tuple[Exponential, float] | None = None
        for width, bound in self.strips:
            strip = self.exponential(scale, bound, width)
            for share in (1.0, 0.5):
                narrower = Exponential(strip.C, strip.b, min(strip.w, WIDEST) * share)
                step = _step(narrower, steep, decay)
                if found is None or step > found[1]:
                    found = narrower, step
        assert found is not None
        return found


def _step(strip: Exponential, steep: float, decay: float) -> float:
    """h with 2 C exp(steep w^2 / 2) exp(-2 pi w / h) about exp(-decay)."""
    size = decay + steep * strip.w**2 / 2 + max(0.0, float(strip.C.log().upper())) + strip.b**2 / 2 + 3
    return 2 * math.pi * strip.w / size


@lru_cache(maxsize=256)
def profile(expr: Any, variable: Any) -> Profile:
    """The profile of a function, made once."""
    return Profile(expr, variable)


def pair_mean(f: Profile, g: Profile, a: Callable[[], arb], b: Callable[[], arb], r: Callable[[], arb], digits: int) -> arb:
    """E f(a x) g(b y) for standard normals x, y of correlation r in (-1, 1), as a ball of `digits` digits, or as many as are affordable.

    The scales a, b > 0 and the correlation are functions: each is asked for at the working precision in use.
    Raises Unsupported where too many nodes would be needed for a few digits too.

    >>> from sympy import Symbol, tanh
    >>> z = Symbol("z", real=True)
    >>> f = profile(tanh(z), z)
    >>> pair_mean(f, f, lambda: arb(1), lambda: arb(1), lambda: arb(1) / 2, 15).str(15, radius=False)
    '0.186324413203448'
    """
    if not (a() > 0 and b() > 0 and abs(r()) < 1):
        raise Unsupported("a pair of normals needs positive variances and a correlation inside (-1, 1)")
    near = abs(float(r().mid())) <= FAR
    scale = float((f.on_line(up(a())).C * g.on_line(up(b())).C).upper())
    rule = _product_lattice if near else _sum_and_difference
    few = [fewer for fewer in FEWER if fewer < digits]
    for aimed in (digits, *few):
        try:
            return refine(lambda tolerance: rule(f, g, a(), b(), r(), tolerance), scale, aimed, rounds=3)
        except Unsupported:
            if not few or aimed == few[-1]:
                raise
    raise AssertionError("the loop returns or raises")


def _product_lattice(f: Profile, g: Profile, a: arb, b: arb, r: arb, tolerance: float) -> arb:
    """h k sum f(a i h) g(b j k) density(i h, j k), with the errors of both rules and of both cuts."""
    A, B, rest = up(a), up(b), 1 - r * r
    steep = float((1 / rest).upper())
    flat = (f.on_line(A), g.on_line(B))
    decay = -math.log(tolerance) + max(0.0, float((flat[0].C * flat[1].C).log().upper()))
    (over_x, h), (over_y, k) = f.best(A, steep, decay), g.best(B, steep, decay)
    h, k = dyadic(h), dyadic(k)
    reach = [_reach(flat[0].b + flat[1].b, decay) for _ in range(2)]
    n, m = math.ceil(reach[0] / h), math.ceil(reach[1] / k)
    if n * m > MOST_NODES:
        raise Unsupported(f"the trapezoid rule needs {4 * n * m} nodes where {4 * MOST_NODES} are allowed")
    bump = 1 + arb(k) * _peak(rest)
    error = over_x.C * flat[1].C * _shift(over_x, rest) * _signs(over_x.b, flat[1].b, r) * bump / _rule(over_x, h)
    error += over_y.C * flat[0].C * _shift(over_y, rest) * _signs(flat[0].b, over_y.b, r) / _rule(over_y, k)
    both = flat[0].C * flat[1].C
    error += both * bump * _cut(flat[0].b, flat[1].b, r, arb(h) * n)
    error += both * (1 + arb(h) * _peak(rest)) * _cut(flat[1].b, flat[0].b, r, arb(k) * m)
    return _lattice(f, g, a, b, r, h, k, n, m) + arb(0, error.upper())


def _lattice(f: Profile, g: Profile, a: arb, b: arb, r: arb, h: float, k: float, n: int, m: int) -> arb:
    """The sum over |i| <= n and |j| <= m; rows i and -i of an even product are equal."""
    rest = 1 - r * r
    even = f.parity * g.parity == 1
    rows = range(0 if even else -n, n + 1)
    xs = [arb(h) * i for i in rows]
    ys = [arb(k) * j for j in range(m + 1)]
    weighted = [value * (-(y * y) / (2 * rest)).exp() for y, value in zip(ys, g.values([b * y for y in ys]), strict=True)]
    above = arb_poly(weighted)
    if g.parity:
        below = arb_poly([arb(0), *(g.parity * value for value in weighted[1:])])
    else:
        mirrored = zip(ys, g.values([-b * y for y in ys]), strict=True)
        below = arb_poly([arb(0), *[value * (-(y * y) / (2 * rest)).exp() for y, value in mirrored][1:]])
    ratio = r * h * k / rest
    total = arb(0)
    for i, x, value in zip(rows, xs, f.values([a * x for x in xs]), strict=True):
        row = above((ratio * i).exp()) + below((-ratio * i).exp())
        total += (2 if even and i else 1) * value * (-(x * x) / (2 * rest)).exp() * row
    return total * h * k / (2 * arb.pi() * rest.sqrt())


def _sum_and_difference(f: Profile, g: Profile, a: arb, b: arb, r: arb, tolerance: float) -> arb:
    """The product rule in p = (x + y) / (2 A) and d = (x - y) / (2 B)."""
    A, B = ((1 + r) / 2).sqrt(), ((1 - r) / 2).sqrt()
    scales = up(a), up(b)
    flat = (f.on_line(scales[0]), g.on_line(scales[1]))
    decay = -math.log(tolerance) + max(0.0, float((flat[0].C * flat[1].C).log().upper()))
    along_p, h = _joint(f, g, scales, up(A), decay)
    along_d, k = _joint(f, g, scales, up(B), decay)
    reach = _reach(flat[0].b + flat[1].b, decay)
    n, m = math.ceil(reach / h), math.ceil(reach / k)
    if n * m > MOST_NODES:
        raise Unsupported(f"the trapezoid rule needs {4 * n * m} nodes where {4 * MOST_NODES} are allowed")
    slope = arb(flat[0].b) + flat[1].b
    both = flat[0].C * flat[1].C
    one = arb(1)
    bump = 1 + arb(k) * _peak(one)
    error = along_p.C * _shift(along_p, one) * gauss(along_p.b * A) * gauss(along_p.b * B) * bump / _rule(along_p, h)
    error += along_d.C * _shift(along_d, one) * gauss(along_d.b * B) * gauss(along_d.b * A) / _rule(along_d, k)
    error += both * bump * gauss(slope * B) * beyond(slope * A, arb(h) * n)
    error += both * (1 + arb(h) * _peak(one)) * gauss(slope * A) * beyond(slope * B, arb(k) * m)
    return _grid(f, g, (a, b), (A, B), (h, k), (n, m)) + arb(0, error.upper())


def _joint(f: Profile, g: Profile, scales: tuple[float, float], part: float, decay: float) -> tuple[Exponential, float]:
    """A strip of z -> f(a (.. + part z)) g(b (.. +- part z)): the bounds of both multiplied, the widths of both obeyed.

    `b` of the result is the rate in |x| and in |y| together, so that along z it is b times `part`.
    """
    best: tuple[Exponential, float] | None = None
    for width, first in f.strips:
        one = f.exponential(scales[0], first, width)
        for other, second in g.strips:
            two = g.exponential(scales[1], second, other)
            if two.w > one.w and (other, second) != g.strips[-1]:
                continue
            strip = Exponential(one.C * two.C, one.b + two.b, min(one.w, two.w) / part)
            for share in (1.0, 0.5, 0.25, 0.125):
                narrower = Exponential(strip.C, strip.b, min(strip.w * share, WIDEST))
                step = _step(narrower, 1.0, decay)
                if best is None or step > best[1]:
                    best = narrower, step
            break
    assert best is not None
    return best[0], dyadic(best[1])


def _grid(
    f: Profile, g: Profile, scales: tuple[arb, arb], parts: tuple[arb, arb], steps: tuple[float, float], counts: tuple[int, int]
) -> arb:
    """The sum over |i| <= n and |j| <= m; an even product takes half of the rows, f = g at one scale half of each row."""
    (a, b), (A, B), (h, k), (n, m) = scales, parts, steps, counts
    even = f.parity * g.parity == 1
    alike = f is g and bool((a - b).is_zero())
    ds = [arb(k) * j for j in range(-m, m + 1)]
    weights = [(-(d * d) / 2).exp() for d in ds]
    total = arb(0)
    for i in range(0 if even else -n, n + 1):
        p = A * (arb(h) * i)
        left = f.values([a * (p + B * d) for d in ds])
        right = left if alike else g.values([b * (p + B * d) for d in ds])
        if alike:
            row = left[m] * left[m] + 2 * sum((left[m + j] * left[m - j] * weights[m + j] for j in range(1, m + 1)), arb(0))
        else:
            row = sum((left[m + j] * right[m - j] * weights[m + j] for j in range(-m, m + 1)), arb(0))
        total += (2 if even and i else 1) * row * (-((arb(h) * i) ** 2) / 2).exp()
    return total * h * k / (2 * arb.pi())


def _shift(strip: Exponential, rest: arb) -> arb:
    """exp(w^2 / (2 (1 - r^2))), by which a shift of one coordinate by i w raises the modulus of the density."""
    return (arb(strip.w) ** 2 / (2 * rest)).exp()


def _rule(strip: Exponential, h: float) -> arb:
    """(exp(2 pi w / h) - 1) / 2, the divisor of the rule's error."""
    return ((2 * arb.pi() * strip.w / h).exp() - 1) / 2


def _signs(b: float, c: float, r: arb) -> arb:
    """A bound of E exp(b |x| + c |y|): the sum over both signs of exp((b^2 + c^2 +- 2 r b c) / 2), each sign twice."""
    square, cross = arb(b) ** 2 + arb(c) ** 2, 2 * abs(r) * b * c
    if not b and not c:
        return arb(1)
    return 2 * ((square + cross) / 2).exp() + 2 * ((square - cross) / 2).exp()


def gauss(b: arb) -> arb:
    """A bound of E exp(b |x|): 2 exp(b^2 / 2), and 1 for b = 0."""
    return arb(1) if b.is_zero() else 2 * (b * b / 2).exp()


def _peak(rest: arb) -> arb:
    """The maximum of a normal density of variance `rest`: a lattice sum of a unimodal function of integral I and maximum
    `peak` I is at most (1 + step peak) I."""
    return 1 / (2 * arb.pi() * rest).sqrt()


def beyond(b: arb, T: arb) -> arb:
    """A bound of the lattice sum of exp(b |x|) phi(x) over nodes beyond T on both sides: the integrand decreases past b."""
    if not T > b:
        raise Unsupported("the trapezoid sum was cut before the bound decreases")
    return 2 * (b * b / 2).exp() * ((T - b) / arb(2).sqrt()).erfc() / 2


def _cut(b: float, c: float, r: arb, T: arb) -> arb:
    """A bound of E exp(b |x| + c |y|) over |x| > T, y being integrated first: E[exp(c |y|) | x] <= 2 exp(c |r x| + c^2 / 2)."""
    inner = arb(1) if not c else 2 * (arb(c) ** 2 * (1 - r * r) / 2).exp()
    return inner * beyond(arb(b) + abs(r) * c, T)


def _reach(b: float, decay: float) -> float:
    """T at which exp(b T - T^2 / 2) is below exp(-decay), a little beyond."""
    return b + math.sqrt(b * b + 2 * (decay + 4))


def dyadic(step: float) -> float:
    """The step rounded down to few bits, so that multiples of it are exact."""
    exponent = math.floor(math.log2(step)) - 12
    return math.floor(step / 2.0**exponent) * 2.0**exponent


def up(value: arb) -> float:
    """A float that is not smaller than any number in the ball."""
    return math.nextafter(float(value.upper()), math.inf)
