"""What a caller knows of somebody, read: from texts to what can be compared with profiles.

A text that is no value of its kind is not compared, and the answer says why; only where nothing is left to look by is it an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from profiles.errors import Problem, QueryInvalid
from profiles.models import ValueKind
from profiles.normalise.company import normalise_company, registrable_domain
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.location import normalise_location
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused, Result
from profiles.resolve.traits import Said, Span, Traits, traits_from

NAMES = ("name", "first_name", "middle_name", "last_name")
IDENTIFYING = ("profile", "email", "phone", "email_hash", "lid")
BESIDE_A_NAME = ("company", "school", "location", "street_address", "locality", "region", "country", "postal_code", "birth_date")
NOT_HELD = ("school", "street_address", "postal_code", "birth_date", "lid")
"""Fields that callers of other services send and no profile here has a place for."""

_ENOUGH = f"one of {', '.join(IDENTIFYING)}; or a name (name, or first_name and last_name) with one of {', '.join(BESIDE_A_NAME)}"
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_PLACE_PARTS = ("locality", "region", "country")
_COMPANY_PAGE = re.compile(
    r"(?:linkedin\.com/(?:company|showcase)|(?:facebook|twitter|x|crunchbase)\.com(?:/organization)?)/([^/?#]+)", re.I
)
_ADDRESS = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?", re.I)


@dataclass(frozen=True, slots=True)
class PersonInput:
    """What is known of somebody, as texts: field -> its values, which are alternatives. Fields: NAMES, IDENTIFYING, BESIDE_A_NAME.

    The country of a phone number written without its code is the field `country`.
    """

    values: Mapping[str, Sequence[str]]

    def first(self, name: str) -> str:
        """The first value of a field; "" when it has none."""
        return next(iter(self.values.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Question:
    """A PersonInput as it is compared.

    traits: name, company and place.    contacts: field and value of each address, number and link.    hashes: of addresses.
    given: the fields that are compared.    not_compared: field -> why it is not.
    """

    traits: Traits
    contacts: tuple[tuple[str, ValueKind, Normalised], ...]
    hashes: tuple[str, ...]
    given: tuple[str, ...]
    not_compared: Mapping[str, str]
    on: int  # the day it is asked, as an ordinal

    @property
    def is_named(self) -> bool:
        """Whether a name was given."""
        return bool(self.traits.names)


@dataclass(slots=True)
class _Reading:
    """What has been read so far. refused: field -> the first of its values that is none."""

    said: list[tuple[str, ValueKind, Normalised]] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)

    def take(self, name: str, kind: ValueKind, found: Result) -> None:
        if isinstance(found, Normalised):
            self.said.append((name, kind, found))
        else:
            self.refused.setdefault(name, found)


def read_person(given: PersonInput, today: date) -> Question:
    """The question that an input is. Raises QueryInvalid where it is too little to tell anybody by, or nothing in it can be read."""
    sent = {name for name, values in given.values.items() if any(value.strip() for value in values)}
    named = "name" in sent or {"first_name", "last_name"} <= sent
    if not sent & {*IDENTIFYING} and not (named and sent & {*BESIDE_A_NAME}):
        raise QueryInvalid([Problem("", "is too little to tell anybody by", _ENOUGH)])
    read = _Reading()
    for name, kind, found in _read_all(given, sent):
        read.take(name, kind, found)
    for text in _texts(given, "email_hash"):
        if _HASH.fullmatch(text.lower()):
            read.hashes.append(text.lower())
        else:
            read.refused.setdefault("email_hash", Refused("is no hash", "SHA-256 or MD5 of the address in small letters, as hex digits"))
    compared = {name for name, _, _ in read.said} | ({"email_hash"} if read.hashes else set())
    if not compared and read.refused:
        raise QueryInvalid(Problem(f"/{name}", found.reason, found.allowed) for name, found in read.refused.items())
    span = Span(today.toordinal(), today.toordinal())
    strong = (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK)
    whole = [Said(kind, found.keys, found.parts, span) for _, kind, found in read.said if kind not in strong]
    return Question(
        traits=traits_from(whole, 1),
        contacts=tuple(one for one in read.said if one[1] in strong),
        hashes=tuple(read.hashes),
        given=tuple(name for name in given.values if name in compared or (name in NAMES and sent & {name} and "name" in compared)),
        not_compared={
            **{name: found.reason for name, found in read.refused.items()},
            **{name: "no profile here says it" for name in NOT_HELD if name in sent},
        },
        on=today.toordinal(),
    )


def _texts(given: PersonInput, name: str) -> list[str]:
    return [text for value in given.values.get(name, ()) if (text := value.strip())]


def _read_all(given: PersonInput, sent: set[str]) -> Iterator[tuple[str, ValueKind, Result]]:
    for text in _texts(given, "name"):
        yield "name", ValueKind.NAME, normalise_name(text)
    if sent & {"first_name", "last_name"}:
        first, middle, last = (given.first(name).strip() for name in ("first_name", "middle_name", "last_name"))
        yield "name", ValueKind.NAME, normalise_name(given=first, middle=middle, family=last)
    for text in _texts(given, "company"):
        yield "company", ValueKind.COMPANY, read_company(text)
    parts = {name: given.first(name).strip() for name in _PLACE_PARTS}
    for text in _texts(given, "location"):
        yield "location", ValueKind.LOCATION, normalise_location(text, country=parts["country"])
    if any(parts.values()):
        place = normalise_location(city=parts["locality"], region=parts["region"], country=parts["country"])
        for name in _PLACE_PARTS:
            if parts[name]:
                yield name, ValueKind.LOCATION, place
    for text in _texts(given, "email"):
        yield "email", ValueKind.EMAIL, normalise_email(text)
    for text in _texts(given, "phone"):
        yield "phone", ValueKind.PHONE, _read_phone(text, parts["country"])
    for text in _texts(given, "profile"):
        yield "profile", ValueKind.LINK, normalise_link(text)


def read_company(text: str) -> Result:
    """A company by its name, its website or its page in a social network."""
    if page := _COMPANY_PAGE.search(text):
        return normalise_company(page[1].replace("-", " "))
    if _ADDRESS.fullmatch(text) and (domain := registrable_domain(text)):
        return normalise_company(domain.partition(".")[0].replace("-", " "), domain)
    return normalise_company(text)


def _read_phone(text: str, country: str) -> Result:
    """A number with its country code, with or without the plus sign, or a national one of the country."""
    place = normalise_location(country=country) if country else None
    found = normalise_phone(text, place.parts["country"] if isinstance(place, Normalised) else None)
    if isinstance(found, Refused) and "+" not in text:
        whole = normalise_phone(f"+{text.strip()}")
        return whole if isinstance(whole, Normalised) else found
    return found
