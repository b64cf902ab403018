"""A store on disk with records and profiles of fictional people, written as the indexer writes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from engines.base import Collection, Write, Writer
from engines.opening import open_writer
from privacy.policy import load_policy
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.merge import merge
from profiles.models import Observation, Profile, SourceRecord, ValueKind
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised
from profiles.resolve.keys import contact_keys
from tests.privacy.source_files import TODAY

KEY = SuppressionKey("k0test", bytes(range(32)))
NORMALISE = {ValueKind.NAME: normalise_name, ValueKind.EMAIL: normalise_email, ValueKind.LINK: normalise_link}


def observed(kind: ValueKind, text: str, seen: date = TODAY) -> Observation:
    found = normalise_phone(text, "GB") if kind is ValueKind.PHONE else NORMALISE[kind](text)
    assert isinstance(found, Normalised)
    return Observation(kind=kind, said=text, value=found.value, keys=found.keys, parts=found.parts, first_seen=seen)


def record(record_id: str, name: str, *values: tuple[ValueKind, str], seen: date = TODAY, profile_id: str = "") -> SourceRecord:
    observations = [observed(ValueKind.NAME, name, seen=seen), *(observed(kind, text, seen=seen) for kind, text in values)]
    return SourceRecord(
        source_id="team_pages", record_id=record_id, content_hash=record_id, collected_at=seen, taken_at=seen,
        normaliser_version=1, profile_id=profile_id, observations=tuple(observations),
    )  # fmt: skip


class Room:
    """A store and a suppression list."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.list = SuppressionList(writer.service, KEY)

    async def hold(self, *records: SourceRecord, shared: Sequence[str] = ()) -> list[Profile]:
        """Store each record as one person; keys that several hold list them all, keys in `shared` are marked."""
        periods = {"team_pages": load_policy().periods}
        made = datetime(2026, 1, 1, tzinfo=UTC)
        profiles = [merge(f"p-{r.record_id}", made + timedelta(days=n), [r], periods) for n, r in enumerate(records)]
        holders: dict[str, list[str]] = {}
        for one, profile in zip(records, profiles, strict=True):
            for key in contact_keys(one.observations):
                holders.setdefault(key, []).append(profile.id)
        writes = [Write(Collection.PROFILES, p.id, p.model_dump_json().encode(), due=p.next_expiry) for p in profiles]
        for key, ids in holders.items():
            body: dict[str, Any] = {"profiles": sorted(ids), "shared": key in shared}
            writes.append(Write(Collection.KEYS, key, orjson.dumps(body)))
        await self.writer.contacts.write(writes)
        await self.writer.index.catch_up()
        return profiles

    async def dump(self) -> list[tuple[str, dict[str, Any]]]:
        """The suppression list as it is stored."""
        return [(d.key, orjson.loads(d.body)) async for d in self.writer.service.scan(Collection.SUPPRESSIONS)]

    async def hidden(self) -> list[str]:
        """The ids no read path shows."""
        return [d.key async for d in self.writer.service.scan(Collection.HIDDEN)]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    writer = await open_writer(f"embedded:{tmp_path / 'store'}")
    yield Room(writer)
    await writer.close()
