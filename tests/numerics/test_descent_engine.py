"""The batched engine: closed-form dynamics, one batch against single runs, chunks, divergence, early stops, two gradients."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
import torch

from lemmata.numerics.descent.engine import Outcome, Runs, run
from lemmata.numerics.descent.methods import UPDATES
from lemmata.numerics.descent.problem import Problem, compile_problem
from lemmata.numerics.descent.table import runs
from lemmata.theory.losses import half_square, logistic
from lemmata.theory.trajectory import Method, Reduction, bound, grad_norm_squared

M = sp.Symbol("M", positive=True)
W = bound(sp.Symbol("w", real=True))
PARABOLA = compile_problem(M * W**2 / 2, (W,), W)
EPS = torch.finfo(torch.float64).eps


def batch(starts: list[float], curvatures: list[float], steps: list[float], times: list[int], momentum: float = 0.0) -> Runs:
    def column(values: list[float]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float64)

    return Runs({W: column(starts)}, {M: column(curvatures)}, column(steps), column([momentum] * len(steps)), torch.tensor(times))


def dyadic(count: int, generator: torch.Generator) -> list[float]:
    """Numbers with few binary digits, so that the exact iteration starts from the very same ones."""
    return (torch.randint(1, 64, (count,), generator=generator) / 32).tolist()


def test_thousands_of_runs_follow_their_closed_form() -> None:
    """|computed - (1 - M alpha)^n w0| <= rounding: each step loses at most 4 eps (1 + M alpha) relative to the iterate's bound."""
    generator = torch.Generator().manual_seed(1)
    count = 4000
    starts, curvatures, steps = (dyadic(count, generator) for _ in range(3))
    times = torch.randint(0, 30, (count,), generator=generator).tolist()
    found = run(PARABOLA, batch(starts, curvatures, steps, times))
    assert found.diverged == 0
    for w0, curvature, alpha, n, value in zip(starts, curvatures, steps, times, found.values.tolist(), strict=True):
        ratio = 1 - Fraction(curvature) * Fraction(alpha)
        growth = 1 + Fraction(curvature) * Fraction(alpha)
        allowed = 4 * n * Fraction(EPS) * growth ** max(n, 1) * abs(Fraction(w0))
        assert abs(Fraction(value) - ratio**n * Fraction(w0)) <= allowed


@pytest.mark.parametrize("method", list(Method))
def test_every_method_agrees_with_exact_rationals(method: Method) -> None:
    w0, curvature, alpha, beta = 1.5, 0.75, 0.5, 0.5
    momentum = 0.0 if method is Method.GRADIENT else beta
    found = run(PARABOLA, batch([w0], [curvature], [alpha], [12], momentum), method=method)
    w, v = [Fraction(w0)], [Fraction(0)]
    size = abs(w[0])
    for _ in range(12):
        w, v = UPDATES[method](w, v, lambda at: [Fraction(curvature) * at[0]], Fraction(alpha), Fraction(momentum))
        size = max(size, abs(w[0]), abs(v[0]))
    assert abs(Fraction(found.values.item()) - w[0]) <= 12 * 16 * Fraction(EPS) * 2**4 * size


@pytest.mark.parametrize("reduction", list(Reduction))
def test_a_batch_gives_the_numbers_of_single_runs(reduction: Reduction) -> None:
    generator = torch.Generator().manual_seed(2)
    starts, curvatures, steps = (dyadic(50, generator) for _ in range(3))
    times = torch.randint(1, 120, (50,), generator=generator).tolist()
    whole = batch(starts, curvatures, steps, times)
    together = run(PARABOLA, whole, reduction=reduction)
    alone = [run(PARABOLA, whole.part(slice(i, i + 1)), reduction=reduction) for i in range(50)]
    assert together.values.tolist() == [one.values.item() for one in alone]
    assert together.diverged_at.tolist() == [one.diverged_at.item() for one in alone]


@pytest.mark.parametrize("chunk", [1, 7, 49, 50, 1000])
def test_chunks_change_nothing(chunk: int) -> None:
    generator = torch.Generator().manual_seed(3)
    whole = batch(*(dyadic(50, generator) for _ in range(3)), torch.randint(1, 90, (50,), generator=generator).tolist())
    expected = run(PARABOLA, whole, reduction=Reduction.LEAST)
    found = run(PARABOLA, whole, reduction=Reduction.LEAST, chunk=chunk)
    assert found.values.tolist() == expected.values.tolist()
    assert found.diverged_at.tolist() == expected.diverged_at.tolist()


def test_divergence_is_counted_with_its_step_and_is_never_nan() -> None:
    """|w_k| = 2^k (ratio -2): float64 ends at 2^1024, so the run of ratio -2 is lost at step 1024, that of ratio -1/2 never."""
    found: Outcome = run(PARABOLA, batch([1.0, 1.0, 1.0], [3.0, 3.0, 1.5], [1.0, 1.0, 1.0], [2000, 1000, 2000]))
    assert found.diverged == 1
    assert found.diverged_at.tolist() == [1024, -1, -1]
    assert found.values[1].item() == 2.0**1000
    assert not torch.isnan(found.values).any()
    assert abs(found.values[0].item()) == 2.0**1023


