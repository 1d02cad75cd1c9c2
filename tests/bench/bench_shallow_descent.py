"""Shallow networks by descent: a thousand runs of 4000 steps, and their fates."""

from typing import Any

import pytest
import torch

from lemmata.numerics.descent.classification import GOAL, Fate, classify
from lemmata.numerics.descent.shallow import Target, gaussian_start, train
from lemmata.numerics.streams import Stream

RUNS = 1024


@pytest.mark.parametrize("width", [2, 16])
def bench_shallow_runs(benchmark: Any, width: int) -> None:
    """All runs of one width, trained and classified: seconds, none of them unclassified."""
    torch.set_num_threads(1)
    target = Target.absolute_value()
    start = gaussian_start(width, RUNS, Stream(0, ("bench", str(width))).torch())
    fates = benchmark(lambda: classify(train(start, target, step=0.1, steps=4000, goal=GOAL), target))
    assert not bool((fates == Fate.UNCLASSIFIED).any())
