"""Balls of closed expressions hold mpmath's value at a higher precision, at every point of a catalogue, ends of domains included."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import flint
import mpmath
import pytest
import sympy as sp
from flint import arb, arb_mat, fmpq_mat

from lemmata.numerics.compile.arb import (
    CannotEvaluate,
    enclose,
    enclose_at_precision,
    midpoint_text,
    precision,
    rounding_bound,
    to_arb,
)
from lemmata.theory.data import DataMatrix

x, y, q = sp.Symbol("x", real=True), sp.Symbol("y", real=True), sp.Symbol("q", positive=True)
n, m = sp.symbols("n m", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, m)
R = sp.Rational

EVERYWHERE = [
    x**3 - 2 * x + R(1, 3),
    sp.exp(x),
    sp.sin(x),
    sp.cos(x),
    sp.tanh(x),
    sp.sinh(x),
    sp.cosh(x),
    sp.atan(x),
    sp.asinh(x),
    sp.erf(x),
    sp.erfc(x),
    sp.erfi(x),
    sp.Abs(x),
    sp.sign(x),
    sp.Max(0, x, 1 - x),
    sp.Min(x, x**2),
    sp.Heaviside(x),
    sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True)),
    1 / (1 + sp.exp(-x)),
    sp.log(1 + sp.exp(x)),
    x * sp.erfc(-x / sp.sqrt(2)) / 2,
    sp.sqrt(1 + x**2),
    (1 + x**2) ** R(-3, 2),
    sp.floor(x),
    sp.ceiling(x),
    sp.besselj(0, x),
    sp.besseli(1, x),
    sp.hermite(5, x),
    sp.legendre(4, x),
    sp.chebyshevt(7, x),
    sp.sinc(x),
    sp.sech(x),
    sp.pi * x + sp.E,
    sp.EulerGamma * x,
    sp.Catalan + x,
    sp.GoldenRatio**x,
    sp.atan2(x, 2),
    sp.Si(x),
    sp.Sum(x**m / sp.factorial(m), (m, 0, 7)),
]
POSITIVE = [
    sp.log(q),
    sp.sqrt(q),
    q ** R(2, 3),
    q**sp.pi,
    sp.gamma(q),
    sp.loggamma(q),
    sp.digamma(q),
    sp.polygamma(2, q),
    1 / q,
    q**q,
    sp.LambertW(q),
    sp.zeta(q + 2),
    sp.besselk(1, q),
    sp.Ei(q),
    sp.beta(q, R(3, 2)),
    sp.uppergamma(2, q),
    sp.lowergamma(R(3, 2), q),
    sp.acosh(1 + q),
    sp.asech(1 / (1 + q)),
    sp.atanh(q / (1 + q)),
    sp.elliptic_k(q / (1 + q)),
    sp.elliptic_e(q / (1 + q)),
]
POINTS = [sp.S.Zero, R(1, 3), R(-7, 5), sp.Integer(2), R(1, 10**12), R(-19, 2), sp.sqrt(2), sp.pi / 3]


def reference(expr: sp.Expr, at: dict, digits: int = 60) -> mpmath.mpf:
    """mpmath's value, by another code than flint's."""
    with mpmath.workdps(digits):
        function = sp.lambdify(list(at), expr, "mpmath")
        return mpmath.re(mpmath.mpmathify(function(*(mpmath.mpmathify(sp.N(value, digits + 20)) for value in at.values()))))


def inside(ball: arb, value: object) -> bool:
    """Whether a ball holds an exact number, itself enclosed at a precision far beyond the ball's."""
    with precision(600):
        return ball.contains(to_arb(value))


def holds(ball: arb, value: mpmath.mpf, digits: int = 60) -> bool:
    """Whether a ball holds a number that is itself only known to `digits` digits."""
    with precision(300), mpmath.workdps(digits):
        slack = arb(0, (abs(value) + mpmath.mpf(10) ** -digits) * mpmath.mpf(10) ** (12 - digits))
        return ball.overlaps(arb(mpmath.nstr(value, digits)) + slack)


