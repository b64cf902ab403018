"""The traits of one row of any table of persons: what `roster resolve FILE` compares. Pure.

A table may say more about a person than a profile may hold (a birth date, an id number, a home address). It is compared, and forgotten
with the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.fold import fold
from profiles.normalise.job_title import normalise_job_title
from profiles.normalise.link import normalise_link
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised
from profiles.normalise.tables import word_set
from profiles.resolve.keys import blocks_of, key_of
from profiles.resolve.names import NameForm
from profiles.resolve.traits import Span, Trait, Traits, company_core

Row = Mapping[str, Any]

NAME_PARTS = ("full", "given", "middle", "family", "suffix", "nickname")

NOT_NAMES = word_set(
    """
    mr mrs ms miss master oldest youngest eldest child son daughter wife husband mother father brother sister spouse baby lady gentleman
    owner tenant resident unknown
    """
)
"""Words that clerks write where no name is known: who somebody is to the household, or a form of address."""

TITLES = word_set("sir dame lord baron baronet bart bt earl viscount marquess duke 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th")
"""Words of rank, left out of a name: two knights would share a first name."""

_STRONG = (Trait.EMAIL, Trait.MOBILE, Trait.PHONE, Trait.LINK)


def traits_of_row(row: Row) -> Traits:
    """row: field of FIELDS -> text, list of texts, or (for a name) its parts. What cannot be read says nothing."""
    day = _day(str(row.get("collected_at") or ""))
    traits = Traits(records=1)
    for name in (*_many(row.get("name")), *_many(row.get("other_names"))):
        for form in name_forms(name):
            traits.names[form] = 1
    if not traits.names:
        traits.names[NameForm((), ())] = 1
    for field, take in FIELDS.items():
        for value in _many(row.get(field)):
            if text := _joined(value):
                take(traits, text, Span(day, day))
    return traits


def keys_of_row(traits: Traits) -> tuple[str, ...]:
    """Strong and blocking keys, as the store has them."""
    strong = [key_of(kind, value) for kind in _STRONG for value in traits.of(kind)]
    return (*strong, *blocks_of(traits))


def name_forms(said: Any) -> Iterable[NameForm]:
    """The forms of a name given whole or in parts; a part alone is a form with the other part missing."""
    parts = {k: str(v) for k, v in said.items() if v and k in NAME_PARTS} if isinstance(said, dict) else {"full": str(said)}
    for part in ("given", "family"):
        if NOT_NAMES.intersection(fold(parts.get(part, "")).split()):
            del parts[part]
    parts = {part: " ".join(word for word in text.split() if fold(word).strip(" .,") not in TITLES) for part, text in parts.items()}
    full = parts.pop("full", "")
    if full or (parts.get("given") and parts.get("family")):
        found = normalise_name(full, **parts)
        if isinstance(found, Normalised):
            given, family = tuple(found.parts["given_tokens"]), tuple(found.parts["family_tokens"])
            yield NameForm(given, family, str(found.parts.get("suffix") or "").lower().rstrip("."))
            return
    given, family = tuple(fold(parts.get("given", "")).split()), tuple(fold(parts.get("family", "")).split())
    if given or family:
        yield NameForm(given, family)


def _many(value: Any) -> Iterable[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _joined(value: Any) -> str:
    """Text of a value, or of the parts of one."""
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part not in (None, ""))
    return "" if value is None or value != value else str(value)  # not a number: how some writers say "nothing"


def _day(text: str) -> int:
    try:
        return date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        return 0


def _text(kind: Trait) -> Callable[[Traits, str, Span], None]:
    def take(traits: Traits, value: str, span: Span) -> None:
        traits.say(kind, fold(value), span)

    return take


_DATE = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?!\d)")
_DATE_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def _birth(traits: Traits, value: str, span: Span) -> None:
    """Dates such as "1980-05-17", "19800517", "17.05.1980", or a year."""
    if found := _DATE.search(value):
        year, month, day = found.groups()
        traits.say(Trait.BIRTH_DATE, f"{year}-{int(month):02}-{int(day):02}", span)
    elif found := _DATE_LAST.search(value):
        day, month, year = found.groups()
        traits.say(Trait.BIRTH_DATE, f"{year}-{int(month):02}-{int(day):02}", span)
    elif found := re.search(r"\d{4}", value):
        traits.say(Trait.BIRTH_DATE, found.group(), span)


def _company(traits: Traits, value: str, span: Span) -> None:
    found = normalise_company(value)
    if isinstance(found, Normalised):
        traits.say(Trait.COMPANY, company_core(found.keys), span)


def _title(traits: Traits, value: str, span: Span) -> None:
    found = normalise_job_title(value)
    if isinstance(found, Normalised):
        traits.say(Trait.TITLE, found.keys[0], span)
        traits.say(Trait.FUNCTION, str(found.parts.get("function") or ""), span)


def _email(traits: Traits, value: str, span: Span) -> None:
    found = normalise_email(value)
    if isinstance(found, Normalised):
        if not found.parts.get("role"):
            traits.say(Trait.EMAIL, found.keys[0], span)
        if not found.parts.get("free") and not found.parts.get("disposable"):
            traits.say(Trait.DOMAIN, str(found.parts.get("registrable_domain") or ""), span)


def _phone(traits: Traits, value: str, span: Span) -> None:
    found = normalise_phone(value)
    if isinstance(found, Normalised):
        traits.say(Trait.MOBILE if found.parts.get("kind") == "mobile" else Trait.PHONE, found.keys[0], span)
    else:  # a table may have national numbers of one country: digits compare as well
        traits.say(Trait.PHONE, re.sub(r"\D", "", value), span)


def _link(traits: Traits, value: str, span: Span) -> None:
    found = normalise_link(value)
    if isinstance(found, Normalised):
        traits.say(Trait.LINK, found.keys[0], span)


FIELDS: dict[str, Callable[[Traits, str, Span], None]] = {
    "birth_date": _birth,
    "birth_place": _text(Trait.BIRTH_PLACE),
    "id_number": _text(Trait.ID_NUMBER),
    "address": _text(Trait.ADDRESS),
    "postcode": _text(Trait.POSTCODE),
    "city": _text(Trait.PLACE),
    "country": _text(Trait.COUNTRY),
    "gender": _text(Trait.GENDER),
    "occupation": _text(Trait.OCCUPATION),
    "employer": _company,
    "title": _title,
    "emails": _email,
    "phones": _phone,
    "links": _link,
    "skills": _text(Trait.SKILL),
}
"""What a table may say, besides record_id, collected_at, name and other_names."""
