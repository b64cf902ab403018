"""Does anything that is sent break the service, and how long does the longest answer take?

Sends hostile requests (tests/search_api/hostile.py: unicode of all kinds, ten thousand letters, brackets in brackets, regular expressions
that never end, injections, wrong types, no JSON) to every route of a served store, eight at a time. Ends with 1 when any answer was a 5xx,
or the server did not answer afterwards. Routes that ask others (/v1/verify) are left out.

    python bench/hostile_requests.py --store ./store --requests 10000
    python bench/hostile_requests.py --store opensearch+http://127.0.0.1:9200/roster
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import sys
import time
from collections import Counter, defaultdict

import aiohttp
import orjson
from running import serving
from yarl import URL

from search_api.routes import ROUTES
from tests.search_api.hostile import Hostile, Request

AT_ONCE = 8


async def send(session: aiohttp.ClientSession, base: str, sent: Request) -> tuple[int, float, float]:
    """Status of one answer, seconds to its first part and to its end; 0 when the connection was closed on what is no HTTP, or an export
    was broken off because its next part was not ready in time.
    """
    begun = time.perf_counter()
    url = URL(f"{base}{sent.url}", encoded=True)
    data = io.BytesIO(sent.data) if sent.data else None
    try:
        async with session.request(sent.route.method, url, data=data, headers=sent.headers, allow_redirects=False) as response:
            await response.content.readany()
            first = time.perf_counter() - begun
            async for _ in response.content.iter_any():  # an export may be larger than memory
                pass
            return response.status, first, time.perf_counter() - begun
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError):
        return 0, time.perf_counter() - begun, time.perf_counter() - begun


async def attack(base: str, number: int, seed: int) -> dict[str, object]:
    """Send them all; what came of it."""
    rng, hostile = random.Random(seed), Hostile(seed)
    routes = [route for route in ROUTES if not route.path.startswith("/v1/verify")]
    statuses: Counter[int] = Counter()
    seconds: dict[str, list[float]] = defaultdict(list)
    firsts: list[float] = []
    faults: list[str] = []
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(session: aiohttp.ClientSession, sent: Request) -> None:
        async with turn:
            status, first, took = await send(session, base, sent)
        statuses[status] += 1
        firsts.append(first)
        seconds[f"{sent.route.method} {sent.route.path}"].append(took)
        if status >= 500:
            faults.append(f"{status} {sent.route.method} {sent.url[:500]} {(sent.data or b'')[:1500]!r}")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
        for start in range(0, number, 1000):  # so that not all ten thousand lie in memory
            await asyncio.gather(*(one(session, hostile.request(rng.choice(routes))) for _ in range(min(1000, number - start))))
        async with session.get(f"{base}/readyz") as response:
            alive = response.status == 200
    every = sorted(took for times in seconds.values() for took in times)
    slowest = sorted(((max(times), sorted(times)[len(times) * 99 // 100], name) for name, times in seconds.items()), reverse=True)
    return {
        "requests": len(every),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "milliseconds": {f"p{share}": _share(every, share) for share in (50, 95, 99, 100)},
        "milliseconds to the first part": {f"p{share}": _share(sorted(firsts), share) for share in (50, 95, 99, 100)},
        "slowest routes (worst, p99 ms)": {name: [round(worst * 1000), round(p99 * 1000)] for worst, p99, name in slowest[:8]},
        "faults": faults,
        "alive": alive,
    }


def _share(ordered: list[float], share: int) -> float:
    return round(ordered[(len(ordered) - 1) * share // 100] * 1000, 1)


def main() -> None:
    """Serve the store, attack it, say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="a folder or a url, with people in it")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with serving(given.store) as base:
        told = asyncio.run(attack(base, given.requests, given.seed))
    sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.exit(1 if told["faults"] or not told["alive"] else 0)


if __name__ == "__main__":
    main()
