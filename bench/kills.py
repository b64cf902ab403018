"""Does an ingest that is killed at random points end with the same bytes as one left alone?

    python bench/kills.py FEED --source-file SOURCE.toml [--kills 50] [--seed 1] [--workers 2]

One store takes the feed undisturbed. Another one takes it in a command that is killed with SIGKILL (workers included, as they end with
it) after a random share of the undisturbed time, again and again until the kills are used up; then it runs to its end. Both exports must be
equal, no record lost, none twice; the search index must hold every profile once. Exits with 1 when anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ingest_rate import exports
from running import ROOT, ROSTER, roster


def start(store: Path, feed: Path, source: str, workers: int) -> subprocess.Popen[bytes]:
    """An ingest in a process of its own."""
    return subprocess.Popen(
        [*ROSTER, "ingest", str(feed), "--source", source, "--workers", str(workers), "--json"],
        env={**os.environ, "ROSTER_STORE": f"embedded:{store}", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def held(store: Path) -> int:
    """Records in the store now."""
    return int(roster(store, "status", "--json").json()["records"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feed", type=Path)
    parser.add_argument("--source-file", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rng, source = random.Random(options.seed), options.source_file.stem
    with tempfile.TemporaryDirectory() as folder:
        alone, killed = Path(folder) / "alone", Path(folder) / "killed"
        for store in (alone, killed):
            roster(store, "sources", "add", str(options.source_file))
        begun = time.perf_counter()
        start(alone, options.feed, source, options.workers).wait()
        whole = time.perf_counter() - begun
        kills, finished, lost, last = 0, 0, 0, 0
        while kills < options.kills:
            process = start(killed, options.feed, source, options.workers)
            try:
                process.wait(rng.uniform(0.02, 0.9) * whole)
                finished += 1  # it was done before the kill; the next one starts from the full store
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            now = held(killed)
            lost += now < last
            last = now
        process = start(killed, options.feed, source, options.workers)
        process.wait()
        same = exports(alone, Path(folder)) == exports(killed, Path(folder))
        statuses = [roster(store, "status", "--json").json() for store in (alone, killed)]
        print(f"undisturbed {whole:.1f} s; {kills} kills, {finished} runs ended before their kill; records lost between runs: {lost}")
        print(f"exports equal: {same}; records {[s['records'] for s in statuses]}, profiles {[s['profiles'] for s in statuses]}, ", end="")
        print(f"indexed {[s['index']['documents'] for s in statuses]}")
        sys.exit(0 if same and not lost and statuses[0]["index"]["documents"] == statuses[1]["index"]["documents"] else 1)


if __name__ == "__main__":
    main()
