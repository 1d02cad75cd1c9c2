r"""Classes of smooth functions over which a worst case is taken: each is an interval of curvature.

    Smooth(M)                   |grad L(w) - grad L(v)| <= M |w - v|           curvature in [-M, M]
    SmoothConvex(M)             and L is convex                               curvature in [0, M]
    SmoothStronglyConvex(m, M)  and L - m/2 |w|^2 is convex                   curvature in [m, M]

The dimension is any: a worst case over a class is a supremum over R^d for every d. A new class is a new subclass of
`FunctionClass` that says its curvatures and its letter; the instruments ask for nothing else.
"""

from __future__ import annotations

from typing import Any, Self

import sympy as sp

from lemmata.theory.admitted import positive


class FunctionClass(sp.Basic):
    """Functions with `lower`/2 |w|^2 <= L <= `upper`/2 |w|^2 in curvature: L - lower/2 |w|^2 and upper/2 |w|^2 - L are convex."""

    @property
    def lower(self) -> Any:
        """The least curvature: negative where functions need not be convex."""
        raise NotImplementedError

    @property
    def upper(self) -> Any:
        """The largest curvature, positive: the Lipschitz constant of the gradient where lower >= -upper."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name that a user writes."""
        return type(self).__name__

    def scaled(self, factor: Any) -> FunctionClass:
        """The class of the functions L / factor: every constant divided by it.

        >>> M = sp.Symbol("M", positive=True)
        >>> SmoothStronglyConvex(M / 10, M).scaled(M)
        SmoothStronglyConvex(1/10, 1)
        """
        return type(self)(*(argument / factor for argument in self.args))

    def _latex(self, printer: Any) -> str:
        return rf"\mathcal{{F}}_{{{', '.join(printer._print(argument) for argument in self.args)}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}({', '.join(printer._print(argument) for argument in self.args)})"


class Smooth(FunctionClass):
    """Functions whose gradient is Lipschitz with constant M, convex or not.

    Raises ValueError for a constant that is a number <= 0.

    >>> M = sp.Symbol("M", positive=True)
    >>> Smooth(M).lower, Smooth(M).upper
    (-M, M)
    """

    def __new__(cls, M: Any) -> Self:
        return sp.Basic.__new__(cls, positive("the Lipschitz constant M of the gradient", M))

    @property
    def lower(self) -> Any:
        return -self.args[0]

    @property
    def upper(self) -> Any:
        return self.args[0]


class SmoothConvex(FunctionClass):
    """Convex functions whose gradient is Lipschitz with constant M; errors as for `Smooth`.

    >>> SmoothConvex(3).lower, SmoothConvex(3).upper
    (0, 3)
    """

    def __new__(cls, M: Any) -> Self:
        return sp.Basic.__new__(cls, positive("the Lipschitz constant M of the gradient", M))

    @property
    def lower(self) -> Any:
        return sp.S.Zero

    @property
    def upper(self) -> Any:
        return self.args[0]

    def _latex(self, printer: Any) -> str:
        return rf"\mathcal{{F}}_{{0, {printer._print(self.args[0])}}}"


class SmoothStronglyConvex(FunctionClass):
    """m-strongly convex functions whose gradient is Lipschitz with constant M.

    Raises ValueError for constants that are numbers <= 0, and for m > M: then no function is in the class.

    >>> SmoothStronglyConvex(2, 1)
    Traceback (most recent call last):
    ValueError: no function is strongly convex with constant m = 2 and has a gradient with Lipschitz constant M = 1 < m: exchange them
    """

    def __new__(cls, m: Any, M: Any) -> Self:
        m, M = positive("the constant m of strong convexity", m), positive("the Lipschitz constant M of the gradient", M)
        if (M - m).is_negative:
            which = f"no function is strongly convex with constant m = {m} and has a gradient with Lipschitz constant M = {M} < m"
            raise ValueError(f"{which}: exchange them")
        return sp.Basic.__new__(cls, m, M)

    @property
    def lower(self) -> Any:
        return self.args[0]

    @property
    def upper(self) -> Any:
        return self.args[1]
