"""Exact values and numbers as SymPy and Python print them, read back and set as LaTeX, without SymPy."""

from __future__ import annotations

import ast
import re

from lemmata.theory.printing.notation import symbol_name

_SCIENTIFIC = re.compile(r"(?P<sign>[-+]?)(?P<digits>\d+(?:\.\d+)?)[eE](?P<power>[-+]?\d+)")


def number(text: str) -> str:
    r"""A decimal number in LaTeX, its exponent as a power of ten.

    >>> number("2.5e-13"), number("1e-3"), number("0.25")
    ('2.5 \\cdot 10^{-13}', '10^{-3}', '0.25')
    """
    match = _SCIENTIFIC.fullmatch(text.strip())
    if not match:
        return text.strip()
    power = int(match["power"])
    sign = "-" if match["sign"] == "-" else ""
    digits = match["digits"]
    return f"{sign}10^{{{power}}}" if digits in ("1", "1.0") else f"{sign}{digits} \\cdot 10^{{{power}}}"


def exact(text: str) -> str | None:
    r"""An exact value as SymPy prints it, as LaTeX; None where the text is no such value.

    >>> print(exact("-3*sqrt(2)/4"), exact("Matrix([[1, 1/2], [0, 1]])"))
    -\frac{3 \sqrt{2}}{4} \begin{pmatrix} 1 & 1/2 \\ 0 & 1 \end{pmatrix}
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        return _formula(tree)
    except (SyntaxError, ValueError, RecursionError):
        return None


_CALLS = {"sqrt": "\\sqrt{{{0}}}", "exp": "e^{{{0}}}", "Abs": "|{0}|", "acos": "\\arccos({0})", "asin": "\\arcsin({0})"}
_PLAIN_CALLS = frozenset(
    ["arccos", "arcsin", "arctan", "cos", "sin", "tan", "log", "tanh", "cosh", "sinh", "erf", "max", "min", "Max", "Min"]
)


def _formula(node: ast.expr, *, inline: bool = False) -> str:
    match node:
        case ast.Constant(value=int() | float() as constant):
            return number(str(constant))
        case ast.Name(id="pi"):
            return "\\pi"
        case ast.Name(id="oo"):
            return "\\infty"
        case ast.Name(id="E"):
            return "e"
        case ast.Name(id=name):
            return symbol_name(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_formula(operand, inline=inline)}"
        case ast.BinOp(left=left, op=ast.Div(), right=right) if inline:
            return f"{_operand(left, ast.Mult)}/{_operand(right, ast.Pow)}"
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=left), op=ast.Div() | ast.Mult() as op, right=right):
            return "-" + _formula(ast.BinOp(left, op, right))
        case ast.BinOp(
            left=ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=first), op=ast.Mult(), right=second), op=ast.Div(), right=right
        ):
            return "-" + _formula(ast.BinOp(ast.BinOp(first, ast.Mult(), second), ast.Div(), right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return f"\\frac{{{_formula(left)}}}{{{_formula(right)}}}"
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            dot = " \\cdot " if isinstance(right, ast.Constant) else " "
            return f"{_operand(left, ast.Mult)}{dot}{_operand(right, ast.Mult)}"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{_operand(left, ast.Pow)}^{{{_formula(right, inline=True)}}}"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{_formula(left)} + {_formula(right)}"
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return f"{_formula(left)} - {_operand(right, ast.Mult)}"
        case ast.Call(func=ast.Name(id=name), args=[ast.List(elts=rows), *_]) if name.endswith("Matrix"):
            return _matrix(rows)
        case ast.List(elts=[ast.List(), *_] as rows):
            return _matrix(rows)
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _CALLS:
            return _CALLS[name].format(_formula(argument, inline=name == "exp"))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _PLAIN_CALLS:
            upright = f"\\{name.lower()}" if name != "erf" else "\\operatorname{erf}"
            return f"{upright}({', '.join(_formula(argument) for argument in arguments)})"
    raise ValueError("no exact value")


def _operand(node: ast.expr, inside: type[ast.operator]) -> str:
    printed = _formula(node)
    loose = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
    power = inside is ast.Pow and isinstance(node, ast.BinOp | ast.UnaryOp)
    return f"({printed})" if loose or power else printed


def _matrix(rows: list[ast.expr]) -> str:
    lists = [row.elts if isinstance(row, ast.List) else [row] for row in rows]
    if len(lists) > 6 or max((len(row) for row in lists), default=0) > 6:
        raise ValueError("too large to show")
    printed = (" & ".join(_formula(cell, inline=True) for cell in row) for row in lists)
    return "\\begin{pmatrix} " + " \\\\ ".join(printed) + " \\end{pmatrix}"
