"""The exponent of the labels of real pictures on larger samples than the register's, with its interval.

    lemmata check verify/tables/smoothness_rows.py

`lemmata.numerics.label_smoothness.smoothness` gives that of all pictures at once, with a jackknife's standard error and what the
window of modes adds.
"""

from sympy import Gt

from lemmata.theory.run_means import mean_over_runs
from lemmata.verify.claim import Claim
from lemmata.verify.register.real_data import DIGITS, MNIST, TABLE, THRESHOLDS, exponent_on

CLAIMS = [
    Claim(
        f"{name}-smoother-than-a-random-start-{points}",
        Gt(mean_over_runs(exponent_on(pictures, points, 0), 160), THRESHOLDS[pictures]),
        source=TABLE,
        about=f"The labels of {points} pictures ({name}) have an exponent above 3/(d + 1), that of a random start (row C.21).",
    )
    for name, pictures in (("digits", DIGITS), ("mnist", MNIST))
    for points in (200, 400)
]
