"""What every worker needs, imported once: workers are forked from the process that imported this.

A module that cannot be imported is noted, not raised: the claims that need it will say so by themselves.
"""

from __future__ import annotations

from importlib import import_module

FAILURES: dict[str, str] = {}


def _import(name: str) -> None:
    try:
        import_module(name)
    except Exception as error:  # the server of processes would end here, and every claim with it
        FAILURES[name] = f"{type(error).__name__}: {error}"


for _name in (
    "sympy.stats",
    "torch",
    "flint",
    "lemmata.verify.discover",
    "lemmata.verify.judge",
    "lemmata.verify.measure",
    "lemmata.verify.compiled",
    "lemmata.verify.controls",
    "lemmata.verify.certify",
    "lemmata.verify.search",
    "lemmata.verify.derive",
    "lemmata.verify.recording",
    "lemmata.theory.automatic",
):
    _import(_name)
