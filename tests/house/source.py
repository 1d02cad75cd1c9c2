"""A source file of the repository, parsed once, and the lists of files that the rules look at."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("theory", "numerics", "verify", "reports")


@dataclass(frozen=True)
class Source:
    """The text of one file and its place in the repository (`theory/domain.py`)."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        return self.path.split("/")[0]

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def walk(self, *kinds: type) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))


@dataclass(frozen=True)
class Violation:
    """Where a rule is broken, and how."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


Rule = Callable[[Source], Iterator[Violation]]


def tracked() -> list[str]:
    """Every file that git tracks or would track; the working tree itself where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        names = listing.stdout.split("\n")
    else:
        hidden = {".venv", "build", "report", "__pycache__", ".git"}
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and not hidden & set(p.relative_to(ROOT).parts)]
    return sorted(name for name in names if name and (ROOT / name).is_file())


def sources(*folders: str) -> list[Source]:
    """The Python files of some top-level folders."""
    return [Source(name, (ROOT / name).read_text()) for name in tracked() if name.endswith(".py") and name.split("/")[0] in folders]


def dotted(node: ast.AST) -> str:
    """`numpy.random.rand` for the expression that reads so, '' for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement, or a call of `import_module`, names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "import_module" and node.args:
        first = node.args[0]
        return [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
    return []
