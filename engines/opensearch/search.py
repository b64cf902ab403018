"""`ProfileSearch` on OpenSearch: one request for page, total and facets.

Hits are read from the truth by id; from the entries found, where no more is wanted than a list shows and the index is up to date.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson

from engines.base import Collection, ReadDocuments
from engines.beside import beside
from engines.cursors import invalid_cursor, is_plain_id, open_cursor, seal_cursor
from engines.distance import nearest_km
from engines.opensearch.compile import compile_count, compile_search, compile_suggest
from engines.opensearch.connection import Connection, failed
from engines.opensearch.freshness import Freshness
from engines.opensearch.outbox import Outbox
from engines.opensearch.schema import BRIEF
from engines.opensearch.versions import Versions
from engines.query import Hit, Hits, SearchQuery, Sort, check_query, leaves
from profiles.errors import StoreError
from profiles.served import read_brief, read_served

KEPT = "5m"  # how long a point in time outlives its last page: longer than a person reads a page
_ANSWERED = "pit_id,hits.total,hits.hits,aggregations"
_NAMED = {"include_named_queries_score": "true"}
# As query strings, which the client would make anew for each search.
_ASKED, _ASKED_TO_EXPLAIN = urlencode({"filter_path": _ANSWERED}), urlencode({"filter_path": _ANSWERED} | _NAMED)
_MISSING = {404: "index_not_found_exception"}
_GONE = {400: "", 404: "", 500: ""}  # what OpenSearch answers to a point in time that has ended or never was


class OpenSearchSearch:
    """Search for one process."""

    def __init__(
        self,
        connection: Connection,
        versions: Versions,
        outbox: Outbox,
        contacts: ReadDocuments,
        fresh: Freshness,
        today: Callable[[], date],
    ) -> None:
        self._connection, self._versions, self._outbox, self._contacts, self._today = connection, versions, outbox, contacts, today
        self._fresh = fresh
        self._types = versions.schema.types

    async def search(self, query: SearchQuery) -> Hits:
        """Answer from the index; hits are what the truth says now, and vanish if deleted there.

        A page begins behind the sort values of the last hit before it. By relevance, where a change of one entry may shift the scores of
        others, the pages after the first look at one point in time; when that has ended or cannot be had, at the present index.
        Raises QueryInvalid, StoreUnavailable, StoreVersion.
        """
        check_query(query)
        moment, after = _read_cursor(query)
        body, *scopes = compile_search(query, self._types, after)
        if after is not None and query.sort is Sort.RELEVANCE:
            moment = moment or await self._open_moment()
        asking = self._ask_all(body, scopes, moment, query)
        if query.brief and query.size and not moment:  # a point in time shows what was
            (answer, *scoped), fresh = await beside(asking, self._fresh.version())
        else:
            (answer, *scoped), fresh = await asking, ""
        found = answer["hits"].get("hits", [])
        page = found[: query.size]
        cursor = None
        if len(found) > query.size > 0:
            cursor = seal_cursor(query, [answer.get("pit_id", ""), *page[-1]["sort"]])
        elif moment:
            await self._end_moment(moment)
        total = answer["hits"]["total"]
        buckets = {field: _buckets(part, field) for part in (answer, *scoped) for field in part.get("aggregations", ())}
        return Hits(
            total=total["value"],
            hits=await self._hydrate(page, query, fresh),
            cursor=cursor,
            facets={field: buckets[field] for field in query.facets},
            total_is_exact=total["relation"] == "eq",
        )

    async def counts(self, queries: Sequence[SearchQuery]) -> Sequence[int]:
        """How many profiles each of these finds, in one request. Raises StoreUnavailable, StoreVersion."""
        bodies = [_with_copy(compile_count(query, self._types)) for query in queries]
        answers = await self._msearch(bodies, "hits.total.value") if bodies else []
        return [answer["hits"]["total"]["value"] for answer in answers]

    async def suggest(
        self, field: str, prefix: str, size: int = 10, hidden: frozenset[str] = frozenset(), today: date | None = None
    ) -> Sequence[tuple[str, int]]:
        """Values of a keyword field that start with the prefix, with their counts, most frequent first. Raises QueryInvalid."""
        body = compile_suggest(field, prefix, size, today or self._today(), self._types, hidden)
        answer = await self._connection.request("POST", f"/{self._versions.alias}/_search", body, expect=_MISSING)
        if failed(answer):
            raise await self._versions.why_missing()
        return _buckets(answer, field)

    async def warm(self) -> None:
        """Nothing: the cluster keeps what it needs."""

    async def indexed_sequence(self) -> int:
        """The last write sequence that searches show."""
        return await self._outbox.indexed_sequence()

    async def health(self) -> Mapping[str, Any]:
        """What `status` and `/readyz` report. Raises no StoreError: it becomes a reason."""
        schema = self._versions.schema
        report: dict[str, Any] = {
            "engine": "opensearch",
            "store": self._connection.where,
            "fingerprint": schema.fingerprint,
            "mapping_version": schema.version,
            "documents": 0,
            "backlog": 0,
            "indexed_sequence": 0,
        }
        reasons = []
        try:
            in_use = [version.name for version in await self._versions.all() if version.in_use and self._is_known(version.name)]
            if in_use:
                report |= {"index": in_use[0], "documents": await self._versions.documents(in_use[0])}
            else:
                reasons.append(str(await self._versions.why_missing()))
            report |= {"backlog": await self._outbox.backlog(), "indexed_sequence": await self._outbox.indexed_sequence()}
        except StoreError as error:
            reasons.append(str(error))
        return {"ready": not reasons, "reasons": reasons} | report

    def _is_known(self, name: str) -> bool:
        return f"-{self._versions.schema.fingerprint}-" in name

    async def _ask_all(self, body: Mapping[str, Any], scopes: Sequence[Any], moment: str, query: SearchQuery) -> list[Any]:
        """The answers for the page and for each scope; in one request, where neither a point in time nor an account of scores is asked."""
        if not scopes:
            return [await self._ask(body, moment, query)]
        if moment or query.explain:
            return await asyncio.gather(self._ask(body, moment, query), *(self._ask_now(scope, query) for scope in scopes))
        return await self._msearch([_with_copy(each) for each in (body, *scopes)], _ANSWERED)

    async def _msearch(self, bodies: Sequence[tuple[str, Any]], filter_path: str) -> list[Any]:
        answers = await self._connection.msearch(self._versions.alias, bodies, filter_path=filter_path, expect=_MISSING)
        if failed(answers):
            raise await self._versions.why_missing()
        return list(answers)

    async def _ask(self, body: Mapping[str, Any], moment: str, query: SearchQuery) -> Any:
        """The answer, from the point in time if there is one still."""
        if moment:
            said = {**body, "pit": {"id": moment, "keep_alive": KEPT}}
            params = {"filter_path": _ANSWERED} | (_NAMED if query.explain else {})
            answer = await self._connection.request("POST", "/_search", said, params=params, expect=_GONE)
            if not failed(answer):
                return answer
        return await self._ask_now(body, query)

    async def _ask_now(self, body: Mapping[str, Any], query: SearchQuery) -> Any:
        copy, said = _with_copy(body)
        path = f"/{self._versions.alias}/_search?{_ASKED_TO_EXPLAIN if query.explain else _ASKED}&preference={copy}"
        answer = await self._connection.request("POST", path, said, expect=_MISSING)
        if failed(answer):
            raise await self._versions.why_missing()
        return answer

    async def _open_moment(self) -> str:
        """A point in time; "" when the cluster will not keep another one."""
        path = f"/{self._versions.alias}/_search/point_in_time"
        every = dict.fromkeys((400, 403, 404, 429, 500, 503), "")
        answer = await self._connection.request("POST", path, params={"keep_alive": KEPT}, expect=every)
        return "" if failed(answer) else str(answer["pit_id"])

    async def _end_moment(self, moment: str) -> None:
        """Let go of it; the cluster would by itself after KEPT."""
        await self._connection.request("DELETE", "/_search/point_in_time", {"pit_id": [moment]}, expect=_GONE)

    async def _hydrate(self, found: Sequence[Mapping[str, Any]], query: SearchQuery, fresh: str) -> tuple[Hit, ...]:
        """The profiles as they are now: deleted, merged and erased ones drop out, and so does what expired.

        fresh: the version of the index whose entries are as their profiles.
        """
        shown = {hit["_id"]: read_brief(hit["_source"][BRIEF], query.today) for hit in found if hit["_index"] == fresh}
        if fresh and len(shown) < len(found):
            self._fresh.forget()
        documents = await self._contacts.get_many(Collection.PROFILES, [key for hit in found if (key := hit["_id"]) not in shown])
        read = {key: served for key, document in documents.items() if (served := read_served(document.body, query.today))}
        held = shown | read
        named = list(leaves(query.match)) if query.explain else []
        hits = []
        for hit in found:
            key = hit["_id"]
            served = held.get(key) if key not in query.hidden else None
            if served is not None:
                far = nearest_km(served, query.near) if query.near else None
                shares = {named[int(name)]: score for name, score in hit.get("matched_queries", {}).items()} if named else {}
                hits.append(Hit(key, hit.get("_score") or 0.0, served, far, shares))
        return tuple(hits)


def _with_copy(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """What sends the same question to the same copy of a shard: copies count deleted entries differently, and so score differently.

    With the body to send, its query as JSON by now.
    """
    query = orjson.dumps(body["query"])
    return hashlib.blake2b(query, digest_size=8).hexdigest(), {**body, "query": orjson.Fragment(query)}


def _buckets(answer: Mapping[str, Any], field: str) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"][field].get("buckets", ())]


def _read_cursor(query: SearchQuery) -> tuple[str, Sequence[Any] | None]:
    """Point in time and sort values of the hit before the page; None for the first page. Raises QueryInvalid."""
    if query.cursor is None:
        return "", None
    match query.sort, open_cursor(query):
        case Sort.RELEVANCE, [str(moment), float(score), str(key)] if abs(score) < 1e30:
            return moment, (score, key)
        case Sort.NAME, ["", str() | None as name, str(key)]:
            return "", (name, key)
        case Sort.UPDATED, ["", int(milliseconds), str(key)] if abs(milliseconds) < 2**53:
            return "", (milliseconds, key)
        case Sort.ID, ["", str(key)] if is_plain_id(key):
            return "", (key,)
        case Sort.DISTANCE, ["", float(kilometres), str(key)] if 0 <= kilometres < 1e6:
            return "", (kilometres, key)
    raise invalid_cursor("cannot be read")
