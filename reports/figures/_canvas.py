"""What the figures share: a canvas of the text's width, colours that are told apart in grey too, measuring at points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

INK, ACCENT, SECOND, GREY = "#1f3b73", "#b5341c", "#1c7c54", "#8a8a8a"
WIDTH = 5.2
"""Inches: a little less than the text's width."""


def canvas(height: float = 3.0) -> tuple[Any, Any]:
    """A figure with one axes, made without pyplot (no global state)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def sampled(quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Any, name: str) -> list[tuple[float, float]]:
    """The Monte Carlo estimate of a quantity at each point and the radius of its interval; raises ValueError if it declines."""
    from lemmata.numerics.instruments.monte_carlo import INSTRUMENT
    from lemmata.numerics.measurement import Estimate
    from lemmata.numerics.streams import Stream

    stream = Stream(budget.seed, ("figure", name))
    found = []
    for index, at in enumerate(points):
        answer = INSTRUMENT.measure(quantity, at, budget, stream.child(index))
        if not isinstance(answer, Estimate):
            raise ValueError(f"Monte Carlo gave no estimate at {dict(at)}: {answer}")
        found.append((answer.mean, answer.radius))
    return found
