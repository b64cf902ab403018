"""Promises for a disk that takes no more: a clear word, nothing lost, and the work goes on where it ended once there is room."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engines.base import Collection
from engines.query import SearchQuery
from profiles.errors import StoreUnavailable
from tests.indexer.conftest import TODAY, Desk
from tests.indexer.test_ingest import contents, surname

Person = Callable[..., dict[str, Any]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The disk is this process's: the embedded engine's files lie on it."""
    return f"embedded:{tmp_path / 'store'}"


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a full disk, writing beyond this many bytes of a file fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_an_index_that_cannot_be_written_says_so_and_the_old_one_answers(desk: Desk, person: Person) -> None:
    """The disk is full while the index is built: the error names the disk, searches go on, and later it is built."""
    await desk.ingest([person(n, f"Ada {surname(n)}", skills=["Poetry"]) for n in range(50)])
    with no_file_longer_than(1024), pytest.raises(StoreUnavailable, match="disk"):
        await desk.writer.index.rebuild()
    assert (await desk.writer.search.search(SearchQuery(today=TODAY))).total == 50
    assert await desk.writer.index.rebuild() == 50


async def test_a_store_that_cannot_grow_keeps_what_it_has_and_takes_the_rest_later(desk: Desk, person: Person) -> None:
    """The disk is full in the middle of a feed: what was written stays, and the same feed again brings the rest."""
    rows = [person(n, f"Ada {surname(n)}", emails=[f"a{n}@firm.example"], skills=["Poetry"]) for n in range(1500)]
    await desk.ingest(rows[:1])
    with no_file_longer_than(3_000_000), pytest.raises(StoreUnavailable, match="disk"):
        await desk.ingest(rows)
    held = await desk.writer.contacts.count(Collection.RECORDS)
    assert held in range(1, 1500)
    await desk.ingest(rows)
    assert (await desk.writer.search.search(SearchQuery(today=TODAY))).total == 1500
    assert sum(key.startswith("records/") for key in await contents(desk)) == 1500
