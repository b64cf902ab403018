"""Telling a job's end: signed as standardwebhooks.com says, tried again with growing pauses, and only to origins the operator allows."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import random
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson

from profiles.errors import Problem, QueryInvalid
from search_api.jobs.configured import origin_of
from search_api.jobs.keeping import Job, Webhook

TIMEOUT = 10.0  # seconds for an answer
PAUSES = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""Seconds to the next try: a restart is bridged in seconds, a night in the last ones. Stretched by up to a fifth, so that the messages that
one outage held up do not all come back at once."""
SHORTEST_SECRET, LONGEST_SECRET = 24, 64  # bytes; what the standard names
PREFIX = "whsec_"


class Teller:
    """Sends. origins: where to ("https://hooks.acme.example"); callers may name no other, or this server could be made to reach any."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def accept(self, url: str, secret: str) -> Webhook:
        """The webhook of a job. Raises QueryInvalid when the url is of no allowed origin, or the secret is none."""
        problems = []
        if origin_of(url) not in self._origins:
            allowed = ", ".join(sorted(self._origins)) or "none here: the operator allows none (ROSTER_WEBHOOK_ORIGINS)"
            problems.append(Problem("/webhook/url", "is not at an origin this server may send to", allowed))
        try:
            sized = SHORTEST_SECRET <= len(_key(secret)) <= LONGEST_SECRET
        except ValueError:
            sized = False
        if not sized:
            allowed = f"{PREFIX} and {SHORTEST_SECRET} to {LONGEST_SECRET} bytes in base64"
            problems.append(Problem("/webhook/secret", "is no webhook secret", allowed))
        if problems:
            raise QueryInvalid(problems)
        return Webhook(url=url, secret=secret)

    async def tell(self, job: Job, now: datetime) -> Webhook:
        """Try once; returns the webhook with what came of it. Without a 2xx it is due again, until the job's time is over."""
        webhook = job.webhook
        assert webhook is not None  # noqa: S101  # asked for jobs that have one
        attempts = webhook.attempts + 1
        if origin_of(webhook.url) in self._origins and await _post(webhook, job, now):
            return webhook.model_copy(update={"attempts": attempts, "next_at": None, "told_at": now, "secret": ""})
        if attempts > len(PAUSES):
            return webhook.model_copy(update={"attempts": attempts, "next_at": None, "secret": ""})
        pause = PAUSES[attempts - 1] * random.uniform(1, 1.2)  # noqa: S311  # no secret
        return webhook.model_copy(update={"attempts": attempts, "next_at": now + timedelta(seconds=pause)})


def signed_headers(message_id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The three headers by which a receiver knows that the message is ours, whole and fresh."""
    stamp = str(int(now.timestamp()))
    signature = hmac.digest(_key(secret), b".".join((message_id.encode(), stamp.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def job_body(job: Job) -> dict[str, Any]:
    """A job as its caller sees it: schemas.JobBody."""
    told = {"url": job.webhook.url, "attempts": job.webhook.attempts, "told_at": job.webhook.told_at} if job.webhook else None
    shown = {field: getattr(job, field) for field in ("id", "task", "state", "total", "done", "created_at", "finished_at", "expires_at")}
    return {**shown, "results": f"/v1/jobs/{job.id}/results" if job.state == "finished" else None, "webhook": told}


async def _post(webhook: Webhook, job: Job, now: datetime) -> bool:
    body = orjson.dumps({"type": f"job.{job.state}", "timestamp": now, "data": job_body(job)}, option=orjson.OPT_UTC_Z)
    headers: Mapping[str, str] = {"Content-Type": "application/json", **signed_headers(job.id, body, webhook.secret, now)}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
            session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return 200 <= response.status < 300
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return False


def _key(secret: str) -> bytes:
    """Raises ValueError when it is none."""
    if not secret.startswith(PREFIX):
        raise ValueError("prefix")
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
