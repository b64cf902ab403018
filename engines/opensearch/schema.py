"""The mapping file as the body of a search index, and the fingerprint of everything that decides what stands in one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engines.document import DOCUMENT_VERSION
from mappings.reading import fingerprint, load_mapping
from profiles.normalise import NORMALISER_VERSION

LAYOUT_VERSION = 2  # of what this module adds to the mapping; another number means a rebuild

BRIEF = "brief"
"""The field that holds what a hit shows, as one text: OpenSearch stores it and does not look into it."""

FIXED: Mapping[str, Any] = {
    "auto_expand_replicas": "0-1",  # a copy as soon as there is a second node
    "refresh_interval": "1s",  # a change is found a second after it was indexed
    "merge.policy.expunge_deletes_allowed": 0,  # as documents.py: what was destroyed leaves every segment
    "gc_deletes": "1h",  # how long a deletion is remembered, so that a process that was held up cannot bring an old entry back
}
"""Settings of an index in use, beside the mapping's own."""

FILLING: Mapping[str, Any] = {"auto_expand_replicas": False, "number_of_replicas": 0, "refresh_interval": "-1"}
"""Settings while an index is being filled: every document is written once, and nobody searches it yet."""


@dataclass(frozen=True, slots=True)
class SearchSchema:
    """types: field -> its type in the mapping.    fingerprint: 12 hex digits of mapping, normalisers and document shape."""

    version: int
    fingerprint: str
    types: Mapping[str, str]
    mapping: Mapping[str, Any]

    def meta(self) -> dict[str, Any]:
        """What an index says of itself."""
        return {
            "mapping_version": self.version,
            "mapping_fingerprint": fingerprint(self.mapping),
            "normaliser_version": NORMALISER_VERSION,
            "document_version": DOCUMENT_VERSION,
            "layout_version": LAYOUT_VERSION,
            "fingerprint": self.fingerprint,
        }

    def body(self, *, filling: bool) -> dict[str, Any]:
        """The request that creates an index."""
        settings, mappings = self.mapping["settings"], self.mapping["mappings"]
        fields = {**mappings["properties"], BRIEF: {"type": "object", "enabled": False}}
        index = {**settings.get("index", {}), **FIXED, **(FILLING if filling else {})}
        return {
            "settings": {"index": index, "analysis": settings["analysis"]},
            "mappings": {**mappings, "properties": fields, "_meta": self.meta()},
        }


@lru_cache(maxsize=1)
def current_schema() -> SearchSchema:
    """The schema this version of roster builds and asks."""
    return make_schema(load_mapping())


def make_schema(mapping: Mapping[str, Any]) -> SearchSchema:
    """The schema of a mapping file."""
    said = f"{fingerprint(mapping)}/{NORMALISER_VERSION}/{DOCUMENT_VERSION}/{LAYOUT_VERSION}"
    types = {field: spec["type"] for field, spec in mapping["mappings"]["properties"].items()}
    return SearchSchema(mapping["version"], hashlib.sha256(said.encode()).hexdigest()[:12], types, mapping)
