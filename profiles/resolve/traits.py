"""What is known of a person, in the form in which persons are compared: of one record, or gathered from all records of a profile.

Traits are made of comparison keys, not of what is shown, and are cheap to add up as a record joins. Some kinds (a birth date, an id
number, a street) come only from tables that `roster resolve` reads: no profile has a place for them, so they end with the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from profiles.models import Profile, SourceRecord, ValueKind
from profiles.resolve.names import NameForm, forms_of, telling


class Trait(StrEnum):
    """The kinds of fact that can speak for or against two records being one person. Names are apart."""

    EMAIL = "email"
    MOBILE = "mobile"
    PHONE = "phone"
    LINK = "link"
    COMPANY = "company"
    DOMAIN = "domain"
    BEGUN = "begun"
    TITLE = "title"
    FUNCTION = "function"
    POSITION = "position"
    PLACE = "place"
    COUNTRY = "country"
    SKILL = "skill"
    SOURCE = "source"
    # Of tables only; see the module's docstring.
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    POSTCODE = "postcode"
    GENDER = "gender"
    OCCUPATION = "occupation"


class Span(NamedTuple):
    """First and last day (ordinals) on which records say a fact."""

    first: int
    last: int

    def with_(self, other: Span) -> Span:
        """From the first day of either to the last of either."""
        if self.first <= other.first and other.last <= self.last:
            return self
        return Span(min(self.first, other.first), max(self.last, other.last))


NO_DAYS = Span(0, 0)
"""Of facts that are compared without their days."""


@dataclass(slots=True)
class Traits:
    """names: every form of the name met -> records that say it. facts: kind -> value -> the days it was said.

    records: how many were gathered.
    """

    names: dict[NameForm, int] = field(default_factory=dict)
    facts: dict[Trait, dict[str, Span]] = field(default_factory=dict)
    records: int = 0
    _telling: tuple[int, list[NameForm]] = field(default=(0, []), init=False, repr=False, compare=False)

    def telling(self) -> Sequence[NameForm]:
        """The names to compare by; see `profiles.resolve.names.telling`. Names only come, so their number says whether others have come."""
        if self._telling[0] != len(self.names):
            self._telling = len(self.names), telling(self.names)
        return self._telling[1]

    def add(self, other: Traits) -> None:
        """Gather what another record or person is known by. Nothing of `other` is kept but its values."""
        for name, records in other.names.items():
            self.names[name] = self.names.get(name, 0) + records
        for kind, values in other.facts.items():
            held = self.facts.get(kind)
            if held is None:
                self.facts[kind] = dict(values)
                continue
            for value, span in values.items():
                known = held.get(value)
                held[value] = span if known is None else known.with_(span)
        self.records += other.records

    def say(self, kind: Trait, value: str, span: Span) -> None:
        """Add one fact."""
        if value:
            held = self.facts.get(kind)
            if held is None:
                self.facts[kind] = {value: span}
            elif (known := held.setdefault(value, span)) is not span:
                held[value] = known.with_(span)

    def of(self, kind: Trait) -> dict[str, Span]:
        """The values of a kind; empty when nothing is known."""
        return self.facts.get(kind) or _NOTHING

    def address_names(self) -> list[str]:
        """What stands before the @ of e-mail addresses, and what names pages: both may spell the person's name."""
        return [email.partition("@")[0] for email in self.of(Trait.EMAIL)] + [page.partition(":")[2] for page in self.of(Trait.LINK)]


_NOTHING: dict[str, Span] = {}

_MOBILE_WORDS = frozenset({"mobile", "cell", "cellular", "handy"})


class Said(NamedTuple):
    """A value as records say it: of an observation, or of a value of a profile. started, ended: of a job, "2024-02" or "2024-02-11".

    records: how many say it.
    """

    kind: ValueKind
    keys: tuple[str, ...]
    parts: dict[str, Any]
    span: Span
    started: str | None = None
    ended: str | None = None
    records: int = 1

    def held(self) -> Span:
        """Days on which the job is known to have been held: from its beginning, where that is known, until it ended or was last seen."""
        started, ended = self.started, self.ended
        if not started and not ended:
            return self.span
        first, last = _day(started) if started else self.span.first, _day(ended) if ended else self.span.last
        return Span(first, last) if first <= last else Span(last, first)


@lru_cache(maxsize=16384)
def _day(text: str) -> int:
    """Ordinal of a day, or of the middle of a month."""
    return date.fromisoformat(text if len(text) == 10 else f"{text}-15").toordinal()


def traits_of(record: SourceRecord) -> Traits:
    """The traits of one record, to be read only. Role mailboxes say only which company; a number is a mobile by the number plan or by the
    source's word.
    """
    return _traits(_AsCompared(record))


