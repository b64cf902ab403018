"""Promises of removal, tried by somebody who wants the data back: through shared values, detours and races."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from engines.query import SearchQuery, Term
from indexer.batch import Batch
from indexer.export import export_assignments
from indexer.purge import purge_hidden, purge_values
from indexer.rebuild import reindex
from privacy.reading import ProfileReader
from privacy.suppressing import SuppressionResult, suppress
from privacy.suppression import SuppressionList, identify
from profiles.models import SourceRecord, ValueKind
from profiles.resolve.keys import MAX_HOLDERS
from tests.indexer.conftest import KEY, TODAY, Desk
from tests.indexer.test_ingest import contents, profiles, surname

Person = Callable[..., dict[str, Any]]
LANDLINE = "+44 20 7946 0123"


async def suppressed(desk: Desk, kind: ValueKind, text: str) -> SuppressionResult:
    """What `roster suppress` does."""
    result = await suppress(desk.writer, desk.suppressions, kind, text, today=TODAY)
    if result.stripped:
        await purge_values(desk.writer, result.stripped, {(kind, text)}, desk.policy)
    await purge_hidden(desk.writer, desk.policy)
    return result


async def test_a_number_of_more_people_than_a_key_remembers_goes_from_all_of_them(desk: Desk, person: Person) -> None:
    """A switchboard of 70 people is suppressed: nobody is left with it, and nobody is gone."""
    count = MAX_HOLDERS + 20
    await desk.ingest([person(n, f"Ada {surname(n * 37)}", phones=[LANDLINE], skills=["Poetry"]) for n in range(count)])
    result = await suppressed(desk, ValueKind.PHONE, "+442079460123")
    assert (result.shared, len(result.stripped)) == (True, count)
    found = await profiles(desk)
    assert len(found) == count
    assert not any(p.of(ValueKind.PHONE) for p in found)
    assert (await desk.writer.search.search(SearchQuery(match=Term("phone", "+442079460123"), today=TODAY))).total == 0


async def test_a_number_goes_from_all_of_its_many_holders_when_some_of_them_have_left_before(desk: Desk, person: Person) -> None:
    """Two of the 70 people of a switchboard went for good: it is still taken from every one of the 68, though a key lists only 50."""
    count = MAX_HOLDERS + 20
    await desk.ingest([person(n, f"Ada {surname(n * 37)}", emails=[f"ada{n}@x.example"], phones=[LANDLINE]) for n in range(count)])
    for n in (3, 7):
        await suppressed(desk, ValueKind.EMAIL, f"ada{n}@x.example")
    found = await ProfileReader(desk.writer, lambda: TODAY).holders(ValueKind.PHONE, [identify(ValueKind.PHONE, LANDLINE)])
    assert found[0].many
    result = await suppressed(desk, ValueKind.PHONE, "+442079460123")
    assert (result.shared, len(result.stripped)) == (True, count - 2)
    assert not any(p.of(ValueKind.PHONE) for p in await profiles(desk))


async def test_a_record_with_only_a_name_and_a_landline_does_not_bring_a_person_back(desk: Desk, person: Person) -> None:
    """The person's other records stay out too; the same id given to somebody else, and colleagues on the same landline, do not."""
    bare = person(2, phones=[LANDLINE], jobs=[{"title": "Countess", "company": "Engines Ltd"}])
    rows = [person(1, emails=["ada@firm.example"], phones=[LANDLINE]), bare]
    await desk.ingest(rows)
    assert len(await profiles(desk)) == 1
    await suppressed(desk, ValueKind.EMAIL, "ada@firm.example")
    assert (await desk.ingest(rows)).suppressed == 2
    assert (await desk.ingest([bare | {"name": "LOVELACE, A. Augusta", "skills": ["Poetry"]}])).suppressed == 1
    await reindex(desk.writer, policy=desk.policy)
    assert await profiles(desk) == []
    assert (await desk.ingest([person(2, "Charles Babbage"), person(3, "Alan Turing", phones=[LANDLINE])])).suppressed == 0
    assert len(await profiles(desk)) == 2


