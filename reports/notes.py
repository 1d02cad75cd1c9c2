"""What stands below a table of evidence: domain, search, lemmas, controls and what declined, a line for each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lemmata.reports.prose import prose, shortened, spoken
from lemmata.theory.printing.notation import escape
from lemmata.verify.evidence import Evidence, Outcome, Road

SHOWN_SURVIVORS = 3
SHOWN_REASONS = 3
_PASSED = "would have passed: "
_TIGHTENED = re.compile(r"[^:]+: (?:largest|smallest) [^:]+ seen: (?P<seen>\S+); a bound tightened by (?P<by>\S+) past it is refuted")
_DECLARED = re.compile(r"(?P<what>the [a-z ]+ of )(?P<name>\w+)\((?P<at>.*)\) is at most (?P<bound>\S+) \(declared\)")

SAYS = {
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


def notes_of(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The findings without figures, a line a kind; all that declined is one line, and so are all controls."""
    groups: dict[tuple[Road, str, Outcome], list[Evidence]] = {}
    kept = (Road.CONTROL, Road.LEMMA)
    for item in evidence:
        if item.road not in kept and item.outcome not in (Outcome.PROVES, Outcome.REFUSED):
            groups.setdefault((item.road, item.instrument, item.outcome), []).append(item)
    notes = [_note(items) for items in groups.values()]
    notes.append(_lemmas([item for item in evidence if item.road is Road.LEMMA]))
    controls = [item for item in evidence if item.road is Road.CONTROL]
    notes.append(_controls([item for item in controls if not item.because.startswith(_PASSED)]))
    notes.append(_survivors([item for item in controls if item.because.startswith(_PASSED)]))
    notes.append(_declined([item for item in evidence if item.outcome is Outcome.REFUSED and item.road not in kept]))
    return tuple(note for note in dict.fromkeys(notes) if note)


def line(label: str, text: str) -> str:
    """A line below the table: what it is about, then what was found."""
    return f"\\textsl{{{label}}}: {text.rstrip('.')}." if text else f"\\textsl{{{label}}}."


def named(name: str) -> str:
    """An instrument's name in words."""
    return escape(name.replace("_", " "))


def _note(items: Sequence[Evidence]) -> str:
    """Findings of one instrument: its name alone where it agrees and says why, else with the outcome."""
    first = items[0]
    reasons = list(dict.fromkeys(item.because for item in items if item.because))
    name = "derivation" if first.road is Road.DERIVED else named(first.instrument or "measurement")
    said = "" if reasons and first.outcome is Outcome.AGREES else f" {SAYS[first.outcome]}"
    if len(items) > 1 and len(reasons) > 1:
        said += f" at {len(items)} points"
    return line(_capital(name) + said, _joined(reasons))


def _joined(reasons: Sequence[str]) -> str:
    text = "; ".join(_said(reason) for reason in reasons[:SHOWN_REASONS])
    return text + (f"; and {len(reasons) - SHOWN_REASONS} more" if len(reasons) > SHOWN_REASONS else "")


def _said(reason: str) -> str:
    return prose(spoken(shortened(reason.rstrip("."))))


def _lemmas(items: Sequence[Evidence]) -> str:
    told = [_said(item.because or f"uses {item.instrument}").removeprefix("uses ") for item in items]
    return line("Uses", "; ".join(dict.fromkeys(told))) if told else ""


def _controls(items: Sequence[Evidence]) -> str:
    """All instruments together first, then what each alone would have caught."""
    together = [item for item in items if item.instrument == "controls"]
    alone = [item for item in items if item.instrument != "controls"]
    text = "; ".join(_said(item.because or SAYS[item.outcome]) for item in together)
    singly = [said for said in dict.fromkeys(_alone(item) for item in alone) if said]
    if not (text or singly):
        return ""
    blind = " blind" if any(item.outcome is Outcome.BLIND for item in together) else ""
    return line(f"Controls{blind}", ". ".join(part for part in (text, _capital("; ".join(singly))) if part))


def _alone(item: Evidence) -> str:
    """One instrument: how many copies it refutes by itself, where its cost counts them; else its reason.

    Of an inequality: the extreme that it saw and by how much a bound past that is tightened when it refutes it.
    """
    if item.because.startswith(f"{item.instrument} alone refutes") and {"altered", "caught"} <= set(item.cost):
        small = item.cost.get("small", 0)
        less = f" ({small:.0f} differ by less than it can see)" if small else ""
        return f"{named(item.instrument)} alone refutes {item.cost['caught']:.0f} of {item.cost['altered']:.0f}{less}"
    if match := _TIGHTENED.fullmatch(item.because):
        return f"{named(item.instrument)} alone: {_said(match['seen'])}, tightened by {_said(match['by'])}"
    return _said(item.because)


def _survivors(items: Sequence[Evidence]) -> str:
    """The altered copies that would have passed, by what was altered; their formulas are in the record."""
    groups: dict[str, list[str]] = {}
    for item in items:
        told = item.because.removeprefix(_PASSED)
        why = "below the resolution" if told.endswith("(below the resolution)") else ""
        groups.setdefault(why, []).append(re.sub(r"(?<=\d) ([-+]) (?=\d)", r"\1", told.partition(": ")[0]))
    parts = []
    for why, names in groups.items():
        counted = [f"{name} ({names.count(name)} times)" if names.count(name) > 1 else name for name in dict.fromkeys(names)]
        more = f" and {len(counted) - SHOWN_SURVIVORS} more" if len(counted) > SHOWN_SURVIVORS else ""
        parts.append(", ".join(_altered(name) for name in counted[:SHOWN_SURVIVORS]) + more + (f" ({why})" if why else ""))
    return line("Would have passed", "; ".join(parts)) if parts else ""


def _altered(name: str) -> str:
    """What was altered; factors such as 1+1/128 do not break."""
    marked = re.sub(r"\b(\d+)([-+])(\d+/\d+)", r"$\1 \2 \3$", name)
    return prose(marked)


def _declined(items: Sequence[Evidence]) -> str:
    """Each instrument once, with its first reason, however many points it declined."""
    reasons: dict[str, list[str]] = {}
    for item in items:
        reasons.setdefault("derivation" if item.road is Road.DERIVED else item.instrument or "measurement", []).append(item.because)
    told = []
    for name, said in reasons.items():
        first = next((reason for reason in said if reason), "")
        told.append(named(name) + (f" ({_said(first)})" if first else ""))
    return line("Declined", "; ".join(told)) if told else ""


def granted(assumes: Sequence[str]) -> tuple[str, ...]:
    """What is taken for granted, once: a bound declared at several points is one sentence with its range.

    >>> granted(["the second moment of f(1, 2) is at most 5 (declared)", "the second moment of f(3, 4) is at most 7 (declared)"])
    ('the second moment of f is at most 5 to 7 at the 2 points (declared)',)
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for sentence in dict.fromkeys(assumes):
        match = _DECLARED.fullmatch(sentence)
        key = f"{match['what']}{match['name'].replace('_', '-')}" if match else sentence
        groups.setdefault(key, []).append((match["bound"] if match else "", sentence))
    told = []
    for key, found in groups.items():
        bounds = sorted((bound for bound, _ in found), key=_size)
        several = f"{key} is at most {bounds[0]} to {bounds[-1]} at the {len(found)} points (declared)"
        told.append(several if len(found) > 1 else found[0][1])
    return tuple(told)


def _size(bound: str) -> float:
    return float(bound) if bound else 0.0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
