"""Gradients through 200 layers: the slope of ln |delta|^2 is ln chi_1, for equal and for unequal widths.

A layer is z' = W F(z) + b with N(0, sigma_w^2/fan_in) weights and N(0, sigma_b^2) biases; widths alternate between n and m. Forward and
backward pass use the same weights. They need no matrices: forward one draws y = W h ~ N(0, sigma_w^2 |h|^2/n); given y the rows of W
are normal with the mean y_j h/|h|^2 and the covariance (sigma_w^2/n)(1 - h h^T/|h|^2), so that, for an error d of the layer above, which
depends on y and on other layers' weights alone, W^T d is normal with the mean h (y . d)/|h|^2 and |d|^2 times that covariance.
"""

from typing import Any

from sympy import Abs, Gt, Lt, Rational, log, sqrt, tanh

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.signal_propagation import chi_1
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

GRADIENTS = Source("yarotsky-lecture", "signal propagation, vanishing and exploding gradients")
BACKWARD = Source("schoenholz-2017", "section 4, back-propagation and chi_1")

DEPTH = 200
RELU, TANH = 0, 1


AT_ONCE = 2**8
"""Networks that are drawn at once: their layers are kept for the way back."""


@experiment
def slope_within(
    kind: int, q: float, sigma_w: float, sigma_b: float, n: int, m: int, rate: float, *, size: int, rng: Any, device: str
) -> Any:
    """Whether the slope of a network of 200 layers is within 1/16 of a rate."""
    import torch

    counts = [min(AT_ONCE, size - done) for done in range(0, size, AT_ONCE)]
    slopes = [gradient_slope(kind, q, sigma_w, sigma_b, n, m, DEPTH, size=count, rng=rng, device=device) for count in counts]
    return (torch.cat(slopes) - rate).abs() < 1 / 16


def gradient_slope(
    kind: int, q: float, sigma_w: float, sigma_b: float, n: int, m: int, layers: int, *, size: int, rng: Any, device: str
) -> Any:
    """(ln |delta_0|^2 - ln |delta_L|^2)/L for a random error behind L layers, the first preactivations drawn from N(0, q)."""
    import torch

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=rng, device=device)

    widths = [n if layer % 2 == 0 else m for layer in range(layers + 1)]
    z = normal(size, n) * q**0.5
    passed = []
    for layer in range(layers):
        h = z.clamp(min=0) if kind == RELU else z.tanh()
        slope = (z > 0).float() if kind == RELU else 1 - h**2
        lengths = h.square().sum(1, keepdim=True)
        y = normal(size, widths[layer + 1]) * (lengths / widths[layer]).sqrt() * sigma_w
        passed.append((h, slope, lengths, y))
        z = y + normal(size, widths[layer + 1]) * sigma_b
    d = normal(size, widths[layers])
    d = d / d.norm(dim=1, keepdim=True)
    total = torch.zeros(size, device=device, dtype=torch.float64)
    for layer in reversed(range(layers)):
        h, slope, lengths, y = passed[layer]
        noise = normal(size, widths[layer]) * (sigma_w / widths[layer] ** 0.5)
        along = ((y * d).sum(1, keepdim=True) - (noise * h).sum(1, keepdim=True)) / lengths
        d = slope * (noise + along * h)
        length = d.norm(dim=1, keepdim=True)
        total += 2 * length[:, 0].double().log()
        d = d / length
    return total / layers


def slope_claim(name: str, about: str, event: Any) -> Claim:
    """More than nine of ten networks are within 1/16 of the rate: at width n the slope lies 5/(2 n) below, give or take (5/(n L))^(1/2)."""
    return Claim(name, Gt(frequency(event, 2**10), Rational(9, 10)), source=GRADIENTS, about=about)


held, wide, narrow = Rational(159239, 100000), Rational(9, 5), sqrt(Rational(3, 2))
tanh_rate = Rational(2215, 10000)

relu_equal = slope_claim(
    "relu-gradient-slope-equal-widths",
    "Through 200 ReLU layers of width 128 with biases gradients vanish at the rate chi_1 = 3/4 (row Y.80).",
    slope_within(RELU, 1, narrow, Rational(1, 2), 128, 128, log(Rational(3, 4))),
)

relu_unequal = slope_claim(
    "relu-gradient-slope-unequal-widths",
    "Widths 96 and 160 in turn: the printed assumption of equal widths is not needed (rows Y.79, Y.80).",
    slope_within(RELU, 1, narrow, Rational(1, 2), 96, 160, log(Rational(3, 4))),
)

tanh_log_rate = Claim(
    "tanh-gradient-rate",
    Lt(Abs(log(chi_1(tanh, held, wide)) - tanh_rate), Rational(1, 10**4)),
    source=BACKWARD,
    about="ln chi_1 = 0.2215 for tanh at the fixed length 1.59239 of sigma_w = 1.8, sigma_b = 0.2 (row Y.80).",
    derivation=lambda lhs: lhs,  # no mean of tanh has a closed form: a certified integral gives what is asked
    uses=["tanh-length-held-by-biases"],
)

tanh_unequal = slope_claim(
    "tanh-gradient-slope-unequal-widths",
    "Through 200 tanh layers at that length, of widths 96 and 160 in turn, gradients explode at the rate chi_1 = 1.248 (row Y.80).",
    slope_within(TANH, held, wide, Rational(1, 5), 96, 160, tanh_rate),
)
