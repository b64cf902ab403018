"""What a profile says of a company: whether the person works there, and since when not, in words and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from profiles.models import Profile, Value, ValueKind
from profiles.normalise.fold import fold
from profiles.normalise.result import Normalised
from profiles.resolve.likeness import is_misspelt


@dataclass(frozen=True, slots=True)
class Work:
    """asked: the profile's values for the company asked about.    others: for other companies.

    left: why the job is over.    doubt: why that is not sure.
    """

    asked: tuple[Value, ...]
    others: tuple[Value, ...]
    left: str | None
    doubt: str | None

    def is_mail_domain(self, domain: str, company: Normalised) -> bool:
        """Whether a mail domain is that of the company asked about: its own, or its name run together."""
        label = domain.partition(".")[0].replace("-", "")
        keys = (*company.keys, *(key for value in self.asked for key in value.keys))
        names = {key.replace(" ", "") for key in keys}
        return label in names or any(value.parts.get("domain") == domain for value in self.asked)

    def is_elsewhere(self, domain: str) -> bool:
        """Whether a mail domain is known to be another company's that the person is or was with."""
        label = domain.partition(".")[0].replace("-", "")
        names = {key.replace(" ", "") for value in self.others for key in value.keys}
        return label in names or any(value.parts.get("domain") == domain for value in self.others)

    def gives(self, values: Sequence[Value]) -> bool:
        """Whether a record names the company asked about together with one of these values."""
        records = {(source.source_id, source.record_id) for value in values for source in value.sources}
        return any((source.source_id, source.record_id) in records for value in self.asked for source in value.sources)

    def evidence(self) -> list[dict[str, Any]]:
        """What sources say of the job asked about and of the newest other one."""
        said = [_said(value, "this company", self.left) for value in self.asked]
        newest = max(self.others, key=lambda value: value.last_seen, default=None)
        return said + ([_said(newest, "another company", None)] if newest else [])


def work_of(profile: Profile, company: Normalised) -> Work:
    """What a profile says of a company. Two names are of one company when they share a comparison key, or the words run together."""
    companies = profile.of(ValueKind.COMPANY)
    keys = {*company.keys, *(key.replace(" ", "") for key in company.keys)}
    asked = tuple(value for value in companies if _is_same(value, company, keys))
    if asked and all(value.current is False for value in asked):  # the job that followed may be told by a shorter name
        asked += tuple(value for value in companies if value not in asked and value.current is not False and _is_shortened(value, company))
    others = tuple(value for value in companies if value not in asked and not _is_shortened(value, company))
    return Work(asked, others, _left(asked, others) if asked else None, _doubt(asked, others) if asked else None)


def _is_same(value: Value, company: Normalised, keys: set[str]) -> bool:
    """A common key, a misspelt name or the initials: a person's two employers are not called alike but for a letter."""
    own = {*value.keys, *(key.replace(" ", "") for key in value.keys)}
    by_initials = {value.keys[0], company.keys[0]} & {fold(str(one.parts.get("acronym") or "")) or "-" for one in (value, company)}
    return bool(keys & own) or bool(by_initials) or is_misspelt(value.keys[0], company.keys[0])


def _is_shortened(value: Value, company: Normalised) -> bool:
    """Whether a company's name begins with the other's: "Clear" may be Clear Works, and is no other employer."""
    one, other = sorted((value.keys[0].split(), company.keys[0].split()), key=len)
    return other[: len(one)] == one


def _left(asked: tuple[Value, ...], others: tuple[Value, ...]) -> str | None:
    """Why the job is over: a source says so, or one that began later is held elsewhere (few people hold two; feeds lag behind often)."""
    if all(value.current is False for value in asked):
        ended = next((value.ended for value in asked if value.ended), None)
        return f"the person left this company in {ended}" if ended else "a source says that the person has left this company"
    newest = max(asked, key=lambda value: value.last_seen)
    begun = _begun(asked)
    for other in _held(others):
        since = (begun and _is_later(other, begun) and not _said_since(asked, other)) or (
            other.started or ""
        ) > newest.last_seen.isoformat()
        if since:
            return f"the person has been with another company since {other.started}"
        if other.last_seen > newest.last_seen and not begun:
            return f"the person was with another company on {other.last_seen}, and last with this one on {newest.last_seen}"
    return None


def _doubt(asked: tuple[Value, ...], others: tuple[Value, ...]) -> str | None:
    """Why it is not sure that the job is held: another one was attested as held since, or began since and only one source may know better.

    Who has come back to an earlier employer is known by two sources that name it after all that name the other one; one may lag behind.
    """
    newest = max(asked, key=lambda value: value.last_seen)
    begun = _begun(asked)
    for other in _held(others):
        if other.last_seen > newest.last_seen:
            return f"the person was with another company on {other.last_seen}, and last with this one on {newest.last_seen}"
        if begun and _is_later(other, begun) and len(_said_since(asked, other)) < BACK:
            return f"the person began with another company in {other.started}, and one source alone has named this one since"
    return None


BACK = 2  # sources


def _begun(values: tuple[Value, ...]) -> str | None:
    return max((value.started for value in values if value.started), default=None)


def _is_later(other: Value, begun: str) -> bool:
    return other.started is not None and other.started[:7] > begun[:7]


def _said_since(asked: tuple[Value, ...], other: Value) -> set[str]:
    """The sources that have named the company since all that name the other one."""
    return {source.source_id for value in asked for source in value.sources if source.collected_at > other.last_seen}


def _held(others: tuple[Value, ...]) -> list[Value]:
    return [value for value in others if value.current is not False]


def _said(value: Value, which: str, left: str | None) -> dict[str, Any]:
    day = min(source.collected_at for source in value.sources)
    span = f"from {value.started} " if value.started else ""
    span += f"to {value.ended}" if value.ended else ""
    return {
        "says": f"works for {which}, attested on {value.last_seen}" if value.current is not False else f"worked for {which} {span}".strip(),
        "speaks_for": "no" if left or which == "another company" or value.current is False else "yes",
        "since": day.isoformat(),
        "until": value.last_seen.isoformat(),
        "sources": sorted({source.source_id for source in value.sources}),
    }
