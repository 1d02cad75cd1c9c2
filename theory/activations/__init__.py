"""Activations, one a file: `relu(x)` is `Max(0, x)`; `activations()` lists them with what is known of each."""

from lemmata.theory.lazy import face

_HOMES = {
    "Activation": ".registry",
    "activations": ".registry",
    "abs_": ".absolute",
    "cos_": ".cosine",
    "elu": ".exponential_linear",
    "erf_": ".error_function",
    "exp_": ".exponential",
    "gaussian": ".bump",
    "gelu": ".gaussian_linear",
    "hard_tanh": ".clipped_line",
    "hermite": ".hermite_polynomials",
    "identity": ".linear",
    "leaky_relu": ".leaky_rectifier",
    "mish": ".mish_unit",
    "monomial": ".monomials",
    "normal_cdf": ".normal_distribution",
    "polynomial": ".polynomials",
    "rectified_monomial": ".rectified_monomials",
    "relu": ".rectifier",
    "sigmoid": ".logistic",
    "sign_": ".signum",
    "silu": ".swish",
    "sin_": ".sine",
    "softplus": ".smooth_rectifier",
    "step": ".heaviside",
    "tanh": ".hyperbolic_tangent",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
