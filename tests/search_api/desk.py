"""A store that changes under the app, on each engine: somebody ingests while a customer asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engines.base import Collection, Write, Writer
from engines.opening import open_reader, open_writer
from profiles.errors import StoreBusy
from profiles.models import Profile
from search_api.app import make_app
from tests.search_api.people import TODAY
from tests.stores import ENGINES


@dataclass
class Desk:
    """writer: what the indexer has.    days: today, for all of them.    client: of the app over the same store, which asks for no key."""

    writer: Writer
    days: list[date]
    client: TestClient[Any, Any] = field(init=False)

    async def hold(self, *profiles: Profile) -> None:
        """Store profiles and make them findable."""
        await self.writer.contacts.write(
            [Write(Collection.PROFILES, p.id, p.model_dump_json().encode(), due=p.next_expiry) for p in profiles]
        )
        while True:
            try:
                return await self.writer.index.catch_up()
            except StoreBusy:  # the app keeps its index fresh as well, and may be at it
                await asyncio.sleep(0)

    async def hide(self, profile_id: str) -> None:
        """As a suppression does at once."""
        await self.writer.service.write([Write(Collection.HIDDEN, profile_id, b"{}")])

    async def unhide(self, profile_id: str) -> None:
        """As a purge does at its end."""
        await self.writer.service.write([Write(Collection.HIDDEN, profile_id, None)])

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that must be a success."""
        response = await self.client.get(path, params={name: str(value) for name, value in params.items()})
        assert response.status == 200, await response.text()
        return await response.json()

    def later(self, days: int) -> None:
        """Let days go by."""
        self.days[0] += timedelta(days=days)


@pytest.fixture(params=sorted(ENGINES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The url of a store that does not exist yet, for each engine."""
    with ENGINES[request.param](tmp_path, request) as store:
        yield store


@pytest.fixture
async def desk(url: str) -> AsyncIterator[Desk]:
    """See the module's docstring."""
    days = [TODAY]
    writer = await open_writer(url, today=lambda: days[0])
    reader = await open_reader(url, today=lambda: days[0])
    made = Desk(writer, days)
    server = TestServer(make_app(reader, key_digests=frozenset(), today=lambda: days[0]))
    await server.start_server(access_log=None)
    made.client = TestClient(server)
    yield made
    await made.client.close()
    await reader.close()
    await writer.close()
