"""Exports for people who check or move the data: which record belongs to whom, and all profiles. Sorted: same state, same bytes."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson

from engines.base import Collection, Reader, Writer
from privacy.reading import ProfileReader, hidden_ids
from profiles.errors import InputInvalid, Problem
from profiles.models import SourceRecord


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when complete, readable by its owner only; of one that is not, nothing stays.

    Raises InputInvalid.
    """
    beside = path.with_name(path.name + ".part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise InputInvalid([Problem("--out", f"cannot be written: {error.strerror}", "a file in a writable folder")]) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


async def export_assignments(store: Reader | Writer, out: Path) -> int:
    """Write source,record_id,profile_id for every record held, but those of hidden persons; returns their number."""
    written = 0
    hidden = await hidden_ids(store)
    with whole_file(out) as file:
        lines = csv.writer(Lines(file), lineterminator="\n")
        lines.writerow(["source", "record_id", "profile_id"])
        async for document in store.contacts.scan(Collection.RECORDS):
            record = SourceRecord.model_validate_json(document.body)
            if record.observations and record.profile_id not in hidden:
                lines.writerow([record.source_id, record.record_id, record.profile_id])
                written += 1
    return written


async def export_profiles(profiles: ProfileReader, out: Path) -> int:
    """Write every profile that may be shown, one JSON object a line, by id; returns their number.

    The moment a profile was founded is left out: it decides which id survives a merge, and says nothing about the person.
    """
    written = 0
    with whole_file(out) as file:
        async for profile in profiles.all():
            body = profile.model_dump(mode="json", exclude={"created_at"}, exclude_defaults=True)
            file.write(orjson.dumps(body, option=orjson.OPT_SORT_KEYS) + b"\n")
            written += 1
    return written


class Lines:
    """What csv.writer needs of a file, over bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write the text as UTF-8."""
        return self._file.write(text.encode())
