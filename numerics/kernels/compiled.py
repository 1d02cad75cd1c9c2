"""Activations as kernels are asked for them, by name, as a function of one SymPy expression or as an expression; their compiled duals."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lemmata.numerics.kernels.expanded import Expanded
from lemmata.numerics.kernels.expansion_tables import build
from lemmata.numerics.laws import Unsupported
from lemmata.theory.activations.registry import Activation, activations
from lemmata.theory.kernels.admissible import ActivationError, admissible


def expression(activation: Any) -> tuple[Any, str]:
    """The activation as an expression in the symbol X, and what to call it.

    Raises ActivationError in one line for what is no real function of one variable with finite second moments.

    >>> expression("tanh")
    (tanh(x), 'tanh')
    """
    if isinstance(activation, str):
        known = activations()
        if activation not in known:
            raise ActivationError(f"no activation is called {activation!r}: known are {', '.join(sorted(known))}")
        activation = known[activation]
    expr = admissible(activation)
    if expr.free_symbols and len(expr.free_symbols) > 1:
        raise ActivationError(f"{expr} has parameters: give them values")
    return expr, activation.name if isinstance(activation, Activation) else str(expr)


def compiled_dual(activation: Any, q_range: tuple[float, float] = (0.05, 4.0), tolerance: float = 1e-14) -> Expanded:
    """The dual of an activation, compiled for all variances of a range, with |error of the value| <= tolerance sqrt(k11 k22) proved.

    `activation` is the name of one, an Activation, a function of one SymPy expression, or an expression in one symbol; it is analytic
    about the real line (tanh, sigmoid, softplus, silu, mish, gelu, erf, sin, ...). Raises ActivationError for what is no activation,
    ValueError for a range or a tolerance that cannot be.

    >>> found = compiled_dual("tanh", (0.5, 2.0))
    >>> round(float(found.value(1.0, 1.0, 0.5)), 12), found.error.value < 2.0**-48
    (0.186324413203, True)
    """
    low, high = q_range
    if not 0 < low <= high < float("inf"):
        raise ValueError(f"q_range is two variances, 0 < low <= high, not {q_range!r}")
    if not 2.0**-50 < tolerance < 1:
        raise ValueError(f"tolerance is a relative error between 2^-50 and 1, not {tolerance!r}")
    expr, name = expression(activation)
    found = _compiled(expr, name, float(low), float(high), float(tolerance))
    if not found.error.value <= tolerance:
        raise ValueError(f"the {found} was asked to be within {tolerance:g}: take a larger tolerance or smaller variances")
    return found


def best_dual(activation: Any, q_range: tuple[float, float]) -> Expanded:
    """The dual with about the smallest error that so many terms allow; raises ValueError where even LOOSEST is out of reach."""
    for tolerance in (1e-14, 1e-12, 1e-10, LOOSEST):
        try:
            found = _compiled(*expression(activation), *map(float, q_range), tolerance)
        except ValueError:
            if tolerance == LOOSEST:
                raise
        else:
            break
    return found


LOOSEST = 1e-8
"""Relative errors beyond this are no longer worth having."""


@lru_cache(maxsize=16)
def _compiled(expr: Any, name: str, low: float, high: float, tolerance: float) -> Expanded:
    try:
        return Expanded(name, low, high, build(expr, low, high, tolerance / 8))
    except Unsupported as reason:
        raise ValueError(f"no dual of {name} was compiled for q in [{low:g}, {high:g}]: {reason}") from reason
