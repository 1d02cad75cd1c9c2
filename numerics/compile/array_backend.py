"""The operations of a tape on arrays, shared by NumPy and Torch: what differs is a namespace, a table of functions, a few hooks."""

from __future__ import annotations

import abc
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape import Tape

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip

BLOCK = 1 << 15
"""Elements of a block: its intermediate results stay in a core's cache, and the calls cost little beside it."""

LARGE = 1 << 17
"""Batches from this size on are played block by block; smaller ones at once."""


def in_blocks(tape: Tape, values: Sequence[Any], empty: Callable[[Any, int], Any], play: Callable[[list[Any]], Any]) -> Any:
    """A large batch of scalars played block by block: no intermediate result is ever written to main memory.

    None where that is not possible: matrices, or inputs that would have to be copied to be spread over the batch.
    """
    if tape.matrix or any(getattr(node, "is_Matrix", False) for node in tape.inputs):
        return None
    shape = large_batch(values)
    if shape is None:
        return None
    flat = [value.reshape(-1) if tuple(value.shape) == shape else value.reshape(()) for value in values]
    whole: Any = None
    for start in range(0, math.prod(shape), BLOCK):
        part = play([value[start : start + BLOCK] if value.shape else value for value in flat])
        if whole is None:
            whole = empty(part, math.prod(shape))
        whole[start : start + BLOCK] = part
    return whole.reshape(shape)


def large_batch(values: Sequence[Any]) -> tuple[int, ...] | None:
    """The one shape of all inputs that are not single numbers, where it is large; else None."""
    shapes = {tuple(value.shape) for value in values if math.prod(value.shape) > 1}
    if len(shapes) != 1 or math.prod(shape := shapes.pop()) < LARGE:
        return None
    return shape


