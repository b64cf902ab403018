"""The wire of reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from search_api.review.pairs import MAX_REASON
from search_api.schemas import Meta
from search_api.wire import Wire

MAX_PAIRS = 100  # a page: each is read anew from the store


class LinksRequest(Wire):
    """What a list of pairs can be asked for."""

    size: int = Field(default=20, ge=1, le=MAX_PAIRS)
    profile: str | None = Field(default=None, max_length=64, description="Only the pairs of this profile.")


class CardAnswer(Wire):
    """A profile as a list shows it."""

    id: str
    name: str | None
    job_title: str | None
    company: str | None
    location: str | None


class PairAnswer(Wire):
    """Two profiles that may be one person, as they are known today.

    score: log2 of the odds. because: each finding with its weight in bits, without values. at: when a record first showed it.
    """

    profiles: tuple[CardAnswer, CardAnswer]
    score: float
    because: tuple[str, ...]
    weights: str
    at: datetime


class LinksAnswer(Wire):
    """The likeliest pairs that wait for a person's word, and how many there are."""

    total: int
    pairs: tuple[PairAnswer, ...]
    meta: Meta


class JudgementRequest(Wire):
    """A person's word on two profiles, or on two records as "source/record_id"."""

    profiles: tuple[Annotated[str, Field(min_length=1, max_length=600)], Annotated[str, Field(min_length=1, max_length=600)]]
    verdict: Literal["same", "different"]
    reason: str = Field(default="", max_length=MAX_REASON, description="Why, in a sentence; kept until either person is erased.")


class JudgementAnswer(Wire):
    """The judgement as it was taken. The next job of the indexer lets profiles follow it."""

    judgement: str
    profiles: tuple[str, str]
    verdict: Literal["same", "different"]
    meta: Meta
