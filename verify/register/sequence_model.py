"""Rates of kernel gradient flow, measured in the sequence model: expected risks as sums that are enclosed, at the best time to stop.

Eigenvalues i^-beta with beta = (d + 1)/d, a function at the border of smoothness s, noise of variance 1. With mirrored initialisation
s is the function's own, here 1; a random start adds one of smoothness 3/(d + 1), and that is what is learnt last. Slopes are those
between n = 10^6 and n = 10^12.

With the tangent kernel's own spectrum on S^d, whose eigenvalues come in steps, curves are far from their power laws where networks can
be trained. Local slopes of the risk at the best time, noise 1/2, target the kernel at a pole (of smoothness (d + 2)/(d + 1)):

    n = 2^k to 2^(k + 2), k =    5      8      10     12     14     16     18     20     24     28     limit
    S^5, random start           -0.66  -0.54  -0.46  -0.43  -0.41  -0.40  -0.39  -0.39  -0.38  -0.38  -3/8
    S^5, mirrored               -0.69  -0.70  -0.84  -0.91  -0.85  -0.68  -0.59  -0.67  -0.60  -0.62  -7/12
    S^3, random start           -0.74  -0.62  -0.57  -0.53  -0.53  -0.52  -0.51  -0.51  -0.50  -0.50  -1/2
    S^3, mirrored               -0.72  -0.86  -0.90  -0.82  -0.70  -0.71  -0.71  -0.66  -0.65  -0.64  -5/8
"""

from sympy import Ge, Le, Rational, Symbol, log

from lemmata.theory.sequence_model import best_sequence_constant, best_sequence_risk, sequence_risk
from lemmata.theory.source import Source
from lemmata.theory.sphere_risk import best_sphere_risk
from lemmata.verify.claim import Claim

RATE = Source("chen-li-lin-2024", "slides, the rate of kernel gradient flow")
MIRRORED = Source("chen-li-lin-2024", "slides, the rate with mirrored initialisation")
STANDARD = Source("chen-li-lin-2024", "slides, theorems 4.3 and 4.4")
NEAR_ONE = Source("chen-li-lin-2024", "slides, remark on the rate for s close to 1")

FEW, MANY = 10**6, 10**12
NEAR = Rational(1, 2000)
MODEL = ("kernel-gradient-flow", "tangent-kernel-sphere-decay")
"""What the model is made of: the filter of the flow and the decay of the eigenvalues."""


def decay(d):
    """The eigenvalue decay of the tangent kernel on S^d."""
    return Rational(d + 1, d)


def slope(d, s):
    """By which power of n the best risk falls from n = 10^6 to n = 10^12."""
    return log(best_sequence_risk(FEW, s, decay(d)) / best_sequence_risk(MANY, s, decay(d))) / log(Rational(MANY, FEW))


def constant(d, s):
    """The best risk at the larger n over what bias and variance, balanced, say it is."""
    exponent = s * decay(d) / (s * decay(d) + 1)
    return best_sequence_risk(MANY, s, decay(d)) * MANY**exponent / best_sequence_constant(s, decay(d))


def measured(d, s, exponent, name, source, rows):
    """That the slope lies within 1/2000 of the exponent, as two claims."""
    which = f"the best risk falls like n^-({exponent}) at d = {d}, s = {s}"
    return (
        Claim(
            f"sequence-model-{name}-rate-d{d}",
            Ge(slope(d, s), exponent - NEAR),
            source=source,
            about=f"From n = 10^6 to 10^12 {which}, less at most 1/2000 ({rows}).",
            uses=MODEL,
        ),
        Claim(
            f"sequence-model-{name}-rate-d{d}-at-most",
            Le(slope(d, s), exponent + NEAR),
            source=source,
            about=f"And {which}, plus at most 1/2000 ({rows}).",
            uses=MODEL,
        ),
    )


MIRRORED_RATES = [
    claim for d in (2, 3, 5) for claim in measured(d, 1, Rational(d + 1, 2 * d + 1), "mirrored", MIRRORED, "rows C.10, C.17, C.19")
]
STANDARD_RATES = [
    claim for d in (2, 3, 5) for claim in measured(d, Rational(3, d + 1), Rational(3, d + 3), "standard", STANDARD, "rows C.10, C.18")
]

printed_two, printed_three, printed_five = (
    Claim(
        f"sequence-model-printed-rate-d{d}",
        Le(slope(d, 1), Rational(1, d) + Rational(1, 20)),
        source=RATE,
        about=f"The printed exponent beta/(d + 1) = 1/{d} is not the one measured, {d + 1}/{2 * d + 1} (row C.10).",
        expect="refuted",
    )
    for d in (2, 3, 5)
)

