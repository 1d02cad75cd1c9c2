"""Decreasing paths as objects: what they accept, and which losses are seen to be convex."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Rational

from lemmata.theory.convexity import convex_by_shape
from lemmata.theory.decreasing_path import absolute_loss, cross_entropy, decreasing_path, logistic_loss, squared_loss

p, q, y = sp.symbols("p q y", real=True)
LAYERS = [[[1, 0], [1, 1]], [[1, -3]]]

CONVEX = [
    squared_loss((p,), (y,)),
    absolute_loss((p, q), (1, y)),
    logistic_loss((p,), (y,)),
    cross_entropy((p, q), (1, 0)),
    cross_entropy((p, q), (y, 1 - y)),
    sp.Max(0, sp.Abs(p - y) - Rational(1, 2)),
    sp.exp((p - q) ** 2),
    3 * p - 2 * q + y**3,
    sp.Max(p, (q - p) ** 4) / 3,
]
NOT_CONVEX = [
    -sp.Abs(p),
    p**3,
    p * q,
    sp.Min(p, q),
    sp.Abs(p**2 - 1),
    (p**2 - 1) ** 2,
    sp.exp(-(p**2)),
    sp.log(1 + sp.exp(p)) - p**2,
    -sp.log(1 + sp.exp(p)),
    sp.log(2 + sp.exp(p**2 - q**2)),
    sp.log(1 + p**2),
    sp.log(sp.exp(p) - sp.exp(q)),
    y * p**2,
    p**2 / (1 + p**2),
    sp.sin(p),
    sp.sqrt(1 + sp.exp(p)),
]


@pytest.mark.parametrize("expr", CONVEX, ids=str)
def test_convex_shapes_are_seen_and_meet_every_chord(expr):
    assert convex_by_shape(expr, (p, q))
    ends = [({p: a, q: b}, {p: c, q: d}) for a, b, c, d in ((-2, 1, 3, 0), (0, 0, 1, -4), (5, 2, -1, 2))]
    for first, last in ends:
        for share in (Rational(1, 7), Rational(1, 2), Rational(4, 5)):
            middle = {symbol: (1 - share) * first[symbol] + share * last[symbol] for symbol in (p, q)}
            chord = (1 - share) * expr.subs(first) + share * expr.subs(last)
            for label in (-1, 0, 1):
                assert sp.N((chord - expr.subs(middle)).subs(y, label), 30) >= -(sp.Float(2) ** -80)


@pytest.mark.parametrize("expr", NOT_CONVEX, ids=str)
def test_other_shapes_are_not(expr):
    assert not convex_by_shape(expr, (p, q))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"loss": lambda p, y: -((p[0] - y[0]) ** 2)}, "not seen to be convex"),
        ({"loss": lambda p, y: p[0] * sp.Symbol("z")}, "in the predictions and targets alone"),
        ({"start": []}, "the start has no layer"),
        ({"start": [[[1, 0]], [[1]]]}, "layers of different shapes"),
        ({"inputs": [[1, 2], [3, 4]]}, "do not fit"),
        ({"targets": [[1]]}, "need targets of that shape"),
        ({"inputs": sp.zeros(1, 0), "targets": sp.zeros(1, 0)}, "row 1 is empty"),
        ({"targets": [[1, 0.5]]}, "exact rational numbers"),
        ({"end": [[[1, 0], [sp.Symbol("w"), 1]], [[1, -3]]]}, "layer 1 of the end must be rows of exact rational numbers, and row 2"),
    ],
)
def test_what_is_no_path_is_an_error_of_one_line(change, said):
    given = {"start": LAYERS, "end": LAYERS, "inputs": [[1, -1]], "targets": [[2, 1]], "loss": squared_loss} | change
    with pytest.raises(ValueError, match=said) as error:
        decreasing_path(**given)
    assert "\n" not in str(error.value)


def test_numbers_of_a_path_print_and_bind_nothing_but_their_place():
    path = decreasing_path(LAYERS, LAYERS, [[1, -1]], [[2, 1]], squared_loss)
    s = sp.Symbol("s", real=True)
    assert path.loss(s).free_symbols == {s} and path.largest_step(8).free_symbols == set()
    assert [str(node) for node in (path.loss(s), path.scale(s), path.on_ray(2, s), path.largest_step(8))] == [
        "L(path(s))",
        "c(s)",
        "L(2*P(s))",
        "max_step(L(path), 8)",
    ]
    assert path.loss(s).path == path
    assert r"\tilde W" in sp.latex(path.loss(s) ** 2)
