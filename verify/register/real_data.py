"""How smooth the labels of real pictures are for the tangent kernel: their exponent on samples, far above that of a random start.

An exponent is the slope of what is left of the labels' energy after k modes against the eigenvalue, over k from n/50 to n/4
(`lemmata.numerics.label_smoothness`, with what it can and cannot say); below 0 it counts as 0, above 1 as 1. A draw is n
pictures of the whole set. Larger samples are in `verify/tables/smoothness_rows.py`.

Exponents with the jackknife's standard error, and by how much other windows of modes differ at most:

    digits, 1000 pictures  0.488 +- 0.016, 0.098        MNIST, 1000 pictures  0.285 +- 0.008, 0.095
    digits, all 1797       0.545 +- 0.015, 0.081        MNIST, 1797 pictures  0.332 +- 0.009, 0.086
                                                        MNIST, all 5000       0.362 +- 0.005, 0.019

They grow with the sample, whose later modes decay faster: an exponent is that of the modes that were seen.
"""

from __future__ import annotations

from typing import Any

from sympy import Gt, Rational

from lemmata.theory.experiments import experiment
from lemmata.theory.run_means import mean_over_runs
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

TABLE = Source("chen-li-lin-2024", "slides, table of the smoothness of real data, beside 3/(d + 1)")

DIGITS, MNIST = 0, 1
ROUGHEST, SMOOTHEST = 0, 1


@experiment(bounds=(ROUGHEST, SMOOTHEST))
def exponent_on(pictures: int, points: int, shuffled: int, *, size: int, rng: Any, device: str) -> Any:
    """The exponent of the labels of `points` pictures drawn without repetition; `shuffled` exchanges labels."""
    import torch

    from lemmata.numerics.label_smoothness import exponent, pictures_and_labels
    from lemmata.numerics.pictures import Pictures

    found = []
    for _ in range(size):
        order = torch.randperm(Pictures(pictures).count, generator=rng, device=device)[:points].cpu().numpy()
        inputs, labels = pictures_and_labels(Pictures(pictures), order)
        if shuffled:
            labels = labels[torch.randperm(points, generator=rng, device=device).cpu().numpy()]
        found.append(min(SMOOTHEST, max(ROUGHEST, exponent(inputs, labels))))
    return torch.tensor(found, dtype=torch.float64, device=device)


THRESHOLDS = {DIGITS: Rational(3, 64), MNIST: Rational(3, 784)}
"""3/(d + 1) for pictures on the sphere S^d, d = 63 and 783; with the biases d is one more, and 3/(d + 1) less."""

ABOVE = [
    Claim(
        f"{name}-smoother-than-a-random-start",
        Gt(mean_over_runs(exponent_on(pictures, 100, 0), 160), THRESHOLDS[pictures]),
        source=TABLE,
        about=f"The labels of 100 pictures ({name}) have an exponent above 3/(d + 1), that of a random start (row C.21).",
    )
    for name, pictures in (("digits", DIGITS), ("mnist", MNIST))
]

CLAIMS = [
    *ABOVE,
    Claim(
        "shuffled-labels-smoother-than-a-random-start",
        Gt(mean_over_runs(exponent_on(DIGITS, 100, 1), 240), Rational(1, 5)),
        source=TABLE,
        about="Labels that are shuffled have the exponent 0: what is seen is the pictures', not the method's (row C.21).",
        expect="refuted",
    ),
]
