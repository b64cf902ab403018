"""How long does resolving one record take, against a store that holds many people?

    python bench/resolve_latency.py STORE FEED --source-file FILE [--records 500] [--skip 0]

STORE is the url of a filled store. Records of the feed are resolved one by one, as a dry run of `roster ingest` does it: their keys and
candidates are read from the store, compared and decided; nothing is written. Records are mapped and normalised before the clock starts.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import orjson

from engines.base import Collection
from engines.opening import open_writer
from indexer.batch import Batch
from indexer.prepare import prepare
from indexer.readers import READERS, open_feed
from privacy.fieldmap import FieldMap
from privacy.gate import gate
from privacy.policy import load_policy
from privacy.sources import Source, read_source
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.errors import RecordRejected
from profiles.models import SourceRecord


def records(feed: Path, source: Source, today: date) -> Iterator[SourceRecord]:
    """Every record an ingest would take; each under an id of its own, so that none is known already."""
    field_map = FieldMap(source)
    _, stream, _ = open_feed(feed)
    with stream:
        for row in READERS[source.feed.format](stream, source.feed):
            try:
                kept, _ = gate(field_map.apply(row.fields or {}, []), source, today)
                record, _ = prepare(kept, source.id, source.country, today)
            except RecordRejected:
                continue
            yield record.model_copy(update={"record_id": f"measured-{record.record_id}"})


async def measure(url: str, ready: list[SourceRecord], source: Source, today: date) -> dict[str, float]:
    """Milliseconds of one resolve: median, 95th percentile, worst; and what the store holds."""
    store = await open_writer(url, create=False)
    try:
        batch = Batch(store, load_policy(None), SuppressionList(store.service, SuppressionKey("bench", bytes(32))), today, dry_run=True)
        begun = time.perf_counter()
        await batch.begin(source)
        begin = time.perf_counter() - begun
        took = []
        for record in ready:
            begun = time.perf_counter()
            await batch.apply([record])
            took.append(1000 * (time.perf_counter() - begun))
        return {
            "profiles": await store.contacts.count(Collection.PROFILES),
            "records_measured": len(took),
            "begin_ms": 1000 * begin,
            "median_ms": statistics.median(took),
            "p95_ms": statistics.quantiles(took, n=20)[18],
            "worst_ms": max(took),
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    finally:
        await store.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("feed", type=Path)
    parser.add_argument("--source-file", type=Path, required=True)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--skip", type=int, default=0, help="records of the feed to pass over")
    parser.add_argument("--today", type=date.fromisoformat, default=None)
    options = parser.parse_args()
    today = options.today or date.today()
    source = read_source(options.source_file)
    ready = list(islice(records(options.feed, source, today), options.skip, options.skip + options.records))
    print(orjson.dumps(asyncio.run(measure(options.store, ready, source, today)), option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