@pytest.mark.parametrize("expr", EVERYWHERE, ids=str)
def test_balls_hold_the_truth_everywhere(expr: sp.Expr) -> None:
    for point in POINTS:
        ball = enclose(expr, {x: point}, digits=20)
        assert holds(ball, reference(expr, {x: point})), point
        assert ball.rad() <= abs(ball) * arb(10) ** -20 or ball.contains(0)


@pytest.mark.parametrize("expr", POSITIVE, ids=str)
def test_balls_hold_the_truth_on_positive_numbers(expr: sp.Expr) -> None:
    for point in (R(1, 10**12), R(1, 7), sp.Integer(1), sp.sqrt(3), sp.Integer(40)):
        assert holds(enclose(expr, {q: point}), reference(expr, {q: point})), point


def test_huge_arguments() -> None:
    assert enclose(sp.sqrt(q**2 + 1) - q, {q: 10**12}).rel_accuracy_bits() > 49
    assert holds(enclose(sp.sqrt(q**2 + 1) - q, {q: 10**12}), reference(sp.sqrt(q**2 + 1) - q, {q: 10**12}, 90), 60)
    assert enclose(sp.exp(-q), {q: 10**12}) > 0


@pytest.mark.parametrize("c", [1, -1])
def test_ends_of_the_domain_are_exact(c: int) -> None:
    kernel = sp.sqrt(1 - x**2) + x * (sp.pi - sp.acos(x))
    assert enclose(sp.sqrt(1 - x**2), {x: c}).is_zero()
    value = enclose(kernel, {x: c})
    with precision(200):
        assert value.contains(arb.pi() if c == 1 else 0)
    assert enclose(sp.acos(x), {x: 1}).is_zero()


def test_a_rational_right_angle_is_exact() -> None:
    at = {x: R(3, 5), y: R(4, 5)}
    assert enclose(sp.sqrt(1 - x**2 - y**2), at).is_zero()
    assert enclose(sp.acos(x**2 + y**2), at).is_zero()


def test_an_algebraic_end_is_cut_to_the_domain() -> None:
    ball = enclose(sp.sqrt(1 - x**2 - y**2), {x: sp.sqrt(2) / 2, y: sp.sqrt(2) / 2})
    assert ball.contains(0) and ball.is_finite() and ball.rad() < arb(10) ** -30


@pytest.mark.parametrize(
    "expr", [sp.sqrt(x), sp.log(x), x ** R(1, 3), sp.acos(x - 3), sp.atanh(x), sp.acosh(x), 1 / (x + 2), x**sp.pi], ids=str
)
def test_outside_the_domain_there_is_no_value(expr: sp.Expr) -> None:
    with pytest.raises(CannotEvaluate):
        enclose(expr, {x: -2})


def test_boxes_are_cut_to_the_domain() -> None:
    box = arb(R(1, 2).__float__(), 1.0)
    for expr, low, high in (
        (sp.sqrt(x), 0, sp.sqrt(R(3, 2))),
        (sp.acos(x), sp.acos(1), sp.acos(R(-1, 2))),
        (x**2, 0, R(9, 4)),
        (sp.Abs(x), 0, R(3, 2)),
    ):
        ball = enclose(expr, {x: box})
        assert ball.overlaps(to_arb(low)) and ball.overlaps(to_arb(high)), expr
    assert enclose(x**2, {x: box}).lower() > -0.01


def test_a_range_covers_its_values() -> None:
    box = arb(0.3, 0.25)
    expr = sp.exp(x) * sp.sin(3 * x) / (1 + x**2) + sp.Max(x, R(1, 3)) + sp.Piecewise((x**2, x < R(1, 4)), (sp.sqrt(x), True))
    wide = enclose(expr, {x: box})
    for i in range(11):
        point = R(5, 100) + R(i, 20)
        assert wide.contains(enclose(expr, {x: point})), point


