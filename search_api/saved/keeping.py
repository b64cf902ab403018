"""Where saved searches are kept: in the service half of the store, each under its caller, whom alone it is shown to.

Beside a search stand the *matches* it had when its caller last asked for changes, under a mark made of the cursor of that answer: id
and keyed digest (differences.py) of everyone found. Two marks are kept, the one the caller came with and the one he got, so that an answer
that was lost on its way can be asked for again. Whoever comes with an older one, or lost a race against himself, is told to begin anew;
nothing is left out silently.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from engines.base import Collection, Document, Write, WriteDocuments
from profiles.errors import Problem, QueryInvalid, SearchNotFound, WriteConflict
from search_api.saved.schemas import KEPT_DAYS, MAX_SEARCHES

Matches = Mapping[str, str]
"""Profile id -> digest of what was shown."""

_TRIES = 5  # of a write that meets another of the same search: its caller asks twice at once
_RENEWED_AFTER = timedelta(days=30)  # a search asked often need not be written each time


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved search. query: as it was given.    marks: of the matches beside it.    version: of its document."""

    id: str
    name: str
    query: dict[str, Any]
    created: date
    kept_until: date
    marks: tuple[str, ...] = ()
    version: int = field(default=0, compare=False)

    def body(self) -> dict[str, Any]:
        """As it is shown: schemas.SavedSearchBody."""
        days = {"created": self.created.isoformat(), "kept_until": self.kept_until.isoformat()}
        return {"id": self.id, "name": self.name, "query": self.query, **days}


class SavedSearches:
    """The searches of one caller."""

    def __init__(self, service: WriteDocuments, caller: str, today: date) -> None:
        self._service, self._caller, self._today = service, caller, today

    async def add(self, name: str, query: dict[str, Any]) -> Kept:
        """Keep a search. Raises QueryInvalid when the caller keeps too many."""
        if len(await self.all()) >= MAX_SEARCHES:
            raise QueryInvalid([Problem("", f"you keep {MAX_SEARCHES} searches already", "delete one that is no longer needed")])
        kept = Kept(f"s{secrets.token_hex(8)}", name, query, self._today, self._today + timedelta(days=KEPT_DAYS))
        await self._service.write([self._write(kept)])
        return kept

    async def all(self) -> list[Kept]:
        """Every search of the caller, oldest first."""
        prefix = f"{self._caller}/"
        found = []
        async for document in self._service.scan(Collection.SEARCHES, after=prefix, batch=MAX_SEARCHES + 1):
            if not document.key.startswith(prefix):
                break
            kept = _read(document)
            if kept.kept_until > self._today:
                found.append(kept)
        return sorted(found, key=lambda kept: (kept.created, kept.name))

    async def get(self, search_id: str) -> Kept:
        """One search of the caller. Raises SearchNotFound, also for another caller's."""
        document = await self._service.get(Collection.SEARCHES, f"{self._caller}/{search_id}")
        kept = _read(document) if document else None
        if kept is None or kept.kept_until <= self._today:
            raise SearchNotFound("you keep no search with this id")
        return kept

    async def delete(self, search_id: str) -> None:
        """Forget a search and its matches. Raises SearchNotFound."""
        await self.get(search_id)
        await self._service.write([Write(Collection.SEARCHES, f"{self._caller}/{search_id}", None)])
        await self._drop_matches(search_id, keep=())

    async def matches(self, kept: Kept, mark: str) -> Matches:
        """The matches under a mark. Raises QueryInvalid when they are no longer kept."""
        document = await self._service.get(Collection.MATCHES, f"{self._caller}/{kept.id}/{mark}") if mark in kept.marks else None
        if document is None:
            raise QueryInvalid([Problem("since", "is no longer kept", "the cursor of the answer before; leave it out to begin anew")])
        read: Matches = orjson.loads(document.body)
        return read

    async def keep_matches(self, kept: Kept, matches: Matches, mark: str, came_with: str | None) -> None:
        """Keep matches under a new mark, beside those under the mark the caller came with; older ones go."""
        due = self._today + timedelta(days=KEPT_DAYS)
        at = f"{self._caller}/{kept.id}/{mark}"
        await self._service.write([Write(Collection.MATCHES, at, orjson.dumps(matches), 0, due)])
        marks = (came_with, mark) if came_with else (mark,)
        await self._update(kept, marks)
        await self._drop_matches(kept.id, keep=marks)

    async def renew(self, kept: Kept) -> None:
        """Note that the search was asked, once a month: what is kept of it stays as long."""
        if kept.kept_until - self._today >= timedelta(days=KEPT_DAYS) - _RENEWED_AFTER:
            return
        await self._update(kept, kept.marks)
        due = self._today + timedelta(days=KEPT_DAYS)
        for mark in kept.marks:
            held = await self._service.get(Collection.MATCHES, f"{self._caller}/{kept.id}/{mark}")
            if held is not None:
                with suppress(WriteConflict):  # a call at the same time has gone on from it, or dropped it
                    await self._service.write([Write(Collection.MATCHES, held.key, held.body, held.version, due)])

    async def _update(self, kept: Kept, marks: tuple[str, ...]) -> None:
        until = self._today + timedelta(days=KEPT_DAYS)
        for attempt in range(_TRIES):
            try:
                changed = Kept(kept.id, kept.name, kept.query, kept.created, until, marks)
                await self._service.write([self._write(changed, kept.version)])
                return
            except WriteConflict:
                if attempt == _TRIES - 1:
                    raise
                kept = await self.get(kept.id)  # gone meanwhile: SearchNotFound

    async def _drop_matches(self, search_id: str, keep: tuple[str, ...]) -> None:
        prefix = f"{self._caller}/{search_id}/"
        gone = []
        async for document in self._service.scan(Collection.MATCHES, after=prefix, batch=10):
            if not document.key.startswith(prefix):
                break
            if document.key.removeprefix(prefix) not in keep:
                gone.append(Write(Collection.MATCHES, document.key, None))
        if gone:
            await self._service.write(gone)

    def _write(self, kept: Kept, expected: int = 0) -> Write:
        body = orjson.dumps(kept.body() | {"marks": kept.marks})
        return Write(Collection.SEARCHES, f"{self._caller}/{kept.id}", body, expected, kept.kept_until)


def _read(document: Document) -> Kept:
    said = orjson.loads(document.body)
    created, until = (date.fromisoformat(said[name]) for name in ("created", "kept_until"))
    return Kept(said["id"], said["name"], said["query"], created, until, tuple(said["marks"]), document.version)
