"""Laws of a domain: what it draws is admissible, exact, reproducible; what cannot be met is said, with the reason."""

from __future__ import annotations

import random

import pytest
import sympy as sp
from sympy import Q, Symbol, symbols

from lemmata.theory.domain import Domain
from lemmata.theory.exact.order import sign

c, x, y, z = symbols("c x y z", real=True)
a, b, q1, q2, M, alpha = symbols("a b q1 q2 M alpha", positive=True)
n, m = symbols("n m", integer=True, positive=True)
N, K = symbols("N K", integer=True, positive=True)
A, O = sp.MatrixSymbol("A", N, N), sp.MatrixSymbol("O", N, N)
B, S = sp.MatrixSymbol("B", N, K), sp.MatrixSymbol("S", K, N)

ADMISSIBLE = {
    "free": Domain((x,)),
    "kernel": Domain((q1, q2, c), [c >= -1, c <= 1]),
    "chain": Domain((a, b), [a < b, b < 1]),
    "product bound": Domain((alpha, M), [alpha < 2 / M]),
    "disc": Domain((x, y), [x**2 + y**2 < 1]),
    "circle": Domain((x, y), [sp.Eq(x**2 + y**2, 1)]),
    "two equations": Domain((x, y, z), [sp.Eq(x + y + z, 1), sp.Eq(x - y, 2 * z)]),
    "cubic": Domain((x, y), [sp.Eq(x**3 - x, y), y > 1]),
    "irrational ends": Domain((x,), [sp.Contains(x, sp.Interval.open(0, sp.pi))]),
    "polynomial": Domain((x,), [x**2 <= 2]),
    "outside": Domain((x,), [x**2 >= 2, sp.Ne(x, 3)]),
    "union": Domain((x,), [sp.Contains(x, sp.Union(sp.Interval(0, 1), sp.Interval(2, 3)))]),
    "values": Domain((x,), [sp.Contains(x, sp.FiniteSet(1, 2, sp.pi))]),
    "range": Domain((n,), [sp.Contains(n, sp.Range(3, 30, 4))]),
    "integers in order": Domain((n, m), [n < m, m <= 9]),
    "even": Domain((n,), [Q.even(n), n > 3]),
    "prime": Domain((Symbol("p", prime=True),)),
    "irrational": Domain((Symbol("r", irrational=True),)),
    "either": Domain((alpha, M), [sp.Or(alpha < 1, M < 1), sp.Ne(alpha, M)]),
    "sine": Domain((x,), [sp.sin(x) > 0]),
    "exponential": Domain((x, y), [sp.exp(x) < y]),
    "rational": Domain((x,), [sp.Contains(x, sp.S.Rationals)]),
    "moving end": Domain((x, a), [sp.Contains(x, sp.Interval(0, a))]),
    "predicates": Domain((x,), [Q.positive(x), Q.negative(x - 1)]),
    "shapes": Domain((A, B, S), [N >= 3]),
    "symmetric": Domain((A,), [sp.Eq(A, A.T)]),
    "orthogonal": Domain((O,), [Q.orthogonal(O)]),
    "reflection": Domain((O,), [Q.orthogonal(O), Q.symmetric(O)]),
    "covariance": Domain((A,), [Q.positive_definite(A)]),
    "diagonal": Domain((A,), [Q.diagonal(A), Q.invertible(A)]),
    "singular": Domain((A,), [Q.singular(A)]),
    "triangular": Domain((A,), [Q.upper_triangular(A), Q.fullrank(A)]),
    "square entails equal sizes": Domain((B,), [Q.square(B)]),
    "defined matrix": Domain((A, B), [sp.Eq(B, sp.ZeroMatrix(N, K))]),
    "trace": Domain((A, x), [sp.Eq(x, sp.Trace(A)), x > 0]),
}


@pytest.mark.parametrize("name", ADMISSIBLE)
@pytest.mark.parametrize("wide", [False, True], ids=["near", "wide"])
def test_every_point_satisfies_every_hypothesis_exactly(name: str, wide: bool) -> None:
    domain = ADMISSIBLE[name]
    assert domain.empty() is None
    points = domain.points(6, random.Random(5), wide=wide)
    assert points
    for point in points:
        assert set(point) == set(domain.symbols)
        assert domain.satisfies(point) is True
        for value in point.values():
            assert not value.has(sp.Float)


