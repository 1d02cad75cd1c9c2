"""Tapes as plans: a list of NumPy's elementwise operations on a few buffers, played block by block over large arrays.

What costs time on large arrays is not arithmetic but memory: a fresh array for every intermediate result. A plan gives each result
a buffer that fits a core's cache and is used again as soon as its result is dead; the last operation writes where the answer belongs.
Every operation and its order are those of the tape, so that a plan gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from lemmata.numerics.compile.tape import Step, Tape

BLOCK = 1 << 15
"""Elements of a block: large enough that a call costs nothing beside them, small enough that a few buffers stay in the cache."""

LONGEST = 400
"""Operations after which a plan is given up: a tape that long is played as it is."""

Value = int | float
"""A value of a plan: a number, or the index of an input (from 0) or of an operation's result (after the inputs)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One elementwise operation: a universal function, the cells it reads, and the cell it writes."""

    function: np.ufunc
    reads: tuple[int, ...]
    writes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Operations on cells: first the inputs, then the numbers, then the buffers; the last operation writes the answer."""

    operations: tuple[Operation, ...]
    inputs: int
    numbers: tuple[float, ...]
    buffers: int

    def play(self, values: Sequence[np.ndarray], size: int) -> np.ndarray:
        """The answer for flat arrays of `size` elements, or of none where an input is the same for all."""
        kind = values[0].dtype
        found = np.empty(size, kind)
        buffers = [np.empty(min(BLOCK, size), kind) for _ in range(self.buffers)]
        for start in range(0, size, BLOCK):
            out = found[start : start + BLOCK]
            own = buffers if out.size == buffers[0].size else [buffer[: out.size] for buffer in buffers]
            cells = [*(v[start : start + BLOCK] if v.ndim else v for v in values), *self.numbers, *own, out]
            for operation in self.operations:
                operation.function(*[cells[i] for i in operation.reads], out=cells[operation.writes])
        return found


def plan(tape: Tape, functions: Mapping[str, Any]) -> Plan | None:
    """The plan of a tape over real numbers; None where a step is no elementwise operation (a matrix, a branch that needs a guard)."""
    writer = _Writer(len(tape.inputs), functions)
    slots: list[Value] = list(range(len(tape.inputs)))
    for step in tape.steps:
        value = writer.step(step, [slots[i] for i in step.reads])
        if value is None or len(writer.made) > LONGEST:
            return None
        slots.append(value)
    result = slots[tape.result]
    if isinstance(result, float) or result < len(tape.inputs):
        return None
    return writer.allocate(result)


class _Writer:
    """Steps written as operations on values, each distinct operation once; then values are given buffers."""

    def __init__(self, inputs: int, functions: Mapping[str, Any]) -> None:
        self.inputs = inputs
        self.functions = functions
        self.made: list[tuple[np.ufunc, tuple[Value, ...]]] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def step(self, step: Step, reads: list[Value]) -> Value | None:
        """The value of a step, or None where it is not elementwise."""
        match step.operation:
            case "constant":
                return float(step.payload)
            case "add":
                return self._sum(reads, step.payload)
            case "quotient":
                return self._quotient(reads[: step.payload], reads[step.payload :])
            case "integer_power":
                return self._power(reads[0], step.payload)
            case "power":
                return self._apply(np.power, *reads)
            case "real":
                return reads[0]
            case "maximum" | "minimum":
                return self._apply(getattr(np, step.operation), *reads)
            case "logistic":
                return self._apply(scipy.special.expit, *reads)
            case "softplus":
                return self._apply(np.logaddexp, *reads, 0.0)
            case "heaviside":
                return self._apply(np.greater, reads[0], 0.0) if reads[1] == 0.0 and isinstance(reads[1], float) else None
            case "function":
                function = REAL.get(step.payload, self.functions.get(step.payload))
                return self._apply(function, *reads) if isinstance(function, np.ufunc) else None
            case _:
                return None

    def _apply(self, function: np.ufunc, *reads: Value) -> Value:
        if all(isinstance(read, float) for read in reads):
            with np.errstate(all="ignore"):
                return float(function(*reads))
        key = (function, *((type(read), read) for read in reads))
        if key not in self._known:
            self._known[key] = self.inputs + len(self.made)
            self.made.append((function, reads))
        return self._known[key]

    def _sum(self, terms: list[Value], plus: int) -> Value:
        total = terms[0] if plus else self._apply(np.negative, terms[0])
        for index, term in enumerate(terms[1:], start=1):
            total = self._apply(np.add if index < plus else np.subtract, total, term)
        return total

    def _quotient(self, above: list[Value], below: list[Value]) -> Value:
        top = self._product(above)
        if not below:
            return 1.0 if top is None else top
        bottom = self._product(below)
        assert bottom is not None
        return self._apply(np.divide, 1.0 if top is None else top, bottom)

    def _product(self, factors: list[Value]) -> Value | None:
        total: Value | None = None
        for factor in factors:
            if total is None:
                total = factor
            elif isinstance(total, float) and total == -1.0:
                total = self._apply(np.negative, factor)
            else:
                total = self._apply(np.multiply, total, factor)
        return total

    def _power(self, base: Value, n: int) -> Value:
        result: Value | None = None
        while n:
            if n & 1:
                result = base if result is None else self._apply(np.multiply, result, base)
            n >>= 1
            if n:
                base = self._apply(np.multiply, base, base)
        return 1.0 if result is None else result

    def allocate(self, result: int) -> Plan:
        """Buffers by linear scan: a result takes the buffer of an operand that dies with it, or a free one, or a new one."""
        needed = self._needed(result)
        last = {value: index for index, (_, reads) in enumerate(self.made) if index in needed for value in reads if isinstance(value, int)}
        numbers = {v: i for i, v in enumerate(dict.fromkeys(v for i in sorted(needed) for v in self.made[i][1] if isinstance(v, float)))}
        first = self.inputs + len(numbers)
        place: dict[int, int] = {i: i for i in range(self.inputs)}
        free: list[int] = []
        count = 0
        operations: list[tuple[np.ufunc, tuple[int, ...], int]] = []
        for index in sorted(needed):
            function, reads = self.made[index]
            cells = tuple(place[v] if isinstance(v, int) else self.inputs + numbers[v] for v in reads)
            free += dict.fromkeys(place[v] for v in reads if isinstance(v, int) and last[v] == index and v >= self.inputs)
            if self.inputs + index == result:
                operations.append((function, cells, -1))
                break
            if not free:
                free.append(first + count)
                count += 1
            place[self.inputs + index] = free.pop()
            operations.append((function, cells, place[self.inputs + index]))
        out = first + count
        written = tuple(Operation(function, cells, out if where < 0 else where) for function, cells, where in operations)
        return Plan(written, self.inputs, tuple(numbers), max(count, 0))

    def _needed(self, result: int) -> set[int]:
        """The operations that the result stands on."""
        needed: set[int] = set()
        todo = [result]
        while todo:
            index = todo.pop() - self.inputs
            if index >= 0 and index not in needed:
                needed.add(index)
                todo += [value for value in self.made[index][1] if isinstance(value, int)]
        return needed


REAL: dict[str, np.ufunc] = {
    "Abs": np.absolute,
    "sign": np.sign,
    "floor": np.floor,
    "ceiling": np.ceil,
    "loggamma": scipy.special.gammaln,
    "digamma": scipy.special.psi,
}
"""Functions that are elementwise operations for real arguments, where complex ones need more."""
