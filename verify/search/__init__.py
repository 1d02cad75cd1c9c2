"""The search of a domain for counterexamples, and for where an inequality is tightest. Names are imported on first use."""

from lemmata.theory.lazy import face

_HOMES = {
    "Search": ".searching",
    "Tightness": ".tightness",
    "batch_evidence": ".batch",
    "long_run_evidence": ".long_runs",
    "search_evidence": ".searching",
    "tightest": ".searching",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
