"""The set over which a statement is claimed: its symbols, what is assumed of them, and exact points of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.core.relational import Relational

from lemmata.theory.domain.bounds import Affine, affine_forms, polynomial_hull, propagate
from lemmata.theory.domain.equations import Solved, Unsolvable, triangular
from lemmata.theory.domain.hypotheses import normal, not_understood, predicate_name, truth
from lemmata.theory.domain.matrix_points import SHAPES
from lemmata.theory.domain.span import Span, of_assumptions, within
from lemmata.theory.exact.order import compare, sign
from lemmata.theory.quantity import free_parameters

TRIES = 400
"""Draws after which the search for one admissible point is given up."""

_ASSUMPTIONS = ("integer", "rational", "irrational", "algebraic", "even", "odd", "prime", "composite")
_SIGNS = {"positive": (1,), "negative": (-1,), "nonnegative": (0, 1), "nonpositive": (-1, 0), "nonzero": (-1, 1), "zero": (0,)}


@dataclass(frozen=True)
class Domain:
    """Every value of `symbols` that their SymPy assumptions and the hypotheses `given` admit.

    Hypotheses are relations, equations, `Contains`, `Q` predicates, `true` and `false`. Symbols inside them and inside
    matrix shapes belong to the domain too; shapes are small integers; a matrix with data attached is a constant.
    Whatever decides that a point is admissible is exact; where truth cannot be decided, the point is not used.

    >>> import random
    >>> from sympy import symbols
    >>> a, b = symbols("a b", positive=True)
    >>> domain = Domain((a, b), [a < b, b < 1])
    >>> domain.interval(a), domain.empty()
    (Interval.open(0, 1), None)
    >>> all(0 < point[a] < point[b] < 1 for point in domain.points(6, random.Random(0)))
    True
    """

    symbols: tuple[Any, ...] = ()
    given: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        given = self.given if isinstance(self.given, (list, tuple, set, frozenset)) else (self.given,)
        found = set(self.symbols)
        for part in (*self.symbols, *given):
            if isinstance(part, sp.Basic):
                found |= free_parameters(part)
        drawn = {symbol for symbol in found if not hasattr(symbol, "exact")}
        object.__setattr__(self, "symbols", tuple(sorted(drawn, key=str)))
        object.__setattr__(self, "given", tuple(given))

    # what the hypotheses say

    @cached_property
    def hypotheses(self) -> tuple[Any, ...]:
        """The hypotheses in normal form, with the squareness that matrix properties entail as equations of sizes."""
        parts = list(normal(self.given))
        for part in parts[:]:
            if isinstance(part, AppliedPredicate) and isinstance(part.arguments[0], sp.MatrixSymbol):
                rows, columns = part.arguments[0].shape
                if predicate_name(part) in SHAPES | {"square"} and rows != columns:
                    parts.append(sp.Eq(rows, columns))
        return tuple(dict.fromkeys(part for part in parts if part is not sp.true))

    @cached_property
    def scalars(self) -> tuple[Any, ...]:
        """The scalar symbols, sizes of matrices included."""
        return tuple(symbol for symbol in self.symbols if not isinstance(symbol, sp.MatrixSymbol))

    @cached_property
    def matrices(self) -> tuple[Any, ...]:
        """The matrix symbols that are drawn."""
        return tuple(symbol for symbol in self.symbols if isinstance(symbol, sp.MatrixSymbol))

    @cached_property
    def sizes(self) -> frozenset[Any]:
        """The symbols that occur in shapes of matrices."""
        return frozenset(symbol for matrix in self.matrices for side in matrix.shape for symbol in side.free_symbols)

    @cached_property
    def properties(self) -> Mapping[Any, frozenset[str]]:
        """What is assumed of each matrix symbol: names of predicates."""
        found: dict[Any, set[str]] = {matrix: set() for matrix in self.matrices}
        for part in self.hypotheses:
            if isinstance(part, AppliedPredicate) and part.arguments[0] in found:
                found[part.arguments[0]].add(predicate_name(part))
            elif isinstance(part, sp.Eq) and (recognised := _matrix_property(part)) and recognised[0] in found:
                found[recognised[0]].add(recognised[1])
        return {matrix: frozenset(names) for matrix, names in found.items()}

    @cached_property
    def forms(self) -> tuple[Affine, ...]:
        """The inequalities and equations among scalars, solved for each symbol in which they are affine."""
        return tuple(form for part in self.hypotheses for form in affine_forms(part))

    @cached_property
    def _solved(self) -> tuple[tuple[Solved, ...], str]:
        equations = [part for part in self.hypotheses if isinstance(part, sp.Eq) and not _is_matrix_relation(part)]
        try:
            return triangular(equations, [s for s in self.scalars if any(s in e.free_symbols for e in equations)]), ""
        except Unsolvable as error:
            return (), str(error)

    @cached_property
    def determined(self) -> tuple[Any, ...]:
        """Symbols that equations determine, each as a `Solved` (scalars) or as a pair (matrix symbol, expression)."""
        pairs = [pair for part in self.hypotheses if (pair := _matrix_definition(part)) is not None and pair[0] in self.matrices]
        return (*self._solved[0], *pairs)

    @cached_property
    def spans(self) -> Mapping[Any, Span]:
        """The range of each scalar symbol: assumptions, univariate hypotheses, and what affine ones propagate."""
        spans = {symbol: of_assumptions(symbol) for symbol in self.scalars}
        for size in self.sizes:
            spans[size] = spans[size].integral().above(sp.Integer(1), strict=False)
        for part in self.hypotheses:
            if isinstance(part, sp.Contains) and part.args[0] in spans and not part.args[1].free_symbols:
                spans[part.args[0]] = within(spans[part.args[0]], part.args[1])
            elif len(part.free_symbols) == 1 and (symbol := next(iter(part.free_symbols))) in spans:
                spans[symbol] = polynomial_hull(spans[symbol], part)
        for form in self.forms:
            if form.symbol in spans:
                spans[form.symbol] = form.tighten(spans[form.symbol], {})
        return propagate(spans, self.forms)

    # what others ask

    def interval(self, symbol: Any) -> sp.Interval:
        """Bounds on a scalar symbol known from assumptions and hypotheses (a superset of its values)."""
        return self.spans[symbol].interval()

    def box(self) -> dict[Any, sp.Interval] | None:
        """The intervals of all symbols when every one is a real scalar, else None; hypotheses between symbols may cut it further."""
        if self.matrices or any(span.modulus or span.values is not None for span in self.spans.values()):
            return None
        return {symbol: self.interval(symbol) for symbol in self.scalars}

    def assumptions(self) -> Any:
        """The hypotheses as one conjunction of `Q` predicates, for `sympy.refine` and `sympy.ask`.

        >>> from sympy import Abs, refine, symbols
        >>> a, b = symbols("a b", real=True)
        >>> refine(Abs(b - a), Domain((a, b), [a < b]).assumptions())
        -a + b
        """
        facts = []
        for symbol, span in self.spans.items():
            if (below := compare(span.lower, sp.Integer(0))) is not None and below >= 0:
                facts.append(sp.Q.positive(symbol) if below > 0 or span.left_open else sp.Q.nonnegative(symbol))
            elif (above := compare(span.upper, sp.Integer(0))) is not None and above <= 0:
                facts.append(sp.Q.negative(symbol) if above < 0 or span.right_open else sp.Q.nonpositive(symbol))
        for part in self.hypotheses:
            if isinstance(part, AppliedPredicate):
                facts.append(part)
            elif isinstance(part, Relational) and not _is_matrix_relation(part):
                name = {"<": "positive", "<=": "nonnegative", ">": "positive", ">=": "nonnegative", "==": "zero", "!=": "nonzero"}[
                    part.rel_op
                ]
                flipped = part.rel_op in ("<", "<=")
                facts.append(getattr(sp.Q, name)(part.rhs - part.lhs if flipped else part.lhs - part.rhs))
        return sp.And(*facts)

    def satisfies(self, point: Mapping[Any, Any]) -> bool | None:
        """Whether a point is admissible, decided exactly; None where no exact decision is known."""
        answers = [self._admits(symbol, point) for symbol in self.symbols]
        if False in answers:
            return False
        answers += [truth(part, point) for part in self.hypotheses]
        return False if False in answers else None if None in answers else True

    def _admits(self, symbol: Any, point: Mapping[Any, Any]) -> bool | None:
        """Whether the value of one symbol has its type, shape and assumptions."""
        value = point.get(symbol)
        if value is None:
            return None
        if isinstance(symbol, sp.MatrixSymbol):
            return tuple(side.xreplace(dict(point)) for side in symbol.shape) == value.shape
        if not getattr(value, "is_number", False):
            return None
        return False if symbol in self.sizes and not value.is_Integer else assumptions_hold(symbol, value)

    def empty(self) -> str | None:
        """Why no admissible point exists, or that none was found; None when there is one."""
        return self._reason

    @cached_property
    def _reason(self) -> str | None:
        if sp.false in self.hypotheses:
            return "no point is admissible: a hypothesis is false under the assumptions on its symbols"
        for part in self.hypotheses:
            if (reason := not_understood(part)) is not None:
                return reason
        if self._solved[1]:
            return f"no point is admissible: {self._solved[1]}"
        for symbol, span in self.spans.items():
            if span.is_empty:
                return f"no point is admissible: the hypotheses leave no value for {symbol}"
        if self.points(1, random.Random(0)):
            return None
        return f"no admissible point was found in {TRIES} tries: {self._hardest()}"

    def _hardest(self) -> str:
        from lemmata.theory.domain.sampling import blame

        return blame(self, TRIES // 8, random.Random(0))

    def points(self, count: int, rng: random.Random, *, wide: bool = False) -> list[dict[Any, Any]]:
        """At most `count` distinct admissible points with exact values, the same ones for the same `rng`.

        A third has some symbols at ends that belong to the domain, the others are spread over its interior; with `wide`, half
        of them have ends, values near ends and magnitudes between 10^-12 and 10^12. Fewer where no more were found.
        """
        from lemmata.theory.domain.sampling import draw

        return draw(self, count, rng, wide=wide)


def assumptions_hold(symbol: Any, value: Any) -> bool | None:
    """Whether an exact number has what the SymPy assumptions on a symbol ask for."""
    if value.is_extended_real is not True or value.is_finite is not True:
        return value.is_real if value.is_real is not True else value.is_finite
    answers: list[bool | None] = []
    for name in _ASSUMPTIONS:
        wanted = getattr(symbol, f"is_{name}")
        if wanted is not None:
            actual = getattr(value, f"is_{name}")
            answers.append(None if actual is None else actual == wanted)
    order = sign(value)
    for name, allowed in _SIGNS.items():
        if getattr(symbol, f"is_{name}"):
            answers.append(None if order is None else order in allowed)
    return False if False in answers else None if None in answers else True


def _is_matrix_relation(part: Any) -> bool:
    return bool(getattr(part.lhs, "is_Matrix", False) or getattr(part.rhs, "is_Matrix", False))


def _matrix_property(equation: Any) -> tuple[Any, str] | None:
    """The symbol and the property that an equation such as A = A^T or A^T A = I states."""
    left, right = equation.lhs, equation.rhs
    for a, b in ((left, right), (right, left)):
        if isinstance(a, sp.MatrixSymbol) and b == a.T:
            return a, "symmetric"
        if isinstance(b, sp.Identity):
            for symbol in a.atoms(sp.MatrixSymbol):
                if a in (symbol.T * symbol, symbol * symbol.T):
                    return symbol, "orthogonal"
    return None


def _matrix_definition(part: Any) -> tuple[Any, Any] | None:
    """The pair (matrix symbol, expression without it) of an equation that defines a matrix."""
    if not (isinstance(part, sp.Eq) and _is_matrix_relation(part)):
        return None
    for a, b in ((part.lhs, part.rhs), (part.rhs, part.lhs)):
        if isinstance(a, sp.MatrixSymbol) and a not in b.free_symbols:
            return a, b
    return None
