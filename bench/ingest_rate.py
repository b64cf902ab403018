"""How many records a second does `roster ingest` take, with how much memory, and how fast is the same again?

    python bench/ingest_rate.py FEED... --sources DIR [--runs 3] [--workers 2]

Each run starts from an empty store: every feed is ingested with the source file of its name, then all of them again. Seconds are of
the whole command, start-up included; memory is the largest process. The second pass must add and change nothing in exports and histories.
Two versions of roster that make the same of feeds on one day print the same digest of the exports.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
from running import Finished, roster, source_of


def run_once(feeds: list[Path], sources: Path, workers: int) -> dict[str, float | bool | int | str]:
    """One run on an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        for feed in feeds:
            roster(store, "sources", "add", str(source_of(feed, sources)))
        first = [ingest(store, feed, workers) for feed in feeds]
        before, events = exports(store, Path(folder)), history(store)
        again = [ingest(store, feed, workers) for feed in feeds]
        records = sum(f.json()["read"] for f in first)
        seconds, seconds_again = sum(f.seconds for f in first), sum(f.seconds for f in again)
        return {
            "records": records,
            "seconds": seconds,
            "records_per_second": records / seconds,
            "processor_seconds": sum(f.processor_seconds for f in first),
            "peak_megabytes": max(f.peak_megabytes for f in first),
            "again_seconds": seconds_again,
            "again_records_per_second": records / seconds_again,
            "events": events["events"],
            "again_changed_nothing": exports(store, Path(folder)) == before and history(store) == events,
            "exports_digest": blake2b(b"".join(before), digest_size=8).hexdigest(),
        }


def ingest(store: Path, feed: Path, workers: int) -> Finished:
    """One `roster ingest`."""
    return roster(store, "ingest", str(feed), "--source", feed.name.split(".")[0], "--workers", str(workers), "--json")


def exports(store: Path, folder: Path) -> tuple[bytes, bytes]:
    """Both exports' bytes."""
    assignments, profiles = folder / "a.csv", folder / "p.jsonl"
    roster(store, "export", "assignments", "--out", str(assignments))
    roster(store, "export", "profiles", "--out", str(profiles))
    return assignments.read_bytes(), profiles.read_bytes()


def history(store: Path) -> dict[str, Any]:
    """How many events the store has, and the digest of all."""
    told: dict[str, Any] = roster(store, "history", "--check", "--json").json()
    return told


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", nargs="+", type=Path)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    runs = [run_once(options.feeds, options.sources, options.workers) for _ in range(options.runs)]
    if options.json:
        print(orjson.dumps(runs, option=orjson.OPT_INDENT_2).decode())
        return
    for name in runs[0]:
        texts = {run[name] for run in runs if isinstance(run[name], str)}
        if texts:
            print(f"{name:26s} {', '.join(sorted(map(str, texts)))}")
            continue
        values = [float(run[name]) for run in runs]
        print(f"{name:26s} median {statistics.median(values):12,.1f}   all {', '.join(f'{v:,.1f}' for v in values)}")


if __name__ == "__main__":
    main()
