"""The evidence of one claim as a table that a page can hold: findings of one kind merged, the rest counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lemmata.reports.exact import exact, number
from lemmata.reports.prose import prose, shortened, spoken, value
from lemmata.theory.printing.notation import escape, symbol_name
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

SHOWN_PER_GROUP = 2
SHOWN_IN_ALL = 12
LONGEST_FORMULA = 60
LARGEST_MATRIX = 3
"""Commas in a matrix that the table still shows: 2 x 2."""

_ORDER = [
    Outcome.DISAGREES,
    Outcome.LACKING,
    Outcome.PROVES,
    Outcome.CERTIFIES,
    Outcome.AGREES,
    Outcome.CAUGHT,
    Outcome.BLIND,
    Outcome.UNDECIDED,
    Outcome.STOPPED,
    Outcome.FAILED,
    Outcome.VACUOUS,
    Outcome.REFUSED,
]
_SAYS = {
    Outcome.PROVES: "proves",
    Outcome.CERTIFIES: "certifies",
    Outcome.AGREES: "agrees",
    Outcome.DISAGREES: "disagrees",
    Outcome.UNDECIDED: "undecided",
    Outcome.LACKING: "has no value",
    Outcome.REFUSED: "declined",
    Outcome.STOPPED: "stopped",
    Outcome.FAILED: "failed",
    Outcome.VACUOUS: "nothing to check",
    Outcome.BLIND: "blind",
    Outcome.CAUGHT: "caught",
}
_WORTH = {
    Rigour.EXACT: "exact",
    Rigour.RIGOROUS: "rigorous",
    Rigour.STATISTICAL: "statistical",
    Rigour.FLOATING: "floating point",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as LaTeX; a row with `span` is one sentence across the columns."""

    instrument: str = ""
    where: str = ""
    lhs: str = ""
    rhs: str = ""
    resolution: str = ""
    time: str = ""
    says: str = ""
    span: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one claim and what stands below them."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def table_of(evidence: Sequence[Evidence]) -> Table:
    """The findings at points as rows (two of each instrument and outcome, the others counted), the rest as notes."""
    groups: dict[tuple[Road, str, Outcome], list[Evidence]] = {}
    for item in evidence:
        groups.setdefault((item.road, item.instrument, item.outcome), []).append(item)
    ordered = sorted(groups.values(), key=lambda items: _ORDER.index(items[0].outcome))
    rows: list[Row] = []
    notes: list[str] = []
    left_out = 0
    for items in ordered:
        if items[0].outcome is Outcome.PROVES:
            continue  # the derivation itself is shown
        if not any(item.lhs for item in items) or items[0].road in (Road.DERIVED, Road.CONTROL, Road.LEMMA):
            notes.append(_note(items))
        elif len(rows) + SHOWN_PER_GROUP > SHOWN_IN_ALL:
            left_out += len(items)
        else:
            rows.extend(_rows(items))
    if left_out:
        notes.append(f"{left_out} further findings are in the record.")
    return Table(tuple(rows), tuple(note for note in dict.fromkeys(notes) if note))


def _rows(items: Sequence[Evidence]) -> Iterable[Row]:
    """The two most telling findings of a group (the coarsest first), then how many more there are."""
    ranked = sorted(items, key=lambda item: -(item.resolution or 0.0))
    for item in ranked[:SHOWN_PER_GROUP]:
        yield Row(
            instrument=_named(item.instrument),
            where=place(item.at),
            lhs=figure(item.lhs),
            rhs=figure(item.rhs),
            resolution=resolution(item.resolution),
            time=_seconds(item.cost.get("seconds")),
            says=f"{_SAYS[item.outcome]} ({_WORTH[item.rigour]})",
        )
        if item.outcome is Outcome.AGREES and item.because and not item.because.startswith("lhs/rhs = "):
            yield Row(span=prose(spoken(shortened(item.because))))
    rest = ranked[SHOWN_PER_GROUP:]
    if rest:
        finest = min((item.resolution for item in rest if item.resolution is not None), default=None)
        more = f"{_named(items[0].instrument)} {_SAYS[items[0].outcome]} at {len(rest)} further point{'s' if len(rest) > 1 else ''}"
        seconds = sum(item.cost.get("seconds", 0.0) for item in rest)
        extra = [f"resolution down to {resolution(finest)}"] if finest is not None else []
        extra += [f"{_seconds(seconds)} s"] if seconds else []
        yield Row(span=more + (f" ({', '.join(extra)})" if extra else ""))


