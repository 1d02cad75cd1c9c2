"""Results that are sharper than, or not in, the sources they stand beside: each with the claims that prove it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lemmata.verify.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Result:
    """A result in a sentence, the rows that it sharpens, and its claims in the order of the argument."""

    title: str
    sentence: str
    rows: tuple[str, ...]
    claims: tuple[str, ...]


SHARPER: tuple[Result, ...] = (
    Result(
        "Gradient descent at its worst, exactly",
        "Over all functions with an M-Lipschitz gradient the least squared gradient among those of N steps is known exactly, by a dual "
        "certificate and by functions that attain it; a third less than the bound that is taught, and best at the step 2/(sqrt(3) M).",
        ("Y.10", "Y.12", "Y.13"),
        (
            "worst-case-unit-step",
            "worst-case-steps-up-to-root-three",
            "worst-case-printed-over-exact-limit",
            "worst-case-optimal-step",
            "worst-case-no-step-is-better",
        ),
    ),
    Result(
        "The missing step size of descent from the identity",
        "With alpha <= 1/(K max(1, r^(2 - 2/K))) a deep linear network of K layers converges from the identity, and from one side; twice "
        "that step repels near the solution, and with an odd number of layers a long step escapes where flow is stuck.",
        ("Y.49", "Y.50"),
        (
            "linear-descent-step-every-depth",
            "linear-descent-factor-every-depth",
            "linear-descent-no-overshoot-every-depth",
            "linear-descent-towards-every-depth",
            "linear-descent-rate-below-every-depth",
            "linear-descent-rate-above-every-depth",
            "linear-descent-unstable-every-depth",
            "linear-descent-escapes",
        ),
    ),
    Result(
        "A strict saddle that catches half of the starts",
        "For every step s/M with 1 < s < 2 there is a loss with an M-Lipschitz gradient whose strict saddle attracts every start with "
        "|y| > 1: that saddles are evaded from almost every start needs alpha < 1/M.",
        ("Y.21",),
        ("kinked-trap-lipschitz-above", "kinked-trap-lipschitz-below", "kinked-trap-slope", "kinked-trap-converges", "kinked-trap-share"),
    ),
    Result(
        "Spurious minima exist from k = 6 on, and why not below",
        "The five-parameter family of critical points fixed by permutations of k - 1 neurons: interval Newton proves one, and balls "
        "enclose all k^2 eigenvalues of its Hessian, which are positive from k = 6 on and not for k = 3, 4, 5.",
        ("Y.28",),
        ("spurious-minimum-is-strict", "spurious-minimum-is-spurious", "spurious-minimum-not-below-6"),
    ),
    Result(
        "A spurious minimum of the l1 loss in two lines",
        "Two layers, three weights and the absolute loss: a local minimum of value 1 beside the global one of value 0, by elementary "
        "inequalities on the two signs of a product.",
        ("Y.54",),
        ("l1-local-minimum-same-signs", "l1-local-minimum-opposite-signs", "l1-local-minimum-beyond", "l1-global-minimum"),
    ),
    Result(
        "The rank condition of pyramidal networks, without the biases",
        "Two points, one neuron a layer: the extended matrices have full rank, the gradient is exactly 0 and the loss 1/2. With the rank "
        "of the weights alone the theorem holds, by one identity.",
        ("Y.62",),
        ("pyramidal-counterexample", "pyramidal-network", "pyramidal-counterexample-repaired"),
    ),
    Result(
        "A flat local minimum on a cell, and the lemma corrected",
        "Where an output weight is 0 and its neuron is not, a local minimum on a cell need not be global. Where v_j is not 0, or w_j is 0 "
        "too, the segment to a better point lifts to weights nearby, and it is.",
        ("S.14",),
        (
            "flat-minimum-difference",
            "flat-minimum-is-local",
            "flat-minimum-is-not-global",
            "cell-segment-is-convex",
            "cell-segment-lifts",
            "cell-segment-lifts-from-zero",
        ),
    ),
    Result(
        "Exact laws of good starts, at every width",
        "On one axis a random start lies in an optimal basin with the probability 1 - 2 (3/4)^n + 2^-n exactly, and orthogonal points "
        "have laws of the same kind; the rate 3/4 and the factors 2 d and m of theorems 2 and 4 are sharp.",
        ("S.15", "S.20"),
        (
            "singletons-one-axis",
            "singletons-bound-one-axis",
            "singletons-bound-sharp",
            "orthogonal-points-three",
            "orthogonal-points-bound-sharp",
        ),
    ),
    Result(
        "Smaller constants for wide networks and for clusters",
        "A width of ln(n/delta)/p suffices in theorem 3, where c n/p is printed; in theorem 5 a symmetry gives k (13/16)^n in place of "
        "d (7/8)^n.",
        ("S.18", "S.22"),
        ("logarithm-below-its-tangent", "width-that-suffices", "good-neuron-chance", "clusters-sharper-bound"),
    ),
    Result(
        "Deeper kernels contain shallower ones, with the constant two",
        "For the ReLU one layer more keeps every function with at most twice its norm, on any domain, because the kernel splits into a "
        "quarter of the one before and another kernel; for another activation so does it where E z sigma(z) is not 0. Approximation at "
        "width m has the error (R^2 E K(x, x) - E g^2)/m.",
        ("D.3", "D.9"),
        (
            "relu-kernel-splits",
            "erf-layer-keeps-functions",
            "step-layer-keeps-functions",
            "cubic-layer-keeps-functions",
            "cubic-layer-loses-linear-functions",
            "random-features-by-importance",
            "width-bound-corrected",
        ),
    ),
    Result(
        "No separation by depth in these norms",
        "In every dimension eigenvalues of even harmonics compare at most like the coefficients of the two kernels, whose ratio is "
        "bounded: it tends to 5/4 for two layers against one and to 1.651 for three, where factors d^2 and d^3 are printed.",
        ("D.11",),
        (
            "zonal-weights-are-positive",
            "relu-two-layers-coefficient-0",
            "relu-two-layers-coefficient-2",
            "relu-two-layers-coefficient-4",
            "relu-depth-separation-limit-2",
            "relu-depth-separation-limit-3",
            "relu-depth-separation-even",
            "relu-depth-separation-degree-4",
        ),
    ),
)
"""What the register holds beyond its sources, in the order in which the report shows it."""


def faults(entries: Iterable[Entry]) -> Iterator[str]:
    """Claims of these results that do not exist, are known to be wrong, or speak for another row."""
    by_name = {entry.name: entry for entry in entries}
    for result in SHARPER:
        for name in result.claims:
            if name not in by_name:
                yield f"{result.title!r} names {name}, which does not exist: correct it"
            elif by_name[name].expect is not None:
                yield f"{result.title!r} names {name}, which is known to be wrong"
