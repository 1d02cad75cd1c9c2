"""Every tensor operation rounded at random: digits of a result that change from one such run to the next are not to be trusted."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lemmata.numerics.streams import Stream

WIDE = 32
"""Roundoffs by which a number is moved at most: so wide that results which cancel seldom fall on one and the same number."""


class Jitter(TorchDispatchMode):
    """While it is on, each floating-point number that an operation makes is multiplied by 1 + u, |u| <= WIDE roundoffs.

    Views make no numbers; what an operation copies is moved too, which errs to the safe side. Zeros stay zero.

    >>> with Jitter(Stream(0)):
    ...     third = torch.ones(4, dtype=torch.float64) / 3
    >>> len(set(third.tolist())) > 1, bool((third * 3 - 1).abs().max() <= 128 * torch.finfo(torch.float64).eps)
    (True, True)
    """

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self.stream = stream
        self.generators: dict[str, torch.Generator] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here, and Torch would import its compiler (a second in each process) only to keep it out."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if not func.is_view:
            for one in tree_leaves(made):
                if isinstance(one, Tensor) and one.is_floating_point() and one.numel():
                    self._move(one)
        return made

    def _move(self, tensor: Tensor) -> None:
        device = str(tensor.device)
        if device not in self.generators:
            self.generators[device] = self.stream.torch(device)
        eps = WIDE * torch.finfo(tensor.dtype).eps / 2
        u = torch.rand(tensor.shape, generator=self.generators[device], dtype=tensor.dtype, device=tensor.device)
        tensor.add_(tensor * u.mul_(2 * eps).sub_(eps))