@pytest.mark.parametrize("name", ADMISSIBLE)
def test_points_are_distinct_and_depend_on_the_generator_alone(name: str) -> None:
    domain = ADMISSIBLE[name]
    first, second = domain.points(5, random.Random(1)), Domain(domain.symbols, domain.given).points(5, random.Random(1))
    assert first == second
    assert len({tuple(point.items()) for point in first}) == len(first)


@pytest.mark.parametrize("name", [name for name, domain in ADMISSIBLE.items() if not domain.matrices])
def test_a_range_contains_every_drawn_value(name: str) -> None:
    domain = ADMISSIBLE[name]
    for point in domain.points(8, random.Random(2), wide=True):
        for symbol, value in point.items():
            interval = domain.interval(symbol)
            assert sign(value - interval.start) != -1 and sign(interval.end - value) != -1


def test_closed_ends_are_drawn_and_open_ones_are_not() -> None:
    drawn = {point[c] for point in ADMISSIBLE["kernel"].points(6, random.Random(0))}
    assert {-1, 1} <= drawn
    assert {point[x] for point in ADMISSIBLE["polynomial"].points(6, random.Random(0))} >= {sp.sqrt(2), -sp.sqrt(2)}
    assert all(0 < point[a] for point in ADMISSIBLE["chain"].points(40, random.Random(0), wide=True))


def test_the_interior_is_spread_over_the_range() -> None:
    values = sorted(point[x] for point in Domain((x,), [x > 0, x < 1]).points(20, random.Random(3)))
    assert len(values) == 20
    for k, value in enumerate(values):
        assert sp.Rational(k - 1, 20) < value < sp.Rational(k + 2, 20)


def test_wide_points_reach_ends_and_magnitudes() -> None:
    sizes = [point[q1] for point in ADMISSIBLE["kernel"].points(40, random.Random(0), wide=True)]
    assert min(sizes) <= sp.Rational(1, 10**6) and max(sizes) >= 10**6
    near_one = [point[c] for point in ADMISSIBLE["kernel"].points(60, random.Random(0), wide=True)]
    assert any(0 < 1 - value < sp.Rational(1, 1000) for value in near_one)


def test_sizes_are_small_and_unequal_and_present() -> None:
    for point in Domain((sp.MatrixSymbol("W", N, K), sp.MatrixSymbol("V", K, m))).points(6, random.Random(0)):
        sizes = [int(point[symbol]) for symbol in (N, K, m)]
        assert len(set(sizes)) == 3 and all(2 <= size <= 6 for size in sizes)
        assert point[sp.MatrixSymbol("W", N, K)].shape == (sizes[0], sizes[1])


