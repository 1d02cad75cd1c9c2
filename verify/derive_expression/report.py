"""The lines that `lemmata derive` prints, format by format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sympy as sp

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.compile.arb import midpoint_text
from lemmata.theory.kernels.duals import Dual, derivable
from lemmata.theory.printing import latex, text
from lemmata.verify.checking import check
from lemmata.verify.derive_expression import values
from lemmata.verify.derive_expression.answers import DEADLINE, Answer, What, answers, critical_line
from lemmata.verify.derive_expression.code import HEADERS, NoCode, code
from lemmata.verify.derive_expression.fixed_points import correlation_fixed_points, length_fixed_points
from lemmata.verify.derive_expression.numbers import NoNumber, Numbers

LONGEST = 400
"""Closed forms with more operations than this are not written out in text."""


def lines(dual: Dual, wanted: frozenset[What], form: str, at: dict[str, Any], digits: int, judged: bool) -> Iterator[str]:
    """What is printed for an activation."""
    if form in HEADERS:
        yield from _code(dual, wanted, form)
        return
    show = latex if form == "latex" else text
    yield f"f(x) = {show(dual.f)}"
    if not at:
        yield from _closed_forms(dual, wanted, show, form, judged)
    if at or not derivable(dual.f):
        yield from _numbers(dual, at or {"q": sp.S.One, "c": sp.Rational(1, 2)}, digits)


def _code(dual: Dual, wanted: frozenset[What], language: str) -> Iterator[str]:
    yield HEADERS[language]
    for answer in answers(dual, wanted):
        try:
            yield f"\n\n# {answer.title}\n{code(answer, language)}"
        except NoCode as reason:
            yield f"\n\n# {reason}"


def _closed_forms(dual: Dual, wanted: frozenset[What], show: Any, form: str, judged: bool) -> Iterator[str]:
    for answer in answers(dual, wanted):
        yield f"\n{answer.what.value}: {answer.title}"
        if answer.derivation is None:
            why = f"was derived in {DEADLINE:.0f} s" if answer.late else "is derived by the rules"
            yield f"  no closed form {why}; certified numbers: --at q=1,c=1/2"
            continue
        yield from _derivation(answer, show, form)
        if judged:
            yield f"  {_verdict(answer)}"
    if What.CRITICAL in wanted and (line := critical_line(dual)) is not None:
        weight, bias = line
        yield f"\n{What.CRITICAL.value}: the line chi_1 = 1 in the variances of weights and biases, by the length q (bias >= 0)"
        yield f"  sigma_w^2 = {show(weight)}"
        yield f"  sigma_b^2 = {show(bias)}"


def _derivation(answer: Answer, show: Any, form: str) -> Iterator[str]:
    assert answer.derivation is not None
    closed = answer.derivation.end
    if form == "text" and sp.count_ops(closed) > LONGEST:
        yield f"  = a closed form of {sp.count_ops(closed)} operations; --format latex writes it out"
    else:
        yield f"  = {show(closed)}"
    for step in answer.derivation.steps:
        yield f"    by {step.rule}: {step.because if form == 'latex' else _plain(step.because)}"
    for taken in answer.derivation.assumes:
        yield f"    taking for granted: {taken}"
    if any(isinstance(part, sp.StrictLessThan) for part in answer.derivation.domain.given):
        yield "    for |c| < 1"


def _plain(because: str) -> str:
    """A reason without its formulas in LaTeX, for a terminal."""
    return re.sub(r"\s*\$[^$]*\$( and)?", "", because).strip()


def _verdict(answer: Answer) -> str:
    record = check(answer.claim("derived"), BUDGETS[BudgetName.QUICK])
    return f"{record.verdict.value}: {record.because}"


def _numbers(dual: Dual, at: dict[str, Any], digits: int) -> Iterator[str]:
    numbers = Numbers(dual, digits, closed=not any(answer.late for answer in answers(dual, frozenset(What))))
    yield f"\ncertified numbers at {', '.join(f'{name} = {value}' for name, value in at.items())}"
    for q in values.lengths(at):
        yield from _line("E[f(z)^2]", lambda q=q: numbers.length(q), digits)
        yield from _line("E[f'(z)^2]", lambda q=q: numbers.chi(q), digits)
    if (triple := values.pair(at)) is not None:
        yield from _line("E[f(u) f(v)]", lambda: numbers.kernel(*triple), digits)
        yield from _line("E[f'(u) f'(v)]", lambda: numbers.slope(*triple), digits)
    if "sigma_w" in at:
        yield from _fixed_points(numbers, at["sigma_w"], at["sigma_b"], digits)


def _line(name: str, value: Any, digits: int) -> Iterator[str]:
    try:
        yield f"  {name} = {midpoint_text(value(), digits)}"
    except NoNumber as reason:
        yield f"  {name}: {reason}"


def _fixed_points(numbers: Numbers, sigma_w: Any, sigma_b: Any, digits: int) -> Iterator[str]:
    found = length_fixed_points(numbers, sigma_w, sigma_b, digits)
    if not found:
        yield "  no positive fixed point of the length map was found between 2^-20 and 2^20"
    weight = sigma_w**2
    for root in found:
        q = sp.Rational(root.middle.numerator, root.middle.denominator)
        change = "from + to - (lengths approach it)" if root.falling else "from - to + (lengths leave it)"
        yield f"  q* = {midpoint_text(root.ball, digits)}, where the length map minus q changes its sign {change}"
        yield from _line("  chi_1 at q*", lambda q=q: _times(numbers.chi(q), weight), digits)
        yield from _line("  slope of the length map at q*", lambda q=q: _times(numbers.length_slope(q), weight), digits)
        yield from _line("  xi_q = -1/ln|slope|", lambda q=q: _depth(_times(numbers.length_slope(q), weight)), digits)
        for other in correlation_fixed_points(numbers, root.middle, sigma_w, sigma_b, digits):
            yield f"    c* = {midpoint_text(other.ball, digits)}"
            c = sp.Rational(other.middle.numerator, other.middle.denominator)
            yield from _line("    xi_c = -1/ln(slope at c*)", lambda q=q, c=c: _depth(_times(numbers.slope(q, q, c), weight)), digits)
        yield "    c* = 1"
        yield from _line("    xi_c = -1/ln chi_1 at c* = 1", lambda q=q: _depth(_times(numbers.chi(q), weight)), digits)


def _times(value: Any, weight: Any) -> Any:
    return value * int(weight.p) / int(weight.q)


def _depth(slope: Any) -> Any:
    """-1/ln|slope|, where the slope is certified to be below 1 in size and not 0."""
    if not (abs(slope) < 1 and abs(slope) > 0):
        raise NoNumber("none: the slope is not below 1")
    return -1 / abs(slope).log()
