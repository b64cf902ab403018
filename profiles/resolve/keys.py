"""Keys of a record: what finds its twins without a search.

A strong key (a personal e-mail address, a phone number, a profile link) names one person unless it turns out to be shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from profiles.models import Observation, SourceRecord, ValueKind

STRONG_KINDS = (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK)

MAX_HOLDERS = 50
"""Profiles a key remembers. A value held by more is a switchboard or a mailbox for everyone: it finds nobody, and rewriting an
ever longer list would make each further record dearer. 50 is above the 40 colleagues that share one in the generated feeds."""


@lru_cache(maxsize=65_536)
def key_of(kind: ValueKind, normalised_key: str) -> str:
    """The key's name in the store: "email:" and 32 hex digits (BLAKE2b-128 of the normalised key)."""
    return f"{kind.value}:{blake2b(normalised_key.encode(), digest_size=16).hexdigest()}"


def contact_keys(observations: Iterable[Observation]) -> tuple[str, ...]:
    """Keys of all contact details, shared mailboxes included: by these a suppression finds everyone who holds the value.

    An address is found by its looser spellings too (without plus tag, without idle dots): they are the same mailbox.
    """
    return tuple(
        dict.fromkeys(
            key_of(o.kind, spelling)
            for o in observations
            if o.kind in STRONG_KINDS
            for spelling in (o.keys[0], *o.parts.get("variants", ()))
        )
    )


def strong_keys(record: SourceRecord) -> tuple[str, ...]:
    """Keys that may identify the person: all contact details but role mailboxes (info@, sales@ ...)."""
    return contact_keys(o for o in record.observations if not o.parts.get("role"))
