"""The judge on statements outside the register: true ones pass, false ones are refuted, empty ones are neither."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq, Symbol

from lemmata.verify import Claim, check
from lemmata.verify.claim import ClaimError
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record
from tests.verify.catalogue import FALSE, INCONCLUSIVE, TRUE


@pytest.mark.parametrize(("name", "statement", "given"), TRUE, ids=lambda value: value if isinstance(value, str) else "")
def test_true_statements_hold(name: str, statement: Any, given: list[Any]) -> None:
    record = check(Claim(name, statement, given=given))
    assert record.verdict.holds, record.because


@pytest.mark.parametrize(("name", "statement", "given"), FALSE, ids=lambda value: value if isinstance(value, str) else "")
def test_false_statements_are_refuted_with_a_counterexample(name: str, statement: Any, given: list[Any]) -> None:
    record = check(Claim(name, statement, given=given))
    assert record.verdict is Verdict.REFUTED, (record.verdict, record.because)
    assert record.counterexample is not None
    assert not record.conflict


@pytest.mark.parametrize(("name", "statement", "given"), INCONCLUSIVE, ids=lambda value: value if isinstance(value, str) else "")
def test_what_says_nothing_is_inconclusive_with_a_reason(name: str, statement: Any, given: list[Any]) -> None:
    record = check(Claim(name, statement, given=given))
    assert record.verdict is Verdict.INCONCLUSIVE
    assert record.because


def test_a_statement_that_sympy_made_false_is_refuted_and_says_how_to_write_it() -> None:
    record = check(Claim("one-is-two", Eq(1, 2)))
    assert record.verdict is Verdict.REFUTED
    assert "evaluate=False" in record.because


def test_a_faulty_claim_is_an_error_that_names_the_symbol() -> None:
    with pytest.raises(ClaimError, match="zeta"):
        check(Claim("vague", Eq(Symbol("zeta") + 1, 2)))


def test_a_record_survives_json() -> None:
    x = Symbol("x", real=True)
    record = check(Claim("binomial", Eq((x + 1) ** 2, x**2 + 2 * x + 1), about="a square"))
    data = record.to_json()
    assert Record.from_json(data).to_json() == data


def test_the_same_seed_gives_the_same_findings() -> None:
    name, statement, given = next(item for item in TRUE if item[0] == "isserlis")
    digests = {check(Claim(name, statement, given=given)).to_json()["digest"] for _ in range(2)}
    assert len(digests) == 1


def test_a_claim_is_no_better_than_what_it_uses() -> None:
    x = Symbol("x", real=True)
    wrong = Claim("wrong-lemma", Eq((x + 1) ** 2, x**2 + 1))
    resting = Claim("resting", Eq((x + 2) ** 2, x**2 + 4 * x + 4), uses=[wrong])
    record = check(resting)
    assert record.verdict is Verdict.INCONCLUSIVE and "wrong-lemma" in record.because
    assert check(Claim("by-name", Eq((x + 2) ** 2, x**2 + 4 * x + 4), uses=["optimal-step"])).verdict is Verdict.PROVED
    with pytest.raises(ClaimError, match="nowhere"):
        check(Claim("lost", Eq((x + 2) ** 2, x**2 + 4 * x + 4), uses=["nowhere"]))
