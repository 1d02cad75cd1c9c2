r"""The minimum of a quadratic over a polytope, as a quantity: what is asked of an optimisation problem, not how it is solved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import sympy as sp
from sympy.core.relational import Relational
from sympy.core.symbol import Str
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from lemmata.theory.iterates import bound
from lemmata.theory.printing.width import width
from lemmata.theory.quantity import Quantity, quantities

_SENSES = {"<=": r"\le", ">=": r"\ge", "==": "="}
_ROW = 22.0
"""A row of constraints is at most this many em wide."""

_UNDECIDED = ("nonnegative", "nonpositive", "negative", "positive", "zero", "integer", "rational", "algebraic")


class Minimum(Quantity):
    """The least value of an expression under constraints; its variables are bound. Made by `minimum`, never by hand."""

    def __new__(cls, expr: Any, variables: Any, constraints: Any) -> Self:
        return sp.Expr.__new__(cls, sp.sympify(expr), sp.Tuple(*variables), sp.Tuple(*constraints))

    @property
    def expr(self) -> Any:
        """What is minimised, in the bound variables."""
        return self.args[0]

    @property
    def variables(self) -> tuple[Any, ...]:
        """The bound variables."""
        return tuple(self.args[1])

    @property
    def constraints(self) -> tuple[tuple[Any, str, Any], ...]:
        """Each constraint as (left side, "<=", ">=" or "==", right side)."""
        return tuple((left, sense.name, right) for left, sense, right in self.args[2])

    @property
    def free_symbols(self) -> set[Any]:
        inner = self.expr.free_symbols.union(*(side.free_symbols for left, _, right in self.constraints for side in (left, right)))
        return inner - set(self.variables)

    @property
    def bound_symbols(self) -> list[Any]:
        """The variables, as SymPy's own binders call them."""
        return list(self.variables)

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        names = ", ".join(printer._print(variable) for variable in self.variables)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\min_{{{names}}}{power} \left\{{ {_in_rows(printer._print(self.expr) + ' :', _conditions(self, printer))} \right\}}"

    def _sympystr(self, printer: Any) -> str:
        conditions = ", ".join(f"{printer._print(left)} {sense} {printer._print(right)}" for left, sense, right in self.constraints)
        names = ", ".join(str(variable) for variable in self.variables)
        return f"minimum({printer._print(self.expr)}, ({names}), [{conditions}])"


def _conditions(node: Minimum, printer: Any) -> list[str]:
    """The constraints in LaTeX; bounds from both sides are one condition, for all variables that share them."""
    ends: dict[Any, dict[str, Any]] = {variable: {} for variable in node.variables}
    for left, sense, right in node.constraints:
        if left in ends and not right.has(*node.variables):
            ends[left].setdefault(sense, right)
    between = {variable: (found[">="], found["<="]) for variable, found in ends.items() if len(found) == 2 and "==" not in found}
    shared: dict[Any, list[Any]] = {}
    for variable, pair in between.items():
        shared.setdefault(pair, []).append(variable)
    told = {(variable, sense, end) for variable, pair in between.items() for sense, end in zip((">=", "<="), pair, strict=True)}
    printed = [
        rf"{printer._print(low)} \le {', '.join(printer._print(variable) for variable in group)} \le {printer._print(high)}"
        for (low, high), group in shared.items()
    ]
    rest = [row for row in node.constraints if row not in told]
    return printed + [f"{printer._print(left)} {_SENSES[sense]} {printer._print(right)}" for left, sense, right in rest]


def _in_rows(objective: str, conditions: list[str]) -> str:
    """The objective and the conditions side by side; in rows below one another where they do not fit on a line."""
    rows: list[list[str]] = [[]]
    for condition in conditions:
        if rows[-1] and width(",\\; ".join([*rows[-1], condition])) > _ROW:
            rows.append([])
        rows[-1].append(condition)
    lines = [",\\; ".join(row) for row in rows]
    if len(lines) == 1 and width(objective + lines[0]) <= 1.5 * _ROW:
        return f"{objective} {lines[0]}"
    return "\\begin{array}{l} " + " \\\\ ".join([objective, ", \\\\ ".join(lines)]) + " \\end{array}"


