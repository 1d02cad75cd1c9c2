"""The lines below a table of evidence: one a kind, however many points and instruments there are."""

from __future__ import annotations

import pytest

from lemmata.reports.evidence_table import resolution, table_of
from lemmata.reports.latex import document
from lemmata.reports.notes import granted, notes_of
from lemmata.reports.prose import prose, shortened, spoken, value
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.record import Record

from . import samples


def control(instrument: str, because: str, outcome: Outcome = Outcome.CAUGHT, cost: dict[str, float] | None = None) -> Evidence:
    return Evidence(Road.CONTROL, instrument, outcome, Rigour.EXACT, because, cost=cost or {})


def refused(instrument: str, because: str, q: str) -> Evidence:
    return Evidence(Road.MEASURED, instrument, Outcome.REFUSED, Rigour.EXACT, because, {"q": q})


def test_refusals_at_many_points_are_one_line() -> None:
    items = [refused("Hermite series", f"it needs two normals at {q}", str(q)) for q in range(9)]
    items += [refused("Monte_Carlo", "no density", str(q)) for q in range(3)]
    assert notes_of(items) == (r"\textsl{Declined}: Hermite series (it needs two normals at 0); Monte Carlo (no density).",)


def test_the_domain_says_what_was_drawn() -> None:
    item = Evidence(Road.STATED, "domain", Outcome.AGREES, Rigour.EXACT, "6 points drawn, each satisfies the hypotheses")
    assert notes_of([item]) == (r"\textsl{Domain}: 6 points drawn, each satisfies the hypotheses.",)


def test_controls_are_all_together_then_each_instrument() -> None:
    notes = notes_of(
        [
            control("Monte Carlo", "Monte Carlo alone refutes 12 of 14 altered copies", cost={"altered": 14, "caught": 12, "small": 2}),
            control("balls", "balls alone refutes 14 of 14 altered copies", cost={"altered": 14.0, "caught": 14.0, "small": 0.0}),
            control("controls", "14 of 14 altered copies refuted"),
        ]
    )
    assert notes == (
        r"\textsl{Controls}: 14 of 14 altered copies refuted. "
        "Monte Carlo alone refutes 12 of 14 (2 differ by less than it can see); balls alone refutes 14 of 14.",
    )


def test_tightened_bounds_are_told_once_in_full() -> None:
    seen = "largest lhs/rhs seen: {0}; a bound tightened by {1} past it is refuted"
    (note,) = notes_of(
        [control("Monte Carlo", f"Monte Carlo: {seen.format(0.66, 0.017)}"), control("controls", seen.format(0.999, 0.0078))]
    )
    assert note == (
        r"\textsl{Controls}: largest ratio of the sides seen: 0.999; a bound tightened by 0.0078 past it is refuted. "
        "Monte Carlo alone: 0.66, tightened by 0.017."
    )


def test_survivors_are_named_without_their_formulas() -> None:
    kinds = ["scaled by 1 + 1/128", "scaled by 1 - 1/128", "pi scaled by 1 + 1/128", "moved by 1/128", "the sign of q"]
    items = [
        control("controls", f"would have passed: {kind}: 129*iterate(x -> sigma_b**2 (below the resolution)", Outcome.AGREES)
        for kind in kinds
    ]
    (note,) = notes_of(items)
    assert "and 2 more (below the resolution)" in note
    assert "$1 + 1/128$" in note
    assert "iterate" not in note
    (blind,) = notes_of([control("controls", "would have passed: a sign: -q", Outcome.AGREES)])
    assert "below the resolution" not in blind


def test_a_bound_declared_at_many_points_is_one_sentence() -> None:
    bounds = [f"the second moment of relu_pair({k}, 2/7) is at most {k * 9} (declared)" for k in range(1, 7)]
    assert granted([*bounds, "growth at infinity"]) == (
        "the second moment of relu-pair is at most 9 to 54 at the 6 points (declared)",
        "growth at infinity",
    )
    assert granted(bounds[:1]) == tuple(bounds[:1])


