"""The evidence of one claim as a table that a page can hold: findings of one kind merged, the rest counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context

from lemmata.reports.exact import exact, number
from lemmata.reports.notes import SAYS, line, named, notes_of
from lemmata.reports.prose import LARGEST_MATRIX, prose, shortened, spoken, value
from lemmata.theory.printing.notation import escape, symbol_name
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

SHOWN_GROUPS = 8
LONGEST_FORMULA = 60

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
_WORTH = {
    Rigour.EXACT: "exact",
    Rigour.RIGOROUS: "rigorous",
    Rigour.STATISTICAL: "statistical",
    Rigour.FLOATING: "floating point",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as LaTeX; a row with `span` is one sentence across the columns, a `head` one begins a group."""

    where: str = ""
    lhs: str = ""
    rhs: str = ""
    resolution: str = ""
    span: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one claim and what stands below them."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def table_of(evidence: Sequence[Evidence]) -> Table:
    """The findings at points, a group of rows for each instrument and outcome; the rest as notes."""
    groups: dict[tuple[Road, str, Outcome, Rigour], list[Evidence]] = {}
    code: dict[str, list[Evidence]] = {}
    others: list[Evidence] = []
    for item in evidence:
        if item.outcome is Outcome.PROVES:
            continue  # the derivation itself is shown
        if item.road is Road.COMPILED and item.outcome is Outcome.AGREES:
            code.setdefault(item.instrument, []).append(item)
        elif item.lhs and item.road not in (Road.DERIVED, Road.CONTROL, Road.LEMMA):
            groups.setdefault((item.road, item.instrument, item.outcome, item.rigour), []).append(item)
        else:
            others.append(item)
    ordered = sorted(groups.values(), key=lambda items: _ORDER.index(items[0].outcome))
    rows = [row for items in ordered[:SHOWN_GROUPS] for row in _rows(items)]
    left_out = sum(len(items) for items in ordered[SHOWN_GROUPS:])
    notes = [*notes_of(others)]
    if code:
        notes.insert(0, _code(code))
    if left_out:
        notes.append(f"{left_out} further findings are in the record.")
    return Table(tuple(rows), tuple(notes))


def _rows(items: Sequence[Evidence]) -> Iterable[Row]:
    """What one instrument found, in one sentence, and the finding that sees least; of what disagrees, two."""
    ranked = sorted(items, key=lambda item: -(item.resolution or 0.0))
    first = ranked[0]
    shown = ranked[: 2 if first.outcome in (Outcome.DISAGREES, Outcome.LACKING) else 1]
    yield Row(span=_heading(ranked, len(shown)), head=True)
    for item in shown:
        yield Row(where=place(item.at), lhs=figure(item.lhs), rhs=figure(item.rhs), resolution=resolution(item.resolution))
        if item.outcome is Outcome.AGREES and item.because and not item.because.startswith("lhs/rhs = "):
            yield Row(span=f"\\hspace{{1em}}{prose(spoken(shortened(item.because)))}")


def _heading(ranked: Sequence[Evidence], shown: int) -> str:
    """Instrument, outcome, rigour, how many points, and what they cost together."""
    first = ranked[0]
    text = f"\\textsl{{{named(first.instrument)}}} {SAYS[first.outcome]} ({_WORTH[first.rigour]})"
    if len(ranked) > 1:
        text += f" at {len(ranked)} points"
        finest = min((item.resolution for item in ranked if item.resolution is not None), default=None)
        if finest and first.outcome is Outcome.AGREES and resolution(finest) != resolution(first.resolution):
            text += f", the coarsest shown, the finest sees {resolution(finest)}"
        elif shown < len(ranked):
            text += f", {'one' if shown == 1 else 'two'} shown"
    seconds = sum(item.cost.get("seconds") or 0.0 for item in ranked)
    samples = sum(item.cost.get("samples") or 0.0 for item in ranked)
    spent = [f"${number(_rough(samples))}$ samples"] if samples else []
    spent += [f"{_seconds(seconds)} s"] if seconds else []
    return text + (f"; {', '.join(spent)}" if spent else "")


def _rough(count: float) -> str:
    """A number of samples for the eye.

    >>> _rough(8192.0), _rough(6291456.0)
    ('8192', '6.3e6')
    """
    if count < 100_000:
        return f"{count:.0f}"
    mantissa, _, power = f"{count:.1e}".partition("e")
    return f"{mantissa}e{int(power)}"


def _code(found: Mapping[str, Sequence[Evidence]]) -> str:
    """Generated code that agrees with the enclosures, in one line."""
    coarsest = max((item.resolution or 0.0 for items in found.values() for item in items), default=0.0)
    points = max(len(items) for items in found.values())
    at = f"at {points} points" if points > 1 else "at one point"
    seen = f" (an error of {resolution(coarsest)} would show)" if coarsest else ""
    names = " and ".join(name.removesuffix(" code") for name in map(named, found))
    return line("Generated code", f"{names} {'agree' if len(found) > 1 else 'agrees'} {at}{seen}")


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
    r"""A relative error to two digits, rounded up: what is smaller was not promised.

    >>> resolution(1.02e-16), resolution(0.05), resolution(None)
    ('$1.1 \\cdot 10^{-16}$', '$0.05$', '---')
    """
    if relative is None or relative - relative != 0:
        return "---"
    digits = Context(prec=2, rounding=ROUND_CEILING).create_decimal(repr(float(relative)))
    return f"${number(f'{digits:.1e}'.replace('.0e', 'e'))}$" if 0 < relative < 0.01 else f"${float(digits):.2g}$"


def _seconds(seconds: float | None) -> str:
    if not seconds:
        return "---"
    if 2000 * seconds < 1:
        return "$<0.001$"
    return f"{seconds:.3f}" if seconds < 0.1 else f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"
