"""Asking a provider: what goes out, about whom, and what stays on record, on each engine, with a provider that listens on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from engines.base import Collection
from engines.opening import open_reader
from indexer.expiry import expire
from indexer.providers.asking import ATTEMPTS, Asker
from indexer.providers.sending import MAX_IN_VAIN, AnswerFile, Sending, SendingSummary
from privacy.disclosures import Disclosures
from privacy.providers import Provider, read_provider
from privacy.reading import ProfileReader
from privacy.suppressing import suppress
from profiles.errors import ProviderInvalid, SourceUnknown
from profiles.judgement import Verdict
from profiles.models import ValueKind
from tests.indexer.conftest import TODAY, Desk, source
from tests.indexer.providers import server
from tests.indexer.test_judging import said, unmerged

FILE = """
id = "lookup"
name = "Contact Lookup Ltd"
url = "{url}"
key_file = "lookup.key"
source = "lookup"
missing = ["phone"]
send = ["name", "company", "link"]
per_minute = 6000
timeout_seconds = 5

[agreement]
reference = "DPA 2026-014"
purpose = "completing business contact data"
until = 2027-12-31
keep_days = 30
"""
FIELDS = {
    "record_id": "reference",
    "collected_at": "answered_at",
    "name": "answer.person.full_name",
    "phones": "answer.person.phones",
    "links": "answer.person.links[].{network: 'linkedin', url: @}",
}


def row(number: int, name: str, **more: Any) -> dict[str, Any]:
    """A row of the feed that roster begins with."""
    link = f"https://www.linkedin.com/in/{name.replace(' ', '-').lower()}"
    return {"record_id": f"r{number}", "name": name, "links": [link], "jobs": [{"title": "Engineer", "company": "Acme"}], **more}


PEOPLE = [row(1, "Ada Lovelace"), row(2, "Grace Hopper"), row(3, "Caroline Herschel")]
HAS_ONE = row(4, "Emmy Noether", phones=["+1 202-555-0199"])
NAME_ALONE = {"record_id": "r5", "name": "Jane Doe"}


@pytest.fixture
def listening() -> Iterator[server.Provider]:
    """The provider."""
    with server.running() as provider:
        yield provider


class Office:
    """What an operator has who asks a provider."""

    def __init__(self, desk: Desk, provider: Provider, answers: Path) -> None:
        self.desk, self.provider, self.answers, self.days = desk, provider, answers, [TODAY]

    async def send(self, limit: int = 100, **changes: Any) -> SendingSummary:
        """A run of its own."""
        provider = self.provider.model_copy(update=changes)
        reader = await open_reader(self.desk.url)
        try:
            sending = Sending(reader, provider, self.desk.suppressions, lambda: self.days[0])
            await sending.check()
            async with Asker(provider, pause=0) as asker:
                return await sending.send(self.answers, limit, asker, lambda so_far: None)
        finally:
            await reader.close()

    def lines(self) -> list[dict[str, Any]]:
        """The answers."""
        return [orjson.loads(line) for line in self.answers.read_bytes().splitlines()]

    async def profile(self, name: str) -> str:
        """The id of a person's profile."""
        found = [p.id async for p in ProfileReader(self.desk.writer, lambda: TODAY).all() if p.first(ValueKind.NAME).value == name]  # type: ignore[union-attr]  # each has a name
        assert len(found) == 1
        return found[0]


@pytest.fixture
async def office(desk: Desk, listening: server.Provider, tmp_path: Path) -> Office:
    """A store with people, the source of answers registered, and the provider's file."""
    from privacy.sources import SourceRegistry

    await desk.ingest([*PEOPLE, HAS_ONE, NAME_ALONE])
    await SourceRegistry(desk.writer.contacts).add(source("lookup", fields=FIELDS))
    (tmp_path / "lookup.key").write_text(f"{server.KEY}\n")
    (tmp_path / "lookup.toml").write_text(FILE.format(url=listening.url))
    return Office(desk, read_provider(tmp_path / "lookup.toml", TODAY), tmp_path / "answers.jsonl")


async def test_only_what_is_lacking_is_asked_and_only_what_may_go_goes(office: Office, listening: server.Provider) -> None:
    """Whoever has a phone number is not asked about, nor whoever is known by name alone; nothing but the kinds of `send` goes out."""
    summary = await office.send()
    assert (summary.outcomes, summary.sent, summary.stopped) == ({"answered": 2, "nothing": 1}, 3, "")
    asked = {question["name"]: question for question in listening.asked}
    assert asked.keys() == {"Ada Lovelace", "Grace Hopper", "Caroline Herschel"}
    link = "https://www.linkedin.com/in/ada-lovelace"
    assert asked["Ada Lovelace"] == {"name": "Ada Lovelace", "company": "Acme", "link": link}


