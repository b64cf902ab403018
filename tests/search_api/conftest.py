"""A store with a few people, and the app over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer

from engines.base import Reader
from engines.opening import open_reader
from privacy.reading import ProfileReader
from privacy.sources import parse_source
from privacy.suppression import SuppressionKey, SuppressionList
from search_api.answers import SourceNames
from search_api.app import make_app
from search_api.verify.mail_hosts import DnsMailHosts
from search_api.verify.service import Verifier
from tests.search_api.desk import desk, url  # noqa: F401  # fixtures
from tests.search_api.people import PEOPLE, TODAY, erased, fill, moved

MakeClient = Callable[..., Awaitable[TestClient[Any, Any]]]

SOURCE = parse_source(
    {
        "id": "registry",
        "name": "Example business registry",
        "kind": "public",
        "legal_basis": "legitimate interests",
        "purposes": ["business contact search"],
        "balancing_test": "LIA-1",
        "visibility": "everyone",
        "licence": {"evidence": "open data terms"},
        "feed": {"format": "jsonl"},
        "fields": {"record_id": "id", "name": "name"},
    },
    TODAY,
)


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with PEOPLE, a merged and an erased profile. Tests only read it."""
    import asyncio

    at = f"embedded:{tmp_path_factory.mktemp('api') / 'store'}"
    entry = orjson.dumps({"enabled": True, "source": SOURCE.model_dump(mode="json", by_alias=True)})
    asyncio.run(fill(at, [*PEOPLE, moved("jane_old", "jane"), erased("gone")], [("registry", entry)]))
    return at


@pytest.fixture
async def reader(store_url: str) -> AsyncIterator[Reader]:
    """The store as a serving process sees it."""
    opened = await open_reader(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def make_client(reader: Reader) -> AsyncIterator[MakeClient]:
    """A client of the app over the store; key_digests and today as wanted."""
    clients: list[TestClient[Any, Any]] = []

    async def make(**options: Any) -> TestClient[Any, Any]:
        store = options.pop("reader", reader)
        app = make_app(store, **{"key_digests": frozenset(), "today": lambda: TODAY, "verifier": verifier_of(store), **options})
        server = TestServer(app)
        await server.start_server(access_log=None)  # as `serve` does: aiohttp's own log writes paths
        client = TestClient(server)
        await client.start_server()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


def verifier_of(store: Reader) -> Verifier:
    """Verifying without a DNS server; tests/search_api/verify has one."""
    suppressions = SuppressionList(store.service, SuppressionKey.from_hex("5" * 64))
    profiles = ProfileReader(store, lambda: TODAY)
    return Verifier(profiles, SourceNames(store.contacts), suppressions, DnsMailHosts(("127.0.0.1:1",), timeout=0.2))


@pytest.fixture
async def client(make_client: MakeClient) -> TestClient[Any, Any]:
    """A client of the app without keys."""
    return await make_client()


@pytest.fixture
def empty_path(tmp_path: Path) -> str:
    """The url of a store that does not exist yet."""
    return f"embedded:{tmp_path / 'store'}"
