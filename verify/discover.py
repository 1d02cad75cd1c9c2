"""Discovery: which claims a file holds, which the register holds, and what is wrong with a file, each fault in one line.

A claim file is any Python file with `Claim` objects at module level. It is loaded by its path under a private module
name, its folder on `sys.path` meanwhile. Only claims made in the file itself count: not imported ones, nor a second
name for one. A fault never stops the others: it is a `Problem`, and every claim that is sound is still judged.
"""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lemmata.verify.conditions import file_digest

if TYPE_CHECKING:
    from lemmata.verify.claim import Claim

LONGEST_MESSAGE = 400
"""Characters of an exception's own text that a one-line problem quotes."""


@dataclass(frozen=True, slots=True)
class ClaimRef:
    """Where a claim lives: the absolute path of its file and its name there.

    `module` is the importable name of the file for claims of the register and of plug-ins; files of users have none
    and are loaded by path.
    """

    file: str
    name: str
    module: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a user's file, one line: where, which claim (if one), what is wrong and what to do.

    >>> print(Problem("relu_claims.py", "relu-map", 12, "the symbol q is neither real nor integer: write real=True"))
    relu_claims.py:12: relu-map: the symbol q is neither real nor integer: write real=True
    """

    file: str
    claim: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return one_line(": ".join(part for part in (place, self.claim, self.message) if part))


@dataclass(frozen=True)
class Loaded:
    """What one file gave: its claims in the order of the file, its problems, foreign claims that it imported, its hash before all that."""

    claims: tuple[Claim, ...] = ()
    problems: tuple[Problem, ...] = ()
    foreign: tuple[Claim, ...] = ()
    digest: str = ""


def one_line(text: str) -> str:
    """The text with every run of white space, line ends included, as one blank."""
    return " ".join(text.split())


def displayed(path: str) -> str:
    """A path as messages print it: relative where it lies below the current folder."""
    relative = os.path.relpath(path) if os.path.splitdrive(path)[0] == os.path.splitdrive(os.getcwd())[0] else path
    return path if relative.startswith(os.pardir) else relative


def load(path: str | os.PathLike[str]) -> tuple[list[Claim], list[Problem]]:
    """The sound claims of a file, in its order, and its problems; never raises for a fault of the file."""
    loaded = load_file(os.fspath(path))
    return list(loaded.claims), list(loaded.problems)


def register() -> list[Claim]:
    """The sound claims of the built-in register and of plug-ins (entry points `lemmata.claims`), topic by topic."""
    from lemmata.verify.catalogue import load_register

    return [claim for _, loaded in load_register()[0] for claim in loaded.claims]


def load_file(path: str) -> Loaded:
    """`load` with the claims that the file imported from elsewhere, which `uses` may name."""
    file, shown = os.path.realpath(path), displayed(path)
    unreadable = _unreadable(file)
    if unreadable:
        return Loaded(problems=(Problem(shown, "", 0, unreadable),))
    try:
        with open(file, "rb") as stream:
            compile(stream.read(), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        quoted = f" in `{error.text.strip()}`" if error.text and error.text.strip() else ""
        return Loaded(problems=(Problem(shown, "", error.lineno or 0, f"not Python: {error.msg}{quoted}; correct this line"),))
    except (OSError, ValueError) as error:
        return Loaded(problems=(Problem(shown, "", 0, f"not Python: {error}; give a text file with Python code"),))
    digest = file_digest(file)
    module = _private_module(file)
    problems: list[Problem] = []
    with _importing_beside(file), _creations() as created:
        sys.modules[module.__name__] = module
        try:
            _Loader(module.__name__, file).exec_module(module)
        except (Exception, SystemExit) as error:
            problems.append(_raised(error, file, shown, any(_made_in(claim, file) for claim in created)))
    return replace(_sorted_out(vars(module), created, file, shown, problems), digest=digest)


def load_module(name: str) -> Loaded:
    """The claims of an importable module: a topic of the register, or of a plug-in."""
    from importlib import import_module

    with _creations() as created:
        try:
            digest = file_digest(_file_of(name))
            module = import_module(name)
        except (Exception, SystemExit) as error:
            return Loaded(problems=(_raised(error, _file_of(name), name, False),))
    file = os.path.realpath(module.__file__ or name)
    return replace(_sorted_out(vars(module), created, file, displayed(file), []), digest=digest)


class _Loader(SourceFileLoader):
    """Loads a file as it is now: no bytecode is read from beside it or written there."""

    def path_stats(self, path: str) -> Any:
        raise OSError("no bytecode is kept for claim files")


def _private_module(file: str) -> ModuleType:
    """An empty module for a file, under a name that no import statement finds."""
    name = "lemmata_claims_" + hashlib.blake2b(file.encode(), digest_size=6).hexdigest()
    spec = spec_from_loader(name, _Loader(name, file))
    assert spec is not None
    return module_from_spec(spec)


def _unreadable(file: str) -> str:
    if os.path.isdir(file):
        return "is a folder, not a Python file; name a file in it"
    if not os.path.exists(file):
        return "file not found; give the path of a Python file with claims"
    suffix = os.path.splitext(file)[1]
    if suffix != ".py":
        return f"not a Python file (its name ends in {suffix or 'no suffix'}); give a .py file"
    return "" if os.access(file, os.R_OK) else "cannot be read; give yourself permission to read it"


def _file_of(module: str) -> str:
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return ""
    return os.path.realpath(spec.origin) if spec is not None and spec.origin else ""


@contextmanager
def _importing_beside(file: str) -> Iterator[None]:
    """The folder of a file on `sys.path` while it is imported, so that it finds the modules that lie beside it."""
    folder = os.path.dirname(file)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


@contextmanager
def _creations() -> Iterator[list[Claim]]:
    """Every claim made inside the block: one that is made but kept nowhere would otherwise silently not be judged."""
    from lemmata.verify.claim import witnesses

    created: list[Claim] = []
    witnesses.append(created.append)
    try:
        yield created
    finally:
        witnesses.remove(created.append)


def _made_in(claim: Claim, file: str) -> bool:
    return os.path.realpath(claim.file) == file


def _raised(error: BaseException, file: str, shown: str, some_claims: bool) -> Problem:
    """An exception inside a file, at the file's own line, not at ours nor at a library's."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.realpath(frame.filename) == file]
    line = (own[-1].lineno or 0) if own else 0
    source = f" in `{own[-1].line}`" if own and own[-1].line else ""
    if isinstance(error, SystemExit):
        what = f"the file ends the program (SystemExit){source}; remove that"
    else:
        text = one_line(str(error))
        text = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "..."
        what = f"{type(error).__name__}{': ' + text if text else ''}{source}; correct this line"
    above = " (only the claims above it were made)" if some_claims else ""
    return Problem(shown, "", line, what + above)


