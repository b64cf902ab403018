"""Folding: any script to plain a-z and 0-9, the common ground of every comparison key and search token."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"[’'`´ʼ]")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case a-z0-9 words joined by single blanks: "José García-López" -> "jose garcia lopez", "O'Neil" -> "oneil".

    Other scripts are romanised (anyascii). Never raises; lone surrogates are dropped.
    """
    clean = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())
    return _NOT_WORD.sub(" ", anyascii(_APOSTROPHES.sub("", clean)).lower()).strip()


def fold_tokens(text: str) -> tuple[str, ...]:
    """The folded words of a text."""
    return tuple(fold(text).split())
