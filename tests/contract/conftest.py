"""The engines under contract: each test runs on all of them, on a store that does not exist yet.

Where two engines may differ, a test says so by its name (test_differences.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from engines.base import Reader, Writer
from engines.opening import open_reader, open_writer
from engines.query import Hits, SearchQuery
from profiles.models import Profile
from tests.contract.people import TODAY, put
from tests.stores import ENGINES


@dataclass
class Clock:
    """The day the engine takes for today."""

    day: date = TODAY

    def __call__(self) -> date:
        """Today."""
        return self.day


@pytest.fixture(params=sorted(ENGINES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The url of a store that does not exist yet, for each engine."""
    with ENGINES[request.param](tmp_path, request) as store:
        yield store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def writer(url: str, clock: Clock) -> AsyncIterator[Writer]:
    """What the indexer has."""
    store = await open_writer(url, today=clock)
    yield store
    await store.close()


@pytest.fixture
async def reader(writer: Writer, url: str, clock: Clock) -> AsyncIterator[Reader]:
    """What a serving process has, beside the indexer."""
    store = await open_reader(url, today=clock)
    yield store
    await store.close()


async def index(writer: Writer, *profiles: Profile) -> None:
    """Store profiles and make them findable."""
    await writer.contacts.write([put(profile) for profile in profiles])
    await writer.index.catch_up()


async def find(store: Reader | Writer, query: SearchQuery) -> list[str]:
    """The ids of one answer, in order."""
    return [hit.id for hit in (await answer(store, query)).hits]


async def answer(store: Reader | Writer, query: SearchQuery) -> Hits:
    """One answer."""
    return await store.search.search(query)
