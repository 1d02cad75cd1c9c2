"""The distribution: what is declared is what is there, and the command starts without the heavy modules."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points

import pytest

from tests.house.source import PACKAGES, ROOT, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HEAVY = ("sympy", "torch", "flint", "matplotlib", "scipy", "numpy", "sklearn", "mpmath", "clarabel", "cvxpy", "PEPit")


def test_every_package_folder_is_installed() -> None:
    folders = {"lemmata." + name.removesuffix("/__init__.py").replace("/", ".") for name in tracked() if _is_package(name)}
    assert folders == set(PROJECT["tool"]["setuptools"]["packages"])


def _is_package(name: str) -> bool:
    return name.endswith("/__init__.py") and name.split("/")[0] in PACKAGES


def test_every_folder_with_code_is_a_package() -> None:
    with_code = {name.rsplit("/", 1)[0] for name in tracked() if name.endswith(".py") and name.split("/")[0] in PACKAGES}
    assert {folder for folder in with_code if f"{folder}/__init__.py" not in tracked()} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(package: str) -> None:
    assert f"{package}/py.typed" in tracked()


def test_entry_points_lead_somewhere() -> None:
    ours = [point for group in ("console_scripts", "pytest11", "lemmata.commands") for point in entry_points(group=group)]
    mine = [point for point in ours if point.value.startswith("lemmata.")]
    assert {point.name for point in mine} >= {"lemmata", "report"}
    for point in mine:
        assert point.load() is not None


def test_constraints_pin_every_dependency() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0] for line in lines if "==" in line}
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]
    names = {requirement.split(">")[0].split("[")[0].strip() for requirement in wanted}
    assert names <= pinned


START = "import sys; {code}; print(*sorted(set(sys.modules) & set({heavy!r})))"


@pytest.mark.parametrize(
    "code",
    [
        "import lemmata.verify.cli",
        "import lemmata.verify.pytest_plugin",
        "import lemmata.theory, lemmata.numerics, lemmata.verify, lemmata.reports",
    ],
    ids=["command", "pytest plugin", "faces"],
)
def test_heavy_modules_are_imported_only_where_they_are_used(code: str) -> None:
    program = START.format(code=code, heavy=HEAVY)
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []
