"""Cursors: where a page ended, bound to the question it answers. Opaque to callers, checked when they come back.

What a place consists of is each engine's own; this module binds it to the question and makes it text fit for a url.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from engines.query import SearchQuery
from profiles.errors import Problem, QueryInvalid

_VERSION = 1
_MAX_CHARACTERS = 8192  # a sort key is a name of at most some hundred letters; a point in time of OpenSearch's takes some hundred more

_MAX_ID = 64  # characters; indexer/person.py makes 17


def question(query: SearchQuery) -> str:
    """Identifies what is asked and how it is sorted; the size of a page, facets and today may differ between pages."""
    said = repr((query.match, query.filters, query.excluded, query.near, query.sort.value))
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def seal_cursor(query: SearchQuery, place: Sequence[Any]) -> str:
    """The cursor for a place, as text."""
    return base64.urlsafe_b64encode(orjson.dumps([_VERSION, question(query), *place])).decode().rstrip("=")


def cursor_behind(query: SearchQuery, profile_id: str) -> str:
    """Where to go on behind a profile, whether it matches still or not; for a query sorted by id, on any engine."""
    return seal_cursor(query, ["", profile_id])


def is_plain_id(text: str) -> bool:
    """Whether a text can be a profile id of a cursor: letters and digits alone, which mean nothing else to an engine."""
    return 0 < len(text) <= _MAX_ID and text.isascii() and text.replace("_", "").isalnum()


def open_cursor(query: SearchQuery) -> list[Any]:
    """The place in the query's cursor. Raises QueryInvalid for anything not made for this question."""
    match _parse(query.cursor or ""):
        case [int(version), str(asked), *place] if version == _VERSION:
            if asked != question(query):
                raise invalid_cursor("belongs to another query or sort order")
            return place
    raise invalid_cursor("cannot be read")


def invalid_cursor(detail: str) -> QueryInvalid:
    """The error for a cursor that cannot be used."""
    return QueryInvalid([Problem("cursor", detail, "the cursor of the page before, with the same query and sort")])


def _parse(text: str) -> object:
    if len(text) > _MAX_CHARACTERS or not text.isascii():
        raise invalid_cursor("cannot be read")
    try:
        return orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise invalid_cursor("cannot be read") from None
