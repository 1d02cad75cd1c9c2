"""The exact certificate of gradient descent's worst case for 50 gradients (aim: 2 s), in Q(sqrt 3) and in Q(M, alpha, s)."""

from __future__ import annotations

from typing import Any

import pytest


def fields() -> dict[str, Any]:
    """M, the step and the sum of multipliers: rational numbers, numbers of Q(sqrt 3), symbols."""
    import sympy as sp

    best = 2 / sp.sqrt(3)
    return {"Q": (sp.S.One,) * 3, "Q(sqrt 3)": (sp.S.One, best, best), "Q(M, alpha, s)": sp.symbols("M alpha s", positive=True)}


@pytest.mark.parametrize("field", ["Q", "Q(sqrt 3)", "Q(M, alpha, s)"])
def test_verifying_the_certificate_for_fifty_gradients(benchmark: Any, field: str) -> None:
    from lemmata.theory.exact.order import sign
    from lemmata.theory.interpolation import in_a_field, one_step, telescoped

    def verify() -> Any:
        (constant, step, total), back = in_a_field(*fields()[field])
        found = telescoped(50, one_step(constant, step, total))
        found.verify(lambda value: bool(back(value).free_symbols) or sign(back(value)) in (0, 1))
        return back(found.total)

    benchmark.extra_info["weights"] = str(benchmark.pedantic(verify, rounds=3, warmup_rounds=1))


def test_deriving_the_worst_case_for_every_number_of_gradients(benchmark: Any) -> None:
    import sympy as sp

    from lemmata.theory.derivation import Derivation
    from lemmata.theory.domain import Domain
    from lemmata.theory.rules.worst_case_lower import least_gradient_exactly
    from lemmata.theory.worst_cases import Smooth, worst_case

    M, Delta = sp.symbols("M Delta", positive=True)
    N = sp.Symbol("N", integer=True, positive=True)
    node = worst_case(Smooth(M), 1 / M, excess=Delta).least[N, "gradient"]
    found = benchmark(lambda: Derivation(node, Domain((M, Delta, N))).by(least_gradient_exactly))
    benchmark.extra_info["bound"] = str(found.end)
