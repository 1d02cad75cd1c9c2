"""Losses that are code: functions and modules in descent and in statements, random rounding, Lipschitz constants, limits with rates."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.descent.batch_loss import of_function
from lemmata.numerics.descent.jitter import Jitter
from lemmata.numerics.descent.modules import module_loss
from lemmata.numerics.descent.rates import Approach, Kind, approach
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.instruments.computed_loss import INSTRUMENT as VALUE
from lemmata.numerics.instruments.descent_balls import INSTRUMENT as BALLS
from lemmata.numerics.instruments.descent_runs import INSTRUMENT as RUNS
from lemmata.numerics.instruments.gradient_gap import INSTRUMENT as GAP
from lemmata.numerics.instruments.gradient_gap_balls import INSTRUMENT as GAP_BALLS
from lemmata.numerics.instruments.limit import INSTRUMENT as LIMIT
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import LossValue, loss
from lemmata.theory.lipschitz_gradients import gradient_gap, lipschitz
from lemmata.theory.losses import half_square, logistic, saturating
from lemmata.theory.trajectory import GradientNormSquared, Method, descent, grad_norm_squared

torch.set_num_threads(1)
BUDGET, STREAM = Budget(), Stream(0, ("test",))
EPS = torch.finfo(torch.float64).eps
R = sp.Rational
w, u, v = sp.symbols("w u v", real=True)
a, alpha = sp.symbols("a alpha", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
W, W0 = sp.MatrixSymbol("W", 3, 1), sp.MatrixSymbol("W_0", 3, 1)


@loss
def valley(w: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    return a * w * w / (1 + w * w)


@loss
def cosines(W: torch.Tensor) -> torch.Tensor:
    return (1 - W.cos()).sum()


@loss
def broken(w: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("no\nsuch thing")


@loss
def single(w: torch.Tensor) -> torch.Tensor:
    return (w * w).float()


@loss
def branching(w: torch.Tensor) -> torch.Tensor:
    return w if bool(w > 0) else -w


@pytest.mark.parametrize("method", list(Method))
def test_a_program_runs_as_its_expression_does(method: Method) -> None:
    """The same loss as code and in SymPy: the runs differ by no more than their errors, and both lie in the ball's neighbourhood."""
    momentum = 0 if method is Method.GRADIENT else R(3, 10)
    at = {a: R(3, 2), u: R(5, 4), alpha: R(1, 5), n: sp.Integer(25)}
    for watch in (w, w**2, saturating(w)):
        code = descent(valley(w, a), {w: u}, alpha, momentum, method)[n, watch]
        plain = descent(a * saturating(w), {w: u}, alpha, momentum, method)[n, watch]
        one, other = RUNS.measure(code, at, BUDGET, STREAM), RUNS.measure(plain, at, BUDGET, STREAM)
        assert isinstance(one, Approx) and isinstance(other, Approx)
        assert abs(one.value - other.value) <= one.error + other.error
        refused = BALLS.supports(code)
        assert refused == Refusal("the loss is code, which balls cannot follow")


def test_code_and_expressions_add_up_to_one_loss() -> None:
    at = {a: sp.Integer(1), u: sp.Integer(1), alpha: R(1, 4), n: sp.Integer(8)}
    mixed = RUNS.measure(descent(valley(w, a) + w**2 / 2, {w: u}, alpha)[n, w + valley(w, a)], at, BUDGET, STREAM)
    plain = RUNS.measure(descent(a * saturating(w) + w**2 / 2, {w: u}, alpha)[n, w + a * saturating(w)], at, BUDGET, STREAM)
    assert isinstance(mixed, Approx) and isinstance(plain, Approx)
    assert abs(mixed.value - plain.value) <= mixed.error + plain.error


