r"""Minima that runs of descent find: points of two-layer ReLU students that are named by the number of a start.

    F(W) = E_{x ~ N(0, I)} ( sum_{i <= n} relu(w_i.x) - sum_{j <= k} relu(v_j.x) )^2,    v_1, ..., v_k orthonormal

Start number s of n neurons in k dimensions is a fixed matrix of independent normals of variance 1/k. A run from there stops near a
point; the local minimum next to that point is named here. That there is one is proved where it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.quantity import Quantity
from lemmata.theory.spurious_minima import Look


class AtFoundMinimum(Quantity):
    """A number at the minimum next to which a run of descent stops; see `found_minimum`."""

    def __new__(cls, n: Any, k: Any, start: Any, look: Any) -> Self:
        marker = look if isinstance(look, Str) else Str(Look(look).value)
        return sp.Expr.__new__(cls, sp.sympify(n), sp.sympify(k), sp.sympify(start), marker)

    @property
    def shape(self) -> tuple[Any, Any]:
        """The student's neurons n and the target's k, in k dimensions."""
        return self.args[0], self.args[1]

    @property
    def start(self) -> Any:
        """The number of the start."""
        return self.args[2]

    @property
    def look(self) -> Look:
        """What is asked."""
        return Look(self.args[3].name)

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[0].free_symbols | self.args[1].free_symbols | self.args[2].free_symbols)

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        return f"found_minimum({', '.join(printer._print(x) for x in self.args[:3])}).{self.look.value}"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        n, k, start = (printer._print(x) for x in self.args[:3])
        point = rf"W^{{\ast}}_{{n = {n},\, k = {k}}}\left({start}\right)"
        if self.look is Look.OBJECTIVE:
            text = rf"F\left({point}\right)"
        else:
            text = rf"\lambda_{{\min}}\left(\tfrac12 \nabla^2 F\left({point}\right)\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


@dataclass(frozen=True, slots=True)
class FoundMinimum:
    """The local minimum that the run from a numbered start finds."""

    n: Any
    k: Any
    start: Any

    @property
    def objective(self) -> AtFoundMinimum:
        """F = E(...)^2 there, without a factor 1/2: 0 at a global minimum."""
        return AtFoundMinimum(self.n, self.k, self.start, Look.OBJECTIVE)

    @property
    def curvature(self) -> AtFoundMinimum:
        """The least eigenvalue of the Hessian of F/2 there, over all n k directions."""
        return AtFoundMinimum(self.n, self.k, self.start, Look.CURVATURE)


def found_minimum(n: Any, k: Any, start: Any) -> FoundMinimum:
    """The strict local minimum next to which the run of descent from a numbered start stops, n neurons towards k orthonormal ones.

    Raises ValueError for sizes below 1, for a number of a start below 0, and for what is not whole.

    >>> found_minimum(11, 10, 1332).curvature
    found_minimum(11, 10, 1332).curvature
    >>> found_minimum(11, 0, 1332)
    Traceback (most recent call last):
    ValueError: a target has at least one neuron, not k = 0
    """
    n, k, start = sp.sympify(n), sp.sympify(k), sp.sympify(start)
    for number, what in ((n, "a student has at least one neuron, not n ="), (k, "a target has at least one neuron, not k =")):
        if number.is_positive is False:
            raise ValueError(f"{what} {number}")
    for number, name in ((n, "n"), (k, "k"), (start, "start")):
        if number.is_integer is False or (number.is_number and not number.is_Integer):
            raise ValueError(f"numbers of neurons and of starts are whole, not {name} = {number}")
    if start.is_negative:
        raise ValueError(f"starts are numbered 0, 1, 2, ..., not {start}")
    return FoundMinimum(n, k, start)
