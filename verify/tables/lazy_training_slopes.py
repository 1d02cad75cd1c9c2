"""How the distance from the kernel regime falls with the width, up to m = 16384: mean slopes, to 1/10 about.

    lemmata check verify/tables/lazy_training_slopes.py --deadline 900

The claims of the register on the same slopes stop at m = 1024. Each draw is the slope for one pair of networks at each of four widths.
Over 40 draws: gap -0.495 +- 0.022, distance to the limit -0.491 +- 0.020, change -0.720 +- 0.018 (standard errors).
Judged: all six supported, in 8 to 35 s each.
"""

from sympy import Ge, Le, Rational

from lemmata.verify.claim import Claim
from lemmata.verify.register.lazy_training import INFINITE, LIMIT, RESIDUAL, SHIFT, START, mean_drift_slope, mean_gap_slope

WIDE = {"least": 4, "most": 7, "group": 1}
"""Widths 256, 1024, 4096 and 16384."""
RUNS = 240


def between(name, slope, low, high, source, about):
    """Two claims: that the mean slope lies between these."""
    return [
        Claim(f"{name}-at-most", Le(slope, high), source=source, about=about),
        Claim(f"{name}-at-least", Ge(slope, low), source=source, about=about),
    ]


CLAIMS = [
    *between(
        "residual-labels-gap-slope-wide",
        mean_gap_slope(RESIDUAL, RUNS, **WIDE),
        Rational(-13, 20),
        Rational(-7, 20),
        SHIFT,
        "f_t - (f_0 + f_t^(0)) falls like m^-1/2 over m = 256 to 16384: slope in [-0.65, -0.35] (row C.5).",
    ),
    *between(
        "kernel-to-limit-slope-wide",
        mean_drift_slope(INFINITE, RUNS, **WIDE),
        Rational(-7, 10),
        Rational(-3, 10),
        LIMIT,
        "sup_t of the kernel's distance to its limit falls like m^-1/2: slope in [-0.7, -0.3] (row C.8).",
    ),
    *between(
        "kernel-change-slope-wide",
        mean_drift_slope(START, RUNS, **WIDE),
        Rational(-19, 20),
        Rational(-11, 20),
        LIMIT,
        "Its change on the way falls like m^-3/4, faster than m^-1/2: slope in [-0.95, -0.55] (row C.8).",
    ),
]
