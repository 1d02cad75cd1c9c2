r"""Expressions in the field's notation: LaTeX for documents, plain text for terminals.

`latex(expr)` writes \(\sigma_w\), \(q^{*}\), \(\mathbb{E}[\cdot]\), \(W^\top\), \(\arccos c\) where SymPy would write its own
names. Nodes of ours define `_latex(self, printer)`. A statement is never rebuilt as a relational (SymPy would evaluate
it): `latex_statement(lhs, "<=", rhs)` prints its two sides. Hypotheses: `lemmata.theory.printing.hypotheses`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.mul import Mul
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.simplify import fraction

from lemmata.theory.printing.layout import break_lines, tidy
from lemmata.theory.printing.notation import FUNCTION_ALIASES, function_name, symbol_name
from lemmata.theory.printing.plain_text import text
from lemmata.theory.printing.products import is_unevaluated, merge_roots, rank, roots_below
from lemmata.theory.printing.width import width
from lemmata.theory.quantity import outermost, quantities

__all__ = ["FieldPrinter", "break_lines", "latex", "latex_statement", "text"]

RELATION_SIGNS = {"=": "=", "==": "=", "<=": "\\le", ">=": "\\ge", "<": "<", ">": ">", "!=": "\\ne", "->": "\\to"}

_LONG = 9.0
"""A sum wider than this many em stands beside its fraction rather than in the numerator: (1/2 pi)(... + ...)."""


def latex(expr: Any) -> str:
    r"""LaTeX of an expression in the field's notation.

    Holds for every SymPy object; a node without a printer of its own is set as an upright name with its arguments.

    >>> from sympy import Max, Symbol, acos, pi, sqrt
    >>> from sympy.stats import Expectation, Normal
    >>> q = Symbol("q_star", positive=True)
    >>> print(latex(Expectation(Max(0, sqrt(q) * Normal("s1", 0, 1)) ** 2)))
    \mathbb{E}[\max(0, \sqrt{q^{*}} s_1)^{2}]
    >>> print(latex(acos(Symbol("c")) / (2 * pi)))
    \frac{\arccos(c)}{2 \pi}
    """
    return FieldPrinter().doprint(expr)


def latex_statement(lhs: Any, relation: str, rhs: Any) -> str:
    r"""LaTeX of a statement from its two sides; `relation` is one of = <= < >= > ->; raises KeyError for another.

    >>> from sympy import Symbol
    >>> print(latex_statement(Symbol("L_star"), "<=", Symbol("L0")))
    L^{*} \le L_0
    """
    printer = FieldPrinter()
    return f"{printer.doprint(lhs)} {RELATION_SIGNS[relation]} {printer.doprint(rhs)}"


class FieldPrinter(LatexPrinter):
    """The printer behind `latex`; nodes of ours are handed it in `_latex(printer)` and call its `_print`."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__({"inv_trig_style": "full", "mat_delim": "(", **(settings or {})})

    def doprint(self, expr: Any) -> str:
        return tidy(super().doprint(expr)).strip()

    # names ----------------------------------------------------------------------------------------------------------

    def _deal_with_super_sub(self, string: str, style: str = "plain") -> str:
        return symbol_name(string)

    def _hprint_Function(self, func: str) -> str:
        return function_name(FUNCTION_ALIASES.get(func, func))

    def _print_Basic(self, expr: Any) -> str:
        name = function_name(type(expr).__name__)
        return f"{name}\\left({', '.join(self._print(arg) for arg in expr.args)}\\right)" if expr.args else name

    def _print_Str(self, expr: Any) -> str:
        return symbol_name(str(expr.name))

    def _print_str(self, expr: str) -> str:
        return symbol_name(expr)

    # sums, products, powers -------------------------------------------------------------------------------------------

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        terms = sorted(self._as_ordered_terms(expr, order=order), key=lambda term: not quantities(term))
        first = next((index for index, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        terms.insert(0, terms.pop(first))
        pieces: list[str] = []
        for index, term in enumerate(terms):
            negative = term.could_extract_minus_sign()
            if index:
                pieces.append("-" if negative else "+")
                term = -term if negative else term
            printed = self._print(term)
            pieces.append(f"\\left({printed}\\right)" if self._needs_add_brackets(term) else printed)
        return " ".join(pieces)

    def _print_Mul(self, expr: Any) -> str:
        if not isinstance(expr, Mul) or not expr.is_commutative or is_unevaluated(expr):
            return super()._print_Mul(expr)
        if expr.could_extract_minus_sign():
            opposite = -expr
            printed = self._print(opposite)
            return f"- \\left({printed}\\right)" if opposite.is_Add else f"- {printed}"
        numerator, denominator = fraction(roots_below(expr), exact=True)
        factors = self._ordered(numerator)
        if denominator is sp.S.One:
            return self._juxtaposed(factors)
        beside = [] if quantities(denominator) else [factor for factor in factors if self._stands_beside(factor)]
        above = [factor for factor in factors if factor not in beside]
        head = f"\\frac{{{self._juxtaposed(above, alone=True) or 1}}}{{{self._juxtaposed(self._ordered(denominator), alone=True)}}}"
        return f"{head} {self._juxtaposed(beside, first=False)}".strip()

    def _ordered(self, product: Any) -> list[Any]:
        """The factors in textbook order: numbers, symbols, functions, then what is random, then quantities."""
        factors = product.as_ordered_factors() if product.is_Mul else [] if product is sp.S.One else [product]
        return sorted(merge_roots(factors), key=rank)

    def _stands_beside(self, factor: Any) -> bool:
        if quantities(factor) or list(outermost(factor, lambda node: isinstance(node, (sp.Trace, sp.Determinant)))):
            return True
        if factor.func is sp.exp:
            return True
        printed = str(self._print(factor)) if factor.is_Add or factor.is_Function else ""
        return "\\frac" in printed or width(tidy(printed)) > _LONG

    def _juxtaposed(self, factors: list[Any], *, first: bool = True, alone: bool = False) -> str:
        if alone and len(factors) == 1:
            return str(self._print(factors[0]))
        out = ""
        for index, factor in enumerate(factors):
            printed = str(self._print(factor))
            if self._needs_mul_brackets(factor, first=first and index == 0, last=index == len(factors) - 1):
                printed = f"\\left({printed}\\right)"
            both_numbers = out[-1:].isdigit() and (printed[:1].isdigit() or printed.startswith("\\frac"))
            out += (" \\cdot " if both_numbers else " " if out else "") + printed
        return out

    def _print_Pow(self, expr: Any) -> str:
        if is_scalar_product(expr.base) and expr.exp.is_Integer and expr.exp > 0:
            return f"\\left({self._print(expr.base)}\\right)^{{{self._print(expr.exp)}}}"
        return str(super()._print_Pow(expr))

    def _print_exp(self, expr: Any, exp: Any = None) -> str:
        power = self._inline(expr.args[0])
        if exp is not None:
            return f"\\exp^{{{exp}}}\\left({power}\\right)"
        tall = any(command in tidy(power) for command in ("\\frac", "\\left", "\\sum", "\\int"))
        if tall or width(tidy(power)) > _LONG:
            return f"\\exp{{\\left({self._print(expr.args[0])}\\right)}}"
        return f"e^{{{power}}}"

    _print_ExpBase = _print_exp

    def _inline(self, expr: Any) -> str:
        """An exponent: its fraction on one line, as e^{-s^2/2}."""
        numerator, denominator = fraction(expr, exact=True)
        if denominator is sp.S.One or numerator.is_Add:
            return str(self._print(expr))
        below = self._print(denominator)
        return f"{self._print(numerator)} / {below if denominator.is_Atom or denominator.is_Pow else f'({below})'}"

    # functions --------------------------------------------------------------------------------------------------------

    def _print_Heaviside(self, expr: Any, exp: Any = None) -> str:
        return _raised(f"\\Theta\\left({self._print(expr.args[0])}\\right)", exp)

    def _print_Min(self, expr: Any, exp: Any = None) -> str:
        return self._hprint_variadic_function(expr, exp)

    def _print_sign(self, expr: Any, exp: Any = None) -> str:
        return _raised(f"\\operatorname{{sign}}\\left({self._print(expr.args[0])}\\right)", exp)

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        function, inner = expr.function, self._print(expr.expr)
        if not isinstance(function, sp.Lambda):
            return f"{self._hprint_Function(str(function))}\\left({inner}\\right)"
        inside = inner if isinstance(expr.expr, (sp.MatMul, sp.MatrixSymbol)) else f"\\left({inner}\\right)"
        entry = sp.Symbol(f"{{{inside}}}", real=True)
        return str(self._print(function.expr.xreplace({function.variables[0]: entry})))

    def _print_Limit(self, expr: Any) -> str:
        body, variable, point, direction = expr.args
        side = "" if str(direction) == "+-" or point.is_infinite else f"^{direction}"
        printed = f"\\left({self._print(body)}\\right)" if body.is_Add else self._print(body)
        return f"\\lim_{{{self._print(variable)} \\to {self._print(point)}{side}}} {printed}"

    def _print_Relational(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} {RELATION_SIGNS[expr.rel_op]} {self._print(expr.rhs)}"

    def _print_Piecewise(self, expr: Any) -> str:
        rows = [f"{self._print(value)} & \\text{{if }} {self._print(cond)}" for value, cond in expr.args if cond != sp.true]
        rows += [f"{self._print(value)} & \\text{{otherwise}}" for value, cond in expr.args if cond == sp.true]
        return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}"

    # probability ------------------------------------------------------------------------------------------------------

    def _print_Expectation(self, expr: Any) -> str:
        return self._bracketed("\\mathbb{E}", expr)

    def _print_Probability(self, expr: Any) -> str:
        return self._bracketed("\\mathbb{P}", expr)

    def _print_Variance(self, expr: Any) -> str:
        return self._bracketed("\\operatorname{Var}", expr)

    def _bracketed(self, name: str, expr: Any) -> str:
        condition = f" \\mid {self._print(expr.args[1])}" if len(expr.args) > 1 and expr.args[1] is not None else ""
        return _opened(name, self._print(expr.args[0]) + condition)

    def _print_Covariance(self, expr: Any) -> str:
        return _opened("\\operatorname{Cov}", ", ".join(self._print(arg) for arg in expr.args[:2]))

    _print_CrossCovarianceMatrix = _print_Covariance

    def _print_Moment(self, expr: Any) -> str:
        variable, power, *about = expr.args
        centred = variable - about[0] if about and isinstance(about[0], sp.Expr) else variable
        return _opened("\\mathbb{E}", f"{self.parenthesize(centred, PRECEDENCE['Pow'])}^{{{self._print(power)}}}")

    # matrices ---------------------------------------------------------------------------------------------------------

    def _print_MatrixBase(self, expr: Any) -> str:
        return self._print_matrix_contents(expr).replace("{matrix}", "{pmatrix}")

    def _print_Transpose(self, expr: Any) -> str:
        return self._superscript(expr.arg, "\\top")

    _print_Adjoint = _print_Transpose

    def _superscript(self, matrix: Any, sign: str) -> str:
        printed = self._print(matrix)
        plain = isinstance(matrix, sp.MatrixSymbol) or (isinstance(matrix, sp.MatrixBase) and not isinstance(matrix, sp.MatrixExpr))
        if plain and "^" not in printed:
            return f"{printed}^{sign}"
        return f"\\left({printed}\\right)^{sign}"

    def _print_Trace(self, expr: Any) -> str:
        if is_scalar_product(expr):
            return str(self._print(expr.arg))
        return f"\\operatorname{{tr}}\\left({self._print(expr.arg)}\\right)"

    def _print_Determinant(self, expr: Any) -> str:
        symbol = isinstance(expr.arg, sp.MatrixSymbol)
        return f"\\det {self._print(expr.arg)}" if symbol else f"\\det\\left({self._print(expr.arg)}\\right)"

    def _print_MatMul(self, expr: Any) -> str:
        coefficient, matrices = expr.as_coeff_matrices()
        product = " ".join(self.parenthesize(matrix, PRECEDENCE["Mul"], False) for matrix in matrices)
        if coefficient == 1:
            return product
        negative = coefficient.could_extract_minus_sign() and not coefficient.is_Add
        coefficient = -coefficient if negative else coefficient
        sign = "- " if negative else ""
        if coefficient == 1:
            return sign + product
        front = f"\\left({self._print(coefficient)}\\right)" if coefficient.is_Add else self._print(coefficient)
        return f"{sign}{front} {product}"

    def _print_MatAdd(self, expr: Any) -> str:
        terms = [str(self._print(term)) for term in expr.args]
        first = next((index for index, term in enumerate(terms) if not term.startswith("-")), 0)
        out, *rest = [terms.pop(first), *terms]
        for term in rest:
            out += f" - {term[1:].strip()}" if term.startswith("-") else f" + {term}"
        return out

    def _print_HadamardProduct(self, expr: Any) -> str:
        return " \\odot ".join(self.parenthesize(arg, PRECEDENCE["Pow"], strict=True) for arg in expr.args)

    def _print_Identity(self, expr: Any) -> str:
        size = expr.shape[0]
        return f"I_{{{self._print(size)}}}" if size.is_Atom else "I"

    def _print_OneMatrix(self, expr: Any) -> str:
        return "\\mathbf{1}^\\top" if expr.shape[0] == 1 and expr.shape[1] != 1 else "\\mathbf{1}"

    def _print_MatrixElement(self, expr: Any) -> str:
        parent = self.parenthesize(expr.parent, PRECEDENCE["Atom"], strict=True)
        indices = f"{self._print(expr.i)},{self._print(expr.j)}"
        if isinstance(expr.parent, sp.MatrixSymbol) and "_" not in parent and "^" not in parent:
            return f"{parent}_{{{indices}}}"
        bracketed = parent if parent.startswith("\\left(") else f"({parent})"
        return f"{bracketed}_{{{indices}}}"

    def _print_Indexed(self, expr: Any) -> str:
        base = self._print(expr.base)
        return f"{base if '_' not in base else '(' + base + ')'}_{{{','.join(self._print(index) for index in expr.indices)}}}"


def is_scalar_product(expr: Any) -> bool:
    r"""Whether this is the trace of a product that is a number already, such as \(a^\top \Sigma a\): shown without tr."""
    if not (isinstance(expr, sp.Trace) and isinstance(expr.arg, sp.MatMul) and expr.arg.shape == (1, 1)):
        return False
    return expr.arg.as_coeff_matrices()[0] == 1


def _opened(name: str, inside: str) -> str:
    """`name[inside]`, the bracket as tall as what it holds, without the space that `\\left` puts before it."""
    body = tidy(inside)
    fenced = tidy(f"\\left[{body}\\right]")
    return f"{name}\\!{fenced}" if fenced.startswith("\\left") else name + fenced


def _raised(printed: str, exponent: Any) -> str:
    return printed if exponent is None else f"{printed}^{{{exponent}}}"
