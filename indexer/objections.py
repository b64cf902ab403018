"""Objections that come while a batch is on its way: what the suppression list says after the write must hold of what was written.

The list is read before a batch is decided, and again when it has been written: whoever got onto it in between is hidden, and purged when
the run ends. A run may be killed between the write and the second look. So it is noted beforehand which records are about to be written,
and a note that stayed is acted on by the next job.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import orjson

from engines.base import Collection, Write, Writer
from indexer.removal import Held, remove
from indexer.view import View
from privacy.policy import RetentionPolicy
from privacy.suppression import Match, SuppressionList
from profiles.models import SourceRecord

_PREFIX = "unchecked/"  # of the notes' keys
_UNDER_WAY = timedelta(hours=1)
"""A note no older may be of a run that is alive, and has not written yet: it is acted on, and left to whoever comes later. A batch takes
seconds, and minutes where a cluster is away (engines/opensearch/connection.py, WRITING_PATIENCE)."""


@asynccontextmanager
async def noted(writer: Writer, records: Iterable[SourceRecord]) -> AsyncIterator[None]:
    """For a block that writes these records and looks at the list again. Where it fails the note stays: some may have been written."""
    key = f"{_PREFIX}{secrets.token_hex(8)}"
    body = orjson.dumps({"at": datetime.now(UTC), "records": [record.key for record in records]})
    await writer.contacts.write([Write(Collection.META, key, body, 0)])
    yield
    await writer.contacts.write([Write(Collection.META, key, None)])


async def heed(
    writer: Writer, suppressions: SuppressionList, policy: RetentionPolicy, written: Iterable[tuple[SourceRecord, Match, str]], today: date
) -> None:
    """Let what the list says now hold of records that were written: persons are hidden, single values taken out.

    written: each record, what the list said of it before, and the id of the profile it is about.
    """
    taken = list(written)
    verdicts = await suppressions.match([record for record, _, _ in taken])
    fresh = [(profile, now) for (_, before, profile), now in zip(taken, verdicts, strict=True) if now != before]
    hidden = {profile for profile, verdict in fresh if verdict.suppressed}
    stripped = {profile for profile, verdict in fresh if not verdict.suppressed}
    if hidden:
        body = orjson.dumps({"created": today.isoformat()})
        await writer.service.write([Write(Collection.HIDDEN, profile, body) for profile in sorted(hidden)])
    if stripped:
        values: set[Held] = {(o.kind, o.keys[0]) for _, verdict in fresh for o in verdict.dropped}
        await remove(writer, sorted(stripped), policy, values)


async def heed_stored(writer: Writer, suppressions: SuppressionList, policy: RetentionPolicy, keys: Sequence[str], today: date) -> None:
    """The same of records by their keys, those of them that are there."""
    found = await writer.contacts.get_many(Collection.RECORDS, keys)
    records = [SourceRecord.model_validate_json(document.body) for document in found.values()]
    people = View(writer.contacts)
    await people.load_outlines(record.profile_id for record in records)
    written = [(record, Match(False), person.id) for record in records if (person := people.person_of(record))]
    await heed(writer, suppressions, policy, written, today)


async def heed_left(writer: Writer, suppressions: SuppressionList, policy: RetentionPolicy, today: date) -> None:
    """The same of all records that runs which were cut short have noted."""
    async for document in writer.contacts.scan(Collection.META, after=_PREFIX, batch=100):
        if not document.key.startswith(_PREFIX):
            return
        said = orjson.loads(document.body)
        await heed_stored(writer, suppressions, policy, said["records"], today)
        if datetime.now(UTC) - datetime.fromisoformat(said["at"]) > _UNDER_WAY:
            await writer.contacts.write([Write(Collection.META, document.key, None)])
