"""Do both engines find the same people? Same match sets, counts and exact-field facets, over one generated data set.

    python bench/engine_parity.py FOLDER [--store embedded:PATH] [--opensearch URL] [--queries 200] [--json]

FOLDER: what the feed generator wrote (feeds and queries.jsonl). The feeds are ingested into an embedded store (or --store names one that
holds them) and its profiles copied into OpenSearch (copy_store.py); each engine indexes them itself. Without --opensearch a server is
started for the purpose. Every query is interpreted once and asked of both: all pages, the total, and every facet there is.
Ends with code 1 when an answer differs, and says which.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
from asked import FACETS_AT_MOST, Body, read_queries
from copy_store import copy_store
from running import ROOT, roster, source_of

from engines.base import Reader
from engines.opening import open_reader
from engines.query import SearchQuery
from privacy.reading import ProfileReader
from search_api.query import FACET_FIELDS, interpret
from search_api.requests import request_from_body
from tests.opensearch.asking import ask
from tests.opensearch.cluster import cluster

MUST = ("match sets", "counts", "facets")  # the engines score differently: who of equals comes first may differ
PAGE = 1000  # hits asked for at a time, the most an engine gives
SOURCES = ROOT / "bench" / "sources"


@dataclass(frozen=True, slots=True)
class Answer:
    """All of what an engine says to a query. first: the best hit."""

    total: int
    ids: frozenset[str]
    facets: dict[str, list[tuple[str, int]]]
    first: str | None


def today() -> date:
    """The day by which values expire."""
    return datetime.now(UTC).date()


async def whole_answer(door: ProfileReader, query: SearchQuery) -> Answer:
    """Every page of an answer."""
    query = replace(query, size=PAGE, facets=dict.fromkeys(FACET_FIELDS.values(), FACETS_AT_MOST))
    page = await door.search(query)
    facets = {field: list(page.facets[field]) for field in query.facets}
    found = [hit.id for hit in page.hits]
    while page.cursor:
        page = await door.search(replace(query, cursor=page.cursor, facets={}))
        found += [hit.id for hit in page.hits]
    if len(set(found)) != len(found):
        sys.exit("a hit came twice")
    return Answer(page.total, frozenset(found), facets, found[0] if found else None)


async def compare(readers: dict[str, Reader], asked: list[tuple[str, Body]]) -> dict[str, Any]:
    """Ask everything of both engines; what was found to agree, and the differences."""
    doors = [ProfileReader(reader, today) for reader in readers.values()]
    same: Counter[str] = Counter()
    differences: list[dict[str, Any]] = []
    matches = 0
    for kind, body in asked:
        request = request_from_body(body)
        meant = interpret(request)
        query = meant.query
        one, other = [await whole_answer(door, query) for door in doors]
        if not one.total and not other.total and meant.can_relax:
            query = interpret(request, relaxed=True).query
            one, other = [await whole_answer(door, query) for door in doors]
        matches += one.total
        checks = {
            "match sets": one.ids == other.ids,
            "counts": one.total == other.total == len(one.ids),
            "facets": one.facets == other.facets,
            "first hit": one.first == other.first,
        }
        same.update(name for name, holds in checks.items() if holds)
        if wrong := [name for name in MUST if not checks[name]]:
            differences.append({"kind": kind, "body": body, "differ": wrong, **told(one, other)})
    return {"queries": len(asked), "matches": matches, "same": dict(same), "differences": differences}


def told(one: Answer, other: Answer) -> dict[str, Any]:
    """How two answers differ, a few examples of each."""
    return {
        "totals": [one.total, other.total],
        "only in the first": sorted(one.ids - other.ids)[:3],
        "only in the second": sorted(other.ids - one.ids)[:3],
        "facets": [field for field in one.facets if one.facets[field] != other.facets[field]],
    }


@contextmanager
def opensearch(url: str | None) -> Iterator[str]:
    """A store's url on the server given, or on one started for the length of the block."""
    prefix = f"parity{uuid.uuid4().hex[:8]}"
    if url is None:
        with cluster(heap="1g") as made:
            yield f"opensearch+{made.url}/{prefix}"
        return
    url = url.rstrip("/")
    yield f"opensearch+{url}/{prefix}"
    ask(f"{url}/{prefix}-*", "DELETE")


def ingested(folder: Path, store: Path) -> str:
    """Every feed of the folder, batch after batch, in a new embedded store; its url."""
    files = [path for place in (folder, *sorted(folder.glob("batch_*"))) for path in sorted(place.iterdir())]
    for feed in [path for path in files if (SOURCES / f"{path.name.split('.')[0]}.toml").exists()]:
        roster(store, "sources", "add", str(source_of(feed, SOURCES)))
        roster(store, "ingest", str(feed), "--source", feed.name.split(".")[0], "--json")
    return f"embedded:{store}"


async def run(first: str, second: str, asked: list[tuple[str, Body]]) -> dict[str, Any]:
    """Copy, then compare."""
    count = await copy_store(first, second)
    readers = {url: await open_reader(url, today=today) for url in (first, second)}
    try:
        return {"profiles": count, **await compare(readers, asked)}
    finally:
        for reader in readers.values():
            await reader.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--store", help="url of an embedded store that holds the feeds already")
    parser.add_argument("--opensearch", metavar="URL", help="a server to use, such as http://127.0.0.1:9200")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with ExitStack() as open_until_done:
        scratch = Path(open_until_done.enter_context(tempfile.TemporaryDirectory()))
        first = options.store or ingested(options.folder, scratch / "store")
        second = open_until_done.enter_context(opensearch(options.opensearch))
        result = asyncio.run(run(first, second, read_queries(options.folder, options.queries)))
    if options.json:
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        print(f"{result['profiles']:,} profiles, {result['queries']} queries, {result['matches']:,} matches in all")
        for name in (*MUST, "first hit"):
            print(f"{name:12s} the same for {result['same'].get(name, 0)} of {result['queries']}")
        for difference in result["differences"]:
            print(orjson.dumps(difference).decode())
    sys.exit(1 if result["differences"] else 0)


if __name__ == "__main__":
    main()
