"""Rates of kernel gradient flow, measured in the sequence model: expected risks as sums that are enclosed, at the best time to stop.

Eigenvalues i^-beta with beta = (d + 1)/d, a function at the border of smoothness s, noise of variance 1. With mirrored initialisation
s is the function's own, here 1; a random start adds one of smoothness 3/(d + 1), and that is what is learnt last. Slopes are those
between n = 10^6 and n = 10^12.
"""

from sympy import Ge, Le, Rational, Symbol, log

from lemmata.theory.sequence_model import best_sequence_constant, best_sequence_risk, sequence_risk
from lemmata.theory.source import Source
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
