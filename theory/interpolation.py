r"""Inequalities between points of a smooth function, and certificates that combine them into a bound on gradient descent.

For L with an M-Lipschitz gradient, values L_i, gradients g_i at points w_i:

    L_i >= L_j + <g_i + g_j, w_i - w_j>/2 + |g_i - g_j|^2/(4M) - M |w_i - w_j|^2/4              (consecutive or any pair)
    L_i - L_* >= |g_i|^2/(2M)                                                                  (L >= L_*)

Both follow from the descent lemma |L(z) - L(w) - <grad L(w), z - w>| <= M |z - w|^2/2. The second is the lemma at
z = w_i - g_i/M. The first: at z = (w_i + w_j)/2 + (g_j - g_i)/(2M) the lemma from w_i is an upper, from w_j a lower
bound of L(z), and their difference is the inequality (`follows_from_descent_lemma` checks this identity). Conversely,
data that satisfy the first for all pairs are those of some L. Source: Taylor, Hendrickx & Glineur (2017), theorem 3.10.

A certificate is a weighted sum of them. Vectors are combinations of named ones and everything quadratic is a `Form`, the
coefficients of the inner products of names, in any exact field: rational numbers, Q(sqrt 3), rational functions of M, alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.polys.constructor import construct_domain

from lemmata.theory.derivation import NotDischarged

Vector = Mapping[Any, Any]
"""A combination of named vectors: name to coefficient."""

Form = dict[tuple[Any, Any], Any]
"""A quadratic form in named vectors: the coefficient of <u, v> under (u, v), each pair in one order only."""


def combine(*terms: tuple[Any, Mapping[Any, Any]]) -> dict[Any, Any]:
    """The sum of coefficient times vector (or form), without the names that cancel.

    >>> combine((2, {"u": 1, "v": 3}), (-6, {"v": 1}))
    {'u': 2}
    """
    total: dict[Any, Any] = {}
    for factor, part in terms:
        for name, value in part.items():
            total[name] = total[name] + factor * value if name in total else factor * value
    return {name: value for name, value in total.items() if value}


def inner(first: Vector, second: Vector) -> Form:
    """The inner product of two combinations.

    >>> inner({"u": 1, "v": 1}, {"u": 1, "v": -1})
    {('u', 'u'): 1, ('v', 'v'): -1}
    """
    total: Form = {}
    for u, a in first.items():
        for v, b in second.items():
            pair = (u, v) if repr(u) <= repr(v) else (v, u)
            total[pair] = total[pair] + a * b if pair in total else a * b
    return {pair: value for pair, value in total.items() if value}


def square(vector: Vector) -> Form:
    """|v|^2."""
    return inner(vector, vector)


def pair_gain(constant: Any, first: Vector, second: Vector, apart: Vector) -> Form:
    r"""What L_i exceeds L_j by at least: <g_i + g_j, d>/2 + |g_i - g_j|^2/(4M) - M |d|^2/4, d = w_i - w_j.

    >>> pair_gain(sp.Rational(1), {"g": 1}, {"g": 1}, {"g": 1})
    {('g', 'g'): 3/4}
    """
    both, difference = combine((1, first), (1, second)), combine((1, first), (-1, second))
    half = constant / constant / 2
    return combine((half, inner(both, apart)), (half / (2 * constant), square(difference)), (-constant / 4, square(apart)))


def follows_from_descent_lemma(constant: Any) -> bool:
    """Whether the pair inequality is what the descent lemma from both points gives at z; an identity between forms.

    Upper bound from w_j less lower bound from w_i, both at z, must be -`pair_gain` with i and j exchanged.

    >>> follows_from_descent_lemma(sp.Rational(7, 3))
    True
    """
    half = constant / constant / 2
    gi, gj, apart = {"i": constant / constant}, {"j": constant / constant}, {"d": constant / constant}
    from_i = combine((-half, apart), (half / constant, gi), (-half / constant, gj))
    from_j = combine((half, apart), (half / constant, gi), (-half / constant, gj))
    upper = combine((1, inner(gj, from_j)), (constant / 2, square(from_j)))
    lower = combine((1, inner(gi, from_i)), (-constant / 2, square(from_i)))
    gain_of_j = pair_gain(constant, gj, gi, combine((-1, apart)))
    return not combine((1, upper), (-1, lower), (1, gain_of_j))


@dataclass(frozen=True)
class Certificate:
    r"""A weighted sum of inequalities that bounds squared gradients along gradient descent.

    pairs      multiplier of the pair inequality for iterates (i, j), L_i >= L_j + ...
    ends       multiplier of L_i - L_* >= |g_i|^2/(2M)
    weights    tau_i: the sum then reads L_0 - L_last >= sum tau_i |g_i|^2 + sum of squares
    squares    the squares: (weight, vector) for weight |vector|^2
    last       the value that remains on the left beside L_0: L_* ("*") or that of an iterate

    With last = "*", min |g_i|^2 <= (L_0 - L_*)/(sum of the weights).
    """

    constant: Any
    step: Any
    pairs: Mapping[tuple[int, int], Any]
    ends: Mapping[int, Any]
    weights: Mapping[int, Any]
    squares: tuple[tuple[Any, Vector], ...] = ()
    last: int | str = "*"

    @property
    def total(self) -> Any:
        """The sum of the weights."""
        first, *others = self.weights.values()
        return sum(others, first)

    def apart(self, i: int, j: int) -> Vector:
        """w_i - w_j, a combination of the gradients between: w_{k+1} = w_k - alpha g_k."""
        sign = -1 if i > j else 1
        return dict.fromkeys(range(min(i, j), max(i, j)), sign * self.step)

    def verify(self, nonnegative: Callable[[Any], bool], show: Callable[[Any], Any] = str) -> None:
        """Check every sign and both identities exactly; raises NotDischarged with the first that fails.

        `nonnegative` decides the sign of an element of the field in which the multipliers live, `show` prints one.
        """
        named = (("the multiplier of pair", self.pairs), ("the multiplier of end", self.ends), ("the weight of iterate", self.weights))
        for what, values in (*named, ("the weight of square", dict(enumerate(weight for weight, _ in self.squares)))):
            for key, value in values.items():
                if not nonnegative(value):
                    raise NotDischarged(f"{what} {key}, {show(value)}, was not proved >= 0")
        one = self.constant / self.constant
        left = combine((1, self.values()), (-1, {0: one, self.last: -one}))
        if left:
            name, value = next(iter(left.items()))
            raise NotDischarged(f"the multipliers do not leave L_0 - L_{self.last}: of L_{name} there remains {show(value)}")
        rest = combine((1, self.gain()), (-1, self.claimed()))
        if rest:
            pair, value = next(iter(rest.items()))
            raise NotDischarged(
                f"the weighted sum is not the bound and the squares: of <g_{pair[0]}, g_{pair[1]}> there remains {show(value)}"
            )

    def values(self) -> dict[Any, Any]:
        """The coefficients of L_0, ..., L_{n-1} and L_* (under "*") in the weighted sum."""
        terms = [(weight, {i: 1, j: -1}) for (i, j), weight in self.pairs.items()]
        return combine(*terms, *((weight, {i: 1, "*": -1}) for i, weight in self.ends.items()))

    def gain(self) -> Form:
        """What the values exceed: the weighted sum of the right-hand sides, a form in the gradients."""
        one = self.constant / self.constant
        terms = [(w, pair_gain(self.constant, {i: one}, {j: one}, self.apart(i, j))) for (i, j), w in self.pairs.items()]
        return combine(*terms, *((weight / (2 * self.constant), square({i: one})) for i, weight in self.ends.items()))

    def claimed(self) -> Form:
        """The weights times the squared gradients, and the squares."""
        one = self.constant / self.constant
        return combine(*((w, square({i: one})) for i, w in self.weights.items()), *((w, square(v)) for w, v in self.squares))


def one_step(constant: Any, step: Any, total: Any) -> Certificate:
    r"""What one step gains, from its two pair inequalities with multipliers (s + 1)/2 and (s - 1)/2, s = `total`.

        L_0 - L_1 >= (3 alpha/4 - s M alpha^2/4)|g_0|^2 + (alpha/4)|g_1|^2 + ((s/M - alpha)/4)|g_0 - g_1|^2

    All that is weighted is >= 0 for s >= 1, s >= M alpha, s M alpha <= 3.

    >>> M, alpha = sp.symbols("M alpha", positive=True)
    >>> (m, a), back = in_a_field(M, alpha)
    >>> back(one_step(m, a, m * a).total)
    -M**2*alpha**3/4 + alpha
    """
    one = constant / constant
    half = one / 2
    pairs = {(0, 1): half * (total + one), (1, 0): half * (total - one)}
    weights = {0: half * half * (3 * step - total * constant * step**2), 1: half * half * step}
    return Certificate(constant, step, pairs, {}, weights, ((half * half * (total / constant - step), {0: one, 1: -one}),), last=1)


def descent_step(constant: Any, step: Any) -> Certificate:
    r"""The descent lemma, as what the forward pair inequality alone says of one step; for M alpha <= 2.

        L_0 - L_1 >= alpha (1 - M alpha/2)|g_0|^2 + |g_1 - (1 - M alpha) g_0|^2/(4M)

    >>> M, alpha = sp.symbols("M alpha", positive=True)
    >>> (m, a), back = in_a_field(M, alpha)
    >>> back(descent_step(m, a).total)
    -M*alpha**2/2 + alpha
    """
    one = constant / constant
    gain = step * (one - constant * step / 2)
    square_of = (one / (4 * constant), {0: constant * step - one, 1: one})
    return Certificate(constant, step, {(0, 1): one}, {}, {0: gain}, (square_of,), last=1)


def telescoped(n: int, gain: Certificate) -> Certificate:
    r"""The certificate for the least of n gradients: n - 1 steps that each gain the same, and the end at the last iterate.

    The bound is (L_0 - L_*)/((n - 1) gain.total + 1/(2M)).

    >>> one = sp.Integer(1)
    >>> telescoped(5, one_step(one, one, one)).total, telescoped(5, descent_step(one, one)).total
    (7/2, 5/2)
    """
    one = gain.constant / gain.constant
    pairs = {(k + i, k + j): weight for k in range(n - 1) for (i, j), weight in gain.pairs.items()}
    shifted = [(one, {k + i: weight for i, weight in gain.weights.items()}) for k in range(n - 1)]
    weights = combine(*shifted, (one, {n - 1: one / (2 * gain.constant)}))
    squares = tuple((weight, {k + i: c for i, c in v.items()}) for k in range(n - 1) for weight, v in gain.squares)
    return Certificate(gain.constant, gain.step, pairs, {n - 1: one}, weights, squares)


def two_gradients(constant: Any, step: Any) -> Certificate:
    r"""The certificate for the least of two gradients at steps M alpha >= sqrt(3), h = M alpha, without a square left over.

    Only the second gradient has a weight, 1/(2M (h - 1)^2): that of M w^2/2. With m = 2/((h - 1)^2 (h + 2)), which is at most
    1 from h = sqrt(3) on, the multipliers are m (h + 1)/2 forward, m (h - 1)/2 backward, 1 - m and m at the ends.

    >>> M, alpha = sp.symbols("M alpha", positive=True)
    >>> (m, a), back = in_a_field(M, alpha)
    >>> found = two_gradients(m, a)
    >>> found.verify(lambda value: True), sp.factor(back(found.total))
    (None, 1/(2*M*(M*alpha - 1)**2))
    """
    one = constant / constant
    h = constant * step
    share = 2 * one / ((h - one) ** 2 * (h + 2 * one))
    pairs = {(0, 1): share * (h + one) / 2, (1, 0): share * (h - one) / 2}
    return Certificate(constant, step, pairs, {0: one - share, 1: share}, {1: one / (2 * constant * (h - one) ** 2)})


def in_a_field(*numbers: Any) -> tuple[list[Any], Callable[[Any], Any]]:
    """Numbers and symbols as elements of one exact field (Q, Q(sqrt 3), Q(M, alpha), ...), and the way back.

    Raises NotDischarged where SymPy finds no field whose zero test is exact, as for floating-point numbers.

    >>> (root,), back = in_a_field(2 / sp.sqrt(3))
    >>> back(root * root)
    4/3
    """
    field, elements = construct_domain([sp.sympify(number) for number in numbers], field=True, extension=True)
    if not field.is_Exact or field.is_EX:
        raise NotDischarged(f"{', '.join(map(str, numbers))} are not numbers and symbols of an exact field")
    return list(elements), field.to_sympy
