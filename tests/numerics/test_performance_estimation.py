"""Worst cases against what is known in closed form, against each other, and beyond their limits."""

from __future__ import annotations

import importlib.util
import random
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.instruments import instruments_for, performance_estimation, worst_runs
from lemmata.numerics.instruments.pepit import INSTRUMENT as PEPIT
from lemmata.numerics.instruments.performance_estimation import INSTRUMENT as BALLS
from lemmata.numerics.instruments.worst_runs import INSTRUMENT as RUNS
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.performance import estimate
from lemmata.numerics.performance.broken import Broken, huber, quadratic, sawtooth
from lemmata.numerics.performance.case import Constants
from lemmata.numerics.performance.runs import along, worst_run
from lemmata.numerics.streams import Stream
from lemmata.theory import FunctionClass, Smooth, SmoothConvex, SmoothStronglyConvex, worst_case
from lemmata.theory.worst_cases import WorstCase

Rational = sp.Rational
RELATIVE_WIDTH = 1e-5
"""A ball of a worst case of a few steps is narrower than this, relatively."""


def ball(node: WorstCase, at: dict | None = None, budget: Budget | None = None) -> arb:
    answer = BALLS.measure(node, at or {}, budget or Budget(), Stream(0))
    assert isinstance(answer, Ball), answer
    return answer.value


def smooth_least(n: int, a: sp.Expr) -> sp.Expr:
    """Abbaszadehpeivasti, de Klerk & Zamani (2021), theorem 2, with n gradients, M = Delta = 1, a <= sqrt(3)."""
    return 4 / ((n - 1) * sp.Min(4 * a - a**2, 4 * a - a**3) + 2)


KNOWN = [
    *(
        (worst_case(Smooth(1), a, excess=1).least[n, "gradient"], smooth_least(n, a))
        for n in (1, 2, 3, 6)
        for a in (Rational(1, 2), sp.Integer(1), 2 / sp.sqrt(3), Rational(8, 5))
    ),
    *(
        (worst_case(SmoothConvex(1), a, distance=1)[n, "excess"], 1 / (4 * n * a + 2))
        for n in (1, 2, 4)
        for a in (Rational(1, 2), sp.Integer(1))
    ),
    *((worst_case(SmoothConvex(1), 1, excess=1)[n, "gradient"], Rational(2, 2 * n + 1)) for n in (1, 2, 4)),
    *(
        (worst_case(SmoothStronglyConvex(k, 1), a, distance=1)[n, "distance"], sp.Max((1 - k * a) ** 2, (1 - a) ** 2) ** n)
        for n in (1, 3)
        for k, a in ((Rational(1, 10), 1), (Rational(1, 3), Rational(3, 2)), (Rational(1, 2), Rational(19, 10)))
    ),
    *((worst_case(SmoothStronglyConvex(Rational(1, 5), 1), 1, excess=1)[n, "excess"], Rational(4, 5) ** (2 * n)) for n in (1, 2)),
    (worst_case(Smooth(1), Rational(9, 5), excess=1)[0, "gradient"], sp.Integer(2)),
    (worst_case(SmoothConvex(1), 3, distance=1)[2, "distance"], sp.Integer(16)),
    (worst_case(Smooth(1), 3, excess=1)[2, "excess"], sp.Integer(16)),
]


@pytest.mark.parametrize(("node", "value"), KNOWN, ids=str)
def test_closed_forms_are_enclosed_narrowly(node: WorstCase, value: sp.Expr) -> None:
    found = ball(node)
    assert found.overlaps(enclose(value, {}, digits=30))
    assert float(found.rad()) <= RELATIVE_WIDTH * float(value)


@pytest.mark.parametrize(("node", "value"), KNOWN[::4], ids=str)
def test_pepit_computes_the_same(node: WorstCase, value: sp.Expr) -> None:
    answer = PEPIT.measure(node, {}, Budget(), Stream(0))
    assert isinstance(answer, Approx), answer
    assert abs(answer.value - float(value)) <= answer.error


def test_beyond_the_root_of_three_the_formula_fails() -> None:
    found = ball(worst_case(Smooth(1), Rational(9, 5), excess=1).least[6, "gradient"])
    assert found > enclose(smooth_least(6, Rational(9, 5)), {})
    assert arb("0.46361 +/- 5e-6").contains(found)