def minimum(expr: Any, variables: Any, constraints: Iterable[Any]) -> Minimum:
    r"""The least value of a quadratic over a polyhedron, unevaluated.

    $$\min_{x \in P} f(x), \qquad P = \{x \in \mathbb{R}^n : A x \ge b\},\quad f(x) = x^T Q x + p^T x + r$$

    `variables` is a real symbol or several, `constraints` are `Le`, `Ge` or `Eq` whose two sides are affine in them; coefficients
    may hold other symbols, which are free. Rational data have a rational minimum: a concave f is least at a vertex (Rockafellar
    1970, corollary 32.3.4), any other at a stationary point on a face. P is bounded, or f strictly convex; that this is so,
    and P not empty, is looked at where the minimum is measured, because it may depend on the free symbols. Raises ValueError
    where the objective is no polynomial of degree at most 2 or a constraint is not affine, is strict, or is false.

    >>> from sympy import Ge, Le
    >>> x, y, a = sp.symbols("x y a", real=True)
    >>> node = minimum(x - x**2 + a * y, (x, y), [Ge(x, 0), Le(x, 1), Ge(y, 0), Le(x + y, 2)])
    >>> node
    minimum(a*y - x**2 + x, (x, y), [x >= 0, x <= 1, y >= 0, x + y <= 2])
    >>> node.free_symbols
    {a}
    """
    chosen = tuple(variables) if isinstance(variables, (list, tuple, set, sp.Tuple)) else (variables,)
    for variable in chosen:
        _check_variable(variable)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError("a minimum is over at least one variable, each named once")
    twins = {variable: bound(variable) for variable in chosen}
    expr = sp.sympify(expr)
    objective = expr.xreplace(twins) if isinstance(expr, sp.Expr) else None
    if objective is None or getattr(expr, "is_Matrix", False) or _degree(objective, twins.values()) > 2:
        raise ValueError(f"a minimum is of a polynomial of degree at most 2 in its variables, not of {expr}")
    rows = [row for row in (_row(constraint, twins) for constraint in constraints) if row is not None]
    return Minimum(objective, twins.values(), rows)


def _check_variable(variable: Any) -> None:
    """A plain real symbol: what its assumptions say of its sign would be lost, because SymPy evaluates `x >= 0` to True then."""
    if not isinstance(variable, sp.Symbol) or not variable.is_real:
        raise ValueError(f"a variable of a minimum is a real symbol, not {variable!r}: write Symbol('x', real=True)")
    if any(getattr(variable, f"is_{name}") is not None for name in _UNDECIDED):
        raise ValueError(f"the variable {variable} of a minimum is declared more than real: declare it real, and constrain it by Ge, Le")


def _degree(expr: Any, variables: Iterable[Any]) -> float:
    """The degree in the variables; infinite where it is no polynomial of them."""
    chosen = tuple(variables)
    if quantities(expr) or not expr.is_polynomial(*chosen):
        return float("inf")
    return float(sp.Poly(expr, *chosen).total_degree()) if expr != 0 else 0.0


def _row(constraint: Any, twins: dict[Any, Any]) -> sp.Tuple | None:
    """One constraint in the bound variables; None for one that holds anyway."""
    if isinstance(constraint, (bool, BooleanTrue, BooleanFalse)):
        if constraint:
            return None
        raise ValueError("a constraint of a minimum is false whatever the variables are: no point satisfies it")
    if not isinstance(constraint, Relational) or constraint.rel_op not in _SENSES:
        raise ValueError(f"a constraint of a minimum is Le, Ge or Eq, so that its set is closed, not {constraint}")
    left, right = (side.xreplace(twins) for side in constraint.args)
    if any(getattr(side, "is_Matrix", False) for side in (left, right)) or _degree(left - right, twins.values()) > 1:
        raise ValueError(f"a constraint of a minimum is affine in its variables, and {constraint} is not")
    return sp.Tuple(left, Str(constraint.rel_op), right)
