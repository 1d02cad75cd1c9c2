"""Instruments: certified integrals, Monte Carlo, descent runs, and the compilers they share. Names are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Budget": "budget",
    "BudgetName": "budget",
    "BUDGETS": "budget",
    "Ball": "measurement",
    "Approx": "measurement",
    "Estimate": "measurement",
    "Refusal": "measurement",
    "Instrument": "measurement",
    "Stream": "streams",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
