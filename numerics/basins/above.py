r"""How often L(P) > L(0) given the neurons of the last hidden layer: the signs summed over, in pairs P and -P, and the length integrated.

For a loss even up to a part that is odd, L(P) - L(0) = B(P) + A(P) with B even, A odd: of the pair P, -P one is above L(0) where B > 0,
and both are where B > |A|. With normal output weights v = r u, r = |v| has the chi law of as many degrees as there are neurons and is
independent of u, so that for the squared loss, where P = r Q,

    L(P) > L(0)  <=>  r > 2 <Q, y>/|Q|^2,        share(Q, -Q) = (1 + P[chi > 2 |<Q, y>|/|Q|^2])/2,   0 where Q = 0.

All of these are exact conditional chances: their mean over the rest is the chance of the event. In single precision a share is off by less
than 2^-18. Starts are the last axis, so that every operation runs along them.
"""

from __future__ import annotations

import math
from typing import Any

FARTHEST = 64.0
"""Beyond it the survival function is 0 in single precision, for up to so many degrees."""

MOST_DEGREES = 32
"""At this many degrees the sum is at most 2048^15 < 2^127 up to there: with more it is infinite, and times 0 no number."""

SMALLEST = 2.0**-126
"""The least normal number in single precision, in place of 0 where something is divided by a square."""


def by_signs(heights: Any, outputs: Any, turned: int | None = None) -> Any:
    """The predictions (2^neurons, ..., size) for all signs of the neurons' weights, from their inputs (neurons, ..., size).

    `outputs` has the shape (neurons, size): a neuron adds v h_+ or, with its weights turned round, v (-h)_+. With `turned`, neurons
    whose numbers are equal modulo it turn together: fewer predictions, whose law is still that of one start.

    >>> import torch
    >>> heights, outputs = torch.tensor([[2.0], [-3.0]]), torch.tensor([[1.0], [1.0]])
    >>> by_signs(heights, outputs).flatten().tolist(), by_signs(heights, outputs, 1).flatten().tolist()
    ([2.0, 5.0, 0.0, 3.0], [2.0, 3.0])
    """
    import torch

    step = turned or len(outputs)
    total: Any = None
    for begin in range(min(step, len(outputs))):
        both: Any = 0.0
        for height, output in zip(heights[begin::step], outputs[begin::step], strict=True):
            both = both + torch.stack([height.clamp(min=0) * output, (-height).clamp(min=0) * output])
        total = both if total is None else (total[:, None] + both).flatten(0, 1)
    return total


def layer_by_signs(heights: Any, weights: Any, turned: int | None = None) -> Any:
    """The inputs (width, 2^neurons, examples, size) of the next layer for all signs of a layer's weights, without biases.

    `heights` (neurons, examples, size) is what the layer is fed, `weights` (width, neurons, size) are those of the next.

    >>> import torch
    >>> layer_by_signs(torch.tensor([[[2.0]]]), torch.tensor([[[1.0]], [[-1.0]]])).flatten().tolist()
    [2.0, 0.0, -2.0, 0.0]
    """
    import torch

    return torch.stack([by_signs(heights, row, turned) for row in weights])


def squared_share(predictions: Any, y: Any) -> Any:
    """For each start the share of predictions P, -P (..., examples, size) with |P - y|^2 > |y|^2; `y` lists the targets.

    >>> import torch
    >>> squared_share(torch.tensor([[[1.0, 3.0, 0.0]]]), [1.0]).tolist()
    [0.5, 1.0, 0.0]
    """
    size, square, product = _forms(predictions, y)
    return _mean(_positive(size) + _positive(square - 2 * product.abs()))


def squared_share_of_lengths(predictions: Any, y: Any, degrees: int) -> Any:
    """The same share where all outputs have one more factor: a length of the chi law, which is integrated.

    >>> import torch
    >>> share = squared_share_of_lengths(torch.tensor([[[1.0, 0.0]]]), [1.0], 2).tolist()
    >>> round(share[0], 6) == round((1 + math.exp(-2)) / 2, 6), share[1]
    (True, 0.0)
    """
    size, square, product = _forms(predictions, y)
    least = 2 * product.abs() / square.clamp(min=SMALLEST)
    return _mean(_positive(size) * (1 + chi_survival(least, degrees)))


def logistic_share(predictions: Any, y: Any) -> Any:
    r"""For each start the share of P, -P with sum_t log(1 + e^(-y_t p_t)) > m log 2, for labels -1 and 1.

    log(1 + e^-yp) - log 2 = log cosh(p/2) - yp/2: both are above where prod (1 + e^-|p_t|)/2 > e^((|sum y_t p_t| - sum |p_t|)/2), which
    never overflows. Raises ValueError for other labels.

    >>> import torch
    >>> logistic_share(torch.tensor([[[1.0, 0.0], [-1.0, 0.0]]]), [1.0, 1.0]).tolist()
    [1.0, 0.0]
    """
    if any(label not in (-1, 1) for label in y):
        raise ValueError("labels of the logistic loss are -1 and 1")
    product: Any = 1.0
    size: Any = 0.0
    sum_: Any = 0.0
    for p, label in zip(predictions.unbind(-2), y, strict=True):
        length = p.abs()
        product, size, sum_ = product * ((1 + (-length).exp()) / 2), size + length, sum_ + label * p
    return _mean(_positive(size) + _positive(product - ((sum_.abs() - size) / 2).exp()))


def chi_survival(t: Any, degrees: int) -> Any:
    """P[chi > t] for t >= 0: a finite sum, with erfc where the number of degrees is odd; ValueError for none and for more than 32.

    >>> import torch
    >>> chi_survival(torch.tensor([0.0, 100.0]), 3).tolist()
    [1.0, 0.0]
    """
    import torch

    if degrees < 1:
        raise ValueError(f"a chi law has at least 1 degree of freedom, not {degrees}")
    if degrees > MOST_DEGREES:
        raise ValueError(f"in single precision at most {MOST_DEGREES} degrees of freedom are summed, not {degrees}")
    t = t.clamp(max=FARTHEST)
    z = t * t / 2
    odd = degrees % 2
    if degrees == 1:
        return torch.erfc(t / math.sqrt(2))
    term = math.sqrt(2 / math.pi) * t if odd else torch.ones_like(t)
    total = term
    for place in range(2 + odd, degrees, 2):
        term = term * (t * t / place)
        total = total + term
    found = torch.exp(-z) * total
    return found + torch.erfc(t / math.sqrt(2)) if odd else found


def _forms(predictions: Any, y: Any) -> tuple[Any, Any, Any]:
    """sum |p_t|, |P|^2 and <P, y>, example by example: reductions over a short axis are slow."""
    size: Any = 0.0
    square: Any = 0.0
    product: Any = 0.0
    for p, target in zip(predictions.unbind(-2), y, strict=True):
        size, square, product = size + p.abs(), square + p * p, product + target * p
    return size, square, product


def _positive(values: Any) -> Any:
    """1 where a number is positive, else 0: a fifth of the time of a comparison."""
    return values.sign().clamp(min=0)


def _mean(twice: Any) -> Any:
    """Half of the mean over all signs, in double precision."""
    return twice.flatten(0, -2).mean(0).double() / 2
