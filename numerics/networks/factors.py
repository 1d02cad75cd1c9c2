"""Factors of Gram matrices, singular ones included: the exact law of Gaussian preactivations needs no inverse."""

from __future__ import annotations

import torch

SLACK = 4
"""Pivots below SLACK N eps, relative to the diagonal, are rounding errors of the Gram matrix: Higham (2002), theorem 10.14."""


def factor(gram: torch.Tensor) -> torch.Tensor:
    """S with S S^T = gram for positive semidefinite matrices of shape (batch, N, N), up to SLACK N eps sqrt(G_ii G_jj) an entry.

    Matrices are scaled to unit diagonal; those with a pivot at the rounding level are factored again with pivoting, and what is left
    at that level counts as 0: inputs that depend on others linearly get preactivations that depend on theirs alike.

    >>> g = torch.tensor([[[4.0, 2.0], [2.0, 1.0]]], dtype=torch.float64)
    >>> s = factor(g)
    >>> bool((s @ s.mT == g).all()), s[0, :, 1].tolist()
    (True, [0.0, 0.0])
    """
    scale = torch.diagonal(gram, dim1=-2, dim2=-1).clamp(min=0).sqrt()
    inverse = torch.where(scale > 0, 1 / scale, torch.zeros_like(scale))
    unit = gram * inverse[..., :, None] * inverse[..., None, :]
    lower, info = torch.linalg.cholesky_ex(unit)
    pivots = torch.diagonal(lower, dim1=-2, dim2=-1).square().amin(-1)
    singular = (info != 0) | ~(pivots > level(gram))
    if bool(singular.any()):
        lower = lower.clone()
        lower[singular] = _pivoted(unit[singular])
    return lower * scale[..., :, None]


def level(gram: torch.Tensor) -> float:
    """The rounding level of pivots of a matrix of this size and type, relative to its diagonal."""
    return SLACK * gram.shape[-1] * torch.finfo(gram.dtype).eps


def _pivoted(unit: torch.Tensor) -> torch.Tensor:
    """Cholesky with the largest pivot first, rows in their own order; stops at the rounding level."""
    batch, size, _ = unit.shape
    every = torch.arange(batch, device=unit.device)
    left = torch.diagonal(unit, dim1=-2, dim2=-1).clone()
    result, least = torch.zeros_like(unit), level(unit)
    for step in range(size):
        pivot, place = left.max(dim=1)
        goes_on = pivot > least
        if not bool(goes_on.any()):
            break
        root = torch.where(goes_on, pivot, torch.ones_like(pivot)).sqrt()
        earlier = (result[:, :, :step] @ result[every, place, :step, None]).squeeze(2)
        column = (unit[every, :, place] - earlier) / root[:, None]
        column = torch.where((left > -torch.inf) & goes_on[:, None], column, torch.zeros_like(column))
        column[every, place] = torch.where(goes_on, root, torch.zeros_like(root))
        result[:, :, step] = column
        left = left - column.square()
        left[every[goes_on], place[goes_on]] = -torch.inf
    return result
