"""Limits of sequences from their first terms: several accelerations, of which two have to agree, and an honest error.

An acceleration alone always returns something. Here each is run on the whole sequence and on the sequence without its last one or
two terms, which gives an error of its own; the answer is the pair of different accelerations that agree best, and its error is
the largest of their own errors and of their distance. A sequence whose differences fall slower than geometrically is never
given a smaller error than the distance between its last term and the extrapolation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath

Transform = Callable[[Sequence[Any]], Any]

SAFETY = 4
"""The estimated error is multiplied by this: agreement of two accelerations is not a proof."""

LOGARITHMIC = mpmath.mpf(7) / 8
"""Successive differences with a ratio above this fall too slowly for any geometric extrapolation to be trusted."""

SLOWEST = mpmath.mpf(5) / 8
"""Over the second half of a slow sequence k |s_(k+1) - s_k| has to fall below this share: 1/2 for 1/k, 1 for log k."""

LAST = 40
"""Terms at the end of a sequence that are extrapolated; more only cost."""

WINDOW = 6
"""Terms at the end of a sequence over which its behaviour is judged."""


def neville(power: Any) -> Transform:
    """Polynomial extrapolation to h = 0 in h^power for terms at h, h/2, h/4, ..."""

    def transform(values: Sequence[Any]) -> Any:
        row = list(values)
        for order in range(1, len(row)):
            factor = mpmath.mpf(2) ** (power * order)
            row = [(factor * b - a) / (factor - 1) for a, b in zip(row, row[1:], strict=False)]
        return row[-1]

    return transform


def romberg(depth: int, power: Any = 1) -> Transform:
    """`neville` with at most `depth` powers: less amplification, for expansions that are not all powers."""

    def transform(values: Sequence[Any]) -> Any:
        return neville(power)(values[-depth - 1 :])

    return transform


def epsilon(values: Sequence[Any]) -> Any:
    """Wynn's epsilon algorithm: sums of geometric terms with unknown ratios."""
    before, current = [mpmath.mpf(0)] * (len(values) + 1), list(values)
    best = current[-1]
    for column in range(1, len(values)):
        gaps = [b - a for a, b in zip(current, current[1:], strict=False)]
        if any(gap == 0 for gap in gaps):
            return best
        before, current = current, [before[i + 1] + 1 / gap for i, gap in enumerate(gaps)]
        if column % 2 == 0:
            best = current[-1]
    return best


def aitken(values: Sequence[Any]) -> Any:
    """Aitken's process, iterated while there are three terms left."""
    row = list(values)
    while len(row) >= 3:
        bends = [c - 2 * b + a for a, b, c in zip(row, row[1:], row[2:], strict=False)]
        if any(bend == 0 for bend in bends):
            break
        row = [c - (c - b) ** 2 / bend for b, c, bend in zip(row[1:], row[2:], bends, strict=True)]
    return row[-1]


def levin(variant: str) -> Transform:
    """Levin's transformation of partial sums."""

    def transform(values: Sequence[Any]) -> Any:
        return mpmath.levin(method="levin", variant=variant).update_psum(list(values))[0]

    return transform


def consecutive_richardson(values: Sequence[Any]) -> Any:
    """Richardson's extrapolation in 1/n for consecutive n."""
    return mpmath.richardson(list(values))[0]


GEOMETRIC: dict[str, Transform] = {
    "Richardson": neville(1),
    "Richardson in square roots": neville(mpmath.mpf(1) / 2),
    "Richardson in squares": neville(2),
    "Richardson, three powers": romberg(3),
    "Richardson, six powers": romberg(6),
    "Wynn's epsilon": epsilon,
    "Aitken": aitken,
}
"""For terms at h, h/2, h/4, ..."""

PARTIAL_SUMS: dict[str, Transform] = {
    "Levin u": levin("u"),
    "Richardson": consecutive_richardson,
    "Wynn's epsilon": epsilon,
}
"""For partial sums with consecutive indices."""


def estimate(transform: Transform, values: Sequence[Any], drops: Sequence[int] = (1, 2)) -> tuple[Any, Any] | None:
    """A transform's value and how far it moves when the last terms are left out; None where it breaks down."""
    try:
        value = transform(values)
        moved = max(abs(value - transform(values[:-drop])) for drop in drops)
    except (ArithmeticError, ValueError, IndexError):
        return None
    return (value, moved) if mpmath.isfinite(value) and mpmath.isfinite(moved) else None


def agree(transforms: dict[str, Transform], values: Sequence[Any], drops: Sequence[int] = (1, 2)) -> tuple[Any, Any, str] | None:
    """The value on which two different accelerations agree best, its error, and their names; None where fewer than two work."""
    found = [(name, result) for name, transform in transforms.items() if (result := estimate(transform, values, drops)) is not None]
    best: tuple[Any, Any, str] | None = None
    for i, (name, (value, error)) in enumerate(found):
        for other, (second, second_error) in found[i + 1 :]:
            together = SAFETY * max(error, second_error, abs(value - second))
            if best is None or together < best[1]:
                best = (value if error <= second_error else second, together, f"{name} and {other}")
    return best


def limit_of(values: Sequence[Any]) -> tuple[Any, Any, str] | str:
    """The limit of terms at h, h/2, h/4, ... with its error and the methods, or the reason why none is seen.

    >>> value, error, _ = limit_of([mpmath.mpf(1) + mpmath.mpf(2) ** -k for k in range(12)])
    >>> bool(abs(value - 1) <= error)
    True
    """
    gaps = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
    if len(gaps) < WINDOW:
        return f"{len(values)} terms are too few to see a limit"
    recent = gaps[-WINDOW:]
    if max(recent) == 0:
        return values[-1], mpmath.mpf(0), "constant terms"
    if not max(recent[WINDOW // 2 :]) < max(recent[: WINDOW // 2]):
        return "successive terms do not come closer to each other"
    if 0 in recent:
        return values[-1], SAFETY * max(recent), "terms that settle"
    ratio = max(b / a for a, b in zip(recent[WINDOW // 2 :], recent[WINDOW // 2 + 1 :], strict=False))
    if ratio >= 1:
        return "successive terms come closer irregularly"
    found = agree(GEOMETRIC, values[-LAST:])
    if found is None:
        return "no two accelerations give a finite value"
    value, error, methods = found
    remaining = gaps[-1] * ratio / (1 - ratio)
    if ratio > LOGARITHMIC:
        slow, earlier = len(gaps) * gaps[-1], len(gaps) // 2 * gaps[len(gaps) // 2 - 1]
        if slow > earlier * SLOWEST:
            return "successive terms come closer too slowly to tell a limit from none"
        return value, max(error, SAFETY * max(remaining, slow)), f"{methods}; slow convergence"
    if abs(value - values[-1]) > SAFETY * remaining:
        return values[-1], SAFETY * max(remaining, gaps[-1]), "the last term"
    return value, error, methods
