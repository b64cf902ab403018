"""`roster verify`: the verdicts of the server, on the command line."""

from __future__ import annotations

from tests.cli.running import EXAMPLES, Roster

QUIET = {"ROSTER_DNS_SERVERS": "127.0.0.1:1"}  # nobody answers there


def test_it_says_whether_contact_details_are_good(examples: Roster) -> None:
    """One line each: the value in canonical form, what it is and why; what was asked stays in the order asked."""
    ran = examples("verify", "email", "Nobody@Wiatrowo.test", "nonsense", **QUIET)
    assert ran.code == 0
    first, second = ran.out.splitlines()
    assert first.startswith("nobody@wiatrowo.test: unknown")
    assert second.startswith("nonsense: invalid")
    ran = examples("verify", "phone", "030 23125 014", "--country", "DE", **QUIET)
    assert ran.out.startswith("+493023125014: valid, grade")
    ran = examples("verify", "profile-link", "linkedin.com/in/Nobody-Here", **QUIET)
    assert ran.out.startswith("https://www.linkedin.com/in/nobody-here: valid")


def test_it_says_whether_a_contact_detail_is_the_persons(examples: Roster) -> None:
    """The answer and why; asking about none or two of them is wrong use."""
    ran = examples("verify", "contact", "--name", "Jane Doe", "--email", "nobody@wiatrowo.test", **QUIET)
    assert ran.out.startswith("nobody@wiatrowo.test: unsure")
    assert examples("verify", "contact", "--name", "Jane Doe").code == 2


def test_json_is_the_servers_answer(examples: Roster) -> None:
    """--json prints the items as POST /v1/verify/... answers a list."""
    ran = examples("verify", "email", "malgorzata.wasilewicz@wiatrowo.test", "--json", **QUIET)
    (item,) = ran.json["items"]
    assert item["status"] == 200
    assert item["result"]["known"]["here"]
    assert item["result"]["known"]["sources"]


def test_who_is_suppressed_is_not_spoken_of(empty: Roster) -> None:
    """After `roster suppress` the address gets no verdict."""
    assert empty("sources", "add", str(EXAMPLES / "sources" / "team_pages.toml")).code == 0
    assert empty("suppress", "--email", "jane.doe@acme.example", "--yes").code == 0
    ran = empty("verify", "email", "jane.doe@acme.example", "--json", **QUIET)
    assert [(item["status"], item["result"]) for item in ran.json["items"]] == [(451, None)]


def test_without_the_key_of_the_list_nothing_is_verified(empty: Roster) -> None:
    """On a store that keeps no key of its own the command says which setting it needs, before it connects."""
    ran = empty("--store", "opensearch+http://127.0.0.1:1/t", "verify", "email", "a@b.example")
    assert ran.code == 2
    assert "ROSTER_SUPPRESSION_KEY" in ran.err
