"""Means over the weights of a finite network, each entry with the standard error that independent replicates show.

A pilot run fits the controls' coefficients and says how many replicates the precision takes; the estimate is the mean over
replicates drawn after it, so it has no bias and its standard error is that of independent, equally distributed terms. Nothing is assumed
of their variance; where it is heavy-tailed (networks deeper than wide) the standard error is heavy-tailed as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from lemmata.numerics.networks.gram_law import Pairs, block, count_controls, covariance, last_covariances, quadratic
from lemmata.numerics.networks.network import Inputs, Network
from lemmata.numerics.networks.replicates import EntryMoments, Fit, fit
from lemmata.numerics.networks.tangent import count_tangent_controls, own_kernel, tangent_kernels
from lemmata.numerics.streams import Stream
from lemmata.theory.kernels.parametrisation import Parametrisation

CACHED, ON_DEVICE = 2**18, 2**24
"""Numbers in a layer of the networks drawn at a time: a few arrays of them fit in a processor's cache, or fill a graphics card."""

MOST_CONTROLS = 2**22
"""Numbers in the controls of the networks drawn at a time, 32 MiB; 16 times as many may be kept of a pilot run, else fewer controls are."""

LEAST = 64
"""Replicates of an estimate, at least: below, a standard error says little."""

PILOT = 6
"""Replicates of a pilot run for each coefficient, at least."""

MOST_PILOT = 1024
"""Replicates of a pilot run where a block holds as many: controls of few units have long tails, of which a short run sees nothing."""

MARGIN = 1.1
"""Replicates beyond what the pilot run asks for, since its own variance is an estimate."""

Draw = Callable[[int, torch.Generator], tuple[torch.Tensor, torch.Tensor]]
"""Values (batch, entries) and controls (batch, entries, k) of `batch` independent networks."""


@dataclass(frozen=True)
class KernelEstimate:
    """A matrix of means over networks.

    mean, stderr  the estimate and its standard error, entry by entry, in double precision
    replicates    independent networks in the mean
    pilot         networks drawn before, from which the controls' coefficients come
    """

    mean: torch.Tensor
    stderr: torch.Tensor
    replicates: int
    pilot: int

    @property
    def relative(self) -> float:
        """The largest standard error of an entry (a, b) in units of sqrt(M_aa M_bb), M the mean.

        >>> m = torch.tensor([[4.0, 0.0], [0.0, 1.0]])
        >>> KernelEstimate(m, torch.full((2, 2), 0.5), 100, 0).relative
        0.5
        """
        scale = torch.diagonal(self.mean).clamp(min=0).sqrt()
        units = self.stderr / (scale[:, None] * scale[None, :])
        return float(torch.where(self.stderr > 0, units, torch.zeros_like(units)).max())


def nngp(
    network: Network,
    inputs: Any,
    *,
    stream: Stream,
    precision: float | None = None,
    replicates: int | None = None,
    device: str = "cpu",
    dtype: torch.dtype = torch.float64,
    workers: int = 1,
    drawn: bool = False,
) -> KernelEstimate:
    """E z^(L)(x) z^(L)(x') over the weights, at the network's finite widths, for all pairs of inputs (a row each).

    Give the relative standard error wanted as `precision` (in units of the diagonal) or the number of `replicates`. Gaussian layers
    are drawn through their Gram matrices (`gram_law`) unless the weights shall be `drawn`, other laws by their weights. Blocks of
    networks have streams of their own: `workers` threads change nothing but the time. In single precision a standard error below
    2^-24 times depth and width means nothing. Raises ValueError for arguments that are none, with what to give.

    >>> he = Network(torch.relu, (16, 16), sigma_w=2**0.5)
    >>> found = nngp(he, [[1.0, 0.0], [0.0, 2.0]], stream=Stream(0), precision=0.01)
    >>> bool(((found.mean.diag() - torch.tensor([1.0, 4.0])).abs() < 5 * found.stderr.diag()).all())
    True
    """
    return _mean_power(1, network, inputs, stream, precision, replicates, device, dtype, workers, drawn)


