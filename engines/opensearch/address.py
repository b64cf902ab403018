"""Store urls of this engine, read and checked: `opensearch+https://user:password@host:9200,host2:9200/prefix?ca=/path/ca.pem`.

A domain of Amazon OpenSearch Service takes signed requests instead of passwords: `...?aws_service=es&aws_region=eu-central-1`. User and
password are then an access key and its secret; without them AWS's own ways to find credentials are used (signing.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from profiles.errors import Problem, SettingsInvalid

SCHEMES = ("opensearch+http", "opensearch+https")
EXAMPLE = "opensearch+https://search.example:9200/roster?user=roster&password_file=/run/secrets/password&ca=/etc/roster/ca.pem"
_OPTIONS = ("ca", "user", "password_file", "aws_service", "aws_region")
_AWS_SERVICES = ("es", "aoss")
_AWS_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")  # no hyphen: "a" and "a-search" could not be told apart by their indices' names
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_PORT = 9200  # where OpenSearch listens unless told otherwise
_AWS_PORT = 443  # where AWS does


@dataclass(frozen=True, slots=True)
class Signing:
    """That requests are signed for AWS. service: "es" (a domain) or "aoss" (Serverless).    region: such as "eu-central-1"."""

    service: str
    region: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is. hosts: (name, port).    prefix: begins every index's name.    ca: file of the authority to trust.

    user, password: of basic authentication; with `signing`, an access key and its secret.
    """

    hosts: tuple[tuple[str, int], ...]
    prefix: str
    secure: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    signing: Signing | None = None

    @property
    def shown(self) -> str:
        """The url without user and password, fit for a message."""
        hosts = ",".join(f"{f'[{name}]' if ':' in name else name}:{port}" for name, port in self.hosts)
        return f"{SCHEMES[self.secure]}://{hosts}/{self.prefix}"


def is_address(url: str) -> bool:
    """Whether a store url belongs to this engine."""
    return url.partition("://")[0] in SCHEMES


def read_address(url: str) -> Address:
    """A store url's parts; the password is read from its file. Raises SettingsInvalid naming everything wrong, never the password."""
    problems: list[Problem] = []
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise SettingsInvalid([Problem("store", "cannot be read as a url", EXAMPLE)]) from None
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = (unquote(part) for part in login.partition(":"))
    signing = _signing(options, problems)
    hosts = list(_hosts(places, _PORT if signing is None else _AWS_PORT, problems))
    prefix = parts.path.strip("/")
    if not _PREFIX.fullmatch(prefix):
        problems.append(Problem("store", "has no usable prefix after the host", "1 to 40 of a-z, 0-9 and _, a letter first: .../roster"))
    if unknown := sorted(set(options) - set(_OPTIONS)):
        problems.append(Problem("store", f"has unknown options: {', '.join(unknown)}", ", ".join(_OPTIONS)))
    user = options.get("user", user)
    if "password_file" in options:
        password = _password(Path(options["password_file"]), problems)
    if bool(user) != bool(password):
        problems.append(Problem("store", "names a user without a password, or a password without a user", EXAMPLE))
    ca = Path(options["ca"]) if "ca" in options else None
    if ca is not None and not ca.is_file():
        problems.append(Problem("store", "`ca` names no readable file", "a PEM file with the authority's certificate"))
    if problems:
        raise SettingsInvalid(problems)
    return Address(tuple(hosts), prefix, parts.scheme == SCHEMES[1], user or None, password or None, ca, signing)


def _signing(options: Mapping[str, str], problems: list[Problem]) -> Signing | None:
    service, region = options.get("aws_service"), options.get("aws_region")
    if service is None and region is None:
        return None
    if service not in _AWS_SERVICES:
        allowed = "es for a domain of Amazon OpenSearch Service, aoss for OpenSearch Serverless"
        problems.append(Problem("store", "`aws_service` is missing or unknown", allowed))
    if region is None or not _AWS_REGION.fullmatch(region):
        problems.append(Problem("store", "`aws_region` is missing or no region", "the region's code, such as eu-central-1"))
    return Signing(service or "", region or "")


def _hosts(text: str, port: int, problems: list[Problem]) -> Iterator[tuple[str, int]]:
    for place in text.split(","):
        found = _HOST.fullmatch(place)
        if found is None or int(found[2] or port) > 65535:
            problems.append(Problem("store", "has a host that cannot be read", "host:port, several separated by commas"))
        else:
            yield found[1].strip("[]"), int(found[2] or port)


def _password(path: Path, problems: list[Problem]) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(Problem("store", "`password_file` names no readable file", "a file that holds the password alone"))
        return ""
