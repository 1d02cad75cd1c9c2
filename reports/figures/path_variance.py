r"""Variance along two paths between independent \(X, Y \sim \mathcal{N}(0, 1)\): the arc keeps it, the line halves it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

TOPICS = ("paths",)
POINTS = 12
SAMPLES = 2**14
"""Few on purpose: with more, the error bars could not be seen."""


def measure(budget: Any) -> dict[str, Any]:
    """The variance along both paths: the closed forms derived by covariance algebra, and estimates with their intervals."""
    import sympy as sp
    from sympy.stats import Normal, Variance

    from lemmata.numerics.compile.numpy_backend import compile_numpy
    from lemmata.reports.figures._canvas import sampled

    t, factors = derived_factors()
    x, y = Normal("X", 0, 1), Normal("Y", 0, 1)
    weights = {"line": (1 - t, t), "arc": (sp.cos(sp.pi * t / 2), sp.sin(sp.pi * t / 2))}
    grid = [index / 200 for index in range(201)]
    places = [{t: sp.Rational(index, POINTS)} for index in range(POINTS + 1)]
    few = replace(budget, samples=SAMPLES, resolution=0.0, alpha=0.01)
    data: dict[str, Any] = {"t": grid, "at": [float(place[t]) for place in places], "samples": SAMPLES, "alpha": few.alpha}
    for name, (first, second) in weights.items():
        curve = compile_numpy(factors[name], [t])
        estimates = sampled(Variance(first * x + second * y), places, few, f"path-variance-{name}")
        data[name] = {
            "curve": [float(curve(value)) for value in grid],
            "mean": [mean for mean, _ in estimates],
            "radius": [radius for _, radius in estimates],
        }
    return data


def derived_factors() -> tuple[Any, dict[str, Any]]:
    r"""The parameter of the register's two paths, and the factors of \(\Sigma_0\) in which their covariances are derived to end."""
    import sympy as sp

    from lemmata.theory.derivation import Derivation
    from lemmata.verify.register.paths import Sigma, arc_covariance, linear_covariance, t

    factors = {}
    for name, claim in (("line", linear_covariance), ("arc", arc_covariance)):
        assert claim.derivation is not None
        end = claim.derivation(Derivation(claim.lhs, claim.domain)).end
        terms = end.args if isinstance(end, sp.MatAdd) else (end,)
        factors[name] = sp.Add(*(sp.Mul(*(factor for factor in sp.MatMul.make_args(term) if factor != Sigma)) for term in terms))
    return t, factors


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """Both curves, and the estimates with their error bars."""
    from lemmata.reports.figures._canvas import ACCENT, INK, canvas

    figure, axes = canvas()
    for name, colour, marker, label in (
        ("arc", INK, "o", r"arc, $\cos(\frac{\pi t}{2}) X + \sin(\frac{\pi t}{2}) Y$"),
        ("line", ACCENT, "s", r"line, $(1 - t) X + t Y$"),
    ):
        part = data[name]
        axes.plot(data["t"], part["curve"], color=colour, label=label)
        axes.errorbar(data["at"], part["mean"], yerr=part["radius"], fmt=marker, color=colour, markersize=3, capsize=2, linestyle="none")
    axes.set_xlabel("$t$")
    axes.set_ylabel("variance")
    axes.set_ylim(0, 1.3)
    axes.legend(loc="lower left")
    caption = (
        "Variance along the arc and along the straight line between independent $X, Y \\sim \\mathcal{N}(0, 1)$: curves from "
        f"covariance algebra, points from {data['samples']} samples with intervals that hold with probability "
        f"{1 - data['alpha']:g} each."
    )
    return figure, caption
