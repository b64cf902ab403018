"""Several ingests of the same people at the same time, and ingests that are killed: always one profile each, whole."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from engines.base import Collection, Writer
from engines.opening import open_writer
from engines.query import SearchQuery
from indexer.rebuild import reindex
from privacy.policy import load_policy
from privacy.sources import SourceRegistry
from profiles.models import Profile, ProfileState, SourceRecord
from profiles.resolve.keys import blocking_keys, contact_keys
from tests.indexer.conftest import TODAY, source
from tests.indexer.test_ingest import surname

TWINS = 2000
FEEDS = ("alpha", "beta", "gamma", "delta")

_INGEST = """
import asyncio, sys
from pathlib import Path
from engines.opening import open_writer
from tests.indexer.conftest import TODAY, Desk, KEY, source
from indexer.ingest import ingest
from privacy.policy import load_policy
from privacy.suppression import SuppressionList
async def main():
    url, feed = sys.argv[1], Path(sys.argv[2])
    store = await open_writer(url)
    print("ready", flush=True)
    sys.stdin.readline()
    await ingest(store, source=source(feed.stem), feed=feed, policy=load_policy(None),
                 suppressions=SuppressionList(store.service, KEY), today=TODAY)
    await store.close()
asyncio.run(main())
"""


def twin(feed: int, number: int) -> dict[str, Any]:
    """What one feed says of a person: some of the contact details, so that any two feeds have one in common and few have all."""
    email, phone, link = f"p{number}@twins.example", f"+1212555{number:04d}", f"https://www.linkedin.com/in/twin-{number}"
    said: dict[str, Any] = {"record_id": f"{feed}-{number}", "name": f"Ada {surname(number)}"}
    return (
        said
        | [
            {"emails": [email], "phones": [phone]},
            {"phones": [phone], "links": [link]},
            {"emails": [email], "links": [link]},
            {"emails": [email], "phones": [phone], "links": [link]},
        ][feed]
    )


@pytest.fixture
async def feeds(tmp_path: Path, url: str) -> list[Path]:
    """The four feeds, in the same order but for some neighbours; their sources are registered."""
    store = await open_writer(url)
    made = []
    for n, name in enumerate(FEEDS):
        await SourceRegistry(store.contacts).add(source(name))
        numbers = list(range(TWINS))
        chance = random.Random(name)
        for at in range(0, TWINS, 50):
            part = numbers[at : at + 50]
            chance.shuffle(part)
            numbers[at : at + 50] = part
        made.append(tmp_path / f"{name}.jsonl")
        made[-1].write_bytes(b"".join(orjson.dumps(twin(n, number)) + b"\n" for number in numbers))
    await store.close()
    return made


def start(url: str, feed: Path) -> subprocess.Popen[bytes]:
    """An ingest in a process of its own, waiting for its signal."""
    process = subprocess.Popen([sys.executable, "-c", _INGEST, url, str(feed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


async def check_whole(store: Writer) -> None:
    """One profile for each person, resting on all four records; keys, records and index agree with it; a rebuild corrects nothing."""
    profiles = [Profile.model_validate_json(d.body) async for d in store.contacts.scan(Collection.PROFILES)]
    active = {p.id: p for p in profiles if p.state is ProfileState.ACTIVE}
    redirects = {p.id: p.merged_into for p in profiles if p.state is ProfileState.MERGED}
    records = {d.key: SourceRecord.model_validate_json(d.body) async for d in store.contacts.scan(Collection.RECORDS)}
    assert len(records) == 4 * TWINS
    assert len(active) == TWINS
    for profile in active.values():
        people = {key.partition("-")[2] for key in profile.records}
        assert (len(profile.records), len(people)) == (4, 1), (profile.id, profile.records, profile.state)
        assert {s.source_id for v in profile.values for s in v.sources} == set(FEEDS)
    owners: dict[str, set[str]] = {}

    def leads_to(profile: str) -> str:
        while profile in redirects:
            profile = str(redirects[profile])
        return profile

    for record in records.values():
        at = leads_to(record.profile_id)
        assert record.key in active[at].records
        for key in (*contact_keys(record.observations), *blocking_keys(record)):
            owners.setdefault(key, set()).add(at)
    keys = {d.key: orjson.loads(d.body) async for d in store.contacts.scan(Collection.KEYS)}
    named = {key: {leads_to(p) for p in body["profiles"]} for key, body in keys.items() if not body["shared"]}
    assert named == {key: ids for key, ids in owners.items() if not keys[key]["shared"]}
    found = await store.search.search(SearchQuery(size=0, today=TODAY))
    assert found.total == TWINS
    assert (await store.search.health())["backlog"] == 0
    assert (await reindex(store, policy=load_policy(None))).corrected == 0


def at_once(url: str, feeds: list[Path]) -> list[int]:
    """Ingest each feed in a process of its own, all at the same time; how each ended."""
    processes = [start(url, feed) for feed in feeds]
    for process in processes:
        go(process)
    ended = [process.wait(timeout=300) for process in processes]
    for process in processes:
        process.communicate()
    return ended


async def test_four_ingests_of_the_same_people_make_one_profile_each(url: str, feeds: list[Path]) -> None:
    """Four processes that take in the same 2,000 people at the same time, each knowing other contact details, make 2,000 profiles."""
    assert at_once(url, feeds) == [0, 0, 0, 0]
    store = await open_writer(url)
    try:
        await check_whole(store)
    finally:
        await store.close()


async def test_people_known_by_name_and_job_alone_become_one_profile_each(url: str, tmp_path: Path) -> None:
    """Four processes at the same 200 people, of whom no feed knows an address, a number or a link: still one profile each."""
    store = await open_writer(url)
    feeds = []
    for name in FEEDS:
        await SourceRegistry(store.contacts).add(source(name))
        rows = [
            {
                "record_id": f"{name}-{number}",
                "name": f"Xanthippe {surname(number * 37)}",
                "jobs": [{"title": "Analyst", "company": f"{surname(number * 37 + 1)} Ltd"}],
                "location": "Vienna, Austria",
            }
            for number in range(200)
        ]
        feeds.append(tmp_path / f"{name}.jsonl")
        feeds[-1].write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    await store.close()
    assert at_once(url, feeds) == [0, 0, 0, 0]
    store = await open_writer(url)
    try:
        profiles = [Profile.model_validate_json(d.body) async for d in store.contacts.scan(Collection.PROFILES)]
        active = [p for p in profiles if p.state is ProfileState.ACTIVE]
        assert [(len(p.records), len({key.partition("-")[2] for key in p.records})) for p in active] == [(4, 1)] * 200
    finally:
        await store.close()


async def test_killed_ingests_run_again_make_everything_whole(url: str, feeds: list[Path]) -> None:
    """Four ingests of the same people, killed with -9 again and again at any moment and started again, come to the same."""
    chance = random.Random(4)
    left = dict.fromkeys(feeds, 3)  # kills each is still to suffer
    running: dict[Path, subprocess.Popen[bytes]] = {}
    until = time.monotonic() + 500
    while feeds and time.monotonic() < until:
        for feed in feeds:
            if feed not in running:
                running[feed] = start(url, feed)
                go(running[feed])
        await asyncio.sleep(chance.uniform(0.05, 0.8))  # a moment of our choosing, not a wait for anything
        for feed, process in list(running.items()):
            if left[feed] and chance.random() < 0.4:
                process.kill()
                left[feed] -= 1
            if process.poll() is not None:
                del running[feed]
                process.communicate()
                assert process.returncode in (0, -signal.SIGKILL)
                if process.returncode == 0:
                    feeds = [other for other in feeds if other != feed]
    store = await open_writer(url)
    try:
        await check_whole(store)
    finally:
        await store.close()
