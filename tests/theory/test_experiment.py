"""Experiments as nodes of a statement: which draws are the same, how they print, what they may be given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from sympy.stats import Covariance, Expectation, Normal, Probability, Variance

from lemmata.theory.experiments import Draw, experiment
from lemmata.theory.quantity import free_parameters, quantities, random_symbols

n, m = sp.symbols("n m", integer=True, positive=True)


@experiment
def event(width: Any, depth: Any = 2, *, size: int, rng: Any, device: str) -> Any:
    """Never run here."""
    raise AssertionError


def test_a_draw_stays_unevaluated_inside_every_quantity() -> None:
    draw = event(n, m)
    for quantity in (Expectation(draw), Expectation(draw**2 + 1), Probability(draw < 1), Variance(draw), Covariance(draw, event(n, 3))):
        assert quantities(quantity) == (quantity,)
        assert free_parameters(quantity) == ({n, m} if quantity.has(m) else {n})
    statement = sp.Le(2 * Expectation(draw) + n, 3)
    assert statement.lhs == 2 * Expectation(draw) + n
    assert isinstance(sp.Eq(Probability(event(2, 3) < 1), 1), sp.Eq)


def test_equal_arguments_are_the_same_draw() -> None:
    assert event(n) == event(n, 2) == event(width=n, depth=2)
    assert event(n) - event(n) == 0
    assert event(n) != event(m)
    assert event(n, m).xreplace({n: sp.Integer(3)}) == event(3, m)
    assert random_symbols(Expectation(event(n) * Normal("s", 0, 1))) == (event(n), Normal("s", 0, 1))
    assert event(n).is_real and not event(n).is_number


def test_a_draw_prints_as_its_function() -> None:
    assert str(Expectation(event(n, m) + 1)) == "Expectation(event(n, m) + 1)"
    assert sp.latex(event(n, 3) ** 2) == r"\operatorname{event}\left(n, 3\right)^{2}"


def test_what_an_experiment_must_look_like() -> None:
    with pytest.raises(TypeError, match="does not take rng, device"):

        @experiment
        def short(*, size: int) -> Any: ...

    with pytest.raises(TypeError, match="must be positional"):

        @experiment
        def named(*, width: int, size: int, rng: Any, device: str) -> Any: ...

    with pytest.raises(TypeError, match="event"):
        event()
    with pytest.raises(TypeError, match="not random"):
        event(Normal("s", 0, 1))
    with pytest.raises(LookupError, match="import the file"):
        Draw("nowhere:lost:00", 1).experiment()


def test_two_files_with_one_function_name_do_not_collide(tmp_path: Path) -> None:
    """The same module name and function name, and even the same text: each node finds its own function."""
    text = "from lemmata.theory.experiments import experiment\n@experiment\ndef event(*, size, rng, device):\n    return {value}\n"
    code = (
        "import importlib.util, sys\n"
        "def load(path):\n"
        "    spec = importlib.util.spec_from_file_location('claims', path)\n"
        "    module = importlib.util.module_from_spec(spec); sys.modules['claims'] = module; spec.loader.exec_module(module)\n"
        "    return module\n"
        "modules = [load(path) for path in sys.argv[1:]]\n"
        "draws = [module.event() for module in modules]\n"
        "assert len(set(draws)) == len(draws), draws\n"
        "for module, draw in zip(modules, draws):\n"
        "    assert draw.experiment().function is module.event.function\n"
        "again = load(sys.argv[1]).event()\n"
        "assert again == draws[0]\n"
    )
    paths = []
    for folder, value in (("a", "1"), ("b", "2"), ("c", "1")):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "claims.py"
        path.write_text(text.format(value=value))
        paths.append(str(path))
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_theory_holds_no_tensor_library() -> None:
    code = "import sys, lemmata.theory.experiments; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("block", [0, -1, True, 2.0**10, "many"])
def test_a_block_is_a_number_of_samples(block: Any) -> None:
    with pytest.raises(ValueError, match="block is how many samples are asked for at a time: a whole number, at least 1,"):
        experiment(block=block)
