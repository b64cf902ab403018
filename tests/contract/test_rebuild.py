"""Building the index anew: at a rate, looked over before it is used, and nothing left of a build that came to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from engines.base import Collection, Reader, Writer
from engines.document import document_of
from engines.embedded import admin as embedded_admin
from engines.opensearch import filling
from engines.opensearch.bulk import Action, bulk
from engines.opensearch.entries import version_actions
from engines.query import SearchQuery, Term
from profiles.errors import StoreError
from tests.contract.conftest import answer, find, index
from tests.contract.people import person, put
from tests.stores import on_embedded, on_opensearch

BERG = SearchQuery(match=Term("name", "berg"))


async def test_a_rebuild_keeps_to_the_rate(writer: Writer) -> None:
    """With a rate the work is done in parts of no more than a second, and all of it is done."""
    await index(writer, *(person(f"p{n:03}") for n in range(60)))
    steps: list[int] = []
    assert await writer.index.rebuild(lambda done, of: steps.append(done), max_rate=40) == 60
    assert len(steps) > 1
    assert all(after - before <= 40 for before, after in zip([0, *sorted(steps)], sorted(steps), strict=False))
    assert (await answer(writer, BERG)).total == 60


async def test_a_build_that_fails_leaves_nothing_behind(writer: Writer, reader: Reader) -> None:
    """An error half-way: the version in use is the same as before and the only one, and the next rebuild works."""
    await index(writer, *(person(f"p{n:03}") for n in range(20)))
    before = await writer.index.versions()

    def fail(done: int, of: int) -> None:
        raise RuntimeError("stopped by the test")

    with pytest.raises(RuntimeError, match="stopped"):
        await writer.index.rebuild(fail)
    assert [(v.name, v.in_use) for v in await writer.index.versions()] == [(v.name, v.in_use) for v in before]
    assert list(await writer.index.prune(preview=True)) == []
    assert (await answer(reader, BERG)).total == 20
    assert await writer.index.rebuild() == 20


def changing(actions: list[Action]) -> list[Action]:
    """One field says something else."""
    return [replace(action, source=orjson.dumps({**orjson.loads(action.source or b""), "city": ["Elsewhere"]})) for action in actions]


def ageing(actions: list[Action]) -> list[Action]:
    """The entries are of earlier states than the profiles'."""
    return [replace(action, meta={**action.meta, "version": action.meta["version"] - 1}) for action in actions]


def doubling(actions: list[Action]) -> list[Action]:
    """Entries that no profile has."""
    return [*actions, *(replace(action, id=f"{action.id}x") for action in actions)]


@on_opensearch
@pytest.mark.parametrize(
    ("fault", "said"), [(changing, "not what their profiles make"), (ageing, "earlier state"), (doubling, "of no profile")]
)
async def test_opensearch_a_faulty_index_is_not_put_in_use(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, fault: Callable[[list[Action]], list[Action]], said: str
) -> None:
    """Entries that are wrong, old or of nobody are noticed; the old index stays in use, the faulty one is removed."""
    await index(writer, *(person(f"p{n:03}") for n in range(20)))
    (before,) = await writer.index.versions()
    monkeypatch.setattr(filling, "version_actions", lambda *given: fault(version_actions(*given)))
    with pytest.raises(StoreError, match=f"not put in use: .*{said}") as caught:
        await writer.index.rebuild()
    assert type(caught.value) is StoreError
    assert [(v.name, v.in_use) for v in await writer.index.versions()] == [(before.name, True)]


@on_opensearch
@pytest.mark.parametrize("unread", [False, True])
async def test_opensearch_a_lost_entry_is_noticed(writer: Writer, monkeypatch: pytest.MonkeyPatch, unread: bool) -> None:
    """One entry that was written and is not there, or one profile that was never read, is enough, sampled or not."""
    await index(writer, *(person(f"p{n:03}") for n in range(20)))

    async def losing(connection: Any, actions: Sequence[Action]) -> Any:
        return await bulk(connection, actions[:-1])

    async def skipping(*given: Any) -> Any:
        async for part in read(*given):
            yield part[:-1]

    read = filling._profiles
    if unread:
        monkeypatch.setattr(filling, "_profiles", skipping)
    else:
        monkeypatch.setattr(filling, "bulk", losing)
    with pytest.raises(StoreError, match="19 profiles were read where there are 20" if unread else "19 entries where 20"):
        await writer.index.rebuild()
    assert (await answer(writer, BERG)).total == 20


