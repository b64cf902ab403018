"""The values of a field of words on the wire: any-of, all-of, none-of and a minimum.

Limits are here, beside what they were argued from. schemas.py builds the requests and answers of them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from search_api.wire import Wire

MAX_VALUE = 1000  # characters: a boolean list of titles; the longest single title in the O*NET and ESCO lists has 131
MAX_VALUES = 50  # values a field: a recruiter's longest boolean lists have a few dozen
MODES = ("any", "all", "none")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_VALUE)]


class Words(Wire):
    """Values of one field: at least `minimum` of `any`, every one of `all`, not one of `none`."""

    any: tuple[Text, ...] = ()
    all: tuple[Text, ...] = ()
    none: tuple[Text, ...] = ()
    minimum: Annotated[int, Field(ge=1, le=MAX_VALUES)] = 1

    @model_validator(mode="after")
    def _not_too_many(self) -> Words:
        if len(self.any) + len(self.all) + len(self.none) > MAX_VALUES:
            raise PydanticCustomError("too_many_values", "too many values", {"allowed": f"at most {MAX_VALUES} values"})
        if self.minimum > max(1, len(self.any)):
            allowed = f"at most {len(self.any)}, the number of values in any" if self.any else "a minimum beside values in any"
            raise PydanticCustomError("minimum_too_big", "the minimum is more than there are values", {"allowed": allowed})
        return self

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.any or self.all or self.none)


def _as_words(given: object) -> object:
    """A string and a list of strings both mean any-of."""
    if given is None:
        return Words()
    if isinstance(given, str):
        return {"any": [given]}
    if isinstance(given, (list, tuple)):
        return {"any": given}
    if isinstance(given, (dict, Words)):
        return given
    raise PydanticCustomError("words", "is neither a string, nor a list, nor an object", {"allowed": _WORDS_ALLOWED})


_WORDS_ALLOWED = 'a string, a list of strings (any of them), or {"any": [..], "all": [..], "none": [..]}'
_ONE = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE}
_MANY = {"type": "array", "items": _ONE, "maxItems": MAX_VALUES}
_MINIMUM = {"type": "integer", "minimum": 1, "maximum": MAX_VALUES, "default": 1}
_WORDS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        _ONE,
        _MANY,
        {"type": "object", "properties": {**dict.fromkeys(MODES, _MANY), "minimum": _MINIMUM}, "additionalProperties": False},
    ],
    "description": "A value, a list (any of them), or any-of, all-of and none-of lists; minimum: how many of any-of must match. A "
    'value may use AND, OR, NOT, brackets and "quoted phrases".',
}
WordsField = Annotated[Words, BeforeValidator(_as_words), WithJsonSchema(_WORDS_SCHEMA)]
