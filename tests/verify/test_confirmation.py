"""Floating point refutes only when another road confirms it: an instrument that errs may not confirm itself."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Le, Rational, Symbol

from lemmata.numerics.instruments import descent_balls, descent_runs
from lemmata.numerics.measurement import Approx, Measurement, Refusal
from lemmata.theory import descent
from lemmata.verify import Claim, check
from lemmata.verify.evidence import Outcome, Verdict

w = Symbol("w", real=True)


def test_a_batch_does_not_confirm_its_own_instrument(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same wrong instrument measures the one point there is twice, point by point and in a batch, and repeats itself when asked."""

    def wrong(value: float, error: float, lost: int, settled: bool) -> Measurement:
        return Approx(1.542, 2.0**-40, "wrong")

    def refused(*_: Any, **__: Any) -> Measurement:
        return Refusal("out of order")

    monkeypatch.setattr(descent_runs, "_answer", wrong)
    monkeypatch.setattr(descent_balls.DescentBalls, "measure", refused)
    reached = descent((w - 2) ** 4, {w: 1}, Rational(1, 10))[3, w]
    record = check(Claim("true", Le(reached, Rational(1541, 1000))))
    against = [item for item in record.evidence if item.outcome is Outcome.DISAGREES]
    assert len(against) >= 2
    assert record.verdict is Verdict.INCONCLUSIVE
