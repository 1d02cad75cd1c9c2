"""20,000 runs of true claims at an error rate of 1e-2; the counts are kept beside this file.

python -m tests.calibration.false_alarms
"""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import torch

from tests.calibration.laws import KNOWN, not_above, rejected
from tests.calibration.test_false_alarms import KEPT, LEVEL, RATE

RUNS = 20_000
ROOT = Path(__file__).parents[2]
DECIDING = ("numerics/statistics", "numerics/instruments/monte_carlo.py", "numerics/moment_bounds.py", "numerics/declared_bounds.py")
DECIDING += ("numerics/sampler.py", "numerics/measurement.py", "verify/measure.py", "verify/sequential.py", "verify/compare.py")
"""The code that the result is about; its digest is kept with it."""


def digest() -> str:
    """Of the texts of what decides, in order."""
    files = [path for name in DECIDING for path in (sorted((ROOT / name).glob("*.py")) if (ROOT / name).is_dir() else [ROOT / name])]
    return hashlib.blake2b(b"".join(path.read_bytes() for path in files), digest_size=8).hexdigest()


def main() -> None:
    """Run, print, keep."""
    torch.set_num_threads(1)
    runs = -(-RUNS // len(KNOWN))
    laws = {}
    for name, known in KNOWN.items():
        claim = known.claim(name)
        laws[name] = {"runs": runs, "alarms": sum(rejected(claim, 10**6 + seed, RATE) for seed in range(runs))}
        print(f"{name}: {laws[name]['alarms']} of {runs}", flush=True)
    alarms, total = sum(law["alarms"] for law in laws.values()), sum(law["runs"] for law in laws.values())
    kept = {"rate": RATE, "runs": total, "alarms": alarms, "laws": laws, "date": datetime.date.today().isoformat(), "digest": digest()}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"{alarms} of {total}: {'within' if not_above(alarms, total, RATE, LEVEL) else 'ABOVE'} the rate {RATE:g}")


if __name__ == "__main__":
    main()
