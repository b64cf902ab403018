"""The settings, and the only place that reads the environment: one frozen model, one description per field.

Each field is the variable ROSTER_<FIELD>. docs/settings.md is generated from the model (cli/reference.py) and a test compares them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from profiles.errors import Problem, SettingsInvalid
from search_api.keys import read_digests

PREFIX = "ROSTER_"
_KEY = re.compile(r"[0-9a-fA-F]{64}")  # 32 bytes, as long as what HMAC-SHA-256 gives


class Settings(BaseModel):
    """What an operator may set. Every field has a default that works on one machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = Field(
        default="embedded:./roster-data",
        description="Where everything lives, as one url: embedded:PATH is a folder on this machine. --store wins over it.",
    )
    api_keys: frozenset[str] = Field(
        default=frozenset(),
        description="Digests of the API keys that may call the server, separated by commas; `roster keys make` makes one. "
        "Needed as soon as `roster serve` listens on anything but this machine.",
    )
    policy: Path | None = Field(
        default=None,
        description="Retention policy file (TOML): how many days each kind of value may be held. Without it, the policy that ships "
        "with roster.",
    )
    suppression_key: str | None = Field(
        default=None,
        description="Secret key of the suppression list, 64 hexadecimal digits. Without it, roster makes one and keeps it in the store as "
        "`suppression.key`, readable by its owner only. Keep a copy: without its key the list no longer holds.",
    )
    suppression_key_file: Path | None = Field(
        default=None,
        description="File that holds the secret key of the suppression list and nothing else, for a secret that is handed in as a file.",
    )
    taxonomy: Path | None = Field(
        default=None,
        description="Folder of imported skill taxonomies (`roster taxonomy import`). Without it, the folder `taxonomy` in the store.",
    )


def variable(field: str) -> str:
    """The environment variable of a field: "store" -> "ROSTER_STORE"."""
    return PREFIX + field.upper()


def read_settings(store: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: the command line's store, else the environment, else the defaults.

    An empty variable counts as unset. Raises SettingsInvalid naming every unusable variable at once, never its value.
    """
    environ = os.environ if environ is None else environ
    given = {field: environ[variable(field)] for field in Settings.model_fields if environ.get(variable(field))}
    if store:
        given["store"] = store
    problems = list(_problems(given))
    keys: frozenset[str] = frozenset()
    try:
        keys = read_digests(given.pop("api_keys", ""))
    except SettingsInvalid as error:
        problems += error.problems
    if problems:
        raise SettingsInvalid(problems)
    return Settings(
        **({"store": given["store"]} if "store" in given else {}),
        api_keys=keys,
        policy=_path(given.get("policy")),
        suppression_key=_key(given),
        suppression_key_file=_path(given.get("suppression_key_file")),
        taxonomy=_path(given.get("taxonomy")),
    )


def _path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _key(given: Mapping[str, str]) -> str | None:
    """The suppression list's key, as set or from its file; "" when the file cannot be read."""
    file = _path(given.get("suppression_key_file"))
    if file is None:
        return given.get("suppression_key")
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _problems(given: Mapping[str, str]) -> list[Problem]:
    found = []
    if given.get("suppression_key") and given.get("suppression_key_file"):
        found.append(Problem("ROSTER_SUPPRESSION_KEY_FILE", "is set beside ROSTER_SUPPRESSION_KEY", "one of the two"))
    elif (key := _key(given)) is not None and not _KEY.fullmatch(key):
        name = "ROSTER_SUPPRESSION_KEY_FILE" if given.get("suppression_key_file") else "ROSTER_SUPPRESSION_KEY"
        found.append(Problem(name, "gives no key", "64 hexadecimal digits"))
    if (policy := given.get("policy")) and not Path(policy).expanduser().is_file():
        found.append(Problem("ROSTER_POLICY", "names no readable file", "a TOML file with a period for each kind of value"))
    return found


def without_settings() -> dict[str, str]:
    """The environment for a process that must run as if nothing were set (the demo's server asks for no key)."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
