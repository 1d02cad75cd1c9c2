"""The README tells the truth: its files are written, its commands run, and what it shows is what they print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.source import ROOT

README = (ROOT / "README.md").read_text()
VERDICTS = "proved|certified|supported|refuted|inconclusive"
FOUND = re.compile(rf"^\s*([a-z][\w-]*)\s+({VERDICTS})\b", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a Markdown text, in order.

    >>> blocks("a\\n```python\\nx = 1\\n```\\nb")
    [Block(language='python', text='x = 1\\n')]
    """
    return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def exchanges(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown below it."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [(command.strip(), shown) for command, _, shown in (part.partition("\n") for part in parts)]


def verdicts(output: str) -> set[tuple[str, str]]:
    """The pairs of a claim's name and its verdict in the table of an output."""
    return set(FOUND.findall(output))


BLOCKS = blocks(README)
EXCHANGES = [exchange for block in BLOCKS if block.language == "console" for exchange in exchanges(block)]


def environment() -> dict[str, str]:
    """This environment as a reader's shell would have it: the scripts first on the path, nothing of pytest or an outer make."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    ours = ("PYTEST_", "COLUMNS", "MAKE", "MFLAGS")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)} | {"PATH": path}


def runnable(command: str, shown: str) -> str:
    """What stands in for a command of make, whose set-up is done by now: the line of its recipe, on the claims that are shown."""
    if not command.startswith("make "):
        return command
    plan = ["make", "--dry-run", "--no-print-directory", *command.split()[1:]]
    recipe = subprocess.run(plan, cwd=ROOT, capture_output=True, text=True, check=True, env=environment()).stdout
    line = recipe.strip().splitlines()[-1].strip().removeprefix("@")
    if command == "make test":
        assert "-m pytest" in line
        return "pytest --version"  # these tests are what it runs
    names = " ".join(sorted(name for name, _ in verdicts(shown))) or "relu-chi-1"
    assert re.match(r"\S*lemmata (verify|report)", line), line
    return re.sub(r"^\S*/(lemmata (?:verify|report))", rf"\1 {names}", line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the named files of the README."""
    place = tmp_path_factory.mktemp("readme")
    for block in BLOCKS:
        if block.language == "python" and (name := re.match(r"# (\w+\.py)\n", block.text)):
            (place / name[1]).write_text(block.text)
    return place


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of the README in a folder."""
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=600, env=environment(), check=False)


@pytest.mark.parametrize(("command", "shown"), EXCHANGES, ids=[command for command, _ in EXCHANGES])
def test_the_command_prints_what_is_shown(command: str, shown: str, folder: Path) -> None:
    if command == "make report" and shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed here, and the message about it has a test of its own")
    result = run(runnable(command, shown), folder)
    output = result.stdout + result.stderr
    assert result.returncode in (0, 1), output
    assert "Traceback" not in output
    assert verdicts(shown) <= verdicts(output), output


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "python"], ids=lambda block: block.text.splitlines()[0])
def test_the_python_runs(block: Block, folder: Path) -> None:
    result = subprocess.run([sys.executable, "-c", block.text], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr


def test_every_block_is_run() -> None:
    assert BLOCKS and {block.language for block in BLOCKS} <= {"console", "python"}
    assert any(verdicts(shown) for _, shown in EXCHANGES), "no output is shown"


def test_every_command_is_in_the_readme() -> None:
    from lemmata.verify.cli import Commands, group

    assert isinstance(group, Commands)
    import click

    names = group.list_commands(click.Context(group))
    assert {"verify", "check", "new", "list", "show", "report"} <= set(names)
    assert [name for name in names if f"`lemmata {name}" not in README] == []


def test_a_table_that_is_not_what_is_printed_is_caught() -> None:
    shown, printed = " a-claim   refuted   NO   x\n", " a-claim   supported   yes   x\n"
    assert verdicts(shown) == {("a-claim", "refuted")}
    assert not verdicts(shown) <= verdicts(printed)
