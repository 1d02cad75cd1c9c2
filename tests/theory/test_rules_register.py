"""The register of the Gaussian families on the derived road alone: each right claim is derived, each misprint is not."""

from __future__ import annotations

from typing import Any

import pytest

from lemmata.theory.derivation import Derivation
from lemmata.theory.exact import equal
from lemmata.theory.quantity import quantities, random_symbols
from lemmata.verify.claim import Claim
from lemmata.verify.derive import DerivedRoad
from lemmata.verify.evidence import Outcome
from lemmata.verify.register import erf, relu, signal_propagation

CLAIMS = {value.name: value for module in (relu, erf, signal_propagation) for value in vars(module).values() if isinstance(value, Claim)}
MEASURED_ONLY = {
    "relu-network-length",
    "relu-network-covariance",
    "relu-network-chi-1",
    "tanh-length-variance-squared",
    "tanh-depth-scale-root-slip",
}
RIGHT = sorted(name for name, claim in CLAIMS.items() if claim.expect is None and name not in MEASURED_ONLY)
WRONG = sorted(name for name, claim in CLAIMS.items() if claim.expect == "refuted" and name not in MEASURED_ONLY)


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_claim_is_well_formed(name: str) -> None:
    claim = CLAIMS[name]
    assert claim.faults == ()
    assert claim.source.locus and claim.about
    assert claim.domain.empty() is None


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_claim_is_derived(name: str) -> None:
    evidence = DerivedRoad(CLAIMS[name]).run()
    assert evidence.outcome is Outcome.PROVES, evidence.because


@pytest.mark.parametrize("name", WRONG)
def test_a_misprint_is_derived_to_something_else(name: str) -> None:
    evidence = DerivedRoad(CLAIMS[name]).run()
    assert evidence.outcome is Outcome.DISAGREES, evidence.because


@pytest.mark.parametrize("name", sorted(MEASURED_ONLY))
def test_what_only_measurement_can_decide_says_so(name: str) -> None:
    assert DerivedRoad(CLAIMS[name]).run().outcome is Outcome.REFUSED


@pytest.mark.parametrize("name", [name for name in RIGHT if CLAIMS[name].derivation is not None])
def test_a_written_derivation_ends_in_the_stated_form(name: str) -> None:
    claim = CLAIMS[name]
    start: Any = Derivation(claim.lhs, claim.domain)
    assert claim.derivation is not None
    end = claim.derivation(start).end
    assert end == claim.rhs or equal(end, claim.rhs, claim.domain) is True


def test_the_kernel_is_not_typed_into_its_derivation() -> None:
    """Without its last step the derivation still ends in a closed form, and that form is the stated function."""
    claim = CLAIMS["relu-kernel"]
    assert claim.derivation is not None
    steps = claim.derivation(Derivation(claim.lhs, claim.domain)).steps
    before = steps[-1].before
    assert steps[-1].rule == "rearrange" and not quantities(before) and not random_symbols(before)
    assert before != claim.rhs and equal(before, claim.rhs, claim.domain) is True
    assert [step.rule for step in steps].count("price") == 2
