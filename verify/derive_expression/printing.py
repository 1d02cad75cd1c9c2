"""Formulas as source text in NumPy or Torch, with numbers as Python computes them once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp


class expm1(sp.Function):
    """exp(x) - 1, which SymPy has no name for."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Any:
        """The derivative."""
        return sp.exp(self.args[0])


class NoCode(ValueError):
    """A closed form that has no code in the language asked for."""


@dataclass(frozen=True)
class Language:
    """A library of arrays: its name, its imports, and its functions by their SymPy names."""

    name: str
    imports: str
    functions: dict[str, str]


_SHARED = {
    **{
        name: name
        for name in [
            "sqrt",
            "exp",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "log",
            "sign",
            "expm1",
            "arctan2",
            "arctan",
            "arcsin",
            "arccos",
        ]
    },
    "Abs": "abs",
}

NUMPY = Language(
    "numpy",
    "import math\n\nimport numpy",
    {key: f"numpy.{name}" for key, name in _SHARED.items()} | {"erf": "scipy.special.erf", "erfc": "scipy.special.erfc"},
)

TORCH = Language(
    "torch",
    "import math\n\nimport torch",
    {key: f"torch.{name}" for key, name in {**_SHARED, "erf": "erf", "erfc": "erfc"}.items()},
)

LANGUAGES = {"python": NUMPY, "torch": TORCH}

_ALIASES = {"atan2": "arctan2", "atan": "arctan", "asin": "arcsin", "acos": "arccos"}


def printed(expr: Any, language: Language) -> str:
    """The formula as one expression; raises NoCode for a function that the library lacks.

    >>> printed(sp.sqrt(2) * sp.atan2(sp.Symbol("x"), 3) / sp.pi, NUMPY)
    'math.sqrt(2)*numpy.arctan2(x, 3)/math.pi'
    """
    return _Printer(language)(sp.sympify(expr), 0)


SUM, PRODUCT, POWER = 1, 2, 3
"""How tightly an operator binds."""


@dataclass(frozen=True)
class _Printer:
    language: Language

    def __call__(self, node: Any, outer: int) -> str:
        if isinstance(node, sp.Symbol):
            return str(node.name)
        if node is sp.pi:
            return "math.pi"
        if node is sp.E:
            return "math.e"
        if node.is_Rational:
            text = str(node.p) if node.q == 1 else f"{node.p}/{node.q}"
            return f"({text})" if (node < 0 and outer > SUM) or (node.q != 1 and outer > SUM) else text
        if node.is_Add:
            return self._sum(node, outer)
        if node.is_Mul:
            return self._product(node, outer)
        if node.is_Pow and not isinstance(node, sp.exp):
            return self._power(node, outer)
        return self._function(node)

    def _sum(self, node: Any, outer: int) -> str:
        parts: list[str] = []
        for term in node.as_ordered_terms():
            negative = term.could_extract_minus_sign()
            text = self(-term if negative else term, SUM)
            parts.append((f" - {text}" if parts else f"-{text}") if negative else (f" + {text}" if parts else text))
        joined = "".join(parts)
        return f"({joined})" if outer > SUM else joined

    def _product(self, node: Any, outer: int) -> str:
        number, _ = node.as_coeff_Mul()
        sign = "-" if number < 0 else ""
        above: list[Any] = []
        below: list[Any] = []
        for factor in sp.Mul.make_args(-node if sign else node):
            base, power = factor.as_base_exp()
            if factor.is_Rational:
                above += [sp.Integer(factor.p)] if factor.p != 1 else []
                below += [sp.Integer(factor.q)] if factor.q != 1 else []
            elif power.is_Rational and power < 0 and not isinstance(factor, sp.exp):
                below.append(base**-power)
            else:
                above.append(factor)
        top = "*".join(self(factor, PRODUCT) for factor in above) or "1"
        bottom = "*".join(self(factor, PRODUCT if len(below) > 1 else POWER) for factor in below)
        text = sign + (f"{top}/({bottom})" if len(below) > 1 else f"{top}/{bottom}" if below else top)
        return f"({text})" if outer > PRODUCT or (sign and outer > SUM) else text

    def _power(self, node: Any, outer: int) -> str:
        base, exponent = node.args
        if exponent == sp.S.Half:
            return self._call("sqrt", [base])
        if exponent.is_Rational and exponent < 0:
            text = f"1/{self(base**-exponent, POWER)}"
            return f"({text})" if outer >= PRODUCT else text
        if exponent.is_Rational and exponent.q == 2 and exponent > 1:
            whole = int(exponent - sp.S.Half)
            power = self(base, POWER) if whole == 1 else f"{self(base, POWER)}**{whole}"
            text = f"{power}*{self._call('sqrt', [base])}"
            return f"({text})" if outer > PRODUCT else text
        text = f"{self(base, POWER)}**{self(exponent, POWER)}"
        return f"({text})" if outer >= POWER else text

    def _function(self, node: Any) -> str:
        name = node.func.__name__
        if isinstance(node, sp.exp):
            return self._call("exp", [node.args[0]])
        return self._call(_ALIASES.get(name, name), list(node.args))

    def _call(self, name: str, args: list[Any]) -> str:
        if not any(arg.free_symbols for arg in args) and name in ("sqrt", "exp"):
            return f"math.{name}({', '.join(self(arg, 0) for arg in args)})"
        if name not in self.language.functions:
            raise NoCode(f"{self.language.name} has no {name}")
        return f"{self.language.functions[name]}({', '.join(self(arg, 0) for arg in args)})"
