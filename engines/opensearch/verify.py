"""Looking over a filled version of the index before it is put in use: every entry there, each of the right state, findable by its words.

Profiles may change meanwhile. The profiles' index counts its writes: no more entries may differ than it has taken since the fill began, and
while it took none, nothing may.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import orjson

from engines.base import Collection, Document
from engines.opensearch.compile import compile_query
from engines.opensearch.connection import Connection
from engines.opensearch.documents import OpenSearchReads
from engines.opensearch.entries import entry
from engines.opensearch.schema import SearchSchema
from engines.sampling import QUESTIONS, question_about
from profiles.errors import StoreError

_PAGE = 5000  # entries looked at together, without their content: about 1 MB


@dataclass(slots=True)
class Filled:
    """What a fill did. profiles: looked at.    entries: of those, how many can be found.    sample: every so many of them.

    day: the one the entries were made for.
    """

    every: int
    day: date
    profiles: int = 0
    entries: int = 0
    sample: list[Document] = field(default_factory=list)

    def add(self, documents: Sequence[Document], entries: int) -> None:
        """Note a part of the fill."""
        first = -self.profiles % self.every
        self.sample += documents[first :: self.every]
        self.profiles += len(documents)
        self.entries += entries


class Beside(NamedTuple):
    """An entry's version and its profile's: the same, where the entry shows the profile as it is. profile: 0 when there is none."""

    id: str
    entry: int
    profile: int


class Inspection:
    """Of one version of the index."""

    def __init__(self, connection: Connection, name: str, contacts: OpenSearchReads, schema: SearchSchema) -> None:
        self._connection, self._name, self._contacts, self._schema = connection, name, contacts, schema

    async def check(self, filled: Filled, writes_before: int) -> None:
        """Raises StoreError, saying what is wrong. writes_before: to the profiles' index, as counted when the fill began."""
        entries = behind = strangers = 0
        async for page in self.entries():
            entries += len(page)
            behind += sum(beside.entry < beside.profile for beside in page)
            strangers += sum(beside.entry > beside.profile for beside in page)
        profiles = await self._contacts.count(Collection.PROFILES)
        writes = await self._contacts.writes_so_far(Collection.PROFILES) - writes_before
        if abs(profiles - filled.profiles) > writes:
            raise _refused(f"{filled.profiles} profiles were read where there are {profiles}")
        if abs(entries - filled.entries) > writes:
            raise _refused(f"it holds {entries} entries where {filled.entries} were written")
        if strangers > writes:
            raise _refused(f"{strangers} entries are of no profile as it is or was")
        if behind > writes:
            raise _refused(f"{behind} entries are of an earlier state of their profiles")
        await self._check_sample(filled)

    async def entries(self) -> AsyncIterator[list[Beside]]:
        """Every entry beside its profile, in the order of their ids."""
        body: dict[str, Any] = {"size": _PAGE, "sort": [{"id": "asc"}], "_source": False, "version": True, "track_total_hits": False}
        while True:
            hits = (await self._connection.request("POST", f"/{self._name}/_search", body))["hits"]["hits"]
            versions = await self._contacts.versions(Collection.PROFILES, [hit["_id"] for hit in hits])
            if hits:
                yield [Beside(hit["_id"], hit["_version"], versions[hit["_id"]]) for hit in hits]
                body["search_after"] = hits[-1]["sort"]
            if len(hits) < _PAGE:
                return

    async def _check_sample(self, filled: Filled) -> None:
        """What the sampled profiles' entries hold, to the last byte, and that they are found by it."""
        if not filled.sample:
            return
        ids = [document.key for document in filled.sample]
        told = await self._connection.mget(self._name, ids)
        held = {each["_id"]: each["_source"] for each in told if each["found"]}
        made = {document.key: entry(document.body, filled.day) for document in filled.sample}
        expected = {key: None if text is None else orjson.loads(text) for key, text in made.items()}
        asked = {key: document for key, document in expected.items() if document is not None}
        asked = dict(list(asked.items())[:QUESTIONS])
        found = await self._found([question_about(document, self._schema.types, filled.day) for document in asked.values()])
        now = await self._contacts.versions(Collection.PROFILES, ids)  # last: what has not changed by now had not when we looked
        same = {document.key for document in filled.sample if now[document.key] == document.version}
        if wrong := sum(held.get(key) != expected[key] for key in same):
            raise _refused(f"{wrong} of {len(same)} entries looked at are not what their profiles make")
        if lost := sum(not count for key, count in zip(asked, found, strict=True) if key in same):
            raise _refused(f"{lost} of {len(asked)} people looked for are not found by their own words")

    async def _found(self, questions: Sequence[Any]) -> list[int]:
        """How many entries answer each question."""
        if not questions:
            return []
        filters = {str(n): compile_query(question, self._schema.types) for n, question in enumerate(questions)}
        body = {"size": 0, "track_total_hits": False, "aggs": {"asked": {"filters": {"filters": filters}}}}
        buckets = (await self._connection.request("POST", f"/{self._name}/_search", body))["aggregations"]["asked"]["buckets"]
        return [buckets[str(n)]["doc_count"] for n in range(len(questions))]


def _refused(why: str) -> StoreError:
    return StoreError(f"the new index was not put in use: {why}")