def test_generated_code_that_agrees_is_a_line_and_what_disagrees_is_a_row() -> None:
    agrees = [
        Evidence(Road.COMPILED, f"{name} code", Outcome.AGREES, Rigour.FLOATING, "", {"q": str(q)}, "1", "1", q / 1e15)
        for name in ("NumPy", "Torch")
        for q in range(1, 4)
    ]
    table = table_of(agrees)
    assert table.rows == ()
    assert table.notes == (r"\textsl{Generated code}: NumPy and Torch agree at 3 points (an error of $3 \cdot 10^{-15}$ would show).",)
    wrong = Evidence(Road.COMPILED, "Torch code", Outcome.DISAGREES, Rigour.FLOATING, "", {"q": "1"}, "1", "2", 1e-15)
    assert [row.rhs for row in table_of([*agrees, wrong]).rows if not row.span] == ["$2$"]


@pytest.mark.parametrize(("error", "shown"), [(1.01e-16, r"$1.1 \cdot 10^{-16}$"), (0.0501, "$0.051$"), (0.0, "$0$")])
def test_a_resolution_is_never_rounded_down(error: float, shown: str) -> None:
    assert resolution(error) == shown


def test_figures_beyond_the_range_of_floats() -> None:
    assert value("[1.32442389360e-204288 +/- 1.70e-204300]") == r"$1.32442389 \cdot 10^{-204288} \allowbreak \pm 1.70 \cdot 10^{-204300}$"
    assert value("0e-20") == "$0$"
    assert value("0.875 ± 1.5e-18") == r"$0.875 \allowbreak \pm 1.5 \cdot 10^{-18}$"
    assert value("123456789012") == "$123456789012$"


def test_a_large_matrix_in_a_reason_is_its_size() -> None:
    matrix = str([[k] for k in range(60)])
    assert prose(shortened(f"largest, 0.99, at alpha = 1/5, w_0 = {matrix}, n = 2")) == (
        r"largest, 0.99, at $\alpha = 1/5$, $w_0$ some 60 $\times$ 1 matrix, $n = 2$"
    )
    assert "a matrix" in shortened(f"the side is {matrix[:80]}...")
    assert spoken("rhs - lhs is smallest") == "the right side less the left side is smallest"
    assert shortened("at Sigma = [[2, 1], [1, 3]]") == "at Sigma = [[2, 1], [1, 3]]"


def test_a_supported_claim_says_what_would_have_been_caught() -> None:
    cost = {"samples": 2.0**20, "samples for a tenth": 2.0**20 * 100, "seconds": 0.5}
    item = Evidence(Road.MEASURED, "Monte Carlo", Outcome.AGREES, Rigour.STATISTICAL, "", {"q": "1"}, "1", "1", 0.04, cost)
    tex = document([Record("a", Verdict.SUPPORTED, "agreement at 1 point", statement="x = 1", evidence=(item,), resolution=0.04)])
    assert r"An error of 4\% or more would have been caught with 99\% probability; a tenth of it takes" in tex
    assert r"\textsl{Monte Carlo} agrees (statistical); $10^{6}$ samples, 0.50 s" in tex
    assert "would have been caught" not in document([samples.misprint()]).partition("How to read")[0]


def test_a_reason_is_said_once() -> None:
    item = Evidence(Road.STATED, "domain", Outcome.VACUOUS, Rigour.EXACT, "no admissible point")
    tex = document([Record("a", Verdict.INCONCLUSIVE, "no admissible point", statement="x = 1", evidence=(item,))])
    assert tex.lower().count("no admissible point") == 1


def test_what_should_fail_without_a_source_is_no_misprint() -> None:
    tex = document([Record("a", Verdict.REFUTED, "the sides differ", expect="refuted", statement="x = 1")])
    assert "misprint" not in tex
    assert "(as expected)" in tex
    assert "1 statement is expected to fail; 1 of 1 did." in tex


def test_braces_of_a_set_are_printed_wherever_the_formula_begins() -> None:
    """A brace in prose and its partner in a formula were one group too few for LaTeX: the whole document failed."""
    assert prose("max{L(0), L_1} and {x_1, x_2}") == r"max\{L(0), $L_1\}$ and $\{x_1$, $x_2\}$"
    assert prose("w^{2} and q_{12}") == "$w^{2}$ and $q_{12}$"
