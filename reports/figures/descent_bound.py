r"""Gradient descent on real data under its bound: the least squared gradient among N iterates against (L_0 - L_*)/(c N)."""

from __future__ import annotations

from typing import Any

TOPICS = ("descent",)
STARTS = 6
TIMES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)
"""Numbers of gradients, spread evenly on a logarithmic axis."""


def measure(budget: Any) -> dict[str, Any]:
    """Runs of logistic regression between the digits 3 and 8, step 1/M, from normal starts; and the loss at each start.

    The loss is at least 0, so the bound of a run is L(w_0)/(c N) with c = 1/(2M).
    """
    import sympy as sp
    import torch

    from lemmata.numerics.descent.engine import Runs, run
    from lemmata.numerics.descent.problem import compile_problem
    from lemmata.numerics.streams import Stream
    from lemmata.theory.data import DataMatrix
    from lemmata.theory.losses import logistic, margin_loss
    from lemmata.theory.trajectory import descent, grad_norm_squared

    data = DataMatrix("Z", 357, 64, "lemmata.numerics.datasets:threes_and_eights")
    w, constant = sp.MatrixSymbol("w", 64, 1), lipschitz_constant()
    loss = margin_loss(logistic, data, w)
    motion = descent(loss, {w: sp.ZeroMatrix(64, 1)}, 1 / constant)
    rng = Stream(budget.seed, ("figure", "descent-bound")).torch()
    starts = torch.randn(STARTS, 64, 1, generator=rng, dtype=torch.float64).to(budget.device)

    def watched(node: Any, times: list[int]) -> list[float]:
        problem = compile_problem(node.loss, node.variables, node.expr)
        first = starts.repeat_interleave(len(times), dim=0)
        step = torch.full((len(first),), 1 / float(constant), dtype=torch.float64, device=budget.device)
        ends = torch.tensor(times * STARTS, device=budget.device)
        runs = Runs({problem.variables[0]: first}, {}, step, torch.zeros_like(step), ends)
        found = run(problem, runs, reduction=node.reduction)
        if found.diverged:
            raise ValueError(f"{found.diverged} runs left the range of floating point")
        return [float(value) for value in found.values]

    least = watched(motion.least[1, grad_norm_squared(loss, [w])], list(TIMES))
    return {
        "times": list(TIMES),
        "constant": float(constant),
        "least": [least[index * len(TIMES) : (index + 1) * len(TIMES)] for index in range(STARTS)],
        "loss": watched(motion[0, loss], [0]),
    }


def lipschitz_constant() -> Any:
    """The constant M that the register proves for this loss."""
    from lemmata.verify.register.descent import DIGITS_M

    return DIGITS_M


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """Each run in a thin line, the bound of the start with the largest loss above them; both axes logarithmic."""
    from lemmata.reports.figures._canvas import ACCENT, INK, canvas

    figure, axes = canvas()
    times = data["times"]
    for index, least in enumerate(data["least"]):
        bound = [2 * data["constant"] * data["loss"][index] / time for time in times]
        axes.loglog(times, least, color=INK, linewidth=0.9, alpha=0.8, label=r"$\min_{n < N} \|\nabla L(w_n)\|^2$" if index == 0 else None)
        axes.loglog(times, bound, color=ACCENT, linewidth=0.9, linestyle="--", alpha=0.8, label="its bound" if index == 0 else None)
    axes.set_xlabel("number of gradients $N$")
    axes.set_ylabel("squared gradient norm")
    axes.legend(loc="lower left")
    closest = max(
        value * time / (2 * data["constant"] * loss)
        for least, loss in zip(data["least"], data["loss"], strict=True)
        for value, time in zip(least, times, strict=True)
    )
    caption = (
        f"Gradient descent with the step $1/M$ on logistic regression between the digits 3 and 8, from {len(data['least'])} normal "
        "starts: the least squared gradient among $N$ iterates (solid) and the bound $2 M L(w_0)/N$ of each run (dashed). "
        f"No run comes closer to its bound than {100 * closest:.2g}\\% of it."
    )
    return figure, caption
