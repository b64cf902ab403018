"""The mapping file said in tantivy's words, and what the embedded engine adds to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import tantivy

from engines.document import DOCUMENT_VERSION
from mappings.reading import fingerprint
from profiles.normalise import NORMALISER_VERSION

LAYOUT_VERSION = 1  # of the fields below and how values are put into them; another number means a rebuild

# Fields of our own beside the mapping's. No mapping field may start with "roster_".
ROW = "roster_row"  # the profile's row id in SQLite: unique, and the order between equals
BY_NAME = "roster_by_name"  # unique sort key: name_sort and row as hexadecimal, so that a range over it needs no quoting
BY_UPDATED = "roster_by_updated"  # unique sort key: the day, then the row counted down (the newest day first, the oldest row first)
MARKER = "roster_marker"  # true on the one document that says how far the index has come
STATE = "roster_state"  # its content: JSON of the indexed sequence and more

_ROW_BITS = 40  # a trillion rows; the 24 bits left hold days until the year 45,000
_ROW_MASK = (1 << _ROW_BITS) - 1
_FILTERS = {"lowercase": tantivy.Filter.lowercase, "asciifolding": tantivy.Filter.ascii_fold}
_OPTIONS = {"text": {"type", "analyzer"}, "keyword": {"type"}, "boolean": {"type"}, "date": {"type"}, "geo_point": {"type"}}


class MappingError(Exception):
    """The mapping file uses something this engine cannot do: a mistake in the product, found by a test."""


@dataclass(frozen=True, slots=True)
class IndexSchema:
    """types: field -> its type in the mapping.    analyzers: name -> tantivy analyzer, to register with every opened index."""

    version: int
    fingerprint: str
    types: Mapping[str, str]
    analyzers: Mapping[str, tantivy.TextAnalyzer]
    tantivy: tantivy.Schema


def build_schema(mapping: Mapping[str, Any]) -> IndexSchema:
    """The tantivy schema of a mapping. Raises MappingError naming what it cannot do."""
    if mapping["mappings"].get("dynamic") != "strict":
        raise MappingError("mappings.dynamic must be strict")
    analyzers = {name: _analyzer(name, spec) for name, spec in mapping["settings"]["analysis"]["analyzer"].items()}
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(ROW, indexed=True, fast=True)
    builder.add_text_field(BY_NAME, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field(BY_UPDATED, indexed=True, fast=True)
    builder.add_boolean_field(MARKER, indexed=True)
    builder.add_bytes_field(STATE, stored=True)
    types: dict[str, str] = {}
    for field, spec in mapping["mappings"]["properties"].items():
        _add_field(builder, field, spec, analyzers)
        types[field] = spec["type"]
    return IndexSchema(mapping["version"], _index_fingerprint(mapping), types, analyzers, builder.build())


def _analyzer(name: str, spec: Mapping[str, Any]) -> tantivy.TextAnalyzer:
    unknown = set(spec) - {"type", "tokenizer", "filter"}
    if unknown or spec.get("type") != "custom" or spec.get("tokenizer") != "whitespace":
        raise MappingError(f"analyzer {name}: only custom analyzers with the whitespace tokenizer and a filter list")
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    for part in spec.get("filter", []):
        if part not in _FILTERS:
            raise MappingError(f"analyzer {name}: filter {part}")
        builder = builder.filter(_FILTERS[part]())
    return builder.build()


def _add_field(builder: tantivy.SchemaBuilder, field: str, spec: Mapping[str, Any], analyzers: Mapping[str, object]) -> None:
    kind = spec.get("type", "")
    if kind not in _OPTIONS or set(spec) - _OPTIONS[kind] or field.startswith("roster_"):
        raise MappingError(f"field {field}: {dict(spec)}")
    match kind:
        case "text":
            if spec.get("analyzer") not in analyzers:
                raise MappingError(f"field {field}: analyzer {spec.get('analyzer')}")
            builder.add_text_field(field, tokenizer_name=spec["analyzer"], index_option="position")
        case "keyword":
            builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
        case "boolean":
            builder.add_boolean_field(field, indexed=True)
        case "date":  # as a day number: day precision is all there is, and small numbers make quick ranges
            builder.add_unsigned_field(field, indexed=True, fast=True)
        case "geo_point":
            # As text: a person may have several, and each must stay a pair. The world has only so many places (70,000 in gazetteer.py),
            # so a circle is asked as the set of the points in it.
            builder.add_text_field(field, tokenizer_name="raw", index_option="basic")


def _index_fingerprint(mapping: Mapping[str, Any]) -> str:
    """Of everything that decides what stands in the index: mapping, normalisers, document shape, this module."""
    parts = f"{fingerprint(mapping)}/{NORMALISER_VERSION}/{DOCUMENT_VERSION}/{LAYOUT_VERSION}"
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def entry(document: Mapping[str, Any], row: int, types: Mapping[str, str]) -> dict[str, Any]:
    """What `engines.document.index_document` made, as tantivy takes it. Raises KeyError for a field the mapping does not have."""
    made: dict[str, Any] = {ROW: row, BY_NAME: name_key(document.get("name_sort") or "", row)}
    made[BY_UPDATED] = updated_key(date.fromisoformat(document["updated"]), row)
    for field, value in document.items():
        if value is None or value == []:
            continue
        kind = types[field]
        if kind == "date":
            made[field] = date.fromisoformat(value).toordinal()
        elif kind == "geo_point":
            points = value if isinstance(value, list) else [value]
            made[field] = [point_term(point["lat"], point["lon"]) for point in points]
        else:
            made[field] = value
    return made


def point_term(lat: float, lon: float) -> str:
    """A point as a term; see `read_point`. Five decimals are a metre."""
    return f"{lat:.5f},{lon:.5f}"


def read_point(term: str) -> tuple[float, float]:
    """Latitude and longitude in degrees."""
    lat, _, lon = term.partition(",")
    return float(lat), float(lon)


def name_key(name: str, row: int) -> str:
    """Sorts as (name, row): hexadecimal keeps the order of the bytes, the zero byte ends the name before any letter."""
    return f"x{name.encode('utf-8', 'ignore').hex()}00{row:016x}"


def updated_key(day: date, row: int) -> int:
    """Sorts as (day, -row)."""
    return day.toordinal() << _ROW_BITS | _ROW_MASK - row
