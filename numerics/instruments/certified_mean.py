"""Certified integrals: means, probabilities, variances and covariances as rigorous balls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

import sympy as sp
from flint import arb, arb_mat

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.measurement import Approx, Ball, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.divergence import Divergent
from lemmata.numerics.quadrature.mean import NESTED, Integrator
from lemmata.numerics.quadrature.other_laws import approximate
from lemmata.numerics.quadrature.products import product_at, product_mean
from lemmata.numerics.quadrature.strips import MOST_NODES
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import Kind, Target, target_of
from lemmata.theory.quantity import RandomQuantity

MOST_EXTRA_DIGITS = 40


class CertifiedMean(Instrument):
    """Exact moments, enumeration, and proved quadrature in one and two dimensions; elsewhere it refuses."""

    name: ClassVar[str] = "certified integral"
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        try:
            target = target_of(quantity)
        except Unsupported as reason:
            return Refusal(str(reason))
        for part in target.parts:
            draws = part.atoms(RandomQuantity) if isinstance(part, sp.Basic) else set()
            if draws:
                return Refusal(f"{sorted(map(str, draws))[0]} is an experiment: only samples can measure it")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        declined = self.supports(quantity)
        if declined is not None:
            return declined
        try:
            return self._measure(target_of(quantity), at, budget)
        except Divergent as reason:
            return Refusal(str(reason), divergent=True)
        except Unsupported as reason:
            return Refusal(str(reason))
        except (ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError, AttributeError) as error:
            return Refusal(f"the integral stopped with {type(error).__name__}: {str(error).strip()[:200] or 'no message'}")

    def _measure(self, target: Target, at: Mapping[Any, Any], budget: Budget) -> Measurement:
        if target.kind is Kind.MEAN and target.condition is None and not target.is_matrix:
            product = product_at(target.parts[0], at)
            if product is not None:
                with suppress(Unsupported):  # a degenerate pair, or fast growth: the general way may still do
                    return Ball(product_mean(product, budget.digits), "trapezoid rules for a pair")
        exprs = (*target.parts, *(() if target.condition is None else (target.condition,)))
        models = standardise(exprs[0], at, *exprs[1:])
        parts = list(models) if isinstance(models, tuple) else [models]
        for part in parts:
            missing = part.expr.free_symbols - {source.variable for source in part.sources}
            if missing:
                raise Unsupported(f"no value was given for {', '.join(sorted(map(str, missing)))}")
        condition = parts.pop() if target.condition is not None else None
        if target.is_matrix:
            return self._matrix(target, parts, condition, budget)
        try:
            value, note = _scalar(target.kind, parts, condition, budget)
        except Unsupported as reason:
            return _floating(target, parts, condition, reason)
        return Ball(value, note)

    def _matrix(self, target: Target, parts: list[Model], condition: Model | None, budget: Budget) -> Measurement:
        """Entry by entry: means of the entries, or covariances of the entries of two columns."""
        grids = [_explicit(part.expr) for part in parts]
        if target.kind is Kind.MEAN:
            rows, columns = grids[0].shape
            cells = [[[entry] for entry in grids[0].row(i)] for i in range(rows)]
        else:
            left, right = list(grids[0]), list(grids[1])
            rows, columns = len(left), len(right)
            cells = [[[a, b] for b in right] for a in left]
        values: list[arb] = []
        notes: dict[str, None] = {}
        for i in range(rows):
            for j in range(columns):
                models = [Model(entry, parts[0].sources, parts[0].draws) for entry in cells[i][j]]
                value, note = _scalar(target.kind, models, condition, budget)
                values.append(value)
                notes[note] = None
        return Ball(arb_mat(rows, columns, values), ", ".join(notes))


def _scalar(kind: Kind, parts: list[Model], condition: Model | None, budget: Budget) -> tuple[arb, str]:
    """One number, with as many extra digits as cancellation costs; a nested integral gives a few, however many are asked for."""
    digits = budget.digits
    for _ in range(2):
        integrator = Integrator(digits, most_outcomes=budget.boxes, most_nodes=max(MOST_NODES, 4 * budget.boxes))
        with precision(int(digits * 3.33) + 40):
            value = _assemble(kind, parts, condition, integrator)
        if not value.is_finite():
            raise Unsupported("the ball of the result is not finite")
        lost = _lost(value, budget.digits)
        if lost <= 0 or lost > MOST_EXTRA_DIGITS or NESTED in integrator.used:
            break
        digits = budget.digits + lost + 2
    return value, integrator.note


def _lost(value: arb, digits: int) -> int:
    """Digits missing to a relative radius of 10^-digits; 0 for a value that may be zero."""
    if value.contains(0) or value.rad() == 0:
        return 0
    return math.ceil(digits + float((value.rad() / abs(value.mid())).log().mid()) / math.log(10))


def _assemble(kind: Kind, parts: list[Model], condition: Model | None, integrator: Integrator) -> arb:
    def conditional(expr: Any) -> arb:
        model = Model(expr, parts[0].sources, parts[0].draws)
        if condition is None:
            return integrator.mean(model)
        weight = integrator.mean(condition)
        if weight.contains(0):
            raise Unsupported("the probability of the condition may be zero")
        return integrator.mean(Model(expr * condition.expr, model.sources, model.draws)) / weight

    if kind is not Kind.COVARIANCE:
        return conditional(parts[0].expr)
    first, second = (part.expr for part in parts)
    return conditional(first * second) - conditional(first) * conditional(second)


def _explicit(expr: Any) -> sp.MatrixBase:
    matrix = expr if isinstance(expr, sp.MatrixBase) else expr.doit().as_explicit() if hasattr(expr, "as_explicit") else None
    if matrix is None:
        raise Unsupported(f"{expr} is not a matrix with entries")
    return matrix


def _floating(target: Target, parts: list[Model], condition: Model | None, reason: Unsupported) -> Measurement:
    """What is not proved may still be integrated over one source in floating point."""
    if target.kind is Kind.COVARIANCE or condition is not None or any(part.expr.has(sp.DiracDelta) for part in parts):
        raise reason
    used = [source for source in parts[0].sources if source.variable in parts[0].expr.free_symbols]
    if len(used) != 1:
        raise reason
    value, error = approximate(parts[0].expr, used[0])
    return Approx(value, error, f"QUADPACK with its own error estimate ({reason})")


INSTRUMENT = CertifiedMean()