def test_conditions() -> None:
    assert enclose(sp.Gt(x, R(1, 3)), {x: R(1, 3)}) == 0 and enclose(sp.Ge(x, R(1, 3)), {x: R(1, 3)}) == 1
    assert enclose(sp.And(x > 0, x < 1), {x: R(1, 2)}) == 1 and enclose(sp.Or(x < 0, sp.Not(x < 1)), {x: R(1, 2)}) == 0
    undecided = enclose(sp.Gt(x, 0), {x: arb(0, 1)})
    assert undecided.contains(0) and undecided.contains(1)
    assert enclose(sp.Gt(sp.sin(x) ** 2 + sp.cos(x) ** 2, R(999, 1000)), {x: 1}) == 1
    assert enclose(sp.Contains(x, sp.Interval(0, 1, True, False)), {x: 0}) == 0


def test_heaviside_and_sign_at_zero() -> None:
    assert enclose(sp.Heaviside(x), {x: 0}) == 0.5 and enclose(sp.Heaviside(x, 0), {x: 0}) == 0 and enclose(sp.sign(x), {x: 0}) == 0


def test_a_value_far_below_its_terms() -> None:
    """exp(x) - 1 - x at 10^-20 is 5e-41: found although the first ball holds zero."""
    ball = enclose(sp.exp(x) - 1 - x, {x: R(1, 10**20)})
    assert ball > 0 and ball.rel_accuracy_bits() > 49


def test_an_identity_holds_zero_within_a_tiny_ball() -> None:
    ball = enclose(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, {x: R(1, 3)})
    assert ball.contains(0) and ball.rad() < arb(10) ** -60


def test_polynomial_roots() -> None:
    poly = x**5 - 5 * x + 1
    for index in range(3):
        root = sp.CRootOf(poly, index)
        with mpmath.workdps(60):
            value = mpmath.mpf(str(root.eval_rational(n=60).evalf(60)))
        assert holds(enclose(y, {y: root}, digits=30), value, 50)
    with pytest.raises(CannotEvaluate):
        enclose(y, {y: sp.CRootOf(x**3 - 2, 1)})
    number = sp.AlgebraicNumber(sp.sqrt(2), [3, 1])
    assert holds(enclose(y, {y: number}), reference(3 * sp.sqrt(2) + 1 + 0 * x, {x: sp.S.One}))


def test_unsupported_functions_are_named() -> None:
    with pytest.raises(CannotEvaluate, match="mystery"):
        enclose(sp.Function("mystery")(x), {x: 1})
    with pytest.raises(CannotEvaluate, match="DiracDelta"):
        enclose(sp.DiracDelta(x), {x: 1})
    with pytest.raises(CannotEvaluate, match="y has no value"):
        enclose(x + y, {x: 1})
    with pytest.raises(CannotEvaluate, match="Integral"):
        enclose(sp.Integral(sp.exp(x * y), (y, 0, 1)), {x: 1})
    with pytest.raises(CannotEvaluate, match="complex"):
        enclose(sp.I * x, {x: 1})


def test_known_quantities_are_not_looked_into() -> None:
    integral = sp.Integral(sp.Function("mystery")(x), (x, 0, 1))
    assert enclose(2 * integral + x, {x: 1}, known={integral: arb(3)}) == 7


def test_the_global_precision_is_restored() -> None:
    before = flint.ctx.prec
    enclose(sp.exp(x), {x: 1}, digits=100)
    with pytest.raises(CannotEvaluate):
        enclose(sp.log(x), {x: -1})
    assert flint.ctx.prec == before


def test_exact_values_become_balls() -> None:
    with precision(100):
        assert to_arb(0.1) == to_arb(Fraction(0.1)) == to_arb(sp.Float(0.1)) and to_arb(R(1, 4)) == arb(1) / 4
        assert to_arb(sp.ImmutableMatrix([[1, R(1, 2)]])).entries()[1] == arb(1) / 2
    with precision(200):
        third = to_arb(R(1, 3))
    assert midpoint_text(third, 40) == "0." + "3" * 40


def test_karr_convention_of_sums() -> None:
    for low, high in ((1, 5), (1, 0), (4, 1), (1, -3)):
        assert enclose(sp.Sum(m**2, (m, low, n)), {n: high}) == int(sp.Sum(m**2, (m, low, high)).doit())


