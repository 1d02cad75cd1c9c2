"""Gradient descent on a one-dimensional shallow ReLU network: why runs fail, and how often.

The target is |x| at -1, -1/2, 0, 1/2, 1; f(x) = sum_i v_i (w_i x + b_i)_+ with w, b ~ N(0, 1), v ~ N(0, 1/n), and the loss half the
mean square error. Two units suffice (|x| = (x)_+ + (-x)_+). Each run gets one fate by exact criteria
(`lemmata.numerics.descent.classification`): solved, dead (fewer than two active units), a locked output sign, too few kinks inside the
data, slow. The step is 0.1 over 4000 steps: the shares are those of 0.02 over 20,000, which is the same time.

Of the figures for 20 runs a width that the claims are compared with only the counts of solved runs are told, and not how those
runs began; Clopper and Pearson's intervals at 99.9% are all that so few runs allow.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Le, Lt, Rational, sqrt, symbols
from sympy.stats import Normal, Probability

from lemmata.theory.activations import relu
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.rules.conserved import conserved
from lemmata.theory.rules.descent_steps import first_step
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent, flow
from lemmata.verify.claim import Claim

EXERCISE = Source("yarotsky-lecture", "exercise: gradient descent on a one-dimensional shallow network")

alpha, time = symbols("alpha t", positive=True)
w, b, v, p, q, r = symbols("w b v p q r", real=True)


def trained(width: int, size: int, rng: Any, device: str) -> Any:
    """The fate of `size` runs, with the names that fates have."""
    from lemmata.numerics.descent.classification import GOAL, Fate, classify
    from lemmata.numerics.descent.shallow import Target, gaussian_start, train

    target = Target.absolute_value(device)
    return classify(train(gaussian_start(width, size, rng, device), target, step=0.1, steps=4000, goal=GOAL), target), Fate


@experiment
def run_solved(width: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a run of this width reaches a loss of 1e-6."""
    fates, fate = trained(width, size, rng, device)
    return fates == fate.SOLVED