def test_gradient_norms_of_programs_are_measured() -> None:
    norm = grad_norm_squared(cosines(W), [W])
    assert isinstance(norm, GradientNormSquared) and isinstance(grad_norm_squared(valley(w, a), [w]), GradientNormSquared)
    start = sp.ImmutableMatrix([1, R(-1, 2), 2])
    found = RUNS.measure(descent(cosines(W), {W: W0}, alpha)[0, norm], {W0: start, alpha: sp.Integer(1)}, BUDGET, STREAM)
    truth = sum(sp.sin(entry) ** 2 for entry in start)
    assert isinstance(found, Approx) and abs(Fraction(found.value) - Fraction(str(sp.N(truth, 30)))) <= Fraction(found.error)


def test_the_value_of_a_program_at_a_point() -> None:
    found = VALUE.measure(valley(u, a), {u: sp.Integer(2), a: R(1, 3)}, BUDGET, STREAM)
    assert isinstance(found, Approx) and abs(Fraction(found.value) - Fraction(4, 15)) <= Fraction(found.error)
    assert {one.name for one in instruments_for(valley(u, a))[0]} == {"computed loss"}


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (broken, "the loss broken raised RuntimeError: no"),
        (single, "the loss single returned a tensor of shape (), torch.float32: return a scalar float64 tensor"),
        (branching, "the loss branching raised RuntimeError"),
    ],
)
def test_a_program_that_is_no_loss_is_refused_by_name(node: Callable[[Any], LossValue], reason: str) -> None:
    found = RUNS.measure(descent(node(w), {w: u}, alpha)[n, w], {u: sp.Integer(1), alpha: sp.Integer(1), n: sp.Integer(2)}, BUDGET, STREAM)
    assert isinstance(found, Refusal) and found.reason.startswith(reason) and "\n" not in found.reason


def test_a_second_look_rounds_every_operation_otherwise() -> None:
    """(10^4 + w) - 10^4 loses 13 bits of w: the first look cannot see that, the second does; where it loses 27, there is no second."""
    careless, hopeless = (loss(lambda w, big=big: ((big + w) - big) ** 2 / 2) for big in (1e4, 1e8))
    node, at = descent(careless(w), {w: u}, alpha)[n, w], {u: R(1, 3), alpha: R(1, 2), n: sp.Integer(3)}
    first, again = (RUNS.measure(node, at, Budget(digits=digits), STREAM) for digits in (15, 30))
    assert isinstance(first, Approx) and isinstance(again, Approx) and first != again
    assert abs(Fraction(again.value) - Fraction(1, 24)) <= Fraction(again.error)
    assert first.error < 2.0**-45 < again.error
    assert isinstance(RUNS.measure(descent(hopeless(w), {w: u}, alpha)[n, w], at, Budget(digits=30), STREAM), Refusal)


def test_jitter_moves_what_is_computed_and_spares_zero() -> None:
    with Jitter(Stream(0, ("test",))):
        moved = torch.ones(1000, dtype=torch.float64) * 3
        zero = torch.zeros(10, dtype=torch.float64) * 3
    assert 3 * 4 * EPS < float((moved - 3).abs().max()) <= 3 * 128 * EPS
    assert not bool(zero.any())


def test_the_module_of_a_network_descends_by_its_own_gradient() -> None:
    """Descent through the node against Torch's own optimiser: the same sums in another order, 20 contracting steps."""
    module = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    rng = Stream(0, ("test", "data")).torch()
    inputs, targets = torch.randn(7, 2, generator=rng), torch.randn(7, 1, generator=rng)
    net = module_loss("small", module, inputs, targets)
    assert [str(variable) for variable in net.variables] == ["weight_0", "bias_0", "weight_2", "bias_2"]
    assert [tuple(map(int, variable.shape)) for variable in net.variables] == [(4, 2), (4, 1), (1, 4), (1, 1)]
    node = descent(net(*net.variables), net.starts(), R(1, 8))[n, net(*net.variables)]
    found = RUNS.measure(node, {n: sp.Integer(20)}, BUDGET, STREAM)
    copy = module.double()
    optimiser = torch.optim.SGD(copy.parameters(), lr=0.125)
    for _ in range(20):
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(copy(inputs.double()), targets.double()).backward()
        optimiser.step()
    own = torch.nn.functional.mse_loss(copy(inputs.double()), targets.double()).item()
    assert isinstance(found, Approx) and abs(found.value - own) <= found.error + 20 * 64 * EPS * own


