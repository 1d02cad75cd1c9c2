"""Expressions as plain text on one line, for terminals: the field's names, Greek where the terminal may show it."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.printing.precedence import precedence_traditional
from sympy.printing.str import StrPrinter

from lemmata.theory.printing.notation import FUNCTION_ALIASES, plain_name


def text(expr: Any, *, unicode: bool = True) -> str:
    """An expression for a terminal, on one line.

    >>> from sympy import Max, Symbol
    >>> from sympy.stats import Expectation, Normal
    >>> text(Expectation(Max(0, Normal("s1", 0, 1))**2) * Symbol("sigma_w")**2)
    'σ_w^2*E[max(0, s1)^2]'
    """
    return TextPrinter({"unicode": unicode}).doprint(expr)


class TextPrinter(StrPrinter):
    """The printer behind `text`."""

    _default_settings: ClassVar[dict[str, Any]] = {**StrPrinter._default_settings, "unicode": True}

    def doprint(self, expr: Any) -> str:
        return " ".join(super().doprint(expr).split())

    def _print_Symbol(self, expr: Any) -> str:
        return plain_name(expr.name, unicode=self._settings["unicode"])

    _print_RandomSymbol = _print_MatrixSymbol = _print_Dummy = _print_Symbol

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        return super()._print_Pow(expr, rational=rational).replace("**", "^")

    def _print_MatPow(self, expr: Any) -> str:
        return f"{self.parenthesize(expr.base, precedence_traditional(expr))}^{self._print(expr.exp)}"

    def _print_Pi(self, expr: Any) -> str:
        return "π" if self._settings["unicode"] else "pi"

    def _print_Expectation(self, expr: Any) -> str:
        return f"E[{', '.join(self._print(arg) for arg in expr.args if arg is not None)}]"

    def _print_Probability(self, expr: Any) -> str:
        return f"P[{', '.join(self._print(arg) for arg in expr.args if arg is not None)}]"

    def _print_Variance(self, expr: Any) -> str:
        return f"Var[{self._print(expr.args[0])}]"

    def _print_Covariance(self, expr: Any) -> str:
        return f"Cov[{', '.join(self._print(arg) for arg in expr.args[:2])}]"

    def _print_Function(self, expr: Any) -> str:
        name = FUNCTION_ALIASES.get(expr.func.__name__, expr.func.__name__)
        return f"{name}({', '.join(self._print(arg) for arg in expr.args)})"

    def _print_Max(self, expr: Any) -> str:
        return f"max({', '.join(self._print(arg) for arg in sorted(expr.args, key=sp.default_sort_key))})"

    def _print_Min(self, expr: Any) -> str:
        return f"min({', '.join(self._print(arg) for arg in sorted(expr.args, key=sp.default_sort_key))})"
