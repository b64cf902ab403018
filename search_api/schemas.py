"""The wire: what a search request and the answers look like. These models are the source of /openapi.json.

Limits are here, beside what they were argued from. search_api/requests.py reads bodies and query strings into SearchRequest.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints

from search_api.wire import Wire, said
from search_api.words import Text, Words, WordsField

MAX_Q = 2000  # characters: an expression of 64 words and phrases (see meaning/boolean.py) of thirty letters each
MAX_SIZE = 100  # hits a page: a page is hydrated and shaped in one go
MAX_FACET_SIZE = 100  # buckets a facet
MIN_RADIUS, MAX_RADIUS, DEFAULT_RADIUS = 0.1, 20_016.0, 50.0  # kilometres: half way round is everywhere; 50 are an hour's way to work
MAX_CURSOR = 2000  # characters: room for any engine's cursor

FacetName = Literal["job_title", "seniority", "function", "company", "skill", "city", "region", "country", "source"]
FACETS: tuple[str, ...] = get_args(FacetName)
WORD_FIELDS = ("name", "job_title", "company", "location", "skill", "seniority", "function")


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


def _blank_is_none(given: object) -> object:
    return None if isinstance(given, str) and not given.strip() else given


class SearchRequest(Wire):
    """A search. Everything given must hold; what is left out asks for nothing."""

    q: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_Q)] | None,
        BeforeValidator(_blank_is_none),
        Field(
            description="Free text: a name, title, company, place, skill, e-mail address, phone number, handle or profile link, in any "
            'mix; or an expression with AND, OR, NOT, brackets and "quoted phrases".'
        ),
    ] = None
    strict: Annotated[
        bool, Field(description="Only what is asked for as it is spelt: no synonyms, no nicknames, nothing by sound or edit distance.")
    ] = False
    name: WordsField = Words()
    job_title: WordsField = Words()
    company: WordsField = Words()
    company_when: Annotated[
        Literal["any", "current", "past"],
        Field(
            description="Whether `company` is an employer of now, of before, or either. One that nobody says has ended is one of now.",
            examples=["past"],
        ),
    ] = "any"
    location: WordsField = Words()
    near: Annotated[
        Text | None,
        Field(
            description="A city, or a point as latitude,longitude in degrees: only people with a place within `radius_km` of it.",
            examples=["Munich", "48.137,11.575"],
        ),
    ] = None
    radius_km: Annotated[
        float | None,
        Field(
            ge=MIN_RADIUS,
            le=MAX_RADIUS,
            description=f"Kilometres around `near`, as the crow flies ({DEFAULT_RADIUS:g} if left out); "
            "without `near`, around the one `location`.",
            examples=[30],
        ),
    ] = None
    skill: WordsField = Words()
    seniority: WordsField = Words()
    function: WordsField = Words()
    email: Annotated[Text | None, Field(description="Exactly this e-mail address, in any spelling.")] = None
    phone: Annotated[Text | None, Field(description="Exactly this phone number, best with its country code.")] = None
    link: Annotated[Text | None, Field(description="Exactly this social profile: a link, or a handle such as @jane.")] = None
    has_email: bool | None = None
    has_phone: bool | None = None
    has_link: bool | None = None
    updated_since: Annotated[date | None, Field(description="Only profiles a record has changed on or after this day.")] = None
    sort: Annotated[
        Literal["relevance", "name", "updated", "distance"],
        Field(description="By family name, by day of change (newest first) or by distance from `near` (nearest first)."),
    ] = "relevance"
    size: Annotated[int, Field(ge=0, le=MAX_SIZE, description="Hits a page; 0 for totals and facets alone.")] = 10
    cursor: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_CURSOR)] | None,
        Field(description="The cursor of the page before; everything else as it was."),
    ] = None
    exact_total: Annotated[
        bool, Field(description="Count every match. If false, counting may stop at 10,000, which is quicker; `total_is_exact` tells.")
    ] = True
    highlight: Annotated[bool, Field(description="Hits say which words of their values matched.")] = False
    explain: Annotated[bool, Field(description="Hits say in words what matched how, and what each gave to the score.")] = False
    count_without: Annotated[
        bool, Field(description="When nobody is found, count who is found without each of the conditions: `interpreted.without`.")
    ] = False
    facets: Annotated[
        tuple[FacetName, ...],
        BeforeValidator(_listed),
        Field(
            max_length=len(FACETS),
            description="Values to count over the whole result. The any-of and none-of values of a facet's own field do not narrow it "
            "(`location` for city, region and country), so that it shows what else could be chosen.",
        ),
    ] = ()
    facet_size: Annotated[int, Field(ge=1, le=MAX_FACET_SIZE, description="Buckets a facet, biggest first.")] = 10

    def words(self, field: str) -> Words:
        """The Words of one of WORD_FIELDS."""
        value: Words = getattr(self, field)
        return value


# --- answers -----------------------------------------------------------------------------------------------------------------


class Meta(Wire):
    """About the answer. took_ms: time in the server, in milliseconds."""

    request_id: str
    took_ms: float


class HitLink(Wire):
    """A social profile."""

    network: str | None
    url: str


class Span(Wire):
    """A part of a text: characters from `start` up to, not including, `end`."""

    start: int
    end: int


class Highlight(Wire):
    """A value of which something matched. It may be one the hit does not show: an earlier employer, another name."""

    field: Literal["name", "job_title", "company", "location", "skill"]
    value: str
    words: list[Span]


class Share(Wire):
    """What one part of the question gave to the score. text: a sentence; the rest is the same in pieces.

    parameter: where it was asked.    said: the words asked.    field, how: what of the profile matched, and in which way.
    value: what the person has there; null for contact details, which a hit does not show.
    """

    text: str
    parameter: str
    said: str
    field: str
    how: str
    value: str | None
    score: float


class Explanation(Wire):
    """Why a hit is where it is. score: what the shares add up to; by relevance, the hit's own score."""

    score: float
    shares: list[Share]


