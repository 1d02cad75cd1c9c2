"""Rates of convergence as a user states them: right ones hold, wrong ones come back with the function that breaks them."""

from __future__ import annotations

import re

import pytest
from sympy import Eq, Le, Lt, Max, Rational, Symbol, sqrt, symbols

from lemmata.numerics.budget import Budget
from lemmata.theory import Smooth, SmoothConvex, SmoothStronglyConvex, worst_case
from lemmata.verify import Claim
from lemmata.verify.evidence import Verdict
from lemmata.verify.judge import judge

M, m, alpha, Delta, R = symbols("M m alpha Delta R", positive=True)
N = Symbol("N", integer=True, positive=True)
FEW = [Le(N, 5)]
BUDGET = Budget(points=3)

smooth = worst_case(Smooth(M), 1 / M, excess=Delta)
any_step = worst_case(Smooth(M), alpha, excess=Delta)
convex = worst_case(SmoothConvex(M), 1 / M, distance=R)
strongly = worst_case(SmoothStronglyConvex(m, M), 1 / M, distance=R)
momentum = worst_case(SmoothConvex(M), 1 / M, distance=R, momentum=Rational(1, 2), method="nesterov")

RIGHT = {
    "smooth": Le(smooth.least[N, "gradient"], 2 * M * Delta / N),
    "smooth, exactly": Eq(smooth.least[N, "gradient"], 4 * M * Delta / (3 * N - 1)),
    "convex": Le(convex[N, "excess"], M * R**2 / (4 * N + 2)),
    "convex, exactly": Eq(convex[N, "excess"], M * R**2 / (4 * N + 2)),
    "convex, the last gradient": Le(worst_case(SmoothConvex(M), 1 / M, excess=Delta)[N, "gradient"], 2 * M * Delta / (2 * N + 1)),
    "momentum is no worse than none": Le(momentum[N, "excess"], M * R**2 / (4 * N + 2)),
}

WRONG = {
    "a constant ten percent too small": Le(smooth.least[N, "gradient"], Rational(9, 10) * 4 * M * Delta / (3 * N - 1)),
    "an exponent too good": Le(smooth.least[N, "gradient"], 2 * M * Delta / N**2),
    "a convex exponent too good": Le(convex[N, "excess"], M * R**2 / (2 * (N + 1) ** 2)),
    "a convex constant too small": Le(convex[N, "excess"], Rational(9, 10) * M * R**2 / (4 * N + 2)),
    "the convex rate without convexity": Le(worst_case(Smooth(M), 1 / M, distance=R)[N, "excess"], M * R**2 / (4 * N + 2)),
    "acceleration from a constant momentum": Le(
        worst_case(SmoothConvex(M), 1 / M, distance=R, momentum=Rational(1, 2), method="nesterov")[5, "excess"],
        2 * M * R**2 / (5 + 1) ** 2 * Rational(1, 2),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rate_holds(name: str) -> None:
    record = judge(Claim("rate", RIGHT[name], given=FEW), BUDGET)
    assert record.verdict in (Verdict.SUPPORTED, Verdict.CERTIFIED), record.because
    assert record.resolution is not None and record.resolution < BUDGET.resolution


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rate_comes_back_with_the_function_that_breaks_it(name: str) -> None:
    claim = Claim("rate", WRONG[name], given=FEW if N in WRONG[name].free_symbols else [])
    record = judge(claim, BUDGET)
    assert record.verdict is Verdict.REFUTED, record.because
    assert record.counterexample is not None and record.counterexample["rigour"] == "rigorous"
    because = record.counterexample["because"]
    assert "a function" in because and set(record.counterexample["at"]) == {str(symbol) for symbol in claim.symbols}
    reached = float(re.search(r"reaches (\S+?)(?::| when)", because).group(1))
    assert reached > float(record.counterexample["rhs"].split()[0])


def test_the_strongly_convex_contraction() -> None:
    factor = Max((1 - m / M) ** 2, 0)
    right = Claim("contraction", Eq(strongly[N, "distance"], factor**N * R**2), given=[*FEW, Lt(m, M)])
    assert judge(right, BUDGET).verdict is Verdict.SUPPORTED
    wrong = Claim("contraction", Le(strongly[N, "distance"], (1 - m / M) ** (3 * N) * R**2), given=[*FEW, Lt(m, M)])
    record = judge(wrong, BUDGET)
    assert record.verdict is Verdict.REFUTED
    assert "L(w) = " in record.because and "w^2" in record.because


def test_a_bound_that_forgets_how_long_steps_may_be() -> None:
    bound = Delta / (N * alpha * (1 - M * alpha / 2))
    with_it = Claim("steps", Le(any_step.least[N, "gradient"], bound), given=[*FEW, Lt(alpha * M, 2)])
    assert judge(with_it, BUDGET).verdict in (Verdict.SUPPORTED, Verdict.CERTIFIED)
    without = Claim("steps", Le(any_step.least[N, "gradient"], 4 * Delta / (N * alpha)), given=[*FEW, Le(2, alpha * M), Le(alpha * M, 3)])
    record = judge(without, BUDGET)
    assert record.verdict is Verdict.REFUTED and "w^2" in record.because


def test_a_rate_that_only_many_steps_break_is_broken_by_a_run() -> None:
    claim = Claim("late", Le(convex[N, "excess"], 10 * M * R**2 / N**2), given=[Le(100, N), Le(N, 150)])
    record = judge(claim, BUDGET)
    assert record.verdict is Verdict.REFUTED
    assert "when it is run" in record.because


def test_the_optimal_step_is_irrational_and_measured_all_the_same() -> None:
    worst = worst_case(Smooth(M), 2 / (sqrt(3) * M), excess=Delta)
    exact = 4 * M * Delta / ((N - 1) * 16 / (3 * sqrt(3)) + 2)
    assert judge(Claim("optimal", Eq(worst.least[N, "gradient"], exact), given=FEW), BUDGET).verdict is Verdict.SUPPORTED
    assert judge(Claim("better", Le(worst.least[N, "gradient"], Rational(99, 100) * exact), given=FEW), BUDGET).verdict is Verdict.REFUTED


def test_where_the_supremum_is_infinite_nothing_is_claimed() -> None:
    record = judge(Claim("far", Le(any_step[N, "distance"], Delta), given=FEW), BUDGET)
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "as far away as one likes" in record.because


def test_a_rate_for_every_number_of_steps_is_supported_where_it_can_be_measured() -> None:
    """Runs of many steps look for a function against the rate; finding none they neither support it nor blind the check."""
    record = judge(Claim("all steps", Le(smooth.least[N, "gradient"], 2 * M * Delta / N)), Budget())
    assert record.verdict is Verdict.SUPPORTED, record.because
    assert any(item.instrument == "runs of simple functions" and "no support for it" in item.because for item in record.evidence)
