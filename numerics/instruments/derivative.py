"""Derivatives of closed expressions: SymPy differentiates, balls evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities, random_symbols


def kinks(expr: Any) -> list[Any]:
    """Expressions that are zero where `expr` may have no derivative: differences inside Max and Min, arguments of Abs, borders."""
    found: list[Any] = []
    for node in sp.preorder_traversal(expr):
        if isinstance(node, (sp.Max, sp.Min)):
            found.extend(a - b for i, a in enumerate(node.args) for b in node.args[i + 1 :])
        elif isinstance(node, (sp.Abs, sp.sign, sp.Heaviside)):
            found.append(node.args[0])
        elif isinstance(node, sp.Piecewise):
            found.extend(relation.lhs - relation.rhs for pair in node.args for relation in pair.cond.atoms(sp.core.relational.Relational))
    return list(dict.fromkeys(found))


class SymbolicDerivative(Instrument):
    """`Derivative(f, x, ...)` of a closed f: differentiated exactly, enclosed in a ball; refuses at a kink of f."""

    name = "symbolic derivative in balls"
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, sp.Derivative):
            return Refusal("not a derivative")
        if quantities(quantity.expr) or random_symbols(quantity.expr):
            return Refusal(f"what is differentiated holds a quantity: {shorten(quantity.expr)}")
        if not all(isinstance(variable, sp.Symbol) for variable, _ in quantity.variable_count):
            return Refusal("the derivative is with respect to something other than a scalar symbol")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            for kink in kinks(quantity.expr):
                if enclose(kink, at, digits=budget.digits).contains(0):
                    return Refusal(f"{shorten(quantity.expr)} may have no derivative here, where {shorten(kink)} = 0")
            order = [int(count) for _, count in quantity.variable_count]
            result = quantity.expr
            for (variable, _), count in zip(quantity.variable_count, order, strict=True):
                result = sp.diff(result, variable, count)
            return Ball(enclose(result, at, digits=budget.digits), "differentiated exactly")
        except FAILURES as error:
            return Refusal(f"the derivative cannot be evaluated: {error}")


INSTRUMENT = SymbolicDerivative()