def test_constants_enter_as_they_should() -> None:
    M, alpha, Delta = sp.symbols("M alpha Delta", positive=True)
    at = {M: Rational(7, 2), alpha: Rational(1, 7), Delta: Rational(3, 5)}
    node = worst_case(Smooth(M), alpha, excess=Delta).least[4, "gradient"]
    scale, unit = node.normalised()
    assert ball(node, at).overlaps(enclose(scale, at) * ball(unit, at))


def random_node(rng: random.Random) -> WorstCase:
    """Any class, method, start, measure and reduction, with steps up to and beyond 2/M and momentum on both sides of 1."""

    def number(low: int, high: int) -> sp.Rational:
        return Rational(rng.randint(20 * low + 1, 20 * high), 20)

    M = number(0, 5)
    among = rng.choice([Smooth(M), SmoothConvex(M), SmoothStronglyConvex(M * Rational(rng.randint(1, 9), 10), M)])
    method = rng.choice(["gradient", "heavy_ball", "heavy_ball_printed", "nesterov"])
    momentum = 0 if method == "gradient" else rng.choice([0, number(0, 1), Rational(6, 5), Rational(-1, 3)])
    step = rng.choice([1 / M, 2 / M, number(0, 2) / M, Rational(5, 2) / M])
    worst = worst_case(among, step, momentum=momentum, method=method, **{rng.choice(["excess", "distance"]): number(0, 4)})
    view = rng.choice([worst, worst.least, worst.total])
    return view[rng.randint(1, 4), rng.choice(["gradient", "excess", "distance"])]


@pytest.mark.parametrize("seed", range(40))
def test_instruments_never_contradict_each_other(seed: int) -> None:
    """What runs reach is below what is proved; what PEPit computes is within its error; neither needs to be near."""
    node = random_node(random.Random(seed))
    proved, run, pepit = (one.measure(node, {}, Budget(), Stream(0)) for one in (BALLS, RUNS, PEPIT))
    if isinstance(proved, Refusal):
        assert proved.divergent and isinstance(run, Refusal) and isinstance(pepit, Refusal)
        return
    assert all(exhibit.value <= proved.value.upper() for exhibit in proved.exhibits)
    if isinstance(run, Ball):
        assert run.value.overlaps(proved.value)
        assert run.exhibits[0].value <= proved.value.upper()
    if isinstance(pepit, Approx):
        assert (arb(pepit.value) + arb(0, pepit.error)).overlaps(proved.value)


class WeaklyConvex(FunctionClass):
    """Functions with curvature in [-rho, M]: a class of the reader's own."""

    def __new__(cls, rho: object, M: object) -> WeaklyConvex:
        return sp.Basic.__new__(cls, sp.sympify(rho), sp.sympify(M))

    @property
    def lower(self) -> sp.Expr:
        return -self.args[0]

    @property
    def upper(self) -> sp.Expr:
        return self.args[1]


def test_a_class_of_ones_own_lies_between_its_neighbours() -> None:
    """Worst cases grow with the class; curvature below -M is a larger class than that of smooth functions."""
    classes = [SmoothConvex(1), WeaklyConvex(Rational(1, 10), 1), WeaklyConvex(1, 1), WeaklyConvex(3, 1)]
    found = [ball(worst_case(among, 1, excess=1).least[3, "gradient"]) for among in classes]
    assert found[0] < found[1] < found[2] < found[3]
    assert found[2].overlaps(ball(worst_case(Smooth(1), 1, excess=1).least[3, "gradient"]))
    for among in classes:
        node = worst_case(among, Rational(5, 2), distance=1)[3, "gradient"]
        run = RUNS.measure(node, {}, Budget(), Stream(0))
        assert isinstance(run, Ball) and run.value.overlaps(ball(node))
    assert isinstance(PEPIT.measure(worst_case(classes[3], 1, excess=1)[1, "gradient"], {}, Budget(), Stream(0)), Refusal)


def random_function(rng: random.Random, lower: Fraction, upper: Fraction) -> Broken:
    """A broken line with slopes from the class's curvatures, rising at both ends."""
    slopes = [lower + (upper - lower) * Fraction(rng.randint(0, 6), 6) for _ in range(rng.randint(1, 6))]
    at, heights = [Fraction(rng.randint(-9, 0), 4)], [Fraction(rng.randint(-8, 4), 4)]
    for slope in slopes:
        gap = Fraction(rng.randint(1, 6), 4)
        at.append(at[-1] + gap)
        heights.append(heights[-1] + slope * gap)
    return Broken(tuple(at), tuple(heights), upper, upper)


