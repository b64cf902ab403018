"""Does a contact detail belong to this person at this company? yes, no or unsure, with the evidence in words and dates.

"yes" needs a living profile of that name which holds the value, which nobody else has had since, attested lately, and nothing that speaks
for another job. "no" needs evidence of the contrary: it is somebody else's, it was the person's at an employer they have left, or it is no
contact detail at all. Everything else is unsure. What is said of other people is that they are others, never who.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from privacy.reading import Holders
from profiles.errors import InputInvalid, Problem, Suppressed
from profiles.models import Profile, Value, ValueKind
from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.name import formal_names, normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused, Result
from profiles.resolve.compare import NameParts, names_agree, parts_of
from profiles.resolve.likeness import may_be_one_name
from profiles.resolve.names import Likeness, NameForm, match_forms, word_likeness
from search_api.tasks import Outcome
from search_api.verify.phones import NOT_A_PERSONS
from search_api.verify.schemas import ContactQuestion
from search_api.verify.service import Verifier, at, held_values
from search_api.verify.work import Work, work_of

Belongs = Literal["yes", "no", "unsure"]
MANY = 3  # people who have one value: two may be a couple or a mistake of one source, three are a switchboard


@dataclass(frozen=True, slots=True)
class Holding:
    """A profile, its values that are the one asked about, and the days on which sources attested them."""

    profile: Profile
    values: tuple[Value, ...]
    first: date
    last: date


async def verify_contacts(service: Verifier, asked: Sequence[ContactQuestion]) -> list[Outcome]:
    """An answer for each question: schemas.ContactVerdict, Suppressed, or InputInvalid for a name that is none."""
    read = [_read(one) for one in asked]
    looked_up: dict[int, Any] = {}
    for kind in (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK):
        places = [n for n, (its_kind, _) in enumerate(read) if its_kind is kind]
        if places:
            found = await service.look_up(kind, [read[n][1] for n in places])
            looked_up |= dict(zip(places, found, strict=True))
    return [_outcome(service, question, read[n][0], looked_up[n]) for n, question in enumerate(asked)]


def _read(asked: ContactQuestion) -> tuple[ValueKind, Result]:
    if asked.email is not None:
        return ValueKind.EMAIL, normalise_email(asked.email)
    if asked.phone is not None:
        return ValueKind.PHONE, normalise_phone(asked.phone, asked.country)
    return ValueKind.LINK, normalise_link(asked.link or "", asked.network)


def _outcome(service: Verifier, asked: ContactQuestion, kind: ValueKind, found: Any) -> Outcome:
    name = normalise_name(asked.name)
    company = normalise_company(asked.company) if asked.company else None
    for field, said in (("name", name), ("company", company)):
        if isinstance(said, Refused):
            return InputInvalid([Problem(f"/{field}", said.reason, said.allowed)])
    if isinstance(found, Suppressed):
        return found
    now = service.now()
    value = None
    if isinstance(found, Refused):
        judged = Judged(("no", f"this is none: {found.reason}"))
    else:
        value, holders = found[0].value, found[1]
        assert isinstance(name, Normalised)  # noqa: S101  # refused ones are answered above
        work = company if isinstance(company, Normalised) else None
        judged = judge(kind, found[0], holders, name, work, now.date(), service.lasting.days)
    since = datetime.combine(judged.since, time(), now.tzinfo) if judged.since else now
    return {
        "answer": judged.said[0],
        "reason": judged.said[1],
        "kind": kind.value,
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
    kind: ValueKind, found: Normalised, holders: Holders, name: Normalised, company: Normalised | None, today: date, lasting: int
) -> Judged:
    """The answer, from the living profiles that hold the value."""
    asked = _name_of(name)
    holding = [_holding(profile, kind, found) for profile in holders.profiles]
    mine = [one for one in holding if _agrees(asked, one.profile) or _bears(asked, kind, found, one.profile, company)]
    kin = [one for one in holding if one not in mine and _may_be_the_same(asked, one.profile, company)]
    others = [one for one in holding if one not in mine and one not in kin]
    evidence = [_attested(one, "this person") for one in mine] + [_attested(one, "somebody of another name") for one in others]
    if not mine:
        like: Said = ("unsure", "somebody whose name may be this one in another spelling has it")
        return Judged(like if kin else _nobody(found, kind, others, today, lasting), evidence)
    one = max(mine, key=lambda held: held.last)
    verdict = (
        _not_a_persons(kind, found, holders)
        or _whose(mine, others, is_line=kind is ValueKind.PHONE and found.parts["kind"] == "fixed")
        or (None if _spelt_alike(asked, kind, found, one.profile) else ("unsure", "the name here is spelt in another way"))
        or (_at_company(kind, found, one, company) if company else None)
    )
    if verdict is None and (today - one.last).days > lasting:
        verdict = "unsure", f"last attested on {one.last}, which no longer counts"
    if company:
        evidence += work_of(one.profile, company).evidence()
    if verdict is not None:
        return Judged(verdict, evidence, one.profile.id)
    return Judged(("yes", f"attested for this person on {one.last}"), evidence, one.profile.id, one.last)


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

    is_line: a fixed line, which several people of an office have rather than one after the other.
    """
    if not others:
        return None
    if is_line:
        return "unsure", "a fixed line that others are listed with as well"
    ours, first = max(one.last for one in mine), min(one.first for one in mine)
    if min(one.first for one in others) > ours:
        return "no", f"somebody else has had it since {min(one.first for one in others)}; it was last this person's on {ours}"
    if max(one.last for one in others) < first:
        return None  # it was somebody else's before
    return "unsure", "two people are listed with it at the same time"


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
            return "no", "the person's address at this company is another one, at its own domain"
        if types & {"professional", "work"} or not work.gives(one.values):
            return "unsure", "the address's domain is not known to be this company's"
    if kind is ValueKind.PHONE and found.parts.get("kind") == "fixed" and not work.gives(one.values):
        return "unsure", "only records of another employer give this number"
    return None


