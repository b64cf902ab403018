"""The suppression list: who asked not to be held, kept as keyed hashes, so that no source can bring the person back.

An entry is the HMAC-SHA-256 of "kind:canonical value" under a secret key; beside it stand the kind, the key's id, the day and the scope,
and nothing that can be read (requirement D04). A plain hash would not do: all phone numbers can be hashed in an afternoon.

Scope "person": a record that carries the value is not taken at all. Scope "value": the value stands for several people (a role mailbox,
a switchboard), so only the value is dropped and the people stay.

A suppressed person's records are on the list as well, of kind "record": one that carries nothing but a name and a landline would
otherwise bring the person back. What is hashed is the record's key with each word of the name, so that an id which a source has given
to somebody else does not keep that person out.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import orjson

from engines.base import Collection, Write, WriteDocuments
from profiles.errors import InputInvalid, Problem, SettingsInvalid, WriteConflict
from profiles.models import Observation, SourceRecord, Value, ValueKind
from profiles.normalise.email import normalise_email
from profiles.normalise.link import normalise_link
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused

Scope = Literal["person", "value"]
RECORD: Literal["record"] = "record"
EntryKind = ValueKind | Literal["record"]
IDENTIFIERS = (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK)
KEY_FILE = "suppression.key"
KEY_BYTES = 32
ATTEMPTS = 5
"""Tries of a write that meets a concurrent one on the same entries: two people at a terminal never need three."""


@dataclass(frozen=True, slots=True)
class SuppressionKey:
    """The secret of the list. id: derived from the secret, stored with every entry, tells which key an entry was made with."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def from_hex(cls, text: str) -> SuppressionKey:
        """The key as a setting gives it: 64 hex digits. Raises SettingsInvalid."""
        try:
            secret = bytes.fromhex(text.strip())
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise SettingsInvalid([Problem("suppression key", "is not a key", f"{2 * KEY_BYTES} hex digits")])
        return cls("k" + hmac.digest(secret, b"key id", "sha256").hex()[:8], secret)

    @classmethod
    def load_or_create(cls, directory: Path) -> SuppressionKey:
        """The key kept in a directory, made there (readable by its owner alone) at first use, whoever comes first.

        Raises SettingsInvalid when the file cannot be used. Keep a copy: without the key the list no longer holds.
        """
        path = directory / KEY_FILE
        try:
            if not path.exists():
                _create(path)
            return cls.from_hex(path.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsInvalid([Problem("suppression key", f"{KEY_FILE} cannot be used")]) from error

    def digest(self, kind: EntryKind, canonical: str) -> str:
        """The keyed hash of a canonical value, as hex."""
        return _digest(self.secret, f"{kind}:{canonical}")


@lru_cache(maxsize=16_384)  # a batch is matched before it is written and again after
def _digest(secret: bytes, text: str) -> str:
    return hmac.digest(secret, text.encode("utf-8", "ignore"), "sha256").hex()


def _create(path: Path) -> None:
    """Write beside, then link: whoever reads the file finds a whole key, and of two processes one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def canonical_forms(kind: ValueKind, keys: Sequence[str], variants: Iterable[str] = ()) -> tuple[str, ...]:
    """What is hashed of a value: the canonical form first, and of an e-mail its looser spellings (without plus tag, without idle dots)."""
    forms = [keys[0], *variants] if kind is ValueKind.EMAIL else [keys[0]]
    return tuple(dict.fromkeys(form.lower() for form in forms))


def record_forms(record: SourceRecord) -> tuple[str, ...]:
    """What is hashed of a record: its key with each word of more than a letter of its names."""
    names = [o.parts for o in record.observations if o.kind is ValueKind.NAME]
    words = (word for parts in names for part in ("given_tokens", "family_tokens") for word in parts.get(part) or ())
    return tuple(dict.fromkeys(f"{record.key}#{word}" for word in words if len(word) > 1))


def forms_of(value: Observation | Value) -> tuple[str, ...]:
    """What is hashed of a held value."""
    return canonical_forms(value.kind, value.keys, value.parts.get("variants") or ())


def identify(kind: ValueKind, text: str, country: str | None = None) -> Normalised:
    """The normalised identifier. Raises InputInvalid for another kind, or for what is no e-mail address, phone number or profile link."""
    match kind:
        case ValueKind.EMAIL:
            found: Normalised | Refused = normalise_email(text)
        case ValueKind.PHONE:
            found = normalise_phone(text, country)
        case ValueKind.LINK:
            found = normalise_link(text)
        case _:
            raise InputInvalid([Problem("kind", "cannot be suppressed", "email, phone, link")])
    if isinstance(found, Refused):
        raise InputInvalid([Problem(str(kind), found.reason, found.allowed)])
    return found


@dataclass(frozen=True, slots=True)
class Match:
    """What the list says of a record. suppressed: not to be taken at all.  dropped: observations to leave out of it otherwise."""

    suppressed: bool
    dropped: tuple[Observation, ...] = ()


class SuppressionList:
    """The list, kept in the service half of the store."""

    def __init__(self, service: WriteDocuments, key: SuppressionKey) -> None:
        self._service = service
        self._key = key
        self._checked = False

    def digests(self, kind: EntryKind, forms: Iterable[str]) -> list[str]:
        """The store keys ("key id:hex") of canonical forms."""
        return [f"{self._key.id}:{self._key.digest(kind, form)}" for form in forms]

    async def add(
        self, kind: ValueKind, text: str, country: str | None = None, scope: Scope | None = None, today: date | None = None
    ) -> int:
        """Put one identifier on the list, in all its spellings; returns the entries made or widened (0 if all were there).

        scope: "value" for a role mailbox, else "person", unless given. Raises InputInvalid; nothing of `text` is kept readable.
        """
        found = identify(kind, text, country)
        wanted = dict.fromkeys(
            self.digests(kind, canonical_forms(kind, found.keys, found.parts.get("variants") or ())), (kind, scope or own_scope(found))
        )
        for attempt in range(ATTEMPTS):
            writes = await self.entry_writes(wanted, today or date.today())
            try:
                if writes:
                    await self._service.write(writes)
                return len(writes)
            except WriteConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        return 0

    async def entry_writes(self, wanted: Mapping[str, tuple[EntryKind, Scope]], today: date) -> list[Write]:
        """Writes that put digests on the list. What is there stays as it is, but scope "value" may widen to "person"."""
        await self._check_key()
        there = await self._service.get_many(Collection.SUPPRESSIONS, list(wanted))
        writes = []
        for digest, (kind, scope) in wanted.items():
            held = there.get(digest)
            if held is None or (scope == "person" and orjson.loads(held.body)["scope"] == "value"):
                body = orjson.dumps({"created": today.isoformat(), "key_id": self._key.id, "kind": str(kind), "scope": scope})
                writes.append(Write(Collection.SUPPRESSIONS, digest, body, expected=held.version if held else 0))
        return writes

    async def match(self, records: Sequence[SourceRecord]) -> list[Match]:
        """What the list says of each record, in one look-up for all of them. Raises SettingsInvalid if the list has another key."""
        if not await self._service.count(Collection.SUPPRESSIONS):
            return [Match(False)] * len(records)
        await self._check_key()
        digests: list[list[tuple[Observation | None, list[str]]]] = [
            [
                (None, self.digests(RECORD, record_forms(record))),
                *((seen, self.digests(seen.kind, forms_of(seen))) for seen in record.observations if seen.kind in IDENTIFIERS),
            ]
            for record in records
        ]
        asked = list(dict.fromkeys(digest for pairs in digests for _, forms in pairs for digest in forms))
        held = await self._service.get_many(Collection.SUPPRESSIONS, asked) if asked else {}
        scopes = {digest: orjson.loads(document.body)["scope"] for digest, document in held.items()}
        return [_judge(pairs, scopes) for pairs in digests]

    async def listed(self, kind: ValueKind, found: Sequence[Normalised]) -> list[bool]:
        """Whether each of the identifiers is on the list, in any of its spellings. Raises SettingsInvalid if the list has another key."""
        await self._check_key()
        digests = [self.digests(kind, canonical_forms(kind, one.keys, one.parts.get("variants") or ())) for one in found]
        held = await self._service.get_many(Collection.SUPPRESSIONS, list({digest for forms in digests for digest in forms}))
        return [any(digest in held for digest in forms) for forms in digests]

    async def _check_key(self) -> None:
        """Entries made with another key would silently match nothing; then it is better to stop."""
        if self._checked:
            return
        for after in ("", f"{self._key.id};"):  # before our entries, and behind them: ";" follows ":"
            async for document in self._service.scan(Collection.SUPPRESSIONS, after=after, batch=1):
                if not document.key.startswith(f"{self._key.id}:"):
                    raise SettingsInvalid(
                        [Problem("suppression key", "is not the key the suppression list was made with", "the key used before")]
                    )
                break
        self._checked = True


def own_scope(found: Normalised) -> Scope:
    """Of an identifier by itself: a role mailbox is nobody's own."""
    return "value" if found.parts.get("role") else "person"


def _judge(pairs: Iterable[tuple[Observation | None, list[str]]], scopes: dict[str, str]) -> Match:
    dropped = []
    for seen, forms in pairs:
        said = {scopes[form] for form in forms if form in scopes}
        if "person" in said:
            return Match(True)
        if said and seen is not None:
            dropped.append(seen)
    return Match(False, tuple(dropped))
