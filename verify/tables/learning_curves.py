"""Test errors of trained networks on S^5 against the number of samples, from a random and from a mirrored start, at the best time.

    lemmata check verify/tables/learning_curves.py

Width 256, noise of standard deviation 1/2, 200 steps of descent (`lemmata.numerics.learning_curves`). The slopes of the theorems,
-(d + 2)/(2 d + 2) = -7/12 for this target of smoothness (d + 2)/(d + 1) from a mirrored start and -3/(d + 3) = -3/8 from a random
one, are those of large n: with n up to 128 harmonics of degree 4, the first of which there are more than samples, are not yet
learnt, and the error of a random start still falls with degrees 0, 1 and 2. The sequence model shows the slopes themselves.
"""

from typing import Any

from sympy import Ge, Gt, Le, Rational

from lemmata.theory.experiments import experiment
from lemmata.theory.run_means import mean_over_runs
from lemmata.verify.claim import Claim
from lemmata.verify.register.lazy_training import FIGURE, excess

RANDOM, MIRRORED = 0, 1
SAMPLES = (32, 64, 128)
UNSEEN = 128
WIDTH, STEPS = 256, 200


def errors(start: int, d: int, n: int, size: int, rng: Any, device: str) -> Any:
    """The mean squared test error at the best time of each of `size` networks."""
    from lemmata.numerics.learning_curves import Start, best_errors, posed

    return best_errors(Start(start), posed(d, n, size, rng, device, UNSEEN), WIDTH, STEPS, rng, device)


@experiment(bounds=(-2, 0))
def curve_slope(start: int, d: int, *, size: int, rng: Any, device: str) -> Any:
    """The slope of log error against log n over n = 32 to 128, cut to [-2, 0]."""
    from lemmata.numerics.lazy_training import slope

    return slope(SAMPLES, [errors(start, d, n, size, rng, device) for n in SAMPLES]).clamp(-2, 0)


def mean_slope(start: int) -> Any:
    """Its expectation on S^5."""
    return mean_over_runs(curve_slope(start, 5), 160)


CLAIMS = [
    Claim(
        "random-start-errs-more-s5-n32",
        Gt(mean_over_runs(excess(5, 32, WIDTH, STEPS, UNSEEN), 300), 0),
        source=FIGURE,
        about="At n = 32 the error from a random start is larger in the mean than from a mirrored one (row C.20).",
    ),
    Claim(
        "mirrored-curve-slope-at-most",
        Le(mean_slope(MIRRORED), Rational(-1, 5)),
        source=FIGURE,
        about="The error from a mirrored start falls with n: mean slope at most -1/5, -7/12 in the theorem (row C.20).",
    ),
    Claim(
        "mirrored-curve-slope-at-least",
        Ge(mean_slope(MIRRORED), Rational(-11, 10)),
        source=FIGURE,
        about="And at least -11/10 (row C.20).",
    ),
    Claim(
        "random-curve-slope-at-most",
        Le(mean_slope(RANDOM), Rational(-3, 8)),
        source=FIGURE,
        about="From a random start it falls faster than the theorem's n^-(3/8) as long as low degrees are still being learnt (row C.20).",
    ),
]
