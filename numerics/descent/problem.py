"""A trajectory node compiled for batches: its loss's gradient and its expression as functions of Torch tensors.

Two gradients are kept: automatic differentiation of the batch sum, and for scalar variables the derivative that SymPy
takes, compiled. They are two roads to one number and tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from lemmata.numerics.compile.tape_losses import checked_function
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.descent.batch_loss import of_function
from lemmata.theory.computed_loss import LossValue
from lemmata.theory.iterates import GradientNormSquared

Env = Mapping[Any, Tensor]


@dataclass(frozen=True)
class Problem:
    """What a descent needs: variables, the loss, its gradient and an expression to look at, over batches of one dimension."""

    variables: tuple[Any, ...]
    parameters: tuple[Any, ...]
    loss: Callable[[Env], Tensor]
    gradient: Callable[[Env], list[Tensor]]
    watch: Callable[[Env], Tensor]


def compile_problem(loss: Any, variables: tuple[Any, ...], expr: Any, *, automatic: bool | None = None) -> Problem:
    """The compiled problem of a loss and an expression; `automatic` chooses the gradient (None: closed where it can be).

    Free symbols other than the variables become parameters: tensors of the batch's shape. Raises what the compiler
    raises for an expression without a Torch form.
    """
    nodes = sorted(expr.atoms(GradientNormSquared), key=str)
    free = (loss.free_symbols | expr.free_symbols).union(*(node.free_symbols for node in nodes)) - set(variables)
    parameters = tuple(sorted(free, key=str))
    inputs = (*variables, *parameters)
    scalar = all(isinstance(variable, sp.Symbol) for variable in variables)
    symbolic = scalar and not loss.has(LossValue)
    closed = symbolic if automatic is None else not automatic
    if closed and not symbolic:
        raise ValueError("the closed gradient needs scalar variables and a loss in SymPy: leave `automatic` to None")
    if automatic is None and _is_bare(loss, variables, parameters):
        slopes = computed_gradient(loss, variables, parameters)
    else:
        slopes = closed_gradient(loss, variables, inputs) if closed else automatic_gradient(loss, variables, inputs)
    gradient = remembering(slopes)
    shared = {node: gradient for node in nodes if node.loss == loss and set(node.variables) == set(variables)}
    return Problem(variables, parameters, compile_torch(loss, inputs), gradient, _watch(expr, nodes, shared, inputs))


def closed_gradient(loss: Any, variables: tuple[Any, ...], inputs: tuple[Any, ...]) -> Callable[[Env], list[Tensor]]:
    """SymPy's derivatives, compiled."""
    parts = [compile_torch(sp.diff(loss, variable), inputs) for variable in variables]

    def gradient(env: Env) -> list[Tensor]:
        return [torch.broadcast_to(part(env), env[variable].shape) for part, variable in zip(parts, variables, strict=True)]

    return gradient


def computed_gradient(loss: LossValue, variables: tuple[Any, ...], parameters: tuple[Any, ...]) -> Callable[[Env], list[Tensor]]:
    """The gradient of a loss that is code and nothing else, as recorded operations."""
    function, arguments = checked_function(loss), loss.arguments
    order = [(*variables, *parameters).index(argument) for argument in arguments]
    batch = of_function(lambda *tensors: function(*(tensors[place] for place in order)), variables, parameters)

    def gradient(env: Env) -> list[Tensor]:
        return batch.gradient([env[variable] for variable in variables], [env[parameter] for parameter in parameters])

    return gradient


def _is_bare(loss: Any, variables: tuple[Any, ...], parameters: tuple[Any, ...]) -> bool:
    """Whether the loss is code called with variables and parameters as they are."""
    return isinstance(loss, LossValue) and all(argument in (*variables, *parameters) for argument in loss.arguments)


def automatic_gradient(loss: Any, variables: tuple[Any, ...], inputs: tuple[Any, ...]) -> Callable[[Env], list[Tensor]]:
    """The gradient of the batch's sum: run by run, since no run's loss depends on another's variables."""
    value = compile_torch(loss, inputs)

    def gradient(env: Env) -> list[Tensor]:
        with torch.enable_grad():
            leaves = {variable: env[variable].detach().requires_grad_() for variable in variables}
            total = value({**env, **leaves}).sum()
            if not total.requires_grad:
                return [torch.zeros_like(leaf) for leaf in leaves.values()]
            found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        return [torch.zeros_like(leaf) if part is None else part for leaf, part in zip(leaves.values(), found, strict=True)]

    return gradient


def remembering(gradient: Callable[[Env], list[Tensor]]) -> Callable[[Env], list[Tensor]]:
    """The same gradient, not computed twice in a row at the same tensors: a step often follows a look at its norm.

    The same are those that are identical and have not been written to since.
    """
    seen: tuple[tuple[Tensor, ...], tuple[int, ...], list[Tensor]] | None = None

    def remembered(env: Env) -> list[Tensor]:
        nonlocal seen
        here = tuple(env.values())
        versions = tuple(tensor._version for tensor in here)
        if seen is None or len(seen[0]) != len(here) or seen[1] != versions or not all(a is b for a, b in zip(seen[0], here, strict=True)):
            seen = (here, versions, gradient(env))
        return seen[2]

    return remembered


def _watch(expr: Any, nodes: list[GradientNormSquared], shared: Mapping[Any, Any], inputs: tuple[Any, ...]) -> Callable[[Env], Tensor]:
    """The expression, its gradient norms by the gradients given or else by automatic differentiation."""
    if not nodes:
        return compile_torch(expr, inputs)
    gradients = {node: shared.get(node) or automatic_gradient(node.loss, node.variables, inputs) for node in nodes}
    outer = compile_torch(expr, (*nodes, *inputs))

    def watch(env: Env) -> Tensor:
        norms = {node: squared_norm(gradient(env)) for node, gradient in gradients.items()}
        return outer({**env, **norms})

    return watch


def squared_norm(parts: list[Tensor]) -> Tensor:
    """The sum of squares over all entries of all parts, run by run.

    >>> squared_norm([torch.tensor([3.0, 0.0]), torch.tensor([[[4.0]], [[1.0]]])]).tolist()
    [25.0, 1.0]
    """
    squares = [part.square().reshape(part.shape[0], -1).sum(dim=1) for part in parts]
    return torch.stack(squares).sum(dim=0)
