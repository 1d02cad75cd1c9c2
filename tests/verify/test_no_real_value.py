"""No real value on a part of the domain, in every kind of quantity: never supported; what a null set spoils stays fine."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import (
    Abs,
    And,
    Derivative,
    EulerGamma,
    Heaviside,
    Integral,
    Interval,
    Le,
    Limit,
    Max,
    Min,
    Ne,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    acos,
    acosh,
    asin,
    atanh,
    cbrt,
    exp,
    factorial,
    log,
    loggamma,
    oo,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
)
from sympy import Eq as _Eq
from sympy import Ge as _Ge
from sympy.stats import ContinuousRV, Covariance, Expectation, Exponential, Geometric, Normal, Probability, Uniform, Variance

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.numerics.undefined import without_real_value
from lemmata.theory import descent, flow, gradient
from lemmata.verify import Claim
from lemmata.verify.evidence import Verdict
from lemmata.verify.judge import judge

D, I, S, P, E, Pr = Derivative, Integral, Sum, Product, Expectation, Probability
x, y, a, h, t = symbols("x y a h t", real=True)
n = Symbol("n", integer=True, positive=True)
j, k = symbols("j k", integer=True, nonnegative=True)
b, w = symbols("b w", real=True)
V = Uniform("V", -1, 1)
Z = Normal("Z", 0, 1)
box = [x**2 <= 1]


def le(left: Any, right: Any) -> Any:
    return Le(left, right, evaluate=False)


def ge(left: Any, right: Any) -> Any:
    return _Ge(left, right, evaluate=False)


def eq(left: Any, right: Any) -> Any:
    return _Eq(left, right, evaluate=False)


# fmt: off
WITHOUT: dict[str, tuple[Any, list[Any]]] = {
    "d-sqrt": (ge(D(sqrt(x), x), 0), box),
    "d-log": (ge(D(log(x), x)**2, 0), box),
    "d-log-eq": (eq(D(log(x), x), 1/x), [x < 0]),
    "d-asin": (ge(D(asin(x), x), 0), [x**2 <= 4]),
    "d-acosh": (ge(D(acosh(x), x), 0), [x >= 0, x <= 3]),
    "d-x^x": (ge(D(x**x, x)**2, 0), box),
    "d-x^(1/3)": (ge(D(x**Rational(1,3), x), 0), box),
    "d-second": (le(D(x**Rational(3,2), (x, 2)), 100), box),
    "d-atanh": (ge(D(atanh(x), x)**2, 0), [x**2 <= 9]),
    "d-log-of-square-mixed": (eq(D(log(x)*y, y), log(x)), box),
    "d-y-of-log": (ge(D(y**2*0 + y + log(x), y), 0), box),
    "d-sqrtx2": (eq(D(sqrt(x)*sqrt(y), x)**2, y/(4*x)), [x < 0, y < 0]),
    "p-sqrt": (le(Pr(sqrt(V) < 1), 1), []),
    "p-log": (le(Pr(log(V) < 0), 1), []),
    "p-log-normal": (le(Pr(log(Z) < 0), Rational(9,10)), []),
    "p-asin": (le(Pr(asin(2*V) < 1), 1), []),
    "p-sqrt-eq": (eq(Pr(sqrt(V) > Rational(1,2)), Rational(3,8)), []),
    "p-sqrt-par": (le(Pr(sqrt(V + a) < 2), 1), [a**2 <= 1]),
    "p-event-const": (le(Pr(V < sqrt(x)), 1), box),
    "e-sqrt": (ge(E(sqrt(V)), 0), []),
    "e-sqrt2": (ge(E(sqrt(V))**2, 0), []),
    "e-log": (le(E(log(Z)), 10), []),
    "e-cube-root": (le(E(Z**Rational(1,3)), 10), []),
    "e-sqrt-par": (ge(E(sqrt(V + a)), 0), [a**2 <= 1]),
    "e-asin": (le(E(asin(Z)), 10), []),
    "e-sum-cancel": (eq(E(sqrt(V) - sqrt(V) + Z**2 + sqrt(V)*0 + log(V)), 1), []),
    "var-sqrt": (ge(Variance(sqrt(V)), 0), []),
    "cov-sqrt": (le(Covariance(sqrt(V), Z), 1), []),
    "e-mult-const": (ge(E(Z**2*sqrt(x)), 0), box),
    "s-sqrt": (ge(S(sqrt(1 - j*h), (j, 0, n)), 0), [h > 0, h <= 1]),
    "s-log": (le(S(log(3 - j), (j, 0, n)), 100*n), [n <= 10]),
    "s-zero-at-pole": (ge(S(1/(j - 3)**2, (j, 0, n)), 0), [n <= 10]),
    "s-complex-cancel": (eq(S((-1)**(j + h), (j, 0, 1)), 0), [h > 0, h < 1]),
    "s-inf-sqrt": (ge(S(sqrt(4 - j)/2**j, (j, 0, oo)), 0), []),
    "s-inf-log": (le(S(log(j)/2**j, (j, 0, oo)), 10), []),
    "s-inf-pow": (ge(S(x**j/2**j, (j, 0, oo))*0 + S(sqrt(x)/2**j, (j, 0, oo)), 0), box),
    "s-asin": (ge(S(asin(j), (j, 0, n)), 0), [n <= 5]),
    "pr-sqrt": (ge(P(sqrt(1 - j*h), (j, 0, n)), 0), [h > 0, h <= 1]),
    "pr-log": (le(P(log(j), (j, 0, n)), 100), [n <= 6]),
    "pr-two-neg": (le(P(sqrt(x - j), (j, 1, 2)), 100), [x**2 <= 1]),
    "i-sqrt": (ge(I(sqrt(t), (t, -1, 1)), 0), []),
    "i-log": (le(I(log(t), (t, -1, 1)), 0), []),
    "i-sqrt-par": (ge(I(sqrt(t), (t, x, 2)), 0), box),
    "i-asin": (ge(I(asin(t), (t, 0, 2)), 0), []),
    "i-cuberoot": (ge(I(t**Rational(1,3), (t, -1, 1)), 0), []),
    "i-const": (ge(I(sqrt(x)*t, (t, 0, 1)), 0), box),
    "i-double": (ge(I(sqrt(t - y), (t, 0, 1), (y, 0, 1)), 0), []),
    "i-half": (ge(I(sqrt(t)*exp(-t**2), (t, -oo, oo)), 0), []),
    "l-sqrt": (ge(Limit(sqrt(x + t), t, 0), 0), box),
    "l-sqrt-lhs": (ge(Limit(sqrt(t), t, 0, "-"), 0), []),
    "l-log": (le(Limit(t*log(t), t, 0, "-"), 1), []),
    "l-two-sided": (le(Limit(t*log(t), t, 0, "+-"), 1), []),
    "l-oo": (le(Limit(sqrt(-t)/t, t, oo), 1), []),
    "l-pow": (le(Limit((-t)**Rational(1,3)/t, t, oo), 1), []),
    "l-const": (le(Limit(log(x) + 1/t, t, oo)**2, 10**9), box),
    "pw-branch": (ge(Piecewise((sqrt(x), x < 0), (1, True)), 0), box),
    "pw-int": (ge(I(Piecewise((sqrt(t - 1), t < 0), (1, True)), (t, -1, 1)), 0), []),
    "pw-exp": (ge(E(Piecewise((log(V), V < 0), (1, True))), 0), []),
    "pw-none": (ge(Piecewise((x, x > 0)), 0), box),
    "pw-none-exp": (ge(E(Piecewise((V, V > 0))), 0), []),
    "pw-cond": (le(Piecewise((0, sqrt(x) < 1), (1, True)), 1), box),
    "c-sqrt": (ge(sqrt(x), 0), box),
    "c-log": (le(log(x)*0 + log(x)**2, 10**9), box),
    "c-max-hides": (ge(Max(1, sqrt(x)), 1), box),
    "c-min-hides": (le(Min(1, log(x)), 1), box),
    "c-acosh": (ge(acosh(x), 0), [x >= 0, x <= 2]),
    "c-sq": (ge(asin(x)**2 + 10, 0), [x**2 <= 4]),
    "c-two-neg": (ge(sqrt(x)*sqrt(y), -5), [x**2 <= 1, y**2 <= 1]),
    "gd-sqrt": (ge(descent(w**2 + sqrt(b), {w: x}, Rational(1,4))[3, w**2], 0), [b < 0, b > -1]),
    "gd-log": (ge(descent(log(w), {w: x}, Rational(1,4))[2, w]**2, 0), box),
    "gd-start": (ge(descent(w**2, {w: sqrt(x)}, Rational(1,4))[3, w], 0), box),
    "gd-step": (ge(descent(w**2, {w: x}, sqrt(a))[3, w]**2, 0), [a**2 < 1, x**2 <= 1]),
    "flow-loss": (ge(flow(log(w)**2, {w: x})[1, w]**2, 0), box),
    "flow-start": (ge(flow(w**2, {w: sqrt(x)})[1, w], 0), box),
    "flow-time": (ge(flow(w**2, {w: x})[sqrt(t), w**2], 0), [x**2 <= 1, t**2 <= 1]),
    "grad-sqrt": (ge(gradient(sqrt(w), w), 0), [w**2 <= 1]),
    "grad-log": (ge(gradient(log(w), w)**2, 0), [w**2 <= 1]),
    "int-of-exp": (ge(I(E(sqrt(V + t)), (t, 0, 1)), 0), []),
    "sum-of-exp": (ge(S(E(sqrt(V + j)), (j, 0, 2)), 0), []),
    "d-of-exp": (ge(D(E(sqrt(V + x)), x), 0), box),
    "lim-of-exp": (ge(Limit(E(sqrt(V + t)), t, 0), 0), []),
    "exp-times-sqrt": (ge(E(Z**2)*sqrt(x), 0), box),
    "p-of-quantity": (le(Pr(V < 1)*log(x)**2, 10**9), box),
}

JUDGED_APART: dict[str, tuple[Any, list[Any]]] = {
    "d-const-log": (eq(D(log(-2) + x, x), 1), box),
    "d-sqrt-neg-sum": (eq(D(sqrt(-1 - x**2)*0 + x + sqrt(-2), x, evaluate=False), 1), box),
    "c-0^0": (ge((x - x**2)**(x*0) + 1/x**2, 0), box),
    "c-div0": (ge(1/(x - Rational(1,2))**2, 0), box),
    "c-loggamma": (ge(loggamma(x), -10), box),
    "gd-read-sqrt": (ge(descent(w**2, {w: x}, Rational(1,4))[3, sqrt(w)], 0), box),
    "gd-read-log": (le(descent(w**2, {w: x}, Rational(1,4))[3, log(w)], 10), box),
    "flow-read": (ge(flow(w**2, {w: x})[1, sqrt(w)], 0), box),
}

FINE: dict[str, tuple[Any, list[Any]]] = {
    "p-sqrt-and": (le(Pr(And(V > 2, sqrt(V) < 2)), Rational(1,2)), []),
    "c-mult-zero": (le(0*y + Abs(sqrt(x))**2, 1), box),
    "c-abs": (ge(Abs(sqrt(x)), 0), box),
    "i-1/sqrt": (eq(I(1/sqrt(t), (t, 0, 1)), 2), []),
    "i-log": (eq(I(log(t), (t, 0, 1)), -1), []),
    "i-xlogx": (eq(I(t*log(t), (t, 0, 1)), -Rational(1,4)), []),
    "i-logabs": (eq(I(log(Abs(t)), (t, -1, 1)), -2), []),
    "i-abs-root": (eq(I(1/sqrt(Abs(t)), (t, -1, 1)), 4), []),
    "i-asin": (eq(I(asin(t), (t, -1, 1)), 0), []),
    "i-sqrt-1-t2": (eq(I(sqrt(1 - t**2), (t, -1, 1)), pi/2), []),
    "i-inv-sqrt-1-t2": (eq(I(1/sqrt(1 - t**2), (t, -1, 1)), pi), []),
    "i-sign": (eq(I(t/Abs(t), (t, -1, 2)), 1), []),
    "i-step": (eq(I(Heaviside(t), (t, -1, 1)), 1), []),
    "p-log-abs": (eq(Pr(log(Abs(V)) < -1), exp(-1)), []),
    "p-sqrt-abs": (eq(Pr(sqrt(Abs(V)) < Rational(1,2)), Rational(1,4)), []),
    "p-inverse": (eq(Pr(1/V > 2), Rational(1,4)), []),
    "p-sqrt-square": (eq(Pr(sqrt(V**2) < Rational(1,2)), Rational(1,2)), []),
    "p-sqrt-1+": (le(Pr(sqrt(1 + V) < 1), Rational(1,2)), []),
    "p-ratio": (eq(Pr(Z/Abs(Z) > 0), Rational(1,2)), []),
    "p-log-chi": (ge(Pr(log(Z**2) < 0), Rational(1,2)), []),
    "p-acos": (eq(Pr(acos(V) < pi/3), Rational(1,4)), []),
    "p-sqrt-exp": (eq(Pr(sqrt(Exponential("X", 1)) < 1), 1 - exp(-1)), []),
    "e-log-abs": (eq(E(log(Abs(V))), -1), []),
    "e-sqrt1+": (eq(E(sqrt(1 + V)), 2*sqrt(2)/3), []),
    "e-log-square": (eq(E(log(Z**2)), -EulerGamma - log(2)), []),
    "e-sign": (eq(E(sign(Z)), 0), []),
    "e-pw": (eq(E(Piecewise((sqrt(V), V > 0), (0, True))), Rational(1,3)), []),
    "e-pw2": (eq(E(Piecewise((log(V), V > 0), (0, True))), -Rational(1,2)), []),
    "e-sqrt-max": (eq(E(sqrt(Max(0, V))), Rational(1,3)), []),
    "e-acos": (eq(E(acos(V)), pi/2), []),
    "e-unit": (eq(E(Z/sqrt(Z**2)), 0), []),
    "d-sqrt": (eq(D(sqrt(x), x), 1/(2*sqrt(x))), [x > 0, x <= 4]),
    "d-log": (eq(D(log(x), x), 1/x), [x > 0]),
    "d-absroot": (eq(D(log(Abs(x)), x), 1/x), [x > 0]),
    "d-logabs-neg": (eq(D(log(-x), x), 1/x), [x < 0]),
    "d-acos": (eq(D(acos(x), x), -1/sqrt(1 - x**2)), [x > -1, x < 1]),
    "d-x2log": (eq(D(x**2*log(x**2), x), 2*x*log(x**2) + 2*x), [x > 0, x <= 1]),
    "d-cub": (eq(D(cbrt(x), x), 1/(3*x**Rational(2,3))), [x > 0]),
    "d-sqrt-inner": (eq(D(sqrt(1 + x**2), x), x/sqrt(1 + x**2)), []),
    "s-sqrt": (ge(S(sqrt(j*h), (j, 0, n)), 0), [h > 0, h <= 1, n <= 10]),
    "s-0^0": (eq(S(x**j, (j, 0, n)), (1 - x**(n + 1))/(1 - x)), [x**2 <= Rational(1,4), n <= 10]),
    "s-neg-power": (eq(S((-x)**j, (j, 0, n)), (1 - (-x)**(n + 1))/(1 + x)), [x**2 <= Rational(1,4), n <= 10]),
    "s-alternating": (eq(S((-1)**j/2**j, (j, 0, oo)), Rational(2,3)), []),
    "s-log": (eq(S(log(1 + j), (j, 0, n)), log(factorial(n + 1))), [n <= 10]),
    "s-sqrt-sum": (ge(S(sqrt(n - j), (j, 0, n)), 0), [n <= 10]),
    "pr": (eq(P(1 - h, (j, 1, n)), (1 - h)**n), [h**2 <= 4, n <= 10]),
    "l-xlogx": (eq(Limit(t*log(t), t, 0, "+"), 0), []),
    "l-sinc": (eq(Limit(sin(t)/t, t, 0), 1), []),
    "l-pow": (eq(Limit(t**t, t, 0, "+"), 1), []),
    "l-sqrtn": (eq(Limit(sqrt(t + 1) - sqrt(t), t, oo), 0), []),
    "l-1/n": (eq(Limit((1 + x/t)**t, t, oo), exp(x)), [x**2 <= 4]),
    "pw": (ge(Piecewise((sqrt(x), x >= 0), (0, True)), 0), box),
    "pw-log": (ge(Piecewise((x*log(x), x > 0), (0, True)), -1), [x**2 <= 1]),
    "pw-sinc": (le(Piecewise((sin(x)/x, Ne(x, 0)), (1, True)), 1), box),
    "c-max-log": (ge(sqrt(Max(0, x)), 0), box),
    "c-logsq": (eq(log(x**2), 2*log(Abs(x))), [x**2 <= 1, Ne(x, 0)]),
    "gd-root": (ge(descent(w**2, {w: x}, Rational(1,4))[3, sqrt(w**2)], 0), box),
    "gd-log": (le(descent(log(1 + exp(-w)), {w: x}, Rational(1,4))[3, w], 5), box),
    "flow": (eq(flow(w**2, {w: x})[t, w], x*exp(-2*t)), [x**2 <= 1, t > 0, t <= 1]),
    "flow-log": (le(flow(w**2, {w: x})[t, log(w)], 0), [x > 0, x <= 1, t > 0, t <= 1]),
}
# fmt: on


def found(name: str, statement: Any, given: list[Any]) -> list[str]:
    """What has no real value at the points that a judgement would draw."""
    claim = Claim(name, statement, given=given)
    points = claim.domain.points(Budget().points, Stream(0, (name,)).python())
    assert points
    return [lacking for at in points for side in (claim.lhs, claim.rhs) if (lacking := without_real_value(side, at)) is not None]


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_real_value_is_found(name: str) -> None:
    lacking = found(name, *WITHOUT[name])
    assert lacking and all("has no real value" in one for one in lacking)


@pytest.mark.parametrize("name", FINE)
def test_removable_and_null_exceptions_are_no_findings(name: str) -> None:
    assert found(name, *FINE[name]) == []


SEEN = (
    "d-sqrt",
    "p-sqrt",
    "p-sqrt-eq",
    "e-mult-const",
    "s-sqrt",
    "pr-sqrt",
    "i-const",
    "l-const",
    "pw-cond",
    "gd-start",
    "flow-loss",
    "grad-log",
)


@pytest.mark.parametrize("name", [*SEEN, *JUDGED_APART])
def test_a_statement_without_a_value_somewhere_is_inconclusive(name: str) -> None:
    statement, given = {**WITHOUT, **JUDGED_APART}[name]
    record = judge(Claim(name, statement, given=given), Budget())
    assert record.verdict is Verdict.INCONCLUSIVE, record.because


@pytest.mark.parametrize(
    "name", ["i-1/sqrt", "p-sqrt-abs", "e-pw", "d-sqrt", "s-sqrt", "l-xlogx", "pw", "gd-root", "flow-log", "p-sqrt-and"]
)
def test_a_statement_that_is_fine_stays_so(name: str) -> None:
    statement, given = FINE[name]
    record = judge(Claim(name, statement, given=given), Budget())
    assert record.verdict in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED), record.because


HOLE = Abs(x - Rational(1, 3)) - Rational(1, 1000)
INNER = Abs(w - Rational(1, 3)) - Rational(1, 1000)
SPREAD = Uniform("U", 0, 1)
NARROW = {
    "closed": Max(1, sqrt(HOLE)),
    "beside a mean": E(Z**2) * sqrt(HOLE),
    "derivative": D(sqrt(HOLE), x) ** 2,
    "integral": I(sqrt(INNER), (w, 0, 1)) + x,
    "mean": E(sqrt(INNER.xreplace({w: SPREAD}))) + x,
    "probability": Pr(sqrt(INNER.xreplace({w: SPREAD})) < 1) + x,
}


@pytest.mark.parametrize("name", NARROW)
def test_narrow_gaps_are_looked_for(name: str) -> None:
    record = judge(Claim(name, ge(NARROW[name], 0), given=[x >= 0, x <= 1]), Budget())
    assert record.verdict is Verdict.INCONCLUSIVE and "has no real value" in record.because


def test_a_narrow_gap_outside_the_domain_is_none() -> None:
    record = judge(Claim("outside", ge(sqrt(HOLE), 0), given=[x >= Rational(1, 2), x <= 1]), Budget())
    assert record.verdict in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED), record.because


def test_where_a_law_has_no_density_or_no_chance_nothing_is_amiss() -> None:
    """A density by hand that is 0 on a part of its set, an outcome of chance 0, and a sequence whose first terms alone are not real."""
    drawn = ContinuousRV(w, Piecewise((1, (w > 0) & (w < 1)), (0, True)), set=Interval(-oo, oo))
    assert without_real_value(E(sqrt(drawn)), {}) is None
    assert without_real_value(E(sqrt(drawn - Rational(1, 3))), {}) is not None
    assert without_real_value(E(1 / (Geometric("G", 1) - 2)), {}) is None
    assert without_real_value(E(1 / (Geometric("G", Rational(1, 2)) - 2)), {}) is not None
    late = Limit(sqrt(n - 10**4) / sqrt(n), n, oo)
    assert without_real_value(late, {}) is None
    assert without_real_value(Limit(sqrt(10**4 - n) / sqrt(n), n, oo), {}) is not None


def test_there_are_many_of_each() -> None:
    assert len(WITHOUT) + len(JUDGED_APART) >= 60 and len(FINE) >= 40
