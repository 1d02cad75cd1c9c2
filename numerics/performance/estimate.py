"""Both sides of a worst case at a point: a bound that is proved above, functions that are exhibited below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flint import arb

from lemmata.numerics.performance.case import Case
from lemmata.numerics.performance.certificate import bounded_above
from lemmata.numerics.performance.layout import lay_out
from lemmata.numerics.performance.program import Unsolved, propose
from lemmata.numerics.performance.witness import Witness, witnesses
from lemmata.theory.worst_cases import Measure, Start

TRACES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
"""Room for the dual solution, least first: the bound grows by this times the trace of the Gram matrix."""

SHARP = ((1e-8, 15), (1e-7, 14), (1e-6, 12), (1e-5, 10), (1e-4, 9))
"""Room for the primal solution and the decimal digits of its data, sharpest first."""

PLAIN = ((1e-3, 6), (1e-4, 7), (1e-5, 8))
"""The same for functions that are shown, the ones that are shortest to write first."""

PLAIN_ENOUGH = 0.99
"""The part of the supremum that a function must reach to be shown as a plain one."""

FAR = 1e3
"""How far away the minimiser may be, in units of the start, where a supremum is approached as it moves away."""


@dataclass(frozen=True)
class Estimated:
    """A supremum between `lower` and `upper`; the witnesses, the plainest first, the last of them the sharpest."""

    lower: arb
    upper: arb
    witnesses: tuple[Witness, ...]


def estimate(case: Case) -> Estimated:
    """Both sides; raises Unsolved where no bound could be proved. Call it within `precision(BITS)`."""
    upper = _above(case)
    sharp = max(_below(_reachable(case), SHARP), key=_middle, default=None)
    if sharp is None:
        return Estimated(arb(0), upper, ())
    plain = next((one for one in _below(_reachable(case), PLAIN) if one.reached >= PLAIN_ENOUGH * sharp.reached), None)
    if plain is not None and _middle(plain) > _middle(sharp):
        sharp = plain
    shown = (sharp,) if plain is None or plain is sharp else (plain, sharp)
    return Estimated(sharp.reached, upper, shown)


def _middle(witness: Witness) -> float:
    return float(witness.reached.mid())


def _above(case: Case) -> arb:
    """A bound of the supremum, from the first multipliers that can be made into a proof."""
    floating, normalised = case.floating(), case.normalised()
    layout, exact = lay_out(floating, 1.0), lay_out(normalised, arb(1))
    trouble = "no multipliers could be made exactly feasible"
    for trace in TRACES:
        try:
            bound = bounded_above(normalised, exact, propose(floating, layout, trace=trace))
        except Unsolved as error:
            trouble = str(error)
            continue
        if bound is not None:
            return bound * case.factor()
    raise Unsolved(f"no bound could be proved: {trouble}")


def _reachable(case: Case) -> Case:
    """The case from which functions are taken: with a minimiser where only far minimisers come close to the supremum."""
    far = case.lower == 0 and case.node.start is Start.EXCESS and case.node.measure is Measure.EXCESS
    return replace(case, anchored=True) if far else case


def _below(case: Case, rooms: Any) -> Iterator[Witness]:
    """Witnesses from the first room that yields any, from the lowest dimension up."""
    floating = case.floating()
    layout, exact = lay_out(floating, 1.0), case.layout()
    radius = FAR if case.anchored and case.node.start is Start.EXCESS and case.lower == 0 else 0.0
    for narrower, digits in rooms:
        try:
            proposal = propose(floating, layout, narrower=narrower, radius=radius)
        except Unsolved:
            continue
        found = list(witnesses(case, exact, proposal, digits))
        yield from found
        if found:
            return


def described(case: Case, witness: Witness) -> str:
    """A witness in words: where it lives, its data as decimals, and that they are enough."""
    anchored = len(witness.free) > len(witness.values)
    gradients = witness.free[1:] if anchored else witness.free
    where = "of one variable" if witness.dimension == 1 else f"on R^{witness.dimension}"
    start = f"w_0 - w_* = {_vector(witness.free[0])}, " if anchored else ""
    lowest = "0" if anchored else witness.lowest.str(8, radius=False)
    points = "k" if len(gradients) == 1 else f"the {len(gradients)} points where it is looked at"
    data = f"gradients {'; '.join(map(_vector, gradients))}, values {'; '.join(map(decimal, witness.values))}"
    return (
        f"a function {where} reaches {witness.reached.str(8, radius=False)}: {start}at {points}, in order, {data}, "
        f"inf L = {lowest}; these satisfy every interpolation condition of {case.node.among.name}"
    )


def _vector(entries: Any) -> str:
    return decimal(entries[0]) if len(entries) == 1 else f"({', '.join(map(decimal, entries))})"


def decimal(value: Any) -> str:
    """A fraction whose denominator is a power of ten, as a decimal number.

    >>> from fractions import Fraction
    >>> decimal(Fraction(-1, 8)), decimal(Fraction(3)), decimal(Fraction(12345, 10**12))
    ('-0.125', '3', '0.000000012345')
    """
    from decimal import Context, Decimal

    exact = Context(prec=400)
    number = exact.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{number.normalize(exact):f}"
