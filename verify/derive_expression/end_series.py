"""Functions of the correlation alone as code: a series with a proved remainder at each end of [-1, 1], the formula between."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.maps import GOALS
from lemmata.numerics.compile.stable.pieces import shortest
from lemmata.numerics.compile.stable.places import NEARER, Place, Side
from lemmata.numerics.compile.stable.sources import Drop
from lemmata.theory.kernels.duals import C
from lemmata.verify.derive_expression.printing import Language, NoCode, printed
from lemmata.verify.derive_expression.stable_forms import W, stable

WIDTHS = (NEARER, NEARER / 2, NEARER / 4, NEARER / 16)
DEGREES = 32
HIGHEST = 2
"""The last derivative for which code is written."""

SERIES = '''
def _series(x, power, coefficients, root):
    """x^(power/2) P(sqrt(x)) with `root`, else x^power P(x): one factor after another, nothing underflows before the result does."""
    u = {sqrt}(x) if root else x
    value = coefficients[-1] + 0 * u
    for coefficient in coefficients[-2::-1]:
        value = value * u + coefficient
    for _ in range(abs(power) // 2 if root else abs(power)):
        value = value * x if power > 0 else value / x
    if root and power % 2:
        value = value * u if power > 0 else value / u
    return value
'''


@dataclass(frozen=True)
class End:
    """Near one end: constant + sign u^power P(u) for a distance below `width`."""

    width: float
    constant: float
    sign: int
    power: int
    root: bool
    coefficients: tuple[float, ...]

    def text(self, distance: str, coefficients: str) -> str:
        """The branch as an expression in the distance to the end and the name of the coefficients."""
        series = f"_series({distance}, {self.power}, {coefficients}, {self.root})"
        if not self.constant:
            return series if self.sign > 0 else f"-{series}"
        return f"{self.constant!r} {'+' if self.sign > 0 else '-'} {series}"


def end_series(kappa: Any, end: int, order: int) -> End | None:
    """The derivative of an order of kappa(c) about c = end; None where no remainder is proved."""
    try:
        drop = Drop(kappa, C, end)
    except CannotEvaluate:
        return None
    goal = GOALS[order] if order < len(GOALS) else 10 * GOALS[-1]
    for width in WIDTHS:
        place = Place(Fraction(0), width, Side.NEAR)
        try:
            found = drop.expansion(place, order)
        except CannotEvaluate:
            continue
        short = shortest(found.power, found.terms, found.rest, found.reach, DEGREES)
        if short is None or short.error > goal:
            continue
        constant = 0.0 if order else float(enclose(drop.at_start, {}, digits=20).mid())
        return End(float(width), constant, _sign(end, order), short.power, found.reach.root, short.coefficients)
    return None


def _sign(end: int, order: int) -> int:
    """Of the derivative of F in that of kappa: kappa(1 - d) = kappa(1) - F(d), kappa(-1 + e) = kappa(-1) + F(e)."""
    return (-1) ** (order + 1) if end == 1 else 1


def functions(name: str, kappa: Any, singular: bool, language: Language) -> str:
    """kappa and its first derivatives as functions `name_0`, `name_1`, ... of c; raises NoCode where no series is proved.

    A kappa without an angle that is singular at the ends is its formula all over.
    """
    return "\n\n\n".join(_function(f"{name}_{order}", kappa, order, singular, language) for order in range(HIGHEST + 1))


def _function(name: str, kappa: Any, order: int, singular: bool, language: Language) -> str:
    slope = sp.diff(kappa, C, order)
    formula = printed(sp.factor_terms(slope) if order else kappa, language) + ("" if slope.has(C) else " + 0*c")
    if not singular:
        form = stable(slope)
        text = printed(form, language) + ("" if slope.has(C) else " + 0*c")
        return f"def {name}(c):\n" + ("    w = (1 - c)*(1 + c)\n" if form.has(W) else "") + f"    return {text}"
    tables: list[str] = []
    lines = [f"value = {formula}"]
    for end, distance, side in ((1, "d", "right"), (-1, "e", "left")):
        series = end_series(kappa, end, order)
        if series is None:
            raise NoCode(f"no series at c = {end} is proved for {kappa}")
        tables.append(_table(f"{name}_{side}", series.coefficients))
        text = series.text(distance, f"{name}_{side}")
        lines.append(f"value = {language.name}.where({distance} < {series.width!r}, {text}, value)")
    head = [f"def {name}(c):", "    d, e = 1 - c, 1 + c"]
    if language.name == "numpy":  # the branch that is not taken may divide by zero
        head.append('    with numpy.errstate(all="ignore"):')
        lines = [f"    {line}" for line in lines]
    return "\n\n\n".join(["\n".join(tables), "\n".join([*head, *(f"    {line}" for line in lines), "    return value"])])


def _table(name: str, numbers: tuple[float, ...]) -> str:
    wrapped = textwrap.fill(", ".join(map(repr, numbers)), 116, initial_indent="    ", subsequent_indent="    ")
    return f"{name} = (\n{wrapped},\n)"
