"""The loss of a Torch module over data, as a loss for statements: its parameters become variables of descent."""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import Loss, LossValue


class ModuleLoss(Loss):
    """A module's loss as a function of its parameters: `net(*net.variables)` is the expression, `net.starts()` its present place."""

    def __init__(self, name: str, module: torch.nn.Module, inputs: Tensor, targets: Tensor, criterion: Callable[..., Tensor]) -> None:
        self.module = copy.deepcopy(module).double().eval()
        self.names = tuple(key for key, _ in self.module.named_parameters())
        if not self.names:
            raise ValueError(f"the module of the loss {name} has no parameters: there is nothing to descend in")
        self.shapes = tuple(tuple(value.shape) for _, value in self.module.named_parameters())
        self.data, self.criterion = (_double(inputs), _double(targets)), criterion
        self._there: dict[torch.device, tuple[torch.nn.Module, Tensor, Tensor]] = {}
        super().__init__(self._value, f"module:{name}:{self._digest()}")
        self.signature = inspect.Signature([inspect.Parameter(_symbol_name(key), inspect.Parameter.POSITIONAL_ONLY) for key in self.names])

    @property
    def variables(self) -> tuple[Any, ...]:
        """A symbol for each parameter: vectors are columns, tensors of more than two axes keep the first one as rows."""
        return tuple(
            sp.MatrixSymbol(_symbol_name(name), *_rows_and_columns(shape)) if shape else sp.Symbol(_symbol_name(name), real=True)
            for name, shape in zip(self.names, self.shapes, strict=True)
        )

    def starts(self, seed: int | None = None) -> dict[Any, Any]:
        """The parameters by variable, each number exactly the one that it holds: the module's own, or drawn from a seed.

        Drawn weights are normal with variance 1/(inputs of a unit), drawn vectors are 0; they are the same in every process.
        """
        found: dict[Any, Any] = {}
        for variable, (name, value) in zip(self.variables, self.module.named_parameters(), strict=True):
            numbers = value.detach() if seed is None else _drawn(tuple(value.shape), Stream(seed, ("module", self.label, name)))
            exact = [_exactly(number) for number in numbers.flatten().tolist()]
            found[variable] = sp.ImmutableMatrix(*variable.shape, exact) if isinstance(variable, sp.MatrixSymbol) else exact[0]
        return found

    def __call__(self, *arguments: Any) -> LossValue:
        node = super().__call__(*arguments)
        for variable, argument in zip(self.variables, node.arguments, strict=True):
            want, have = getattr(variable, "shape", None), getattr(argument, "shape", None)
            if want != have:
                raise ValueError(f"loss {self.label}: {variable} has the shape {want}, but {argument} has {have}")
        return node

    def _value(self, *parameters: Tensor) -> Tensor:
        module, inputs, targets = self._on(parameters[0].device)
        named = {name: value.reshape(shape) for name, value, shape in zip(self.names, parameters, self.shapes, strict=True)}
        return self.criterion(torch.func.functional_call(module, named, (inputs,)), targets)

    def _on(self, device: torch.device) -> tuple[torch.nn.Module, Tensor, Tensor]:
        if device not in self._there:
            self._there[device] = (copy.deepcopy(self.module).to(device), self.data[0].to(device), self.data[1].to(device))
        return self._there[device]

    def _digest(self) -> str:
        """A hash of everything that the function is made of but the parameters, which are its arguments."""
        total = hashlib.blake2b(digest_size=4)
        total.update(f"{self.module!r} {self.shapes} {getattr(self.criterion, '__qualname__', repr(self.criterion))}".encode())
        for tensor in (*self.data, *(value for _, value in self.module.named_buffers())):
            total.update(tensor.cpu().contiguous().numpy().tobytes())
        return total.hexdigest()


def module_loss(
    name: str, module: torch.nn.Module, inputs: Tensor, targets: Tensor, criterion: Callable[..., Tensor] | None = None
) -> ModuleLoss:
    """The loss criterion(module(inputs), targets) as a function of the module's parameters, in float64 and evaluation mode.

    `criterion` gives a scalar; it is the mean squared error unless one is named. The module is copied, never changed. Its parameters at
    this moment are `starts()`: a module that Torch has just initialised has others in every process that imports the file, so either
    load them or take `starts(seed)`. Raises ValueError for a module without parameters.

    >>> from lemmata.theory.trajectory import descent
    >>> line = torch.nn.Linear(1, 1)
    >>> _ = line.load_state_dict({"weight": torch.tensor([[2.0]]), "bias": torch.tensor([0.5])})
    >>> net = module_loss("line", line, torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [1.0]]))
    >>> net.variables, net.starts()
    ((weight, bias), {weight: Matrix([[2]]), bias: Matrix([[1/2]])})
    >>> descent(net(*net.variables), net.starts(), sp.Rational(1, 10))[3, net(*net.variables)].loss
    line(weight, bias)
    """
    return ModuleLoss(name, module, inputs, targets, criterion or torch.nn.functional.mse_loss)


def _double(tensor: Tensor) -> Tensor:
    return tensor.detach().double() if tensor.is_floating_point() else tensor.detach()


def _drawn(shape: tuple[int, ...], stream: Stream) -> Tensor:
    if len(shape) < 2:
        return torch.zeros(shape)
    return torch.randn(shape, generator=stream.torch()) / _rows_and_columns(shape)[1] ** 0.5


def _symbol_name(name: str) -> str:
    """weight_0 for 0.weight: the leaf first, where it came from as an index."""
    *place, leaf = name.split(".")
    return "_".join((leaf, *place))


def _rows_and_columns(shape: tuple[int, ...]) -> tuple[int, int]:
    first, rest = shape[0], 1
    for side in shape[1:]:
        rest *= side
    return first, rest


def _exactly(number: float) -> sp.Rational:
    value = Fraction(number)
    return sp.Rational(value.numerator, value.denominator)
