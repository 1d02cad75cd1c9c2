"""Code printed beside theorems, written again in our own words and run: does a call return, and what does it return?

The listing computes the kernel K of L hidden layers at two inputs from one-step maps (k, a, b) -> k' of the covariance and the two
variances. The variances after a layer are the kernel of that layer at equal inputs, which the listing asks of itself: a call with
depth 1, whose own variances are again a call with depth 1 at the same inputs. What it is called with never changes from then on,
so that no budget of nested calls is enough.
"""

from typing import Any

from sympy import Eq, Ge, Lambda, Le, Symbol, acos, pi, sqrt, symbols
from sympy.stats import Expectation, Probability

from lemmata.theory.experiments import experiment
from lemmata.theory.recursion import iterate
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LISTING = Source("daniely-frostig-singer-2016", "a summary of it, code listing, the recursion of the diagonal")
RECURSION = Source("daniely-frostig-singer-2016", "section 3, the dual activation applied layer by layer")

r1, r2 = symbols("r_1 r_2", positive=True)
c, x = symbols("c x", real=True)
depth = Symbol("L", integer=True, positive=True)
kind = Symbol("kind", integer=True, nonnegative=True)
calls = Symbol("B", integer=True, positive=True)

RELU, ERF = 0, 1


def one_layer(k: Any, a: Any, b: Any, kind: int) -> Any:
    """E[sigma(u) sigma(v)] for covariance k and variances a, b: the closed forms for the ReLU and for erf."""
    import torch

    if kind == ERF:
        return 2 / torch.pi * torch.asin(2 * k / ((1 + 2 * a) * (1 + 2 * b)).sqrt())
    scale = (a * b).sqrt()
    cosine = (k / scale).clamp(-1, 1)
    return scale * ((1 - cosine**2).sqrt() + cosine * (torch.pi - cosine.acos())) / (2 * torch.pi)


class OutOfCalls(Exception):
    """More calls stand open than were allowed."""


def as_printed(v: Any, w: Any, layers: int, kind: int, calls: int) -> Any:
    """The kernel of `layers` layers as the listing computes it: the variances after each layer by a call with depth 1."""
    if calls == 0:
        raise OutOfCalls
    k, a, b = (v * w).sum(1), (v * v).sum(1), (w * w).sum(1)
    for _ in range(layers):
        k = one_layer(k, a, b, kind)
        a, b = as_printed(v, v, 1, kind, calls - 1), as_printed(w, w, 1, kind, calls - 1)
    return k


def corrected(v: Any, w: Any, layers: int, kind: int, calls: int) -> Any:
    """The same with variances that are carried along by their own one-step map: one call, which calls nothing."""
    if calls == 0:
        raise OutOfCalls
    k, a, b = (v * w).sum(1), (v * v).sum(1), (w * w).sum(1)
    for _ in range(layers):
        k, a, b = one_layer(k, a, b, kind), one_layer(a, a, a, kind), one_layer(b, b, b, kind)
    return k


def returned(listing: Any, layers: int, kind: int, calls: int, size: int, rng: Any, device: str) -> Any:
    """For each of `size` random pairs of inputs in three dimensions: whether the call returns with at most `calls` calls open."""
    import torch

    v, w = torch.randn(2, size, 3, generator=rng, device=device, dtype=torch.float64)
    try:
        listing(v, w, layers, kind, calls)
    except OutOfCalls:
        return torch.zeros(size, dtype=torch.bool, device=device)
    return torch.ones(size, dtype=torch.bool, device=device)


@experiment
def printed_returns(layers: int, kind: int, calls: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a call of the printed listing returns with at most `calls` calls open at a time."""
    return returned(as_printed, layers, kind, calls, size, rng, device)


@experiment
def corrected_returns(layers: int, kind: int, calls: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a call of the corrected listing does."""
    return returned(corrected, layers, kind, calls, size, rng, device)


def rounding(r1: float, r2: float, c: float, layers: int) -> float:
    """Var K: the kernel depends on lengths and angle alone, so that rounding is all that varies, below 2^-30 of sqrt(r_1 r_2) 2^-L.

    A layer adds a few units of 2^-53 to k/sqrt(a b), and passes on at most what it was given: the slope of k_1 is at most 1.
    """
    return float(r1 * r2 * 4.0**-layers * 4.0**-30)


@experiment(variance=rounding)
def corrected_kernel(r1: float, r2: float, c: float, layers: int, *, size: int, rng: Any, device: str) -> Any:
    """What the corrected listing returns for the ReLU at two inputs of squared lengths r1, r2 and cosine c, turned at random."""
    import torch

    plane = torch.linalg.qr(torch.randn(size, 3, 2, generator=rng, device=device, dtype=torch.float64))[0]
    v = r1**0.5 * plane[:, :, 0]
    w = r2**0.5 * (c * plane[:, :, 0] + max(0.0, 1 - c * c) ** 0.5 * plane[:, :, 1])
    return corrected(v, w, layers, RELU, 1)


runs = [Le(depth, 5), Le(kind, 1), Le(calls, 100)]

printed_call = Claim(
    "kernel-listing-returns",
    Eq(Probability(Eq(printed_returns(depth, kind, calls), 1)), 1),
    given=runs,
    source=LISTING,
    about="The printed listing does not return at depth >= 1: the diagonal asks for depth 1, which asks for its own (row D.12).",
    expect="refuted",
)

printed_never = Claim(
    "kernel-listing-never-returns",
    Eq(Probability(Eq(printed_returns(depth, kind, calls), 0)), 1),
    given=runs,
    source=LISTING,
    about="It returns for no number of open calls, with the ReLU (kind 0) as with erf (kind 1), whatever the inputs (row D.12).",
)

without_layers = Claim(
    "kernel-listing-without-layers-returns",
    Eq(Probability(Eq(printed_returns(0, kind, calls), 1)), 1),
    given=[Le(kind, 1), Le(calls, 100)],
    source=LISTING,
    about="At depth 0, where nothing is asked of the diagonal, the printed listing does return (row D.12).",
)

corrected_call = Claim(
    "kernel-listing-corrected-returns",
    Eq(Probability(Eq(corrected_returns(depth, kind, calls), 1)), 1),
    given=runs,
    source=RECURSION,
    about="With variances carried along by their own one-step map the recursion returns at every depth, in one call (row D.12).",
)

k1 = (sqrt(1 - x**2) + x * (pi - acos(x))) / pi

corrected_value = Claim(
    "kernel-listing-corrected-value",
    Eq(Expectation(corrected_kernel(r1, r2, c, depth)), sqrt(r1 * r2) * iterate(Lambda(x, k1), c, depth) / 2**depth),
    given=[Ge(c, -1), Le(c, 1), Le(r1, 4), Le(r2, 4), Le(depth, 8)],
    source=RECURSION,
    about="What the corrected listing returns is the closed form 2^-L sqrt(r_1 r_2) k_1(k_1(... c)) (rows D.12, D.13).",
    uses=["relu-recursion-own-diagonal"],
)
