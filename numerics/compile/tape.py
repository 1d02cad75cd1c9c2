"""Tapes: a SymPy tree as a list of steps on arrays, each distinct subexpression once; backends play it.

`record(expr, inputs)` walks the tree once. A step is an operation of a backend, the slots it reads and a constant payload.
Closed subexpressions are folded to their double by balls. Batches: a scalar node is an array of shape (...,), a matrix node
of shape (..., rows, columns); symbolic sizes are read off the matrices at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.dispatch import ByClass
from lemmata.numerics.compile.errors import CannotEvaluate

RULES: ByClass[Callable[[Recorder, Any], int]] = ByClass()
rule = RULES.rule


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the backend's method, the slots it reads, what is constant, and the slots that are dead after it."""

    operation: str
    reads: tuple[int, ...]
    payload: Any = None
    frees: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tape:
    """A recorded expression: the first slots are the inputs, then one a step; `matrix` says of which kind the result is."""

    inputs: tuple[Any, ...]
    steps: tuple[Step, ...]
    result: int
    matrix: bool

    def play(self, backend: Any, values: Sequence[Any]) -> Any:
        """The value of the result slot for these inputs."""
        slots = list(values)
        for step in self.steps:
            slots.append(getattr(backend, step.operation)(step.payload, *(slots[i] for i in step.reads)))
            for dead in step.frees:
                slots[dead] = None
        return slots[self.result]


def record(expr: Any, inputs: Sequence[Any]) -> Tape:
    """The tape of an expression in these input nodes (symbols, matrix symbols, random symbols, quantities).

    Raises CannotEvaluate for a node that is neither an input nor anything a backend knows.
    """
    recorder = Recorder(tuple(inputs))
    result = recorder.slot(sp.sympify(expr))
    if recorder.kinds[result] == "truth":
        result = recorder.emit("from_truth", (result,))
    return Tape(recorder.inputs, _with_frees(recorder.steps, len(recorder.inputs), result), result, recorder.kinds[result] == "matrix")


def _with_frees(steps: list[Step], inputs: int, result: int) -> tuple[Step, ...]:
    """Each slot is dropped after its last use, so that a long tape over a large batch stays small."""
    last = {slot: index for index, step in enumerate(steps) for slot in step.reads}
    dead: dict[int, list[int]] = {}
    for slot, index in last.items():
        if slot != result:
            dead.setdefault(index, []).append(slot)
    return tuple(Step(step.operation, step.reads, step.payload, tuple(dead.get(index, ()))) for index, step in enumerate(steps))


class Recorder:
    """The walk that records a tape: nodes to slots, each node once."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        self.inputs = inputs
        self.steps: list[Step] = []
        self.kinds = ["matrix" if getattr(node, "is_Matrix", False) else "scalar" for node in inputs]
        self._slots: dict[Any, int] = {node: index for index, node in enumerate(inputs)}
        self._depends: dict[Any, bool] = {}
        self._sizes: dict[Any, tuple[int, int]] = {}
        for index, node in enumerate(inputs):
            if self.kinds[index] == "matrix":
                for axis, side in enumerate(node.shape):
                    self._sizes.setdefault(side, (index, axis - 2))

    def emit(self, operation: str, reads: tuple[int, ...], payload: Any = None, kind: str = "scalar") -> int:
        """A new step; its slot."""
        self.steps.append(Step(operation, reads, payload))
        self.kinds.append(kind)
        return len(self.kinds) - 1

    def slot(self, node: Any) -> int:
        """The slot that holds a node's value; raises CannotEvaluate."""
        found = self._slots.get(node)
        if found is None:
            found = self._slots[node] = self._record(node)
        return found

    def scalar(self, node: Any) -> int:
        """The slot of a node that must be a number; a condition becomes 0 or 1."""
        slot = self.slot(node)
        if self.kinds[slot] == "truth":
            return self.emit("from_truth", (slot,))
        if self.kinds[slot] == "matrix":
            raise CannotEvaluate(f"a matrix stands where a number is needed: {shorten(node)}")
        return slot

    def matrix(self, node: Any) -> int:
        """The slot of a node that must be a matrix."""
        slot = self.slot(node)
        if self.kinds[slot] != "matrix":
            raise CannotEvaluate(f"a number stands where a matrix is needed: {shorten(node)}")
        return slot

    def truth(self, node: Any) -> int:
        """The slot of a condition."""
        slot = self.slot(node)
        if self.kinds[slot] != "truth":
            raise CannotEvaluate(f"{shorten(node)} is not a condition")
        return slot

    def constant(self, value: float) -> int:
        """The slot of a number."""
        return self.emit("constant", (), value)

    def depends(self, node: Any) -> bool:
        """Whether an input, or a size read off an input, is inside a node."""
        found = self._depends.get(node)
        if found is None:
            inside = node in self._slots and self._slots[node] < len(self.inputs) or node in self._sizes and not node.is_number
            found = inside or any(self.depends(arg) for arg in node.args)
            self._depends[node] = found
        return found

    def inputs_of(self, node: Any) -> list[Any]:
        """The inputs inside a node, sizes included, in order."""
        found: dict[Any, None] = {}

        def visit(part: Any) -> None:
            if part in self._sizes or (part in self._slots and self._slots[part] < len(self.inputs)):
                if not getattr(part, "is_number", False):
                    found[part] = None
                return
            if self.depends(part):
                for arg in part.args:
                    visit(arg)

        visit(node)
        return list(found)

    def sub_tape(self, node: Any, bound: Sequence[Any] = ()) -> tuple[Tape, tuple[int, ...]]:
        """A node as a tape of its own, in the bound variables first and then in the inputs it depends on; the latter's slots."""
        outer = [part for part in self.inputs_of(node) if part not in bound]
        tape = record(node, [*bound, *outer])
        return tape, tuple(self.slot(part) for part in outer)

    def _record(self, node: Any) -> int:
        if node in self._sizes and not node.is_number:
            index, axis = self._sizes[node]
            return self.emit("size", (index,), axis)
        if not self.depends(node) and not isinstance(node, sp.logic.boolalg.Boolean):
            folded = self._fold(node)
            if folded is not None:
                return folded
        recording = RULES.nearest(type(node))
        if recording is not None:
            return recording(self, node)
        if isinstance(node, (sp.Symbol, sp.MatrixSymbol)):
            raise CannotEvaluate(f"{node} is not among the inputs: add it")
        raise CannotEvaluate(f"{type(node).__name__} is not among the functions that arrays can evaluate: {shorten(node)}")

    def _fold(self, node: Any) -> int | None:
        """The double nearest to a closed number or matrix, by balls; None where a size is still symbolic."""
        if getattr(node, "is_Matrix", False):
            if node.free_symbols and not hasattr(node, "exact"):
                return None
            matrix = enclose(node, {}, digits=17)
            return self.emit("constant_matrix", (), [[float(entry.mid()) for entry in row] for row in matrix.tolist()], "matrix")
        if isinstance(node, sp.Rational):
            return self.constant(int(node.p) / int(node.q))
        return self.constant(float(enclose(node, {}, digits=17).mid()))
