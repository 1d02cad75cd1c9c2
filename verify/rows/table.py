"""The rows on a terminal: statement, audit, claims and verdicts, or the reason why there is no claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lemmata.verify.catalogue import Entry
from lemmata.verify.rows.coverage import Covered, coverage

SOURCES = {
    "D": "Daniely, Frostig & Singer (2016), a summary",
    "C": "Chen, Li & Lin (2024), slides",
    "Y": "Yarotsky, a lecture on the optimisation of neural networks",
    "S": "Safran & Shamir (2016), slides",
}


def show_rows(out: Any, entries: Iterable[Entry], verdicts: Mapping[str, str]) -> None:
    """Print every row of the founding sources."""
    from rich.padding import Padding
    from rich.text import Text

    letter = ""
    rows = coverage(entries)
    for covered in rows:
        row = covered.row
        if row.name[0] != letter:
            out.print(Text(f"{chr(10) if letter else ''}{SOURCES[row.name[0]]}", style="bold"))
            letter = row.name[0]
        out.print(Padding(Text.assemble((f"{row.name}  ", "bold"), row.statement), (0, 0, 0, 2)))
        for text in _told(covered, verdicts):
            out.print(Padding(Text(text, style="dim"), (0, 0, 0, 8)))
    claimed = sum(bool(covered.claims) for covered in rows)
    out.print(Text(f"\n{len(rows)} rows: {claimed} with claims, {len(rows) - claimed} without, each with its reason"))
    if not verdicts:
        out.print(
            Text("no verdicts here yet: `lemmata verify` in this folder, or --verdicts FILE with what `lemmata verify --json FILE` wrote")
        )


def _told(covered: Covered, verdicts: Mapping[str, str]) -> list[str]:
    row = covered.row
    if not covered.claims:
        return [f"no claim: {row.unclaimed or 'none yet'}"]
    lines = [row.audit.value]
    for entry in covered.claims:
        wrong = "  (known to be wrong)" if entry.expect == "refuted" else ""
        lines.append(f"{verdicts.get(entry.name, 'not judged'):<12}  {entry.name}{wrong}")
    return [*lines, *([f"as printed: {row.as_printed}"] if row.as_printed else [])]
