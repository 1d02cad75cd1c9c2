r"""How far kernel matrices with a compiled dual are from the truth, at most: each layer's error from that of the layer before.

All is relative to sqrt(K_ii K_jj), maxima over the inputs. The exact correlation of the features is kappa = <b(q1), C b(q2)>, b = a / |a|,
C = diag(c^n), so with the constants of `expanded_bounds.Local` (s = slope, ...), by Cauchy and Schwarz,

    |d kappa| <= s |dc| + moved (|d ln q1| + |d ln q2|) + error of the dual,     |d ln k| <= 2 moved |d ln q| + error of the length,
    |d kappa'(c)| <= second |dc| + turned sqrt(s) (|d ln q1| + |d ln q2|) + error of the slope.

A layer's weights and biases make q = w k + b and c = alpha_1 alpha_2 kappa + beta_1 beta_2 with the unit vector (alpha, beta) of an angle
whose derivative by ln k is alpha beta / 2, and |dc / da_i| <= 1. The tangent kernel over sqrt(q1 q2), theta, follows
theta' = own + alpha_1 alpha_2 kappa'(c) theta, where |kappa'(c)| <= s and |theta| is at most its largest value on the diagonal.

Rounding: what is stored or passes an operation in the type of the tile counts one unit, of numbers of at most 1: at most 40 in the turn
by the biases, 8 in a kernel. The cosines of the inputs are sums of n_0 products of rounded unit vectors: n_0 + 8 units.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from lemmata.numerics.kernels.expanded import Expanded
from lemmata.numerics.kernels.expanded_bounds import CUT, U, normalised
from lemmata.numerics.kernels.inputs import SHORT, Inputs
from lemmata.numerics.kernels.lattice import UNIT
from lemmata.numerics.kernels.mean_squares import UP
from lemmata.numerics.kernels.network import Network, Side

TURN, KERNEL = 40, 8
"""Units of rounding: of the correlation after a layer's biases, and of an entry of a kernel."""


@dataclass(frozen=True, slots=True)
class LayerError:
    """Bounds in one layer: of ln q, of the correlation of preactivations, and of entries of both kernels over sqrt(K_ii K_jj)."""

    variance: float
    correlation: float
    nngp: float
    ntk: float


@dataclass(frozen=True, slots=True)
class KernelError:
    """Proved bounds of the errors of kernel matrices: |error of an entry (i, j)| <= bound sqrt(K_ii K_jj), K the exact NNGP.

    With biases or without, K_ii is the variance of the output at input i; in the mean-field parametrisation both are over the width.
    """

    layers: tuple[LayerError, ...]

    @property
    def nngp(self) -> float:
        """Of the covariance of the outputs."""
        return self.layers[-1].nngp

    @property
    def ntk(self) -> float:
        """Of the tangent kernel."""
        return self.layers[-1].ntk

    def __str__(self) -> str:
        depth = len(self.layers) - 1
        return f"errors at most {self.nngp:.1e} in the NNGP and {self.ntk:.1e} in the NTK, of sqrt(K_ii K_jj), after {depth} layers"


@dataclass(frozen=True, slots=True)
class _Carried:
    """Errors on the way: of ln k and of the correlation of features (as it is carried on, and as it enters the kernels)."""

    length: float
    carried: float
    shown: float


