"""Strict saddles: avoided from almost every start when alpha < 1/M, and not when 1/M < alpha < 2/M.

For alpha < 1/M a step of gradient descent is injective: |g(a) - g(b)| >= (1 - alpha M)|a - b|. An orbit that converges to a point
which repels on its line hits it exactly, so that only the point itself converges to it there. For every alpha = s/M with 1 < s < 2
`lemmata.theory.saddle_trap` builds a loss with an M-Lipschitz gradient, M x^2/2 + psi(y), on which each start with |y| >= 1 reaches
the line of the strict saddle 0 in one step and then converges to it. A psi with all derivatives does the same: take the mean of the
kinked one over shifts of y by an even law on [-delta, delta] with a smooth density, delta < r. Near 0 and past 1 + delta the kinked
psi' is odd and linear, so that the mean keeps it there, and |psi''| <= M is kept everywhere. An analytic psi cannot:
y - alpha psi' then has isolated critical points, so that countably many starts reach 0.
"""

from typing import Any

from sympy import Eq, Ge, Gt, Integral, Lambda, Le, Limit, Lt, Rational, Symbol, cos, exp, symbols
from sympy.stats import Probability

from lemmata.theory.experiments import experiment
from lemmata.theory.rules.descent_quadratic import linear_recurrence
from lemmata.theory.rules.descent_steps import first_step, staying_put
from lemmata.theory.rules.piece_slopes import slopes_at_least, slopes_at_most
from lemmata.theory.saddle_trap import kinked_knots, kinked_trap, smooth_knots, smooth_trap
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

AVOIDED = Source("lee-2016", "theorem 4.1, strict saddles and alpha < 1/M")
PRINTED = Source("yarotsky-lecture", "saddles are evaded: the starts that converge to them have measure 0")

M, h, s, t = symbols("M h s t", positive=True)
u, x, y, z = symbols("u x y z", real=True)
N = Symbol("N", integer=True, positive=True)
between = [Gt(s, 1), Lt(s, 2)]


def trap(psi: Any, knots: Any, name: str, about: str) -> list[Claim]:
    """What makes M x^2/2 + psi(y) a trap at the step s/M: a strict saddle, an M-Lipschitz gradient, one step to its line, then the rate."""
    loss = M * x**2 / 2 + psi(y, M, s)
    slope = Lambda(z, psi(z, M, s).diff(z))
    rise = slope(y + h) - slope(y)
    ends = sorted({sign * knot for knot in knots(s) for sign in (-1, 1)}, key=lambda knot: knot.subs(s, Rational(3, 2)))
    return [
        Claim(
            f"{name}-trap-slope",
            Eq(slope(1 + t), M * (1 + t) / s),
            given=between,
            source=PRINTED,
            about=f"{about}: where |y| > 1 its slope is y/alpha, so that one step ends exactly at y = 0 (row Y.21).",
        ),
        Claim(
            f"{name}-trap-converges",
            Eq(descent(loss, {x: u, y: 0}, s / M)[N, x**2 + y**2], (1 - s) ** (2 * N) * u**2),
            given=[*between, Le(N, 20)],
            source=PRINTED,
            about="On that line descent converges to the saddle, at the rate |1 - s| (row Y.21).",
            derivation=lambda lhs: lhs.by(staying_put).by(linear_recurrence),
        ),
        Claim(
            f"{name}-trap-is-strict",
            Eq(Limit(slope(h) / h, h, 0), -M),
            given=between,
            source=PRINTED,
            about="The saddle is strict: the curvatures there are M and -M (row Y.21).",
        ),
        Claim(
            f"{name}-trap-lipschitz-above",
            Le(rise, M * h),
            given=between,
            source=PRINTED,
            about="The gradient is M-Lipschitz: from above (row Y.21)...",
            derivation=lambda lhs: lhs.by(slopes_at_most, slope, y, h, M, ends),
        ),
        Claim(
            f"{name}-trap-lipschitz-below",
            Ge(rise, -M * h),
            given=between,
            source=PRINTED,
            about="... and from below (row Y.21).",
            derivation=lambda lhs: lhs.by(slopes_at_least, slope, y, h, -M, ends),
        ),
    ]


one_step = descent(M * x**2 / 2 + kinked_trap(y, M, s), {x: u, y: 1 + t}, s / M)[1, y]

KINKED = [
    Claim(
        "kinked-trap-in-one-step",
        Eq(one_step, 0),
        given=between,
        source=PRINTED,
        about="A step of descent itself, from anywhere beyond 1 (row Y.21).",
        derivation=lambda lhs: lhs.by(first_step),
    ),
    *trap(kinked_trap, kinked_knots, "kinked", "For every step s/M, 1 < s < 2, a loss with a piecewise linear gradient"),
]
SMOOTH = trap(smooth_trap, smooth_knots, "smooth", "The same with a Lipschitz second derivative, as the theorem assumes")

# With all derivatives: the mean over shifts delta c of y, c with the density proportional to e^(-1/(1 - c^2)) on [-1, 1].

