"""A statement about means in one parameter, in standard form: its difference at exact points, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose_at_precision, to_arb
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.correlation import mean
from lemmata.numerics.quadrature.divergence import Divergent
from lemmata.theory.printing import text
from lemmata.theory.quantity import PROBABILISTIC, quantities
from lemmata.verify.certify.boxes import real_throughout
from lemmata.verify.certify.kernel_covers import Against
from lemmata.verify.certify.kernel_regions import BITS, Region, check_analytic
from lemmata.verify.certify.kernel_scales import unscaled
from lemmata.verify.certify.kernel_terms import Known, Side
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

FINEST = 10
"""The most decimal places a certificate aims at; where the work does not reach, it aims at two places fewer, and so on."""

BOXES_AN_INTEGRAL = 2
"""One certified integral of the cheapest kind counts as so many boxes of the budget."""

GIVEN_UP = (Unsupported, Divergent, CannotEvaluate, ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError)
"""What stops a certificate: refusals of ours, and how SymPy and flint say that they cannot."""


def parameters(claim: Claim) -> dict[Any, Any] | None:
    """The intervals of the real symbols of an equality of scalars that holds means and no other quantity; else None."""
    if claim.relation is None or not claim.relation.is_equality:
        return None
    if not all(isinstance(side, sp.Expr) and not getattr(side, "is_Matrix", False) for side in (claim.lhs, claim.rhs)):
        return None
    nodes = (*quantities(claim.lhs), *quantities(claim.rhs))
    if not nodes or not all(isinstance(node, PROBABILISTIC) for node in nodes):
        return None
    box = claim.domain.box()
    return None if box is None or any(symbol.is_integer for symbol in box) else box


@dataclass
class Statement:
    """lhs = rhs in the parameter `symbol` on `interval`, without the positive symbols `scales`, up to the factor `scale`.

    `values` are the means that do not depend on the parameter; `known` what was measured so far; `reached` a lower bound of
    the largest modulus of a side.
    """

    claim: Claim
    budget: Budget
    symbol: Any
    interval: Any
    scales: frozenset[Any]
    left: Side
    right: Side
    scale: Any
    values: dict[Any, arb]
    known: dict[Any, arb] = field(default_factory=dict)
    reached: arb = field(default_factory=arb)

    @classmethod
    def of(
        cls, claim: Claim, budget: Budget, symbol: Any, box: Any, left: Side, right: Side, means: Known, lines: Iterable[Any]
    ) -> Statement:
        """The statement; raises Unsupported where it is not analytic, not real, or depends on more than its parameter.

        `means` are the functions of X behind the constant means, `lines` other expressions that have to be real.
        """
        interval, scales = box[symbol], frozenset(box) - {symbol}
        first, second, scale = _unscaled(left, right, scales)
        if not first.terms and not second.terms:
            raise Unsupported("no expectation depends on the parameter")
        if not interval.inf < interval.sup:
            raise Unsupported("the parameter has one value only")
        values = {dummy: mean(function, budget.digits) for dummy, function in means.items()}
        found = cls(claim, budget, symbol, interval, scales, first, second, scale, values)
        parts = [*(a for a, _ in found.differences), found.closed]
        for part in parts:
            check_analytic(part, symbol)
        one = dict.fromkeys(values, sp.Integer(1))
        if not all(real_throughout(part.xreplace(one), {symbol: _wider(interval)}) for part in (*parts, *lines)):
            raise Unsupported("the statement is not shown to be real on the whole domain")
        return found

    @property
    def functions(self) -> tuple[Any, ...]:
        """The means that depend on the parameter, each once."""
        return tuple(dict.fromkeys(function for side in (self.left, self.right) for _, function in side.terms))

    @property
    def differences(self) -> list[tuple[Any, Any]]:
        """The coefficients of lhs - rhs."""
        signed = [*self.left.terms, *((-a, function) for a, function in self.right.terms)]
        return [(sp.Add(*(a for a, other in signed if other == function)), function) for function in self.functions]

    @property
    def closed(self) -> Any:
        return self.left.closed - self.right.closed

    def value(self, function: Any, point: Any, measure: Callable[[Any], arb]) -> arb:
        """A mean at a point, measured once."""
        key = (function, point)
        if key not in self.known:
            self.known[key] = measure(function)
        return self.known[key]

    def difference(self, point: Any, measure: Callable[[Any], arb]) -> arb:
        """lhs - rhs at an exact point; raises Against where it is not 0."""
        left, right = (self._side(side, point, measure) for side in (self.left, self.right))
        self.reached = self.reached.max(abs(left).lower().max(abs(right).lower()))
        difference = left - right
        if not difference.contains(0):
            raise Against(point)
        return difference

    def _side(self, side: Side, point: Any, measure: Callable[[Any], arb]) -> arb:
        at = {self.symbol: point, **self.values}
        total = enclose_at_precision(side.closed, at, BITS)
        for a, function in side.terms:
            total = total + enclose_at_precision(a, at, BITS) * self.value(function, point, measure)
        return total

    def around(self, image: Callable[..., Any], bounds: dict[Any, arb], low: float, high: float, height: float) -> arb | None:
        """A bound of |lhs - rhs| over a rectangle in w, from bounds of the means there; None where it is not seen to be analytic."""
        total = Region(self.closed, self.symbol, self.values, image).bound(low, high, height)
        for a, function in self.differences:
            bound = Region(a, self.symbol, self.values, image).bound(low, high, height)
            if total is None or bound is None:
                return None
            total = total + bound * bounds[function]
        return None if total is None else total.upper()

    def best(self, certified: Callable[[float], arb | None], name: str, why: str) -> Evidence | None:
        """The certificate at the smallest eps that the work reaches, aim by aim."""
        for places in range(FINEST, 0, -2):
            aim = min(10.0**-places, self.budget.resolution) * (float(self.reached.lower()) or 1.0) * 0.9
            eps = certified(aim)
            if eps is not None:
                return self._evidence(eps, name, why)
            if 10.0**-places >= self.budget.resolution:
                break
        return None

    def _evidence(self, eps: arb, name: str, why: str) -> Evidence | None:
        from lemmata.verify.certify.certificate import printed

        size, scale = math.nextafter(float(eps.upper()), math.inf), float(self.reached.lower())
        resolution = size / scale if scale > size else size
        if not resolution <= self.budget.resolution:
            return None
        ends = f"{text(self.interval.inf)} <= {text(self.symbol)} <= {text(self.interval.sup)}"
        unit = "" if self.scale == 1 else f" times {text(self.scale)}, to which the difference is proportional,"
        count = len(self.known)
        because = (
            f"|lhs - rhs| <= {printed(size)}{unit} for all {ends}: {count} certified integrals, {why}; the larger side reaches {scale:.3g}"
        )
        cost = {"integrals": float(count)}
        return Evidence(Road.SEARCHED, name, Outcome.CERTIFIES, Rigour.RIGOROUS, because, resolution=resolution, cost=cost)

    def counterexample(self, points: Iterable[Any], name: str) -> Evidence | None:
        """The finding at the first admissible point at which certified integrals of the claim's own quantities disagree."""
        from lemmata.numerics.instruments.certified_mean import INSTRUMENT
        from lemmata.numerics.measurement import Ball, Measurement
        from lemmata.numerics.streams import Stream
        from lemmata.verify.measure import finding

        nodes = dict.fromkeys((*quantities(self.claim.lhs), *quantities(self.claim.rhs)))
        for point in points:
            at = {**dict.fromkeys(self.scales, sp.Integer(1)), self.symbol: point}
            if self.claim.domain.satisfies(at) is not True:
                continue
            known: dict[Any, Measurement] = {}
            for node in nodes:
                known[node] = INSTRUMENT.measure(node, at, self.budget, Stream(self.budget.seed))
            if all(isinstance(answer, Ball) for answer in known.values()):
                item = finding(self.claim, at, known, name, Road.SEARCHED, self.budget)
                if item.outcome is Outcome.DISAGREES:
                    return item
        return None