async def test_every_question_stays_on_record(office: Office) -> None:
    """What was sent about a person is told with day, kinds, recipient and agreement, never with the values; its time over, it goes."""
    await office.send()
    service, ada = office.desk.writer.service, await office.profile("Ada Lovelace")
    (told,) = await Disclosures(office.desk.writer.contacts, service).of(ada)
    assert (told.recipient, told.name, told.day, told.agreement) == ("lookup", "Contact Lookup Ltd", TODAY, "DPA 2026-014")
    assert (told.fields, told.outcome) == (("name", "company", "link"), "answered")
    async for document in service.scan(Collection.DISCLOSURES):
        assert b"Ada" not in document.body
        assert b"linkedin.com" not in document.body
    for days, left in ((29, 3), (30, 0)):
        await expire(
            office.desk.writer,
            policy=office.desk.policy,
            suppressions=office.desk.suppressions,
            today=TODAY + timedelta(days=days),
            apply=True,
        )
        assert await service.count(Collection.DISCLOSURES) == left


async def test_answers_come_in_through_the_gate_of_their_source(office: Office) -> None:
    """Sending writes nothing into contacts; taken in as a feed, the answers stand on the same people, attested by the provider's source."""
    from indexer.ingest import ingest

    contacts = office.desk.writer.contacts
    before = {d.key: d.body async for d in contacts.scan(Collection.PROFILES)}
    await office.send()
    assert {d.key: d.body async for d in contacts.scan(Collection.PROFILES)} == before
    assert [line["answer"]["collected"] for line in office.lines()] == ["2026-11-20"] * 2
    desk = office.desk
    lookup = source("lookup", fields=FIELDS)
    taken = await ingest(desk.writer, source=lookup, feed=office.answers, policy=desk.policy, suppressions=desk.suppressions, today=TODAY)
    assert (taken.read, taken.new) == (2, 2)
    assert {d.key async for d in contacts.scan(Collection.PROFILES)} == before.keys()
    ada = await ProfileReader(desk.writer, lambda: TODAY).get(await office.profile("Ada Lovelace"))
    (phone,) = ada.of(ValueKind.PHONE)
    assert phone.keys[0] == "+12025550101"
    assert [attested.source_id for attested in phone.sources] == ["lookup"]


async def test_nobody_is_asked_about_twice(office: Office, listening: server.Provider) -> None:
    """A second run asks about nobody anew, whatever the first was told; a limit is heeded, and the next run goes on behind it."""
    assert (await office.send(limit=1)).sent == 1
    assert (await office.send()).sent == 2
    assert (await office.send()).sent == 0
    assert len({question["name"] for question in listening.asked}) == len(listening.asked) == 3


async def test_a_merge_forgets_no_disclosure(office: Office, listening: server.Provider) -> None:
    """What was sent about a profile is told of the one it was merged into, who is not asked about again; an unmerge gives each its own."""
    desk, jane = office.desk, await office.profile("Jane Doe")
    await desk.ingest([row(20, "Mary Somerville")], "web", today=TODAY + timedelta(days=9))
    mary = await office.profile("Mary Somerville")
    assert (await office.send()).sent == 4
    await said(desk, Verdict.SAME, jane, mary)
    disclosures = Disclosures(desk.writer.contacts, desk.writer.service)
    assert [told.profile_id for told in await disclosures.of(jane)] == [mary]
    assert (await office.send()).sent == 0
    await unmerged(desk, mary)
    assert [await disclosures.of(jane), [told.profile_id for told in await disclosures.of(mary)]] == [[], [mary]]


async def test_who_objected_is_never_sent(office: Office, listening: server.Provider) -> None:
    """Neither who was hidden before the run, nor who is while it runs; nor one of whose addresses stands on the list, purged or not."""
    await office.desk.suppressions.add(ValueKind.LINK, PEOPLE[0]["links"][0], today=TODAY)
    reader = await open_reader(office.desk.url)
    try:
        sending = Sending(reader, office.provider, office.desk.suppressions, lambda: TODAY)
        assert {question["name"] async for _, question in sending.questions()} == {"Grace Hopper", "Caroline Herschel"}
        waiting = [question async for question in sending.questions()]
        await suppress(office.desk.writer, office.desk.suppressions, ValueKind.LINK, PEOPLE[1]["links"][0], today=TODAY)
        async with Asker(office.provider) as asker:
            with AnswerFile(office.answers) as file:
                asked = [await sending._ask(profile_id, asker, file) for profile_id, _ in waiting]
    finally:
        await reader.close()
    assert sum(answer is not None for answer in asked) == 1
    assert [question["name"] for question in listening.asked] == ["Caroline Herschel"]


