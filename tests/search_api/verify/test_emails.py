"""E-mail addresses: what syntax, DNS, mail servers and sources say becomes a status with a date and a score with its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.base import Collection, Reader, Write
from privacy.suppression import SuppressionList
from profiles.models import Profile, ValueKind
from search_api.clean.schemas import EmailQuestion
from search_api.verify.emails import decayed_email, verify_emails
from search_api.verify.mailboxes import SmtpMailboxes
from search_api.verify.schemas import EmailVerdict
from search_api.verify.service import Verifier
from tests.search_api.people import TODAY, person, value
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import JANE, KEY, NOW, MakeClient
from tests.search_api.verify.servers import DnsServer, Mailboxes, smtp_server

Client = TestClient[Any, Any]


async def verify(client: Client, email: str) -> Any:
    """The verdict on one address, its score checked against its parts."""
    response = await client.post("/v1/verify/email", json={"email": email})
    assert response.status == 200
    verdict = await response.json()
    assert verdict["score"] == sum(part["points"] for part in verdict["score_parts"])
    assert 0 <= verdict["score"] <= 100
    return verdict


@pytest.mark.parametrize(
    ("email", "status", "route"),
    [
        ("jane.doe@emberpoint", "invalid", None),
        ("jane doe@emberpoint.example", "invalid", None),
        ("", "invalid", None),
        ("nobody@nowhere.example", "invalid", "no_domain"),
        ("nobody@nomail.example", "invalid", "null_mx"),
        ("nobody@hostless.example", "invalid", "no_host"),
        ("someone@addressonly.example", "unknown", "address"),
        ("someone@emberpoint.example", "unknown", "mx"),
        ("someone@gmail.com", "webmail", "mx"),
        ("someone@mailinator.com", "disposable", "mx"),
        ("jane.doe+news@emberpoint.example", "valid", "mx"),
        ("jürgen@müller.example", "unknown", "mx"),
    ],
)
async def test_the_status_says_what_is_known(client: Client, email: str, status: str, route: str | None) -> None:
    """No syntax or no mail domain is invalid, providers are named, and what nobody attests or was asked for is unknown."""
    verdict = await verify(client, email)
    assert verdict["status"] == status
    assert (verdict["domain"] or {}).get("route") == route
    assert verdict["reason"]
    assert verdict["checked_at"] == "2026-11-23T09:30:00Z"


@pytest.mark.parametrize(
    ("email", "meant"),
    [
        ("jane@gmial.com", "jane@gmail.com"),
        ("Jane.Doe@hotmial.com", "jane.doe@hotmail.com"),
        ("jane+news@outlok.com", "jane+news@outlook.com"),
        ("jane@t-onlin.de", "jane@t-online.de"),
        ("jane@gmail.com", None),
        ("jane@mail.com", None),
        ("jane@ymail.com", None),
        ("jane@emberpoint.example", None),
        ("jane@", None),
    ],
)
async def test_a_slip_in_the_domain_of_a_large_provider_is_pointed_out(client: Client, email: str, meant: str | None) -> None:
    """One letter wrong in gmail.com: the address that was probably meant is offered, whatever the verdict; other providers are let be."""
    offered = (await verify(client, email))["did_you_mean"]
    assert (offered and offered.lower()) == meant


async def test_mail_hosts_come_best_first_and_from_dns(client: Client, dns: DnsServer) -> None:
    """The hosts are those of the MX records by preference; a domain is asked for once and then remembered."""
    for _ in range(3):
        verdict = await verify(client, "a@emberpoint.example")
    assert verdict["domain"]["hosts"] == ["mx1.emberpoint.example", "mx2.emberpoint.example"]
    assert dns.asked["emberpoint.example"] == 1


async def test_dns_that_does_not_answer_makes_unknown(client: Client, dns: DnsServer) -> None:
    """A resolver that stays silent or fails says nothing about the address, even one that is attested: unknown, and no error."""
    dns.silent.add("slow.example")
    dns.broken.add("emberpoint.example")
    for email in ("a@slow.example", "jane.doe+news@emberpoint.example"):
        verdict = await verify(client, email)
        assert (verdict["status"], verdict["domain"]["route"]) == ("unknown", "unanswered")


async def test_kinds_of_mailbox_are_told_and_cost_points(client: Client) -> None:
    """Role mailboxes, plus aliases and thrown-together letters are flags, and take off what they say they do."""
    plain = await verify(client, "someone@emberpoint.example")
    role = await verify(client, "sales@emberpoint.example")
    thrown = await verify(client, "xkqzvbnm@emberpoint.example")
    alias = await verify(client, "someone+lists@emberpoint.example")
    assert (plain["role"], plain["gibberish"], plain["plus_alias"]) == (False, False, False)
    assert role["role"]
    assert thrown["gibberish"]
    assert alias["plus_alias"]
    assert plain["score"] > role["score"] > thrown["score"]


async def test_what_is_known_here_has_dates_and_sources(client: Client) -> None:
    """An address held here says since when, from which sources; one in another spelling of the same mailbox says that it is not exact."""
    known = (await verify(client, "Jane.Doe+news@emberpoint.example"))["known"]
    assert (known["here"], known["exact"], known["first_seen"], known["last_seen"]) == (True, True, "2026-10-01", "2026-10-01")
    assert known["sources"][0]["name"] == "Example business registry"
    other = await verify(client, "jane.doe@emberpoint.example")
    assert (other["known"]["here"], other["known"]["exact"], other["status"]) == (True, False, "unknown")
    nobody = (await verify(client, "john.doe@emberpoint.example"))["known"]
    assert nobody == {"here": False, "exact": False, "first_seen": None, "last_seen": None, "people": 0, "profiles": [], "sources": []}


@pytest.mark.parametrize("people", [[person("expired", value("email", "old@emberpoint.example", expires_at=TODAY), name="Old Value")]])
async def test_an_expired_value_is_not_known(client: Client, people: list[Profile]) -> None:
    """On its last day a value is no longer known here, removed from the store or not."""
    assert not (await verify(client, "old@emberpoint.example"))["known"]["here"]


async def test_a_hidden_person_is_not_known(client: Client, reader: Reader) -> None:
    """A profile that must not be shown is not spoken of."""
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    assert not (await verify(client, "jane.doe+news@emberpoint.example"))["known"]["here"]


async def test_a_suppressed_address_gets_451_and_nothing_more(client: Client, reader: Reader, dns: DnsServer) -> None:
    """Alone it is a 451 without a word about the address, in a list its item is; DNS is not asked; other items are answered."""
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, "hidden@quiet.example")
    response = await client.post("/v1/verify/email", json={"email": "Hidden+x@quiet.example"})
    raw = await response.read()
    problem = is_problem(451, response.headers, raw)
    assert problem.type == "urn:roster:problem:suppressed"
    assert b"quiet" not in raw
    items = [{"email": "a@emberpoint.example"}, {"email": "hidden@quiet.example"}]
    answer = await (await client.post("/v1/verify/email", json={"items": items})).json()
    assert [item["status"] for item in answer["items"]] == [200, 451]
    assert answer["items"][1] == {
        "status": 451,
        "result": None,
        "problem": {
            "type": "urn:roster:problem:suppressed",
            "title": "Nothing may be said about this",
            "detail": "nothing may be said about this",
            "errors": [],
        },
    }
    assert not dns.asked["quiet.example"]


async def test_without_the_right_key_of_the_list_nothing_is_verified(make_client: MakeClient, reader: Reader) -> None:
    """A server that cannot read the suppression list answers 503 and says which setting is wrong, instead of passing over the list."""
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, "hidden@quiet.example")
    other = SuppressionList(reader.service, type(KEY).from_hex("6" * 64))
    client = await make_client(suppressions=other)
    response = await client.post("/v1/verify/email", json={"email": "a@emberpoint.example"})
    problem = is_problem(503, response.headers, await response.read())
    assert "suppression list" in problem.detail
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(("day", "status"), [(180, "valid"), (181, "unknown")])
async def test_a_sources_word_counts_for_its_time(make_client: MakeClient, reader: Reader, day: int, status: str) -> None:
    """An address that a source attested is valid for as many days as set, and unknown on the day after."""
    client = await make_client(now=lambda: NOW.replace(year=2026, month=10, day=1) + timedelta(days=day))
    verdict = await verify(client, "jane.doe+news@emberpoint.example")
    assert verdict["status"] == status


def test_a_kept_verdict_decays() -> None:
    """A verdict that was kept is the same until its time is over; then its status is unknown and it has no score."""
    kept = {"status": "valid", "score": 80, "checked_at": "2026-11-23T09:30:00Z", "counts_until": "2027-05-22T09:30:00Z"}
    assert decayed_email(kept, NOW) == kept
    old = decayed_email(kept, NOW + timedelta(days=180))
    assert (old["status"], old["score"]) == ("unknown", None)
    assert "2026-11-23" in old["reason"]


# --- asking the mail server -------------------------------------------------------------------------------------------------


@pytest.fixture
async def mailboxes() -> Mailboxes:
    """What the mail server of emberpoint.example answers."""
    return Mailboxes()


@pytest.fixture
async def asking(make_client: MakeClient, verifier: Verifier, mailboxes: Mailboxes) -> AsyncIterator[Client]:
    """A client of an app that asks the mail server."""
    async with smtp_server(mailboxes) as port:
        sender = "verify@roster.example"
        asker = SmtpMailboxes(sender, verifier.mail_hosts, port=port, timeout=5, may_reach=lambda _: True, clock=NOW.timestamp)
        yield await make_client(mailboxes=asker)


@pytest.mark.parametrize(
    ("reply", "otherwise", "status", "said"),
    [
        ("250 ok", "550 5.1.1 no such user", "valid", "accepted"),
        ("550 5.1.1 no such user", "550 5.1.1 no such user", "invalid", "refused"),
        ("250 ok", "250 ok", "accept_all", "accept_all"),
        ("450 4.2.0 greylisted, try again", "450 4.2.0 greylisted", "unknown", "later"),
        ("452 4.2.2 mailbox full", "550 5.1.1 no such user", "unknown", "later"),
        ("252 cannot verify", "252 cannot verify", "unknown", "later"),
        ("550 5.7.1 your address is on a list", "550 5.7.1 your address is on a list", "unknown", "blocked"),
    ],
)
async def test_what_the_mail_server_says_counts(
    asking: Client, mailboxes: Mailboxes, reply: str, otherwise: str, status: str, said: str
) -> None:
    """A yes is valid, a no invalid, a yes to everything accept_all; greylisting and a refusal of us leave it open. No mail is ever sent."""
    mailboxes.answers["john"], mailboxes.otherwise = reply, otherwise
    verdict = await verify(asking, "john@emberpoint.example")
    assert (verdict["status"], verdict["mailbox"]["said"]) == (status, said)
    assert verdict["mailbox"]["host"] == "mx1.emberpoint.example"
    assert mailboxes.data == 0


async def test_a_refused_sender_says_nothing_of_the_mailbox(asking: Client, mailboxes: Mailboxes) -> None:
    """When the server does not take our sender, it was not asked."""
    mailboxes.sender = "550 5.7.1 not you"
    verdict = await verify(asking, "john@emberpoint.example")
    assert (verdict["status"], verdict["mailbox"]["said"]) == ("unknown", "blocked")
    assert mailboxes.recipients == []


async def test_an_attested_address_stays_valid_while_the_server_is_undecided(asking: Client, mailboxes: Mailboxes) -> None:
    """Greylisting takes nothing from what a source says; a plain no does."""
    mailboxes.answers["jane.doe+news"] = "451 4.7.1 later"
    assert (await verify(asking, "jane.doe+news@emberpoint.example"))["status"] == "valid"
    mailboxes.answers["jane.doe+news"] = "550 5.1.1 no such user"
    assert (await verify(asking, "jane.doe+news@emberpoint.example"))["status"] == "invalid"


async def test_a_domain_that_takes_everything_is_asked_once(asking: Client, mailboxes: Mailboxes) -> None:
    """That a domain takes any address is remembered."""
    mailboxes.otherwise = "250 ok"
    for name in ("john", "joan", "june"):
        assert (await verify(asking, f"{name}@emberpoint.example"))["status"] == "accept_all"
    assert len(mailboxes.recipients) == 2


async def test_the_conversation_never_leads_into_this_network(make_client: MakeClient, verifier: Verifier, mailboxes: Mailboxes) -> None:
    """A domain whose mail host is an address of the inner network is not spoken to."""
    async with smtp_server(mailboxes) as port:
        client = await make_client(mailboxes=SmtpMailboxes("verify@roster.example", verifier.mail_hosts, port=port))
        verdict = await verify(client, "john@emberpoint.example")
    assert (verdict["status"], verdict["mailbox"]["said"]) == ("unknown", "unreachable")
    assert mailboxes.recipients == []


async def test_nothing_asked_about_enters_the_contacts(client: Client, reader: Reader) -> None:
    """What callers submit is not kept: the contacts are the same before and after."""

    async def contacts() -> list[Any]:
        kinds = (Collection.PROFILES, Collection.KEYS, Collection.RECORDS)
        return [[document async for document in reader.contacts.scan(kind)] for kind in kinds]

    before = await contacts()
    await client.post("/v1/verify/email", json={"items": [{"email": f"new{n}@emberpoint.example"} for n in range(100)]})
    assert await contacts() == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.emails(), st.text(max_size=40), st.from_regex(r"[a-z.+]{1,9}@[a-z.-]{1,20}", fullmatch=True)))
async def test_no_address_breaks_it(verifier: Verifier, text: str) -> None:
    """Whatever is sent gets a verdict of its shape: no error and no empty status."""
    (outcome,) = await verify_emails(verifier, [EmailQuestion(email=text)])
    assert isinstance(outcome, dict)
    EmailVerdict.model_validate_json(orjson.dumps(outcome))
