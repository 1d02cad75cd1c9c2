"""The least loss over a whole straight line between two networks, by branch and bound in balls.

On a piece [a, b] of the line the weights W_0 + s (W_1 - W_0) are balls, and so are the predictions: a ball's lower end bounds the loss
of every network of the piece from below. Values at middles bound the minimum from above. The piece that is lowest is halved.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import Any

from flint import arb, arb_mat, fmpq

from lemmata.numerics.compile.balls import to_ball
from lemmata.numerics.decreasing_paths import WalkedPath

FINE = fmpq(1, 128)
"""It stops where the enclosure is this much of the bound from above: enough to compare with a value well below."""


def least_on_line(walked: WalkedPath, c: arb, boxes: int) -> tuple[arb, int]:
    """An enclosure of min over 0 <= s <= 1 of L(c P(W^(s))), and the pieces that it took; wide where `boxes` did not suffice."""
    order = count()
    start = (fmpq(0), fmpq(1))
    upper = walked.ray(0, 1)(c).min(walked.ray(1, 1)(c))
    queue: list[tuple[float, int, tuple[fmpq, fmpq], arb]] = [_entry(walked, start, c, next(order))]
    pieces = 1
    while pieces < boxes:
        lower = queue[0][3]
        if upper - lower <= upper * FINE:
            break
        _, _, (low, high), _ = heapq.heappop(queue)
        middle = (low + high) / 2
        upper = upper.min(walked.ray(int(middle.p), int(middle.q))(c))
        for piece in ((low, middle), (middle, high)):
            heapq.heappush(queue, _entry(walked, piece, c, next(order)))
        pieces += 2
    lower = queue[0][3]
    for _, _, _, other in queue:
        lower = lower.min(other)
    return lower.union(upper), pieces


def _entry(walked: WalkedPath, piece: tuple[fmpq, fmpq], c: arb, place: int) -> tuple[float, int, tuple[fmpq, fmpq], arb]:
    """A piece with the lower end of the loss on it, in the order of that end."""
    lower = _over(walked, piece, c).lower()
    bound = lower if lower.is_finite() else arb(0) - arb(2) ** 200
    return float(bound), place, piece, bound


def _over(walked: WalkedPath, piece: tuple[fmpq, fmpq], c: arb) -> arb:
    """A ball with the losses of all networks of a piece."""
    path, s = walked.path, to_ball(piece[0]).union(to_ball(piece[1]))
    values = _balls(path.inputs)
    for place, (first, last) in enumerate(zip(path.start, path.end, strict=True)):
        final = place == len(path.start) - 1
        if not final:
            values = arb_mat(values.nrows() + 1, values.ncols(), [*values.entries(), *[arb(1)] * values.ncols()])
        values = (_balls(first) + _balls(last - first) * s) * values
        if not final:
            values = arb_mat(values.nrows(), values.ncols(), [entry.max(arb(0)) for entry in values.entries()])
    rows, examples, entries = values.nrows(), values.ncols(), values.entries()
    predictions = tuple(tuple(entries[row * examples + place] for row in range(rows)) for place in range(examples))
    return walked.with_predictions(predictions)(c)


def _balls(matrix: Any) -> arb_mat:
    return arb_mat(matrix.rows, matrix.cols, [to_ball(fmpq(int(entry.p), int(entry.q))) for entry in matrix])
