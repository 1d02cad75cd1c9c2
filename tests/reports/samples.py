"""Records made by hand, with everything a report has to cope with: long formulas, odd names, matrices, missing parts."""

from __future__ import annotations

from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.record import Record, StepRecord

ENVIRONMENT = {
    "seed": 7,
    "budget": "quick",
    "alpha": 1e-6,
    "device": "cpu",
    "python": "3.11.9",
    "versions": {"lemmata": "0.1.0", "sympy": "1.14.0", "python-flint": "0.9.0"},
}

KERNEL = r"\mathbb{E}[\max(0, \sqrt{q_1} s_1) \max(0, \sqrt{q_2} (c s_1 + \sqrt{1 - c^{2}} s_2))]"
CLOSED = r"\frac{\sqrt{q_1 q_2}}{2 \pi} (c (\pi - \arccos(c)) + \sqrt{1 - c^{2}})"
LONG = " + ".join(rf"\frac{{\sqrt{{q_1 q_2}}}}{{{k} \pi}} (c (\pi - \arccos(c)) + \sqrt{{1 - c^{{2}}}})" for k in range(2, 12))
WIDE_ATOM = r"\mathrm{" + "x" * 120 + "}"


def found(
    instrument: str,
    outcome: Outcome,
    rigour: Rigour,
    at: dict[str, str],
    sides: tuple[str, str] = ("[0.123456789012345678 +/- 3.1e-17]", "0.12345678901234567890"),
    resolution: float | None = 3e-16,
) -> Evidence:
    return Evidence(Road.MEASURED, instrument, outcome, rigour, "", at, *sides, resolution, {"seconds": 0.0132})


def proved() -> Record:
    points = [{"q1": "3/2", "q2": f"{k}/7", "c": "-sqrt(3)/2"} for k in range(1, 7)]
    return Record(
        "relu-kernel",
        Verdict.PROVED,
        "derived in 3 steps",
        statement=f"{KERNEL} = {CLOSED}",
        lhs=KERNEL,
        rhs=CLOSED,
        given=("q_1, q_2 > 0", "c \\in [-1, 1]", r"s_1, s_2 \sim \mathcal{N}(0, 1) \text{ independent}"),
        about="The expected product of two ReLU features at any q_1, q_2 > 0 (row Y.70).",
        source_key="cho-saul-2009",
        source_locus="eq. (6)",
        file="/somewhere/register/relu.py",
        derivation=(
            StepRecord("price", "=", KERNEL, LONG, "Price's theorem, anchored at $-1$", ("growth at infinity",), "Price (1958)"),
            StepRecord("rearrange", "<=", LONG, CLOSED, "terms are gathered & simplified by 100%"),
        ),
        assumes=("growth at infinity",),
        evidence=(
            Evidence(Road.DERIVED, "derivation", Outcome.PROVES, Rigour.EXACT, "derived in 3 steps"),
            *(found("gaussian_quadrature", Outcome.AGREES, Rigour.RIGOROUS, at) for at in points),
            *(found("monte_carlo", Outcome.AGREES, Rigour.STATISTICAL, at, ("[0.1234 +/- 0.0012]", "0.1235"), 3e-3) for at in points),
            Evidence(Road.CONTROL, "controls", Outcome.CAUGHT, Rigour.EXACT, "7 of 7 altered copies refuted"),
        ),
        resolution=3e-3,
        environment=ENVIRONMENT,
        seconds=2.5,
    )


def misprint() -> Record:
    at = {"sigma_w": "1", "q_star": "2", "Sigma": "[[2, 1/2], [1/2, 1]]", "w_0": str([[f"{k}/128"] for k in range(64)]).replace("'", "")}
    return Record(
        "erf-kernel_printed",
        Verdict.REFUTED,
        "the sides differ at sigma_w = 1",
        expect="refuted",
        statement=r"\operatorname{erf}(q^{*}) = \frac{2}{\pi} \arcsin(q^{*})",
        source_key="Williams (1997), eq. (11)",
        file="/somewhere/register/erf.py",
        uses=("relu-kernel", "unknown-lemma"),
        evidence=(found("ball_quadrature", Outcome.DISAGREES, Rigour.RIGOROUS, at, ("[0.2163 +/- 3e-17]", "[0.1609 +/- 2e-18]")),),
        counterexample={"at": at, "lhs": "[0.216346895939 +/- 3e-17]", "rhs": "[0.160861246510 +/- 2e-18]", "rigour": "rigorous"},
        environment=ENVIRONMENT,
        seconds=0.5,
    )


