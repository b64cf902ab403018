"""The connection to a cluster: one client for a process, its retries, and its errors as roster's.

Every request of this engine goes through `Connection.request`. All of them may be repeated: reads change nothing, unconditional writes
give the same document twice, and a conditional write that was applied unseen comes back as a conflict, which its caller decides anew.
"""

from __future__ import annotations

import asyncio
import io
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

import orjson
import stamina
from opensearchpy import AsyncHttpConnection, AsyncOpenSearch, JSONSerializer, TransportError
from opensearchpy.connection.http_async import OpenSearchClientResponse
from stamina.instrumentation import set_on_retry_hooks

from engines.opensearch.address import Address
from engines.opensearch.failures import NO_SHARD, Failure, explain, passes_by_itself, read_failure
from engines.opensearch.signing import signer
from profiles.errors import StoreUnavailable, StoreVersion

SERVING_PATIENCE = 2.0
"""Seconds a serving process tries before it says that the store is away: a caller can ask again, and should soon know."""

WRITING_PATIENCE = 120.0
"""Seconds a job tries: a node that restarts is back in 20 to 60, and a job that waits loses nothing."""

MERGE_SECONDS = 3600.0
"""For a merge: the whole index is written anew at the worst, 50 GB at the 20 MB a second of a slow disk."""

_ANSWER_SECONDS = 30.0  # for one answer; a bulk of 1,500 documents takes under 1 s on two cores, a busy cluster several
_KEPT_SECONDS = 40.0  # copies tell every 30 s; measured on 3.8.0: gone with the first merge after 29 to 31 s
_ASKED_AGAIN_SECONDS = 3.0  # a merge that finds nothing to do costs next to nothing
_CONNECTIONS = 32  # to each host; a serving process seldom has more searches under way than that
_WHOLE_BYTES = 1_000_000  # aiohttp warns of bodies above 1 MiB that are sent in one piece: nothing else in the process would go on
_OLDEST = (2, 11)  # the first release with point in time, search_after and external versions as used here, and still maintained

# The client logs every path and, on debug, every body: both hold personal data. Errors reach the caller as exceptions anyway.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)
set_on_retry_hooks(())  # stamina's own log lines show the arguments of what is retried


class _Answer(OpenSearchClientResponse):
    """An answer whose body stays bytes: reading a thousand profiles from text took over twice as long, decoding them included."""

    async def text(self, encoding: Any = None, errors: str = "strict") -> Any:
        """The body, undecoded."""
        return await self.read()


class _Http(AsyncHttpConnection):
    """The client's connection to a host, with such answers."""

    async def _create_aiohttp_session(self) -> None:
        await super()._create_aiohttp_session()
        assert self.session is not None  # noqa: S101  # made in the line above
        self.session._response_class = _Answer  # the client has no setting for it


class _Json(JSONSerializer):
    """JSON by orjson; bytes are sent as they are, many of them a piece at a time, between which the process does other work.

    whole: never in pieces, for who signs what is sent.
    """

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def loads(self, s: Any) -> Any:
        """A body's content."""
        return orjson.loads(s)

    def dumps(self, data: Any) -> Any:
        """A body."""
        if not isinstance(data, bytes):
            return orjson.dumps(data)
        return data if self._whole or len(data) <= _WHOLE_BYTES else io.BytesIO(data)


