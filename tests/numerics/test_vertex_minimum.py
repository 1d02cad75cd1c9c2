"""Minima over polytopes: vertices against all bases, quadratics against both roads, 3-SAT against truth tables, bad input."""

from __future__ import annotations

import random
from itertools import combinations, product
from typing import Any

import pytest
from flint import fmpq, fmpq_mat
from sympy import Add, Eq, Ge, Integer, Le, Rational, sqrt, symbols

from lemmata.numerics import BUDGETS, Ball, BudgetName, Refusal, Stream
from lemmata.numerics.instruments.vertex_minimum import INSTRUMENT
from lemmata.numerics.polytopes import generators
from lemmata.numerics.quadratics import NoMinimum, Quadratic, _height, _smallest, _stationary, least
from lemmata.theory.minima import minimum

WORK = 10**8
QUICK = BUDGETS[BudgetName.QUICK]
x, y, z, a = symbols("x y z a", real=True)

Row = tuple[fmpq, ...]


def integers(rng: random.Random, count: int, most: int = 3) -> Row:
    return tuple(fmpq(rng.randint(-most, most)) for _ in range(count))


def box(size: int) -> list[Row]:
    """-2 <= x_i <= 2."""
    return [
        tuple(fmpq(2) if j == 0 else fmpq(side) if j == i + 1 else fmpq(0) for j in range(size + 1))
        for i in range(size)
        for side in (1, -1)
    ]


def by_bases(rows: list[Row], size: int) -> set[Row]:
    """The feasible points at which n independent rows are 0: the definition of a vertex."""
    found = set()
    for chosen in combinations(rows, size):
        system = fmpq_mat(size, size, [entry for row in chosen for entry in row[1:]])
        if system.det() != 0:
            solution = system.solve(fmpq_mat(size, 1, [-row[0] for row in chosen]))
            point = tuple(solution[i, 0] for i in range(size))
            if all(_height(row, point) >= 0 for row in rows):
                found.add(point)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_vertices_are_those_of_all_bases(size: int) -> None:
    """Random cuts of a box with small integers, so that many vertices are degenerate, some polytopes flat and some empty."""
    rng = Stream(size, ("polytopes",)).python()
    empty = flat = 0
    for _ in range(60 if size < 4 else 20):
        rows = box(size) + [integers(rng, size + 1) for _ in range(rng.randint(0, 5))]
        if rng.random() < 0.3:
            row = integers(rng, size + 1, 2)
            rows += [row, tuple(-entry for entry in row)]
            flat += 1
        found = generators(rows, WORK)
        assert not found.directions and not found.line
        assert len(set(found.vertices)) == len(found.vertices)
        assert set(found.vertices) == by_bases(rows, size)
        empty += not found.vertices
    assert empty and flat


def test_unbounded_directions_are_met() -> None:
    """Random cones and half-spaces: unbounded exactly where a linear function has no bound on a far box."""
    rng = Stream(5, ("unbounded",)).python()
    seen = {True: 0, False: 0}
    for _ in range(100):
        rows = [integers(rng, 3) for _ in range(4)]
        found = generators(rows, WORK)
        if found.line:
            continue
        for direction in found.directions:
            assert any(direction) and all(row[1] * direction[0] + row[2] * direction[1] >= 0 for row in rows)
        seen[bool(found.directions)] += 1
    assert all(seen.values())


def symmetric(rng: random.Random, size: int, kind: str) -> tuple[Row, ...]:
    factor = [integers(rng, size, 2) for _ in range(size)]
    gram = [[sum((row[i] * row[j] for row in factor), fmpq(0)) for j in range(size)] for i in range(size)]
    sign = {"concave": -1, "convex": 1, "indefinite": 1}[kind]
    shift = rng.randint(1, 6) if kind == "indefinite" else 0
    return tuple(tuple(sign * gram[i][j] - (shift if i == j else 0) for j in range(size)) for i in range(size))


@pytest.mark.parametrize("kind", ["concave", "convex", "indefinite"])
def test_the_least_value_is_attained_and_no_feasible_point_is_lower(kind: str) -> None:
    rng = Stream(7, (kind,)).python()
    for trial in range(30):
        size = 1 + trial % 3
        rows = box(size) + [integers(rng, size + 1) for _ in range(rng.randint(0, 3))]
        objective = Quadratic(*integers(rng, 1), integers(rng, size), symmetric(rng, size, kind))
        try:
            found = least(objective, rows, WORK)
        except NoMinimum:
            assert not by_bases(rows, size)
            continue
        assert objective(found.point) == found.value and all(_height(row, found.point) >= 0 for row in rows)
        for _ in range(100):
            point = tuple(fmpq(rng.randint(-16, 16), 8) for _ in range(size))
            if all(_height(row, point) >= 0 for row in rows):
                assert objective(point) >= found.value
        faces = [point for point in _stationary(objective, rows, WORK) if all(_height(row, point) >= 0 for row in rows)]
        assert _smallest(objective, faces, "").value == found.value