half_five = Claim(
    "sequence-model-half-d5",
    Le(slope(5, 1), Rational(21, 40)),
    source=NEAR_ONE,
    about="n^(-1/2), the limit of large d, is not yet the rate at d = 5 (row C.19).",
    expect="refuted",
)

half_far = Claim(
    "sequence-model-half-d200",
    Le(slope(200, 1), Rational(501, 1000) + Rational(1, 2000)),
    source=NEAR_ONE,
    about="At d = 200 it is, to 3/2000 (row C.19).",
)

balanced_mirrored = Claim(
    "sequence-model-mirrored-constant-d3",
    Ge(constant(3, 1), Rational(999, 1000)),
    source=RATE,
    about="At n = 10^12 the best risk is what bias A t^-s and variance B t^(1/beta)/n balance to, constant included (rows C.10, C.17).",
)

balanced_standard = Claim(
    "sequence-model-standard-constant-d5",
    Le(constant(5, Rational(1, 2)), Rational(1001, 1000)),
    source=STANDARD,
    about="The same at the smoothness of a random start on S^5 (rows C.10, C.18).",
)

too_late = Claim(
    "sequence-model-stopped-too-late",
    Ge(sequence_risk(10**12, 10**6, 1, decay(3)), 1000),
    source=MIRRORED,
    about="The rate is that of the best time: at n = 10^6 flow until t = 10^12 has fitted the noise (row C.17).",
)

t = Symbol("t", positive=True)

no_better = Claim(
    "sequence-model-no-time-is-better",
    Ge(sequence_risk(t, 10**6, Rational(1, 2), decay(5)) * 10 ** Rational(9, 4), 2),
    given=[Ge(t, 1), Le(t, 10**6)],
    source=STANDARD,
    about="The lower bound holds at every time: n^(3/8) R(t) >= 2 at n = 10^6 on S^5 (row C.18).",
)

# The spectrum of the tangent kernel on S^5: where its power laws begin (networks are trained in `verify/tables/learning_curves.py`)

FIGURE = Source("chen-li-lin-2024", "slides, figure of the errors of both initialisations")
MIRRORED_START, RANDOM_START = 0, 1
LIMITS = {RANDOM_START: Rational(3, 8), MIRRORED_START: Rational(7, 12)}
NAMES = {RANDOM_START: "random", MIRRORED_START: "mirrored"}


def sphere_slope(start, few, many):
    """By which power of n the best risk on S^5 falls from n = few to n = many."""
    return log(best_sphere_risk(few, 5, start) / best_sphere_risk(many, 5, start)) / log(Rational(many, few))


def near_limit(start, first, last, off):
    """That the slope from n = 2^first to 2^last is above its limit by at most `off`."""
    limit = LIMITS[start]
    return Claim(
        f"sphere-risk-{NAMES[start]}-s5-slope-2-{first}",
        Le(sphere_slope(start, 2**first, 2**last), limit + off),
        source=FIGURE,
        about=f"On S^5 the {NAMES[start]} start's slope from n = 2^{first} to 2^{last} is at most {limit} + {off} (rows C.18, C.20).",
    )


APPROACHES = [
    *(near_limit(RANDOM_START, first, first + 2, Rational(1, off)) for first, off in ((8, 5), (16, 40), (28, 300))),
    *(near_limit(MIRRORED_START, first, first + 10, Rational(1, off)) for first, off in ((10, 5), (20, 16))),
]

before_limit_random = Claim(
    "sphere-risk-random-s5-slope-few",
    Ge(sphere_slope(RANDOM_START, 32, 128), Rational(13, 20)),
    source=FIGURE,
    about="From n = 32 to 128 the risk of a random start on S^5 still falls like n^-0.66 or faster, not n^-(3/8) (row C.20).",
)

before_limit_mirrored = Claim(
    "sphere-risk-mirrored-s5-slope-few",
    Ge(sphere_slope(MIRRORED_START, 32, 128), Rational(17, 25)),
    source=FIGURE,
    about="There that of a mirrored start falls like n^-0.69: the two starts differ by a factor and not yet by a slope (row C.20).",
)

printed_few = Claim(
    "sphere-risk-random-s5-few-near-the-rate",
    Le(sphere_slope(RANDOM_START, 32, 128), Rational(3, 8) + Rational(1, 5)),
    source=FIGURE,
    about="That a few hundred samples already show 3/8, give or take 1/5, is wrong: eigenvalues of S^5 come in steps (row C.20).",
    expect="refuted",
)
