"""The wire of the change feed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from search_api.schemas import MAX_CURSOR, Meta, WholeProfile
from search_api.wire import Wire

MAX_CHANGES = 500  # profiles a page: some 4 KB each with all sources, so 2 MB at the most

Since = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CURSOR)]


class ChangesRequest(Wire):
    """Where to go on in the feed."""

    since: Annotated[Since | None, Field(description="The cursor of the answer before; left out, it starts with everyone held.")] = None
    size: Annotated[int, Field(ge=1, le=MAX_CHANGES, description="Profiles a page.")] = 100


class ChangeAnswer(Wire):
    """What has become of one profile since the cursor.

    change: `added` and `updated` both mean "this is how it is now"; `added` is certain to be said of a profile that was not told before.
    moved_to: the surviving id, when merged.    profile: as GET /v1/profiles/{id} has it, when added or updated.
    """

    id: str
    change: Literal["added", "updated", "merged", "deleted"]
    moved_to: str | None
    profile: WholeProfile | None


class ChangesAnswer(Wire):
    """A page of the feed. cursor: give it as `since` next time.    more: whether others follow now, so that it is worth asking at once."""

    changes: list[ChangeAnswer]
    cursor: str
    more: bool
    meta: Meta
