"""Nothing hidden or expired is read by anyone, purged or not (R03, D01)."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest

from engines.base import Collection, Write
from engines.query import SearchQuery, Term
from privacy.policy import load_policy
from privacy.reading import ProfileReader
from privacy.suppressing import suppress
from profiles.errors import ProfileErased, ProfileMoved, ProfileNotFound
from profiles.models import Profile, ProfileState, ValueKind
from tests.privacy.conftest import Room, record
from tests.privacy.source_files import TODAY

ANN, BOB = (ValueKind.EMAIL, "ann.archer@acme.example"), (ValueKind.EMAIL, "bob.brewer@acme.example")
EMAIL_DAYS = timedelta(days=load_policy().periods[ValueKind.EMAIL])


def on(room: Room, day: date = TODAY) -> ProfileReader:
    return ProfileReader(room.writer, lambda: day)


async def found(reader: ProfileReader) -> list[str]:
    answer = await reader.search(SearchQuery())
    assert answer.total == len(answer.hits)
    return sorted(hit.id for hit in answer.hits)


async def test_d01_a_suppressed_person_is_gone_at_once_on_every_path(room: Room) -> None:
    """Search, page, suggestions, counts and exports: none shows the person from the moment the suppression is written."""
    await room.hold(record("1", "Ann Archer", ANN), record("2", "Bob Brewer", BOB))
    reader = on(room)
    assert await found(reader) == ["p-1", "p-2"]
    assert [value for value, _ in await reader.suggest("email", "ann")] == [ANN[1]]
    await suppress(room.writer, room.list, *ANN, today=TODAY)
    assert await found(reader) == ["p-2"]
    assert (await reader.search(SearchQuery(filters=(Term("email", ANN[1]),)))).total == 0
    assert list(await on(room).counts([SearchQuery(filters=(Term("email", mine[1]),)) for mine in (ANN, BOB)])) == [0, 1]
    assert await reader.suggest("email", "ann") == []
    assert [value for value, _ in await reader.suggest("email", "bob")] == [BOB[1]]
    assert [profile.id async for profile in reader.all()] == ["p-2"]
    with pytest.raises(ProfileErased):
        await reader.get("p-1")
    assert (await reader.get("p-2")).id == "p-2"


async def test_d01_an_export_leaves_out_who_is_suppressed_while_it_runs(room: Room) -> None:
    """An export of everybody takes minutes: it need not end before an objection holds."""
    others = [record(f"{n:03}", "Bob Brewer") for n in range(150)]
    await room.hold(*others, record("last", "Ann Archer", ANN))
    reader = on(room)
    seen = []
    async for profile in reader.all():
        if not seen:
            await suppress(room.writer, room.list, *ANN, today=TODAY)
        seen.append(profile.id)
    assert seen == [f"p-{one.record_id}" for one in others]


async def test_facets_do_not_count_the_hidden(room: Room) -> None:
    """Not even a number gives away that somebody is still stored."""
    await room.hold(record("1", "Ann Archer", ANN), record("2", "Bob Brewer", BOB))
    reader = on(room)
    query = SearchQuery(facets={"email_domain": 5})
    assert list((await reader.search(query)).facets["email_domain"]) == [("acme.example", 2)]
    await suppress(room.writer, room.list, *ANN, today=TODAY)
    assert list((await reader.search(query)).facets["email_domain"]) == [("acme.example", 1)]
    assert list(await reader.suggest("email_domain", "ac")) == [("acme.example", 1)]


async def test_r03_an_expired_value_is_not_served_though_it_is_still_stored(room: Room) -> None:
    """On its last day a value is there; a day later it is gone from the page, the export and the search, without any purge."""
    await room.hold(record("1", "Ann Archer", ANN))
    last, over = TODAY + EMAIL_DAYS - timedelta(days=1), TODAY + EMAIL_DAYS
    assert (await on(room, last).get("p-1")).of(ValueKind.EMAIL)
    assert not (await on(room, over).get("p-1")).of(ValueKind.EMAIL)
    assert [p.of(ValueKind.EMAIL) async for p in on(room, over).all()] == [()]
    assert (await on(room, last).search(SearchQuery(filters=(Term("email", ANN[1]),)))).total == 1
    assert (await on(room, over).search(SearchQuery(filters=(Term("email", ANN[1]),)))).total == 0
    assert await on(room, over).suggest("email", "ann") == []
    assert all(not hit.profile.of(ValueKind.EMAIL) for hit in (await on(room, over).search(SearchQuery())).hits)


async def test_r03_a_person_whose_name_has_expired_is_gone(room: Room) -> None:
    """Nothing is left of a person whom no value names any more."""
    await room.hold(record("1", "Ann Archer", ANN))
    over = TODAY + timedelta(days=load_policy().periods[ValueKind.NAME])
    with pytest.raises(ProfileErased):
        await on(room, over).get("p-1")
    assert [p async for p in on(room, over).all()] == []
    assert await found(on(room, over)) == []


async def test_ids_answer_for_what_became_of_them(room: Room) -> None:
    """An id nobody has, one that was merged, one that was erased: three different answers."""
    (ann,) = await room.hold(record("1", "Ann Archer", ANN))
    merged = Profile(id="p-8", state=ProfileState.MERGED, merged_into="p-1", created_at=ann.created_at, updated=ann.updated)
    erased = Profile(id="p-9", state=ProfileState.ERASED, created_at=ann.created_at, updated=ann.updated)
    await room.writer.contacts.write([Write(Collection.PROFILES, p.id, p.model_dump_json().encode()) for p in (merged, erased)])
    reader = on(room)
    with pytest.raises(ProfileNotFound):
        await reader.get("p-7")
    with pytest.raises(ProfileMoved) as caught:
        await reader.get("p-8")
    assert caught.value.to == "p-1"
    with pytest.raises(ProfileErased):
        await reader.get("p-9")
    assert [p.id async for p in reader.all()] == ["p-1"]


async def test_a_suppression_follows_a_merge(room: Room) -> None:
    """A key that still names the old id hides the person under the id they have now."""
    (ann,) = await room.hold(record("1", "Ann Archer", ANN))
    merged = Profile(id="p-0", state=ProfileState.MERGED, merged_into="p-1", created_at=ann.created_at, updated=ann.updated)
    keys = [d.key async for d in room.writer.contacts.scan(Collection.KEYS)]
    body = orjson.dumps({"profiles": ["p-0"], "shared": False})
    await room.writer.contacts.write(
        [Write(Collection.PROFILES, "p-0", merged.model_dump_json().encode()), *(Write(Collection.KEYS, key, body) for key in keys)]
    )
    assert (await suppress(room.writer, room.list, *ANN, today=TODAY)).hidden == ("p-0", "p-1")
    with pytest.raises(ProfileErased):
        await on(room).get("p-1")
