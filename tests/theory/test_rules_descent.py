"""The rules of descent: derivations that reach the bound, and checks that reject every corrupted step."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.data import DataMatrix
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.losses import half_square, logistic, margin_loss, saturating
from lemmata.theory.rules.descent_bound import (
    at_start,
    bounded_below_by,
    descent_is_monotone,
    descent_lemma_at_every_step,
    minimum_at_most_mean,
    telescoping,
)
from lemmata.theory.rules.descent_lemma import along_segment, descent_lemma, integrate_step, lipschitz_gradient
from lemmata.theory.rules.descent_quadratic import linear_recurrence
from lemmata.theory.smoothness import Assumed, GramMatrix, SecondDerivatives, TraceBound, bounded_below, dominates
from lemmata.theory.trajectory import bound, descent, grad_norm_squared

w, w1, w2, u, u1, u2 = sp.symbols("w w_1 w_2 u u_1 u_2", real=True)
M, alpha, l1, l2 = sp.symbols("M alpha l_1 l_2", positive=True)
N = sp.Symbol("N", integer=True, positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
QUADRATIC = (l1 * w1**2 + l2 * w2**2) / 2
RUN = descent(QUADRATIC, {w1: u1, w2: u2}, alpha)
GIVEN = (l1 <= M, l2 <= M, M * alpha < 2)
DOMAIN = Domain((M, alpha, l1, l2, u1, u2, N), GIVEN)


def chain(domain: Domain = DOMAIN, reason: Any = None) -> Derivation:
    start = Derivation(RUN.least[N, grad_norm_squared(QUADRATIC, [w1, w2])], domain)
    return (
        start.by(minimum_at_most_mean)
        .by(descent_lemma_at_every_step, M, reason or SecondDerivatives())
        .by(telescoping)
        .by(bounded_below_by, 0)
        .by(at_start)
    )


def test_the_bound_is_derived_with_nothing_assumed() -> None:
    derivation = chain()
    expected = (l1 * u1**2 + l2 * u2**2) / (2 * N * alpha * (1 - M * alpha / 2))
    assert exact.equal(derivation.end, expected, DOMAIN) is True
    assert derivation.link is Link.AT_MOST
    assert derivation.assumes == ()


def test_an_assumed_lipschitz_constant_is_listed() -> None:
    assert chain(reason=Assumed("L")).assumes == ("the gradient of L is Lipschitz with the stated constant",)


@pytest.mark.parametrize(
    ("dropped", "complaint"),
    [(2, "it needs 0 < alpha < 2/M among the hypotheses"), (0, "was not bounded from above by M"), (1, "was not bounded from above by M")],
)
def test_each_hypothesis_is_needed(dropped: int, complaint: str) -> None:
    given = tuple(part for index, part in enumerate(GIVEN) if index != dropped)
    with pytest.raises(NotDischarged, match=complaint):
        chain(Domain(DOMAIN.symbols, given))


def test_the_descent_lemma_along_the_segment() -> None:
    node = RUN[1, QUADRATIC]
    derivation = Derivation(node, DOMAIN).by(along_segment).by(lipschitz_gradient, node, M, SecondDerivatives()).by(integrate_step)
    square = l1**2 * u1**2 + l2**2 * u2**2
    expected = QUADRATIC.xreplace({w1: u1, w2: u2}) - alpha * (1 - M * alpha / 2) * square
    assert exact.equal(derivation.end, expected, DOMAIN) is True
    assert [step.link for step in derivation.steps] == [Link.EQUAL, Link.AT_MOST, Link.EQUAL]


def corrupted(rule: Rule, expr: Any, wrong: Any, *args: Any, domain: Domain = DOMAIN) -> None:
    """The rule's own check refuses a rewrite that was tampered with, and takes the right one."""
    right = rule.apply(expr, *args, domain=domain)
    rule.check(expr, right, *args, domain=domain)
    altered = wrong(right.after)
    assert altered != right.after
    with pytest.raises(NotDischarged):
        rule.check(expr, Rewrite(altered, "tampered", right.link), *args, domain=domain)