def gram_squares(
    network: Network,
    inputs: Any,
    *,
    stream: Stream,
    precision: float | None = None,
    replicates: int | None = None,
    device: str = "cpu",
    dtype: torch.dtype = torch.float64,
    workers: int = 1,
    drawn: bool = False,
) -> KernelEstimate:
    """E K(x, x')^2 of the output's covariance K given the hidden layers, entrywise; arguments as those of `nngp`.

    E K^2 - (E K)^2 is how far one network is from the mean of all: O(1/n) for widths n, and for z = z^(L) E z^4 = 3 E K^2. Deep and narrow
    networks are heavy-tailed (for ReLU with sigma_w^2 = 2 the ratio E K^4 / (E K^2)^2 grows exponentially with the sum of 1/n_l): with a
    sum of 1/n_l above 1 or so neither the mean nor its standard error can be trusted, whatever the number of replicates.

    >>> he = Network(torch.relu, (32,), sigma_w=2**0.5)
    >>> found = gram_squares(he, [[1.0]], stream=Stream(0), replicates=1000)
    >>> abs(found.mean.item() - 4 * (1 + 5 / 32)) < 5 * found.stderr.item()
    True
    """
    return _mean_power(2, network, inputs, stream, precision, replicates, device, dtype, workers, drawn)


