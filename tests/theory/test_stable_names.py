"""Names of users' functions: told apart where they differ, the same where a file is imported again."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lemmata.theory.computed_loss import loss
from lemmata.theory.experiments import experiment
from lemmata.theory.stable_names import stable_name


def registered(*functions: Callable[..., Any]) -> list[str]:
    known: dict[str, Any] = {}
    names = []
    for function in functions:
        names.append(stable_name(function, known))
        known[names[-1]] = SimpleNamespace(function=function)
    return names


def test_lambdas_of_one_file_are_told_apart() -> None:
    names = registered(lambda w: w, lambda w: 2 * w, lambda w: w)
    assert names[0] == names[2] != names[1]


def test_one_definition_with_other_values_is_another_function() -> None:
    def power(k: int) -> Callable[[float], float]:
        return lambda w: w**k

    by_closure = registered(*(power(k) for k in (1, 2, 3, 2)))
    assert len(set(by_closure)) == 3 and by_closure[1] == by_closure[3]
    by_default = registered(*((lambda w, k=k: w**k) for k in (1, 2, 3)))
    assert len(set(by_default)) == 3


def test_functions_that_differ_only_in_objects_cannot_share_a_name() -> None:
    def over(data: list[int]) -> Callable[[float], float]:
        return lambda w: w + sum(data)

    with pytest.raises(ValueError, match="differ only in objects that they close over: give each a name of its own"):
        registered(*(over([k]) for k in range(4)))


def test_a_redefinition_is_another_loss_and_the_first_one_stays() -> None:
    first = loss(lambda w: w * w)
    second = loss(lambda w: w * w * w)
    assert first.key != second.key
    assert first(1).loss().function(3) == 9 and second(1).loss().function(3) == 27
    one = experiment(lambda *, size, rng, device: 1)
    other = experiment(lambda *, size, rng, device: 2)
    assert one() != other() and one().experiment() is one


FILE = """
from lemmata.theory.computed_loss import loss
made = [loss(lambda w, k=k: w**k) for k in range(3)] + [loss(lambda w: -w)]
print([one.key for one in made])
"""


def test_names_are_the_same_in_every_process_and_after_a_second_import(tmp_path: Path) -> None:
    path = tmp_path / "some_losses.py"
    path.write_text(FILE)

    def imported() -> list[str]:
        spec = importlib.util.spec_from_file_location("some_losses", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["some_losses"] = module
        spec.loader.exec_module(module)
        return [one.key for one in module.made]

    names = imported()
    assert len(set(names)) == 4 and imported() == names
    run = "import importlib.util, sys; s = importlib.util.spec_from_file_location('some_losses', sys.argv[1]);"
    run += "m = importlib.util.module_from_spec(s); sys.modules['some_losses'] = m; s.loader.exec_module(m)"
    elsewhere = subprocess.run([sys.executable, "-c", run, str(path)], capture_output=True, text=True, check=True).stdout
    assert elsewhere.strip() == str(names)
