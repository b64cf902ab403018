"""Asking a server over HTTP with the standard library alone, so that what starts OpenSearch does not lean on what is under test."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any


def tls(ca: Path, certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    """Trust this authority only; certificate: to show who asks, with its key."""
    context = ssl.create_default_context(cafile=str(ca))
    if certificate:
        context.load_cert_chain(*map(str, certificate))
    return context


def ask(
    url: str,
    method: str = "GET",
    body: Any = None,
    *,
    user: tuple[str, str] | None = None,
    seconds: float = 30,
    context: ssl.SSLContext | None = None,
) -> Any:
    """The JSON answer. body: JSON, or text as it stands (bulk). user: name and password. Raises OSError, HTTPError with the status."""
    data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(user).encode()).decode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=seconds) as answer:
        return json.loads(answer.read() or b"null")
