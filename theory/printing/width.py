r"""The width of a LaTeX formula, estimated from its text: what line breaking needs, without running TeX.

Widths are in em of the formula's own font and on the generous side.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
RELATIONS = frozenset(
    ["=", "<", ">", "\\le", "\\ge", "\\leq", "\\geq", "\\to", "\\in", "\\sim", "\\neq", "\\ne", "\\approx", "\\succ", "\\succeq"]
)
SIGNS = frozenset(["+", "-", "\\pm", "\\mp"])
BINARY = SIGNS | {"\\cdot", "\\times", "\\odot", "\\circ", "\\otimes", "\\wedge", "\\vee"}
_BIG_OPERATORS = {"\\sum": 1.45, "\\prod": 1.3, "\\lim": 1.4, "\\max": 1.8, "\\min": 1.7, "\\sup": 1.5, "\\inf": 1.3}
_SPACES = {"\\,": 0.17, "\\!": -0.17, "\\:": 0.22, "\\;": 0.28, "\\ ": 0.33, "\\quad": 1.0, "\\qquad": 2.0}
_WIDE_LETTERS = {"m": 0.9, "w": 0.75, "W": 1.0, "M": 1.0, "i": 0.35, "j": 0.42, "l": 0.3, "t": 0.37}


def tokens(latex: str) -> list[str]:
    r"""The tokens of a formula: commands, escaped characters, runs of space, single characters.

    >>> tokens(r"\frac{a}{2} ")
    ['\\frac', '{', 'a', '}', '{', '2', '}', ' ']
    """
    return _TOKEN.findall(latex)


def width(latex: str) -> float:
    r"""The estimated width of a displayed formula in em.

    >>> width(r"\frac{a+b}{2}") < width(r"a + b + 2")
    True
    """
    return max(0.0, _Measure(tokens(latex)).row())


class _Measure:
    """A recursive-descent reader of one formula that adds up widths."""

    def __init__(self, found: list[str]) -> None:
        self.tokens = [token for token in found if not token.isspace()]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def row(self, stop: str = "") -> float:
        total = 0.0
        while (token := self.peek()) and token != stop:
            total += self.piece()
        if stop:
            self.take()
        return total

    def argument(self) -> float:
        if self.peek() == "{":
            self.take()
            return self.row("}")
        return self.piece() if self.peek() else 0.0

    def words(self) -> str:
        """The raw text of a braced argument."""
        if self.peek() != "{":
            return self.take()
        self.take()
        text, depth = "", 1
        while (token := self.take()) and (depth := depth + (token == "{") - (token == "}")):
            text += token
        return text

    def piece(self) -> float:
        token = self.take()
        if token == "{":
            return self.row("}")
        if token in ("^", "_"):
            return 0.72 * self.argument() + 0.05
        if token in ("\\frac", "\\tfrac", "\\dfrac"):
            return max(self.argument(), self.argument()) + 0.3
        if token == "\\sqrt":
            if self.peek() == "[":
                self.row("]")
            return self.argument() + 0.9
        if token in ("\\text", "\\mathrm", "\\operatorname", "\\mathtt", "\\textnormal"):
            return 0.55 * len(re.sub(r"\\[A-Za-z]+|[{}]", "", self.words())) + 0.2
        if token in ("\\mathbb", "\\mathcal", "\\mathbf", "\\hat", "\\tilde", "\\bar", "\\dot"):
            return self.argument() + 0.2
        if token in ("\\overset", "\\underset", "\\stackrel"):
            return max(0.7 * self.argument(), self.argument())
        if token == "\\begin":
            return self.environment()
        if token in ("\\left", "\\right", "\\bigl", "\\bigr", "\\biggl", "\\biggr"):
            self.take()
            return 0.75
        if token in _BIG_OPERATORS:
            return self.limits(_BIG_OPERATORS[token])
        return _token_width(token)

    def limits(self, own: float) -> float:
        widest = own
        while self.peek() in ("^", "_"):
            self.take()
            widest = max(widest, 0.72 * self.argument())
        return widest + 0.25

    def environment(self) -> float:
        self.words()
        if self.peek() == "{" and self.tokens[self.at + 1 : self.at + 2] in (["c"], ["l"], ["r"]):
            self.words()
        widest = current = 0.0
        while (token := self.peek()) and token != "\\end":
            if token == "\\\\":
                self.take()
                widest, current = max(widest, current), 0.0
            elif token == "&":
                self.take()
                current += 1.0
            else:
                current += self.piece()
        self.take()
        self.words()
        return max(widest, current) + 1.0


def _token_width(token: str) -> float:
    if token in _SPACES:
        return _SPACES[token]
    if token in RELATIONS:
        return 1.35
    if token in BINARY:
        return 1.25
    if token.startswith("\\"):
        name = token[1:]
        upright = ("arccos", "arcsin", "arctan", "tanh", "sinh", "cosh", "sin", "cos", "tan", "log", "exp", "det", "ln")
        return 0.5 * len(name) + 0.17 if name in upright else 0.7
    if token in "()[]|":
        return 0.42
    if token in ",;":
        return 0.47
    return 0.5 if token.isdigit() else _WIDE_LETTERS.get(token, 0.72 if token.isupper() else 0.58)
