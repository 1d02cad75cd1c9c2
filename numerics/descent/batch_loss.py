"""A loss over a batch of runs, with its gradient: from a Python function of one run's tensors, or from a SymPy expression.

A function of one run is differentiated and vectorised by `torch.func`, and what it then computes is recorded once as a
plain list of tensor operations: replaying it costs half of what the transforms themselves cost at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape_losses import checked
from lemmata.numerics.drawing import one_line

Tensors = Sequence[Tensor]

SMALL = 8
"""Sides of matrices up to which products are unrolled over a batch that lies innermost: half the time of a batched product at side 5."""

VIEWS = (torch.ops.aten.view.default, torch.ops.aten._unsafe_view.default)
"""Other shapes of the same memory, which exist for some layouts only."""

IN_MEMORY = (
    torch.ops.aten.as_strided.default,
    torch.ops.aten.as_strided_copy.default,
    torch.ops.aten.as_strided_scatter.default,
    torch.ops.aten.view.dtype,
)
"""What reads memory by recorded places, and is something else in any other layout."""


@dataclass(frozen=True)
class BatchLoss:
    """A loss of B runs at once: `variables` and `parameters` name the tensors (B, ...) that it is given, in this order.

    `gradient(w, p)` is a list of tensors of the variables' shapes, `value_and_gradient(w, p)` the losses (B,) and that list. Once
    called, `runs_last()` says whether it is faster with matrices whose runs lie innermost in memory; they change no result but by rounding.
    """

    variables: tuple[Any, ...]
    parameters: tuple[Any, ...]
    gradient: Callable[[Tensors, Tensors], list[Tensor]]
    value_and_gradient: Callable[[Tensors, Tensors], tuple[Tensor, list[Tensor]]]
    runs_last: Callable[[], bool] = lambda: False


def of_function(function: Callable[..., Tensor], variables: Sequence[Any], parameters: Sequence[Any] = ()) -> BatchLoss:
    """The batch loss of `function(*variables, *parameters) -> scalar tensor`, which sees the tensors of one run.

    The function is pure (equal arguments, equal value), differentiable by Torch, and computes in float64; it may close over
    tensors. Raises CannotEvaluate, when it is first called, for a function that raises or returns no real scalar.

    >>> loss = of_function(lambda w, a: a * (w * w).sum() / 2, ["w"], ["a"])
    >>> w, a = torch.ones(3, 2, dtype=torch.float64), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    >>> loss.value_and_gradient([w], [a])
    (tensor([1., 2., 3.], dtype=torch.float64), [tensor([[1., 1.],
            [2., 2.],
            [3., 3.]], dtype=torch.float64)])
    """
    count = len(variables)
    name = getattr(function, "__name__", type(function).__name__)

    safe = checked(function, name)
    places = tuple(range(count))
    slopes = _Recorded(torch.func.vmap(torch.func.grad(safe, argnums=places)), name)
    both = _Recorded(torch.func.vmap(torch.func.grad_and_value(safe, argnums=places)), name)

    def gradient(w: Tensors, p: Tensors) -> list[Tensor]:
        return list(slopes(*w, *p))

    def value_and_gradient(w: Tensors, p: Tensors) -> tuple[Tensor, list[Tensor]]:
        parts, value = both(*w, *p)
        return value, list(parts)

    return BatchLoss(tuple(variables), tuple(parameters), gradient, value_and_gradient, lambda: both.unrolled)


def of_expression(loss: Any, variables: Sequence[Any], parameters: Sequence[Any] | None = None) -> BatchLoss:
    """The batch loss of a SymPy expression in Symbols and MatrixSymbols; its other free symbols are the parameters.

    Where parameters are named they come in this order, and symbols that the loss does not hold may be among them.

    >>> import sympy as sp
    >>> w, a = sp.symbols("w a", real=True)
    >>> found = of_expression(a * w**2 / 2, [w])
    >>> found.parameters, found.gradient([torch.tensor([3.0])], [torch.tensor([2.0])])
    ((a,), [tensor([6.])])
    """
    from lemmata.numerics.descent.problem import compile_problem

    problem = compile_problem(loss, tuple(variables), loss)
    names = problem.parameters if parameters is None or set(problem.parameters) - set(parameters) else tuple(parameters)

    def env(w: Tensors, p: Tensors) -> Mapping[Any, Tensor]:
        return {**dict(zip(problem.variables, w, strict=True)), **dict(zip(names, p, strict=True))}

    def gradient(w: Tensors, p: Tensors) -> list[Tensor]:
        return problem.gradient(env(w, p))

    def value_and_gradient(w: Tensors, p: Tensors) -> tuple[Tensor, list[Tensor]]:
        at = env(w, p)
        return torch.broadcast_to(problem.watch(at), (len(w[0]),)), problem.gradient(at)

    return BatchLoss(problem.variables, names, gradient, value_and_gradient)


class _Held(TorchDispatchMode):
    """Sums the sizes of all tensors that operations make, views of what is there excepted."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here, and Torch would import its compiler (a second in each process) only to keep it out."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.bytes += sum(one.numel() * one.element_size() for one in tree_leaves(made) if isinstance(one, Tensor))
        return made


