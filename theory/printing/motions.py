r"""What a statement about iterates supposes: the iteration, the loss and the start, in LaTeX.

A statement shows \(w^{(n)}\) alone; a theorem says which iteration that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sympy as sp

from lemmata.theory.data import DataMatrix
from lemmata.theory.iterates import Along, Method, Trajectory
from lemmata.theory.printing import latex
from lemmata.theory.printing.notation import symbol_name


def latex_motions(*parts: Any) -> tuple[str, ...]:
    r"""The definitions of every descent and flow in some expressions, one formula each; none where there is neither.

    >>> from sympy import symbols
    >>> from lemmata.theory.trajectory import descent
    >>> w, u, M, alpha, n = symbols("w u M alpha n", positive=True)
    >>> for line in latex_motions(descent(M * w**2 / 2, {w: u}, alpha)[n, w]):
    ...     print(line)
    w^{(k+1)} = w^{(k)} - \alpha \nabla L(w^{(k)})
    w^{(0)} = u
    L(w) = \frac{M w^{2}}{2}
    """
    nodes = [node for part in parts if isinstance(part, sp.Basic) for node in sp.preorder_traversal(part) if isinstance(node, Along)]
    distinct = {_motion(node): node for node in nodes}
    taken = {str(symbol) for part in parts if isinstance(part, sp.Basic) for symbol in part.free_symbols}
    letter = "L" if "L" not in taken else "F"
    names = [letter] if len(distinct) == 1 else [f"{letter}_{{{index}}}" for index in range(1, len(distinct) + 1)]
    lines = [line for node, loss in zip(distinct.values(), names, strict=True) for line in _definition(node, loss, taken)]
    return tuple(dict.fromkeys(lines))


_MARKS = ("", "_tilde", "_hat", "_bar")


def told_apart(*parts: Any) -> tuple[Any, ...]:
    r"""The expressions with an accent on the variables of the second, third and fourth motion that they hold, to print them.

    >>> from sympy import symbols
    >>> from lemmata.theory.trajectory import flow
    >>> t, w, u, v = symbols("t w u v", real=True)
    >>> left, right = told_apart(flow(w**2, {w: u})[t, w], flow(w**2, {w: v})[t, w])
    >>> print(latex(left), latex(right))
    w(t) \tilde{w}(t)
    """
    nodes = [node for part in parts if isinstance(part, sp.Basic) for node in sp.preorder_traversal(part) if isinstance(node, Along)]
    distinct = list(dict.fromkeys(_motion(node) for node in nodes))
    if not 1 < len(distinct) <= len(_MARKS):
        return parts
    marked = {node: _marked(node, _MARKS[distinct.index(_motion(node))]) for node in nodes}
    return tuple(part.xreplace(marked) if isinstance(part, sp.Basic) else part for part in parts)


def _marked(node: Along, mark: str) -> Any:
    """The same motion of variables with a mark on their names; what it starts from may hold symbols of these names and is left alone."""
    if not mark:
        return node
    names = {variable: symbol_name(f"{variable.name}{mark}") for variable in node.variables}
    named = {
        variable: sp.MatrixSymbol(name, *variable.shape)
        if isinstance(variable, sp.MatrixSymbol)
        else sp.Symbol(name, **variable.assumptions0)
        for variable, name in names.items()
    }
    inside = {node.loss, node.args[1], node.expr}
    return node.func(*(arg.xreplace(named) if arg in inside else arg for arg in node.args))


def latex_data(*parts: Any) -> tuple[str, ...]:
    """The data matrices in some expressions: their size and what they hold."""
    found: dict[str, None] = {}
    for part in parts:
        for matrix in part.atoms(sp.MatrixSymbol) if isinstance(part, sp.Basic) else ():
            if isinstance(matrix, DataMatrix):
                words = str(matrix.loader).rpartition(":")[2].replace("_", " ")
                found[f"{latex(matrix)} \\in \\mathbb{{R}}^{{{matrix.rows} \\times {matrix.cols}}} \\text{{ the data ({words})}}"] = None
    return tuple(sorted(found))


def _motion(node: Along) -> tuple[Any, ...]:
    """What two nodes share when they look at one motion."""
    own = (node.loss, node.variables, node.starts)
    return (*own, node.step, node.momentum, node.method) if isinstance(node, Trajectory) else own


def _definition(node: Along, loss: str, taken: set[str]) -> Iterator[str]:
    whole = _together(node, taken)
    if isinstance(node, Trajectory):
        yield from _iteration(node, whole, loss, "v" if "v" not in {*taken, whole} else "p")
        starts = f"{whole}^{{(0)}}"
    else:
        yield f"\\dot{{{whole}}}(t) = -\\nabla {loss}({whole}(t))"
        starts = f"{whole}(0)"
    yield f"{starts} = {_tuple(node.starts)}"
    argument = whole if len(node.variables) == 1 else _tuple(node.variables).strip("()")
    yield f"{loss}({argument}) = {latex(node.loss)}"


def _iteration(node: Trajectory, w: str, loss: str, v: str) -> Iterator[str]:
    step, momentum = _factor(node.step), _factor(node.momentum)
    here, there = f"{w}^{{(k)}}", f"{w}^{{(k+1)}}"
    match node.method:
        case Method.GRADIENT:
            yield f"{there} = {here} - {step} \\nabla {loss}({here})"
        case Method.HEAVY_BALL | Method.HEAVY_BALL_PRINTED | Method.NESTEROV:
            used = "(k)" if node.method is Method.HEAVY_BALL_PRINTED else "(k+1)"
            point = f"{here} - {momentum} {v}^{{(k)}}" if node.method is Method.NESTEROV else here
            yield f"{there} = {here} - {v}^{{{used}}}"
            yield f"{v}^{{(k+1)}} = {momentum} {v}^{{(k)}} + {step} \\nabla {loss}({point})"
            yield f"{v}^{{(0)}} = 0"


def _factor(expr: Any) -> str:
    printed = latex(expr)
    return f"\\left({printed}\\right)" if expr.is_Add else printed


def _together(node: Along, taken: set[str]) -> str:
    """One letter for all the variables: their own where there is one, what their names share where there are several."""
    if len(node.variables) == 1:
        return symbol_name(node.variables[0].name)
    stems = {re.sub(r"_?\d+$", "", variable.name) for variable in node.variables}
    return symbol_name(stems.pop()) if len(stems) == 1 and not stems & taken else "z"


def _tuple(parts: Any) -> str:
    printed = [latex(part) for part in parts]
    return printed[0] if len(printed) == 1 else f"({', '.join(printed)})"
