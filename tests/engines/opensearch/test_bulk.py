"""Bulk writes in several requests, two under way at a time, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engines.opensearch import bulk
from engines.opensearch.address import read_address
from engines.opensearch.bulk import Action
from engines.opensearch.connection import Connection
from profiles.errors import StoreError
from tests.stores import ENGINES

STRICT = {"mappings": {"dynamic": "strict", "properties": {"word": {"type": "keyword"}}}}


@pytest.fixture
async def place(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Connection, str]]:
    """A connection, and an index that takes a `word` and nothing else."""
    with ENGINES["opensearch"](tmp_path, request) as url:
        address = read_address(url)
        connection, index = Connection(address, 30.0), f"{address.prefix}-bulk"
        await connection.request("PUT", f"/{index}", STRICT)
        yield connection, index
        await connection.request("DELETE", f"/{index}")
        await connection.close()


@pytest.mark.parametrize("bytes_at_most", [1, 200, 4_000_000])
async def test_each_write_is_told_of_in_its_place(
    place: tuple[Connection, str], monkeypatch: pytest.MonkeyPatch, bytes_at_most: int
) -> None:
    """However many requests it takes, each write has its own outcome: a number of its own, or None where it was there already."""
    connection, index = place
    monkeypatch.setattr(bulk, "MAX_BYTES", bytes_at_most)
    await bulk.bulk(connection, [Action(index, "create", str(n), {"word": "old"}) for n in range(0, 30, 3)])
    outcomes = await bulk.bulk(connection, [Action(index, "create", str(n), {"word": "new"}) for n in range(30)])
    assert [n for n, done in enumerate(outcomes) if done is None] == list(range(0, 30, 3))
    numbers = [done.sequence for done in outcomes if done]
    assert len(set(numbers)) == len(numbers) == 20


async def test_after_a_failure_nothing_is_under_way_any_more(place: tuple[Connection, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """When one write is refused for good, the call fails; what it had sent has been answered, and none of it arrives later."""
    connection, index = place
    monkeypatch.setattr(bulk, "MAX_BYTES", 1)
    real, ended = bulk._send, list[str]()

    async def send(*given: object) -> object:
        try:
            return await real(*given)  # type: ignore[arg-type]
        finally:
            ended.append("")

    monkeypatch.setattr(bulk, "_send", send)
    writes = [Action(index, "index", str(n), {"stranger" if n == 5 else "word": "x"}) for n in range(40)]
    with pytest.raises(StoreError):
        await bulk.bulk(connection, writes)
    sent = len(ended)
    assert sent >= 6
    await connection.request("POST", f"/{index}/_refresh")
    assert (await connection.request("GET", f"/{index}/_count"))["count"] == sent - 1


async def test_what_is_large_goes_out_whole(place: tuple[Connection, str]) -> None:
    """A body of several megabytes arrives as it was, in one request."""
    connection, index = place
    outcomes = await bulk.bulk(connection, [Action(index, "index", str(n), {"word": f"{n:05}" * 100}) for n in range(6000)])
    assert all(outcomes)
    await connection.request("POST", f"/{index}/_refresh")
    assert (await connection.request("GET", f"/{index}/_count"))["count"] == 6000
    told = await connection.mget(index, ["0", "5999"])
    assert [each["_source"]["word"][:5] for each in told] == ["00000", "05999"]
