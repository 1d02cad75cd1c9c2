"""Correlation maps in d = 1 - c as tables of polynomials with a proved relative error, down to d = 0 and up to d = 2."""

from lemmata.theory.lazy import face

_HOMES = {
    "Accuracy": ".accuracy",
    "Proved": ".maps",
    "StableFunction": ".maps",
    "StableMap": ".maps",
    "Through": ".maps",
    "accuracy_map": ".accuracy",
    "stable_function": ".maps",
    "stable_map": ".maps",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
