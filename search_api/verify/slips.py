"""Domains of mailbox providers that are mistyped by one letter: gmial.com is meant for gmail.com. A hint for whoever asks, no verdict."""

from __future__ import annotations

from profiles.normalise.name import edits

MEANT = (
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "protonmail.com", "yahoo.co.uk",
    "hotmail.co.uk", "t-online.de", "freenet.de", "orange.fr", "wanadoo.fr", "laposte.net", "libero.it", "comcast.net", "verizon.net",
)  # fmt: skip
"""Large providers with names long enough that one letter makes no other word of them: gmx.de, web.de and aol.com are left out."""

THEMSELVES = frozenset({"mail.com", "email.com", "ymail.com"})
"""Providers that are one letter away from these, and meant as they stand."""


def meant_domain(domain: str) -> str | None:
    """The provider's domain that is one letter (or two swapped) away; None where there is none, or the domain is one itself."""
    if domain in MEANT or domain in THEMSELVES:
        return None
    return next((provider for provider in MEANT if abs(len(provider) - len(domain)) <= 1 and edits(domain, provider) == 1), None)
