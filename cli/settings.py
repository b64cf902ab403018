"""The settings, and the only place that reads the environment: one frozen model, one description per field.

Each field is the variable ROSTER_<FIELD>. docs/settings.md is generated from the model (cli/reference.py) and a test compares them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from profiles.errors import Problem, SettingsInvalid
from search_api.jobs.configured import JOB_HOURS, read_origins
from search_api.keys import read_digests
from search_api.verify.configured import LASTING, read_servers

PREFIX = "ROSTER_"
ALIKE = 0.8  # share of letters in common: STROE is STORE, API_KEY is API_KEYS; SERVICE_PORT and TEST_OPENSEARCH are nothing of ours
LONGEST_DAYS = 3650  # ten years, as for the retention policy: beyond it a number is a slip
LONGEST_JOB_HOURS = 24 * 90  # a quarter: what a job was sent is personal data, kept for its results alone
_KEY = re.compile(r"[0-9a-fA-F]{64}")  # 32 bytes, as long as what HMAC-SHA-256 gives


class Settings(BaseModel):
    """What an operator may set. Every field has a default that works on one machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = Field(
        default="embedded:./roster-data",
        description="Where everything lives, as one url: embedded:PATH is a folder on this machine, "
        "opensearch+https://HOST/PREFIX a cluster (docs/opensearch.md). --store wins over it.",
    )
    api_keys: frozenset[str] = Field(
        default=frozenset(),
        description="Digests of the API keys that may call the server, separated by commas; `roster keys make` makes one. "
        "Needed as soon as `roster serve` listens on anything but this machine.",
    )
    operator_keys: frozenset[str] = Field(
        default=frozenset(),
        description="SHA-256 digests of the API keys that may also review: list profiles that may be one person and judge them. Their "
        "holders need no second key for everything else.",
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
    dns_servers: tuple[str, ...] = Field(
        default=(),
        description="Resolvers that are asked whether the domain of an e-mail address takes mail, separated by commas, such as "
        "127.0.0.1:5353. Without it, those of the system. A resolver of your own sees which domains are verified; so does one of others.",
    )
    smtp_sender: str | None = Field(
        default=None,
        description="Turns on asking mail servers whether a mailbox exists: the address given as sender, at a domain whose mail servers "
        "expect to be written to from this machine. Without it, no mail server is asked. No mail is ever sent.",
    )
    verify_days: int = Field(
        default=LASTING,
        description="Days a check, or a source's word, counts; after that an address's status is unknown again.",
    )
    job_hours: int = Field(
        default=JOB_HOURS,
        description="Hours a job is kept, with the questions that were sent and the results; after that everything of it is removed.",
    )
    webhook_origins: frozenset[str] = Field(
        default=frozenset(),
        description="Where the ends of jobs may be told, as origins separated by commas, such as https://hooks.acme.example. Without it, "
        "nowhere: whoever sends a job could make this server call any address it can reach.",
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
    problems = [*_misspelt(environ), *_problems(given)]
    keys: dict[str, frozenset[str]] = {}
    for field in ("api_keys", "operator_keys"):
        try:
            keys[field] = read_digests(given.pop(field, ""), variable(field))
        except SettingsInvalid as error:
            problems += error.problems
    servers: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    try:
        origins = read_origins(given.get("webhook_origins", ""))
    except SettingsInvalid as error:
        problems += error.problems
    try:
        servers = read_servers(given.get("dns_servers", ""))
    except SettingsInvalid as error:
        problems += error.problems
    if problems:
        raise SettingsInvalid(problems)
    return Settings(
        **({"store": given["store"]} if "store" in given else {}),
        api_keys=keys["api_keys"],
        operator_keys=keys["operator_keys"],
        policy=_path(given.get("policy")),
        suppression_key=_key(given),
        suppression_key_file=_path(given.get("suppression_key_file")),
        taxonomy=_path(given.get("taxonomy")),
        dns_servers=servers,
        smtp_sender=given.get("smtp_sender"),
        webhook_origins=origins,
        **({"job_hours": int(given["job_hours"])} if "job_hours" in given else {}),
        **({"verify_days": int(given["verify_days"])} if "verify_days" in given else {}),
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


def _misspelt(environ: Mapping[str, str]) -> Iterator[Problem]:
    """Variables that are all but a setting: passed over, one would leave a store, a key or a limit at its default and nobody would know.

    Others that begin so may be somebody else's, as those that Kubernetes sets for a service of this name.
    """
    known = {variable(field) for field in Settings.model_fields}
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name not in known):
        if meant := get_close_matches(name.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in sorted(known)], 1, ALIKE):
            yield Problem(name, "is no setting", f"did you mean {PREFIX}{meant[0]}?")


def _problems(given: Mapping[str, str]) -> list[Problem]:
    found = []
    if given.get("suppression_key") and given.get("suppression_key_file"):
        found.append(Problem("ROSTER_SUPPRESSION_KEY_FILE", "is set beside ROSTER_SUPPRESSION_KEY", "one of the two"))
    elif (key := _key(given)) is not None and not _KEY.fullmatch(key):
        name = "ROSTER_SUPPRESSION_KEY_FILE" if given.get("suppression_key_file") else "ROSTER_SUPPRESSION_KEY"
        found.append(Problem(name, "gives no key", "64 hexadecimal digits"))
    if (policy := given.get("policy")) and not Path(policy).expanduser().is_file():
        found.append(Problem("ROSTER_POLICY", "names no readable file", "a TOML file with a period for each kind of value"))
    if (sender := given.get("smtp_sender")) and not _is_address(sender):
        found.append(Problem("ROSTER_SMTP_SENDER", "is no e-mail address", "an address such as verify@mail.acme.example"))
    days = given.get("verify_days", "1")
    if not days.isascii() or not days.isdecimal() or not 1 <= int(days[:6]) <= LONGEST_DAYS:
        found.append(Problem("ROSTER_VERIFY_DAYS", "is no number of days", f"1 to {LONGEST_DAYS}"))
    hours = given.get("job_hours", "1")
    if not hours.isascii() or not hours.isdecimal() or not 1 <= int(hours[:6]) <= LONGEST_JOB_HOURS:
        found.append(Problem("ROSTER_JOB_HOURS", "is no number of hours", f"1 to {LONGEST_JOB_HOURS}"))
    return found


def _is_address(text: str) -> bool:
    from profiles.normalise.email import normalise_email  # late: most commands need no address read
    from profiles.normalise.result import Normalised

    return isinstance(normalise_email(text), Normalised)


def without_settings() -> dict[str, str]:
    """The environment for a process that must run as if nothing were set (the demo's server asks for no key)."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
