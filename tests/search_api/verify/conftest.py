"""A store with people who hold contact details, a DNS server, and the app that verifies against both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer

from engines.base import Reader
from engines.opening import open_reader
from privacy.reading import ProfileReader
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.models import Profile
from search_api.answers import SourceNames
from search_api.app import make_app
from search_api.verify.mail_hosts import DnsMailHosts
from search_api.verify.service import Verifier
from tests.search_api.conftest import SOURCE
from tests.search_api.people import TODAY, person
from tests.search_api.people import fill as fill_store
from tests.search_api.verify.servers import DnsServer, dns_server

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KEY = SuppressionKey.from_hex("5" * 64)

JANE = person(
    "pmrs52a2ewgtjac0b",
    name="Jane Doe",
    job_title="Vice President of Engineering",
    company="Emberpoint Inc",
    location="Munich, Germany",
    email="jane.doe+news@emberpoint.example",
    phone="+49 30 23125 104",
    link="https://www.linkedin.com/in/jane-doe",
)

ZONES = {
    "emberpoint.example": {"MX": ["20 mx2.emberpoint.example.", "10 mx1.emberpoint.example."]},
    "mx1.emberpoint.example": {"A": ["127.0.0.1"]},
    "addressonly.example": {"A": ["192.0.2.7"]},
    "nomail.example": {"MX": ["0 ."]},
    "hostless.example": {"TXT": ['"nothing"']},
    "gmail.com": {"MX": ["5 gmail-smtp-in.l.google.com."]},
    "mailinator.com": {"MX": ["1 mail.mailinator.com."]},
    "müller.example": {"MX": ["10 mx1.emberpoint.example."]},
}


async def fill(url: str, people: Iterable[Profile]) -> None:
    """Write profiles with their keys, and the source that attests them."""
    await fill_store(url, people, [("registry", orjson.dumps({"enabled": True, "source": SOURCE.model_dump(mode="json", by_alias=True)}))])


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    """A DNS server with ZONES."""
    async with dns_server({name: dict(records) for name, records in ZONES.items()}) as server:
        yield server


@pytest.fixture
def people() -> list[Profile]:
    """Who is in the store; a test that needs others parametrises it."""
    return [JANE]


@pytest.fixture
async def reader(tmp_path: Path, people: list[Profile]) -> AsyncIterator[Reader]:
    """The store as a serving process sees it."""
    url = f"embedded:{tmp_path / 'store'}"
    await fill(url, people)
    opened = await open_reader(url)
    yield opened
    await opened.close()


@pytest.fixture
def verifier(reader: Reader, dns: DnsServer) -> Verifier:
    """Verifying on that store, DNS and day; no mail server is asked."""
    hosts = DnsMailHosts((f"127.0.0.1:{dns.port}",), timeout=1.0, clock=NOW.timestamp)
    profiles = ProfileReader(reader, lambda: TODAY)
    return Verifier(profiles, SourceNames(reader.contacts), SuppressionList(reader.service, KEY), hosts, now=lambda: NOW)


MakeClient = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
async def make_client(reader: Reader, verifier: Verifier) -> AsyncIterator[MakeClient]:
    """A client of the app; changes: parts of the verifier to replace."""
    clients: list[TestClient[Any, Any]] = []

    async def make(**changes: Any) -> TestClient[Any, Any]:
        origins = changes.pop("webhook_origins", ())
        app = make_app(reader, key_digests=frozenset(), today=lambda: TODAY, verifier=replace(verifier, **changes), webhook_origins=origins)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def client(make_client: MakeClient) -> TestClient[Any, Any]:
    """A client of the app."""
    return await make_client()
