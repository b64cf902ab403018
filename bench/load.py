"""Writes and searches at a steady rate, as a store has them beside a long job: what was acknowledged, and what failed."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from persons import TODAY, Persons, address
from running import serving

from engines.base import Collection, Writer
from engines.query import AnyOf, SearchQuery, Term
from indexer.person import profile_id
from profiles.errors import StoreError

CALL = 20  # persons written in one call, as an ingest writes many at a time
LOOKED_FOR = 200  # persons looked for in one search when all is over


@dataclass
class Load:
    """What went on.

    acknowledged: person -> the last version whose write came back without an error.    refused: writes that came back with one.
    tried: person -> the last version that was sent, acknowledged or not.    answers: of searches, by status (0: no answer).
    missed: searches answered without the person asked for, who was there all along.    seconds: of each search.
    answered: when, by the monotonic clock.
    """

    acknowledged: dict[int, int] = field(default_factory=dict)
    tried: dict[int, int] = field(default_factory=dict)
    refused: int = 0
    written: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    missed: int = 0
    seconds: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    took: float = 0.0

    def answered_after(self, moment: float) -> float:
        """When the first search was answered that was asked after `moment`; infinity if none was."""
        return min((end for end, took in zip(self.answered, self.seconds, strict=True) if end - took > moment), default=float("inf"))

    def lines(self) -> list[str]:
        """In words."""
        asked, good = sum(self.answers.values()), self.answers[200]
        others = ", ".join(f"{count:,} x {status or 'no answer'}" for status, count in sorted(self.answers.items()) if status != 200)
        found = [
            f"writes    {self.written:,} acknowledged ({self.written / self.took:.0f}/s), {self.refused:,} refused",
            f"searches  {asked:,} ({asked / self.took:.0f}/s), failed {asked - good:,} ({(asked - good) / max(1, asked):.2%})"
            + (f": {others}" if others else ""),
            f"          answered without the person asked for: {self.missed:,}",
        ]
        if len(self.seconds) > 1:
            p99 = statistics.quantiles(self.seconds, n=100)[-1]
            found.append(f"          {statistics.median(self.seconds) * 1000:.0f} ms p50, {p99 * 1000:.0f} ms p99")
        return found


@asynccontextmanager
async def load(writer: Writer, store: str, known: int, *, writes: float, searches: float, seed: int = 1) -> AsyncIterator[Load]:
    """Beside the block: `writes` persons a second written to the store, and `searches` a second asked of a `roster serve` of its own.

    known: persons 0 to known - 1 are in the index. The first half of them is searched for and never written; the second half is
    written again and again, and so are persons who were not there before.
    """
    made = Load()
    with serving(store) as url:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
            tasks = [asyncio.create_task(_write(made, writer, known, writes, random.Random(seed)))] if writes else []
            tasks.append(asyncio.create_task(_search(made, session, url, known // 2, searches, random.Random(seed + 1))))
            made.begun = time.monotonic()
            try:
                yield made
            finally:
                made.took = time.monotonic() - made.begun
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error


async def _write(made: Load, writer: Writer, known: int, rate: float, rng: random.Random) -> None:
    persons, fresh, due = Persons(), known, time.monotonic()
    while True:
        chosen = {rng.randrange(known // 2, known) for _ in range(CALL // 2)}
        chosen |= set(range(fresh, fresh + CALL - len(chosen)))
        fresh = max(fresh, max(chosen) + 1)
        versions = {n: made.tried.get(n, 0) + 1 for n in chosen}
        made.tried |= versions
        try:
            await writer.contacts.write([write for n, version in versions.items() for write in persons.writes(n, version)])
        except StoreError:
            made.refused += len(versions)
        else:
            made.acknowledged |= versions
            made.written += len(versions)
        due = max(due + len(versions) / rate, time.monotonic() - 1)
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _search(made: Load, session: aiohttp.ClientSession, url: str, known: int, rate: float, rng: random.Random) -> None:
    """Asks at its times, whether the answers before have come or not."""
    due, under_way = time.monotonic(), set[asyncio.Task[None]]()
    try:
        while True:
            task = asyncio.create_task(_ask(made, session, url, rng.randrange(known)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            due = max(due + 1 / rate, time.monotonic() - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    finally:
        await asyncio.gather(*under_way)


async def _ask(made: Load, session: aiohttp.ClientSession, url: str, n: int) -> None:
    begun = time.monotonic()
    try:
        async with session.get(f"{url}/v1/profiles/search", params={"email": address(n), "size": "1"}) as answer:
            told: Any = await answer.json(content_type=None)
            made.answers[answer.status] += 1
            if answer.status == 200:
                made.answered.append(time.monotonic())
                made.seconds.append(made.answered[-1] - begun)
                made.missed += told["total"] != 1
            elif answer.status == 503:
                made.without_retry_after += "Retry-After" not in answer.headers
    except (aiohttp.ClientError, TimeoutError):
        made.answers[0] += 1


async def lost(writer: Writer, made: Load) -> tuple[int, int]:
    """Of the acknowledged writes, how many are not in the store, and how many are not found by a search.

    A person whose later write was refused may have either version: a write that was not acknowledged may have been applied.
    """
    await writer.index.catch_up()
    allowed = {n: {address(n, v) for v in range(version, made.tried[n] + 1)} for n, version in made.acknowledged.items()}
    ids = {n: profile_id(f"bench/b{n:08}") for n in allowed}
    numbers, stored, found = list(allowed), set[int](), set[int]()
    for start in range(0, len(numbers), LOOKED_FOR):
        part = numbers[start : start + LOOKED_FOR]
        documents = await writer.contacts.get_many(Collection.PROFILES, [ids[n] for n in part])
        stored |= {n for n in part if ids[n] in documents and any(a.encode() in documents[ids[n]].body for a in allowed[n])}
        words = tuple(Term("email", a) for n in part for a in sorted(allowed[n]))
        answer = await writer.search.search(SearchQuery(match=AnyOf(words), size=1000, today=TODAY))
        hits = {hit.id for hit in answer.hits}
        found |= {n for n in part if ids[n] in hits}
    return len(numbers) - len(stored), len(numbers) - len(found)