@pytest.mark.parametrize("seed", range(24))
def test_no_function_of_the_class_does_worse_than_what_is_proved(seed: int) -> None:
    """Random functions with curvature in the class, run exactly by the method from random starts, against the ball's upper end."""
    rng = random.Random(seed)
    node = random_node(rng)
    proved = BALLS.measure(node, {}, Budget(), Stream(0))
    if isinstance(proved, Refusal):
        assert proved.divergent
        return
    lower, upper, step, momentum, bound = (
        Fraction(int(value.p), int(value.q)) for value in (node.among.lower, node.among.upper, node.step, node.momentum, node.bound)
    )
    constants = Constants(lower, upper, step, momentum, bound, int(node.time))
    for _ in range(60):
        function = random_function(rng, lower, upper)
        start = Fraction(rng.randint(-20, 20), 4)
        reached, size = along(node, constants, function, start)
        if size == 0:
            continue
        scaled = reached * (bound / size if node.start.value == "excess" else (bound / size) ** 2)
        assert arb(fmpq(scaled.numerator, scaled.denominator)) <= proved.value.upper()


def test_a_supremum_that_no_function_attains_is_approached() -> None:
    found = ball(worst_case(SmoothConvex(1), 1, excess=1)[2, "excess"])
    assert found.contains(1) and found > arb("0.9999")


def test_two_sides_that_contradict_each_other_are_both_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_above", lambda case: arb("0.79"))
    answer = BALLS.measure(worst_case(Smooth(1), 1, excess=1).least[2, "gradient"], {}, Budget(), Stream(0))
    assert isinstance(answer, Refusal) and "one of the two is wrong" in answer.reason


def test_an_unbounded_distance_is_divergent() -> None:
    answer = BALLS.measure(worst_case(Smooth(1), 1, excess=1)[2, "distance"], {}, Budget(), Stream(0))
    assert isinstance(answer, Refusal) and answer.divergent and "bound the start by distance=R" in answer.reason


M, alpha, N = sp.Symbol("M", real=True), sp.Symbol("alpha", real=True), sp.Symbol("N", integer=True)


@pytest.mark.parametrize("instrument", [BALLS, RUNS, PEPIT], ids=str)
@pytest.mark.parametrize(
    ("at", "says"),
    [
        ({M: sp.Integer(-1), alpha: sp.Integer(1), N: sp.Integer(2)}, "largest curvature"),
        ({M: sp.Integer(1), alpha: sp.Integer(0), N: sp.Integer(2)}, "step of a worst case is positive"),
        ({M: sp.Integer(1), alpha: sp.Integer(1), N: sp.Integer(0)}, "integer >= 1, and here it is 0"),
        ({M: sp.Integer(1), alpha: sp.Integer(1), N: Rational(3, 2)}, "integer >= 1, and here it is 3/2"),
    ],
)
def test_points_without_a_worst_case_are_refused(instrument, at: dict, says: str) -> None:
    node = worst_case(Smooth(sp.Symbol("u", positive=True)), alpha, excess=1).least[N, "gradient"]
    node = node.xreplace({node.among: _unchecked(Smooth, M)})
    answer = instrument.measure(node, at, Budget(), Stream(0))
    assert isinstance(answer, Refusal) and says in answer.reason and "\n" not in answer.reason


def _unchecked(kind: type, *arguments: sp.Expr) -> sp.Basic:
    """A class of functions whose constants may take any sign at a point."""
    return sp.Basic.__new__(kind, *arguments)


def test_a_class_of_one_curvature_is_refused() -> None:
    answer = BALLS.measure(worst_case(SmoothStronglyConvex(2, 2), 1, distance=1)[2, "excess"], {}, Budget(), Stream(0))
    assert isinstance(answer, Refusal) and "leave no class to search" in answer.reason


def test_too_many_steps_name_the_limit() -> None:
    node = worst_case(Smooth(1), 1, excess=1).least[N, "gradient"]
    quick = BALLS.measure(node, {N: sp.Integer(11)}, Budget(), Stream(0))
    assert isinstance(quick, Refusal) and "the budget quick allows 10" in quick.reason and "up to 40" in quick.reason
    more = BALLS.measure(node, {N: sp.Integer(41)}, BUDGETS[BudgetName.THOROUGH], Stream(0))
    assert isinstance(more, Refusal) and "up to 40" in more.reason
    assert isinstance(RUNS.measure(node, {N: sp.Integer(201)}, Budget(), Stream(0)), Refusal)


