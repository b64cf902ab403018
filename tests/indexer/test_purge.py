"""Promises of suppression, seen from the whole: gone at once, gone from the store, and no feed brings the person back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from engines.base import SERVICE, Collection, Unchanged, Write
from engines.query import SearchQuery, Term
from indexer.judging import apply_judgements
from indexer.purge import purge_hidden, purge_values
from indexer.rebuild import reindex
from privacy.reading import ProfileReader
from privacy.suppressing import PROFILE, foresee, suppress
from privacy.suppression import Match, SuppressionList
from profiles.errors import ProfileErased, ProfileNotFound, WriteConflict
from profiles.judgement import Verdict
from profiles.models import SourceRecord, ValueKind
from search_api.review import pairs
from tests.indexer.conftest import KEY, TODAY, Desk
from tests.stores import on_opensearch

Person = Callable[..., dict[str, Any]]


async def test_a_suppressed_person_is_gone_at_once_and_stays_gone(desk: Desk, person: Person) -> None:
    """Hidden before the purge; purged from the store; held out against every spelling, other record and a rebuild."""
    await desk.ingest([person(1, emails=["ada.lovelace@firm.example"], phones=["+44 7911 123456"], links=["https://github.com/ada-l"])])
    door = ProfileReader(desk.writer, lambda: TODAY)
    (owner,) = [p async for p in door.all()]
    result = await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "Ada.Lovelace@FIRM.example", today=TODAY)
    assert result.hidden == (owner.id,)
    assert (await door.search(SearchQuery(match=Term("email", "ada.lovelace@firm.example")))).total == 0
    with pytest.raises(ProfileErased):
        await door.get(owner.id)
    assert await purge_hidden(desk.writer, desk.policy) == 1
    for rows in (
        [person(1, emails=["ada.lovelace+news@firm.example"])],
        [person(2, emails=["MAILTO:ADA.LOVELACE@firm.example"])],
        [person(3, links=["http://www.GitHub.com/Ada-L/?tab=repositories"])],
        [person(4, phones=["0044 (0)7911 123 456"])],
    ):
        assert (await desk.ingest(rows)).suppressed == 1
    await reindex(desk.writer, policy=desk.policy)
    assert [p async for p in door.all()] == []
    halves = {c: desk.writer.service if c in SERVICE else desk.writer.contacts for c in Collection}
    left = b"".join([d.body for c, half in halves.items() async for d in half.scan(c)])
    assert b"ovelace" not in left


class Killed(BaseException):
    """The end of a process, at this point."""


class Objecting(SuppressionList):
    """The list, onto which somebody gets as soon as a batch has read it. dies: whether the process ends where it would read it again."""

    def __init__(self, desk: Desk, *, dies: bool) -> None:
        super().__init__(desk.writer.service, KEY)
        self._desk, self._dies, self._read = desk, dies, 0

    async def match(self, records: Sequence[SourceRecord]) -> list[Match]:
        """What it said as it was read."""
        self._read += 1
        if self._read == 2 and self._dies:
            raise Killed
        found = await super().match(records)
        if self._read == 1:
            for address in ("ada@firm.example", "info@firm.example"):
                await suppress(self._desk.writer, self._desk.suppressions, ValueKind.EMAIL, address, today=TODAY)
        return found


@pytest.mark.parametrize("dies", [False, True])
async def test_an_objection_holds_that_comes_while_the_person_is_being_taken_in(desk: Desk, person: Person, dies: bool) -> None:
    """Between a batch's look at the list and its write, though the run is killed right after it: the next run of any feed heeds it."""
    rows = [person(1, "Ada Lovelace", emails=["ada@firm.example"]), person(2, "Alan Turing", emails=["info@firm.example"])]
    real, desk.suppressions = desk.suppressions, Objecting(desk, dies=dies)
    if dies:
        with pytest.raises(Killed):
            await desk.ingest(rows)
        assert len([p async for p in ProfileReader(desk.writer, lambda: TODAY).all()]) == 2  # or this is no test of what comes next
        desk.suppressions = real
        await desk.ingest([person(1, "Grace Hopper")], "other")
    else:
        await desk.ingest(rows)
    found = [p async for p in ProfileReader(desk.writer, lambda: TODAY).all()]
    assert {p.values[0].value for p in found} == {"Alan Turing", *(["Grace Hopper"] if dies else [])}
    assert not any(p.of(ValueKind.EMAIL) for p in found)
    assert await desk.writer.service.count(Collection.HIDDEN) == 0