bump = exp(-1 / (1 - z**2))
half_knot = Rational(1, 12)
"""delta: half of the first knot at s = 3/2."""
kinked_slope = Lambda(y, kinked_trap(y, M, Rational(3, 2)).diff(y))

SHIFTED = [
    Claim(
        "shifted-trap-slope",
        Eq(Integral(kinked_slope(2 + half_knot * z) * bump, (z, -1, 1)), 2 * M / Rational(3, 2) * Integral(bump, (z, -1, 1))),
        given=[Eq(M, 1)],
        source=PRINTED,
        about="A trap with all derivatives, at s = 3/2: past 1 + delta the mean slope is y/alpha, here at y = 2... (row Y.21)",
    ),
    Claim(
        "shifted-trap-is-strict",
        Eq(Integral(kinked_slope(half_knot * (Rational(1, 2) + z)) * bump, (z, -1, 1)), -M * half_knot / 2 * Integral(bump, (z, -1, 1))),
        given=[Eq(M, 1)],
        source=PRINTED,
        about="... and near 0 it is -M y, here at y = delta/2; a mean of M-Lipschitz gradients is M-Lipschitz (row Y.21).",
    ),
]

# Runs from random starts: the share that ends on the saddle.


def ends_on_the_line(slope: Any, starts: Any) -> Any:
    """Whether descent along y is on the line of the saddle, exactly or but for rounding, after ten steps."""
    y_ = starts
    for _ in range(10):
        y_ = y_ - slope(y_)
    return y_.abs() < RESOLVED


RESOLVED = 2.0**-30
"""Ten steps carry a rounding error of 2^-50 no further: they multiply it by (1 + s)^9 < 3^9 < 2^15."""


def cells(size: int, rng: Any, device: str) -> Any:
    """Uniform among the middles of 2^22 equal cells of [-2, 2]: none is nearer than 2^-21 to 0, 1 or -1, which `RESOLVED` tells apart."""
    import torch

    return (torch.randint(-(2**21), 2**21, (size,), generator=rng, device=device).double() + 0.5) * 2.0**-20


@experiment
def kinked_trapped(relative: float, *, size: int, rng: Any, device: str) -> Any:
    """Whether descent on the kinked trap at the step s/M, from y uniform on [-2, 2], ends on the saddle's line."""
    knot = (relative - 1) / (2 * relative)

    def slope(at: Any) -> Any:
        out, far = at.abs(), (relative - 1) / relative
        return relative * at.sign() * (-out + 2 * (out - knot).clamp(min=0) - far * (out - 1).clamp(min=0))

    return ends_on_the_line(slope, cells(size, rng, device))


@experiment
def wave_trapped(relative: float, *, size: int, rng: Any, device: str) -> Any:
    """Whether descent on M x^2/2 + M cos y at the step s/M, from y uniform on [-2, 2], stays near the saddle's line."""
    return ~ends_on_the_line(lambda at: -relative * at.sin(), cells(size, rng, device))


below = [Lt(s, 1)]
waves = M * cos(y)

SHARES = [
    Claim(
        "kinked-trap-share",
        Eq(Probability(Eq(kinked_trapped(Rational(3, 2)), 1)), Rational(1, 2)),
        source=PRINTED,
        about="At s = 3/2 half of the starts with y uniform on [-2, 2] end on the saddle: those with |y| > 1, since (0, 1) "
        "is mapped into itself (row Y.21).",
    ),
    Claim(
        "saddles-evaded-printed",
        Le(Probability(Eq(kinked_trapped(s), 1)), Rational(1, 100)),
        given=[Ge(s, Rational(5, 4)), Lt(s, 2)],
        source=PRINTED,
        about="As printed, the starts that converge to a saddle have measure 0 for every alpha < 2/M (row Y.21).",
        expect="refuted",
    ),
]

# Below 1/M: a step is injective, so that the saddle's line is reached from itself only.

AVOIDANCE = [
    Claim(
        "short-steps-are-injective",
        Ge(h + s * (cos(y + h).diff(y) - cos(y).diff(y)), (1 - s) * h),
        given=[*below, Le(h, 10), Le(y, 10), Ge(y, -10)],
        source=AVOIDED,
        about="On M x^2/2 + M cos y, M-Lipschitz with a strict saddle at 0, a step s/M with s < 1 moves no two starts together (row Y.21).",
    ),
    Claim(
        "short-steps-leave-the-saddle",
        Gt(descent(waves, {y: t}, s / M)[N, y], t),
        given=[*below, Lt(t, 3), Le(N, 50)],
        source=AVOIDED,
        about="... so descent moves away from the saddle's line, however near it starts (row Y.21)...",
    ),
    Claim(
        "short-steps-avoid-the-saddle",
        Ge(Probability(Eq(wave_trapped(s), 1)), Rational(99, 100)),
        given=[*below],
        source=AVOIDED,
        about="... and random starts are not caught (row Y.21).",
    ),
]
