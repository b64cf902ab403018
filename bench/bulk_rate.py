"""How fast does a store in OpenSearch take ready profiles, against plain bulk requests of the same ready bodies?

    python bench/bulk_rate.py STORE [--profiles 20000] [--rounds 3] [--opensearch URL] [--json]

STORE: url of any store, whose first profiles are used. Three comparisons, their two ways in turn, each into indices made for the round:
  truth   plain: the very documents roster makes, as ready bulk bodies of 1,000, posted one after the other by aiohttp over one
          connection; two at a time were not faster
          roster: `write` of the profiles, 1,000 a call: conditions, the note of the call, and a look whether anybody came between
  sent    plain: ready index entries in bodies of 1,000, then a refresh, into an index with the settings of one being filled
          roster: the same entries as its own bulk writes, 1,000 a call, each with its version and an outcome of its own
  index   plain: as above
          roster: `rebuild` from the profiles: reads them, makes the entries, writes, verifies and publishes
Profiles a second, and the ratio roster/plain of the rounds together. What is ready is made before the clock starts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from typing import Any

import aiohttp
import orjson
from engine_parity import opensearch, today

from engines.base import Collection, Document, Write, Writer
from engines.opening import open_reader, open_writer
from engines.opensearch import documents
from engines.opensearch.address import read_address
from engines.opensearch.bulk import Action, bulk
from engines.opensearch.connection import Connection
from engines.opensearch.entries import entry, version_actions
from engines.opensearch.schema import current_schema
from profiles.models import Profile

PART = 1000  # profiles of a call, documents of a bulk request
LINES = {"Content-Type": "application/x-ndjson"}


async def ready(store: str, count: int) -> list[Write]:
    """The writes of the store's first profiles."""
    reader = await open_reader(store)
    writes: list[Write] = []
    async for document in reader.contacts.scan(Collection.PROFILES):
        due = Profile.model_validate_json(document.body).next_expiry
        writes.append(Write(Collection.PROFILES, document.key, document.body, None, due))
        if len(writes) == count:
            break
    await reader.close()
    return writes


def truth_bodies(writes: list[Write], index: str) -> list[bytes]:
    """Bulk bodies of the documents as `write` makes them."""
    sources = [{"key": w.key, "due": w.due.isoformat() if w.due else None, "body": (w.body or b"").decode()} for w in writes]
    return in_parts([Action(index, "index", source["key"] or "", source) for source in sources])


def entry_bodies(writes: list[Write], index: str) -> list[bytes]:
    """Bulk bodies of the index entries."""
    made = [(w.key, entry(w.body or b"", today())) for w in writes]
    return in_parts([Action(index, "index", key, source) for key, source in made if source is not None])


def in_parts(actions: list[Action]) -> list[bytes]:
    """PART actions a body."""
    return [b"".join(action.lines() for action in actions[n : n + PART]) for n in range(0, len(actions), PART)]


class Plain:
    """The plain client."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """One request; the answer's JSON."""
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        async with self._session.request(method, f"{self._url}{path}", data=data, headers=headers) as response:
            answer = orjson.loads(await response.read())
            if response.status >= 300 or (isinstance(answer, dict) and answer.get("errors")):
                sys.exit(f"{method} {path}: {response.status}")
            return answer

    async def fill(self, index: str, made: dict[str, Any], bodies: list[bytes], *, refresh: bool) -> float:
        """Seconds to send all bodies into an index that is made and removed outside the clock."""
        await self.ask("PUT", f"/{index}", made, {"Content-Type": "application/json"})
        begun = time.perf_counter()
        for body in bodies:
            await self.ask("POST", "/_bulk", body, LINES)
        if refresh:
            await self.ask("POST", f"/{index}/_refresh")
        spent = time.perf_counter() - begun
        await self.ask("DELETE", f"/{index}")
        return spent


async def written(writer: Writer, writes: list[Write]) -> float:
    """Seconds to write all profiles."""
    begun = time.perf_counter()
    for start in range(0, len(writes), PART):
        await writer.contacts.write(writes[start : start + PART])
    return time.perf_counter() - begun


async def sent(store: str, index: str, writes: list[Write]) -> float:
    """Seconds to send ready entries as roster's own bulk writes."""
    connection = Connection(read_address(store), 30.0)
    await connection.request("PUT", f"/{index}", current_schema().body(filling=True))
    profiles = [Document(write.key, write.body or b"", 1) for write in writes]
    parts = [version_actions(index, profiles[n : n + PART], today()) for n in range(0, len(profiles), PART)]
    begun = time.perf_counter()
    for part in parts:
        await bulk(connection, part)
    await connection.request("POST", f"/{index}/_refresh")
    spent = time.perf_counter() - begun
    await connection.request("DELETE", f"/{index}")
    await connection.close()
    return spent


async def rebuilt(writer: Writer) -> float:
    """Seconds to build the index anew."""
    begun = time.perf_counter()
    await writer.index.rebuild()
    return time.perf_counter() - begun


async def one_round(plain: Plain, store: str, url: str, writes: list[Write]) -> dict[str, float]:
    """Seconds of each way."""
    truth = {"settings": {"index": documents.SETTINGS}, "mappings": documents.MAPPINGS}
    spent = {"truth plain": await plain.fill("plain-truth", truth, truth_bodies(writes, "plain-truth"), refresh=False)}
    writer = await open_writer(store, create=True)
    spent["truth roster"] = await written(writer, writes)
    await writer.index.catch_up()  # leaves the outbox empty; not measured
    spent["index roster"] = await rebuilt(writer)
    await writer.close()
    bodies = entry_bodies(writes, "plain-index")
    spent["index plain"] = await plain.fill("plain-index", current_schema().body(filling=True), bodies, refresh=True)
    spent["sent roster"] = await sent(store, "plain-index", writes)
    spent["sent plain"] = spent["index plain"]
    prefix = store.rpartition("/")[2]
    await plain.ask("DELETE", f"/{prefix}-*")
    return spent


async def run(options: argparse.Namespace, store: str) -> dict[str, float]:
    """All rounds; profiles a second of each way and the ratios."""
    writes = await ready(options.store, options.profiles)
    url = store.removeprefix("opensearch+").rpartition("/")[0]
    total: dict[str, float] = {}
    async with aiohttp.ClientSession() as session:
        for _ in range(options.rounds):
            for way, seconds in (await one_round(Plain(session, url), store, url, writes)).items():
                total[way] = total.get(way, 0.0) + seconds
    rates = {way: options.rounds * len(writes) / seconds for way, seconds in total.items()}
    return rates | {f"{what} ratio": rates[f"{what} roster"] / rates[f"{what} plain"] for what in ("truth", "sent", "index")}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--opensearch", metavar="URL", help="a server to use, such as http://127.0.0.1:9200")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with opensearch(options.opensearch) as store:
        result = asyncio.run(run(options, store))
    if options.json:
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
        return
    print(f"{options.profiles:,} profiles, {options.rounds} rounds, {os.cpu_count()} cores")
    for what in ("truth", "sent", "index"):
        told = f"plain {result[f'{what} plain']:8,.0f}/s   roster {result[f'{what} roster']:8,.0f}/s   ratio {result[f'{what} ratio']:.2f}"
        print(f"{what:6s} {told}")


if __name__ == "__main__":
    main()
