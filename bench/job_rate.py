"""How fast is a job of many addresses, how much memory does it take, and does it come whole through kills?

    python bench/job_rate.py embedded:PATH [--items 10000] [--kills 3] [--seed 1]

A server is started on the store, given the job, and killed (SIGKILL) at random points, each time followed by another. In the end every item
must be there once, in its place. DNS is a server on this machine. The rate is that of a run without kills, which comes first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from running import ROOT, ROSTER
from verify_latency import AnyDomain

from tests.search_api.verify.servers import dns_server

PER_COMPANY = 5  # addresses of one domain, on average in a customer list


class Server:
    """`roster serve` on a store, and a session with it."""

    def __init__(self, store: str, dns_port: int) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "ROSTER_STORE": store, "ROSTER_DNS_SERVERS": f"127.0.0.1:{dns_port}"}
        self.process = subprocess.Popen([*ROSTER, "serve", "--port", "0"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    async def url(self) -> str:
        """Where it listens."""
        assert self.process.stdout is not None  # noqa: S101  asked for above
        return (await asyncio.to_thread(self.process.stdout.readline)).decode().split()[-1]

    def peak_megabytes(self) -> float:
        """The most memory it has held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it."""
        self.process.send_signal(how)
        self.process.wait()


async def get(session: aiohttp.ClientSession, path: str) -> Any:
    """A JSON answer."""
    async with session.get(path) as response:
        return orjson.loads(await response.read())


async def send(session: aiohttp.ClientSession, items: list[dict[str, str]]) -> str:
    """Send the job; its id."""
    body = orjson.dumps({"task": "verify/email", "items": items})
    async with session.post("/v1/jobs", data=body, headers={"Content-Type": "application/json"}) as response:
        answer = orjson.loads(await response.read())
        if response.status != 202:
            sys.exit(f"{response.status}: {answer}")
        print(f"taken: {len(body) / 1e6:.2f} MB in {answer['meta']['took_ms'] / 1000:.2f} s")
        return str(answer["id"])


async def ended(session: aiohttp.ClientSession, job: str, until: int | None = None) -> dict[str, Any]:
    """The job once it has ended, or has answered so many."""
    while True:
        now: dict[str, Any] = await get(session, f"/v1/jobs/{job}")
        if now["state"] in ("finished", "failed") or (until is not None and now["done"] >= until):
            return now
        await asyncio.sleep(0.05)


async def check(session: aiohttp.ClientSession, job: str, items: list[dict[str, str]]) -> None:
    """Every item once, in its place."""
    begun = time.perf_counter()
    async with session.get(f"/v1/jobs/{job}/results") as response:
        lines = [orjson.loads(line) for line in (await response.read()).splitlines()]
    whole = [line["result"]["email"] for line in lines] == [item["email"] for item in items]
    print(f"results: {len(lines):,} lines in {time.perf_counter() - begun:.2f} s, {'every item once, in order' if whole else 'NOT WHOLE'}")
    if not whole:
        sys.exit(1)


async def left_alone(store: str, dns_port: int, count: int) -> None:
    """Rate and memory."""
    items = addresses("alone", count)
    server = Server(store, dns_port)
    async with aiohttp.ClientSession(await server.url()) as session:
        await get(session, "/healthz")
        before = server.peak_megabytes()
        job = await send(session, items)
        begun = time.perf_counter()
        await ended(session, job)
        seconds = time.perf_counter() - begun
        print(f"left alone: {seconds:.1f} s, {count / seconds:,.0f}/s; peak {server.peak_megabytes():.0f} MB, {before:.0f} MB before")
        await check(session, job, items)
    server.end()


async def killed(store: str, dns_port: int, count: int, points: list[int]) -> None:
    """The same with a kill after so many answers each."""
    items, job = addresses("killed", count), ""
    begun = time.perf_counter()
    for point in [*points, None]:
        server = Server(store, dns_port)
        async with aiohttp.ClientSession(await server.url()) as session:
            job = job or await send(session, items)
            now = await ended(session, job, point)
            if point is None:
                print(f"killed at {', '.join(map(str, points))}: {now['state']} {time.perf_counter() - begun:.1f} s after it was sent")
                await check(session, job, items)
        server.end(signal.SIGTERM if point is None else signal.SIGKILL)


def addresses(word: str, count: int) -> list[dict[str, str]]:
    """A customer list: several people of each company."""
    return [{"email": f"person{n}@{word}{n // PER_COMPANY}.example"} for n in range(count)]


async def run(store: str, count: int, kills: int, seed: int) -> None:
    """A run left alone, and one with kills."""
    rng = random.Random(seed)
    async with dns_server({}, AnyDomain) as dns:
        await left_alone(store, dns.port, count)
        await killed(store, dns.port, count, sorted(rng.sample(range(count // 20, count - count // 20), kills)))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(run(options.store, options.items, options.kills, options.seed))


if __name__ == "__main__":
    main()