@on_opensearch
async def test_opensearch_a_field_that_cannot_be_searched_is_noticed(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that holds all and finds nobody by name is not put in use."""
    from engines.opensearch.schema import SearchSchema

    await index(writer, *(person(f"p{n:03}") for n in range(20)))
    real = SearchSchema.body

    def body(schema: SearchSchema, *, filling: bool) -> dict[str, Any]:
        made = real(schema, filling=filling)
        fields = made["mappings"]["properties"]
        return made | {"mappings": {**made["mappings"], "properties": {**fields, "name": {"type": "text", "index": False}}}}

    monkeypatch.setattr(SearchSchema, "body", body)
    with pytest.raises(StoreError, match=r"not put in use: .*own words|refused a request"):
        await writer.index.rebuild()
    assert (await answer(writer, BERG)).total == 20


@on_embedded
@pytest.mark.parametrize(("lost", "said"), [("entry", "19 entries where 20|lacks some"), ("word", "not found by their own words")])
async def test_embedded_a_faulty_index_is_not_put_in_use(writer: Writer, monkeypatch: pytest.MonkeyPatch, lost: str, said: str) -> None:
    """There, a person that is missing or not found by name is noticed; the old index stays in use."""
    await index(writer, *(person(f"p{n:03}") for n in range(20)))

    def faulty(body: bytes, day: date) -> dict[str, Any] | None:
        document = document_of(body, day)
        if document is None or document["id"] != "p007":
            return document
        return None if lost == "entry" else {**document, "name": ["somebody else"]}

    monkeypatch.setattr(embedded_admin, "document_of", faulty)
    with pytest.raises(StoreError, match=f"not put in use: .*({said})"):
        await writer.index.rebuild()
    assert (await answer(writer, BERG)).total == 20


@on_opensearch
async def test_opensearch_slices_hold_every_key_once(writer: Writer) -> None:
    """However keys are spread, ranges that are read beside each other meet and do not overlap."""
    contacts: Any = writer.contacts
    await writer.contacts.write([put(person(key)) for key in (*(f"a{n:04}" for n in range(700)), "b", "zz")])
    for parts in (1, 2, 5):
        ranges = await contacts.split(Collection.PROFILES, parts)
        assert len(ranges) == parts
        read = [[d.key async for d in contacts.scan(Collection.PROFILES, after, 100, until)] for after, until in ranges]
        assert [key for keys in read for key in keys] == [d.key async for d in contacts.scan(Collection.PROFILES)]
        assert all(part for part in read)


@on_opensearch
async def test_opensearch_begins_a_version_in_one_piece(writer: Writer, monkeypatch: pytest.MonkeyPatch, opensearch: str) -> None:
    """There, each piece of an index takes a misspelt name the same time: however many a fill made, a version put in use has one."""
    from tests.opensearch.asking import ask

    def pieces(name: str) -> int:
        ask(f"{opensearch}/{name}/_refresh", "POST")
        return int(ask(f"{opensearch}/{name}/_stats/segments")["_all"]["primaries"]["segments"]["count"])

    await index(writer, *(person(f"p{n:03}") for n in range(20)))
    (used,) = await writer.index.versions()
    while_filled = []
    monkeypatch.setattr(filling, "PART", 2)

    def look(done: int, of: int) -> None:
        names = [name for name in ask(f"{opensearch}/{used.name.partition('-search-')[0]}-search-*") if name != used.name]
        while_filled.extend(map(pieces, names))

    await writer.index.rebuild(look)
    assert max(while_filled) > 1
    _, filled = await writer.index.versions()
    assert filled.in_use
    assert pieces(filled.name) == 1


@on_opensearch
async def test_opensearch_who_is_gone_is_gone_from_kept_versions_too(writer: Writer, opensearch: str, url: str) -> None:
    """A version kept to go back to loses a deleted person when the index in use does, and after `scrub` whatever its profiles lost."""
    from tests.opensearch.asking import ask

    await index(writer, person("p1"), person("p2", "Otto Zoller", title="Engineer"), person("p3"))
    await writer.index.rebuild()
    kept, used = await writer.index.versions()
    assert (kept.in_use, used.in_use) == (False, True)

    def held() -> set[str]:
        ask(f"{opensearch}/{kept.name}/_refresh", "POST")
        return {hit["_id"] for hit in ask(f"{opensearch}/{kept.name}/_search")["hits"]["hits"]}

    await writer.contacts.write([put(person("p2", "Otto Zoller")), put(person("p1"))._replace(body=None)])
    await writer.index.catch_up()
    assert held() == {"p2", "p3"}
    await writer.index.scrub(kept=True)
    assert held() == {"p3"}, "its title is no longer held"
    assert await writer.index.rollback() == kept.name
    assert await find(writer, SearchQuery()) == ["p2", "p3"]
    assert await find(writer, SearchQuery(match=Term("job_title", "engineer"))) == []
