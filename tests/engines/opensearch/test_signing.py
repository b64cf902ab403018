"""Requests signed for AWS, seen from the other side: a server that checks each signature by the published algorithm.

No AWS is asked. What is computed here follows the steps of AWS's description of Signature Version 4 with the standard library alone, so
that a fault of the signer, or of what the connection does to a request after it was signed, shows as a refusal.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pytest
from aiohttp import web

from engines.opensearch.address import read_address
from engines.opensearch.connection import Connection
from profiles.errors import SettingsInvalid, StoreForbidden

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1"


def hashed(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def why_refused(request: web.Request, body: bytes, service: str, token: str | None) -> str | None:
    """None when the request is signed with the key, as AWS describes it: canonical request, string to sign, signing key, signature."""
    kind, _, told = request.headers.get("Authorization", "").partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        return "not signed"
    parts = dict(part.strip().split("=", 1) for part in told.split(","))
    moment = request.headers["X-Amz-Date"]
    scope = f"{moment[:8]}/{REGION}/{service}/aws4_request"
    if parts["Credential"] != f"{KEY}/{scope}":
        return f"another key or scope: {parts['Credential']}"
    if abs(datetime.strptime(moment + "+0000", "%Y%m%dT%H%M%SZ%z") - datetime.now(UTC)) > timedelta(minutes=5):
        return "too old"
    if request.headers.get("X-Amz-Security-Token") != token:
        return "another session token"
    signed = parts["SignedHeaders"].split(";")
    if missing := {"host", "x-amz-date", "x-amz-content-sha256", *(["x-amz-security-token"] if token else [])} - set(signed):
        return f"headers not signed: {missing}"
    if request.headers["X-Amz-Content-SHA256"] != hashed(body):
        return "another body"
    path, _, query = request.raw_path.partition("?")
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        [
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            ";".join(signed),
            hashed(body),
        ]
    )
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashed(canonical.encode())])
    key = f"AWS4{SECRET}".encode()
    for step in (moment[:8], REGION, service, "aws4_request"):
        key = keyed(key, step)
    return None if hmac.compare_digest(keyed(key, to_sign).hex(), parts["Signature"]) else "another signature"


@asynccontextmanager
async def domain(service: str = "es", token: str | None = None) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that takes signed requests only; its host and port, and what it was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        why = why_refused(request, await request.read(), service, token)
        asked.append(f"{request.method} {request.raw_path}")
        if why is not None:
            return web.json_response({"message": f"The request signature does not match: {why}"}, status=403)
        return web.json_response({"taken": True})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def secret_file(folder: Path, secret: str = SECRET) -> Path:
    file = folder / "secret"
    file.write_text(f"{secret}\n")
    return file


@pytest.mark.parametrize("service", ["es", "aoss"])
async def test_every_request_is_signed(tmp_path: Path, service: str) -> None:
    """Whatever roster asks, paths with several names and patterns, parameters with commas, bodies of either kind: the signature holds."""
    async with domain(service) as (place, asked):
        url = f"opensearch+http://{place}/roster?aws_service={service}&aws_region={REGION}&user={KEY}&password_file={secret_file(tmp_path)}"
        connection = Connection(read_address(url), 1.0)
        try:
            for method, path, body, params in (
                ("GET", "/", None, None),
                ("POST", "/roster-profiles/_mget", {"ids": ["a", "ü/1"]}, {"_source": "false", "filter_path": "docs._id,docs.found"}),
                ("POST", "/_bulk", b'{"index":{"_index":"x","_id":"1"}}\n{"a":"\xc3\xbc"}\n', {"filter_path": "errors,items.*.status"}),
                ("POST", "/roster-keys,roster-meta/_forcemerge", None, {"only_expunge_deletes": "true"}),
                ("GET", "/roster-search-v*/_stats/docs,store", None, {"z": "", "a": "~x y"[:2]}),
                ("DELETE", "/roster-search-v1-0123456789ab-20260101-000000-000", None, None),
            ):
                assert await connection.request(method, path, body, params=params) == {"taken": True}, path
        finally:
            await connection.close()
    assert len(asked) == 6


async def test_a_wrong_secret_is_said_to_be_one(tmp_path: Path) -> None:
    """The refusal names the right that is lacking or the credentials, never the secret."""
    async with domain() as (place, _):
        file = secret_file(tmp_path, "another+secret")
        connection = Connection(
            read_address(f"opensearch+http://{place}/roster?aws_service=es&aws_region={REGION}&user={KEY}&password_file={file}"), 1.0
        )
        try:
            with pytest.raises(StoreForbidden) as caught:
                await connection.check_server()
        finally:
            await connection.close()
    assert "another+secret" not in str(caught.value)
    assert "access key" in str(caught.value)


async def test_without_a_key_in_the_url_awss_own_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary credentials in the shared file, with their session token, sign as a key in the url does."""
    shared = tmp_path / "credentials"
    shared.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = short/lived==\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    async with domain(token="short/lived==") as (place, _):
        address = read_address(f"opensearch+http://{place}/roster?aws_service=es&aws_region={REGION}")
        connection = Connection(address, 1.0)
        try:
            assert await connection.request("POST", "/x/_search", {"size": 0}) == {"taken": True}
        finally:
            await connection.close()
        for broken in ("", "[other]\n"):
            shared.write_text(broken)
            with pytest.raises(SettingsInvalid, match="finds no AWS credentials"):
                Connection(address, 1.0)
        monkeypatch.setenv("AWS_PROFILE", "nowhere")
        with pytest.raises(SettingsInvalid, match="nowhere"):
            Connection(address, 1.0)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ("aws_service=es", "aws_region"),
        ("aws_region=eu-central-1", "aws_service"),
        ("aws_service=s3&aws_region=eu-central-1", "aws_service"),
        ("aws_service=es&aws_region=Frankfurt", "aws_region"),
        ("aws_service=es&aws_region=eu-central-1&user=AKIDEXAMPLE", "without a password"),
    ],
)
def test_half_an_aws_url_is_refused(options: str, wrong: str) -> None:
    """Service and region belong together; each mistake is named, with what is allowed."""
    with pytest.raises(SettingsInvalid, match=wrong):
        read_address(f"opensearch+https://search.example/roster?{options}")


def test_an_aws_domain_listens_where_https_does() -> None:
    """Without a port it is 443, as the console shows a domain's address."""
    address = read_address("opensearch+https://search.example/roster?aws_service=es&aws_region=us-gov-west-1")
    assert address.hosts == (("search.example", 443),)
    assert address.signing is not None
    assert (address.signing.service, address.signing.region) == ("es", "us-gov-west-1")
