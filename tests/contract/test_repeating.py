"""Requests under a caller's own name, on every engine: two sent at once get one answer, and a restart forgets none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from engines.base import Collection, Reader
from engines.opening import open_reader
from privacy.reading import ProfileReader
from privacy.suppression import SuppressionKey, SuppressionList
from profiles.errors import RosterError
from search_api.enrich.matching import Enricher
from search_api.enrich.person import PersonInput
from search_api.enrich.repeating import Found, Repeater, Sending
from search_api.errors import PersonNotFound

SENT = Sending("caller", "order-1", "/v1/enrich", {"email": "nobody@emberpoint.example"})
PERSON = PersonInput({"email": ["nobody@emberpoint.example"]})


def repeater(reader: Reader) -> Repeater:
    """One server's."""
    suppressions = SuppressionList(reader.service, SuppressionKey.from_hex("5" * 64))
    return Repeater(reader.service, Enricher(ProfileReader(reader), suppressions), lambda: datetime(2026, 11, 23, tzinfo=UTC))


async def said(asking: Repeater, text: str, sent: Sending = SENT) -> str:
    """What a server answers that would say this if it were the first."""

    async def find() -> list[Found]:
        await asyncio.sleep(0)
        return [PersonNotFound(text)]

    [answer] = await asking.answer(sent, [PERSON], find)
    assert isinstance(answer, RosterError)
    return str(answer)


async def test_two_at_once_get_one_answer(reader: Reader, url: str) -> None:
    """However many are sent at once to however many servers, all get the answer that was kept first, and so do those after a restart."""
    servers = [repeater(reader) for _ in range(4)]
    answers = {*await asyncio.gather(*(said(one, f"answer {n}") for n, one in enumerate(servers)))}
    assert len(answers) == 1
    again = await open_reader(url)
    try:
        assert await said(repeater(again), "another") in answers
    finally:
        await again.close()
    assert await reader.service.count(Collection.ANSWERS) == 1


async def test_two_callers_may_use_one_name(reader: Reader) -> None:
    """A name is a caller's own: another's request under the same name is another request."""
    asking = repeater(reader)
    assert await said(asking, "one") == "one"
    assert await said(asking, "two", Sending("other", SENT.name, SENT.path, SENT.body)) == "two"
