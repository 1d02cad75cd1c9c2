"""Controls: what is altered, that real evidence catches it, and that a blind check is called blind."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO

import pytest
import sympy as sp
from flint import arb
from rich.console import Console
from sympy import Eq, Ge, Le, Lt, Rational, Symbol, acos, cos, exp, pi, sin, sqrt
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.measurement import Approx, Ball, Estimate
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.controls import alterations, control_evidence, kill_rates, kill_table
from lemmata.verify.controls.altered import MOST, counted_alterations
from lemmata.verify.controls.evidence import stated_sides
from lemmata.verify.controls.table import is_survivor
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.measure import Measured
from lemmata.verify.record import Record
from lemmata.verify.verdict import decide

c = Symbol("c", real=True)
q1, q2 = sp.symbols("q1 q2", positive=True)
s = Normal("s", 0, 1)
AGREES = Evidence(Road.MEASURED, "given", Outcome.AGREES, Rigour.STATISTICAL)


def test_every_kind_of_slip_is_among_the_alterations() -> None:
    side = q1 * cos(c) + sqrt(q2) * acos(c) / (2 * pi) + sp.Max(0, c) ** 2 * exp(-c)
    done = {control.altered for control in alterations(side, most=1000)}
    copies = {
        "scaled": side * Rational(129, 128),
        "negated": -side,
        "pi scaled": side.subs(pi, pi * Rational(127, 128)),
        "a root's exponent scaled": side.subs(sqrt(q2), q2 ** Rational(129, 256)),
        "a sign": side - 2 * q1 * cos(c),
        "a sign in a function": side.subs(exp(-c), exp(c)),
        "cos": side.subs(cos(c), sin(c)),
        "acos": side.subs(acos(c), sp.asin(c)),
        "Max": side.subs(sp.Max(0, c), sp.Min(0, c)),
        "a term dropped": side - q1 * cos(c),
        "a factor dropped": side - q1 * cos(c) + q1,
        "symbols swapped": side.subs({q1: q2, q2: q1}, simultaneous=True),
        "an exponent one more": side.subs(sp.Max(0, c) ** 2, sp.Max(0, c) ** 3),
        "an exponent one less": side.subs(sp.Max(0, c) ** 2, sp.Max(0, c)),
        "a square": side.subs(q1, q1**2),
    }
    assert not {what for what, copy in copies.items() if copy not in done}


def test_a_slip_is_made_at_one_place_at_a_time() -> None:
    """x**2/2 + y/2 has two halves: misprinting one of them is a slip, and so is misprinting the other."""
    side = c**2 / 2 + q1 / 2
    done = {control.altered for control in alterations(side)}
    assert {Rational(129, 256) * c**2 + q1 / 2, c**2 / 2 + Rational(129, 256) * q1} <= done


def test_kinds_take_turns_and_the_cap_says_what_it_left() -> None:
    side = sum(sp.Symbol(f"x{k}", real=True) ** k * sin(k * c) for k in range(2, 30))
    controls, left_out = counted_alterations(side)
    assert len(controls) == MOST and left_out > 100
    assert {"cos for sin"} < {control.what for control in controls} and any("one less" in control.what for control in controls)


def test_matrix_slips_fit_and_touch_factors() -> None:
    m, n = sp.symbols("m n", integer=True, positive=True)
    A, B, S = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", m, n), sp.MatrixSymbol("S", n, n)
    side = (2 * A - B) * S
    controls = alterations(side)
    done = {control.altered for control in controls}
    assert {2 * side, -side, (2 * A - B) * S.T, (2 * A + B) * S, (A - B) * S, (2 * B - A) * S} <= done
    assert all(control.altered.shape == (m, n) for control in controls)
    assert any(control.entry == (0, 0) for control in controls)


@pytest.mark.parametrize("side", [sin(c), q1 * q2, Rational(1, 3), sp.Integer(0), (1 + c) ** 2, sp.MatrixSymbol("W", 2, 3)])
def test_no_alteration_is_the_original(side: sp.Expr) -> None:
    assert all(control.altered != side or control.entry for control in alterations(side))
    assert alterations(side)


def test_what_is_measured_is_never_altered() -> None:
    node = Expectation(sin(s))
    assert all(control.altered.has(node) or control.what == f"the term {node} dropped" for control in alterations(node + cos(c)))


def _measured(claim: Claim, value: Ball | Approx | Estimate) -> Measured:
    budget = BUDGETS[BudgetName.QUICK]
    measured = Measured(claim, [{}], budget, Stream(0))
    measured.values = [{node: {"given": value} for node in (claim.lhs,)}]
    return measured


def _summary(found: list[Evidence]) -> Evidence:
    """What all instruments together say; the findings after it name the survivors, those before it the instruments."""
    return next(item for item in found if item.instrument == "controls" and item.outcome in (Outcome.CAUGHT, Outcome.BLIND))


def test_a_sharp_measurement_catches_them_all() -> None:
    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    alone, overall = control_evidence(claim, _measured(claim, Ball(arb(0.5))))
    assert (alone.instrument, alone.outcome, overall.outcome) == ("given", Outcome.CAUGHT, Outcome.CAUGHT)
    assert alone.cost["caught"] == alone.cost["altered"] > 5


def test_a_measurement_too_coarse_to_see_anything_is_blind() -> None:
    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    coarse = Estimate(mean=0.5, stderr=1.0, n=10, radius=10.0, alpha=1e-10)
    found = list(control_evidence(claim, _measured(claim, coarse)))
    overall = _summary(found)
    assert overall.outcome is Outcome.BLIND and overall.cost["caught"] == 0
    survivors = [item for item in found if is_survivor(item)]
    assert len(survivors) == overall.cost["altered"] == overall.cost["small"]
    assert decide([AGREES, *found]).verdict is Verdict.INCONCLUSIVE


def test_a_copy_that_one_instrument_misses_and_another_catches_blinds_nobody() -> None:
    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    measured = _measured(claim, Ball(arb(0.5)))
    measured.values[0][claim.lhs]["coarse"] = Estimate(mean=0.5, stderr=1.0, n=10, radius=10.0, alpha=1e-10)
    found = list(control_evidence(claim, measured))
    assert {item.instrument: item.outcome for item in found} == {
        "given": Outcome.CAUGHT,
        "coarse": Outcome.AGREES,
        "controls": Outcome.CAUGHT,
    }
    assert decide([AGREES, *found]).verdict is Verdict.SUPPORTED


def test_a_survivor_beyond_the_resolution_makes_the_check_blind() -> None:
    """1.008 is inside the interval around 1.004, and further from 1 than the power of the interval allows."""
    claim = Claim("one", Eq(Expectation(s**2), Rational(1, 1)))
    lucky = Estimate(mean=1.004, stderr=0.0001, n=10, radius=0.0045, alpha=1e-10)
    overall = _summary(list(control_evidence(claim, _measured(claim, lucky))))
    assert overall.outcome is Outcome.BLIND and "scaled by 1 + 1/128" in overall.because
    proof = Evidence(Road.DERIVED, "derivation", Outcome.PROVES, Rigour.EXACT)
    assert decide([AGREES, overall]).verdict is Verdict.INCONCLUSIVE
    assert decide([AGREES, overall, proof]).verdict is Verdict.PROVED


def test_copies_that_are_proved_equal_are_dropped() -> None:
    claim = Claim("even", Eq(Expectation(s**2) * (q1 - q2) ** 2, (q1 - q2) ** 2))
    measured = Measured(claim, [{q1: Rational(1, 3), q2: Rational(2)}], BUDGETS[BudgetName.QUICK], Stream(0))
    measured.values = [{node: {"given": Ball(arb(1))} for node in quantities(claim.lhs)}]
    overall = _summary(list(control_evidence(claim, measured)))
    assert overall.outcome is Outcome.CAUGHT and overall.cost["equal"] == 1  # the symbols swapped
    assert overall.cost["caught"] == overall.cost["altered"]


def test_what_both_sides_measure_cancels_in_a_copy() -> None:
    """E + 1/128 for E: the same wide interval on both sides, and certainly not the same value."""
    mean, square = Expectation(s), Expectation(s**2)
    claim = Claim("both", Eq(square, mean + 1))
    measured = Measured(claim, [{}], BUDGETS[BudgetName.QUICK], Stream(0))
    wide = Estimate(mean=0.0, stderr=0.01, n=10, radius=0.1, alpha=1e-10)
    measured.values = [{mean: {"draws": wide}, square: {"balls": Ball(arb(1))}}]
    found = list(control_evidence(claim, measured))
    assert _summary(found).outcome is Outcome.CAUGHT
    assert any("moved by 1/128" in item.because and "below the resolution" in item.because for item in found)


def test_an_entry_of_a_matrix_is_seen_to_move() -> None:
    A = sp.MatrixSymbol("A", 2, 2)
    claim = Claim("matrix", Eq(A.T.T + A, 2 * A, evaluate=False))
    measured = Measured(claim, [{A: sp.ImmutableMatrix([[1, 2], [3, 4]])}], BUDGETS[BudgetName.QUICK], Stream(0), values=[{}])
    overall = _summary(list(control_evidence(claim, measured)))
    assert overall.outcome is Outcome.CAUGHT and overall.cost["caught"] == overall.cost["altered"]


def test_a_bound_is_tightened_past_what_was_measured() -> None:
    claim = Claim("bounded", Le(Expectation(s**2), 1))
    alone, overall = control_evidence(claim, _measured(claim, Ball(arb(0.5))))
    assert alone.outcome is overall.outcome is Outcome.CAUGHT and "0.5" in overall.because
    alone, overall, survivor = control_evidence(claim, _measured(claim, Estimate(0.5, 1.0, 10, 10.0, 1e-10)))
    assert (alone.outcome, overall.outcome) == (Outcome.AGREES, Outcome.BLIND)
    assert is_survivor(survivor) and not is_survivor(alone) and not is_survivor(overall)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        (Ge(Expectation(s**2), 0), 0.25),
        (Le(Expectation(s**2), 0), -0.25),
        (Ge(Expectation(s**2), -1), 0.25),
        (Le(Expectation(s**2), -1), -1.5),
        (Lt(Expectation(s**2), 1), 1 - 2.0**-30),
    ],
    ids=str,
)
def test_bounds_of_either_sign_are_tightened_the_right_way(statement: sp.Rel, value: float) -> None:
    claim = Claim("bounded", statement)
    alone, overall = control_evidence(claim, _measured(claim, Ball(arb(value))))
    assert alone.outcome is overall.outcome is Outcome.CAUGHT


@dataclass(frozen=True)
class Found:
    """Where a search found a bound tightest."""

    at: dict[sp.Symbol, sp.Expr]
    ratio: float
    gap: float


def test_the_tightest_place_of_a_search_is_used() -> None:
    claim = Claim("hill", Le(c * (1 - c), Rational(1, 4)), given=[Ge(c, 0), Le(c, 1)])
    measured = Measured(claim, [{c: Rational(1, 8)}], BUDGETS[BudgetName.QUICK], Stream(0), values=[{}])
    alone, overall = control_evidence(claim, measured, Found({c: Rational(1, 2)}, 1.0, 0.0))
    assert "0.4375" in alone.because and "seen: 1;" in overall.because
    assert overall.outcome is Outcome.CAUGHT


def test_a_slip_that_leaves_the_reals_is_no_control() -> None:
    x = Symbol("x", positive=True)
    claim = Claim("root", Eq(sqrt(x + 4), sqrt(x + 4) + 0, evaluate=False))
    measured = Measured(claim, [{x: Rational(1, 2)}], BUDGETS[BudgetName.QUICK], Stream(0), values=[{}])
    overall = _summary(list(control_evidence(claim, measured)))
    assert overall.outcome is Outcome.CAUGHT and overall.cost["caught"] == overall.cost["altered"]


def test_the_kill_rate_of_a_run_counts_copies_and_names_claims() -> None:
    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    measured = _measured(claim, Ball(arb(0.5)))
    measured.values[0][claim.lhs]["coarse"] = Estimate(mean=0.5, stderr=1.0, n=10, radius=10.0, alpha=1e-10)
    evidence = tuple(control_evidence(claim, measured))
    records = [Record(name, Verdict.SUPPORTED, "", evidence=evidence) for name in ("first", "second")]
    coarse, given, overall = kill_rates(records)
    assert (coarse.instrument, coarse.caught, coarse.survived) == ("coarse", 0, ("first", "second"))
    assert (given.instrument, given.claims, given.rate, given.survived) == ("given", 2, 1.0, ())
    assert overall.instrument == "controls" and overall.altered == given.altered
    out = Console(width=120, record=True, file=StringIO())
    out.print(kill_table(records))
    text = out.export_text()
    assert "all together" in text and "100.0%" in text and "first, second" in text


@pytest.mark.parametrize(
    ("statement", "sides"),
    [
        (Eq(Expectation(s**2), 1), [1]),
        (Eq(1 + c, Expectation(s**2)), [1 + c]),
        (Eq(sin(c) ** 2, 1 - cos(c) ** 2), [1 - cos(c) ** 2, sin(c) ** 2]),
        (Eq(Expectation(s**2) - 1, 0), [0, Expectation(s**2) - 1]),
        (Eq(Expectation(s) + Expectation(s**3), 0), [0]),
        (Eq(Expectation(s**2), Expectation(s**4)), [Expectation(s**4)]),
    ],
    ids=str,
)
def test_what_is_stated_is_altered(statement: sp.Eq, sides: list[sp.Expr]) -> None:
    assert [side for side, _, _ in stated_sides(Claim("sides", statement))] == sides


def test_a_slip_without_a_value_wherever_it_would_differ_is_no_control() -> None:
    """sqrt(c**2 - 1) for sqrt(1 - c**2): equal at c = 1, not real elsewhere."""
    claim = Claim("circle", Eq(Expectation(s**2) * sqrt(1 - c**2), sqrt(1 - c**2)))
    measured = Measured(claim, [{c: Rational(k, 2)} for k in (1, 2)], BUDGETS[BudgetName.QUICK], Stream(0))
    measured.values = [{node: {"given": Ball(arb(1))} for node in quantities(claim.lhs)} for _ in range(2)]
    overall = _summary(list(control_evidence(claim, measured)))
    assert overall.cost["caught"] == overall.cost["altered"]
