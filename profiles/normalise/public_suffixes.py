"""The public suffix list that tldextract carries: under which names a domain is registered. Nothing is asked of the network."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


@lru_cache(maxsize=1)
def public_suffixes() -> TLDExtract:
    """What takes a domain apart by the list. Read once for addresses and companies: 80 ms of processor time."""
    from tldextract import TLDExtract  # on first use: it brings an HTTP client along, 60 ms that most commands do without

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
