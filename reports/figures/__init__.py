"""The figures, one a file: `TOPICS` of the register that it illustrates, `measure(budget)` and `draw(data)`.

`measure` gives plain data (numbers, lists, texts) that is kept with the records; `draw` turns them into a matplotlib
figure and a caption, so that a report is rebuilt years later from JSON and matplotlib alone.
"""

from __future__ import annotations

import io
import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from lemmata.reports.latex import Figure


def figure_modules() -> dict[str, ModuleType]:
    """Every figure by its name: the name of its file with hyphens."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            found[module.name.replace("_", "-")] = import_module(f"{__name__}.{module.name}")
    return found


def measure_figures(topics: Iterable[str], budget: Any) -> tuple[dict[str, Any], list[str]]:
    """The data of every figure that illustrates one of these topics, and a sentence for each that could not be measured."""
    topics = set(topics)
    data: dict[str, Any] = {}
    notes: list[str] = []
    for name, module in figure_modules().items():
        if topics & set(module.TOPICS):
            try:
                data[name] = module.measure(budget)
            except Exception as error:  # a figure is an illustration: without it the report stands, and says so
                notes.append(f"The figure {name} could not be measured: {type(error).__name__}: {' '.join(str(error).split())}.")
    return data, notes


def draw_figures(data: Mapping[str, Any]) -> tuple[list[Figure], list[str]]:
    """The figures drawn from their data as PDF, and a sentence for each that could not be drawn."""
    modules = figure_modules()
    figures: list[Figure] = []
    notes: list[str] = []
    for name, content in data.items():
        if name not in modules:
            notes.append(f"The figure {name} is not known to this version and was left out.")
            continue
        try:
            figures.append(_drawn(name, modules[name], content))
        except Exception as error:  # as above
            notes.append(f"The figure {name} could not be drawn: {type(error).__name__}: {' '.join(str(error).split())}.")
    return figures, notes


def _drawn(name: str, module: ModuleType, data: Any) -> Figure:
    import logging

    import matplotlib

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of the fixed dates that make a figure reproducible
    style = {
        "font.family": "serif",
        "font.serif": ["cmr10", "DejaVu Serif"],
        "mathtext.fontset": "cm",
        "axes.formatter.use_mathtext": True,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "lines.linewidth": 1.2,
        "pdf.fonttype": 42,
        "svg.hashsalt": "lemmata",
    }
    matplotlib.use("Agg", force=False)
    with matplotlib.rc_context(style):
        figure, caption = module.draw(data)
        out = io.BytesIO()
        figure.savefig(out, format="pdf", bbox_inches="tight", metadata={"CreationDate": None, "Creator": "lemmata", "Producer": None})
        screen = io.BytesIO()
        figure.savefig(screen, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": "lemmata"})
    return Figure(name, out.getvalue(), caption, screen.getvalue())
