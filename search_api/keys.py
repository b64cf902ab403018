"""API keys: made here, shown once, kept as digests; and where the server may listen without one.

A key is 256 random bits, so there is nothing to guess and nothing to stretch: plain SHA-256 is enough to keep it from being read
back out of a settings file. (Passwords need slow, salted hashes because people choose them; nobody chooses these.)
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from profiles.errors import AccessRefused, Problem, SettingsInvalid

PREFIX = "roster_"  # lets a person, and a secret scanner, see what a leaked string is
EVERYONE = "everyone"
"""The caller of a server without keys, whoever at this machine it is."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOOPBACK_NAMES = frozenset({"localhost", "localhost."})


def make_key() -> tuple[str, str]:
    """(the key, to be shown once; its digest, to be kept): 256 bits from the system's generator."""
    key = PREFIX + secrets.token_urlsafe(32)
    return key, key_digest(key)


def key_digest(key: str) -> str:
    """SHA-256 of a key, as 64 lower-case hex digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def read_digests(text: str, name: str = "ROSTER_API_KEYS") -> frozenset[str]:
    """The digests in a comma- or blank-separated setting of this name. Raises SettingsInvalid when one is not a digest."""
    digests = frozenset(text.replace(",", " ").lower().split())
    if not all(map(_DIGEST.fullmatch, digests)):
        raise SettingsInvalid([Problem(name, "holds something that is not a digest", "digests as `roster keys make` prints them")])
    return digests


def check_key(headers: Mapping[str, str], digests: frozenset[str], in_url: str = "") -> str:
    """The caller: the digest of the key in the headers, or EVERYONE where no digest is set at all.

    in_url: a key from the url, for the routes that take one there; a header goes before it.

    Raises AccessRefused unless the digest is one of those given.
    Every digest is compared, each in constant time: how long a refusal takes says nothing about how near a guess was.
    """
    if not digests:
        return EVERYONE
    given = key_digest(_key_in(headers) or in_url)
    if sum(hmac.compare_digest(given, digest) for digest in digests) == 0:
        raise AccessRefused("this needs an API key: send `Authorization: Bearer KEY` or `X-API-Key: KEY`")
    return given


def _key_in(headers: Mapping[str, str]) -> str:
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("X-API-Key", "").strip()


@lru_cache(maxsize=64)  # asked with every request, mostly of one name; others' names are theirs to make up
def is_loopback(host: str) -> bool:
    """Whether a host name or address reaches this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in _LOOPBACK_NAMES


def may_listen(host: str, key_digests: frozenset[str]) -> None:
    """Raise SettingsInvalid when others could reach the server and no key would stop them."""
    if key_digests or is_loopback(host):
        return
    raise SettingsInvalid(
        [
            Problem(
                "host",
                "other machines could reach this address, and without an API key anyone there could read every profile",
                "127.0.0.1, or any address once ROSTER_API_KEYS holds a digest: run `roster keys make`",
            )
        ]
    )
