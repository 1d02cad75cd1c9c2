"""The set over which a statement is claimed: symbols, hypotheses, exact points."""

from lemmata.theory.domain.domain import Domain

__all__ = ["Domain"]
