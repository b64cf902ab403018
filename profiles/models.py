"""The domain: what one source said (SourceRecord), and what is held about one person (Profile).

Both are stored as JSON. Dates have day precision: retention counts days, and the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


class ValueKind(StrEnum):
    """The kinds of value a profile holds. The retention policy has a period for each."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    JOB_TITLE = "job_title"
    COMPANY = "company"
    LOCATION = "location"
    SKILL = "skill"
    LINK = "link"


class Model(BaseModel):
    """Frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Observation(Model):
    """One value as one record says it, normalised.

    said: the source's own words, which normalising again starts from.
    value: canonical form, fit to show.    keys: comparison keys, the identifying one first (never empty).
    parts: the normaliser's parts as JSON ("given", "domain", "country_code" ...; see profiles/normalise).
    job: key of the company this title, place or contact belongs to; None when it belongs to no job.
    current: whether the job is held now; None when unknown or not about a job.    started, ended: "2024-02" or "2024-02-11".
    first_seen: the day roster first saw this value in this record. Later versions of the record keep it.
    """

    kind: ValueKind
    said: str
    value: str
    keys: tuple[str, ...]
    parts: dict[str, Any] = Field(default_factory=dict)
    job: str | None = None
    current: bool | None = None
    started: str | None = None
    ended: str | None = None
    first_seen: date


class FirstSight(Model):
    """What stays of a value the record no longer holds: a keyed hash and its first day, so that no delivery can start its clock anew.

    Of employers, titles and places it also tells, for as long as they might be held, that another record once said the same
    (indexer/earlier.py).
    """

    kind: ValueKind
    digest: str
    first_seen: date


class EarlierVersion(Model):
    """The version that an older one, met again on a later day, has pushed aside; see indexer/clock.py."""

    content_hash: str
    collected_at: date
    taken_at: date
    superseded: tuple[str, ...] = ()


class SourceRecord(Model):
    """One record of one source, as last delivered.

    content_hash: of the mapped record as delivered; the same again writes nothing.
    superseded: hashes of the versions before it, of the same day and the one it replaced, so that none met again is taken for news.
    aside: the version this one pushed aside though it had come after it; it comes back unchanged when the feed goes on to it.
    collected_at: the day the source collected it (the feed's word; the day of ingest where the feed has none).
    taken_at: the day this version was ingested.    valid_until: the last day the source vouches for it, if it says so.
    profile_id: the person it was resolved to.    first_sights: of values it held once; a record may consist of nothing else.
    """

    source_id: str
    record_id: str
    content_hash: str
    superseded: tuple[str, ...] = ()
    aside: EarlierVersion | None = None
    collected_at: date
    taken_at: date
    valid_until: date | None = None
    url: str | None = None
    normaliser_version: int
    profile_id: str = ""
    observations: tuple[Observation, ...] = ()
    first_sights: tuple[FirstSight, ...] = ()

    @cached_property
    def key(self) -> str:
        """The record's key in the store: unique, since a source id has no slash."""
        return f"{self.source_id}/{self.record_id}"

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, which takes along what has been worked out; a copy under another id has a key of its own."""
        copy = super().model_copy(update=update, deep=deep)
        if update and ("record_id" in update or "source_id" in update):
            copy.__dict__.pop("key", None)
        return copy


class ValueSource(Model):
    """Where a value comes from: one record, and how long this source lets us hold the value (last day excluded).

    first_seen: the day roster first saw the value, from which its period counts.
    started: when a job began, where the source says another day than the value does.
    """

    source_id: str
    record_id: str
    collected_at: date
    first_seen: date
    expires_at: date
    url: str | None = None
    started: str | None = None


class Value(Model):
    """One value of a profile with everyone who attests it.

    status: "attested" by a source; verification adds other words.    score: 0 to 1, share of the attesting weight (see profiles/merge.py).
    first_seen, last_seen: the first and the last day on which it is known to have been said. Its period counts from the day it came in.
    expires_at: the first day on which the value may no longer be served.
    sources: never empty, newest collection first.    The other fields are those of Observation.
    """

    kind: ValueKind
    value: str
    keys: tuple[str, ...]
    parts: dict[str, Any] = Field(default_factory=dict)
    status: str = "attested"
    score: float
    verified_at: date | None = None
    first_seen: date
    last_seen: date
    expires_at: date
    sources: tuple[ValueSource, ...]
    job: str | None = None
    current: bool | None = None
    started: str | None = None
    ended: str | None = None


class ProfileState(StrEnum):
    """What has become of a profile id."""

    ACTIVE = "active"
    MERGED = "merged"
    ERASED = "erased"


class Profile(Model):
    """The merged person: a projection of its records, made by profiles/merge.py.

    values: by kind, best first within a kind (the first job_title, company, location are the ones shown).
    records: keys of the records it rests on, sorted.    created_at: when the id was first given; decides which id survives a merge.
    updated: the last day on which a record changed it.    merged_into: the surviving id when state is "merged".
    """

    id: str
    state: ProfileState = ProfileState.ACTIVE
    merged_into: str | None = None
    created_at: datetime
    updated: date
    values: tuple[Value, ...] = ()
    records: tuple[str, ...] = ()

    def of(self, kind: ValueKind) -> tuple[Value, ...]:
        """The values of one kind, best first."""
        return tuple(v for v in self.values if v.kind is kind)

    def first(self, kind: ValueKind) -> Value | None:
        """The value shown for a kind, or None."""
        return next((v for v in self.values if v.kind is kind), None)

    @property
    def next_expiry(self) -> date | None:
        """The first day on which something here may no longer be served; None when nothing is held."""
        return min((s.expires_at for v in self.values for s in v.sources), default=None)
