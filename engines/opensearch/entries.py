"""Entries of the search index, as bulk writes that an older state of a profile can never win. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import orjson

from engines.base import Document
from engines.document import index_document
from engines.opensearch.bulk import Action
from engines.opensearch.schema import BRIEF
from profiles.served import brief_of, read_served


def entry(body: bytes, today: date) -> bytes | None:
    """The index document of a stored profile as JSON; None when nobody may find it."""
    profile = read_served(body, today)
    return None if profile is None else orjson.dumps(index_document(profile) | {BRIEF: brief_of(profile).decode()})


def version_actions(index: str, documents: Sequence[Document], today: date) -> list[Action]:
    """Writes that make the index show these profiles: their entries, and no entry for those nobody may find."""
    actions = []
    for document in documents:
        # Greater or equal: on another day the same profile gives another entry.
        meta = {"version": document.version, "version_type": "external_gte"}
        source = entry(document.body, today)
        actions.append(Action(index, "delete" if source is None else "index", document.key, source, meta))
    return actions


def removal_actions(index: str, versions: Mapping[str, int]) -> list[Action]:
    """Deletions of entries of these versions, by id; one that is newer by then stays."""
    return [Action(index, "delete", key, None, {"version": version + 1, "version_type": "external"}) for key, version in versions.items()]
