"""What it costs to walk a decreasing path of 2048 steps, and to bound the loss on its whole line from below: goal 1 s each."""

from __future__ import annotations

import pytest

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.instruments.decreasing_path import INSTRUMENT
from lemmata.numerics.streams import Stream
from lemmata.verify.register.decreasing_paths import others, squares

PATHS = {**{f"depth-{depth}": path for depth, path in squares.items()}, **others}


@pytest.mark.parametrize("name", list(PATHS))
@pytest.mark.parametrize("asked", ["largest_step", "least_on_line"])
def test_a_path(benchmark, name, asked):
    quantity = getattr(PATHS[name], asked)(2048 if asked == "largest_step" else 64)
    stream = Stream(0, "paths")
    found = benchmark.pedantic(lambda: INSTRUMENT.measure(quantity, {}, BUDGETS[BudgetName.QUICK], stream), rounds=2, iterations=1)
    assert found.value.is_finite()
