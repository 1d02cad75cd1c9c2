"""The errata of the founding sources: what a row prints, the claim that states it so and is refuted, and what is right instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lemmata.verify.catalogue import Entry
from lemmata.verify.rows.coverage import coverage


@dataclass(frozen=True, slots=True)
class Erratum:
    """A slip of a row, in a few words; the claims that state it as printed, and those that correct it."""

    row: str
    slip: str
    printed: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()


def _slip(row: str, slip: str, printed: str = "", corrected: str = "") -> Erratum:
    return Erratum(row, slip, tuple(printed.split()), tuple(corrected.split()))


ERRATA: tuple[Erratum, ...] = (
    _slip("D.0", "the link leads to another paper"),
    _slip("D.1", "weights of variance 1", "random-network-unit-weights-printed", "random-network-fan-in-weights"),
    _slip("D.2", "an equivalence", "approximable-means-small-norm-printed", "single-neuron-norm-diverges"),
    _slip("D.3", "an inclusion for every activation", "square-depth-inclusion", "relu-kernel-splits erf-layer-keeps-functions"),
    _slip("D.6", "at any width", "random-network-two-layers-any-width", "random-network-two-layers-wide"),
    _slip("D.9", "a bound without the kernel's diagonal", "width-bound-printed", "width-bound-corrected random-features-by-importance"),
    _slip("D.10", "every continuous function", "universality-with-depth-printed", "homogeneous-distance relu-two-layers-odd-harmonic"),
    _slip(
        "D.11",
        "a separation exponential in depth",
        "relu-depth-separation-printed",
        "relu-depth-separation-even relu-depth-separation-limit-2",
    ),
    _slip("D.12", "a listing that calls itself without end", "kernel-listing-returns", "kernel-listing-corrected-returns"),
    _slip("D.13", "the diagonal of the first layer in all layers", "relu-recursion-stale-diagonal", "relu-recursion-own-diagonal"),
    _slip("D.14", "the closed form of erf(z/sqrt(2)) for that of erf", "erf-kernel-printed", "erf-kernel erf-kernel-rescaled"),
    _slip("D.15", "a constant that swamps small norms", "relu-recursion-guarded", "relu-recursion-guarded-at-depth-40"),
    _slip("D.16", "better conditioned by depth", "deep-kernel-condition-number-printed", "deep-kernel-condition-number"),
    _slip("C.2", "an index that begins at the inputs' dimension"),
    _slip("C.5", "labels for residual labels", "random-start-learns-the-labels-printed", "random-start-learns-residual-labels"),
    _slip("C.9", "a sign", "kernel-gradient-flow-sign", "kernel-gradient-flow"),
    _slip("C.10", "an exponent", "kernel-flow-rate-printed", "kernel-flow-best-time-balances"),
    _slip("C.16", "m for m!", "noise-moments-printed", "noise-moments-factorial"),
    _slip("C.19", "a limit for an equality", "rate-at-smoothness-one-printed", "rate-at-smoothness-one"),
    _slip("Y.2", "a bound without the range of its predictions", "cross-entropy-is-positive-printed", "cross-entropy-is-positive"),
    _slip(
        "Y.4", "the old velocity for the new one", "heavy-ball-as-printed-is-polyak", "heavy-ball-recurrence heavy-ball-printed-recurrence"
    ),
    _slip("Y.6", "a gradient where there is a kink", "slope-at-a-kink-printed", "slope-at-a-kink"),
    _slip("Y.8", "W evaluations for W + 1", "forward-differences-cost-printed", "forward-differences-cost"),
    _slip("Y.20", "without a bound on the step", "positive-eigenvalue-converges-printed", "positive-eigenvalue-converges"),
    _slip(
        "Y.21", "steps up to 2/M for steps below 1/M", "saddles-evaded-printed", "short-steps-are-injective short-steps-leave-the-saddle"
    ),
    _slip("Y.22", "only kinks", "relu-minima-are-kinks", "relu-minimum-differentiable relu-minimum"),
    _slip("Y.25", "no spurious minima", "wide-shallow-no-spurious-minima-printed", "wide-shallow-dead-region wide-shallow-global-minimum"),
    _slip("Y.29", "the objective without its factor 1/2", "spurious-table-objective-without-half", "spurious-table-objective-7"),
    _slip("Y.30", "the objective without its factor 1/2"),
    _slip("Y.31", "a weight for the input", "mean-field-network-printed", "mean-field-network-of-two-neurons"),
    _slip("Y.34", "a delta at the minimum's neurons for one at those that move", "", "arc-keeps-the-measure"),
    _slip("Y.36", "an arc above the line", "relu-arc-above-the-line-printed", "relu-arc-is-a-multiple-of-the-line"),
    _slip("Y.38", "the loss without its factor 1/2", "linear-loss-without-half", "linear-loss-as-trace"),
    _slip("Y.42", "2 K factors for K", "near-identity-printed-proof", "near-identity-proof-with-halves"),
    _slip("Y.49", "stuck at any step", "linear-descent-stuck-printed", "linear-flow-stuck-two-layers"),
    _slip("Y.50", "no bound on the step", "linear-descent-converges-printed", "linear-descent-rate-above-every-depth"),
    _slip("Y.55", "the shape of a matrix"),
    _slip("Y.57", "the order of factors"),
    _slip("Y.58", "two hidden layers for two layers", "", "memorisation-one-hidden-layer"),
    _slip("Y.62", "the rank of matrices with their column of biases", "pyramidal-theorem-printed", "pyramidal-network"),
    _slip("Y.65", "normal whatever the biases", "rademacher-bias-as-gaussian", "rademacher-bias-fourth-moment"),
    _slip("Y.66", "the variance q^2 for q", "relu-length-map-variance-squared", "relu-length-map"),
    _slip("Y.69", "a positive fixed length in any case", "", "tanh-no-positive-fixed-length tanh-length-concave"),
    _slip("Y.70", "an index of q", "", "relu-covariance-map"),
    _slip("Y.73", "a stable c* below 1 in general", "tanh-stable-correlation-below-one-printed", "tanh-ordered"),
    _slip("Y.75", "sqrt(q s) for sqrt(q) s", "tanh-depth-scale-root-slip", "tanh-length-slope"),
    _slip("Y.76", "an index of q", "", "erf-pair-depth-scale"),
    _slip("Y.77", "a slope for a value", "backward-recursion-slope-for-value", "backward-recursion-tanh-layer-2"),
    _slip("Y.78", "an index of delta", "delta-squares-index-slip", "delta-squares-sum"),
    _slip("Y.79", "an assumption that is not needed", "", "relu-network-chi-1"),
    _slip(
        "S.7",
        "a path that stops above its end",
        "decreasing-path-end-printed",
        "decreasing-path-end-of-line decreasing-path-last-segment-depth-1",
    ),
    _slip("S.8", "losses that grow far away", "logistic-loss-large-far-away", "logistic-loss-capped-where-separated"),
    _slip("S.9", "deep networks without biases", "deep-without-biases-begins-above-printed", "deep-without-biases-begins-above"),
    _slip("S.11", "a strict inequality and a minimum for an infimum"),
    _slip("S.13", "one sign for each dimension, not for each point", "cells-by-dimension-printed", "cells-by-points"),
    _slip("S.14", "every local minimum on a cell", "local-minima-of-cells-are-global-printed", "cell-segment-is-convex cell-segment-lifts"),
    _slip("S.19", "the power rank for rank - 1", "", "cap-bound-order"),
    _slip("S.22", "no word on the centres", "clusters-without-independent-centres", "clusters-value-of-order-delta-squared"),
    _slip("S.24", "one hidden layer alone, where only the second part needs it"),
)
"""Row by row; where nothing is `printed` or `corrected` the row says why."""


def as_printed(name: str, about: str) -> bool:
    """Whether a claim that is known to be wrong is what a source prints, and not a form that someone might take for right.

    >>> as_printed("erf-kernel-printed", ""), as_printed("square-depth-inclusion", ""), as_printed("arc-keeps-the-mean", "Nor the mean.")
    (True, True, False)
    """
    return name in _PRINTED or "printed" in name or "printed" in about.lower()


_PRINTED = frozenset(name for erratum in ERRATA for name in erratum.printed)


def reason(row: str) -> str:
    """Why a row has no claim as printed, in its own words; empty where it has one.

    >>> reason("C.2").startswith("a condition and not a statement")
    True
    """
    return next((item.row.unclaimed or item.row.as_printed for item in coverage(()) if item.row.name == row), "")


def faults(entries: Iterable[Entry]) -> Iterator[str]:
    """What keeps the errata from being whole, one sentence each."""
    entries = tuple(entries)
    by_name = {entry.name: entry for entry in entries}
    listed = {erratum.row for erratum in ERRATA}
    for covered in coverage(entries):
        if covered.row.audit.misprinted and covered.row.name not in listed:
            yield f"{covered.row.name} is {covered.row.audit.value} and not among the errata"
    for erratum in ERRATA:
        for name in (*erratum.printed, *erratum.corrected):
            expected = "refuted" if name in erratum.printed else None
            if name not in by_name:
                yield f"the erratum of {erratum.row} names {name}, which does not exist: correct it"
            elif by_name[name].expect != expected:
                yield f"the erratum of {erratum.row} takes {name} for {'printed' if expected else 'right'}, and it expects otherwise"
        if not erratum.printed and not reason(erratum.row):
            yield f"the erratum of {erratum.row} has no claim as printed and its row says not why"
        if erratum.printed and not erratum.corrected:
            yield f"the erratum of {erratum.row} says what is wrong and not what is right"
    shown = {name for erratum in ERRATA for name in erratum.printed}
    for entry in entries:
        if entry.expect == "refuted" and entry.name.endswith("-printed") and entry.name not in shown | SAME_SLIP:
            yield f"{entry.name} is printed and wrong, and not among the errata"


SAME_SLIP = frozenset(
    [
        "positive-eigenvalue-off-a-parabola-printed",
        "fair-signs-begin-above-printed",
        "linear-flow-stuck-below-printed",
    ]
)
"""Printed forms that a row's erratum shows in another case already."""
