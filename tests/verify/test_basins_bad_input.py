"""Data and losses that a theorem on basins or paths does not cover, from the command line: one clear line, or a hypothesis that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.helpers import HEADER, TRUE, document, lemmata, verdicts, write

BASINS = (
    "from sympy import Rational, pi\n"
    "from lemmata.theory.basins import independent_points, orthogonal_of, served, singletons, singletons_of\n"
    "from lemmata.theory.caps import cap, cap_bound, cone_split\n"
    "from lemmata.theory.cells import cells_of\n"
    "from lemmata.theory.decreasing_path import absolute_loss, decreasing_path, squared_loss\n"
    'n = Symbol("n", integer=True, positive=True)\n'
)
LAYERS = "[[[1, 0], [1, 1]], [[1, -3]]]"

FAULTY = {
    "a zero vector among points": ('a = Claim("a", Le(cells_of([[1, 0], [0, 0]]), 4))\n', ["point 2 is 0", "leave it out"]),
    "a zero vector among singletons": (
        'a = Claim("a", Ge(served(n, singletons_of([[0, 0], [1, 0]], [1, 1])), 0))\n',
        ["point 1 is 0", "leave it out"],
    ),
    "a point that is no singleton": (
        'a = Claim("a", Ge(served(n, singletons_of([[1, 1], [-1, 0]], [1, 1])), 0))\n',
        ["point 1 has 2 coordinates that are not 0"],
    ),
    "a half-axis without points": (
        'a = Claim("a", Ge(served(n, singletons_of([[1, 0], [2, 0]], [1, 1])), 0))\n',
        ["axis 1 has points on one half only"],
    ),
    "collinear singletons of both signs": (
        'a = Claim("a", Ge(served(n, singletons_of([[1], [2], [-1]], [1, -1, 1])), 0))\n',
        ["axis 1 has targets of both signs on one half"],
    ),
    "repeated points": (
        'a = Claim("a", Ge(served(n, orthogonal_of([[1, 0], [0, 1], [1, 0]], [1, 1, 1])), 0))\n',
        ["points 1 and 3 are repeated", "orthogonal points"],
    ),
    "collinear points": (
        'a = Claim("a", Ge(served(n, orthogonal_of([[1, 2], [-2, -4]], [1, 1])), 0))\n',
        ["points 1 and 2 are collinear", "orthogonal points"],
    ),
    "points that are not orthogonal": (
        'a = Claim("a", Ge(served(n, orthogonal_of([[1, 2], [1, 0]], [1, 1])), 0))\n',
        ["points 1 and 2 are not orthogonal"],
    ),
    "a target that is 0": (
        'a = Claim("a", Ge(served(n, orthogonal_of([[1, 0], [0, 1]], [1, 0])), 0))\n',
        ["the target of point 2 is 0", "leave it out"],
    ),
    "more points than dimensions": (
        'a = Claim("a", Ge(independent_points([[1, 0], [0, 1], [1, 1]])[0, 0], 1))\n',
        ["point 3 depends on those before it", "independent points"],
    ),
    "repeated points of full rank": (
        'a = Claim("a", Ge(independent_points([[1, 0, 0], [1, 0, 0]])[0, 0], 1))\n',
        ["points 1 and 2 are repeated", "independent points"],
    ),
    "rank 1 in the bound of a cap": ('a = Claim("a", Le(cap_bound(1, 1), 1))\n', ["rank 2 or more", "on a line there are two"]),
    "rank 1 in a cap": ('a = Claim("a", Le(cap(x, 1), 1))\n', ["rank 2 or more"]),
    "dimension 1 of a cone": ('a = Claim("a", Le(cone_split(Rational(1, 2), 1), 1))\n', ["rank 2 or more"]),
    "a loss of a basin that is not convex": (
        'a = Claim("a", Ge(served(n, singletons(1), loss=lambda p, y: (p**2 - y) ** 2), 0))\n',
        ["not seen to be convex", "a basin of this kind needs a convex loss"],
    ),
    "a loss of a basin that is code": (
        'a = Claim("a", Ge(served(n, singletons(1), loss=lambda p, y: max(0.0, float(p))), 0))\n',
        ["the loss fails on symbols", "write it with SymPy's functions"],
    ),
    "a loss of a path that is not convex": (
        f'a = Claim("a", Le(decreasing_path({LAYERS}, {LAYERS}, [[1, -1]], [[2, 1]], lambda p, y: -((p[0] - y[0]) ** 2)).loss(0), 1))\n',
        ["not seen to be convex", "the path needs a convex loss"],
    ),
    "a loss of a path that is code": (
        f'a = Claim("a", Le(decreasing_path({LAYERS}, {LAYERS}, [[1, -1]], [[2, 1]], lambda p, y: float(p[0])).loss(0), 1))\n',
        ["the loss fails on symbols", "write it with SymPy's functions"],
    ),
    "a loss of a path that branches on numbers": (
        f'a = Claim("a", Le(decreasing_path({LAYERS}, {LAYERS}, [[1]], [[2]], lambda p, y: p[0] if p[0] > y[0] else 0).loss(0), 1))\n',
        ["the loss fails on symbols", "TypeError"],
    ),
}


def test_what_no_theorem_covers_is_one_line_at_its_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """All files in one run: each faulty one is one line, and the sound one is judged."""
    files = {case: tmp_path / f"faulty_{place}_claims.py" for place, case in enumerate(FAULTY)}
    for case, file in files.items():
        file.write_text(HEADER + BASINS + FAULTY[case][0])
    good = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", *files.values(), good, "--json", tmp_path / "out.json")
    assert ran.status == 2
    assert len(ran.errors) == len(files), ran.err
    line = len((HEADER + BASINS).splitlines()) + 1
    for case, file in files.items():
        (told,) = (error for error in ran.errors if f"{file.name}:{line}" in error)
        for part in FAULTY[case][1]:
            assert part in told, case
    assert verdicts(tmp_path / "out.json") == {"good": "proved"}


FAILING = {
    "rank 1 within the domain": (
        'theta, r = Symbol("theta", positive=True), Symbol("r", integer=True, positive=True)\n'
        'a = Claim("a", Ge(cap(theta, r) / 2, cap_bound(theta, r)), given=[Le(theta, pi / 2), Le(r, 2)])\n',
        ["r = 1"],
    ),
    "a path whose end is not below its start": (
        f'a = Claim("a", Lt(decreasing_path({LAYERS}, {LAYERS}, [[1, -1]], [[2, 1]], squared_loss).largest_step(16), 0))\n',
        ["L(P(W_1)) = 25.0000 is not below L(P(W_0)) = 25.0000"],
    ),
    "a path from below the zero network": (
        "first, last = [[[1, 0]], [[1]]], [[[1, 0]], [[2]]]\n"
        'a = Claim("a", Lt(decreasing_path(first, last, [[1]], [[2]], squared_loss).largest_step(16), 0))\n',
        ["the second condition fails: L(P(W_0)) = 1.00000 is not above L(0) = 4.00000"],
    ),
}


@pytest.mark.parametrize("case", list(FAILING))
def test_a_hypothesis_that_fails_is_named(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text, wanted = FAILING[case]
    failing = tmp_path / "failing_claims.py"
    failing.write_text(HEADER + BASINS + text)
    ran = lemmata(capfd, "check", failing, "--json", tmp_path / "out.json")
    assert ran.status == 1
    (claim,) = document(tmp_path / "out.json")["claims"]
    assert claim["verdict"] == "inconclusive"
    told = " ".join(f"{item['because']} {item['at']}" for item in claim["evidence"])
    for part in wanted:
        assert part in told
