"""The instruments: one a file, each registered here by the name of its module; third parties through entry points."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from lemmata.numerics.measurement import Instrument, Refusal


@cache
def all_instruments() -> tuple[Instrument, ...]:
    """Every instrument, from cheap to dear: the module attribute `INSTRUMENT` of each file here, then entry points."""
    found: list[Instrument] = []
    for module in pkgutil.iter_modules(__path__):
        instrument = getattr(import_module(f"{__name__}.{module.name}"), "INSTRUMENT", None)
        if instrument is not None:
            found.append(instrument)
    found.extend(entry.load() for entry in entry_points(group="lemmata.instruments"))
    return tuple(sorted(found, key=lambda instrument: (instrument.cost, instrument.name)))


def instruments_for(quantity: Any) -> tuple[list[Instrument], list[tuple[Instrument, Refusal]]]:
    """The instruments that can try this quantity, and those of its kind that decline, with their reasons."""
    willing: list[Instrument] = []
    declined: list[tuple[Instrument, Refusal]] = []
    for instrument in all_instruments():
        if instrument.kinds and not isinstance(quantity, instrument.kinds):
            continue
        refusal = instrument.supports(quantity)
        if refusal is None:
            willing.append(instrument)
        else:
            declined.append((instrument, refusal))
    return willing, declined
