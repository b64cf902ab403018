"""Every error roster raises on purpose, as one tree.

    RosterError
    |-- InputInvalid            something a caller gave is wrong; `problems` names each field
    |   |-- RecordRejected      one record of a feed cannot be taken
    |   |-- SourceInvalid       a source file breaks the rules for sources
    |   |-- ProviderInvalid     a provider's file breaks the rules for sending
    |   |-- PolicyInvalid       the retention policy is incomplete or contradictory
    |   |-- QueryInvalid        a search asks for something that cannot be
    |   `-- SettingsInvalid     a setting or a store url cannot be used
    |-- ProfileNotFound         no profile has this id
    |-- ProfileMoved            the profile was merged into another; `to` is its id
    |-- ProfileErased           the profile was erased or has expired
    |-- SearchNotFound          the caller keeps no search with this id
    |-- Suppressed              what was asked about is on the suppression list: nothing is said
    |-- JobNotFound             the caller has no job with this id, or its time is over
    |-- JobUnfinished           the job has no results yet
    |-- SourceUnknown           no source has this id, or it is disabled
    |-- AccessRefused           the caller showed no valid key, or may not do this
    `-- StoreError
        |-- StoreUnavailable    the store cannot be reached or read
        |   `-- StoreForbidden  the store's user lacks a right; `str()` names it
        |-- StoreVersion        the store was written by another version; `str()` says what to run
        |-- StoreBusy           another process holds what this one needs
        `-- WriteConflict       a document changed since it was read; read again and retry

A domain error knows no HTTP status and no exit code: `search_api/errors.py` and `cli/main.py` translate.
No error text carries personal data: it names fields and rules, never values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    pointer: where, as a JSON pointer or a field's name ("/email/any/0", "licence.until").
    detail: what is wrong, without repeating personal data.
    allowed: what would be right ("an ISO date such as 2026-11-23"); "" when there is nothing to add.
    """

    pointer: str
    detail: str
    allowed: str = ""

    def __str__(self) -> str:
        tail = f" (allowed: {self.allowed})" if self.allowed else ""
        return (f"{self.pointer}: " if self.pointer else "") + self.detail + tail


class RosterError(Exception):
    """Base of every error raised on purpose; its text is fit for a person to read."""


class InputInvalid(RosterError):
    """Something a caller gave is wrong; `problems` lists everything at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)) or "invalid input")


class RecordRejected(InputInvalid):
    """One record of a feed cannot be taken; the others go on."""


class SourceInvalid(InputInvalid):
    """A source file breaks the rules for sources."""


class ProviderInvalid(InputInvalid):
    """The file of an enrichment provider breaks the rules for sending, or its answers could not be taken in."""


class PolicyInvalid(InputInvalid):
    """The retention policy is incomplete or contradictory."""


class QueryInvalid(InputInvalid):
    """A search asks for something that cannot be."""


class SettingsInvalid(InputInvalid):
    """A setting or a store url cannot be used."""


class ProfileNotFound(RosterError):
    """No profile has this id."""


class ProfileMoved(RosterError):
    """The profile was merged into another one; `to` is that profile's id."""

    def __init__(self, to: str) -> None:
        self.to = to
        super().__init__(f"merged into {to}")


class ProfileErased(RosterError):
    """The profile was erased, or all it held has expired."""


class SearchNotFound(RosterError):
    """The caller keeps no search with this id."""


class Suppressed(RosterError):
    """What was asked about is on the suppression list: nothing is said about it."""

    def __init__(self) -> None:
        super().__init__("nothing may be said about this")


class JobNotFound(RosterError):
    """The caller has no job with this id, or its time is over."""


class JobUnfinished(RosterError):
    """The job has no results yet."""


class SourceUnknown(RosterError):
    """No source has this id, or the source is disabled."""


class AccessRefused(RosterError):
    """The caller showed no valid key, or may not do this."""


class StoreError(RosterError):
    """The store cannot do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or read."""


class StoreForbidden(StoreUnavailable):
    """The user with whom the store was opened may not do this; the text names the right where the store does."""


class StoreVersion(StoreError):
    """The store was written by another version of roster; the text says which command helps."""


class StoreBusy(StoreError):
    """Another process holds what this one needs."""


class WriteConflict(StoreError):
    """A document changed since it was read: read again, decide again, write again."""