MATRICES = {n: 2, m: 3, A: sp.ImmutableMatrix([[2, R(1, 3)], [-1, R(5, 2)]]), B: sp.ImmutableMatrix([[1, 2, 3], [R(1, 2), -1, 0]])}
MATRIX_EXPRESSIONS = [
    A * B,
    A + A.T,
    2 * A - 3 * sp.Identity(n),
    A**3,
    A**-2,
    A.inv() * B,
    B.T * A * B,
    sp.HadamardProduct(A, A.T),
    A.applyfunc(sp.Lambda(x, sp.Max(0, x) ** 2)),
    sp.BlockMatrix([[A, B], [B.T, sp.Identity(m)]]),
    sp.ZeroMatrix(n, m) + B,
    sp.OneMatrix(n, n) * A,
    sp.HadamardPower(A, 2),
    sp.kronecker_product(A, B),
]


@pytest.mark.parametrize("expr", MATRIX_EXPRESSIONS, ids=str)
def test_matrix_expressions_are_exact_for_rational_matrices(expr: sp.MatrixExpr) -> None:
    plain = {sp.MatrixSymbol("A", 2, 2): MATRICES[A], sp.MatrixSymbol("B", 2, 3): MATRICES[B]}
    truth = sp.ImmutableMatrix(expr.xreplace({n: sp.Integer(2), m: sp.Integer(3)}).xreplace(plain).doit().as_explicit())
    ball = enclose(expr, MATRICES, digits=25)
    assert (ball.nrows(), ball.ncols()) == truth.shape
    assert all(inside(entry, value) for entry, value in zip(ball.entries(), truth, strict=True))


def test_scalars_of_matrices() -> None:
    a = MATRICES[A]
    assert inside(enclose(sp.Trace(A * A.T), MATRICES), (a * a.T).trace())
    assert inside(enclose(sp.Determinant(A), MATRICES), a.det())
    assert inside(enclose(A[0, 1] + A[n - 1, 0], MATRICES), R(-2, 3))
    i = sp.Symbol("i", integer=True)
    assert inside(enclose(sp.Sum(A[i, i], (i, 0, n - 1)), MATRICES), a.trace())


def test_singular_matrices_and_wrong_shapes() -> None:
    with pytest.raises(CannotEvaluate, match="singular"):
        enclose(A.inv(), {n: 2, A: sp.ImmutableMatrix([[1, 2], [2, 4]])})
    with pytest.raises(CannotEvaluate, match="cannot be multiplied"):
        enclose(A * B, {n: 2, m: 1, A: sp.ImmutableMatrix([[1]]), B: sp.ImmutableMatrix([[1], [2]])})


def test_ball_matrices_and_data() -> None:
    wide = arb_mat(2, 2, [arb(2, 0.1), arb(0), arb(0), arb(3)])
    assert enclose(sp.Determinant(A), {n: 2, A: wide}).contains(6)
    assert enclose(sp.Trace(A), {n: 2, A: fmpq_mat(2, 2, [1, 2, 3, 4])}) == 5
    hilbert = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    assert inside(enclose(sp.Determinant(hilbert), {}), R(1, 12))


def test_rounding_bounds_grow_with_cancellation() -> None:
    expr = (x + 1) ** 2 - x**2 - 2 * x
    small, large = rounding_bound(expr, {x: R(1, 3)}), rounding_bound(expr, {x: R(10**6, 3)})
    assert small.contains(1) and large.contains(1) and large.rad() > 10**9 * small.rad()
    assert enclose_at_precision(expr, {x: R(1, 3)}, 53) == 1


def test_balls_know_their_rules_whatever_was_imported_first() -> None:
    """The table was filled by another module's import: alone, the integrator did not know the number 0."""
    alone = "import sympy as sp\nfrom lemmata.numerics.compile.balls import Balls\nprint(Balls({}).ball(sp.Max(0, sp.Integer(2))))"
    found = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert float(found.stdout) == 2
