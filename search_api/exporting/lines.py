"""The lines of an export: JSON with everything held, or CSV with what a spreadsheet can use."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import orjson

from engines.query import SearchQuery
from privacy.reading import ProfileReader
from profiles.models import Profile, ValueKind
from search_api.answers import SourceNames, profile_body, shown_texts
from search_api.exporting.schemas import Format
from search_api.passing import whole_result

COLUMNS = ("id", "name", "job_title", "company", "location", "emails", "phones", "skills", "links", "updated")
BETWEEN = "; "  # several values in one cell


async def export_lines(
    profiles: ProfileReader, sources: SourceNames, query: SearchQuery, form: Format, after: str | None = None
) -> AsyncIterator[tuple[bytes, int]]:
    """Parts of the export, each some hundred whole lines in order of id, with the number of profiles in it; memory holds one part.

    Each profile is as it is when its line is made. The first part of a CSV begins with the column names, unless it goes on behind `after`.
    """
    head = form == "csv" and after is None
    async for page in whole_result(profiles, query, after):
        people = [hit.profile for hit in page.hits]
        if form == "csv":
            yield _rows(people, head), len(people)
            head = False
        else:
            yield b"".join([orjson.dumps(await profile_body(person, sources)) + b"\n" for person in people]), len(people)


def _rows(people: list[Profile], head: bool) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    if head:
        rows.writerow(COLUMNS)
    for person in people:
        several = [BETWEEN.join(value.value for value in person.of(kind)) for kind in _SEVERAL]
        rows.writerow([person.id, *map(_cell, (*shown_texts(person).values(), *several)), person.updated.isoformat()])
    return text.getvalue().encode("utf-8", "replace")


_SEVERAL = (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.SKILL, ValueKind.LINK)


def _cell(text: str | None) -> str:
    """A text that a spreadsheet takes for a text: one that begins as a formula does gets an apostrophe before it. +49 is a number."""
    if not text:
        return ""
    formula = text[0] in "=@\t\r" or (text[0] in "+-" and not text[1:2].isdigit())
    return f"'{text}" if formula else text
