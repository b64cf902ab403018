"""One profile as one index document: a flat dict with the fields of mappings/profile.v1.toml. Pure, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from engines.suggesting import SUGGEST_FIELDS, name_terms, place_terms, skill_terms, word_terms
from profiles.models import ValueKind
from profiles.normalise.company import company_tokens, run_together
from profiles.normalise.email import hashes_of
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.gazetteer import bare_region
from profiles.normalise.job_title import job_title_tokens
from profiles.normalise.name import formal_names, joined_words, phonetic_codes, spelt_words
from profiles.normalise.skill import skill_tokens
from profiles.served import ServedProfile, ServedValue, read_served

DOCUMENT_VERSION = 4  # raise it whenever the same profile gives another document: indexes are then built anew

MAX_KEYWORD = 1000  # characters; normalised values are shorter, this keeps a freak from exceeding what an engine takes for one keyword

SHOWN_PLACE = {"city_key": "city_shown_key", "region_key": "region_shown_key", "country": "country_shown"}
"""Fields of all places -> the same of the one that is shown."""

Fields = Mapping[str, Sequence[Any]]
"""Index fields with what stands in them. Those of a value met before are not made anew: nobody may change them."""

_CACHE = 16_384  # distinct values remembered per kind, 1 to 2 kB each: most titles, companies, places and skills of a feed are met again


def document_of(body: bytes, today: date) -> dict[str, Any] | None:
    """The index document of a stored profile; None when nobody may find it."""
    profile = read_served(body, today)
    return None if profile is None else index_document(profile)


def index_document(profile: ServedProfile) -> dict[str, Any]:
    """The fields of a profile that have a value; lists hold no value twice. Dates are "YYYY-MM-DD", point is a list of {lat, lon}.

    To be read only: the lists are those of other documents, too.
    """
    sources = profile.sources()
    document: dict[str, Any] = {
        "id": profile.id,
        **_names(profile.of(ValueKind.NAME)),
        **_together([_title(value.value, *map(value.parts.get, _OF_A_TITLE)) for value in profile.of(ValueKind.JOB_TITLE)]),
        **_companies(profile.of(ValueKind.COMPANY)),
        **_together([_skill(value.value, value.keys[0]) for value in profile.of(ValueKind.SKILL)]),
        **_places(profile.of(ValueKind.LOCATION)),
        **_contacts(profile.of(ValueKind.EMAIL), profile.of(ValueKind.PHONE), profile.of(ValueKind.LINK)),
        "source": _unique(source["source_id"] for source in sources),
        "updated": profile.updated,
        "next_expiry": min((source["expires_at"] for source in sources), default=None),
    }
    return {field: value for field, value in document.items() if value or value is False}


def _together(found: Sequence[Fields]) -> Fields:
    """The fields of several values: what is searched by its words one after the other, what is compared as a whole once."""
    if len(found) < 2:
        return found[0] if found else {}
    joined: dict[str, list[Any]] = {}
    for fields in found:
        for field, said in fields.items():
            joined.setdefault(field, []).extend(said)
    return {field: said if field in _REPEATED else list(dict.fromkeys(said)) for field, said in joined.items()}


_REPEATED = frozenset({"job_title", "company", "skill", "location", "point"})


def _names(values: Sequence[ServedValue]) -> dict[str, Any]:
    """Every key of a name is indexed: former names, spellings with ae, oe, ue; and the nickname with the family name.

    Each word once, however many sources attest it in however many names: how often it is said tells nothing about who is meant.
    """
    words: list[str] = []
    spelt: list[str] = []
    exact: list[str] = []
    formal: list[str] = []
    codes: list[str] = []
    for value in values:
        given, family = _name_tokens(value)
        nickname = fold(value.parts.get("nickname") or "")
        spellings = [*value.keys, f"{nickname} {' '.join(family)}"] if nickname else value.keys
        tokens = list(dict.fromkeys(token for spelling in spellings for token in spelling.split()))
        tokens += [word for word in joined_words(value.value, given, family) if word not in tokens]
        words += tokens
        spelt += spelt_words(f"{value.value} {value.parts.get('nickname') or ''}").values()
        exact += spellings
        formal += [name for token in (*given, *nickname.split()) for name in formal_names(token)]
        codes += [code for token in tokens for code in phonetic_codes(token)]
    sort = ""
    if values:
        given, family = _name_tokens(values[0])
        sort = " ".join((*family, *given))
    return {
        "name": " ".join(dict.fromkeys(words)),
        "name_spelling": " ".join(dict.fromkeys(spelt)),
        "name_exact": _unique(exact),
        "name_nickname": " ".join(dict.fromkeys(formal)),
        "name_phonetic": " ".join(dict.fromkeys(codes)),
        "name_sort": sort[:MAX_KEYWORD],
        SUGGEST_FIELDS[ValueKind.NAME]: _unique(name_terms(values[0])) if values else [],
    }


def _name_tokens(value: ServedValue) -> tuple[list[str], list[str]]:
    """Given and family tokens; of a name never split, the last word is the family name."""
    given, family = value.parts.get("given_tokens"), value.parts.get("family_tokens")
    if given or family:
        return list(given or ()), list(family or ())
    tokens = value.keys[0].split()
    return tokens[:-1], tokens[-1:]


_OF_A_TITLE = ("seniority", "function")


@lru_cache(_CACHE)
def _title(text: str, seniority: str | None, function: str | None) -> Fields:
    return {
        "job_title": [" ".join(job_title_tokens(text))],
        "job_title_name": [text[:MAX_KEYWORD]],
        "seniority": _optional(seniority),
        "function": _optional(function),
        SUGGEST_FIELDS[ValueKind.JOB_TITLE]: _unique(word_terms(text)),
    }


def _companies(values: Sequence[ServedValue]) -> Fields:
    """A company is a current employer unless it is said that the job is over: most sources name one without dates."""
    found = [(value.current is False, _company(value.value, value.keys[0], value.parts.get("domain"))) for value in values]
    every = _together([company for _, company in found])
    if not every:
        return every
    past = _together([company for is_past, company in found if is_past])
    current = _together([company for is_past, company in found if not is_past]) if past else every
    return {**every, **_employers("company_current", current), **_employers("company_past", past)}


@lru_cache(_CACHE)
def _company(text: str, key: str, domain: str | None) -> Fields:
    return {
        "company": [" ".join(company_tokens(text))],
        "company_key": _unique((key, run_together(key))),
        "company_name": [text[:MAX_KEYWORD]],
        "company_domain": _optional(domain),
        SUGGEST_FIELDS[ValueKind.COMPANY]: _unique(word_terms(text)),
    }


def _employers(field: str, companies: Fields) -> Fields:
    """The companies of now, or of before: their words, and keys and domains together."""
    return {field: companies["company"], f"{field}_key": [*companies["company_key"], *companies["company_domain"]]} if companies else {}


@lru_cache(_CACHE)
def _skill(text: str, key: str) -> Fields:
    return {
        "skill": [" ".join(skill_tokens(text))],
        "skill_key": [key[:MAX_KEYWORD]],
        "skill_name": [text[:MAX_KEYWORD]],
        SUGGEST_FIELDS[ValueKind.SKILL]: _unique(skill_terms(text)),
    }


def _places(values: Sequence[ServedValue]) -> Fields:
    """All places, and apart from them the first one, which is shown: who is there comes before who is only connected with it."""
    found = [_place_of(value) for value in values]
    return {**_together(found), **{field: found[0][same] for same, field in SHOWN_PLACE.items()}} if found else {}


_OF_A_PLACE = ("metro", "city", "region", "country_name", "country", "lat", "lon")


def _place_of(value: ServedValue) -> Fields:
    return _place(value.value, tuple(value.parts.get("alternates") or ()), *map(value.parts.get, _OF_A_PLACE))


@lru_cache(_CACHE)
def _place(text: str, alternates: tuple[str, ...], *parts: Any) -> Fields:
    """parts: those of _OF_A_PLACE."""
    metro, city, region, country_name, country, lat, lon = parts
    said = (text, metro, city, region, country_name, *alternates)
    return {
        "location": [" ".join(dict.fromkeys(token for words in said if words for token in fold_tokens(words)))],
        "city": _optional(city),
        "city_key": _optional(city and fold(city)),
        "region": _optional(region),
        "region_key": _optional(region and bare_region(fold(region))),
        "country": _optional(country),
        "point": [] if lat is None or lon is None else [{"lat": lat, "lon": lon}],
        SUGGEST_FIELDS[ValueKind.LOCATION]: _unique(place_terms(text, alternates)),
    }


def _contacts(emails: Sequence[ServedValue], phones: Sequence[ServedValue], links: Sequence[ServedValue]) -> dict[str, Any]:
    """An address is found by its own spelling and by the looser ones of the same mailbox, whichever is asked for, and by their hashes."""
    spellings = [spelling for value in emails for spelling in (value.keys[0], *value.parts.get("variants", ()))]
    return {
        "email": _unique((*spellings, *(digest for spelling in spellings for digest in hashes_of(spelling)))),
        "email_domain": _unique(
            domain for value in emails for domain in (value.parts.get("domain"), value.parts.get("registrable_domain")) if domain
        ),
        "phone": _unique(value.keys[0] for value in phones),
        "link": _unique(value.keys[0] for value in links),
        "handle": _unique(handle.lower() for value in links if (handle := value.parts.get("handle"))),
        "has_email": bool(emails),
        "has_phone": bool(phones),
        "has_link": bool(links),
    }


def _optional(text: str | None) -> list[str]:
    return [text[:MAX_KEYWORD]] if text else []


def _unique(values: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(values))
    if found and max(map(len, found)) > MAX_KEYWORD:
        return list(dict.fromkeys([value[:MAX_KEYWORD] for value in found]))
    return found
