"""Does a contact detail belong to this person at this company? yes, no or unsure, with the evidence in words and dates.

"yes" needs a living profile of that name which holds the value, which nobody else has had since, attested lately, and nothing that speaks
for another job. "no" needs evidence of the contrary: it is somebody else's, it was the person's at an employer they have left, or it is no
contact detail at all. Everything else is unsure. What is said of other people is that they are others, never who.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Literal

from privacy.reading import Holders
from profiles.errors import InputInvalid, Problem, Suppressed
from profiles.models import Profile, Value, ValueKind
from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import NO_COUNTRY, normalise_phone
from profiles.normalise.result import Normalised, Refused, Result
from profiles.resolve.compare import NameParts
from search_api.tasks import Outcome
from search_api.verify.naming import (
    agrees,
    are_two,
    bears,
    is_slip,
    is_spelt_alike,
    is_spelt_with_anothers,
    may_be_the_same,
    name_of,
    spells,
)
from search_api.verify.phones import NOT_A_PERSONS
from search_api.verify.schemas import ContactQuestion
from search_api.verify.service import Verifier, at, held_values
from search_api.verify.work import Work, work_of

Belongs = Literal["yes", "no", "unsure"]
OTHERWISE_SPELT: Final = ("unsure", "the name here is spelt in another way")
MANY = 3  # people who have one value: two may be a couple or a mistake of one source, three are a switchboard


@dataclass(frozen=True, slots=True)
class Holding:
    """A profile, its values that are the one asked about, and the days on which sources attested them."""

    profile: Profile
    values: tuple[Value, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, as it was read."""

    name: Result
    company: Result | None
    kind: ValueKind
    value: Result


async def verify_contacts(service: Verifier, asked: Sequence[ContactQuestion]) -> list[Outcome]:
    """An answer for each question: schemas.ContactVerdict, Suppressed, or InputInvalid for a name that is none."""
    read = [_read(one) for one in asked]
    looked_up: dict[int, Any] = {}
    for kind in (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK):
        places = [n for n, one in enumerate(read) if one.kind is kind]
        if places:
            found = await service.look_up(kind, [read[n].value for n in places])
            looked_up |= dict(zip(places, found, strict=True))
    misspelt = {n: pair for n, one in enumerate(read) if (pair := _only_like(one, looked_up[n]))}
    called_so = dict(zip(misspelt, await service.called_so(list(misspelt.values())), strict=True))
    return [_outcome(service, one, looked_up[n], called_so.get(n)) for n, one in enumerate(read)]


def _read(asked: ContactQuestion) -> _Question:
    if asked.email is not None:
        kind, value = ValueKind.EMAIL, normalise_email(asked.email)
    elif asked.phone is not None:
        kind, value = ValueKind.PHONE, normalise_phone(asked.phone, asked.country)
    else:
        kind, value = ValueKind.LINK, normalise_link(asked.link or "", asked.network)
    return _Question(normalise_name(asked.name), normalise_company(asked.company) if asked.company else None, kind, value)


def _only_like(asked: _Question, found: Any) -> tuple[Normalised, Normalised] | None:
    """Name and company of a question whose value is held, and by nobody of quite this name: who else may be called so decides there."""
    if not (isinstance(found, tuple) and isinstance(asked.name, Normalised) and isinstance(asked.company, Normalised)):
        return None
    holders, name = found[1].profiles, name_of(asked.name)
    return (asked.name, asked.company) if holders and not any(spells(one, name) for one in holders) else None


def _outcome(service: Verifier, asked: _Question, found: Any, called_so: Sequence[Profile] | None) -> Outcome:
    for field, said in (("name", asked.name), ("company", asked.company)):
        if isinstance(said, Refused):
            return InputInvalid([Problem(f"/{field}", said.reason, said.allowed)])
    if isinstance(found, Suppressed):
        return found
    now = service.now()
    value = None
    if isinstance(found, Refused):
        unread = found.reason == NO_COUNTRY  # it may well be a number, and his
        judged = Judged(("unsure", f"it cannot be read: {found.reason}") if unread else ("no", f"this is none: {found.reason}"))
    else:
        value, holders = found[0].value, found[1]
        assert isinstance(asked.name, Normalised)  # noqa: S101  # refused ones are answered above
        company = asked.company if isinstance(asked.company, Normalised) else None
        judged = judge(asked.kind, found[0], holders, asked.name, company, now.date(), service.lasting.days, called_so)
    since = datetime.combine(judged.since, time(), now.tzinfo) if judged.since else now
    return {
        "answer": judged.said[0],
        "reason": judged.said[1],
        "kind": asked.kind.value,
        "value": value,
        "profile": judged.profile,
        "evidence": list(judged.evidence),
        "checked_at": at(now),
        "counts_until": at(since + service.lasting),
    }


