r"""Runs of gradient descent of random students, many at once, until the source's stopping rule or until their fate is decided.

Two modes. `Until.STOPPED` is the source's: descent on F/2 with a fixed step until its gradient is at most 10^-9. `Until.DECIDED`
stops a run earlier, and says where it would have ended:

- once F/2 is below the threshold of a spurious minimum: descent with alpha <= 1/M never raises it again;
- once Newton's method goes to a point x* where the Hessian is positive definite, |H(w) - H(x*)| <= lambda_min(x*)/2, and F/2
  is above the threshold. The Hessian is then at least lambda_min/2 on the way, and descent contracts towards x*.

The second rule takes the Hessian's variation from its ends, in doubles: it is no proof, and claims that rest on it say so. That both
modes end in the same minima is tested on runs that are carried to the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from lemmata.numerics.landscape.hessian import Networks
from lemmata.numerics.landscape.tile import Tile, runs_a_tile
from lemmata.numerics.streams import Stream

Array = Any

STEP = 0.1
"""The step of the source."""

SMALLEST_GRADIENT = 1e-9
"""The norm of the gradient at which the source stops a run."""

SPURIOUS_ABOVE = 1e-3
"""The objective (F/2) above which the source calls the end of a run a spurious minimum."""

LOOK = 8
"""Steps between two looks at the gradient."""

TRY = 256
"""Steps between two attempts to decide a run."""

GROWTH = 3
"""A run on which Newton's method failed is tried again when it is half as many times older."""

SMALL = 1e-3
"""Newton's method is tried from this norm of the gradient on."""

NEWTON_STEPS = 12


class Until(Enum):
    """When a run is stopped."""

    STOPPED = "the gradient is at most 10^-9"
    DECIDED = "its end is known"


class Fate(Enum):
    """How a run ended."""

    GLOBAL = 0
    SPURIOUS = 1
    TIME = 2


@dataclass(frozen=True)
class Ends:
    """The ends of runs, by number: where, F/2 there, how many steps it took, and the fate (`Fate` values)."""

    w: Array
    objective: Array
    steps: Array
    fate: Array

    def count(self, fate: Fate) -> int:
        """How many runs met this fate."""
        return int((self.fate == fate.value).sum())

    @property
    def spurious(self) -> Array:
        """Whether each run ended in a spurious minimum."""
        return self.fate == Fate.SPURIOUS.value


def xavier(runs: int, n: int, k: int, generator: Any) -> Array:
    """Starts (runs, n, k) of independent normals of variance 1/k; raises ValueError where n < 1 or k < 1.

    >>> xavier(3, 2, 4, np.random.default_rng(0)).shape
    (3, 2, 4)
    """
    if runs < 1 or n < 1 or k < 1:
        raise ValueError(f"a student has at least one neuron in at least one dimension, and one run: not n = {n}, k = {k}, {runs} runs")
    return generator.standard_normal((runs, n, k)) / k**0.5


def numbered_start(n: int, k: int, number: int) -> Array:
    """Start `number` of n neurons in k dimensions: fixed once for all, as if drawn by `xavier`.

    >>> numbered_start(2, 3, 0).shape, bool((numbered_start(2, 3, 0) == numbered_start(2, 3, 1)).any())
    ((2, 3), False)
    """
    return xavier(1, n, k, Stream(0, ("students", str(n), str(k), str(number))).numpy())[0]


