"""Does an ingest that is killed at random points end with the same bytes as one left alone?

    python bench/kills.py FEED --source-file SOURCE.toml [--kills 50] [--seed 1] [--workers 2]

One store takes the feed undisturbed. Another one takes it in a command that is killed with SIGKILL (workers end with it) after a random
share of the undisturbed time, again and again; whenever a run comes to its end, the exports are compared and a new store is begun. No
record may be lost between two runs, the exports must be equal, and the index must hold every profile once. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
        expected = exports(alone, Path(folder))
        kills, rounds, lost, differing, last = 0, 0, 0, 0, 0
        while kills < options.kills:
            process = start(killed, options.feed, source, options.workers)
            try:
                process.wait(rng.uniform(0.02, 0.9) * whole)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            else:  # done before its kill: compare, and begin anew
                rounds += 1
                differing += exports(killed, Path(folder)) != expected
                shutil.rmtree(killed)
                roster(killed, "sources", "add", str(options.source_file))
                last = 0
            now = held(killed)
            lost += now < last
            last = now
        start(killed, options.feed, source, options.workers).wait()
        differing += exports(killed, Path(folder)) != expected
        statuses = [roster(store, "status", "--json").json() for store in (alone, killed)]
        print(f"undisturbed {whole:.1f} s; {kills} kills in {rounds + 1} rounds")
        print(f"records lost between runs: {lost}; rounds that differ: {differing}")
        for name, get in (("records", _records), ("profiles", _profiles), ("indexed", _indexed)):
            print(f"{name:10s} undisturbed {get(statuses[0]):8,d}   killed {get(statuses[1]):8,d}")
        sys.exit(1 if differing or lost or _indexed(statuses[0]) != _indexed(statuses[1]) else 0)


def _records(status: dict[str, Any]) -> int:
    return int(status["records"])


def _profiles(status: dict[str, Any]) -> int:
    return int(status["profiles"])


def _indexed(status: dict[str, Any]) -> int:
    return int(status["index"]["documents"])


if __name__ == "__main__":
    main()