def _mean_power(
    power: int,
    network: Network,
    inputs: Any,
    stream: Stream,
    precision: float | None,
    replicates: int | None,
    device: str,
    dtype: torch.dtype,
    workers: int,
    drawn: bool,
) -> KernelEstimate:
    """E K(x, x')^power of the output's covariance K given the hidden layers, for power 1 or 2."""
    points = Inputs.of(inputs)
    x, pairs = _placed(points, device, dtype)
    if network.depth == 1:
        exact = points.spread(covariance(network, points.distinct.to(device)) ** power)
        return KernelEstimate(exact, torch.zeros_like(exact), 0, 0)

    def draw(batch: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        values, found = last_covariances(network, x, pairs, batch, rng=rng, drawn=drawn, power=power)
        return values**power, found

    run = Run.of(draw, network, pairs, count_controls(network, power=power), stream, device, workers, drawn)
    return run.estimate(points, precision, replicates)


def ntk(
    network: Network,
    inputs: Any,
    *,
    stream: Stream,
    parametrisation: Parametrisation = Parametrisation.NTK,
    precision: float | None = None,
    replicates: int | None = None,
    device: str = "cpu",
    dtype: torch.dtype = torch.float64,
    workers: int = 1,
    drawn: bool = False,
) -> KernelEstimate:
    """E <grad z^(L)(x), grad z^(L)(x')> over the weights, at the network's finite widths; arguments as those of `nngp`.

    Gaussian layers that are wider than there are inputs are drawn by what the errors and inputs see of them (`tangent`), unless the
    weights shall be `drawn`.

    >>> net = Network(torch.tanh, (8,), sigma_w=1.0)
    >>> ntk(net, [[1.0], [2.0]], stream=Stream(0), replicates=100).mean.shape
    torch.Size([2, 2])
    """
    points = Inputs.of(inputs)
    x, pairs = _placed(points, device, dtype)
    if network.depth == 1:
        exact = points.spread(own_kernel(network, points.distinct.to(device), parametrisation))
        return KernelEstimate(exact, torch.zeros_like(exact), 0, 0)

    def draw(batch: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return tangent_kernels(network, x, pairs, batch, rng=rng, parametrisation=parametrisation, drawn=drawn)

    run = Run.of(draw, network, pairs, count_tangent_controls(network), stream, device, workers, drawn)
    return run.estimate(points, precision, replicates)


def _placed(points: Inputs, device: str, dtype: torch.dtype) -> tuple[torch.Tensor, Pairs]:
    """The distinct inputs where and as they are computed with, and their pairs."""
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"networks are drawn in single or double precision, not in {dtype}")
    x = points.distinct.to(device=device, dtype=dtype)
    return x, Pairs.of(x.shape[1], device)


@dataclass(frozen=True)
class Run:
    """Replicates in blocks of `size`, block i from the stream's child i alone; `kept` of the controls are used, `few` of degree 2."""

    draw: Draw
    pairs: Pairs
    size: int
    kept: tuple[int, ...]
    few: tuple[int, ...]
    stream: Stream
    device: str
    workers: int

    @classmethod
    def of(cls, draw: Draw, network: Network, pairs: Pairs, controls: int, stream: Stream, device: str, workers: int, drawn: bool) -> Run:
        """With blocks that fit in memory, and as many of the controls as do; `workers` below 1 raises ValueError."""
        if workers < 1:
            raise ValueError(f"workers are threads: at least 1, not {workers!r}")
        entries = len(pairs.first)
        size = block(network, pairs.size, ON_DEVICE if device.startswith("cuda") else CACHED, drawn)
        size = max(1, min(size, MOST_CONTROLS // (entries * max(1, controls))))
        few = tuple(quadratic(controls))
        choices = (tuple(range(controls)), few)
        kept = next((c for c in choices if entries * len(c) * max(LEAST, PILOT * len(c)) <= 16 * MOST_CONTROLS), ())
        places = tuple(place for place, control in enumerate(kept) if control in few)
        return cls(draw, pairs, size, kept, places, stream, device, workers)

    def estimate(self, points: Inputs, precision: float | None, replicates: int | None) -> KernelEstimate:
        """The mean at this precision or of this many replicates, after a pilot run."""
        if (precision is None) == (replicates is None):
            raise ValueError("say either the precision wanted or the number of replicates")
        if precision is not None and not (0 < precision < math.inf):
            raise ValueError(f"the precision is a relative standard error: a finite number above 0, not {precision!r}")
        if replicates is not None and replicates < 2:
            raise ValueError(f"a standard error takes at least 2 replicates, not {replicates!r}")
        with one_thread_each():
            pilot = self._blocks("pilot", max(LEAST, PILOT * len(self.kept), min(self.size, MOST_PILOT)))
            values, controls = (torch.cat(part) for part in zip(*self._map(pilot, lambda *found: found), strict=True))
            fitted = fit(values, controls, self.few)
            count = self._needed(fitted, precision) if replicates is None else replicates
            main = self._blocks("main", count)
            moments = None
            for part in self._map(main, lambda *found: EntryMoments.of(fitted.corrected(*found))):
                moments = part if moments is None else moments.merge(part)
        assert moments is not None
        mean, stderr = (points.spread(self.pairs.matrix(entry)) for entry in (moments.mean, moments.stderr))
        return KernelEstimate(mean, stderr, moments.n, len(values))

    def _needed(self, fitted: Fit, precision: float | None) -> int:
        """Replicates for this precision, from the variance that the pilot run leaves."""
        assert precision is not None
        on = self.pairs.matrix(fitted.mean).diagonal().clamp(min=0).sqrt()
        scale = on[self.pairs.first] * on[self.pairs.second]
        units = torch.where(fitted.variance > 0, fitted.variance / scale.square(), torch.zeros_like(scale))
        wanted = MARGIN * float(units.max()) / precision**2
        if not math.isfinite(wanted):
            raise ValueError("an entry's mean is 0 and its variance is not: it has no relative precision, say the number of replicates")
        return max(LEAST, math.ceil(wanted))

    def _blocks(self, part: str, count: int) -> list[tuple[Stream, int]]:
        starts = range(0, count, self.size)
        return [(self.stream.child(part, index), min(self.size, count - start)) for index, start in enumerate(starts)]

    def _map(self, blocks: list[tuple[Stream, int]], then: Callable[..., Any]) -> Iterator[Any]:
        """What `then` makes of each block, in order."""

        def one(item: tuple[Stream, int]) -> Any:
            stream, count = item
            values, controls = self.draw(count, stream.torch(self.device))
            return then(values, controls if len(self.kept) == controls.shape[2] else controls[:, :, self.kept])

        if self.workers <= 1:
            yield from map(one, blocks)
            return
        # the number of Torch's own threads is each thread's own
        with ThreadPoolExecutor(self.workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(one, blocks)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Torch's own threads off: on small arrays they cost more than they give, and work is shared out by blocks."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
