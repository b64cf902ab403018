"""Answers that are sent part by part: no faster than they are read, and broken off where they cannot be finished."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from search_api import handlers
from search_api.route import ANSWER_SECONDS, answered_within

WRITE_SECONDS = 60.0  # for a part of about 1 MB to be taken: a caller slower than 17 KB/s would hold a connection for hours

log = logging.getLogger("roster.api")


async def streamed(request: web.Request, parts: AsyncIterator[bytes], headers: Mapping[str, str]) -> web.StreamResponse:
    """Send the parts as one answer. Each is made within the time of an answer; the whole may take as long as its reader.

    The first part is made before anything is sent, so that what cannot be asked is a problem like any other: raises what making it raises.
    """
    part = await _next(parts)
    response = web.StreamResponse(
        headers={"X-Request-ID": request[handlers.REQUEST_ID], "X-Content-Type-Options": "nosniff", **headers},
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        while part is not None:
            async with asyncio.timeout(WRITE_SECONDS):
                await response.write(part)
            part = await _next(parts)
    except Exception as error:  # the answer has begun: without its end, the caller knows that it is not whole
        log.warning("an answer was broken off: %s request_id=%s", type(error).__name__, request[handlers.REQUEST_ID])
        if request.transport is not None:
            request.transport.abort()
    return response


async def _next(parts: AsyncIterator[bytes]) -> bytes | None:
    async with answered_within(ANSWER_SECONDS):
        return await anext(parts, None)
