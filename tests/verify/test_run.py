"""Isolation: whatever happens in one claim is a named outcome of that claim; order and workers change nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata.numerics.budget import CLAIMS_A_RUN, Budget
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Outcome, Road, Verdict
from lemmata.verify.record import Record
from lemmata.verify.run import Event, EventKind, TooManyClaims, apply_uses, run, survey
from lemmata.verify.supervisor import Supervisor
from tests.verify.helpers import TRUE, WRONG, write

QUICK = Budget(deadline=1.0)

ILLS = """
import os, signal, sys
from sympy.stats import Expectation
from lemmata.verify import experiment

def claim(name, ill):
    return Claim(name, Eq(sin(x)**2 + cos(x)**2, 1), derivation=ill)

def deaf(lhs):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    while True:
        pass

def stubborn(lhs):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def greedy(lhs):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    held = []
    while True:
        held.append(bytearray(2**24))

def loud(lhs):
    print("heard from inside")
    os._exit(4)

"""

ENDS = {
    "deaf": ("deaf", ["stopped after", "while deriving", "--deadline"]),
    "stubborn": ("stubborn", ["stopped after", "while deriving"]),
    "greedy": ("greedy", ["memory passed", "while deriving"]),
    "exits": ("lambda lhs: os._exit(3)", ["its process ended itself", "while deriving", "exit status 3"]),
    "exits in peace": ("lambda lhs: os._exit(0)", ["its process ended itself", "exit status 0"]),
    "killed": ("lambda lhs: os.kill(os.getpid(), signal.SIGKILL)", ["SIGKILL", "memory"]),
    "crashes": ("lambda lhs: os.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV"]),
}


@pytest.fixture(scope="module")
def two() -> Iterator[Supervisor]:
    with Supervisor(2) as supervisor:
        yield supervisor


def refs_in(path: Path, supervisor: Supervisor) -> list[ClaimRef]:
    (catalogue,) = survey([str(path)], QUICK, supervisor)
    assert catalogue.problems == ()
    return [entry.ref for entry in catalogue.entries]


@pytest.mark.parametrize("ill", ENDS)
def test_what_ends_a_worker_is_an_outcome_of_its_claim(ill: str, tmp_path: Path, two: Supervisor) -> None:
    code, wanted = ENDS[ill]
    path = write(tmp_path / "ill_claims.py", f'{ILLS}ill = claim("ill", {code})\n' + TRUE + WRONG)
    base = 0 if sys.platform != "linux" else 900 * 2**20
    budget = replace(QUICK, memory=base + 100 * 2**20)
    first, good, wrong = run(refs_in(path, two), budget, supervisor=two)
    assert first.verdict is Verdict.INCONCLUSIVE and not first.as_expected
    assert [item.outcome for item in first.evidence] == [Outcome.STOPPED]
    for text in wanted:
        assert text in first.because
    assert first.text.startswith("sin(x)")
    assert good.verdict.holds and wrong.verdict is Verdict.REFUTED


@pytest.mark.parametrize("raised", ["SystemExit(2)", "KeyboardInterrupt()", "MemoryError()", "RecursionError('deep')"])
def test_what_a_claim_raises_is_its_outcome(raised: str, tmp_path: Path, two: Supervisor) -> None:
    path = write(tmp_path / "ill_claims.py", f"{ILLS}def ill(lhs):\n    raise {raised}\nill = claim('ill', ill)\n" + TRUE)
    first, good = run(refs_in(path, two), QUICK, supervisor=two)
    assert good.verdict.holds
    assert first.verdict in (Verdict.INCONCLUSIVE, Verdict.SUPPORTED, Verdict.CERTIFIED)  # the instruments may still look
    told = first.because + "".join(item.because for item in first.evidence)
    assert raised.partition("(")[0] in told or "memory" in told


def test_what_a_claim_prints_is_kept_apart(tmp_path: Path, two: Supervisor, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "loud_claims.py", ILLS + "print('at import')\nill = claim('ill', loud)\n" + TRUE)
    events: list[Event] = []
    run(refs_in(path, two), QUICK, supervisor=two, on_event=events.append)
    outputs = {event.ref.name: event.output for event in events if event.kind is EventKind.FINISHED}
    assert outputs == {"ill": "heard from inside", "good": ""}
    assert capfd.readouterr() == ("", "")


def test_stages_are_heard(tmp_path: Path, two: Supervisor) -> None:
    events: list[Event] = []
    refs = refs_in(write(tmp_path / "one_claims.py", TRUE), two)
    run(refs, QUICK, supervisor=two, on_event=events.append)
    assert [event.kind for event in events][0] is EventKind.STARTED
    assert {"deriving", "measuring"} <= {event.stage for event in events if event.kind is EventKind.STAGE}
    assert [event.kind for event in events][-1] is EventKind.FINISHED


def test_order_and_workers_change_nothing(tmp_path: Path) -> None:
    stateful = 'seen = []\nfor k in range(1, 4):\n    seen.append(Claim(f"power-{k}", Le(x**(2*k), 4**k), given=[Ge(x, -2), Le(x, 2)]))\n'
    path = write(tmp_path / "many_claims.py", TRUE + WRONG + stateful)
    digests = []
    for jobs, turn in ((1, 1), (2, 1), (2, -1)):
        with Supervisor(jobs) as supervisor:
            refs = refs_in(path, supervisor)[::turn]
            records = run(refs, Budget(), supervisor=supervisor)
            assert [record.name for record in records] == [ref.name for ref in refs]
            digests.append({record.name: record.to_json()["digest"] for record in records})
    assert digests[0] == digests[1] == digests[2]
    assert len(set(digests[0].values())) == 5


def test_a_claim_leaves_no_trace_for_the_next(tmp_path: Path) -> None:
    body = """
    count = []
    def counting(lhs):
        count.append(1)
        raise ValueError(f"call {len(count)}")
    a = Claim("a", Le(x, x + 1, evaluate=False), derivation=counting)
    b = Claim("b", Le(x, x + 2, evaluate=False), derivation=counting)
    """
    with Supervisor(1) as supervisor:
        records = run(refs_in(write(tmp_path / "state_claims.py", body), supervisor), QUICK, supervisor=supervisor)
    for record in records:
        told = record.because + "".join(item.because for item in record.evidence)
        assert "call 1" in told and "call 2" not in told


def test_a_file_that_hangs_is_a_problem_of_that_file(tmp_path: Path) -> None:
    hanging = write(tmp_path / "hanging_claims.py", "while True:\n    pass\n")
    good = write(tmp_path / "good_claims.py", TRUE)
    with Supervisor(2) as supervisor:
        hung, fine = survey([str(hanging), str(good)], replace(QUICK, deadline=0.5), supervisor)
    assert [entry.name for entry in fine.entries] == ["good"]
    assert "importing it failed: stopped after" in hung.problems[0].message


def test_interrupting_leaves_no_worker(tmp_path: Path) -> None:
    path = write(tmp_path / "deaf_claims.py", ILLS + "ill = claim('ill', deaf)\n" + TRUE)
    pids: list[int] = []

    def interrupt(event: Event) -> None:
        pids.extend(pid for worker in supervisor._workers for pid in worker.pids)
        if event.stage == "deriving":
            raise KeyboardInterrupt

    with Supervisor(1) as supervisor:
        refs = refs_in(path, supervisor)
        with pytest.raises(KeyboardInterrupt):
            run(refs, QUICK, supervisor=supervisor, on_event=interrupt)
    assert pids
    assert _within(10, lambda: not any(_alive(pid) for pid in pids))


def test_workers_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    body = f"{ILLS}def ill(lhs):\n    open({str(told)!r}, 'w').write(str(os.getpid()))\n    deaf(lhs)\nill = claim('ill', ill)\n"
    path = write(tmp_path / "deaf_claims.py", body)
    code = "import sys; from lemmata.verify.cli import main; sys.exit(main())"
    with subprocess.Popen([sys.executable, "-c", code, "check", str(path), "--deadline", "300"], stdout=subprocess.DEVNULL) as process:
        assert _within(60, lambda: told.exists() and told.read_text() != "")
        process.kill()
    assert _within(20, lambda: not _alive(int(told.read_text())))


def _within(seconds: float, happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happens()


def _alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_claim_that_is_gone(tmp_path: Path, two: Supervisor) -> None:
    path = write(tmp_path / "some_claims.py", TRUE)
    (record,) = run([ClaimRef(str(path), "gone")], QUICK, supervisor=two)
    assert record.verdict is Verdict.INCONCLUSIVE and "no claim 'gone'" in record.because


def test_too_many_claims() -> None:
    with pytest.raises(TooManyClaims, match="judge them in parts"):
        run([ClaimRef("f.py", "c")] * (CLAIMS_A_RUN + 1), QUICK)


def _records(verdicts: dict[str, Verdict], uses: dict[str, tuple[str, ...]]) -> dict[str, Record]:
    refs = {name: ClaimRef("f.py", name) for name in verdicts}
    records = {refs[name]: Record(name, verdict, "by itself", uses=uses.get(name, ())) for name, verdict in verdicts.items()}
    found = {refs[name]: tuple((used, refs.get(used)) for used in names) for name, names in uses.items()}
    return {ref.name: record for ref, record in apply_uses(records, found).items()}


ORDER = [Verdict.INCONCLUSIVE, Verdict.SUPPORTED, Verdict.CERTIFIED, Verdict.PROVED]


@pytest.mark.parametrize("own", list(Verdict))
@pytest.mark.parametrize("lemma", list(Verdict))
def test_a_claim_is_never_better_than_what_it_uses(own: Verdict, lemma: Verdict) -> None:
    user = _records({"user": own, "lemma": lemma}, {"user": ("lemma",)})["user"]
    if own is Verdict.REFUTED:
        assert user.verdict is own
    else:
        cap = Verdict.INCONCLUSIVE if lemma is Verdict.REFUTED else lemma
        assert ORDER.index(user.verdict) == min(ORDER.index(own), ORDER.index(cap))
    if user.verdict is not own:
        assert "lemma" in user.because and "by itself" in user.because
    assert user.evidence[-1].road is Road.LEMMA


def test_caps_travel_through_chains_and_circles_hold_nothing() -> None:
    proved = dict.fromkeys(("a", "b"), Verdict.PROVED)
    chain = _records({**proved, "c": Verdict.SUPPORTED}, {"a": ("b",), "b": ("c",)})
    assert chain["a"].verdict is chain["b"].verdict is Verdict.SUPPORTED
    circle = _records(proved, {"a": ("b",), "b": ("a",)})
    assert {record.verdict for record in circle.values()} == {Verdict.INCONCLUSIVE}
    assert "break the circle" in circle["b"].because
    assert _records(proved, {"a": ("nowhere",)})["a"].verdict is Verdict.INCONCLUSIVE


def test_claims_that_are_used_are_judged_though_not_asked_for(tmp_path: Path, two: Supervisor) -> None:
    path = write(tmp_path / "uses_claims.py", WRONG + 'user = Claim("user", Eq(sin(x)**2 + cos(x)**2, 1), uses=[wrong])\n')
    refs = refs_in(path, two)
    (record,) = run([ref for ref in refs if ref.name == "user"], QUICK, supervisor=two)
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "uses wrong, which is refuted" in record.because
