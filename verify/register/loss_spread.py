"""The losses of trained networks lie closer together the wider the networks are: an observation, on handwritten digits.

Networks x -> sum_i v_i (w_i . x)_+ with n units, w_ij ~ N(0, 1/64), v_i ~ N(0, 1/n), trained on the first 100 threes and eights of
scikit-learn's digits by 60 steps of gradient descent on the logistic loss, step 1/2; the loss is that on the next 100.
"""

from typing import Any

from sympy import Ge, Rational

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

OBSERVATION = Source("yarotsky-lecture", "slide on the observations of Choromanska et al., test loss and size of the network")


GROUP = 4
"""Runs whose losses are compared."""


def spread(width: int, groups: int, rng: Any, device: str) -> Any:
    """The largest test loss less the smallest one in groups of independent runs."""
    import torch

    from lemmata.numerics.datasets import threes_and_eights

    rows = torch.tensor([[float(entry) for entry in row] for row in threes_and_eights()[:200]], device=device)
    train, test = rows[:100], rows[100:]
    runs = GROUP * groups
    w = torch.randn(64, runs * width, generator=rng, device=device) / 8
    v = torch.randn(runs, width, generator=rng, device=device) / width**0.5
    sides, sign = rows_of(train)
    for _ in range(60):
        hidden = (sides @ w).clamp(min=0).reshape(len(sides), runs, width)
        pull = -torch.sigmoid(-sign[:, None] * (hidden * v).sum(2)) * sign[:, None] / len(sides)
        back = ((hidden > 0) * (pull[:, :, None] * v)).reshape(len(sides), -1)
        w, v = w - 0.5 * (sides.T @ back), v - 0.5 * (hidden * pull[:, :, None]).sum(0)
    sides, sign = rows_of(test)
    hidden = (sides @ w).clamp(min=0).reshape(len(sides), runs, width)
    losses = torch.nn.functional.softplus(-sign[:, None] * (hidden * v).sum(2)).mean(0)
    losses = losses.reshape(GROUP, groups)
    return losses.amax(0) - losses.amin(0)


def rows_of(signed: Any) -> tuple[Any, Any]:
    """Images and labels of rows y x: pixels are not negative."""
    sign = signed.sum(1).sign()
    return signed * sign[:, None], sign


@experiment
def wider_is_closer(narrow: int, wide: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the losses of four wide networks lie closer together than those of four narrow ones."""
    return spread(wide, size, rng, device) < spread(narrow, size, rng, device)


CLOSER = [
    Claim(
        "wider-networks-end-closer",
        Ge(frequency(wider_is_closer(2, 16), 128), Rational(1, 2)),
        source=OBSERVATION,
        about="The test losses of four networks of 16 units lie closer together than those of four of 2 units, as a rule (row Y.23).",
    ),
    Claim(
        "narrower-networks-end-closer",
        Ge(frequency(wider_is_closer(16, 2), 128), Rational(1, 2)),
        source=OBSERVATION,
        about="The other way round (row Y.23).",
        expect="refuted",
    ),
]