@experiment
def run_classified(width: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a run of this width ends in one of the named ways."""
    fates, fate = trained(width, size, rng, device)
    return fates != fate.UNCLASSIFIED


@experiment
def run_stuck(width: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a run of this width ends dead, with a locked sign or with too few kinks."""
    fates, fate = trained(width, size, rng, device)
    return (fates == fate.DEAD) | (fates == fate.LOCKED_SIGN) | (fates == fate.FEW_KINKS)


@experiment
def run_with_a_dead_unit_fails(*, size: int, rng: Any, device: str) -> Any:
    """Whether a run of width 2 ends above a loss of 69/1000, where one of its units begins with no input that activates it."""
    from lemmata.numerics.descent.shallow import Shallow, Target, gaussian_start, train

    drawn, target = gaussian_start(2, size, rng, device), Target.absolute_value(device)
    biases = drawn.biases.clone()
    biases[0] = -drawn.weights[0].abs() - biases[0].abs()
    ended = train(Shallow(drawn.weights, biases, drawn.outputs), target, step=0.1, steps=1000, goal=1e-6, least=0)
    return ended.loss > 69 / 1000


inputs = [Rational(j, 2) for j in range(-2, 3)]
at_ends = sum((v * relu(w * x + b) - abs(x)) ** 2 for x in (-1, 1)) / 4
bent = sum((v * relu(x - b) - abs(x)) ** 2 for x in inputs) / 10
straight = sum((p * x + q - abs(x)) ** 2 for x in inputs) / 10
begins = {w: p, b: q, v: r}
active = (v * (w + b) - r) ** 2 / 2
W, B, V = Normal("w", 0, 1), Normal("b", 0, 1), Normal("v", 0, 1)

MECHANISMS = [
    Claim(
        "shallow-flow-invariant",
        Eq(flow(at_ends, begins)[time, v**2 - w**2 - b**2], r**2 - p**2 - q**2),
        given=[Le(16 * p**2, 1), Ge(q, Rational(1, 2)), Le(q, 1), Ge(r, Rational(1, 2)), Le(r, 1), Le(time, 1)],
        source=EXERCISE,
        about="Gradient flow conserves v^2 - w^2 - b^2 for each unit: where it is positive v keeps its sign (row Y.17).",
        derivation=lambda lhs: lhs.by(conserved),
    ),
    Claim(
        "shallow-descent-drift",
        Eq(
            descent(active, {w: p, b: q, v: 1}, alpha)[1, v**2 - w**2 - b**2],
            1 - p**2 - q**2 + alpha**2 * (p + q - r) ** 2 * ((p + q) ** 2 - 2),
        ),
        source=EXERCISE,
        about="A step of descent changes it by alpha^2 times the same form of the gradient: here for an active unit with v = 1 (row Y.17).",
        derivation=lambda lhs: lhs.by(first_step),
    ),
    Claim(
        "shallow-unit-dead-at-start",
        Eq(Probability(Lt(B + Abs(W), 0)), Rational(1, 4)),
        source=EXERCISE,
        about="A unit begins with no input in [-1, 1] that activates it with probability 1/4, and then never moves (row Y.17).",
    ),
    Claim(
        "shallow-unit-locked-at-start",
        Eq(Probability(Lt(V / sqrt(2) + sqrt(W**2 + B**2), 0)), (1 - sqrt(Rational(2, 3))) / 2),
        source=EXERCISE,
        about="A unit of width 2 begins with a negative output weight that flow cannot turn with probability 0.09 (row Y.17).",
    ),
    Claim(
        "shallow-one-unit-straight",
        Ge(straight, Rational(7, 100)),
        source=EXERCISE,
        about="A unit that all inputs activate is a straight line: its loss is at least 7/100 (row Y.17).",
    ),
    Claim(
        "shallow-one-unit-bent",
        Ge(bent, Rational(1, 10)),
        given=[Ge(b, -1), Le(b, 1)],
        source=EXERCISE,
        about="A unit with its kink inside the data is silent at one end, which alone costs 1/10 (falling ones are mirror images). So a "
        "network of width 2 with a dead unit fails, whatever the step (row Y.17).",
    ),
    Claim(
        "shallow-dead-unit-fails",
        Ge(frequency(run_with_a_dead_unit_fails(), 1024), Rational(9, 10)),
        source=EXERCISE,
        about="... which the runs do (row Y.17).",
    ),
]


locked = Rational(1, 4) + Rational(3, 4) * (1 - sqrt(Rational(2, 3))) / 2

SHARES = [
    Claim(
        "shallow-width-2-seldom-solved",
        Ge(1 - frequency(run_solved(2), 1024), Rational(53, 100)),
        source=EXERCISE,
        about="2 of 20 runs of width 2 solved: Clopper and Pearson's interval at 99.9% is [0, 0.47] (row Y.17).",
    ),
    Claim(
        "shallow-width-4-often-solved",
        Ge(frequency(run_solved(4), 1024), Rational(36, 100)),
        source=EXERCISE,
        about="15 of 20 runs of width 4: [0.36, 0.97] (row Y.17).",
    ),
    Claim(
        "shallow-width-8-half-solved",
        Le(frequency(run_solved(8), 512), Rational(73, 100)),
        source=EXERCISE,
        about="7 of 20 runs of width 8: [0.07, 0.73]; the others are slow (row Y.17).",
    ),
    Claim(
        "shallow-width-16-half-solved",
        Le(frequency(run_solved(16), 512), Rational(84, 100)),
        source=EXERCISE,
        about="10 of 20 runs of width 16: [0.16, 0.84] (row Y.17).",
    ),
    Claim(
        "shallow-width-2-fails",
        Ge(1 - frequency(run_solved(2), 1024), 1 - (1 - locked) ** 2),
        source=EXERCISE,
        about="Two units have to be neither dead nor locked: so width 2 fails with probability at least 0.53 (row Y.17).",
    ),
    Claim(
        "shallow-width-16-never-stuck",
        Ge(1 - frequency(run_stuck(16), 256), Rational(17, 20)),
        source=EXERCISE,
        about="Width 16: hardly a run is stuck... (row Y.17)",
    ),
    Claim(
        "shallow-width-16-solved",
        Ge(frequency(run_solved(16), 256), Rational(9, 10)),
        source=EXERCISE,
        about="... and yet many are not solved in that time: they are slow (row Y.17).",
        expect="refuted",
    ),
    *(
        Claim(
            f"shallow-classified-width-{width}",
            Ge(frequency(run_classified(width), runs), Rational(17, 20)),
            source=EXERCISE,
            about=f"Width {width}: every run that is not solved is dead, locked, short of kinks or slow (row Y.17).",
        )
        for width, runs in ((2, 1024), (4, 512), (8, 256), (16, 256))
    ),
]
