"""Exponents of the labels of real pictures, from the eigenvectors of one kernel matrix and of those with a tenth of it left out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.label_exponent import LabelExponent, Part


@cache
def seen(pictures: int, points: int) -> Any:
    """The exponent and its error bar for the first pictures of a fixed order; each takes the eigenvectors of eleven matrices."""
    from lemmata.numerics.label_smoothness import smoothness

    return smoothness(*sample(pictures, points))


def shuffled(pictures: int, points: int) -> tuple[float, float]:
    """The exponent of the same pictures with their labels exchanged, and its rounding."""
    from lemmata.numerics.label_smoothness import with_rounding

    inputs, labels = sample(pictures, points)
    return with_rounding(inputs, labels[Stream(0, ("shuffle",)).numpy().permutation(points)])


def sample(pictures: int, points: int) -> tuple[Any, Any]:
    """The first pictures of a fixed order of the set, and their labels."""
    from lemmata.numerics.label_smoothness import pictures_and_labels
    from lemmata.numerics.pictures import Pictures

    which = Pictures(pictures)
    if points > which.count:
        raise ValueError(f"{points} pictures were asked for, there are {which.count}")
    return pictures_and_labels(which, Stream(0, ("order", which.name)).numpy().permutation(which.count)[:points])


def part_of(part: Part, pictures: int, points: int) -> tuple[float, float]:
    """What is asked of a sample, and how far rounding may move it: a difference of windows holds two slopes."""
    match part:
        case Part.EXPONENT:
            return seen(pictures, points).exponent, seen(pictures, points).rounding
        case Part.STDERR:
            return seen(pictures, points).stderr, seen(pictures, points).rounding
        case Part.WINDOWS:
            return seen(pictures, points).windows, 2 * seen(pictures, points).rounding
        case Part.SHUFFLED:
            return shuffled(pictures, points)


class LabelExponents(Instrument):
    """The exponent of a sample, its error bar, or that of shuffled labels, in double precision."""

    name: ClassVar[str] = "eigenvectors of the kernel matrix"
    cost: ClassVar[int] = 20
    kinds: ClassVar[tuple[type, ...]] = (LabelExponent,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures exponents of labels only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        pictures, points = (value.xreplace(dict(at)) for value in quantity.args[1:])
        if not (pictures.is_Integer and points.is_Integer):
            return Refusal("the set of pictures and their number are to be given")
        try:
            value, rounding = part_of(quantity.part, int(pictures), int(points))
        except (ModuleNotFoundError, ValueError) as error:
            return Refusal(str(error))
        return Approx(value, rounding, "eigenvectors turn by the rounding of the matrix over the gaps of its eigenvalues, to first order")


INSTRUMENT = LabelExponents()
