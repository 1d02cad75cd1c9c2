r"""The worst case of descent over a class of functions, as a quantity: a supremum over all functions, starts, dimensions.

    worst = worst_case(Smooth(M), alpha, excess=Delta)
    worst[n, "gradient"]          sup of |grad L(w^(n))|^2
    worst[n, "excess"]            sup of L(w^(n)) - L_*
    worst[n, "distance"]          sup of |w^(n) - w_*|^2
    worst.least[n, "gradient"]    sup of the least |grad L(w^(k))|^2 over 0 <= k < n
    worst.total[n, "gradient"]    sup of the sum of |grad L(w^(k))|^2 over 0 <= k < n

over all L of the class on R^d, any d, bounded below by L_* = inf L, and all starts w^(0) with L(w^(0)) - L_* <= Delta,
or, with `distance=R` in the place of `excess=Delta`, all L with a minimiser w_* and all starts with |w^(0) - w_*| <= R.
Iterations are those of `descent`: the same methods, indices and velocity.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import positive, real
from lemmata.theory.function_classes import FunctionClass, Smooth, SmoothConvex, SmoothStronglyConvex
from lemmata.theory.iterates import Method, Reduction
from lemmata.theory.quantity import Quantity

__all__ = ["Measure", "Smooth", "SmoothConvex", "SmoothStronglyConvex", "Start", "WorstCase", "WorstDescent", "worst_case"]


class Measure(Enum):
    """What is looked at along the iterates."""

    GRADIENT = "gradient"
    """|grad L(w)|^2."""
    EXCESS = "excess"
    """L(w) - L_*."""
    DISTANCE = "distance"
    """|w - w_*|^2."""


class Start(Enum):
    """What bounds the start."""

    EXCESS = "excess"
    """L(w^(0)) - L_* <= Delta."""
    DISTANCE = "distance"
    """|w^(0) - w_*| <= R."""


class WorstCase(Quantity):
    """The supremum of a measure along descent over a class of functions and its starts; see `worst_case`."""

    is_nonnegative = True

    def __new__(
        cls, among: Any, step: Any, momentum: Any, method: Any, start: Any, bound: Any, n: Any, measure: Any, reduction: Any
    ) -> Self:
        names = [
            value if isinstance(value, Str) else Str(kind(value).value)
            for kind, value in ((Method, method), (Start, start), (Measure, measure), (Reduction, reduction))
        ]
        step, momentum, bound, n = (sp.sympify(part) for part in (step, momentum, bound, n))
        return sp.Expr.__new__(cls, among, step, momentum, names[0], names[1], bound, n, names[2], names[3])

    @property
    def among(self) -> FunctionClass:
        """The class of functions."""
        return self.args[0]

    @property
    def step(self) -> Any:
        """The step size alpha."""
        return self.args[1]

    @property
    def momentum(self) -> Any:
        """The momentum beta."""
        return self.args[2]

    @property
    def method(self) -> Method:
        """The iteration."""
        return Method(self.args[3].name)

    @property
    def start(self) -> Start:
        """What bounds the start."""
        return Start(self.args[4].name)

    @property
    def bound(self) -> Any:
        """Delta, or the radius R."""
        return self.args[5]

    @property
    def time(self) -> Any:
        """The number n of the iterate, or how many iterates are looked at."""
        return self.args[6]

    @property
    def measure(self) -> Measure:
        """What is looked at."""
        return Measure(self.args[7].name)

    @property
    def reduction(self) -> Reduction:
        """At the iterate, or the least or the total over the iterates before it."""
        return Reduction(self.args[8].name)

    def normalised(self) -> tuple[Any, WorstCase]:
        """A factor and the same worst case with largest curvature 1 and start 1, whose product this is.

        With u = w/s and K(u) = L(s u)/c, curvatures divide by c/s^2 and the iteration of K with step alpha c/s^2 is that
        of L; c/s^2 = M and c = Delta (or s = R) make both constants 1, and |grad L|^2 = (c/s)^2 |grad K|^2,
        L - L_* = c (K - K_*), |w - w_*|^2 = s^2 |u - u_*|^2.

        >>> M, alpha, Delta = sp.symbols("M alpha Delta", positive=True)
        >>> worst_case(Smooth(M), alpha, excess=Delta).least[5, "gradient"].normalised()
        (Delta*M, worst_case(Smooth(1), M*alpha, excess=1).least[5, gradient])
        """
        curvature = self.among.upper
        values = self.bound if self.start is Start.EXCESS else curvature * self.bound**2
        match self.measure:
            case Measure.GRADIENT:
                factor = curvature * values
            case Measure.EXCESS:
                factor = values
            case Measure.DISTANCE:
                factor = values / curvature
        one = sp.S.One
        among, step = self.among.scaled(curvature), self.step * curvature
        return factor, self.func(among, step, self.momentum, self.method, self.start, one, self.time, self.measure, self.reduction)

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _latex(self, printer: Any) -> str:
        among, bound, n = (printer._print(part) for part in (self.among, self.bound, self.time))
        match self.start:
            case Start.EXCESS:
                start = rf"L(w^{{(0)}}) - L_* \le {bound}"
            case Start.DISTANCE:
                start = rf"\left\| w^{{(0)}} - w_* \right\| \le {bound}"
        index = n if self.reduction is Reduction.AT else "k"
        match self.measure:
            case Measure.GRADIENT:
                body = rf"\left\| \nabla L(w^{{({index})}}) \right\|^2"
            case Measure.EXCESS:
                body = rf"\left[ L(w^{{({index})}}) - L_* \right]"
            case Measure.DISTANCE:
                body = rf"\left\| w^{{({index})}} - w_* \right\|^2"
        match self.reduction:
            case Reduction.AT:
                sign = ""
            case Reduction.LEAST:
                sign = rf"\min_{{0 \le k < {n}}} "
            case Reduction.TOTAL:
                sign = rf"\sum_{{0 \le k < {n}}} "
        return rf"\sup_{{L \in {among},\, {start}}} {sign}{body}"

    def _sympystr(self, printer: Any) -> str:
        how = "" if self.method is Method.GRADIENT else f", momentum={self.momentum}, method={self.method.value}"
        which = "" if self.reduction is Reduction.AT else f".{self.reduction.value}"
        head = f"worst_case({self.among}, {self.step}, {self.start.value}={self.bound}{how})"
        return f"{head}{which}[{self.time}, {self.measure.value}]"


@dataclass(frozen=True)
class WorstDescent:
    """Descent over a class of functions, to be indexed: `[n, measure]`, `.least[n, measure]`, `.total[n, measure]`."""

    among: FunctionClass
    step: Any
    momentum: Any
    method: Method
    start: Start
    bound: Any

    def node(self, key: Any, reduction: Reduction) -> WorstCase:
        """The quantity of a (number of steps, measure) pair; raises ValueError for anything else."""
        if not isinstance(key, tuple) or len(key) != 2:
            raise ValueError(f"index a worst case by a pair [n, measure], not by {key!r}")
        n = sp.sympify(key[0])
        try:
            measure = Measure(key[1])
        except ValueError:
            names = ", ".join(item.value for item in Measure)
            raise ValueError(f"a worst case has no measure {key[1]!r}: choose one of {names}") from None
        least = 0 if reduction is Reduction.AT else 1
        if n.is_number and not (n.is_integer and n >= least):
            raise ValueError(f"a worst case is taken over n steps, n an integer >= {least}, not {n}")
        return WorstCase(self.among, self.step, self.momentum, self.method, self.start, self.bound, n, measure, reduction)

    def __getitem__(self, key: tuple[Any, Any]) -> WorstCase:
        return self.node(key, Reduction.AT)

    @property
    def least(self) -> _View:
        """The least over the iterates 0, ..., n - 1."""
        return _View(self, Reduction.LEAST)

    @property
    def total(self) -> _View:
        """The sum over the iterates 0, ..., n - 1."""
        return _View(self, Reduction.TOTAL)


@dataclass(frozen=True)
class _View:
    """`worst_case(...).least` and `.total`: the same indexing, another reduction."""

    worst: WorstDescent
    reduction: Reduction

    def __getitem__(self, key: tuple[Any, Any]) -> WorstCase:
        return self.worst.node(key, self.reduction)


def worst_case(
    among: FunctionClass, step: Any, *, excess: Any = None, distance: Any = None, momentum: Any = 0, method: str | Method = "gradient"
) -> WorstDescent:
    """Descent at its worst over a class of functions and all starts within a bound, to be indexed.

    sup over L of the class, bounded below, and w^(0) with L(w^(0)) - L_* <= excess, or with |w^(0) - w_*| <= distance.
    Raises ValueError for anything but a class of functions, a step or a start that is a number <= 0, none or both of
    the two starts, an unknown method, a momentum for plain gradient descent. Source: Drori & Teboulle (2014), section 2.

    >>> M, alpha, Delta = sp.symbols("M alpha Delta", positive=True)
    >>> N = sp.Symbol("N", integer=True, positive=True)
    >>> worst = worst_case(Smooth(M), alpha, excess=Delta)
    >>> worst.least[N, "gradient"], sorted(worst[N, "excess"].free_symbols, key=str)
    (worst_case(Smooth(M), alpha, excess=Delta).least[N, gradient], [Delta, M, N, alpha])
    """
    if not isinstance(among, FunctionClass):
        raise ValueError(f"a worst case is taken over a class of functions, such as Smooth(M), not over {among!r}")
    try:
        chosen = Method(method)
    except ValueError:
        names = ", ".join(item.value for item in Method)
        raise ValueError(f"descent has no method {method!r}: choose one of {names}") from None
    if (excess is None) == (distance is None):
        raise ValueError("a worst case needs one bound of the start: excess=Delta for L(w_0) - L_* or distance=R for |w_0 - w_*|")
    step, momentum = positive("the step of descent", step), real("the momentum of descent", momentum)
    if chosen is Method.GRADIENT and momentum != 0:
        raise ValueError(f"method 'gradient' has no momentum, but momentum={momentum}: choose heavy_ball or nesterov")
    start, value = (Start.EXCESS, excess) if distance is None else (Start.DISTANCE, distance)
    return WorstDescent(among, step, momentum, chosen, start, positive(f"the bound of the start, {start.value},", value))
