"""The pytest plugin: claims are test items, judged in workers as the command line judges them.

Collected are files named `*_claims.py`, and any Python file that is named on the command line and holds claims. Each
claim is one item; a verdict that is not as expected is a failure with the counterexample and how to judge it again; a
fault of a file is a collection error of one line. Nothing heavy is imported here: SymPy and Torch live in the workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lemmata.numerics.budget import Budget
    from lemmata.verify.catalogue import Catalogue, Entry
    from lemmata.verify.discover import ClaimRef
    from lemmata.verify.record import Record
    from lemmata.verify.supervisor import Supervisor

CLAIM_FILES = "*_claims.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lemmata", "claims about neural networks")
    group.addoption("--lemmata-budget", default="quick", metavar="NAME", help="quick, standard or thorough (default: quick)")
    group.addoption("--lemmata-seed", default=0, type=int, metavar="N", help="seed of every random stream (default: 0)")
    group.addoption("--lemmata-alpha", default=None, type=float, metavar="P", help="probability of a false alarm (default: 1e-6)")
    group.addoption("--lemmata-device", default="cpu", metavar="NAME", help="auto, cpu or cuda (default: cpu)")
    group.addoption("--lemmata-deadline", default=None, type=float, metavar="SECONDS", help="emergency stop for one claim")


class Court:
    """The workers of one pytest process, started when the first claim file is met, and what they have judged.

    `ahead` holds the claims that are not judged (yet), each with the reason.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.outputs: dict[ClaimRef, str] = {}
        self.ahead: dict[str, str] = {}
        self._records: dict[ClaimRef, Record] = {}
        self._supervisor: Supervisor | None = None
        self._budget: Budget | None = None

    @property
    def supervisor(self) -> Supervisor:
        from lemmata.verify.supervisor import Supervisor

        if self._supervisor is None:
            self._supervisor = Supervisor(1)
        return self._supervisor

    @property
    def budget(self) -> Budget:
        """The budget of the options; raises pytest.UsageError for a budget or device that does not exist."""
        if self._budget is None:
            import click

            from lemmata.verify.options import BUDGETS_KNOWN, DEVICES_KNOWN, budget_of

            option = self.config.getoption
            try:
                name = BUDGETS_KNOWN.convert(option("lemmata_budget"), None, None)
                device = DEVICES_KNOWN.convert(option("lemmata_device"), None, None)
                seed, deadline, alpha = option("lemmata_seed"), option("lemmata_deadline"), option("lemmata_alpha")
                self._budget = budget_of(name, seed, device, deadline, self.supervisor, alpha)
            except click.UsageError as error:
                raise pytest.UsageError(error.format_message().replace("--", "--lemmata-", 1)) from None
        return self._budget

    def check_options(self) -> None:
        """Raises pytest.UsageError now rather than at the first claim."""
        assert self.budget is not None

    def survey(self, path: Path) -> Catalogue:
        """What a file holds, loaded in a worker."""
        from lemmata.verify.run import survey

        return survey([str(path)], self.budget, self.supervisor)[0]

    def judge(self, ref: ClaimRef) -> Record:
        """The record of a claim, judged once a session."""
        from lemmata.verify.run import EventKind, run

        if ref not in self._records:
            events: list[Any] = []
            self._records[ref] = run([ref], self.budget, on_event=events.append, supervisor=self.supervisor)[0]
            self.outputs[ref] = next((event.output for event in events if event.kind is EventKind.FINISHED and event.ref == ref), "")
        return self._records[ref]

    def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.close()


COURT = pytest.StashKey[Court]()


def pytest_configure(config: pytest.Config) -> None:
    court = config.stash[COURT] = Court(config)
    plain = {"lemmata_budget": "quick", "lemmata_device": "cpu", "lemmata_deadline": None, "lemmata_alpha": None}
    if any(config.getoption(name) != value for name, value in plain.items()):
        court.check_options()


