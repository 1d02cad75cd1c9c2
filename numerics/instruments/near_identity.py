"""Near-identity factorisations: factors that are built and multiplied, and bounds that no factors beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.near_identity import FactorRadius, NearIdentityRadius, PolarRadius

GUARD = 160
"""Bits beyond the digits asked for: hundreds of factors are multiplied."""

MOST = 4096
"""Factors that are multiplied, at most."""


class PolarRoots(Instrument):
    """Roots of the polar parts, the best split of K between them, and for the infimum products of K factors that are exactly A.

    The infimum lies between what the nearer of two such products attains and what stretching, shrinking and turning need: both in balls.
    """

    name: ClassVar[str] = "roots of the polar parts"
    kinds: ClassVar[tuple[type, ...]] = (FactorRadius,)
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, (NearIdentityRadius, PolarRadius)) else Refusal("it measures near-identity factors only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.arb import BITS_A_DIGIT, enclose_at_precision, precision
        from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
        from lemmata.numerics.landscape.leftmost import NotSeparated
        from lemmata.numerics.landscape.near_identity import NoFactors, NotFactorised, PolarParts, nearest, needed

        count = quantity.factors.xreplace(dict(at))
        if not (count.is_Integer and 1 <= count <= MOST):
            return Refusal(f"K is a whole number from 1 to {MOST}, not {count}")
        factors, bits = int(count), int(budget.digits * BITS_A_DIGIT) + GUARD
        try:
            matrix = enclose_at_precision(quantity.matrix, at, bits)
            with precision(bits):
                parts = PolarParts(matrix)
                if isinstance(quantity, PolarRadius):
                    j, radius = parts.split(factors)
                    return _finite(radius, f"{j} factors that stretch, {factors - j} that turn")
                above, below = nearest(matrix, parts, factors), needed(matrix, parts, factors)
                return _finite(
                    below.union(above), f"between {below.str(8, radius=False)} (needed) and {above.str(8, radius=False)} (built)"
                )
        except (NotFactorised, NotSeparated) as error:
            none = isinstance(error, NoFactors)
            return Refusal(str(error), divergent=none, undefined=none)
        except FAILURES as error:
            return Refusal(error.reason if isinstance(error, CannotEvaluate) else f"the factors cannot be computed: {error}")


def _finite(value: Any, note: str) -> Measurement:
    return Ball(value, note) if value.is_finite() else Refusal("an entry of the matrix is not finite here")


INSTRUMENT = PolarRoots()