def test_a_run_that_stands_still_stops_early_with_the_right_total() -> None:
    found = run(PARABOLA, batch([3.0], [0.0], [1.0], [10**9]), reduction=Reduction.TOTAL)
    assert found.values.item() == 3.0 * 10**9
    assert found.steps < 100
    halving = run(PARABOLA, batch([1.0], [1.0], [1.0], [10**9]), reduction=Reduction.LEAST)
    assert (halving.values.item(), halving.steps < 100) == (0.0, True)


def test_least_and_total_run_over_the_iterates_before_the_time() -> None:
    """w_k = 1, -2, 4, -8: the least before 3 is -2, before 4 is -8; the totals are 3 and -5."""
    runs = batch([1.0, 1.0], [3.0, 3.0], [1.0, 1.0], [3, 4])
    assert run(PARABOLA, runs, reduction=Reduction.LEAST).values.tolist() == [-2.0, -8.0]
    assert run(PARABOLA, runs, reduction=Reduction.TOTAL).values.tolist() == [3.0, -5.0]


def gradients_of(loss: sp.Expr, variables: tuple[sp.Symbol, ...]) -> tuple[Problem, Problem]:
    watch = variables[0]
    return compile_problem(loss, variables, watch, automatic=False), compile_problem(loss, variables, watch, automatic=True)


def test_the_closed_gradient_and_automatic_differentiation_agree() -> None:
    """Both are sums of products of a few factors: they differ by less than 64 roundings of the largest term."""
    x, y = (bound(sp.Symbol(name, real=True)) for name in "xy")
    closed, automatic = gradients_of(logistic(x) + x**2 * sp.cos(y) / (1 + y**2), (x, y))
    generator = torch.Generator().manual_seed(4)
    env = {x: torch.randn(500, generator=generator, dtype=torch.float64), y: torch.randn(500, generator=generator, dtype=torch.float64)}
    size = 1 + 4 * env[x].abs().clamp(min=1).square()
    for one, other in zip(closed.gradient(env), automatic.gradient(env), strict=True):
        assert bool(((one - other).abs() <= 64 * EPS * size).all())


def test_matrix_variables_run_in_one_batch_with_scalars() -> None:
    """L = |B w|^2/2 + b^2/2 with B = diag(1, 2), alpha = 1/4: w_n = (3/4)^n, 0; b_n = (3/4)^n; all dyadic, so exact."""
    v, b = bound(sp.MatrixSymbol("v", 2, 1)), bound(sp.Symbol("b", real=True))
    B = sp.ImmutableMatrix([[1, 0], [0, 2]])
    loss = half_square(v, B) + b**2 / 2
    problem = compile_problem(loss, (v, b), grad_norm_squared(loss, [v, b]))
    starts = {v: torch.ones(1, 2, 1, dtype=torch.float64), b: torch.ones(1, dtype=torch.float64)}
    quarter = torch.full((1,), 0.25, dtype=torch.float64)
    found = run(problem, Runs(starts, {}, quarter, torch.zeros_like(quarter), torch.tensor([3])))
    assert found.values.item() == 2 * (27 / 64) ** 2


def test_perturbed_copies_move_by_about_the_perturbation() -> None:
    runs = batch([1.0, 1.0], [0.5, 0.5], [1.0, 1.0], [10, 10])
    noise = torch.tensor([[[0.0]], [[2.0**-40]]], dtype=torch.float64)
    plain, kicked = run(PARABOLA, runs, noise=noise).values.tolist()
    assert plain == 2.0**-10
    assert 0 < kicked - plain <= 21 * 2.0**-40 * plain  # ten steps that halve, each moved by 2^-40 of what was there before it


@pytest.mark.parametrize("method", list(Method))
def test_gradients_that_are_iterates_themselves_move_all_variables_at_once(method: Method) -> None:
    """On x y each derivative is the other variable, on w^2/2 it is w: what one update writes, no other may read. Dyadic: nothing rounds."""
    x, y = (bound(sp.Symbol(name, real=True)) for name in "xy")
    starts, alpha, beta = {x: 1.5, y: -2.75, W: 0.75}, 0.25, 0.0 if method is Method.GRADIENT else 0.5
    for loss, variables, slopes in (
        (x * y, (x, y), lambda at: [at[1], at[0]]),
        (W**2 / 2, (W,), lambda at: list(at)),
    ):
        w, v = [Fraction(starts[variable]) for variable in variables], [Fraction(0) for _ in variables]
        for _ in range(3):
            w, v = UPDATES[method](w, v, slopes, Fraction(alpha), Fraction(beta))
        tensors = {variable: torch.tensor([starts[variable]], dtype=torch.float64) for variable in variables}
        for automatic in (False, True):
            for watched, exact in zip(variables, w, strict=True):
                problem = compile_problem(loss, variables, watched, automatic=automatic)
                step, momentum = (torch.tensor([number], dtype=torch.float64) for number in (alpha, beta))
                found = run(problem, Runs(tensors, {}, step, momentum, torch.tensor([3])), method=method)
                assert Fraction(found.values.item()) == exact
        table = runs(loss, tensors, alpha, 3, momentum=beta, method=method)
        assert [Fraction(table.final[variable].item()) for variable in variables] == w
