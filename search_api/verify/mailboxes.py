"""Asking a mail server whether it takes mail for an address: the conversation up to RCPT TO and never further, so that no mail is sent.

Off unless the operator names a sender: many servers count such questions against who asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import aiosmtplib

from search_api.verify.mail_hosts import MailHostFinder, MailHosts

PORT = 25
TIMEOUT = 15.0  # seconds for a whole conversation: some servers make strangers wait 5 to 10 seconds for their greeting
AT_ONCE = 16  # conversations at the same time
HOSTS_TRIED = 2  # of a domain's hosts, best first
REMEMBERED = 3600.0  # seconds it is remembered that a domain takes everything
KEPT = 20_000  # domains


class Said(StrEnum):
    """What the server said to the address."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # no such mailbox
    ACCEPT_ALL = "accept_all"  # it takes an address nobody can have as well
    LATER = "later"  # try again later: greylisting, a full mailbox, too many questions
    BLOCKED = "blocked"  # it refuses us, not the address
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said. code: SMTP reply code, 0 when there was none.    host: who said it.    asked_at: seconds since 1970."""

    said: Said
    code: int
    host: str
    asked_at: float


class MailboxAsker(Protocol):
    """Asks whether a mailbox is there."""

    async def ask(self, address: str, domain: str, hosts: MailHosts) -> Reply:
        """What the domain's server says; never raises."""
        ...


def reachable(address: str) -> bool:
    """Whether an IP address is on the public network: an MX record may name any, and must not lead into this one."""
    return ipaddress.ip_address(address).is_global


class SmtpMailboxes:
    """`MailboxAsker` over SMTP.

    sender: the address given as MAIL FROM, its domain as our name.    may_reach: which IP addresses may be spoken to.
    """

    def __init__(
        self,
        sender: str,
        finder: MailHostFinder,
        *,
        port: int = PORT,
        timeout: float = TIMEOUT,
        may_reach: Callable[[str], bool] = reachable,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sender, self._finder, self._port, self._timeout = sender, finder, port, timeout
        self._may_reach, self._clock = may_reach, clock
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._take_all: OrderedDict[str, float] = OrderedDict()

    async def ask(self, address: str, domain: str, hosts: MailHosts) -> Reply:
        """What the domain's server says of the address."""
        asked_at = self._clock()
        if asked_at < self._take_all.get(domain, 0.0):
            return Reply(Said.ACCEPT_ALL, 250, hosts.hosts[0] if hosts.hosts else "", asked_at)
        reply = Reply(Said.UNREACHABLE, 0, "", asked_at)
        async with self._limit:
            for host in hosts.hosts[:HOSTS_TRIED]:
                said, code = await self._converse(host, address)
                reply = Reply(said, code, host, asked_at)
                if said is not Said.UNREACHABLE:
                    break
        if reply.said is Said.ACCEPT_ALL:
            self._take_all[domain] = asked_at + REMEMBERED
            if len(self._take_all) > KEPT:
                self._take_all.popitem(last=False)
        return reply

    async def _converse(self, host: str, address: str) -> tuple[Said, int]:
        """Greet, name the sender, name the recipient, name one that nobody can have, and leave."""
        open_to_us = [ip for ip in await self._finder.addresses(host) if self._may_reach(ip)]
        if not open_to_us:
            return Said.UNREACHABLE, 0
        # Encrypted where the server offers it; whose certificate it is does not matter, since nothing secret is said.
        own = self._sender.rpartition("@")[2]
        smtp = aiosmtplib.SMTP(hostname=open_to_us[0], port=self._port, local_hostname=own, timeout=self._timeout, validate_certs=False)
        try:
            async with asyncio.timeout(self._timeout):
                await smtp.connect()
                await smtp.mail(self._sender, options=[] if address.isascii() else ["SMTPUTF8"])
                said, code = await _recipient(smtp, address)
                if said is Said.ACCEPTED and (await _recipient(smtp, _nobody_at(address)))[0] is Said.ACCEPTED:
                    said = Said.ACCEPT_ALL
                await smtp.quit()
                return said, code
        except aiosmtplib.SMTPResponseException as error:  # at the greeting, or to the sender
            return (Said.LATER if 400 <= error.code < 500 else Said.BLOCKED), error.code
        except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError):
            return Said.UNREACHABLE, 0
        finally:
            with contextlib.suppress(Exception):
                smtp.close()


def _nobody_at(address: str) -> str:
    """An address at the same domain that nobody can have."""
    return f"{secrets.token_hex(12)}@{address.rpartition('@')[2]}"


async def _recipient(smtp: aiosmtplib.SMTP, address: str) -> tuple[Said, int]:
    try:
        response = await smtp.rcpt(address, encoding="utf-8")
    except aiosmtplib.SMTPRecipientRefused as refused:
        return _refusal(refused.code, refused.message), refused.code
    return Said.ACCEPTED, response.code


def _refusal(code: int, text: str) -> Said:
    """What it means that a recipient is not taken.

    252 ("cannot verify"), 4xx and full mailboxes leave it open; 554 and 5.7.x (RFC 3463: security or policy) are about us; else there is no
    such mailbox.
    """
    if code < 500 or code == 552:
        return Said.LATER
    return Said.BLOCKED if code == 554 or text.lstrip().startswith("5.7.") else Said.REFUSED
