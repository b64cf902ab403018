"""Entries of the search index, as bulk writes that an older state of a profile can never win. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from engines.base import Document
from engines.document import index_document
from engines.opensearch.bulk import Action
from profiles.models import Profile, ProfileState
from profiles.retention import live


def entry(body: bytes, today: date) -> bytes | None:
    """The index document of a stored profile as JSON; None when nobody may find it."""
    stored = Profile.model_validate_json(body)
    profile = live(stored, today) if stored.state is ProfileState.ACTIVE else None
    return None if profile is None else orjson.dumps(index_document(profile, today))


def version_actions(index: str, documents: Sequence[Document], today: date) -> list[Action]:
    """Writes that make the index show these profiles: their entries, and no entry for those nobody may find."""
    actions = []
    for document in documents:
        # Greater or equal: on another day the same profile gives another entry.
        meta = {"version": document.version, "version_type": "external_gte"}
        source = entry(document.body, today)
        actions.append(Action(index, "delete" if source is None else "index", document.key, source, meta))
    return actions


def removal_actions(index: str, entries: Sequence[Mapping[str, Any]]) -> list[Action]:
    """Deletions of entries as `_mget` gave them, whose profiles do not exist any more."""
    return [
        Action(index, "delete", told["_id"], None, {"version": told["_version"] + 1, "version_type": "external"})
        for told in entries
        if told.get("found")
    ]
