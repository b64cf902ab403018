"""Real servers on loopback: DNS over UDP with the zones a test gives, and SMTP as aiosmtpd speaks it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiosmtpd.smtp import SMTP, Envelope, Session


class DnsServer(asyncio.DatagramProtocol):
    """Answers from zones: {"acme.example": {"MX": ["10 mx1.acme.example."], "A": ["127.0.0.1"]}}; what is in none does not exist.
    The root does exist, unless the server is cut off from the public DNS.

        silent: names it never answers.    broken: names it answers with SERVFAIL.    asked: how often each name was asked for MX.
    """

    def __init__(self, zones: dict[str, dict[str, list[str]]]) -> None:
        self.zones, self.silent, self.broken = zones, set[str](), set[str]()
        self.asked: Counter[str] = Counter()
        self.cut_off = False
        self.port = 0

    def zone(self, name: str) -> dict[str, list[str]] | None:
        """The records of a name by their kind; None when it does not exist."""
        root = {"NS": ["a.root-servers.example."]}
        return root if name in ("", ".", "@") and not self.cut_off else self.zones.get(name)

    def connection_made(self, transport: Any) -> None:
        """Called once it listens."""
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Called for each question."""
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_unicode(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        if kind == "MX":
            self.asked[name] += 1
        if name in self.silent:
            return
        response = dns.message.make_response(query)
        if name in self.broken:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif (zone := self.zone(name)) is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif records := zone.get(kind):
            response.answer.append(dns.rrset.from_text_list(question.name, 300, "IN", kind, records))
        self._transport.sendto(response.to_wire(), address)


@asynccontextmanager
async def dns_server(zones: dict[str, dict[str, list[str]]], kind: type[DnsServer] = DnsServer) -> AsyncIterator[DnsServer]:
    """A DNS server on a free port."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(lambda: kind(zones), local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()


class Mailboxes:
    """What the mail server answers to RCPT TO, and every command it was given.

    answers: local part -> reply; others get `otherwise`.
    """

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.otherwise = "550 5.1.1 no such user"
        self.sender = "250 ok"
        self.recipients: list[str] = []
        self.data = 0

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  # aiosmtpd's name
        """The sender."""
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  # aiosmtpd's name
        """A recipient."""
        self.recipients.append(address)
        return self.answers.get(address.partition("@")[0], self.otherwise)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """A mail, which must never come."""
        self.data += 1
        return "250 taken"


@asynccontextmanager
async def smtp_server(mailboxes: Mailboxes) -> AsyncIterator[int]:
    """A mail server on a free port."""
    make: Callable[[], SMTP] = lambda: SMTP(mailboxes, hostname="mx.test", enable_SMTPUTF8=True)  # noqa: E731  # a factory
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
