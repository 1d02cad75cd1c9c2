"""Bad input: one line with file, claim and what to do, exit 2, while every other claim is judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sympy import Eq, Symbol, sin

from lemmata.numerics.budget import Budget
from lemmata.verify import Claim, check
from tests.verify.helpers import HEADER, TRUE, WRONG, document, lemmata, verdicts, write

FAULTY_FILES = {
    "not Python": ("x = = 1\n", ["faulty_claims.py:4", "not Python", "x = = 1", "correct this line"]),
    "null bytes": ("x = 1\0\n", ["faulty_claims.py", "not Python"]),
    "exception": ("y = 1 / 0\n", ["faulty_claims.py:4", "ZeroDivisionError: division by zero", "y = 1 / 0", "correct this line"]),
    "exception in a function": (
        "def f():\n    return [][3]\nf()\n",
        ["faulty_claims.py:5", "IndexError", "return [][3]"],
    ),
    "exception of a library": ("Symbol(3)\n", ["faulty_claims.py:4", "TypeError", "Symbol(3)"]),
    "exception with many lines": ("raise ValueError('a\\nb')\n", ["faulty_claims.py:4", "ValueError: a b"]),
    "missing module": ("import no_such_module_anywhere\n", ["faulty_claims.py:4", "ModuleNotFoundError", "no_such_module_anywhere"]),
    "ends the program": ("raise SystemExit(0)\n", ["faulty_claims.py:4", "ends the program"]),
    "ends its process": ("import os\nos._exit(3)\n", ["faulty_claims.py", "importing it failed", "exit status 3"]),
    "no claim": ("y = x + 1\n", ["faulty_claims.py", "no claim in it", "lemmata new"]),
    "only an imported claim": ("from good_claims import good\n", ["faulty_claims.py", "no claim in it"]),
    "two claims with one name": (
        'a = Claim("twin", Eq(sin(x)**2 + cos(x)**2, 1))\nb = Claim("twin", Le(x, 3))\n',
        ["faulty_claims.py:5", "twin", "a second claim with this name", "line 4", "own name"],
    ),
    "two symbols with one name": (
        'a = Claim("pair", Eq(x * Symbol("x", positive=True), 1))\n',
        ["faulty_claims.py:4", "pair", "two different objects are called x", "create x once"],
    ),
    "two laws with one name": (
        "from sympy.stats import Expectation, Normal\n"
        'a = Claim("laws", Eq(Expectation(Normal("s", 0, 1)) + Expectation(Normal("s", 0, 2)), 0))\n',
        ["faulty_claims.py:5", "laws", "two different objects are called s"],
    ),
    "neither real nor integer": (
        'a = Claim("complex", Ge(abs(Symbol("z")), 1))\n',
        ["faulty_claims.py:4", "complex", "the symbol z is neither real nor integer", "real=True"],
    ),
    "not a relation": ('a = Claim("sum", x + 1)\n', ["faulty_claims.py:4", "sum", "not a relation", "Eq, Le, Lt, Ge or Gt"]),
    "text for a statement": ('a = Claim("text", "x = 1")\n', ["faulty_claims.py:4", "text", "not a relation"]),
    "an unknown expectation": ('a = Claim("odd", Le(x, 1), expect="true")\n', ["faulty_claims.py:4", "odd", "expect"]),
    "an unknown lemma": (
        'a = Claim("rests", Le(x, x + 1, evaluate=False), uses=["lemma-0"])\n',
        ["faulty_claims.py:4", "rests", "lemma-0"],
    ),
    "a name that is no text": ("a = Claim(7, Le(x, 1))\n", ["faulty_claims.py:4", "name", "7"]),
    "made but not kept": ('Claim("lost", Le(x, 1))\n', ["faulty_claims.py:4", "lost", "not kept", "assign it to a name"]),
    "overwritten": ('for k in (1, 2):\n    a = Claim(f"n-{k}", Le(x**2 + k, 0))\n', ["faulty_claims.py:5", "n-1", "not kept"]),
}


@pytest.mark.parametrize("case", FAULTY_FILES)
def test_a_faulty_file_is_one_line_and_the_others_are_judged(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    body, wanted = FAULTY_FILES[case]
    write(tmp_path / "good_claims.py", TRUE + WRONG)
    (tmp_path / "faulty_claims.py").write_text(HEADER + body)
    ran = lemmata(capfd, "check", tmp_path / "faulty_claims.py", tmp_path / "good_claims.py", "--json", tmp_path / "out.json")
    assert ran.status == 2
    assert len(ran.errors) == 1, ran.err
    for text in wanted:
        assert text in ran.errors[0]
    judged = verdicts(tmp_path / "out.json")
    assert judged["good"] in ("proved", "certified", "supported")
    assert judged["wrong"] == "refuted"
    problem = document(tmp_path / "out.json")["problems"][0]
    assert problem["message"] in ran.errors[0]


def test_sound_claims_beside_a_faulty_one_are_judged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "mixed_claims.py", TRUE + 'b = Claim("sum", x + 1)\n' + WRONG + "y = 1 / 0\n")
    ran = lemmata(capfd, "check", path, "--json", tmp_path / "out.json")
    assert ran.status == 2
    assert len(ran.errors) == 2
    assert "only the claims above it were made" in ran.err
    assert list(verdicts(tmp_path / "out.json")) == ["good", "wrong"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("nowhere_claims.py", "file not found"),
        ("notes.txt", "not a Python file (its name ends in .txt)"),
        ("empty", "no *_claims.py in this folder"),
    ],
)
def test_a_path_without_claims(name: str, wanted: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("a note")
    (tmp_path / "empty").mkdir()
    good = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", tmp_path / name, good)
    assert ran.status == 2
    assert len(ran.errors) == 1 and wanted in ran.errors[0] and name in ran.errors[0]
    assert "1 claim: 1" in ran.out


USAGE = {
    "an unknown budget": (["--budget", "huge"], "there is no budget 'huge': use quick, standard or thorough"),
    "an unknown device": (["--device", "abacus"], "there is no device 'abacus': use auto, cpu or cuda"),
    "an unknown option": (["--fast"], "--fast"),
    "no jobs": (["--jobs", "0"], "--jobs"),
    "a seed that is no number": (["--seed", "lucky"], "lucky"),
    "no time": (["--deadline", "0"], "--deadline is the emergency stop of a claim in seconds: a finite number above 0, not 0.0"),
    "less than no time": (["--deadline", "-1"], "a finite number above 0, not -1.0"),
    "a time that is no number": (["--deadline", "nan"], "a finite number above 0, not nan"),
    "a time without end": (["--deadline", "inf"], "a finite number above 0, not inf"),
    "an error rate of 0": (["--alpha", "0"], "--alpha is the probability of a false alarm: a number above 0 and below 1, not 0.0"),
    "an error rate of 1": (["--alpha", "1"], "a number above 0 and below 1, not 1.0"),
    "an error rate above 1": (["--alpha", "2"], "a number above 0 and below 1, not 2.0"),
    "an error rate that is no number": (["--alpha", "nan"], "a number above 0 and below 1, not nan"),
    "half a job": (["--jobs", "1.5"], "--jobs"),
    "a folder that is not there": (["--json", "{tmp}/nowhere/out.json"], "there is no folder {tmp}/nowhere; create it"),
    "a folder for a file": (["--json", "{tmp}"], "it is a folder; name a file"),
}


@pytest.mark.parametrize("case", USAGE)
def test_usage_is_one_line_before_any_work(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options, wanted = USAGE[case]
    path = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", path, *(option.format(tmp=tmp_path) for option in options))
    assert ran.status == 2
    assert ran.out == ""
    assert len(ran.errors) == 1
    assert wanted.format(tmp=tmp_path) in ran.errors[0]


def test_cuda_where_there_is_none(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lemmata.verify.device.driver_may_be_here", lambda: False)
    path = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", path, "--device", "cuda")
    assert ran.status == 2
    assert ran.errors == ["lemmata check: cuda was asked for, but Torch finds no CUDA device here: use --device cpu (or auto)"]


BUDGETS = [
    ({"alpha": 0}, "alpha is the probability of a false alarm: a number above 0 and below 1, not 0"),
    ({"alpha": 1.0}, "not 1.0"),
    ({"alpha": -1e-6}, "not -1e-06"),
    ({"alpha": "1e-6"}, "not '1e-6'"),
    ({"alpha": None}, "not None"),
    ({"samples": 0}, "samples is how many draws a Monte Carlo estimate may take: a whole number, at least 1, not 0"),
    ({"samples": 1e6}, "a whole number, at least 1, not 1000000.0"),
    ({"points": 0}, "points is at how many points a claim is measured"),
    ({"points": True}, "not True"),
    ({"boxes": -1}, "boxes"),
    ({"digits": 0}, "digits"),
    ({"steps": 0}, "steps"),
    ({"memory": 0}, "memory"),
    ({"seed": 0.5}, "seed is the seed of every random stream: a whole number, not 0.5"),
    ({"resolution": 0}, "resolution"),
    ({"resolution": float("nan")}, "not nan"),
    ({"deadline": 0}, "deadline is the emergency stop of a claim in seconds: a finite number above 0, not 0"),
    ({"deadline": float("inf")}, "not inf"),
    ({"device": "tpu"}, "device is where samplers compute: 'cpu' or 'cuda', not 'tpu'"),
]


@pytest.mark.parametrize(("values", "wanted"), BUDGETS, ids=lambda value: str(value)[:40])
def test_a_budget_that_cannot_be_is_one_sentence(values: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ValueError) as caught:
        Budget(**values)
    with pytest.raises(ValueError):
        replace(Budget(), **values)
    assert wanted in str(caught.value) and "\n" not in str(caught.value)


def test_budgets_that_can_be() -> None:
    assert Budget(seed=-3, samples=1, points=1, deadline=1e-3, alpha=0.5).share(10).alpha == 0.05
    with pytest.raises(ValueError, match="at least 1 part, not 0"):
        Budget().share(0)


def test_check_in_python_takes_a_claim_and_a_budget() -> None:
    claim = Claim("circle", Eq(sin(Symbol("x", real=True)) ** 2, 0))
    statement: Any = claim.statement
    number: Any = 7
    with pytest.raises(TypeError, match="takes a Claim, not Equality: write Claim"):
        check(statement)
    with pytest.raises(TypeError, match="a budget is a Budget or the name of one, not int"):
        check(claim, number)
    with pytest.raises(ValueError, match="there is no budget 'huge': use one of quick, standard, thorough"):
        check(claim, "huge")


EXPERIMENTS = {
    "a sampler of NaN": "return torch.full((size,), float('nan'), dtype=torch.float64)",
    "a sampler of NaN now and then": "return torch.where(torch.rand(size, generator=rng) < 0.001, float('nan'), 0.5)",
    "a sampler of infinities": "return torch.full((size,), float('inf'), dtype=torch.float64)",
    "one sample too few": "return torch.full((size - 1,), 0.5, dtype=torch.float64)",
    "one sample for all": "return torch.full((1,), 0.5, dtype=torch.float64)",
    "samples of another shape": "return torch.full((size, 2), 0.5, dtype=torch.float64)",
    "no tensor": "return 0.5",
    "nothing": "return None",
    "text": "return ['one half'] * size",
    "complex samples": "return torch.full((size,), 0.5, dtype=torch.complex128)",
    "an exception": "raise KeyError('weights')",
    "an exception that is no Exception": "raise SystemExit(3)",
}


@pytest.mark.parametrize("case", EXPERIMENTS)
def test_an_experiment_that_goes_wrong_agrees_with_nothing(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    header = HEADER + "import torch\nfrom sympy.stats import Expectation\nfrom lemmata.verify import experiment\n"
    body = f"@experiment\ndef half(*, size, rng, device):\n    {EXPERIMENTS[case]}\n"
    body += 'odd = Claim("odd", Eq(Expectation(half()), Rational(1, 2)))\n'
    path = write(tmp_path / "odd_claims.py", body + TRUE, header.replace("Symbol,", "Rational, Symbol,"))
    ran = lemmata(capfd, "check", path, "--json", tmp_path / "out.json")
    assert ran.status == 1 and ran.err == ""
    odd, good = document(tmp_path / "out.json")["claims"]
    assert odd["verdict"] == "inconclusive", odd["because"]
    assert not [item for item in odd["evidence"] if item["road"] == "measured" and item["outcome"] in ("agrees", "certifies", "disagrees")]
    assert "odd: inconclusive, expected to hold" in ran.out
    assert any("half" in item["because"] or item["outcome"] == "stopped" for item in odd["evidence"]), odd["evidence"]
    assert good["as_expected"]


VERDICTS = {
    "evaluated to False": ('Claim("c", Eq(x, x + 1))', "refuted", "SymPy evaluated"),
    "evaluated to True": ('Claim("c", Eq(x, x))', "inconclusive", "SymPy evaluated"),
    "no admissible point": ('Claim("c", Le(x, 7), given=[Ge(x, 2), Le(x, 1)])', "inconclusive", "no admissible point"),
    "a divergent expectation": (
        'Claim("c", Eq(Expectation(Cauchy("s", 0, 1)), 0))',
        "inconclusive",
        "",
    ),
    "a function without a definition": ('Claim("c", Eq(Function("f")(x), Function("f")(-x)))', "inconclusive", "no definition"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_what_cannot_be_judged_has_a_verdict_with_the_reason(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    claim, verdict, reason = VERDICTS[case]
    header = HEADER + "from sympy import Function\nfrom sympy.stats import Cauchy, Expectation\n"
    path = write(tmp_path / "odd_claims.py", f"c = {claim}\n" + TRUE, header)
    ran = lemmata(capfd, "check", path, "--json", tmp_path / "out.json")
    assert ran.status == 1
    assert ran.err == ""
    odd, good = document(tmp_path / "out.json")["claims"]
    assert odd["verdict"] == verdict, odd["because"]
    assert odd["because"] and reason in odd["because"]
    assert good["as_expected"]
