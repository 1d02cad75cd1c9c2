"""Certificates over whole ranges of correlations: the ReLU kernel on [-1, 1] to ten places (aim: 5 s), and a smooth kernel."""

from __future__ import annotations

from typing import Any

import pytest


def kernels() -> dict[str, Any]:
    """Statements and the eps that has to be reached with the quick budget."""
    import sympy as sp
    from sympy.stats import Expectation

    from lemmata.theory.activations import erf_, relu
    from lemmata.theory.gaussian import gaussian_pair

    c = sp.Symbol("c", real=True)
    q1, q2 = sp.symbols("q_1 q_2", positive=True)
    unit = [sp.Ge(c, -1), sp.Le(c, 1)]
    u, v = gaussian_pair(q1, q2, c)
    s, t = gaussian_pair(1, 1, c)
    relu_form = sp.sqrt(q1 * q2) * (sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / (2 * sp.pi)
    return {
        "relu": (sp.Eq(Expectation(relu(u) * relu(v)), relu_form), unit, 1e-10),
        "erf": (sp.Eq(Expectation(erf_(s) * erf_(t)), 2 / sp.pi * sp.asin(2 * c / 3)), unit, 1e-8),
    }


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_certifying_a_kernel_on_its_whole_range(benchmark: Any, name: str) -> None:
    from lemmata.numerics.budget import Budget
    from lemmata.verify import Claim
    from lemmata.verify.certify.kernels import kernel_certificate

    statement, given, eps = kernels()[name]
    found = benchmark.pedantic(lambda: kernel_certificate(Claim(name, statement, given=given), Budget()), rounds=3, warmup_rounds=1)
    assert found is not None and found.resolution is not None and found.resolution <= eps
    benchmark.extra_info["eps"] = found.resolution
    benchmark.extra_info["integrals"] = found.cost["integrals"]
