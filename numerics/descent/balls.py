"""Gradient descent in ball arithmetic: every iterate is enclosed, exact derivatives, no rounding unaccounted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, fmpq

from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.compile.balls import Balls, Scalar, settle, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Pole, Undecided
from lemmata.numerics.descent.explicit import Explicit
from lemmata.numerics.descent.matrixwise import Matrixwise
from lemmata.numerics.descent.methods import UPDATES
from lemmata.theory.trajectory import Method, Reduction

PRECISION_CAP = 1 << 12
"""Bits at most: what is still wide there must be small beside what was seen on the way, or it is not enclosed."""

CHECKED = (64, 1024)
"""Bits at which the loss is enclosed at the start: it must be finite at one of them."""

LARGEST = 1 << 20
"""Binary exponent past which an iterate is said to diverge: another step might not fit into memory."""


class Diverged(Exception):
    """An iterate left every bound; `at` says which."""

    def __init__(self, at: int) -> None:
        super().__init__(f"the iterates exceed 2^{LARGEST} from step {at} on")
        self.at = at


def enclose_descent(
    problem: Explicit | Matrixwise, n: int, step: Any, momentum: Any, method: Method, reduction: Reduction, digits: int
) -> arb:
    """A ball around the expression at the n-th iterate, or around its least or total over the n iterates before it.

    The precision is doubled until the relative radius is at most 10^-digits; at the cap, a radius of 10^-digits of the
    largest value that was seen is accepted. Raises Diverged, or CannotEvaluate where even that is not reached.

    >>> import sympy as sp
    >>> from lemmata.numerics.descent.explicit import explicit
    >>> from lemmata.theory.trajectory import descent
    >>> w = sp.Symbol("w", real=True)
    >>> problem = explicit(descent(w**2 / 2, {w: 1}, sp.Rational(1, 3))[4, w], {})
    >>> enclose_descent(problem, 4, sp.Rational(1, 3), sp.S.Zero, Method.GRADIENT, Reduction.AT, 15)
    [0.197530864197531 +/- 1.36e-16]
    """
    bits = int(digits * BITS_A_DIGIT) + 64
    while True:
        capped = bits >= PRECISION_CAP
        with precision(bits):
            try:
                value, scale = _iterate(problem, n, step, momentum, method, reduction)
            except Undecided:
                value, scale = arb("nan"), arb(0)
            ball = to_ball(value)
            if ball.is_finite() and ball.rad() <= (scale if capped else ball.abs_lower()) * arb(10) ** -digits:
                return ball
        if capped:
            raise CannotEvaluate(f"{bits} bits do not separate the iterates from their rounding")
        bits = min(2 * bits, PRECISION_CAP)


def check_start(problem: Explicit | Matrixwise) -> None:
    """Raises CannotEvaluate where the loss has no finite real value at the start, or none that balls can tell.

    >>> import sympy as sp
    >>> from lemmata.numerics.descent.explicit import explicit
    >>> from lemmata.theory.trajectory import descent
    >>> w, u = sp.symbols("w u", real=True)
    >>> check_start(explicit(descent(sp.log(w), {w: u}, 1)[4, w], {u: sp.Integer(-1)}))
    Traceback (most recent call last):
    lemmata.numerics.compile.errors.CannotEvaluate: the loss has no value at the start: the argument -1.00000 lies outside the domain of log
    """
    for bits in CHECKED:
        with precision(bits):
            try:
                value = to_ball(problem.loss_at_start())
            except Undecided:
                continue
            except (CannotEvaluate, ArithmeticError) as error:
                raise CannotEvaluate(f"the loss has no value at the start: {error}") from error
        if value.is_finite():
            return
    raise CannotEvaluate("the loss has no finite value at the start: descent starts where it has one")


def _iterate(problem: Explicit | Matrixwise, n: int, step: Any, momentum: Any, method: Method, reduction: Reduction) -> tuple[Scalar, arb]:
    """The value at the current precision, and the largest magnitude that was seen on the way."""
    closed = Balls({})
    w: list[Scalar] = [closed.number(start) for start in problem.starts]
    v: list[Scalar] = [fmpq(0) for _ in w]
    alpha, beta = closed.number(step), closed.number(momentum)
    values: list[Scalar] = []
    scale = arb(0)

    gradient, watch = problem.at_precision()
    for k in range(n + 1 if reduction is Reduction.AT else n):
        if k:
            try:
                w, v = UPDATES[method](w, v, gradient, alpha, beta)
            except Pole as error:  # a gap of the formula: the gradient itself may be continuous there
                raise CannotEvaluate(f"the formula of the gradient has a gap at iterate {k - 1}: {error.reason}") from error
            w, v = [settle(x) for x in w], [settle(x) for x in v]
            if any(_exponent(x) > LARGEST for x in w):
                raise Diverged(k)
            if not all(to_ball(x).is_finite() for x in w):
                raise Undecided(f"the enclosure of iterate {k} is not finite")
        if reduction is not Reduction.AT or k in (0, n):
            values.append(watch(w))
            scale = max(scale, to_ball(values[-1]).abs_upper())
    return _reduced(values, reduction), scale


def _reduced(values: Sequence[Scalar], reduction: Reduction) -> Scalar:
    match reduction:
        case Reduction.AT:
            return values[-1]
        case Reduction.LEAST:
            least = to_ball(values[0])
            for value in values[1:]:
                least = least.min(to_ball(value))
            return least
        case Reduction.TOTAL:
            return sum(values[1:], values[0])


def _exponent(value: Scalar) -> int:
    """A binary exponent that the magnitude is certain to reach, within one; 0 when it may be small."""
    least = to_ball(value).abs_lower()
    if not least.is_finite() or least.is_zero():
        return 0
    mantissa, exponent = least.man_exp()
    return int(exponent) + int(mantissa).bit_length()
