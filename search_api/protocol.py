"""Below the app: what aiohttp answers and logs when a request cannot even be parsed.

Its own answers and log lines quote the request, which may hold a name or an address; these do not.
"""

from __future__ import annotations

import logging
import secrets

from aiohttp import web

from profiles.errors import Problem
from search_api.errors import BodyUnreadable, RequestMalformed, problem_response


class _Unquoting(logging.Filter):
    """Leaves of a log record what happened, and takes out what was sent: arguments, exception text, traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
        record.msg, record.args = f"a connection failed: {kind.__name__ if kind else 'no exception'}", ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


http_log = logging.getLogger("roster.http")
http_log.addFilter(_Unquoting())


class Protocol(web.RequestHandler):
    """aiohttp's connection handler with errors in the one shape and a log that quotes nothing."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to a request that could not be parsed (400), or to a fault outside the app (500). Closes the connection."""
        request_id = secrets.token_hex(8)
        http_log.info("answered %d", status, exc_info=exc)
        if request.writer.output_size > 0:  # part of an answer is out: nothing can follow it
            raise ConnectionError("the answer has begun")
        unread = RequestMalformed(
            [Problem("", "the request line, a header or the body is not HTTP, or too long", "HTTP/1.1, lines up to 8,190 bytes")]
        )
        response = problem_response(unread if status < 500 else RuntimeError(), instance="", request_id=request_id)
        response.headers["X-Request-ID"] = request_id
        response.force_close()
        return response


async def expect(request: web.Request) -> None:
    """Answers `Expect: 100-continue`; other expectations are passed over, as RFC 9110 (10.1.1) allows."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what went out is no part of the answer


async def body_of(request: web.Request) -> bytes:
    """The body. Raises BodyUnreadable when it is cut short or not encoded as it says."""
    try:
        return await request.read()
    except web.RequestPayloadError:
        raise BodyUnreadable([Problem("", "the body is cut short or not encoded as its headers say")]) from None
