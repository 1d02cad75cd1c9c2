"""Closed forms as source text: NumPy or Torch functions that a reader can paste."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.verify.derive_expression.answers import Answer

HEADERS = {"python": "import numpy\nimport scipy.constants\nimport scipy.special", "torch": "import torch"}


class NoCode(ValueError):
    """A closed form that has no code in the language asked for."""


def code(answer: Answer, language: str) -> str:
    """A function of the answer's symbols in NumPy (`python`) or Torch; raises NoCode where a function has no counterpart."""
    closed = answer.closed
    if closed is None:
        raise NoCode(f"{answer.what.value} has no closed form")
    if closed.atoms(sp.Integral):
        raise NoCode(f"{answer.what.value} ends in a bivariate normal probability, an integral that has no one-line code")
    plain = {symbol: sp.Symbol(symbol.name.replace("_", ""), real=True) for symbol in answer.symbols}
    names = ", ".join(str(plain[symbol]) for symbol in answer.symbols)
    body = _printer(language).doprint(closed.xreplace(plain))
    if "Not supported" in body:
        raise NoCode(f"{answer.what.value} holds a function that {language} lacks")
    return f"def {answer.what.value}({names}):\n    return {body}"


def _printer(language: str) -> Any:
    if language == "torch":
        from sympy.printing.pytorch import TorchPrinter

        return TorchPrinter({"fully_qualified_modules": True})
    from sympy.printing.numpy import SciPyPrinter

    return SciPyPrinter({"fully_qualified_modules": True})
