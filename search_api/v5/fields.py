"""The fields of their person schema that can be asked for, and what each asks of the index: one literal table.

docs/v5-fields.md is written from it. A field that is not in it is one that roster does not hold, or does not index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engines.query import Clause, Everything, Flag, Prefix, Term, Without
from mappings.reading import load_ranking
from profiles.normalise import gazetteer
from profiles.normalise.company import company_tokens, normalise_company, registrable_domain, run_together
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.job_title import job_title_tokens, normalise_job_title
from profiles.normalise.link import normalise_link
from profiles.normalise.location import normalise_location
from profiles.normalise.name import normalise_name
from profiles.normalise.result import Normalised, Refused
from profiles.normalise.skill import normalise_skill, skill_tokens
from search_api.meaning.clauses import best, every
from search_api.meaning.contacts import email_clause, phone_clause

ROLES: Mapping[str, tuple[str, ...]] = {
    "advisory": ("consulting",),
    "analyst": ("data",),
    "creative": ("design",),
    "education": ("education",),
    "engineering": ("engineering", "it"),
    "finance": ("finance",),
    "health": ("health",),
    "human_resources": ("hr",),
    "legal": ("legal",),
    "marketing": ("marketing",),
    "operations": ("operations", "administration"),
    "product": ("product",),
    "public_service": ("government",),
    "research": ("research",),
    "sales": ("sales",),
    "support": ("customer_support",),
}
"""Their roles -> our functions. Their other roles have none, and our general_management is said by their levels."""

LEVELS: Mapping[str, tuple[str, ...]] = {
    "training": ("intern",),
    "entry": ("entry",),
    "senior": ("senior", "lead"),
    "manager": ("manager",),
    "director": ("director", "head"),
    "vp": ("vice_president",),
    "cxo": ("c_level",),
    "partner": ("partner",),
    "owner": ("owner",),
}
"""Their levels -> our seniorities. A title without a word for its level has none of theirs."""

Reader = Callable[[str], Clause | Refused]


@dataclass(frozen=True, slots=True)
class Words:
    """An index field of words. tokens: of a text, as the index has them.    ordered: whether it knows which word follows which."""

    field: str
    tokens: Callable[[str], Sequence[str]]
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One of their fields.

    means: what it is here.    value: the clause of "is this value".    words: where its words can be looked for.
    begins: the index field in whose values a folded beginning can be looked for.    held: the clause of "there is one"; None: not known.
    day: the index field of a date, which alone knows ranges.    hint: what to ask instead of whether there is one.
    """

    means: str
    value: Reader
    words: Words | None = None
    begins: str = ""
    held: Clause | None = None
    day: str = ""
    hint: str = ""

    def ways(self) -> tuple[str, ...]:
        """The clauses that can ask for it, in the words of the query language."""
        if self.day:
            return ("range",)
        found = ["term", "terms", "match", "match_phrase"]
        found += ["prefix", "wildcard"] if self.words else ["prefix"] if self.begins else []
        return (*found, "exists") if self.held is not None else tuple(found)


def _any_value(index_field: str) -> Clause:
    """Whether a field of the index has a value: every value begins with nothing."""
    return Prefix(index_field, "")


def _terms(index_field: str, tokens: Sequence[str]) -> Clause:
    return best(Term(index_field, token) for token in tokens)


def _id(text: str) -> Clause | Refused:
    return Term("id", text)


def _full_name(text: str) -> Clause | Refused:
    found = normalise_name(text)
    return found if isinstance(found, Refused) else _terms("name_exact", found.keys)


def _family(text: str) -> Clause | Refused:
    """The name as it is sorted begins with it; names are sorted by family name."""
    tokens = fold_tokens(text)
    if not tokens:
        return Refused("holds no letter", "a family name")
    family = " ".join(tokens)
    return best((Term("name_sort", family), Prefix("name_sort", f"{family} ")))


def _given(text: str) -> Clause | Refused:
    """Its words are words of the name, and not those that the name is sorted by."""
    family = _family(text)
    if isinstance(family, Refused):
        return Refused(family.reason, "a given name")
    return Without(every(Term("name", token) for token in fold_tokens(text)), family)