def test_modules_are_told_apart_by_what_they_are_and_not_by_their_parameters() -> None:
    def made(width: int) -> Any:
        return module_loss("one", torch.nn.Linear(width, 1), torch.ones(3, width), torch.zeros(3, 1))

    assert made(2).key == made(2).key != made(3).key
    assert made(2).starts() != made(2).starts()
    assert made(2).starts(1) == made(2).starts(1) != made(2).starts(2)
    with pytest.raises(ValueError, match="has no parameters"):
        module_loss("none", torch.nn.Tanh(), torch.ones(3, 1), torch.ones(3, 1))
    with pytest.raises(ValueError, match="weight has the shape"):
        made(2)(sp.MatrixSymbol("X", 3, 3), sp.Matrix([[1]]))
    with pytest.raises(TypeError, match="loss one: too many positional arguments"):
        made(2)(1, 2, 3)


# Lipschitz constants.


def test_gaps_in_balls_and_by_differentiation_agree() -> None:
    X, Y, V = (sp.MatrixSymbol(name, 2, 1) for name in ("X", "Y", "V"))
    node = gradient_gap(half_square(V, sp.Matrix([[1, 2], [0, 1]])) + sp.cos(V[0, 0]), {V: (X, Y)})
    at = {X: sp.ImmutableMatrix([1, R(-1, 3)]), Y: sp.ImmutableMatrix([R(2, 5), 2])}
    sure, found = GAP_BALLS.measure(node, at, BUDGET, STREAM), GAP.measure(node, at, BUDGET, STREAM)
    assert isinstance(sure, Ball) and isinstance(found, Approx)
    assert abs(float(sure.value.mid()) - found.value) <= found.error + float(sure.value.rad()) + EPS * found.value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lipschitz(w**2, {w: (u, v)}, -1), "a Lipschitz constant is at least 0, not -1"),
        (lambda: lipschitz(w**2, {w: u}, 1), "w takes a pair of points (x, y), not u"),
        (lambda: lipschitz(w**2, {w: (u, W)}, 1), "w has the shape of a number, but the point W has (3, 1)"),
        (lambda: lipschitz(w**2, {}, 1), "with at least one variable"),
        (lambda: lipschitz(w**2, {w**2: (u, v)}, 1), "a variable of a loss is a Symbol or a MatrixSymbol, not w**2"),
    ],
)
def test_bad_pairs_are_refused_in_one_line(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_program_s_gap_is_a_node_and_an_expression_s_is_closed() -> None:
    assert gradient_gap(logistic(w), {w: (u, v)}).free_symbols == {u, v}
    node = gradient_gap(valley(w, a), {w: (u, v)})
    assert node.free_symbols == {u, v, a} and node.func(*node.args) == node
    assert node.xreplace({u: sp.Integer(1)}).free_symbols == {v, a}


# Limits of runs.


def test_limits_carry_their_rate_and_the_last_step() -> None:
    linear = LIMIT.measure(sp.Limit(descent((w - 2) ** 2 / 2, {w: 1}, R(1, 3))[n, w], n, sp.oo), {}, BUDGET, STREAM)
    assert isinstance(linear, Approx) and linear.basis == "linear, ratio 0.6667 a step, measured up to n = 1280"
    assert abs(linear.value - 2) <= linear.error < mpmath.mpf(2) ** -60
    power = LIMIT.measure(sp.Limit(descent(w**4 / 4, {w: 1}, R(1, 3))[n, w], n, sp.oo), {}, BUDGET, STREAM)
    assert isinstance(power, Approx) and power.basis.startswith("like n^-0.4") and abs(power.value) <= power.error < mpmath.mpf(2) ** -8
    code = LIMIT.measure(sp.Limit(descent(valley(w, 1), {w: 1}, R(1, 4))[n, w], n, sp.oo), {}, BUDGET, STREAM)
    assert isinstance(code, Approx) and code.basis.startswith("linear, ratio 0.5 a step") and abs(code.value) <= code.error


@pytest.mark.parametrize(
    ("node", "divergent"),
    [
        (descent(sp.exp(-w), {w: 0}, 1)[n, 1 / (1 + w)], False),
        (descent(sp.exp(-1 / w**2), {w: R(1, 2)}, R(1, 10))[n, w], False),
        (descent(w**2 / 2, {w: 1}, R(1, 2000))[n, w], False),
        (descent(w**2 / 2, {w: 1}, 2)[n, w], True),
        (descent(sp.exp(-w), {w: 0}, 1)[n, w], True),
        (descent(w, {w: 0}, 1)[n, w], True),
        (descent(w**2 / 2, {w: 1}, 3)[n, w], True),
    ],
)
def test_what_has_not_come_to_a_limit_is_refused(node: Any, divergent: bool) -> None:
    """1/ln n falls more slowly than any power, the third is far from its limit, the fourth alternates, the last three run off."""
    found = LIMIT.measure(sp.Limit(node, n, sp.oo), {}, BUDGET, STREAM)
    assert isinstance(found, Refusal) and found.divergent is divergent
    assert found.reason.startswith("no limit is seen")


STEPS = [5 * 2**k for k in range(9)]
SEQUENCES: dict[str, tuple[Callable[[Any], Any], Any, Kind | None]] = {
    "geometric": (lambda k: 1 + mpmath.mpf("0.97") ** k, 1, Kind.LINEAR),
    "alternating": (lambda k: 1 + mpmath.mpf("-0.9") ** k, 1, Kind.LINEAR),
    "fast": (lambda k: 1 + mpmath.mpf("0.01") ** k, 1, Kind.SETTLED),
    "constant": (lambda k: mpmath.mpf(1), 1, Kind.SETTLED),
    "one over n": (lambda k: 3 - 1 / (mpmath.mpf(k) + 2), 3, Kind.POWER),
    "a third": (lambda k: (mpmath.mpf(k) + 1) ** mpmath.mpf(-1 / 3), 0, Kind.POWER),
    "a fifth": (lambda k: 2 + (mpmath.mpf(k) + 9) ** mpmath.mpf(-0.2), 2, None),
    "log over n": (lambda k: mpmath.log(k) / k, 0, Kind.POWER),
    "logarithm": (lambda k: 1 / mpmath.log(k), 0, None),
    "logarithm, later": (lambda k: 1 / mpmath.log(k + 50), 0, None),
    "root of a logarithm": (lambda k: mpmath.log(k + 1) ** -0.5, 0, None),
    "iterated logarithm": (lambda k: 1 / mpmath.log(mpmath.log(k + 2) + 1), 0, None),
    "squared logarithm": (lambda k: mpmath.log(k) ** -2, 0, None),
    "harmonic": (lambda k: mpmath.harmonic(k), 0, None),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_rates_are_told_where_they_can_be(name: str) -> None:
    sequence, limit, kind = SEQUENCES[name]
    with mpmath.workdps(40):
        values = [sequence(k) for k in STEPS]
        found = approach(values, [mpmath.mpf(10) ** -35] * len(values), STEPS)
        if kind is None:
            assert isinstance(found, str)
            return
        assert isinstance(found, Approach) and found.kind is kind, found
        assert abs(found.limit - limit) <= found.error


def test_noise_is_taken_for_neither_a_rate_nor_a_limit_past_it() -> None:
    """2 + 0.9^n in doubles: the gaps end in rounding, and the error says no less than that."""
    values = [mpmath.mpf(2 + 0.9**k) for k in STEPS]
    found = approach(values, [mpmath.mpf(2) ** -51] * len(values), STEPS)
    assert isinstance(found, Approach) and abs(found.limit - 2) <= found.error >= mpmath.mpf(2) ** -51


def test_recordings_are_made_once_for_a_size() -> None:
    calls = []

    def counted(w: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return w * w

    batch = of_function(counted, ["w"])
    for _ in range(5):
        batch.gradient([torch.ones(4, dtype=torch.float64)], [])
    assert len(calls) == 2
