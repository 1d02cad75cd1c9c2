"""What evaluation raises when an expression has no value that can be computed."""

from __future__ import annotations


class CannotEvaluate(Exception):
    """An expression cannot be evaluated; `reason` names what was met and what would help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Undecided(CannotEvaluate):
    """Not at this working precision: the balls are too wide to tell; a higher precision may."""
