"""Spurious minima of two-layer ReLU networks that learn orthonormal neurons: proved to exist, and how often descent ends in them.

F(W) = E (sum relu(w_i.x) - sum relu(v_j.x))^2. For n = k a critical point that permutations of k - 1 neurons fix is named by five
rationals; interval Newton proves that the box around them holds exactly one, and balls enclose all k^2 eigenvalues there. For
n = k + 1 seven rationals name one, which two neurons more than the k - 1 make.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Le, Lt, Rational, Symbol, symbols
from sympy.stats import Expectation

from lemmata.theory.activations import relu
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.kernels.duals import dual
from lemmata.theory.source import Source
from lemmata.theory.spurious_minima import Look, critical_point, run_average
from lemmata.verify.claim import Claim

THEOREM = Source("safran-shamir-2018", "theorem 1")
OBJECTIVE = Source("safran-shamir-2018", "equation (1), the objective, and section 3, its closed form")
TABLE = Source("safran-shamir-2018", "table 1, n = k")
OTHER_TABLE = Source("safran-shamir-2018", "table 2, n different from k")
PRINTED = Source("yarotsky-lecture", "slide on spurious minima of ReLU networks, the objective displayed above the table")

q1, q2 = symbols("q_1 q_2", positive=True)
c = Symbol("c", real=True)
k = Symbol("k", integer=True, positive=True)
point = critical_point(k)
wider = critical_point(k, extra=1)
u, v = gaussian_pair(q1, q2, c)
kernel = dual(relu)

EXISTENCE = [
    Claim(
        "spurious-objective-in-closed-form",
        Eq(Expectation((relu(u) - relu(v)) ** 2), kernel.at(q1, q1, 1) - 2 * kernel.at(q1, q2, c) + kernel.at(q2, q2, 1)),
        given=[Ge(c, -1), Le(c, 1)],
        source=OBJECTIVE,
        about="One neuron that learns another: the objective is a sum of the ReLU's kernel, f(w, w) - 2 f(w, v) + f(v, v) (row Y.28).",
        uses=["relu-kernel"],
    ),
    Claim(
        "spurious-minimum-is-strict",
        Gt(point.curvature, 0),
        given=[Ge(k, 6), Le(k, 20)],
        source=THEOREM,
        about="For every n = k from 6 to 20 there is a critical point at which the Hessian is positive definite... (row Y.28)",
    ),
    Claim(
        "spurious-minimum-is-spurious",
        Gt(point.objective, 0),
        given=[Ge(k, 6), Le(k, 20)],
        source=THEOREM,
        about="... and the objective is not 0, which it is at W = V: a strict local minimum that is not global (row Y.28).",
    ),
    Claim(
        "spurious-minimum-not-below-6",
        Lt(point.curvature, 0),
        given=[Ge(k, 3), Le(k, 5)],
        source=THEOREM,
        about="For k = 3, 4, 5 the same critical point is a saddle, so that descent leaves it: 6 is sharp in this family (row Y.28).",
    ),
    Claim(
        "spurious-minimum-wider-is-strict",
        Gt(wider.curvature, 0),
        given=[Ge(k, 8), Le(k, 19)],
        source=THEOREM,
        about="For every k from 8 to 19 and n = k + 1 a strict local minimum: the eleven pairs of the theorem, and (9, 10)... (row Y.28)",
    ),
    Claim(
        "spurious-minimum-wider-is-spurious",
        Gt(wider.objective, 0),
        given=[Ge(k, 8), Le(k, 19)],
        source=THEOREM,
        about="... that is not global. The theorem leaves (9, 10) out, for which the source's table has no row either (row Y.28).",
    ),
    Claim(
        "spurious-minimum-7-8",
        Gt(critical_point(7, extra=1).curvature, 0),
        source=THEOREM,
        about="k = 7, n = 8 has the same strict spurious minimum, which the theorem does not have: 8 is not sharp (row Y.28).",
    ),
    Claim(
        "spurious-minimum-wider-not-below-7",
        Lt(wider.curvature, 0),
        given=[Ge(k, 4), Le(k, 6)],
        source=THEOREM,
        about="For n = k + 1 and k = 4, 5, 6 the same critical point is a saddle: 7 is sharp in this family (row Y.28).",
    ),
]

# The table for n = k, where one minimum alone is met, up to permutations: k = 6 to 8. Printed digits are cut off, not rounded.


def cut_off(value: Any, printed: Rational, unit: Rational) -> Any:
    """That a value begins with the printed digits: printed <= value <= printed + unit."""
    return Le(Abs(value - printed - unit / 2), unit / 2)


THOUSANDTH = Rational(1, 1000)
TEN_THOUSANDTH = Rational(1, 10000)
CURVATURES = {6: (47 * TEN_THOUSANDTH, TEN_THOUSANDTH), 7: (14 * THOUSANDTH, THOUSANDTH), 8: (21 * THOUSANDTH, THOUSANDTH)}
OBJECTIVES = {6: 25 * THOUSANDTH, 7: 23 * THOUSANDTH, 8: 21 * THOUSANDTH}

AVERAGES = [
    *(
        Claim(
            f"spurious-table-curvature-{size}",
            cut_off(critical_point(size).curvature, *printed),
            source=TABLE,
            about=f"n = k = {size}: the least eigenvalue of the Hessian of F/2 begins with the digits of the table (row Y.29).",
        )
        for size, printed in CURVATURES.items()
    ),
    *(
        Claim(
            f"spurious-table-objective-{size}",
            cut_off(critical_point(size).objective / 2, printed, THOUSANDTH),
            source=TABLE,
            about=f"n = k = {size}: half the objective begins with the digits of the table (row Y.29).",
        )
        for size, printed in OBJECTIVES.items()
    ),
    Claim(
        "spurious-table-objective-without-half",
        cut_off(critical_point(7).objective, 23 * THOUSANDTH, THOUSANDTH),
        source=PRINTED,
        about="As the objective is displayed, without the factor 1/2, k = 7 gives 0.0464 where the table has 0.023 (row Y.29).",
        expect="refuted",
    ),
    Claim(
        "spurious-table-objective-rounded",
        Le(Abs(critical_point(8).objective / 2 - 21 * THOUSANDTH), THOUSANDTH / 2),
        source=TABLE,
        about="The digits are cut off: rounded, k = 8 would be 0.022 and not the printed 0.021 (row Y.29).",
        expect="refuted",
    ),
]

# The table for n = k + 1, where one run of 1000 alone ended badly: what is printed is that run's own minimum, rounded.

WIDER_TABLE = {8: (59, 21), 10: (57, 18), 11: (56, 17)}

WIDER = [
    Claim(
        f"spurious-table-{look.value}-{size}-{size + 1}",
        Le(Abs(value - printed), unit / 2),
        source=OTHER_TABLE,
        about=f"k = {size}, n = {size + 1}: the {look.value} of the symmetric minimum, rounded, is what the table prints (row Y.30).",
    )
    for size, (curvature, objective) in WIDER_TABLE.items()
    for look, value, printed, unit in (
        (Look.CURVATURE, critical_point(size, extra=1).curvature, curvature * TEN_THOUSANDTH, TEN_THOUSANDTH),
        (Look.OBJECTIVE, critical_point(size, extra=1).objective / 2, objective * THOUSANDTH, THOUSANDTH),
    )
]

# How often descent ends in a spurious minimum. The source tells how many of its 1000 runs did; the ends of an interval below are
# Clopper and Pearson's at 99.9% for such a count, cut outwards to four digits. Runs begin at N(0, 1/k), with the step 0.1 on F/2.


@experiment
def ends_in_a_spurious_minimum(n: int, dimension: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether descent of n neurons towards `dimension` orthonormal ones ends at a local minimum with F/2 > 1/1000."""
    import torch

    from lemmata.numerics.landscape.student_runs import Until, descend

    starts = torch.randn(size, n, dimension, generator=rng, device=device, dtype=torch.float64) / dimension**0.5
    return torch.from_numpy(descend(starts.cpu().numpy(), Until.DECIDED).spurious).to(device)


