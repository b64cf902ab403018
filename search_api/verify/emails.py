"""Verdicts on e-mail addresses: syntax, domain, kind of mailbox, what its server says, and who attests it, as a status and a score.

The score adds up what speaks for the address, its parts beside it. Points for a source's word follow what was measured (see LASTING in
configured.py): 80, 70, 65 and 30 points stand for chances of 81, 71, 63 and 27 %. A server's own yes outweighs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from profiles.errors import Suppressed
from profiles.models import ValueKind
from profiles.normalise.email import normalise_email
from profiles.normalise.gibberish import is_gibberish
from profiles.normalise.result import Normalised, Refused
from search_api.clean.schemas import EmailQuestion
from search_api.tasks import Outcome
from search_api.verify.mail_hosts import MailHosts, Route
from search_api.verify.mailboxes import Reply, Said
from search_api.verify.service import UNKNOWN, Verifier, at
from search_api.verify.slips import meant_domain

SYNTAX, DOMAIN, DOMAIN_WITHOUT_MX = 10, 20, 10  # points
ACCEPTED, ACCEPT_ALL = 70, 20  # what the server said; a domain that takes everything says little of one mailbox
ATTESTED_LATELY = 50
ATTESTED_BEFORE = ((365, 40), (730, 35))  # days since a source last attested it -> points
OFF: Mapping[str, tuple[int, str]] = {
    "disposable": (60, "a throw-away mailbox soon reaches nobody"),
    "gibberish": (20, "the letters before the @ make no name or word"),
    "role": (10, "it reaches whoever does the task, not one person"),
}
_ENDS = {  # of the ways a domain may take mail, those that are the end of it
    Route.NULL_MX: "the domain says that it takes no mail",
    Route.NO_HOST: "the domain has no host that takes mail",
    Route.NO_DOMAIN: "the domain does not exist",
}
_OPEN = {  # what a server may say that leaves it open
    Said.LATER: "the mail server would not say now; ask again later",
    Said.BLOCKED: "the mail server does not speak with this one",
    Said.UNREACHABLE: "the mail server cannot be reached",
}


async def verify_emails(service: Verifier, asked: Sequence[EmailQuestion]) -> list[Outcome]:
    """A verdict for each address: schemas.EmailVerdict, or Suppressed."""
    read = [normalise_email(one.email) for one in asked]
    found = await service.look_up(ValueKind.EMAIL, read)

    async def judge(result: Any) -> Outcome:
        if isinstance(result, Suppressed):
            return result
        now = service.now()
        if isinstance(result, Refused):
            return unreadable(result, now, service.lasting)
        address, holders = result
        hosts = await service.mail_hosts.find(address.parts["domain"])
        reply = None
        if service.mailboxes and hosts.hosts and not address.parts["disposable"]:
            reply = await service.mailboxes.ask(address.value, address.parts["domain"], hosts)
        return verdict(address, hosts, reply, await service.known(ValueKind.EMAIL, address, holders), now, service.lasting)

    return list(await asyncio.gather(*map(judge, found)))


def unreadable(refused: Refused, now: datetime, lasting: timedelta) -> dict[str, Any]:
    """The verdict on what is no address."""
    nothing = dict.fromkeys(("local", "domain", "registrable_domain"))
    return {
        "email": None,
        "status": "invalid",
        "score": 0,
        "score_parts": [_part("syntax", 0, refused.reason)],
        "reason": refused.reason,
        "checked_at": at(now),
        "counts_until": at(now + lasting),
        "syntax": {"valid": False, "reason": refused.reason, **nothing, "internationalised": False},
        "domain": None,
        "mailbox": None,
        **dict.fromkeys(("disposable", "free", "role", "plus_alias", "gibberish"), False),
        "did_you_mean": None,
        "known": UNKNOWN,
    }


def verdict(
    found: Normalised, hosts: MailHosts, reply: Reply | None, known: Mapping[str, Any], now: datetime, lasting: timedelta
) -> dict[str, Any]:
    """The verdict on an address, from everything that is known of it."""
    parts, local = found.parts, found.parts["local"]
    kinds = {"disposable": parts["disposable"], "role": parts["role"], "gibberish": is_gibberish(local.partition("+")[0])}
    status, reason, since = _status(parts, hosts, reply, known, now, lasting)
    score = (
        [_part("mailbox" if hosts.hosts else "domain", 0, reason)]
        if status == "invalid"
        else _score(hosts, reply, known, kinds, now.date(), lasting)
    )
    return {
        "email": found.value,
        "status": status,
        "score": sum(part["points"] for part in score),
        "score_parts": score,
        "reason": reason,
        "checked_at": at(now),
        "counts_until": at(since + lasting),
        "syntax": {
            "valid": True,
            "reason": None,
            "local": local,
            "domain": parts["domain"],
            "registrable_domain": parts["registrable_domain"],
            "internationalised": not found.value.isascii(),
        },
        "domain": {"route": hosts.route.value, "hosts": list(hosts.hosts)},
        "mailbox": {"said": reply.said.value, "code": reply.code, "host": reply.host} if reply else None,
        **kinds,
        "free": parts["free"],
        "plus_alias": bool(parts["plus_tag"]),
        "did_you_mean": f"{local}@{meant}" if (meant := meant_domain(parts["domain"])) else None,
        "known": known,
    }


def _status(
    parts: Mapping[str, Any], hosts: MailHosts, reply: Reply | None, known: Mapping[str, Any], now: datetime, lasting: timedelta
) -> tuple[str, str, datetime]:
    """The status, what it rests on, and since when that is known."""
    if hosts.route in _ENDS:
        return "invalid", _ENDS[hosts.route], now
    if reply and reply.said is Said.REFUSED:
        return "invalid", "the mail server has no such mailbox", now
    if parts["disposable"]:
        return "disposable", "the domain gives out throw-away mailboxes", now
    if hosts.route is Route.UNANSWERED:
        return "unknown", "DNS did not answer for the domain, or its server is cut off from public names", now
    if parts["free"]:
        return "webmail", "a mailbox at a provider where anybody can have one", now
    if reply and reply.said is Said.ACCEPTED:
        return "valid", "the mail server takes mail for the mailbox", now
    if reply and reply.said is Said.ACCEPT_ALL:
        return "accept_all", "the mail server takes mail for any address of the domain", now
    if known["exact"] and _age(known, now.date()) <= lasting.days:
        attested = datetime.combine(date.fromisoformat(known["last_seen"]), time(tzinfo=now.tzinfo))
        return "valid", f"attested by a source on {known['last_seen']}", attested
    if reply:
        return "unknown", _OPEN[reply.said], now
    if known["exact"]:
        return "unknown", f"last attested on {known['last_seen']}, which no longer counts; its mail server was not asked", now
    return "unknown", "the domain takes mail; nobody attests the mailbox, and its server was not asked", now


def _score(
    hosts: MailHosts, reply: Reply | None, known: Mapping[str, Any], kinds: Mapping[str, bool], today: date, lasting: timedelta
) -> list[dict[str, Any]]:
    """Parts that add up to 0 to 100."""
    parts = [_part("syntax", SYNTAX, "written as addresses are")]
    if hosts.route is Route.MX:
        parts.append(_part("domain", DOMAIN, "the domain names hosts for its mail"))
    elif hosts.route is Route.ADDRESS:
        parts.append(_part("domain", DOMAIN_WITHOUT_MX, "the domain names no hosts for mail, but has an address"))
    else:
        parts.append(_part("domain", 0, "DNS did not answer"))
    attested = _attested(known, today, lasting)
    heard = _heard(reply)
    parts.append(heard if heard["points"] >= attested["points"] and reply else attested)
    for name, (points, why) in OFF.items():
        left = sum(part["points"] for part in parts)
        if kinds[name] and left:
            parts.append(_part(name, -min(points, left), why))
    return parts


def _heard(reply: Reply | None) -> dict[str, Any]:
    if reply and reply.said is Said.ACCEPTED:
        return _part("mailbox", ACCEPTED, "the mail server takes mail for the mailbox")
    if reply and reply.said is Said.ACCEPT_ALL:
        return _part("mailbox", ACCEPT_ALL, "the mail server takes mail for any address")
    return _part("mailbox", 0, _OPEN[reply.said] if reply and reply.said in _OPEN else "the mail server was not asked")


def _attested(known: Mapping[str, Any], today: date, lasting: timedelta) -> dict[str, Any]:
    if not known["exact"]:
        return _part("known", 0, "no source attests it, and the mail server did not speak for it")
    age = _age(known, today)
    points = ATTESTED_LATELY if age <= lasting.days else next((points for days, points in ATTESTED_BEFORE if age <= days), 0)
    return _part("known", points, f"a source attested it on {known['last_seen']}")


def _age(known: Mapping[str, Any], today: date) -> int:
    return (today - date.fromisoformat(known["last_seen"])).days


def _part(part: str, points: int, why: str) -> dict[str, Any]:
    return {"part": part, "points": points, "why": why}


def decayed_email(result: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A verdict as it counts now: once its time is over, its status is unknown and it has no score."""
    if now < datetime.fromisoformat(result["counts_until"]):
        return result
    reason = f"checked at {result['checked_at']}, which no longer counts"
    return {**result, "status": "unknown", "score": None, "score_parts": [], "reason": reason}