def pytest_unconfigure(config: pytest.Config) -> None:
    if COURT in config.stash:
        config.stash[COURT].close()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, ClaimItem):
            item.config.stash[COURT].ahead[item.nodeid] = "deselected"


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[COURT].ahead.update({item.nodeid: "not reached" for item in session.items if isinstance(item, ClaimItem)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if isinstance(item, ClaimItem):
        ahead = item.config.stash[COURT].ahead
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            ahead[item.nodeid] = reason.removeprefix("Skipped: ") or "skipped"
        elif report.when == "call":
            ahead.pop(item.nodeid, None)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands on what it knows; each collects all claims and runs some."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        known = session.config.stash[COURT].ahead
        output["lemmata_ahead"] = {name: reason for name, reason in known.items() if reason != "not reached"}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[COURT].ahead.update(getattr(node, "workeroutput", {}).get("lemmata_ahead", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Claims that nothing has judged are named: a claim that was skipped has not passed."""
    ahead = config.stash[COURT].ahead
    if ahead and not config.getoption("collectonly"):
        terminalreporter.section("claims not judged", sep="-")
        for name, reason in ahead.items():
            terminalreporter.line(f"{name}: {reason}")
        terminalreporter.line(f"{len(ahead)} claim{'' if len(ahead) == 1 else 's'} not judged")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".py":
        return None
    if file_path.match(CLAIM_FILES) or (parent.session.isinitpath(file_path) and _speaks_of_claims(file_path)):
        return ClaimFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """pytest would import a claim file that is named explicitly, in its own process; without tests there is no need."""
    if module_path.match(CLAIM_FILES) and not _has_tests(module_path):
        return NoModule.from_parent(parent, path=module_path)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _speaks_of_claims(path: Path) -> bool:
    text = _text(path)
    return "lemmata" in text and "Claim(" in text


def _has_tests(path: Path) -> bool:
    lines = [line.lstrip() for line in _text(path).splitlines()]
    return any(line.startswith(("def test", "async def test", "class Test")) for line in lines)


class NoModule(pytest.Module):
    """In the place of a module that holds claims and no test functions."""

    def collect(self) -> Iterator[Any]:
        return iter(())


class ClaimFile(pytest.File):
    """A file of claims: an item for each, a collection error for each fault."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        catalogue = self.config.stash[COURT].survey(self.path)
        named_only = not self.path.match(CLAIM_FILES)
        if named_only and not catalogue.entries and all(not problem.claim for problem in catalogue.problems):
            return  # an ordinary test file that merely speaks of claims: pytest's own collection reports its faults
        for entry in catalogue.entries:
            yield ClaimItem.from_parent(self, name=entry.name, entry=entry)
        for number, problem in enumerate(catalogue.problems):
            yield Fault.from_parent(self, name=problem.claim or f"problem-{number + 1}", line=str(problem))


class Fault(pytest.Collector):
    """A fault of a claim file."""

    def __init__(self, *, line: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line = line

    def collect(self) -> Iterator[pytest.Item]:
        raise self.CollectError(self.line)


class NotAsExpected(AssertionError):
    """A claim whose verdict is not the expected one; the message is the whole report."""


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, entry: Entry, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry

    def runtest(self) -> None:
        expect_as_claimed(self.config.stash[COURT], self.entry.ref)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, max(self.entry.line - 1, 0), self.entry.name


def expect_as_claimed(court: Court, ref: ClaimRef) -> Record:
    """Judge a claim and return its record; raises NotAsExpected with all that a reader needs."""
    from lemmata.verify.show import explain

    record = court.judge(ref)
    if not record.as_expected:
        raise NotAsExpected(explain(record, ref, court.budget, court.outputs.get(ref, "")))
    return record


@pytest.fixture(scope="session")
def lemmata_expect(request: pytest.FixtureRequest) -> Callable[[ClaimRef], Record]:
    """A function that judges the claim of a ClaimRef in a worker and fails unless the verdict is as expected."""
    court = request.config.stash[COURT]

    def expect(ref: ClaimRef) -> Record:
        try:
            return expect_as_claimed(court, ref)
        except NotAsExpected as error:
            pytest.fail(str(error), pytrace=False)

    return expect
