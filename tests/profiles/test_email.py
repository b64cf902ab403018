"""Promises about e-mail addresses."""

from __future__ import annotations

import socket

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from profiles.normalise.email import normalise_email, registrable_domain
from profiles.normalise.result import Normalised, Refused


def address(text: str) -> Normalised:
    found = normalise_email(text)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@acme.example",
        "JANE.DOE@ACME.EXAMPLE",
        "mailto:Jane.Doe@acme.example?subject=Hello",
        "<jane.doe@acme.example>",
        "Jane Doe <jane.doe@acme.example>",
        " jane.doe@acme.example, ",
        '"jane.doe@acme.example".',
        "jane.doe＠acme.example",
    ],
)
def test_an_address_is_the_same_however_it_was_copied(text: str) -> None:
    """Case, brackets, mailto: and punctuation around it do not make another address."""
    found = address(text)
    assert (found.value, found.keys) == ("jane.doe@acme.example", ("jane.doe@acme.example",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        "jane@",
        "@acme.example",
        "jane@localhost",
        "jane@acme",
        "jane@acme.local",
        "jane@acme.invalid",
        "a@b@acme.example",
        "ja ne@acme.example",
        "jane..doe@acme.example",
        "jane@acme..example",
        "jane@[127.0.0.1]",
        "x" * 300 + "@acme.example",
        "x" * 600,
    ],
)
def test_what_is_no_address_is_refused_with_a_reason_that_does_not_repeat_it(text: str) -> None:
    """The reason is fit for a log: it never holds the input."""
    found = normalise_email(text)
    assert isinstance(found, Refused)
    assert found.reason
    assert "acme" not in found.reason
    assert "jane" not in found.reason


def test_international_addresses_are_addresses() -> None:
    """Letters of any script on either side of the @, and both spellings of a domain are one."""
    assert address("jürgen@müller.example").value == "jürgen@müller.example"
    assert address("jürgen@xn--mller-kva.example").keys == address("jürgen@müller.example").keys


def test_plus_tag_and_dots_are_variants_not_replacements() -> None:
    """The address stays what it is; the spellings that reach the same mailbox are named beside it."""
    found = address("j.doe+news@gmail.com")
    assert found.keys == ("j.doe+news@gmail.com",)
    assert found.parts["plus_tag"] == "news"
    assert {"j.doe@gmail.com", "jdoe@gmail.com", "jdoe@googlemail.com"} <= set(found.parts["variants"])
    assert address("j.doe@acme.example").parts["variants"] == []


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("info", True),
        ("sales-emea", True),
        ("kontakt", True),
        ("no-reply", True),
        ("support2", True),
        ("recursoshumanos", True),
        ("jane.doe", False),
        ("anna.press", False),
        ("infante", False),
        ("jane", False),
    ],
)
def test_mailboxes_of_a_task_are_told_from_those_of_a_person(text: str, role: bool) -> None:
    """info@ and sales-emea@ belong to nobody, so nobody is recognised by them."""
    assert address(f"{text}@acme.example").parts["role"] is role


@pytest.mark.parametrize(
    ("domain", "free", "disposable"),
    [("gmail.com", True, False), ("gmx.de", True, False), ("mailinator.com", False, True), ("acme.example", False, False)],
)
def test_free_and_disposable_providers_are_known(domain: str, free: bool, disposable: bool) -> None:
    """A free provider says nothing about the employer, a disposable one nothing at all."""
    parts = address(f"jane@{domain}").parts
    assert (parts["free"], parts["disposable"]) == (free, disposable)


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [
        ("mail.acme.co.uk", "acme.co.uk"),
        ("eu.acme.example", "acme.example"),
        ("acme.test", "acme.test"),
        ("a.b.acme.com.br", "acme.com.br"),
        ("müller.de", "müller.de"),
    ],
)
def test_the_registered_part_of_a_domain_is_known_without_network(domain: str, registrable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public suffix list comes with the package: nothing is fetched."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert registrable_domain(domain) == registrable
    assert address(f"jane@{domain}").parts["registrable_domain"] == registrable


@given(
    st.text("abzAZ019._-+", max_size=66),
    st.sampled_from(
        ["acme.example", "Acme.EXAMPLE", "xn--mnchen-3ya.example", "acme", "a..example", "-a.example", "a.invalid", f"{'a' * 60}.test"]
    ),
)
def test_an_address_is_good_or_not_as_the_library_of_addresses_says(local: str, domain: str) -> None:
    """Plain local parts are not looked at one by one: what comes out is what email-validator says of the whole address."""
    assert_as_the_library(f"x{local}y@{domain}")


@given(
    st.lists(st.text("azAZ09-", max_size=66) | st.sampled_from(["xn--mnchen-3ya", "a--b", "xn--a"]), max_size=4),
    st.sampled_from(["example", "Example", "com", "c0m", "7", "e-x", "ex--e", "münchen", *SPECIAL_USE_DOMAIN_NAMES]),
)
def test_a_domain_is_good_or_not_as_the_library_of_addresses_says(labels: list[str], ending: str) -> None:
    """Plain domains are not looked at one by one either; endings that are nobody's are refused, whichever the library knows."""
    assert_as_the_library(f"x@{'.'.join([*labels, ending])}")


def assert_as_the_library(text: str) -> None:
    """What we make of an address is what email-validator makes of it."""
    try:
        checked = validate_email(text, check_deliverability=False, test_environment=True)
        expected = f"{checked.local_part}@{checked.domain}".lower() if "." in checked.domain else ""
    except EmailNotValidError:
        expected = ""
    found = normalise_email(text)
    assert (found.value if isinstance(found, Normalised) else "") == expected
