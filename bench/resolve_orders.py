"""Does the order in which records come decide who is who, and what is left for a person to judge?

    python bench/resolve_orders.py FEEDS [--sources bench/sources] [--orders 5]

FEEDS as for resolve_feeds.py. Its records, earlier versions included, go into an embedded store of their own, in batches as `roster ingest`
makes them: in the order of the deliveries, and in so many shuffled orders, two or more. Of each order it tells how right the profiles are,
and of the pairs that `roster resolve review` then lists, how many there are for a thousand records and how many are one person; at the end,
how well any two of the shuffled orders agree, at the least (adjusted Rand).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from clusters import adjusted_rand, scores
from resolve_feeds import SOURCES, records, truth_of
from running import ROOT

from engines.base import Collection, Writer
from engines.opening import open_writer
from indexer.batch import Batch
from indexer.ingest import BATCH
from privacy.policy import load_policy
from privacy.reading import ProfileReader
from privacy.sources import SourceRegistry, read_source
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.judgement import Judgements
from profiles.models import Profile, ProfileState, SourceRecord
from search_api.review.queue import waiting

TOLD = ("precision", "recall", "adjusted_rand", "false_merges_per_10k_persons")

EVERY_PAIR = 1_000_000


async def ingested(given: Sequence[SourceRecord], sources: Path, today: date, folder: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Record -> profile, when all have come; and the pairs of profiles to be judged."""
    writer = await open_writer(f"embedded:{folder}")
    try:
        for name in SOURCES:
            await SourceRegistry(writer.contacts).add(read_source(sources / f"{name}.toml"))
        suppressions = SuppressionList(writer.service, SuppressionKey("bench", bytes(32)))
        batch = Batch(writer, load_policy(None), suppressions, today)
        await batch.begin()
        for start in range(0, len(given), BATCH):
            await batch.apply(given[start : start + BATCH])
        pairs, _ = await waiting(writer, ProfileReader(writer, lambda: today), Judgements(), EVERY_PAIR)
        return await assigned(writer), [(pair.one.id, pair.other.id) for pair in pairs]
    finally:
        await writer.close()


async def assigned(writer: Writer) -> dict[str, str]:
    """Record -> the living profile that lists it."""
    found = {}
    async for document in writer.contacts.scan(Collection.PROFILES):
        profile = Profile.model_validate_json(document.body)
        if profile.state is ProfileState.ACTIVE:
            found.update(dict.fromkeys(profile.records, profile.id))
    return found


def figures(found: Mapping[str, str], pairs: Sequence[tuple[str, str]], truth: Mapping[str, str], number: int) -> dict[str, float]:
    """How right the profiles are, and the pairs to be judged.    number: records that came."""
    names = sorted(truth)
    right = scores([truth[name] for name in names], [found.get(name, name) for name in names])
    persons: dict[str, set[str]] = {}
    for record, profile in found.items():
        persons.setdefault(profile, set()).add(truth.get(record, record))
    one = sum(not persons[a].isdisjoint(persons[b]) for a, b in pairs)
    queue = {"pairs_to_judge_per_1000_records": 1000 * len(pairs) / number, "of_one_person": one / len(pairs) if pairs else 1.0}
    return {name: right[name] for name in TOLD} | queue


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", type=Path)
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--orders", type=int, default=5)
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    options = parser.parse_args()
    given, truth = list(records(options.feeds, options.sources, options.today)), truth_of(options.feeds)
    names, shuffled = sorted(truth), []
    result: dict[str, Any] = {"records": len(given)}
    for order in ("deliveries", *range(options.orders)):
        coming = list(given)
        if isinstance(order, int):
            random.Random(order).shuffle(coming)
        with tempfile.TemporaryDirectory() as folder:
            found, pairs = asyncio.run(ingested(coming, options.sources, options.today, folder))
        result[str(order)] = figures(found, pairs, truth, len(given))
        if isinstance(order, int):
            shuffled.append([found.get(name, name) for name in names])
    result["least_adjusted_rand_of_two_orders"] = min(adjusted_rand(a, b) for i, a in enumerate(shuffled) for b in shuffled[:i])
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
