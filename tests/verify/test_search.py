"""The searches between the points: narrow counterexamples are found, true inequalities are not refuted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sympy import Abs, Eq, Ge, Gt, Le, Lt, Rational, acos, cos, exp, log, sqrt, symbols, tanh
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.verify import Claim, check
from lemmata.verify.certify import boxed
from lemmata.verify.clock import TimeUp, at_most
from lemmata.verify.evidence import Outcome, Rigour
from lemmata.verify.search import search_evidence

x, y = symbols("x y", real=True)
unit = [Ge(x, 0), Lt(x, 1)]
square = [*unit, Ge(y, 0), Lt(y, 1)]
dip = (x - Rational(34567, 10**5)) ** 2


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (Gt(dip, Rational(1, 10**8)), unit),
        (Gt(dip, Rational(1, 10**8)), []),
        (Gt(dip + (y - exp(x - 1)) ** 2, Rational(1, 10**8)), square),
        (Le(x - y, 1 - Rational(1, 10**4)), [Gt(y, 0), Lt(y, x), Lt(x, 1)]),
        (Ge(x / (1 + exp(-x)), -Rational(27846, 10**5)), []),
    ],
    ids=["dip", "dip-on-the-line", "dip-in-the-plane", "cut-corner", "minimum-of-swish"],
)
def test_boxes_find_a_narrow_counterexample(statement: Any, given: list[Any]) -> None:
    claim = Claim("narrow", statement, given=given)
    found = boxed(claim, Budget())
    assert found is not None and found.outcome is Outcome.DISAGREES
    assert set(found.at) == {str(symbol) for symbol in claim.symbols}


@pytest.mark.parametrize(
    ("statement", "given", "certified"),
    [
        (Ge(x**2 - x + 1, Rational(1, 2)), unit, True),
        (Ge(x**2 - x + 1, Rational(3, 4)), unit, False),
        (Le(tanh(x), 1), [], False),
    ],
    ids=["with-room", "touching", "without-ends"],
)
def test_boxes_never_refute_what_holds(statement: Any, given: list[Any], certified: bool) -> None:
    found = boxed(Claim("true", statement, given=given), Budget())
    assert (found is not None and found.outcome is Outcome.CERTIFIES) is certified
    assert found is None or found.outcome is Outcome.CERTIFIES


@pytest.mark.parametrize(
    ("statement", "given", "certified"),
    [
        (Le(cos(2 * acos(x)), 2), [Ge(x, -1), Le(x, 1)], True),
        (Le(cos(2 * acos(x)), 2), [Ge(x, -2), Le(x, 2)], False),
        (Le(Abs(sqrt(x)), 2), [Ge(x, -9), Le(x, 1)], False),
        (Ge(sqrt(x) * sqrt(x - 1), -2), [Ge(x, -9), Le(x, 5)], False),
        (Le(sqrt(x * y), 2), square, True),
        (Le(sqrt((x - Rational(1, 3)) ** 2 * x), 2), unit, True),
        (Le(sqrt((x - Rational(1, 3)) ** 3), 2), unit, False),
    ],
)
def test_no_certificate_where_a_side_may_not_be_real(statement: Any, given: list[Any], certified: bool) -> None:
    """Balls cut the argument of an arc cosine to [-1, 1]; cos(2 acos(2)) is 7 all the same."""
    found = boxed(Claim("cut", statement, given=given), Budget())
    assert (found is not None and found.outcome is Outcome.CERTIFIES) is certified


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [6, 9])
def test_the_search_reaches_an_open_end_whatever_the_seed(seed: int, size: int) -> None:
    claim = Claim("near-the-end", Le(x * y, 1 - Rational(1, 10**size)), given=square)
    assert any(item.outcome is Outcome.DISAGREES for item in search_evidence(claim, Budget(), Stream(seed, ("end",))))


def test_the_same_number_twice_confirms_nothing() -> None:
    """QUADPACK does not know how many digits are asked for: asked again it says the same, right or wrong."""
    truth = Expectation(log(Abs(Normal("s", 0, 1))))
    record = check(Claim("logarithm", Eq(truth, -Rational(6351, 10**4))))
    looks = [item for item in record.evidence if item.rigour is Rigour.FLOATING and item.outcome is Outcome.DISAGREES]
    assert len(looks) <= 1


def test_an_outer_limit_stands_while_an_inner_one_runs() -> None:
    with pytest.raises(TimeUp), at_most(0.2):
        with at_most(60):
            pass
        _busy(5)
    with pytest.raises(TimeUp), at_most(0.2), at_most(60):
        _busy(5)


def _busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
