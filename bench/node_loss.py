"""What is lost when one of three nodes is killed in the middle of an ingest and of searches?

    python bench/node_loss.py [--records 3000] [--writes 20] [--searches 10] [--heap 512m]

Three nodes of its own, each index with one copy. `roster ingest` takes a feed of invented persons while searches and single writes go on;
when a third of the feed is in, the node that holds most primary shards is killed with SIGKILL and stays away. The ingest must end by itself
with every record; every write that was acknowledged must be there and be found. A write under way when the load stops is settled as the
next job would do; then the index must hold an entry for every profile, and no other. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from load import load, lost
from persons import TODAY, write_feed
from reindex_under_load import fill
from running import ROSTER, environment, roster

from engines.base import Collection, Writer
from engines.opening import open_writer
from engines.query import SearchQuery, Sort
from indexer.commit import settle
from indexer.periods import all_periods
from privacy.policy import load_policy
from tests.opensearch.cluster import Cluster, cluster

KNOWN = 1000  # persons there before, whom searches ask for


async def run(options: argparse.Namespace) -> int:
    """Fill, ingest, kill, look."""
    with tempfile.TemporaryDirectory() as folder, cluster(nodes=3, heap=options.heap) as three:
        hosts = ",".join(url.removeprefix("http://") for url in three.urls)
        store = f"opensearch+http://{hosts}/bench"
        writer = await open_writer(store)
        await fill(writer, KNOWN)
        three.wait_green()
        feed, described = write_feed(Path(folder), options.records, first=10_000_000, source_id="feed")
        roster(store, "sources", "add", str(described))
        async with load(writer, store, KNOWN, writes=options.writes, searches=options.searches) as beside:
            begun = time.monotonic()
            ingest = await asyncio.create_subprocess_exec(
                *ROSTER, "ingest", str(feed), "--source", "feed", "--json", env=environment(store), stdout=asyncio.subprocess.PIPE
            )
            ended = asyncio.create_task(ingest.communicate())
            await until_in(writer, options.records // 3, ended)
            victim = busiest(three)
            killed = time.monotonic()
            await asyncio.to_thread(three.stop_node, victim)
            print(f"node {victim + 1} killed {killed - begun:.1f} s after the ingest began, {await taken(writer):,} records in", flush=True)
            await ended
            print(f"ingest ended with {ingest.returncode} after {time.monotonic() - begun:.1f} s", flush=True)
        print("\n".join(f"  {line}" for line in beside.lines()))
        records = await taken(writer)
        await settle(writer, await all_periods(writer.contacts, load_policy(None)))
        not_stored, not_found = await lost(writer, beside)
        same = await index_is_whole(writer)
        print(f"  records of the feed: {records:,} of {options.records:,}")
        print(f"  of {len(beside.acknowledged):,} persons with acknowledged writes: not stored {not_stored}, not found {not_found}")
        await writer.close()
        whole = ingest.returncode == 0 and records == options.records and same
        return int(not whole or bool(not_stored or not_found or beside.missed))


async def taken(writer: Writer) -> int:
    """Records of the feed in the store."""
    return sum([1 async for _ in writer.contacts.scan(Collection.RECORDS, after="feed/")])


async def index_is_whole(writer: Writer) -> bool:
    """Whether everybody whose profile is not merged into another one is found, and nobody else; prints what differs."""
    profiles = {document.key async for document in writer.contacts.scan(Collection.PROFILES) if b'"state":' not in document.body}
    found = await everybody(writer)
    entries = (await writer.search.health())["documents"]  # a search leaves out those without a profile
    print(f"  entries {entries:,}, profiles {len(profiles):,}; profiles not found {len(profiles - found)}: {sorted(profiles - found)[:5]}")
    return profiles == found and entries == len(found)


async def everybody(writer: Writer) -> set[str]:
    """Ids of all whom a search finds."""
    found: set[str] = set()
    query: SearchQuery | None = SearchQuery(sort=Sort.ID, size=1000, today=TODAY)
    while query is not None:
        page = await writer.search.search(query)
        found |= {hit.id for hit in page.hits}
        query = replace(query, cursor=page.cursor) if page.cursor else None
    return found


async def until_in(writer: Writer, count: int, ended: asyncio.Task[Any]) -> None:
    """Wait until so many records of the feed are in the store, or the ingest has ended."""
    while await taken(writer) < count and not ended.done():  # noqa: ASYNC110  a store has no way to call back
        await asyncio.sleep(0.2)


def busiest(three: Cluster) -> int:
    """The number of the node with most primary shards, the first of equals."""
    rows: list[dict[str, Any]] = three.request("GET", "/_cat/shards?format=json")
    primaries = Counter(row["node"] for row in rows if row["prirep"] == "p")
    return max(range(len(three.nodes)), key=lambda i: primaries[three.nodes[i].name])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=3000)
    parser.add_argument("--writes", type=float, default=20, help="persons a second, beside the ingest")
    parser.add_argument("--searches", type=float, default=10, help="a second")
    parser.add_argument("--heap", default="512m", help="of each node")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
