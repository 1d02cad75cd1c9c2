"""The rules hold on the tree, and each of them fires on a planted violation and on nothing else."""

from __future__ import annotations

import pytest

from tests.house import rules
from tests.house.source import PACKAGES, ROOT, Rule, Source, sources, tracked

CODE = sources(*PACKAGES)
TESTS = [source for source in sources("tests") if source.path != "tests/house/test_rules.py"]
MATHEMATICS = [source for source in TESTS if not source.path.startswith(("tests/house/", "tests/bench/"))]
TEXTS = [
    Source(name, (ROOT / name).read_text(errors="replace"))
    for name in tracked()
    if name.rsplit(".", 1)[-1] in {"py", "md", "toml", "txt", "cff", "yaml", "yml", "tex", "html", "j2", "json"}
    or name in ("Makefile", ".ci/run", ".gitignore")
    if not name.startswith("tests/house/")
]

APPLIES: list[tuple[Rule, list[Source]]] = [
    (rules.imports_one_way, CODE),
    (rules.installed_names, CODE + TESTS),
    (rules.no_typed_tolerance, CODE + MATHEMATICS),
    (rules.no_unseeded_randomness, CODE + TESTS),
    (rules.documented, CODE),
    (rules.short, CODE + TESTS),
    (rules.nothing_silenced, CODE + TESTS),
    (rules.no_places, TEXTS),
    (rules.no_network, CODE),
    (rules.no_printing_constructors, CODE),
]


@pytest.mark.parametrize(("rule", "files"), APPLIES, ids=[rule.__name__ for rule, _ in APPLIES])
def test_the_tree_keeps_the_rule(rule: Rule, files: list[Source]) -> None:
    assert len(files) > 3, "the rule looked at nothing"
    broken = [str(violation) for source in files for violation in rule(source)]
    assert not broken, "\n" + "\n".join(broken)


