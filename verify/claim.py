"""The Claim: a statement taken apart at once, its hypotheses, its source, and what is wrong with it, if anything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from lemmata.theory.derivation import Derivation
from lemmata.theory.domain import Domain
from lemmata.theory.quantity import free_parameters, random_symbols
from lemmata.theory.source import Source


class Relation(Enum):
    """The closed set of ways to compare two sides."""

    EQ = "="
    LE = "<="
    LT = "<"
    GE = ">="
    GT = ">"

    @property
    def is_equality(self) -> bool:
        return self is Relation.EQ


_RELATIONS: dict[type, Relation] = {
    sp.Equality: Relation.EQ,
    sp.LessThan: Relation.LE,
    sp.StrictLessThan: Relation.LT,
    sp.GreaterThan: Relation.GE,
    sp.StrictGreaterThan: Relation.GT,
}


witnesses: list[Callable[[Claim], None]] = []
"""Told of every claim as it is made, while a file is loaded: a claim that is made but not kept would go unjudged."""


class ClaimError(ValueError):
    """A claim that cannot be judged as it is written; the message names the claim and says what to do."""


class Claim:
    """A statement to be checked: `lhs relation rhs` for every value of its symbols that `given` admits.

    name        unique in its file; what the command line and the tests call it
    statement   a SymPy relational (`Eq`, `Le`, `Lt`, `Ge`, `Gt`); random quantities as unevaluated `sympy.stats` nodes
    given       hypotheses: relations, `Contains`, equations, `Q` predicates
    source      where the statement is printed, down to the equation: text or a `Source`
    about       one sentence for the reader of a report
    derivation  `lambda lhs: lhs.by(rule, ...)...`, from the left-hand side to the right; else the automatic rules try
    uses        claims (or their names) that this one rests on: it is never better than the weakest of them
    expect      "refuted" for a statement known to be wrong: it passes only when it is refuted

    Faults of the writing (a symbol that is neither real nor integer, two objects of one name) do not raise here, so
    that the other claims of a file are still judged: they are kept in `faults`, and judging such a claim raises
    `ClaimError`.

    >>> from sympy import Eq, Symbol, cos, sin
    >>> x = Symbol("x", real=True)
    >>> claim = Claim("pythagoras", Eq(sin(x)**2 + cos(x)**2, 1))
    >>> claim.relation, claim.rhs, claim.faults
    (<Relation.EQ: '='>, 1, ())
    """

    def __init__(
        self,
        name: str,
        statement: Any,
        *,
        given: Iterable[Any] = (),
        source: Source | str = "",
        about: str = "",
        derivation: Callable[[Derivation], Derivation] | None = None,
        uses: Iterable[Claim | str] = (),
        expect: str | None = None,
    ) -> None:
        self.name = name
        self.statement = statement
        self.given = tuple(given) if isinstance(given, (list, tuple, set, frozenset)) else (given,)
        self.source = Source.of(source)
        self.about = about
        self.derivation = derivation
        used = _lemmas(uses)
        self.lemmas = tuple(lemma for lemma in used if isinstance(lemma, Claim))
        self.uses = tuple(lemma.name if isinstance(lemma, Claim) else lemma for lemma in used if isinstance(lemma, (str, Claim)))
        self.unnamed = tuple(lemma for lemma in used if not isinstance(lemma, (str, Claim)))
        self.expect = expect
        self.file, self.line = _origin()
        self.lhs: Any = None
        self.rhs: Any = None
        self.relation: Relation | None = None
        self.collapsed: bool | None = None
        if isinstance(statement, (bool, BooleanTrue, BooleanFalse)):
            self.collapsed = bool(statement)
        elif type(statement) in _RELATIONS:
            self.lhs, self.rhs, self.relation = statement.lhs, statement.rhs, _RELATIONS[type(statement)]
        for witness in witnesses:
            witness(self)

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What keeps this claim from being judged: one sentence a fault, each with what to do; empty for a sound claim."""
        return tuple(_faults(self))

    @cached_property
    def symbols(self) -> tuple[Any, ...]:
        """The universally quantified symbols, ordered by name."""
        found: set[Any] = set()
        for part in (self.lhs, self.rhs, *self.given):
            if isinstance(part, sp.Basic):
                found |= free_parameters(part)
        return tuple(sorted(found, key=str))

    @cached_property
    def domain(self) -> Domain:
        """The set over which the statement is claimed."""
        return Domain(self.symbols, self.given)

    def __repr__(self) -> str:
        return f"Claim({self.name!r}, {self.statement})"


def _origin() -> tuple[str, int]:
    """File and line of the module-level statement that is creating a claim: the nearest `<module>` frame."""
    frame: Any = sys._getframe(2)
    first = frame
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    frame = frame or first
    return frame.f_code.co_filename, frame.f_lineno


def _lemmas(uses: Any) -> tuple[Any, ...]:
    """What a claim rests on, as a tuple: one claim or name alone is a tuple of one, and letters are no names."""
    if isinstance(uses, (str, Claim)):
        return (uses,)
    try:
        return tuple(uses)
    except TypeError:
        return (uses,)


def _faults(claim: Claim) -> Iterable[str]:
    if not isinstance(claim.name, str) or not claim.name.strip() or len(claim.name.splitlines()) > 1:
        yield f"a claim's name is a non-empty text of one line, not {claim.name!r}: name it"
    if not isinstance(claim.source.key, str):
        yield f"the source is text, such as 'Cho & Saul (2009), eq. (6)', or a Source, not {claim.source.key!r}"
    if not isinstance(claim.about, str):
        yield f"`about` is one sentence of text, not {claim.about!r}"
    if claim.derivation is not None and not callable(claim.derivation):
        yield f"the derivation is a function of the left-hand side, `lambda lhs: lhs.by(rule, ...)`, not {claim.derivation!r}"
    for lemma in claim.unnamed:
        yield f"uses holds {lemma!r}: list claims or their names"
    if claim.expect not in (None, "refuted"):
        yield f"expect is None or 'refuted', not {claim.expect!r}"
    if claim.collapsed is None and claim.relation is None:
        if isinstance(claim.statement, sp.Unequality):
            yield "a statement with != cannot be judged: state the equality with expect='refuted', or a strict inequality"
        else:
            kind = type(claim.statement).__name__
            yield f"the statement is not a relation but {kind}: write Eq, Le, Lt, Ge or Gt of two sides"
        return
    for hypothesis in claim.given:
        if not isinstance(hypothesis, (bool, Boolean, sp.AppliedPredicate if hasattr(sp, "AppliedPredicate") else Boolean)):
            yield f"given holds {hypothesis!r}, which is no hypothesis: use relations, Contains or Q predicates"
    yield from _symbol_faults(claim)


def _symbol_faults(claim: Claim) -> Iterable[str]:
    by_name: dict[str, set[Any]] = {}
    parts = [part for part in (claim.lhs, claim.rhs, *claim.given) if isinstance(part, sp.Basic)]
    for symbol in claim.symbols:
        by_name.setdefault(str(symbol), set()).add(symbol)
    for leaf in {leaf for part in parts for leaf in random_symbols(part)}:
        by_name.setdefault(str(leaf), set()).add(leaf)
    for name, objects in sorted(by_name.items()):
        if len(objects) > 1:
            yield f"two different objects are called {name}: one name means one object, so create {name} once"
    for symbol in claim.symbols:
        if isinstance(symbol, sp.Symbol) and not (symbol.is_real or symbol.is_integer):
            yield f"the symbol {symbol} is neither real nor integer: write Symbol('{symbol}', real=True) or integer=True"
