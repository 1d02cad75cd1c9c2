"""Evidence: what one road or instrument found about one claim at one place; and the five verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    """The five words a claim may end in."""

    PROVED = "proved"
    CERTIFIED = "certified"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"

    @property
    def holds(self) -> bool:
        return self in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)


class Road(Enum):
    """Where evidence comes from."""

    STATED = "stated"
    DERIVED = "derived"
    COMPILED = "compiled"
    MEASURED = "measured"
    SEARCHED = "searched"
    CONTROL = "control"
    LEMMA = "lemma"


class Outcome(Enum):
    """What the evidence says."""

    PROVES = "proves"
    CERTIFIES = "certifies"
    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNDECIDED = "undecided"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"
    VACUOUS = "vacuous"
    LACKING = "no value"
    BLIND = "blind"
    CAUGHT = "caught"


class Rigour(Enum):
    """How much a comparison is worth: exact algebra, disjoint or overlapping balls, an error rate, floating point."""

    EXACT = "exact"
    RIGOROUS = "rigorous"
    STATISTICAL = "statistical"
    FLOATING = "floating"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding.

    at          the point, symbol name to exact value as text ("" keys never occur; empty when there is no free symbol)
    lhs, rhs    both sides there, printed with as many digits as are known
    resolution  the smallest relative error (absolute where the truth is 0) that would have been caught here
    cost        what was spent: {"seconds": ..., "samples": ..., "digits": ...}
    because     one sentence
    """

    road: Road
    instrument: str
    outcome: Outcome
    rigour: Rigour
    because: str = ""
    at: Mapping[str, str] = field(default_factory=dict)
    lhs: str = ""
    rhs: str = ""
    resolution: float | None = None
    cost: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as written into records."""
        return {
            "road": self.road.value,
            "instrument": self.instrument,
            "outcome": self.outcome.value,
            "rigour": self.rigour.value,
            "because": self.because,
            "at": dict(self.at),
            "lhs": self.lhs,
            "rhs": self.rhs,
            "resolution": self.resolution,
            "cost": dict(self.cost),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """The inverse of `to_json`."""
        return cls(
            road=Road(data["road"]),
            instrument=data["instrument"],
            outcome=Outcome(data["outcome"]),
            rigour=Rigour(data["rigour"]),
            because=data["because"],
            at=data["at"],
            lhs=data["lhs"],
            rhs=data["rhs"],
            resolution=data["resolution"],
            cost=data["cost"],
        )
