r"""The strictly decreasing path between two networks that a convex loss allows: rescale the last layer, prescribe the loss.

P(W) is the matrix of a network's predictions and L their mean loss. Along the straight line from W_0 to W_1 the last layer is
multiplied by the c for which L(c P) is a prescribed value that decreases: as L(c P) is convex in c and L(0) lies below that
value, c is unique and so continuous. At the end of that line the loss is still above L(P(W_1)), and a last segment brings c down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import rational_rows, whole
from lemmata.theory.convexity import checked_loss
from lemmata.theory.quantity import Quantity

Predictions = tuple[Any, ...]


class Asked(Enum):
    """What is asked of a path."""

    LOSS = "loss"
    SCALE = "scale"
    RAY = "ray"
    LARGEST_STEP = "largest_step"
    LEAST = "least"


class PathQuantity(Quantity):
    """A number of a decreasing path: `PathQuantity(asked, parameters, problem)`; made by `DecreasingPath`, never by hand."""

    def __new__(cls, asked: Any, parameters: Any, problem: Any) -> Self:
        marker = asked if isinstance(asked, Str) else Str(Asked(asked).value)
        return sp.Expr.__new__(cls, marker, sp.Tuple(*parameters), problem)

    @property
    def asked(self) -> Asked:
        """What is asked."""
        return Asked(self.args[0].name)

    @property
    def parameters(self) -> tuple[Any, ...]:
        """Where it is asked."""
        return tuple(self.args[1])

    @property
    def path(self) -> DecreasingPath:
        """The path of which it is asked."""
        start, end, inputs, targets, loss = self.args[2]
        return DecreasingPath(tuple(start), tuple(end), inputs, targets, loss)

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[1].free_symbols)

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _sympystr(self, printer: Any) -> str:
        inner = [printer._print(value) for value in self.parameters]
        match self.asked:
            case Asked.LOSS:
                return f"L(path({inner[0]}))"
            case Asked.SCALE:
                return f"c({inner[0]})"
            case Asked.RAY:
                return f"L({inner[0]}*P({inner[1]}))"
            case Asked.LARGEST_STEP:
                return f"max_step(L(path), {inner[0]})"
            case Asked.LEAST:
                return f"min_s L({inner[0]}*P(s))"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = [printer._print(value) for value in self.parameters]
        match self.asked:
            case Asked.LOSS:
                text = rf"L\left(P(\tilde W^{{({inner[0]})}})\right)"
            case Asked.SCALE:
                text = rf"\tilde c^{{({inner[0]})}}"
            case Asked.RAY:
                text = rf"L\left({inner[0]}\, P(W^{{({inner[1]})}})\right)"
            case Asked.LARGEST_STEP:
                text = rf"\max_{{i < {inner[0]}}} \left[ L(\tilde P_{{i+1}}) - L(\tilde P_i) \right]"
            case Asked.LEAST:
                text = rf"\min_{{0 \le s \le 1}} L\left({inner[0]}\, P(W^{{(s)}})\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


@dataclass(frozen=True, slots=True)
class DecreasingPath:
    """Two ReLU networks, data and a convex loss; see `decreasing_path`, which makes it."""

    start: tuple[Any, ...]
    end: tuple[Any, ...]
    inputs: Any
    targets: Any
    single: Any

    def loss(self, s: Any) -> PathQuantity:
        """The loss on the path: the line with its prescribed values for 0 <= s <= 1, the last segment for 1 <= s <= 2."""
        return self._asked(Asked.LOSS, s)

    def scale(self, s: Any) -> PathQuantity:
        """The factor c of the last layer there."""
        return self._asked(Asked.SCALE, s)

    def on_ray(self, c: Any, s: Any) -> PathQuantity:
        """L(c P(W^(s))): the loss where the last layer of the straight line's network at 0 <= s <= 1 is multiplied by c."""
        return self._asked(Asked.RAY, c, s)

    def largest_step(self, points: int) -> PathQuantity:
        """The largest change of the loss from one of `points` equal steps along 0 <= s <= 2 to the next, signed."""
        return self._asked(Asked.LARGEST_STEP, whole("the number of steps along the path", points))

    def least_on_line(self, c: Any) -> PathQuantity:
        """The minimum over 0 <= s <= 1 of L(c P(W^(s))): above L(P(W_0)) for some c, the first condition holds on the whole line."""
        return self._asked(Asked.LEAST, c)

    def _asked(self, asked: Asked, *parameters: Any) -> PathQuantity:
        problem = sp.Tuple(sp.Tuple(*self.start), sp.Tuple(*self.end), self.inputs, self.targets, self.single)
        return PathQuantity(asked, [sp.sympify(value) for value in parameters], problem)