def descend(starts: Array, until: Until = Until.STOPPED, *, step: float = STEP, most: int = 2_000_000, threads: int = 1) -> Ends:
    """Gradient descent on F/2 from every start (runs, n, k) towards the target e_1, ..., e_k; `most` steps each at most.

    Runs that have ended make place for others, so that tiles stay full. Raises ValueError for starts of another shape or not finite.
    """
    starts = np.array(starts, dtype=float)
    if starts.ndim != 3 or not starts.size or not np.isfinite(starts).all():
        raise ValueError(f"starts are finite numbers of shape (runs, n, k), not of shape {starts.shape}")
    count = len(starts)
    ends = Ends(starts, np.zeros(count), np.zeros(count, dtype=np.int64), np.full(count, Fate.TIME.value))
    width = min(runs_a_tile(*starts.shape[1:]), -(-count // threads))
    shares = [range(first, count, threads) for first in range(threads)]
    with _one_thread_each(), ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(_share, ends, list(share), until, step, most, width) for share in shares if share]:
            done.result()
    return ends


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """One thread of linear algebra for each of ours."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def _share(ends: Ends, waiting: list[int], until: Until, step: float, most: int, width: int) -> None:
    """The runs `waiting`, at most `width` of them at a time."""
    n, k = ends.w.shape[1:]
    tile = Tile(width, n, k)
    waiting = waiting[::-1]
    active: list[int] = []
    w, age, patience = np.empty((0, n, k)), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    while waiting or active:
        new = [waiting.pop() for _ in range(min(width - len(active), len(waiting)))]
        if new:
            active += new
            w = np.concatenate([w, ends.w[new]])
            age = np.concatenate([age, np.zeros(len(new), dtype=np.int64)])
            patience = np.concatenate([patience, np.full(len(new), TRY)])
        slope = np.empty_like(w)
        while True:
            for _ in range(LOOK):
                w -= step * tile.gradient(w, slope)
            age += LOOK
            norms = np.sqrt(np.einsum("bij,bij->b", slope, slope))
            finished = (norms <= SMALLEST_GRADIENT) | (age >= most)
            if until is Until.DECIDED and (age >= patience).any():
                finished |= _decided(tile, w, norms, age, patience)
            if finished.any():
                break
        values = tile.objective(w)
        for place in np.nonzero(finished)[0]:
            _record(ends, active[place], w[place], values[place], norms[place], int(age[place]))
        kept = ~finished
        active = [number for number, stays in zip(active, kept, strict=True) if stays]
        w, age, patience = w[kept], age[kept], patience[kept]


def _decided(tile: Tile, w: Array, norms: Array, age: Array, patience: Array) -> Array:
    """Which runs' ends are known; those become their ends, in place. `patience` is moved on for the others."""
    finished = tile.objective(w) < SPURIOUS_ABOVE
    for place in np.nonzero((age >= patience) & ~finished)[0]:
        end = newton_end(w[place]) if norms[place] <= SMALL else None
        if end is not None:
            w[place], finished[place], norms[place] = end, True, 0.0
        patience[place] = age[place] * GROWTH // 2 if norms[place] <= SMALL else age[place] + TRY
    return finished


def _record(ends: Ends, number: int, w: Array, value: float, norm: float, age: int) -> None:
    ends.w[number], ends.objective[number], ends.steps[number] = w, value, age
    if value < SPURIOUS_ABOVE:
        ends.fate[number] = Fate.GLOBAL.value
    elif norm <= SMALLEST_GRADIENT:
        ends.fate[number] = Fate.SPURIOUS.value


def newton_end(w: Array) -> Array | None:
    """The minimum that descent from w goes to, by Newton's method and the rule of this file; None where the rule does not decide."""
    n, k = w.shape
    target, at = np.eye(k), w
    before = Networks(w, target).hessian()
    least = np.linalg.eigvalsh(before)[0]
    if least <= 0:
        return None
    here = before
    for _ in range(NEWTON_STEPS):
        networks = Networks(at, target)
        slope = networks.gradient().ravel()
        if np.sqrt(slope @ slope) <= SMALLEST_GRADIENT / 10:
            break
        here = networks.hessian()
        at = at - np.linalg.solve(here, slope).reshape(n, k)
        if not np.isfinite(at).all() or not (np.abs(at).sum(1) > 0).all():
            return None
    else:
        return None
    spectrum = np.linalg.eigvalsh(here)
    if spectrum[0] <= 0 or np.abs(np.linalg.eigvalsh(before - here)).max() > spectrum[0] / 2:
        return None
    return at if Networks(at, target).value() >= SPURIOUS_ABOVE else None


def polished(w: Array) -> Array:
    """A critical point near w to rounding, by Newton's method for as long as its steps become shorter."""
    at, least, target = w, np.inf, np.eye(w.shape[1])
    for _ in range(NEWTON_STEPS):
        networks = Networks(at, target)
        step = np.linalg.solve(networks.hessian(), networks.gradient().ravel())
        length = float(np.sqrt(step @ step))
        if not length < least:
            break
        at, least = at - step.reshape(at.shape), length
    return at


def least_eigenvalue(w: Array) -> float:
    """The least eigenvalue of the Hessian of F/2 at w, in doubles."""
    return float(np.linalg.eigvalsh(Networks(w, np.eye(w.shape[1])).hessian())[0])
