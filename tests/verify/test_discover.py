"""Discovery: which claims count, in which order, and what selection means."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lemmata.verify.catalogue import Entry, NothingSelected, register_modules, select, survey_file
from lemmata.verify.commands_judge import targets_of
from lemmata.verify.discover import ClaimRef, load, register
from tests.verify.helpers import HEADER, TRUE, write


def names(path: Path) -> list[str]:
    claims, problems = load(path)
    assert [str(problem) for problem in problems] == []
    return [claim.name for claim in claims]


def test_order_is_that_of_the_file(tmp_path: Path) -> None:
    body = "".join(f'c{k} = Claim("n-{k}", Le(x, {k}))\n' for k in (3, 1, 2))
    assert names(write(tmp_path / "a.py", body)) == ["n-3", "n-1", "n-2"]


def test_claims_in_containers_count(tmp_path: Path) -> None:
    body = """
    listed = [Claim(f"list-{k}", Le(x, k)) for k in range(2)]
    named = {k: Claim(f"dict-{k}", Le(x, k)) for k in range(2)}
    nested = {"a": ([Claim("deep", Le(x, 1))],)}
    """
    assert names(write(tmp_path / "a.py", body)) == ["list-0", "list-1", "dict-0", "dict-1", "deep"]


def test_a_second_name_for_a_claim_is_no_second_claim(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a.py", TRUE + "alias = good\nagain = [good, alias]\n")) == ["good"]


def test_imported_claims_do_not_count(tmp_path: Path) -> None:
    write(tmp_path / "lender_of_claims.py", TRUE)
    body = 'from lender_of_claims import good\nmine = Claim("mine", Le(x, 1))\n'
    assert names(write(tmp_path / "a.py", body)) == ["mine"]


def test_claims_made_by_a_helper_of_another_file_belong_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "maker_of_claims.py").write_text("from lemmata.verify import Claim\ndef make(*args):\n    return Claim(*args)\n")
    body = 'from maker_of_claims import make\nmine = make("mine", Le(x, 1))\n'
    path = write(tmp_path / "a.py", body)
    claims, problems = load(path)
    assert problems == [] and [(claim.name, claim.file) for claim in claims] == [("mine", str(path))]


def test_a_file_is_reached_through_a_link(tmp_path: Path) -> None:
    path = write(tmp_path / "real.py", TRUE)
    (tmp_path / "link.py").symlink_to(path)
    assert names(tmp_path / "link.py") == ["good"]


def test_loading_leaves_no_trace(tmp_path: Path) -> None:
    before = list(sys.path)
    path = write(tmp_path / "a.py", TRUE)
    names(path)
    assert sys.path == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.py"]


def test_a_file_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", 'c = Claim("n-1", Le(x, 1))\n')
    assert names(path) == ["n-1"]
    write(path, 'c = Claim("n-2", Le(x, 1))\n')
    assert names(path) == ["n-2"]


def test_names_with_blanks_and_greek(tmp_path: Path) -> None:
    assert names(write(tmp_path / "a.py", 'c = Claim("χ₁ at the edge: a = 1", Le(x, 1))\n')) == ["χ₁ at the edge: a = 1"]


def test_a_coding_cookie_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n" + HEADER.encode() + b'c = Claim("caf\xe9", Le(x, 1))\n')
    assert names(path) == ["café"]


def test_uses_are_resolved_in_the_file_then_in_what_it_imported(tmp_path: Path) -> None:
    lender = write(tmp_path / "lender_of_lemmas.py", 'lemma = Claim("lemma", Le(x, 1))\n')
    body = """
    from lender_of_lemmas import lemma
    first = Claim("first", Le(x, 2), uses=[lemma])
    second = Claim("second", Le(x, 3), uses=["first", lemma])
    """
    path = write(tmp_path / "a.py", body)
    catalogue = survey_file(str(path))
    assert catalogue.problems == ()
    first, second = catalogue.entries
    assert first.uses == (ClaimRef(str(lender), "lemma"),)
    assert second.uses == (first.ref, ClaimRef(str(lender), "lemma"))


def test_the_register_is_unique_and_sound() -> None:
    claims = register()
    assert len({claim.name for claim in claims}) == len(claims)
    assert all(claim.faults == () for claim in claims)
    assert all(module.startswith("lemmata.verify.register.") for module in register_modules())


ENTRIES = [
    Entry(ClaimRef(f"/{topic}.py", name), 1, topic, "")
    for topic, name in [("relu", "relu-map"), ("relu", "relu-fixed-point"), ("erf", "erf-kernel"), ("paths", "relu")]
]


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        (["relu-map"], ["relu-map"]),
        (["erf"], ["erf-kernel"]),
        (["relu"], ["relu-map", "relu-fixed-point", "relu"]),
        (["*-kernel", "relu-m*"], ["relu-map", "erf-kernel"]),
        (["e?f"], ["erf-kernel"]),
        (["*"], ["relu-map", "relu-fixed-point", "erf-kernel", "relu"]),
    ],
)
def test_selection(patterns: list[str], wanted: list[str]) -> None:
    assert [entry.name for entry in select(ENTRIES, patterns)] == wanted


@pytest.mark.parametrize(
    ("pattern", "near"), [("relu-mapp", "relu-map"), ("kernel", "erf-kernel"), ("RELU", "relu"), ("zzz", "lemmata list")]
)
def test_a_selection_that_matches_nothing_names_what_is_near(pattern: str, near: str) -> None:
    with pytest.raises(NothingSelected, match=near):
        select(ENTRIES, ["erf", pattern])


def test_targets(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one_claims.py", TRUE), write(tmp_path / "two_claims.py", TRUE)
    (tmp_path / "other.py").write_text("")
    both = {str(one): [], str(two): []}
    assert targets_of([str(tmp_path)]) == (both, [])
    assert targets_of([str(one), str(two), str(one)]) == (both, [])
    assert targets_of([f"{one}::a", f"{one}::b*"]) == ({str(one): ["a", "b*"]}, [])
    assert targets_of([f"{one}::a", str(one)]) == ({str(one): []}, [])
    assert targets_of([str(one), f"{one}::a"]) == ({str(one): []}, [])
