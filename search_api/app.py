"""The app: the routes behind three middlewares, the task that keeps the index fresh, and how it is served and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import re
import secrets
import signal
import traceback
from collections.abc import AsyncIterator, Callable, Collection
from datetime import date, timedelta
from time import perf_counter

from aiohttp import web

from engines.base import Reader
from engines.collecting import seldom
from privacy.reading import ProfileReader
from profiles.errors import InputInvalid, Problem, RosterError, StoreBusy, StoreForbidden
from search_api import handlers
from search_api.answers import SourceNames
from search_api.asking import SERVICES
from search_api.crossing import crossing_headers
from search_api.enrich.matching import Enricher
from search_api.enrich.repeating import Repeater
from search_api.enrich.routes import ENRICHER, REPEATER
from search_api.errors import HostRefused, OperatorOnly, map_error, problem_response
from search_api.handlers import CALLER, KEY_DIGESTS, OPENAPI, OPERATOR_DIGESTS, PROFILES, READER, REQUEST_ID, SOURCES, STARTED, TODAY
from search_api.jobs.configured import JOB_HOURS
from search_api.jobs.keeping import Jobs
from search_api.jobs.routes import JOBS, RUNNER, TELLER, runnable
from search_api.jobs.running import JobRunner
from search_api.jobs.webhooks import Teller
from search_api.keys import check_key, is_loopback, may_listen
from search_api.openapi import REQUEST_ID_PATTERN, openapi_document
from search_api.protocol import Protocol, expect, http_log
from search_api.query import interpret
from search_api.requests import refuse_parameters
from search_api.route import ANSWER_SECONDS, Handler, Route, answered_within
from search_api.routes import ROUTES
from search_api.schemas import SearchRequest
from search_api.v5.answers import error_response, is_theirs
from search_api.v5.routes import KEY, NOT_OFFERED, not_offered
from search_api.verify.service import Verifier, utc_now

MAX_BODY = 256 * 1024  # bytes: the largest request the field limits allow (7 fields of 50 values of 200 letters) has about 100 KB
CATCH_UP_EVERY = 2.0  # seconds: what an ingest wrote is found a moment later; an idle look costs one small read
SHUTDOWN_WAIT = 10.0  # seconds a running request gets to finish

access_log = logging.getLogger("roster.access")
log = logging.getLogger("roster.api")

_REQUEST_ID = re.compile(REQUEST_ID_PATTERN)
_BY_PLACE: dict[tuple[str, str], Route] = {(route.method, route.path): route for route in ROUTES}
_CROSSING = frozenset(route.path for route in ROUTES if route.lenient)  # paths that web pages may read, see crossing.py


def make_app(
    reader: Reader,
    *,
    key_digests: frozenset[str],
    today: Callable[[], date],
    operator_digests: frozenset[str] = frozenset(),
    verifier: Verifier | None = None,
    job_hours: int = JOB_HOURS,
    webhook_origins: Collection[str] = (),
) -> web.Application:
    """The app over an open store.

    key_digests: of the keys let in; none at all = no key asked, this machine's own names only.    operator_digests: of the keys let in
    everywhere.    verifier: None where nothing is verified.    job_hours: how long a job is kept.    webhook_origins: where the ends of
    jobs may be told.
    """
    app = web.Application(middlewares=[_shaped, _guarded], client_max_size=MAX_BODY)
    app[READER] = reader
    app[PROFILES] = ProfileReader(reader, today)
    app[TODAY] = today
    app[SOURCES] = SourceNames(reader.contacts)
    app[KEY_DIGESTS] = key_digests | operator_digests
    app[OPERATOR_DIGESTS] = operator_digests
    app[OPENAPI] = openapi_document()
    app[SERVICES] = {"verify": verifier}
    app[ENRICHER] = Enricher(app[PROFILES], verifier.suppressions) if verifier else None
    app[TELLER] = Teller(webhook_origins)
    app[JOBS] = Jobs(reader.service, verifier.now if verifier else utc_now, timedelta(hours=job_hours))
    enricher = app[ENRICHER]
    app[REPEATER] = repeater = Repeater(reader.service, enricher, app[JOBS].now) if enricher else None
    app[RUNNER] = JobRunner(app[JOBS], runnable(app), app[TELLER], [repeater.sweep] if repeater else [])
    for route in ROUTES:
        if route.method == "GET":
            app.router.add_get(route.path, route.handler, expect_handler=expect)  # HEAD comes with it
        else:
            app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
    for path in NOT_OFFERED:
        app.router.add_route("*", path, not_offered)
    for path in sorted(_CROSSING):
        app.router.add_route("OPTIONS", path, handlers.preflight)
    app.cleanup_ctx.append(_kept_fresh)
    app.cleanup_ctx.append(_jobs_worked_off)
    return app


async def serve(app: web.Application, host: str, port: int, on_listen: Callable[[str], None], owner: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, letting running requests finish. on_listen: called once with the address ("http://127.0.0.1:8080").

    owner: given where several processes share the port: an open file, at whose end this one stops as well.
    Raises SettingsInvalid where others could reach the server and no key would stop them, InputInvalid where it cannot listen.
    """
    may_listen(host, app[KEY_DIGESTS])
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if owner is not None:
        loop.add_reader(owner, stop.set)
    # aiohttp's own access log writes paths and queries, which hold names: ours is the middleware's.
    runner = web.AppRunner(app, access_log=None, logger=http_log, shutdown_timeout=SHUTDOWN_WAIT)
    listening: asyncio.Server | None = None
    try:
        await runner.setup()
        gc.collect()
        gc.freeze()  # tables and modules stay for good: looking them through again and again was 5 to 20 % of serving searches
        seldom()
        manager = runner.server
        assert manager is not None  # noqa: S101  # set up one line above; said for the type checker
        try:
            listening = await loop.create_server(
                lambda: Protocol(manager, loop=loop, access_log=None, logger=http_log),  # type: ignore[arg-type]  # None turns it off
                host,
                port,
                reuse_port=owner is not None or None,
            )
        except OSError as error:
            raise InputInvalid([not_listening(error)]) from None
        taken = listening.sockets[0].getsockname()
        shown = f"[{taken[0]}]" if ":" in taken[0] else taken[0]
        on_listen(f"http://{shown}:{taken[1]}")
        await stop.wait()
    finally:
        if listening:
            listening.close()
        await runner.cleanup()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if owner is not None:
            loop.remove_reader(owner)


