"""Activations, one a file: `relu(x)` is `Max(0, x)`; `activations()` lists them with what is known of each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Activation": "registry",
    "activations": "registry",
    "abs_": "absolute",
    "erf_": "error_function",
    "gelu": "gaussian_linear",
    "identity": "linear",
    "leaky_relu": "leaky_rectifier",
    "normal_cdf": "normal_distribution",
    "relu": "rectifier",
    "sigmoid": "logistic",
    "silu": "swish",
    "softplus": "smooth_rectifier",
    "step": "heaviside",
    "tanh": "hyperbolic_tangent",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