class HitAnswer(Wire):
    """One found profile, without contact details: GET /v1/profiles/{id} has those. Texts are null when unknown.

    distance_km: of the nearest of the person's places; null unless `near` was asked.
    highlights, explanation: null unless asked.
    """

    id: str
    name: str | None
    job_title: str | None
    company: str | None
    location: str | None
    score: float
    seniority: str | None
    function: str | None
    skills: list[str]
    links: list[HitLink]
    has_email: bool
    has_phone: bool
    has_link: bool
    updated: date
    distance_km: float | None
    highlights: list[Highlight] | None
    explanation: Explanation | None


class FacetBucket(Wire):
    """A value of a facet and how many of the matching profiles hold it."""

    value: str
    count: int


class ReadWord(Wire):
    """What one part of the request was taken for. read_as: in words; several are alternatives."""

    text: str
    field: str
    read_as: list[str]


class ReadPlace(Wire):
    """Which place a text was taken for. lat, lon: degrees, null for what is larger than a city. radius_km: null unless a circle is asked.
    also: other places that are called so; name a region or country with the place to mean one of them.
    """

    text: str
    parameter: str
    place: str
    lat: float | None
    lon: float | None
    radius_km: float | None
    also: list[str]


class LeftOut(Wire):
    """A condition of a search that nobody meets as a whole. total: how many people are found without it."""

    field: str
    text: str
    total: int


class InterpretedAnswer(Wire):
    """What was understood. at_least: how many of the parts of `q` must match; null without `q`, and where operators say it.
    relaxed: nobody matches as many as were asked for first, so one fewer had to.
    fields: what `q` was taken for, as fields of a request, judged by the best hit: to be corrected and sent in place of `q`.
    without: when nobody is found and `count_without` was asked: each condition, and how many are found once it is left out; empty where
    only one thing was asked. Null otherwise.
    """

    words: list[ReadWord]
    places: list[ReadPlace]
    at_least: int | None
    relaxed: bool
    fields: dict[str, Any]
    without: list[LeftOut] | None


class SearchAnswer(Wire):
    """Answer to a search. total_is_exact: false means "at least total". cursor: for the next page, null at the end."""

    total: int
    total_is_exact: bool
    hits: list[HitAnswer]
    facets: dict[str, list[FacetBucket]]
    cursor: str | None
    interpreted: InterpretedAnswer
    meta: Meta


