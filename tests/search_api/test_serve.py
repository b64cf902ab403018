"""Serving: where it listens, how it stops, and that new profiles are found while it runs."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import aiohttp
import pytest

from engines.base import Collection, Reader, Write
from engines.opening import open_reader, open_writer
from profiles.errors import SettingsInvalid, StoreBusy
from search_api.app import make_app, serve
from tests.search_api.conftest import MakeClient
from tests.search_api.people import TODAY, person


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_and_stops_when_told(reader: Reader, number: signal.Signals) -> None:
    """Port 0 picks a free one, which is told; SIGTERM and Ctrl-C stop the server without an error."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = make_app(reader, key_digests=frozenset(), today=lambda: TODAY)
    serving = asyncio.create_task(serve(app, "127.0.0.1", 0, told.set_result))
    async with aiohttp.ClientSession() as session, session.get(f"{await told}/healthz") as response:
        assert (await response.json())["status"] == "ok"
    os.kill(os.getpid(), number)
    await asyncio.wait_for(serving, 30)


async def test_it_does_not_listen_to_strangers_without_a_key(reader: Reader) -> None:
    """Without a key it refuses to start where others could reach it."""
    app = make_app(reader, key_digests=frozenset(), today=lambda: TODAY)
    with pytest.raises(SettingsInvalid):
        await serve(app, "0.0.0.0", 0, print)  # noqa: S104  # refused before anything listens


async def test_what_was_written_is_found(empty_path: str, make_client: MakeClient) -> None:
    """The server brings the index up to date by itself: nobody has to run a command after an ingest."""
    writer: Any = await open_writer(empty_path)
    newcomer = person("new", name="Ada Newcomer")
    await writer.contacts.write([Write(Collection.PROFILES, "new", newcomer.model_dump_json().encode())])
    await writer.close()
    reader = await open_reader(empty_path)
    client = await make_client(reader=reader)
    async with asyncio.timeout(30):
        while not (await (await client.get("/v1/profiles/search", params={"q": "newcomer"})).json())["total"]:
            pass  # each round is a request, which lets the server work
    await client.close()
    await reader.close()


async def test_a_busy_index_does_not_stop_the_server(make_client: MakeClient, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the index, searches go on."""
    tried = asyncio.Event()

    async def busy(limit: int | None = None) -> int:
        tried.set()
        raise StoreBusy("held elsewhere")

    monkeypatch.setattr(reader.index, "catch_up", busy)
    client = await make_client()
    await asyncio.wait_for(tried.wait(), 30)
    assert (await client.get("/v1/profiles/search", params={"q": "schumer"})).status == 200
