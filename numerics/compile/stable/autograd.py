"""Tables as differentiable Torch functions: the gradient of one table is the next one, to any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.compile.stable.tables import Table


class _Played(torch.autograd.Function):
    """The table of one derivative at a tensor; its gradient is the table of the next derivative, as accurate as the value."""

    @staticmethod
    def forward(ctx: Any, d: Tensor, table: Callable[[int], Table], order: int) -> Tensor:
        ctx.save_for_backward(d)
        ctx.table, ctx.order = table, order
        value: Tensor = table(order).torch(d)
        return value

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, None, None]:
        (d,) = ctx.saved_tensors
        return above[0] * differentiable(d, ctx.table, ctx.order + 1), None, None


def differentiable(d: Tensor, table: Callable[[int], Table], order: int) -> Tensor:
    """The table of this order at doubles, with gradients."""
    value: Tensor = _Played.apply(d, table, order)
    return value
