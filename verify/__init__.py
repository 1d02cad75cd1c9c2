"""Judgement: claims, evidence, verdicts, and the commands that run them. Names are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Claim": "lemmata.verify.claim",
    "ClaimError": "lemmata.verify.claim",
    "Relation": "lemmata.verify.claim",
    "Evidence": "lemmata.verify.evidence",
    "Verdict": "lemmata.verify.evidence",
    "Record": "lemmata.verify.record",
    "Source": "lemmata.theory.source",
    "experiment": "lemmata.theory.experiment",
    "check": "lemmata.verify.checking",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
