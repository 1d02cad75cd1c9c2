"""Claim files and runs of the command, for the tests of the runner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from lemmata.verify.cli import main

HEADER = """\
from sympy import Eq, Ge, Le, Lt, Symbol, cos, exp, sin
from lemmata.verify import Claim
x = Symbol("x", real=True)
"""

TRUE = 'good = Claim("good", Eq(sin(x)**2 + cos(x)**2, 1))\n'
WRONG = 'wrong = Claim("wrong", Le(x**2, 4), given=[Ge(x, -3), Le(x, 3)])\n'


def write(path: Path, body: str, header: str = HEADER) -> Path:
    """A claim file with the usual imports."""
    path.write_text(header + dedent(body))
    return path


@dataclass(frozen=True)
class Ran:
    """What a run of the command left."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.strip().splitlines()


def lemmata(capfd: pytest.CaptureFixture[str], *args: object) -> Ran:
    """Run the command in this process; its workers are processes of their own."""
    capfd.readouterr()
    status = main([str(arg) for arg in args])
    captured = capfd.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return Ran(status, captured.out, captured.err)


def verdicts(path: Path) -> dict[str, str]:
    """Claim to verdict, from a file that `--json` wrote."""
    return {claim["name"]: claim["verdict"] for claim in document(path)["claims"]}


def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded
