"""Kernels of wide networks, from an activation: duals, recursions over layers, fixed points, expansions and spectra."""

from lemmata.theory.lazy import face

_HOMES = {
    "ActivationError": ".admissible",
    "Dual": ".dual",
    "admissible": ".admissible",
    "dual": ".dual",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
