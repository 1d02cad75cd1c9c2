"""The lines that `lemmata derive` prints, format by format."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.theory.domain import Domain
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.kernels.admissible import X
from lemmata.theory.kernels.duals import Dual, Q, to_closed_form
from lemmata.theory.kernels.fixed_points import critical_bias
from lemmata.theory.printing import latex, text
from lemmata.verify.checking import check
from lemmata.verify.clock import TimeUp, at_most
from lemmata.verify.derive_expression import values
from lemmata.verify.derive_expression.answers import DEADLINE, Answer, What, answers, critical_line
from lemmata.verify.derive_expression.closed_points import TITLE, fixed_code, fixed_lines
from lemmata.verify.derive_expression.code import HEADERS, code, helpers
from lemmata.verify.derive_expression.depths import fixed_point_lines, number
from lemmata.verify.derive_expression.numbers import Numbers
from lemmata.verify.derive_expression.printing import LANGUAGES, NoCode

GUARD = 7
"""Certified numbers are computed to so many digits more than are printed."""

CHECK = dataclasses.replace(BUDGETS[BudgetName.QUICK], samples=2**17, points=4, deadline=20.0)
"""What a derivation is checked with: it proves by itself, and one independent look is enough."""

AT_MOST = 6.0
"""Seconds of the processor for a closed form where numbers are asked for: they can be integrated as well."""

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
    if at or any(answer.closed is None for answer in answers(dual, wanted)):
        yield from _numbers(dual, at or {"q": sp.S.One, "c": sp.Rational(1, 2)}, digits)


def _code(dual: Dual, wanted: frozenset[What], language: str) -> Iterator[str]:
    found = list(answers(dual, wanted))
    yield HEADERS[language]
    yield from filter(None, [helpers(language, found)])
    for answer in found:
        try:
            yield f"\n\n# {answer.title}\n{code(answer, language)}"
        except NoCode as reason:
            yield f"\n\n# {reason}"
    if What.FIXED in wanted:
        try:
            yield f"\n\n# {TITLE}\n{fixed_code(dual, LANGUAGES[language])}"
        except NoCode as reason:
            yield f"\n\n# {reason}"


def _closed_forms(dual: Dual, wanted: frozenset[What], show: Any, form: str, judged: bool) -> Iterator[str]:
    for answer in answers(dual, wanted):
        yield f"\n{answer.what.value}: {answer.title}"
        if answer.derivation is None:
            why = f"was derived in {DEADLINE:.0f} s" if answer.late else "is derived by the rules"
            yield f"  no closed form {why}; certified numbers: --at q=1,c=1/2"
            continue
        yield from _derivation(dual, answer, show, form)
        if judged:
            yield f"  {_verdict(answer)}"
    if What.CRITICAL in wanted and (line := critical_line(dual)) is not None:
        weight, bias = line
        yield f"\n{What.CRITICAL.value}: the line chi_1 = 1 in the variances of weights and biases, by the length q (bias >= 0)"
        yield f"  sigma_w^2 = {show(weight)}"
        yield f"  sigma_b^2 = {show(bias)}"
        if (line := critical_bias(dual)) is not None:
            yield f"  without q: sigma_b^2 = {show(line)}"
    if What.FIXED in wanted:
        yield f"\n{What.FIXED.value}: {TITLE}"
        yield from fixed_lines(dual, show)


def _derivation(dual: Dual, answer: Answer, show: Any, form: str) -> Iterator[str]:
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
        yield from _ends(dual.slope if answer.what is What.SLOPE else dual, show)


def _ends(one: Dual, show: Any) -> Iterator[str]:
    """The values at c = 1 and c = -1 for equal variances, which are means over one variable."""
    for c, f in ((1, one.f), (-1, one.f.xreplace({X: -X}))):
        quantity = Expectation((f * one.g).xreplace({X: sp.sqrt(Q) * standard_normal()}))
        try:
            with at_most(AT_MOST):
                found = to_closed_form(quantity, Domain((Q,)))
        except TimeUp:
            found = None
        if found is not None:
            yield f"    at c = {c}, q_1 = q_2 = q: {show(found.end)}"


def _plain(because: str) -> str:
    """A reason without its formulas in LaTeX, for a terminal."""
    return re.sub(r"\s*\$[^$]*\$( and)?", "", because).strip()


def _verdict(answer: Answer) -> str:
    record = check(answer.claim("derived"), CHECK)
    return f"{record.verdict.value}: {record.because}"


def _numbers(dual: Dual, at: dict[str, Any], digits: int) -> Iterator[str]:
    closed = not any(answer.late for answer in answers(dual, frozenset(What), AT_MOST))
    numbers = Numbers(dual, digits + GUARD, closed=closed)
    yield f"\ncertified numbers at {', '.join(f'{name} = {value}' for name, value in at.items())}"
    for q in values.lengths(at):
        yield from number("E[f(z)^2]", partial(numbers.length, q), digits)
        yield from number("E[f'(z)^2]", partial(numbers.chi, q), digits)
    if (triple := values.pair(at)) is not None:
        yield from number("E[f(u) f(v)]", lambda: numbers.kernel(*triple), digits)
        yield from number("E[f'(u) f'(v)]", lambda: numbers.slope(*triple), digits)
    if "sigma_w" in at:
        yield from fixed_point_lines(numbers, at["sigma_w"], at["sigma_b"], digits)
