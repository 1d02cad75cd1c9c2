"""Random streams: each from a hash of (claim, instrument, point, seed), so that order and parallelism change nothing."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch


@dataclass(frozen=True, slots=True)
class Stream:
    """The address of a random stream; equal addresses give equal numbers on every machine and in any order.

    >>> Stream(0, ("claim", "points")).integer() == Stream(0).child("claim").child("points").integer()
    True
    """

    seed: int
    path: tuple[str, ...] = ()

    def child(self, *names: Any) -> Stream:
        """The stream below this one with these names."""
        return Stream(self.seed, (*self.path, *map(str, names)))

    def integer(self) -> int:
        """63 bits of the address's hash."""
        text = "\x1f".join((str(self.seed), *self.path))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1

    def python(self) -> random.Random:
        """A generator of the standard library."""
        return random.Random(self.integer())

    def numpy(self) -> np.random.Generator:
        """A NumPy generator."""
        import numpy

        return numpy.random.default_rng(self.integer())

    def torch(self, device: str = "cpu") -> torch.Generator:
        """A Torch generator on a device."""
        import torch as torch_

        return torch_.Generator(device=device).manual_seed(self.integer())
