"""What every model of the wire is made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def said(description: str, *example: object) -> Any:
    """A field's description and example, for /openapi.json; objects explain themselves field by field."""
    return Field(description=description, examples=list(example) or None)


class Wire(BaseModel):
    """Frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
