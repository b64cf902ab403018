"""How long do a dozen kinds of search take, through HTTP, in process, and in the bare index? And completions, and facets of everybody?

    python bench/search_latency.py embedded:PATH [--requests 200] [--seed 1]

The store is an embedded one that has been filled. Questions are made from profiles drawn from it, so that every one has an answer.
Each question is asked three ways in turn, so that a noisy moment hits all of them alike:
  http     POST /v1/profiles/search of a `roster serve` started for the purpose, one connection kept open
  process  the same answer made in this process (search_api.answers.search_answer)
  bare     tantivy alone: the compiled query, its first page and its count; no profile is read
p50 and p95 in milliseconds, and the ratio of medians to bare. Deep page: the 20th page of 50 by relevance, reached by cursors that are not
counted. Every question is asked once; what the engine remembers of earlier ones helps only facets and totals of equal questions.
By distance, the bare index finds the circle and does not order it; a facet beside its own choice is counted there within the result.
Then completions of one to six letters, each asked twice (cold: nobody asked it before), facets over all profiles, cold and warm, and what
pages by relevance take the deeper they are, and a pass through a whole result.
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
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
from running import ROOT, ROSTER

from engines.base import Collection, Reader
from engines.embedded.compile import compile_query
from engines.embedded.nearby import in_spots, spots_within
from engines.opening import open_reader
from privacy.reading import ProfileReader
from profiles.models import Profile, ProfileState, ValueKind
from search_api.answers import search_answer
from search_api.passing import meaning, whole_result
from search_api.query import interpret
from search_api.requests import request_from_body
from search_api.saved.differences import digest
from search_api.saved.schemas import MAX_MATCHES
from search_api.suggest.routes import completions_answer
from search_api.suggest.schemas import CompletionRequest

Body = dict[str, Any]
DEEP_PAGES, DEEP_SIZE = 20, 50
DEPTHS, PAGE = (10, 100, 1000), 10


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


def point(profile: Profile) -> str:
    """Where the shown place lies."""
    value = next((v for v in profile.of(ValueKind.LOCATION) if v.parts.get("lat") is not None), None)
    return f"{value.parts['lat']},{value.parts['lon']}" if value else "48.137,11.575"


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
        "former employer": [{"company": text(p, ValueKind.COMPANY), "company_when": "past"} for p in profiles],
        "own choice in facets": [
            {"location": place(p), "company": text(p, ValueKind.COMPANY), "facets": ["company", "city"], "size": 10} for p in profiles
        ],
        "within 50 km": [{"job_title": rng.choice(titles), "near": point(p)} for p in profiles],
        "by distance": [{"job_title": rng.choice(titles), "near": point(p), "radius_km": 300, "sort": "distance"} for p in profiles],
        "marked and explained": [{"q": text(p, ValueKind.NAME), "highlight": True, "explain": True} for p in profiles],
        "deep page": [{"job_title": rng.choice(titles), "size": DEEP_SIZE} for _ in profiles[:20]],
    }


class Ways:
    """The three ways of asking."""

    def __init__(self, reader: Reader, session: aiohttp.ClientSession, url: str) -> None:
        self.door, self._session, self._url = ProfileReader(reader, today), session, url
        self._view: Any = reader.search._view  # type: ignore[attr-defined]  # the bare index is no part of the interface

    async def http(self, body: Body) -> Body:
        """Through the server."""
        async with self._session.post(self._url, data=orjson.dumps(body), headers={"Content-Type": "application/json"}) as response:
            answer: Body = orjson.loads(await response.read())
            if response.status != 200:
                sys.exit(f"{response.status}: {answer}")
            return answer

    async def complete(self, field: str, prefix: str) -> None:
        """A completion through the server."""
        async with self._session.get(
            self._url.replace("profiles/search", "suggest"), params={"field": field, "prefix": prefix}
        ) as response:
            if response.status != 200:
                sys.exit(f"{response.status}: {await response.text()}")
            await response.read()

    async def complete_here(self, field: str, prefix: str) -> None:
        """The same in this process."""
        await completions_answer(self.door, CompletionRequest.model_validate({"field": field, "prefix": prefix}))

    async def process(self, body: Body) -> Body:
        """In this process."""
        return await search_answer(self.door, request_from_body(body))

    def bare(self, body: Body) -> Callable[[], Any]:
        """The index alone; what to time is what is returned: the query is compiled before."""
        query = interpret(request_from_body({k: v for k, v in body.items() if k != "cursor"})).query
        snapshot = self._view.current()
        nearby = in_spots(self._view.schema, spots_within(snapshot, query.near)) if query.near else None
        compiled = compile_query(query, self._view.schema, expired=False, nearby=nearby)
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
        if not taken["bare"]:  # no result is as long as a deep page
            continue
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


def typed(profiles: list[Profile], rng: random.Random) -> list[tuple[str, str]]:
    """Boxes, and beginnings of one to six letters of what people have in them; none twice."""
    kinds = (ValueKind.NAME, ValueKind.JOB_TITLE, ValueKind.COMPANY, ValueKind.SKILL, ValueKind.LOCATION)
    found = [(kind.value, text(p, kind)[: rng.randint(1, 6)].lower().strip()) for p in profiles for kind in kinds]
    return list(dict.fromkeys(pair for pair in found if pair[1]))


async def timed(asked: Awaitable[Any]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    await asked
    return (time.perf_counter() - begun) * 1000


async def completions(ways: Ways, profiles: list[Profile], rng: random.Random) -> Iterator[str]:
    """The lines of completions: by number of letters, cold and warm."""
    taken: dict[tuple[str, str], list[float]] = {}
    for field, prefix in typed(profiles, rng):
        group = "1 or 2 letters" if len(prefix) < 3 else "3 to 6 letters"
        for way, ask in (("http", ways.complete), ("process", ways.complete_here)):
            for when in ("cold", "warm"):
                taken.setdefault((group, f"{way}, {when}"), []).append(await timed(ask(field, prefix)))
    return (
        f"completion, {group}, {how}: {len(times)} asked, p50 {statistics.median(times):.2f}, p95 {percentile(times, 95):.2f}"
        for (group, how), times in sorted(taken.items())
    )


async def depths(ways: Ways) -> list[str]:
    """The lines of pages by relevance, reached one after the other, in this process: ten pages up to each depth."""
    body: Body | None = {"job_title": "manager", "size": PAGE}
    taken: list[float] = []
    while body is not None and len(taken) < max(DEPTHS):
        begun = time.perf_counter()
        cursor = (await ways.process(body))["cursor"]
        taken.append((time.perf_counter() - begun) * 1000)
        body = {**body, "cursor": cursor} if cursor else None
    reached = [depth for depth in DEPTHS if depth <= len(taken)]
    return [
        f"page {depth} of {PAGE} by relevance, process: p50 {statistics.median(taken[max(1, depth - 10) : depth]):.2f}" for depth in reached
    ]


async def whole_pass(ways: Ways) -> str:
    """The line of a pass through as many people as a saved search may find, to see who is different, in this process."""
    begun, used, seen = time.perf_counter(), time.process_time(), 0
    async for page in whole_result(ways.door, meaning(request_from_body({"job_title": "manager"}))):
        seen += len([digest(hit.served, "") for hit in page.hits])
        if seen >= MAX_MATCHES:
            break
    took, used = time.perf_counter() - begun, time.process_time() - used
    return f"a pass through {seen:,} people, as for a saved search, process: {took:.1f} s, {used:.1f} of them of processor time"


async def broad_facets(ways: Ways) -> Iterator[str]:
    """The lines of facets over everybody, each asked eleven times: the first is cold."""
    lines = []
    for fields in (["company"], ["city"], ["skill"], ["seniority", "function", "country"], ["job_title"]):
        body = {"size": 0, "facets": fields, "facet_size": 20}
        for name, way in (("http", ways.http), ("process", ways.process)):
            first, *warm = [await timed(way(body)) for _ in range(11)]
            lines.append(f"facets of everybody, {' '.join(fields)}, {name}: cold {first:.1f}, warm p50 {statistics.median(warm):.2f}")
    return iter(lines)


def percentile(times: list[float], share: int) -> float:
    """A percentile; the greatest where there are few."""
    return statistics.quantiles(times, n=100)[share - 1] if len(times) > 1 else times[0]


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
        await reader.search.warm()  # as the server does when it starts
        async with aiohttp.ClientSession() as session:
            ways = Ways(reader, session, url)
            people = await sample(reader, count, rng)
            asked = questions(people, rng)
            for bodies in asked.values():  # a first question of each kind warms caches and is not counted
                await ways.http(bodies[0])
                await ways.process(bodies[0])
            print(f"{await reader.contacts.count(Collection.PROFILES):,} profiles, {os.cpu_count()} cores; milliseconds")
            facets = list(await broad_facets(ways))
            results = {shape: await measure(ways, bodies[1:], shape == "deep page") for shape, bodies in asked.items()}
            offered = list(await completions(ways, people, rng))
            depth = [*await depths(ways), await whole_pass(ways)]
        print("\n".join([*lines(results), "", *facets, "", *offered, "", *depth]))
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
