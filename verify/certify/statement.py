"""What is to be certified: two closed sides over a domain, brought to the fewest symbols, and what is proved about its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.ranges import INF, Range, Ranges
from lemmata.theory.derivation import Derivation, Link
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import ANY, NONNEGATIVE, POSITIVE, signs
from lemmata.theory.quantity import quantities
from lemmata.verify.certify.boxes import real_throughout
from lemmata.verify.certify.scaling import scaled
from lemmata.verify.claim import Claim, Relation

FEW = 10
"""A tenth of the boxes is the most that values of integer symbols may number."""

LARGEST = 25
"""Arguments of roots and arc functions with more operations than this are not looked at by exact algebra."""

Point = dict[Any, Any]


@dataclass(frozen=True)
class Statement:
    """`left relation right` over a domain without integer symbols; `factor` and `at` say where it stands in the claim's.

    fixed     values given to symbols on the way
    scaled    those of them that are 1 by scaling
    ends      those of them that are at the end at which the statement is worst
    back      what symbols of the claim are in terms of new ones that run over bounded intervals
    factor    both sides of the claim are this many times as large
    assumes   what the derivations that led to the sides take for granted
    derived   whether a side is the end of a derivation
    """

    left: Any
    right: Any
    relation: Relation
    domain: Domain
    fixed: Mapping[Any, Any] = field(default_factory=dict)
    scaled: tuple[Any, ...] = ()
    ends: tuple[Any, ...] = ()
    back: Mapping[Any, Any] = field(default_factory=dict)
    factor: Any = sp.Integer(1)
    assumes: tuple[str, ...] = ()
    derived: bool = False
    one_way: bool = False

    def box(self) -> dict[Any, Range] | None:
        """The closed hull of the domain in the symbols of the statement, each end rounded outwards; None where there is none."""
        found = {}
        for symbol in sorted(self.left.free_symbols | self.right.free_symbols, key=str):
            span = self.domain.spans.get(symbol)
            if span is None or span.modulus or span.values is not None:
                return None
            found[symbol] = Range(_end(span.lower, -1), _end(span.upper, 1))
        return found

    def room(self) -> Any:
        """What the relation says is not negative; for an equality the difference of the sides."""
        return self.left - self.right if self.relation in (Relation.GE, Relation.GT) else self.right - self.left


def divides_safely(statement: Statement) -> bool:
    """Whether no denominator of the sides is 0 anywhere: only then may a rewriting let factors cancel."""
    return all(
        0 not in signs(node.base, statement.domain)
        for side in (statement.left, statement.right)
        for node in side.atoms(sp.Pow)
        if not node.exp.is_nonnegative and node.base.free_symbols
    )


def _end(value: Any, direction: int) -> Any:
    if value in (sp.oo, -sp.oo):
        return INF if value is sp.oo else -INF
    ball = to_arb(value)
    return ball.lower() if direction < 0 else ball.upper()


class Proved:
    """What exact algebra and boxes prove about subexpressions all over a domain, each asked once."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._signs: dict[Any, Any] = {}
        self._roots: dict[Any, bool] = {}

    def positive(self, expr: Any) -> bool:
        """Whether expr > 0 is proved."""
        return self._sign(expr) <= POSITIVE

    def nonnegative(self, expr: Any) -> bool:
        """Whether expr >= 0 is proved, by its sign or by boxes over a bounded domain."""
        if self._sign(expr) <= NONNEGATIVE:
            return True
        if expr not in self._roots:
            box = self.domain.box()
            bounded = box is not None and all(side.inf.is_finite and side.sup.is_finite for side in box.values())
            self._roots[expr] = bool(bounded) and real_throughout(sp.sqrt(expr, evaluate=False), box or {})
        return self._roots[expr]

    def _sign(self, expr: Any) -> Any:
        if expr not in self._signs:
            self._signs[expr] = signs(expr, self.domain) if sp.count_ops(expr) <= LARGEST else ANY
        return self._signs[expr]


def outside(hypotheses_: Sequence[tuple[Any, frozenset[int]]], ranges: Ranges) -> bool:
    """Whether some hypothesis fails all over a box: only then may the box be left out."""
    for expr, allowed in hypotheses_:
        try:
            found = ranges(expr)
        except CannotEvaluate:
            continue
        below, above = found.high < 0, found.low > 0
        if (-1 not in allowed and below) or (1 not in allowed and above) or (0 not in allowed and -1 not in allowed and found.high <= 0):
            return True
    return False