@on_opensearch
async def test_an_objection_holds_though_the_batch_was_taken_in_parts(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a batch is no transaction: the person was written before a conflict showed, and is on the list by the time the parts are taken.

    Another process wins the batch's second record twice, which splits it. The part with the person takes nothing and has nothing to look at
    again; what the first try has written is hidden all the same.
    """
    contacts, real, held = desk.writer.contacts, desk.writer.contacts.write, list[bool]()

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        mine = [w for w in writes if w.collection is Collection.RECORDS and w.key == "crm/r2" and w.body]
        if not mine or len(held) == 2:
            return await real(writes, rests_on)
        if not held:
            await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@firm.example", today=TODAY)
        earlier = {"content_hash": f"another {len(held)}", "collected_at": f"2026-01-0{1 + len(held)}"}
        await real([mine[0]._replace(body=orjson.dumps(orjson.loads(mine[0].body or b"") | earlier), expected=None)])
        with pytest.raises(WriteConflict):
            await real(writes, rests_on)
        held.append(await contacts.get(Collection.RECORDS, "crm/r1") is not None)
        raise WriteConflict("the other process was there first")

    monkeypatch.setattr(contacts, "write", write)
    summary = await desk.ingest([person(1, emails=["ada@firm.example"]), person(2, "Alan Turing", collected_at="2026-02-01")])
    assert held == [True, True], "written by the first try, and there still when the parts are taken: or this is no test of them"
    assert summary.suppressed == 1
    assert [p.values[0].value async for p in ProfileReader(desk.writer, lambda: TODAY).all()] == ["Alan Turing"]
    assert await contacts.get(Collection.RECORDS, "crm/r1") is None
    assert await desk.writer.service.count(Collection.HIDDEN) == 0


async def test_a_person_of_whom_no_address_is_held_can_object(desk: Desk, person: Person) -> None:
    """Named by the profile: gone with every record, and kept out by any of them; a namesake is let in."""
    job = {"jobs": [{"title": "Countess", "company": "Engines Ltd"}]}
    rows = [person(1, **job), person(2, "Charles Babbage")]
    await desk.ingest(rows)
    door = ProfileReader(desk.writer, lambda: TODAY)
    (ada,) = [p.id async for p in door.all() if p.values[0].value == "Ada Lovelace"]
    foreseen = await foresee(desk.writer.contacts, desk.suppressions, PROFILE, ada)
    assert await suppress(desk.writer, desk.suppressions, PROFILE, ada, today=TODAY) == foreseen
    assert (foreseen.hidden, foreseen.shared, foreseen.entries > 0) == ((ada,), False, True)
    assert [p.values[0].value async for p in door.all()] == ["Charles Babbage"]
    assert await purge_hidden(desk.writer, desk.policy) == 1
    assert (await desk.ingest([rows[0] | {"skills": ["Poetry"]}])).suppressed == 1
    assert (await desk.ingest([person(3, "Ada Lovelace")])).suppressed == 0
    for profile, error in ((ada, ProfileErased), ("nobody", ProfileNotFound)):
        with pytest.raises(error):
            await suppress(desk.writer, desk.suppressions, PROFILE, profile, today=TODAY)


async def test_a_person_named_by_an_id_she_once_had_is_one_person(desk: Desk, person: Person) -> None:
    """Of two profiles made one, the id that leads to the other hides the one that is left, and says so of one."""
    await desk.ingest([person(1), person(2, "Ada Byron")])
    sides = [await pairs.find(desk.writer, f"crm/r{n}", lambda: TODAY) for n in (1, 2)]
    await pairs.give(desk.writer, pairs.judge(Verdict.SAME, *sides, reason="", actor="op"))
    await apply_judgements(desk.writer, desk.policy)
    (ada,) = [p.id async for p in ProfileReader(desk.writer, lambda: TODAY).all()]
    for named in (side.profile.id for side in sides):
        assert (await foresee(desk.writer.contacts, desk.suppressions, PROFILE, named)).hidden == (ada,)
    (absorbed,) = {side.profile.id for side in sides} - {ada}
    assert (await suppress(desk.writer, desk.suppressions, PROFILE, absorbed, today=TODAY)).hidden == (ada,)
    for named in (ada, absorbed):
        with pytest.raises(ProfileErased):
            await ProfileReader(desk.writer, lambda: TODAY).surviving(named)
    assert await purge_hidden(desk.writer, desk.policy) == 1
    assert [d.key async for d in desk.writer.contacts.scan(Collection.RECORDS)] == []


async def test_a_shared_mailbox_goes_and_its_people_stay(desk: Desk, person: Person) -> None:
    """Suppressing info@ takes the address from everybody, and nobody is hidden."""
    await desk.ingest([person(1, "Ada Lovelace", emails=["info@firm.example"]), person(2, "Alan Turing", emails=["info@firm.example"])])
    result = await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "info@firm.example", today=TODAY)
    assert result.shared
    await purge_values(desk.writer, result.stripped, {(ValueKind.EMAIL, "info@firm.example")}, desk.policy)
    await desk.ingest([person(3, "Grace Hopper", emails=["info@firm.example"])])
    found = [p async for p in ProfileReader(desk.writer, lambda: TODAY).all()]
    assert len(found) == 3
    assert all(p.of(ValueKind.EMAIL) == () for p in found)
