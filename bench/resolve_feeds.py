"""How right is the resolver on generated feeds of known truth? Precision, recall, false merges, each kind of trap.

    python bench/resolve_feeds.py FEEDS [--sources bench/sources] [--calibration]

FEEDS is a folder with truth.csv and traps.csv and feeds, in batches or not. Records are mapped, gated and normalised as an ingest does it,
and resolved in memory, in the order of the batches (resolve_orders.py does it in a store, in other orders). The resolver sees no truth; the
truth is read to score. Blocking is told apart from scoring: bench/pairs.py says how, and what the ten bins of --calibration are.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from clusters import scores, trap_scores
from pairs import Labelled, blocking_recall, calibration
from running import ROOT

from indexer.prepare import prepare
from indexer.readers import READERS, open_feed
from privacy.fieldmap import FieldMap
from privacy.gate import gate
from privacy.sources import read_source
from profiles.errors import RecordRejected
from profiles.models import SourceRecord
from profiles.resolve.keys import blocks_of, strong_keys
from profiles.resolve.register import Register
from profiles.resolve.traits import Traits, traits_of
from profiles.resolve.weights import weights_for_wholes

Item = tuple[str, str, Traits, tuple[str, ...]]
"""Record key, day collected, traits, keys."""


def feeds_of(folder: Path) -> list[Path]:
    """Feed files in the order of the batches, within a batch by name."""
    batches = sorted(p for p in folder.glob("batch_*") if p.is_dir()) or [folder]
    return [f for b in batches for f in sorted(b.iterdir()) if f.suffix in (".jsonl", ".csv") and f.stem in SOURCES]


SOURCES = ("conference", "crm_export", "licensed", "registry", "social", "stale", "website")


def records(folder: Path, sources: Path, today: date) -> Iterator[SourceRecord]:
    """Every record an ingest would take, in its order."""
    for feed in feeds_of(folder):
        source = read_source(sources / f"{feed.stem}.toml")
        field_map = FieldMap(source)
        counted, stream, _ = open_feed(feed)
        for row in READERS[source.feed.format](stream, source.feed):
            try:
                kept, _ = gate(field_map.apply(row.fields or {}, []), source, today)
                yield prepare(kept, source.id, source.country, today)[0]
            except RecordRejected:
                continue
        stream.close()
        counted.close()


def items(folder: Path, sources: Path, today: date) -> list[Item]:
    """Records ready to resolve."""
    found = []
    for record in records(folder, sources, today):
        traits = traits_of(record)
        found.append((record.key, record.collected_at.isoformat(), traits, (*strong_keys(record), *blocks_of(traits))))
    return found


def resolved(ready: list[Item]) -> tuple[Register, dict[str, int], dict[str, float]]:
    """The register, record -> person, and counts."""
    register = Register()
    begun = time.perf_counter()
    newest: dict[str, str] = {}
    for key, day, traits, keys in ready:
        if newest.get(key, "") >= day:
            continue
        newest[key] = day
        register.resolve(key, traits, keys)
    register.settle(weights_for_wholes())
    seconds = time.perf_counter() - begun
    figures = {
        "records_per_second": len(ready) / seconds,
        "candidates_per_record": register.compared / len(ready),
    }
    return register, register.assignments(), figures


def truth_of(folder: Path) -> dict[str, str]:
    """Record key -> person."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {f"{row['source']}/{row['record_id']}": row["person_id"] for row in csv.DictReader(file)}


def traps_of(folder: Path) -> list[tuple[str, list[str], str]]:
    """The traps laid: kind, persons, what is right."""
    with (folder / "traps.csv").open(encoding="utf-8", newline="") as file:
        return [(row["trap_kind"], row["person_ids"].split(), row["expected"]) for row in csv.DictReader(file)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", type=Path)
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--calibration", action="store_true", help="compare what scores promise with what is right, in ten bins")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    options = parser.parse_args()
    ready = items(options.feeds, options.sources, options.today)
    truth = truth_of(options.feeds)
    register, found, figures = resolved(ready)
    latest = {key: (traits, keys) for key, _, traits, keys in ready}
    labelled = [Labelled(truth[key], traits, keys) for key, (traits, keys) in latest.items() if key in truth]
    names = sorted(truth)
    expected, given = [truth[n] for n in names], [found.get(n, n) for n in names]
    result: dict[str, Any] = {**scores(expected, given), "blocking_recall": blocking_recall(labelled), **figures}
    result |= {f"trap {k}": f"{right}/{cases}" for k, (cases, right) in trap_scores(traps_of(options.feeds), expected, given).items()}
    if options.calibration:
        result |= calibration(labelled, register.frequencies, register.weights)
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