class _AsCompared:
    """What the traits of a record are made of. A record is asked for them at each step of its way; copies of it share its observations."""

    __slots__ = ("day", "observations", "source")

    def __init__(self, record: SourceRecord) -> None:
        self.observations, self.day, self.source = record.observations, record.collected_at.toordinal(), record.source_id

    def __hash__(self) -> int:
        return id(self.observations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AsCompared) and self.observations is other.observations and self.day == other.day


@lru_cache(maxsize=4096)
def _traits(record: _AsCompared) -> Traits:
    span = Span(record.day, record.day)
    return traits_from([Said(o.kind, o.keys, o.parts, span, o.started, o.ended) for o in record.observations], 1, (record.source,))


def traits_from(said: Sequence[Said], records: int, sources: Iterable[str] = ()) -> Traits:
    """The traits that values make, which so many records say together.    sources: ids of those the records come from."""
    traits = Traits(records=records)
    for value in said:
        if value.kind is ValueKind.NAME:
            for form in forms_of([value]):
                traits.names[form] = min(traits.names.get(form, 0) + value.records, records)
    for source in sources:
        traits.say(Trait.SOURCE, source, NO_DAYS)
    for seen in said:
        take = _TAKERS.get(seen.kind)
        if take is not None:
            take(traits, seen, seen.span)
    return traits


def traits_of_profile(profile: Profile) -> Traits:
    """The traits of a person from the values of a profile."""
    said = []
    for value in profile.values:
        days = [source.collected_at.toordinal() for source in value.sources]
        told = Said(value.kind, value.keys, value.parts, Span(min(days), max(days)), value.started, value.ended, len(value.sources))
        said += [told, *(told._replace(started=source.started) for source in value.sources if source.started)]
    return traits_from(said, len(profile.records), sources_of(profile.records))


def sources_of(records: Iterable[str]) -> frozenset[str]:
    """Ids of the sources that records come from.    records: their keys."""
    return frozenset(key.partition("/")[0] for key in records)


def gathered(records: Iterable[SourceRecord]) -> Traits:
    """The traits of a person from all records."""
    return together(map(traits_of, records))


def together(several: Iterable[Traits]) -> Traits:
    """What is known of one person in several places."""
    whole = Traits()
    for traits in several:
        whole.add(traits)
    return whole


def _email(traits: Traits, seen: Said, span: Span) -> None:
    parts = seen.parts
    if not parts.get("role"):
        traits.say(Trait.EMAIL, seen.keys[0], span)
    if parts.get("registrable_domain") and not parts.get("free") and not parts.get("disposable"):
        traits.say(Trait.DOMAIN, parts["registrable_domain"], span)


def _phone(traits: Traits, seen: Said, span: Span) -> None:
    said, kind = str(seen.parts.get("type") or "").lower(), seen.parts.get("kind")
    mobile = kind == "mobile" or (kind == "fixed_or_mobile" and said in _MOBILE_WORDS)
    traits.say(Trait.MOBILE if mobile else Trait.PHONE, seen.keys[0], span)


def _link(traits: Traits, seen: Said, span: Span) -> None:
    traits.say(Trait.LINK, seen.keys[0], span)


def _company(traits: Traits, seen: Said, span: Span) -> None:
    company = company_core(seen.keys)
    traits.say(Trait.COMPANY, company, seen.held())
    if seen.started:
        traits.say(Trait.BEGUN, f"{seen.started[:7]} {company}", span)
    if seen.parts.get("domain"):
        traits.say(Trait.DOMAIN, seen.parts["domain"], span)


def company_core(keys: tuple[str, ...]) -> str:
    """The key by which companies are compared: run together, without generic last words ("altenrich" for Altenrich Group)."""
    return min((k.replace(" ", "") for k in keys[:4]), key=len)


def _title(traits: Traits, seen: Said, span: Span) -> None:
    traits.say(Trait.TITLE, seen.keys[0], seen.held())
    if seen.parts.get("function"):
        traits.say(Trait.FUNCTION, seen.parts["function"], span)
    traits.say(Trait.POSITION, str(seen.parts.get("base", "")).lower(), span)


@lru_cache(maxsize=16384)
def _place_keys(key: str) -> tuple[str, str]:
    """City ("de/munich", "" when none) and country of a place's first key, "de/bavaria/munich"."""
    country, _, rest = key.partition("/")
    return (f"{country}/{rest.rpartition('/')[2]}" if "/" in rest else ""), country


def _place(traits: Traits, seen: Said, span: Span) -> None:
    city, country = _place_keys(seen.keys[0])
    traits.say(Trait.PLACE, city, span)
    if len(country) == 2:
        traits.say(Trait.COUNTRY, country, span)


def _skill(traits: Traits, seen: Said, span: Span) -> None:
    traits.say(Trait.SKILL, seen.keys[0], span)


_TAKERS = {
    ValueKind.EMAIL: _email, ValueKind.PHONE: _phone, ValueKind.LINK: _link, ValueKind.COMPANY: _company, ValueKind.JOB_TITLE: _title,
    ValueKind.LOCATION: _place, ValueKind.SKILL: _skill,
}  # fmt: skip
