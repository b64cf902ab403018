"""The only door through which profiles are read: nothing hidden or expired passes, purged or not (requirement R03)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

import orjson

from engines.base import Collection, Document, Reader, Writer
from engines.beside import beside
from engines.query import Hits, SearchQuery
from profiles.errors import ProfileErased, ProfileMoved, ProfileNotFound
from profiles.models import Profile, ProfileState, Value, ValueKind
from profiles.normalise.result import Normalised
from profiles.resolve.keys import is_full, key_of
from profiles.resolve.sample import Sample
from profiles.retention import live
from profiles.served import ServedProfile, read_served, served_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Holders:
    """The living profiles that hold a contact detail. many: there may be more than a key remembers."""

    profiles: tuple[Profile, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class KeyHolders:
    """Whom a key leads to.

    ids: of profiles, living or not, MAX_HOLDERS at most.    shared: it is known to be of several people.    full: there may be more.
    """

    ids: tuple[str, ...]
    shared: bool
    full: bool


def _is_spelt(value: Value, spellings: Sequence[str]) -> bool:
    """Whether a value is one of these, or reaches the same mailbox."""
    return value.keys[0] in spellings or any(form in spellings for form in value.parts.get("variants") or ())


class ProfileReader:
    """Reads profiles for anyone who is not the indexer.

    today: asked at every read, so that a value is gone on its day, whenever the process started.
    """

    def __init__(self, reader: Reader | Writer, today: Callable[[], date] = date.today) -> None:
        self._reader = reader
        self._today = today
        self._last_hidden: frozenset[str] = frozenset()

    async def search(self, query: SearchQuery) -> Hits:
        """The answer without hidden persons and expired values; `hidden` and `today` of the query are set here."""
        today = self._today()
        answer, hidden = await self._heeding(lambda hidden: self._reader.search.search(_heed(query, hidden, today)))
        return replace(answer, hits=tuple(hit for hit in answer.hits if hit.id not in hidden))

    async def counts(self, queries: Sequence[SearchQuery]) -> Sequence[int]:
        """How many each of these finds, hidden persons and expired values aside; all are asked at once."""
        today = self._today()
        return (await self._heeding(lambda hidden: self._reader.search.counts([_heed(each, hidden, today) for each in queries])))[0]

    async def _heeding(self, ask: Callable[[frozenset[str]], Awaitable[T]]) -> tuple[T, frozenset[str]]:
        """What is answered to a question that leaves out whom it must, and who that is.

        Whom the last one had to leave out is nearly always whom this one has to: it need not wait for the list, only heed it.
        """
        expected = self._last_hidden
        answer, hidden = await beside(ask(expected), hidden_ids(self._reader))
        if hidden != expected:
            self._last_hidden = hidden
            answer = await ask(hidden)
        return answer, hidden

    async def get(self, profile_id: str) -> Profile:
        """The living profile. Raises ProfileNotFound, ProfileMoved (to the id it was merged into), ProfileErased."""
        document = await self._reader.contacts.get(Collection.PROFILES, profile_id)
        if await self._reader.service.get(Collection.HIDDEN, profile_id):
            raise ProfileErased("this profile was erased")
        if document is None:
            raise ProfileNotFound("no profile has this id")
        profile = Profile.model_validate_json(document.body)
        if profile.state is ProfileState.MERGED and profile.merged_into:
            raise ProfileMoved(profile.merged_into)
        left = live(profile, self._today()) if profile.state is ProfileState.ACTIVE else None
        if left is None:
            raise ProfileErased("this profile was erased, or all it held has expired")
        return left

    async def surviving(self, profile_id: str) -> Profile:
        """The living profile that an id leads to, merges followed. Raises ProfileNotFound, ProfileErased."""
        while True:
            try:
                return await self.get(profile_id)
            except ProfileMoved as moved:
                profile_id = moved.to

    async def holders(self, kind: ValueKind, found: Sequence[Normalised]) -> list[Holders]:
        """Who holds each of these contact details, in any of its spellings, as it is now; few reads for many."""
        forms = [(one.keys[0], *(one.parts.get("variants") or ())) for one in found]
        names = [[key_of(kind, form) for form in spellings] for spellings in forms]
        documents = await self._reader.contacts.get_many(Collection.KEYS, list({name for keys in names for name in keys}))
        told = {key: orjson.loads(document.body) for key, document in documents.items()}
        held = {key: body["profiles"] for key, body in told.items()}
        served = await self.living(sorted({id for ids in held.values() for id in ids}))
        living = {id: profile.whole() for id, profile in served.items()}
        answer = []
        for spellings, keys in zip(forms, names, strict=True):
            ids = dict.fromkeys(id for key in keys for id in held.get(key, ()))
            persons = {p.id: p for id in ids if (p := living.get(id)) and any(_is_spelt(v, spellings) for v in p.of(kind))}
            many = any(is_full(told[key]) for key in keys if key in told)
            answer.append(Holders(tuple(persons.values()), many))
        return answer

    async def keyed(self, keys: Sequence[str]) -> dict[str, KeyHolders]:
        """Whom keys of the store (profiles/resolve/keys.py) lead to; those that lead nowhere are left out."""
        documents = await self._reader.contacts.get_many(Collection.KEYS, list(dict.fromkeys(keys)))
        told = {key: orjson.loads(document.body) for key, document in documents.items()}
        return {key: KeyHolders(tuple(body["profiles"]), body["shared"], is_full(body)) for key, body in told.items() if body["profiles"]}

    async def living(self, ids: Iterable[str]) -> dict[str, ServedProfile]:
        """The living profiles that ids lead to, merged ones followed."""
        asked, pending, today = list(ids), set(ids), self._today()
        found: dict[str, bytes] = {}
        told: dict[str, Any] = {}
        while pending:
            documents = await self._reader.contacts.get_many(Collection.PROFILES, sorted(pending))
            found |= {key: document.body for key, document in documents.items()}
            told |= {key: orjson.loads(document.body) for key, document in documents.items()}
            pending = {to for key in documents if (to := told[key].get("merged_into"))} - found.keys()
        hidden = await self._reader.service.get_many(Collection.HIDDEN, sorted(found))
        answer = {}
        for start in asked:
            id = start
            while id in told and told[id].get("merged_into"):
                id = told[id]["merged_into"]
            served = served_of(told[id], found[id], today) if id in found and id not in hidden else None
            if served is not None:
                answer[start] = served
        return answer

    async def sample(self) -> Sample:
        """How common values are among the persons held, estimated."""
        sample = Sample(await self._reader.contacts.count(Collection.PROFILES))
        async for document in self._reader.contacts.scan(Collection.PROFILES):
            if (served := read_served(document.body, self._today())) is not None:
                sample.add(served.traits())
            if sample.full:
                break
            await asyncio.sleep(0)  # others' turn: it takes a second
        sample.keep()
        return sample

    async def suggest(self, field: str, prefix: str, size: int = 10) -> Sequence[tuple[str, int]]:
        """Values of a keyword field that start with the prefix, with the number of profiles, most frequent first.

        A value that only hidden persons or expired entries have does not appear, and no count includes them.
        """
        return await self._reader.search.suggest(field, prefix, size, await hidden_ids(self._reader), self._today())

    async def all(self) -> AsyncIterator[Profile]:
        """Every living profile, by id; for exports, which take minutes: who is hidden meanwhile is left out of what is still to come."""
        part: list[Document] = []
        async for document in self._reader.contacts.scan(Collection.PROFILES):
            part.append(document)
            if len(part) == _LOOKED_AT_TOGETHER:
                for profile in await self._shown(part):
                    yield profile
                part = []
        for profile in await self._shown(part):
            yield profile

    async def _shown(self, documents: Sequence[Document]) -> list[Profile]:
        today, hidden = self._today(), await hidden_ids(self._reader)
        read = (Profile.model_validate_json(document.body) for document in documents if document.key not in hidden)
        return [left for profile in read if profile.state is ProfileState.ACTIVE and (left := live(profile, today)) is not None]


def _heed(query: SearchQuery, hidden: frozenset[str], today: date) -> SearchQuery:
    return replace(query, hidden=query.hidden | hidden, today=today)


_LOOKED_AT_TOGETHER = 100  # profiles: a tenth of a second's work, beside which looking who is hidden costs next to nothing


async def hidden_ids(reader: Reader | Writer) -> frozenset[str]:
    """Ids of profiles that nobody may be shown.

    As of now, so that a suppression holds at once in every process. The collection is all but empty: the indexer purges what is hidden
    and takes it off.
    """
    return await reader.service.all_keys(Collection.HIDDEN)
