"""Where a report goes: a PDF, a page of HTML, a .tex with its figures beside it, or a folder with all of it and the records."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from lemmata.reports.latex import Figure
from lemmata.reports.pdf import NoTeX, TeXFailed, compile_tex
from lemmata.reports.store import Stored, to_json
from lemmata.verify.options import Mistake


class Form(Enum):
    """What is written."""

    PDF = "pdf"
    TEX = "tex"
    HTML = "html"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Destination:
    """A place that can be written: its form, its folder, and the stem of the files' names."""

    form: Form
    folder: str
    stem: str

    def path(self, suffix: str) -> str:
        """The path of one of the files."""
        return os.path.join(self.folder, f"{self.stem}{suffix}")


def destination(output: str) -> Destination:
    """The destination that `--output` names; raises Mistake, before any work, for one that cannot be written."""
    stem, suffix = os.path.splitext(os.path.basename(output))
    if os.path.isdir(output) or output.endswith(os.sep) or not suffix:
        _check_folder(output)
        return Destination(Form.FOLDER, output, "report")
    if suffix not in (".pdf", ".tex", ".html"):
        raise Mistake(f"cannot write {output}: a report is a .pdf, a .html, a .tex or a folder; name one of these")
    folder = os.path.dirname(output) or os.curdir
    if not os.path.isdir(folder):
        raise Mistake(f"cannot write {output}: there is no folder {folder}; create it, or name another")
    _check_writable(folder, output)
    return Destination(Form(suffix[1:]), folder, stem)


def _check_folder(output: str) -> None:
    if os.path.exists(output.rstrip(os.sep)) and not os.path.isdir(output):
        raise Mistake(f"cannot write {output}: it is a file, not a folder; name another")
    parent = output if os.path.isdir(output) else os.path.dirname(os.path.abspath(output.rstrip(os.sep)))
    if not os.path.isdir(parent):
        raise Mistake(f"cannot write {output}: there is no folder {parent}; create it, or name another")
    _check_writable(parent, output)


def _check_writable(folder: str, output: str) -> None:
    """A file made and removed again: permissions alone do not tell (a full disk, a read-only mount)."""
    probe = os.path.join(folder, f".lemmata-{os.getpid()}")
    try:
        with open(probe, "wb"):
            pass
        os.remove(probe)
    except OSError as error:
        raise Mistake(f"cannot write {output}: {error.strerror}; name another place") from None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, in one line; why there is no PDF, if there is none; and whether that is a fault of the document."""

    line: str
    no_pdf: str = ""
    failed: bool = False


def write_report(where: Destination, tex: Callable[[], str], html: Callable[[], str], figures: Sequence[Figure], stored: Stored) -> Written:
    """Write the files, each document made where it is asked for: the .tex and its figures too where there is no PDF. Raises Mistake."""
    if where.form is Form.HTML:
        _write_all(where, {where.path(".html"): html().encode()})
        return Written(f"wrote {where.path('.html')}")
    paper = tex()
    files: dict[str, bytes] = {}
    no_pdf, failed = "", False
    figure_files = {f"{figure.name}.pdf": figure.content for figure in figures}
    pdf: bytes | None = None
    if where.form is not Form.TEX:
        try:
            compiled = compile_tex(paper, figure_files)
            pdf = compiled.pdf
        except (NoTeX, TeXFailed) as error:
            failed = isinstance(error, TeXFailed)
            no_pdf = f"no PDF: {error}; {where.path('.tex')} was written instead"
    if pdf is not None:
        files[where.path(".pdf")] = pdf
    if where.form is not Form.PDF or pdf is None:
        files[where.path(".tex")] = paper.encode()
        files.update({os.path.join(where.folder, name): content for name, content in figure_files.items()})
    if where.form is Form.FOLDER:
        files[where.path(".html")] = html().encode()
        files[where.path(".json")] = to_json(stored).encode()
    _write_all(where, files)
    names = [path for path in files if path.endswith((".pdf", ".html", ".tex", ".json")) and _is_report(path, where)]
    return Written(f"wrote {', '.join(names)}", no_pdf, failed)


def _is_report(path: str, where: Destination) -> bool:
    return os.path.splitext(os.path.basename(path))[0] == where.stem


def _write_all(where: Destination, files: Mapping[str, bytes]) -> None:
    try:
        os.makedirs(where.folder, exist_ok=True)
        for path, content in files.items():
            with open(path, "wb") as stream:
                stream.write(content)
    except OSError as error:
        raise Mistake(f"cannot write {error.filename or where.folder}: {error.strerror}; name another place") from None
