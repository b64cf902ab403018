"""Asking DNS: remembered, bounded in time and number, and never an error."""

from __future__ import annotations

import asyncio

import pytest

from profiles.errors import SettingsInvalid
from search_api.verify.configured import read_servers
from search_api.verify.mail_hosts import LONGEST, UNANSWERED_FOR, DnsMailHosts, Route
from tests.search_api.verify.servers import DnsServer, dns_server


class Clock:
    """Seconds since 1970, moved by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def hosts_at(dns: DnsServer, clock: Clock) -> DnsMailHosts:
    """A finder that asks the server."""
    return DnsMailHosts((f"127.0.0.1:{dns.port}",), timeout=0.3, clock=clock)


async def test_a_domain_is_asked_for_once_by_many_at_once(dns: DnsServer) -> None:
    """A list of addresses at one company costs one question, and one more when the answer has grown old."""
    clock = Clock()
    finder = hosts_at(dns, clock)
    found = await asyncio.gather(*(finder.find("emberpoint.example") for _ in range(50)))
    assert {one.route for one in found} == {Route.MX}
    assert dns.asked["emberpoint.example"] == 1
    clock.now += LONGEST + 1
    await finder.find("emberpoint.example")
    assert dns.asked["emberpoint.example"] == 2


async def test_silence_is_remembered_for_a_moment_only(dns: DnsServer) -> None:
    """A domain without an answer is not asked again for each address of a list, but soon after it is."""
    clock = Clock()
    finder = hosts_at(dns, clock)
    dns.broken.add("emberpoint.example")
    assert (await finder.find("emberpoint.example")).route is Route.UNANSWERED
    dns.broken.clear()
    assert (await finder.find("emberpoint.example")).route is Route.UNANSWERED
    clock.now += UNANSWERED_FOR + 1
    assert (await finder.find("emberpoint.example")).route is Route.MX


async def test_many_silent_domains_take_no_longer_than_one(dns: DnsServer) -> None:
    """Names are asked for side by side, so a list of dead resolvers' domains ends."""
    dns.silent |= {f"slow{n}.example" for n in range(60)}
    finder = hosts_at(dns, Clock())
    async with asyncio.timeout(30):
        found = await asyncio.gather(*(finder.find(f"slow{n}.example") for n in range(60)))
    assert {one.route for one in found} == {Route.UNANSWERED}


async def test_whoever_stops_waiting_leaves_the_answer_to_others(dns: DnsServer) -> None:
    """A request that is given up does not cancel the question others wait for."""
    finder = hosts_at(dns, Clock())
    first = asyncio.create_task(finder.find("emberpoint.example"))
    second = asyncio.create_task(finder.find("emberpoint.example"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).route is Route.MX


async def test_a_resolver_without_the_public_dns_denies_nobody(dns: DnsServer) -> None:
    """Behind a firewall every domain is unknown to the resolver: that says nothing of the addresses of a list."""
    clock = Clock()
    finder = hosts_at(dns, clock)
    dns.cut_off = True
    assert (await finder.find("nowhere.example")).route is Route.UNANSWERED
    dns.cut_off = False
    clock.now += UNANSWERED_FOR + 1
    assert (await finder.find("nowhere.example")).route is Route.NO_DOMAIN


@pytest.mark.parametrize("domain", ["x" * 64 + ".example", "a..b", ".", "xn--zzzzzz99999.example", "\u200d.example", "a" * 300])
async def test_a_name_dns_cannot_ask_for_is_no_error(dns: DnsServer, domain: str) -> None:
    """What cannot be a name in DNS is unanswered or does not exist."""
    assert (await hosts_at(dns, Clock()).find(domain)).route in {Route.UNANSWERED, Route.NO_DOMAIN, Route.NO_HOST}


async def test_nobody_listening_is_unanswered() -> None:
    """A resolver that is not there says nothing about the domain."""
    async with dns_server({}) as gone:
        port = gone.port
    finder = DnsMailHosts((f"127.0.0.1:{port}",), timeout=0.3)
    assert (await finder.find("emberpoint.example")).route is Route.UNANSWERED


@pytest.mark.parametrize("text", ["dns.example", "1.2.3.4:99999", "1.2.3.4:dns", "[::1", "300.1.1.1"])
def test_a_resolver_is_an_address(text: str) -> None:
    """A setting that is no address is refused by name, and not repeated."""
    with pytest.raises(SettingsInvalid) as caught:
        read_servers(f"9.9.9.9, {text}")
    assert [problem.pointer for problem in caught.value.problems] == ["ROSTER_DNS_SERVERS"]


def test_resolvers_may_have_ports() -> None:
    """Addresses of both kinds, with and without port."""
    assert read_servers("9.9.9.9, 127.0.0.1:5353 ::1 [::1]:53") == ("9.9.9.9", "127.0.0.1:5353", "::1", "[::1]:53")
