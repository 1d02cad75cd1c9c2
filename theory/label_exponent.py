r"""How smooth the labels of real pictures are for the tangent kernel, as quantities: a sample's exponent and the parts of its error bar.

Along the eigenvectors of the kernel matrix of n pictures, eigenvalues falling, the exponent is the slope of what is left of the labels'
energy after k modes against the eigenvalue, k from n/50 to n/4 (`lemmata.numerics.label_smoothness`).
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

import sympy as sp

from lemmata.theory.quantity import Quantity


class Part(Enum):
    """What is asked of a sample."""

    EXPONENT = 0
    """The slope."""
    STDERR = 1
    """Its standard error, by the jackknife over ten groups of pictures left out in turn."""
    WINDOWS = 2
    """By how much the slopes over other windows of modes differ from it at most."""
    SHUFFLED = 3
    """The slope for the same pictures with their labels exchanged at random."""


class LabelExponent(Quantity):
    """A part of what a sample of pictures shows; build it with `label_exponent`."""

    def __new__(cls, part: Any, pictures: Any, points: Any) -> Self:
        values = [sp.sympify(value) for value in (Part(int(part)).value if not isinstance(part, Part) else part.value, pictures, points)]
        return sp.Expr.__new__(cls, *values)

    is_real = True

    @property
    def part(self) -> Part:
        """What is asked."""
        return Part(int(self.args[0]))

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero

    def _sympystr(self, printer: Any) -> str:
        return f"label_{self.part.name.lower()}({printer._print(self.args[1])}, {printer._print(self.args[2])})"

    _sympyrepr = _sympystr

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\operatorname{{{self.part.name.lower()}}}_{{{printer._print(self.args[2])}}}"
        return text if exp is None else rf"{text}^{{{exp}}}"


def label_exponent(pictures: int, points: int, part: Part = Part.EXPONENT) -> LabelExponent:
    r"""A part of what the labels of `points` pictures of a set show; the order in which pictures are taken is fixed.

    $$\hat s = \text{slope of } \log T_n(k) \text{ against } \log \lambda_{k+1}, \qquad n/50 \le k \le n/4$$

    `pictures` is the number of the set in `lemmata.numerics.pictures.Pictures`: 0 for the digits, 1 for MNIST. Raises ValueError for
    less than 500 pictures, of which the jackknife's groups would be too small.

    >>> label_exponent(1, 5000), label_exponent(1, 5000, Part.STDERR)
    (label_exponent(1, 5000), label_stderr(1, 5000))
    """
    if int(points) < 500 or int(pictures) < 0:
        raise ValueError(f"an error bar takes a set of pictures and at least 500 of them, not {points} of set {pictures}")
    return LabelExponent(part, pictures, points)
