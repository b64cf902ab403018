"""Social profiles: network, handle and canonical url out of any spelling of a profile's address, or out of a bare handle.

Networks are rows of a table; what a row cannot say (Mastodon's many hosts, LinkedIn's old /pub addresses) has a function of its own.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from urllib.parse import parse_qs, quote, unquote, urlsplit

from profiles.normalise.result import Normalised, Refused, Result

LONGEST_TEXT = 2000
"""Characters: what every browser takes as an address. Handles have at most 100 (LinkedIn)."""

Pick = str | Refused
_Reader = Callable[[list[str], dict[str, list[str]]], Pick]

_COMPANY = Refused("the page of an organisation, not of a person", "the address of a person's profile")
_NO_PROFILE = Refused("a page of the network, not somebody's profile", "the address of a person's profile")
_INTERNAL = Refused("an internal number of the network, which leads to no public profile", "the address of a person's profile")
_BAD_HANDLE = Refused("not a handle this network gives", "a handle or the address of a person's profile")


@dataclass(frozen=True, slots=True)
class Network:
    """One network.

    hosts: without www, m or a language in front.    handle: what a handle looks like, whole.    url: with {handle}, percent-encoded there.
    read: path segments and query -> handle, or why there is none.
    """

    name: str
    hosts: tuple[str, ...]
    handle: re.Pattern[str]
    url: str
    read: _Reader


def _first(segments: list[str], query: dict[str, list[str]]) -> Pick:
    return segments[0] if segments else _NO_PROFILE


def _linkedin(segments: list[str], query: dict[str, list[str]]) -> Pick:
    """/in/HANDLE[/de], /mwlite/in/HANDLE, /pub/NAME/1/2/3 (which LinkedIn forwarded to /in/NAME-321, its parts padded to three)."""
    kind = segments[0].lower() if segments else ""
    if kind == "mwlite" and len(segments) > 2:
        segments, kind = segments[1:], segments[1].lower()
    if kind == "in" and len(segments) > 1:
        return segments[1]
    if kind == "pub" and len(segments) > 1 and segments[1].lower() != "dir":
        tail = segments[2:5]
        return segments[1] if len(tail) < 3 else f"{segments[1]}-{tail[2].zfill(3)}{tail[1].zfill(3)}{tail[0]}"
    if kind in ("company", "school", "showcase", "groups", "edu"):
        return _COMPANY
    return _INTERNAL if kind in ("profile", "sales", "recruiter", "talent") else _NO_PROFILE


def _x(segments: list[str], query: dict[str, list[str]]) -> Pick:
    if segments and segments[0].lower() in ("i", "intent"):
        named = query.get("screen_name", [])
        return named[0] if named else _INTERNAL
    return _first(segments, query)


def _github(segments: list[str], query: dict[str, list[str]]) -> Pick:
    if segments and segments[0].lower() in ("orgs", "enterprises"):
        return _COMPANY
    return segments[1] if len(segments) > 1 and segments[0].lower() in ("sponsors", "users", "stars") else _first(segments, query)


def _facebook(segments: list[str], query: dict[str, list[str]]) -> Pick:
    kind = segments[0].lower() if segments else ""
    if kind == "profile.php":
        return query["id"][0] if query.get("id") else _NO_PROFILE
    if kind == "people":
        return segments[2] if len(segments) > 2 else _NO_PROFILE
    if kind in ("pages", "groups", "pg"):
        return _COMPANY
    return _first(segments, query)


def _instagram(segments: list[str], query: dict[str, list[str]]) -> Pick:
    return segments[1] if len(segments) > 1 and segments[0].lower() == "stories" else _first(segments, query)


def _xing(segments: list[str], query: dict[str, list[str]]) -> Pick:
    kind = segments[0].lower() if segments else ""
    if kind in ("profile", "people") and len(segments) > 1:
        return segments[1]
    return _COMPANY if kind in ("companies", "company", "pages", "net", "communities") else _NO_PROFILE


def _bluesky(segments: list[str], query: dict[str, list[str]]) -> Pick:
    return segments[1] if len(segments) > 1 and segments[0].lower() == "profile" else _NO_PROFILE


def _youtube(segments: list[str], query: dict[str, list[str]]) -> Pick:
    kind = segments[0].lower() if segments else ""
    if kind == "channel" and len(segments) > 1:
        return segments[1] if _CHANNEL.fullmatch(segments[1]) else _BAD_HANDLE
    if kind in ("user", "c") and len(segments) > 1:
        return segments[1]
    return _first(segments, query)


_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
"""A YouTube channel id; the only handle in the table whose capitals count."""

_WORD = r"[^\W_](?:[\w.\-]*\w)?"
_HOST_NAME = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"

NETWORKS = (
    Network(
        "linkedin",
        ("linkedin.com", "linkedin.cn"),
        re.compile(r"[^\s/?#@:.,;<>\"\\]{2,100}"),
        "https://www.linkedin.com/in/{handle}",
        _linkedin,
    ),
    Network("x", ("x.com", "twitter.com"), re.compile(r"[A-Za-z0-9_]{1,50}"), "https://x.com/{handle}", _x),
    Network(
        "github",
        ("github.com", "gist.github.com"),
        re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,48}[A-Za-z0-9_])?"),
        "https://github.com/{handle}",
        _github,
    ),
    Network(
        "facebook",
        ("facebook.com", "fb.com", "fb.me"),
        re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-_]{0,98}[A-Za-z0-9_-])?"),
        "https://www.facebook.com/{handle}",
        _facebook,
    ),
    Network(
        "instagram",
        ("instagram.com", "instagr.am"),
        re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._]{0,48}[A-Za-z0-9_])?"),
        "https://www.instagram.com/{handle}",
        _instagram,
    ),
    Network("xing", ("xing.com", "xing.to"), re.compile(_WORD), "https://www.xing.com/profile/{handle}", _xing),
    Network(
        "bluesky",
        ("bsky.app",),
        re.compile(rf"{_HOST_NAME}|did:(?:plc|web):[a-z0-9.:%-]{{1,200}}"),
        "https://bsky.app/profile/{handle}",
        _bluesky,
    ),
    Network("youtube", ("youtube.com",), re.compile(_WORD), "https://www.youtube.com/@{handle}", _youtube),
    Network("mastodon", (), re.compile(rf"[A-Za-z0-9_]+(?:[A-Za-z0-9_.\-]*[A-Za-z0-9_]+)?@{_HOST_NAME}"), "", _first),
)
"""Every network known here, mastodon last: its hosts cannot be listed."""

BY_NAME = {network.name: network for network in NETWORKS}
_BY_HOST = {host: network for network in NETWORKS for host in network.hosts}
_ALIASES = {
    "twitter": "x", "x (twitter)": "x", "x/twitter": "x", "fb": "facebook", "ig": "instagram", "insta": "instagram", "bsky": "bluesky",
    "yt": "youtube", "linked_in": "linkedin", "linked in": "linkedin", "linkedin_url": "linkedin", "git": "github", "fediverse": "mastodon",
}  # fmt: skip
_NOT_MASTODON = ("tiktok.com", "medium.com", "threads.net", "threads.com", "flipboard.com", "substack.com", "vimeo.com")
"""Hosts with /@name pages that are no Mastodon servers."""

_ALLOWED = "a profile on " + ", ".join(BY_NAME)
_FRONT = re.compile(r"(?:www|m|mobile|mobi|touch|old|new|lite|[a-z]{2}|[a-z]{2}-[a-z]{2})\.(?=[^.]+\.)")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_FEDIVERSE = re.compile(rf"@?([A-Za-z0-9_.\-]+)@({_HOST_NAME})", re.IGNORECASE)


def normalise_link(text: str, network: str = "") -> Result:
    """A person's profile on a network.

    text: an address with or without scheme, in any of the network's spellings, or a bare handle ("@jane") where network names the network.
    network: its name ("linkedin", "Twitter"); an address of another network wins over it.

    value: canonical url.    keys: "network:handle", the handle in lower case where the network ignores case (all but YouTube's channel
    ids); Facebook ignores dots as well.    parts: network, handle (as in the key, Facebook's with its dots), url.
    """
    if len(text) > LONGEST_TEXT:
        return Refused(f"longer than {LONGEST_TEXT} characters", _ALLOWED)
    said = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode()).strip(" \t\r\n<>()[]\"'`,;")
    if not said:
        return Refused("empty", _ALLOWED)
    named = network.strip().lower()
    known = BY_NAME.get(_ALIASES.get(named, named))
    if named and not known:
        return Refused("not a network known here", _ALLOWED)
    url = _as_url(said, known)
    if url is not None:
        return url
    if known is None:
        return _handle_alone(said)
    if known.name == "mastodon":
        return _mastodon(said)
    if known.name == "bluesky" and "." not in said and not said.startswith("did:"):
        said += ".bsky.social"
    return _accept(known, said)


@lru_cache(maxsize=1)
def _reserved_paths() -> dict[str, frozenset[str]]:
    text = files("profiles.normalise.data").joinpath("reserved_paths.toml").read_text(encoding="utf-8")
    return {network: frozenset(words.split()) for network, words in tomllib.loads(text).items()}


def _reserved(network: str) -> frozenset[str]:
    """First path segments that are the network's own pages."""
    return _reserved_paths().get(network, frozenset())


def _as_url(said: str, known: Network | None) -> Result | None:
    """What the text is as an address; None when it is none."""
    scheme = _SCHEME.match(said)
    rest = said[scheme.end() :] if scheme else said
    try:
        parts = urlsplit("//" + rest.replace("/#!/", "/").replace("\\", "/"))
        host = (parts.hostname or "").rstrip(".")
        query = parse_qs(parts.query)
    except ValueError:  # brackets that are no IPv6 address
        return Refused("not an address", _ALLOWED)
    if not scheme and "@" in parts.netloc:
        return None
    found = _host(host)
    segments = [unquote(s).strip() for s in parts.path.split("/") if s.strip()]
    if found is None and host.endswith(".github.io") and host.count(".") == 2:
        return _accept(BY_NAME["github"], host.split(".")[0])
    if found is None and segments and _is_fediverse(host, segments):
        name = segments[0][1:] if segments[0][0] == "@" else segments[1]
        return _mastodon(name if "@" in name else f"{name}@{host}")
    if found is None and known and known.hosts and not scheme and "/" in rest.strip("/"):
        found, segments = known, [unquote(s).strip() for s in rest.split("?")[0].split("/") if s.strip()]  # "in/jane-doe" of LinkedIn
        query = {}
    if found is None:
        looks_like_one = bool(scheme) or (known is None and "." in host and bool(segments))
        return Refused("not a profile on a network known here", _ALLOWED) if looks_like_one else None
    picked = found.read(segments, query)
    if isinstance(picked, Refused):
        return picked
    return _NO_PROFILE if picked.lower() in _reserved(found.name) else _accept(found, picked)


def _host(host: str) -> Network | None:
    """The network of a host, whatever country, language or device stands in front."""
    while host not in _BY_HOST:
        shorter = _FRONT.sub("", host, count=1) if _FRONT.match(host) else host
        if shorter == host:
            return None
        host = shorter
    return _BY_HOST[host]


def _is_fediverse(host: str, segments: list[str]) -> bool:
    if "." not in host or host.endswith(_NOT_MASTODON):
        return False
    return (segments[0][0] == "@" and len(segments[0]) > 1) or (segments[0] == "users" and len(segments) > 1)


def _handle_alone(said: str) -> Result:
    """A handle that names its own network: @jane@host, jane.bsky.social."""
    if _FEDIVERSE.fullmatch(said) and said.startswith("@"):
        return _mastodon(said)
    if said.lower().endswith(".bsky.social"):
        return _accept(BY_NAME["bluesky"], said)
    return Refused("a handle without its network, or no handle at all", _ALLOWED)


def _mastodon(said: str) -> Result:
    found = _FEDIVERSE.fullmatch(said)
    if not found:
        return Refused("not a handle of Mastodon", "@jane@host.example")
    user, host = found.group(1).lower(), found.group(2).lower()
    handle = f"{user}@{host}"
    if not BY_NAME["mastodon"].handle.fullmatch(handle):
        return _BAD_HANDLE
    url = f"https://{host}/@{user}"
    return Normalised(url, (f"mastodon:{handle}",), {"network": "mastodon", "handle": handle, "url": url})


def _accept(network: Network, said: str) -> Result:
    """The result for a handle as it was found, once it looks like one of the network's."""
    handle = unicodedata.normalize("NFC", unquote(said)).strip().removeprefix("@").strip()
    channel = network.name == "youtube" and _CHANNEL.fullmatch(handle)
    if not channel:
        handle = unicodedata.normalize("NFC", handle.lower())
    if len(handle) > 200 or not handle or not network.handle.fullmatch(handle):
        return _BAD_HANDLE
    if network.name == "linkedin" and not handle.replace("-", "").replace("_", "").isprintable():
        return _BAD_HANDLE
    compared = handle.replace(".", "") if network.name == "facebook" else handle
    if handle in _reserved(network.name):
        return _NO_PROFILE
    if channel:
        url = f"https://www.youtube.com/channel/{handle}"
    elif network.name == "facebook" and handle.isdecimal():
        url = f"https://www.facebook.com/profile.php?id={handle}"
    else:
        url = network.url.format(handle=quote(handle, safe=":@"))
    return Normalised(url, (f"{network.name}:{compared}",), {"network": network.name, "handle": handle, "url": url})
