"""An enrichment provider on loopback: a small service that knows some people's phone numbers, for real."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "provider-key"
PHONES = {"Ada Lovelace": "+1 202-555-0101", "Grace Hopper": "+1 202-555-0102", "Mary Somerville": "+1 202-555-0103"}


@dataclass
class Provider:
    """asked: every question that arrived, in order.    keys: their Idempotency-Keys.    before: each; may answer itself."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    before: Callable[[int], web.Response | None] = lambda number: None

    async def answer(self, request: web.Request) -> web.Response:
        """POST /v1/person."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.Response(status=401)
        question = await request.json()
        self.asked.append(question)
        self.keys.append(request.headers["Idempotency-Key"])
        if (said := self.before(len(self.asked))) is not None:
            return said
        if question["name"] not in PHONES:
            return web.Response(status=404)
        person = {"full_name": question["name"], "phones": [PHONES[question["name"]]], "links": [question["link"]]}
        return web.json_response({"person": person, "collected": "2026-11-20"})


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that listens, in a thread of its own, so that commands and tests can wait for it as for any other service."""
    provider, loop, listening = Provider(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/v1/person", provider.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert runner.addresses
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/person"
        listening.set()
        await ended.wait()
        await runner.cleanup()

    ended = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert listening.wait(30)
        yield provider
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()
