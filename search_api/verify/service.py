"""What verifying works with: who is held, who must not be spoken of, what DNS and mail servers say, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from privacy.reading import Holders, ProfileReader
from privacy.suppression import SuppressionList, identify
from profiles.errors import SettingsInvalid, Suppressed
from profiles.models import Profile, Value, ValueKind
from profiles.normalise.result import Normalised, Refused, Result
from profiles.resolve.keys import AT_COMPANY, blocks_of
from profiles.resolve.traits import Said, Span, Traits, traits_from
from search_api.answers import SourceNames
from search_api.errors import ServiceOff
from search_api.tasks import item_body
from search_api.verify.configured import LASTING
from search_api.verify.mail_hosts import MailHostFinder
from search_api.verify.mailboxes import MailboxAsker

Found = tuple[Normalised, Holders]


def utc_now() -> datetime:
    """Now, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Verifier:
    """The parts.

    mailboxes: None where the operator wants no mail server asked.    lasting: how long a check or a source's word counts.
    """

    profiles: ProfileReader
    sources: SourceNames
    suppressions: SuppressionList
    mail_hosts: MailHostFinder
    mailboxes: MailboxAsker | None = None
    lasting: timedelta = timedelta(days=LASTING)
    now: Callable[[], datetime] = utc_now

    async def look_up(self, kind: ValueKind, read: Sequence[Result]) -> list[Refused | Suppressed | Found]:
        """What each text is: none of this kind, somebody's who must not be spoken of, or a value with the living profiles that hold it."""
        good = list({one.keys[0]: one for one in read if isinstance(one, Normalised)}.values())
        try:
            listed = await self.suppressions.listed(kind, good)
        except SettingsInvalid:
            raise ServiceOff("this server verifies nothing: its key is not the one of the suppression list") from None
        allowed = [one for one, suppressed in zip(good, listed, strict=True) if not suppressed]
        holders = dict(zip((one.keys[0] for one in allowed), await self.profiles.holders(kind, allowed), strict=True))
        answer: list[Refused | Suppressed | Found] = []
        for one in read:
            if isinstance(one, Refused):
                answer.append(one)
            else:
                answer.append((one, holders[one.keys[0]]) if one.keys[0] in holders else Suppressed())
        return answer

    async def called_so(self, asked: Sequence[tuple[Normalised, Normalised]]) -> list[tuple[Profile, ...] | None]:
        """For each name and company, the living profiles of all who may be called so there; None where more are than keys remember."""
        blocks = [blocks_of(_traits(name, company)) for name, company in asked]
        keyed = await self.profiles.keyed([key for keys in blocks for key in keys])
        living = await self.profiles.living({id for held in keyed.values() for id in held.ids})
        answer: list[tuple[Profile, ...] | None] = []
        for keys in blocks:
            at_company = [keyed[key] for key in keys if key in keyed and key.startswith(AT_COMPANY)]
            held = [keyed[key] for key in keys if key in keyed]
            full = any(one.full for one in at_company)
            people = {served.id: served for one in held for id in one.ids if (served := living.get(id))}
            answer.append(None if full else tuple(served.whole() for served in people.values()))
        return answer

    async def screened(self, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Kept items, less those of which nothing may be said any more: what they are about is suppressed, or whom they name is gone."""
        living = await self.profiles.living({profile for item in items for profile in _named(item)})
        kept = [_of_the_living(item, living.keys()) for item in items]
        for kind in (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK):
            places = [place for place, item in enumerate(items) if _kind_and_value(item)[0] is kind]
            read = [identify(kind, _kind_and_value(items[place])[1]) for place in places]
            for place, listed in zip(places, await self.suppressions.listed(kind, read) if read else (), strict=True):
                if listed:
                    kept[place] = item_body(Suppressed())
        return kept

    async def known(self, kind: ValueKind, found: Normalised, holders: Holders) -> dict[str, Any]:
        """schemas.Known of a value."""
        values = [value for profile in holders.profiles for value in held_values(profile.of(kind), found)]
        if not values:
            return dict(UNKNOWN)
        newest: dict[str, Any] = {}
        for attested in sorted((s for value in values for s in value.sources), key=lambda s: s.collected_at, reverse=True):
            newest.setdefault(attested.source_id, attested.collected_at)
        sources = []
        for source_id, day in newest.items():
            source = await self.sources.get(source_id)
            name, kind_of_source = (source.name, source.kind.value) if source else (None, None)
            sources.append({"id": source_id, "name": name, "kind": kind_of_source, "last_seen": day.isoformat()})
        return {
            "here": True,
            "exact": any(value.keys[0] == found.keys[0] for value in values),
            "first_seen": min(value.first_seen for value in values).isoformat(),
            "last_seen": max(value.last_seen for value in values).isoformat(),
            "people": len(holders.profiles),
            "profiles": [profile.id for profile in holders.profiles],
            "sources": sources,
        }


def _traits(name: Normalised, company: Normalised) -> Traits:
    span = Span(1, 1)
    return traits_from([Said(ValueKind.NAME, name.keys, name.parts, span), Said(ValueKind.COMPANY, company.keys, company.parts, span)], 1)


UNKNOWN: dict[str, Any] = {
    "here": False, "exact": False, "first_seen": None, "last_seen": None, "people": 0, "profiles": [], "sources": [],
}  # fmt: skip


def _kind_and_value(item: dict[str, Any]) -> tuple[ValueKind | None, str]:
    """What a verdict is about; None when it is about no contact detail."""
    result = item["result"] or {}
    if "answer" in result:
        return (ValueKind(result["kind"]), result["value"]) if result["value"] else (None, "")
    kinds = (("email", ValueKind.EMAIL), ("phone", ValueKind.PHONE), ("link", ValueKind.LINK))
    return next(((kind, result[field]) for field, kind in kinds if result.get(field)), (None, ""))


def _named(item: dict[str, Any]) -> list[str]:
    """Ids of the profiles that a verdict names, the one it rests on first."""
    result = item["result"] or {}
    return [*([result["profile"]] if result.get("profile") else ()), *(result.get("known") or UNKNOWN)["profiles"]]


def _of_the_living(item: dict[str, Any], living: Set[str]) -> dict[str, Any]:
    """A verdict without those who are gone; none where it rests on one of them, or they were all it named."""
    named = _named(item)
    if living >= {*named}:
        return item
    if named[0] not in living and (item["result"].get("profile") or living.isdisjoint(named)):
        return item_body(Suppressed())
    known = item["result"]["known"]
    left = [profile for profile in known["profiles"] if profile in living]
    return {**item, "result": {**item["result"], "known": {**known, "profiles": left, "people": len(left)}}}


def held_values(values: Sequence[Value], found: Normalised) -> list[Value]:
    """Those of the values that are this one, or reach the same mailbox."""
    spellings = {found.keys[0], *(found.parts.get("variants") or ())}
    return [v for v in values if v.keys[0] in spellings or spellings & {*(v.parts.get("variants") or ())}]


def at(moment: datetime) -> str:
    """A moment on the wire: "2026-11-23T09:30:00Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