Said = tuple[Belongs, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """said: the answer and what decided it.    profile: the one it rests on.    since: the day it rests on, where that is not today."""

    said: Said
    evidence: Sequence[dict[str, Any]] = ()
    profile: str | None = None
    since: date | None = None


def judge(
    kind: ValueKind,
    found: Normalised,
    holders: Holders,
    name: Normalised,
    company: Normalised | None,
    today: date,
    lasting: int,
    called_so: Sequence[Profile] | None = None,
) -> Judged:
    """The answer, from the living profiles that hold the value.

    called_so: where no holder has quite this name, everybody who may be called so at the company; None where that is not known.
    """
    asked = name_of(name)
    colleagues = None if called_so is None else [one for one in called_so if one.id not in {held.id for held in holders.profiles}]

    def is_theirs(profile: Profile) -> bool:
        return company is not None and colleagues is not None and is_slip(asked, profile, company, colleagues)

    holding = [_holding(profile, kind, found) for profile in holders.profiles]
    mine = [one for one in holding if agrees(asked, one.profile) or bears(asked, kind, found, one.profile, company)]
    mine = mine or [one for one in holding if is_theirs(one.profile)]
    kin = [one for one in holding if one not in mine and may_be_the_same(asked, one.profile, company)]
    others = [one for one in holding if one not in mine and one not in kin]
    evidence = [_attested(one, "this person") for one in mine] + [_attested(one, "somebody of another name") for one in others]
    if not mine:
        like: Said = ("unsure", "somebody whose name may be this one in another spelling has it")
        return Judged(like if kin else _nobody(found, kind, others, today, lasting), evidence)
    one = max(mine, key=lambda held: held.last)
    verdict = (
        _not_a_persons(kind, found, holders)
        or _whose(mine, others, is_line=kind is ValueKind.PHONE and _is_line(found, others, company))
        or _of_another_name(asked, kind, found, one.profile, company, colleagues or ())
        or (None if is_spelt_alike(asked, kind, found, one.profile) or is_theirs(one.profile) else OTHERWISE_SPELT)
        or (_at_company(kind, found, one, company) if company else None)
    )
    if verdict is None and (today - one.last).days > lasting:
        verdict = "unsure", f"last attested on {one.last}, which no longer counts"
    if company:
        evidence += work_of(one.profile, company).evidence()
    if verdict is not None:
        return Judged(verdict, evidence, one.profile.id)
    slip = "" if is_spelt_alike(asked, kind, found, one.profile) else ", whose name a source misspells or shortens"
    return Judged(("yes", f"attested for this person on {one.last}{slip}"), evidence, one.profile.id, one.last)


def _holding(profile: Profile, kind: ValueKind, found: Normalised) -> Holding:
    values = tuple(held_values(profile.of(kind), found))
    days = [source.collected_at for value in values for source in value.sources]
    return Holding(profile, values, min(days), max(days))


def _attested(one: Holding, whose: str) -> dict[str, Any]:
    sources = sorted({source.source_id for value in one.values for source in value.sources})
    seen = f"on {one.last}" if one.first == one.last else f"from {one.first} to {one.last}"
    return {
        "says": f"attested {seen} for {whose}",
        "speaks_for": "yes" if whose == "this person" else "no",
        "since": one.first.isoformat(),
        "until": one.last.isoformat(),
        "sources": sources,
    }


def _nobody(found: Normalised, kind: ValueKind, others: Sequence[Holding], today: date, lasting: int) -> Said:
    """What it means that nobody of this name has it."""
    if not others:
        return "unsure", "no source here attests it"
    last = max(one.last for one in others)
    if _not_a_persons(kind, found, Holders((), False)) or len(others) >= MANY:
        return "unsure", "it is shared, and nobody of this name is among those who are listed with it"
    if (today - last).days > lasting:
        return "unsure", f"it was somebody else's, last attested on {last}, which no longer counts"
    return "no", f"it was attested for somebody else on {last}"


def _not_a_persons(kind: ValueKind, found: Normalised, holders: Holders) -> Said | None:
    """A mailbox of a task, a number of a firm, or a value that many have."""
    if kind is ValueKind.EMAIL and found.parts.get("role"):
        return "unsure", "a mailbox of a task reaches whoever does it, not one person"
    if kind is ValueKind.PHONE and found.parts.get("kind") in NOT_A_PERSONS:
        return "unsure", "a number of this kind reaches no one person"
    if holders.many or len(holders.profiles) >= MANY:
        return "unsure", "it is shared by several people"
    return None


def _whose(mine: Sequence[Holding], others: Sequence[Holding], is_line: bool) -> Said | None:
    """Who has it now, when somebody else is listed with it as well: numbers and addresses pass from one to another.

    is_line: a line, which several people of an office have rather than one after the other.
    """
    if not others:
        return None
    if is_line:
        return "unsure", "a line that others are listed with as well"
    ours, first = max(one.last for one in mine), min(one.first for one in mine)
    if min(one.first for one in others) > ours:
        return "no", f"somebody else has had it since {min(one.first for one in others)}; it was last this person's on {ours}"
    if max(one.last for one in others) < first:
        return None  # it was somebody else's before
    return "unsure", "two people are listed with it at the same time"


def _is_line(found: Normalised, others: Sequence[Holding], company: Normalised | None) -> bool:
    """Whether a number others have had is a line of an office: a fixed one, or, where numbers do not tell, one of the company's people."""
    if found.parts["kind"] != "fixed_or_mobile":
        return bool(found.parts["kind"] == "fixed")
    return company is not None and any(work_of(one.profile, company).asked for one in others)


def _of_another_name(
    asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile, company: Normalised | None, colleagues: Sequence[Profile]
) -> Said | None:
    """Whether somebody else may be meant whose name differs little from the holder's: people whose names do work side by side."""
    if is_spelt_with_anothers(asked, kind, found, profile):
        return "unsure", "it is spelt with a name a letter apart"
    if company is None or spells(profile, asked):
        return None
    if any(spells(other, asked) and work_of(other, company).asked and are_two(other, profile) for other in colleagues):
        return "unsure", "somebody else at this company has just this name"
    return None


def _at_company(kind: ValueKind, found: Normalised, one: Holding, company: Normalised) -> Said | None:
    """Whether person and value are of this company today; None when nothing speaks against it."""
    work = work_of(one.profile, company)
    if not work.asked:
        return "unsure", "no source here says that the person works for this company"
    if work.left:
        return "no", work.left
    of_another = _of_another_job(kind, found, one, work, company)
    return of_another or (("unsure", work.doubt) if work.doubt else None)


def _of_another_job(kind: ValueKind, found: Normalised, one: Holding, work: Work, company: Normalised) -> Said | None:
    """An address at another employer's domain, or a number that only records of another employer give, is of that job."""
    if kind is ValueKind.EMAIL:
        types = {str(value.parts.get("type") or "") for value in one.values}
        if found.parts["free"] or "personal" in types or work.is_mail_domain(found.parts["registrable_domain"], company):
            return None
        addresses = (value for value in one.profile.of(ValueKind.EMAIL) if not value.parts.get("role"))
        if any(work.is_mail_domain(value.parts["registrable_domain"], company) for value in addresses):
            told = work.gives(one.values) and not work.is_elsewhere(found.parts["registrable_domain"])
            answer: Belongs = "unsure" if told else "no"  # a private address at a provider that few know is given like one of the job
            return answer, "the person's address at this company is another one, at its own domain"
        if types & {"professional", "work"} or not work.gives(one.values):
            return "unsure", "the address's domain is not known to be this company's"
    if kind is ValueKind.PHONE and found.parts.get("kind") == "fixed" and not work.gives(one.values):
        return "unsure", "only records of another employer give this number"
    return None


def decayed_contact(result: dict[str, Any], now: datetime) -> dict[str, Any]:
    """An answer as it counts now: unsure, once its time is over."""
    if now < datetime.fromisoformat(result["counts_until"]):
        return result
    return {**result, "answer": "unsure", "reason": f"checked at {result['checked_at']}, which no longer counts"}
