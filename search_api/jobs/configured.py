"""What an operator may set about jobs. Light: the settings import it, and with them every command."""

from __future__ import annotations

from urllib.parse import urlsplit

from profiles.errors import Problem, SettingsInvalid

JOB_HOURS = 72  # hours a job is kept, what was sent and what was found: over a weekend


def read_origins(text: str) -> frozenset[str]:
    """The origins in a setting, separated by commas or blanks. Raises SettingsInvalid when one is none."""
    origins = frozenset(origin_of(word) if origin_of(word) == word.lower().rstrip("/") else "" for word in text.replace(",", " ").split())
    if "" in origins:
        allowed = "origins such as https://hooks.acme.example, separated by commas"
        raise SettingsInvalid([Problem("ROSTER_WEBHOOK_ORIGINS", "holds something that is no origin", allowed)])
    return origins


def origin_of(url: str) -> str:
    """Scheme, host and port of a url; "" when it has none, or says more before the host than a scheme."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != {"http": 80, "https": 443}[parts.scheme] else "")
