r"""The critical line chi_1 = 1 in the plane of the variances of weights and biases, for tanh, erf and ReLU."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

TOPICS = ("signal_propagation",)
STEPS = 45
"""Points of the line of tanh, at the lengths q = (k/16)^2."""

SIDES = ((Fraction(2), Fraction(3, 2)), (Fraction(5, 2), Fraction(1, 2)))
"""Lengths and variances of the biases at which chi_1 of tanh is enclosed: which side is ordered is computed too."""

MOST_WEIGHT, MOST_BIAS = 5.0, 2.5


def measure(budget: Any) -> dict[str, Any]:
    r"""The lines by the length q: sigma_w^2 = 1/E f'(z)^2, sigma_b^2 = q - E f(z)^2/E f'(z)^2, z ~ N(0, q).

    For tanh from certified integrals, for erf and ReLU from the derived closed forms. For an odd f the second variance is not
    negative, E f(z)^2 <= q E f'(z)^2 (the Poincare inequality of the normal distribution); nor is it for ReLU, with equality.
    """
    from lemmata.reports.figures._propagation import Tanh, tanh_numbers

    numbers = tanh_numbers()
    sides = []
    for length, bias in SIDES:
        network = Tanh(numbers, length, bias)
        chi = [float(network.chi.lower()), float(network.chi.upper())]
        sides.append({"weight": float(network.weight), "bias": float(bias), "chi": chi})
    return {"tanh": tanh_line(numbers), "erf": erf_line(), "relu": relu_point(), "sides": sides}


def tanh_line(numbers: Any) -> dict[str, Any]:
    """The midpoints, and the largest radius among the balls."""
    from lemmata.reports.figures._propagation import ball, exact

    # the limit q -> 0 is the exact point 1/f'(0)^2 = 1, 0, and is drawn as such
    weights, biases, radius = [1.0], [0.0], 0.0
    for k in range(1, STEPS + 1):
        q = Fraction(k, 16) ** 2
        slope = numbers.chi(exact(q))
        weight, bias = 1 / slope, ball(q) - numbers.length(exact(q)) / slope
        weights.append(float(weight))
        biases.append(float(bias))
        radius = max(radius, float(weight.rad()), float(bias.rad()))
    return {"weight": weights, "bias": biases, "radius": radius}


def erf_line() -> dict[str, Any]:
    """The closed forms of the line that `lemmata derive` prints, compiled."""
    from lemmata.numerics.compile.numpy_backend import compile_numpy
    from lemmata.theory.activations import erf_
    from lemmata.theory.kernels.duals import Q

    weight, bias = (compile_numpy(closed, [Q]) for closed in _closed_line(erf_))
    lengths = [(k / 16) ** 2 for k in range(STEPS + 1)]
    return {"weight": [float(weight(q)) for q in lengths], "bias": [float(bias(q)) for q in lengths]}


def relu_point() -> dict[str, Any]:
    """The line of ReLU is one point, whatever the length; raises ValueError if the closed forms say otherwise."""
    from lemmata.theory.activations import relu

    weight, bias = _closed_line(relu)
    if weight.free_symbols or bias.free_symbols:
        raise ValueError(f"the critical line of ReLU depends on the length: {weight}, {bias}")
    return {"weight": float(weight), "bias": float(bias)}


def _closed_line(activation: Any) -> tuple[Any, Any]:
    from lemmata.theory.kernels.duals import dual
    from lemmata.verify.derive_expression.answers import critical_line

    line = critical_line(dual(activation))
    if line is None:
        raise ValueError(f"the critical line of {activation.name} has no closed form")
    return line


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """The lines of tanh and erf, the point of ReLU; the sides of the line of tanh named by the enclosures of chi_1."""
    from lemmata.reports.figures._canvas import ACCENT, INK, SECOND, canvas

    figure, axes = canvas()
    tanh, erf, relu = data["tanh"], data["erf"], data["relu"]
    axes.plot(tanh["weight"], tanh["bias"], color=INK, label=r"$\chi_1 = 1$ for tanh")
    axes.plot(erf["weight"], erf["bias"], color=SECOND, linestyle="--", label=r"$\chi_1 = 1$ for erf")
    axes.plot([relu["weight"]], [relu["bias"]], "o", color=ACCENT, markersize=5, clip_on=False, label="ReLU", zorder=3)
    sentences = []
    for side in data["sides"]:
        name = _phase(*side["chi"])
        axes.plot([side["weight"]], [side["bias"]], "+", color=INK, markersize=6)
        axes.annotate(name, (side["weight"], side["bias"]), (0, 7), textcoords="offset points", ha="center", color=INK)
        sentences.append(f"$\\chi_1 = {side['chi'][0]:.4f}$ at $({side['weight']:.3g}, {side['bias']:g})$: {name}")
    axes.set_xlabel(r"variance of the weights, $\sigma_w^2$")
    axes.set_ylabel(r"variance of the biases, $\sigma_b^2$")
    axes.set_xlim(0, MOST_WEIGHT)
    axes.set_ylim(0, MOST_BIAS)
    axes.legend(loc="upper left")
    exponent = math.ceil(math.log10(tanh["radius"]))
    caption = (
        "The critical line $\\chi_1 = \\sigma_w^2\\,\\mathbb{E}[f'(z)^2] = 1$ at the fixed point $q$ of the lengths, "
        "$z \\sim \\mathcal{N}(0, q)$: "
        "for tanh from certified integrals, of error at most "
        f"$10^{{{exponent}}}$ at each of {len(tanh['weight']) - 1} lengths, for erf from the derived closed form; "
        f"for ReLU it is the point $({relu['weight']:g}, {relu['bias']:g})$. "
        f"Crosses, for tanh: {'; '.join(sentences)}."
    )
    return figure, caption


def _phase(low: float, high: float) -> str:
    """Ordered where chi_1 is below 1: two inputs come together; chaotic where it is above: they are driven apart."""
    if high < 1:
        return "ordered"
    if low > 1:
        return "chaotic"
    raise ValueError(f"chi_1 in [{low}, {high}] decides no side")
