"""Any table of persons -> which rows are one person: the resolver without a store. Nothing is held once it is done.

A map says how the table is read, in the words of a source file (privacy/fieldmap.py explains the expressions):

    [feed]
    format = "csv"                                          # csv, jsonl or parquet; delimiter and encoding where they differ

    [fields]
    record_id = "id"
    name = { given = "first_name", family = "surname" }     # or full, middle, suffix, nickname
    birth_date = "dob"                                      # kinds of evidence that no profile holds: compared, and forgotten
    address = { number = "house", street = "street" }       # parts of one value are joined; a list means several values
    employer = "company"

Fields: record_id, collected_at, name, other_names, and those of profiles/resolve/table.py.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engines.collecting import collected_seldom
from indexer.export import Lines, whole_file
from indexer.person import profile_id
from indexer.readers import READERS, open_feed
from privacy.compiled import compile_expression
from privacy.expressions import check_expression, columns_asked, explain, nearest
from privacy.sources import Feed
from privacy.toml_file import read_toml
from profiles.errors import InputInvalid, Problem
from profiles.resolve.register import Register
from profiles.resolve.table import FIELDS, NAME_PARTS, keys_of_row, traits_of_row
from profiles.resolve.weights import shipped_weights

Find = Callable[[Any], Any]

NAMES = ("name", "other_names")
ALLOWED = ("record_id", "collected_at", *NAMES, *FIELDS)
WITH_COLUMNS = ("csv", "parquet")
"""Formats in which every row has every column; of JSON lines each may leave fields out."""
EVERY = 1000
"""Rows between two words of progress."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """How a table is read: its format, and for each field how to find it in a row. asked: where the map names which column."""

    feed: Feed
    fields: Mapping[str, Find]
    asked: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class TableSummary:
    """What a run did. read, rejected, repeated: rows; reasons: why rows were rejected, and how many.

    repeated: rows whose record_id an earlier row has: they say more of the same person.    silent: fields that no row has anything of.
    """

    read: int = 0
    persons: int = 0
    rejected: int = 0
    repeated: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    silent: tuple[str, ...] = ()


def read_map(path: Path) -> TableMap:
    """A map file. Raises InputInvalid, which names every field that is wrong."""
    said = read_toml(path, pointer=str(path))
    problems = [Problem(key, "no such table", "feed, fields") for key in said if key not in ("feed", "fields")]
    try:
        feed = Feed.model_validate(said.get("feed") or {})
    except ValidationError as error:
        problems += [Problem(".".join(("feed", *map(str, e["loc"]))), e["msg"]) for e in error.errors()]
    fields = said.get("fields")
    if not isinstance(fields, dict):
        fields = {}
        problems.append(Problem("fields", "is missing", "a table such as record_id = 'id'"))
    for name in ("record_id", "name"):
        if name not in fields:
            problems.append(Problem(f"fields.{name}", "is missing", "an expression such as 'id'"))
    for name, entry in fields.items():
        if name not in ALLOWED:
            problems.append(Problem(f"fields.{name}", "no such field", nearest(name, ALLOWED)))
        else:
            problems += _problems(f"fields.{name}", entry, NAME_PARTS if name in NAMES else None)
    if problems:
        raise InputInvalid(problems)
    asked = (found for name, entry in fields.items() for found in _asked(f"fields.{name}", entry))
    return TableMap(feed, {name: _finder(entry) for name, entry in fields.items()}, tuple(asked))


def _asked(pointer: str, entry: Any) -> Iterable[tuple[str, str]]:
    if isinstance(entry, str):
        return [(pointer, column) for column in columns_asked(entry)]
    parts = entry.items() if isinstance(entry, dict) else enumerate(entry)
    return [found for key, part in parts for found in _asked(f"{pointer}.{key}", part)]


def _problems(pointer: str, entry: object, parts: tuple[str, ...] | None) -> list[Problem]:
    """What is wrong with an entry: an expression, a list of entries, or an object of expressions (of a name: of its parts)."""
    if isinstance(entry, str):
        return check_expression(pointer, entry)
    if isinstance(entry, list):
        return [p for at, one in enumerate(entry) for p in _problems(f"{pointer}.{at}", one, parts)]
    if not isinstance(entry, dict):
        return [Problem(pointer, "is not an expression", "text such as 'id', a list of these, or an object of parts")]
    wrong = [] if parts is None else [key for key in entry if key not in parts]
    return [Problem(f"{pointer}.{key}", "no such part", nearest(key, parts or ())) for key in wrong] + [
        p for key, one in entry.items() if key not in wrong for p in _problems(f"{pointer}.{key}", one, None)
    ]


def _finder(entry: Any) -> Find:
    if isinstance(entry, str):
        return compile_expression(entry)
    if isinstance(entry, dict):
        parts = {key: _finder(part) for key, part in entry.items()}
        return lambda row: {key: find(row) for key, find in parts.items()}
    several = [_finder(one) for one in entry]
    return lambda row: [find(row) for find in several]


@collected_seldom()
def resolve_table(file: Path | str, table: TableMap, out: Path, progress: Callable[[int], None] = lambda _: None) -> TableSummary:
    """Write record_id,profile_id of every row that can be taken to `out`, in the order of the rows.

    Persons are held in memory: about 10 kB a row (wage earners, 1,000 to 9,926 rows: peak 100 to 183 MB).
    Raises InputInvalid when a file cannot be read or written, holds no rows, or lacks a column that the map names.
    """
    if str(file) != "-" and Path(file).exists() and out.exists() and out.samefile(file):
        raise InputInvalid([Problem("--out", "is the table itself", "another file")])
    summary, register, silent = TableSummary(), Register(shipped_weights().for_tables()), set(table.fields)
    checked = table.feed.format not in WITH_COLUMNS
    counted, stream, _ = open_feed(file)
    try:
        for row in READERS[table.feed.format](stream, table.feed):
            summary.read += 1
            if row.fields is not None and not checked:
                _check_columns(table, row.fields)
                checked = True
            found = row_of(row.fields, table) if row.fields is not None else row.problem or Problem("", "cannot be read")
            if isinstance(found, Problem):
                summary.rejected += 1
                summary.reasons[f"{found.pointer} {found.detail}".strip()] += 1
                continue
            traits = traits_of_row(found)
            silent -= {name for name in silent if _says(found[name])}
            summary.repeated += str(found["record_id"]) in register
            register.resolve(str(found["record_id"]), traits, keys_of_row(traits))
            if summary.read % EVERY == 0:
                progress(summary.read)
    finally:
        stream.close()
        counted.close()
    if not summary.read:
        raise InputInvalid([Problem(str(file), "holds no rows", "a table of persons, a row each")])
    summary.silent = tuple(name for name in table.fields if name in silent)
    register.settle()
    summary.persons = len(register.persons)
    founders = {person.number: profile_id(person.records[0]) for person in register.persons.values()}
    with whole_file(out) as written:
        lines = csv.writer(Lines(written), lineterminator="\n")
        lines.writerow(["record_id", "profile_id"])
        lines.writerows((record, founders[person]) for record, person in register.assignments().items())
    return summary


def _check_columns(table: TableMap, row: Mapping[str, Any]) -> None:
    """Raises InputInvalid where the map names columns that the table has not: a word misspelt would pass for a field left empty."""
    missing = [(pointer, column) for pointer, column in table.asked if column not in row]
    if missing:
        raise InputInvalid([Problem(pointer, f"the table has no column {column!r}", nearest(column, row)) for pointer, column in missing])


def _says(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_says, value.values() if isinstance(value, dict) else value))
    return value not in (None, "")


def row_of(row: Mapping[str, Any], table: TableMap) -> dict[str, Any] | Problem:
    """The row as profiles/resolve/table.py takes it, or why it cannot be taken."""
    found: dict[str, Any] = {}
    for name, find in table.fields.items():
        try:
            found[name] = find(row)
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:  # JMESPathError is a ValueError
            return Problem(f"fields.{name}", explain(error))
    if found["record_id"] in (None, ""):
        return Problem("record_id", "is missing or empty")
    return found
