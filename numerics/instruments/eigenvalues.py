"""Spectral radii from the eigenvalues that LAPACK finds: another road to the number that balls enclose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.spectral_radii import SpectralRadius

BACKWARD = 8
"""The eigenvalues found are those of a matrix that differs by a small multiple of n units in the last place of its norm."""


class Eigenvalues(Instrument):
    r"""The largest modulus among `numpy.linalg.eigvals`, with Elsner's bound on what rounding may move it.

    $$|\rho(A) - \rho(B)| \le (\|A\| + \|B\|)^{1 - 1/n}\, \|A - B\|^{1/n}$$

    Source: Elsner (1985), An optimal bound for the spectral variation of two matrices, theorem 1.
    """

    name: ClassVar[str] = "eigenvalues"
    cost: ClassVar[int] = 2
    kinds: ClassVar[tuple[type, ...]] = (SpectralRadius,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it measures spectral radii only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            entries = [[float(enclose(entry, at).mid()) for entry in row] for row in quantity.matrix.tolist()]
            found = np.linalg.eigvals(np.array(entries))
        except FAILURES as error:  # LinAlgError is a ValueError
            return Refusal(error.reason if isinstance(error, CannotEvaluate) else f"the eigenvalues were not found: {error}")
        if not np.isfinite(found).all():
            return Refusal("an entry of the matrix is not finite here")
        n, norm = len(entries), float(np.linalg.norm(entries))
        moved = BACKWARD * n * np.finfo(float).eps * norm
        shift = float((2 * norm + moved) ** (1 - 1 / n) * moved ** (1 / n))
        return Approx(float(np.abs(found).max()), shift, "Elsner's bound on what rounding moves eigenvalues")


INSTRUMENT = Eigenvalues()
