"""Kernel matrices of fully connected networks of infinite width: NNGP and NTK, tiled, with 1 - c carried instead of c."""

from lemmata.theory.lazy import face

__getattr__, __dir__, __all__ = face(
    "lemmata.numerics.kernels",
    {
        "RELU": ".duals",
        "Dual": ".duals",
        "Duals": ".duals",
        "Homogeneous": ".duals",
        "Kernels": ".matrices",
        "Parametrisation": ".network",
        "kernel_matrices": ".matrices",
    },
)
