"""Upper and lower case of names: "JOHN SMITH" and "zofia pawlik" as a person writes them; mixed case is left as it is."""

from __future__ import annotations

import re
from functools import lru_cache

from profiles.normalise.name_data import MAC_NAMES, PARTICLES

_PIECE = re.compile(r"[^-‐‑–'’ʼ./]+")
_VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ]", re.IGNORECASE)


def _piece(text: str) -> str:
    low = text.lower()
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    if low in MAC_NAMES:
        return "Mac" + low[3:].capitalize()
    return low[:1].title() + low[1:]


@lru_cache(maxsize=32768)
def title_word(word: str) -> str:
    """One word with its capitals: "o'neil-mcdonald" -> "O'Neil-McDonald", "JEAN-LUC" -> "Jean-Luc", "D’ANGELO" -> "D’Angelo"."""
    return _PIECE.sub(lambda m: _piece(m.group()), word)


def _is_loud(word: str) -> bool:
    """Whether a word is written in capitals but for the small letters that Mc and the like always have ("McDONALD")."""
    return word.isupper() or (len(word) > 3 and word.startswith(("Mc", "Mac")) and word[3:].isupper())


def recase(words: list[str], *, whole_lower: bool, whole_upper: bool, family: bool) -> list[str]:
    """The words of one part in usual case.

    whole_lower, whole_upper: the case of the whole name: it tells "JB" in "JB Pritzker" (kept) from "LI" in "LI WEI" (Li).
    family: whether particles may be among the words ("DE LA CRUZ" -> "de la Cruz"); the last word never is one.
    """
    out = []
    for index, word in enumerate(words):
        low = word.lower()
        if not (whole_lower or _is_loud(word)):
            out.append(word)
        elif family and index < len(words) - 1 and low in PARTICLES:
            out.append(low)
        elif not whole_lower and len(word) == 2 and word.isalpha() and not family and (not whole_upper or not _VOWEL.search(word)):
            out.append(word)  # initials written together: JB, AJ
        else:
            out.append(title_word(word))
    return out
