"""Derivations: chains of expressions that only rules can lengthen, each step re-checked when it is made.

A rule rewrites an expression and says why; its `check` then discharges the step by another way than the one that
produced it (an antiderivative is differentiated, a matrix identity is brought to canonical form). A step whose check
fails is never added: the derivation stops with the reason. What a rule takes for granted (a theorem it cites, a
hypothesis on a function) is listed in `assumes` and travels with the verdict.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

import sympy as sp

from lemmata.theory.domain import Domain


class Link(Enum):
    """How a step's two sides are related; a chain of links composes or does not."""

    EQUAL = "="
    AT_MOST = "<="
    AT_LEAST = ">="
    BELOW = "<"
    ABOVE = ">"
    TENDS_TO = "->"

    def then(self, other: Link) -> Link | None:
        """The relation of the ends of a chain of two links, or None when nothing follows.

        >>> Link.EQUAL.then(Link.AT_MOST)
        <Link.AT_MOST: '<='>
        >>> Link.AT_MOST.then(Link.AT_LEAST) is None
        True
        >>> Link.AT_MOST.then(Link.BELOW)
        <Link.BELOW: '<'>
        """
        if self is other or other is Link.EQUAL:
            return self
        if self is Link.EQUAL:
            return other
        return next((strict for strict, weak in _WEAKENED.items() if {self, other} == {strict, weak}), None)


_WEAKENED = {Link.BELOW: Link.AT_MOST, Link.ABOVE: Link.AT_LEAST}
"""What a strict link implies; a chain of the two is strict."""


class NotApplicable(Exception):
    """The rule does not apply to this expression; the message says what it needs."""


class NotDischarged(Exception):
    """A rule's own check could not establish its step: the step is not taken."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a rule proposes: the new expression, the reason in one sentence (LaTeX allowed), and what it assumes."""

    after: Any
    because: str
    link: Link = Link.EQUAL
    assumes: tuple[str, ...] = ()


class Rule(abc.ABC):
    """One way to rewrite an expression; a new rule is one new file in `theory/rules`.

    Instances are stateless and named in the field's words (`price`, `half_lines`, `matrix_calculus`), so that a
    derivation reads `lhs.by(price, c).by(integrate, c)`.
    """

    name: ClassVar[str]
    source: ClassVar[str] = ""

    @abc.abstractmethod
    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        """The rewritten expression; raises NotApplicable with what is missing."""

    @abc.abstractmethod
    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Discharge the step exactly, by another way than `apply`; raises NotDischarged."""

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Step:
    """One discharged step of a derivation."""

    rule: str
    before: Any
    link: Link
    after: Any
    because: str
    assumes: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Derivation:
    """A chain `start = ... = end` (or <=, <, >=, >) of discharged steps.

    `Derivation(lhs, domain)` has no step; `by` returns a longer one. Never built from steps by hand.
    """

    start: Any
    domain: Domain
    steps: tuple[Step, ...] = field(default=())

    @property
    def end(self) -> Any:
        """The last expression of the chain."""
        return self.steps[-1].after if self.steps else self.start

    @property
    def link(self) -> Link | None:
        """The relation between start and end; None when the links do not compose."""
        total: Link | None = Link.EQUAL
        for step in self.steps:
            total = total.then(step.link) if total is not None else None
        return total

    @property
    def assumes(self) -> tuple[str, ...]:
        """Every theorem and hypothesis that some step took for granted, in order, once."""
        return tuple(dict.fromkeys(item for step in self.steps for item in step.assumes))

    def by(self, rule: Rule, *args: Any) -> Derivation:
        """One step further by `rule`; raises NotApplicable or NotDischarged, each naming the rule."""
        before = self.end
        try:
            rewrite = rule.apply(before, *args, domain=self.domain)
            if has_undefined(rewrite.after):
                raise NotDischarged(f"{rule.name} returned an undefined value")
            rule.check(before, rewrite, *args, domain=self.domain)
        except NotApplicable as error:
            raise NotApplicable(f"{rule.name}: {error}") from error
        except NotDischarged as error:
            raise NotDischarged(f"{rule.name}: {error}") from error
        step = Step(rule.name, before, rewrite.link, rewrite.after, rewrite.because, rewrite.assumes, rule.source)
        return Derivation(self.start, self.domain, (*self.steps, step))


def has_undefined(expr: Any) -> bool:
    """Whether SymPy left nan or an infinity inside an expression (it does so without a word)."""
    return bool(expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo)) if isinstance(expr, sp.Basic) and not _unbounded_by_design(expr) else False


def _unbounded_by_design(expr: Any) -> bool:
    """Infinities are legitimate as the ends of integrals, sums and limits."""
    for node in expr.atoms(sp.Limit, sp.Integral, sp.Sum):
        expr = expr.xreplace({node: sp.Dummy(real=True)})
    return not expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo)
