r"""Hypotheses in the field's notation: what a claim supposes of its symbols, in LaTeX, one line each.

`latex_setting` gathers all of it for a theorem: the ranges and assumptions of the symbols, the hypotheses, the laws.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.logic.boolalg import BooleanTrue
from sympy.stats.rv import RandomSymbol

from lemmata.theory.domain.hypotheses import normal
from lemmata.theory.printing import latex
from lemmata.theory.printing.motions import latex_data, latex_motions
from lemmata.theory.printing.notation import escape
from lemmata.theory.quantity import free_parameters, random_symbols

_PREDICATES = {
    "symmetric": "{0} = {0}^\\top",
    "positive_definite": "{0} \\succ 0",
    "orthogonal": "{0}^\\top {0} = I",
    "invertible": "\\det {0} \\ne 0",
    "singular": "\\det {0} = 0",
    "diagonal": "{0} \\text{{ diagonal}}",
    "fullrank": "{0} \\text{{ of full rank}}",
    "upper_triangular": "{0} \\text{{ upper triangular}}",
    "lower_triangular": "{0} \\text{{ lower triangular}}",
    "square": "{0} \\text{{ square}}",
    "even": "{0} \\text{{ even}}",
    "odd": "{0} \\text{{ odd}}",
    "prime": "{0} \\text{{ prime}}",
    "irrational": "{0} \\notin \\mathbb{{Q}}",
}

_KINDS: tuple[tuple[dict[str, bool], str], ...] = (
    ({"integer": True, "positive": True}, " \\in \\{1, 2, \\ldots\\}"),
    ({"integer": True, "nonnegative": True}, " \\in \\{0, 1, 2, \\ldots\\}"),
    ({"integer": True}, " \\in \\mathbb{Z}"),
    ({"rational": True, "positive": True}, " \\in \\mathbb{Q}_{>0}"),
    ({"positive": True}, " > 0"),
    ({"negative": True}, " < 0"),
    ({"nonnegative": True}, " \\ge 0"),
    ({"nonpositive": True}, " \\le 0"),
    ({"real": True, "zero": False}, " \\in \\mathbb{R} \\setminus \\{0\\}"),
    ({"real": True}, " \\in \\mathbb{R}"),
)


def latex_hypothesis(hypothesis: Any) -> str:
    r"""LaTeX of one hypothesis: a relation, a membership, a `Q` predicate, or a combination of them.

    >>> from sympy import MatrixSymbol, Q, Symbol
    >>> print(latex_hypothesis(Q.symmetric(MatrixSymbol("Sigma", 2, 2))))
    \Sigma = \Sigma^\top
    """
    if isinstance(hypothesis, AppliedPredicate):
        name, arguments = str(hypothesis.function.name), [latex(argument) for argument in hypothesis.arguments]
        pattern = _PREDICATES.get(name)
        if pattern is not None and len(arguments) == 1:
            argument = arguments[0]
            return pattern.format(argument if _is_atomic(hypothesis.arguments[0]) else f"({argument})")
        return f"{', '.join(arguments)} \\text{{ {escape(name.replace('_', ' '))}}}"
    return latex(hypothesis)


def latex_assumptions(symbols: Iterable[Any]) -> tuple[str, ...]:
    r"""What symbols are supposed to be, those of one kind on one line.

    >>> from sympy import MatrixSymbol, Symbol, symbols
    >>> q1, q2 = symbols("q1 q2", positive=True)
    >>> latex_assumptions([q1, q2, Symbol("c", real=True), MatrixSymbol("W_1", 3, 2)])
    ('q_1, q_2 > 0', 'c \\in \\mathbb{R}', 'W_1 \\in \\mathbb{R}^{3 \\times 2}')
    """
    groups: dict[str, list[str]] = {}
    for symbol in symbols:
        groups.setdefault(_kind(symbol), []).append(latex(symbol))
    return tuple(", ".join(names) + kind for kind, names in groups.items() if kind)


def latex_law(leaf: Any) -> str:
    r"""The law of a random symbol of sympy.stats, without its name; empty for what has none.

    >>> from sympy.stats import Normal
    >>> print(latex_law(Normal("s", 0, 2)))
    \mathcal{N}(0, 4)
    """
    distribution = getattr(getattr(leaf, "pspace", None), "distribution", None)
    if distribution is None:
        return ""
    name = type(distribution).__name__.removesuffix("Distribution")
    args = [arg for arg in distribution.args if isinstance(arg, sp.Basic)]
    if name == "Normal":
        return f"\\mathcal{{N}}({latex(args[0])}, {latex(args[1] ** 2)})"
    if name == "MatrixNormal" and args[2] == sp.ImmutableMatrix([[1]]):
        return f"\\mathcal{{N}}({'0' if _is_zero(args[0]) else latex(args[0])}, {latex(args[1])})"
    if name == "MultivariateNormal":
        return f"\\mathcal{{N}}({', '.join('0' if _is_zero(arg) else latex(arg) for arg in args[:2])})"
    if name == "Uniform":
        return f"\\mathcal{{U}}({latex(args[0])}, {latex(args[1])})"
    return f"\\operatorname{{{escape(name)}}}({', '.join(latex(arg) for arg in args)})"


def latex_setting(given: Iterable[Any], *sides: Any) -> tuple[str, ...]:
    r"""Every hypothesis of a statement, one line each: ranges and assumptions of its symbols, `given`, the laws.

    A symbol that `given` bounds on both sides is shown with its interval alone; laws shared by several symbols are
    written once.

    >>> from sympy import Ge, Le, Symbol
    >>> from sympy.stats import Expectation, Normal
    >>> c, s1, s2 = Symbol("c", real=True), Normal("s1", 0, 1), Normal("s2", 0, 1)
    >>> print("; ".join(latex_setting([Ge(c, -1), Le(c, 1)], Expectation((c * s1 + s2) ** 2))))
    c \in [-1, 1]; s_1, s_2 \sim \mathcal{N}(0, 1) \text{ independent}
    """
    basics = [part for part in (*sides, *given) if isinstance(part, sp.Basic)]
    conditions = normal(given)
    symbols = sorted(set().union(*(free_parameters(part) for part in basics)) if basics else set(), key=str)
    intervals, others = _intervals(conditions)
    placed = set(intervals) | _members(others)
    lines = list(latex_assumptions([symbol for symbol in symbols if symbol not in placed]))
    lines += [f"{latex(symbol)} \\in {printed}" for symbol, printed in intervals.items()]
    lines += [latex_hypothesis(condition) for condition in others if not isinstance(condition, BooleanTrue)]
    leaves = tuple(dict.fromkeys(leaf for part in basics for leaf in random_symbols(part)))
    return tuple(dict.fromkeys([*lines, *_laws(leaves), *latex_data(*sides), *latex_motions(*sides)]))


def _intervals(conditions: Sequence[Any]) -> tuple[dict[Any, str], list[Any]]:
    """Real symbols with one lower and one upper bound, as intervals; and the other hypotheses."""
    lower: dict[Any, tuple[Any, Any, bool]] = {}
    upper: dict[Any, tuple[Any, Any, bool]] = {}
    for condition in conditions:
        bound = _bound(condition)
        if bound is None or bound[0].is_integer:
            continue
        symbol, value, below, strict = bound
        (lower if below else upper).setdefault(symbol, (condition, value, strict))
    intervals: dict[Any, str] = {}
    used: list[Any] = []
    for symbol, (low, start, left_open) in lower.items():
        if symbol in upper:
            high, end, right_open = upper[symbol]
            opening, closing = "(" if left_open else "[", ")" if right_open else "]"
            intervals[symbol] = f"{opening}{_end(start)}, {_end(end)}{closing}"
            used += [low, high]
    return intervals, [condition for condition in conditions if not any(condition is one for one in used)]


def _end(value: Any) -> str:
    """An end of an interval: -1, not - 1."""
    return latex(value).replace("- ", "-", 1)


def _bound(condition: Any) -> tuple[Any, Any, bool, bool] | None:
    """(symbol, value, whether it is a lower bound, whether it is strict) of a bound on one symbol by a constant."""
    if not isinstance(condition, (sp.Ge, sp.Gt, sp.Le, sp.Lt)):
        return None
    strict, below = isinstance(condition, (sp.Gt, sp.Lt)), isinstance(condition, (sp.Ge, sp.Gt))
    if isinstance(condition.lhs, sp.Symbol) and not condition.rhs.free_symbols:
        return condition.lhs, condition.rhs, below, strict
    if isinstance(condition.rhs, sp.Symbol) and not condition.lhs.free_symbols:
        return condition.rhs, condition.lhs, not below, strict
    return None


def _members(conditions: Iterable[Any]) -> set[Any]:
    """Symbols whose set a hypothesis names already."""
    return {
        condition.args[0] for condition in conditions if isinstance(condition, sp.Contains) and isinstance(condition.args[0], sp.Symbol)
    }


def _kind(symbol: Any) -> str:
    if isinstance(symbol, sp.MatrixSymbol):
        rows, columns = symbol.shape
        if hasattr(symbol, "exact"):
            return ""
        size = latex(rows) if columns == 1 else f"{latex(rows)} \\times {latex(columns)}"
        return f" \\in \\mathbb{{R}}^{{{size}}}"
    for wanted, phrase in _KINDS:
        if all(symbol.assumptions0.get(name) is value for name, value in wanted.items()):
            return phrase
    return ""


def _laws(leaves: Iterable[Any]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for leaf in leaves:
        law = latex_law(leaf)
        if law:
            groups.setdefault(law, []).append(latex(leaf))
    lines = [f"{', '.join(names)} \\sim {law}" for law, names in groups.items()]
    if lines and sum(len(names) for names in groups.values()) > 1:
        lines[-1] += " \\text{ independent}"
    return lines


def _is_atomic(expr: Any) -> bool:
    return isinstance(expr, (sp.Symbol, sp.MatrixSymbol, RandomSymbol))


def _is_zero(value: Any) -> bool:
    return isinstance(value, sp.ZeroMatrix) or bool(getattr(value, "is_zero_matrix", False))
