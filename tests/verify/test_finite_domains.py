"""A finite domain is certified by looking at every point of it; one false point among many is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sympy import Eq, Expr, Ge, Le, Lt, Max, Mul, Rational, Symbol, exp, symbols
from sympy.stats import Expectation, Normal

from lemmata.numerics import BUDGETS, BudgetName
from lemmata.theory import minimum
from lemmata.verify import Claim, Verdict, check
from tests.verify.helpers import lemmata, write

QUICK = BUDGETS[BudgetName.QUICK]
b = symbols("b_1:8", integer=True, nonnegative=True)
BITS = [Le(bit, 1) for bit in b]
x, y = symbols("x y", real=True)
k = Symbol("k", integer=True, positive=True)
WHOLE = "every point of the domain"


def tent(top: Any) -> Expr:
    """min of y - y^2 on [0, top]: 0 for top in {0, 1}, negative above."""
    return minimum(y - y**2, y, [Ge(y, 0), Le(y, top)])


def found_by(claim: Claim) -> tuple[Verdict, str]:
    record = check(claim, QUICK)
    return record.verdict, " ".join(item.because for item in record.evidence if item.instrument == WHOLE)


def test_all_points_are_looked_at() -> None:
    verdict, because = found_by(Claim("zero", Eq(tent(Mul(*b)), 0), given=BITS))
    assert verdict is Verdict.CERTIFIED and "each of the 128 points" in because


def test_one_false_point_among_many_is_found() -> None:
    needle = minimum(y, y, [Ge(y, Max(0, 1 - (k - 237) ** 2)), Le(y, 1)])
    for statement in (Eq(needle, 0), Lt(needle, 1)):
        verdict, because = found_by(Claim("needle", statement, given=[Le(k, 400)]))
        assert verdict is Verdict.REFUTED and "lhs is 1" in because


def test_hypotheses_between_integers_count() -> None:
    verdict, because = found_by(Claim("some", Eq(tent(b[0] * b[1]), 0), given=[*BITS[:2], Le(b[0], b[1])]))
    assert verdict is Verdict.CERTIFIED and "each of the 3 points" in because


@pytest.mark.parametrize(
    ("statement", "given", "reason"),
    [
        (Ge(tent(k), (1 - k) * k), [Le(k, 401)], "more points than a tenth of the budget's boxes"),
        (Ge(tent(k), (1 - k) * k), [], "infinitely many points"),
        (Eq(tent(b[0]) + exp(x), exp(x)), [BITS[0]], "a real symbol beside"),
    ],
)
def test_what_is_not_looked_at_everywhere_is_not_certified_this_way(statement: Any, given: list[Any], reason: str) -> None:
    verdict, because = found_by(Claim("open", statement, given=given))
    assert because == "" and verdict in (Verdict.SUPPORTED, Verdict.INCONCLUSIVE), reason


def test_an_estimate_at_every_point_is_no_certificate() -> None:
    s = Normal("s", 0, 1)
    verdict, because = found_by(Claim("mean", Eq(Expectation((k * s) ** 2) + tent(1), k**2), given=[Le(k, 3)]))
    assert verdict in (Verdict.PROVED, Verdict.CERTIFIED)
    assert "statist" not in because


def test_a_users_file_may_state_minima(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = write(
        tmp_path / "minima_claims.py",
        """
        from lemmata.theory import minimum
        a = Symbol("a", positive=True)
        pair = symbols("u v", real=True)
        u, v = pair
        square = [Ge(u, 0), Le(u, 1), Ge(v, 0), Le(v, 1)]
        right = Claim("right", Eq(minimum(u * v - a * u, pair, square), -a))
        wrong = Claim("wrong", Eq(minimum(u * v - a * u, pair, square), -a / 2), expect="refuted")
        open_ = Claim("open", Eq(minimum(u, u, [Ge(u, 0)]), 0))
        """,
        header="from sympy import Eq, Ge, Le, Symbol, symbols\nfrom lemmata.verify import Claim\n",
    )
    ran = lemmata(capfd, "check", file, "--jobs", "1")
    assert ran.status == 1
    assert "1 not as expected" in ran.out
    assert "bound every variable" in " ".join(ran.out.split())


def test_a_quarter_is_not_the_gap() -> None:
    claim = Claim("gap", Lt(minimum(x + y - x**2 - y**2, (x, y), [Eq(x + y, 1), Eq(x, y)]), Rational(1, 4)), expect="refuted")
    assert check(claim, QUICK).verdict is Verdict.REFUTED