def _unscaled(left: Side, right: Side, scales: frozenset[Any]) -> tuple[Side, Side, Any]:
    """Both sides without the positive symbols, and the monomial in them that both are proportional to.

    Where only the difference is proportional to one, the means are put on the left and the rest on the right.
    """
    try:
        return _freed(left, right, scales)
    except Unsupported:
        moved = Side((*left.terms, *((-a, function) for a, function in right.terms)), sp.Integer(0))
        return _freed(moved, Side((), sp.expand(right.closed - left.closed)), scales)


def _freed(left: Side, right: Side, scales: frozenset[Any]) -> tuple[Side, Side, Any]:
    coefficients = [a for side in (left, right) for a, _ in side.terms]
    found, monomial = unscaled([*coefficients, left.closed, right.closed], sorted(scales, key=str))
    cut = len(left.terms)
    first = Side(tuple((a, function) for a, (_, function) in zip(found[:cut], left.terms, strict=True)), found[-2])
    second = Side(tuple((a, function) for a, (_, function) in zip(found[cut:-2], right.terms, strict=True)), found[-1])
    return first, second, monomial


def _wider(interval: Any) -> Any:
    """The interval, or one with rational ends a little around it."""
    low, high = interval.inf, interval.sup
    if not low.is_Rational:
        low = sp.Rational(int((to_arb(low) * 2**16 - 1).mid().floor().fmpz()), 2**16)
    if not high.is_Rational:
        high = sp.Rational(int((to_arb(high) * 2**16 + 2).mid().floor().fmpz()), 2**16)
    if interval.inf >= -1 and interval.sup <= 1:
        low, high = max(sp.Integer(-1), low), min(sp.Integer(1), high)
    return sp.Interval(low, high)
