"""The spread of units that experiments are in: what booleans are by themselves, and what authors declare of other values.

A range carries over to every expression in the draws; moments carry over to the draw itself and to its variance.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.moment_bounds import Spread
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.norms import BoundedTail, MomentTail, Tail, norm, tails_of, upwards
from lemmata.numerics.sampler import Sampler
from lemmata.numerics.targets import Kind
from lemmata.theory.experiments import Declared, Draw

HOW = "return booleans, or declare what is certain: @experiment(bounds=(low, high)), variance=, second_moment= or fourth_moment="


def spread_of_experiments(sampler: Sampler) -> Spread:
    """The spread of a sampler's units, after its pilot run; raises Unsupported where nothing bounds them, with what to write."""
    known = {draw: Declared(bounds=(0.0, 1.0)) if sampler.is_boolean(draw) else sampler.declared(draw) for draw in sampler.draws}
    assumes = tuple(line for draw in sampler.draws if not sampler.is_boolean(draw) for line in _lines(draw, known[draw]))
    nothing = [draw for draw, declared in known.items() if declared == Declared()]
    if nothing:
        raise Unsupported(f"the experiment {nothing[0]} returns numbers of which nothing is certain, so no samples bound their mean: {HOW}")
    parts = sampler.integrands[: len(sampler.target.parts)]
    low, high = _range(sampler, parts, known)
    variance = _variance(sampler, parts, known)
    fourth = _fourth(parts, sampler, known)
    if not any(math.isfinite(number) for number in (high - low, variance, fourth)):
        names = ", ".join(map(str, known))
        raise Unsupported(f"what {names} declares does not bound this quantity: declare bounds, or state the mean of the experiment itself")
    return Spread(variance, fourth, low, high, assumes)


def _lines(draw: Draw, declared: Declared) -> list[str]:
    """What is taken from the author, a sentence each."""
    found = [] if declared.bounds is None else [f"{draw} lies in [{declared.bounds[0]:g}, {declared.bounds[1]:g}] (declared)"]
    for name in ("variance", "second_moment", "fourth_moment"):
        value = getattr(declared, name)
        if value is not None:
            found.append(f"the {name.replace('_', ' ')} of {draw} is at most {value:.6g} (declared)")
    return found


def _range(sampler: Sampler, parts: tuple[Any, ...], known: dict[Draw, Declared]) -> tuple[float, float]:
    """The range of the units over the ranges of the draws, where nothing else is random."""
    if sampler.sources or any(declared.bounds is None for declared in known.values()):
        return -math.inf, math.inf
    boxes = {draw: _ball(*declared.bounds) for draw, declared in known.items() if declared.bounds is not None}
    try:
        balls = [boxes[part] if part in boxes else enclose(part, {}, known=boxes) for part in parts]
    except FAILURES:
        return -math.inf, math.inf
    if len(balls) == 2:
        size = upwards(2 * balls[0].rad() * balls[1].rad() * (1 + arb(2) ** -50))
        return -size, size
    low, high = -upwards(-balls[0]), upwards(balls[0])
    exact = known[parts[0]].bounds if parts[0] in known else None
    return exact if exact is not None else (low, high)


def _ball(low: float, high: float) -> arb:
    return arb(low).union(arb(high))


def _variance(sampler: Sampler, parts: tuple[Any, ...], known: dict[Draw, Declared]) -> float:
    """From declared moments, for the mean of a x + b, or its variance: E[((x - x')^2 / 2)^2] <= (2 ||x||_4)^4 / 4."""
    draw = next(iter(known))
    slopes = [_slope(part, draw) for part in parts]
    if len(known) > 1 or sampler.sources or sampler.target.condition is not None or any(slope is None for slope in slopes):
        return math.inf
    declared = known[draw]
    if sampler.target.kind is Kind.COVARIANCE:
        given = [] if declared.fourth_moment is None else [4 * arb(declared.fourth_moment)]
    else:
        roots = None if declared.fourth_moment is None else arb(declared.fourth_moment).sqrt()
        given = [arb(bound) for bound in (declared.variance, declared.second_moment, roots) if bound is not None]
    factor = math.prod((slope for slope in slopes if slope is not None), start=arb(1)) ** 2
    return min((upwards(bound * factor) for bound in given), default=math.inf)


def _slope(part: Any, draw: Draw) -> arb | None:
    """a where a part is a x + b in the draw x alone, else None."""
    if part == draw:
        return arb(1)
    if part.free_symbols - {draw} or not part.is_polynomial(draw):
        return None
    poly = sp.Poly(part, draw)
    try:
        return constant(poly.LC()) if poly.degree() == 1 else None
    except Unsupported:
        return None


def _fourth(parts: tuple[Any, ...], sampler: Sampler, known: dict[Draw, Declared]) -> float:
    """A bound of the units' fourth moment: declared, or from the growth of the expression in draws and sources."""
    if sampler.target.condition is not None:
        return math.inf
    tails: dict[Any, Tail | None] = {**tails_of(sampler.sources), **{draw: _tail(declared) for draw, declared in known.items()}}
    total = arb(2) if len(parts) == 2 else arb(1)
    for part in parts:
        declared = known.get(part)
        if declared is not None and declared.fourth_moment is not None and len(parts) == 1:
            return float(declared.fourth_moment)
        try:
            size = norm(part, tails, 4 * len(parts))
        except FAILURES:
            return math.inf
        if size is None:
            return math.inf
        total = total * size
    return upwards(total**4)


def _tail(declared: Declared) -> Tail | None:
    if declared.bounds is not None:
        return BoundedTail(max(abs(declared.bounds[0]), abs(declared.bounds[1])))
    return None if declared.fourth_moment is None else MomentTail(arb(declared.fourth_moment).root(4))