def _note(items: Sequence[Evidence]) -> str:
    """A sentence for findings without figures."""
    first = items[0]
    reasons = list(dict.fromkeys(item.because for item in items if item.because))
    if first.outcome is Outcome.REFUSED and first.road is Road.MEASURED and len(items) > 1:
        reasons = reasons[:1]
    what = "; ".join(prose(spoken(shortened(reason.rstrip(".")))) for reason in reasons[:3])
    what += f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    name = {Road.DERIVED: "Derivation", Road.CONTROL: "Controls", Road.LEMMA: f"Lemma {escape(first.instrument)}"}.get(first.road)
    name = name or _capital(_named(first.instrument or "measurement"))
    told = "" if first.road in (Road.CONTROL, Road.LEMMA) else f" {_SAYS[first.outcome]}"
    return f"{name}{told}{': ' + what if what else ''}."


def place(at: Mapping[str, str]) -> str:
    r"""A point as LaTeX that may be broken between its coordinates; matrices that a table cannot show are only named.

    >>> print(place({"q1": "3/2", "sigma_w": "1"}))
    $q_1 = 3/2$, $\sigma_w = 1$
    """
    if not at:
        return "---"
    matrices = {name: text for name, text in sorted(at.items()) if _size(text)}
    shown = dict(sorted(at.items()))
    if len(matrices) > 1 or any(exact(text) is None or text.count(",") > LARGEST_MATRIX for text in matrices.values()):
        shown = {name: text for name, text in shown.items() if name not in matrices}
    parts = [_coordinate(symbol_name(name), text) for name, text in shown.items()]
    if len(shown) < len(at):
        names = [f"${symbol_name(name)}$" for name in matrices]
        parts.append(f"{'matrices' if len(names) > 1 else 'a matrix'} {', '.join(names)}")
    return ", ".join(parts)


def full_place(at: Mapping[str, str]) -> list[str]:
    r"""A point for a counterexample: every coordinate exactly, as one formula that does not break."""
    return [_exactly(symbol_name(name), text) for name, text in sorted(at.items())]


def _exactly(name: str, text: str) -> str:
    formula = exact(text)
    if formula is not None:
        return f"\\fitinline{{{name} = {formula}}}"
    size = _size(text)
    return f"${name}$ the ${size}$ matrix in the records" if size else f"${name}$ = {prose(text)}"


def _size(text: str) -> str:
    """The size of a matrix written as nested lists; empty for anything else."""
    if not text.lstrip().startswith(("[[", "Matrix(")):
        return ""
    rows = text.count("[") - 1
    return f"{rows} \\times {text.count(',') // rows + 1 if rows and text.count('[') > 1 else 1}" if rows > 0 else ""


def _coordinate(name: str, text: str) -> str:
    """One coordinate for a table: a fraction on one line, a small matrix, or a value as it stands."""
    formula = exact(text)
    if formula is None:
        return f"${name} = {_words(text)}$"
    if _size(text):
        return f"\\fitinline{{{name} = {formula.replace('pmatrix', 'psmallmatrix')}}}"
    if "/" in text and text.replace("/", "").replace("-", "").isdigit():
        return f"${name} = {text if len(text) <= 14 else _decimal(text) + chr(92) + 'ldots'}$"
    return f"${name} = {formula}$"


def _decimal(fraction: str) -> str:
    above, below = (int(part) for part in fraction.split("/"))
    return f"{above / below:.9f}"


def _words(text: str) -> str:
    return f"\\text{{{escape(text if len(text) <= LONGEST_FORMULA else text[:LONGEST_FORMULA] + '...')}}}"


def figure(text: str) -> str:
    """A side's figure; a long text is cut."""
    return value(text) if len(text) <= 4 * LONGEST_FORMULA else prose(text[: 2 * LONGEST_FORMULA] + " ...")


def resolution(relative: float | None) -> str:
    r"""A relative error to two digits.

    >>> resolution(3e-16), resolution(0.05), resolution(None)
    ('$3 \\cdot 10^{-16}$', '$0.05$', '---')
    """
    if relative is None:
        return "---"
    return f"${number(f'{relative:.1e}'.replace('.0e', 'e'))}$" if 0 < relative < 0.01 else f"${relative:.2g}$"


def _seconds(seconds: float | None) -> str:
    if not seconds:
        return "---"
    if 2000 * seconds < 1:
        return "$<0.001$"
    return f"{seconds:.3f}" if seconds < 0.1 else f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"


def _named(name: str) -> str:
    """An instrument's name in words."""
    return escape(name.replace("_", " "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
