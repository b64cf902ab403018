"""The wire of exports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from search_api.schemas import SearchRequest
from search_api.wire import Wire

Format = Literal["ndjson", "csv"]


class ExportOptions(Wire):
    """How a result is exported."""

    format: Annotated[
        Format, Field(description="`ndjson`: whole profiles, one JSON object a line. `csv`: a row a person, several values in one cell.")
    ] = "ndjson"
    after: Annotated[
        Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_]{1,64}$")] | None,
        Field(description="To take up an export that was cut short: the id of the last whole line received.", examples=["p_01hx"]),
    ] = None


class ExportRequest(ExportOptions):
    """An export of everyone who matches the query."""

    query: SearchRequest = SearchRequest()
