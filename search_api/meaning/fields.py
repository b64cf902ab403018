"""What `q` was taken for, as the fields of a request, so that a caller can correct it and send it back.

Titles, places and skills are known by their words. Whether "Siemens" is a person or a company only the data can tell: the hits do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from profiles.models import ValueKind
from profiles.normalise.fold import fold_tokens
from profiles.normalise.job_title import job_title_tokens
from profiles.served import ServedProfile
from search_api.meaning.clauses import Reading

_EXACT = ("email", "phone", "link")
_HELD = (("company", ValueKind.COMPANY), ("job_title", ValueKind.JOB_TITLE), ("skill", ValueKind.SKILL), ("location", ValueKind.LOCATION))


def fields_meant(parts: Sequence[Reading], hits: Sequence[ServedProfile]) -> dict[str, Any]:
    """Field -> its text, or {"all": texts} where several parts are of one field. {} when there is no part.

    hits: of the answer, best first.    Neighbouring words of a name, and of a company, are one text.
    """
    runs: list[tuple[str, list[str]]] = []
    for part in parts:
        field = _field_of(part, hits)
        if runs and runs[-1][0] == field and field in ("name", "company"):
            runs[-1][1].append(part.text)
        else:
            runs.append((field, [part.text]))
    found: dict[str, list[str]] = {}
    for field, words in runs:
        found.setdefault(field, []).append(" ".join(words))
    return {field: texts[0] if len(texts) == 1 or field in _EXACT else {"all": texts} for field, texts in found.items()}


def _field_of(part: Reading, hits: Sequence[ServedProfile]) -> str:
    """A name where the best hit is called so; else what its words say; else what of the hits has them; else a name."""
    words = set(fold_tokens(part.text))
    may_be_name = part.means not in _EXACT and (part.name is not None or len(words) > 1)
    if hits and may_be_name and words & {t for name in hits[0].of(ValueKind.NAME) for key in name.keys for t in key.split()}:
        return "name"
    if part.means:
        return part.means
    for hit in hits:
        for field, kind in _HELD:
            if any(words <= _words_of(value.value) for value in hit.of(kind)):
                return field
    return "name"


@lru_cache(maxsize=16384)
def _words_of(text: str) -> frozenset[str]:
    """As written, and with abbreviations in full. Remembered: the hits of one question say the same few titles and companies."""
    return frozenset((*fold_tokens(text), *job_title_tokens(text)))
