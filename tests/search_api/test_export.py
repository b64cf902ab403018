"""/v1/profiles/export: everyone who matches, once, whole, at the pace of who reads."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from itertools import count
from typing import Any

import aiohttp
import orjson
import pytest

from search_api import passing, streaming
from search_api.exporting import routes
from search_api.exporting.lines import COLUMNS
from tests.search_api.desk import Desk
from tests.search_api.people import person


async def crowd(desk: Desk, number: int = 25) -> list[str]:
    """Engineers, and one who is none; the ids of the engineers."""
    ids = [f"p{n:03}" for n in range(number)]
    others = person("accountant", name="Ada Byron", job_title="Accountant")
    await desk.hold(others, *(person(key, name="Jane Doe", job_title="Software Engineer", skill=["Python", "SQL"]) for key in ids))
    return ids


async def export(desk: Desk, **body: Any) -> tuple[Any, bytes]:
    """An export of the engineers."""
    response = await desk.client.post("/v1/profiles/export", json={"query": {"job_title": "Software Engineer"}, **body})
    return response, await response.read()


async def test_lines_are_whole_profiles(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over many parts: each who matches once, in order of id, as GET /v1/profiles/{id} shows them; GET asks the same as POST."""
    monkeypatch.setattr(passing, "PART", 4)
    ids = await crowd(desk)
    response, body = await export(desk)
    lines = [orjson.loads(line) for line in body.splitlines()]
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    assert [line["id"] for line in lines] == ids
    whole = await desk.get("/v1/profiles/p003")
    assert lines[3] == {name: shown for name, shown in whole.items() if name != "meta"}
    asked = await desk.client.get("/v1/profiles/export", params={"job_title": "Software Engineer"})
    assert await asked.read() == body


async def test_an_export_cut_short_is_taken_up_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the id of the last whole line the rest follows, in both formats, though people came and went meanwhile."""
    monkeypatch.setattr(passing, "PART", 4)
    await crowd(desk)
    for form in ("ndjson", "csv"):
        _, whole = await export(desk, format=form)
        head = whole.splitlines(keepends=True)[: 11 if form == "csv" else 10]
        _, rest = await export(desk, format=form, after="p009")
        assert b"".join(head) + rest == whole
    await desk.hold(person("p0095", name="Jane Roe", job_title="Software Engineer"))
    _, rest = await export(desk, after="p009")
    assert [orjson.loads(line)["id"] for line in rest.splitlines()][:2] == ["p0095", "p010"]


async def test_csv_is_for_spreadsheets(desk: Desk) -> None:
    """A row a person with the column names first, several values in one cell, and nothing that a spreadsheet would run as a formula."""
    await desk.hold(
        person(
            "jane",
            name="Jane Doe",
            job_title="Software Engineer",
            company='=HYPERLINK("https://x.example") GmbH',
            email=["jane@emberpoint.example", "jd@emberpoint.example"],
            phone="+49 30 23125 104",
            skill=["C++"],
        )
    )
    response, body = await export(desk, format="csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(body.decode()))
    assert tuple(row) == COLUMNS
    assert row["emails"] == "jane@emberpoint.example; jd@emberpoint.example"
    assert row["phones"].startswith("+49")
    assert row["company"].startswith("'=")


async def test_nobody_is_an_empty_export(desk: Desk) -> None:
    """Nobody found: no line, or the column names alone."""
    assert (await export(desk))[1] == b""
    assert (await export(desk, format="csv"))[1] == ",".join(COLUMNS).encode() + b"\r\n"


async def test_whoever_may_not_be_shown_is_not_exported(desk: Desk) -> None:
    """A suppressed person is in no export."""
    ids = await crowd(desk, 3)
    await desk.hide(ids[1])
    _, body = await export(desk)
    assert [orjson.loads(line)["id"] for line in body.splitlines()] == [ids[0], ids[2]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"format": "xml"}, "/format"),
        ({"after": "p 1"}, "/after"),
        ({"query": {"size": 10}}, "/query/size"),
        ({"query": {"seniority": "emperor"}}, "/query/seniority/any/0"),
        ({"qeury": {}}, "/qeury"),
    ],
)
async def test_mistakes_are_told_before_anything_is_sent(desk: Desk, body: dict[str, Any], pointer: str) -> None:
    """A wrong export is a problem like any other."""
    response, _ = await export(desk, **body)
    assert response.status == 422
    assert [error["pointer"] for error in (await response.json())["errors"]] == [pointer]
    asked = await desk.client.get("/v1/profiles/export", params={"seniority": "emperor"})
    assert [error["pointer"] for error in (await asked.json())["errors"]] == ["seniority"]


async def test_a_stream_that_breaks_is_seen_to_be_broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store fails half-way the connection ends without the end of the answer: nobody takes a part for the whole."""
    monkeypatch.setattr(passing, "PART", 4)
    await crowd(desk)
    lines = routes.export_lines

    async def failing(*given: Any) -> Any:
        n = 0
        async for part in lines(*given):
            yield part
            n += 1
            if n == 3:
                raise RuntimeError("the disk is gone")

    monkeypatch.setattr(routes, "export_lines", failing)
    response = await desk.client.post("/v1/profiles/export", json={"query": {"job_title": "Software Engineer"}})
    assert response.status == 200
    with pytest.raises(aiohttp.ClientError):
        await response.read()


