"""Sources: the file that says where records come from, by what right they are held and how their fields are read; and their registry.

A source file is TOML. Everything but country, visibility, [retention], [words] and the licence dates of a public source is required:

    id = "crm_export"                        # lower case; part of every record's key
    name = "CRM export, Example Data Ltd"    # shown to everyone who asks where a value came from
    kind = "licensed_third_party"            # or "public"; records from users, customers or plug-ins are never taken
    country = "GB"                           # reads phone numbers of rows that name no country themselves
    legal_basis = "legitimate interests, art. 6(1)(f) GDPR"
    purposes = ["business contact search"]
    balancing_test = "LIA-2026-03"           # reference of the balancing test
    visibility = "everyone"                  # only if records that say nothing of it are visible to everyone at the source

    [licence]                                # of a public source: the terms that allow reuse
    evidence = "contract 2026-114, annex B"
    from = 2026-01-01
    until = 2027-12-31                       # last day; nothing of the source is served after it

    [retention]                              # days; may only shorten the policy's periods
    phone = 180

    [feed]
    format = "csv"                           # jsonl, csv or parquet
    delimiter = ";"
    encoding = "utf-8"

    [fields]                                 # see privacy/fieldmap.py
    record_id = "id"
    name = { given = "first", family = "last" }

    [words."jobs.title"]                     # coded values in words; "*" stands for any other value, "" drops it
    sen = "United States Senator"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engines.base import Collection, ReadDocuments, Write, WriteDocuments
from privacy.expressions import check_fields, check_words, nearest
from privacy.toml_file import read_toml
from profiles.errors import Problem, SourceInvalid, SourceUnknown
from profiles.models import ValueKind
from profiles.retention import Periods, Terms

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Days = Annotated[int, Field(gt=0, strict=True)]
EVERYONE = "everyone"


class SourceKind(StrEnum):
    """The only origins a record may have."""

    LICENSED_THIRD_PARTY = "licensed_third_party"
    PUBLIC = "public"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Licence(_Table):
    """What allows the use: evidence (contract, terms), first and last day. A public source's terms may have no dates."""

    evidence: Text
    from_: date | None = Field(None, alias="from")
    until: date | None = None


class Feed(_Table):
    """How the feed's files are read."""

    format: Literal["jsonl", "csv", "parquet"]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    encoding: Text = "utf-8"


class Source(_Table):
    """One source, as its file says; see the module's docstring. Made by read_source, or by the registry from what was once valid."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    name: Text
    kind: SourceKind
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    legal_basis: Text
    purposes: Annotated[tuple[Text, ...], Field(min_length=1)]
    balancing_test: Text
    visibility: Literal["everyone"] | None = None
    licence: Licence
    retention: dict[ValueKind, Days] = {}
    feed: Feed
    fields: dict[str, Any]
    words: dict[str, dict[str, str]] = {}

    def periods(self, policy: Periods) -> Terms:
        """Days each kind of value may be held: the policy's, shortened where this source says so, never lengthened; and the last day."""
        return Terms({kind: min(days, self.retention.get(kind, days)) for kind, days in policy.items()}, self.licence.until)

    def overlong(self, policy: Periods) -> list[Problem]:
        """The [retention] entries that ask for more than the policy allows and are therefore without effect."""
        return [
            Problem(f"retention.{kind}", f"longer than the policy's {policy[kind]} days", f"at most {policy[kind]}")
            for kind, days in self.retention.items()
            if days > policy[kind]
        ]


# --- reading a source file ------------------------------------------------------------------------------------------------------


def read_source(path: Path, today: date | None = None) -> Source:
    """The source described by a file. Raises SourceInvalid with everything that is wrong, at once; `today` judges the licence."""
    return parse_source(read_toml(path, SourceInvalid), today)


