r"""Where descent on a deep linear network of one dimension ends, from the identity, over the step and the target, for several depths."""

from __future__ import annotations

from typing import Any

TOPICS = ("linear_dynamics",)
DEPTHS = (2, 3, 5)
CELLS = 120
"""Steps and targets along each axis: the middles of equal cells."""

STEPS = 2000
LEAST, MOST = -2.0, 4.0
"""The range of targets; steps run over (0, 1)."""

FATES = {"s": "solved", "c": "caught at the saddle 0", "d": "diverged", "r": "restless"}
"""What the letters of `lemmata.numerics.descent.linear_fates` stand for."""


def measure(budget: Any) -> dict[str, Any]:
    """The fate of each run from w_k = 1, a letter a cell and a text a row: rows are targets from below, columns steps."""
    from lemmata.numerics.descent.linear_fates import fates

    steps = [(j + 0.5) / CELLS for j in range(CELLS)]
    targets = [LEAST + (MOST - LEAST) * (i + 0.5) / CELLS for i in range(CELLS)]
    return {
        "depths": {str(depth): fates(depth, targets, steps, STEPS, str(budget.device)) for depth in DEPTHS},
        "cells": CELLS,
        "steps": STEPS,
    }


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """A panel a depth: the fates in shades, the step that the theorem needs, and that beyond which the solution repels."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    from lemmata.reports.figures._canvas import ACCENT, INK, canvas

    figure, first = canvas(2.9)
    first.remove()
    shades = ("#dfe9f5", "#8fb08c", "#2b2b2b", "#e9c46a")
    letters = list(FATES)
    panels = figure.subplots(1, len(data["depths"]), sharey=True)
    for axes, (name, rows) in zip(panels, data["depths"].items(), strict=True):
        codes = [[letters.index(letter) for letter in row] for row in rows]
        axes.imshow(
            codes, origin="lower", extent=(0, 1, LEAST, MOST), aspect="auto", cmap=ListedColormap(shades), vmin=-0.5, vmax=len(FATES) - 0.5,
            interpolation="nearest",
        )  # fmt: skip
        enough, most, targets = curves(int(name))
        axes.plot(enough, targets, color=INK, label="enough")
        axes.plot(most, targets, color=ACCENT, linestyle="--")
        axes.set_xlim(0, 1)
        axes.set_ylim(LEAST, MOST)
        axes.set_title(f"$K = {name}$", fontsize=9)
        axes.set_xticks([0.25, 0.5, 0.75])
        axes.set_xlabel(r"step $\alpha$")
    panels[0].set_ylabel(r"target $r$")
    seen = {letter for rows in data["depths"].values() for row in rows for letter in row}
    patches = [Patch(color=shade, label=fate) for shade, (letter, fate) in zip(shades, FATES.items(), strict=True) if letter in seen]
    figure.legend(handles=patches, loc="upper center", ncols=len(patches), bbox_to_anchor=(0.5, 1.06), fontsize=8)
    caption = (
        "How gradient descent on $(w_1 \\cdots w_K - r)^2/2$ from $w_k = 1$ ends, over the step and the target, after "
        f"{data['steps']} steps at {data['cells']} $\\times$ {data['cells']} points for each depth. Solid: "
        "$\\alpha = 1/(K \\max(1, r^{2-2/K}))$, up to which descent is proved to converge to $r > 0$; dashed: "
        "$\\alpha = 2/(K r^{2-2/K})$, beyond which the solution repels. With an odd number of layers long steps jump over the saddle at 0 "
        f"and solve $r < 0$ too: {escapes(data)}."
    )
    return figure, caption


def curves(depth: int) -> tuple[list[float], list[float], list[float]]:
    """The two steps along the positive targets, and these."""
    targets = [MOST * k / 400 for k in range(1, 401)]
    powers = [target ** (2 - 2 / depth) for target in targets]
    return [1 / (depth * max(1.0, power)) for power in powers], [2 / (depth * power) for power in powers], targets


def escapes(data: dict[str, Any]) -> str:
    """For each depth the share of the points with r < 0 that are solved."""
    shares = []
    for name, rows in data["depths"].items():
        below = rows[: round(len(rows) * -LEAST / (MOST - LEAST))]
        share = sum(row.count("s") for row in below) / sum(len(row) for row in below)
        shares.append(f"{100 * share:.0f}\\% of these points for $K = {name}$")
    return ", ".join(shares)