FIRES = [
    (rules.imports_one_way, "theory/a.py", "import numpy"),
    (rules.imports_one_way, "theory/a.py", "def f():\n    from lemmata.numerics.budget import Budget"),
    (rules.imports_one_way, "numerics/a.py", "from lemmata.verify import Claim"),
    (rules.imports_one_way, "verify/a.py", "import importlib\nimportlib.import_module('lemmata.reports.commands')"),
    (rules.imports_one_way, "reports/a.py", "import torch"),
    (rules.imports_one_way, "reports/a.py", "def draw():\n    import torch"),
    (rules.installed_names, "tests/a.py", "from theory.domain import Domain"),
    (rules.no_typed_tolerance, "verify/a.py", "np.allclose(a, b)"),
    (rules.no_typed_tolerance, "tests/a.py", "f(a, b, rtol=r)"),
    (rules.no_typed_tolerance, "tests/a.py", "assert x == pytest.approx(y)"),
    (rules.no_typed_tolerance, "numerics/a.py", "ok = abs(a - b) < 1e-9 * b"),
    (rules.no_typed_tolerance, "numerics/a.py", "def close(a, b, atol): return a"),
    (rules.no_unseeded_randomness, "numerics/a.py", "torch.randn(3)"),
    (rules.no_unseeded_randomness, "numerics/a.py", "np.random.rand(3)"),
    (rules.no_unseeded_randomness, "numerics/a.py", "np.random.default_rng()"),
    (rules.no_unseeded_randomness, "tests/a.py", "random.random()"),
    (rules.no_unseeded_randomness, "tests/a.py", "random.Random()"),
    (rules.no_unseeded_randomness, "tests/a.py", "x.normal_()"),
    (rules.no_unseeded_randomness, "tests/a.py", "norm.rvs(size=3)"),
    (rules.no_unseeded_randomness, "tests/a.py", "torch.manual_seed(0)"),
    (rules.documented, "theory/a.py", "x = 1"),
    (rules.documented, "theory/a.py", '"""A."""\ndef f(): pass'),
    (rules.documented, "theory/a.py", '"""A."""\nclass C: pass'),
    (rules.short, "theory/a.py", "x = 1\n" * (rules.LONGEST + 1)),
    (rules.nothing_silenced, "theory/a.py", "x = f()  # type: ignore[arg-type]"),
    (rules.nothing_silenced, "theory/a.py", "x = f()  # noqa: E501"),
    (rules.nothing_silenced, "theory/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (rules.nothing_silenced, "theory/a.py", "try:\n    f()\nexcept:\n    ..."),
    (rules.nothing_silenced, "tests/a.py", "@pytest.mark.skip\ndef test_a(): pass"),
    (rules.nothing_silenced, "tests/a.py", "@pytest.mark.skipif(slow)\ndef test_a(): pass"),
    (rules.nothing_silenced, "tests/a.py", "flint = pytest.importorskip('flint')"),
    (rules.no_places, "README.md", "see /home/ada/lemmata"),
    (rules.no_places, "Makefile", "pip install --index-url x torch"),
    (rules.no_places, "README.md", "from https://pypi.org/simple/torch"),
    (rules.no_network, "numerics/a.py", "import urllib.request"),
    (rules.no_network, "numerics/a.py", "from sklearn.datasets import fetch_openml"),
    (rules.no_printing_constructors, "theory/a.py", "class A:\n    def __init__(self):\n        print(1)"),
]

SPARES = [
    (rules.imports_one_way, "numerics/a.py", "import torch\nfrom lemmata.theory.domain import Domain\nfrom fractions import Fraction"),
    (rules.imports_one_way, "reports/a.py", "from lemmata.verify.record import Record"),
    (rules.imports_one_way, "reports/figures/a.py", "def measure(budget):\n    import torch"),
    (rules.no_unseeded_randomness, "numerics/a.py", 'options = {"generator": rng}\ntorch.randn(3, **options)'),
    (rules.installed_names, "tests/a.py", "from lemmata.theory.domain import Domain"),
    (rules.no_typed_tolerance, "numerics/budget.py", "ok = x < 1e-9"),
    (rules.no_typed_tolerance, "verify/a.py", "ok = abs(a - b) <= radius\nstep = 1e-9"),
    (
        rules.no_unseeded_randomness,
        "numerics/a.py",
        "torch.randn(3, generator=g)\nnp.random.default_rng(7)\nrandom.Random(0)",
    ),
    (rules.documented, "theory/a.py", '"""A."""\ndef _f(): pass'),
    (rules.nothing_silenced, "theory/a.py", "x = f()  # type: ignore[arg-type]  SymPy's stub is wrong here"),
    (rules.nothing_silenced, "theory/a.py", "try:\n    f()\nexcept ValueError:\n    pass"),
    (rules.nothing_silenced, "tests/a.py", "@pytest.mark.skipif(slow, reason='no TeX')\ndef test_a(): pass"),
    (rules.no_places, "README.md", "GET /work in and/or/home"),
    (rules.no_network, "numerics/a.py", "from sklearn.datasets import load_digits\nload_digits()"),
    (rules.no_printing_constructors, "theory/a.py", "def show():\n    print(1)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), FIRES, ids=[f"{r.__name__}-{n}" for n, (r, *_) in enumerate(FIRES)])
def test_the_rule_fires(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), SPARES, ids=[f"{r.__name__}-{n}" for n, (r, *_) in enumerate(SPARES)])
def test_the_rule_spares_what_is_allowed(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))


def test_every_rule_is_applied_and_seen_to_fire() -> None:
    applied, seen, spared = {rule for rule, _ in APPLIES}, {rule for rule, *_ in FIRES}, {rule for rule, *_ in SPARES}
    assert applied == seen
    assert applied - spared == {rules.short}


def test_every_claim_of_the_register_names_its_source_down_to_the_place() -> None:
    from lemmata.verify.discover import register

    claims = register()
    assert claims
    faults = [f"{claim.name} {fault}" for claim in claims if (fault := rules.source_fault(claim.source.key, claim.source.locus))]
    assert not faults, "\n" + "\n".join(faults)


def test_a_source_without_a_place_is_a_fault() -> None:
    assert rules.source_fault("", "") and rules.source_fault("cho-saul", "") and rules.source_fault("", "eq. (6)")
    assert rules.source_fault("cho-saul-2009", "eq. (6)") is None
    assert rules.source_fault("Cho & Saul (2009), eq. (6)", "") is None
