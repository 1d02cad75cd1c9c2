"""Every example in a docstring runs, under the installed names of the modules."""

from __future__ import annotations

import doctest
import importlib
import inspect

import pytest

from tests.house.source import PACKAGES, sources


def installed(path: str) -> str:
    """`lemmata.theory.domain` for `theory/domain.py`."""
    return "lemmata." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = [installed(source.path) for source in sources(*PACKAGES) if ">>>" in source.text]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_runs(name: str) -> None:
    module = importlib.import_module(name)
    outcome = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert outcome.attempted > 0, f"{name} has examples that doctest does not find"
    assert outcome.failed == 0, f"{outcome.failed} of {outcome.attempted} examples of {name} fail"


def test_a_wrong_example_is_caught() -> None:
    examples = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "planted", None, 0)
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(examples, out=lambda text: None)
    assert runner.failures == 1


def test_the_modules_examined_are_the_installed_ones() -> None:
    module = importlib.import_module("lemmata.theory.domain.domain")
    assert inspect.getmodule(module.Domain) is module