class ArrayBackend(abc.ABC):
    """Plays tapes with arrays of one library; an instance carries the type and place of one call's arrays.

    A value is an array or, for a constant, a Python float (which takes the other operand's type).
    """

    xp: ClassVar[Any]
    functions: ClassVar[Mapping[str, Callable[..., Any]]]

    @abc.abstractmethod
    def array(self, value: Any) -> Any:
        """A float or nested lists as an array of this call's real type; an array as it is."""

    @abc.abstractmethod
    def is_complex(self, value: Any) -> bool:
        """Whether an array holds complex numbers (a complex-step derivative)."""

    @abc.abstractmethod
    def from_truth(self, payload: None, condition: Any) -> Any:
        """A condition as 0 and 1."""

    @abc.abstractmethod
    def detach(self, value: Any) -> Any:
        """The array without its gradient."""

    @abc.abstractmethod
    def expand(self, value: Any, shape: tuple[int, ...]) -> Any:
        """The array broadcast to a shape."""

    @abc.abstractmethod
    def extreme(self, left: Any, right: Any, largest: bool) -> Any:
        """The larger or smaller of two real arrays, half the gradient to each at a tie."""

    # scalars -----------------------------------------------------------------------------------------------------------

    def constant(self, value: float) -> float:
        return value

    def truth(self, value: bool) -> Any:
        return self.array(float(value)) > 0

    def size(self, axis: int, matrix: Any) -> float:
        return float(matrix.shape[axis])

    def add(self, plus: int, *terms: Any) -> Any:
        total = terms[0] if plus else -terms[0]
        for index, term in enumerate(terms[1:], start=1):
            total = total + term if index < plus else total - term
        return total

    def quotient(self, above: int, *factors: Any) -> Any:
        top = self._product(factors[:above])
        if above == len(factors):
            return top
        below = self._product(factors[above:])
        return (1.0 if top is None else top) / below

    def _product(self, factors: tuple[Any, ...]) -> Any:
        total = None
        for factor in factors:
            total = factor if total is None else (-factor if isinstance(total, float) and total == -1.0 else total * factor)
        return total

    def integer_power(self, n: int, base: Any) -> Any:
        """Repeated squaring: as accurate as products are, and analytic for a complex step."""
        result = None
        while n:
            if n & 1:
                result = base if result is None else result * base
            n >>= 1
            if n:
                base = base * base
        return 1.0 if result is None else result

    def power(self, payload: None, base: Any, exponent: Any) -> Any:
        return self.array(base) ** exponent

    def function(self, name: str, *arguments: Any) -> Any:
        try:
            function = self.functions[name]
        except KeyError:
            raise CannotEvaluate(f"{name} is not among the functions of this array library") from None
        return function(*(self.array(argument) for argument in arguments))

    def real(self, value: Any) -> Any:
        return value.real if not isinstance(value, float) and self.is_complex(value) else value

    def maximum(self, payload: None, left: Any, right: Any) -> Any:
        return self._pick(left, right, True)

    def minimum(self, payload: None, left: Any, right: Any) -> Any:
        return self._pick(left, right, False)

    def _pick(self, left: Any, right: Any, largest: bool) -> Any:
        left, right = self.array(left), self.array(right)
        if self.is_complex(left) or self.is_complex(right):
            first = self.real(left) >= self.real(right) if largest else self.real(left) <= self.real(right)
            return self.xp.where(first, left, right)
        return self.extreme(left, right, largest)

    def heaviside(self, payload: None, x: Any, at_zero: Any) -> Any:
        x = self.real(self.array(x))
        step = self.from_truth(None, x > 0)
        if isinstance(at_zero, float) and at_zero == 0.0:
            return step
        return self.xp.where(x == 0, self.array(at_zero), step)

    def logistic(self, payload: None, u: Any) -> Any:
        """1 / (1 + exp(-u))."""
        u = self.array(u)
        if not self.is_complex(u):
            return self.functions["logistic"](u)
        positive = u.real > 0
        small = self.xp.exp(self.xp.where(positive, -u, u))
        return self.xp.where(positive, 1.0 / (1.0 + small), small / (1.0 + small))

    def softplus(self, payload: None, u: Any) -> Any:
        """log(1 + exp(u))."""
        u = self.array(u)
        if not self.is_complex(u):
            return self.functions["softplus"](u)
        positive = u.real > 0
        return self.xp.where(positive, u, 0.0 * u) + self.xp.log1p(self.xp.exp(self.xp.where(positive, -u, u)))

    # conditions --------------------------------------------------------------------------------------------------------

    def compare(self, name: str, left: Any, right: Any) -> Any:
        return COMPARE[name](self.real(self.array(left)), self.real(right))

    def connective(self, name: str, *conditions: Any) -> Any:
        if name == "Not":
            return ~conditions[0]
        total = conditions[0]
        for condition in conditions[1:]:
            total = total & condition if name == "And" else total | condition
        return total

    def select(self, payload: None, condition: Any, first: Any, second: Any) -> Any:
        return self.xp.where(condition, self.array(first), self.array(second))

    def guarded(self, payload: tuple[Tape, int], otherwise: Any, holds: Any, *rest: Any) -> Any:
        """A branch of a piecewise function where it is taken, `otherwise` elsewhere.

        The branch is played with its inputs outside its region replaced by one point inside, so that neither values nor
        gradients of the part that is not taken can be infinite.
        """
        branch, earlier = payload
        taken = holds
        for condition in rest[:earlier]:
            taken = taken & ~condition
        values = rest[earlier:]
        matrix = [bool(getattr(node, "is_Matrix", False)) for node in branch.inputs]
        batches = [self._batch(value, is_matrix) for value, is_matrix in zip(values, matrix, strict=True)]
        shape = self._common(tuple(taken.shape), *batches)
        taken = self.expand(taken, shape)
        if not bool(taken.any()):
            return otherwise
        first = int(taken.reshape(-1).argmax() if self.xp.__name__ == "numpy" else taken.reshape(-1).int().argmax())
        inside = [self._replace(value, is_matrix, taken, shape, first) for value, is_matrix in zip(values, matrix, strict=True)]
        return self.xp.where(taken, self.array(branch.play(self, inside)), self.array(otherwise))

    def _batch(self, value: Any, matrix: bool) -> tuple[int, ...]:
        if isinstance(value, float):
            return ()
        return tuple(value.shape[:-2]) if matrix else tuple(value.shape)

    def _replace(self, value: Any, matrix: bool, taken: Any, shape: tuple[int, ...], first: int) -> Any:
        if isinstance(value, float):
            return value
        tail = tuple(value.shape[-2:]) if matrix else ()
        whole = self.expand(value, shape + tail)
        safe = self.detach(whole).reshape((-1, *tail))[first]
        return self.xp.where(taken[..., None, None] if matrix else taken, whole, safe)

    # matrices ----------------------------------------------------------------------------------------------------------

    def constant_matrix(self, rows: list[list[float]]) -> Any:
        return self.array(rows)

    def lift(self, payload: None, value: Any) -> Any:
        """A number per batch element beside matrices."""
        return value if isinstance(value, float) else value[..., None, None]

    def scale(self, payload: None, matrix: Any, factor: Any) -> Any:
        return matrix * self.lift(None, factor)

    def stack(self, shape: tuple[int, int], *entries: Any) -> Any:
        arrays = [self.array(entry) for entry in entries]
        batch = self._common(*(tuple(array.shape) for array in arrays))
        return self.xp.stack([self.expand(array, batch) for array in arrays], -1).reshape(batch + shape)

    def matmul(self, payload: None, left: Any, right: Any) -> Any:
        return left @ right

    def matrix_power(self, n: int, base: Any) -> Any:
        return self.xp.linalg.matrix_power(base, n)

    def inverse(self, payload: None, matrix: Any) -> Any:
        return self.xp.linalg.inv(matrix)

    def transpose(self, payload: None, matrix: Any) -> Any:
        return self.xp.swapaxes(matrix, -1, -2)

    def trace(self, payload: None, matrix: Any) -> Any:
        return self.xp.diagonal(matrix, 0, -2, -1).sum(-1)

    def determinant(self, payload: None, matrix: Any) -> Any:
        return self.xp.linalg.det(matrix)

    def element(self, payload: None, matrix: Any, i: Any, j: Any) -> Any:
        return matrix[..., self.whole(i), self.whole(j)]

    def slice(self, payload: None, matrix: Any, *ends: Any) -> Any:
        r0, r1, rs, c0, c1, cs = (self.whole(end) for end in ends)
        return matrix[..., r0:r1:rs, c0:c1:cs]

    def special(self, name: str, rows: Any, columns: Any) -> Any:
        n, m = self.whole(rows), self.whole(columns)
        if name == "identity":
            return self.array([[float(i == j) for j in range(m)] for i in range(n)])
        return self.array([[float(name == "ones")] * m for _ in range(n)])

    def blocks(self, shape: tuple[int, int], *parts: Any) -> Any:
        rows, columns = shape
        batch = self._common(*(tuple(part.shape[:-2]) for part in parts))
        whole = [self.expand(part, batch + tuple(part.shape[-2:])) for part in parts]
        bands = [self.xp.concatenate(whole[r * columns : (r + 1) * columns], -1) for r in range(rows)]
        return self.xp.concatenate(bands, -2)

    def diagonal(self, payload: None, vector: Any) -> Any:
        flat = vector.reshape((*vector.shape[:-2], -1))
        n = float(flat.shape[-1])
        return flat[..., :, None] * self.special("identity", n, n)

    def apply(self, payload: tuple[Tape, tuple[bool, ...]], matrix: Any, *others: Any) -> Any:
        body, kinds = payload
        lifted = [value if isinstance(value, float) else (value[..., None, None, :, :] if is_matrix else value[..., None, None])
                  for value, is_matrix in zip(others, kinds, strict=True)]  # fmt: skip
        result = self.array(body.play(self, [matrix, *lifted]))
        return self.expand(result, self._common(tuple(result.shape), tuple(matrix.shape)))

    def computed(self, payload: Any, *arguments: Any) -> Any:
        """A loss that only code can state: Torch computes it."""
        raise CannotEvaluate("only Torch computes a loss that is given as code")

    def whole(self, value: Any) -> int:
        """A number that is the same integer all over the batch (an index, a size)."""
        number = value if isinstance(value, float) else float(self.real(value).reshape(-1)[0])
        if number != int(number):
            raise CannotEvaluate(f"{number} must be an integer here")
        return int(number)

    def _common(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """The shape to which arrays of these shapes broadcast; Torch's own answer costs more than the operation it is asked for."""
        distinct = {shape for shape in shapes if shape}
        if len(distinct) < 2:
            return distinct.pop() if distinct else ()
        return tuple(self.xp.broadcast_shapes(*distinct))

    def finish(self, tape: Tape, result: Any, values: list[Any]) -> Any:
        """The result broadcast to the batch of all inputs, whether it depends on each of them or not."""
        result = self.array(result)
        flags = [bool(getattr(node, "is_Matrix", False)) for node in tape.inputs]
        batches = [self._batch(value, is_matrix) for value, is_matrix in zip(values, flags, strict=True)]
        tail = tuple(result.shape[-2:]) if tape.matrix else ()
        batch = self._common(*batches, tuple(result.shape[:-2]) if tape.matrix else tuple(result.shape))
        return self.expand(result, batch + tail)
