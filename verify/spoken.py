"""Reasons as a terminal shows them: the LaTeX of a sentence in plain signs.

Reasons are written for a report, so they may hold formulas; this reads the few commands that rules use. A command that
it does not know keeps its name.
"""

from __future__ import annotations

import re
from collections import deque

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Sigma": "Σ", "Delta": "Δ", "Lambda": "Λ", "nabla": "∇", "partial": "∂", "infty": "∞", "cdot": "·",
    "times": "×", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "≠", "neq": "≠", "to": "->", "mapsto": "->", "in": "∈",
    "ldots": "...", "cdots": "...", "top": "T", "pm": "±", "sim": "~", "succ": ">", "prec": "<", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "left": "", "right": "", "big": "", "Big": "", "quad": " ", "limits": "", "displaystyle": "",
    "|": "|", ",": " ", ";": " ", ":": " ", "!": "", " ": " ", "{": "{", "}": "}", "%": "%", "_": "_", "&": "&", "\\": " ",
}  # fmt: skip

_WRAPPERS = {"mathbb", "mathrm", "mathbf", "mathcal", "operatorname", "text", "boldsymbol"}

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|[{}^_]|\s+|[a-zA-Z]+|\d+|.", re.DOTALL)


def spoken(reason: str) -> str:
    r"""The sentence without LaTeX.

    >>> spoken(r"$\sqrt{q_{1}} > 0$ and positive homogeneity")
    'sqrt(q_1) > 0 and positive homogeneity'
    >>> spoken(r"antiderivative $\frac{\operatorname{asin}{\left(t_{1} \right)}}{2 \pi}$")
    'antiderivative arcsin(t_1)/(2 π)'
    """
    return re.sub(r"\$([^$]*)\$", lambda found: _formula(found.group(1)), reason).replace("--", "-")


def _formula(source: str) -> str:
    """One formula."""
    text = _sequence(deque(_TOKEN.findall(source)))
    return " ".join(re.sub(r"(?<=[(\[])\s+|\s+(?=[)\],;.])", "", text).split())


def _sequence(tokens: deque[str]) -> str:
    """Everything up to the end of the group."""
    said: list[str] = []
    while tokens and tokens[0] != "}":
        said.append(_one(tokens))
    return "".join(said)


def _one(tokens: deque[str]) -> str:
    """The next token with what belongs to it."""
    token = tokens.popleft()
    if token == "{":
        inside = _sequence(tokens)
        if tokens:
            tokens.popleft()
        return inside
    if token in ("^", "_"):
        return token + _bracketed(_argument(tokens))
    if token in (r"\frac", r"\dfrac", r"\tfrac"):
        above = _bracketed(_argument(tokens))
        return f"{above}/{_bracketed(_argument(tokens))}"
    if token == r"\sqrt":
        return f"sqrt({_argument(tokens).strip()})"
    if token.startswith("\\"):
        name = token[1:]
        if name in _WRAPPERS:
            word = _argument(tokens)
            return _SIGNS.get(word, word)
        return _SIGNS.get(name, name)
    return token


def _argument(tokens: deque[str]) -> str:
    """A group, or one sign; of a number without braces its first digit, as TeX has it."""
    while tokens and tokens[0].isspace():
        tokens.popleft()
    if not tokens:
        return ""
    if tokens[0] != "{" and len(tokens[0]) > 1 and not tokens[0].startswith("\\"):
        first, rest = tokens[0][0], tokens[0][1:]
        tokens[0] = rest
        return first
    return _one(tokens)


def _bracketed(text: str) -> str:
    """A part of a formula in brackets, unless it is one word, one call, or already in brackets."""
    text = " ".join(text.split())
    return text if re.fullmatch(r"-?[\w.^]*|\w+\s?\([^()]*\)|\([^()]*\)|\*|∞", text) else f"({text})"