def _job_title(text: str) -> Clause | Refused:
    found = normalise_job_title(text)
    return found if isinstance(found, Refused) else Term("job_title_name", found.value)


def _named(names: Mapping[str, Sequence[str]], index_field: str) -> Reader:
    def read(text: str) -> Clause | Refused:
        meant = names.get("_".join(text.lower().split()))
        return _terms(index_field, meant) if meant else Refused("is none that is known here", ", ".join(names))

    return read


def _company(index_field: str) -> Reader:
    def read(text: str) -> Clause | Refused:
        found = normalise_company(text)
        if isinstance(found, Refused):
            return found
        return _terms(index_field, tuple(dict.fromkeys((found.keys[0], run_together(found.keys[0])))))

    return read


def _website(index_field: str) -> Reader:
    def read(text: str) -> Clause | Refused:
        domain = registrable_domain(text)
        return Term(index_field, domain) if domain else Refused("is no web domain", "a domain such as acme.example")

    return read


def _place(text: str) -> Clause | Refused:
    """Every part of the place that is recognised; the words of one that is an area or not known."""
    found = normalise_location(text)
    wanted: list[Clause] = []
    if isinstance(found, Normalised) and not found.parts["metro"]:
        parts = found.parts
        wanted += [Term("city_key", fold(parts["city"]))] if parts["city"] else []
        wanted += [Term("region_key", gazetteer.bare_region(fold(parts["region"])))] if parts["region"] and not parts["city"] else []
        wanted += [Term("country", parts["country"])] if parts["country"] else []
    if not wanted:
        wanted += [Term("location", token) for token in fold_tokens(text)]
    return every(wanted) if wanted else Refused("holds no letter", "a city, region or country")


def _locality(text: str) -> Clause | Refused:
    found = normalise_location(city=text)
    city = fold(found.parts["city"]) if isinstance(found, Normalised) and found.parts["city"] else fold(text)
    return Term("city_key", city) if city else Refused("holds no letter", "a city")


def _region(text: str) -> Clause | Refused:
    folded = fold(text)
    if not folded:
        return Refused("holds no letter", "a region or state")
    names = [region.name for region in gazetteer.regions(folded)] or [text]
    return _terms("region_key", tuple(dict.fromkeys(gazetteer.bare_region(fold(name)) for name in names)))


def _country(text: str) -> Clause | Refused:
    folded = fold(text)
    country = gazetteer.country_named(folded) or gazetteer.country_by_code(folded)
    return Term("country", country.iso2) if country else Refused("is no country known here", "its name, or its ISO 3166-1 code")


def _skill(text: str) -> Clause | Refused:
    found = normalise_skill(text)
    return found if isinstance(found, Refused) else Term("skill_key", found.keys[0])


def _email(text: str) -> Clause | Refused:
    return email_clause(text, load_ranking())


def _phone(text: str) -> Clause | Refused:
    return phone_clause(text, load_ranking())


def _link(network: str = "") -> Reader:
    def read(text: str) -> Clause | Refused:
        found = normalise_link(text, network)
        if isinstance(found, Refused):
            return found
        if network and found.parts["network"] != network:
            return Refused("is of another network", f"a profile on {network}")
        return Term("link", found.keys[0])

    return read


def _network(text: str) -> Clause | Refused:
    name = {"twitter": "x"}.get(text.strip().lower(), text.strip().lower())
    return Prefix("link", f"{name}:") if name.isalpha() else Refused("is no network", "a name such as linkedin")


def _day(text: str) -> Clause | Refused:
    return Refused("is a day, which only a range can ask for", '{"range": {"updated": {"gte": "2026-11-23"}}}')


