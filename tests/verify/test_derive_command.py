"""`lemmata derive`: closed forms with verdicts, code that runs, certified fixed points, and errors of one line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb

from lemmata.theory.activations import erf_, relu, tanh
from lemmata.theory.kernels.duals import dual
from lemmata.verify.cli import main
from lemmata.verify.derive_expression.answers import What, answers, critical_line
from lemmata.verify.derive_expression.code import HEADERS, code, helpers
from lemmata.verify.derive_expression.fixed_points import Root, correlation_fixed_points, length_fixed_points, roots
from lemmata.verify.derive_expression.numbers import Numbers
from lemmata.verify.derive_expression.values import point


def _run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    status = main(["derive", *args])
    out, err = capfd.readouterr()
    return status, out, err


def test_a_closed_form_comes_with_its_derivation_and_verdict(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capfd, "Max(0, x)**2", "--what", "length")
    assert status == 0
    assert "= 3*q^2/2" in out and "by half_lines" in out and "proved: derived in" in out


def test_no_check_leaves_the_verdict_out(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capfd, "erf", "--no-check")
    assert status == 0
    assert "proved" not in out and "arcsin" in out and "sigma_w^2 = π*sqrt(4*q + 1)/4" in out


def test_latex(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capfd, "relu", "--what", "kernel", "--format", "latex", "--no-check")
    assert r"\arcsin" in out and r"\sqrt" in out


def test_certified_numbers_where_there_is_no_closed_form(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capfd, "tanh(x)", "--at", "sigma_w=9/5,sigma_b=1/5")
    assert status == 0
    assert "q* = 1.59239268" in out and "c* = 0.21337750" in out
    assert "chi_1 = 1.24788485" in out
    _, out, _ = _run(capfd, "tanh", "--what", "kernel")
    assert "no closed form" in out and "E[f(u) f(v)] = 0." in out


@pytest.mark.parametrize(
    ("args", "because"),
    [
        (["x*y"], "has 2: x, y"),
        (["exp(x^2)"], "grows too fast"),
        (["log(x)"], "x > 0"),
        (["tahn(x)"], "did you mean 'tanh'"),
        (["x +"], "found the end"),
        ([""], "empty"),
        (["import os"], "expected an operator"),
        (["relu", "--at", "q=0"], "must be positive"),
        (["relu", "--at", "q1=-1,c=0"], "must be positive"),
        (["relu", "--at", "c=1.5"], "lies in"),
        (["relu", "--at", "sigma_w=1"], "both sigma_w and sigma_b"),
        (["relu", "--at", "sigma_w=1,sigma_b=-1"], "not negative"),
        (["relu", "--at", "width=3"], "name=number"),
        (["relu", "--at", "q"], "name=number"),
        (["relu", "--at", "q=x"], "rational number"),
        (["relu", "--at", "q=1,q=2"], "twice"),
        (["relu", "--what", "everything"], "there is no object"),
        (["relu", "--format", "rust"], "there is no format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_faults_are_one_line(args: list[str], because: str, capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capfd, *args)
    assert status == 2 and out == ""
    assert because in err and err.count("\n") == 1


@pytest.mark.parametrize("language", ["python", "torch"])
def test_the_code_runs_and_has_the_value_of_the_formula(language: str) -> None:
    """Our own printed code, for which running it is the test."""
    import torch

    one = dual(erf_)
    (answer,) = answers(one, frozenset({What.KERNEL}))
    source = "\n".join([HEADERS[language], helpers(language, [answer]), code(answer, language)])
    space: dict[str, Any] = {}
    exec(compile(source, "<code>", "exec"), space)
    numbers = (0.5, 2.0, -0.25)
    given = tuple(torch.tensor(number, dtype=torch.float64) for number in numbers) if language == "torch" else numbers
    value = float(space["kernel"](*given))
    truth = Numbers(one, 30).kernel(*(sp.Rational(number) for number in numbers))
    assert abs(arb(value) - truth) * 2**48 < abs(truth)  # 16 units of rounding for a dozen operations


def test_every_closed_form_is_a_claim_that_is_proved() -> None:
    from lemmata.verify.checking import check
    from lemmata.verify.evidence import Verdict

    for answer in answers(dual(relu), frozenset({What.CHI, What.SLOPE})):
        assert check(answer.claim("relu")).verdict is Verdict.PROVED


def test_a_derivation_that_takes_too_long_is_given_up() -> None:
    (answer,) = answers(dual(relu), frozenset({What.KERNEL}), seconds=0.0001)
    assert answer.late and answer.closed is None
    with pytest.raises(ValueError, match="no closed form"):
        answer.claim("late")


def test_the_critical_line_of_the_relu_is_he_initialisation() -> None:
    assert critical_line(dual(relu)) == (2, 0)
    assert critical_line(dual(tanh)) is None


def test_fixed_points_lie_between_certified_signs() -> None:
    numbers = Numbers(dual(relu), 15)
    (root,) = length_fixed_points(numbers, sp.Integer(1), sp.Rational(1, 2), 12)
    assert root.low < Fraction(1, 2) < root.high or Fraction(1, 2) in (root.low, root.high)
    assert root.falling and root.ball.contains(arb(1) / 2)
    assert length_fixed_points(numbers, sp.Integer(2), sp.Rational(1, 2), 12) == []
    assert correlation_fixed_points(numbers, Fraction(1, 2), sp.Integer(1), sp.Rational(1, 2), 12) == []


def test_roots_of_a_polynomial() -> None:
    def g(point: Fraction) -> arb:
        x = arb(point.numerator) / point.denominator
        return (x - 1) * (x * x - 2) * (x - arb(7) / 3)

    found = list(roots(g, [Fraction(k, 8) for k in range(-24, 25) if k != 8], 12))
    wanted = [-arb(2).sqrt(), arb(1), arb(2).sqrt(), arb(7) / 3]
    assert len(found) == 4
    for root, truth in zip(found, wanted, strict=True):
        assert isinstance(root, Root) and root.ball.overlaps(truth)
        assert (root.high - root.low) * 10**11 < 4
    assert [root.falling for root in found] == [True, False, True, False]


def test_a_point_is_exact() -> None:
    assert point("sigma_w=1.5, sigma_b=0.3") == {"sigma_w": sp.Rational(3, 2), "sigma_b": sp.Rational(3, 10)}
    assert point("") == {}


def test_numbers_are_printed_wherever_something_is_not_closed(capfd: pytest.CaptureFixture[str]) -> None:
    for text in ("sin(x)*step(x)", "sign(sin(x))"):
        status, out, _ = _run(capfd, text, "--what", "kernel", "--no-check")
        assert status == 0 and "no closed form" in out and "certified numbers at q = 1" in out


def test_a_kernel_on_the_open_interval_has_its_ends_told(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capfd, "Max(0, x - 1)", "--what", "kernel", "--no-check")
    assert "for |c| < 1" in out and "at c = 1, q_1 = q_2 = q: " in out and "at c = -1, q_1 = q_2 = q: 0" in out
    _, out, _ = _run(capfd, "hard_tanh", "--at", "q=2,c=1")
    lines = {line.partition(" = ")[0].strip(): line.partition(" = ")[2] for line in out.splitlines()}
    assert lines["E[f'(u) f'(v)]"] == lines["E[f'(z)^2]"] == "0.520499877813047"


def test_fixed_points_in_closed_form(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capfd, "relu", "--what", "fixed")
    assert "/(1 - σ_w^2/2) where σ_w^2/2 < 1" in out and "lengths near it approach it" in out and "every q where σ_w^2 = 2" in out
    _, out, _ = _run(capfd, "x^2", "--what", "fixed", "--format", "latex")
    assert r"\sqrt{1 - 12 \sigma_b^{2} \sigma_w^{2}}" in out and "c* = " in out
    _, out, _ = _run(capfd, "tanh", "--what", "fixed", "--format", "python")
    assert "# the fixed points have no closed form" in out


def test_an_activation_that_jumps_has_no_finite_chi(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capfd, "cos(x)*step(x - 1)", "--at", "q=1,c=1/2")
    assert "E[f'(z)^2]: infinite, the activation jumps" in out and "E[f'(u) f'(v)] = 0.0096648" in out


def test_exact_zeros_are_bounded_from_both_sides(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capfd, "tanh", "--at", "q=1,c=0")
    assert "E[f(u) f(v)]: certified to lie between -" in out
