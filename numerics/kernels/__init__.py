"""Kernel matrices of fully connected networks of infinite width: NNGP and NTK, tiled, with 1 - c carried instead of c."""

from lemmata.theory.lazy import face

__getattr__, __dir__, __all__ = face(
    "lemmata.numerics.kernels",
    {
        "RELU": ".duals",
        "Dual": ".duals",
        "Duals": ".duals",
        "Expanded": ".expanded",
        "Homogeneous": ".duals",
        "KernelError": ".propagation",
        "Kernels": ".matrices",
        "Parametrisation": "lemmata.theory.kernels.parametrisation",
        "compiled_dual": ".compiled",
        "kernel_matrices": ".matrices",
    },
)