def parse_source(raw: dict[str, Any], today: date | None = None) -> Source:
    """The source described by a table, with every check of read_source."""
    problems, source = [], None
    try:
        source = Source.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    problems += _check_feed(raw.get("feed"))
    problems += _check_licence(raw.get("kind"), raw.get("licence"), today or date.today())
    if "fields" in raw:
        problems += check_fields(raw["fields"])
    if "words" in raw:
        problems += check_words(raw["words"])
    if source is None or problems:
        first: dict[str, Problem] = {}  # two checks may find the same thing
        for problem in problems:
            first.setdefault(problem.pointer, problem)
        raise SourceInvalid(first.values())
    return source


_ALLOWED = {
    "id": "lower-case letters, digits, _ and -, starting with a letter, at most 64",
    "kind": "licensed_third_party, public",
    "country": "two capital letters (ISO 3166-1), such as DE",
    "visibility": 'only "everyone"; leave it out when the source does not show its records to everyone',
    "purposes": "a list with at least one purpose",
    "retention": "whole days, at least 1",
    "licence.from": "a date such as 2026-01-31",
    "licence.until": "a date such as 2026-01-31",
    "feed.format": "jsonl, csv, parquet",
    "feed.delimiter": "one character",
}
_KNOWN: dict[str, list[str]] = {
    "": [info.alias or name for name, info in Source.model_fields.items()],
    "licence": [info.alias or name for name, info in Licence.model_fields.items()],
    "feed": list(Feed.model_fields),
    "retention": [str(kind) for kind in ValueKind],
}


_SAID = {  # pydantic's error types in words for the writer of a file
    "missing": "is missing",
    "string_pattern_mismatch": "is not of the right form",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "string_type": "is not a text",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "tuple_type": "is not a list",
    "int_type": "is not a whole number",
    "greater_than": "is too small",
    "literal_error": "is none of these",
    "date_from_datetime_parsing": "is not a date",
    "date_type": "is not a date",
}


def _problem(detail: Any) -> Problem:
    """One pydantic error in our words."""
    location = [str(part) for part in detail["loc"] if part != "[key]"]
    pointer, above = ".".join(location), ".".join(location[:-1])
    if detail["type"] == "extra_forbidden" or (above == "retention" and detail["type"] == "enum"):
        return Problem(pointer, "no such key", nearest(location[-1], _KNOWN.get(above, [])))
    if pointer == "kind" and detail["type"] != "missing":
        return Problem(
            pointer, "records are taken from licensed and public sources only, never from users, customers or plug-ins", _ALLOWED["kind"]
        )
    allowed = _ALLOWED.get(pointer) or _ALLOWED.get(above, "")
    said = _SAID.get(detail["type"]) or str(detail["msg"]).removeprefix("Input ")
    return Problem(pointer, said, allowed)


def _check_feed(feed: Any) -> list[Problem]:
    encoding = feed.get("encoding") if isinstance(feed, dict) else None
    if not isinstance(encoding, str) or not encoding:
        return []
    try:
        line = "x\n".encode(encoding)
        known = line.decode(encoding, "replace") == "x\n"
    except (LookupError, ValueError):  # none at all, or one that is of no texts ("base64")
        line, known = b"", False
    if not known:
        return [Problem("feed.encoding", "no such encoding", "utf-8, latin-1, cp1252 ...")]
    if feed.get("format") == "jsonl" and not line.endswith(b"x\n"):  # lines are told apart before they are decoded
        return [Problem("feed.encoding", "is none of JSON lines", "utf-8, latin-1, cp1252 ...")]
    return []


def _check_licence(kind: Any, licence: Any, today: date) -> list[Problem]:
    if not isinstance(licence, dict):
        return []
    start, end = licence.get("from"), licence.get("until")
    problems = []
    if kind == SourceKind.LICENSED_THIRD_PARTY:
        missing = [key for key in ("from", "until") if licence.get(key) is None]
        problems = [Problem(f"licence.{key}", "is missing; a licensed source needs it", _ALLOWED["licence.from"]) for key in missing]
    if type(start) is date and type(end) is date and start > end:
        problems.append(Problem("licence.until", "lies before licence.from"))
    elif type(end) is date and end < today:
        problems.append(Problem("licence.until", f"the licence ended on {end}", f"{today} or later"))
    return problems


