"""The compiled dual in Torch's graph: its backward pass multiplies by the compiled derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from lemmata.numerics.kernels.expanded import Expanded


def differentiable_value(dual: Expanded, q1: Any, q2: Any, c: Any, d: Any) -> torch.Tensor:
    """E[f(u) f(v)] of tensors (or numbers) that broadcast; dD/dd = -dD/dc."""
    if (c is None) == (d is None):
        raise ValueError("a dual takes the correlation c or d = 1 - c, one of them")
    parts = [torch.as_tensor(part).double() for part in (q1, q2, d if c is None else c)]
    one, two, third = torch.broadcast_tensors(*parts)
    found: torch.Tensor = _Value.apply(dual, c is None, one, two, third)
    return found


class _Value(torch.autograd.Function):
    """The value with its three partial derivatives at fixed correlation."""

    @staticmethod
    def forward(ctx: Any, dual: Expanded, by_distance: bool, q1: Any, q2: Any, third: Any) -> Any:
        q1, q2, third = (part.detach() for part in (q1, q2, third))
        found = dual.gradient(q1, q2, d=third) if by_distance else dual.gradient(q1, q2, third)
        ctx.save_for_backward(
            found.q1_at_correlation, found.q2_at_correlation, -found.by_correlation if by_distance else found.by_correlation
        )
        return found.value

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, upstream: Any) -> Any:
        return None, None, *(upstream * part for part in ctx.saved_tensors)
