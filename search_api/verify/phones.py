"""Verdicts on phone numbers: whether they can be called, what kind they are, and how far they reach one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from profiles.errors import Suppressed
from profiles.models import ValueKind
from profiles.normalise.phone import NO_COUNTRY, is_possible, normalise_phone
from profiles.normalise.result import Normalised, Refused
from search_api.clean.schemas import PhoneQuestion
from search_api.tasks import Outcome
from search_api.verify.service import UNKNOWN, Verifier, at

NOT_A_PERSONS = {"premium_rate", "shared_cost", "toll_free", "pager", "voicemail", "company"}
"""Kinds of number that reach a service or a firm, whoever is said to have them."""


async def verify_phones(service: Verifier, asked: Sequence[PhoneQuestion]) -> list[Outcome]:
    """A verdict for each number: schemas.PhoneVerdict, or Suppressed."""
    read = [normalise_phone(one.phone, one.country) for one in asked]
    outcomes: list[Outcome] = []
    for question, found in zip(asked, await service.look_up(ValueKind.PHONE, read), strict=True):
        now = service.now()
        if isinstance(found, Suppressed):
            outcomes.append(found)
        elif isinstance(found, Refused):
            outcomes.append({**_unusable(found, is_possible(question.phone, question.country)), "checked_at": at(now)})
        else:
            number, holders = found
            known = await service.known(ValueKind.PHONE, number, holders)
            shared = holders.many or len(holders.profiles) > 1
            outcomes.append({**_usable(number, known, shared, now.date(), service.lasting), "checked_at": at(now)})
    return outcomes


def _unusable(refused: Refused, possible: bool) -> dict[str, Any]:
    unread = refused.reason == NO_COUNTRY
    return {
        "phone": None,
        "status": "possible" if possible else "unknown" if unread else "invalid",
        "reason": refused.reason,
        "possible": possible,
        "valid": False,
        **dict.fromkeys(("region", "kind", "extension", "national", "international")),
        "shared": False,
        "grade": "C",
        "grade_means": "it cannot be told which number this is" if unread else "no number in use",
        "known": UNKNOWN,
    }


def _usable(number: Normalised, known: Mapping[str, Any], shared: bool, today: date, lasting: timedelta) -> dict[str, Any]:
    parts = number.parts
    grade, means = _grade(parts["kind"], known, shared, today, lasting)
    return {
        "phone": number.value,
        "status": "valid",
        "reason": None,
        "possible": True,
        "valid": True,
        "region": parts["country"] or None,
        "kind": parts["kind"],
        "extension": parts["extension"] or None,
        "national": parts["national"],
        "international": parts["international"],
        "shared": shared,
        "grade": grade,
        "grade_means": means,
        "known": known,
    }


def _grade(kind: str, known: Mapping[str, Any], shared: bool, today: date, lasting: timedelta) -> tuple[str, str]:
    """A: attested for one person, lately. B: in use, and nothing more, or not one person's. C: reaches no person."""
    if kind in NOT_A_PERSONS:
        return "C", f"in use, but a {kind.replace('_', ' ')} number reaches no one person"
    if not known["here"]:
        return "B", "in use; no source here attests it"
    if shared:
        return "B", f"in use, and attested for several people: {known['people']} here have it"
    if (today - date.fromisoformat(known["last_seen"])).days > lasting.days:
        return "B", f"in use; last attested on {known['last_seen']}, which no longer counts"
    return "A", f"in use, and attested for one person on {known['last_seen']}"
