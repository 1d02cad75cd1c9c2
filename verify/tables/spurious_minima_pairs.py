"""Every pair (k, n = k + 1) of the theorem of Safran and Shamir (2018), a certified minimum each, by two roads and two minima.

    lemmata check verify/tables/spurious_minima_pairs.py --budget thorough

The symmetric minima are proved by interval Newton in seven unknowns, and again by strong convexity in all n k directions, for which
the thorough budget has room. The minima of runs have no symmetry that would be known beforehand: the run is made, and strong
convexity proves the minimum next to its end. Numbers of starts are the first ones found that end badly; for (8, 9) none did.
"""

from sympy import Gt

from lemmata.theory.found_minima import found_minimum
from lemmata.theory.spurious_minima import critical_point
from lemmata.verify.claim import Claim
from lemmata.verify.register.spurious_minima import THEOREM

PAIRS = (8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
"""k; the source leaves 9 out."""

STARTS = {10: 1332, 11: 13, 12: 187, 13: 18, 14: 31, 15: 11, 16: 12, 17: 11, 18: 0, 19: 1}
"""k, and the number of a start of k + 1 neurons whose run ends in a spurious minimum."""

SYMMETRIC = [
    Claim(
        f"spurious-pair-{k}-{k + 1}-{look}",
        Gt(getattr(critical_point(k, extra=1), look), 0),
        source=THEOREM,
        about=f"k = {k}, n = {k + 1}: the symmetric critical point, its {look} (row Y.28).",
    )
    for k in PAIRS
    for look in ("curvature", "objective")
]

OF_RUNS = [
    Claim(
        f"spurious-run-{k}-{k + 1}-{start}-{look}",
        Gt(getattr(found_minimum(k + 1, k, start), look), 0),
        source=THEOREM,
        about=f"k = {k}, n = {k + 1}: the strict local minimum that the run from start {start} finds, its {look} (row Y.28).",
    )
    for k, start in STARTS.items()
    for look in ("curvature", "objective")
]
