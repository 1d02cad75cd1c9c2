"""Mathematical text read by a grammar of names: nothing is ever evaluated as code.

    sum      = product, { ("+" | "-"), product }
    product  = sign, { ("*" | "/"), sign }
    sign     = { "+" | "-" }, power
    power    = atom, [ ("^" | "**"), sign ]
    atom     = number | name | name, "(", argument, { ",", argument }, ")" | "(", sum, ")" | "|", sum, "|"
    argument = sum, [ ("<" | "<=" | ">" | ">="), sum ]

Numbers are exact: 0.1 is 1/10. A name is a constant, a function, an activation (alone, it is applied to the variable), or
else a variable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

import sympy as sp

LONGEST, DEEPEST, LARGEST_POWER, MOST_DIGITS = 1000, 60, 64, 40
"""Bounds on the text, its nesting, its exponents and its numbers, so that no text takes long to read."""

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|<=|>=|[-+*/^(),|<>]))")

RELATIONS: dict[str, Any] = {"<": sp.StrictLessThan, "<=": sp.LessThan, ">": sp.StrictGreaterThan, ">=": sp.GreaterThan}

CONSTANTS: dict[str, Any] = {"pi": sp.pi, "e": sp.E, "E": sp.E}

ELEMENTARY = "sqrt exp log sin cos tan sinh cosh tanh asin acos atan asinh erf erfc sign Heaviside Abs"
ALIASES = {"ln": "log", "abs": "Abs", "H": "Heaviside", "arctan": "atan", "arcsin": "asin", "arccos": "acos", "arcsinh": "asinh"}

ONE: dict[str, Callable[..., Any]] = {name: getattr(sp, ALIASES.get(name, name)) for name in (*ELEMENTARY.split(), *ALIASES)}
MANY: dict[str, Callable[..., Any]] = {"Max": sp.Max, "max": sp.Max, "Min": sp.Min, "min": sp.Min}


class GrammarError(ValueError):
    """A text that is not mathematics, with the place and what was expected, in one line."""


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """Every name that may stand before a bracket: elementary functions, Max and Min, and the activations."""
    from lemmata.theory.activations import activations

    named = {name.rstrip("_"): activation for name, activation in activations().items()}
    named |= {"Phi": named["normal_cdf"], "swish": named["silu"], "He": _hermite, "where": _where}
    return {**named, **MANY, **ONE}


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    """where(x < 0, a, b): a where the condition holds, else b."""
    if not isinstance(condition, sp.core.relational.Relational):
        raise GrammarError("where(condition, a, b) needs an inequality that is not settled, such as x < 0, as its first argument")
    return sp.Piecewise((then, condition), (otherwise, True))


def _hermite(degree: Any, x: Any) -> Any:
    """He(n, x): the probabilists' Hermite polynomial, not normalised."""
    if not (degree.is_Integer and 0 <= degree <= LARGEST_POWER):
        raise GrammarError(f"He(n, x) has an integer degree from 0 to {LARGEST_POWER}, not {degree}")
    return sp.hermite_prob(int(degree), x)


def read(text: str, variable: str = "x") -> Any:
    """The SymPy expression that a text stands for; its symbols are real.

    Raises GrammarError in one line: an unknown name comes with the nearest known one.

    >>> read("Max(0, x)^2 + 0.5*|x|"), read("tanh"), read("2*t")
    (Abs(x)/2 + Max(0, x)**2, tanh(x), 2*t)
    >>> read("2*tahn(x)")
    Traceback (most recent call last):
    ...
    lemmata.theory.grammar.GrammarError: at 3: there is no function 'tahn'; did you mean 'tanh'?
    """
    if len(text) > LONGEST:
        raise GrammarError(f"the text has {len(text)} characters; at most {LONGEST} are read")
    return _Reader(text, variable).whole()


