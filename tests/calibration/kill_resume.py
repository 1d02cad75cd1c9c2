"""A run is killed in random places and resumed: nothing is lost, and no finished claim is judged again.

    python -m tests.calibration.kill_resume [TIMES] [SEED]

Each claim of the file notes in a side file that it is being judged. The run is ended by SIGKILL, of its process group
or of the supervisor alone, at a random moment after a random number of claims; it is resumed and killed again, and in
the end resumed to its end. Digests, verdicts and exit status are then those of a run that nobody disturbed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.numerics.streams import Stream

COMMAND = [sys.executable, "-c", "import sys; from lemmata.verify.cli import main; sys.exit(main())"]

CLAIMS = """
from sympy import Eq, Ge, Le, Rational, Symbol, cos, exp, sin, sqrt
from sympy.stats import Expectation, Normal
from lemmata.verify import Claim

x = Symbol("x", real=True)
s = Normal("s", 0, 1)

def noting(name):
    def derivation(lhs):
        with open({side!r}, "a") as side:
            side.write(name + "\\n")
        return lhs
    return derivation

def noted(name, statement, **kwargs):
    return Claim(name, statement, derivation=noting(name), **kwargs)

powers = [noted(f"power-{{k}}", Le(x**(2*k), 4**k), given=[Ge(x, -2), Le(x, 2)]) for k in range(1, 4)]
waves = [noted(f"wave-{{k}}", Eq(sin(k*x)**2 + cos(k*x)**2, 1)) for k in range(1, 4)]
moments = [noted(f"moment-{{k}}", Eq(Expectation((s + k)**2), 1 + k**2)) for k in range(1, 3)]
slips = [noted(f"slip-{{k}}", Le(x**2, k), given=[Ge(x, -3), Le(x, 3)]) for k in range(7, 9)]
known = noted("known-slip", Eq(exp(x), 1 + x), expect="refuted")
lemma = noted("lemma", Ge(x**2 + 1, x, evaluate=False))
user = noted("user", Ge(x**2 + 2, x, evaluate=False), uses=[lemma])
"""


@dataclass(frozen=True)
class Outcome:
    """What a run left: its exit status, each claim's verdict and digest, and what it said on stderr."""

    status: int
    claims: dict[str, tuple[str, str]]
    err: str


class Stage:
    """A folder with a claim file, a record file and the side file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.side = folder / "judged.txt"
        self.records = folder / "records.jsonl"
        self.file = folder / "many_claims.py"
        self.file.write_text(CLAIMS.format(side=str(self.side)))

    def command(self, *options: str) -> list[str]:
        return [*COMMAND, "check", str(self.file), "--jobs", "2", "--records", str(self.records), *options]

    def finish(self, *options: str) -> Outcome:
        """Run to the end."""
        out = self.folder / "out.json"
        ran = subprocess.run([*self.command(*options), "--json", str(out)], capture_output=True, text=True, check=False)
        assert out.exists() and "Traceback" not in ran.stderr, ran.stderr
        claims = json.loads(out.read_text())["claims"]
        return Outcome(ran.returncode, {claim["name"]: (claim["verdict"], claim["digest"]) for claim in claims}, ran.stderr)

    def kill(self, rng: random.Random, more: int, *options: str) -> None:
        """Run, and kill it at a random moment after `more` further claims have been recorded."""
        before = len(self.recorded())
        with subprocess.Popen(self.command(*options), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True) as process:
            end = time.monotonic() + 120
            while len(self.recorded()) < before + more and process.poll() is None:
                assert time.monotonic() < end, "the run does not come forward"
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.2))
            if rng.random() < 0.5:
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        assert _still(self.side), "workers go on judging without their supervisor"

    def recorded(self) -> list[str]:
        """The names of the claims in the record file, whole lines only, in order."""
        if not self.records.exists():
            return []
        lines: list[dict[str, Any]] = [json.loads(line) for line in self.records.read_bytes().split(b"\n")[1:-1]]
        return [line["name"] for line in lines]

    def judged(self) -> list[str]:
        """The names that were noted as their judgement began."""
        return self.side.read_text().split() if self.side.exists() else []


def _still(path: Path) -> bool:
    """Whether nothing writes to a file any more, once what was going on has had time to end."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        before = path.stat().st_size if path.exists() else 0
        time.sleep(0.5)
        if (path.stat().st_size if path.exists() else 0) == before:
            return True
    return False


def killed_and_resumed(folder: Path, times: int, seed: int) -> list[str]:
    """What went wrong when a run was killed so many times and resumed after each: nothing, if all is well."""
    rng = Stream(seed, ("kill -9",)).python()
    (folder / "calm").mkdir()
    (folder / "wild").mkdir()
    wanted = Stage(folder / "calm").finish()
    wild = Stage(folder / "wild")
    faults: list[str] = []
    resumed: tuple[str, ...] = ()
    for number in range(times):
        left = len(wanted.claims) - len(wild.recorded())
        if left < 2:
            resumed = ()  # all is judged: begin anew
            left = len(wanted.claims)
        done = wild.recorded() if resumed else []
        began = len(wild.judged())
        if not resumed:
            wild.records.unlink(missing_ok=True)
        wild.kill(rng, rng.randint(1, max(1, left // 2)), *resumed)
        faults += _again(f"after kill {number}", done, wild.judged()[began:])
        faults += [f"kill {number} lost {name}" for name in done if name not in wild.recorded()]
        resumed = ("--resume",)
    done, began = wild.recorded(), len(wild.judged())
    found = wild.finish("--resume")
    faults += _again("at the end", done, wild.judged()[began:])
    missing = set(wanted.claims) - set(done)
    faults += [] if set(wild.judged()[began:]) == missing else [f"judged {set(wild.judged()[began:])}, missing were {missing}"]
    faults += [] if found.status == wanted.status else [f"exit status {found.status}, undisturbed {wanted.status}"]
    faults += [] if list(found.claims) == list(wanted.claims) else ["other claims, or in another order"]
    faults += [
        f"{name}: {found.claims.get(name)}, undisturbed {what}" for name, what in wanted.claims.items() if found.claims.get(name) != what
    ]
    return faults


def _again(when: str, done: list[str], judged: list[str]) -> list[str]:
    return [f"{name} was judged again {when}" for name in judged if name in done]


def main() -> int:
    times, seed = (int(word) for word in (*sys.argv[1:], "10", "0")[:2]) if len(sys.argv) != 2 else (int(sys.argv[1]), 0)
    with tempfile.TemporaryDirectory() as folder:
        faults = killed_and_resumed(Path(folder), times, seed)
    print("\n".join(faults) or f"killed {times} times and resumed: the same verdicts and digests, nothing lost, nothing judged twice")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
