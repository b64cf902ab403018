"""The wire of /v1/suggest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from search_api.schemas import Meta
from search_api.wire import Wire

MAX_PREFIX = 100  # characters: longer than a title is typed by hand
MAX_SUGGESTIONS = 20  # a list that still fits below a box


class CompletionRequest(Wire):
    """What somebody has typed so far, and into which box."""

    field: Annotated[
        Literal["name", "job_title", "company", "skill", "location"],
        Field(description="The search parameter the text is meant for.", examples=["job_title"]),
    ]
    prefix: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PREFIX),
        Field(description="What has been typed; case and accents do not matter.", examples=["engin"]),
    ]
    size: Annotated[int, Field(ge=1, le=MAX_SUGGESTIONS, description="Suggestions at most.", examples=[10])] = 10


class Completion(Wire):
    """A value to search for."""

    value: Annotated[str, Field(description="As profiles show it.", examples=["Software Engineer"])]
    count: Annotated[int, Field(description="Profiles that hold it.", examples=[412])]


class CompletionsAnswer(Wire):
    """Values of which a word starts so, the most frequent first."""

    suggestions: Annotated[list[Completion], Field(description="Empty when nothing starts so.")]
    meta: Meta
