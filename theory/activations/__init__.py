"""Activations, one a file: `relu(x)` is `Max(0, x)`; `activations()` lists them with what is known of each."""

from lemmata.theory.lazy import face

_HOMES = {
    "Activation": ".registry",
    "activations": ".registry",
    "abs_": ".absolute",
    "erf_": ".error_function",
    "gelu": ".gaussian_linear",
    "identity": ".linear",
    "leaky_relu": ".leaky_rectifier",
    "normal_cdf": ".normal_distribution",
    "relu": ".rectifier",
    "sigmoid": ".logistic",
    "silu": ".swish",
    "softplus": ".smooth_rectifier",
    "step": ".heaviside",
    "tanh": ".hyperbolic_tangent",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
