"""The only door through which profiles are read: nothing hidden or expired passes, purged or not (requirement R03)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import orjson

from engines.base import Collection, Reader, Writer
from engines.query import Hits, SearchQuery
from profiles.errors import ProfileErased, ProfileMoved, ProfileNotFound
from profiles.models import Profile, ProfileState, Value, ValueKind
from profiles.normalise.result import Normalised
from profiles.resolve.keys import MAX_HOLDERS, key_of
from profiles.retention import live


@dataclass(frozen=True, slots=True)
class Holders:
    """The living profiles that hold a contact detail. many: there are more than a key remembers (MAX_HOLDERS)."""

    profiles: tuple[Profile, ...]
    many: bool


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
        # Whom the last search had to leave out is nearly always whom this one has to: it need not wait for the list, only heed it.
        expected = self._last_hidden
        answer, hidden = await asyncio.gather(self._ask(query, expected, today), hidden_ids(self._reader))
        if hidden != expected:
            self._last_hidden = hidden
            answer = await self._ask(query, hidden, today)
        return replace(answer, hits=tuple(hit for hit in answer.hits if hit.id not in hidden))

    async def _ask(self, query: SearchQuery, hidden: frozenset[str], today: date) -> Hits:
        return await self._reader.search.search(replace(query, hidden=query.hidden | hidden, today=today))

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

    async def holders(self, kind: ValueKind, found: Sequence[Normalised]) -> list[Holders]:
        """Who holds each of these contact details, in any of its spellings, as it is now; few reads for many."""
        forms = [(one.keys[0], *(one.parts.get("variants") or ())) for one in found]
        names = [[key_of(kind, form) for form in spellings] for spellings in forms]
        documents = await self._reader.contacts.get_many(Collection.KEYS, list({name for keys in names for name in keys}))
        held = {key: orjson.loads(document.body)["profiles"] for key, document in documents.items()}
        living = await self._living(sorted({id for ids in held.values() for id in ids}))
        answer = []
        for spellings, keys in zip(forms, names, strict=True):
            ids = dict.fromkeys(id for key in keys for id in held.get(key, ()))
            persons = {p.id: p for id in ids if (p := living.get(id)) and any(_is_spelt(v, spellings) for v in p.of(kind))}
            many = any(len(held.get(key, ())) >= MAX_HOLDERS for key in keys)
            answer.append(Holders(tuple(persons.values()), many))
        return answer

    async def _living(self, ids: Sequence[str]) -> dict[str, Profile]:
        """The living profiles that ids lead to, merged ones followed."""
        today, found, asked, pending = self._today(), dict[str, Profile](), set[str](), set(ids)
        while pending:
            documents = await self._reader.contacts.get_many(Collection.PROFILES, sorted(pending))
            found |= {key: Profile.model_validate_json(document.body) for key, document in documents.items()}
            asked |= pending
            pending = {p.merged_into for p in found.values() if p.merged_into} - asked
        hidden = await self._reader.service.get_many(Collection.HIDDEN, sorted(found))
        answer = {}
        for id in ids:
            profile = found.get(id)
            while profile is not None and profile.merged_into:
                profile = found.get(profile.merged_into)
            left = live(profile, today) if profile and profile.state is ProfileState.ACTIVE and profile.id not in hidden else None
            if left is not None:
                answer[id] = left
        return answer

    async def suggest(self, field: str, prefix: str, size: int = 10) -> Sequence[tuple[str, int]]:
        """Values of a keyword field that start with the prefix, with the number of profiles, most frequent first.

        A value that only hidden persons or expired entries have does not appear, and no count includes them.
        """
        return await self._reader.search.suggest(field, prefix, size, await hidden_ids(self._reader), self._today())

    async def all(self) -> AsyncIterator[Profile]:
        """Every living profile, by id; for exports."""
        today, hidden = self._today(), await hidden_ids(self._reader)
        async for document in self._reader.contacts.scan(Collection.PROFILES):
            if document.key not in hidden:
                profile = Profile.model_validate_json(document.body)
                left = live(profile, today) if profile.state is ProfileState.ACTIVE else None
                if left is not None:
                    yield left


async def hidden_ids(reader: Reader | Writer) -> frozenset[str]:
    """Ids of profiles that nobody may be shown.

    Read anew each time, so that a suppression holds at once in every process. The collection is all but empty: the indexer purges what
    is hidden and takes it off.
    """
    return await reader.service.all_keys(Collection.HIDDEN)
