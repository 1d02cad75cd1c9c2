"""A convex function is least where its slope vanishes: each condition, left out, is missed."""

import pytest
import sympy as sp

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.rules.convex_minimum import convex_minimum

x, c = sp.symbols("x c", real=True)
p, y = sp.symbols("p y", positive=True)
unit = Domain((p, y), (sp.Lt(p, 1), sp.Lt(y, 1)))
entropy = -y * sp.log(p) - (1 - y) * sp.log(1 - p)


def test_cross_entropy_and_parabolas() -> None:
    derived = Derivation(entropy, unit).by(convex_minimum, p, y)
    assert derived.link is Link.AT_LEAST and derived.end == entropy.xreplace({p: y})
    assert Derivation((x - c) ** 2 + 1, Domain((x, c))).by(convex_minimum, x, c).end == 1


@pytest.mark.parametrize(
    ("function", "place", "given", "reason"),
    [
        ((x - c) ** 2, c + 1, (), "slope"),
        (-((x - c) ** 2), c, (), "second derivative"),
        (x**4 - x**2, sp.S.Zero, (), "second derivative"),
        ((x - c) ** 2, c, (sp.Lt(x, 0),), "satisfies the hypothesis"),
        ((x - c) ** 2, c, (sp.Ge(x**2, 1),), "does not bound an interval"),
        (x**2, sp.S.Zero, (sp.Ne(x, 0),), "hypothesis"),
        (1 / x**2 + 0 * c, sp.S.One, (), "not proved continuous"),
        (sp.Abs(x) + x**2, sp.S.Zero, (), "not proved continuous"),
    ],
)
def test_each_condition_counts(function: sp.Expr, place: sp.Expr, given: tuple, reason: str) -> None:
    with pytest.raises(NotDischarged, match=reason):
        Derivation(function, Domain((x, c), given)).by(convex_minimum, x, place)


def test_the_place_is_among_the_values_of_the_symbol() -> None:
    q = sp.Symbol("q", positive=True)
    with pytest.raises(NotDischarged, match="among the values"):
        Derivation((q + 1) ** 2, Domain((q,))).by(convex_minimum, q, sp.Integer(-1))
    with pytest.raises(NotDischarged, match="not the value"):
        convex_minimum.check((q - 1) ** 2, Rewrite(sp.S.One, "", Link.AT_LEAST), q, sp.S.One, domain=Domain((q,)))


def test_what_it_takes() -> None:
    n = sp.Symbol("n", integer=True)
    for expr, args in ((x**2, ()), (c**2, (x, 0)), (n**2, (n, 0)), (x**2, (x, x))):
        with pytest.raises(NotApplicable):
            Derivation(expr, Domain((x, c))).by(convex_minimum, *args)
