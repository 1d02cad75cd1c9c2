r"""Tables of Hermite coefficients: a_n(q) = E f(sqrt(q) s) he_n(s) for n in use and q in a range, as polynomials with a proved error.

The range of sigma = sqrt(q) is cut into cells, four to an octave; on each of them every coefficient is a polynomial in
t = (sigma - middle) / half, |t| <= 1: the lattice sum (`lattice`) of the Taylor polynomials of sigma -> f(sigma s) at each node s.
With |f| <= M on the disc |z - x| <= theta |x| (`continuation`), x = s middle, Cauchy's estimate leaves after m terms at most
E(s) = M r^-m / (1 - 1/r), r = theta middle / half; over all n together that is sqrt(sum_i h phi(s_i) E(s_i)^2) times the norm of
the lattice.

Written |.| is the Euclidean norm over n; as sum a_n(q)^2 = E f(sqrt(q) s)^2, it is the mean square of the activation. Means of squares
are proved at the ends of each cell, and in between by E_q g <= sqrt(Q/q) E_Q g for q <= Q and g >= 0 (the densities have that ratio).
The sum T(q) of a_n(q)^2 over the n left out (closed under n -> n + 2) has sqrt(q) T(q) nondecreasing: 2q da_n/dq = n a_n +
sqrt((n+1)(n+2)) a_(n+2) gives 2q T' >= sum 2 n a_n^2 - sum ((n+1) a_n^2 + (n+2) a_(n+2)^2) >= -T; the same holds for f'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.series import in_one_variable
from lemmata.numerics.kernels import lattice
from lemmata.numerics.kernels.cells import Cells
from lemmata.numerics.kernels.continuation import Continuation
from lemmata.numerics.kernels.economy import economised
from lemmata.numerics.kernels.lattice import LONG, SLACK, UNIT, to_long
from lemmata.numerics.kernels.mean_squares import BITS, UP, Squares, mean_squares
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.correlation import parity
from lemmata.numerics.quadrature.pieces import has_switch
from lemmata.theory.kernels.admissible import X

MOST_TERMS = 1024
"""Of the Hermite series."""

MOST_DEGREE = 40
"""Of the polynomials of a cell."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The kept coefficients as polynomials, and bounds for each cell.

    even, odd   arrays (cell, power of t, place in the chain n = 0, 2, ... or 1, 3, ...), in double precision
    exact       how far the polynomials in these numbers are from the kept coefficients, in norm
    left        sum of a_n^2 over the n left out
    weighted    sum of n a_n^2 over the n left out
    last        for both chains, the largest |(n + 2) a_n / 2| of the last n kept
    beyond      for both chains, the largest |a_(n+2)| of the first n + 2 left out
    """

    cells: Cells
    even: Any
    odd: Any
    exact: Any
    left: Any
    weighted: Any
    last: Any
    beyond: Any
    squares: Squares

    @property
    def terms(self) -> int:
        """Coefficients in use."""
        return int(self.even.shape[2] + self.odd.shape[2])


def build(expr: Any, low: float, high: float, tolerance: float) -> Tables:
    """The tables of an activation in X for variances in [low, high]; `tolerance` is about what may be left out, relative to E f^2.

    Raises Unsupported where nothing is proved, or where MOST_TERMS terms are not enough.
    """
    if has_switch(expr):
        raise Unsupported(f"{expr} has kinks: only analytic activations have series that converge fast enough")
    cells, whole = Cells.over(low, high), Continuation(expr)
    top, bottom = cells.edges()[-1], cells.edges()[0]
    strips = whole.strips()
    if not strips:
        raise Unsupported(f"no strip about the real line is known in which {expr} is analytic and of exponential growth at most")
    sign = parity(expr, X)
    degree, root = _degree(expr, top, bottom, tolerance)
    strip, step, nodes = lattice.choose(strips, top, degree, lattice.FINE * root)
    weights = lattice.weights(step, nodes, degree)
    squares, ends = mean_squares(expr, strip, cells, step, nodes, sign)
    terms, rest = _taylor_error(whole, cells, step, nodes, squares, weights.norm, sign)
    taylor = _taylor(expr, cells, step, nodes, terms, sign)
    chains, rounding = _coefficients(weights, taylor, nodes)
    with precision(64):
        rule = float(lattice.coefficient_error(strip, top, step, nodes, degree).upper()) * math.sqrt(degree + 1)
    known = (rounding + rest + rule) * UP
    counts = [_kept(chain, start, squares, tolerance) for start, chain in enumerate(chains)]
    kept = [chain[:, :, :count] for chain, count in zip(chains, counts, strict=True)]
    kept, dropped = economised(kept, np.sqrt(squares.least))
    known = (known + dropped) * UP
    double = [np.ascontiguousarray(chain.astype(np.float64)) for chain in kept]
    exact = known + np.sqrt(sum((np.abs(chain).sum(axis=1) ** 2).sum(axis=1) for chain in double)) * 2.0**-53
    left, weighted = _left(kept, known, cells, squares, ends)
    ends_of = [_ends(chain, count, start, known, left) for start, (chain, count) in enumerate(zip(chains, counts, strict=True))]
    last, beyond = (np.array(part) * UP for part in zip(*ends_of, strict=True))
    return Tables(cells, double[0], double[1], exact * UP, left, weighted, last, beyond, squares)


def _degree(expr: Any, top: float, bottom: float, tolerance: float) -> tuple[int, float]:
    """How many terms are likely to do, and the least root of a mean square, by a lattice in double precision; all is proved later."""
    plain = sp.lambdify(X, expr, ["scipy", "numpy"])
    step = 1 / 32
    s = step * np.arange(-14 * 32, 14 * 32 + 1)
    worst, least = 0, math.inf
    for sigma in (top, bottom):
        with np.errstate(all="ignore"):
            root = step * np.exp(-s * s / 2) / math.sqrt(2 * math.pi)
            values = plain(sigma * s) * np.ones_like(s)
        if not np.isfinite(values).all():
            raise Unsupported(f"{expr} is not finite at every real number of size up to {14 * sigma:g}")
        before, now, found = np.zeros_like(s), root * values, np.empty(MOST_TERMS + 1)
        for n in range(MOST_TERMS + 1):
            found[n] = now.sum()
            before, now = now, (s * now - math.sqrt(n) * before) / math.sqrt(n + 1)
        tail = np.cumsum((found**2)[::-1])[::-1]
        if not tail[0] > 0:
            raise Unsupported(f"{expr} vanishes: it has no correlations")
        enough = np.nonzero(tail <= tolerance / 16 * tail[0])[0]
        if not len(enough) or enough[0] > MOST_TERMS - 8:
            rest = f"{tail[-8] / tail[0]:.1g} of E f^2 at q = {sigma**2:g}"
            raise Unsupported(f"{MOST_TERMS} terms of the Hermite series of {expr} leave {rest}: take smaller q")
        worst, least = max(worst, int(enough[0])), min(least, math.sqrt(tail[0]))
    return min(MOST_TERMS, worst + 8), least


def _taylor_error(
    whole: Continuation, cells: Cells, step: float, nodes: int, squares: Squares, norm: float, sign: int | None
) -> tuple[int, Any]:
    """How many terms the polynomials need, and what the terms left out are at most, in norm, on each cell."""
    middles, halves = cells.middles(), cells.halves()
    density = step * np.exp(-((step * np.arange(1, nodes + 1)) ** 2) / 2) / math.sqrt(2 * math.pi) * UP
    wanted, least = np.sqrt(squares.least) * 2.0**-56, np.zeros(cells.count)
    sides = (1, 1) if sign else (1, -1)
    sizes = [[[whole.radii(side * s * middle) for s in step * np.arange(1, nodes + 1)] for side in sides] for middle in middles]
    for terms in range(6, MOST_DEGREE + 1, 2):
        for cell in range(cells.count):
            total = 0.0
            for side in sizes[cell]:
                errors = np.array([_best(options, middles[cell] / halves[cell], terms) for options in side])
                total += float((density * errors * errors).sum())
            least[cell] = math.sqrt(total) * norm * UP
        if (least <= wanted).all():
            break
    if not np.isfinite(least).all():
        raise Unsupported("the activation is not seen to be analytic about every point of the real line")
    return terms, least


def _best(options: list[tuple[float, float]], ratio: float, terms: int) -> float:
    """The least of M r^-m / (1 - 1/r) over the discs, r = theta ratio > 1."""
    found = [M * (theta * ratio) ** -terms / (1 - 1 / (theta * ratio)) for theta, M in options if theta * ratio > 1]
    return min(found, default=math.inf)


def _taylor(expr: Any, cells: Cells, step: float, nodes: int, terms: int, sign: int | None) -> Taylor:
    """The polynomials on every cell and node."""
    place = np.zeros((2, nodes + 1, cells.count, terms), LONG)
    constants: dict[Any, arb] = {}
    with precision(BITS):
        for cell, middle in enumerate(cells.middles()):
            for i in range(nodes + 1):
                x = arb(step) * i * arb(float(middle))
                for side in (0, 1) if not sign and i else (0,):
                    (found,) = in_one_variable([expr], X, -x if side else x, terms, constants)
                    for k, value in enumerate(found):
                        if not value.rad() <= abs(value.mid()) * TINY + SMALL:
                            raise Unsupported(f"derivative {k} of {expr} is not known well enough at {float(x):g}")
                        place[side, i, cell, k] = to_long(value)
    scale = np.ones_like(place[0])
    scale[:, :, 1:] = (LONG(step) * np.arange(nodes + 1, dtype=LONG)[:, None] * cells.halves().astype(LONG))[:, :, None]
    np.multiply.accumulate(scale, axis=2, out=scale)
    right, left = place[0] * scale, place[1] * scale * (-1.0) ** np.arange(terms)
    if sign:
        left = sign * right
    left[0] = right[0]
    size = np.abs(right) + np.abs(left)
    sizes = tuple(np.where(part == 0, 0, size) if sign else size for part in (right + left, right - left))
    return Taylor(right + left, right - left, sizes, (2 * SMALL * scale).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Taylor:
    """f(sigma s) + f(-sigma s) and their difference as polynomials in t (node, cell, power), in the longest numbers.

    `sizes` are the moduli of the two terms added, to which rounding is relative, and `loose` what is not relative to anything.
    """

    even: Any
    odd: Any
    sizes: tuple[Any, ...]
    loose: Any


TINY, SMALL = 2.0**-70, 1e-30
"""How well a Taylor coefficient is known: relative to itself, or absolutely where it is next to nothing."""


def _coefficients(weights: lattice.Weights, taylor: Taylor, nodes: int) -> tuple[list[Any], Any]:
    """Both chains (cell, power, place), and a bound of their rounding errors in norm on each cell.

    Beyond the sums' own, k + 6 roundings meet in a term of the power k: the power's, those of both factors, of their product
    with it, of the sum of both signs.
    """
    chains, total = [], 0.0
    for matrix, values, sizes in zip((weights.even, weights.odd), (taylor.even, taylor.odd), taylor.sizes, strict=True):
        flat, moduli = (part.reshape(nodes + 1, -1) for part in (values, sizes))
        found, weight = lattice.product(matrix, flat), np.abs(matrix).astype(np.float64)
        shape = (matrix.shape[0], *values.shape[1:])
        meet = np.tile(lattice.roundings(nodes) + 6 + np.arange(shape[2]), shape[1])
        error = meet * UNIT * (weight @ moduli.astype(np.float64)) + weight @ taylor.loose.reshape(nodes + 1, -1)
        error += 2 * SLACK * moduli.sum(axis=0).astype(np.float64)
        chains.append(np.moveaxis(found.reshape(shape), 0, 2))
        total = total + (error.reshape(shape).sum(axis=2) ** 2).sum(axis=0)
    return chains, np.sqrt(total) * UP


def _kept(chain: Any, start: int, squares: Squares, tolerance: float) -> int:
    """How many of a chain are worth keeping: what follows is below a 16th of the tolerance, and weighted with n below 64 times it."""
    size = np.abs(chain).sum(axis=1).astype(np.float64) ** 2
    n = 2 * np.arange(size.shape[1]) + start
    tail = np.cumsum((size * np.maximum(1, n / 1e3))[:, ::-1], axis=1)[:, ::-1]
    needed = (tail > tolerance / 16 * squares.least[:, None]).any(axis=0)
    return int(np.nonzero(needed)[0].max()) + 1 if needed.any() else 1


def _left(kept: list[Any], known: Any, cells: Cells, squares: Squares, ends: dict[str, Any]) -> tuple[Any, Any]:
    """The sums of a_n^2 and n a_n^2 over the n left out, on each cell, from its upper end.

    With p the kept coefficients there as computed, |p - a| <= e: sum a_n^2 >= |p|^2 - 2 e |p|, sum n a_n^2 >= sum n p_n^2 - 2 e |n p|.
    """
    square, weighted, number, lost, heavy = (np.zeros(cells.count, LONG) for _ in range(5))
    for start, chain in enumerate(kept):
        p, size = chain.sum(axis=1), np.abs(chain).sum(axis=1)
        n = (2 * np.arange(p.shape[1]) + start).astype(LONG)
        meet = UNIT * (2 * chain.shape[1] + p.shape[1] + 4)
        square += (p * p).sum(axis=1)
        weighted += (n * p * p).sum(axis=1)
        number += (n * n * p * p).sum(axis=1)
        lost += meet * (size * size).sum(axis=1)
        heavy += meet * (n * size * size).sum(axis=1)
    edges = np.array(cells.edges())
    ratio = edges[1:] / edges[:-1]
    left = ends["mean"] - square + 2 * known * np.sqrt(square) + lost
    other = ends["slope"] - weighted + 2 * known * np.sqrt(number) + heavy
    return (np.maximum(left, 0) * ratio * UP).astype(np.float64), (np.maximum(other, 0) * ratio * UP).astype(np.float64)


def _ends(chain: Any, count: int, start: int, known: Any, left: Any) -> tuple[Any, Any]:
    """(n + 2) |a_n| / 2 for the last n kept of a chain, and |a_(n+2)|, at most, on each cell."""
    size = np.abs(chain).sum(axis=1).astype(np.float64)
    n = 2 * (count - 1) + start
    return (n + 2) / 2 * (size[:, count - 1] + known), size[:, count] + known if size.shape[1] > count else np.sqrt(left)
