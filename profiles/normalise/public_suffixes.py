"""The public suffix list: under which names a domain is registered. Nothing is asked of the network."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=1)
def _list() -> PublicSuffixList:
    """Of registries alone, not of companies that let names below their own. Read once for addresses and companies: 26 ms."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)


def registered_part(host: str, *, of_any_ending: bool) -> str:
    """The part of a host name that somebody registered: "mail.company.co.uk" -> "company.co.uk"; "" for a bare suffix or label.

    of_any_ending: whether an ending that is in no list (.example) counts as one under which names are registered.
    """
    return str(_list().privatesuffix(host, accept_unknown=of_any_ending) or "")
