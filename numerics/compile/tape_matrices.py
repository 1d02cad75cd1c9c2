"""How matrix expressions are recorded on a tape."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.blockmatrix import BlockMatrix
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.matrices.expressions.special import Identity, OneMatrix, ZeroMatrix
from sympy.matrices.matrixbase import MatrixBase

from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape import Recorder, rule


@rule(MatrixBase)
def _explicit(tape: Recorder, node: Any) -> int:
    return tape.emit("stack", tuple(tape.scalar(entry) for entry in node), (node.rows, node.cols), "matrix")


@rule(sp.MatAdd)
def _add(tape: Recorder, node: Any) -> int:
    return tape.emit("add", tuple(tape.matrix(arg) for arg in node.args), len(node.args), "matrix")


@rule(sp.MatMul)
def _mul(tape: Recorder, node: Any) -> int:
    """The numbers first, as one factor; the matrices in order."""
    slots = [tape.slot(arg) for arg in node.args]
    numbers = tuple(slot for slot in slots if tape.kinds[slot] != "matrix")
    matrices = [slot for slot in slots if tape.kinds[slot] == "matrix"]
    found = matrices[0]
    for slot in matrices[1:]:
        found = tape.emit("matmul", (found, slot), None, "matrix")
    if numbers:
        found = tape.emit("scale", (found, tape.emit("quotient", numbers, len(numbers))), None, "matrix")
    return found


@rule(sp.MatPow)
def _pow(tape: Recorder, node: Any) -> int:
    if not node.exp.is_Integer:
        raise CannotEvaluate(f"a power of a matrix that is not a given integer: {shorten(node)}")
    return tape.emit("matrix_power", (tape.matrix(node.base),), int(node.exp), "matrix")


@rule(sp.Inverse)
def _inverse(tape: Recorder, node: Any) -> int:
    return tape.emit("inverse", (tape.matrix(node.arg),), None, "matrix")


@rule(sp.Transpose, sp.Adjoint)
def _transpose(tape: Recorder, node: Any) -> int:
    return tape.emit("transpose", (tape.matrix(node.arg),), None, "matrix")


@rule(sp.Trace)
def _trace(tape: Recorder, node: Any) -> int:
    return tape.emit("trace", (tape.matrix(node.arg),))


@rule(sp.Determinant)
def _determinant(tape: Recorder, node: Any) -> int:
    return tape.emit("determinant", (tape.matrix(node.arg),))


@rule(HadamardProduct)
def _hadamard(tape: Recorder, node: Any) -> int:
    return tape.emit("quotient", tuple(tape.matrix(arg) for arg in node.args), len(node.args), "matrix")


@rule(HadamardPower)
def _hadamard_power(tape: Recorder, node: Any) -> int:
    base, exponent = tape.matrix(node.base), tape.slot(node.exp)
    if node.exp.is_Integer and 0 <= node.exp <= 64:
        return tape.emit("integer_power", (base,), int(node.exp), "matrix")
    if tape.kinds[exponent] != "matrix":
        exponent = tape.emit("lift", (exponent,), None, "matrix")
    return tape.emit("power", (base, exponent), None, "matrix")


@rule(ElementwiseApplyFunction)
def _apply(tape: Recorder, node: Any) -> int:
    """The function's body is a tape in its variable, played with the matrix's entries as one more pair of batch axes."""
    body, reads = tape.sub_tape(node.function.expr, node.function.variables)
    kinds = tuple(tape.kinds[slot] == "matrix" for slot in reads)
    return tape.emit("apply", (tape.matrix(node.expr), *reads), (body, kinds), "matrix")


@rule(MatrixElement)
def _element(tape: Recorder, node: Any) -> int:
    return tape.emit("element", (tape.matrix(node.parent), tape.scalar(node.i), tape.scalar(node.j)))


@rule(MatrixSlice)
def _slice(tape: Recorder, node: Any) -> int:
    ends = (*node.rowslice, *node.colslice)
    return tape.emit("slice", (tape.matrix(node.parent), *(tape.scalar(end) for end in ends)), None, "matrix")


@rule(Identity, ZeroMatrix, OneMatrix)
def _constant(tape: Recorder, node: Any) -> int:
    name = {Identity: "identity", ZeroMatrix: "zeros", OneMatrix: "ones"}[type(node)]
    return tape.emit("special", tuple(tape.scalar(side) for side in node.shape), name, "matrix")


@rule(BlockMatrix)
def _blocks(tape: Recorder, node: Any) -> int:
    rows, columns = node.blocks.shape
    slots = tuple(tape.matrix(node.blocks[r, c]) for r in range(rows) for c in range(columns))
    return tape.emit("blocks", slots, (rows, columns), "matrix")


@rule(DiagMatrix)
def _diagonal(tape: Recorder, node: Any) -> int:
    return tape.emit("diagonal", (tape.matrix(node.args[0]),), None, "matrix")


@rule(DotProduct)
def _dot(tape: Recorder, node: Any) -> int:
    first, second = (tape.matrix(arg) for arg in node.args)
    if node.args[0].shape[0] != 1:
        first = tape.emit("transpose", (first,), None, "matrix")
    if node.args[1].shape[0] == 1:
        second = tape.emit("transpose", (second,), None, "matrix")
    return tape.emit("trace", (tape.emit("matmul", (first, second), None, "matrix"),))
