"""Judgement: claims, evidence, verdicts, and the commands that run them. Names are imported on first use."""

from lemmata.theory.lazy import face

_HOMES = {
    "Claim": ".claim",
    "ClaimError": ".claim",
    "Evidence": ".evidence",
    "Record": ".record",
    "Relation": ".claim",
    "Source": "lemmata.theory.source",
    "Verdict": ".evidence",
    "check": ".checking",
    "experiment": "lemmata.theory.experiments",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
