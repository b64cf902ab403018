"""Serving: where it listens, how it stops, and that new profiles are found while it runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

import aiohttp
import pytest

from engines.base import Collection, Reader, Write
from engines.opening import open_reader, open_writer
from profiles.errors import SettingsInvalid, StoreBusy
from search_api.app import make_app, serve
from search_api.schemas import ProblemAnswer
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
    found: dict[str, Any] = {"total": 0}
    async with asyncio.timeout(30):
        while not found["total"]:  # each round is a request, which lets the server work
            found = await (await client.get("/v1/profiles/search", params={"q": "newcomer"})).json()
    assert [hit["id"] for hit in found["hits"]] == ["new"]
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


UNREADABLE = {
    "no version": b"GET /Zyxmark HTTP/9.9 Zyxmark\r\n\r\n",
    "no method": b"GE\x00T /Zyxmark HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Zyxmark\r\n\r\n",
    "bad url": b"GET http://[Zyxmark/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long line": b"GET /v1/profiles/search?q=" + b"Zyxmark" * 3000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "not gzip": b"POST /v1/profiles/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nZyxmark",
    "bad chunk": b"POST /v1/profiles/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nZyxmark\r\n",
}


async def test_what_is_no_request_is_refused_in_the_one_shape(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """Even what cannot be parsed gets an RFC 9457 answer with 400, and neither answer nor log quotes it."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = make_app(reader, key_digests=frozenset(), today=lambda: TODAY)
    with caplog.at_level(logging.DEBUG):
        serving = asyncio.create_task(serve(app, "127.0.0.1", 0, told.set_result))
        port = int((await told).rpartition(":")[2])
        for name, raw in UNREADABLE.items():
            incoming, outgoing = await asyncio.open_connection("127.0.0.1", port)
            outgoing.write(raw)
            head, _, body = (await asyncio.wait_for(incoming.read(), 30)).partition(b"\r\n\r\n")
            outgoing.close()
            assert b" 400 " in head.splitlines()[0], name
            assert ProblemAnswer.model_validate_json(body).status == 400, name
            assert b"Zyxmark" not in head + body, name
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, 30)
    assert "Zyxmark" not in caplog.text


async def test_expectations_do_not_break_a_request(client: Any) -> None:
    """A client that waits for 100 Continue gets it; an expectation nobody knows is passed over."""
    for expectation in ("100-continue", "the-unexpected"):
        headers = {"Expect": expectation, "Content-Type": "application/json"}
        response = await client.post("/v1/profiles/search", data=b"{}", headers=headers, expect100=False)
        assert response.status == 200
