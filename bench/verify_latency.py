"""How long do verifying and enriching take through HTTP: with DNS answers at hand and without, one by one and a hundred at once?

    python bench/verify_latency.py embedded:PATH [--requests 300] [--seed 1]

The store is one that has been filled; addresses, numbers, links, names and companies are drawn from it. DNS is a server on this machine
that answers at once, so that what is measured is roster's own work and the round trip, not the internet.
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
from collections import defaultdict
from typing import Any

import aiohttp
import orjson
from running import ROOT, ROSTER

from engines.base import Collection
from engines.opening import open_reader
from profiles.models import Profile, ValueKind
from tests.search_api.verify.servers import DnsServer, dns_server

Body = dict[str, Any]


class AnyDomain(DnsServer):
    """Every domain has a mail host."""

    def zone(self, name: str) -> dict[str, list[str]]:
        """The records of a name."""
        return {"MX": [f"10 mx.{name.encode('idna').decode()}."]}


async def sample(store: str, count: int, rng: random.Random) -> tuple[list[Profile], int]:
    """Profiles from all over the store, and how many it holds."""
    reader = await open_reader(store)
    ids = sorted(await reader.contacts.all_keys(Collection.PROFILES))
    drawn = await reader.contacts.get_many(Collection.PROFILES, rng.sample(ids, min(4 * count, len(ids))))
    await reader.close()
    found = [Profile.model_validate_json(document.body) for document in drawn.values()]
    return [profile for profile in found if profile.first(ValueKind.EMAIL) and profile.first(ValueKind.COMPANY)][:count], len(ids)


def value(profile: Profile, kind: ValueKind) -> str:
    """The first value of a kind."""
    held = profile.first(kind)
    return held.value if held else "unknown"


def questions(profiles: list[Profile]) -> dict[str, tuple[str, list[Body]]]:
    """Path and bodies by kind of question; those of an unknown domain have one of their own each, and nobody is enriched twice."""
    emails = [{"email": value(p, ValueKind.EMAIL)} for p in profiles]
    contacts = [
        {"name": value(p, ValueKind.NAME), "company": value(p, ValueKind.COMPANY), **email}
        for p, email in zip(profiles, emails, strict=True)
    ]
    named = [{"name": c["name"], "company": c["company"]} for c in contacts]
    fresh = [{"email": f"person@firm{n}.example"} for n in range(len(profiles))]
    many = [{"items": [{"email": f"person@company{n}.example"} for n in range(start, start + 100)]} for start in range(0, 2000, 100)]
    known = [{"items": (emails * 2)[start : start + 100]} for start in range(0, min(len(emails), 300), 15)]
    return {
        "email, DNS not asked yet": ("verify/email", fresh),
        "email, DNS at hand": ("verify/email", [*emails, *emails]),
        "phone": ("verify/phone", [{"phone": value(p, ValueKind.PHONE)} for p in profiles if p.first(ValueKind.PHONE)]),
        "profile link": ("verify/profile-link", [{"link": value(p, ValueKind.LINK)} for p in profiles if p.first(ValueKind.LINK)]),
        "contact": ("verify/contact", contacts),
        "100 emails, DNS not asked yet": ("verify/email", many),
        "100 known emails, DNS at hand": ("verify/email", known),
        "enrich by e-mail": ("enrich", emails),
        "enrich by name and company": ("enrich", named),
        "identify by name and company": ("identify", named),
        "100 enriched by e-mail": ("bulk", bulk(emails)),
        "100 enriched by name and company": ("bulk", bulk(named)),
    }


def bulk(asked: list[Body]) -> list[Body]:
    """Twenty lists of a hundred of the questions."""
    return [
        {"requests": [{"params": (asked * 3)[n]} for n in range(start, start + 100)]}
        for start in range(0, 15 * min(20, len(asked) // 15), 15)
    ]


async def ask(session: aiohttp.ClientSession, path: str, body: Body) -> float:
    """Milliseconds one question takes."""
    begun = time.perf_counter()
    async with session.post(f"/v1/{path}", data=orjson.dumps(body), headers={"Content-Type": "application/json"}) as response:
        answer = await response.read()
        if response.status not in (200, 404):
            sys.exit(f"{response.status}: {answer.decode()}")
    return (time.perf_counter() - begun) * 1000


async def run(store: str, count: int, seed: int) -> None:
    """Start the servers, ask, print."""
    profiles, total = await sample(store, count, random.Random(seed))
    async with dns_server({}, AnyDomain) as dns:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "ROSTER_STORE": store, "ROSTER_DNS_SERVERS": f"127.0.0.1:{dns.port}"}
        command = [*ROSTER, "serve", "--port", "0"]
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: ASYNC220  before anything runs
        assert server.stdout is not None  # noqa: S101  asked for in the line above
        try:
            url = (await asyncio.to_thread(server.stdout.readline)).decode().split()[-1]
            async with aiohttp.ClientSession(url) as session:
                for path, body in (
                    ("verify/email", {"email": "first@warm.example"}),
                    ("verify/phone", {"phone": "+12025550142"}),
                    ("enrich", {"email": "a@warm.example"}),
                ):
                    await ask(session, path, body)
                times: dict[str, list[float]] = defaultdict(list)
                for kind, (path, bodies) in questions(profiles).items():
                    half = len(bodies) // 2 if kind == "email, DNS at hand" else 0  # the first half fetches the answers
                    for number, body in enumerate(bodies):
                        took = await ask(session, path, body)
                        if number >= half:
                            times[kind].append(took)
        finally:
            server.terminate()
            server.wait()
    print(f"{total:,} profiles, {os.cpu_count()} cores; milliseconds through HTTP, one question at a time")
    for kind, taken in times.items():
        print(f"{kind:32s}{len(taken):5d} asked   p50 {statistics.median(taken):8.2f}   p95 {statistics.quantiles(taken, n=20)[-1]:8.2f}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(run(options.store, options.requests, options.seed))


if __name__ == "__main__":
    main()
