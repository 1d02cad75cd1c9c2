"""LaTeX to PDF by pdflatex, in a folder of its own; what goes wrong is one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES_HINT = "install it (Debian: apt-get install --no-install-recommends texlive-latex-base texlive-pictures)"
DEADLINE = 300.0
_OVERFULL = re.compile(r"Overfull \\[hv]box \((?P<points>[\d.]+)pt too (?:wide|high)\).*")
_RERUN = re.compile(r"Rerun to get|There were undefined references|Label\(s\) may have changed")


class NoTeX(RuntimeError):
    """There is no pdflatex on this machine; the message says what to install."""


class TeXFailed(RuntimeError):
    """pdflatex met an error; the message is its first error in one line."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document and what its log complains of: each overfull box with its excess in points."""

    pdf: bytes
    overfull: tuple[tuple[float, str], ...]
    undefined: tuple[str, ...]


def has_tex() -> bool:
    """Whether pdflatex can be run."""
    return shutil.which("pdflatex") is not None


def compile_tex(tex: str, files: Mapping[str, bytes]) -> Compiled:
    """The PDF of a document and of the files that it includes; pdflatex runs twice, and again while references move.

    Equal input gives equal bytes: dates are fixed. Raises NoTeX and TeXFailed.
    """
    if not has_tex():
        raise NoTeX(f"there is no pdflatex: {PACKAGES_HINT}")
    with tempfile.TemporaryDirectory(prefix="lemmata-report-") as folder:
        home = Path(folder)
        for name, content in files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_bytes(content)
        (home / "report.tex").write_text(tex, encoding="utf-8")
        log = ""
        for turn in range(4):
            log = _once(home)
            if turn >= 1 and not _RERUN.search(log):
                break
        pdf = (home / "report.pdf").read_bytes()
    overfull = tuple((float(match["points"]), match.group()) for match in _OVERFULL.finditer(log))
    undefined = tuple(line for line in log.splitlines() if "undefined" in line and "Warning" in line)
    return Compiled(pdf, overfull, undefined)


def _once(folder: Path) -> str:
    """One run of pdflatex; its log."""
    environment = {
        **os.environ,
        "max_print_line": "1000",
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openout_any": "p",
    }
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TeXFailed(f"pdflatex did not end within {DEADLINE:.0f} s: write the .tex and run it by hand") from error
    path = folder / "report.log"
    log = path.read_text(encoding="utf-8", errors="replace") if path.exists() else done.stdout.decode("utf-8", "replace")
    if done.returncode != 0 or not (folder / "report.pdf").exists():
        raise TeXFailed(f"pdflatex failed: {first_error(log)}")
    return log


def first_error(log: str) -> str:
    r"""The first error of a log in one line, with the line of the document where TeX stopped.

    >>> first_error("text\n! Undefined control sequence.\nl.12 \\foo\n")
    'Undefined control sequence. (l.12 \\foo)'
    """
    lines = log.splitlines()
    for index, line in enumerate(lines):
        if line.startswith("! "):
            place = next((later.strip() for later in lines[index + 1 : index + 12] if later.startswith("l.")), "")
            missing = re.search(r"File `([^']+)' not found", line)
            if missing:
                return f"{missing.group(1)} is missing: {PACKAGES_HINT}"
            return f"{line[2:].strip()}{f' ({place[:80]})' if place else ''}"
    return "no error message in the log; write the .tex and run it by hand"
