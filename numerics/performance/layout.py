"""What a run of descent looks like when the function is not known: points and gradients as linear forms.

Vectors of R^d are linear forms in a few unknown ones: the start (measured from the minimiser, where there is one) and the
gradients met on the way. The iterations are those of `lemmata.numerics.descent.methods`, run on forms in the place of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lemmata.numerics.descent.methods import UPDATES
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Method, Start


@dataclass(frozen=True, eq=False)
class Form:
    """A linear form: coefficients of basis vectors, by index; a form minus an empty one is the same object.

    >>> (Form({0: 2}) - 3 * Form({1: 1})).terms
    {0: 2, 1: -3}
    """

    terms: dict[int, Any]

    def __add__(self, other: Form) -> Form:
        if not other.terms:
            return self
        summed = dict(self.terms)
        for index, value in other.terms.items():
            summed[index] = summed[index] + value if index in summed else value
        return Form(summed)

    def __sub__(self, other: Form) -> Form:
        return self + (-1) * other

    def __rmul__(self, factor: Any) -> Form:
        if factor == 0:
            return Form({})
        return Form({index: factor * value for index, value in self.terms.items()})


@dataclass(frozen=True)
class Setting:
    """A normalised worst case: curvatures in [lower, 1], the start within 1; numbers of one kind (floats, balls).

    `anchored`: the minimiser w_* is one of the points, the origin, with value 0 and gradient 0.
    """

    lower: Any
    step: Any
    momentum: Any
    method: Method
    start: Start
    measure: Measure
    reduction: Reduction
    n: int
    anchored: bool


@dataclass
class Layout:
    """The points at which the function is looked at, their gradients, and which of them are measured.

    `points[i]` and `gradients[i]` are forms in `size` basis vectors; point 0 is the start, and the minimiser, where the
    setting is anchored, is the last. `measured` are indices of points, or forms where only the distance matters.
    """

    points: list[Form] = field(default_factory=list)
    gradients: list[Form] = field(default_factory=list)
    measured: list[Any] = field(default_factory=list)
    size: int = 0
    anchored: bool = False

    @property
    def values(self) -> int:
        """The number of points whose function value is unknown: all but the minimiser."""
        return len(self.points) - self.anchored


def lay_out(setting: Setting, one: Any) -> Layout:
    """The layout of a setting; `one` is the number 1 of the setting's kind.

    >>> setting = Setting(-1.0, 0.5, 0.0, Method.GRADIENT, Start.EXCESS, Measure.GRADIENT, Reduction.LEAST, 2, False)
    >>> lay_out(setting, 1.0).points
    [Form(terms={}), Form(terms={0: -0.5})]
    """
    layout = Layout(anchored=setting.anchored)
    met: dict[int, int] = {}

    def fresh() -> Form:
        layout.size += 1
        return Form({layout.size - 1: one})

    def look(point: Form) -> int:
        """The index of a point at which value and gradient are asked for."""
        if id(point) not in met:
            met[id(point)] = len(layout.points)
            layout.points.append(point)
            layout.gradients.append(fresh())
        return met[id(point)]

    def gradient(w: list[Form]) -> list[Form]:
        return [layout.gradients[look(w[0])]]

    update = UPDATES[setting.method]
    w, v = [fresh() if setting.anchored else Form({})], [Form({})]
    look(w[0])
    path = [w[0]]
    for _ in range(setting.n if setting.reduction is Reduction.AT else setting.n - 1):
        w, v = update(w, v, gradient, setting.step, setting.momentum)
        path.append(w[0])
    wanted = path[-1:] if setting.reduction is Reduction.AT else path
    layout.measured = [point if setting.measure is Measure.DISTANCE else look(point) for point in wanted]
    if setting.anchored:
        layout.points.append(Form({}))
        layout.gradients.append(Form({}))
    return layout
