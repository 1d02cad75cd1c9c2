r"""How descent on a deep linear network of one dimension ends, from the identity: over targets and steps, in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
import torch

from lemmata.numerics.descent.table import End, runs

MOVES = 1e-5
"""A run whose last step changes its loss by more is restless; the others are at a point at rest, or creep towards one."""

AT_SOLUTION = 1e-3
"""The product of the layers is this near its target where the task is solved."""


def fates(depth: int, targets: Sequence[float], steps: Sequence[float], times: int, device: str = "cpu") -> list[str]:
    r"""The fate of $w \leftarrow w - \alpha w^{K-1} (w^K - r)$ from w = 1, a letter a step alpha and a text a target r.

    All K layers being equal at the start they stay so, and this is descent on (w_1 ... w_K - r)^2/2. s: solved; c: caught at the saddle 0
    or on its way there; d: out of the range of floating point; r: restless. Raises ValueError for a depth below 1.

    >>> fates(3, [-1.0, 1.5], [0.25, 0.6, 3.0], 500)
    ['csd', 'srd']
    """
    if depth < 1:
        raise ValueError(f"a network has at least 1 layer, not {depth}")
    w, r = sp.Symbol("w", real=True), sp.Symbol("r", real=True)
    alpha = torch.tensor(steps, dtype=torch.float64, device=device).repeat(len(targets))
    target = torch.tensor(targets, dtype=torch.float64, device=device).repeat_interleave(len(steps))
    loss = (w**depth - r) ** 2 / (2 * depth)
    table = runs(loss, {w: torch.ones_like(alpha)}, alpha, times, parameters={r: target}, looks=(times - 1,))
    still = (table.losses[:, -1] - table.loss).abs() <= MOVES
    solved = (table.final[w] ** depth - target).abs() <= AT_SOLUTION
    lost = table.ended(End.DIVERGED)
    columns = zip(still.tolist(), solved.tolist(), lost.tolist(), strict=True)
    letters = "".join("d" if gone else "r" if not at_rest else "s" if done else "c" for at_rest, done, gone in columns)
    return [letters[first : first + len(steps)] for first in range(0, len(letters), len(steps))]
