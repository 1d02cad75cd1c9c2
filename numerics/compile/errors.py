"""What evaluation raises when an expression has no value that can be computed."""

from __future__ import annotations

from mpmath.libmp.libhyper import NoConvergence
from sympy.polys.polyerrors import BasePolynomialError


class CannotEvaluate(Exception):
    """An expression cannot be evaluated; `reason` names what was met and what would help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


FAILURES: tuple[type[Exception], ...] = (
    CannotEvaluate,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    BasePolynomialError,
    NoConvergence,
)
"""What SymPy, mpmath and flint raise on an expression they cannot treat: an instrument answers each with a refusal."""


class Undecided(CannotEvaluate):
    """Not at this working precision: the balls are too wide to tell; a higher precision may."""


class Undefined(CannotEvaluate):
    """There is no real value, which is proved: a root of a negative number, a logarithm of none, a division by zero."""


class Pole(Undefined):
    """A division by zero: in a statement no value, in a derivative's formula perhaps only a gap."""


class ComplexInside(CannotEvaluate):
    """What has no real value stands where complex numbers may: within a modulus or a real part, or beside a factor that is zero."""
