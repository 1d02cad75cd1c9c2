"""Which theorem rests on which, on a terminal: the rows of the sources, and the claims of each topic as trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.verify.catalogue import Entry
from lemmata.verify.discover import ClaimRef
from lemmata.verify.rows.coverage import coverage
from lemmata.verify.rows.dependencies import RESTS_ON, TOOLS, carriers
from lemmata.verify.rows.standing import UNJUDGED, standing
from lemmata.verify.rows.table import SOURCES


@dataclass(frozen=True, slots=True)
class Line:
    """A claim in the tree of its topic; `again` where what it rests on stands further up."""

    depth: int
    entry: Entry
    again: bool = False


def show_graph(
    out: Any, entries: Sequence[Entry], verdicts: Mapping[str, str], rows: Iterable[str] | None, chosen: Sequence[Entry]
) -> None:
    """Print the rows (all, or those named with all that they rest on), then the chosen claims as trees."""
    from rich.text import Text

    wanted = reached(rows)
    shown = _show_rows(out, entries, verdicts, wanted)
    alone = _show_claims(out, entries, verdicts, chosen, blank=bool(shown))
    links = sum(len(entry.uses) for entry in chosen)
    counts = [f"{shown} rows"] * bool(shown) + [f"{len(chosen)} claims with {links} links"] * bool(chosen)
    more = f"; {alone} claims rest on no other and none rests on them" if alone else ""
    out.print(Text(f"{chr(10)}{', '.join(counts)}{more}"))
    if not verdicts:
        out.print(
            Text("no verdicts here yet: `lemmata verify` in this folder, or --verdicts FILE with what `lemmata verify --json FILE` wrote")
        )


def reached(rows: Iterable[str] | None) -> set[str] | None:
    """The rows named and all rows and tools below them; None for all.

    >>> sorted(reached(["Y.12"]))
    ['Y.10', 'Y.11', 'Y.12']
    """
    if rows is None:
        return None
    found: set[str] = set()
    ahead = list(rows)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(RESTS_ON.get(name, ()))
    return found


def _show_rows(out: Any, entries: Sequence[Entry], verdicts: Mapping[str, str], wanted: set[str] | None) -> int:
    from rich.padding import Padding
    from rich.text import Text

    carried = carriers(entries)
    letter, shown = "", 0
    covered_rows = [covered for covered in coverage(entries) if wanted is None or covered.row.name in wanted]
    words = {covered.row.name: standing(covered, verdicts).word for covered in coverage(entries)}
    for covered in covered_rows:
        name = covered.row.name
        if name[0] != letter:
            out.print(Text(f"{chr(10) if letter else ''}{SOURCES[name[0]]}", style="bold"))
            letter = name[0]
        out.print(Padding(Text.assemble((f"{name}  ", "bold"), covered.row.statement), (0, 0, 0, 2)))
        out.print(Padding(Text(standing(covered, verdicts).told, style=_colour(words[name])), (0, 0, 0, 8)))
        for lower, reason in RESTS_ON.get(name, {}).items():
            pairs = carried.get((name, lower), [])
            by = f" by {pairs[0][0]}" if pairs else f": {reason}" if reason else _enters(lower)
            out.print(Padding(Text(f"rests on {lower} ({words.get(lower, 'a tool')}){by}", style="dim"), (0, 0, 0, 8)))
        shown += 1
    return shown


def _enters(name: str) -> str:
    return next((f": {tool.where}" for tool in TOOLS if tool.name == name), "")


def _show_claims(out: Any, entries: Sequence[Entry], verdicts: Mapping[str, str], chosen: Sequence[Entry], *, blank: bool) -> int:
    """Print the trees; returns how many claims have no link at all."""
    from rich.padding import Padding
    from rich.text import Text

    used = {ref for entry in entries for ref in entry.uses}
    linked = [entry for entry in chosen if entry.uses or entry.ref in used]
    topics: dict[str, list[Entry]] = {}
    for entry in linked:
        topics.setdefault(entry.topic, []).append(entry)
    for number, (topic, claims) in enumerate(topics.items()):
        out.print(Text(f"{chr(10) if number or blank else ''}{topic}", style="bold"))
        for line in forest(claims, entries):
            word = verdicts.get(line.entry.name, UNJUDGED)
            elsewhere = f"  ({line.entry.topic})" if line.entry.topic != topic else ""
            wrong = "  (known to be wrong)" if line.entry.expect == "refuted" else ""
            again = "  (as above)" if line.again else ""
            text = Text.assemble((f"{word:<13}", _colour(word)), line.entry.name, (f"{elsewhere}{wrong}{again}", "dim"))
            out.print(Padding(text, (0, 0, 0, 2 + 2 * line.depth)))
    return len(chosen) - len(linked)


def forest(claims: Sequence[Entry], entries: Sequence[Entry]) -> Iterator[Line]:
    """The claims of a topic that no other of it uses, each above what it rests on; what has been shown is not shown again."""
    by_ref = {entry.ref: entry for entry in entries}
    inner = {ref for entry in claims for ref in entry.uses}
    shown: set[ClaimRef] = set()

    def below(entry: Entry, depth: int) -> Iterator[Line]:
        again = entry.ref in shown and bool(entry.uses)
        yield Line(depth, entry, again)
        if not again:
            shown.add(entry.ref)
            for ref in entry.uses:
                if ref in by_ref:
                    yield from below(by_ref[ref], depth + 1)

    roots = [entry for entry in claims if entry.ref not in inner]
    for root in roots or claims[:1]:
        yield from below(root, 0)


def dot(entries: Iterable[Entry], verdicts: Mapping[str, str], wanted: set[str] | None) -> str:
    """The rows' graph in the language of Graphviz, arrows from what is used to what uses it, coloured by verdict."""
    rows = [covered for covered in coverage(entries) if wanted is None or covered.row.name in wanted]
    lines = ["digraph rows {", "  rankdir=LR;", '  node [shape=box, style=filled, fontname="sans-serif"];']
    for covered in rows:
        word = standing(covered, verdicts).word
        lines.append(f'  "{covered.row.name}" [fillcolor="{_FILL.get(word, "white")}", tooltip="{word}"];')
    names = {covered.row.name for covered in rows} | {tool.name for tool in TOOLS}
    lines += [f'  "{lower}" -> "{upper}";' for upper, below in RESTS_ON.items() for lower in below if {upper, lower} <= names]
    return "\n".join([*lines, "}", ""])


_FILL = {
    "proved": "#b7dfc4",
    "certified": "#b5dde2",
    "supported": "#c3d2f0",
    "refuted": "#f2c4c4",
    "inconclusive": "#efdcb8",
}


def _colour(word: str) -> str:
    from lemmata.verify.progress import COLOURS

    return COLOURS.get(word, "dim")
