"""Instruments: certified integrals, Monte Carlo, descent runs, and the compilers they share. Names are imported on first use."""

from lemmata.theory.lazy import face

_HOMES = {
    "Approx": ".measurement",
    "BUDGETS": ".budget",
    "Ball": ".measurement",
    "Budget": ".budget",
    "BudgetName": ".budget",
    "CannotEvaluate": ".compile.errors",
    "Estimate": ".measurement",
    "Instrument": ".measurement",
    "Refusal": ".measurement",
    "Stream": ".streams",
    "End": ".descent.table",
    "compile_numpy": ".compile.numpy_backend",
    "compile_torch": ".compile.torch_backend",
    "enclose": ".compile.arb",
    "module_loss": ".descent.modules",
    "rounding_bound": ".compile.arb",
    "runs": ".descent.table",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
