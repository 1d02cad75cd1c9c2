"""SymPy expressions as Torch functions over a batch, on any device, with gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from lemmata.numerics.compile import tape_losses, tape_matrices, tape_rules
from lemmata.numerics.compile.array_backend import ArrayBackend, in_blocks
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape import record

assert tape_losses and tape_matrices and tape_rules


def compile_torch(expr: Any, inputs: Sequence[Any]) -> Callable[[Mapping[Any, Tensor]], Tensor]:
    """A function from tensors of the inputs to the tensor of an expression.

    Inputs are nodes: symbols, matrix symbols, random symbols, quantities; a node is matched before it is looked into. A scalar is
    a tensor of batch shape (...,), a matrix one of shape (..., rows, columns); batches broadcast, and the result has the batch of
    all inputs. The type and device are those of the first floating-point input. Conditions give 0 and 1. Gradients: at a tie
    Max gives half to each side (the derivative SymPy writes with Heaviside(0) = 1/2); a branch of a piecewise function that is not
    taken contributes an exact zero.

    Raises CannotEvaluate for what cannot be compiled, at once or, for a function that only this library lacks, when called.

    >>> from sympy import Max, Symbol
    >>> x = Symbol("x", real=True)
    >>> compile_torch(Max(0, x) ** 2, [x])({x: torch.tensor([-1.0, 3.0])})
    tensor([0., 9.])
    """
    tape = record(expr, list(inputs))

    def evaluate(values: Mapping[Any, Tensor]) -> Tensor:
        given = [
            values[node] if isinstance(values[node], Tensor) else torch.as_tensor(values[node], dtype=torch.float64) for node in tape.inputs
        ]
        backend = TorchBackend(given)
        given = [value if value.is_floating_point() or value.is_complex() else value.to(backend.dtype) for value in given]

        def play(values: list[Tensor]) -> Tensor:
            result: Tensor = backend.finish(tape, tape.play(backend, values), values)
            return result

        if backend.device.type == "cpu" and not (torch.is_grad_enabled() and any(value.requires_grad for value in given)):
            result = in_blocks(tape, given, lambda part, size: torch.empty(size, dtype=part.dtype), play)
            return play(given) if result is None else result
        return _attached(play(given), given)

    return evaluate


def _attached(result: Tensor, given: Sequence[Tensor]) -> Tensor:
    """A result that depends on no input is given gradients of zero rather than none: where no point took the branch that depends."""
    if result.requires_grad:
        return result
    for value in given:
        if value.requires_grad:
            never = torch.zeros((), dtype=torch.bool, device=value.device)
            result = result + torch.where(never, value, torch.zeros_like(value)).sum()
    return result


def _gamma(x: Tensor) -> Tensor:
    """gamma from its logarithm; the sign on the negative axis alternates between the poles."""
    flips = (x < 0) & (torch.remainder(torch.floor(x.detach()), 2) == 1)
    return torch.where(flips, -1.0, 1.0).to(x.dtype) * torch.exp(torch.lgamma(x))


def _order(names: dict[int, Callable[[Tensor], Tensor]], name: str) -> Callable[[Tensor, Tensor], Tensor]:
    def evaluate(order: Tensor, x: Tensor) -> Tensor:
        function = names.get(int(order)) if order.numel() == 1 and float(order) == int(order) else None
        if function is None:
            raise CannotEvaluate(f"{name} of this order is not in Torch")
        return function(x)

    return evaluate


class TorchBackend(ArrayBackend):
    """Tapes on Torch tensors.

    Not in the table although Torch has it: bessel_j0, whose relative error is 2e-11 at 3 in double precision.
    """

    xp: ClassVar[Any] = torch
    functions: ClassVar[Mapping[str, Callable[..., Any]]] = {
        **{
            name: getattr(torch, name)
            for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
        },
        **{
            name: getattr(torch, name) for name in ("asinh", "acosh", "atanh", "erf", "erfc", "erfinv", "digamma", "sign", "floor", "atan2")
        },
        "Abs": torch.abs,
        "ceiling": torch.ceil,
        "loggamma": torch.lgamma,
        "gamma": _gamma,
        "beta": lambda a, b: torch.exp(torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)),
        "polygamma": lambda n, x: torch.polygamma(int(n), x),
        "zeta": lambda s, a=None: torch.special.zeta(s, torch.ones_like(s) if a is None else a),
        "sinc": lambda x: torch.sinc(x / torch.pi),
        "besseli": _order({0: torch.special.i0, 1: torch.special.i1}, "besseli"),
        "logistic": torch.sigmoid,
        "softplus": lambda u: torch.logaddexp(u, torch.zeros_like(u)),
    }

    def __init__(self, values: Sequence[Tensor]) -> None:
        reference = next((value for value in values if value.is_floating_point() or value.is_complex()), None)
        dtype = torch.float64 if reference is None else reference.dtype
        self.dtype = torch.zeros((), dtype=dtype).real.dtype
        self.device = values[0].device if values else torch.device("cpu")
        largest = [value for value in values if value.dim()]
        if largest:
            self.device = largest[0].device

    def array(self, value: Any) -> Tensor:
        return value if isinstance(value, Tensor) else torch.tensor(value, dtype=self.dtype, device=self.device)

    def is_complex(self, value: Any) -> bool:
        return isinstance(value, Tensor) and value.is_complex()

    def from_truth(self, payload: None, condition: Any) -> Tensor:
        return condition.to(self.dtype)

    def detach(self, value: Any) -> Tensor:
        return value.detach()

    def expand(self, value: Any, shape: tuple[int, ...]) -> Tensor:
        return value if tuple(value.shape) == tuple(shape) else value.expand(shape)

    def extreme(self, left: Any, right: Any, largest: bool) -> Tensor:
        return torch.maximum(left, right) if largest else torch.minimum(left, right)

    def computed(self, payload: Any, *arguments: Any) -> Tensor:
        """A loss that only code can state, at every element of the batch."""
        function, matrices = payload
        result: Tensor = tape_losses.over_batch(function, matrices, [self.array(argument) for argument in arguments])
        return result
