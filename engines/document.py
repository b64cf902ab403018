"""One profile as one index document: a flat dict with the fields of mappings/profile.v1.toml. Pure, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from engines.suggesting import SUGGEST_FIELDS, suggestions
from profiles.models import ValueKind
from profiles.normalise.company import company_tokens, run_together
from profiles.normalise.email import hashes_of
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.gazetteer import bare_region
from profiles.normalise.job_title import job_title_tokens
from profiles.normalise.name import formal_names, joined_words, phonetic_codes, spelt_words
from profiles.normalise.skill import skill_tokens
from profiles.served import ServedProfile, ServedValue, read_served

DOCUMENT_VERSION = 3  # raise it whenever the same profile gives another document: indexes are then built anew

MAX_KEYWORD = 1000  # characters; normalised values are shorter, this keeps a freak from exceeding what an engine takes for one keyword
_KINDS = tuple(ValueKind)
_CACHE = 65_536  # distinct values remembered per kind: most titles, companies, places and skills of a feed are met again and again

_titles = lru_cache(_CACHE)(lambda text: " ".join(job_title_tokens(text)))
_companies = lru_cache(_CACHE)(lambda text: " ".join(company_tokens(text)))
_skills = lru_cache(_CACHE)(lambda text: " ".join(skill_tokens(text)))
_codes = lru_cache(_CACHE)(lambda token: phonetic_codes(token))
_formal = lru_cache(_CACHE)(lambda token: formal_names(token))


def document_of(body: bytes, today: date) -> dict[str, Any] | None:
    """The index document of a stored profile; None when nobody may find it."""
    profile = read_served(body, today)
    return None if profile is None else index_document(profile)


def index_document(profile: ServedProfile) -> dict[str, Any]:
    """The fields of a profile that have a value; lists hold no value twice. Dates are "YYYY-MM-DD", point is a list of {lat, lon}."""
    kinds = {kind: profile.of(kind) for kind in _KINDS}
    sources = profile.sources()
    document: dict[str, Any] = {
        "id": profile.id,
        **_names(kinds[ValueKind.NAME]),
        **_work(kinds[ValueKind.JOB_TITLE], kinds[ValueKind.COMPANY], kinds[ValueKind.SKILL]),
        **_places(kinds[ValueKind.LOCATION]),
        **_contacts(kinds[ValueKind.EMAIL], kinds[ValueKind.PHONE], kinds[ValueKind.LINK]),
        **{field: _unique(suggestions(kind, kinds[kind])) for kind, field in SUGGEST_FIELDS.items()},
        "source": _unique(source["source_id"] for source in sources),
        "updated": profile.updated,
        "next_expiry": min((source["expires_at"] for source in sources), default=None),
    }
    return {field: value for field, value in document.items() if value or value is False}


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
        formal += [name for token in (*given, *nickname.split()) for name in _formal(token)]
        codes += [code for token in tokens for code in _codes(token)]
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
    }


def _name_tokens(value: ServedValue) -> tuple[list[str], list[str]]:
    """Given and family tokens; of a name never split, the last word is the family name."""
    given, family = value.parts.get("given_tokens"), value.parts.get("family_tokens")
    if given or family:
        return list(given or ()), list(family or ())
    tokens = value.keys[0].split()
    return tokens[:-1], tokens[-1:]


def _work(titles: Sequence[ServedValue], companies: Sequence[ServedValue], skills: Sequence[ServedValue]) -> dict[str, Any]:
    """A company is a current employer unless it is said that the job is over: most sources name one without dates."""
    past = [value for value in companies if value.current is False]
    current = [value for value in companies if value.current is not False] if past else companies
    words, keys, domains = _employers(companies)
    current_words, current_keys, current_domains = _employers(current) if past else (words, keys, domains)
    past_words, past_keys, past_domains = _employers(past)
    return {
        "job_title": [_titles(value.value) for value in titles],
        "job_title_name": _unique(value.value for value in titles),
        "seniority": _parts(titles, "seniority"),
        "function": _parts(titles, "function"),
        "company": words,
        "company_key": keys,
        "company_name": _unique(value.value for value in companies),
        "company_domain": domains,
        "company_current": current_words,
        "company_current_key": [*current_keys, *current_domains],
        "company_past": past_words,
        "company_past_key": [*past_keys, *past_domains],
        "skill": [_skills(value.value) for value in skills],
        "skill_key": _unique(value.keys[0] for value in skills),
        "skill_name": _unique(value.value for value in skills),
    }


def _employers(values: Sequence[ServedValue]) -> tuple[list[str], list[str], list[str]]:
    """Words, keys and domains of companies."""
    keys = _unique(key for value in values for key in (value.keys[0], run_together(value.keys[0])))
    return [_companies(value.value) for value in values], keys, _parts(values, "domain")


def _places(values: Sequence[ServedValue]) -> dict[str, Any]:
    cities, regions = _parts(values, "city"), _parts(values, "region")
    points = [
        {"lat": v.parts["lat"], "lon": v.parts["lon"]} for v in values if v.parts.get("lat") is not None and v.parts.get("lon") is not None
    ]
    return {
        "location": [_place_words(value) for value in values],
        "city": cities,
        "city_key": _unique(map(fold, cities)),
        "region": regions,
        "region_key": _unique(bare_region(fold(region)) for region in regions),
        "country": _parts(values, "country"),
        "point": points,
    }


def _place_words(value: ServedValue) -> str:
    parts = value.parts
    said = (
        value.value,
        parts.get("metro"),
        parts.get("city"),
        parts.get("region"),
        parts.get("country_name"),
        *parts.get("alternates", ()),
    )
    return " ".join(dict.fromkeys(token for text in said if text for token in fold_tokens(text)))


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


def _parts(values: Sequence[ServedValue], part: str) -> list[str]:
    return _unique(found for value in values if (found := value.parts.get(part)))


def _unique(values: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(values))
    if found and max(map(len, found)) > MAX_KEYWORD:
        return list(dict.fromkeys([value[:MAX_KEYWORD] for value in found]))
    return found