class Late(SuppressionList):
    """A list on which somebody puts an entry right after a batch has looked at it."""

    def __init__(self, desk: Desk, kind: ValueKind, text: str, scope: Any) -> None:
        super().__init__(desk.writer.service, KEY)
        self._entry: tuple[Any, ...] | None = (kind, text, None, scope, TODAY)

    async def match(self, records: Sequence[SourceRecord]) -> Any:
        """The verdicts; then the entry is put on the list."""
        verdicts = await super().match(records)
        if self._entry:
            entry, self._entry = self._entry, None
            await self.add(*entry)
        return verdicts


@pytest.mark.parametrize("widened", [False, True])
async def test_who_is_suppressed_while_an_ingest_writes_them_is_gone_when_it_ends(desk: Desk, person: Person, widened: bool) -> None:
    """Also when the list is no longer for it: the entry was there before, for the value alone."""
    if widened:
        await desk.suppressions.add(ValueKind.EMAIL, "ada@firm.example", scope="value", today=TODAY)
    desk.suppressions = Late(desk, ValueKind.EMAIL, "ada@firm.example", "person")
    await desk.ingest([person(1, emails=["ada@firm.example"]), person(2, "Alan Turing", emails=["alan@firm.example"])])
    assert [p.records for p in await profiles(desk)] == [("crm/r2",)]


async def test_a_value_suppressed_while_an_ingest_writes_it_is_taken_out_again(desk: Desk, person: Person) -> None:
    """A shared mailbox that was put on the list between the look and the write stands nowhere when the ingest is done."""
    desk.suppressions = Late(desk, ValueKind.EMAIL, "info@firm.example", "value")
    await desk.ingest([person(1, emails=["info@firm.example", "ada@firm.example"])])
    (profile,) = await profiles(desk)
    assert [v.value for v in profile.of(ValueKind.EMAIL)] == ["ada@firm.example"]
    assert "info@firm" not in str(await contents(desk))


async def test_a_person_who_is_written_while_they_are_suppressed_is_found_by_the_second_look(
    desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ingest that had read the list before the entry was there may write the person after we looked for holders."""
    from privacy import suppressing

    look, looks = suppressing._holders, 0

    async def slow(contacts: Any, kind: ValueKind, forms: Sequence[str]) -> Any:
        nonlocal looks
        looks += 1
        found = await look(contacts, kind, forms)
        if looks == 1:
            blind = SuppressionList(desk.writer.service, KEY)
            await Batch(desk.writer, desk.policy, blind, TODAY).begin()
            await desk.ingest([person(1, emails=["ada@firm.example"])])
        return found

    monkeypatch.setattr(suppressing, "_holders", slow)
    result = await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@firm.example", today=TODAY)
    assert len(result.hidden) == 1
    assert [p async for p in ProfileReader(desk.writer, lambda: TODAY).all()] == []


async def test_a_hidden_person_is_in_no_answer_count_or_export(desk: Desk, person: Person) -> None:
    """Between the suppression and the purge: totals, facets, suggestions, and both exports know the others only."""
    await desk.ingest(
        [
            person(1, emails=["ada@firm.example"], jobs=[{"title": "Countess", "company": "Engines Ltd"}]),
            person(2, "Alan Turing", emails=["alan@firm.example"], jobs=[{"title": "Fellow", "company": "Engines Ltd"}]),
        ]
    )
    await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@firm.example", today=TODAY)
    door = ProfileReader(desk.writer, lambda: TODAY)
    answer = await door.search(SearchQuery(facets={"company_name": 5, "job_title_name": 5}))
    assert (answer.total, answer.facets) == (1, {"company_name": [("Engines", 1)], "job_title_name": [("Fellow", 1)]})
    assert await door.suggest("job_title_name", "Cou") == []
    out = desk.folder / "assignments.csv"
    assert await export_assignments(desk.writer, out) == 1
    assert "r1" not in out.read_text()
