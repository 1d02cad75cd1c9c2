"""Runs of gradient descent and gradient flow, many starts in one batch, with their error estimates."""

from lemmata.theory.lazy import face

_HOMES = {
    "BatchLoss": ".batch_loss",
    "End": ".table",
    "Table": ".table",
    "module_loss": ".modules",
    "runs": ".table",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
