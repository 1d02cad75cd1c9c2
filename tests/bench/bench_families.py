"""One claim of each family of the register, judged in this process with the quick budget."""

from __future__ import annotations

from typing import Any

import pytest


def one_of_each_topic() -> list[Any]:
    """The first claim of each file of the register."""
    from lemmata.verify.discover import register

    first: dict[str, Any] = {}
    for claim in register():
        first.setdefault(claim.file, claim)
    return list(first.values())


@pytest.mark.parametrize("claim", one_of_each_topic(), ids=lambda claim: claim.name)
def test_judging_one_claim(benchmark: Any, claim: Any) -> None:
    from lemmata.verify import check

    record = benchmark.pedantic(check, args=(claim,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["verdict"] = record.verdict.value
