"""Do several ingests at the same people come to whole profiles, however their requests happen to meet?

    python bench/meeting_writers.py [--runs 10] [--persons 60] [--writers 3] [--seed 0] [--opensearch URL]

Each run: so many ingests in one process take feeds about the same invented persons, in different orders, with a random delay before and
after every write and read by id, so that a few persons meet in as many ways as thousands on a busy cluster. Afterwards every person must
have one profile, and every record must be listed by the profile that it names. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from persons import SOURCE_TOML, TODAY, row
from running import ROOT

from engines.base import Collection, Writer
from engines.opening import open_writer
from engines.opensearch import bulk
from engines.opensearch.connection import Connection
from indexer import ingest as ingesting
from indexer.ingest import ingest
from privacy.policy import load_policy
from privacy.sources import SourceRegistry, parse_source
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.models import Profile, ProfileState, SourceRecord
from tests.opensearch.cluster import cluster

assert ROOT  # noqa: S101  imported for the path it sets: tests/ lies beside bench/
BATCH = 20  # records: several batches of each ingest are under way while others begin
LONGEST = 0.5  # seconds of a delay; most are a tenth of it


def delayed(rng: random.Random, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, with a delay before and after."""

    async def call(*given: Any, **named: Any) -> Any:
        await asyncio.sleep(rng.random() ** 3 * LONGEST)
        answer = await real(*given, **named)
        await asyncio.sleep(rng.random() ** 3 * LONGEST)
        return answer

    return call


async def take(store: str, name: str, numbers: list[int], folder: Path) -> None:
    """One ingest with a source of its own."""
    import tomllib

    source = parse_source(tomllib.loads(SOURCE_TOML.replace('id = "bench"', f'id = "{name}"')))
    feed = folder / f"{name}.jsonl"
    feed.write_text("".join(json.dumps(row(n)) + "\n" for n in numbers), "utf-8")
    writer = await open_writer(store)
    try:
        await SourceRegistry(writer.contacts).add(source)
        suppressions = SuppressionList(writer.service, SuppressionKey("bench", bytes(32)))
        await ingest(writer, source=source, feed=feed, policy=load_policy(None), suppressions=suppressions, today=TODAY)
    finally:
        await writer.close()


async def look(writer: Writer) -> tuple[int, int, int]:
    """Living profiles, records, and records that the profile they name does not list."""
    listed: dict[str, set[str]] = {}
    leads: dict[str, str] = {}
    async for document in writer.contacts.scan(Collection.PROFILES):
        profile = Profile.model_validate_json(document.body)
        if profile.state is ProfileState.ACTIVE:
            listed[profile.id] = set(profile.records)
        elif profile.merged_into:
            leads[profile.id] = profile.merged_into
    records = lost = 0
    async for document in writer.contacts.scan(Collection.RECORDS):
        record = SourceRecord.model_validate_json(document.body)
        at = record.profile_id
        while at in leads:
            at = leads[at]
        records += 1
        lost += record.key not in listed.get(at, ())
    return len(listed), records, lost


async def one_run(store: str, persons: int, writers: int, seed: int) -> bool:
    """Whether all is whole."""
    rng = random.Random(seed)
    orders = [rng.sample(range(persons), persons) for _ in range(writers)]
    await (await open_writer(store)).close()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(ingesting, "BATCH", BATCH),
        patch.object(bulk, "_send", delayed(rng, bulk._send)),
        patch.object(Connection, "mget", delayed(rng, Connection.mget)),
    ):
        await asyncio.gather(*(take(store, f"feed{n}", order, Path(folder)) for n, order in enumerate(orders)))
    writer = await open_writer(store)
    try:
        profiles, records, lost = await look(writer)
    finally:
        await writer.close()
    print(f"seed {seed}: {profiles} profiles of {persons} persons, {records} records, {lost} in no profile", flush=True)
    return (profiles, records, lost) == (persons, persons * writers, 0)


async def run(options: argparse.Namespace, url: str) -> int:
    """All runs, each in a store of its own."""
    seeds = range(options.seed, options.seed + options.runs)
    whole = [await one_run(f"opensearch+{url}/meeting{seed}", options.persons, options.writers, seed) for seed in seeds]
    print(f"{sum(whole)} of {len(whole)} runs came to whole profiles")
    return int(not all(whole))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--persons", type=int, default=60)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--opensearch", metavar="URL", help="a server to use, such as http://127.0.0.1:9200; its stores stay")
    options = parser.parse_args()
    with nullcontext() if options.opensearch else cluster() as made:
        sys.exit(asyncio.run(run(options, made.url if made else options.opensearch)))


if __name__ == "__main__":
    main()
