r"""A bound of a worst case that needs no search: how far a Lipschitz gradient lets anything grow.

Let |grad L| <= G, L - L_* <= F, |w - w_*| <= X, |v| <= V hold at an iterate, M the largest curvature and K the largest in
modulus, which is the Lipschitz constant of the gradient. Then |grad L|^2 <= 2 M F (because L_* <= L(w - grad L(w)/M)),
|grad L| <= K X where there is a minimiser, and after moving by at most D

    G' <= G + K D,    F' <= F + G D + M/2 D^2,    X' <= X + D.

Plain gradient descent with step alpha <= 2/M never raises F (the descent lemma), nor X where L is convex (its step is
nonexpansive). All numbers are balls, so the bound is rigorous; it is far from tight.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from lemmata.numerics.performance.case import Case
from lemmata.theory.iterates import Method, Reduction
from lemmata.theory.worst_cases import Measure, Start


@dataclass(frozen=True)
class Bounds:
    """Bounds of |grad L|, L - L_*, |w - w_*| (None where nothing bounds it) and |v| at an iterate."""

    gradient: arb
    excess: arb
    distance: arb | None
    velocity: arb

    def of(self, measure: Measure) -> arb:
        """The bound of a measure."""
        match measure:
            case Measure.GRADIENT:
                return self.gradient**2
            case Measure.EXCESS:
                return self.excess
            case Measure.DISTANCE:
                assert self.distance is not None
                return self.distance**2


def ceiling(case: Case) -> arb:
    """A rigorous bound of the supremum; call it within `precision(BITS)`."""
    here = _at_start(case)
    last = case.n if case.node.reduction is Reduction.AT else case.n - 1
    seen = [here.of(case.node.measure)]
    for _ in range(last):
        here = _moved(case, here)
        seen.append(here.of(case.node.measure))
    match case.node.reduction:
        case Reduction.AT:
            return seen[-1]
        case Reduction.LEAST:
            least = seen[0]
            for bound in seen[1:]:
                least = least.min(bound)
            return least
        case Reduction.TOTAL:
            return sum(seen, arb(0))


def _at_start(case: Case) -> Bounds:
    upper, bound = case.upper, case.bound
    if case.node.start is Start.DISTANCE:
        return Bounds(upper.max(-case.lower) * bound, upper * bound**2 / 2, bound, arb(0))
    distance = (2 * bound / case.lower).sqrt() if case.lower > 0 else None
    return Bounds((2 * upper * bound).sqrt(), bound, distance, arb(0))


def _moved(case: Case, here: Bounds) -> Bounds:
    upper, momentum, lipschitz = case.upper, abs(case.momentum), case.upper.max(-case.lower)
    asked = here.gradient
    if case.node.method is Method.NESTEROV:
        asked = asked + lipschitz * momentum * here.velocity
    velocity = momentum * here.velocity + case.step * asked
    far = here.velocity if case.node.method is Method.HEAVY_BALL_PRINTED else velocity
    excess = here.excess + here.gradient * far + upper / 2 * far**2
    distance = None if here.distance is None else here.distance + far
    if case.node.method is Method.GRADIENT:
        velocity = arb(0)
        if case.step * upper <= 2:
            excess = here.excess
            distance = here.distance if case.lower >= 0 else distance
    gradient = (here.gradient + lipschitz * far).min((2 * upper * excess).sqrt())
    if distance is not None:
        gradient = gradient.min(lipschitz * distance)
    return Bounds(gradient, excess, distance, velocity)
