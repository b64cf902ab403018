"""The wire of saved searches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from search_api.schemas import Meta, SearchRequest
from search_api.wire import Wire
from search_api.words import Text

MAX_SEARCHES = 100  # a caller: a recruiter keeps a few for each open position
MAX_MATCHES = 10_000  # people a search may find to be followed: each question goes through all, at 0.3 ms each (bench/search_latency.py)
MAX_TOLD = 1000  # differences an answer
KEPT_DAYS = 400  # after it was last asked, a search is forgotten: those asked once a year stay
MARK = 16  # hex digits of either half of a cursor, of which the second stays the same from answer to answer


class SavedSearch(Wire):
    """A search to keep."""

    name: Annotated[Text, Field(description="What it is called in lists.", examples=["Data people in Munich"])]
    query: Annotated[SearchRequest, Field(description="As for POST /v1/profiles/search, without paging, sorting and facets.")]


class SavedSearchBody(Wire):
    """A kept search. query: as it was given.    created: the day.    kept_until: it is forgotten then, unless it is asked before."""

    id: str
    name: str
    query: dict[str, Any]
    created: date
    kept_until: date


class SavedSearchAnswer(SavedSearchBody):
    """A kept search."""

    meta: Meta


class SavedSearchesAnswer(Wire):
    """All searches the caller keeps, oldest first."""

    searches: list[SavedSearchBody]
    meta: Meta


class FoundRequest(Wire):
    """Which differences are asked for."""

    since: Annotated[
        Annotated[str, StringConstraints(pattern=f"^[0-9a-f]{{{2 * MARK}}}$")] | None,
        Field(
            description="The cursor of the answer before; left out, everyone found now is new.",
            examples=["8f0c5e9b7a1d4c2e3b6a90d14f7c82e5"],
        ),
    ] = None
    size: Annotated[int, Field(ge=1, le=MAX_TOLD, description="Differences an answer.")] = 100


class FoundProfile(Wire):
    """Somebody the search finds: the four texts of a hit, null when unknown."""

    id: str
    name: str | None
    job_title: str | None
    company: str | None
    location: str | None
    updated: date


class FoundChange(Wire):
    """One difference. change: `new` is found now and was not before, `changed` is found still with other values, `gone` is no longer found.

    profile: null when gone.
    """

    id: str
    change: Literal["new", "changed", "gone"]
    profile: FoundProfile | None


class FoundAnswer(Wire):
    """What is different since the cursor. total: people found now.    cursor: give it as `since` next time.
    more: whether differences are left, so that it is worth asking at once.
    """

    total: int
    changes: list[FoundChange]
    cursor: str
    more: bool
    meta: Meta
