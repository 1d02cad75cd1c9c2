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

SOLVED, AT_SADDLE, DIVERGED, RESTLESS = "solved", "caught at the saddle 0", "diverged", "restless"
FATES = (SOLVED, AT_SADDLE, DIVERGED, RESTLESS)


def measure(budget: Any) -> dict[str, Any]:
    """The fate of each run from w_k = 1, a letter a cell and a text a row: rows are targets from below, columns steps."""
    steps = [(j + 0.5) / CELLS for j in range(CELLS)]
    targets = [LEAST + (MOST - LEAST) * (i + 0.5) / CELLS for i in range(CELLS)]
    return {"depths": {str(depth): fates(depth, targets, steps, str(budget.device)) for depth in DEPTHS}, "cells": CELLS, "steps": STEPS}


def fates(depth: int, targets: list[float], steps: list[float], device: str) -> list[str]:
    """Runs of w <- w - alpha w^(K-1) (w^K - r), all layers being equal, and how each of them ends."""
    import sympy as sp
    import torch

    from lemmata.numerics.descent.table import End, runs

    w, r = sp.Symbol("w", real=True), sp.Symbol("r", real=True)
    alpha = torch.tensor(steps, dtype=torch.float64, device=device).repeat(len(targets))
    target = torch.tensor(targets, dtype=torch.float64, device=device).repeat_interleave(len(steps))
    table = runs((w**depth - r) ** 2 / (2 * depth), {w: torch.ones_like(alpha)}, alpha, STEPS, parameters={r: target}, looks=(STEPS - 1,))
    ended = table.final[w]
    # a restless run goes on changing its loss; one that does not is at a point at rest or creeps towards it: r, or else 0
    still = (table.losses[:, -1] - table.loss).abs() <= 1e-5
    solved = (ended**depth - target).abs() <= 1e-3
    found = torch.full_like(table.steps, FATES.index(RESTLESS))
    found[still] = FATES.index(AT_SADDLE)
    found[still & solved] = FATES.index(SOLVED)
    found[table.ended(End.DIVERGED)] = FATES.index(DIVERGED)
    letters = "".join(FATES[code][0] for code in found.tolist())
    return [letters[first : first + len(steps)] for first in range(0, len(letters), len(steps))]


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """A panel a depth: the fates in shades, the step that the theorem needs, and that beyond which the solution repels."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    from lemmata.reports.figures._canvas import ACCENT, INK, canvas

    figure, first = canvas(2.9)
    first.remove()
    shades = ("#dfe9f5", "#8fb08c", "#2b2b2b", "#e9c46a")
    letters = [fate[0] for fate in FATES]
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
    patches = [Patch(color=shade, label=fate) for shade, fate in zip(shades, FATES, strict=True) if fate[0] in seen]
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
        share = sum(row.count(SOLVED[0]) for row in below) / sum(len(row) for row in below)
        shares.append(f"{100 * share:.0f}\\% of these points for $K = {name}$")
    return ", ".join(shares)
