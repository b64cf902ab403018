"""Cursors: where a page ended, bound to the question it answers. Opaque to callers, checked when they come back."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

import orjson

from engines.base import SearchQuery, Sort
from profiles.errors import Problem, QueryInvalid

_VERSION = 1
_MAX_CHARACTERS = 4096  # a sort key is a name of at most some hundred letters, in hexadecimal


@dataclass(frozen=True, slots=True)
class ByRelevance:
    """Page after `offset` hits of one snapshot of the index."""

    snapshot: str
    offset: int


@dataclass(frozen=True, slots=True)
class ByKey:
    """Page after the entry with this sort key (a text for names, a number for days)."""

    key: str | int


Position = ByRelevance | ByKey


def question(query: SearchQuery) -> str:
    """Identifies what is asked and how it is sorted; the size of a page, facets and today may differ between pages."""
    said = repr((query.match, query.filters, query.excluded, query.sort.value))
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def write_cursor(query: SearchQuery, position: Position) -> str:
    """The cursor as text fit for a url."""
    where = [position.snapshot, position.offset] if isinstance(position, ByRelevance) else [position.key]
    return base64.urlsafe_b64encode(orjson.dumps([_VERSION, question(query), *where])).decode().rstrip("=")


def read_cursor(query: SearchQuery) -> Position | None:
    """Where the page before ended; None for the first page. Raises QueryInvalid for anything not made for this question."""
    if query.cursor is None:
        return None
    match _parse(query.cursor):
        case [int(version), str(asked), *where] if version == _VERSION:
            if asked != question(query):
                raise _invalid("belongs to another query or sort order")
        case _:
            raise _invalid("cannot be read")
    match query.sort, where:
        case Sort.RELEVANCE, [str(snapshot), int(offset)] if 0 <= offset < 2**31:
            return ByRelevance(snapshot, offset)
        case Sort.NAME, [str(key)] if key.startswith("x") and key[1:].isalnum() and key.isascii():
            return ByKey(key)
        case Sort.UPDATED, [int(number)] if 0 <= number < 2**64:
            return ByKey(number)
    raise _invalid("cannot be read")


def _parse(text: str) -> object:
    if len(text) > _MAX_CHARACTERS or not text.isascii():
        raise _invalid("cannot be read")
    try:
        return orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise _invalid("cannot be read") from None


def _invalid(detail: str) -> QueryInvalid:
    return QueryInvalid([Problem("cursor", detail, "the cursor of the page before, with the same query and sort")])