def decreasing_path(
    start: Sequence[Any], end: Sequence[Any], inputs: Any, targets: Any, loss: Callable[[Predictions, Predictions], Any]
) -> DecreasingPath:
    r"""The path of Theorem 1 from a ReLU network to another of the same shape, with the segment that closes it.

    $$L(\tilde c\, P(W^{(s)})) = (1 - \tfrac s3) L_0 + \tfrac s3 \max\{L(0), L_1\},\ 0 \le s \le 1; \qquad
    L(P) = \tfrac1m \sum_t \ell(p_t, y_t)$$

    Then, for 1 <= s <= 2, c moves linearly on the ray of W_1 down to the first c >= 1 with L(c P(W_1)) = L_1. A network is the
    list of its matrices: hidden layers [W | b] with the bias as the last column (0 for none), then the last layer, linear and
    without bias; an input is a column. `loss(p, y)` takes the tuple of outputs and that of targets of one example and returns a
    SymPy expression that is convex in p. What the theorem asks of the numbers (L_1 < L_0, L(0) < L_0, a c that reaches the
    prescribed value) is looked at where the path is measured, and named when it fails. Raises ValueError for entries that are not
    rational, shapes that do not fit, no data or a loss not seen to be convex.

    Source: Safran and Shamir (2016), Theorem 1.

    >>> from sympy import Rational
    >>> path = decreasing_path(
    ...     [[[1, 0], [1, 1]], [[1, -3]]], [[[1, 0], [-1, 0]], [[2, 1]]], [[1, -1]], [[2, 1]], lambda p, y: (p[0] - y[0]) ** 2
    ... )
    >>> path.loss(Rational(1, 2)), path.largest_step(100)
    (L(path(1/2)), max_step(L(path), 100))
    >>> decreasing_path([[[1]]], [[[2]]], [[1]], [[1]], lambda p, y: p[0] - p[0] ** 2)
    Traceback (most recent call last):
    ...
    ValueError: the loss -p**2 + p is not seen to be convex in its predictions: the path needs a convex loss
    """
    first, last = _network(start, "start"), _network(end, "end")
    data, wanted = _matrix(inputs, "the inputs"), _matrix(targets, "the targets")
    if [layer.shape for layer in first] != [layer.shape for layer in last]:
        raise ValueError("the two networks have layers of different shapes: a path leads between networks of one architecture")
    sizes = [data.rows, *(layer.rows for layer in first)]
    asked = [*(size + 1 for size in sizes[:-2]), sizes[-2]]
    if [layer.cols for layer in first] != asked:
        raise ValueError(f"layers with {[layer.cols for layer in first]} columns do not fit: for these sizes they have {asked}")
    if data.cols == 0 or wanted.shape != (first[-1].rows, data.cols):
        raise ValueError(f"{data.cols} examples and {first[-1].rows} outputs need targets of that shape, not {wanted.shape}")
    return DecreasingPath(first, last, data, wanted, checked_loss(loss, wanted.rows, "the path"))


def _network(layers: Sequence[Any], name: str) -> tuple[Any, ...]:
    if not layers:
        raise ValueError(f"the {name} has no layer: give at least the last one")
    return tuple(_matrix(layer, f"layer {place} of the {name}") for place, layer in enumerate(layers, 1))


def _matrix(entries: Any, name: str) -> Any:
    return rational_rows(name, entries)


def squared_loss(p: Predictions, y: Predictions) -> Any:
    """The squared error summed over outputs.

    >>> squared_loss(sp.symbols("p q"), (1, 0))
    q**2 + (p - 1)**2
    """
    return sum(((one - other) ** 2 for one, other in zip(p, y, strict=True)), sp.S.Zero)


def absolute_loss(p: Predictions, y: Predictions) -> Any:
    """The absolute error summed over outputs.

    >>> absolute_loss(sp.symbols("p q"), (1, 0))
    Abs(q) + Abs(p - 1)
    """
    return sum((sp.Abs(one - other) for one, other in zip(p, y, strict=True)), sp.S.Zero)


def logistic_loss(p: Predictions, y: Predictions) -> Any:
    """log(1 + e^(-y p)), summed over outputs, for labels y = -1, 1.

    >>> logistic_loss((sp.Symbol("p"),), (1,))
    log(1 + exp(-p))
    """
    return sum((sp.log(1 + sp.exp(-one * other)) for one, other in zip(p, y, strict=True)), sp.S.Zero)


def cross_entropy(p: Predictions, y: Predictions) -> Any:
    """log(sum e^(p_i)) - sum y_i p_i, for targets that are 1 at the class and 0 elsewhere.

    >>> cross_entropy(sp.symbols("p q"), (1, 0))
    -p + log(exp(p) + exp(q))
    """
    return sp.log(sum((sp.exp(one) for one in p), sp.S.Zero)) - sum((one * other for one, other in zip(p, y, strict=True)), sp.S.Zero)