def _reachable(values: Iterable[Any], depth: int = 4) -> Iterator[Claim]:
    """The claims among module-level values, looking into lists, tuples, sets and dictionaries."""
    from lemmata.verify.claim import Claim

    for value in values:
        if isinstance(value, Claim):
            yield value
        elif depth and isinstance(value, (list, tuple, set, frozenset)):
            yield from _reachable(value, depth - 1)
        elif depth and isinstance(value, Mapping):
            yield from _reachable(list(value.values()), depth - 1)


def _sorted_out(namespace: Mapping[str, Any], created: list[Claim], file: str, shown: str, problems: list[Problem]) -> Loaded:
    """Own claims from foreign ones, sound claims from faulty ones."""
    values = [value for name, value in list(namespace.items()) if not (name.startswith("__") and name.endswith("__"))]
    distinct = list({id(claim): claim for claim in _reachable(values)}.values())
    own = sorted((claim for claim in distinct if _made_in(claim, file)), key=lambda claim: claim.line)
    foreign = tuple(claim for claim in distinct if not _made_in(claim, file))
    kept = {id(claim) for claim in own}
    sound: dict[str, Claim] = {}
    for claim in own:
        if not isinstance(claim.name, str) or not claim.name.strip():
            problems.append(Problem(shown, "", claim.line, f"a claim's name is a non-empty text, not {claim.name!r}; name it"))
        elif claim.name in sound:
            first = sound[claim.name].line
            message = f"a second claim with this name (the first is at line {first}); give each claim its own name"
            problems.append(Problem(shown, claim.name, claim.line, message))
        else:
            sound[claim.name] = claim
    if not any(problem.line and not problem.claim for problem in problems):
        for claim in created:
            if _made_in(claim, file) and id(claim) not in kept:
                message = "this claim is made but not kept at module level, so nothing would judge it; assign it to a name"
                problems.append(Problem(shown, str(claim.name), claim.line, message))
    claims = []
    for name, claim in sound.items():
        faults = _faults(claim)
        problems.extend(Problem(shown, name, claim.line, fault) for fault in faults)
        if not faults:
            claims.append(claim)
    if not own and not problems:
        problems.append(Problem(shown, "", 0, "no claim in it; make lemmata.verify.Claim objects at module level (see `lemmata new`)"))
    return Loaded(tuple(claims), tuple(problems), foreign)


def _faults(claim: Claim) -> tuple[str, ...]:
    try:
        return claim.faults
    except Exception as error:  # a statement SymPy itself cannot look into is a fault of that claim alone
        return (f"the statement cannot be taken apart ({type(error).__name__}: {one_line(str(error))}); write it more simply",)


def place_of(error: BaseException, file: str) -> str:
    """Where an exception came from: the line of the claim's own file if it went through that, else where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.realpath(frame.filename) == file]
    if not frames:
        return ""
    frame = (own or frames)[-1]
    return f" at {displayed(frame.filename)}:{frame.lineno}{f' in `{frame.line}`' if frame.line else ''}"
