"""The errata and the sharper results name claims that exist, and nothing that is misprinted is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lemmata.verify.catalogue import Entry, survey_register
from lemmata.verify.rows import errata, sharper
from lemmata.verify.rows.coverage import ROWS
from lemmata.verify.rows.errata import ERRATA
from lemmata.verify.rows.sharper import SHARPER

AUDIT = """D.0 D.1 D.6 D.2 D.3 D.9 D.10 D.11 D.12 D.13 D.14 D.15 D.16 C.2 C.5 C.9 C.10 C.16 Y.4 Y.20 Y.21 Y.22 Y.25 Y.29 Y.30 Y.31 Y.34
Y.55 Y.57 Y.36 Y.38 Y.42 Y.50 Y.49 Y.58 Y.62 Y.65 Y.66 Y.69 Y.70 Y.76 Y.77 Y.78 Y.75 Y.79 S.7 S.8 S.9 S.11 S.13 S.14 S.19 S.22"""
"""The rows that the audit on paper found false or garbled as written, in whatever part."""


def register() -> tuple[Entry, ...]:
    return survey_register().entries


def test_every_slip_that_the_audit_found_is_an_erratum() -> None:
    assert set(AUDIT.split()) <= {erratum.row for erratum in ERRATA}


def test_the_errata_are_whole() -> None:
    assert not list(errata.faults(register()))


def test_no_row_has_two_errata_and_they_are_in_the_rows_order() -> None:
    names = [erratum.row for erratum in ERRATA]
    order = [row.name for row in ROWS]
    assert sorted(set(names), key=order.index) == sorted(names, key=order.index)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("erf-kernel-printed", {"expect": None}, "takes erf-kernel-printed for printed"),
        ("erf-kernel", {"expect": "refuted"}, "takes erf-kernel for right"),
    ],
)
def test_a_claim_that_changes_sides_is_seen(name: str, change: dict[str, str | None], says: str) -> None:
    entries = [replace(entry, **change) if entry.name == name else entry for entry in register()]
    assert any(says in fault for fault in errata.faults(entries))


def test_a_claim_that_has_gone_is_seen() -> None:
    left = [entry for entry in register() if entry.name not in ("erf-kernel", "relu-kernel-splits")]
    assert any("names erf-kernel, which does not exist" in fault for fault in errata.faults(left))
    assert any("names relu-kernel-splits, which does not exist" in fault for fault in sharper.faults(left))


def test_the_sharper_results_are_claims_held_true_on_rows_that_exist() -> None:
    assert not list(sharper.faults(register()))
    assert {name for result in SHARPER for name in result.rows} <= {row.name for row in ROWS}


def test_a_wrong_claim_is_no_result() -> None:
    entries = [replace(entry, expect="refuted") if entry.name == "relu-kernel-splits" else entry for entry in register()]
    assert any("is known to be wrong" in fault for fault in sharper.faults(entries))
