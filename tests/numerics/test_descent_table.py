"""Many runs as a table: closed forms, laws that every method obeys, why runs end, chunks and order, bad input in one line."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
import torch
from torch import Tensor

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.descent.batch_loss import held, of_expression, of_function
from lemmata.numerics.descent.methods import UPDATES
from lemmata.numerics.descent.table import End, Table, runs
from lemmata.numerics.streams import Stream
from lemmata.theory.trajectory import Method

torch.set_num_threads(1)
EPS = torch.finfo(torch.float64).eps
X = torch.linspace(-1, 1, 8, dtype=torch.float64)


def parabola(w: Tensor, a: Tensor) -> Tensor:
    return a * w * w / 2


def network(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    return ((torch.tanh(X[:, None] * a + b) @ c - torch.sin(3 * X)) ** 2).mean()


def normal(*shape: int, name: str = "starts") -> Tensor:
    return torch.randn(*shape, generator=Stream(0, ("test", name)).torch(), dtype=torch.float64)


def dyadic(count: int, name: str) -> Tensor:
    return torch.randint(1, 64, (count,), generator=Stream(0, ("test", name)).torch()).double() / 32


@pytest.mark.parametrize("method", list(Method))
def test_every_method_follows_exact_rationals(method: Method) -> None:
    """Each step loses at most 8 roundings of the largest number seen, and the growth of errors is that of the iteration: below 8 a step."""
    starts, curvature, alpha = dyadic(40, "w"), dyadic(40, "a"), dyadic(40, "alpha")
    beta = 0.0 if method is Method.GRADIENT else 0.5
    table = runs(parabola, {"w": starts}, alpha, 9, parameters={"a": curvature}, momentum=beta, method=method)
    for w0, a, step, found in zip(starts.tolist(), curvature.tolist(), alpha.tolist(), table.final["w"].tolist(), strict=True):
        w, v, size = [Fraction(w0)], [Fraction(0)], abs(Fraction(w0))
        for _ in range(9):
            w, v = UPDATES[method](w, v, lambda at, a=a: [Fraction(a) * at[0]], Fraction(step), Fraction(beta))
            size = max(size, abs(w[0]), abs(v[0]))
        growth = 2 + Fraction(a) * Fraction(step)
        assert abs(Fraction(found) - w[0]) <= 9 * 8 * Fraction(EPS) * growth**9 * size


def test_momentum_zero_is_gradient_descent_to_the_last_bit() -> None:
    starts = {name: normal(30, 5, name=name) for name in "abc"}
    plain, heavy, nesterov = (
        runs(network, starts, 0.3, 70, method=method, looks=[10]) for method in (Method.GRADIENT, Method.HEAVY_BALL, Method.NESTEROV)
    )
    for other in (heavy, nesterov):
        assert all(torch.equal(plain.final[name], other.final[name]) for name in "abc")
        assert torch.equal(plain.losses, other.losses)


def test_a_rotated_problem_has_rotated_runs() -> None:
    """L(Q w) from Q^T w0 with Q a rotation by 3/5 and 4/5: 50 contracting steps lose no more than a few roundings each."""
    Q = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    curvature = torch.tensor([1.0, 3.0], dtype=torch.float64)

    def bowl(w: Tensor) -> Tensor:
        return (curvature * w * w).sum() / 2

    starts = normal(20, 2)
    plain = runs(bowl, {"w": starts}, 0.25, 50)
    turned = runs(lambda w: bowl(Q @ w), {"w": starts @ Q}, 0.25, 50)
    error = (turned.final["w"] @ Q.T - plain.final["w"]).abs().amax()
    assert 0 < float(plain.final["w"].abs().amax()) and bool(error <= 50 * 32 * EPS * starts.abs().amax())


def test_a_symbolic_loss_and_its_program_run_alike() -> None:
    w, a = sp.symbols("w a", real=True)
    count = 16
    shared: dict[str, Any] = {"steps": 40, "looks": [0, 20, 40]}
    symbolic = runs(a * w**2 / 2, {w: dyadic(count, "w")}, 0.125, parameters={a: dyadic(count, "a")}, **shared)
    program = runs(parabola, {"w": dyadic(count, "w")}, 0.125, parameters={"a": dyadic(count, "a")}, **shared)
    assert bool(((symbolic.losses - program.losses).abs() <= 40 * 16 * EPS * symbolic.losses[:, :1]).all())


def many(**options: Any) -> Table:
    starts = {name: normal(100, 5, name=name) for name in "abc"}
    step = torch.rand(100, generator=Stream(0, ("test", "steps")).torch(), dtype=torch.float64) * 6
    return runs(network, starts, step, 120, looks=[0, 7, 64, 120], gradient_below=0.1, **options)


@pytest.mark.parametrize(("memory", "threads"), [(1 << 15, 1), (1 << 17, 2), (1 << 20, 2)])
def test_chunks_and_threads_change_nothing(memory: int, threads: int) -> None:
    whole, parts = many(), many(memory=memory, threads=threads)
    assert whole.ends == parts.ends and torch.equal(whole.steps, parts.steps)
    assert torch.equal(whole.losses, parts.losses) and torch.equal(whole.gradient_norms, parts.gradient_norms)
    assert all(torch.equal(whole.final[name], parts.final[name]) for name in whole.final)


def test_every_end_is_met_and_no_number_is_nan() -> None:
    """On (w^2 - 1)^2 a step of 10^-20 moves nothing, long steps overflow, short ones converge or take their time."""
    starts = torch.tensor([0.5, 1.5, 3.0, 0.5], dtype=torch.float64)
    step = torch.tensor([1e-20, 0.01, 10.0, 0.1], dtype=torch.float64)
    table = runs(lambda w: (w * w - 1) ** 2, {"w": starts}, step, 3000, gradient_below=1e-6, looks=[0, 5, 3000])
    assert table.ends == (End.STILL, End.CONVERGED, End.DIVERGED, End.CONVERGED)
    assert [table.count(end) for end in (End.TIME, End.DIVERGED)] == [0, 1]
    assert table.ended(End.DIVERGED).tolist() == [False, False, True, False]
    assert bool(torch.isfinite(table.final["w"]).all()) and bool(torch.isfinite(table.loss).all())
    assert not bool(torch.isnan(table.losses).any())
    assert table.losses[2].tolist()[0] == 64.0 and table.losses[2].tolist()[2] == float("inf")
    assert table.losses[0].tolist() == [0.5625, 0.5625, 0.5625]
    short = runs(lambda w: (w * w - 1) ** 2, {"w": starts[1:2]}, 0.001, 10)
    assert short.ends == (End.TIME,) and short.steps.tolist() == [10]


def test_the_step_of_divergence_is_exact_and_the_last_finite_iterate_is_kept() -> None:
    """w_k = (-2)^k: the loss 3/2 w_k^2 is finite up to k = 511, and w_512^2 = 2^1024 is not."""
    table = runs(lambda w: 1.5 * w * w, {"w": torch.ones(3, dtype=torch.float64)}, torch.tensor([1.0, 0.25, 1.0]), 2000)
    assert table.ends[0] is End.DIVERGED and table.ends[1] is not End.DIVERGED
    assert table.steps.tolist()[::2] == [512, 512]
    assert table.final["w"].tolist()[::2] == [-(2.0**511), -(2.0**511)]
    assert table.loss[0].item() == 1.5 * 2.0**1022


def test_a_step_of_its_own_a_parameter_of_its_own() -> None:
    table = runs(
        parabola,
        {"w": torch.ones(3, dtype=torch.float64)},
        torch.tensor([0.5, 0.25, 1.0]),
        2,
        parameters={"a": torch.tensor([1.0, 2.0, 1.0])},
    )
    assert table.final["w"].tolist() == [0.25, 0.25, 0.0]
    assert len(table) == 3


BAD: list[tuple[Callable[[], object], str]] = [
    (
        lambda: runs(parabola, {"w": torch.ones(2)}, 0.0, 3, parameters={"a": torch.ones(2)}),
        "a step of descent is a finite number > 0, not 0 (run 0)",
    ),
    (lambda: runs(parabola, {"w": torch.ones(2)}, torch.tensor([1.0, -1.0]), 3, parameters={"a": torch.ones(2)}), "not -1 (run 1)"),
    (lambda: runs(parabola, {"w": torch.ones(2)}, torch.ones(3), 3, parameters={"a": torch.ones(2)}), "the step has 3 rows, and w has 2"),
    (lambda: runs(parabola, {"w": torch.ones(2)}, torch.ones(2, 2), 3, parameters={"a": torch.ones(2)}), "not a tensor of shape (2, 2)"),
    (lambda: runs(parabola, {"w": torch.ones(2)}, 1.0, 3, parameters={"a": torch.ones(5)}), "the parameter a has 5 rows, and w has 2"),
    (
        lambda: runs(lambda w: w.log(), {"w": torch.tensor([1.0, -1.0])}, 1.0, 3),
        "is not finite at the start of run 1, where the loss is nan",
    ),
    (lambda: runs(lambda w: 1 / w, {"w": torch.tensor([0.0, 1.0])}, 1.0, 3), "is not finite at the start of run 0, where the loss is inf"),
    (lambda: runs(lambda w: w * w, {"w": torch.ones(2)}, 1.0, 3, looks=[4]), "iterates 0 to 3 can be looked at, not 4"),
    (lambda: runs(lambda w: w * w, {"w": torch.ones(2)}, 1.0, -1), "a whole number of steps >= 0, not -1"),
    (lambda: runs(lambda w: w * w, {}, 1.0, 1), "starts are tensors (B, ...)"),
    (lambda: runs(lambda w: w * w, torch.tensor([1j]), 1.0, 1), "the start of w is complex: descent runs in real numbers"),
    (lambda: runs(lambda w: w * w, torch.ones(1), 1.0, 1, momentum=float("nan"), method="nesterov"), "a momentum of descent is a finite"),
    (lambda: runs(sp.Symbol("w") ** 2, {sp.Symbol("w"): torch.ones(2, 3)}, 1.0, 1), "w has the shape () in one run, and its tensor (B, 3)"),
    (
        lambda: runs(sp.Trace(sp.MatrixSymbol("W", 2, 2)), {sp.MatrixSymbol("W", 2, 2): torch.ones(4, 3, 3)}, 1.0, 1),
        "W has the shape (2, 2) in one run, and its tensor (B, 3, 3) does not fit",
    ),
    (lambda: runs(lambda w: w * w, {"w": torch.ones(0)}, 1.0, 1), "there is no run"),
    (lambda: runs(lambda w: w * w, {"w": torch.ones(2)}, 1.0, 1, threads=0), "at least 1 thread, not 0"),
    (lambda: runs(lambda w: (w * w).sum(), {"w": torch.ones(2, 999)}, 1.0, 1, memory=999), "one run holds"),
    (lambda: runs(3.0, {"w": torch.ones(2)}, 1.0, 1), "not float"),
    (lambda: runs(sp.Symbol("x", real=True) ** 2, {sp.Symbol("y", real=True): torch.ones(2)}, 1.0, 1), "the loss is in y, x, but"),
    (lambda: runs(lambda w: w * w, {"w": torch.ones(2)}, 1.0, 1, momentum=0.5), "method 'gradient' has no momentum"),
    (
        lambda: runs(lambda w: w * w, {"w": torch.ones(2)}, 1.0, 1, method="adam"),
        "descent has no method 'adam': choose one of gradient, heavy_ball,",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_an_error_in_one_line(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda w: w.sum().float(), "a tensor of shape (), torch.float32: return a scalar float64 tensor"),
        (lambda w: w * w, "a tensor of shape (2,), torch.float64"),
        (lambda w: 1.0, "returned float"),
        (lambda w: w @ torch.ones(3, dtype=torch.float64), "raised RuntimeError"),
    ],
)
def test_a_loss_that_is_none_says_so(loss: Callable[[Tensor], Tensor], message: str) -> None:
    with pytest.raises(CannotEvaluate) as caught:
        runs(loss, {"w": torch.ones(3, 2)}, 1.0, 3)
    assert message in caught.value.reason and "\n" not in caught.value.reason


def test_recorded_operations_give_what_the_transforms_give() -> None:
    starts = [normal(6, 5, name=name) for name in "abc"]
    plain = torch.func.vmap(torch.func.grad_and_value(network, argnums=(0, 1, 2)))(*starts)
    value, slopes = of_function(network, list("abc")).value_and_gradient(starts, [])
    assert torch.equal(value, plain[1]) and all(torch.equal(a, b) for a, b in zip(slopes, plain[0], strict=True))


def test_a_gradient_is_not_remembered_past_a_write() -> None:
    """Steps write into the iterates: the very same tensor holds another iterate then."""
    w = sp.Symbol("w", real=True)
    loss, at = of_expression(w**2, [w]), torch.ones(1, dtype=torch.float64)
    before = loss.gradient([at], [])[0].item()
    at.mul_(3)
    assert (before, loss.gradient([at], [])[0].item()) == (2.0, 6.0)


def test_branches_by_where_are_recorded_whole() -> None:
    """A recording holds no branch of the run it was made from."""
    loss = of_function(lambda w: torch.where(w > 0, w * w, -w), ["w"])
    assert loss.gradient([torch.tensor([1.0, 2.0], dtype=torch.float64)], [])[0].tolist() == [2.0, 4.0]
    assert loss.gradient([torch.tensor([-1.0, 2.0], dtype=torch.float64)], [])[0].tolist() == [-1.0, 4.0]


def test_what_is_held_is_counted() -> None:
    w = sp.Symbol("w", real=True)
    loss = of_expression(sp.sin(w) ** 2, [w])
    few, many_ = (held(lambda count=count: loss.value_and_gradient([torch.ones(count, dtype=torch.float64)], [])) for count in (10, 1000))
    assert 8 * 1000 <= many_ and 50 * few <= many_
