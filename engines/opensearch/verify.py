"""Looking over a filled version of the index before it is put in use: as many entries as there should be, and the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import orjson

from engines.base import Collection, Document, ReadDocuments
from engines.opensearch.connection import Connection
from engines.opensearch.entries import entry
from engines.opensearch.versions import Versions
from profiles.errors import StoreError

SAMPLE = 500
"""Profiles compared entry by entry, evenly spread: a fault in one entry of a hundred shows in 99 of 100 looks."""


@dataclass(slots=True)
class Filled:
    """What a fill did. profiles: looked at.    entries: of those, how many can be found.    sample: some of them, evenly spread."""

    every: int
    profiles: int = 0
    entries: int = 0
    sample: list[Document] = field(default_factory=list)

    def add(self, documents: Sequence[Document], entries: int) -> None:
        """Note a part of the fill."""
        first = -self.profiles % self.every
        self.sample += documents[first :: self.every]
        self.profiles += len(documents)
        self.entries += entries


async def check_count(versions: Versions, name: str, filled: Filled) -> None:
    """Raises StoreError unless the version holds every entry. Only asked when no profile changed meanwhile."""
    held = await versions.documents(name)
    if held != filled.entries:
        raise StoreError(f"the new index holds {held} entries where {filled.entries} were written: it was not put in use")


async def check_sample(connection: Connection, name: str, contacts: ReadDocuments, filled: Filled, today: date) -> None:
    """Raises StoreError when a sampled profile's entry is missing, superfluous or not what the profile makes.

    Profiles may change meanwhile: only what is still the same afterwards counts.
    """
    ids = [document.key for document in filled.sample]
    if not ids:
        return
    answer = await connection.request("POST", f"/{name}/_mget", {"ids": ids})
    entries = {told["_id"]: told["_source"] for told in answer["docs"] if told.get("found")}
    now = await contacts.get_many(Collection.PROFILES, ids)
    wrong = 0
    for document in filled.sample:
        made = entry(document.body, today)
        expected = None if made is None else orjson.loads(made)
        unchanged = document.key in now and now[document.key].version == document.version
        wrong += unchanged and entries.get(document.key) != expected
    if wrong:
        raise StoreError(
            f"{wrong} of {len(ids)} entries looked at in the new index are not what their profiles make: it was not put in use"
        )
