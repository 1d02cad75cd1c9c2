"""Records: all that is known about one judged claim, as plain JSON from which a report is rebuilt without recomputing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.verify.evidence import Evidence, Verdict

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a derivation, printed: the rule, both sides in LaTeX, the link, the reason, what it assumes.

    `plain_before` and `plain_after` are the two sides for a terminal.
    """

    rule: str
    link: str
    before: str
    after: str
    because: str
    assumes: tuple[str, ...] = ()
    source: str = ""
    plain_before: str = ""
    plain_after: str = ""


@dataclass(frozen=True)
class Record:
    """A judged claim.

    `expect` is what the claim's author expects (None or "refuted"); `as_expected` whether the verdict is that;
    `statement`, `lhs`, `rhs` and `given` are LaTeX; `text` is the statement as SymPy prints it.
    `derivation` is () where no road was derived; `assumes` lists theorems and hypotheses taken for granted.
    `counterexample` is None or {"at": {...}, "lhs": ..., "rhs": ..., "rigour": ...}.
    `environment` holds seed, budget, device and versions; `seconds` the time the claim took.
    """

    name: str
    verdict: Verdict
    because: str
    expect: str | None = None
    text: str = ""
    statement: str = ""
    lhs: str = ""
    rhs: str = ""
    given: tuple[str, ...] = ()
    about: str = ""
    source_key: str = ""
    source_locus: str = ""
    file: str = ""
    line: int = 0
    uses: tuple[str, ...] = ()
    derivation: tuple[StepRecord, ...] = ()
    assumes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    counterexample: Mapping[str, Any] | None = None
    conflict: str = ""
    resolution: float | None = None
    survivors: tuple[str, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that lets a run pass."""
        return self.verdict is Verdict.REFUTED if self.expect == "refuted" else self.verdict.holds

    def to_json(self) -> dict[str, Any]:
        """Plain data; the first six keys are the public schema."""
        data: dict[str, Any] = {
            "name": self.name,
            "verdict": self.verdict.value,
            "expected": self.expect,
            "counterexample": None if self.counterexample is None else dict(self.counterexample),
            "resolution": self.resolution,
            "evidence": [item.to_json() for item in self.evidence],
            "as_expected": self.as_expected,
            "because": self.because,
            "text": self.text,
            "statement": self.statement,
            "lhs": self.lhs,
            "rhs": self.rhs,
            "given": list(self.given),
            "about": self.about,
            "source_key": self.source_key,
            "source_locus": self.source_locus,
            "file": self.file,
            "line": self.line,
            "uses": list(self.uses),
            "derivation": [
                {slot: (list(value) if isinstance(value := getattr(step, slot), tuple) else value) for slot in StepRecord.__slots__}
                for step in self.derivation
            ],
            "assumes": list(self.assumes),
            "conflict": self.conflict,
            "survivors": list(self.survivors),
            "environment": dict(self.environment),
            "seconds": self.seconds,
        }
        data["digest"] = digest(data)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """The inverse of `to_json`; raises KeyError where a key is missing."""
        return cls(
            name=data["name"],
            verdict=Verdict(data["verdict"]),
            because=data["because"],
            expect=data["expected"],
            text=data["text"],
            statement=data["statement"],
            lhs=data["lhs"],
            rhs=data["rhs"],
            given=tuple(data["given"]),
            about=data["about"],
            source_key=data["source_key"],
            source_locus=data["source_locus"],
            file=data["file"],
            line=data["line"],
            uses=tuple(data["uses"]),
            derivation=tuple(StepRecord(**{**step, "assumes": tuple(step["assumes"])}) for step in data["derivation"]),
            assumes=tuple(data["assumes"]),
            evidence=tuple(Evidence.from_json(item) for item in data["evidence"]),
            counterexample=data["counterexample"],
            conflict=data["conflict"],
            resolution=data["resolution"],
            survivors=tuple(data["survivors"]),
            environment=data["environment"],
            seconds=data["seconds"],
        )


class RecordFault(ValueError):
    """Data that is no record: what is missing or of the wrong kind."""


_KINDS: dict[type, tuple[str, ...]] = {
    str: ("name", "verdict", "because", "text", "statement", "lhs", "rhs", "about", "source_key", "source_locus", "file", "conflict"),
    list: ("given", "uses", "derivation", "assumes", "evidence", "survivors"),
    int: ("line",),
    dict: ("environment",),
}


def read_record(data: Any) -> Record:
    """A record from data that may be anything; raises RecordFault with what is wrong with it.

    >>> read_record({"name": "a"})
    Traceback (most recent call last):
    lemmata.verify.record.RecordFault: the key 'verdict' is missing
    """
    if not isinstance(data, Mapping):
        raise RecordFault(f"a record is an object with keys, not {type(data).__name__}")
    for kind, keys in _KINDS.items():
        for key in keys:
            if key not in data:
                raise RecordFault(f"the key {key!r} is missing")
            if not isinstance(data[key], kind):
                raise RecordFault(f"{key} is {kind.__name__}, not {type(data[key]).__name__}")
    try:
        return Record.from_json(data)
    except KeyError as error:
        raise RecordFault(f"the key {error} is missing") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise RecordFault(str(error)) from None


def digest(data: Mapping[str, Any]) -> str:
    """A hash of what was found (times and the machine left out), equal for two runs that found the same."""
    stable = {key: value for key, value in data.items() if key not in {"seconds", "environment", "digest", "file", "line"}}
    stable["evidence"] = [{key: value for key, value in item.items() if key != "cost"} for item in data["evidence"]]
    return hashlib.blake2b(json.dumps(stable, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def to_document(records: list[Record]) -> dict[str, Any]:
    """What `--json` writes."""
    return {"schema": SCHEMA, "claims": [record.to_json() for record in records]}