async def test_what_is_safe_is_tried_again_and_nothing_else(office: Office, listening: server.Provider) -> None:
    """A provider that is too busy is asked again under the same key; a failure after the question was taken is not repeated, ever."""
    listening.before = lambda number: web.Response(status=503) if number < ATTEMPTS else None
    assert (await office.send(limit=1)).outcomes.total() == 1
    assert len(listening.keys) == ATTEMPTS
    assert len(set(listening.keys)) == 1
    listening.before = lambda number: web.Response(status=500)
    assert (await office.send(limit=1)).outcomes == {"refused": 1}
    listening.before = lambda number: web.Response(text="<html>")
    assert (await office.send(limit=1)).outcomes == {"unread": 1}
    assert len(set(listening.keys)) == 3
    assert (await office.send()).sent == 0


async def test_a_provider_out_of_reach_costs_nobody_anything(office: Office, listening: server.Provider) -> None:
    """Where no connection comes about, nothing was sent: the run stops at once, and the next asks about the same people."""
    summary = await office.send(url="http://127.0.0.1:1/v1/person")
    assert (summary.sent, summary.outcomes) == (0, {"unreached": 1})
    assert summary.stopped
    assert (await office.send()).sent == 3


async def test_a_run_stops_where_going_on_helps_nobody(office: Office, listening: server.Provider, tmp_path: Path) -> None:
    """At a key that is refused, and after a few useless answers in a row: who is asked about in vain is not asked about again."""
    (tmp_path / "lookup.key").write_text("another")
    refused = await office.send()
    assert (refused.sent, "key" in refused.stopped) == (1, True)
    (tmp_path / "lookup.key").write_text(server.KEY)
    await office.desk.ingest([row(10 + n, f"{name} Curie") for n, name in enumerate(("Marie", "Irene", "Eve", "Bronya"))])
    listening.before = lambda number: web.Response(status=400)
    in_vain = await office.send()
    assert (in_vain.sent, in_vain.outcomes) == (MAX_IN_VAIN, {"refused": MAX_IN_VAIN})
    assert in_vain.stopped


async def test_without_a_source_or_an_agreement_nothing_is_sent(office: Office, listening: server.Provider) -> None:
    """No registered source, its licence over, or the agreement ended during the run: not one question goes out."""
    with pytest.raises(SourceUnknown):
        await office.send(source="elsewhere")
    office.days[0] = date(2037, 1, 1)
    with pytest.raises(ProviderInvalid):
        await office.send()
    office.days[0] = TODAY
    ended = office.provider.agreement.model_copy(update={"until": TODAY - timedelta(days=1)})
    assert (await office.send(agreement=ended)).sent == 0
    assert listening.asked == []


def test_an_answer_cut_short_spoils_no_other(tmp_path: Path) -> None:
    """A line that a killed run left half-written is ended before the next is added."""
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path):
        assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b'{"reference": "a"}\n{"refer')
    with AnswerFile(path) as file:
        file.add({"reference": "b"})
    assert path.read_bytes().splitlines() == [b'{"reference": "a"}', b'{"refer', b'{"reference":"b"}']


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('id = "lookup"', 'id = "Look Up"', "id"),
        ("http://127.0.0.1:1/p", "http://lookup.example/p", "url"),
        ("http://127.0.0.1:1/p", "https://me:secret@lookup.example/p", "url"),
        ('send = ["name", "company", "link"]', 'send = ["company", "link"]', "send"),
        ('send = ["name", "company", "link"]', 'send = ["name", "phone"]', "send"),
        ('send = ["name", "company", "link"]', 'send = ["name", "birth_date"]', "send.1"),
        ('missing = ["phone"]', "missing = []", "missing"),
        ("per_minute = 6000", "per_minute = 0", "per_minute"),
        ('reference = "DPA 2026-014"', "", "agreement.reference"),
        ("until = 2027-12-31", "until = 2026-11-22", "agreement.until"),
        ("keep_days = 30", "keep_day = 30", "agreement.keep_day"),
        ('key_file = "lookup.key"', 'key_file = "no.key"', "key_file"),
    ],
)
def test_a_mistake_in_a_provider_file_is_named(tmp_path: Path, old: str, new: str, pointer: str) -> None:
    """Each rule of a provider's file: what breaks it is told by its key, with what is allowed; the file that keeps to them is good."""
    text = FILE.format(url="http://127.0.0.1:1/p")
    (tmp_path / "lookup.key").write_text("key")
    path = tmp_path / "lookup.toml"
    path.write_text(text)
    assert read_provider(path, TODAY).id == "lookup"
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ProviderInvalid) as wrong:
        read_provider(path, TODAY)
    assert pointer in [problem.pointer for problem in wrong.value.problems]
    assert all(problem.allowed for problem in wrong.value.problems)