CONTRADICTIONS = {
    "bounds": (Domain((x,), [x > 1, x < 0]), "no value for x"),
    "false": (Domain((q1,), [q1 < 0]), "a hypothesis is false"),
    "python false": (Domain((x,), [False]), "a hypothesis is false"),
    "open point": (Domain((x,), [x > 1, x <= 1]), "no value for x"),
    "integers": (Domain((n,), [n > 3, n < 4]), "no value for n"),
    "through another": (Domain((x, y), [x < y, y < 0, x > 1]), "no value for"),
    "no real root": (Domain((x,), [x**2 - x + 1 < 0]), "no value for x"),
    "empty range": (Domain((n,), [sp.Contains(n, sp.Range(3, 3))]), "no point is admissible"),
    "equations": (Domain((x, y), [sp.Eq(x + y, 1), sp.Eq(x + y, 2)]), "contradicts"),
    "order": (Domain((x, y), [x < y, y < x]), "no admissible point was found"),
    "not understood": (Domain((A,), [Q.normal(A)]), "Q.normal(A) is not understood"),
    "undecided": (Domain((x,), [sp.gamma(x + sp.sqrt(2)) > 0]), "could not be decided exactly"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_no_point_satisfies_is_said_with_the_reason(name: str) -> None:
    domain, words = CONTRADICTIONS[name]
    reason = domain.empty()
    assert reason is not None and words in reason
    assert domain.points(3, random.Random(0)) == []


def test_satisfies_turns_points_away() -> None:
    chain = ADMISSIBLE["chain"]
    assert chain.satisfies({a: sp.Rational(1, 2), b: sp.Rational(1, 3)}) is False
    assert chain.satisfies({a: sp.Rational(-1, 2), b: sp.Rational(1, 3)}) is False
    assert chain.satisfies({a: sp.Rational(1, 4), b: sp.Rational(1, 3)}) is True
    assert chain.satisfies({a: sp.Rational(1, 4)}) is None
    assert Domain((n,)).satisfies({n: sp.Rational(1, 2)}) is False
    almost = sp.sqrt(2) - sp.Rational(1, 10**40)
    assert Domain((x,), [x**2 < 2]).satisfies({x: almost}) is True
    assert Domain((x,), [x**2 < 2]).satisfies({x: sp.sqrt(2)}) is False
    assert Domain((A,)).satisfies({N: sp.Integer(2), A: sp.ImmutableMatrix([[1, 2, 3], [4, 5, 6]])}) is False


def test_ranges_and_boxes() -> None:
    assert ADMISSIBLE["chain"].interval(a) == sp.Interval.open(0, 1)
    assert ADMISSIBLE["kernel"].box() == {c: sp.Interval(-1, 1), q1: sp.Interval.open(0, sp.oo), q2: sp.Interval.open(0, sp.oo)}
    assert ADMISSIBLE["shapes"].box() is None and ADMISSIBLE["range"].box() is None
    assert ADMISSIBLE["range"].interval(n) == sp.Interval(3, 27)


def test_a_finite_domain_is_exhausted() -> None:
    assert {point[n] for point in ADMISSIBLE["range"].points(50, random.Random(0))} == {3, 7, 11, 15, 19, 23, 27}
    assert Domain().points(4, random.Random(0)) == [{}]


def test_symbols_inside_hypotheses_and_shapes_belong_to_the_domain() -> None:
    assert Domain((A,), [x < y]).symbols == (A, N, x, y)


def test_assumptions_serve_refine() -> None:
    assert sp.refine(sp.Abs(b - a), ADMISSIBLE["chain"].assumptions()) == b - a
    assert sp.refine(sp.sqrt(x**2), Domain((x,), [x >= 2]).assumptions()) == x


def test_a_matrix_with_data_is_a_constant() -> None:
    class Data(sp.MatrixSymbol):
        exact = sp.ImmutableMatrix([[1, 2], [3, 4]])

    data = Data("X", 2, 2)
    domain = Domain((data, x), [x < sp.Trace(data)])
    assert domain.symbols == (x,)
    assert all(point[x] < 5 for point in domain.points(6, random.Random(0)))


def test_wide_points_reach_every_order_of_magnitude() -> None:
    q = sp.Symbol("q", positive=True)
    points = Domain((q,)).points(240, random.Random(0), wide=True)
    decades = {len(str(int(point[q]))) for point in points if point[q] >= 1}
    assert len(points) > 150 and decades >= set(range(1, 13)), sorted(decades)


def test_wide_points_come_close_to_both_ends() -> None:
    c = sp.Symbol("c", real=True)
    points = Domain((c,), (c > -1, c < 1)).points(100, random.Random(0), wide=True)
    for end in (-1, 1):
        assert min(abs(point[c] - end) for point in points) < sp.Rational(1, 10**9)


def test_the_border_of_a_joint_hypothesis_is_looked_at() -> None:
    """M alpha >= 19/10 gives neither symbol an end of its own; a statement that fails from 19/10 to 2 alone fails on the border."""
    m, step = sp.symbols("M alpha", positive=True)
    domain = Domain((m, step), [sp.Ge(m * step, sp.Rational(19, 10)), sp.Le(m * step, 5)])
    products = [point[m] * point[step] for point in domain.points(8, random.Random(0))]
    assert {sp.Rational(19, 10), sp.Integer(5)} <= set(products)


def test_an_open_border_is_not() -> None:
    m, step = sp.symbols("M alpha", positive=True)
    domain = Domain((m, step), [sp.Gt(m * step, sp.Rational(19, 10))])
    assert all(point[m] * point[step] > sp.Rational(19, 10) for point in domain.points(12, random.Random(0)))
