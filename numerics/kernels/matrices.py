"""NNGP and NTK matrices of fully connected networks of infinite width, by tiles."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from lemmata.numerics.kernels.duals import Array, Dual, Duals
from lemmata.numerics.kernels.expanded import Expanded
from lemmata.numerics.kernels.inputs import read
from lemmata.numerics.kernels.network import Network, Parametrisation, Side
from lemmata.numerics.kernels.propagation import KernelError, kernel_error
from lemmata.numerics.kernels.ranges import compiled_for
from lemmata.numerics.kernels.tiles import Half, Place, Worker

TILE = {"cpu": 192, "cuda": 2048}
"""Rows and columns of a tile: a larger one leaves a cache of 1 MiB, a smaller one is all calls (96 to 256 were measured)."""


class _Two(NamedTuple):
    nngp: Array
    ntk: Array


class Kernels(_Two):
    """The two matrices: covariance of the networks' outputs, and tangent kernel.

    `error` holds the proved bounds of their errors, where the activation's dual has one (a compiled one), else None.
    """

    error: KernelError | None = None


def kernel_matrices(
    X: Any,
    activation: Any,
    depth: int,
    *,
    sigma_w: float,
    sigma_b: float | None = None,
    parametrisation: Parametrisation = Parametrisation.NTK,
    widths: int | Sequence[int] | None = None,
    Y: Any = None,
    dtype: str | None = None,
    device: str = "cpu",
    threads: int | None = None,
) -> Kernels:
    """NNGP and NTK between the rows of X and those of Y (or of X again) for `depth` hidden layers and a linear readout.

    K_0 = w <x, y> / n_0 + b, K_{l+1} = w T(K_l) + b, and Theta as in `network`, w = sigma_w^2, b = sigma_b^2;
    sigma_b = None is a network without biases, sigma_b = 0 one whose biases start at 0 (they differ only in the standard
    parametrisation, where biases are trained at unit speed).

    `activation` is RELU, another Dual, or functions (dual, slope) or (dual, slope, defect) of (q1, q2, d = 1 - c) as in Duals; or
    the name or expression of an analytic activation ("tanh", "mish", sp.tanh, ...), whose dual is then compiled for the variances
    that occur (`compiled_dual`), and the result has a proved bound of its errors as its `error`.
    Carried is d, from difference vectors where it is small: identical inputs have d = 0 exactly, and nearly identical or nearly
    opposite ones (to an angle of 1e-15) lose nothing. With RELU, the errors seen against balls are below 10 depth rounding
    units (of K, or of K + |w Theta T'| where the terms of Theta cancel), and up to 13 at depth 1 for the sums over several
    hundred features.
    A zero input is an input like any other with biases; without, its kernels are 0 for a homogeneous activation and an
    error for any other.

    Two results of n x n numbers are made, four tiles a thread, a copy of the inputs and a few vectors a layer; for Y = None each
    pair is computed once. Threads of NumPy on the CPU, Torch tensors on any other device; `dtype` is "float32" or "float64"
    (that of X, unless it says otherwise).

    Raises TypeError or ValueError in one line for inputs or networks that have no kernel.

    >>> from lemmata.numerics.kernels import RELU
    >>> nngp, ntk = kernel_matrices([[1.0, 0.0], [0.0, 2.0]], RELU, 1, sigma_w=2**0.5)
    >>> nngp.round(6).tolist(), ntk.round(6).tolist()
    ([[1.0, 0.63662], [0.63662, 4.0]], [[2.0, 0.63662], [0.63662, 8.0]])
    """
    network = Network(depth, sigma_w, sigma_b, parametrisation, widths)
    dual = _dual(activation, network, [part for part in (X, Y) if part is not None])
    place, torch_out = _place(X, dtype, device)
    if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
        raise ValueError(f"threads is how many tiles are computed at once: a whole number, at least 1, not {threads!r}")
    first = _half(_host(X), "X", network, dual, place)
    second = first if Y is None else _half(_host(Y), "Y", network, dual, place)
    if (have := second.inputs.rows.shape[1]) != (want := first.inputs.rows.shape[1]):
        raise ValueError(f"X has {want} features and Y has {have}: they must agree")
    nngp, ntk = _fill(network, dual, place, first, second, threads or _cores())
    if torch_out:
        import torch

        nngp, ntk = torch.as_tensor(nngp), torch.as_tensor(ntk)
    found = Kernels(nngp, ntk)
    if isinstance(dual, Expanded):
        unit = float(np.finfo(str(place.dtype).removeprefix("torch.")).eps) / 2
        found.error = kernel_error(network, dual, (first.inputs, second.inputs), unit)
    return found


def _dual(activation: Any, network: Network, X: list[Any]) -> Dual:
    """The dual that is asked for; one that is asked for by its activation is compiled."""
    if isinstance(activation, Dual):
        return activation
    if isinstance(activation, tuple):
        return _duals(activation)
    if not isinstance(activation, str) and not callable(activation) and not hasattr(activation, "free_symbols"):
        raise TypeError(f"an activation is a Dual, a name, an expression, or functions (dual, slope[, defect]), not {activation!r}")
    return compiled_for(activation, network, [read(_host(part), "X").squares for part in X])


def _duals(functions: Any) -> Duals:
    """Functions as an activation."""
    if not (isinstance(functions, tuple) and len(functions) in (2, 3) and all(map(callable, functions))):
        raise TypeError(f"an activation is RELU, a Dual, or functions (dual, slope[, defect]) of (q1, q2, 1 - c), not {functions!r}")
    return Duals(*functions)


def _place(X: Any, dtype: str | None, device: str) -> tuple[Place, bool]:
    """Where to compute, and whether to answer in tensors."""
    from_torch = hasattr(X, "detach")
    if from_torch and X.requires_grad:
        raise ValueError("kernel matrices are not differentiated by X: pass X.detach()")
    known = str(getattr(X, "dtype", "float64")).removeprefix("torch.")
    name = dtype or (known if known == "float32" else "float64")
    if name not in ("float32", "float64"):
        raise ValueError(f"dtype is 'float32' or 'float64', not {dtype!r}")
    if device == "cpu":
        return Place(np, np.dtype(name)), from_torch
    import torch

    if device.split(":")[0] != "cuda":
        raise ValueError(f"device is 'cpu' or 'cuda', not {device!r}")
    if not torch.cuda.is_available():
        raise ValueError("this machine has no CUDA device: choose device='cpu'")
    return Place(torch, getattr(torch, name), device), True


def _host(X: Any) -> Any:
    """A tensor as a NumPy array; anything else as it is."""
    return X.detach().cpu().numpy() if hasattr(X, "detach") else X


def _half(X: Any, name: str, network: Network, dual: Dual, place: Place) -> Half:
    """The inputs with their vectors, once it is clear that every variance is a positive number that the dtype holds."""
    inputs = read(X, name)
    double = Place(place.xp, place.xp.float64, place.device)
    lengths = dual.lengths if place.xp is np else lambda q: double.get(dual.lengths(double.put(q)))
    kind = np.finfo(str(place.dtype).removeprefix("torch."))
    zero = inputs.inverse == 0
    nothing = zero & (network.bias == 0)
    if nothing.any() and not dual.homogeneous:
        row = int(np.nonzero(nothing)[0][0])
        raise ValueError(f"row {row} of {name} is zero and there are no biases: its variance is 0, where this activation has no kernel")
    sides: list[Side] = []
    for side in network.sides(inputs.squares, lengths):
        fits = (side.length >= kind.tiny) & (side.length <= kind.max) & ((side.root > 0) | (zero & (not sides))) | nothing
        if not fits.all():
            row = int(np.nonzero(~fits)[0][0])
            raise ValueError(
                f"the variance of row {row} of {name} in layer {len(sides)} is {side.length[row]:g}: "
                f"{kind.dtype} holds {kind.tiny:g} to {kind.max:g}; rescale the inputs or sigma_w"
            )
        sides.append(Side(*(place.put(getattr(side, field)) for field in Side.__slots__)))
    return Half(inputs, place.put(inputs.units(str(kind.dtype))), sides)


def _fill(network: Network, dual: Dual, place: Place, first: Half, second: Half, threads: int) -> tuple[Array, Array]:
    """Both matrices, tile by tile; of a symmetric pair of tiles one is computed and mirrored."""
    size = TILE["cpu" if place.xp is np else "cuda"]
    shape = len(first.units), len(second.units)
    same = first is second
    nngp, ntk = place.empty(*shape), place.empty(*shape)
    todo = list(_tiles(*shape, size, same))
    threads = 1 if place.xp is not np else min(threads, len(todo))
    waiting = iter(todo)

    def work() -> None:
        worker = Worker(network, dual, place, first, second, min(size, max(shape)))
        for rows, columns in waiting:
            for result, tile in zip((nngp, ntk), worker.run(rows, columns), strict=True):
                if same and rows == columns:
                    tile = place.xp.triu(tile) + place.xp.triu(tile, 1).T
                elif same:
                    result[slice(*columns), slice(*rows)] = tile.T
                result[slice(*rows), slice(*columns)] = tile

    with _ONE_BLAS_THREAD:
        if threads == 1:
            work()
        else:
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(work) for _ in range(threads)]:
                    done.result()
    return nngp, ntk


def _tiles(rows: int, columns: int, size: int, same: bool) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Ranges of rows and columns that cover the matrix, or its upper triangle."""
    for i in range(0, rows, size):
        for j in range(i if same else 0, columns, size):
            yield (i, min(i + size, rows)), (j, min(j + size, columns))


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _OneBlasThread:
    """While anybody is inside, small products of several threads at once: each on its own core. The last one out restores what was."""

    def __init__(self) -> None:
        self._lock, self._inside = Lock(), 0
        self._limit: Any = None

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if not self._inside:
                self._limit = threadpool_limits(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._limit is not None:
                self._limit.restore_original_limits()


_ONE_BLAS_THREAD = _OneBlasThread()
