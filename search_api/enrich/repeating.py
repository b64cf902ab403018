"""Answers that are the same when they are asked for again under a name of the caller's own (`Idempotency-Key`).

Kept is whom each question found, how likely and why, never what is held of the person: that is read anew each time. So a repetition names
the same people whatever has come in since, shows nothing of whoever may not be shown any more, and leaves no copy of anybody to be erased.
Of two that are sent at once, the answer that was kept first is both's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from engines.base import Collection, Document, Write, WriteDocuments
from profiles.errors import Problem, QueryInvalid, RosterError, Suppressed, WriteConflict
from profiles.models import Profile
from search_api.enrich.likelihood import in_words
from search_api.enrich.matching import Enricher, Match
from search_api.enrich.person import PersonInput
from search_api.errors import MatchAmbiguous, PersonNotFound

KEPT = timedelta(hours=24)  # longer than any client goes on trying, short enough that nothing piles up
_NOBODY = {one.__name__: one for one in (PersonNotFound, MatchAmbiguous)}


class Named(BaseModel):
    """A match without what is held of the person. why: schemas.Reason of each piece of evidence."""

    model_config = ConfigDict(frozen=True)

    profile_id: str
    likelihood: int
    why: list[dict[str, Any]]
    matched: tuple[str, ...]
    not_compared: dict[str, str]


class Kept(BaseModel):
    """What became of a question: whom it found, or why nobody was.    again: neither; it is asked anew."""

    model_config = ConfigDict(frozen=True)

    people: tuple[Named, ...] = ()
    nobody: str = ""
    text: str = ""
    again: bool = False


class _Answer(BaseModel):
    """The document. digest: of what was sent, salted with the caller's name for it, which is not kept."""

    digest: str
    expires_at: AwareDatetime
    outcomes: list[Kept]


@dataclass(frozen=True, slots=True)
class Sending:
    """What was sent. name: the caller's own for it.    path: the route's.    body: decoded."""

    caller: str
    name: str
    path: str
    body: object

    @property
    def key(self) -> str:
        """Of its document."""
        return hashlib.sha256(orjson.dumps([self.caller, self.name])).hexdigest()

    @property
    def digest(self) -> str:
        """By which another body under the same name is known."""
        return hashlib.sha256(orjson.dumps([self.name, self.path, self.body], option=orjson.OPT_SORT_KEYS)).hexdigest()


Shown = tuple[Named, Profile]
Found = list[Match] | RosterError
Find = Callable[[], Awaitable[list[Found]]]


@dataclass(frozen=True, slots=True)
class Repeater:
    """Answers questions, those that were answered before as they were then."""

    service: WriteDocuments
    enricher: Enricher
    now: Callable[[], datetime]
    lasting: timedelta = field(default=KEPT)

    async def answer(self, sent: Sending, asked: Sequence[PersonInput], find: Find) -> list[list[Shown] | RosterError]:
        """What becomes of each question. Raises QueryInvalid when something else was sent under this name."""
        if not sent.name:
            return [one if isinstance(one, RosterError) else _shown(one) for one in await find()]
        version, earlier = await self._earlier(sent)
        if earlier is None:
            found = await find()
            kept = [_kept(one) for one in found]
            if all(one.again for one in kept) or await self._keep(sent, kept, version):
                return [one if isinstance(one, RosterError) else _shown(one) for one in found]
            _, earlier = await self._earlier(sent)
        return await self._repeated(earlier or kept, asked, find)

    async def sweep(self) -> None:
        """Remove every answer whose time is over."""
        today = self.now().date()
        gone = [document.key async for document in self.service.due(Collection.ANSWERS, today)]
        for start in range(0, len(gone), 1000):
            await self.service.write([Write(Collection.ANSWERS, key, None) for key in gone[start : start + 1000]])

    async def _earlier(self, sent: Sending) -> tuple[int, list[Kept] | None]:
        """The version of the document that stands there, and the answer in it while its time is not over."""
        document = await self.service.get(Collection.ANSWERS, sent.key)
        if document is None:
            return 0, None
        held = _read(document)
        if held is None or held.expires_at <= self.now():
            return document.version, None
        if held.digest != sent.digest:
            allowed = "a new key for another request; the same request for the same key"
            raise QueryInvalid([Problem("Idempotency-Key", "was sent with another request before", allowed)])
        return document.version, held.outcomes

    async def _keep(self, sent: Sending, outcomes: list[Kept], version: int) -> bool:
        """Whether this answer is the one that counts; False when another has been kept meanwhile."""
        expires = self.now() + self.lasting
        body = _Answer(digest=sent.digest, expires_at=expires, outcomes=outcomes).model_dump_json().encode()
        try:
            await self.service.write([Write(Collection.ANSWERS, sent.key, body, version, expires.date() + timedelta(days=1))])
        except WriteConflict:
            return False
        return True

    async def _repeated(self, kept: Sequence[Kept], asked: Sequence[PersonInput], find: Find) -> list[list[Shown] | RosterError]:
        """The kept answer, as far as it may still be given."""
        barred = await self.enricher.barred(asked)
        living = await self.enricher.profiles.living({person.profile_id for one in kept for person in one.people})
        anew = await find() if any(one.again for one in kept) else []
        answers: list[list[Shown] | RosterError] = []
        for place, one in enumerate(kept):
            people = [(person, living[person.profile_id].whole()) for person in one.people if person.profile_id in living]
            if place in barred:
                answers.append(Suppressed())
            elif one.again:
                found = anew[place]
                answers.append(found if isinstance(found, RosterError) else _shown(found))
            elif one.nobody:
                answers.append(_NOBODY.get(one.nobody, PersonNotFound)(one.text))
            else:
                answers.append(people)
        return answers


def _shown(found: Sequence[Match]) -> list[Shown]:
    return [(_named(one), one.profile) for one in found]


def _named(match: Match) -> Named:
    why = [{"says": in_words(one), "speaks_for": "yes" if one.weight > 0 else "no", "bits": round(one.weight, 1)} for one in match.evidence]
    return Named(
        profile_id=match.profile.id,
        likelihood=match.likelihood,
        why=why,
        matched=match.matched,
        not_compared=dict(match.not_compared),
    )


def _kept(found: Found) -> Kept:
    if isinstance(found, PersonNotFound):
        return Kept(nobody=type(found).__name__, text=str(found))
    return Kept(again=True) if isinstance(found, RosterError) else Kept(people=tuple(_named(one) for one in found))


def _read(document: Document) -> _Answer | None:
    """The answer in a document; None for one that another version of roster wrote in a way this one does not know."""
    try:
        return _Answer.model_validate_json(document.body)
    except ValidationError:
        return None
