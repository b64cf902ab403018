"""What keys say of people who were to be founded and never were: a try that was given up leaves nothing that leads to the wrong person."""

from __future__ import annotations

from typing import Any

import orjson

from engines.base import Collection, Write
from indexer.commit import commit
from indexer.people import People
from indexer.periods import all_periods
from indexer.person import profile_id
from privacy.suppressing import suppress
from profiles.judgement import Judgements
from profiles.models import Profile, ProfileState, SourceRecord, ValueKind
from profiles.resolve.keys import key_of
from tests.indexer.conftest import TODAY, Desk
from tests.stores import on_opensearch

ADA: dict[str, Any] = {"record_id": "r1", "name": "Ada Lovelace", "emails": ["ada@x.example"]}
GRACE: dict[str, Any] = {"record_id": "r3", "name": "Grace Hopper", "emails": ["grace@x.example"]}


async def test_an_address_does_not_lead_to_whom_its_holder_was_once_taken_for(desk: Desk) -> None:
    """Her id was given away to somebody else while an ingest was about to found her: her address, and its suppression, reach her alone."""
    await desk.ingest([GRACE])
    contacts, ada, address = desk.writer.contacts, profile_id("crm/r1"), key_of("email", "ada@x.example")
    (grace,) = [Profile.model_validate_json(d.body) async for d in contacts.scan(Collection.PROFILES)]
    away = Profile(id=ada, state=ProfileState.MERGED, merged_into=grace.id, created_at=grace.created_at, updated=TODAY)
    await contacts.write([Write(Collection.KEYS, address, orjson.dumps({"profiles": [ada], "shared": False}), 0)])
    await contacts.write([Write(Collection.PROFILES, ada, away.model_dump_json(exclude_defaults=True).encode(), 0)])
    await desk.ingest([ADA])
    reached = await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@x.example", today=TODAY)
    assert reached.hidden == (profile_id("crm/r1", 1),)


async def test_nobody_waits_for_a_person_whom_a_second_look_did_not_found(desk: Desk) -> None:
    """A try that was given up had parted a record from its person: its keys name nobody any more who is not there."""
    await desk.ingest([ADA])
    contacts, periods = desk.writer.contacts, await all_periods(desk.writer.contacts, desk.policy)
    alone, address = profile_id("crm/r1", 1), key_of("email", "ada@x.example")
    held = await contacts.get(Collection.KEYS, address)
    assert held is not None
    said = orjson.loads(held.body)
    await contacts.write([Write(Collection.KEYS, address, orjson.dumps(said | {"profiles": [*said["profiles"], alone]}))])
    people = People(contacts, actor="test")
    await people.load_touched([alone], ["crm/r1"])
    people.realign({alone})  # as `settle` does
    await contacts.write(people.repairs(periods))
    now = await contacts.get(Collection.KEYS, address)
    assert now is not None
    assert orjson.loads(now.body) == said


@on_opensearch
async def test_a_second_look_takes_back_what_the_first_said_of_an_address(desk: Desk) -> None:
    """A try that was refused had found the address to be Grace's, the next one somebody else's: it leads to nobody but her."""
    await desk.ingest([GRACE])
    contacts, periods, address = (
        desk.writer.contacts,
        await all_periods(desk.writer.contacts, desk.policy),
        key_of("email", "ada@x.example"),
    )
    (held,) = [SourceRecord.model_validate_json(d.body) async for d in contacts.scan(Collection.RECORDS)]
    name, email = held.observations
    new = email.model_copy(update={"value": "ada@x.example", "keys": ("ada@x.example",)})
    record = held.model_copy(update={"record_id": "r1", "profile_id": "", "observations": (name, new)})
    tries = 0

    async def decide() -> People:
        nonlocal tries
        tries += 1
        people = People(contacts, "test", Judgements())
        await people.load([record])
        await people.load_profiles([held.profile_id])
        if tries > 1:
            people.assign(record, await people.found(record))
            return people
        people.assign(record, people.persons[held.profile_id])
        document = await contacts.get(Collection.PROFILES, held.profile_id)
        assert document is not None
        await contacts.write([Write(Collection.PROFILES, held.profile_id, document.body)])  # by somebody who is faster
        return people

    await commit(desk.writer, decide, periods)
    assert tries == 2
    said = await contacts.get(Collection.KEYS, address)
    assert said is not None
    assert orjson.loads(said.body)["profiles"] == [profile_id("crm/r1")]
