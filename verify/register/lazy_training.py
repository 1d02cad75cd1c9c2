"""Wide networks with one hidden layer, trained: how far they are from the kernel regime, and how fast that falls with the width m.

Network (1) with the ReLU on [-1, 1], 12 points, labels sin(pi x), descent until t = 4 (`lemmata.numerics.lazy_training`). A slope is
that of the least-squares line of log rms against log m over widths 4^a, ..., 4^b, the rms over `group` pairs of networks at each.
Wider networks: `verify/tables/lazy_training_slopes.py`.
"""

from typing import Any

from sympy import Eq, Ge, Gt, Le, Rational, exp, symbols

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.rules.linear_flow import linear_flow
from lemmata.theory.run_means import mean_over_runs
from lemmata.theory.source import Source
from lemmata.theory.trajectory import flow
from lemmata.verify.claim import Claim

SHIFT = Source("chen-li-lin-2024", "slides, standard and mirrored initialisation")
LIMIT = Source("chen-li-lin-2024", "slides, the limit of the tangent kernel")
FIGURE = Source("chen-li-lin-2024", "slides, figure of the errors of both initialisations")

RESIDUAL, SAME = 0, 1
START, INFINITE = 0, 1
RUNS = 96


def widths(least: int, most: int) -> tuple[int, ...]:
    """Powers of 4."""
    return tuple(4**power for power in range(least, most + 1))


@experiment(bounds=(-1, 0))
def gap_slope(kind: int, least: int, most: int, group: int, *, size: int, rng: Any, device: str) -> Any:
    """The slope of the rms of f_t - (f_0 + f_t^(0)), cut to [-1, 0]."""
    from lemmata.numerics.lazy_training import Labels, gap, rms, slope

    found = [rms(gap(width, Labels(kind), size * group, rng, device), size) for width in widths(least, most)]
    return slope(widths(least, most), found).clamp(-1, 0)


@experiment(bounds=(0, 1))
def gap_size(kind: int, width: int, *, size: int, rng: Any, device: str) -> Any:
    """The rms of f_t - (f_0 + f_t^(0)), cut to [0, 1]."""
    from lemmata.numerics.lazy_training import Labels, gap

    return gap(width, Labels(kind), size, rng, device).sqrt().clamp(0, 1)


@experiment(bounds=(-1.5, 0))
def drift_slope(reference: int, least: int, most: int, group: int, *, size: int, rng: Any, device: str) -> Any:
    """The slope of the largest relative distance of the kernel, from its start or its limit, cut to [-3/2, 0]."""
    from lemmata.numerics.lazy_training import Reference, drift, rms, slope

    found = [rms(drift(width, Reference(reference), size * group, rng, device), size) for width in widths(least, most)]
    return slope(widths(least, most), found).clamp(-1.5, 0)