def held(call: Callable[[], Any]) -> int:
    """Bytes of all tensors that a call makes, were none of them freed before its end: a bound on what it holds.

    >>> x = torch.ones(100, dtype=torch.float64)
    >>> held(lambda: (x + 1).reshape(10, 10) * 2)
    1600
    """
    with _Held() as mode:
        call()
    return mode.bytes


def innermost(matrices: Tensor) -> Tensor:
    """Small matrices (B, m, n) as they are, but with the B numbers of an entry next to each other in memory; other tensors unchanged.

    >>> innermost(torch.ones(3, 2, 2)).stride()
    (1, 6, 3)
    """
    if matrices.dim() != 3 or max(matrices.shape[1:]) > SMALL or matrices.device.type != "cpu":
        return matrices
    return matrices.permute(1, 2, 0).contiguous().permute(2, 0, 1)


def small_products(left: Tensor, right: Tensor) -> Tensor:
    """A batched product, unrolled over the inner side where a factor has its runs innermost.

    >>> one = torch.tensor([[[1.0, 2.0], [0.0, 1.0]]])
    >>> small_products(innermost(one), innermost(one)).tolist()
    [[[1.0, 4.0], [0.0, 1.0]]]
    """
    if left.stride(0) != 1 and right.stride(0) != 1:
        return torch.bmm(left, right)
    a, b = left.permute(1, 2, 0), right.permute(1, 2, 0)
    found = a[:, 0, None] * b[None, 0]
    for k in range(1, a.shape[1]):
        found.addcmul_(a[:, k, None], b[None, k])
    return found.permute(2, 0, 1)


class _Recorded:
    """A function of tensors as a list of operations, recorded once for each batch size and replayed without the transforms."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function, self.name = function, name
        self.tapes: dict[Any, Callable[..., Any]] = {}
        self.unrolled = False
        self.lock = Lock()

    def __call__(self, *tensors: Tensor) -> Any:
        key = tuple((tuple(tensor.shape), tensor.device) for tensor in tensors)
        tape = self.tapes.get(key)
        if tape is None:
            with self.lock:
                tape = self.tapes.get(key) or self._record(tensors)
                self.tapes[key] = tape
        return tape(*tensors)

    def _record(self, tensors: Sequence[Tensor]) -> Callable[..., Any]:
        from torch.fx.experimental.proxy_tensor import make_fx

        try:
            self.function(*tensors)
        except CannotEvaluate:
            raise
        except Exception as error:  # the border to a user's function: named, never swallowed
            raise CannotEvaluate(f"the loss {self.name} raised {type(error).__name__}: {one_line(error)}") from error
        try:
            tape = make_fx(self.function)(*tensors)
        except Exception:  # what cannot be recorded is called as it is: it has just been seen to work
            return self.function
        tape.graph.eliminate_dead_code()
        self.unrolled = _unroll(tape.graph)
        tape.recompile()
        return tape.forward


def _unroll(graph: Any) -> bool:
    """Put `small_products` for the batched products of a recorded graph, if there are any and all of them are small.

    Views go with them: they were recorded for one layout in memory, and a matrix whose runs lie innermost has none of that shape.
    """
    products = [node for node in graph.nodes if node.op == "call_function" and node.target is torch.ops.aten.bmm.default]
    sides = [side for node in products for factor in node.args for side in factor.meta["tensor_meta"].shape[1:]]
    if not products or max(sides) > SMALL or any(node.target in IN_MEMORY for node in graph.nodes):
        return False
    for node in products:
        node.target = small_products
    for node in graph.nodes:
        if node.target in VIEWS:
            node.target = torch.ops.aten.reshape.default
    return True
