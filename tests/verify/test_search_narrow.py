"""Narrow and remote failures are found, their true twins are not refuted, and inequalities are told where they are tightest."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Ge,
    Gt,
    Heaviside,
    Integer,
    Le,
    Lt,
    Max,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.verify import Claim
from lemmata.verify.evidence import Outcome, Rigour
from lemmata.verify.search import Search, tightest
from lemmata.verify.search.tightness import NEARLY

t, x, y, z = symbols("t x y z", real=True)
q, r, M, alpha = symbols("q r M alpha", positive=True)
e = Symbol("e", even=True)
n = Symbol("n", integer=True, positive=True)
s = Normal("s", 0, 1)
unit = [Ge(t, 0), Le(t, 1)]
line = [Ge(x, 0), Le(x, 1)]
cube = [bound for symbol in (x, y, z) for bound in (Ge(symbol, 0), Le(symbol, 1))]
wedge = [Gt(x, 0), Lt(x, y), Lt(y, 1)]
simplex = [Eq(x + y + z, 1), Ge(x, 0), Ge(y, 0), Ge(z, 0)]
peak = exp(-(10**6) * (t - Rational(31415, 10**5)) ** 2)
peak3 = exp(-(10**6) * ((x - Rational(31, 100)) ** 2 + (y - Rational(77, 100)) ** 2 + (z - Rational(5, 9)) ** 2))
tent = Max(0, Rational(1, 10**7) - Abs(x - Rational(7310586, 10**7)))
pulse = Heaviside(x - Rational(123456, 10**6)) * Heaviside(Rational(1234562, 10**7) - x)
valley = (Rational(13, 10) - x) ** 2 + 100 * (y - x**2) ** 2
squared = Expectation(tanh(sqrt(q) * s) ** 2)
remote = exp(-((x - 10**5) ** 2))

WRONG: dict[str, tuple[Any, list[Any]]] = {
    "peak": (Le(peak, Rational(99, 100)), unit),
    "peak-in-space": (Le(peak3, Rational(99, 100)), cube),
    "expectation-at-large-q": (Le(squared, Rational(999, 1000)), []),
    "expectation-at-very-large-q": (Le(squared, 1 - Rational(1, 10**7)), []),
    "expectation-in-a-narrow-range": (Le(squared * exp(-1000 * (q - Rational(2718, 1000)) ** 2), Rational(1, 2)), []),
    "expectation-with-two-symbols": (Le(squared * exp(-10 * (q - 3) ** 2) / (1 + 10 * (x - 5) ** 2), Rational(1, 2)), []),
    "expectation-at-small-q": (Ge(squared, q - Rational(999, 1000) * 2 * q**2), []),
    "equal-at-an-end": (Lt(x * (2 - x), 1), line),
    "equal-on-a-curve": (Lt(M * alpha * (2 - M * alpha), 1), []),
    "equal-at-a-point": (Gt(valley, 0), []),
    "equal-at-a-multiple-of-pi": (Lt(cos(x), 1), [Gt(x, 1)]),
    "large-q": (Le(tanh(q / 10**10), Rational(1, 2)), []),
    "small-q": (Ge(q / (Rational(1, 10**8) + q), Rational(1, 2)), []),
    "corner": (Le(x * (1 - y) * z - 100 * (x - Rational(9999, 10000)) ** 2, 1 - Rational(1, 10**4)), cube),
    "diagonal": (Ge((y - x) / (y - x + Rational(1, 10**7)), Rational(1, 2)), wedge),
    "ridge-along-the-diagonal": (Le(exp(-(10**8) * (y - x - Rational(1, 1000)) ** 2) * exp(-((x - Rational(1, 3)) ** 2)), 0.9), wedge),
    "tent-without-tails": (Le(tent, 0), line),
    "tent-as-an-equality": (Eq(tent, 0), line),
    "pulse": (Le(pulse, Rational(1, 2)), line),
    "spike-on-the-line": (Le(1 / (1 + 10**12 * (x - Rational(7310586, 10**7)) ** 2), Rational(1, 2)), []),
    "zero-at-integers": (Eq(sin(pi * 10**6 * x) ** 2, 0), []),
    "two-frequencies": (Le(cos(1000 * x) + cos(1000 * sqrt(2) * x), Rational(1999, 1000)), [Ge(x, Rational(1, 10)), Le(x, 1)]),
    "valley": (Gt(valley, Rational(1, 10**8)), []),
    "one-integer": (Gt((n - 777) ** 2, 0), []),
    "one-even-number": (Gt((e - 1000000) ** 2, 0), []),
    "one-negative-number": (Gt((e - 1000000) ** 2 + (x + Rational(1, 10**9)) ** 2, 0), [Lt(x, 0)]),
    "a-remote-integer": (Gt((n - 123457) ** 2 * x**2 + 1, 1), [Gt(x, 1)]),
    "equality-far-out": (Eq(sqrt(x**2 + 1), sqrt(x**2 + 1) * (1 + remote)), [Gt(x, 0)]),
    "border-of-a-disc": (Le(x, 1 - Rational(1, 10**5)), [Le(x**2 + y**2, 1)]),
    "circle": (Le(x * y, Rational(499999, 10**6)), [Eq(x**2 + y**2, 1)]),
    "simplex": (Le(x * y * z, Rational(1, 27) - Rational(1, 10**7)), simplex),
}

TRUE: dict[str, tuple[Any, list[Any]]] = {
    "peak": (Le(peak, 1), unit),
    "peak-in-space": (Le(peak3, 1), cube),
    "expectation": (Lt(squared, 1), []),
    "expectation-below-q": (Le(squared, q), []),
    "expectation-over-a-bump": (Lt(squared / (1 + 10 * (x - 5) ** 2), 1), []),
    "open-end": (Lt(x * (2 - x), 1), [Ge(x, 0), Lt(x, 1)]),
    "curve": (Le(M * alpha * (2 - M * alpha), 1), []),
    "beside-the-curve": (Lt(M * alpha * (2 - M * alpha), 1), [Lt(alpha, 1 / M)]),
    "cosine": (Lt(cos(x), 1), [Gt(x, 1), Lt(x, 6)]),
    "large-q": (Lt(tanh(q / 10**10), 1), []),
    "corner": (Le(x * y * z, 1), cube),
    "diagonal": (Gt(y - x, 0), wedge),
    "tent": (Le(tent, Rational(1, 10**7)), line),
    "period": (Le(sin(pi * x) ** 2, 1), []),
    "double-product": (Ge(x**2 + y**2, 2 * x * y), []),
    "integers": (Ge(Rational(3, 2) ** n, 1 + n / Integer(2)), []),
    "logarithm": (Le(log(q), q - 1), []),
    "exponential": (Ge(exp(x), 1 + x), []),
    "means": (Le(sqrt(q * r), (q + r) / 2), []),
    "cancelling": (Ge((exp(x) - 1) ** 2, exp(2 * x) - 2 * exp(x) + 1), []),
    "pythagoras": (Eq(sin(x) ** 2 + cos(x) ** 2, 1), []),
    "half-angle": (Eq((1 - cos(x)) / x**2, 2 * sin(x / 2) ** 2 / x**2), [Gt(x, 0)]),
    "circle": (Le(x * y, Rational(1, 2)), [Eq(x**2 + y**2, 1)]),
    "simplex": (Le(x * y * z, Rational(1, 27)), simplex),
}


def _searched(statement: Any, given: list[Any], seed: int = 0) -> tuple[Claim, list[Any]]:
    claim = Claim("searched", statement, given=given)
    return claim, list(Search(claim, Budget(), Stream(seed, ("search",))).evidence())


@pytest.mark.parametrize("name", WRONG)
def test_what_fails_narrowly_or_far_away_is_refuted(name: str) -> None:
    claim, found = _searched(*WRONG[name])
    assert [item.outcome for item in found] == [Outcome.DISAGREES]
    assert found[0].rigour in (Rigour.RIGOROUS, Rigour.EXACT)
    assert set(found[0].at) == {str(symbol) for symbol in claim.symbols}


@pytest.mark.parametrize("name", TRUE)
def test_what_holds_is_not_refuted(name: str) -> None:
    _, found = _searched(*TRUE[name])
    assert [item.outcome for item in found] == [Outcome.AGREES]


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (Ge(1 / (x - Rational(13, 37)) ** 2, -x), [Gt(x, 0)]),
        (Le(log((3 * x - 1) ** 2), x**2 + 10), [Gt(x, 0), Lt(x, 1)]),
        (Eq((x**2 - Rational(4, 49)) / (x - Rational(2, 7)), x + Rational(2, 7)), [Gt(x, 0)]),
    ],
    ids=["pole", "logarithm-of-0", "removable"],
)
def test_a_point_without_a_value_is_met(statement: Any, given: list[Any]) -> None:
    _, found = _searched(statement, given)
    assert [item.outcome for item in found] == [Outcome.LACKING]


def test_a_quantity_without_a_value_ends_the_search() -> None:
    _, found = _searched(Eq(Derivative(Max(0, x), x), Heaviside(x)), [])
    assert [(item.outcome, item.at) for item in found] == [(Outcome.UNDECIDED, {"x": "0"})]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "name", ["peak", "peak-in-space", "diagonal", "tent-without-tails", "pulse", "a-remote-integer", "border-of-a-disc"]
)
def test_luck_is_not_needed(name: str, seed: int) -> None:
    _, found = _searched(*WRONG[name], seed=seed + 1)
    assert [item.outcome for item in found] == [Outcome.DISAGREES]


@pytest.mark.parametrize(
    ("statement", "given", "ratio", "at"),
    [
        (Le(x * (1 - x), 1), line, 0.25, {x: Rational(1, 2)}),
        (Ge(x**2 + 1, x), line, None, None),
        (Ge(2 + x, 1 + x**2), line, 1.5, {x: Integer(1)}),
        (Le(-2 - x, -1 - x**2), line, 1.5, {x: Integer(1)}),
        (Le(x * y * z, 2), cube, 0.5, {x: Integer(1), y: Integer(1), z: Integer(1)}),
        (Le(peak, 2), unit, 0.5, None),
        (Le(x * y * z, Rational(1, 9)), simplex, 1 / 3, {x: Rational(1, 3), y: Rational(1, 3), z: Rational(1, 3)}),
    ],
    ids=["parabola", "rhs-may-vanish", "from-below", "negative-sides", "corner", "peak", "simplex"],
)
def test_the_tightest_point(statement: Any, given: list[Any], ratio: float | None, at: Any) -> None:
    found = tightest(Claim("tight", statement, given=given), Budget(), Stream(0))
    assert found is not None
    if ratio is None:
        assert found.ratio is None and 0.75 <= found.gap < 0.7501
    else:
        assert found.ratio is not None and abs(found.ratio - ratio) <= NEARLY
    assert at is None or found.at == at


def test_the_evidence_of_a_search_says_where_it_is_tightest() -> None:
    search = Search(Claim("tight", Le(x * (1 - x), 1), given=[Ge(x, 0), Le(x, 1), Lt(y, x)]), Budget(), Stream(0))
    (item,) = search.evidence()
    assert search.tightest is not None
    assert item.outcome is Outcome.AGREES and search.tightest.text in item.because


def test_an_equality_has_no_tightness() -> None:
    assert tightest(Claim("equal", Eq(sin(x) ** 2 + cos(x) ** 2, 1)), Budget(), Stream(0)) is None


def test_the_same_search_twice_is_the_same() -> None:
    claim = Claim("same", WRONG["peak-in-space"][0], given=cube)
    first, second = (Search(claim, Budget(), Stream(3, ("same",))) for _ in range(2))
    assert list(first.evidence()) == list(second.evidence()) and first.tightest == second.tightest