class _Reader:
    """One pass over the tokens, one method for each rule of the grammar."""

    def __init__(self, text: str, variable: str) -> None:
        self.tokens = _tokens(text)
        self.place, self.depth, self.variable = 0, 0, variable

    def whole(self) -> Any:
        if self.kind == "end":
            raise GrammarError("the text is empty: write a function of x, such as Max(0, x) or tanh(x)")
        value = self.sum()
        if self.kind != "end":
            raise GrammarError(f"at {self.column}: expected an operator, found {self.token!r}")
        if not isinstance(value, sp.Expr) or value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise GrammarError("the text has no value: it divides by zero or is not a number")
        return value

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    @property
    def token(self) -> str:
        return self.tokens[self.place][1]

    @property
    def column(self) -> int:
        return self.tokens[self.place][2]

    def accept(self, *signs: str) -> str | None:
        if self.kind == "sign" and self.token in signs:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return None

    def expect(self, sign: str) -> None:
        if self.accept(sign) is None:
            found = "the end" if self.kind == "end" else repr(self.token)
            raise GrammarError(f"at {self.column}: expected {sign!r}, found {found}")

    def sum(self) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise GrammarError(f"brackets are nested more than {DEEPEST} deep")
        value = self.product()
        while sign := self.accept("+", "-"):
            value = value + self.product() if sign == "+" else value - self.product()
        self.depth -= 1
        return value

    def product(self) -> Any:
        value = self.signed()
        while sign := self.accept("*", "/"):
            value = value * self.signed() if sign == "*" else value / self.signed()
        return value

    def signed(self) -> Any:
        negative = False
        while sign := self.accept("+", "-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Any:
        base = self.atom()
        column = self.column
        if not self.accept("^", "**"):
            return base
        self.depth += 1
        if self.depth > DEEPEST:
            raise GrammarError(f"powers are nested more than {DEEPEST} deep")
        exponent = self.signed()
        self.depth -= 1
        if base != sp.E and not (exponent.is_Rational and max(abs(exponent.p), exponent.q) <= LARGEST_POWER):
            raise GrammarError(f"at {column}: an exponent is a number with parts up to {LARGEST_POWER}, not {exponent}; write exp(...)")
        value = base**exponent
        if value.is_Rational and max(abs(value.p), value.q) > 10 ** (4 * MOST_DIGITS):
            raise GrammarError(f"at {column}: this power has more than {4 * MOST_DIGITS} digits")
        return value

    def atom(self) -> Any:
        kind, token, column = self.tokens[self.place]
        if kind == "number":
            self.place += 1
            return _number(token)
        if kind == "name":
            self.place += 1
            return self.named(token, column)
        if self.accept("("):
            value = self.sum()
            self.expect(")")
            return value
        if self.accept("|"):
            value = self.sum()
            self.expect("|")
            return sp.Abs(value)
        raise GrammarError(f"at {column}: expected a number, a name or a bracket, found {'the end' if kind == 'end' else repr(token)}")

    def named(self, name: str, column: int) -> Any:
        known = functions()
        if self.kind == "sign" and self.token == "(":
            if name not in known:
                raise GrammarError(f"at {column}: there is no function {name!r}{_advice(name, known)}")
            return self.applied(name, known[name], column)
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in known and name != self.variable:
            return self.call(name, known[name], [sp.Symbol(self.variable, real=True)], column)
        return sp.Symbol(name, real=True)

    def applied(self, name: str, function: Callable[..., Any], column: int) -> Any:
        self.expect("(")
        arguments = [self.argument()]
        while self.accept(","):
            arguments.append(self.argument())
        self.expect(")")
        return self.call(name, function, arguments, column)

    def argument(self) -> Any:
        value = self.sum()
        if relation := self.accept("<", "<=", ">", ">="):
            return RELATIONS[relation](value, self.sum())
        return value

    def call(self, name: str, function: Callable[..., Any], arguments: list[Any], column: int) -> Any:
        inequality = any(not isinstance(argument, sp.Expr) for argument in arguments)
        if (inequality and name != "where") or (name in ONE and len(arguments) != 1):
            wanted = "one expression" if name in ONE else "expressions"
            raise GrammarError(f"at {column}: {name}(...) takes {wanted}")
        try:
            return function(*arguments)
        except GrammarError as error:
            raise GrammarError(f"at {column}: {error}") from None
        except (TypeError, ValueError):
            raise GrammarError(f"at {column}: {name}(...) does not take {len(arguments)} such arguments") from None


def _advice(name: str, known: Iterable[str]) -> str:
    """The nearest known name: the same letters in another order or case first."""
    same = [other for other in known if sorted(other.lower()) == sorted(name.lower())]
    near = same or get_close_matches(name.lower(), list(known), 1, 0.4)
    return f"; did you mean {near[0]!r}?" if near else ""


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            column = place + len(text[place:]) - len(text[place:].lstrip()) + 1
            raise GrammarError(f"at {column}: {text[column - 1]!r} has no meaning here")
        kind = ("number", "name", "sign")[match.lastindex - 1] if match.lastindex else "end"
        found.append((kind, match.group(match.lastindex or 0), match.start(match.lastindex or 0) + 1))
        place = match.end()
    return [*found, ("end", "", len(text) + 1)]


def _number(token: str) -> Any:
    mantissa, _, exponent = token.lower().partition("e")
    if len(mantissa) > MOST_DIGITS or abs(int(exponent or 0)) > MOST_DIGITS:
        raise GrammarError(f"the number {token[:MOST_DIGITS]} is longer than {MOST_DIGITS} digits")
    return sp.Rational(mantissa) * sp.Integer(10) ** int(exponent or 0)