def statements(claim: Claim, derivations: Sequence[Derivation], most: int) -> Iterator[Statement] | None:
    """The claim as closed statements that together cover its domain, one for each value of its integer symbols.

    None where a side is not closed, or the integer symbols have too many values.
    """
    base = closed(claim, derivations)
    if base is None:
        return None
    values = integer_points(base.domain, most)
    if values != [{}] and not divides_safely(base):
        return None
    if values is None:
        return None
    return (_reduced(base, at) for at in values if not _void(base, at))


def closed(claim: Claim, derivations: Sequence[Derivation]) -> Statement | None:
    """Both sides as closed expressions, by a derivation where the claim's own side holds a quantity; None where that fails."""
    if claim.relation is None or claim.collapsed is not None or not claim.symbols or claim.domain.matrices:
        return None
    upward = claim.relation in (Relation.LE, Relation.LT)
    sides: list[Any] = []
    assumes: list[str] = []
    used = one_way = False
    for side, towards in ((claim.lhs, Link.AT_MOST if upward else Link.AT_LEAST), (claim.rhs, Link.AT_LEAST if upward else Link.AT_MOST)):
        if not quantities(side):
            sides.append(side)
            continue
        allowed = {Link.EQUAL} if claim.relation.is_equality else {Link.EQUAL, towards}
        found = next((d for d in derivations if d.start == side and d.steps and d.link in allowed and not quantities(d.end)), None)
        if found is None:
            return None
        sides.append(found.end)
        assumes += found.assumes
        used, one_way = True, one_way or found.link is not Link.EQUAL
    if not all(isinstance(side, sp.Expr) and not side.is_Matrix and not side.has(sp.MatrixSymbol) for side in sides):
        return None
    left, right = sides
    if not left.free_symbols | right.free_symbols <= set(claim.domain.scalars):
        return None
    return Statement(left, right, claim.relation, claim.domain, assumes=tuple(dict.fromkeys(assumes)), derived=used, one_way=one_way)


def integer_points(domain: Domain, most: int) -> list[Point] | None:
    """Every combination of values of a domain's integer symbols; [{}] where there are none, None where there are too many."""
    lists: dict[Any, list[Any]] = {}
    count = 1
    for symbol, span in domain.spans.items():
        if not span.modulus and span.values is None:
            continue
        if span.values is not None:
            values = list(span.values)
        elif span.lower.is_finite and span.upper.is_finite:
            first = span.lower + (span.residue - span.lower) % span.modulus
            count_here = (span.upper - first) // span.modulus + 1
            if count_here > most // FEW:
                return None
            values = [first + span.modulus * k for k in range(int(count_here))]
        else:
            return None
        lists[symbol] = values
        count *= max(1, len(values))
        if count > most // FEW:
            return None
    return [dict(zip(lists, combination, strict=True)) for combination in product(*lists.values())]


def _at(statement: Statement, at: Point) -> Domain:
    given = tuple(part.xreplace(at) if isinstance(part, sp.Basic) else part for part in statement.domain.given)
    return Domain(tuple(s for s in statement.domain.symbols if s not in at), given)


def _void(statement: Statement, at: Point) -> bool:
    """Whether these values of the integer symbols contradict the hypotheses."""
    domain = _at(statement, at) if at else statement.domain
    return sp.false in domain.hypotheses or any(span.is_empty for span in domain.spans.values())


def _reduced(statement: Statement, at: Point) -> Statement:
    """The statement at values of its integer symbols, scaled."""
    if at:
        left, right = statement.left.xreplace(at), statement.right.xreplace(at)
        statement = replace(statement, left=left, right=right, domain=_at(statement, at), fixed=at)
    slice_ = scaled(statement.left, statement.right, statement.domain)
    fixed = {**statement.fixed, **dict.fromkeys(slice_.fixed, sp.Integer(1))}
    return replace(
        statement, left=slice_.left, right=slice_.right, domain=slice_.domain, fixed=fixed, scaled=slice_.fixed, factor=slice_.factor
    )


def exactly(number: arb) -> sp.Rational:
    """An exact ball as a rational."""
    mantissa, exponent = number.man_exp()
    return sp.Rational(int(mantissa)) * sp.Integer(2) ** int(exponent)