def unfinished() -> Record:
    return Record(
        "my_claim%50",
        Verdict.INCONCLUSIVE,
        r"every instrument declined: {a_b} & c_d # 100% ~ ^ \ <x> | \"quoted\"",
        statement=f"a {'+ b_{1}' * 60} \\le \\frac{{{' + '.join(['x y'] * 40)}}}{{2}} + {WIDE_ATOM}",
        about="Underscores in relu_kernel_value & 50% of #1, {braces} and ~tildes^ survive; Σ ≤ 1 too.",
        source_key="A blog post #3 (https://example.org/a_b)",
        file="/somewhere/else/my_file%.py",
        evidence=(Evidence(Road.MEASURED, "monte_carlo", Outcome.REFUSED, Rigour.EXACT, "it needs a law_with_moments"),),
        conflict="the derivation proves what the balls refute",
        environment=ENVIRONMENT,
    )


def certified() -> Record:
    return Record(
        "a-number",
        Verdict.CERTIFIED,
        "an enclosure of width 3e-17 decides",
        statement="\\pi > 3",
        file="/somewhere/register/relu.py",
        evidence=(Evidence(Road.SEARCHED, "enclosure", Outcome.CERTIFIES, Rigour.RIGOROUS, "", {}, "3.14159265358979323846", "3", 1e-17),),
        environment=ENVIRONMENT,
        seconds=0.1,
    )


def all_records() -> list[Record]:
    return [proved(), misprint(), unfinished(), certified()]


def speaking(name: str, about: str, verdict: Verdict = Verdict.PROVED, *, expect: str | None = None, uses: tuple[str, ...] = ()) -> Record:
    """A short record that speaks for a row, under the name that a claim of the register has."""
    return Record(
        name,
        verdict,
        "derived in 1 step",
        expect=expect,
        statement=f"{KERNEL} = {CLOSED}",
        given=("c \\in [-1, 1]",),
        about=about,
        source_key="williams-1997",
        source_locus="eq. (11)",
        file="/somewhere/else/relu.py",
        uses=uses,
        derivation=() if expect else (StepRecord("price", "=", KERNEL, CLOSED, "Price's theorem", (), "Price (1958)"),),
        counterexample={"at": {"c": "1/2"}, "lhs": "0.2163", "rhs": "0.1609", "rigour": "rigorous"} if expect else None,
        environment=ENVIRONMENT,
    )


def of_four_sources() -> list[Record]:
    """Records on rows of all four sources, so that a report has all of its chapters."""
    return [
        speaking("erf-kernel-printed", "As printed (row D.14).", Verdict.REFUTED, expect="refuted"),
        speaking("erf-kernel", "Corrected (row D.14)."),
        speaking("relu-kernel-splits", "A split (row D.3).", Verdict.SUPPORTED, uses=("erf-kernel",)),
        speaking("kernel-gradient-flow", "The flow (row C.9).", Verdict.CERTIFIED),
        speaking("descent-bound", "A bound (row Y.10).", uses=("descent-lemma",)),
        speaking("descent-lemma", "A lemma (row Y.11)."),
        speaking("arc-keeps-the-mean", "Nor is the mean kept (row Y.35).", Verdict.REFUTED, expect="refuted"),
        speaking("flat-minimum", "A minimum (row S.14).", Verdict.INCONCLUSIVE),
    ]


FIGURE_DATA = {
    "path-variance": {
        "t": [0.0, 0.5, 1.0],
        "at": [0.0, 0.5, 1.0],
        "samples": 100,
        "alpha": 0.01,
        "line": {"curve": [1.0, 0.5, 1.0], "mean": [1.0, 0.51, 0.99], "radius": [0.1, 0.1, 0.1]},
        "arc": {"curve": [1.0, 1.0, 1.0], "mean": [1.0, 1.01, 0.99], "radius": [0.1, 0.1, 0.1]},
    },
    "correlation-map": {
        "c": [-1.0, 0.0, 1.0],
        "curve": [0.0, 0.318, 1.0],
        "at": [0.0],
        "mean": [0.32],
        "radius": [0.01],
        "samples": 100,
        "alpha": 0.01,
    },
    "descent-bound": {"times": [1, 2], "constant": 3.0, "least": [[1.0, 0.5], [2.0, 0.5]], "loss": [1.0, 2.0]},
    "phase-diagram": {
        "tanh": {"weight": [1.0, 2.0], "bias": [0.0, 0.1], "radius": 1e-9},
        "erf": {"weight": [0.8, 2.0], "bias": [0.0, 0.3]},
        "relu": {"weight": 2.0, "bias": 0.0},
        "sides": [{"weight": 1.0, "bias": 1.5, "chi": [0.3, 0.4]}, {"weight": 3.5, "bias": 0.5, "chi": [1.1, 1.2]}],
    },
    "linear-basins": {"depths": {"2": ["scd", "rss", "sss"], "3": ["sss", "ccc", "ddd"]}, "cells": 3, "steps": 10},
    "depth-scales": {
        "bias": 0.05,
        "critical": 1.75,
        "curve": {"weight": [0.5, 1.5, 2.0, 4.0], "length": [1.0, 1.5, 1.4, 0.9], "correlation": [1.2, 15.0, 25.0, 7.0]},
        "radius": 1e-6,
        "seen": {"weight": [1.5], "length": [1.5], "correlation": [15.0]},
    },
}
