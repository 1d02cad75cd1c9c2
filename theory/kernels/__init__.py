"""Kernels of wide networks, from an activation: duals, recursions over layers, fixed points, expansions and spectra."""

from lemmata.theory.lazy import face

_HOMES = {
    "ActivationError": ".admissible",
    "Dual": ".duals",
    "Kernels": ".recursion",
    "Layer": ".recursion",
    "Pair": ".recursion",
    "Parametrisation": ".parametrisation",
    "admissible": ".admissible",
    "dual": ".duals",
    "eigenvalue": ".sphere",
    "expand_kernel": ".expansion",
    "hermite_coefficient": ".hermite",
    "legendre": ".sphere",
    "monomial_eigenvalue": ".sphere",
    "multiplicity": ".sphere",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
