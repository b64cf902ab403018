"""Several processes at one store, and processes that die."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from engines.base import Collection, Reader, Writer
from engines.opening import open_reader, open_writer
from engines.query import SearchQuery, Sort, Term
from profiles.errors import StoreBusy
from tests.contract.conftest import answer, find
from tests.contract.people import TODAY, drop, person, put

_INDEX = """
import asyncio, sys
from datetime import date
from engines.opening import open_writer
async def main():
    store = await open_writer(sys.argv[1], today=lambda: date.fromisoformat(sys.argv[2]))
    print("ready", flush=True)
    if sys.argv[3] == "hold":
        def wait(done, total):
            print("holding", flush=True)
            sys.stdin.readline()
        await store.index.rebuild(progress=wait)
    elif sys.argv[3] == "rebuild":
        await store.index.rebuild()
    else:
        while await store.index.catch_up(limit=40):
            pass
    await store.close()
asyncio.run(main())
"""


def process(url: str, what: str) -> subprocess.Popen[bytes]:
    """Another process at the index, past its start-up."""
    started = subprocess.Popen([sys.executable, "-c", _INDEX, url, TODAY.isoformat(), what], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert started.stdout is not None
    assert started.stdout.readline() == b"ready\n"
    return started


def holding(started: subprocess.Popen[bytes]) -> bool:
    """Wait until it is in the middle of a rebuild, which then waits for us."""
    assert started.stdout is not None
    return started.stdout.readline() == b"holding\n"


def end(started: subprocess.Popen[bytes], after: float = 0.0) -> None:
    """Kill -9, at a moment that is the caller's to choose, and close the pipes."""
    time.sleep(after)
    started.kill()
    started.communicate(timeout=30)


async def test_only_one_process_rebuilds_the_index(writer: Writer, reader: Reader, url: str) -> None:
    """While another process builds the index, this one is told so, still writes and searches, and takes over when the other dies."""
    await writer.contacts.write([put(person("p1"))])
    await writer.index.catch_up()
    other = process(url, "hold")
    try:
        assert holding(other)
        await writer.contacts.write([put(person("p2"))])
        for work in (writer.index.rebuild, reader.index.rebuild):
            with pytest.raises(StoreBusy, match="another process is rebuilding"):
                await work()
        assert await find(reader, SearchQuery()) == ["p1"]
    finally:
        end(other)
    assert await writer.index.rebuild() == 2
    assert await find(reader, SearchQuery()) == ["p1", "p2"]


@pytest.mark.parametrize("what", ["catch_up", "rebuild"])
async def test_killed_while_indexing(url: str, what: str) -> None:
    """Killed with -9 at any moment of indexing, the next run brings the index to what an undisturbed run makes of it."""
    chance = random.Random(what)
    store = await open_writer(url, today=lambda: TODAY)
    for n in range(6):
        await store.contacts.write([put(person(f"p{m:04}", f"Anna Berg{'abcdef'[n]}")) for m in range(n * 300, n * 300 + 400)])
        await store.contacts.write([drop(f"p{n * 300:04}")])
        other = process(url, what)
        end(other, after=chance.uniform(0, 0.25))
    await store.index.catch_up()
    found = (await answer(store, SearchQuery(size=1000, sort=Sort.NAME))).total
    assert found == await store.contacts.count(Collection.PROFILES)
    by_name = {letter: (await answer(store, SearchQuery(match=Term("name", f"berg{letter}")))).total for letter in "abcdef"}
    await store.index.rebuild()
    assert by_name == {letter: (await answer(store, SearchQuery(match=Term("name", f"berg{letter}")))).total for letter in "abcdef"}
    await store.close()
    reader = await open_reader(url)
    assert (await reader.search.health())["documents"] == found
    await reader.close()
