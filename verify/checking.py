"""check(): judge a claim from Python."""

from __future__ import annotations

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.verify.claim import Claim
from lemmata.verify.judge import judge
from lemmata.verify.record import Record


def check(claim: Claim, budget: Budget | str = "quick") -> Record:
    """The record of one claim, judged in this process.

    `budget` is "quick", "standard", "thorough", or a `Budget` of one's own. Raises ClaimError for a claim that cannot
    be judged as it is written, and ValueError for a budget that does not exist.

    >>> from sympy import Eq, Symbol, cos, sin
    >>> x = Symbol("x", real=True)
    >>> check(Claim("pythagoras", Eq(sin(x)**2 + cos(x)**2, 1))).verdict
    <Verdict.PROVED: 'proved'>
    """
    if isinstance(budget, str):
        try:
            budget = BUDGETS[BudgetName(budget)]
        except ValueError:
            names = ", ".join(name.value for name in BudgetName)
            raise ValueError(f"there is no budget {budget!r}: use one of {names}") from None
    return judge(claim, budget)
