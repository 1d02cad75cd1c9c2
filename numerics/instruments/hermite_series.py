"""Mehler's series: means of f(u) g(v) over a pair of correlated normals, a second proved road beside the integral."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sympy.stats.symbolic_probability import Expectation

from lemmata.numerics.budget import Budget
from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.directions import project
from lemmata.numerics.quadrature.hermite import mehler_mean
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pairs import profile
from lemmata.numerics.quadrature.pieces import has_switch
from lemmata.numerics.quadrature.products import ARGUMENT, Product, number, product_at, product_of
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import target_of


class HermiteSeries(Instrument):
    """For a product of two analytic functions, one of each of two directions of a normal vector; elsewhere it refuses."""

    name: ClassVar[str] = "Hermite series"
    cost: ClassVar[int] = 4
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)

    def supports(self, quantity: Any) -> Refusal | None:
        try:
            target = target_of(quantity)
        except Unsupported as reason:
            return Refusal(str(reason))
        if target.is_matrix or target.condition is not None:
            return Refusal("the Hermite series is for an unconditional mean of one number")
        if has_switch(target.parts[0]):
            return Refusal("the coefficients are integrated by trapezoid rules, which need an integrand without kinks")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        declined = self.supports(quantity)
        if declined is not None:
            return declined
        try:
            integrand = target_of(quantity).parts[0]
            product = product_at(integrand, at) or _product(integrand, at)
            f, g = profile(product.f, ARGUMENT), profile(product.g, ARGUMENT)
            value = mehler_mean(f, g, number(product.a), number(product.b), number(product.r), budget.digits)
            return Ball(constant(product.factor) * value, "Mehler's series with its tail")
        except Unsupported as reason:
            return Refusal(str(reason))
        except (ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError) as error:
            return Refusal(f"the series stopped with {type(error).__name__}: {str(error).strip()[:200] or 'no message'}")


def _product(integrand: Any, at: Mapping[Any, Any]) -> Product:
    """The integrand at a point as f(a x) g(b y); raises Unsupported where it is none."""
    model = standardise(integrand, at)
    assert isinstance(model, Model)
    used = [source for source in model.sources if source.variable in model.expr.free_symbols]
    if model.draws or len(used) < 2 or not all(source.is_normal for source in used):
        raise Unsupported("the Hermite series needs a product of functions of two normals")
    expr, fresh = project(model.expr, [source.variable for source in used])
    if len(fresh) != 2:
        raise Unsupported("the Hermite series needs two directions")
    variables = fresh if len(fresh) < len(used) else [source.variable for source in used]
    product = product_of(expr, *variables)
    if product is None:
        raise Unsupported("the integrand is no product of two functions of one direction each")
    return product


INSTRUMENT = HermiteSeries()
