"""Profiles made directly, through the real normalisers, and a store that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import orjson

from engines.base import Collection, Write
from engines.opening import open_writer
from profiles.models import Profile, ProfileState, Value, ValueKind, ValueSource
from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.job_title import normalise_job_title
from profiles.normalise.link import normalise_link
from profiles.normalise.location import normalise_location
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised
from profiles.normalise.skill import normalise_skill
from profiles.resolve.keys import STRONG_KINDS, blocks_of, key_of
from profiles.served import read_served

TODAY = date(2026, 11, 23)
FAR = date(2028, 1, 1)
_NORMALISE = {
    "name": normalise_name,
    "email": normalise_email,
    "phone": normalise_phone,
    "job_title": normalise_job_title,
    "company": normalise_company,
    "location": normalise_location,
    "skill": normalise_skill,
    "link": normalise_link,
}


def value(kind: str, text: str, *, expires_at: date = FAR, source: str = "registry") -> Value:
    """A value of one source, as the indexer would hold it."""
    found = _NORMALISE[kind](text)
    assert isinstance(found, Normalised), f"{kind} of the test is refused: {found}"
    attested = ValueSource(
        source_id=source,
        record_id="r-1",
        collected_at=date(2026, 10, 1),
        first_seen=date(2026, 10, 1),
        expires_at=expires_at,
        url="https://registry.example/r-1",
    )
    return Value(
        kind=ValueKind(kind),
        value=found.value,
        keys=found.keys,
        parts=found.parts,
        score=1.0,
        first_seen=date(2026, 10, 1),
        last_seen=date(2026, 10, 1),
        expires_at=expires_at,
        sources=(attested,),
    )


def person(id: str, *values: Value, updated: date = date(2026, 10, 1), **texts: str | list[str]) -> Profile:
    """One person, held texts by kind: a text or a list of them."""
    made = [value(kind, text) for kind, given in texts.items() for text in ([given] if isinstance(given, str) else given)]
    return Profile(
        id=id, created_at=datetime(2026, 10, 1, tzinfo=UTC), updated=updated, values=(*made, *values), records=(f"registry/{id}",)
    )


def moved(id: str, to: str) -> Profile:
    """What is left of a profile that was merged into another."""
    return Profile(
        id=id, state=ProfileState.MERGED, merged_into=to, created_at=datetime(2026, 10, 1, tzinfo=UTC), updated=date(2026, 10, 1)
    )


def erased(id: str) -> Profile:
    """What is left of an erased profile."""
    return Profile(id=id, state=ProfileState.ERASED, created_at=datetime(2026, 10, 1, tzinfo=UTC), updated=date(2026, 10, 1))


def key_writes(people: Iterable[Profile]) -> list[Write]:
    """The keys of their contact details, and those that lead to whom to compare with, as the indexer keeps them."""
    held: dict[str, list[str]] = {}
    for profile in people:
        for value in profile.values:
            if value.kind in STRONG_KINDS:
                for form in (value.keys[0], *(value.parts.get("variants") or ())):
                    held.setdefault(key_of(value.kind, form), []).append(profile.id)
        if served := read_served(profile.model_dump_json().encode(), TODAY):
            for key in blocks_of(served.traits()):
                held.setdefault(key, []).append(profile.id)
    return [Write(Collection.KEYS, key, orjson.dumps({"profiles": ids, "shared": False})) for key, ids in held.items()]


async def fill(url: str, people: Iterable[Profile], sources: Iterable[tuple[str, bytes]] = ()) -> None:
    """Write profiles with their keys, and sources, into a store, and bring its index up to date."""
    writer: Any = await open_writer(url)
    try:
        people = tuple(people)
        writes = [*(Write(Collection.PROFILES, p.id, p.model_dump_json().encode()) for p in people), *key_writes(people)]
        writes += [Write(Collection.SOURCES, id, body) for id, body in sources]
        await writer.contacts.write(writes)
        await writer.index.catch_up()
    finally:
        await writer.close()


PEOPLE = (
    person(
        "schumer",
        name="Charles E. Schumer",
        job_title="United States Senator",
        company="United States Senate",
        location="New York",
        phone="+1 202-555-0142",
        link="https://x.com/senschumer",
    ),
    person(
        "gillibrand",
        name="Kirsten Gillibrand",
        job_title="United States Senator",
        company="United States Senate",
        location="New York",
        email="kirsten@senate.example",
    ),
    person("klobuchar", name="Amy Klobuchar", job_title="United States Senator", company="United States Senate", location="Minnesota"),
    person(
        "pelosi", name="Nancy Pelosi", job_title="Representative", company="House of Representatives", location="San Francisco, California"
    ),
    person("foxx", name="Virginia Foxx", job_title="Representative", company="House of Representatives", location="North Carolina"),
    person("warnock", name="Raphael Warnock", job_title="United States Senator", company="United States Senate", location="Georgia, USA"),
    person("fox_va", name="Martin Fox", job_title="Delegate", company="House of Delegates", location="Richmond, Virginia"),
    person("hilton", name="Paris Hilton", job_title="Chief Executive Officer", company="Hilton Media", location="Los Angeles"),
    person("parisian", name="Jean Martin", job_title="Hotel Manager", company="Hilton", location="Paris, France"),
    person("austin", name="Austin Smith", job_title="Accountant", company="Birchhouse Ltd", location="Leeds"),
    person("smith_tx", name="Carla Smith", job_title="Accountant", company="Stanwick Retail", location="Austin, Texas"),
    person(
        "bob",
        name="Bob Crossbury",
        job_title="VP Engineering",
        company="Stanwick Retail GmbH",
        location="Munich",
        skill=["Kubernetes", "C++"],
    ),
    person(
        "robert", name="Robert Crossbury", job_title="Software Engineer", company="Birchhouse", location="Berlin", skill=["Python", "C#"]
    ),
    person(
        "garcia", name="María García-López", job_title="Data Engineer", company="Optovamark", location="Madrid", skill=["Python", "SQL"]
    ),
    person(
        "jane",
        name="Jane Doe",
        job_title="Vice President of Engineering",
        company="Emberpoint Inc",
        location="Munich, Germany",
        email="jane.doe+news@emberpoint.example",
        phone="+49 30 23125 104",
        link="https://www.linkedin.com/in/jane-doe",
        skill=["Node.js", "Kubernetes"],
        updated=date(2026, 11, 20),
    ),
)