def not_listening(error: OSError) -> Problem:
    """Why the operating system lets nobody listen there."""
    if error.errno == errno.EADDRINUSE:
        return Problem("port", "is in use by another program", "a free port; 0 picks one")
    if error.errno == errno.EACCES:
        return Problem("port", "is for privileged programs only", "1024 or higher; 0 picks a free one")
    return Problem("host", "is not an address of this machine", "127.0.0.1, 0.0.0.0, or a name or address this machine has")


@web.middleware
async def _shaped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: the request id, every error in the one shape, and the access log, which knows the route but not what was asked."""
    given = request.headers.get("X-Request-ID", "")
    request[REQUEST_ID] = request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    request[STARTED] = started = perf_counter()
    resource = request.match_info.route.resource
    pattern = resource.canonical if resource else "(none)"
    try:
        response = await handler(request)
    except Exception as error:
        if map_error(error).status >= 500:
            log.error("%s request_id=%s %s", type(error).__name__, request_id, _where(error))
        if is_theirs(request.path):
            response = error_response(error)
        else:
            response = problem_response(error, instance="" if pattern == "(none)" else pattern, request_id=request_id)
    response.headers["X-Request-ID"] = request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if pattern in _CROSSING:
        response.headers.update(crossing_headers(request.headers.get("Origin", ""), keyed=bool(request.app[KEY_DIGESTS])))
    took = (perf_counter() - started) * 1000
    access_log.info("%s %s %d %.1fms request_id=%s", _method(request), pattern, response.status, took, request_id)
    return response


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The API key, and the query parameters a route knows.

    Without keys only names of this machine are answered: a web page that points its own name at 127.0.0.1 (DNS rebinding) gets nothing.
    """
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    route = _BY_PLACE.get((method, resource.canonical)) if resource else None
    digests = request.app[KEY_DIGESTS]
    if not digests and not is_loopback(_host_name(request.host)):
        raise HostRefused("this server has no API keys and answers only on localhost; `roster keys make` makes a key")
    if request.method == "OPTIONS" and resource and resource.canonical in _CROSSING:  # a browser asks before it sends a key
        return await handler(request)
    if route is None or not route.open:
        request[CALLER] = check_key(request.headers, digests, request.query.get(KEY, "") if is_theirs(request.path) else "")
    if route is not None and route.operator and digests and request[CALLER] not in request.app[OPERATOR_DIGESTS]:
        raise OperatorOnly("this is for operators: ask with a key whose digest is in ROSTER_OPERATOR_KEYS")
    if route is not None and not route.lenient:
        refuse_parameters(request.query, route.parameters)
    seconds = route.seconds if route is not None else ANSWER_SECONDS
    async with answered_within(seconds):
        return await handler(request)


async def _kept_fresh(app: web.Application) -> AsyncIterator[None]:
    """While the app runs, the index follows the store; whichever process gets there first does the work.

    Before, one query of every kind is read: the gazetteer and the tables of names and numbers load on first use (130 ms), which would
    otherwise be the first caller's wait.
    """
    await asyncio.to_thread(interpret, SearchRequest(q="jane doe python engineer new york", phone="202 555 0142"))
    tasks = [asyncio.create_task(_follow(app[READER])), asyncio.create_task(_warm(app[READER]))]
    if enricher := app[ENRICHER]:
        tasks.append(asyncio.create_task(enricher.keep_sampled()))
    yield
    await _ended(*tasks)


async def _jobs_worked_off(app: web.Application) -> AsyncIterator[None]:
    """While the app runs, it takes its share of the jobs; one cut short by the end goes on elsewhere, or at the next start."""
    task = asyncio.create_task(app[RUNNER].run())
    yield
    await _ended(task)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Stop what ran beside the requests; what ended before, by a mistake of ours, is told."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)  # awaited one by one, their being cancelled could not be told from our own
    for task in tasks:
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            log.error("work beside the requests ended early: %s %s", type(error).__name__, _where(error))


async def _warm(reader: Reader) -> None:
    with contextlib.suppress(RosterError):  # no index yet: the first who ask wait a little longer
        await reader.search.warm()


async def _follow(reader: Reader) -> None:
    while True:
        try:
            await reader.index.catch_up()
        except StoreBusy:
            pass  # another process is at it
        except StoreForbidden:  # a serving user without the right to write: whoever ingests brings the index up to date
            log.info("this server only reads the index: ingest, expire and reindex keep it up to date")
            return
        except RosterError as error:
            log.warning("the index could not be brought up to date: %s", type(error).__name__)
        except Exception as error:
            log.error("bringing the index up to date failed: %s %s", type(error).__name__, _where(error))
        await asyncio.sleep(CATCH_UP_EVERY)


def _method(request: web.Request) -> str:
    """The method for the log; an invented one could carry anything."""
    return request.method if request.method in {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _host_name(host: str) -> str:
    """The name in a Host header, without the port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.rpartition(":")[0] or host


def _where(error: Exception) -> str:
    """File, line and function of each frame. Never the error's text, which may quote what was asked for."""
    return " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(traceback.extract_tb(error.__traceback__)))
