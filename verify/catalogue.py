"""The catalogue: what a file or the register holds, as plain data that crosses processes without SymPy.

`survey_file` and `survey_register` run inside a worker (a user's file may hang or end its process); the command line
sees entries, problems and references only.
"""

from __future__ import annotations

import fnmatch
import os
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from lemmata.verify.discover import ClaimRef, Loaded, Problem, displayed, load_file, load_module

if TYPE_CHECKING:
    from lemmata.verify.claim import Claim


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim of a catalogue, not yet judged; `uses` are references that were found, `topic` its file's name."""

    ref: ClaimRef
    line: int
    topic: str
    text: str
    given: tuple[str, ...] = ()
    about: str = ""
    source: str = ""
    expect: str | None = None
    uses: tuple[ClaimRef, ...] = ()

    @property
    def name(self) -> str:
        return self.ref.name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries in order, and the problems met on the way."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


class NothingSelected(ValueError):
    """A selection that matches no claim; the message lists near names."""


@cache
def load_own_register() -> dict[str, Loaded]:
    """The modules of lemmata's own register, by name: what is imported once makes its claims once."""
    return {module: load_module(module) for module in own_modules()}


@cache
def load_register() -> tuple[tuple[tuple[str, Loaded], ...], tuple[Problem, ...]]:
    """Each module of the register with its claims, names made unique over the register, and every problem."""
    modules: list[tuple[str, Loaded]] = []
    problems: list[Problem] = []
    homes: dict[str, str] = {}
    for module in register_modules():
        loaded = load_own_register().get(module) or load_module(module)
        problems.extend(problem for problem in loaded.problems)
        fresh = []
        for claim in loaded.claims:
            if claim.name in homes:
                message = f"a second claim with this name in the register (the first is in {homes[claim.name]}); rename one"
                problems.append(Problem(displayed(claim.file), claim.name, claim.line, message))
            else:
                homes[claim.name] = module
                fresh.append(claim)
        modules.append((module, replace(loaded, claims=tuple(fresh))))
    return tuple(modules), tuple(problems)


def register_modules() -> list[str]:
    """The importable names of the register's files, in order, then those of plug-ins."""
    from importlib.metadata import entry_points

    return [*own_modules(), *sorted(entry.value for entry in entry_points(group="lemmata.claims"))]


def own_modules() -> list[str]:
    """The importable names of the register's files, in order."""
    from lemmata.verify import register as package

    return sorted(f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__))


def survey_register() -> Catalogue:
    """The register as a catalogue."""
    modules, problems = load_register()
    found = list(problems)
    entries = tuple(_entry(claim, _register_ref(claim, module), loaded, found) for module, loaded in modules for claim in loaded.claims)
    return Catalogue(entries, tuple(found))


def survey_file(path: str) -> Catalogue:
    """One file of a user's as a catalogue."""
    return catalogue_of(load_file(path), os.path.realpath(path))


def catalogue_of(loaded: Loaded, file: str) -> Catalogue:
    """The catalogue of a file that has been loaded."""
    problems = list(loaded.problems)
    entries = tuple(_entry(claim, ClaimRef(file, claim.name), loaded, problems) for claim in loaded.claims)
    return Catalogue(entries, tuple(problems))


def _register_ref(claim: Claim, module: str) -> ClaimRef:
    return ClaimRef(os.path.realpath(claim.file), claim.name, module)


def _entry(claim: Claim, ref: ClaimRef, loaded: Loaded, problems: list[Problem]) -> Entry:
    from lemmata.theory.printing.plain_text import text

    uses = []
    for name in claim.uses:
        used = resolve(name, ref, loaded)
        if used is None:
            message = f"uses {name!r}, which is neither in this file nor in the register; correct the name, or import the claim"
            problems.append(Problem(displayed(ref.file), claim.name, claim.line, message))
        else:
            uses.append(used)
    topic = (ref.module or os.path.splitext(os.path.basename(ref.file))[0]).rpartition(".")[2]
    given = tuple(text(item) for item in claim.given)
    return Entry(ref, claim.line, topic, _stated(claim), given, claim.about, str(claim.source), claim.expect, tuple(uses))


def _stated(claim: Claim) -> str:
    """The statement as a terminal shows it."""
    from lemmata.theory.printing.plain_text import text

    if claim.relation is None:
        return str(claim.statement)
    return f"{text(claim.lhs)} {claim.relation.value} {text(claim.rhs)}"


def resolve(name: str, user: ClaimRef, loaded: Loaded) -> ClaimRef | None:
    """The claim that `uses` means: in the same file, else one that the file imported, else one of the register."""
    if any(claim.name == name for claim in loaded.claims):
        return replace(user, name=name)
    for module, part in load_register()[0]:
        for claim in part.claims:
            if claim.name == name:
                return _register_ref(claim, module)
    imported = next((claim for claim in loaded.foreign if claim.name == name), None)
    return ClaimRef(os.path.realpath(imported.file), name) if imported is not None else None


def select(entries: Sequence[Entry], patterns: Iterable[str]) -> list[Entry]:
    """The entries that some pattern names, in the catalogue's order: a claim, a topic, or a glob over either.

    Raises NothingSelected for the first pattern that matches nothing.
    """
    chosen: set[ClaimRef] = set()
    for pattern in patterns:
        found = [entry for entry in entries if pattern in (entry.name, entry.topic)]
        if not found:
            found = [entry for entry in entries if any(fnmatch.fnmatchcase(text, pattern) for text in (entry.name, entry.topic))]
        if not found:
            raise NothingSelected(f"no claim or topic matches {pattern!r}{_near(pattern, entries)}; `lemmata list` shows all")
        chosen.update(entry.ref for entry in found)
    return [entry for entry in entries if entry.ref in chosen]


def _near(pattern: str, entries: Sequence[Entry]) -> str:
    """`: did you mean ...?` with the names that come closest."""
    names = list(dict.fromkeys(text for entry in entries for text in (entry.name, entry.topic)))
    word = pattern.strip("*?").lower()
    close = get_close_matches(pattern, names, n=4, cutoff=0.6)
    inside = [name for name in names if word and word in name.lower()]
    near = list(dict.fromkeys([*close, *inside]))[:4]
    return f": did you mean {', '.join(near)}?" if near else ""
