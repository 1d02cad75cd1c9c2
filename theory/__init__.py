"""Questions: quantities, domains, rules and derivations, in SymPy alone. Names are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    # what a statement is made of
    "gradient": "gradient",
    "descent": "trajectory",
    "flow": "trajectory",
    "grad_norm_squared": "trajectory",
    "Method": "trajectory",
    "iterate": "iterate",
    "experiment": "experiment",
    "DataMatrix": "data",
    "Source": "source",
    "Domain": "domain",
    "Derivation": "derivation",
    "Rule": "derivation",
    "Rewrite": "derivation",
    "Link": "derivation",
    "latex": "printing",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
