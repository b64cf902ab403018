"""Keys of a record: what finds its twins without a search.

A strong key (a personal e-mail address, a phone number, a profile link) names one person unless it turns out to be shared.
A blocking key (how the name sounds, with a company or a place) only says whom to compare with: it is evidence of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from typing import Any

from profiles.models import Observation, SourceRecord, ValueKind
from profiles.normalise.name import formal_names
from profiles.resolve.names import NameForm, skeleton
from profiles.resolve.traits import Trait, Traits, traits_of

STRONG_KINDS = (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK)

BLOCKING_PREFIX = "block."
NAME_BLOCK = f"{BLOCKING_PREFIX}name:"
AT_COMPANY = f"{BLOCKING_PREFIX}work:"
"""What the blocking keys of a name at a company begin with."""

MAX_HOLDERS = 50
"""Profiles a key remembers. A value held by more is a switchboard or a mailbox for everyone: it finds nobody, and rewriting an
ever longer list would make each further record dearer. 50 is above the 40 colleagues that share one in the generated feeds."""


def is_full(key: Mapping[str, Any]) -> bool:
    """Whether more people may have a value than its key lists. key: the document of the store.

    Once there were more, nobody knows when there are not: of those it lists some may leave, and the others stay unlisted.
    """
    return len(key["profiles"]) >= MAX_HOLDERS or bool(key.get("more"))


MAX_WORKPLACES = 3
"""Companies of one record that make blocking keys: the newest ones, since an older one is met again by name or contact detail."""

MAX_JOBS = 2
"""Companies, and positions, of one record that make keys of jobs, each with each: the newest ones. A position kept at the next company
would pair them wrongly one by one: of 28 who had married in a fictional set of 3,000, that lost one."""


@lru_cache(maxsize=65_536)
def key_of(kind: ValueKind | str, normalised_key: str) -> str:
    """The key's name in the store: "email:" and 32 hex digits (BLAKE2b-128 of the normalised key)."""
    return f"{kind}:{blake2b(normalised_key.encode(), digest_size=16).hexdigest()}"


def contact_keys(observations: Iterable[Observation]) -> tuple[str, ...]:
    """Keys of all contact details, shared mailboxes included: by these a suppression finds everyone who holds the value.

    An address is found by its looser spellings too (without plus tag, without idle dots): they are the same mailbox.
    """
    return tuple(
        dict.fromkeys(
            key_of(o.kind, spelling)
            for o in observations
            if o.kind in STRONG_KINDS
            for spelling in (o.keys[0], *o.parts.get("variants", ()))
        )
    )


def strong_keys(record: SourceRecord) -> tuple[str, ...]:
    """Keys that may identify the person: all contact details but role mailboxes (info@, sales@ ...)."""
    return contact_keys(o for o in record.observations if not o.parts.get("role"))


def blocking_keys(record: SourceRecord) -> tuple[str, ...]:
    """Keys that lead to the persons worth comparing with, the most telling first. See `blocks_of`."""
    return blocks_of(traits_of(record))


def is_blocking(key: str) -> bool:
    """Whether a key only leads to candidates and never identifies."""
    return key.startswith(BLOCKING_PREFIX)


def blocks_of(traits: Traits) -> tuple[str, ...]:
    """The blocking keys of traits; each survives another kind of damage, and names are taken in either order.

    name: how given and family name sound.    work: how a family or given name sounds, and the company.
    job: the first letter of the first name, the company and the position: a family name that is another, or damaged, is met by it.
    place: how the family name sounds, and the city.    local: the e-mail's part before the @, and the initials.
    Of tables: born: birth date; its year with a name.    home: address; postcode or birth place with a name.    number: an id number.
    """
    found: dict[str, None] = {}
    for form in list(traits.names)[:3]:
        for kind, text in _blocks(form, traits):
            found[key_of(BLOCKING_PREFIX + kind, text)] = None
    return tuple(found)


def _blocks(form: NameForm, traits: Traits) -> Iterable[tuple[str, str]]:
    given = _given_sound(form.given[0]) if form.given else ""
    family = skeleton("".join(form.family))
    yield "name", " ".join(sorted((given, family)))
    initials = "".join(sorted((given[:1], family[:1])))
    for company in list(traits.of(Trait.COMPANY))[:MAX_WORKPLACES]:
        yield "work", f"{family} {company}"
        yield "work", f"{given} {company}"
    if form.given:
        for company, position in product(list(traits.of(Trait.COMPANY))[:MAX_JOBS], list(traits.of(Trait.POSITION))[:MAX_JOBS]):
            yield "job", f"{skeleton(form.given[0])[:1]} {company} {position}"
    for place in list(traits.of(Trait.PLACE))[:2]:
        yield "place", f"{family} {place}"
    for email in list(traits.of(Trait.EMAIL))[:3]:
        yield "local", f"{initials} {email.partition('@')[0]}"
    for day in list(traits.of(Trait.BIRTH_DATE))[:2]:
        yield "born", day
        yield "born", f"{given} {day[:4]}"
        yield "born", f"{family} {day[:4]}"
    for number in traits.of(Trait.ID_NUMBER):
        yield "number", number
    for address in list(traits.of(Trait.ADDRESS))[:2]:
        yield "home", address
    for kind in (Trait.POSTCODE, Trait.BIRTH_PLACE):
        for value in list(traits.of(kind))[:2]:
            yield "home", f"{given} {value}"
            yield "home", f"{family} {value}"


@lru_cache(maxsize=65_536)
def _given_sound(word: str) -> str:
    """How the formal name behind a first name sounds: Bob and Robert meet. The longest formal name stands for all of them."""
    return skeleton(max(formal_names(word), key=lambda name: (len(name), name)))
