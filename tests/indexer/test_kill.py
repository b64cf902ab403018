"""Promises to whoever pulls the plug: a killed command, run again, ends with the same bytes as one left alone.

Real processes, killed at points spread over their undisturbed time. bench/kills.py does the same with a long feed, fifty times.
"""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from engines.base import Collection
from engines.opening import open_reader
from tests.indexer.conftest import TODAY, source
from tests.indexer.test_ingest import surname

PEOPLE = 600
PHONE = "+1 212-555-01"
COMMAND = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from engines.opening import open_writer
from indexer.expiry import expire
from indexer.ingest import ingest
from indexer.purge import purge_hidden
from indexer.rebuild import reindex
from privacy.policy import load_policy
from privacy.sources import SourceRegistry
from privacy.suppressing import suppress
from privacy.suppression import SuppressionList
from profiles.models import ValueKind
from tests.indexer.conftest import KEY, TODAY, source

async def main(folder, step):
    store = await open_writer(f"embedded:{folder / 'store'}")
    policy, listed = load_policy(None), SuppressionList(store.service, KEY)
    if step == "ingest":
        await SourceRegistry(store.contacts).add(source())
        feed = folder.parent / "feed.jsonl"
        await ingest(store, source=source(), feed=feed, policy=policy, suppressions=listed, today=TODAY)
    elif step == "suppress":
        for n in range(0, 200, 5):
            await suppress(store, listed, ValueKind.EMAIL, f"p{n}@firm.example", today=TODAY)
            await purge_hidden(store, policy)
    elif step == "expire":
        await expire(store, policy=policy, suppressions=listed, today=TODAY + timedelta(days=6), apply=True)
    else:
        await reindex(store, policy=policy)
    await store.close()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""
STEPS = ("ingest", "suppress", "expire", "reindex")


def rows() -> list[dict[str, Any]]:
    """Persons with two records each, which a third one joins for some; some values end early, some numbers are shared."""
    made: list[dict[str, Any]] = []
    for n in range(PEOPLE):
        name = f"Ada {surname(n * 7)}"
        made.append({"record_id": f"a{n}", "name": name, "emails": [f"p{n}@firm.example"], "phones": [f"{PHONE}{n % 90 + 10}"]})
        made.append({"record_id": f"b{n}", "name": name, "links": [f"https://github.com/p{n}"], "skills": ["Poetry"]})
        if n % 3 == 0:
            made.append({"record_id": f"c{n}", "name": name, "emails": [f"p{n}@firm.example"], "links": [f"https://github.com/p{n}"]})
        if n % 4 == 0:
            made[-1]["valid_until"] = (TODAY + timedelta(days=5)).isoformat()
    return made


def run(folder: Path, step: str, wait: float | None = None) -> bool:
    """One command in a process; whether it came to its end before it was killed."""
    process = subprocess.Popen([sys.executable, "-c", COMMAND, str(folder), step], cwd=Path(__file__).parents[2], stdin=subprocess.DEVNULL)
    try:
        assert process.wait(wait) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    return True


def state(folder: Path) -> tuple[dict[str, Any], int]:
    """All documents but what the clock on the wall says, and the number of entries in the index."""

    async def read() -> tuple[dict[str, Any], int]:
        store = await open_reader(f"embedded:{folder / 'store'}")
        halves = dict.fromkeys((Collection.RECORDS, Collection.KEYS, Collection.PROFILES), store.contacts)
        halves |= dict.fromkeys((Collection.SUPPRESSIONS, Collection.HIDDEN), store.service)
        found = {f"{c}/{d.key}": orjson.loads(d.body) for c, half in halves.items() async for d in half.scan(c)}
        health = await store.search.health()
        await store.close()
        for body in found.values():
            body.pop("created_at", None)
        return found, health["documents"]

    return asyncio.run(read())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the feed."""
    made = tmp_path_factory.mktemp("kill")
    (made / "feed.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows()))
    return made


def test_killed_anywhere_and_run_again_every_command_ends_with_the_same_bytes(folder: Path, record_property: Callable[..., None]) -> None:
    """Ingest, suppress, expire and reindex, each killed three times before it may end: the same documents, every person indexed once."""
    assert source().id == "crm"
    rng, kills = random.Random(3), 0
    alone, killed = folder / "alone", folder / "killed"
    for step in STEPS:
        begun = time.perf_counter()
        assert run(alone, step)
        whole = time.perf_counter() - begun
        for _ in range(3):
            kills += not run(killed, step, rng.uniform(0.35, 0.95) * whole)  # a third of the time is starting Python
        assert run(killed, step)
        assert state(killed) == state(alone), step
    record_property("kills", kills)
    assert kills >= len(STEPS)
