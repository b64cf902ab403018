"""What OpenSearch's errors mean, as roster's errors with a text that says what to do. Pure.

Of the server's own words only its error types and the names of rights and indices are repeated: its reasons may quote documents.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from typing import Any

import orjson
from opensearchpy import ConnectionError, ConnectionTimeout, SSLError, TransportError  # the client's own names

from profiles.errors import Problem, QueryInvalid, RosterError, StoreBusy, StoreError, StoreForbidden, StoreUnavailable, WriteConflict

RETRIED = frozenset({429, 502, 503, 504})
"""Statuses that pass by themselves: too many requests at once, a node on its way down or up, no cluster manager yet."""

_RIGHT = re.compile(
    r"no permissions for \[((?:[a-z0-9:/_*-]|\[[a-z0-9*]*\])+)", re.IGNORECASE
)  # the first, with its own brackets: "bulk[s]"
NO_SHARD = "no_shard_available_action_exception"
_COMING_UP = frozenset({NO_SHARD, "illegal_index_shard_state_exception", "node_not_connected_exception"})
# A read by id meets these, with statuses of 404 and 500, while a shard is on its way: after a start, or when a node was lost.
_TOO_MANY_CLAUSES = "maxClauseCount"  # in the reason, whatever the type is called in a release
_FLOOD = "disk usage exceeded flood-stage watermark"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error's status (0: no answer came), its type in OpenSearch's words, and its reason (never shown)."""

    status: int
    kind: str
    reason: str


def read_failure(error: TransportError) -> Failure:
    """The parts of a client's exception, however much of the server's answer could be read."""
    status = error.status_code if isinstance(error.status_code, int) else 0
    told: Any = error.args[2] if len(error.args) > 2 else None
    if not isinstance(told, dict):
        try:
            told = orjson.loads(error.error)
        except (orjson.JSONDecodeError, TypeError):
            told = {}
    return failure_of(status, told.get("error") if isinstance(told, dict) else None)


def failure_of(status: int, told: Any) -> Failure:
    """The same for an `error` object: of a whole answer, or of one item of a bulk."""
    if isinstance(told, str):
        return Failure(status, told.split(":")[0][:60], told)
    if not isinstance(told, dict):
        return Failure(status, "", "")
    roots = told.get("root_cause") or [told]
    cause = told.get("caused_by") or {}
    return Failure(status, str(told.get("type") or ""), " ".join(str(part.get("reason", "")) for part in (told, *roots, cause)))


def passes_by_itself(error: Exception) -> bool:
    """Whether trying again in a moment may help."""
    if isinstance(error, ConnectionError):
        return not is_untrusted(error)
    if not isinstance(error, TransportError):
        return False
    failure = read_failure(error)
    return (failure.status in RETRIED or failure.kind in _COMING_UP) and not is_blocked(failure)


def is_untrusted(error: ConnectionError) -> bool:
    """Whether the connection failed over certificates."""
    cause = error.args[2] if len(error.args) > 2 else None
    return isinstance(error, SSLError) or isinstance(cause, ssl.SSLError) or "Certificate" in type(cause).__name__


def is_blocked(failure: Failure) -> bool:
    """Whether an index refuses writes until somebody acts: a full disk, or a block that was set."""
    return failure.kind == "cluster_block_exception" and failure.status in (403, 429)


def explain(error: TransportError, where: str, *, signed: bool = False) -> RosterError:
    """The error to raise instead: a StoreError, or QueryInvalid for a search of more clauses than the cluster allows.

    where: the store's url without secrets.    signed: whether requests are signed for AWS.
    """
    if isinstance(error, ConnectionTimeout):
        return StoreUnavailable(f"{where} did not answer in time: see whether the cluster is overloaded or down, then try again")
    if isinstance(error, ConnectionError):
        if is_untrusted(error):
            return StoreUnavailable(f"{where} shows a certificate that is not trusted: name the authority's file in the url, ?ca=PATH")
        return StoreUnavailable(f"{where} cannot be reached: see whether OpenSearch runs there, and whether it is http or https")
    failure = read_failure(error)
    if signed and failure.status == 403 and not failure.kind:  # AWS before the cluster: the cluster's own refusals have a type
        return StoreForbidden(
            f"AWS refuses the request to {where}: check the access key and its secret, aws_service and aws_region, this machine's clock,"
            " and that the domain's access policy allows the key's owner es:ESHttp*"
        )
    if _TOO_MANY_CLAUSES in failure.reason:
        return QueryInvalid([Problem("query", "has too many words, or values, for this cluster", "fewer of them, or several searches")])
    return explain_failure(failure, where)


def explain_failure(failure: Failure, where: str) -> StoreError:
    """The error for a failed request, or for one item of a bulk."""
    if is_blocked(failure):
        return StoreUnavailable(_blocked(failure, where))
    if failure.kind in _COMING_UP:
        return _not_ready(where)
    match failure.status:
        case 401:
            return StoreUnavailable(f"{where} refuses the user or the password: check `user` and `password_file` of the store url")
        case 403:
            right = _RIGHT.search(failure.reason)
            lacking = f"the right {right[1]}" if right else "a right"
            return StoreForbidden(f"the user lacks {lacking} on {where}: give it the role for this work (deploy/opensearch/roles.yml)")
        case 404 if failure.kind in ("index_not_found_exception", "alias_not_found_exception"):
            return StoreUnavailable(f"there is no store at {where}: `roster index create` makes one")
        case 409:
            return WriteConflict("a document changed since it was read; read it again and retry")
        case 429:
            return StoreBusy(f"{where} has more to do than it can take: try again later, or with fewer workers")
        case 502 | 503 | 504:
            return _not_ready(where)
    return StoreError(f"{where} refused a request: {failure.status} {failure.kind}".rstrip())


def _not_ready(where: str) -> StoreUnavailable:
    return StoreUnavailable(f"{where} is not ready: the cluster lacks a manager or shards; wait until its health is yellow or green")


def _blocked(failure: Failure, where: str) -> str:
    if _FLOOD in failure.reason or failure.status == 429:
        return f"{where} takes no writes: its disk is almost full (flood stage); free space there and it goes on by itself"
    if "read-only" in failure.reason or "FORBIDDEN/8" in failure.reason:
        return f"{where} was set read-only: lift the block (index.blocks.write, index.blocks.read_only), then try again"
    return f"{where} is blocked: see GET _cluster/health and the blocks in its cluster state"
