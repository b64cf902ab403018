"""The field map: one row of a feed -> one mapped record in roster's own shape. What no expression asks for is never read.

Expressions are JMESPath (jmespath.org). One line each for what feeds usually need, from a row such as
{"id": 7, "E-mail": "a@b.example", "name": {"first": "Ann"}, "offices": [{"voice": "..."}], "roles": [...], "kind": "sen"}:

    record_id = "id"                                            a field
    emails = '"E-mail"'                                         a field whose name is not a plain word: double quotes inside
    name = { given = "name.first", family = "name.last" }       an object from parts; given is a field of a field
    phones = ["phone", "offices[].voice"]                       several places: what each finds, one after another
    jobs = "roles[].{title: type, ended: end, current: !end}"   one object for each entry of a list; "!" is "not"
    links = [{ network = "'x'", handle = "twitter" }]           a constant stands in single quotes
    name = "full_name || name"                                  the first that is there
    emails = "[email || ''][?contains(@, '@')]"                  only values that look like one
    locations = [{ region = "state", country = "'US'" }]        an object with a constant part
    phones = "offices[?type != 'home'].voice"                   only some entries of a list

The result, every key optional but record_id and name:
{"record_id": str, "collected_at": "YYYY-MM-DD", "url": str, "visibility": str, "valid_until": "YYYY-MM-DD", "country": str,
 "name": str | {full, given, middle, family, suffix, nickname}, "other_names": [like name],
 "emails": [str | {value, type, visibility}], "phones": [str | {value, type, extension, visibility}],
 "jobs": [{title, company, domain, location: str | {text, city, region, country}, started, ended, current: bool}],
 "locations": [str | {text, city, region, country}], "skills": [str], "links": [str | {network, handle, url}]}
`country` is an ISO code, whatever the row calls the country: a hint for reading phone numbers and places. A city does too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from privacy.compiled import Find, compile_expression
from privacy.expressions import REQUIRED_TARGETS, TARGETS, Leaf, Shape, check_fields, explain
from privacy.sources import Source
from profiles.errors import Problem, RecordRejected, SourceInvalid
from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised

MappedRecord = dict[str, Any]
Take = Callable[[Any, str, list[Problem]], Any]

MAX_TEXT = 2000
"""Characters of one value: more than any name, title or url of the feeds seen (longest: 318); beyond it something else is in the field."""
MAX_MANY = 500
"""Values of one field of one record; the longest list seen in a feed has 46. Keeps one broken row from stalling a run."""
MAX_ID_BYTES = 440
"""UTF-8 bytes of a record id: with a source id of 64 and a slash it stays within the 512 bytes a search server allows a key."""

UNREADABLE = "unreadable"
"""What stands for a visibility that was stated but cannot be read."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_WORDS_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class FieldMap:
    """The compiled [fields] and [words] of a source. Raises SourceInvalid when they are wrong."""

    def __init__(self, source: Source) -> None:
        if problems := check_fields(source.fields):
            raise SourceInvalid(problems)
        self._steps: list[tuple[str, Find, Take]] = [
            (target, _compile(source.fields[target]), _taker(target, shape, source.words))
            for target, shape in TARGETS.items()
            if target in source.fields
        ]

    def apply(self, row: Mapping[str, Any], problems: list[Problem] | None = None) -> MappedRecord:
        """The row as a mapped record.

        What is wrong with single fields is added to `problems`; those fields are left out. A record without id or name, or with an
        unreadable last day, is refused with RecordRejected, which names the field and never repeats a value.
        """
        found: list[Problem] = [] if problems is None else problems
        if not isinstance(row, dict):
            raise RecordRejected([Problem("", f"{_type_name(row)} where an object was expected")])
        before = len(found)
        mapped: MappedRecord = {}
        for target, find, take in self._steps:
            try:
                value = find(row)
            except (ValueError, TypeError, ArithmeticError, RecursionError) as error:  # JMESPathError is a ValueError
                found.append(Problem(target, explain(error)))
                value = UNREADABLE if target == "visibility" else None
            if value is not None and value != "":
                value = take(value, target, found)
                if value is not None:
                    mapped[target] = value
        self._require(mapped, found[before:])
        return mapped

    @staticmethod
    def _require(mapped: MappedRecord, problems: list[Problem]) -> None:
        fatal = {*REQUIRED_TARGETS, "valid_until"}
        wrong = [p for p in problems if p.pointer.split(".")[0] in fatal and p.pointer.split(".")[0] not in mapped]
        named = {p.pointer.split(".")[0] for p in wrong}
        wrong += [Problem(target, "is missing or empty") for target in REQUIRED_TARGETS if target not in mapped and target not in named]
        record_id = mapped.get("record_id", "")
        if len(record_id) * 4 > MAX_ID_BYTES and len(record_id.encode()) > MAX_ID_BYTES:
            wrong.append(Problem("record_id", "is too long", f"at most {MAX_ID_BYTES} bytes"))
        if wrong:
            raise RecordRejected(wrong)


# --- finding: entries of [fields] -> functions of a row ---------------------------------------------------------------------------


def _compile(entry: Any) -> Find:
    if isinstance(entry, str):
        return compile_expression(entry)
    if isinstance(entry, dict):
        parts = [(key, _compile(part)) for key, part in entry.items()]
        return lambda row: {key: find(row) for key, find in parts}
    entries = [_compile(part) for part in entry]

    def concatenate(row: Any) -> list[Any]:
        together: list[Any] = []
        for find in entries:
            value = find(row)
            if isinstance(value, list):
                together += value
            elif value is not None:
                together.append(value)
        return together

    return concatenate