_PLACE_WORDS = Words("location", fold_tokens, ordered=False)
_TITLE = Field("a job title, of now or before", _job_title, Words("job_title", job_title_tokens), held=_any_value("job_title_name"))
_EMPLOYER = Words("company_current", company_tokens)
_LOCATION = Field("a place, with all of it that is recognised", _place, _PLACE_WORDS, held=_any_value("location"))
_REGION = Field("a region or state", _region, begins="region_key", held=_any_value("region_key"))
_COUNTRY = Field("a country", _country, held=_any_value("country"))
_EMAIL = Field("an e-mail address, of whatever kind", _email, held=Flag("has_email", True))
_EMAIL_OF_A_KIND = Field("an e-mail address; the index does not know of what kind", _email, hint="; whether there is any: exists of emails")
_PHONE = Field("a phone number", _phone, held=Flag("has_phone", True))
_MOBILE = Field("a phone number; the index does not know of what kind", _phone, hint="; whether there is any: exists of phone_numbers")


def _of_network(network: str) -> tuple[Field, Field]:
    held = Prefix("link", f"{network}:")
    return Field(f"a profile on {network}", _link(network), held=held), Field(f"a handle on {network}", _link(network), held=held)


_LINKEDIN, _X, _GITHUB, _FACEBOOK = map(_of_network, ("linkedin", "x", "github", "facebook"))

FIELDS: Mapping[str, Field] = {
    "id": Field("the id of a profile", _id),
    "full_name": Field("a name, in each of its spellings", _full_name, Words("name", fold_tokens, ordered=False), held=Everything()),
    "first_name": Field("a given or middle name", _given, held=Everything()),
    "middle_name": Field("the same", _given),
    "last_name": Field("a family name, or the first of two", _family, held=Everything()),
    "job_title": _TITLE,
    "job_title_role": Field(f"a function: {', '.join(ROLES)}", _named(ROLES, "function"), held=_any_value("function")),
    "job_title_levels": Field(
        f"a seniority: {', '.join(LEVELS)}",
        _named(LEVELS, "seniority"),
        held=_terms("seniority", [ours for level in LEVELS.values() for ours in level]),
    ),
    "job_company_name": Field(
        "an employer of now, its legal form aside", _company("company_current_key"), _EMPLOYER, held=_any_value("company_current_key")
    ),
    "job_company_id": Field("the id that /v5/company/clean gives it", _company("company_current_key")),
    "job_company_website": Field("the domain of an employer of now", _website("company_current_key")),
    "experience.title.name": _TITLE,
    "experience.title.role": Field("as job_title_role", _named(ROLES, "function"), held=_any_value("function")),
    "experience.title.levels": Field("as job_title_levels", _named(LEVELS, "seniority")),
    "experience.company.name": Field(
        "an employer of now or before", _company("company_key"), Words("company", company_tokens), held=_any_value("company_key")
    ),
    "experience.company.id": Field("the id that /v5/company/clean gives it", _company("company_key")),
    "experience.company.website": Field(
        "the domain of an employer of now or before", _website("company_domain"), held=_any_value("company_domain")
    ),
    "experience.location_names": _LOCATION,
    "location_name": _LOCATION,
    "location_names": _LOCATION,
    "location_locality": Field("a city", _locality, begins="city_key", held=_any_value("city_key")),
    "location_region": _REGION,
    "regions": _REGION,
    "location_country": _COUNTRY,
    "countries": _COUNTRY,
    "skills": Field("a skill by any of its names", _skill, Words("skill", skill_tokens), held=_any_value("skill_key")),
    "emails": _EMAIL,
    "emails.address": _EMAIL,
    "work_email": _EMAIL_OF_A_KIND,
    "personal_emails": _EMAIL_OF_A_KIND,
    "recommended_personal_email": _EMAIL_OF_A_KIND,
    "phone_numbers": _PHONE,
    "phones.number": _PHONE,
    "mobile_phone": _MOBILE,
    "profiles": Field("a profile on any network", _link(), held=Flag("has_link", True)),
    "profiles.url": Field("a profile on any network", _link(), held=Flag("has_link", True)),
    "profiles.network": Field("that there is a profile on this network", _network),
    "linkedin_url": _LINKEDIN[0],
    "linkedin_username": _LINKEDIN[1],
    "twitter_url": _X[0],
    "twitter_username": _X[1],
    "github_url": _GITHUB[0],
    "github_username": _GITHUB[1],
    "facebook_url": _FACEBOOK[0],
    "facebook_username": _FACEBOOK[1],
    "updated": Field("the last day on which a record changed the profile; roster's own", _day, day="updated"),
}