def doubled(expr: Any) -> Any:
    return 2 * expr


def test_corrupted_steps_are_rejected() -> None:
    norm = grad_norm_squared(QUADRATIC, [w1, w2])
    steps = chain().steps
    before = {step.rule: step.before for step in steps}
    corrupted(minimum_at_most_mean, RUN.least[N, norm], doubled)
    corrupted(minimum_at_most_mean, RUN.least[N, norm], lambda e: e.xreplace({N: N + 1}))
    corrupted(descent_lemma_at_every_step, before["descent_lemma_at_every_step"], doubled, M, SecondDerivatives())
    corrupted(telescoping, before["telescoping"], doubled)
    corrupted(telescoping, before["telescoping"], lambda e: e.xreplace({RUN[N, QUADRATIC]: RUN[N - 1, QUADRATIC]}))
    corrupted(bounded_below_by, before["bounded_below"], doubled, 0)
    corrupted(at_start, before["at_start"], lambda e: e.xreplace({u1: u2}))
    node = RUN[1, QUADRATIC]
    segment = along_segment.apply(node, domain=DOMAIN).after
    (integral,) = segment.atoms(sp.Integral)
    corrupted(along_segment, node, lambda e: e.xreplace({integral: 2 * integral}))
    corrupted(lipschitz_gradient, segment, lambda e: e.xreplace({M: M / 2}), node, M, SecondDerivatives())
    bounded = lipschitz_gradient.apply(segment, node, M, SecondDerivatives(), domain=DOMAIN).after
    corrupted(integrate_step, bounded, lambda e: e + u1)
    corrupted(descent_lemma, node, lambda e: e.xreplace({M: M / 2}), M, SecondDerivatives())
    corrupted(descent_is_monotone, RUN[n, QUADRATIC], lambda e: RUN[1, QUADRATIC], M, SecondDerivatives(), domain=Domain((n,), GIVEN))
    corrupted(linear_recurrence, RUN[n, w1], lambda e: e.xreplace({n: n + 1}))


def test_a_wrong_lower_bound_is_rejected() -> None:
    before = chain().steps[3].before
    with pytest.raises(NotDischarged, match="was not proved"):
        Derivation(before, DOMAIN).by(bounded_below_by, 1)


def test_a_sum_that_does_not_telescope_is_not_for_the_rule() -> None:
    k = sp.Symbol("k", integer=True, nonnegative=True)
    with pytest.raises(NotApplicable, match=r"f\(k\) - f\(k \+ 1\)"):
        Derivation(sp.Sum(RUN[k, w1] + RUN[k + 1, w1], (k, 0, N - 1)), DOMAIN).by(telescoping)


def test_momentum_is_not_gradient_descent() -> None:
    heavy = descent(QUADRATIC, {w1: u1, w2: u2}, alpha, sp.Rational(1, 2), "heavy_ball")
    with pytest.raises(NotApplicable, match="without momentum, not heavy_ball"):
        Derivation(heavy[1, QUADRATIC], DOMAIN).by(along_segment)
    norm = grad_norm_squared(QUADRATIC, [w1, w2])
    with pytest.raises(NotDischarged, match="without momentum"):
        Derivation(heavy.total[N, norm], DOMAIN).by(descent_lemma_at_every_step, M, SecondDerivatives())


def test_the_wrong_norm_is_rejected() -> None:
    with pytest.raises(NotDischarged, match="not of the squared gradient"):
        Derivation(RUN.total[N, w1**2], DOMAIN).by(descent_lemma_at_every_step, M, SecondDerivatives())


@pytest.mark.parametrize(("constant", "holds"), [(sp.Integer(2), True), (sp.Rational(199, 100), False)])
def test_the_constant_of_the_saturating_loss_is_sharp(constant: Any, holds: bool) -> None:
    x = bound(w)
    if holds:
        SecondDerivatives().discharge(saturating(x), [x], constant, Domain())
        return
    with pytest.raises(NotDischarged, match="from above"):
        SecondDerivatives().discharge(saturating(x), [x], constant, Domain())


