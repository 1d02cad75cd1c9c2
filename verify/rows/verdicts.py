"""The verdicts of the last run of the register that this folder knows of, for a table that judges nothing itself."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import replace

from lemmata.numerics.budget import BUDGETS
from lemmata.verify.state import records_of


class NoVerdicts(ValueError):
    """A document that holds no verdicts; one sentence, with what to do."""


def verdicts_of(document: str) -> dict[str, str]:
    """Names and verdicts from what `lemmata verify --json FILE` wrote; raises NoVerdicts for anything else."""
    try:
        with open(document, encoding="utf-8") as stream:
            claims = json.load(stream)["claims"]
        return {claim["name"]: claim["verdict"] for claim in claims}
    except OSError as error:
        raise NoVerdicts(f"cannot read {document}: {error.strerror}; write one with: lemmata verify --json {document}") from None
    except (ValueError, KeyError, TypeError):
        raise NoVerdicts(f"{document} holds no verdicts: write one with: lemmata verify --json {document}") from None


def last_verdicts() -> Mapping[str, str]:
    """Names and verdicts of the last `lemmata verify` of the whole register in this folder, with any budget."""
    places = [
        records_of("verify", (), replace(budget, device=device)) for budget, device in itertools.product(BUDGETS.values(), ("cpu", "cuda"))
    ]
    there = [place for place in places if os.path.isfile(place)]
    return _recorded(max(there, key=os.path.getmtime)) if there else {}


def _recorded(place: str) -> dict[str, str]:
    """What the whole lines of a record file say; a line that a running command has not ended yet is left out."""
    found: dict[str, str] = {}
    with open(place, encoding="utf-8") as stream:
        for line in stream.readlines()[1:]:
            if line.endswith("\n"):
                record = json.loads(line)["record"]
                found[record["name"]] = record["verdict"]
    return found
