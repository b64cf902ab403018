"""Which web pages may read answers (CORS): those of clients of the reconciliation protocol, which work in a browser.

A server that asks for keys lets any page read, as the protocol wants it: without a key there is nothing to read. One without keys answers
whoever can reach it, and a page from anywhere, opened in a browser on this machine, can; so only pages of this machine may read there, such
as OpenRefine's. JSONP, which the protocol leaves open, knows no such difference and is not offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from search_api.keys import is_loopback


def crossing_headers(origin: str, *, keyed: bool) -> Mapping[str, str]:
    """The headers of an answer to a page from this origin ("" = none told)."""
    if keyed:
        allowed = "*"
    elif _is_of_this_machine(origin):
        allowed = origin
    else:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": allowed,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key, X-Request-ID",
        "Access-Control-Expose-Headers": "X-Request-ID",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


def _is_of_this_machine(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "")
    except ValueError:
        return False
