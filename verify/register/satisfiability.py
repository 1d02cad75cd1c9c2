"""Global minimisation is hard: a 3-SAT formula as a concave quadratic programme whose minimum is 0 exactly where it is satisfiable.

The reduction: each variable becomes x_k in [0, 1], a clause the constraint that its literals (x_k, or 1 - x_k for a negated one)
sum up to at least 1, and sum (x_k - x_k^2) is minimised. The sum is concave, not negative on the cube, and 0 at 0/1 points alone,
where the constraints say that every clause is satisfied. A bit b_j in front of a clause says whether a formula contains it (with
b_j = 0 the constraint holds on the whole cube), so that one statement is about every formula of a family.
That the programme is written down in polynomial time, and so that minimisation is NP-hard, is no statement about numbers.
"""

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

from sympy import Add, Eq, Expr, Ge, Gt, Le, Lt, Mul, Rational, sign, symbols

from lemmata.theory.minima import Minimum, minimum
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

REDUCTION = Source("yarotsky-lecture", "slide on NP-hardness, the reduction of 3-SAT to a quadratic programme")

x = symbols("x_1:5", real=True)
slack, y = symbols("t y", real=True)

Clause = tuple[tuple[int, bool], ...]
"""(index of the variable, whether it is negated) for each literal."""


def literals(clause: Clause) -> Expr:
    """The sum of the literals of a clause."""
    return Add(*(1 - x[index] if negated else x[index] for index, negated in clause))


def cube(size: int) -> list[Any]:
    """0 <= x_k <= 1 for the first variables."""
    return [side for variable in x[:size] for side in (Ge(variable, 0), Le(variable, 1))]


def distance(size: int, clauses: Sequence[tuple[Clause, Any]]) -> Minimum:
    """min sum (x_k - x_k^2) where the literals of each clause sum up to at least its bit."""
    constraints = [*cube(size), *(Ge(literals(clause), bit) for clause, bit in clauses)]
    return minimum(Add(*(variable - variable**2 for variable in x[:size])), x[:size], constraints)


def violation(size: int, clauses: Sequence[tuple[Clause, Any]]) -> Minimum:
    """The least t by which every clause of the linear relaxation has to be let off: 0 where the relaxation has a point."""
    constraints = [*cube(size), Ge(slack, 0), Le(slack, 1), *(Ge(literals(clause) + slack, bit) for clause, bit in clauses)]
    return minimum(slack, (*x[:size], slack), constraints)


def bits(count: int) -> tuple[Any, ...]:
    """Which clauses, or groups of clauses, a formula contains."""
    return symbols(f"b_1:{count + 1}", integer=True, nonnegative=True)


EIGHT: list[Clause] = [tuple(enumerate(signs)) for signs in product((False, True), repeat=3)]
"""Every clause with three variables: each assignment violates exactly one of them."""

b = bits(8)
zero_or_one = [Le(bit, 1) for bit in b]
any_set = list(zip(EIGHT, b, strict=True))

corners = Claim(
    "three-sat-objective-positive-inside",
    Gt(y - y**2, 0),
    given=[Gt(y, 0), Lt(y, 1)],
    source=REDUCTION,
    about="Each term y - y^2 is positive inside (0, 1), so the sum vanishes at 0/1 points of the cube alone (row Y.18).",
)

eight_clauses = Claim(
    "three-sat-all-eight-clauses",
    Eq(distance(3, [(clause, 1) for clause in EIGHT]), Rational(1, 2)),
    source=REDUCTION,
    about="All eight clauses on three variables cannot be satisfied together, and the minimum is exactly 1/2, at (1, 1/2, 1/2) (row Y.18).",
)

three_variables = Claim(
    "three-sat-every-set-of-clauses",
    Eq(distance(3, any_set), Mul(*b) / 2),
    given=zero_or_one,
    source=REDUCTION,
    about="For all 256 sets of clauses on three variables the minimum is 0 where satisfiable, 1/2 where not (row Y.18).",
    uses=[corners],
)

relaxation = Claim(
    "three-sat-relaxation-always-feasible",
    Eq(violation(3, any_set), 0),
    given=zero_or_one,
    source=REDUCTION,
    about="x = 1/2 gives every clause of three literals 3/2: the linear constraints alone always have a point (row Y.18).",
)

relaxation_decides = Claim(
    "three-sat-by-linear-relaxation",
    Eq(violation(3, any_set), Mul(*b)),
    given=zero_or_one,
    source=REDUCTION,
    about="Without the concave objective the constraints do not decide satisfiability (row Y.18).",
    expect="refuted",
)

small_gap = Claim(
    "three-sat-gap-below-a-quarter",
    Lt(distance(3, any_set), Rational(1, 4)),
    given=zero_or_one,
    source=REDUCTION,
    about="Unsatisfiable formulas are not near 0 either: the minimum is not always below 1/4 (row Y.18).",
    expect="refuted",
)

# Four variables: the clauses on a triple with an even (odd) number of negations say that the sum of its variables is odd (even)

TRIPLES = list(combinations(range(4), 3))
parities = [
    (tuple(zip(triple, signs, strict=True)), b[2 * place + sum(signs) % 2])
    for place, triple in enumerate(TRIPLES)
    for signs in product((False, True), repeat=3)
]
both = [b[2 * place] * b[2 * place + 1] for place in range(4)]

four_variables = Claim(
    "three-sat-parity-systems",
    Eq(sign(distance(4, parities)), 1 - Mul(*(1 - pair for pair in both))),
    given=[*zero_or_one, *(Le(b[2 * place + 1], b[2 * place]) for place in range(4))],
    source=REDUCTION,
    about="81 formulas on 4 variables, parities of triples: the minimum is positive exactly where both parities are asked (row Y.18).",
    uses=[corners],
)
