r"""Spurious minima of two-layer ReLU networks: the symmetric critical points of a student that learns orthonormal neurons.

    F(W) = E_{x ~ N(0, I)} ( sum_{i <= n} relu(w_i.x) - sum_{j <= k} relu(v_j.x) )^2,    v_1, ..., v_k orthonormal

For n = k, in the coordinates in which v_j = e_j, permutations of the first k - 1 neurons and coordinates at once leave F alone, and fix

    w_i = a e_i + b sum_{j != i, k} e_j + c e_k  for i < k,        w_k = d sum_{j < k} e_j + e e_k

For n = k + 1 there is a second neuron of the last kind, w_(k+1) = f sum_{j < k} e_j + g e_k.

A critical point of F is named by a small box that holds exactly one critical point of this form; that it does is proved
where it is measured. F is 0 at W = V: a local minimum with F > 0 is spurious.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.quantity import Quantity

MILLION = 10**6
WITHIN = sp.Rational(1, MILLION)
"""Half the width of a box."""

BOXES: dict[int, tuple[int, int, int, int, int]] = {
    3: (659453, -318180, 659453, 659453, -318180),
    4: (890605, -142780, 484025, 407398, -489812),
    5: (961607, -79083, 376065, 287550, -559778),
    6: (986704, -50413, 308011, 224516, -601512),
    7: (996923, -35080, 261691, 185991, -632704),
    8: (1001434, -25884, 228089, 159816, -658256),
    9: (1003475, -19915, 202525, 140709, -680050),
    10: (1004355, -15812, 182368, 126042, -699037),
    11: (1004662, -12866, 166029, 114366, -715798),
    12: (1004679, -10678, 152493, 104809, -730736),
    13: (1004549, -9006, 141079, 96819, -744149),
    14: (1004348, -7700, 131313, 90022, -756266),
    15: (1004117, -6659, 122855, 84160, -767270),
    16: (1003877, -5816, 115453, 79045, -777312),
    17: (1003641, -5124, 108916, 74537, -786514),
    18: (1003415, -4549, 103099, 70531, -794977),
    19: (1003202, -4065, 97886, 66945, -802788),
    20: (1003004, -3655, 93187, 63715, -810021),
}
"""The middles of the boxes, (a, b, c, d, e) in millionths: where Newton's method goes from the one for k = 6, up and down in k."""

WIDER_BOXES: dict[int, tuple[int, int, int, int, int, int, int]] = {
    4: (835590, -159806, 469561, 128784, -348322, 351589, -115636),
    5: (923255, -90111, 372383, 102853, -393579, 244231, -161123),
    6: (958781, -57806, 308044, 87297, -429279, 185686, -178418),
    7: (975397, -40354, 263136, 76637, -459671, 150082, -185785),
    8: (984088, -29847, 230097, 68692, -486233, 126334, -188998),
    9: (989030, -23013, 204745, 62444, -509752, 109376, -190196),
    10: (992029, -18310, 184638, 57349, -530762, 96642, -190305),
    11: (993945, -14929, 168274, 53088, -549664, 86708, -189780),
    12: (995223, -12413, 154676, 49455, -566771, 78726, -188865),
    13: (996107, -10489, 143183, 46311, -582336, 72161, -187704),
    14: (996737, -8984, 133331, 43558, -596566, 66657, -186385),
    15: (997199, -7783, 124786, 41123, -609631, 61971, -184964),
    16: (997547, -6810, 117298, 38953, -621675, 57928, -183481),
    17: (997815, -6009, 110680, 37004, -632817, 54401, -181961),
    18: (998025, -5342, 104784, 35243, -643159, 51294, -180424),
    19: (998193, -4781, 99498, 33645, -652787, 48536, -178882),
    20: (998331, -4305, 94729, 32186, -661777, 46068, -177344),
}
"""The same for n = k + 1, (a, b, c, d, e, f, g): from where a run of descent with k = 10 ended, up and down in k."""


COORDINATES = {0: "a b c d e", 1: "a b c d e f g"}
"""The coordinates of the symmetric matrices, by the number of extra neurons."""


