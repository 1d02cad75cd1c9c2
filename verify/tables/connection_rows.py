"""Means over pairs of networks of the lowest accuracy along a path: MNIST's whole pictures, wider networks, and the tanh.

    lemmata check verify/tables/connection_rows.py

A minute of one processor, or two. Each claim takes as many pairs as a mean needs that is told from 0 by the bounds of an accuracy alone,
about 29 divided by the mean. `lemmata.numerics.connection.table` gives the same means with their standard errors over pairs.
"""

from sympy import Gt

from lemmata.theory.run_means import mean_over_runs
from lemmata.verify.claim import Claim
from lemmata.verify.register.connection import ARC, CENTRED_ARC, DIGITS, LINE, MNIST, MNIST_HALVED, ON, RELU, TABLE, TANH, gain

ROWS = (
    ("digits", DIGITS, 64, 4000),
    ("mnist", MNIST, 32, 2500),
    ("mnist-halved", MNIST_HALVED, 64, 2000),
)
"""The pictures, the neurons, and the pairs of the quick budget; 50 pictures train for 20 steps, 100 others test."""

CENTRED = [
    Claim(
        f"centred-arc-{name}-{width}-{part}",
        Gt(mean_over_runs(gain(CENTRED_ARC, LINE, place, RELU, width, pictures, 50, 20), runs), 0),
        source=TABLE,
        about=f"The lowest accuracy on the arc around the mean neuron exceeds the line's: {name}, {width} neurons, {of} (row Y.36).",
    )
    for name, pictures, width, runs in ROWS
    for part, place, of in ON
]

LINE_OVER_ARC = [
    Claim(
        f"line-above-the-arc-tanh-{part}",
        Gt(mean_over_runs(gain(LINE, ARC, place, TANH, 8, DIGITS, 50, 20), 6000), 0),
        source=TABLE,
        about=f"Between tanh networks of 8 neurons it is the line that is higher: digits, {of} (row Y.36).",
    )
    for part, place, of in ON
]
