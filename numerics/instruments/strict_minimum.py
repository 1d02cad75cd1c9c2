"""Numbers at strict local minima of two-layer ReLU networks of any sizes: strong convexity on a ball proves the point.

No symmetry is used: all n k directions at once. It is a second road to the symmetric critical points that are minima.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.found_minima import AtFoundMinimum
from lemmata.theory.spurious_minima import WITHIN, AtCriticalPoint, Look, middle_of_box

if TYPE_CHECKING:
    from lemmata.numerics.landscape.certified_minimum import CertifiedMinimum

AROUND = 2.0 + 2.0**-20
"""Half widths of a box from one point of it to another, and what floating point loses of them."""


class StrongConvexity(Instrument):
    """A ball around the objective or the least eigenvalue at the only critical point in a ball, which is a strict local minimum.

    A symmetric critical point is approached within its family, whose doubles are exactly symmetric. So is then the ball around them, and
    the one critical point in it is its own image under all permutations of the family: it is the one in the box, if it lies there.
    Budgets bound the number of entries of a Hessian by that of boxes; a run of descent is made at any budget.
    """

    name: ClassVar[str] = "strong convexity on a ball"
    kinds: ClassVar[tuple[type, ...]] = (AtCriticalPoint, AtFoundMinimum)
    cost: ClassVar[int] = 5

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it encloses strict minima of two-layer networks only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.landscape.certified_minimum import NotProved

        fixed = quantity.xreplace(dict(at))
        try:
            found = _in_family(fixed, budget) if isinstance(fixed, AtCriticalPoint) else _of_run(fixed)
        except (NotProved, ValueError) as error:
            return Refusal(str(error))
        look: Look = fixed.look
        match look:
            case Look.OBJECTIVE:
                return Ball(found.objective, f"a strict local minimum within {found.distance.str(2, radius=False)} of the doubles")
            case Look.CURVATURE:
                return Ball(found.curvature, f"all {found.n * found.k} eigenvalues at a strict local minimum")


def _in_family(quantity: AtCriticalPoint, budget: Budget) -> CertifiedMinimum:
    if not quantity.k.is_Integer:
        raise ValueError(f"a number of neurons is a whole number, not k = {quantity.k}")
    k = int(quantity.k)
    near = tuple(float(x) for x in middle_of_box(k, quantity.near, quantity.extra))
    size = k * (k + quantity.extra)
    if size**2 > budget.boxes:
        raise ValueError(f"a Hessian with {size}^2 entries is beyond this budget: take a larger one")
    return _symmetric(k, near)


@lru_cache(maxsize=64)
def _symmetric(k: int, near: tuple[float, ...]) -> CertifiedMinimum:
    from lemmata.numerics.landscape.certified_minimum import NotProved, certified_minimum
    from lemmata.numerics.landscape.family_newton import in_family, symmetric

    coordinates = in_family(k, near)
    doubles, reach = symmetric(k, coordinates), float(WITHIN)
    found = certified_minimum(doubles, alone=AROUND * reach * math.sqrt(doubles.size))
    if not all(abs(found.distance) + abs(x - y) < reach for x, y in zip(coordinates, near, strict=True)):
        raise NotProved("the strict minimum is not the one in the box")
    return found


def _of_run(quantity: AtFoundMinimum) -> CertifiedMinimum:
    if not all(x.is_Integer for x in quantity.args[:3]):
        raise ValueError(f"numbers of neurons and of starts are whole, not {quantity.args[:3]}")
    n, k, start = (int(x) for x in quantity.args[:3])
    if n < 1 or k < 1 or start < 0:
        raise ValueError(f"a network has at least one neuron, and starts are numbered from 0: not n = {n}, k = {k}, start {start}")
    return _descended(n, k, start)


@lru_cache(maxsize=64)
def _descended(n: int, k: int, start: int) -> CertifiedMinimum:
    from lemmata.numerics.landscape.certified_minimum import NotProved, certified_minimum
    from lemmata.numerics.landscape.student_runs import Fate, Until, descend, numbered_start, polished

    ends = descend(numbered_start(n, k, start)[None], Until.DECIDED)
    if ends.count(Fate.GLOBAL):
        raise NotProved(f"the run from start {start} goes to a global minimum, where the objective is 0")
    if ends.count(Fate.TIME):
        raise NotProved(f"the run from start {start} was still under way after {int(ends.steps[0])} steps")
    return certified_minimum(polished(ends.w[0]))


INSTRUMENT = StrongConvexity()
