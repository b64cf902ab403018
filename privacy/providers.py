"""Enrichment providers: whom an operator lets roster ask for what it lacks, what may be sent to them, and under which agreement.

id = "contact_lookup"
name = "Contact Lookup Ltd"
url = "https://api.contact-lookup.example/v1/person"   # gets one POST for each person
key_file = "contact_lookup.key"          # its text goes along as `Authorization: Bearer ...`; without one, no key is sent
source = "contact_lookup"                # the registered source through whose gate the answers come
missing = ["phone"]                      # only people of whom none of these is held are asked about
send = ["name", "company", "link"]       # what may be sent of them, the best value of each; nothing else ever is
per_minute = 60
timeout_seconds = 10

[agreement]
reference = "DPA 2026-014"               # the contract by which this may be sent to them
purpose = "completing business contact data"
until = 2027-12-31                       # its last day
keep_days = 1095                         # how long it is kept on record what was sent about whom, and when
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from privacy.expressions import nearest
from privacy.sources import Days, Text
from privacy.toml_file import read_toml
from profiles.errors import Problem, ProviderInvalid
from profiles.models import Profile, ValueKind

SENDABLE = ("name", "email", "phone", "job_title", "company", "location", "link")
"""Kinds of value that can tell a provider who is meant."""

Kind = Literal["name", "email", "phone", "job_title", "company", "location", "link"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Agreement(_Table):
    """By what right data are sent. keep_days: how long a disclosure stays on record."""

    reference: Text
    purpose: Text
    until: date
    keep_days: Days


class Provider(_Table):
    """One provider, as its file says; see the module's docstring."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    name: Text
    url: Text
    key_file: Path | None = None
    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    missing: Annotated[tuple[ValueKind, ...], Field(min_length=1)]
    send: Annotated[tuple[Kind, ...], Field(min_length=2)]
    per_minute: Annotated[int, Field(ge=1, le=6000, strict=True)] = 60
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 10.0
    agreement: Agreement

    def question(self, profile: Profile) -> dict[str, str] | None:
        """What may be sent about a person; None where nothing is missing, or too little is held to tell who is meant.

        A name alone is many people's: something beside it must be held, and sent.
        """
        if any(profile.first(kind) for kind in self.missing):
            return None
        held: dict[str, str] = {kind: value.value for kind in self.send if (value := profile.first(ValueKind(kind)))}
        return held if len(held) > 1 else None


def read_provider(path: Path, today: date) -> Provider:
    """The provider described by a file; a key file's path is meant from there. Raises ProviderInvalid with everything that is wrong."""
    raw = read_toml(path, ProviderInvalid)
    problems: list[Problem] = []
    provider = None
    try:
        provider = Provider.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    problems += _check_url(raw.get("url"))
    if provider is not None:
        problems += _check_terms(provider, today)
        if provider.key_file is not None:
            provider = provider.model_copy(update={"key_file": path.parent / provider.key_file.expanduser()})
            problems += [] if read_key(provider) else [Problem("key_file", "cannot be read, or is empty", "a file with the provider's key")]
    if provider is None or problems:
        raise ProviderInvalid(problems)
    return provider


def read_key(provider: Provider) -> str:
    """The key of a provider; "" where it asks for none, or there is none to read."""
    try:
        return provider.key_file.read_text("utf-8").strip() if provider.key_file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _check_url(url: Any) -> list[Problem]:
    """Personal data go through no open network."""
    if not isinstance(url, str):
        return []
    allowed = "https://..., without user or password; http:// to this machine only"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [Problem("url", "is no address", allowed)]
    here = host in ("localhost", "127.0.0.1", "::1")
    if not host or parts.username is not None or parts.scheme not in (("https", "http") if here else ("https",)):
        return [Problem("url", "is no address that may be sent to", allowed)]
    return []


def _check_terms(provider: Provider, today: date) -> list[Problem]:
    problems = []
    if provider.agreement.until < today:
        problems.append(Problem("agreement.until", f"the agreement ended on {provider.agreement.until}", f"{today} or later"))
    if "name" not in provider.send:
        problems.append(Problem("send", "has no name, without which no answer could be told to be of the person", '"name" and more'))
    if both := sorted({*map(str, provider.missing)} & {*provider.send}):
        problems.append(Problem("send", f"has what is missing ({', '.join(both)}): it is never held then", "other kinds"))
    return problems


_ALLOWED = {
    "id": "lower-case letters, digits, _ and -, starting with a letter, at most 64",
    "source": "the id of a registered source",
    "missing": f"a list of {', '.join(ValueKind)}",
    "send": f"two or more of {', '.join(SENDABLE)}",
    "per_minute": "a whole number, 1 to 6000",
    "timeout_seconds": "seconds, more than 0, at most 120",
    "agreement": "a table with reference, purpose, until and keep_days",
    "agreement.until": "a date such as 2027-12-31",
    "agreement.keep_days": "whole days, at least 1",
}
_KNOWN = {"": list(Provider.model_fields), "agreement": list(Agreement.model_fields)}


def _problem(detail: Any) -> Problem:
    """One pydantic error in our words."""
    steps = [str(step) for step in detail["loc"]]
    pointer, above = ".".join(steps), ".".join(steps[:-1])
    if detail["type"] == "extra_forbidden":
        return Problem(pointer, "no such key", nearest(steps[-1], _KNOWN.get(above, [])))
    said = "is missing" if detail["type"] == "missing" else "is not of the right form"
    return Problem(pointer, said, _ALLOWED.get(pointer) or _ALLOWED.get(above) or "a text")