@experiment
def gap_slope_near(kind: int, middle: float, reach: float, least: int, most: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the slope of the gap of one pair of networks at each width lies within reach of middle."""
    return (gap_slope.function(kind, least, most, 1, size=size, rng=rng, device=device) - middle).abs() <= reach


@experiment
def drift_slope_near(reference: int, middle: float, reach: float, least: int, most: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the slope of the kernel's distance, for one network at each width, lies within reach of middle."""
    return (drift_slope.function(reference, least, most, 1, size=size, rng=rng, device=device) - middle).abs() <= reach


def mean_gap_slope(kind: int, runs: int, least: int = 3, most: int = 5, group: int = 1) -> Any:
    """Its expectation, from so many runs in the quick budget."""
    return mean_over_runs(gap_slope(kind, least, most, group), runs)


def mean_drift_slope(reference: int, runs: int, least: int = 3, most: int = 5, group: int = 1) -> Any:
    """Its expectation, from so many runs in the quick budget."""
    return mean_over_runs(drift_slope(reference, least, most, group), runs)


# Exactly, in the kernel regime: along each eigendirection of the kernel, with eigenvalue lam

f, f0, y, lam, t = symbols("f f_0 y lambda t", positive=True)


def learnt(start: Any, label: Any) -> Any:
    """The output along an eigendirection after time t."""
    return flow(lam * (f - label) ** 2 / 2, {f: start})[t, f]


eigendirection = Claim(
    "random-start-eigendirection",
    Eq(learnt(f0, y), f0 + learnt(0, y - f0)),
    given=[Le(f0, 3), Le(y, 3), Le(lam, 3), Le(t, 3)],
    source=SHIFT,
    about="Along each eigendirection of the kernel the flow from f_0 is f_0 plus what the flow from 0 learns of y - f_0 (row C.5).",
    derivation=lambda lhs: lhs.by(linear_flow),
)

left_over = Claim(
    "random-start-labels-left-over",
    Eq(f0 + learnt(0, y) - learnt(f0, y), f0 * (1 - exp(-lam * t))),
    given=[Le(f0, 3), Le(y, 3), Le(lam, 3), Le(t, 3)],
    source=SHIFT,
    about="Trained on y itself beside it, f_0 (1 - exp(-lambda t)) is left over: what is learnt of f_0 is counted twice (row C.5).",
)

# Real networks

residual = Claim(
    "residual-labels-gap-slope",
    Ge(frequency(gap_slope_near(RESIDUAL, Rational(-1, 2), Rational(3, 10), 3, 6), RUNS), Rational(1, 2)),
    source=SHIFT,
    about="For trained networks the gap falls like m^-1/2: slopes over m = 64 to 4096 are within 3/10 of -1/2, in the median (row C.5).",
)

same = Claim(
    "same-labels-gap-vanishes",
    Le(mean_over_runs(gap_size(SAME, 1024), 96), Rational(1, 10)),
    source=SHIFT,
    about="With the labels themselves it does not: at m = 1024 the mean rms, cut to 1, is near 7/10 (row C.5).",
    expect="refuted",
)

to_the_limit = Claim(
    "kernel-to-limit-slope",
    Ge(frequency(drift_slope_near(INFINITE, Rational(-1, 2), Rational(3, 10), 3, 6), RUNS), Rational(1, 2)),
    source=LIMIT,
    about="sup_t of the kernel's distance to its limit falls like m^-1/2: within 3/10 of it over m = 64 to 4096, in the median (row C.8).",
)

change = Claim(
    "kernel-change-slope",
    Ge(frequency(drift_slope_near(START, Rational(-3, 4), Rational(3, 10), 3, 6), RUNS), Rational(1, 2)),
    source=LIMIT,
    about="Its change on the way falls faster than m^-1/2, near m^-3/4: flips of units cancel by the signs of their weights (row C.8).",
)

# Learning on S^5 from either start (`lemmata.numerics.learning_curves`); curves in n: `verify/tables/learning_curves.py`


@experiment(bounds=(-1, 1))
def excess(d: int, n: int, width: int, steps: int, unseen: int, *, size: int, rng: Any, device: str) -> Any:
    """The test error at the best time from a random start less that from a mirrored one, on tasks of their own, cut to [-1, 1]."""
    from lemmata.numerics.learning_curves import Start, begun, best_errors, posed

    errors = []
    for start in Start:
        task = posed(d, n, size, rng, device, unseen)
        errors.append(best_errors(begun(start, task, width, rng, device), task, steps))
    return (errors[0] - errors[1]).clamp(-1, 1)


random_errs_more = Claim(
    "random-start-errs-more-s5",
    Gt(mean_over_runs(excess(5, 24, 64, 24, 64), 400), 0),
    source=FIGURE,
    about="On S^5 networks learn 24 noisy samples worse from a random start than from a mirrored one, in the mean (row C.20).",
)

random_errs_less = Claim(
    "random-start-errs-no-more-s5",
    Le(mean_over_runs(excess(5, 24, 64, 24, 64), 400), 0),
    source=FIGURE,
    about="That the start makes no difference, or helps, is not what is seen (row C.20).",
    expect="refuted",
)
