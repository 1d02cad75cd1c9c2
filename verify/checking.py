"""check(): judge a claim from Python."""

from __future__ import annotations

from collections.abc import Mapping

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.verify.claim import Claim, ClaimError
from lemmata.verify.discover import ClaimRef
from lemmata.verify.judge import judge
from lemmata.verify.record import Record
from lemmata.verify.run import apply_uses


def check(claim: Claim, budget: Budget | str = "quick") -> Record:
    """The record of one claim, judged in this process.

    The claims in `uses` are judged too, and the record is never better than the weakest of them.
    `budget` is "quick", "standard", "thorough", or a `Budget` of one's own. Raises ClaimError for a claim that cannot
    be judged as it is written, ValueError for a budget that does not exist, and TypeError for what is no claim or budget.

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
    if not isinstance(claim, Claim):
        raise TypeError(f"check() takes a Claim, not {type(claim).__name__}: write Claim(name, statement)")
    if not isinstance(budget, Budget):
        raise TypeError(f"a budget is a Budget or the name of one, not {type(budget).__name__}")
    claims = _with_lemmas(claim)
    refs = {id(one): ClaimRef(one.file, f"{position} {one.name}") for position, one in enumerate(claims)}
    records = {refs[id(one)]: judge(one, budget) for one in claims}
    uses = {refs[id(one)]: tuple(_used(one, name, refs) for name in one.uses) for one in claims}
    return apply_uses(records, uses)[refs[id(claim)]]


def _with_lemmas(claim: Claim) -> list[Claim]:
    """A claim and all the claims that it rests on, once each."""
    found: dict[int, Claim] = {}
    ahead = [claim]
    while ahead:
        one = ahead.pop()
        if id(one) not in found:
            found[id(one)] = one
            ahead.extend(_lemma(one, name) for name in one.uses)
    return list(found.values())


def _lemma(claim: Claim, name: str) -> Claim:
    """The claim that `uses` names: the one given as an object, else that of the register."""
    from lemmata.verify.discover import register

    given = {lemma.name: lemma for lemma in claim.lemmas}
    found = given.get(name) or next((one for one in register() if one.name == name), None)
    if found is None:
        raise ClaimError(f"{claim.name}: uses {name!r}, which is not in the register: give the claim itself in `uses`")
    return found


def _used(claim: Claim, name: str, refs: Mapping[int, ClaimRef]) -> tuple[str, ClaimRef | None]:
    return name, refs.get(id(_lemma(claim, name)))
