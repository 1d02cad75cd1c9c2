"""Fixed points with a proof of their number, and numbers of which every digit is proved."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.theory.grammar import read
from lemmata.theory.kernels.duals import dual
from lemmata.verify.cli import main
from lemmata.verify.derive_expression.digits import proved_text
from lemmata.verify.derive_expression.fixed_points import correlation_below_one, lengths
from lemmata.verify.derive_expression.isolation import ClosedMap, IntegratedMap, isolate
from lemmata.verify.derive_expression.moduli import Bracket, above_root, exact, mean_rate, pair_rate
from lemmata.verify.derive_expression.numbers import NoNumber, Numbers

TWO, HALF, TENTH = sp.Integer(2), sp.Rational(1, 2), sp.Rational(1, 10)


def _polynomial(*zeros: Fraction) -> ClosedMap:
    """A system whose V(q) - q is the product of q - zero."""

    def value(q: arb) -> arb:
        with precision(128):
            product = arb(1)
            for zero in zeros:
                product = product * (q - exact(zero))
            return product

    def slope(q: arb) -> arb:
        with precision(128):
            total = arb(0)
            for i in range(len(zeros)):
                part = arb(1)
                for j, zero in enumerate(zeros):
                    part = part * (q - exact(zero)) if j != i else part
                total += part
            return total

    return ClosedMap(value, slope)


def test_two_zeros_between_any_two_points_of_a_grid_are_found() -> None:
    near = (Fraction(3, 2), Fraction(3, 2) + Fraction(1, 10**4))
    found = isolate(_polynomial(*near), Fraction(1), Fraction(2))
    assert found.undecided == () and [falling for _, falling in found.zeros] == [True, False]
    assert all(bracket.low <= zero <= bracket.high for (bracket, _), zero in zip(found.zeros, near, strict=True))


def test_a_double_zero_stays_undecided() -> None:
    found = isolate(_polynomial(Fraction(7, 5), Fraction(7, 5)), Fraction(1), Fraction(2))
    assert found.zeros == ()
    (around,) = found.undecided
    assert around.low <= Fraction(7, 5) <= around.high


def test_a_zero_at_an_end_is_not_counted() -> None:
    found = isolate(_polynomial(Fraction(1), Fraction(3)), Fraction(1), Fraction(2))
    assert len(found.zeros) == 1 and len(found.undecided) == 1 and found.undecided[0].low == 1


def test_a_run_with_equal_signs_has_no_zero() -> None:
    found = isolate(ClosedMap(lambda q: 1 + q, lambda q: arb(1)), Fraction(1, 8), Fraction(8))
    assert found.zeros == () and found.undecided == ()


@pytest.mark.parametrize(("weight", "count"), [(Fraction(1, 100), 2), (Fraction(1, 2), 0)])
def test_integrated_and_closed_maps_agree(weight: Fraction, count: int) -> None:
    """f = x^3 - x: L(q) = 15 q^3 - 6 q^2 + q."""
    numbers = Numbers(dual(read("x^3 - x")), 12, closed=False)
    f, bias = numbers.dual.f, Fraction(1, 4)
    integrated = IntegratedMap(
        lambda k, sigma: numbers.hermite_mean(f**2, 2 * k, sigma, 10), lambda sigma: numbers.hermite_mean(f**4, 0, sigma, 10), weight, bias
    )
    closed = ClosedMap(
        lambda q: exact(weight) * (15 * q**3 - 6 * q**2 + q) + exact(bias) - q, lambda q: exact(weight) * (45 * q**2 - 12 * q + 1) - 1
    )
    ours, theirs = (isolate(one, Fraction(1, 8), Fraction(16)) for one in (integrated, closed))
    assert len(ours.zeros) == len(theirs.zeros) == count and ours.undecided == theirs.undecided == ()
    for (left, falling), (right, other) in zip(ours.zeros, theirs.zeros, strict=True):
        assert falling is other and left.low <= right.high and right.low <= left.high


def test_the_expansion_encloses_the_map() -> None:
    """E tanh(sqrt(q) s)^2 - q all over a piece, against integrals at its points."""
    numbers = Numbers(dual(read("tanh")), 14)
    f = numbers.dual.f
    system = IntegratedMap(
        lambda k, sigma: numbers.hermite_mean(f**2, 2 * k, sigma, 12),
        lambda sigma: numbers.hermite_mean(f**4, 0, sigma, 12),
        Fraction(1),
        Fraction(0),
    )
    polynomial, rest = system.expansion(Fraction(1), Fraction(1, 4), 5)
    for t in (Fraction(-1, 4), Fraction(-1, 9), Fraction(0), Fraction(1, 7), Fraction(1, 4)):
        truth = numbers.length(sp.Rational(1 + t)) - exact(1 + t)
        missed = abs(polynomial(exact(t)) - truth)
        assert not missed > rest * abs(exact(t)) ** 6 + arb(2) ** -40


@pytest.mark.parametrize("g", ["tanh", "Max(0, x)", "sign(x - 1)", "exp(x/2)", "x^2"])
def test_rates_bound_what_means_move(g: str) -> None:
    numbers = Numbers(dual(read(g)), 14)
    f = numbers.dual.f
    for low, high in ((Fraction(1), Fraction(9, 8)), (Fraction(1, 4), Fraction(1)), (Fraction(2), Fraction(2) + Fraction(1, 10**6))):
        q = Bracket(low, high)
        square, fourth = (
            numbers.hermite_mean(f**p, 0, above_root(high), 12) * (exact(above_root(high)) ** 2 / exact(high)).sqrt() for p in (2, 4)
        )
        first, last = (numbers.hermite_mean(f, 0, above_root(end), 14) for end in (low, high))
        assert not abs(last - first) > exact(2 * q.half + Fraction(1, 10**6)) * mean_rate(1, q, square) + arb(2) ** -40
        c = sp.Rational(3, 5)
        first, last = (numbers.kernel(sp.Rational(end), sp.Rational(end), c) for end in (low, high))
        assert not abs(last - first) > exact(2 * q.half) * pair_rate(q, fourth) + arb(2) ** -40


@pytest.mark.parametrize(
    ("f", "sigma_w", "sigma_b", "count", "bounded"),
    [
        ("tanh", sp.Rational(3, 2), sp.Rational(3, 10), 1, True),
        ("relu", sp.Integer(1), HALF, 1, False),
        ("relu", TWO, HALF, 0, False),
        ("Max(0, x)^2", sp.Rational(6, 5), sp.Rational(3, 10), 2, False),
        ("silu", sp.Rational(3, 2), sp.Rational(3, 10), 2, False),
        ("sign(x)", sp.Rational(3, 2), sp.Rational(3, 10), 1, True),
    ],
)
def test_how_many_fixed_points(f: str, sigma_w: sp.Rational, sigma_b: sp.Rational, count: int, bounded: bool) -> None:
    found = lengths(Numbers(dual(read(f)), 16), sigma_w, sigma_b, 12)
    assert len(found.roots) == count and found.undecided == () and found.bounded is bounded


def test_rational_fixed_points_are_exact() -> None:
    (root,) = lengths(Numbers(dual(read("relu")), 16), sp.Rational(6, 5), sp.Rational(3, 10), 12).roots
    assert root.low == root.high == Fraction(9, 28)


def test_the_identity_fixes_every_length() -> None:
    assert lengths(Numbers(dual(read("x")), 12), sp.Integer(1), sp.Integer(0), 10).every


def test_the_correlation_of_a_square_is_a_root_of_a_quadratic() -> None:
    """f = x^2: q c = w q^2 (1 + 2 c^2) + b has c = 1 and c = (w q + b/q)/(2 w q)."""
    weight, bias = sp.Rational(1, 100), sp.Rational(1, 4)
    numbers = Numbers(dual(read("x^2")), 20)
    found = [root for root in lengths(numbers, TENTH, HALF, 18).roots if not root.falling]
    (root,) = found
    c = correlation_below_one(numbers, root.bracket, TENTH, HALF, 15)
    assert c is not None
    q = (1 + sp.sqrt(1 - 12 * weight * bias)) / (6 * weight)
    truth = sp.N((weight * q + bias / q) / (2 * weight * q), 40)
    assert c.low < Fraction(str(truth)) < c.high


@pytest.mark.parametrize(
    ("ball", "most", "text"),
    [
        (lambda: arb(1) / 3, 6, "0.333333"),
        (lambda: arb("0.12345 +/- 2e-5"), 10, "0.123"),
        (lambda: arb("123456 +/- 0.4"), 15, "123456"),
        (lambda: arb("1.0002e-30 +/- 1e-35"), 15, "1.0002e-30"),
        (lambda: arb("-2.5 +/- 1e-9"), 5, "-2.5000"),
        (lambda: arb(1) / 4, 5, "0.25000"),
        (lambda: arb("12345678 +/- 400"), 15, "1.235e+7"),
    ],
)
def test_digits_are_those_to_which_both_ends_round(ball: Callable[[], arb], most: int, text: str) -> None:
    assert proved_text(ball(), most) == text


def test_nothing_is_printed_of_what_is_not_known() -> None:
    for ball in (arb(0, 1), arb("inf"), arb("0.5 +/- 0.4")):
        with pytest.raises(NoNumber):
            proved_text(ball, 10)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("relu", "--at", "sigma_w=1,sigma_b=0.5"), "q* = 0.500000000000000 (lengths near it approach it)"),
        (("tanh", "--at", "sigma_w=2,sigma_b=0"), "c* = 0: f is odd"),
        (("x", "--at", "sigma_w=1,sigma_b=0"), "every q > 0"),
        (("sign(x)", "--at", "sigma_w=1,sigma_b=1"), "chi_1 is infinite"),
        (("3", "--at", "sigma_w=1,sigma_b=1"), "q* = 10.0000000000000"),
        (("exp(-x^2)", "--at", "sigma_w=3,sigma_b=1"), "slope of the length map = -0.32717347537"),
    ],
)
def test_what_is_said_of_fixed_points(args: tuple[str, ...], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", *args]) == 0
    assert said in capfd.readouterr().out


def test_every_digit_at_a_fixed_point_is_that_of_a_longer_computation(capfd: pytest.CaptureFixture[str]) -> None:
    """Fifteen digits at q*, c* against thirty."""

    def numbers(digits: int) -> list[str]:
        assert main(["derive", "tanh", "--at", "sigma_w=3/2,sigma_b=3/10", "--digits", str(digits)]) == 0
        return [
            line.partition("=")[2].partition("(")[0].split("=")[-1].strip()
            for line in capfd.readouterr().out.splitlines()
            if "= 0." in line or "= 1." in line
        ]

    short, long = numbers(15), numbers(30)
    assert len(short) == len(long) == 5
    for few, many in zip(short, long, strict=True):
        assert abs(Fraction(few) - Fraction(many)) * 2 * 10 ** (len(few) - 2) < 1 + Fraction(1, 10**10)
