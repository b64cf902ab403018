"""Disclosures: what was given about a person to somebody outside, when, and under which agreement; never the values themselves.

A disclosure stands on record before anything is sent, so that no crash can leave one untold, and two runs cannot send the same twice. Who
asks to whom their data went is told by `of`.
"""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engines.base import Collection, Document, ReadDocuments, Write, WriteDocuments
from privacy.providers import Provider
from profiles.errors import WriteConflict
from profiles.history import Chain

Outcome = Literal["sent", "answered", "nothing", "refused", "unread", "unreached"]
"""sent: under way, or nobody knows what became of it.    nothing: they know nobody.    unread: the answer could not be read.
unreached: nothing went out, so it may be tried again."""


class Disclosure(BaseModel):
    """One disclosure.

    recipient: id of the provider, and name as it was then.    fields: kinds of value that were sent.    reference: of this sending; the
    record id of what was answered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile_id: str
    recipient: str
    name: str
    day: date
    fields: tuple[str, ...]
    agreement: str
    purpose: str
    reference: str
    outcome: Outcome = "sent"


class Disclosures:
    """The disclosures of a store, by "profile id/recipient": one for each person and provider.

    What was given about a profile that has been merged into another since counts as given about that one.
    """

    def __init__(self, contacts: ReadDocuments, service: WriteDocuments) -> None:
        self._contacts, self._service = contacts, service

    async def made(self, profile_id: str, provider: Provider) -> bool:
        """Whether something went to a provider about a person already, or may have gone."""
        held = [await self._held(one, provider.id) for one in await self._identities(profile_id)]
        return any(document is not None and _read(document).outcome != "unreached" for document in held)

    async def begin(self, profile_id: str, provider: Provider, fields: tuple[str, ...], today: date) -> Disclosure | None:
        """Put on record that this is about to be sent; None when it has been, or another process was quicker."""
        held = await self._held(profile_id, provider.id)
        if held is not None and _read(held).outcome != "unreached":
            return None
        begun = Disclosure(
            profile_id=profile_id,
            recipient=provider.id,
            name=provider.name,
            day=today,
            fields=fields,
            agreement=provider.agreement.reference,
            purpose=provider.agreement.purpose,
            reference=secrets.token_hex(12),
        )
        try:
            await self._write(begun, provider, held.version if held else 0)
        except WriteConflict:
            return None
        return begun

    async def end(self, begun: Disclosure, provider: Provider, outcome: Outcome) -> None:
        """Put on record what became of it."""
        await self._write(begun.model_copy(update={"outcome": outcome}), provider, None)

    async def of(self, profile_id: str) -> list[Disclosure]:
        """Everything on record about a person."""
        found = []
        for one in await self._identities(profile_id):
            async for document in self._service.scan(Collection.DISCLOSURES, after=f"{one}/", batch=100):
                if not document.key.startswith(f"{one}/"):
                    break
                found.append(_read(document))
        return found

    async def _identities(self, profile_id: str) -> list[str]:
        """The profile, and those that came into it and are still in."""
        ids = [profile_id]
        for one in ids:
            document = await self._contacts.get(Collection.EVENTS, one)
            absorbed = Chain.from_json(one, document.body).standing.absorbed if document else set()
            ids += sorted(absorbed.difference(ids))
        return ids

    async def _held(self, profile_id: str, recipient: str) -> Document | None:
        return await self._service.get(Collection.DISCLOSURES, f"{profile_id}/{recipient}")

    async def _write(self, disclosure: Disclosure, provider: Provider, expected: int | None) -> None:
        due = disclosure.day + timedelta(days=provider.agreement.keep_days)
        key, body = f"{disclosure.profile_id}/{disclosure.recipient}", disclosure.model_dump_json().encode()
        await self._service.write([Write(Collection.DISCLOSURES, key, body, expected, due)])


def _read(document: Document) -> Disclosure:
    return Disclosure.model_validate_json(document.body)
