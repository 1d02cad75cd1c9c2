"""Limits of sequences and functions: evaluated along a geometric sequence of exact points, then accelerated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.measurement import Approx, Ball, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.accelerate import SAFETY, limit_of
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import free_parameters, quantities, random_symbols

DIGITS = 40
LENGTHS = (20, 40, 80, 160)
"""Doublings of a closed expression's argument: more only where fewer did not settle."""

MEASURED = 10
"""Doublings where each value takes instruments."""

MOST = 14
"""Doublings of the number of steps of a run, at most: 40960 steps."""

OFFSET, BESIDE = sp.Rational(9, 7), sp.Rational(13, 11)
"""Points are OFFSET 2^k, and BESIDE times that to see what a geometric sequence alone would hide (sin(pi x) at integers)."""

NEXT = range(1, 13)
"""Beside an integer n lie n + 1, ..., n + 12: every remainder up to 12; and n / BESIDE, where what turns with log n has turned."""

APART = 2**10
"""Neighbouring points whose values differ by so many times what either sequence still moves lie on sequences with two limits."""

SETTLED = 30
"""Bits of accuracy at which no more points are asked for."""


@dataclass(frozen=True, slots=True)
class Path:
    """The points that tend to the limit's place; `point(k)`, integers where the variable is one.

    `dear`: a value takes instruments or many terms, so that only one point is looked at beside the last.
    """

    place: Any
    direction: int
    whole: bool
    dear: bool = False

    def point(self, k: int) -> Any:
        return self.direction * 5 * 2**k if self.whole else self._at(OFFSET * sp.Integer(2) ** k)

    def beside(self, k: int) -> list[Any]:
        """Points beside the k-th, at which a function that has a limit is not far from its value there."""
        if not self.whole:
            return [self._at(OFFSET * BESIDE * sp.Integer(2) ** k)]
        if self.dear:
            return [self.point(k) + self.direction]
        return [*(self.point(k) + self.direction * step for step in NEXT), self.direction * int(5 * 2**k / BESIDE)]

    def _at(self, size: Any) -> Any:
        return self.direction * size if self.place.is_infinite else self.place + self.direction / size


class NumericalLimit(Instrument):
    """`Limit(f, x, x0, dir)`: f at points that approach x0 geometrically, in balls, then accelerations that agree.

    Quantities inside f are measured by the other instruments, which must give a ball or an approximation.
    """

    name = "limit along a geometric sequence"
    cost = 4

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, sp.Limit):
            return Refusal("not a limit")
        if any(random_symbols(arg) for arg in quantity.args) and not quantities(quantity.args[0]):
            return Refusal("the limit of a random expression is not a number")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            body, variable, place, direction = quantity.args
            place = sp.sympify(place).xreplace({symbol: sp.sympify(value) for symbol, value in at.items()})
            signs = {"+": (1,), "-": (-1,), "+-": (1, -1)}[str(direction)]
            if place.is_infinite:
                signs = (1,) if place == sp.oo else (-1,)
            whole = bool(variable.is_integer) or _counts(body, variable)
            function = _function(body, variable, at, budget, stream)
            lengths = _lengths(body, budget)
            paths = [Path(place, sign, whole and bool(place.is_infinite), _is_dear(body)) for sign in signs]
            found = [_along(function, path, lengths, runs_on(body)) for path in paths]
        except FAILURES as error:
            return Refusal(f"the limit cannot be evaluated: {error}")
        return found[0] if len(found) == 1 else _both(*found)


def runs_on(body: Any) -> bool:
    """Whether the limit is that of a run of descent, which must say how it is approached before it is told."""
    from lemmata.theory.iterates import Trajectory

    return bool(body.has(Trajectory))


