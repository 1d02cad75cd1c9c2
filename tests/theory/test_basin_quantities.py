"""Chances of optimal basins, cells and caps: derived laws against counts made another way, and input that has none."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp

from lemmata.theory.basins import Data, Kind, Served, demands_of, orthogonal, served, served_by_each, singletons
from lemmata.theory.caps import cap, cap_bound, cone_split
from lemmata.theory.cells import cells, cells_of
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.binomial_theorem import BinomialTheorem, binomial_theorem
from lemmata.theory.rules.inclusion_exclusion import InclusionExclusion, inclusion_exclusion
from lemmata.theory.rules.local import Replacement

n = sp.Symbol("n", integer=True, positive=True)
size, p = sp.symbols("n p", integer=True, nonnegative=True)
DATA = [singletons(1), singletons(0, 1), singletons(mixed=1), singletons(1, 1), singletons(1, 0, 1), orthogonal(1), orthogonal(2, 1)]


def by_hand(neurons: int, data: Data) -> Fraction:
    """Every pattern of signs, demand by demand, without masks."""
    demands = demands_of(data)
    axes = 1 + max(demand.axis for demand in demands)
    each = list(itertools.product((1, -1), repeat=1 + axes))
    found = sum(
        all(any(signs[0] == want.outer and signs[1 + want.axis] == want.inner for signs in pattern) for want in demands)
        for pattern in itertools.product(each, repeat=neurons)
    )
    return Fraction(found, len(each) ** neurons)


@pytest.mark.parametrize("data", DATA)
def test_the_law_for_every_width_is_what_all_patterns_say(data: Data) -> None:
    law = Derivation(served(n, data), Domain((n,))).by(inclusion_exclusion).end
    for neurons in range(1, 4):
        found = law.xreplace({n: sp.Integer(neurons)})
        assert Fraction(int(found.p), int(found.q)) == by_hand(neurons, data)


def test_one_axis_is_never_served_by_one_neuron() -> None:
    assert by_hand(1, singletons(1)) == 0 and by_hand(2, singletons(1)) == Fraction(1, 8)


@pytest.mark.parametrize("error", [sp.Rational(1, 2) ** n, n * 0 + sp.Rational(1, 10**9), sp.Rational(3, 4) ** n / 10**6])
def test_a_wrong_law_is_not_discharged(error: sp.Expr) -> None:
    node = served(n, singletons(1))
    right = InclusionExclusion().replace(node, domain=Domain((n,)))
    wrong = Replacement(node, right.after + error, right.domain)
    with pytest.raises(NotDischarged):
        inclusion_exclusion.check_replacement(wrong)


def test_numbers_of_points_that_are_symbols_are_not_derived() -> None:
    m = sp.Symbol("m", integer=True, positive=True)
    with pytest.raises(NotApplicable):
        Derivation(served(n, orthogonal(m)), Domain((n, m))).by(inclusion_exclusion)
    with pytest.raises(NotApplicable):
        Derivation(served(n, orthogonal(7)), Domain((n,))).by(inclusion_exclusion)


@pytest.mark.parametrize(
    ("summand", "closed"),
    [
        (sp.Integer(1), 2**size),
        (sp.Rational(1, 3) ** p, sp.Rational(4, 3) ** size),
        ((1 - 2 ** (-p)) * 2 ** (p - size), None),
        (sp.Rational(1, 2) ** (3 * size - 2 * p), sp.Rational(5, 8) ** size),
    ],
)
def test_binomial_sums_are_their_terms(summand: sp.Expr, closed: sp.Expr | None) -> None:
    total = sp.Sum(sp.binomial(size, p) * summand, (p, 0, size))
    found = Derivation(total, Domain((size,))).by(binomial_theorem).end
    assert closed is None or found == closed
    for width in range(5):
        direct = sum(
            sp.binomial(width, k) * summand.xreplace({size: sp.Integer(width)}).xreplace({p: sp.Integer(k)}) for k in range(width + 1)
        )
        assert found.xreplace({size: sp.Integer(width)}) == direct


@pytest.mark.parametrize(
    "total",
    [
        sp.Sum(sp.binomial(size, p) * p, (p, 0, size)),
        sp.Sum(sp.binomial(size, p) ** 2, (p, 0, size)),
        sp.Sum(sp.binomial(size, p), (p, 1, size)),
        sp.Sum(sp.binomial(size, p) * sp.factorial(p), (p, 0, size)),
        sp.Sum(sp.binomial(size, p) * size, (p, 0, size)),
        sp.Sum(sp.binomial(size + 1, p), (p, 0, size)),
    ],
)
def test_other_sums_are_declined(total: sp.Sum) -> None:
    with pytest.raises((NotApplicable, NotDischarged)):
        Derivation(total, Domain((size,))).by(binomial_theorem)


def test_a_wrong_binomial_sum_is_not_discharged() -> None:
    node = sp.Sum(sp.binomial(size, p) / 3**p, (p, 0, size))
    right = BinomialTheorem().replace(node, domain=Domain((size,)))
    with pytest.raises(NotDischarged):
        binomial_theorem.check_replacement(Replacement(node, right.after + sp.Rational(1, 10**9), right.domain))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: singletons(-1), "whole numbers from 0 on"),
        (lambda: orthogonal(sp.Rational(1, 2)), "whole numbers from 0 on"),
        (lambda: demands_of(singletons()), "ask for nothing"),
        (lambda: demands_of(singletons(6)), "at most 10"),
        (lambda: demands_of(orthogonal(n)), "have no numbers yet"),
        (lambda: served(-1, singletons(1)), "whole number of neurons"),
        (lambda: served(sp.Symbol("x", real=True), singletons(1)), "whole number of neurons"),
        (lambda: served(1, Data(Kind.ORTHOGONAL, (sp.Integer(1),))), "described by 2 numbers"),
        (lambda: cells(0, 2), "whole numbers from 1 on"),
        (lambda: cells_of([[1, 0], [0, 0]]), "point 2 is 0"),
        (lambda: cells_of([[sp.sqrt(2), 0]]), "exact rational numbers"),
        (lambda: cap(1, 1), "rank 2 or more"),
        (lambda: cap_bound(1, 1), "rank 2 or more"),
        (lambda: cone_split(1, sp.Rational(5, 2)), "rank 2 or more"),
    ],
)
def test_bad_input_is_one_clear_line(call: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_what_is_no_data_is_an_error() -> None:
    no_data: Any = 4
    with pytest.raises(TypeError, match="singletons"):
        served(3, no_data)


def test_nodes_are_rebuilt_from_their_arguments() -> None:
    for node in (served(n, singletons(1, 0, 2)), cells(n, 2), cells_of([[1, 2], [3, 4]])):
        assert node.func(*node.args) == node and node.doit() == node
    assert isinstance(served(n, orthogonal(1)).xreplace({n: sp.Integer(3)}), Served)


def test_masks_name_each_demand_once() -> None:
    masks = served_by_each(demands_of(singletons(mixed=1)))
    assert sorted(masks) == [0, 0, 1, 2]
