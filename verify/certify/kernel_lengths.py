"""Certificates over a compact interval of variances for statements about means of one normal: E G(sqrt(q) s) = closed form.

K(q) = E G(sqrt(q) s) is analytic in Re q > 0 with a proved bound (`lemmata.numerics.quadrature.lengths`); with q = exp(2w) the half-plane
is the strip |Im w| < pi/4, and certified integrals at finitely many q bound the difference of the sides between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision, to_arb
from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.quadrature.correlation import X
from lemmata.numerics.quadrature.directions import linear_forms
from lemmata.numerics.quadrature.lengths import Length
from lemmata.verify.certify.kernel_covers import Against, Difference, cover, outwards
from lemmata.verify.certify.kernel_regions import BITS, square_of_exp
from lemmata.verify.certify.kernel_scales import degree
from lemmata.verify.certify.kernel_statement import BOXES_AN_INTEGRAL, Statement
from lemmata.verify.certify.kernel_terms import Known, combination, dot, normal_model, parallel, symbol_for
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence

NAME = "interpolation in the variance"

WHY = "between which a function analytic in the half-plane of the variance is bounded"

HEIGHTS = (Fraction(5, 8), Fraction(3, 8))
"""Half-heights in w that are tried, below pi/4: the bound of a mean grows towards it."""

LONGEST = 2
"""Pieces in w are at most so long, since the bound of a mean belongs to the largest variance of a piece."""

MOST_PROBES = 4


class Lengths:
    """A statement over a compact interval of variances q > 0."""

    def __init__(self, claim: Claim, budget: Budget, q: Any, box: Any) -> None:
        if not (box[q].inf > 0 and box[q].sup.is_finite):
            raise Unsupported("the interval of variances is not compact in (0, oo)")
        means: Known = {}
        left, right = (combination(side, lambda expr, known: _mean(expr, known, means, q)) for side in (claim.lhs, claim.rhs))
        self.statement = Statement.of(claim, budget, q, box, left, right, means, ())
        self.budget, self.interval = budget, box[q]

    def evidence(self) -> Evidence | None:
        """The certificate at the smallest eps that the work reaches, or a counterexample."""
        try:
            for q in self._probes():
                self._difference(q, sp.sqrt(q))
            return self.statement.best(self._certified, NAME, WHY)
        except Against as against:
            return self.statement.counterexample([*self._probes(), *_simple(against.at)], NAME)

    def _probes(self) -> list[Any]:
        """Simple variances of the interval."""
        inside = [end for end in (self.interval.inf, self.interval.sup) if end.is_Rational]
        low, high = (Fraction(float(to_arb(end).mid())) for end in (self.interval.inf, self.interval.sup))
        for most in (1, 2, 10):
            middle = ((low + high) / 2).limit_denominator(most)
            if low < middle < high:
                inside.append(sp.Rational(middle.numerator, middle.denominator))
        return inside[:MOST_PROBES]

    def _certified(self, aim: float) -> arb | None:
        with precision(BITS):
            low, high = (to_arb(end).log() / 2 for end in (self.interval.inf, self.interval.sup))
        most = self.budget.boxes // BOXES_AN_INTEGRAL // sum(length.work for length in self.statement.functions)
        difference = Difference(lambda t: self._difference(_rational(1 / t) ** 2, _rational(1 / t)), self._around, HEIGHTS)
        return cover(difference, -outwards(-low), outwards(high), aim, most, LONGEST)

    def _around(self, low: float, high: float, height: float) -> arb | None:
        bounds = {length: length.bound(low, high, height, self.budget.digits) for length in self.statement.functions}
        return self.statement.around(square_of_exp, bounds, low, high, height)

    def _difference(self, q: Any, sigma: Any) -> arb:
        return self.statement.difference(q, lambda length: length.value(sigma, self.budget.digits))


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _simple(q: sp.Rational) -> Iterator[sp.Rational]:
    """Rational numbers near one, the simple ones first, at last the number itself."""
    exact = Fraction(int(q.p), int(q.q))
    for most in (1, 10, 100, exact.denominator):
        yield _rational(exact.limit_denominator(most))


def _mean(expr: Any, known: Known, means: Known, q: Any) -> Any:
    """The mean of a function of one normal of variance q, and of homogeneous functions of its standard one, in dummies."""
    model = normal_model(expr)
    lines = _lines(model.expr, model.sources, q)
    flat = model.expr.xreplace({node: dummy for node, (dummy, _, _, _) in lines.items()})
    total = sp.Integer(0)
    for term in sp.Add.make_args(flat):
        used = {dummy: (scale, offset, wide) for dummy, scale, offset, wide in lines.values() if term.has(dummy)}
        outside, inside = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            mine = {dummy: value for dummy, value in used.items() if factor.has(dummy)}
            put = {dummy: scale * X + offset for dummy, (scale, offset, _) in mine.items()}
            if not mine:
                outside = outside * factor
            elif len({wide for _, _, wide in used.values()}) == 1 or all(wide for _, _, wide in mine.values()):
                inside = inside * factor.xreplace(put)
            else:
                outside, inside = outside * _power(factor, mine, q), inside * factor.xreplace(put)
        if inside.free_symbols - {X}:
            raise Unsupported("the integrand has parameters that cannot be put outside")
        if any(wide for _, _, wide in used.values()):
            total = total + outside * symbol_for(Length(inside), known)
        else:
            total = total + outside * (symbol_for(inside, means) if used else inside)
    return total


def _power(factor: Any, mine: dict[Any, Any], q: Any) -> Any:
    """q^(-p/2) for a factor of degree p in lines of constant variance: f(s) = q^(-p/2) f(sqrt(q) s)."""
    if len(mine) > 1 or any(wide or not offset.is_zero for _, offset, wide in mine.values()):
        raise Unsupported(f"{factor} ties a normal of constant variance to one of variance {q}")
    power = degree(factor, next(iter(mine)))
    if power is None:
        raise Unsupported(f"{factor} is not homogeneous, and the other factors depend on {q}")
    return q ** (-power / 2)


def _lines(expr: Any, sources: tuple[Source, ...], q: Any) -> dict[Any, tuple[Any, Any, Any, bool]]:
    """The linear forms: a dummy, scale and offset, and whether the form is scale * sqrt(q) * s + offset or scale * s + offset.

    Raises Unsupported where they are not all parallel, or a variance is neither constant nor a multiple of q.
    """
    found: dict[Any, tuple[Any, Any, Any, bool]] = {}
    axis: tuple[list[Any], Any] | None = None
    for node, (vector, offset) in linear_forms(expr, [source.variable for source in sources]).items():
        square = sp.expand(dot(vector, vector))
        wide = q in square.free_symbols
        ratio = sp.cancel(square / q) if wide else square
        length = sp.sqrt(square)
        if ratio.free_symbols or not ratio.is_positive or sp.sympify(offset).free_symbols:
            raise Unsupported(f"the variance of {node} is no multiple of {q}")
        axis = axis or (vector, length)
        turn = parallel(vector, length, *axis)
        if turn is None:
            raise Unsupported("the integrand depends on more than one direction")
        found[node] = (sp.Dummy(f"l{len(found)}", real=True), turn * sp.sqrt(ratio), sp.sympify(offset), wide)
    return found
