"""What every worker needs, imported once: workers are forked from the process that imported this.

Whatever is missing here is imported again by each claim, at about a third of a second. A module that cannot be
imported is noted, not raised: the claims that need it will say so by themselves.
"""

from __future__ import annotations

import gc
import pkgutil
import sys
from importlib import import_module

FAILURES: dict[str, str] = {}

OUTSIDE = (
    "sympy.stats",
    "sympy.assumptions.satask",
    "sympy.assumptions.sathandlers",
    "sympy.logic.algorithms.dpll2",
    "sympy.tensor.array.expressions",
    "flint",
    "numpy.random",
    "scipy.sparse",
    "scipy.special",
    "clarabel",
    "PEPit.functions",
    "torch",
    "torch.fx.experimental.symbolic_shapes",
)

INSIDE = ("lemmata.theory", "lemmata.numerics", "lemmata.verify")

LEFT_OUT = ("lemmata.verify.register", "lemmata.verify.warm", "lemmata.verify.warm_register", "lemmata.verify.pytest_plugin")
"""The register is loaded by the workers that judge it; the plugin needs pytest, which only tests install."""


def _import(name: str) -> None:
    try:
        import_module(name)
    except Exception as error:  # the server of processes would end here, and every claim with it
        FAILURES[name] = f"{type(error).__name__}: {error}"


def _import_below(name: str) -> None:
    """Import a package and everything in it."""
    _import(name)
    for found in pkgutil.iter_modules(getattr(sys.modules.get(name), "__path__", ())):
        inner = f"{name}.{found.name}"
        if inner not in LEFT_OUT:
            (_import_below if found.ispkg else _import)(inner)


gc.disable()  # what is imported is no garbage, and looking for some among it takes a third of the time
for _name in OUTSIDE:
    _import(_name)
for _name in INSIDE:
    _import_below(_name)
gc.enable()
