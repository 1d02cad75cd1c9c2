"""Kernel matrices here and in neural-tangents, run in turn: for a person to start, never part of a test run.

    python tests/bench/peer_kernels.py --peer ENVIRONMENT/bin/python [--inputs 4000] [--features 784] [--depth 3] [--rounds 5]

The peer has an environment of its own (neural-tangents 0.6.5 with jax and jaxlib 0.5.3, tf2jax 0.3.6, ml_dtypes below 0.6) and
a process that stays up, so that compiling is not timed. Each round times the peer, then lemmata; printed are medians and minima of
wall, user and system time (the system's is fresh memory), the memory each takes in numbers a pair, and how far the results are apart.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from lemmata.numerics.kernels import RELU, Kernels, Parametrisation, kernel_matrices
from lemmata.numerics.streams import Stream

PEER = """
import json, os, resource, sys, time
import jax
import numpy as np
from neural_tangents import stax

job = json.loads(sys.stdin.readline())
jax.config.update("jax_enable_x64", job["dtype"] == "float64")
options = {"W_std": job["sigma_w"], "b_std": job["sigma_b"], "parameterization": job["parametrisation"]}
layers = []
for _ in range(job["depth"]):
    layers += [stax.Dense(job["width"], **options), stax.Relu()]
kernel = jax.jit(stax.serial(*layers, stax.Dense(1, **options))[2], static_argnums=(2,))
x = jax.numpy.asarray(np.load(job["inputs"]).astype(job["dtype"]))
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
small = x[: job["few"]]
np.save(job["answer"], np.stack([np.asarray(part) for part in kernel(small, None, ("nngp", "ntk"))]))
for line in sys.stdin:
    wall, before = time.perf_counter(), os.times()
    found = kernel(x, None, ("nngp", "ntk"))
    found.nngp.block_until_ready(), found.ntk.block_until_ready()
    wall, after = time.perf_counter() - wall, os.times()
    del found
    held = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)
    print(json.dumps([wall, after.user - before.user, after.system - before.system, held]), flush=True)
"""

TICK = 0.01
"""What the system's clock of processor time counts in."""

FEW = 200
"""Inputs whose kernels are compared."""


def timed(work: Callable[[], Any]) -> tuple[float, float, float]:
    """Wall, user and system seconds of one call."""
    wall, before = time.perf_counter(), os.times()
    work()
    wall, after = time.perf_counter() - wall, os.times()
    return wall, after.user - before.user, after.system - before.system


def compare(arguments: argparse.Namespace, dtype: str) -> None:
    """One line of figures for one precision."""
    n, parametrisation = arguments.inputs, Parametrisation(arguments.parametrisation)
    X = Stream(0).child(n, arguments.features).numpy().standard_normal((n, arguments.features)).astype(dtype)
    widths = None if parametrisation is Parametrisation.NTK else arguments.width

    def ours(rows: Any) -> Kernels:
        return kernel_matrices(
            rows,
            RELU,
            arguments.depth,
            sigma_w=arguments.sigma_w,
            sigma_b=arguments.sigma_b,
            parametrisation=parametrisation,
            widths=widths,
            threads=arguments.threads,
        )

    with tempfile.TemporaryDirectory() as folder:
        inputs, answer = Path(folder, "inputs.npy"), Path(folder, "answer.npy")
        np.save(inputs, X)
        job = {**vars(arguments), "dtype": dtype, "inputs": str(inputs), "answer": str(answer), "few": min(FEW, n)}
        with subprocess.Popen([arguments.peer, "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
            assert peer.stdin is not None and peer.stdout is not None
            peer.stdin.write(json.dumps(job) + "\n")
            there: list[Any] = []
            here: list[Any] = []
            held = [0.0, 0.0]
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for _ in range(arguments.rounds + 1):
                peer.stdin.write("go\n")
                peer.stdin.flush()
                line = peer.stdout.readline()
                if not line:
                    raise SystemExit("the peer stopped: its error is above")
                *seconds, held[1] = json.loads(line)
                there.append(seconds)
                here.append(timed(lambda: ours(X)))
                held[0] = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)
            peer.stdin.close()
        apart = max(
            float(np.abs(theirs - mine).max() / np.abs(mine).max()) for theirs, mine in zip(np.load(answer), ours(X[:FEW]), strict=True)
        )
    numbers = [size / (n * n * X.itemsize) for size in held]
    print(f"{dtype}: memory {numbers[1]:.1f} n^2 there, {numbers[0]:.1f} n^2 here; apart by {apart:.1e}")
    for k, name in enumerate(("wall", "user", "system")):
        theirs, mine = sorted(run[k] for run in there[1:]), sorted(max(TICK, run[k]) for run in here[1:])
        middle, other = median(theirs), median(mine)
        print(
            f"  {name:6}  median {middle:.3f} s there, {other:.3f} s here: {middle / other:.2f} times; "
            f"least {theirs[0]:.3f} s and {mine[0]:.3f} s: {theirs[0] / mine[0]:.2f} times"
        )


def main() -> None:
    """Read the options; compare float32, then float64."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peer", required=True, help="the Python of the peer's environment")
    for name, value in {"inputs": 4000, "features": 784, "depth": 3, "rounds": 5, "width": 512}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--sigma_w", type=float, default=2**0.5)
    parser.add_argument("--sigma_b", type=float)
    parser.add_argument("--parametrisation", choices=[kind.value for kind in Parametrisation], default="ntk")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    for dtype in ("float32", "float64"):
        compare(arguments, dtype)


if __name__ == "__main__":
    sys.exit(main())
