r"""Training of wide networks with one hidden layer from a random and from a mirrored start, many at once.

$f(x) = \sqrt{2/m} \sum_r c_r \max(0, w_r x + b_r)$ on [-1, 1] with standard normal entries, the squared error $\sum (f - y)^2/(2 n)$
over 12 equally spaced points with the labels $\sin(\pi x)$, and gradient descent in steps of time 2/5 up to t = 4. A mirrored
network is $(f_1 - f_2)/\sqrt 2$ with equal copies at the start: its output is 0 there, and its tangent kernel that of $f_1$.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

POINTS = 12
STEP = 0.4
STEPS = 10
GRID = 41

TOGETHER = 8192
"""Hidden neurons in one batch on a processor."""


class Labels(Enum):
    """What a network that starts at 0 is trained on beside one that starts at f_0."""

    RESIDUAL = 0
    """The labels less f_0."""
    SAME = 1
    """The labels themselves, as printed."""


@dataclass(frozen=True)
class Layer:
    """Hidden layers of as many networks as there are rows: incoming weights, biases, outgoing weights, each (networks, width)."""

    w: Any
    b: Any
    c: Any

    def hidden(self, x: Any) -> Any:
        """The preactivations at each point, (networks, points, width)."""
        return x[None, :, None] * self.w[:, None, :] + self.b[:, None, :]

    def outputs(self, x: Any) -> Any:
        """f at each point, (networks, points)."""
        return (2 / self.w.shape[1]) ** 0.5 * (self.hidden(x).clamp(min=0) @ self.c[:, :, None])[:, :, 0]

    def kernel(self, x: Any) -> Any:
        """The tangent kernel at each pair of points, (networks, points, points)."""
        hidden = self.hidden(x)
        active = hidden.clamp(min=0)
        slopes = (hidden > 0) * self.c[:, None, :]
        inputs = x[:, None] * x[None, :] + 1
        return 2 / self.w.shape[1] * (active @ active.mT + inputs * (slopes @ slopes.mT))

    def moved(self, x: Any, error: Any, rate: float) -> Layer:
        """One step of descent, where `error` is the derivative of the loss by the outputs, (networks, points)."""
        hidden = self.hidden(x)
        scale = rate * (2 / self.w.shape[1]) ** 0.5
        back = error[:, None, :] @ (hidden > 0).to(error.dtype)
        at_inputs = (error * x)[:, None, :] @ (hidden > 0).to(error.dtype)
        outgoing = error[:, None, :] @ hidden.clamp(min=0)
        return Layer(
            self.w - scale * self.c * at_inputs[:, 0],
            self.b - scale * self.c * back[:, 0],
            self.c - scale * outgoing[:, 0],
        )


def drawn(width: int, size: int, rng: Any, device: str) -> Layer:
    """`size` networks with standard normal entries; raises ValueError for a width below 1."""
    import torch

    if width < 1:
        raise ValueError(f"a network has at least one hidden neuron, not {width}")
    return Layer(*(torch.randn(size, width, generator=rng, device=device) for _ in range(3)))


def inputs(device: str) -> tuple[Any, Any]:
    """The points of training and the grid on which functions are compared."""
    import torch

    return torch.linspace(-1, 1, POINTS, device=device), torch.linspace(-1, 1, GRID, device=device)


def labels(x: Any) -> Any:
    """sin(pi x)."""
    import torch

    return torch.sin(torch.pi * x)


def kernel_limit(x: Any) -> Any:
    r"""The tangent kernel at infinite width: $\sqrt{(1 + x^2)(1 + x'^2)}\, (\kappa_1(\rho) + \rho \kappa_0(\rho))$ for each pair."""
    import torch

    lengths = (1 + x**2).sqrt()
    rho = ((1 + x[:, None] * x[None, :]) / (lengths[:, None] * lengths[None, :])).clamp(max=1)
    angle = rho.acos()
    return lengths[:, None] * lengths[None, :] * (angle.sin() + 2 * (torch.pi - angle) * rho) / torch.pi


def trained(start: Layer, x: Any, y: Any) -> Layer:
    """The network at the end of training on y."""
    layer = start
    for _ in range(STEPS):
        layer = layer.moved(x, (layer.outputs(x) - y) / len(x), STEP)
    return layer


def trained_mirrored(start: Layer, x: Any, y: Any, at: Any) -> Any:
    """What (f_1 - f_2)/sqrt(2) from equal copies has learnt of y, at the points `at`."""
    first, second = start, replace(start)
    for _ in range(STEPS):
        error = ((first.outputs(x) - second.outputs(x)) / 2**0.5 - y) / (len(x) * 2**0.5)
        first, second = first.moved(x, error, STEP), second.moved(x, -error, STEP)
    return (first.outputs(at) - second.outputs(at)) / 2**0.5


def in_turn(measured: Callable[[int], Any], width: int, size: int, device: str) -> Any:
    """The numbers of `size` networks, so many at once as a processor's cache holds: wide ones in one batch take up to three times as long.

    >>> import torch
    >>> in_turn(lambda some: torch.full((some,), some), 1024, 10, "cpu").tolist()
    [8, 8, 8, 8, 8, 8, 8, 8, 2, 2]
    """
    import torch

    most = size if device != "cpu" else max(1, TOGETHER // width)
    return torch.cat([measured(min(most, size - done)) for done in range(0, size, most)])


def gap(width: int, kind: Labels, size: int, rng: Any, device: str) -> Any:
    """The mean square over the grid of f_t - (f_0 + f_t^(0)), f_t^(0) the output of a mirrored network drawn by itself, for each pair."""
    return in_turn(lambda some: _gap(width, kind, some, rng, device), max(1, width), size, device)


def _gap(width: int, kind: Labels, size: int, rng: Any, device: str) -> Any:
    x, grid = inputs(device)
    start, other = (drawn(width, size, rng, device) for _ in range(2))
    at_start, y = start.outputs(x), labels(x)
    end = trained(start, x, y)
    beside = trained_mirrored(other, x, y - at_start if kind is Labels.RESIDUAL else y.expand_as(at_start), grid)
    return (end.outputs(grid) - start.outputs(grid) - beside).square().mean(1).double()


class Reference(Enum):
    """What the kernel on the way is compared with."""

    START = 0
    LIMIT = 1


def drift(width: int, reference: Reference, size: int, rng: Any, device: str) -> Any:
    """The square of sup_t |K_t - K|/|K| in Frobenius's norm, K the kernel at the start or its limit, for each network."""
    return in_turn(lambda some: _drift(width, reference, some, rng, device), max(1, width), size, device)


def _drift(width: int, reference: Reference, size: int, rng: Any, device: str) -> Any:
    x, _ = inputs(device)
    layer, y = drawn(width, size, rng, device), labels(x)
    kernel = layer.kernel(x) if reference is Reference.START else kernel_limit(x)
    largest = (layer.kernel(x) - kernel).norm(dim=(-2, -1))
    for _ in range(STEPS):
        layer = layer.moved(x, (layer.outputs(x) - y) / len(x), STEP)
        largest = largest.maximum((layer.kernel(x) - kernel).norm(dim=(-2, -1)))
    return (largest / kernel.norm(dim=(-2, -1))).square().double()


def rms(squares: Any, size: int) -> Any:
    """The root of the mean square of each of `size` groups of networks."""
    return squares.reshape(size, -1).mean(1).sqrt()


def slope(widths: tuple[int, ...], values: list[Any]) -> Any:
    """The slope of the least-squares line of log value against log width, for each draw; raises ValueError for fewer than two widths."""
    import math

    import torch

    if len(set(widths)) < 2:
        raise ValueError(f"a slope takes at least two widths, not {sorted(set(widths))}")
    logs = [math.log(width) for width in widths]
    mean = sum(logs) / len(logs)
    spread = sum((value - mean) ** 2 for value in logs)
    return sum((place - mean) / spread * torch.log(value) for place, value in zip(logs, values, strict=True))