def kernel_error(network: Network, dual: Expanded, inputs: tuple[Inputs, ...], unit: float) -> KernelError:
    """The bounds for matrices computed in a type with this rounding unit, from the lengths of the inputs.

    They are infinite where exact variances are not known to stay in the range of the dual.
    """
    walks = [list(network.sides(one.squares, dual.lengths)) for one in inputs]
    features = inputs[0].rows.shape[1]
    start = (features + 4) * (UNIT if features <= SHORT else U)
    now = _Carried(start, (features + 8) * unit, (features + 8) * unit)
    found: list[LayerError] = []
    theta, error = 0.0, 0.0
    slope, slope_error, before = 0.0, 0.0, 0.0
    for layer in range(network.depth + 1):
        sides = [walk[layer] for walk in walks]
        straight, bias_angle, shift = _turn(network, sides)
        if layer:
            now, slope, slope_error = _features(dual, [walk[layer - 1] for walk in walks], before, found[-1].correlation, unit)
        variance = straight * now.length + 2 * unit + 8 * UNIT
        correlation = straight * now.carried + bias_angle * now.length + (TURN * unit if network.bias else 0.0)
        nngp = straight * (now.shown + now.length) + KERNEL * unit
        own = network.own(layer, features)
        size = own * straight + shift
        ntk = own * straight * (now.shown + now.length) + KERNEL * unit * (size + straight * slope * theta)
        ntk += straight * (theta * slope_error + slope * error + slope * theta * (now.length + before))
        theta, error = size + straight * slope * theta, ntk * UP
        before = variance * UP
        found.append(LayerError(before, correlation * UP, nngp * UP, error))
    return KernelError(tuple(found))


def _turn(network: Network, sides: list[Side]) -> tuple[float, float, float]:
    """The largest cos^2 a = w k / q, the largest sin a cos a, and the largest share of the biases' part of the tangent kernel."""
    cosines = np.concatenate([np.asarray(side.cosines, np.float64) for side in sides])
    least = min(float(side.length.min()) for side in sides)
    straight = float(np.minimum(cosines**2 * UP, 1).max())
    both = float((cosines * np.sqrt(np.maximum(1 - cosines**2, 0) + 4 * U)).max()) * UP if network.bias else 0.0
    return straight, both, network.shift / least * UP


def _features(dual: Expanded, sides: list[Side], variance: float, correlation: float, unit: float) -> tuple[_Carried, float, float]:
    """The errors after the activation, the largest slope kappa'(c), and its error."""
    q = [np.asarray(side.length, np.float64) for side in sides]
    low, high = min(float(part.min()) for part in q), max(float(part.max()) for part in q)
    edges = dual.tables.cells.edges()
    if not (variance < 0.1 and low * (1 - 2 * variance) >= edges[0] ** 2 and high * (1 + 2 * variance) <= edges[-1] ** 2):
        return _Carried(inf, inf, inf), inf, inf
    first, last = (int(dual.tables.cells.of(np.sqrt(end))) for end in (low * (1 - 2 * variance), high * (1 + 2 * variance)))
    here = {name: float(getattr(dual.local, name)[first : last + 1].max()) for name in NAMES}
    s, nu, left, terms = here["slope"], here["number"], here["left"], 2.0 * dual.tables.terms + 2
    norm = float(normalised(dual.tables, dual.local)[first : last + 1].max())
    apart = min(1.0, (here["moved"] * np.log(high / low)) ** 2 / 2 * UP)
    shown = 2 * norm + norm**2 + 2 * left**2 + CUT + U * (2 * s + 3.5)
    by_sums = 7 * norm + 4 * norm**2 + 4 * left**2 + 2 * CUT + 2 * U * (3 * nu + 12 * s) + (terms + 3) * U * apart
    moved = 2 * here["moved"] * variance + s * correlation
    length = 2 * here["moved"] * variance + 2 * here["error"] + here["error"] ** 2 + left**2 + CUT + terms * UNIT
    slope = 2 * norm * np.sqrt(nu) + terms * norm**2 + here["weighted"] ** 2 + left**2 * s + 100 * CUT + U * (2 * nu + 15 * s)
    slope += 2 * here["turned"] * np.sqrt(s) * variance + here["second"] * correlation + unit * s
    carried = _Carried(length * UP, (moved + max(by_sums, shown + U) + 2 * unit) * UP, (moved + shown + unit) * UP)
    return carried, s, float(slope) * UP


NAMES = ("error", "left", "weighted", "slope", "number", "moved", "second", "turned")