def test_without_the_extra_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance_estimation, "find_spec", lambda _: None)
    node = worst_case(Smooth(1), 1, excess=1).least[2, "gradient"]
    willing, declined = instruments_for(node)
    assert RUNS in willing and BALLS not in willing
    assert "pip install 'lemmata[pep]'" in next(refusal.reason for one, refusal in declined if one is BALLS)
    assert importlib.util.find_spec("clarabel") is not None


def test_runs_find_the_functions_that_attain_the_bounds() -> None:
    one = Fraction(1)
    for n in (1, 2, 5, 30):
        convex = worst_run(worst_case(SmoothConvex(1), 1, distance=1)[n, "excess"], Constants(0 * one, one, one, 0 * one, one, n))
        assert convex is not None and convex.reached == Fraction(1, 4 * n + 2)
        smooth = worst_case(Smooth(1), 1, excess=4).least[n, "gradient"]
        found = worst_run(smooth, Constants(-one, one, one, 0 * one, 4 * one, n))
        exact = Fraction(16, 3 * n - 1)
        assert found is not None and found.attained == exact
        assert exact * (1 - Fraction(1, 10**6)) <= found.reached <= exact


def test_runs_go_on_where_programmes_stop() -> None:
    node = worst_case(SmoothConvex(1), 1, distance=1)[150, "excess"]
    answer = RUNS.measure(node, {}, Budget(), Stream(0))
    assert isinstance(answer, Ball)
    assert answer.value.contains(arb(fmpq(1, 602))) and answer.value.lower() >= arb(fmpq(1, 602)) - arb(2) ** -25
    assert "when it is run: L' the broken line" in answer.exhibits[0].text


def test_irrational_constants_are_not_run() -> None:
    answer = RUNS.measure(worst_case(Smooth(1), 2 / sp.sqrt(3), excess=1).least[2, "gradient"], {}, Budget(), Stream(0))
    assert isinstance(answer, Refusal) and "rational" in answer.reason
    assert worst_runs.MOST_STEPS == 200


@pytest.mark.parametrize(
    "function",
    [quadratic(Fraction(2)), huber(Fraction(1, 3), Fraction(1, 5)), sawtooth([Fraction(-k) for k in range(4)])],
    ids=["quadratic", "huber", "sawtooth"],
)
def test_broken_lines_integrate_exactly(function: Broken) -> None:
    """(L(b) - L(a))/(b - a) = L'((a + b)/2) within a piece, and L is nowhere below its infimum."""
    places = [Fraction(k, 7) for k in range(-30, 31)]
    corners = set(function.at)
    for a, b in zip(places, places[1:], strict=False):
        if not any(a < corner < b for corner in corners):
            assert (function.value(b) - function.value(a)) / (b - a) == function.derivative((a + b) / 2)
    assert function.lowest == function.value(function.minimiser) == min(map(function.value, (*places, function.minimiser)))


def test_unbounded_functions_have_no_infimum() -> None:
    zero, one = Fraction(0), Fraction(1)
    for left, slopes, right in ((zero, one, one), (-one, -one, one), (one, -one, zero), (one, one, -one)):
        assert Broken((zero,), (slopes,), left, right).lowest is None
    assert Broken((zero,), (one,), one, zero).minimiser == -1


def test_a_run_is_the_run_of_descent() -> None:
    from lemmata.numerics.instruments.descent_balls import INSTRUMENT as DESCENT
    from lemmata.theory import descent

    w = sp.Symbol("w", real=True)
    loss = sp.Piecewise((w**2 / 2, sp.Abs(w) <= Rational(1, 3)), (sp.Abs(w) / 3 - Rational(1, 18), True))
    constants = Constants(Fraction(0), Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1), 3)
    for method in ("heavy_ball", "heavy_ball_printed", "nesterov"):
        node = worst_case(SmoothConvex(1), Rational(1, 2), distance=1, momentum=Rational(1, 4), method=method)[3, "distance"]
        reached, _ = along(node, constants, huber(Fraction(1, 3), Fraction(0)), Fraction(1))
        same = descent(loss, {w: 1}, Rational(1, 2), momentum=Rational(1, 4), method=method)[3, w**2]
        answer = DESCENT.measure(same, {}, Budget(), Stream(0))
        assert isinstance(answer, Ball) and answer.value.contains(arb(fmpq(reached.numerator, reached.denominator)))