def _lengths(body: Any, budget: Budget) -> tuple[int, ...]:
    """How many doublings: as many as the budget has steps for a run."""
    if runs_on(body):
        return (min(MOST, (budget.steps // Path(sp.oo, 1, True).point(0)).bit_length()),)
    return (MEASURED,) if quantities(body) else LENGTHS


def _counts(body: Any, variable: Any) -> bool:
    """Whether the variable counts something (an iterate, the end of a sum), so that only integers make sense."""
    from lemmata.theory.iterates import Trajectory
    from lemmata.theory.recursion import Iterate

    counts = [node.count for node in body.atoms(Iterate)] + [node.time for node in body.atoms(Trajectory)]
    counts += [end for node in body.atoms(sp.Sum, sp.Product) for limit in node.limits for end in limit[1:]]
    return any(variable in count.free_symbols for count in counts)


def _is_dear(body: Any) -> bool:
    """Whether a value takes instruments, or as many terms as the variable says."""
    return bool(quantities(body)) or body.has(sp.Sum, sp.Product)


def _function(body: Any, variable: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Callable[[Any], Any]:
    """The body at a point as an mpmath number with its error; what does not move is measured once. Raises CannotEvaluate."""
    inner = quantities(body)
    moving = [node for node in inner if variable in free_parameters(node)]
    still = {node: _measured(node, at, budget, stream.child("still")) for node in inner if node not in moving}

    def value(x: Any) -> tuple[Any, Any]:
        here = {**at, variable: sp.sympify(x)}
        known = still | {node: _measured(node, here, budget, stream.child(str(x))) for node in moving}
        return _to_mp(enclose(body, here, digits=DIGITS, known=known))

    return value


def _measured(node: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> arb:
    """A quantity inside the limit as a ball (an approximation's error is its radius)."""
    from dataclasses import replace

    from lemmata.numerics.instruments import instruments_for
    from lemmata.theory.computed_loss import LossValue

    reasons: list[str] = []
    willing, declined = instruments_for(node)
    exact = replace(budget, digits=budget.digits if node.has(LossValue) else max(budget.digits, DIGITS))
    for instrument in willing:
        measurement = instrument.measure(node, at, exact, stream)
        if isinstance(measurement, Ball):
            return measurement.value
        if isinstance(measurement, Approx):
            with mpmath.workdps(DIGITS):
                return arb(mpmath.nstr(measurement.value, DIGITS), mpmath.nstr(mpmath.mpf(measurement.error), 5))
        reasons.append(f"{instrument.name}: {getattr(measurement, 'reason', 'a statistical estimate is too coarse for a limit')}")
    reasons += [f"{instrument.name}: {refusal.reason}" for instrument, refusal in declined if not willing]
    raise CannotEvaluate(f"{shorten(node)} could not be measured: {'; '.join(reasons)}")


def _to_mp(ball: Any) -> tuple[Any, Any]:
    if not isinstance(ball, arb):
        raise CannotEvaluate("the limit of a matrix is not supported")
    value, radius = mpmath.mpf(ball.mid().str(DIGITS + 5, radius=False)), mpmath.mpf(ball.rad().str(5, radius=False))
    if radius > max(abs(value), mpmath.mpf(10) ** (10 - DIGITS)) / 2**SETTLED:
        raise CannotEvaluate(f"a value is only known as {ball.str(5)}")
    return value, radius


def _along(function: Callable[[Any], Any], path: Path, lengths: tuple[int, ...], runs: bool) -> Measurement:
    """The limit on one side: more doublings until it settles."""
    values: list[Any] = []
    radii: list[Any] = []
    found: Measurement = Refusal("no value could be computed")
    with mpmath.workdps(DIGITS):
        for length in lengths:
            stop = _extend(function, path, values, radii, length)
            found = (_approached if runs else _judge)(function, path, values, radii)
            if stop:
                return found if len(values) > 6 else Refusal(f"only {len(values)} points could be evaluated: {stop}")
            if isinstance(found, Approx) and found.error <= abs(found.value) / 2**SETTLED:
                break
    return found


def _extend(function: Callable[[Any], Any], path: Path, values: list[Any], radii: list[Any], length: int) -> str:
    """Values up to this many doublings; the first ones may be undefined, and where a later one is, the reason is returned."""
    for k in range(len(values), length):
        try:
            value, radius = function(path.point(k))
        except CannotEvaluate as error:
            return error.reason
        values.append(value)
        radii.append(radius)
    return ""


def _judge(function: Callable[[Any], Any], path: Path, values: list[Any], radii: list[Any]) -> Measurement:
    answer = limit_of(values)
    if isinstance(answer, str):
        grows = len(values) > 8 and all(abs(b) > abs(a) for a, b in zip(values[-8:], values[-7:], strict=False))
        gaps = [abs(b - a) for a, b in zip(values[-8:], values[-7:], strict=False)] or [mpmath.mpf(0)]
        diverges = grows and gaps[-1] >= gaps[0] * (1 - mpmath.mpf(2) ** -20) and abs(values[-1]) > 1
        return Refusal(f"no limit is seen at {path.place}: {answer}, the last ones {_last(values)}", divergent=diverges)
    value, error, methods = answer
    reach = SAFETY * max(abs(values[-1] - values[-2]), abs(values[-2] - values[-3])) + error + 2 * max(radii)
    for place in path.beside(len(values) - 1):
        try:
            beside, _ = function(place)
        except CannotEvaluate as failure:
            return Refusal(f"no value beside the last point: {failure}")
        jump = abs(beside - values[-1])
        if jump > reach:
            seen = f"the values oscillate, {_last([values[-1], beside])} at neighbouring points"
            return Refusal(f"no limit is seen at {path.place}: {seen}", divergent=bool(path.whole and jump > APART * reach))
    floor = SAFETY * max(radii[-4:]) + abs(value) * mpmath.mpf(10) ** (3 - DIGITS)
    return Approx(value, error + floor, f"{len(values)} points, {methods}")


def _approached(function: Callable[[Any], Any], path: Path, values: list[Any], radii: list[Any]) -> Measurement:
    """The limit of a run: only where the way in which it is approached can be told, and with that and the last step in the answer."""
    from lemmata.numerics.descent.rates import approach

    judged = _judge(function, path, values, radii)
    if isinstance(judged, Refusal):
        return judged
    steps = [int(path.point(k)) for k in range(len(values))]
    found = approach(values, radii, steps)
    if isinstance(found, str):
        return Refusal(f"no limit is seen: {found}; at n = {steps[-1]} it is {_last(values[-1:])}")
    return Approx(found.limit, found.error + abs(found.limit) * mpmath.mpf(10) ** (3 - DIGITS), f"{found}, measured up to n = {steps[-1]}")


def _last(values: list[Any]) -> str:
    return ", ".join(mpmath.nstr(value, 6) for value in values[-3:])


def _both(first: Measurement, second: Measurement) -> Measurement:
    """The two one-sided limits have to agree within their errors."""
    for side in (first, second):
        if not isinstance(side, Approx):
            return side
    assert isinstance(first, Approx) and isinstance(second, Approx)
    gap = abs(first.value - second.value)
    if gap > first.error + second.error:
        return Refusal(f"the two sides differ: {mpmath.nstr(first.value, 6)} and {mpmath.nstr(second.value, 6)}", divergent=True)
    return Approx(first.value, max(first.error, second.error), f"both sides, {first.basis}")


INSTRUMENT = NumericalLimit()