async def test_no_part_is_waited_for_longer_than_an_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first part that takes too long is a problem that says so; a later one ends the connection without the end of the answer."""
    monkeypatch.setattr(passing, "PART", 4)
    await crowd(desk)
    lines, within = routes.export_lines, streaming.answered_within
    for stuck, status in ((1, 503), (3, 200)):
        made, bounds = count(1), count(1)

        async def sticking(*given: Any, made: Iterator[int] = made, stuck: int = stuck) -> Any:
            async for part in lines(*given):
                if next(made) == stuck:
                    await asyncio.Event().wait()
                yield part

        def bound(seconds: float, bounds: Iterator[int] = bounds, stuck: int = stuck) -> Any:
            assert seconds == streaming.ANSWER_SECONDS
            return within(0.0 if next(bounds) == stuck else None)

        monkeypatch.setattr(routes, "export_lines", sticking)
        monkeypatch.setattr(streaming, "answered_within", bound)
        response = await desk.client.post("/v1/profiles/export", json={"query": {"job_title": "Software Engineer"}})
        assert response.status == status
        if status == 503:
            assert (await response.json())["type"] == "urn:roster:problem:took-too-long"
        else:
            with pytest.raises(aiohttp.ClientError):
                await response.read()


async def test_a_slow_reader_holds_no_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read from the store than the reader takes: parts are made one by one as the connection empties."""
    made, enough, whole = 0, asyncio.Event(), 3000

    async def endless(*_: Any) -> Any:
        nonlocal made
        for _ in range(whole):
            made += 1
            enough.set()
            yield b"x" * 100_000, 1

    monkeypatch.setattr(routes, "export_lines", endless)
    response = await desk.client.post("/v1/profiles/export", json={})
    await enough.wait()
    for _ in range(200):  # turns of the loop in which the server could go on if it did not wait for the reader
        await asyncio.sleep(0)
    assert made < 200
    assert len(await response.read()) == whole * 100_000
    assert made == whole


async def test_a_reader_who_takes_nothing_is_let_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads nothing for the time allowed loses the connection."""
    closed = asyncio.Event()

    async def endless(*_: Any) -> Any:
        try:
            while True:
                yield b"x" * 1_000_000, 1
        finally:
            closed.set()

    monkeypatch.setattr(streaming, "WRITE_SECONDS", 0.2)
    monkeypatch.setattr(routes, "export_lines", endless)
    response = await desk.client.post("/v1/profiles/export", json={})
    await closed.wait()
    with pytest.raises(aiohttp.ClientError):
        await response.read()
