"""Going through the people of a store and asking a provider for what is lacking.

Nothing here can write contacts: the store is opened to read, answers are lines of a file, and `roster ingest` takes them in through the
gate of the provider's source. Each question goes on record first; a run that was killed goes on with whom nothing was recorded of.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import orjson

from engines.base import Reader
from indexer.providers.asking import Answer, Asker
from privacy.disclosures import Disclosures
from privacy.providers import Provider
from privacy.reading import ProfileReader
from privacy.sources import SourceRegistry, usable
from privacy.suppression import IDENTIFIERS, SuppressionList
from profiles.errors import InputInvalid, Problem, ProfileErased, ProfileMoved, ProfileNotFound, ProviderInvalid
from profiles.models import Profile
from profiles.normalise.result import Normalised

MAX_IN_VAIN = 3  # questions in a row without a usable answer: whoever is asked about then will not be again, and gains nothing

_IN_VAIN = ("sent", "refused", "unread")
Question = tuple[str, dict[str, str]]
"""A profile's id, and what may be sent about the person."""


@dataclass(slots=True)
class SendingSummary:
    """What became of the questions of a run, by outcome (privacy/disclosures.py). stopped: why it ended before its time."""

    outcomes: Counter[str] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def sent(self) -> int:
        """How many questions went out, or may have."""
        return self.outcomes.total() - self.outcomes["unreached"]


class Sending:
    """One provider over one store. today: asked at every question, so that an agreement ends on its day."""

    def __init__(self, store: Reader, provider: Provider, suppressions: SuppressionList, today: Callable[[], date]) -> None:
        self._store, self._provider, self._suppressions, self._today = store, provider, suppressions, today
        self._profiles = ProfileReader(store, today)
        self._disclosures = Disclosures(store.contacts, store.service)

    async def check(self) -> None:
        """Raises SourceUnknown, ProviderInvalid where the answers could not be taken in: then nothing may be asked."""
        source = await SourceRegistry(self._store.contacts).get(self._provider.source)
        if problems := usable(source, self._today()):
            raise ProviderInvalid(problems)

    async def questions(self) -> AsyncIterator[Question]:
        """Whom the provider would be asked about now, and with what: nobody hidden or suppressed, nobody asked about before."""
        async for profile in self._profiles.all():
            question = await self._question(profile)
            if question is not None and not await self._disclosures.made(profile.id, self._provider):
                yield profile.id, question

    async def send(self, answers: Path, limit: int, asker: Asker, progress: Callable[[SendingSummary], None]) -> SendingSummary:
        """Ask about up to `limit` people, at the provider's rate; answers are added to a file, each durable before it is put on record."""
        summary, pause, next_at, in_vain = SendingSummary(), 60 / self._provider.per_minute, monotonic(), 0
        with AnswerFile(answers) as file:
            async for profile_id, _ in self.questions():
                if summary.outcomes.total() >= limit or summary.stopped:
                    break
                await asyncio.sleep(max(0.0, next_at - monotonic()))
                next_at = monotonic() + pause
                answer = await self._ask(profile_id, asker, file)
                if answer is not None:
                    summary.outcomes[answer.outcome] += 1
                    in_vain = in_vain + 1 if answer.outcome in _IN_VAIN else 0
                    summary.stopped = answer.stop or ("the provider answers nothing of use" if in_vain == MAX_IN_VAIN else "")
                    progress(summary)
        return summary

    async def _ask(self, profile_id: str, asker: Asker, file: AnswerFile) -> Answer | None:
        """Ask about a person, read anew: an objection of the moment before is heeded. None when there is nothing to ask any more."""
        today = self._today()
        if self._provider.agreement.until < today:
            return Answer("unreached", stop="the agreement has ended")
        try:
            question = await self._question(await self._profiles.get(profile_id))
        except (ProfileErased, ProfileMoved, ProfileNotFound):
            return None
        begun = await self._disclosures.begin(profile_id, self._provider, tuple(question), today) if question else None
        if question is None or begun is None:
            return None
        answer = await asker.ask(question, begun.reference)
        if answer.body is not None:
            file.add({"reference": begun.reference, "answered_at": today.isoformat(), "answer": answer.body})
        if answer.outcome != "sent":
            await self._disclosures.end(begun, self._provider, answer.outcome)
        return answer

    async def _question(self, profile: Profile) -> dict[str, str] | None:
        question = self._provider.question(profile)
        return question if question is not None and not await self._is_suppressed(profile) else None

    async def _is_suppressed(self, profile: Profile) -> bool:
        """Whether any address, number or link of the person is on the list, sent or not; the purge of it may be still to come."""
        for kind in IDENTIFIERS:
            held = [Normalised(value.value, value.keys, value.parts) for value in profile.of(kind)]
            if held and any(await self._suppressions.listed(kind, held)):
                return True
        return False


class AnswerFile:
    """Lines of answers, added to what is there; each is on the disk when `add` returns. They are of people: for its owner's eyes alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        """A line that a killed run left unfinished is ended: it will be told as unreadable, and spoils no other. Raises InputInvalid."""
        try:
            self._file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab+")
        except OSError as error:
            raise InputInvalid([Problem("--answers", f"cannot be written: {error.strerror}", "a file in a writable folder")]) from error
        if self._file.tell():
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")
        return self

    def add(self, line: dict[str, object]) -> None:
        """One answer."""
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """The file is closed."""
        self._file.close()
