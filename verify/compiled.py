"""The derived closed form as code: compiled to NumPy and Torch, run, and compared with what was measured.

A formula may be right and its code wrong (a branch, a cancellation, a misplaced cast). The rounding error allowed to
the code is computed: it is the radius that ball arithmetic gives the same expression at 53 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import CannotEvaluate, rounding_bound
from lemmata.theory.derivation import Derivation
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.verify.claim import Relation
from lemmata.verify.compare import Side, assemble, compare
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import Measured, written

DOUBLE = 53


def compiled_evidence(derivation: Derivation, measured: Measured) -> Iterator[Evidence]:
    """The end of the left-hand side's derivation, run as NumPy and as Torch code against the measured left-hand side."""
    closed = derivation.end
    if not derivation.steps or quantities(closed) or not isinstance(closed, sp.Expr) or getattr(closed, "is_Matrix", False):
        return
    if closed.has(sp.MatrixSymbol) or derivation.start == closed or derivation.link is None or derivation.link.value != "=":
        return
    symbols = sorted(free_parameters(closed), key=str)
    try:
        ways = (("NumPy code", _numpy(closed, symbols)), ("Torch code", _torch(closed, symbols, measured.budget.device)))
    except CannotEvaluate as error:
        yield Evidence(Road.COMPILED, "NumPy and Torch code", Outcome.REFUSED, Rigour.FLOATING, str(error))
        return
    for name, run in ways:
        for index, at in enumerate(measured.points):
            known = measured.best(index)
            if known is None:
                continue
            try:
                yield _one(name, run, closed, measured, at, known)
            except CannotEvaluate as error:
                yield Evidence(Road.COMPILED, name, Outcome.REFUSED, Rigour.FLOATING, str(error), written(at))


def _one(name: str, run: Callable[..., float], closed: Any, measured: Measured, at: Mapping[Any, Any], known: Any) -> Evidence:
    """The code's value at one point against the measured side."""
    theirs = assemble(measured.claim.lhs, at, known, measured.budget.digits)
    rounding = rounding_bound(closed, at, bits=DOUBLE)
    value = run({symbol: float(number) for symbol, number in at.items() if getattr(number, "is_number", False)})
    if not rounding.is_finite() or value != value:
        raise CannotEvaluate(f"{name} gives {value} here")
    ours = Side(arb(value, 2 * float(rounding.rad())), Rigour.FLOATING)
    outcome = compare(Relation.EQ, theirs, ours)
    item = Evidence(Road.COMPILED, name, outcome.outcome, outcome.rigour, "", written(at), outcome.lhs, repr(value), outcome.resolution)
    if outcome.outcome is Outcome.DISAGREES:
        return replace(item, because=f"the compiled closed form gives {value!r}, measured was {outcome.lhs}")
    return item


def _numpy(closed: Any, symbols: list[Any]) -> Callable[[Mapping[Any, float]], float]:
    from lemmata.numerics.compile.numpy_backend import compile_numpy

    function = compile_numpy(closed, symbols)
    return lambda at: float(function(*(at[symbol] for symbol in symbols)))


def _torch(closed: Any, symbols: list[Any], device: str) -> Callable[[Mapping[Any, float]], float]:
    import torch

    from lemmata.numerics.compile.torch_backend import compile_torch

    function = compile_torch(closed, symbols)
    return lambda at: float(function({symbol: torch.tensor(at[symbol], dtype=torch.float64, device=device) for symbol in symbols}))