def usable(source: Source, today: date) -> list[Problem]:
    """Why nothing of this source may be taken today: its licence has not begun or is over. Empty when all is well."""
    start, end = source.licence.from_, source.licence.until
    if start and today < start:
        return [Problem("licence.from", f"the licence of source {source.id} begins on {start}")]
    if end and today > end:
        return [Problem("licence.until", f"the licence of source {source.id} ended on {end}")]
    return []


# --- the registry ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A source in the store. enabled: whether records are taken from it.  changed: whether the last `add` changed anything,
    and replaced: whether there was an earlier definition, under which records may be held.
    """

    source: Source
    enabled: bool = True
    changed: bool = False
    replaced: bool = False


class SourceRegistry:
    """The sources records may come from, kept in the store. Needs WriteDocuments for add, enable and disable."""

    def __init__(self, contacts: ReadDocuments | WriteDocuments) -> None:
        self._contacts = contacts

    async def add(self, source: Source) -> RegisteredSource:
        """Register a source or replace its definition. The same again changes nothing; a disabled source stays disabled."""
        held, version = await self._read(source.id)
        entry = RegisteredSource(
            source,
            held.enabled if held else True,
            changed=held is None or held.source != source,
            replaced=held is not None and held.source != source,
        )
        if entry.changed:
            await self._write(entry, version)
        return entry

    async def get(self, source_id: str) -> Source:
        """The source, if records may be taken from it. Raises SourceUnknown, which says whether it is missing or disabled."""
        held, _ = await self._read(source_id)
        if held is None:
            raise await self._unknown()
        if not held.enabled:
            raise SourceUnknown(f"source {source_id} is disabled; `roster sources enable {source_id}` takes records from it again")
        return held.source

    async def find(self, source_id: str) -> RegisteredSource:
        """The source, enabled or not. Raises SourceUnknown."""
        held, _ = await self._read(source_id)
        if held is None:
            raise await self._unknown()
        return held

    async def all(self) -> list[RegisteredSource]:
        """Every source, enabled or not, by id."""
        return [_entry(document.body) async for document in self._contacts.scan(Collection.SOURCES)]

    async def enable(self, source_id: str) -> None:
        """Take records from the source again. Raises SourceUnknown."""
        await self._switch(source_id, True)

    async def disable(self, source_id: str) -> None:
        """Take no more records from the source; what is held stays until it expires. Raises SourceUnknown."""
        await self._switch(source_id, False)

    async def _switch(self, source_id: str, enabled: bool) -> None:
        held, version = await self._read(source_id)
        if held is None:
            raise await self._unknown()
        if held.enabled is not enabled:
            await self._write(RegisteredSource(held.source, enabled), version)

    async def _unknown(self) -> SourceUnknown:
        held = ", ".join([entry.source.id for entry in await self.all()]) or "none yet"
        return SourceUnknown(f"no source with this id is registered (registered: {held}); `roster sources add FILE` registers one")

    async def _read(self, source_id: str) -> tuple[RegisteredSource | None, int]:
        document = await self._contacts.get(Collection.SOURCES, source_id)
        return (_entry(document.body), document.version) if document else (None, 0)

    async def _write(self, entry: RegisteredSource, version: int) -> None:
        body = orjson.dumps({"enabled": entry.enabled, "source": entry.source.model_dump(mode="json", by_alias=True)})
        contacts: WriteDocuments = self._contacts  # type: ignore[assignment]  # callers that may not write never get here: they hold no write half
        await contacts.write([Write(Collection.SOURCES, entry.source.id, body, expected=version)])


def _entry(body: bytes) -> RegisteredSource:
    held = orjson.loads(body)
    return RegisteredSource(Source.model_validate(held["source"]), held["enabled"])
