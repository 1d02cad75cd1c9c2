r"""How deep lengths and correlations are remembered in tanh networks: xi_q and xi_c along the variance of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

TOPICS = ("signal_propagation",)
BIAS = Fraction(1, 20)
LENGTHS = range(10, 50)
"""The grid: networks whose lengths settle at q = (k/32)^2."""

NEAREST = 8
"""And at q (1 +- 2^-k) for k up to this, where q is critical."""

WATCHED = (Fraction(3, 20), Fraction(3, 10), Fraction(2, 5), Fraction(9, 10), Fraction(5, 4), Fraction(8, 5), Fraction(2))
"""Lengths at which the maps are iterated and the decay is read off."""

LAYERS, SETTLED = 200, 1e-4
"""The decay is read off once a layer changes less than this, at the latest after so many layers."""


def measure(budget: Any) -> dict[str, Any]:
    """xi = -1/ln|slope| of the length map at q* and of the correlation map at c*, enclosed; and what iterating the two maps gives."""
    from lemmata.reports.figures._propagation import Tanh, tanh_numbers

    numbers = tanh_numbers()
    length, critical = critical_point(numbers)
    near = [length * (1 + sign * Fraction(1, 2**k)) for k in range(3, NEAREST + 1) for sign in (-1, 1)]
    curve: dict[str, list[float]] = {"weight": [], "length": [], "correlation": []}
    radius = 0.0
    for q in sorted([*near, *(Fraction(k, 32) ** 2 for k in LENGTHS)]):
        network = Tanh(numbers, q, BIAS)
        scales = [depth_scale(slope) for slope in (network.length_slope, network.correlation_slope)]
        for name, value in zip(curve, (network.weight, *scales), strict=True):
            curve[name].append(float(value))
            radius = max(radius, float(value.rad() / value))
    seen: dict[str, list[float]] = {"weight": [], "length": [], "correlation": []}
    for q in WATCHED:
        network = Tanh(numbers, q, BIAS)
        slopes = decay(network.next_length, 2 * float(q)), decay(network.next_correlation, 0.5)
        for name, number in zip(seen, (float(network.weight), *(-1 / math.log(abs(slope)) for slope in slopes)), strict=True):
            seen[name].append(number)
    return {"bias": float(BIAS), "critical": critical, "curve": curve, "radius": radius, "seen": seen}


def critical_point(numbers: Any) -> tuple[Fraction, float]:
    """The length and the variance of the weights where chi_1 = 1: q - E f(z)^2/E f'(z)^2 = BIAS, and 1/E f'(z)^2."""
    from lemmata.reports.figures._propagation import DIGITS, ball, exact
    from lemmata.verify.derive_expression.fixed_points import roots

    def excess(q: Fraction) -> Any:
        return ball(q - BIAS) - numbers.length(exact(q)) / numbers.chi(exact(q))

    found = list(roots(excess, [Fraction(2) ** k for k in range(-6, 4)], DIGITS))
    if len(found) != 1:
        raise ValueError(f"the critical line of tanh meets sigma_b^2 = {BIAS} {len(found)} times between the lengths 1/64 and 8")
    return found[0].middle, float(1 / numbers.chi(exact(found[0].middle)))


def depth_scale(slope: Any) -> Any:
    """-1/ln|slope| in a ball, the layers in which a small difference falls by the factor e; raises ValueError if it may not fall.

    >>> from flint import arb
    >>> round(float(depth_scale(arb(1) / 2)), 10)
    1.4426950409
    """
    if not (abs(slope) > 0 and abs(slope) < 1):
        raise ValueError(f"a difference falls where the slope is below 1 in size and not 0, and it is {slope}")
    return -1 / abs(slope).log()


def decay(step: Callable[[float], float], start: float) -> float:
    """By what factor a layer shrinks the change of the layer before it, once the changes are small.

    >>> decay(lambda x: x / 2 + 1, 0.0)
    0.5
    """
    value = step(start)
    change = value - start
    for _ in range(LAYERS):
        following = step(value)
        value, change, before = following, following - value, change
        if abs(change) < SETTLED:
            break
    return change / before


def draw(data: dict[str, Any]) -> tuple[Any, str]:
    """Both scales on a logarithmic axis, cut at the critical variance; the decay of iterated maps as points."""
    from lemmata.reports.figures._canvas import ACCENT, GREY, INK, canvas

    figure, axes = canvas()
    curve, seen, critical = data["curve"], data["seen"], data["critical"]
    axes.axvline(critical, color=GREY, linewidth=0.8, linestyle="--")
    for name, colour, marker, label in (("correlation", ACCENT, "o", r"$\xi_c$"), ("length", INK, "s", r"$\xi_q$")):
        for ordered in (True, False):
            points = [(w, xi) for w, xi in zip(curve["weight"], curve[name], strict=True) if (w < critical) is ordered]
            axes.semilogy([w for w, _ in points], [xi for _, xi in points], color=colour, label=label if ordered else None)
        axes.semilogy(seen["weight"], seen[name], marker, color=colour, markersize=3.5)
    axes.annotate("ordered", (critical, 1), (-6, -4), xycoords=("data", "axes fraction"), textcoords="offset points", ha="right", va="top")
    axes.annotate("chaotic", (critical, 1), (6, -4), xycoords=("data", "axes fraction"), textcoords="offset points", ha="left", va="top")
    axes.set_xlabel(r"variance of the weights, $\sigma_w^2$")
    axes.set_ylabel("depth scale in layers")
    axes.set_ylim(0.6, 2e3)
    axes.legend(loc="upper right")
    exponent = math.ceil(math.log10(data["radius"]))
    caption = (
        f"Depth scales of tanh networks with $\\sigma_b^2 = {data['bias']:g}$: $\\xi_q = -1/\\ln|a|$ and $\\xi_c = -1/\\ln b$ with the "
        "slopes $a$ of the length map and $b$ of the correlation map at their attracting fixed points, from certified integrals, "
        f"of relative error at most $10^{{{exponent}}}$ at each of {len(curve['weight'])} variances. "
        f"At $\\sigma_w^2 = {critical:.5f}$, where $\\chi_1 = 1$, $\\xi_c$ diverges and $\\xi_q$ does not. "
        "Points: the decay read off when both maps are iterated layer by layer."
    )
    return figure, caption
