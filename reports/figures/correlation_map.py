r"""The ReLU correlation map at criticality: \(c \mapsto \kappa_1(c)\), derived, and the same expectation by Monte Carlo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

TOPICS = ("relu",)
POINTS = 16
SAMPLES = 2**14
"""Few on purpose: with more, the error bars could not be seen."""


def measure(budget: Any) -> dict[str, Any]:
    """The map from its derivation, compiled; and estimates of 2 E[relu(u) relu(v)] with their intervals."""
    import sympy as sp
    from sympy.stats import Expectation, Normal

    from lemmata.numerics.compile.numpy_backend import compile_numpy
    from lemmata.reports.figures._canvas import sampled

    c, kernel = derived_kernel()
    s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
    product = Expectation(sp.Max(0, s1) * sp.Max(0, c * s1 + sp.sqrt(1 - c**2) * s2))
    curve = compile_numpy(2 * kernel, [c])
    grid = [sp.Rational(index, 200) for index in range(-200, 201)]
    places = [{c: sp.Rational(2 * index, POINTS) - 1} for index in range(1, POINTS)]
    few = replace(budget, samples=SAMPLES, resolution=0.0, alpha=0.01)
    estimates = sampled(product, places, few, "correlation-map")
    return {
        "c": [float(value) for value in grid],
        "curve": [float(curve(float(value))) for value in grid],
        "at": [float(place[c]) for place in places],
        "mean": [2 * mean for mean, _ in estimates],
        "radius": [2 * radius for _, radius in estimates],
        "samples": SAMPLES,
        "alpha": few.alpha,
    }


def derived_kernel() -> tuple[Any, Any]:
    """The correlation, and the closed form in which the register's derivation of the ReLU kernel ends, for inputs of length 1."""
    import sympy as sp

    from lemmata.theory.derivation import Derivation
    from lemmata.verify.register.relu import c, q1, q2, relu_kernel

    assert relu_kernel.derivation is not None
    end = relu_kernel.derivation(Derivation(relu_kernel.lhs, relu_kernel.domain)).end
    return c, end.xreplace({q1: sp.S.One, q2: sp.S.One})


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """The curve, the diagonal that it stays above, and the estimates with their error bars."""
    from lemmata.reports.figures._canvas import ACCENT, GREY, INK, canvas

    figure, axes = canvas()
    axes.plot([-1, 1], [-1, 1], color=GREY, linewidth=0.8, linestyle="--", label="$c$")
    axes.plot(data["c"], data["curve"], color=INK, label=r"$\kappa_1(c)$, derived")
    axes.errorbar(data["at"], data["mean"], yerr=data["radius"], fmt="o", color=ACCENT, markersize=3, capsize=2, label="Monte Carlo")
    axes.set_xlabel("correlation $c$ of two inputs")
    axes.set_ylabel("correlation after a ReLU layer")
    axes.set_xlim(-1.02, 1.02)
    axes.set_ylim(-0.25, 1.05)
    axes.legend(loc="upper left")
    caption = (
        "The ReLU correlation map at criticality, $\\kappa_1(c) = 2\\,\\mathbb{E}[\\max(0, u)\\max(0, v)]$ for standard normal "
        f"$u, v$ with correlation $c$: the curve is the derived closed form, the points come from {data['samples']} samples with "
        f"intervals that hold with probability {1 - data['alpha']:g} each. It lies above the diagonal: $c = 1$ is its only fixed point."
    )
    return figure, caption
