"""A store on disk, a source and feeds of fictional people for the indexer's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from engines.base import Collection, Writer
from engines.opening import open_writer
from indexer.ingest import IngestSummary, ingest
from privacy.policy import load_policy
from privacy.sources import Source, SourceRegistry, parse_source
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.models import Profile, SourceRecord
from tests.stores import ENGINES

TODAY = date(2026, 11, 23)
KEY = SuppressionKey("test", bytes(range(32)))


def source(name: str = "crm", **more: Any) -> Source:
    """A licensed source whose feed is in roster's own shape already."""
    targets = (
        "record_id",
        "collected_at",
        "valid_until",
        "name",
        "other_names",
        "emails",
        "phones",
        "jobs",
        "locations",
        "skills",
        "links",
    )
    return parse_source(
        {
            "id": name,
            "name": f"{name} of Example Ltd",
            "kind": "licensed_third_party",
            "legal_basis": "legitimate interests",
            "purposes": ["tests"],
            "balancing_test": "LIA-0",
            "country": "US",
            "visibility": "everyone",
            "licence": {"evidence": "contract 1", "from": date(2026, 1, 1), "until": date(2036, 1, 1)},
            "feed": {"format": "jsonl"},
            "fields": {t: t for t in targets},
            **more,
        },
        TODAY,
    )


class Desk:
    """What an operator has: a store, and an ingest command."""

    def __init__(self, writer: Writer, url: str, folder: Path) -> None:
        self.writer, self.url, self.folder = writer, url, folder
        self.policy = load_policy(None)
        self.suppressions = SuppressionList(writer.service, KEY)

    async def ingest(self, rows: list[dict[str, Any]], name: str = "crm", today: date = TODAY, **more: Any) -> IngestSummary:
        """Ingest rows as the feed of a source."""
        await SourceRegistry(self.writer.contacts).add(source(name))
        feed = self.folder / "feed.jsonl"
        feed.write_bytes(b"".join(orjson.dumps(r) + b"\n" for r in rows))
        return await ingest(
            self.writer, source=source(name), feed=feed, policy=self.policy, suppressions=self.suppressions, today=today, **more
        )


@pytest.fixture(params=sorted(ENGINES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The url of a store that does not exist yet, for each engine."""
    with ENGINES[request.param](tmp_path, request) as store:
        yield store


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    writer = await open_writer(url)
    yield Desk(writer, url, tmp_path)
    left = await astray(writer)
    await writer.close()
    assert left == []


async def astray(writer: Writer) -> list[str]:
    """Keys of records that say something of somebody, and that the profile they name does not list, or another does."""
    named = {}
    async for document in writer.contacts.scan(Collection.RECORDS):
        record = SourceRecord.model_validate_json(document.body)
        if record.observations:
            named[document.key] = record.profile_id
    listed: dict[str, str] = {}
    async for document in writer.contacts.scan(Collection.PROFILES):
        listed |= dict.fromkeys(Profile.model_validate_json(document.body).records, document.key)
    return sorted(key for key, profile in named.items() if listed.get(key) != profile)


@pytest.fixture
def person() -> Callable[..., dict[str, Any]]:
    """A row about a fictional person."""

    def make(number: int, name: str = "Ada Lovelace", **more: Any) -> dict[str, Any]:
        return {"record_id": f"r{number}", "name": name, **more}

    return make
