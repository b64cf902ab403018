"""What a normaliser returns: a Normalised value, or a Refused with the reason. No normaliser raises on any string."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Normalised:
    """A recognised value.

    value: canonical form, fit to show.
    keys: comparison keys, never empty; the first identifies the value (equal first key = same value), the others are
        looser (variants, domains, phonetic codes) as the normaliser's own docstring says.
    parts: JSON-ready parts (str, int, float, bool, None, list of str), named in the normaliser's docstring.
    """

    value: str
    keys: tuple[str, ...]
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text is not a value of this kind. The texts never repeat the input, which may be personal data."""

    reason: str
    allowed: str = ""


Result = Normalised | Refused