# --- taking: what was found -> what the target may hold; None drops it, a Problem says why if it was not simply empty -----------------


def _taker(path: str, shape: Shape, words: Mapping[str, Mapping[str, str]]) -> Take:
    one = _one(path, shape, words)
    return _many(one) if shape.many else one


def _one(path: str, shape: Shape, words: Mapping[str, Mapping[str, str]]) -> Take:
    leaf = _LEAVES[shape.leaf] if shape.leaf else None
    if leaf is _text and path in words:
        leaf = _translated(words[path])
    if leaf and path.endswith("visibility"):
        leaf = _visibility(leaf)
    if path == "country":
        leaf = _country(leaf or _text)
    if not shape.parts:
        return leaf or _text
    return _object({key: _one(f"{path}.{key}", part, words) for key, part in shape.parts.items()}, frozenset(shape.needs), leaf)


def _many(one: Take) -> Take:
    def take(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if not isinstance(value, list):
            value = [value]
        if len(value) > MAX_MANY:
            problems.append(Problem(pointer, f"has {len(value)} values; the first {MAX_MANY} were taken"))
            value = value[:MAX_MANY]
        taken = [kept for item in value if item is not None and item != "" and (kept := one(item, pointer, problems)) is not None]
        return taken or None

    return take


def _object(parts: Mapping[str, Take], needs: frozenset[str], leaf: Take | None) -> Take:
    """An object of the parts; a plain value is taken by `leaf` where the target allows one. Keys without a part are dropped unread."""

    def take(value: Any, pointer: str, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            if leaf is not None:
                return leaf(value, pointer, problems)
            problems.append(Problem(pointer, f"{_type_name(value)} where an object was expected"))
            return None
        taken = {}
        for key, part in value.items():
            if part is not None and part != "" and (one := parts.get(key)):
                kept = one(part, f"{pointer}.{key}", problems)
                if kept is not None:
                    taken[key] = kept
        return taken if not needs.isdisjoint(taken) else None

    return take


def _text(value: Any, pointer: str, problems: list[Problem]) -> str | None:
    if not isinstance(value, str):
        if value != value:  # not a number: how some writers of Parquet say "nothing"
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(Problem(pointer, f"{_type_name(value)} where {Leaf.TEXT} was expected"))
            return None
        value = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    elif not value.isascii():
        value = value.encode("utf-8", "ignore").decode()  # lone surrogates are no text
    value = value.strip()
    if len(value) > MAX_TEXT:
        problems.append(Problem(pointer, f"is longer than {MAX_TEXT} characters"))
        return None
    return value or None


def _translated(words: Mapping[str, str]) -> Take:
    other = words.get("*")

    def take(value: Any, pointer: str, problems: list[Problem]) -> str | None:
        text = _text(value, pointer, problems)
        return None if text is None else (words.get(text, text if other is None else other) or None)

    return take


def _visibility(text: Take) -> Take:
    """A statement that cannot be read is not silence: the source's default must not stand in for it."""

    def take(value: Any, pointer: str, problems: list[Problem]) -> str:
        statement: str | None = text(value, pointer, problems)
        return statement.lower() if statement else UNREADABLE

    return take


def _country(text: Take) -> Take:
    def take(value: Any, pointer: str, problems: list[Problem]) -> str | None:
        said: str | None = text(value, pointer, problems)
        return said and (country_code(said) or None)

    return take


@lru_cache(maxsize=16384)
def country_code(text: str) -> str:
    """The ISO code of a country, or of the country a place is in; "" when it is not recognised. Not a refusal: it is only a hint."""
    if len(text) == 2 and text.isascii() and text.isupper() and text != "UK":
        return text
    found = normalise_location(text)
    return str(found.parts.get("country") or "") if isinstance(found, Normalised) else ""


def _day(value: Any, pointer: str, problems: list[Problem]) -> str | None:
    if isinstance(value, date):  # Parquet has real dates; a datetime is a date
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    text = value.strip()[:10] if isinstance(value, str) else ""
    return _checked_date(text if _DAY.fullmatch(text) else "", pointer, problems, "a day such as 2026-11-23")


def _month(value: Any, pointer: str, problems: list[Problem]) -> str | None:
    if isinstance(value, date):
        return _day(value, pointer, problems)
    text = str(value).strip()[:10] if isinstance(value, str | int) else ""
    return _checked_date(text if _MONTH.fullmatch(text) else "", pointer, problems, "2024, 2024-02 or 2024-02-11")


def _checked_date(text: str, pointer: str, problems: list[Problem], allowed: str) -> str | None:
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)
    except ValueError:
        problems.append(Problem(pointer, "not a date", allowed))
        return None
    return text


def _yes_no(value: Any, pointer: str, problems: list[Problem]) -> bool | None:
    if isinstance(value, bool):
        return value
    known = _WORDS_YES_NO.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if known is None:
        problems.append(Problem(pointer, f"not {Leaf.YES_NO}", "true, false"))
    return known


_LEAVES: Mapping[Leaf, Take] = {Leaf.TEXT: _text, Leaf.DAY: _day, Leaf.MONTH: _month, Leaf.YES_NO: _yes_no}
_TYPE_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "a yes or no",
    int: "a number",
    float: "a number",
    type(None): "nothing",
}


def _type_name(value: Any) -> str:
    return _TYPE_NAMES.get(type(value), f"a {type(value).__name__}")
