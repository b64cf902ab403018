"""One mapped record -> one normalised SourceRecord, or the reasons why not. Pure, so that worker processes can do it.

A record is refused as a whole only when nobody could be found by it (no record id, no usable name). Any other value that cannot
be used is left out and reported with its field and reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from profiles.errors import Problem, RecordRejected
from profiles.models import Observation, SourceRecord, ValueKind
from profiles.normalise import NORMALISER_VERSION
from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.job_title import normalise_job_title, split_job_titles
from profiles.normalise.link import normalise_link
from profiles.normalise.location import normalise_location
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused
from profiles.normalise.skill import normalise_skill

Mapped = Mapping[str, Any]

MAX_VALUES = 500
"""Values of one kind in one record; the richest real records (office holders' past roles) have under 60."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def content_hash(mapped: Mapped) -> str:
    """Of what the source delivered, after the field map: the same content again is no news (BLAKE2b-128, hex)."""
    return blake2b(orjson.dumps(mapped, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


@dataclass(slots=True)
class _Draft:
    """A record on its way: observations so far, and what could not be used."""

    today: date
    country: str | None
    place_country: str
    observations: list[Observation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[ValueKind, str, str | None]] = field(default_factory=set)

    def refuse(self, pointer: str, refused: Refused) -> None:
        self.problems.append(Problem(pointer, refused.reason, refused.allowed))

    def add(self, kind: ValueKind, said: str, found: Normalised, extra: Mapping[str, Any] | None = None, **job: Any) -> None:
        """Take a value once: a record that repeats itself is not two witnesses.

        Parts that say nothing ("", None, []) are not stored: a third of a record's bytes, and every byte is read again with each record of
        the person. False and 0 say something.
        """
        identity = (kind, found.keys[0], job.get("job"))
        if identity not in self.seen:
            self.seen.add(identity)
            told = {**found.parts, **extra} if extra else found.parts
            parts = {name: part for name, part in told.items() if part or part == 0}
            self.observations.append(
                Observation(kind=kind, said=said, value=found.value, keys=found.keys, parts=parts, first_seen=self.today, **job)
            )

    def take(self, kind: ValueKind, pointer: str, said: str, found: Normalised | Refused, **job: Any) -> Normalised | None:
        if isinstance(found, Refused):
            self.refuse(pointer, found)
            return None
        self.add(kind, said, found, **job)
        return found


def prepare(mapped: Mapped, source_id: str, default_country: str | None, today: date) -> tuple[SourceRecord, list[Problem]]:
    """Normalise a mapped record.

    default_country: ISO code of the source, the hint for phone numbers where the record names no country.
    Returns the record and the problems of single values.    Raises RecordRejected when there is no record id or no usable name.
    """
    own_country = _country(mapped.get("country"))
    draft = _Draft(today, own_country or default_country, own_country or "")
    record_id = str(mapped.get("record_id") or "").strip()
    if not record_id:
        raise RecordRejected([Problem("/record_id", "missing", "the feed's own id of the record")])
    _names(draft, mapped)
    _jobs(draft, mapped.get("jobs") or ())
    _places(draft, [*(mapped.get("locations") or ()), *([mapped["location"]] if mapped.get("location") else ())])
    for at, said in enumerate(_bounded(draft, "/skills", mapped.get("skills"))):
        draft.take(ValueKind.SKILL, f"/skills/{at}", str(said), normalise_skill(str(said)))
    _contacts(draft, mapped)
    record = SourceRecord(
        source_id=source_id,
        record_id=record_id,
        content_hash=content_hash(mapped),
        collected_at=_collected(draft, mapped),
        taken_at=today,
        valid_until=_day(draft, "/valid_until", mapped.get("valid_until")),
        url=mapped.get("url"),
        normaliser_version=NORMALISER_VERSION,
        observations=tuple(draft.observations),
    )
    return record, draft.problems


def _bounded(draft: _Draft, pointer: str, values: Any) -> list[Any]:
    listed = list(values or ())
    if len(listed) > MAX_VALUES:
        draft.problems.append(
            Problem(pointer, f"{len(listed)} values; those after the first {MAX_VALUES} were left out", f"up to {MAX_VALUES}")
        )
    return listed[:MAX_VALUES]


def _country(said: Any) -> str | None:
    """ISO code of a country however it is written; None when it is not recognised."""
    if not said:
        return None
    text = str(said)
    if len(text) == 2 and text.isascii() and text.isupper():
        return text
    found = normalise_location(country=text)
    return found.parts.get("country") if isinstance(found, Normalised) else None


def _day(draft: _Draft, pointer: str, said: Any) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        draft.problems.append(Problem(pointer, "is not a date", "an ISO date such as 2026-11-23"))
        return None


def _collected(draft: _Draft, mapped: Mapped) -> date:
    """The feed's word, but never a day to come: a date in the future would beat every truth that follows."""
    day = _day(draft, "/collected_at", mapped.get("collected_at"))
    if day is not None and day > draft.today:
        draft.problems.append(Problem("/collected_at", "lies in the future; the day of ingest was taken instead", "a date up to today"))
        day = None
    return day or draft.today


def _said(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _name(value: Any) -> Normalised | Refused:
    if not isinstance(value, dict):
        return normalise_name(str(value))
    parts = {k: str(v) for k, v in value.items() if v and k != "full"}
    if parts.get("given") or parts.get("family"):
        return normalise_name(str(value.get("full") or ""), **parts)
    return normalise_name(str(value.get("full") or ""))


def _names(draft: _Draft, mapped: Mapped) -> None:
    if not mapped.get("name"):
        raise RecordRejected([Problem("/name", "missing", "the person's name, whole or in parts")])
    found = _name(mapped["name"])
    if isinstance(found, Refused):
        raise RecordRejected([Problem("/name", found.reason, found.allowed)])
    draft.add(ValueKind.NAME, _said(mapped["name"]), found)
    for at, other in enumerate(_bounded(draft, "/other_names", mapped.get("other_names"))):
        draft.take(ValueKind.NAME, f"/other_names/{at}", _said(other), _name(other))


def _place(draft: _Draft, value: Any) -> Normalised | Refused:
    if isinstance(value, dict):
        named = {k: str(value[k]) for k in ("city", "region", "country") if value.get(k)}
        named.setdefault("country", draft.place_country)
        return normalise_location(str(value.get("text") or ""), **named)
    return normalise_location(str(value), country=draft.place_country)


def _places(draft: _Draft, values: Iterable[Any]) -> None:
    for at, value in enumerate(_bounded(draft, "/locations", values)):
        draft.take(ValueKind.LOCATION, f"/locations/{at}", _said(value), _place(draft, value))


def _month(draft: _Draft, pointer: str, said: Any) -> str | None:
    if not said:
        return None
    found = _DATE.match(str(said))
    if found is None:
        draft.problems.append(Problem(pointer, "is not a date", "2024, 2024-02 or 2024-02-11"))
        return None
    return found.group()


def _is_current(draft: _Draft, said: Any, ended: str | None) -> bool:
    """Whether a job is held now: the feed's word, else whether its end lies in the past."""
    if isinstance(said, bool):
        return said
    return ended is None or ended >= draft.today.isoformat()[: len(ended)]


def _jobs(draft: _Draft, jobs: Iterable[Any]) -> None:
    for at, job in enumerate(_bounded(draft, "/jobs", jobs)):
        pointer = f"/jobs/{at}"
        started, ended = _month(draft, f"{pointer}/started", job.get("started")), _month(draft, f"{pointer}/ended", job.get("ended"))
        when: dict[str, Any] = {"started": started, "ended": ended, "current": _is_current(draft, job.get("current"), ended)}
        key = None
        if job.get("company"):
            company = normalise_company(str(job["company"]), job.get("domain"))
            key = company.keys[0] if isinstance(company, Normalised) else None
            draft.take(ValueKind.COMPANY, f"{pointer}/company", str(job["company"]), company, job=key, **when)
        for title in split_job_titles(str(job.get("title") or "")):
            draft.take(ValueKind.JOB_TITLE, f"{pointer}/title", title, normalise_job_title(title), job=key, **when)
        if job.get("location"):
            draft.take(ValueKind.LOCATION, f"{pointer}/location", _said(job["location"]), _place(draft, job["location"]), job=key, **when)


def _contacts(draft: _Draft, mapped: Mapped) -> None:
    for at, email in enumerate(_bounded(draft, "/emails", mapped.get("emails"))):
        text, extra = _contact(email)
        found = normalise_email(text)
        if isinstance(found, Refused):
            draft.refuse(f"/emails/{at}", found)
        else:
            draft.add(ValueKind.EMAIL, text, found, extra)
    for at, phone in enumerate(_bounded(draft, "/phones", mapped.get("phones"))):
        text, extra = _contact(phone)
        found = normalise_phone(text, draft.country)
        if isinstance(found, Refused):
            draft.refuse(f"/phones/{at}", found)
        else:
            draft.add(ValueKind.PHONE, text, found, extra)
    for at, link in enumerate(_bounded(draft, "/links", mapped.get("links"))):
        if isinstance(link, dict):
            found = normalise_link(str(link.get("url") or link.get("handle") or ""), str(link.get("network") or ""))
        else:
            found = normalise_link(str(link))
        draft.take(ValueKind.LINK, f"/links/{at}", _said(link), found)


def _contact(value: Any) -> tuple[str, dict[str, str]]:
    """The address or number as said, and the parts that only the feed knows (type, extension)."""
    if not isinstance(value, dict):
        return str(value), {}
    return str(value.get("value") or ""), {k: str(value[k]) for k in ("type", "extension") if value.get(k)}
