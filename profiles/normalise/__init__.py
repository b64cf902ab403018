"""Normalisers: one file per kind of value, the same at index time and at query time. NORMALISERS lists them all.

Each is called with the text (some take more, see their files), returns Normalised or Refused, and raises on no string.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from profiles.models import ValueKind
from profiles.normalise.result import Result

NORMALISER_VERSION = 5
"""Grows with every change of a key or a part: stored values of an older version are normalised again from what the source said."""


def _late(module: str, function: str) -> Callable[..., Result]:
    """The normaliser, imported when first called: the command line starts without gazetteer, number plans and word lists."""

    def normalise(*args: str, **kwargs: str) -> Result:
        found: Callable[..., Result] = getattr(import_module(f"profiles.normalise.{module}"), function)
        return found(*args, **kwargs)

    normalise.__name__ = normalise.__qualname__ = function
    return normalise


NORMALISERS: dict[ValueKind, Callable[..., Result]] = {
    ValueKind.NAME: _late("name", "normalise_name"),
    ValueKind.EMAIL: _late("email", "normalise_email"),
    ValueKind.PHONE: _late("phone", "normalise_phone"),
    ValueKind.JOB_TITLE: _late("job_title", "normalise_job_title"),
    ValueKind.COMPANY: _late("company", "normalise_company"),
    ValueKind.LOCATION: _late("location", "normalise_location"),
    ValueKind.SKILL: _late("skill", "normalise_skill"),
    ValueKind.LINK: _late("link", "normalise_link"),
}
