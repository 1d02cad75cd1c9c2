"""The JSON document behind a report: records, and the data of the figures, so that it is rebuilt without running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.verify.record import SCHEMA, Record, RecordFault, read_record, to_document


@dataclass(frozen=True)
class Stored:
    """What a report is made of: records, figure name to its plain data, sentences about what is missing, faults of files."""

    records: tuple[Record, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: tuple[Mapping[str, Any], ...] = ()


def to_json(stored: Stored) -> str:
    """The document as text: what `lemmata verify --json` writes, and `figures` and `notes` beside the claims."""
    data = to_document(list(stored.records))
    data["problems"] = list(stored.problems)
    data["figures"] = dict(stored.figures)
    data["notes"] = list(stored.notes)
    return json.dumps(finite(data), indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def finite(value: Any) -> Any:
    """The same data with null where a number is not finite: JSON has no infinity.

    >>> finite({"a": [1.0, float("inf")]})
    {'a': [1.0, None]}
    """
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, (list, tuple)) else value


def write_document(path: str, stored: Stored) -> None:
    """Write the document; raises Mistake where the file cannot be written."""
    from lemmata.verify.options import Mistake

    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(to_json(stored))
    except OSError as error:
        raise Mistake(f"cannot write {path}: {error.strerror}; make room or name another file") from None


def read_document(path: str) -> Stored:
    """The records and figure data of a document that `--json` wrote; raises Mistake with what is wrong with the file."""
    from lemmata.verify.options import Mistake

    try:
        with open(path, encoding="utf-8") as stream:
            data = json.load(stream)
    except OSError as error:
        raise Mistake(f"cannot read {path}: {error.strerror}; give a file that --json wrote") from None
    except (ValueError, RecursionError) as error:
        raise Mistake(f"{path} is not JSON ({error}); give a file that --json wrote") from None
    if not isinstance(data, dict) or not isinstance(data.get("claims"), list):
        raise Mistake(f"{path} holds no claims; give a file that --json wrote")
    if data.get("schema") != SCHEMA:
        raise Mistake(f"{path} has schema {data.get('schema')!r} and this version reads {SCHEMA}; judge the claims anew")
    records = []
    for number, claim in enumerate(data["claims"], start=1):
        try:
            records.append(read_record(claim))
        except RecordFault as error:
            name = claim.get("name", number) if isinstance(claim, dict) else number
            raise Mistake(f"{path} holds a claim that cannot be read ({name}: {error}); judge the claims anew") from None
    kinds = {"figures": dict, "notes": list, "problems": list}
    wrong = next((key for key, kind in kinds.items() if not isinstance(data.get(key) or kind(), kind)), None)
    if wrong is not None:
        raise Mistake(f"{path}: {wrong} is {type(data[wrong]).__name__}, not {kinds[wrong].__name__}; judge the claims anew")
    return Stored(tuple(records), data.get("figures") or {}, tuple(data.get("notes") or ()), tuple(data.get("problems") or ()))
