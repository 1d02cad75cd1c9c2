"""The ReLU's kernels with a bias on cubes [0, 1]^d: exponents of their eigenvalues from matrices at random points.

A draw is n uniform points; the exponent is minus the slope of a least-squares line through (log i, log lambda_i) over a window of
indices, less the error of the same estimate for the kernel of Matern with the same singularity, whose exponent is known. An interval
covers the scatter over draws and what is left of the bias of finite n; that the estimate is right to so much is seen, not proved.
More points: `verify/tables/cube_spectra_large.py`.
"""

from typing import Any

from sympy import Ge, Rational

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

DECAY = Source("chen-li-lin-2024", "slides, eigenvalue decay rate (3)")

TANGENT, FEATURES = 0, 1
RUNS = 48


@experiment
def exponent_within(kernel: int, d: int, n: int, middle: float, reach: float, *, size: int, rng: Any, device: str) -> Any:
    """Whether the exponent seen from n points, indices n/12 to n/4, lies within reach of middle."""
    from lemmata.numerics.nystrom import Kernel, corrected

    found = corrected(Kernel(kernel), d, n, (max(1, n // 12), n // 4), size, rng, device)
    return (found - middle).abs() <= reach


def decay(kernel: int, d: int) -> Rational:
    """(d + 1)/d for the tangent kernel, (d + 3)/d for random features."""
    return Rational(d + (1 if kernel == TANGENT else 3), d)


def seen(kernel: int, d: int, n: int, middle: Any, reach: Any) -> Any:
    """That the median of the exponent seen lies within reach of middle."""
    return Ge(frequency(exponent_within(kernel, d, n, middle, reach), RUNS), Rational(1, 2))


NAMES = {TANGENT: "tangent-kernel", FEATURES: "random-feature"}


def on_cube(kernel: int, d: int, n: int, reach: Any, size: str = "") -> Claim:
    """The claim on one kernel and one cube."""
    middle = decay(kernel, d)
    return Claim(
        f"{NAMES[kernel]}-cube-decay-d{d}{size}",
        seen(kernel, d, n, middle, reach),
        source=DECAY,
        about=f"On [0, 1]^{d}, with a bias, the exponent seen from {n} points is within {reach} of {middle} (row C.12).",
    )


CUBES = [
    on_cube(TANGENT, 1, 128, Rational(1, 20)),
    on_cube(FEATURES, 1, 128, Rational(1, 5)),
    on_cube(TANGENT, 2, 240, Rational(1, 8)),
    on_cube(FEATURES, 2, 240, Rational(1, 5)),
    on_cube(TANGENT, 3, 240, Rational(1, 5)),
    on_cube(FEATURES, 3, 240, Rational(1, 4)),
]

ambient = Claim(
    "tangent-kernel-cube-decay-ambient",
    seen(TANGENT, 2, 240, Rational(4, 3), Rational(1, 10)),
    source=DECAY,
    about="On the square d is 2: the dimension 3 of inputs with the bias appended would give 4/3, which is not seen (row C.12).",
    expect="refuted",
)

unbiased = Claim(
    "tangent-kernel-cube-decay-unbiased",
    seen(TANGENT, 2, 240, 2, Rational(1, 5)),
    source=DECAY,
    about="Nor d/(d - 1) = 2, which is right for data on the circle without a bias (row C.12).",
    expect="refuted",
)