class Connection:
    """A client of one cluster. patience: seconds to go on trying where trying again may help."""

    def __init__(self, address: Address, patience: float) -> None:
        self.address, self.patience = address, patience
        self.where = address.shown
        options: dict[str, Any] = {}
        if address.secure:
            try:
                options["ssl_context"] = ssl.create_default_context(cafile=str(address.ca) if address.ca else None)
            except (OSError, ssl.SSLError):
                raise StoreUnavailable(f"the certificate file in the url of {self.where} holds no certificate in PEM form") from None
        if address.signing is not None:
            options["http_auth"] = signer(address, address.signing)
        elif address.user is not None:
            options["http_auth"] = (address.user, address.password)
        self._client = AsyncOpenSearch(
            hosts=[{"host": name, "port": port, "use_ssl": address.secure} for name, port in address.hosts],
            connection_class=_Http,
            serializer=_Json(whole=address.signing is not None),
            timeout=_ANSWER_SECONDS,
            max_retries=0,  # retried below, with growing pauses
            pool_maxsize=_CONNECTIONS,
            **options,
        )

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        seconds: float = _ANSWER_SECONDS,
        expect: Mapping[int, str] | None = None,
    ) -> Any:
        """The answer's JSON; None for HEAD of what is not there.

        body: JSON, or bytes of JSON lines.    seconds: allowed for one answer.
        expect: status -> error type ("" = any) that the caller takes for an answer: then a `Failure` is returned.
        Raises StoreUnavailable, StoreBusy, StoreVersion, WriteConflict, StoreError, QueryInvalid (see failures.py).
        """
        headers = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        send = partial(self._client.transport.perform_request, method, path, body=body, timeout=seconds, headers=headers)
        return await self._explained(lambda: send(params=dict(params or {})), expect)  # the client takes out of them what it reads

    async def mget(self, index: str, ids: Sequence[str], *, params: Mapping[str, str] | None = None) -> list[Any]:
        """What `_mget` tells of each document of an index. Raises as `request`.

        The answer's own status is 200 whatever happened: a document that could not be looked for is not one that is not there.
        """

        async def send() -> Any:
            path, body = f"/{index}/_mget", {"ids": ids}
            answer = await self._client.transport.perform_request("POST", path, params=dict(params or {}), body=body)
            for told in answer["docs"]:
                if "error" in told:
                    raise TransportError(404, told["error"].get("type"), told)
            return answer["docs"]

        found: list[Any] = await self._explained(send, None)
        return found

    async def msearch(self, index: str, bodies: Sequence[tuple[str, Any]], *, filter_path: str, expect: Mapping[int, str]) -> Any:
        """What `_msearch` answers to each body, as `_search` would: a list; or a `Failure`, when one of them failed as `expect` says.

        bodies: each with its preference.    filter_path: of one answer.    Raises as `request`.
        """
        lines = b"".join(b"%b\n%b\n" % (orjson.dumps({"preference": copy}), orjson.dumps(body)) for copy, body in bodies)
        path, headers = f"/{index}/_msearch?{_of_responses(filter_path)}", {"content-type": "application/x-ndjson"}

        async def send() -> Any:
            answer = await self._client.transport.perform_request("POST", path, body=lines, headers=headers)
            for told in answer["responses"]:
                if "error" in told:
                    raise TransportError(told["status"], told["error"].get("type"), told)
            return answer["responses"]

        return await self._explained(send, expect)

    async def _explained(self, send: Callable[[], Awaitable[Any]], expect: Mapping[int, str] | None) -> Any:
        try:
            return await self._patiently(send)
        except TransportError as error:
            failure = read_failure(error)
            if expect is not None and (kind := expect.get(failure.status)) is not None and kind in ("", failure.kind):
                return failure
            raise explain(error, self.where, signed=self.address.signing is not None) from None

    async def _patiently(self, send: Callable[[], Awaitable[Any]]) -> Any:
        """Send, and again while that may help. What works at once, nearly everything, is spared the machinery for what does not."""
        try:
            return await send()
        except TransportError as error:
            if not passes_by_itself(error):
                raise
        async for attempt in stamina.retry_context(
            on=passes_by_itself, attempts=None, timeout=self.patience, wait_initial=0.1, wait_max=5.0, wait_jitter=0.5
        ):
            with attempt:
                return await send()
        raise AssertionError("unreachable")

    async def writes_so_far(self, index: str) -> int:
        """At least the number of writes an index has seen; the same number again means that there was none meanwhile."""
        shards = (await self.shards([index], filter_path="**.seq_no"))[index]["shards"].values()
        return sum(max(int(copy["seq_no"]["max_seq_no"]) for copy in copies) + 1 for copies in shards)

    async def shards(self, indices: Sequence[str], *, filter_path: str) -> Mapping[str, Any]:
        """What `_stats` tells of each index and each copy of its shards. Raises as `request`: also when there is no copy to tell of.

        The answer's own status is 200 then, and what cannot be told is left out.
        """
        path = f"/{','.join(indices)}/_stats/docs?{_of_shards(filter_path)}"

        async def send() -> Any:
            answer = await self._client.transport.perform_request("GET", path)
            told = answer.get("indices", {})
            if not all(told.get(index, {}).get("shards") for index in indices):
                raise TransportError(503, NO_SHARD, {})
            return told

        found: Mapping[str, Any] = await self._explained(send, None)
        return found

    async def expunge(self, indices: str, *, wait: bool) -> bool:
        """Merge deleted documents out of the segments that still hold their words; False when some are still there.

        OpenSearch keeps what was deleted until every copy of a shard has told that it knows (soft deletes): wait: for that, too.
        """
        until = time.monotonic() + (_KEPT_SECONDS if wait else 0.0)
        while True:
            over = time.monotonic() >= until  # looked at before the merge, so that one comes after the whole time
            await self.request("POST", f"/{indices}/_forcemerge", params={"only_expunge_deletes": "true"}, seconds=MERGE_SECONDS)
            told = await self.request("GET", f"/{indices}/_stats/docs", params={"filter_path": "_all.total.docs.deleted"})
            left = told.get("_all", {}).get("total", {}).get("docs", {}).get("deleted", 0)  # nothing is said of a store without shards
            if over or not left:
                return wait or not left  # after the time what is still there was deleted since, by somebody else
            await asyncio.sleep(_ASKED_AGAIN_SECONDS)

    async def check_server(self) -> str:
        """The server's version. Raises StoreVersion when it is no OpenSearch of a release this engine knows, StoreUnavailable."""
        told = await self.request("GET", "/")
        version = told.get("version", {}) if isinstance(told, dict) else {}
        number = str(version.get("number", ""))
        if version.get("distribution") != "opensearch":
            raise StoreVersion(f"{self.where} is no OpenSearch: point the store's url at OpenSearch {_said(_OLDEST)} or newer")
        if tuple(int(part) for part in number.split(".")[:2] if part.isdigit()) < _OLDEST:
            raise StoreVersion(f"{self.where} runs OpenSearch {number}: roster needs {_said(_OLDEST)} or newer")
        return number

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()
        for each in getattr(self._client.transport.connection_pool, "orig_connections", ()):
            await each.close()  # the client forgets those to hosts that were away


@lru_cache
def _of_shards(filter_path: str) -> str:
    """A query string that is asked with every search: the client would quote it anew each time."""
    return urlencode({"level": "shards", "filter_path": filter_path})


@lru_cache
def _of_responses(filter_path: str) -> str:
    """The same of several searches in one request."""
    return urlencode({"filter_path": ",".join(f"responses.{path}" for path in (*filter_path.split(","), "error", "status"))})


def failed(answer: Any) -> bool:
    """Whether an answer is one of the failures that `expect` named."""
    return isinstance(answer, Failure)


def _said(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
