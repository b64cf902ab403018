"""What does searching through the API cost, against the same body sent straight to OpenSearch?

    python bench/search_throughput.py STORE FOLDER [--requests 150] [--rounds 4] [--processes 2] [--json]

STORE: url of a store in OpenSearch, filled (copy_store.py).    FOLDER: of the generated data set it was filled from, for its queries.
Three ways of asking the same queries, by one client process on the same machine, the ways alternating round by round:
  straight  the body roster compiles, posted to the alias by aiohttp over connections kept open. It asks for what a hit shows, as the API
            does. Facets that count more than the hits need bodies of their own: with them it is one `_msearch` of all.
  passed    the same bodies through a server that does nothing but hand them on (passing_on.py), of as many processes as the API: what any
            service in Python costs that stands before OpenSearch.
  api       POST /v1/profiles/search of a `roster serve` started for the purpose: reads the request, asks OpenSearch, looks whether anybody
            was hidden or any profile changed, and answers. Nothing is written meanwhile, so that no hit has to be read from the truth.
All answers are parsed. For each class of query and each number of requests under way: requests a second and the 99th percentile in
milliseconds, the ratios api/straight and passed/straight of throughput and straight/api of the percentile (1 = no cost), and the
milliseconds of processor time that the API's processes take for a request (Linux only), which depend little on what else the machine has to
do. All processes share it: what the API computes, it takes from OpenSearch.
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
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from asked import COUNTED, Body, read_queries
from running import ROOT, ROSTER

from engines.opensearch.address import read_address
from engines.opensearch.compile import compile_search
from engines.opensearch.names import Names
from engines.opensearch.schema import current_schema
from search_api.query import interpret
from search_api.requests import request_from_body

CONCURRENCIES = (1, 8, 32)
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}

Ask = Callable[[bytes], Coroutine[Any, Any, None]]


def today() -> date:
    """The day by which values expire."""
    return datetime.now(UTC).date()


def classes(folder: Path, rng: random.Random) -> dict[str, list[Body]]:
    """Bodies by class: the generator's queries, those with filters also with facets."""
    asked = read_queries(folder)
    rng.shuffle(asked)
    found = {
        "exact name": [body for kind, body in asked if kind.startswith("name_exact")],
        "exact contact": [body for kind, body in asked if kind in ("email", "phone")],
        "fuzzy name": [body for kind, body in asked if kind.startswith(("name_typo", "name_phonetic", "name_spelling"))],
        "filters": [body | {"has_email": True} for kind, body in asked if kind.startswith(("title_", "skills_"))],
    }
    return found | {"facets": [body | {"facets": COUNTED} for body in found["filters"]]}


def straight_body(body: Body) -> bytes:
    """What the API sends for a request: a body, or the lines of several."""
    query = replace(interpret(request_from_body(body)).query, brief=True, today=today())
    bodies = compile_search(query, current_schema().types)
    return orjson.dumps(bodies[0]) if len(bodies) == 1 else b"".join(b"{}\n%b\n" % orjson.dumps(each) for each in bodies)


def poster(session: aiohttp.ClientSession, url: str) -> Ask:
    """Posts a body, or to `_msearch` the lines of several, and parses the answer."""

    async def ask(body: bytes) -> None:
        at, headers = (url.replace("_search", "_msearch"), LINES) if body.startswith(b"{}\n") else (url, JSON)
        async with session.post(at, data=body, headers=headers) as response:
            answer = await response.read()
            if response.status != 200:
                sys.exit(f"{response.status}: {answer[:500]!r}")
            orjson.loads(answer)

    return ask


async def one_round(ask: Ask, bodies: list[bytes], concurrency: int) -> tuple[float, list[float]]:
    """Seconds for all bodies, `concurrency` under way at a time, and the milliseconds of each."""
    waiting, taken = iter(bodies), []

    async def work() -> None:
        for body in waiting:
            begun = time.perf_counter()
            await ask(body)
            taken.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return time.perf_counter() - begun, taken


