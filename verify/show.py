"""How verdicts look on a terminal and in a pipe: the table, the line that counts, a block for what needs attention."""

from __future__ import annotations

import math
import os
import re
import shlex
import sys
from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.verify.catalogue import Entry
from lemmata.verify.discover import ClaimRef, displayed
from lemmata.verify.evidence import Rigour, Road, Verdict
from lemmata.verify.progress import colour
from lemmata.verify.record import Record
from lemmata.verify.spoken import spoken

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

PIPE_WIDTH = 110
"""Columns where the output is no terminal and COLUMNS is not set."""

DETAIL_WIDTH = 28
"""With fewer columns than this left for the detail, it goes below the name."""


def console() -> Console:
    """Where results go: colours only on a terminal, and wide enough in a pipe."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    width = None if terminal or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def rounded(text: str) -> str:
    """The same text with every long decimal number cut to seven significant digits.

    >>> rounded("9.0000000000000000000 and 0.333333333333333 and 12")
    '9 and 0.3333333 and 12'
    """
    return re.sub(r"(?<![\w.])\d+\.\d{7,}(?:[eE][-+]?\d+)?", lambda found: f"{float(found.group()):.7g}", text)


def percent(resolution: float) -> str:
    """A relative error in words, rounded up: less than was seen must not be promised.

    >>> percent(0.003), percent(2e-16), percent(4.2e-23)
    ('0.3%', '2e-16', '5e-23')
    """
    if 1 <= 10_000 * resolution < 10_000:
        return f"{float(_up(100 * Decimal(repr(resolution)), 2)):.2g}%"
    return f"{float(_up(Decimal(repr(resolution)), 1)):.1g}"


def _up(value: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_CEILING).plus(value)


def place(at: object) -> str:
    """A point as `c = 1/2, q = 3`."""
    return ", ".join(f"{name} = {value}" for name, value in at.items()) if isinstance(at, dict) else ""


def brief(value: object) -> str:
    """A value, or the shape of a matrix: in a table there is no room for its entries.

    >>> brief("[[1, 2, 0], [0, 1/2, 3]]"), brief("7/3")
    ('a 2 x 3 matrix', '7/3')
    """
    text = str(value)
    if not text.startswith("[["):
        return text
    return f"a {text.count('[') - 1} x {text.partition(']')[0].count(',') + 1} matrix"


def detail(record: Record) -> str:
    """What a table says about a claim: where it fails, or how small an error would have been seen."""
    found = record.counterexample
    if record.verdict is Verdict.REFUTED and found is not None and (found.get("lhs") or found.get("rhs")):
        at = place({name: brief(value) for name, value in dict(found.get("at") or {}).items()})
        return rounded(f"{'at ' + at + ': ' if at else ''}left {brief(found['lhs'])}, right {brief(found['rhs'])}")
    if record.verdict.holds and record.resolution is not None:
        return f"would show an error of {percent(record.resolution)}" if record.resolution else "exact at every point"
    return rounded(spoken(record.because))


def power(record: Record) -> str:
    """The smallest error that would have been caught, and how many samples a tenth of it would take.

    >>> from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
    >>> cost = {"samples": 2.0**20, "samples for a tenth": 2.0**20 * 100}
    >>> item = Evidence(Road.MEASURED, "Monte Carlo", Outcome.AGREES, Rigour.STATISTICAL, resolution=0.004, cost=cost)
    >>> power(Record("a", Verdict.SUPPORTED, "", evidence=(item,), resolution=0.004))
    'an error of 0.4% or more would have been caught with 99% probability; a tenth of it takes 1.0e+08 samples, 1.0e+06 were drawn'
    """
    if not record.verdict.holds or not record.resolution:
        return ""
    said = f"an error of {percent(record.resolution)} or more would have been caught"
    weakest = next((item for item in record.evidence if item.road is Road.MEASURED and item.resolution == record.resolution), None)
    if weakest is None or weakest.rigour is not Rigour.STATISTICAL:
        return said
    more = weakest.cost.get("samples for a tenth")
    takes = f"; a tenth of it takes {more:.1e} samples, {weakest.cost['samples']:.1e} were drawn" if more and math.isfinite(more) else ""
    return f"{said} with 99% probability{takes}"


def show_table(out: Console, records: Sequence[Record]) -> None:
    """The table of a run: claim, verdict, whether it was expected, the detail, seconds; names and verdicts never cut.

    Where there is no room for the detail beside a name it goes below, and the claim is the last column.
    """
    from rich.box import ASCII, SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    names = max((len(record.name) for record in records), default=5)
    beside = out.width - names - 12 - 8 - 6 - 8 >= DETAIL_WIDTH
    box = SIMPLE_HEAD if (out.encoding or "").lower().startswith("utf") else ASCII
    table = Table(box=box, header_style="bold", show_edge=False, pad_edge=False, collapse_padding=True)
    columns = ("claim", "verdict", "expected", "found", "s") if beside else ("verdict", "expected", "s", "claim")
    for title in columns:
        wraps = title == "found" or (title == "claim" and not beside)
        justify: JustifyMethod = "right" if title == "s" else "left"
        table.add_column(title, overflow="fold", no_wrap=not wraps, min_width={"verdict": 12, "s": 5}.get(title), justify=justify)
    for record in records:
        told = Text(detail(record), style="dim" if record.as_expected else "")
        cells = {
            "claim": Text(record.name) if beside else Text.assemble(record.name, "\n", told),
            "verdict": Text(record.verdict.value, style=colour(record)),
            "expected": Text("yes") if record.as_expected else Text("NO", style="bold red"),
            "found": told,
            "s": Text(f"{record.seconds:.1f}"),
        }
        table.add_row(*(cells[title] for title in columns))
    out.print(table)


def count_line(records: Sequence[Record], seconds: float, problems: int = 0) -> str:
    """The last line of a run.

    >>> good = Record("a", Verdict.PROVED, "")
    >>> bad = Record("b", Verdict.REFUTED, "")
    >>> count_line([good, bad], 1.25)
    '2 claims: 1 proved; 1 not as expected: 1 refuted (1.2 s)'
    """
    expected = [record.verdict for record in records if record.as_expected]
    others = [record.verdict for record in records if not record.as_expected]
    good = [
        f"{expected.count(verdict)} {verdict.value}{' as expected' if verdict is Verdict.REFUTED else ''}"
        for verdict in Verdict
        if verdict in expected
    ]
    bad = ", ".join(f"{others.count(verdict)} {verdict.value}" for verdict in Verdict if verdict in others)
    total = f"{len(records)} claim{'' if len(records) == 1 else 's'}: {', '.join(good) or 'none as expected'}"
    line = f"{total}; {len(others)} not as expected{': ' + bad if bad else ''} ({seconds:.1f} s)"
    return line + (f"; {problems} problem{'' if problems == 1 else 's'} in the input, listed first" if problems else "")


def rerun(ref: ClaimRef, budget: Budget, command: str = "check") -> str:
    """The command line that judges one claim again."""
    target = f"verify {shlex.quote(ref.name)}" if ref.module else f"{command} {shlex.quote(displayed(ref.file) + '::' + ref.name)}"
    options = [f"--budget {budget.name}"] if budget.name != "quick" else []
    options += [f"--seed {budget.seed}"] if budget.seed else []
    options += [f"--device {budget.device}"] if budget.device != "cpu" else []
    usual = BUDGETS[BudgetName(budget.name)]
    options += [f"--alpha {budget.alpha:g}"] if budget.alpha != usual.alpha else []
    options += [f"--deadline {budget.deadline:g}"] if budget.deadline != usual.deadline else []
    return " ".join(["lemmata", target, *options])


def explain(record: Record, ref: ClaimRef, budget: Budget, output: str = "", width: int = 0) -> str:
    """All that a reader needs about a claim that is not as expected, as plain text; wrapped where a width is given."""
    wanted = "refuted" if record.expect == "refuted" else "to hold"
    rows = [("statement", record.text)] if record.text else []
    found = record.counterexample
    if found is not None:
        rows += [(label, text) for label, text in (("at", place(dict(found.get("at") or {}))),) if text]
        rows += [(label, str(found.get(key))) for label, key in (("left", "lhs"), ("right", "rhs"), ("rigour", "rigour")) if found.get(key)]
    rows += [("because", rounded(spoken(record.because)))]
    rows += [("conflict", record.conflict)] if record.conflict else []
    rows += [("controls", f"not caught: {'; '.join(record.survivors)}")] if record.survivors else []
    rows += [("where", f"{displayed(ref.file)}:{record.line}")] if record.line else []
    rows += [("judge again", rerun(ref, budget))]
    lines = [f"{record.name}: {record.verdict.value}, expected {wanted}"]
    for label, text in rows:
        line = f"  {label:<12} {' '.join(text.split())}"
        keep = not width or label == "judge again"
        lines += [line] if keep else wrap(line, width, subsequent_indent=" " * 15, break_long_words=False, break_on_hyphens=False)
    if output:
        lines += ["  it printed:", *(f"  | {line}" for line in output.splitlines())]
    return "\n".join(lines)


def show_story(out: Console, record: Record, entry: Entry, budget: Budget) -> None:
    """One claim in full: statement, source, hypotheses, derivation, evidence, verdict, how to judge it again."""
    from rich.box import ASCII, SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    def row(label: str, text: str, style: str = "", indent: int = 0) -> None:
        if text.strip():
            body = Table.grid(padding=(0, 2))
            body.add_column(min_width=10 + indent, style="bold", no_wrap=True)
            body.add_column(overflow="fold")
            body.add_row(label, Text(text, style=style))
            out.print(body)

    out.print(Text(record.name, style="bold"))
    row("about", record.about)
    row("statement", entry.text)
    row("given", "; ".join(entry.given))
    row("source", ", ".join(part for part in (record.source_key, record.source_locus) if part))
    row("uses", ", ".join(record.uses))
    here = None
    for step in record.derivation:
        if step.plain_before != here:
            row("derivation" if here is None else "also", step.plain_before)
        row("", f"{step.link} {step.plain_after}")
        row("", f"by {step.rule}: {spoken(step.because)}{f' [{step.source}]' if step.source else ''}", "dim", indent=4)
        here = step.plain_after
    row("granted", spoken("; ".join(record.assumes)))
    if record.evidence:
        table = Table(box=SIMPLE_HEAD if (out.encoding or "").lower().startswith("utf") else ASCII, header_style="bold", pad_edge=False)
        for title in ("evidence", "outcome", "where and what"):
            table.add_column(title, overflow="fold")
        table.add_column("sees", no_wrap=True)
        for item in record.evidence:
            where = place({name: brief(value) for name, value in item.at.items()})
            sides = f"left {brief(item.lhs)}, right {brief(item.rhs)}" if item.lhs or item.rhs else ""
            said = "; ".join(part for part in (where and f"at {where}", rounded(sides), rounded(spoken(item.because))) if part)
            sees = percent(item.resolution) if item.resolution is not None else ""
            table.add_row(f"{item.road.value}: {item.instrument}", item.outcome.value, said, sees)
        out.print(table)
    row("verdict", f"{record.verdict.value}{'' if record.as_expected else ', NOT as expected'}: {rounded(spoken(record.because))}")
    row("power", power(record))
    found = record.counterexample
    if found is not None:
        row("fails at", place(dict(found.get("at") or {})) or "(no free symbol)")
        row("left", str(found.get("lhs") or ""))
        row("right", str(found.get("rhs") or ""))
    row("conflict", record.conflict)
    row("again", rerun(entry.ref, budget))
