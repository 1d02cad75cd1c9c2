"""How losses that only code can state are recorded on a tape, and how their function is called over a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape import Recorder, rule
from lemmata.theory.computed_loss import LossValue


@rule(LossValue)
def _computed(tape: Recorder, node: LossValue) -> int:
    """Its arguments are recorded, its function is one operation."""
    slots = tuple(tape.slot(argument) for argument in node.arguments)
    return tape.emit("computed", slots, (checked_function(node), tuple(tape.kinds[slot] == "matrix" for slot in slots)))


def checked_function(node: LossValue) -> Callable[..., Any]:
    """The function of a node, which raises CannotEvaluate where it fails or returns no scalar float64 tensor."""
    try:
        function = node.loss().function
    except LookupError as error:
        raise CannotEvaluate(str(error.args[0])) from error
    return checked(function, node.label)


def checked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A loss of one run's tensors, with what it raises and returns looked at."""
    import torch

    from lemmata.numerics.drawing import one_line

    def call(*tensors: torch.Tensor) -> torch.Tensor:
        try:
            value = function(*tensors)
        except CannotEvaluate:
            raise
        except Exception as error:  # the border to a user's function: named, never swallowed
            raise CannotEvaluate(f"the loss {name} raised {type(error).__name__}: {one_line(error)}") from error
        if not isinstance(value, torch.Tensor) or value.dim() != 0 or value.dtype != torch.float64:
            found = f"a tensor of shape {tuple(value.shape)}, {value.dtype}" if isinstance(value, torch.Tensor) else type(value).__name__
            raise CannotEvaluate(f"the loss {name} returned {found}: return a scalar float64 tensor")
        return value

    call.__name__ = name
    return call


def over_batch(function: Callable[..., Any], matrices: Sequence[bool], arrays: Sequence[Any]) -> Any:
    """The function of one run at every element of a batch: tensors (..., rows, columns) for matrices, (...,) for numbers."""
    import torch

    tails = [tuple(array.shape[-2:]) if matrix else () for array, matrix in zip(arrays, matrices, strict=True)]
    heads = [tuple(array.shape[: array.dim() - len(tail)]) for array, tail in zip(arrays, tails, strict=True)]
    batch = torch.broadcast_shapes(*heads)
    if not batch:
        return function(*arrays)
    flat = [array.expand(batch + tail).reshape((-1, *tail)) for array, tail in zip(arrays, tails, strict=True)]
    return torch.func.vmap(function)(*flat).reshape(batch)
