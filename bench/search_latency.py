"""How long do eight kinds of search take: through HTTP, in process, and in the bare index?

    python bench/search_latency.py embedded:PATH [--requests 200] [--seed 1]

The store is an embedded one that has been filled. Questions are made from profiles drawn from it, so that every one has an answer.
Each question is asked three ways in turn, so that a noisy moment hits all of them alike:
  http     POST /v1/profiles/search of a `roster serve` started for the purpose, one connection kept open
  process  the same answer made in this process (search_api.answers.search_answer)
  bare     tantivy alone: the compiled query, its first page and its count; no profile is read
p50 and p95 in milliseconds, and the ratio of medians to bare. Deep page: the 20th page of 50 by relevance, reached by cursors that are not
counted. Every question is asked once; what the engine remembers of earlier ones helps only facets and totals of equal questions.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
from running import ROOT, ROSTER

from engines.base import Collection, Reader
from engines.embedded.compile import compile_query
from engines.opening import open_reader
from privacy.reading import ProfileReader
from profiles.models import Profile, ProfileState, ValueKind
from search_api.answers import search_answer
from search_api.query import interpret
from search_api.requests import request_from_body

Body = dict[str, Any]
DEEP_PAGES, DEEP_SIZE = 20, 50


def today() -> Any:
    """The day by which values expire."""
    return datetime.now(UTC).date()


async def sample(reader: Reader, wanted: int, rng: random.Random) -> list[Profile]:
    """Profiles with a title, a company and a place, drawn from the whole store."""
    found: list[Profile] = []
    for _ in range(20 * wanted):  # a store without skills, say, has none to draw
        if len(found) == wanted:
            return found
        start = "p" + "".join(rng.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(8))
        async for document in reader.contacts.scan(Collection.PROFILES, after=start, batch=20):
            profile = Profile.model_validate_json(document.body)
            kinds = {v.kind for v in profile.values}
            if profile.state is ProfileState.ACTIVE and kinds >= {
                ValueKind.JOB_TITLE,
                ValueKind.COMPANY,
                ValueKind.LOCATION,
                ValueKind.SKILL,
            }:
                found.append(profile)
                break
    sys.exit("too few profiles with a title, a company, a place and a skill")


def text(profile: Profile, kind: ValueKind) -> str:
    """The shown value of a kind."""
    value = profile.first(kind)
    return value.value if value else ""


def place(profile: Profile) -> str:
    """The city, or what there is."""
    value = profile.first(ValueKind.LOCATION)
    return str(value.parts.get("city") or value.value) if value else ""


def misheard(name: str, rng: random.Random) -> str:
    """A spelling that sounds much the same, where a rule fits; else a lost letter."""
    for written, heard in (
        ("ph", "f"),
        ("ck", "k"),
        ("sch", "sh"),
        ("ei", "ai"),
        ("th", "t"),
        ("c", "k"),
        ("z", "s"),
        ("v", "w"),
        ("y", "i"),
    ):
        if written in name[1:]:
            at = name.index(written, 1)
            return name[:at] + heard + name[at + len(written) :]
    at = rng.randrange(1, max(2, len(name) - 1))
    return name[:at] + name[at + 1 :]


def questions(profiles: list[Profile], rng: random.Random) -> dict[str, list[Body]]:
    """Bodies by kind of search."""
    titles = ["engineer", "manager", "director", "analyst", "sales manager", "software engineer", "head of operations", "specialist"]
    several = [p for p in profiles if len(p.of(ValueKind.SKILL)) >= 3]
    return {
        "rare name": [{"q": text(p, ValueKind.NAME)} for p in profiles],
        "common title": [{"job_title": rng.choice(titles), "updated_since": f"20{rng.randrange(10, 26)}-01-01"} for _ in profiles],
        "title, company, city": [
            {"job_title": text(p, ValueKind.JOB_TITLE), "company": text(p, ValueKind.COMPANY), "location": place(p)} for p in profiles
        ],
        "three skills": [{"skill": {"all": [v.value for v in p.of(ValueKind.SKILL)[:3]]}} for p in several],
        "phonetic name": [{"name": misheard(text(p, ValueKind.NAME), rng)} for p in profiles],
        "prefix": [{"q": text(p, ValueKind.NAME)[:-2]} for p in profiles],
        "facets": [{"location": place(p), "facets": ["job_title", "company", "skill", "seniority"], "size": 10} for p in profiles],
        "deep page": [{"job_title": rng.choice(titles), "size": DEEP_SIZE} for _ in profiles[:20]],
    }


class Ways:
    """The three ways of asking."""

    def __init__(self, reader: Reader, session: aiohttp.ClientSession, url: str) -> None:
        self._door, self._session, self._url = ProfileReader(reader, today), session, url
        self._view: Any = reader.search._view  # type: ignore[attr-defined]  # the bare index is no part of the interface

    async def http(self, body: Body) -> Body:
        """Through the server."""
        async with self._session.post(self._url, data=orjson.dumps(body), headers={"Content-Type": "application/json"}) as response:
            answer: Body = orjson.loads(await response.read())
            if response.status != 200:
                sys.exit(f"{response.status}: {answer}")
            return answer

    async def process(self, body: Body) -> Body:
        """In this process."""
        return await search_answer(self._door, request_from_body(body))

    def bare(self, body: Body) -> Callable[[], Any]:
        """The index alone; what to time is what is returned: the query is compiled before."""
        query = interpret(request_from_body({k: v for k, v in body.items() if k != "cursor"})).query
        snapshot = self._view.current()
        compiled = compile_query(query, self._view.schema, expired=False)
        offset = DEEP_SIZE * (DEEP_PAGES - 1) if "cursor" in body else 0
        counted = {f: {"terms": {"field": f, "size": 60, "segment_size": 65_000}} for f in query.facets}

        def ask() -> Any:
            snapshot.searcher.search(compiled, query.size, offset=offset)
            return [snapshot.searcher.aggregate(compiled, {"values": one}) for one in counted.values()]

        return ask


async def deep(ways: Ways, body: Body) -> Body | None:
    """The body of the deep page, its cursor followed; None when the result is not that long."""
    for _ in range(DEEP_PAGES - 1):
        cursor = (await ways.http(body))["cursor"]
        if cursor is None:
            return None
        body = {**body, "cursor": cursor}
    return body


async def measure(ways: Ways, bodies: list[Body], follow: bool) -> dict[str, list[float]]:
    """Milliseconds by way."""
    taken: dict[str, list[float]] = {"http": [], "process": [], "bare": []}
    for body in bodies:
        if follow:
            followed = await deep(ways, body)
            if followed is None:
                continue
            body = followed
        ask = ways.bare(body)
        for name, way in (("http", ways.http), ("process", ways.process if not follow else None), ("bare", None)):
            begun = time.perf_counter()
            if way is not None:
                await way(body)
            elif name == "bare":
                ask()
            else:
                continue  # a cursor belongs to the process that gave it
            taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def lines(results: dict[str, dict[str, list[float]]]) -> Iterator[str]:
    """The table."""
    yield (
        f"{'':22s}{'asked':>6s}"
        + "".join(f"{way:>10s} p50{'p95':>8s}" for way in ("http", "process", "bare"))
        + "   http/bare  process/bare"
    )
    for shape, taken in results.items():
        row = f"{shape:22s}{len(taken['http']):6d}"
        for way in ("http", "process", "bare"):
            times = taken[way]
            row += (
                f"{statistics.median(times):14.2f}{statistics.quantiles(times, n=20)[-1]:8.2f}"
                if len(times) > 1
                else f"{'-':>14s}{'-':>8s}"
            )
        bare = statistics.median(taken["bare"])
        yield row + "".join(f"{statistics.median(taken[w]) / bare:12.1f}" if taken[w] else f"{'-':>12s}" for w in ("http", "process"))


async def run(store: str, count: int, seed: int) -> None:
    """Start the server, ask, print."""
    rng = random.Random(seed)
    server = subprocess.Popen(  # noqa: ASYNC220  started before anything else runs
        [*ROSTER, "--store", store, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None  # noqa: S101  asked for in the line above
    try:
        url = server.stdout.readline().decode().split()[-1].rstrip("/") + "/v1/profiles/search"
        reader = await open_reader(store)
        async with aiohttp.ClientSession() as session:
            ways = Ways(reader, session, url)
            asked = questions(await sample(reader, count, rng), rng)
            for bodies in asked.values():  # a first question of each kind warms caches and is not counted
                await ways.http(bodies[0])
                await ways.process(bodies[0])
            print(f"{await reader.contacts.count(Collection.PROFILES):,} profiles, {os.cpu_count()} cores; milliseconds")
            results = {shape: await measure(ways, bodies[1:], shape == "deep page") for shape, bodies in asked.items()}
        print("\n".join(lines(results)))
        await reader.close()
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(run(options.store, options.requests, options.seed))


if __name__ == "__main__":
    main()
