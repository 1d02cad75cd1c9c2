"""Handwritten digits as data that networks are trained on: which pictures, how many of them train and test, and as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import torch

from lemmata.numerics.datasets import CLASSES, EACH, digits, mnist


class Pictures(Enum):
    """Where pictures come from."""

    DIGITS = 0
    """scikit-learn's digits, 8 x 8: 1797."""
    MNIST = 1
    """MNIST's extract in the extra [data], 28 x 28: 5000, of which any first ones are balanced."""
    MNIST_HALVED = 2
    """The same, each 2 x 2 pixels replaced by their mean: 14 x 14."""

    @property
    def side(self) -> int:
        """How many pixels a row has."""
        match self:
            case Pictures.DIGITS:
                return 8
            case Pictures.MNIST:
                return 28
            case Pictures.MNIST_HALVED:
                return 14

    @property
    def count(self) -> int:
        """How many there are."""
        return 1797 if self is Pictures.DIGITS else CLASSES * EACH


SHIFT = 0.3
"""Subtracted from grey levels between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Task:
    """The first `training` pictures train, the `testing` next ones test; training takes `steps` steps of size `step`.

    Raises ValueError for more pictures than there are, or none, with the numbers.

    >>> Task().entries
    65
    >>> Task(Pictures.DIGITS, 1700, 98)
    Traceback (most recent call last):
    ValueError: 1700 + 98 pictures to train and test were asked for: at least 1 of each, at most 1797 together
    """

    pictures: Pictures = Pictures.DIGITS
    training: int = 100
    testing: int = 400
    steps: int = 40
    step: float = 0.25

    def __post_init__(self) -> None:
        if self.training < 1 or self.testing < 1 or self.training + self.testing > self.pictures.count:
            raise ValueError(
                f"{self.training} + {self.testing} pictures to train and test were asked for: at least 1 of each, "
                f"at most {self.pictures.count} together"
            )

    @property
    def entries(self) -> int:
        """The pixels of a picture and the 1 that goes with them."""
        return self.pictures.side**2 + 1

    def seen(self, device: str = "cpu") -> tuple[Any, Any]:
        """The pictures that train: rows of pixels with an entry 1 for the biases, and their classes."""
        return self._part(0, self.training, device)

    def unseen(self, device: str = "cpu") -> tuple[Any, Any]:
        """The pictures that test."""
        return self._part(self.training, self.training + self.testing, device)

    def _part(self, first: int, last: int, device: str) -> tuple[Any, Any]:
        grey, classes = grey_levels(self.pictures, self.training + self.testing)
        pixels = torch.from_numpy(grey[first:last] - SHIFT).to(device=device, dtype=torch.float32)
        return torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1), torch.from_numpy(classes[first:last]).to(device)


@cache
def grey_levels(pictures: Pictures, count: int) -> tuple[Any, Any]:
    """The first `count` pictures as rows of grey levels between 0 and 1, float64, and their classes, int64.

    Raises ModuleNotFoundError where the pictures are MNIST's and the extra [data] is not installed.

    >>> grey_levels(Pictures.DIGITS, 3)[0].shape, grey_levels(Pictures.DIGITS, 3)[1].tolist()
    ((3, 64), [0, 1, 2])
    """
    import numpy

    if pictures is Pictures.DIGITS:
        rows = numpy.array(digits()[:count])
        return rows[:, :-1] / 16, rows[:, -1].astype(numpy.int64)
    images, classes = mnist(-(-count // CLASSES))
    grey = images[:count] / 255
    if pictures is Pictures.MNIST_HALVED:
        grey = grey.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(len(grey), -1)
    return grey, classes[:count].astype(numpy.int64)
