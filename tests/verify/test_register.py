"""Every claim of the register is a test: it is judged with the budget of `--lemmata-budget`, quick if not given."""

from collections.abc import Callable

import pytest

from lemmata.verify.catalogue import load_register, survey_register
from lemmata.verify.discover import ClaimRef
from lemmata.verify.record import Record

CATALOGUE = survey_register()


@pytest.mark.parametrize("ref", [entry.ref for entry in CATALOGUE.entries], ids=[entry.name for entry in CATALOGUE.entries])
def test_register(ref: ClaimRef, lemmata_expect: Callable[[ClaimRef], Record]) -> None:
    lemmata_expect(ref)


def test_register_has_no_faults() -> None:
    assert [str(problem) for problem in CATALOGUE.problems] == []


def test_every_claim_of_the_register_names_its_source() -> None:
    claims = [claim for _, loaded in load_register()[0] for claim in loaded.claims]
    assert [claim.name for claim in claims if not str(claim.source) or not claim.about] == []