class SourceAnswer(Wire):
    """A source that attests a value."""

    id: Annotated[str, said("The source's id.", "registry")]
    name: Annotated[str | None, said("Its name.", "Example business registry")]
    kind: Annotated[str | None, said("public or licensed_third_party.", "public")]
    record_id: Annotated[str, said("Its record's id.", "r-17")]
    collected_at: Annotated[date, said("The day the source collected it.", "2026-11-01")]
    url: Annotated[str | None, said("The record's page, for public sources.", "https://registry.example/r-17")]


class ValueAnswer(Wire):
    """A value with everyone who attests it."""

    value: Annotated[str, said("The value, fit to show.", "Jane Doe")]
    parts: Annotated[dict[str, Any], said("What it consists of; for each kind its own.", {"given": "Jane", "family": "Doe"})]
    status: Annotated[str, said("attested by a source, or another word that verification added.", "attested")]
    score: Annotated[float, said("0 to 1: the share of what sources attest of this kind.", 1.0)]
    verified_at: Annotated[date | None, said("The day it was verified.", None)]
    first_seen: Annotated[
        date, said("The first day it is known to have been said; how long it is held counts from the day it came in.", "2026-10-01")
    ]
    last_seen: Annotated[date, said("The day a source last attested it.", "2026-11-01")]
    expires_at: Annotated[date, said("The first day on which it may no longer be served.", "2028-10-01")]
    job: Annotated[str | None, said("Key of the company the title, place or contact belongs to.", "emberpoint")]
    current: Annotated[bool | None, said("Whether the job is held now; null when unknown, or not about a job.", True)]
    started: Annotated[str | None, said("Month or day on which the job began.", "2024-02")]
    ended: Annotated[str | None, said("Month or day on which it ended.", None)]
    sources: Annotated[list[SourceAnswer], said("Who attests it, newest first.")]


class WholeProfile(Wire):
    """One whole profile: the four texts shown in a hit, then every value by kind, best first."""

    id: Annotated[str, said("The profile's id.", "pmrs52a2ewgtjac0b")]
    name: Annotated[str | None, said("The name shown first.", "Jane Doe")]
    job_title: Annotated[str | None, said("The job title shown first.", "Data Scientist")]
    company: Annotated[str | None, said("The company shown first.", "Emberpoint")]
    location: Annotated[str | None, said("The place shown first.", "Munich, Bavaria, Germany")]
    updated: Annotated[date, said("The last day on which a record changed the profile.", "2026-11-01")]
    names: Annotated[list[ValueAnswer], said("Names.")]
    emails: Annotated[list[ValueAnswer], said("E-mail addresses.")]
    phones: Annotated[list[ValueAnswer], said("Phone numbers.")]
    job_titles: Annotated[list[ValueAnswer], said("Job titles.")]
    companies: Annotated[list[ValueAnswer], said("Employers.")]
    locations: Annotated[list[ValueAnswer], said("Places.")]
    skills: Annotated[list[ValueAnswer], said("Skills.")]
    links: Annotated[list[ValueAnswer], said("Social profiles.")]


class ProfileAnswer(WholeProfile):
    """One whole profile."""

    meta: Meta


class MovedAnswer(Wire):
    """The profile was merged into another; the Location header leads to it."""

    moved_to: str
    meta: Meta


class HealthAnswer(Wire):
    """The process answers."""

    status: Literal["ok"]
    meta: Meta


class ReadyAnswer(Wire):
    """The service can answer searches. backlog: profile changes the index does not show yet."""

    ready: Literal[True]
    documents: int | None
    backlog: int | None
    meta: Meta


class ErrorItem(Wire):
    """One thing wrong."""

    pointer: Annotated[str, said("A JSON pointer into the body, or a parameter's name; empty for the request as a whole.", "/email")]
    detail: Annotated[str, said("What is wrong with it.", "is empty")]
    allowed: Annotated[str, said("What would be right.", "at least one character")]


class ProblemAnswer(Wire):
    """Every error, as application/problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ErrorItem]