def processor_seconds(process: int) -> float:
    """What a process and those it started have used so far."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in started)


async def measure(ways: dict[str, Ask], bodies: dict[str, list[bytes]], concurrency: int, rounds: int, server: int) -> dict[str, float]:
    """One line of the table.    server: the API's process."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    used = processor_seconds(server)  # only the API's rounds add to it, and its looks for something to index
    for number in range(rounds):
        for way in ways if number % 2 else reversed(ways):
            spent, each = await one_round(ways[way], bodies[way], concurrency)
            seconds[way].append(spent)
            taken[way] += each
    rate = {way: rounds * len(bodies[way]) / sum(seconds[way]) for way in ways}
    slowest = {way: statistics.quantiles(taken[way], n=100)[-1] for way in ways}
    return {
        "straight_per_second": rate["straight"],
        "api_per_second": rate["api"],
        "throughput_ratio": rate["api"] / rate["straight"],
        "passed_ratio": rate["passed"] / rate["straight"],
        "straight_p99": slowest["straight"],
        "api_p99": slowest["api"],
        "p99_ratio": slowest["straight"] / slowest["api"],
        "api_processor_ms": (processor_seconds(server) - used) * 1000 / (rounds * len(bodies["api"])),
    }


@contextmanager
def serving(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The url that a server prints when it listens, and its process, for the length of the block."""
    server = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"ROSTER_TAXONOMY": os.devnull, **os.environ, "PYTHONPATH": str(ROOT)},  # none: words mean the same in both ways
    )
    assert server.stdout is not None  # noqa: S101  asked for in the line above
    try:
        line = server.stdout.readline().decode()
        if not line:
            sys.exit(f"a server did not start: {' '.join(command)} says why")
        yield line.split()[-1].rstrip("/"), server.pid
    finally:
        server.terminate()
        server.wait()


async def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Start the server, ask, compare."""
    address = read_address(options.store)
    host, port = address.hosts[0]
    alias = Names(address.prefix).reading(current_schema().fingerprint)
    there, processes, lines = f"http://{host}:{port}/{alias}/_search", str(options.processes), []
    roster = [*ROSTER, "--store", options.store, "serve", "--port", "0", "--processes", processes]
    passing = [sys.executable, str(Path(__file__).with_name("passing_on.py")), there, processes]
    with serving(roster) as (url, server), serving(passing) as (passed, _):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            ways = {
                name: poster(session, at) for name, at in (("straight", there), ("passed", passed), ("api", f"{url}/v1/profiles/search"))
            }
            for name, asked in classes(options.folder, random.Random(options.seed)).items():
                chosen = list(islice(cycle(asked), options.requests))
                ready = [straight_body(body) for body in chosen]
                bodies = {"straight": ready, "passed": ready, "api": [orjson.dumps(body) for body in chosen]}
                for way in ways:  # not counted: warms caches of all processes
                    await one_round(ways[way], bodies[way], 8)
                for concurrency in CONCURRENCIES:
                    measured = await measure(ways, bodies, concurrency, options.rounds, server)
                    lines.append({"class": name, "concurrency": concurrency, **measured})
                    if not options.json:
                        print(shown(lines[-1]), flush=True)
    return lines


def shown(line: dict[str, Any]) -> str:
    """A line of the table."""
    return (
        f"{line['class']:14s}{line['concurrency']:4d}"
        f"{line['straight_per_second']:10.0f}{line['api_per_second']:8.0f}{line['throughput_ratio']:8.2f}{line['passed_ratio']:8.2f}"
        f"{line['straight_p99']:12.1f}{line['api_p99']:8.1f}{line['p99_ratio']:8.2f}"
        f"{line['api_processor_ms']:12.2f}"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--requests", type=int, default=150, help="of a round")
    parser.add_argument("--rounds", type=int, default=4, help="of each way")
    parser.add_argument("--processes", type=int, default=2, help="of the server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print(f"{os.cpu_count()} cores\n{'':18s}  requests a second                  99th percentile, ms        processor ms")
        print(f"{'':14s}  at  straight     api   ratio  passed    straight     api   ratio   a request")
    lines = asyncio.run(run(options))
    if options.json:
        print(orjson.dumps(lines, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
