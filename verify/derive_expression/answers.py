"""The objects of an activation that `lemmata derive` knows, each as a quantity with its derivation and its claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.derivation import Derivation
from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q, to_closed_form
from lemmata.verify.claim import Claim
from lemmata.verify.clock import TimeUp, at_most


class What(Enum):
    """What may be asked of an activation."""

    KERNEL = "kernel"
    SLOPE = "slope"
    LENGTH = "length"
    CHI = "chi1"
    CRITICAL = "critical"
    FIXED = "fixed"


MADE_OF_OTHERS = frozenset({What.CRITICAL, What.FIXED})


@dataclass(frozen=True)
class Answer:
    """One object: a title, the quantity, its derivation where there is one, the symbols it is a function of.

    `late` says that the derivation was stopped at its deadline.
    """

    what: What
    title: str
    quantity: Any
    derivation: Derivation | None
    symbols: tuple[Any, ...]
    late: bool = False

    @property
    def closed(self) -> Any | None:
        """The closed form, or None."""
        return None if self.derivation is None else self.derivation.end

    def claim(self, name: str) -> Claim:
        """The equality of the quantity and its closed form, to be judged like any other claim."""
        if self.derivation is None:
            raise ValueError(f"{self.title} has no closed form")
        return Claim(
            f"{name}-{self.what.value}",
            sp.Eq(self.quantity, self.derivation.end, evaluate=False),
            given=list(self.derivation.domain.given),
            source="derived",
            derivation=lambda lhs: to_closed_form(lhs.start, lhs.domain) or lhs,
        )


DEADLINE = 25.0
"""Seconds of the processor after which a derivation is given up."""

TITLES = {
    What.KERNEL: "E[f(u) f(v)], the dual of f: Var u = q_1, Var v = q_2, correlation c",
    What.SLOPE: "E[f'(u) f'(v)], the dual of f': the derivative of the kernel in c is sqrt(q_1 q_2) times this",
    What.LENGTH: "E[f(z)^2], z ~ N(0, q): the length map is sigma_w^2 times this plus sigma_b^2",
    What.CHI: "E[f'(z)^2], z ~ N(0, q): chi_1 is sigma_w^2 times this",
    What.CRITICAL: "the critical line chi_1 = 1 at the fixed point q: sigma_w^2 and sigma_b^2 as functions of q",
}


def answers(dual: Dual, wanted: frozenset[What], seconds: float = DEADLINE) -> Iterator[Answer]:
    """The objects asked for, in the order of `What`; without those that are made of others.

    A derivation that takes more than so many seconds of the processor is given up.
    """
    for what in What:
        if what in wanted and what not in MADE_OF_OTHERS:
            yield _answer(dual, what, seconds)


@lru_cache(maxsize=64)
def _answer(dual: Dual, what: What, seconds: float) -> Answer:
    """One of them, worked out once: a derivation that was given up is not tried again."""
    one = dual.slope if what in (What.SLOPE, What.CHI) else dual
    paired = what in (What.KERNEL, What.SLOPE)
    quantity, symbols = (one.quantity, (Q1, Q2, C)) if paired else (one.length_quantity, (Q,))
    derivation, late = None, False
    try:
        with at_most(seconds):
            derivation = one.derivation if paired else one.length
    except TimeUp:
        late = True
    return Answer(what, TITLES[what], quantity, derivation, symbols, late)


def critical_line(dual: Dual) -> tuple[Any, Any] | None:
    """(sigma_w^2, sigma_b^2) on the line chi_1 = 1, through q = sigma_w^2 L(q) + sigma_b^2 and 1 = sigma_w^2 D(q); None if not closed.

    L(q) = E f(z)^2 and D(q) = E f'(z)^2: sigma_w^2 = 1/D(q) and sigma_b^2 = q - L(q)/D(q), where the latter is not negative.

    >>> from lemmata.theory.activations import erf_
    >>> from lemmata.theory.kernels.duals import dual
    >>> critical_line(dual(erf_))[0]
    pi*sqrt(4*q + 1)/4
    """
    try:
        with at_most(DEADLINE):
            length, slope = dual.length, dual.slope.length
    except TimeUp:
        return None
    if length is None or slope is None or slope.end == 0:
        return None
    return sp.factor_terms(1 / slope.end), sp.factor_terms(sp.expand(Q - length.end / slope.end))
