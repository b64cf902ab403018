"""E-mail addresses, phone numbers and social profiles: recognised in free text, and found by their exact keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engines.query import Clause, Term
from mappings.reading import Ranking
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused, Result
from search_api.meaning.clauses import best

# Where a number without a country code is tried. A full list would read any number as dozens of others; these are the largest
# business languages' countries. Of 44 held numbers of the generated feeds, asked as typed, the first 18 countries found 42, these all.
HOME_COUNTRIES = (
    "US", "GB", "DE", "FR", "NL", "ES", "IT", "SE", "AT", "CH", "PL", "BE", "IE", "DK", "NO", "FI", "AU",
    "IN", "PT", "HU", "CZ", "RO", "GR", "TR", "BR", "MX", "JP", "KR", "CN", "SG", "NZ", "ZA", "AE", "EG",
)  # fmt: skip

_EMAIL = re.compile(r"[^\s@<>,;:\"'()]+@[^\s@<>,;:\"'()]+\.[^\s@<>,;:\"'()]+")
_PHONE = re.compile(r"(?<![\w@/.])(?:tel:|\+|\(|\d)[\d\s().\-/+]{5,}\d(?:\s*(?:x|ext\.?)\s*\d{1,6})?(?![\w@])", re.IGNORECASE)
_HANDLE = re.compile(r"@[\w.\-]{2,60}(?:@[\w.\-]+\.\w+)?")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[a-z0-9\-]+(?:\.[a-z0-9\-]+)+/\S+", re.IGNORECASE)
_MIN_DIGITS = 7  # fewer are a postcode, a year or part of a company's name


@dataclass(frozen=True, slots=True)
class Found:
    """An exact value in free text: as it stood there, what it is, the clause that finds it, and the field of a request for it."""

    text: str
    kind: str
    clause: Clause
    field: str


def find_contacts(text: str, ranking: Ranking) -> tuple[list[Found], str]:
    """The exact values in a text, and the text without them."""
    found: list[Found] = []
    for kind, field, pattern, make in (
        ("e-mail address", "email", _EMAIL, email_clause),
        ("profile link", "link", _LINK, link_clause),
        ("handle", "link", _HANDLE, link_clause),
        ("phone number", "phone", _PHONE, phone_clause),
    ):
        for match in pattern.findall(text):
            clause = make(match, ranking)
            if isinstance(clause, Refused):
                continue
            found.append(Found(match.strip(), kind, clause, field))
            text = text.replace(match, " ", 1)
    return found, text


def email_clause(text: str, ranking: Ranking) -> Clause | Refused:
    """The address, or the same mailbox spelt otherwise."""
    result = normalise_email(text)
    if isinstance(result, Refused):
        return result
    exact = Term("email", result.keys[0], ranking.weight("contact", "exact"), "e-mail address")
    variants = [Term("email", v, ranking.weight("contact", "variant"), "spelling of the address") for v in result.parts.get("variants", ())]
    return best((exact, *variants))


def phone_clause(text: str, ranking: Ranking) -> Clause | Refused:
    """The number; without a country code, the number in each country where it could exist."""
    if sum(c.isdecimal() for c in text) < _MIN_DIGITS:
        return Refused("is too short for a phone number", f"at least {_MIN_DIGITS} digits")
    digits = re.sub(r"^(tel:)?\s*00(?=[1-9])", "+", text.strip(), flags=re.IGNORECASE)
    readings = _read_phone(digits)
    numbers = dict.fromkeys(r.keys[0] for r in readings if isinstance(r, Normalised))
    if not numbers:
        return next(r for r in readings if isinstance(r, Refused))
    return best(Term("phone", number, ranking.weight("contact", "exact"), "phone number") for number in numbers)


@lru_cache(maxsize=1024)
def _read_phone(text: str) -> tuple[Result, ...]:
    alone = normalise_phone(text)
    if isinstance(alone, Normalised) or text.startswith("+"):
        return (alone,)
    return (alone, *(normalise_phone(text, country) for country in HOME_COUNTRIES))


def link_clause(text: str, ranking: Ranking) -> Clause | Refused:
    """A social profile by its link, or by a handle whatever the network."""
    result = normalise_link(text)
    if isinstance(result, Normalised):
        return Term("link", result.keys[0], ranking.weight("contact", "exact"), "profile link")
    handle = text.strip().lstrip("@").lower()
    if re.fullmatch(r"[\w.\-]{2,60}", handle):
        return Term("handle", handle, ranking.weight("contact", "exact"), "handle")
    return result
