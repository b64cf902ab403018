"""The same door for whoever keeps a copy: what has become of profiles since, with nothing in it that may not be shown.

A person who was suppressed, erased or has expired is told as gone, by id alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engines.base import Reader
from privacy.reading import hidden_ids
from profiles.models import Profile, ProfileState
from profiles.retention import live


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of one profile: shown as it is now, or merged into another, or (both None) gone."""

    id: str
    profile: Profile | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of changes. place: where it ends.    more: whether others follow now."""

    changes: tuple[Change, ...]
    place: str
    more: bool


async def changes_after(reader: Reader, place: str, size: int, today: date) -> Changes:
    """Up to `size` profiles that were written after a place, each once, as it is now. Raises QueryInvalid for a place of another store.

    Hidden profiles are told as gone at once and, at the end of the row, again until the indexer has purged them: hiding writes no
    profile, and whoever has read past them must not have to wait for the purge.
    """
    found = await reader.changes.changed(place, size)
    hidden = await hidden_ids(reader)  # after the profiles: who is hidden in between is not shown
    changes = [_change(Profile.model_validate_json(document.body), document.key in hidden, today) for document in found.profiles]
    if not found.more:
        told = {document.key for document in found.profiles}
        changes += [Change(key) for key in sorted(hidden - told)]
    return Changes(tuple(changes), found.place, found.more)


def _change(profile: Profile, hidden: bool, today: date) -> Change:
    if hidden or profile.state is ProfileState.ERASED:
        return Change(profile.id)
    if profile.state is ProfileState.MERGED:
        return Change(profile.id, moved_to=profile.merged_into)
    return Change(profile.id, live(profile, today))
