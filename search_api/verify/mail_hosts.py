"""Which hosts take a domain's mail, as DNS says: an interface, and the resolver behind it with cache, time limit and concurrency limit."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from search_api.verify.configured import server_address

TIMEOUT = 4.0  # seconds for one name, repeats included: a resolver's own upstream timeouts are 1 to 2 seconds a try
AT_ONCE = 64  # names asked for at the same time: what a small local resolver takes without dropping packets
CACHED = 20_000  # domains remembered, about 10 MB: a customer list of 100,000 addresses has fewer companies
SHORTEST, LONGEST = 60.0, 3600.0  # seconds an answer is remembered, whatever its TTL
UNANSWERED_FOR = 10.0  # seconds a failure is remembered: long enough for one list, short enough to ask again soon


class Route(StrEnum):
    """How a domain takes mail."""

    MX = "mx"  # it names hosts for it
    ADDRESS = "address"  # it names none, but has an address, which then counts (RFC 5321, 5.1)
    NULL_MX = "null_mx"  # it says that it takes none (RFC 7505)
    NO_HOST = "no_host"  # it exists, with neither
    NO_DOMAIN = "no_domain"  # it does not exist
    UNANSWERED = "unanswered"  # DNS gave no answer in time, or its server knows nothing of the public DNS


@dataclass(frozen=True, slots=True)
class MailHosts:
    """What DNS says of a domain. hosts: best first.    asked_at: seconds since 1970 when it was asked."""

    route: Route
    hosts: tuple[str, ...]
    asked_at: float


class MailHostFinder(Protocol):
    """Finds the hosts of a domain."""

    async def find(self, domain: str) -> MailHosts:
        """What takes the domain's mail; never raises. domain: in any script."""
        ...

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The IP addresses of a host; () when there are none."""
        ...


class DnsMailHosts:
    """`MailHostFinder` by DNS.

    servers: resolvers as "address" or "address:port"; none = those of the system.    clock: seconds since 1970.
    One question for a domain is under way at a time; whoever asks meanwhile waits for the same answer.
    """

    def __init__(self, servers: Sequence[str] = (), *, timeout: float = TIMEOUT, clock: Callable[[], float] = time.time) -> None:
        self._resolver = _resolver(servers)
        self._timeout = timeout
        self._clock = clock
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._cache: OrderedDict[str, tuple[float, MailHosts]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[MailHosts]] = {}

    async def find(self, domain: str) -> MailHosts:
        """What takes the domain's mail, from the cache or from DNS."""
        until, found = self._cache.get(domain, (0.0, None))
        if found is not None and self._clock() < until:
            self._cache.move_to_end(domain)
            return found
        task = self._under_way.get(domain)
        if task is None:
            task = self._under_way[domain] = asyncio.create_task(self._ask(domain))
            task.add_done_callback(lambda _: self._under_way.pop(domain, None))
        return await asyncio.shield(task)  # who stops waiting does not take the answer from the others

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The IP addresses of a host."""
        found: list[str] = []
        for kind in ("A", "AAAA"):
            try:
                found += [record.address for record in await self._records(host, kind)]
            except (dns.exception.DNSException, OSError):
                continue
        return tuple(found)

    async def _ask(self, domain: str) -> MailHosts:
        ttl: float
        async with self._limit:
            asked_at = self._clock()
            try:
                async with asyncio.timeout(self._timeout):
                    route, hosts, ttl = await self._look_up(domain)
            except dns.resolver.NXDOMAIN:
                route, hosts, ttl = (Route.UNANSWERED, (), UNANSWERED_FOR) if await self._cut_off() else (Route.NO_DOMAIN, (), SHORTEST)
            except (dns.exception.DNSException, OSError, TimeoutError):
                route, hosts, ttl = Route.UNANSWERED, (), UNANSWERED_FOR
        found = MailHosts(route, hosts, asked_at)
        lasts = ttl if route is Route.UNANSWERED else min(max(ttl, SHORTEST), LONGEST)
        self._cache[domain] = (asked_at + lasts, found)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return found

    async def _look_up(self, domain: str) -> tuple[Route, tuple[str, ...], float]:
        records = await self._records(domain, "MX")
        if records:
            hosts = [str(r.exchange).rstrip(".").lower() for r in sorted(records, key=lambda r: (r.preference, r.exchange))]
            if hosts == [""]:
                return Route.NULL_MX, (), records.ttl
            return Route.MX, tuple(filter(None, hosts)), records.ttl
        for kind in ("A", "AAAA"):
            if found := await self._records(domain, kind):
                return Route.ADDRESS, (domain,), found.ttl
        return Route.NO_HOST, (), SHORTEST

    async def _cut_off(self) -> bool:
        """Whether the resolver knows no public names, as behind a firewall: then it denies the root, too, which cannot be missing.

        Asked anew for each name that it denies: those are few, and a connection may come and go.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._records(".", "NS")
        except dns.resolver.NXDOMAIN:
            return True
        except (dns.exception.DNSException, OSError, TimeoutError):
            return False
        return False

    async def _records(self, name: str, kind: str) -> Any:
        """The records of a kind; something empty when the name has none of it."""
        if self._resolver is None:
            raise dns.resolver.NoResolverConfiguration
        asked = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_UTS_46)
        answer = await self._resolver.resolve(asked, kind, raise_on_no_answer=False, lifetime=self._timeout, search=False)
        return answer.rrset or ()


def _resolver(servers: Sequence[str]) -> dns.asyncresolver.Resolver | None:
    """The resolver; None where the system names no server, so that questions stay unanswered instead of the start failing."""
    if not servers:
        try:
            return dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            return None
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [_nameserver(*server_address(server)) for server in servers]
    return resolver


def _nameserver(host: str, port: int) -> Any:
    from dns.nameserver import Do53Nameserver

    return Do53Nameserver(host, port)
