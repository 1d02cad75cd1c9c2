"""Networks that fit any labels exactly: one direction, one bias and one output weight a sample, 2 n + d numbers in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count, pairwise

from lemmata.numerics.datasets import digits


@dataclass(frozen=True)
class Memory:
    r"""The network x -> sum_j v_j (a . x - b_j)_+, in exact numbers.

    >>> network = memorise([(0, 0), (1, 2), (2, 1)], [5, -1, 0])
    >>> [str(network((x, y))) for x, y in ((0, 0), (1, 2), (2, 1))], network.parameters
    (['5', '-1', '0'], 8)
    """

    direction: tuple[Fraction, ...]
    biases: tuple[Fraction, ...]
    outputs: tuple[Fraction, ...]

    def __call__(self, x: Sequence[int | Fraction]) -> Fraction:
        """The output at one input."""
        along = project(self.direction, x)
        return sum((v * max(Fraction(0), along - b) for v, b in zip(self.outputs, self.biases, strict=True)), Fraction(0))

    @property
    def parameters(self) -> int:
        """How many numbers the network has: d + 2 n."""
        return len(self.direction) + len(self.biases) + len(self.outputs)


def memorise(inputs: Sequence[Sequence[int | Fraction]], labels: Sequence[int | Fraction]) -> Memory:
    r"""The network with n units that takes n different inputs to their labels, exactly.

    $$z_i = a \cdot x_i, \quad z_1 < \dots < z_n, \quad b_1 = z_1 - 1,\ b_j = z_{j-1}, \quad
    \textstyle\sum_{j \le i} (z_i - b_j)\, v_j = y_i$$

    The system is lower triangular, since z_i <= b_j for j > i, with the positive diagonal z_i - b_i. The direction is
    (1, t, t^2, ...) for the first t = 1, 2, ... that tells all inputs apart: two inputs share a projection at the zeros of a
    polynomial, so that all but finitely many t do. Raises ValueError for inputs that are equal, or of unequal length, or
    without a label each.

    Source: Zhang et al. (2017), Understanding deep learning requires rethinking generalization, theorem 1.
    """
    points = [tuple(Fraction(entry) for entry in row) for row in inputs]
    if not points or len(points) != len(labels):
        raise ValueError(f"{len(points)} inputs with {len(labels)} labels: give one label an input, and at least one")
    if len({len(row) for row in points}) != 1 or not points[0]:
        raise ValueError(f"inputs of {sorted({len(row) for row in points})} entries: give all of them one length, at least 1")
    seen: dict[tuple[Fraction, ...], int] = {}
    for place, row in enumerate(points):
        if row in seen:
            raise ValueError(f"the inputs {seen[row]} and {place} are equal: no network takes one input to two labels")
        seen[row] = place
    direction = next(a for a in (_powers(t, len(points[0])) for t in count(1)) if _tells_apart(a, points))
    order = sorted((project(direction, row), Fraction(label)) for row, label in zip(points, labels, strict=True))
    along = [z for z, _ in order]
    biases = [along[0] - 1, *along[:-1]]
    outputs: list[Fraction] = []
    for z, label in order:
        below = sum((v * (z - b) for v, b in zip(outputs, biases, strict=False)), Fraction(0))
        outputs.append((label - below) / (z - biases[len(outputs)]))
    return Memory(direction, tuple(biases), tuple(outputs))


def project(direction: Sequence[Fraction], x: Sequence[int | Fraction]) -> Fraction:
    """a . x; raises ValueError where they have unequal lengths."""
    return sum((a * Fraction(entry) for a, entry in zip(direction, x, strict=True)), Fraction(0))


def _powers(t: int, length: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(t) ** k for k in range(length))


def _tells_apart(direction: Sequence[Fraction], points: Sequence[Sequence[Fraction]]) -> bool:
    along = sorted(project(direction, row) for row in points)
    return all(first != second for first, second in pairwise(along))


# Twenty images with labels that have nothing to do with them, as the matrices of a statement.

SAMPLES = 20


def images() -> list[list[Fraction]]:
    """The first 20 digits, one a row: what their 8 lines of pixels sum to."""
    return [[Fraction(sum(row[line : line + 8])) for line in range(0, 64, 8)] for row in digits()[:SAMPLES]]


def labels() -> list[list[Fraction]]:
    """A label an image: 7 k^2 + 3 k modulo 10, k the place of the image."""
    return [[Fraction((7 * k * k + 3 * k) % 10)] for k in range(SAMPLES)]


@cache
def memory_of_images() -> Memory:
    """The network that takes these images to these labels."""
    return memorise(images(), [row[0] for row in labels()])


def direction() -> list[list[Fraction]]:
    """Its direction, a column."""
    return [[entry] for entry in memory_of_images().direction]


def biases() -> list[list[Fraction]]:
    """Its biases, a row."""
    return [list(memory_of_images().biases)]


def outputs() -> list[list[Fraction]]:
    """Its output weights, a column."""
    return [[entry] for entry in memory_of_images().outputs]