def test_mixed_derivatives_are_noticed() -> None:
    with pytest.raises(NotDischarged, match="mixed derivative"):
        SecondDerivatives().discharge(w1 * w2, [w1, w2], sp.Integer(1), Domain())


@pytest.mark.parametrize(("constant", "holds"), [("2.986303", True), ("2.986302", False)])
def test_the_constant_of_the_digits_is_sharp_to_its_last_digit(constant: str, holds: bool) -> None:
    Z = DataMatrix("Z", 357, 64, "lemmata.numerics.datasets:threes_and_eights")
    v = sp.MatrixSymbol("w", 64, 1)
    if holds:
        GramMatrix(sp.Rational(1, 4)).discharge(margin_loss(logistic, Z, v), [v], sp.Rational(constant), Domain())
        return
    with pytest.raises(NotDischarged, match="not positive definite"):
        GramMatrix(sp.Rational(1, 4)).discharge(margin_loss(logistic, Z, v), [v], sp.Rational(constant), Domain())


def test_the_second_derivative_of_the_logistic_loss_is_at_most_a_quarter_and_no_less() -> None:
    H = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    v = sp.MatrixSymbol("w", 2, 1)
    GramMatrix(sp.Rational(1, 4)).discharge(margin_loss(logistic, H, v), [v], sp.Integer(1), Domain())
    with pytest.raises(NotDischarged, match="was not proved"):
        GramMatrix(sp.Rational(6, 25)).discharge(margin_loss(logistic, H, v), [v], sp.Integer(1), Domain())


def test_elimination_agrees_with_eigenvalues() -> None:
    X = sp.ImmutableMatrix([[1, 2, 0], [0, 1, -1], [3, 0, 1], [1, 1, 1]])
    largest = max((X.T * X).charpoly().as_expr().as_poly().nroots(n=30))
    above, below = sp.Rational(str(largest)[:12]) + sp.Rational(1, 10**6), sp.Rational(str(largest)[:12]) - sp.Rational(1, 10**6)
    assert dominates(above, X) and not dominates(below, X)


def test_the_trace_bound_needs_its_hypothesis() -> None:
    B, v = sp.MatrixSymbol("B", 3, 2), sp.MatrixSymbol("w", 2, 1)
    TraceBound().discharge(half_square(v, B), [v], M, Domain((M, B), (sp.Eq(M, sp.Trace(B.T * B)),)))
    with pytest.raises(NotDischarged, match="not among the hypotheses"):
        TraceBound().discharge(half_square(v, B), [v], M, Domain((M, B)))
    with pytest.raises(NotDischarged, match="is not"):
        TraceBound().discharge(2 * half_square(v, B), [v], M, Domain((M, B), (sp.Eq(M, sp.Trace(B.T * B)),)))


def test_lower_bounds_are_proved_or_refused() -> None:
    B, v = sp.MatrixSymbol("B", 3, 2), sp.MatrixSymbol("w", 2, 1)
    bounded_below(half_square(v, B), sp.S.Zero, Domain())
    bounded_below(margin_loss(logistic, B, v), sp.S.Zero, Domain())
    for loss, least in ((-half_square(v, B), 0), (margin_loss(lambda t: t, B, v), 0), (saturating(w), sp.Rational(1, 100))):
        with pytest.raises(NotDischarged):
            bounded_below(loss, sp.sympify(least), Domain())


def test_the_closed_form_on_a_parabola_with_another_minimum() -> None:
    run = descent(M * (w - 3) ** 2 / 2, {w: u}, alpha)
    end = Derivation(run[n, w], Domain((M, u, alpha, n))).by(linear_recurrence).end
    assert exact.equal(end, 3 + (1 - M * alpha) ** n * (u - 3), Domain((M, u, alpha, n))) is True
    with pytest.raises(NotApplicable, match="not affine"):
        Derivation(descent(w**4, {w: u}, alpha)[n, w], Domain((u, alpha, n))).by(linear_recurrence)