class Look(Enum):
    """What is asked of a critical point."""

    OBJECTIVE = "objective"
    """F."""
    CURVATURE = "curvature"
    """The least eigenvalue of the Hessian of F/2, over all n k directions."""


class AtCriticalPoint(Quantity):
    """A number at the symmetric critical point in a box; see `critical_point`."""

    def __new__(cls, k: Any, near: Any, look: Any, extra: Any = 0) -> Self:
        marker = look if isinstance(look, Str) else Str(Look(look).value)
        return sp.Expr.__new__(cls, sp.sympify(k), sp.Tuple(*near), marker, sp.sympify(extra))

    @property
    def k(self) -> Any:
        """The number of the target's neurons, and of dimensions."""
        return self.args[0]

    @property
    def near(self) -> tuple[Any, ...]:
        """The middle of the box; empty where the table of this file has it."""
        return tuple(self.args[1])

    @property
    def look(self) -> Look:
        """What is asked."""
        return Look(self.args[2].name)

    @property
    def extra(self) -> int:
        """How many neurons the student has more than the target, 0 or 1."""
        return int(self.args[3])

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[0].free_symbols | self.args[1].free_symbols)

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        near = f", near=({', '.join(map(printer._print, self.near))})" if self.near else ""
        extra = f", extra={self.extra}" if self.extra else ""
        return f"critical_point({printer._print(self.k)}{near}{extra}).{self.look.value}"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        near = rf"\left({', '.join(map(printer._print, self.near))}\right)" if self.near else ""
        sizes = rf"n = {printer._print(self.k + self.extra)},\, k = {printer._print(self.k)}"
        point = rf"W^{{\mathrm{{sym}}}}_{{{sizes}}}{near}"
        if self.look is Look.OBJECTIVE:
            text = rf"F\left({point}\right)"
        else:
            text = rf"\lambda_{{\min}}\left(\tfrac12 \nabla^2 F\left({point}\right)\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """A symmetric critical point, named by k, the middle of a box around it and the number n - k of extra neurons."""

    k: Any
    near: tuple[Any, ...] = ()
    extra: int = 0

    @property
    def objective(self) -> AtCriticalPoint:
        """F = E(...)^2 there, without a factor 1/2."""
        return AtCriticalPoint(self.k, self.near, Look.OBJECTIVE, self.extra)

    @property
    def curvature(self) -> AtCriticalPoint:
        """The least eigenvalue of the Hessian of F/2 there: positive at a strict local minimum, negative at a saddle."""
        return AtCriticalPoint(self.k, self.near, Look.CURVATURE, self.extra)


def critical_point(k: Any, near: Any = (), *, extra: int = 0) -> CriticalPoint:
    r"""The critical point of F for n = k + extra whose (a, b, c, d, e) lie within 10^-6 of the middle of a box.

    With one extra neuron there are seven coordinates. Boxes for n = k = 3 to 20 are in `BOXES`, for n = k + 1, k = 4 to 20, in
    `WIDER_BOXES`; `near` gives the rationals for another one. `k` is an integer or a symbol for one. Raises ValueError for k < 1,
    for k < 3, where there are no such coordinates, for a k without a box, for `near` of another length, and for extra > 1 or < 0.

    >>> critical_point(6).objective, critical_point(sp.Symbol("k", integer=True), extra=1).curvature
    (critical_point(6).objective, critical_point(k, extra=1).curvature)
    >>> critical_point(0)
    Traceback (most recent call last):
    ValueError: a network has at least one neuron, not k = 0
    """
    size, middle = sp.sympify(k), tuple(sp.sympify(x) for x in near)
    if size.is_integer is False or (size.is_number and not size.is_Integer):
        raise ValueError(f"a number of neurons is a whole number, not k = {size}")
    if extra not in COORDINATES:
        raise ValueError(f"the symmetric students have n = k or n = k + 1 neurons: extra is 0 or 1, not {extra}")
    names = COORDINATES[extra].split()
    if middle and (len(middle) != len(names) or not all(x.is_Rational for x in middle)):
        raise ValueError(f"a box is given by {len(names)} rationals, its middle ({', '.join(names)}), not by {middle}")
    if size.is_Integer:
        middle_of_box(int(size), middle, extra)
    return CriticalPoint(size, middle, extra)


def middle_of_box(k: int, near: tuple[Any, ...] = (), extra: int = 0) -> tuple[Any, ...]:
    """The rationals around which the critical point is sought; raises ValueError for a k without such a point or a box.

    >>> middle_of_box(6)[0], len(middle_of_box(8, extra=1))
    (61669/62500, 7)
    """
    if k < 1:
        raise ValueError(f"a network has at least one neuron, not k = {k}")
    if k < 3:
        raise ValueError(f"the symmetric critical points have coordinates of their own from k = 3 on, not for k = {k}")
    boxes: dict[int, tuple[int, ...]] = {**WIDER_BOXES} if extra else {**BOXES}
    if not near and k not in boxes:
        name = f"near=({', '.join(COORDINATES[extra].split())})"
        raise ValueError(f"no box is known for k = {k}, n = {k + extra}, only for k = {min(boxes)} to {max(boxes)}: name one with {name}")
    return near or tuple(sp.Rational(x, MILLION) for x in boxes[k])


class RunAverage(Quantity):
    """The average over the spurious minima in which runs of descent end; see `run_average`."""

    def __new__(cls, n: Any, k: Any, look: Any, runs: Any, unit: Any = 0) -> Self:
        marker = look if isinstance(look, Str) else Str(Look(look).value)
        return sp.Expr.__new__(cls, sp.sympify(n), sp.sympify(k), marker, sp.sympify(runs), sp.sympify(unit))

    @property
    def shape(self) -> tuple[Any, Any]:
        """The student's neurons n and the target's k, in k dimensions."""
        return self.args[0], self.args[1]

    @property
    def look(self) -> Look:
        """What is averaged."""
        return Look(self.args[2].name)

    @property
    def runs(self) -> int:
        """How many runs the average is over."""
        return int(self.args[3])

    @property
    def unit(self) -> Any:
        """The unit of the last digit to which the average is printed; 0 where it is not rounded."""
        return self.args[4]

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[0].free_symbols | self.args[1].free_symbols)

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        n, k = (printer._print(size) for size in self.shape)
        unit = f", unit={printer._print(self.unit)}" if self.unit else ""
        return f"run_average({n}, {k}, {self.look.value}, {self.runs}{unit})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        n, k = (printer._print(size) for size in self.shape)
        inner = "F" if self.look is Look.OBJECTIVE else r"\lambda_{\min}\left(\tfrac12 \nabla^2 F\right)"
        text = rf"\Big\langle {inner} \Big\rangle_{{n = {n},\, k = {k}}}"
        if self.unit:
            text = rf"\left[{text}\right]_{{{printer._print(self.unit)}}}"
        return text if exp is None else rf"{text}^{{{exp}}}"


def run_average(n: Any, k: Any, look: Look, runs: int, unit: Any = 0) -> RunAverage:
    """The mean of F, or of the least eigenvalue of F/2's Hessian, over those of `runs` runs of descent that end in a spurious minimum.

    Runs begin at independent normals of variance 1/k with the step 0.1 on F/2, n neurons towards k orthonormal ones. It is itself
    random: how far such averages scatter is part of what is measured. With a `unit` it is the average as it is printed, a multiple of
    the unit less than one unit away, rounded or cut off. Raises ValueError for sizes or runs below 1 and for a negative unit.

    >>> run_average(10, 10, Look.OBJECTIVE, 1000)
    run_average(10, 10, objective, 1000)
    """
    for number, what in ((n, "a student has at least one neuron, not n ="), (k, "a target has at least one neuron, not k =")):
        if sp.sympify(number).is_positive is False:
            raise ValueError(f"{what} {number}")
    if not isinstance(look, Look):
        raise ValueError(f"what is averaged is a Look ({', '.join(str(one) for one in Look)}), not {look!r}")
    if runs < 1:
        raise ValueError(f"an average is over at least one run, not {runs}")
    if sp.sympify(unit).is_nonnegative is not True:
        raise ValueError(f"the unit of the last printed digit is positive, or 0 for no rounding, not {unit}")
    return RunAverage(n, k, look, runs, unit)