DECIDED_EARLY = "descent ends in the strict minimum to which Newton's method goes, once the Hessian varies by half its least eigenvalue"


def _share(size: int, width: int, runs: int) -> Any:
    """The probability of a spurious end; runs are decided before they stop by a rule of thumb, which the record lists."""
    return frequency(ends_in_a_spurious_minimum(width, size), runs, granted=DECIDED_EARLY)


def _told(size: int, width: int, count: int) -> dict[str, Any]:
    """The table that a row stands in, and what it says."""
    source, name = (TABLE, "Y.29") if size == width else (OTHER_TABLE, "Y.30")
    said = f"k = {size}, n = {width}: {count} of the source's 1000 runs ended in a spurious minimum"
    return {"source": source, "said": said, "row": f"(row {name})"}


def at_most(size: int, width: int, count: int, high: Rational, runs: int) -> Claim:
    """The upper end of a row's interval, stated of the other runs where they are the majority: that is seen with fewer runs."""
    told, share = _told(size, width, count), _share(size, width, runs)
    return Claim(
        f"spurious-runs-{size}-{width}-at-most",
        Ge(1 - share, 1 - high) if count < 500 else Le(share, high),
        source=told["source"],
        about=f"{told['said']}, so the probability is at most {float(high):g} {told['row']}.",
    )


def at_least(size: int, width: int, count: int, low: Rational, runs: int) -> Claim:
    """The lower end of a row's interval."""
    told = _told(size, width, count)
    return Claim(
        f"spurious-runs-{size}-{width}-at-least",
        Ge(_share(size, width, runs), low),
        source=told["source"],
        about=f"{told['said']}, so the probability is at least {float(low):g} {told['row']}.",
    )


def averages(size: int, width: int, curvature: int, objective: int) -> list[Claim]:
    """The two averages of a row as they are printed, in ten-thousandths; whether rounded or cut off is left open."""
    told, fine = _told(size, width, 0), TEN_THOUSANDTH if curvature < 100 else THOUSANDTH
    found = []
    for look, parts, printed, unit in ((Look.CURVATURE, 1, curvature, fine), (Look.OBJECTIVE, 2, objective, THOUSANDTH)):
        about = f"k = {size}, n = {width}: the average {look.value} over the spurious ends of 1000 runs, minima mixed {told['row']}."
        mean = run_average(width, size, look, 1000, parts * unit)
        name = f"spurious-average-{look.value}-{size}-{width}"
        found.append(Claim(name, Eq(mean / parts, printed * TEN_THOUSANDTH), source=told["source"], about=about))
    return found


FREQUENCIES = [
    at_most(6, 6, 3, Rational(139, 10000), 128),
    at_most(7, 7, 55, Rational(828, 10000), 64),
    at_most(8, 8, 126, Rational(1639, 10000), 128),
    at_most(8, 9, 1, Rational(100, 10000), 128),
    at_least(20, 20, 940, Rational(9113, 10000), 56),
]
