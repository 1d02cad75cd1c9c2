"""Hashes of what a claim was made from: those of what was loaded, whatever is written to the files later."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from lemmata.verify.conditions import file_digest
from lemmata.verify.sources import sources_of


def test_a_module_that_is_edited_while_its_claims_are_judged_keeps_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "helper_edited_later.py"
    helper.write_text("VALUE = 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import_module("helper_edited_later")
    place, loaded = str(helper.resolve()), file_digest(str(helper))
    try:
        assert dict(sources_of("claims.py", "own"))[place] == loaded
        helper.write_text("VALUE = 3\n")
        assert file_digest(place) != loaded
        assert dict(sources_of("claims.py", "own"))[place] == loaded
    finally:
        del sys.modules["helper_edited_later"]
