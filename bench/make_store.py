"""Fills an embedded store with the persons of a generated data set, one profile each, without an ingest.

    python bench/make_store.py people.jsonl PATH [--limit N] [--jobs 2] [--keys]

For benches of search alone: every person becomes one record of one source, normalised and merged as an ingest would, and is written through
the engine's own interface; nobody has to be recognised. Stopped anywhere, the same command goes on. `bench/search_latency.py` measures on
what this makes; with the keys by which a record finds people (--keys, held in memory meanwhile), `bench/resolve_latency.py` and
`bench/verify_latency.py` do, too.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import running  # noqa: F401  # puts the project on the path

from engines.base import Collection, Write, Writer
from engines.opening import open_writer
from indexer.outline import outline_of
from indexer.prepare import prepare
from profiles.merge import merge
from profiles.models import ValueKind
from profiles.resolve.keys import MAX_HOLDERS, STRONG_KINDS, blocks_of, key_of

BATCH = 1000  # profiles a write
INDEXED = 50_000  # profiles a round: what is lost when it is stopped
_PERIODS = {"generated": dict.fromkeys(ValueKind, 3650)}


def mapped(person: dict[str, Any]) -> dict[str, Any]:
    """A person as the field map of a feed would deliver them."""
    home, jobs = person["home"], person["jobs"]
    return {
        "record_id": person["person_id"],
        "name": {"given": " ".join(filter(None, (person["given"], person["middle"]))), "family": person["family"]},
        "other_names": [" ".join(person["native"])] if person["native"] else [],
        "country": home["country"],
        "emails": [*person["personal_emails"], *(job["email"] for job in jobs if job["email"])],
        "phones": [person["mobile"]] if person["mobile"] else [],
        "links": [{"network": network, "handle": handle} for network, handle in person["handles"].items()],
        "skills": person["skills"],
        "location": {"city": home["city"], "region": home["region"], "country": home["country"]},
        "jobs": [
            {
                "title": job["title"],
                "company": job["company_legal"] or job["company"],
                "domain": job["domain"],
                "started": job["start"],
                "ended": job["end"],
            }
            for job in jobs
        ],
    }


def profiles(lines: list[tuple[int, bytes]], today: date) -> list[tuple[str, bytes, date | None]]:
    """Id, JSON and next expiry of each person's profile. The day of the last change is spread over three years."""
    made = []
    for number, line in lines:
        day = today - timedelta(days=number % 1000)
        record, _ = prepare(mapped(orjson.loads(line)), "generated", None, day)
        key = f"p{blake2b(line, digest_size=8).hexdigest()}"  # spread over the key space, as a store's own ids are
        profile = merge(key, datetime(2026, 1, 1, tzinfo=UTC), [record], _PERIODS)
        made.append((profile.id, profile.model_dump_json().encode(), profile.next_expiry))
    return made


def batches(people: Path, start: int, limit: int | None) -> Iterator[list[tuple[int, bytes]]]:
    """Numbered lines of the file from `start` on, BATCH at a time."""
    with people.open("rb") as lines:
        numbered = islice(enumerate(lines), start, limit)
        while batch := list(islice(numbered, BATCH)):
            yield batch


async def fill_keys(writer: Writer) -> None:
    """Write the keys of the profiles that are there, as their records would have made them."""
    holders: dict[str, list[str]] = {}
    async for document in writer.contacts.scan(Collection.PROFILES):
        outline = outline_of(document)
        traits = outline.undated(frozenset(ValueKind))
        kinds = (ValueKind(value["kind"]) for value in outline.values)
        strong = (key_of(kind, value["keys"][0]) for kind, value in zip(kinds, outline.values, strict=True) if kind in STRONG_KINDS)
        for key in (*strong, *blocks_of(traits)):
            holders.setdefault(key, []).append(document.key)
    keys = iter(holders.items())
    while several := list(islice(keys, 10 * BATCH)):
        writes = (
            Write(Collection.KEYS, key, orjson.dumps({"profiles": held[:MAX_HOLDERS], "shared": len(held) > MAX_HOLDERS}))
            for key, held in several
        )
        await writer.contacts.write(list(writes))
    print(f"{len(holders):,} keys")


async def fill(people: Path, store: Path, limit: int | None, jobs: int, keys: bool) -> None:
    """Write the profiles, their keys where wanted, then the index."""
    begun = time.perf_counter()
    today = datetime.now(UTC).date()
    writer = await open_writer(f"embedded:{store}")
    loop = asyncio.get_running_loop()
    done = await writer.contacts.count(Collection.PROFILES)
    print(f"{done:,} profiles are there")
    with ProcessPoolExecutor(jobs) as pool:
        waiting: list[Any] = []
        source = batches(people, done, limit)
        while True:
            waiting += [loop.run_in_executor(pool, profiles, batch, today) for batch in islice(source, 2 * jobs - len(waiting))]
            if not waiting:
                break
            made = await waiting.pop(0)
            await writer.contacts.write([Write(Collection.PROFILES, key, body, None, due) for key, body, due in made])
            done += len(made)
    if keys:
        await fill_keys(writer)
    written = time.perf_counter()
    print(f"{done:,} profiles: written in {written - begun:.0f} s", flush=True)
    indexed = 0
    while several := await writer.index.catch_up(INDEXED):
        indexed += several
    print(f"{indexed:,} indexed in {time.perf_counter() - written:.0f} s")
    await writer.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keys", action="store_true", help="write keys as well, so that records can be resolved")
    options = parser.parse_args()
    asyncio.run(fill(options.people, options.store, options.limit, options.jobs, options.keys))


if __name__ == "__main__":
    main()