def _name_of(name: Normalised) -> NameParts:
    parts = name.parts
    return tuple(parts["given_tokens"]), tuple(parts["family_tokens"]), parts["suffix"].lower().rstrip(".")


def _agrees(asked: NameParts, profile: Profile) -> bool:
    """Whether the profile is of somebody of this name: words written together or apart, and in either order, are the same
    ("Xinying", "Xin-Ying"), and so are spellings of one sound ("Al-Masri", "Elmasri").
    """
    names = parts_of(profile.values)
    return names_agree([asked], names) or _is_in_other_order(asked, names) or _sounds(asked, names)


def _is_in_other_order(asked: NameParts, names: Sequence[NameParts]) -> bool:
    whole = {"".join((*asked[0], *asked[1])), "".join((*asked[1], *asked[0]))}
    return any("".join((*given, *family)) in whole for given, family, _ in names)


_ONE_SOUND = frozenset({Likeness.EXACT, Likeness.NICKNAME, Likeness.SOUND})


def _sounds(asked: NameParts, names: Sequence[NameParts]) -> bool:
    """Whether a name is the asked one but for nicknames and ways to spell a sound."""
    found = (match_forms(NameForm(*asked), NameForm(*name)) for name in names if not (asked[2] and name[2] and asked[2] != name[2]))
    return any({match.given, match.family} <= _ONE_SOUND for match in found)


def _bears(asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile, company: Normalised | None) -> bool:
    """Whether the value is spelt with the asked name, and its holder may be that person: misspelt, or in another language or script."""
    own = _own_words(kind, found)
    if not any(word in own for word in asked[0] if len(word) > 2):
        return False
    wholly = any(word in own for word in asked[1] if len(word) > 2)
    if not any(_is_latin(name.value) for name in profile.of(ValueKind.NAME)):
        return wholly
    alike = wholly and any(may_be_one_name(asked, names) for names in parts_of(profile.values))
    return alike or _is_colleague_of_the_family(asked, profile, company)


def _may_be_the_same(asked: NameParts, profile: Profile, company: Normalised | None) -> bool:
    """Whether a holder of another name may be the person after all: a name like it, in another script, or of the family at the company."""
    names = parts_of(profile.values)
    if any(may_be_one_name(asked, name) for name in names) or any(_is_like(asked, name) for name in names):
        return True
    other_script = not any(_is_latin(name.value) for name in profile.of(ValueKind.NAME))
    return other_script or _is_colleague_of_the_family(asked, profile, company)


def _is_like(asked: NameParts, name: NameParts) -> bool:
    match = match_forms(NameForm(*asked), NameForm(*name))
    return not {match.given, match.family} & {Likeness.DIFFERENT, Likeness.MISSING}


def _is_colleague_of_the_family(asked: NameParts, profile: Profile, company: Normalised | None) -> bool:
    return company is not None and _of_one_family(asked, profile) and bool(work_of(profile, company).asked)


def _of_one_family(asked: NameParts, profile: Profile) -> bool:
    return any(set(asked[1]) & {*given, *family} for given, family, _ in parts_of(profile.values))


def _is_latin(name: str) -> bool:
    return all("LATIN" in unicodedata.name(letter, "") for letter in name if letter.isalpha())


def _own_words(kind: ValueKind, found: Normalised) -> str:
    """The part of a value that its owner may have chosen."""
    return str(found.parts["local"] if kind is ValueKind.EMAIL else found.parts["handle"] if kind is ValueKind.LINK else "")


def _spelt_alike(asked: NameParts, kind: ValueKind, found: Normalised, profile: Profile) -> bool:
    """Whether given and family name stand in a name of the profile letter by letter (nicknames and initials aside), or in the value itself.

    People whose names differ in a letter work side by side.
    """
    own, names = _own_words(kind, found), parts_of(profile.values)
    family = [word for word in asked[1] if len(word) > 2]
    held = [word for given, words, _ in names for word in (*given, *words)]
    unheld = [word for word in asked[0] if word not in held]
    if any(_is_anothers(word, mine, own) for word in held for mine in (unheld, family)):
        return False  # of two that differ in a letter, the value is spelt with the other
    if _sounds(asked, names) or _is_in_other_order(asked, names):
        return True
    full = [word for word in held if len(word) > 1] or held  # an initial is the shorter form of a name that stands beside it
    given_alike = any(_is_same_given(one, other) for one in asked[0] for other in full)
    joined_alike = any("".join(asked[0]) == "".join(given) for given, _, _ in names)
    family_alike = _of_one_family(asked, profile) or any(word in own for word in family)
    return family_alike and (given_alike or joined_alike or any(word in own for word in asked[0] if len(word) > 2))


def _is_anothers(word: str, mine: Sequence[str], own: str) -> bool:
    """Whether a value is spelt with a word that is a letter apart from one of mine, and not with mine."""
    if len(word) < 3 or word in mine or word not in own:
        return False
    return any(word_likeness(word, one) is Likeness.NEAR and (one not in own or one in word) for one in mine)


def _is_same_given(one: str, other: str) -> bool:
    return one == other or one == other[0] or other == one[0] or bool(set(formal_names(one)) & set(formal_names(other)))


def decayed_contact(result: dict[str, Any], now: datetime) -> dict[str, Any]:
    """An answer as it counts now: unsure, once its time is over."""
    if now < datetime.fromisoformat(result["counts_until"]):
        return result
    return {**result, "answer": "unsure", "reason": f"checked at {result['checked_at']}, which no longer counts"}