Clause = tuple[tuple[int, bool], ...]


def satisfiable(size: int, clauses: list[Clause]) -> bool:
    """By the truth table."""
    return any(
        all(any(values[i] != negated for i, negated in clause) for clause in clauses) for values in product((False, True), repeat=size)
    )


def programme(size: int, clauses: list[Clause]) -> Any:
    names = symbols(f"x_1:{size + 1}", real=True)
    cube = [side for name in names for side in (Ge(name, 0), Le(name, 1))]
    rows = [Ge(Add(*(1 - names[i] if negated else names[i] for i, negated in clause)), 1) for clause in clauses]
    return minimum(Add(*(name - name**2 for name in names)), names, cube + rows)


def measured(node: Any, at: Any = None) -> Any:
    return INSTRUMENT.measure(node, at or {}, QUICK, Stream(0))


def test_random_formulas_of_four_variables_are_satisfiable_where_the_minimum_is_zero() -> None:
    rng = Stream(18, ("3-SAT",)).python()
    every = [tuple(zip(triple, signs, strict=True)) for triple in combinations(range(4), 3) for signs in product((False, True), repeat=3)]
    found = {True: 0, False: 0}
    for _ in range(150):
        clauses = rng.sample(every, rng.randint(8, 32))
        answer = measured(programme(4, clauses))
        assert isinstance(answer, Ball)
        assert (answer.value == 0) is satisfiable(4, clauses)
        assert answer.value == 0 or answer.value >= 0.5
        found[answer.value == 0] += 1
    assert min(found.values()) > 20


def test_clauses_of_two_literals_too() -> None:
    """Two literals leave the centre of the cube feasible; all sets of the 12 clauses on three variables with 9 or more of them."""
    every = [tuple(zip(pair, signs, strict=True)) for pair in combinations(range(3), 2) for signs in product((False, True), repeat=2)]
    for count in (9, 10, 11, 12):
        for clauses in combinations(every, count):
            answer = measured(programme(3, list(clauses)))
            assert (answer.value == 0) is satisfiable(3, list(clauses))


def test_parameters_are_put_in_exactly() -> None:
    node = minimum(x - x**2, x, [Ge(x, a), Le(x, 1 - a)])
    answer = measured(node, {a: Rational(1, 3)})
    assert (9 * answer.value).contains(2) and answer.note.startswith("2/9 at (1/3)")
    assert measured(minimum(x**2 + y**2, (x, y), [Eq(x + y, 1)])).value == 0.5


REFUSED: list[tuple[Any, str]] = [
    (minimum(x, x, [Ge(x, 0)]), "do not bound the direction (1)"),
    (minimum(x + y, (x, y), [Ge(x, 0), Le(x, 1)]), "a whole line free"),
    (minimum(x, x, []), "a whole line free"),
    (minimum(x, x, [Ge(x, 1), Le(x, 0)]), "polytope is empty"),
    (minimum(x**2, x, [Ge(x, 1), Le(x, 0)]), "polytope is empty"),
    (minimum(x**2 - y**2, (x, y), [Ge(x, 0), Le(x, 1)]), "bound every variable"),
    (minimum(x**2, (x, y), [Ge(x, 0), Le(x, 1), Ge(y, 0)]), "do not bound the direction (0, 1)"),
    (minimum(sqrt(2) * x, x, [Ge(x, 0), Le(x, 1)]), "no rational number"),
]


@pytest.mark.parametrize(("node", "said"), REFUSED)
def test_what_has_no_minimum_is_refused_in_one_line(node: Any, said: str) -> None:
    answer = measured(node)
    assert isinstance(answer, Refusal) and said in answer.reason and "\n" not in answer.reason


def test_a_polytope_past_the_budget_is_refused() -> None:
    names = symbols("x_1:21", real=True)
    cube = [side for name in names for side in (Ge(name, 0), Le(name, 1))]
    answer = measured(minimum(Add(*names), names, [*cube, Ge(Add(*names), Integer(1))]))
    assert isinstance(answer, Refusal) and "larger budget" in answer.reason
