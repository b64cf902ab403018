"""The text side of places: repairing, splitting and stripping what people write, before anything is looked up (see location.py)."""

from __future__ import annotations

import re
from typing import NamedTuple

from profiles.normalise.fold import fold
from profiles.normalise.gazetteer import restored

LONGEST = 200  # characters read of any field: the longest honest address line in the feeds has under 100
MOST_PARTS = 6  # "street, district, city, county, region, country" is as deep as an address goes

_MANGLED = re.compile("[ÃÂÄÅÐÑÎÏ]")
_SEPARATORS = re.compile(r"[,;|/·•>()\[\]\n\t]+| [-–—] ")
_ADDRESS = re.compile(r"\w@\w|://|\bwww\.")
_REMOTE = re.compile(
    r"\b((fully|100|partly|mostly) )?(remote|remotely|wfh|telecommute|home ?office|homeoffice|hybrid|distributed|virtual|on ?site)"
    r"( (first|only|work|working|worker|position|friendly))?\b|\bwork(ing)? from (home|anywhere)\b"
)
_WIDE = frozenset((
    "worldwide", "global", "anywhere", "international", "earth", "world", "the world", "all over the world", "planet earth", "europe",
    "europa", "asia", "africa", "oceania", "emea", "apac", "latam", "amer", "americas", "dach", "mena", "eu", "nordics", "benelux",
    "scandinavia", "balkans", "baltics", "north america", "south america", "latin america", "middle east", "european union",
    "asia pacific", "western europe", "eastern europe", "central europe", "southeast asia", "european economic area",
))  # fmt: skip
NOTHING = frozenset((
    "n a", "na", "none", "null", "nil", "unknown", "other", "various", "several", "tbd", "tba", "not specified", "undisclosed",
    "confidential", "multiple locations",
))  # fmt: skip
_UK_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}\b")
_NL_POSTCODE = re.compile(r"^\d{4} [a-z]{2} (?=[a-z]{3})")
_DIGIT_WORD = re.compile(r"\b\w*\d\w*\b")
_CITY_OF = re.compile(r"^(?:city of|stadt|landeshauptstadt|hansestadt|ville de|ciudad de|citta di|miasto|near|in|based in)\s+(.+)$")
_METRO_BEFORE = re.compile(
    r"^(?:greater|metro|metropolitan|grossraum|raum|grand|gran|grande|metropolregion|agglomeration|agglomeration de|region|"
    r"area metropolitana (?:de|di|do))\s+(.+)$"
)
_METRO_AFTER = re.compile(
    r"^(.+?)\s+(?:metropolitan area|metropolitan region|metro area|metro region|metroplex|metropolis|metro|area|region|surroundings|"
    r"and surroundings|en omgeving|und umgebung|et alentours|et peripherie|y alrededores|e dintorni|og omegn|med omnejd|i okolice)$"
)


class Part(NamedTuple):
    """One part of a place text: as written, and folded without post codes.

    around: the words after the last and before the first word with digits, ("berlin", "hauptstr") of "Hauptstr. 12 Berlin"; () without.
    """

    raw: str
    folded: str
    around: tuple[str, ...] = ()

    @property
    def numbered(self) -> bool:
        """Whether there was a word with digits, as streets have."""
        return bool(self.around)


class PlaceText(NamedTuple):
    """What is left to look up.

    whole: the folded text before splitting.    dropped: why parts were left out ("remote", "wide", "nothing").
    is_address: an e-mail or web address stands in the field.
    """

    whole: str
    parts: tuple[Part, ...]
    dropped: frozenset[str]
    is_address: bool


def tidy(text: str) -> str:
    """One line, no longer than LONGEST; UTF-8 that was read as Latin-1 ("MÃ¼nchen") is repaired where that works."""
    clean = text[:LONGEST].strip()
    if _MANGLED.search(clean):
        for encoding in ("cp1252", "latin-1"):
            try:
                return clean.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
    return clean


def split(text: str) -> PlaceText:
    """The parts of a tidied text, most specific first as written; ways of working and areas wider than a country are left out."""
    parts, dropped = [], set()
    for raw in _SEPARATORS.split(text)[: MOST_PARTS * 2]:
        folded = fold(raw)
        if "?" in raw or "\ufffd" in raw:
            raw = folded = restored(raw.strip()) or folded
        without_remote = " ".join(_REMOTE.sub(" ", folded).split())
        if without_remote != folded:
            dropped.add("remote")
            raw = folded = without_remote.removeprefix("from ").removeprefix("in ")
        if folded in _WIDE or folded in NOTHING:
            dropped.add("wide" if folded in _WIDE else "nothing")
            continue
        plain = _plain(folded)
        if plain:
            parts.append(Part(_shown(raw, plain), plain, _around(folded) if plain != folded else ()))
    return PlaceText(fold(text), tuple(parts[:MOST_PARTS]), frozenset(dropped), bool(_ADDRESS.search(text)))


def _plain(folded: str) -> str:
    """Without post codes, house numbers and numbers of districts."""
    if not any(c.isdigit() for c in folded):
        return folded
    without = _DIGIT_WORD.sub(" ", _NL_POSTCODE.sub("", _UK_POSTCODE.sub(" ", folded)))
    return re.sub(r"^[a-z] (?=\S)", "", " ".join(without.split()))  # "D 80331 München"


def _around(folded: str) -> tuple[str, ...]:
    """The words after the last and before the first word with digits; the whole text when only a letter was dropped ("d munchen")."""
    pieces = [piece.strip() for piece in _DIGIT_WORD.split(folded)]
    return tuple(dict.fromkeys(piece for piece in (pieces[-1], pieces[0]) if piece)) or (folded,)


def _shown(raw: str, plain: str) -> str:
    """Fit to show: blanks single, no digits; words of one case get capitals.    plain: shown where digits take all words ("12:Munich")."""
    words = [w for w in raw.split() if not any(c.isdigit() for c in w)]
    shown = " ".join(words) if any(c.isalpha() for w in words for c in w) else plain
    return shown.title() if shown.islower() or (shown.isupper() and len(shown) > 3) else shown


def forms(folded: str) -> list[tuple[str, bool]]:
    """What a part may name, likeliest first, each with whether the area around is meant: "greater munich area" -> "munich", True."""
    found = [(folded, False)]
    if city_of := _CITY_OF.match(folded):
        found.append((city_of[1], False))
    after = _METRO_AFTER.match(folded)
    core = after[1] if after else folded
    before = _METRO_BEFORE.match(core)
    if after:
        found.append((core, True))
    if before:
        found.append((before[1], True))
    if folded.endswith(" city"):
        found.append((folded.removesuffix(" city"), False))
    return found
