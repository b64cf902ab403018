"""One question to a provider over HTTP, and what became of it.

Asked again is only where that is safe: no connection came about, so nothing went out; or the provider said that it is too busy, so it has
done nothing. Whatever else goes wrong once a question is out is not repeated: it may have been answered, and counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import orjson
import stamina
from stamina.instrumentation import set_on_retry_hooks

from privacy.disclosures import Outcome
from privacy.providers import Provider, read_key

set_on_retry_hooks(())  # stamina's own log lines show what is retried

MAX_ANSWER = 256 * 1024  # bytes: a person's data with a long career take some ten thousand
ATTEMPTS = 4  # within some seconds; a provider that is away longer is asked at the next run
_KNOWS_NOBODY = (204, 404)
_BUSY = (429, 503)
_KEY_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question.    body: of "answered".    stop: whether the next would fare no better."""

    outcome: Outcome
    body: dict[str, Any] | None = None
    stop: str = ""


class _Busy(Exception):
    """The provider asks for patience."""


class Asker:
    """Asks one provider; an async context that holds the connection. pause: seconds before the first repetition."""

    def __init__(self, provider: Provider, pause: float = 0.5) -> None:
        self._provider, self._pause = provider, pause
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := read_key(provider):
            self._headers["Authorization"] = f"Bearer {key}"

    async def __aenter__(self) -> Self:
        """Nothing is connected before the first question."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._provider.timeout_seconds))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Connections are closed."""
        await self._session.close()

    async def ask(self, question: Mapping[str, str], reference: str) -> Answer:
        """Send a question. reference: goes along as Idempotency-Key, so that one repeated to a busy provider counts once."""
        headers = {**self._headers, "Idempotency-Key": reference}
        body = orjson.dumps(question)
        try:
            async for attempt in stamina.retry_context(
                on=(aiohttp.ClientConnectorError, _Busy), attempts=ATTEMPTS, timeout=None, wait_initial=self._pause, wait_jitter=self._pause
            ):
                with attempt:
                    return await self._once(body, headers)
        except aiohttp.ClientConnectorError:
            return Answer("unreached", stop="the provider cannot be reached")
        except _Busy:
            return Answer("refused", stop="the provider is too busy")
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError):
            return Answer("sent")
        raise AssertionError("unreachable")

    async def _once(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._session.post(self._provider.url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status in _BUSY:
                raise _Busy
            if response.status in _KNOWS_NOBODY:
                return Answer("nothing")
            if response.status in _KEY_REFUSED:
                return Answer("refused", stop=f"the provider refuses the key ({response.status})")
            if response.status != 200:
                return Answer("refused")
            raw = await response.content.read(MAX_ANSWER + 1)
            while len(raw) <= MAX_ANSWER and (more := await response.content.read(MAX_ANSWER + 1 - len(raw))):
                raw += more
        return _read(raw)


def _read(raw: bytes) -> Answer:
    if len(raw) > MAX_ANSWER:
        return Answer("unread")
    try:
        answered = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Answer("unread")
    return Answer("answered", answered) if isinstance(answered, dict) else Answer("unread")
