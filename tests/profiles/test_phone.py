"""Promises about phone numbers. Every number is of a range reserved for fiction, or the numbering plan's own example."""

from __future__ import annotations

import phonenumbers
import pytest

from profiles.normalise.phone import KINDS, normalise_phone
from profiles.normalise.result import Normalised, Refused


def number(text: str, country: str | None = None) -> Normalised:
    found = normalise_phone(text, country)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("+49 30 23125 123", None, "+493023125123"),
        ("0049 30 23125-123", None, "+493023125123"),
        ("(0049) 30 23125123", "FR", "+493023125123"),
        ("030 23125123", "DE", "+493023125123"),
        ("+49 (0)30 23125123", None, "+493023125123"),
        ("Tel.: 030/23125-123", "de", "+493023125123"),
        ("202-555-0123", "US", "+12025550123"),
        ("00 1 202 555 0123", "US", "+12025550123"),
        ("tel:+1-202-555-0123", None, "+12025550123"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("0011 44 20 7946 0123", "AU", "+442079460123"),
        ("0061 7 7010 1545", "AU", "+61770101545"),
        ("020 7946 0123", "UK", "+442079460123"),
        ("٢٠٢٥٥٥٠١٢٣", "US", "+12025550123"),
        ("202-555-0123", "us", "+12025550123"),
    ],
)
def test_a_number_is_the_same_however_it_was_typed(text: str, country: str | None, e164: str) -> None:
    """National, international, with 00, brackets, a label, other digits: one number."""
    found = number(text, country)
    assert (found.value, found.keys) == (e164, (e164,))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("020 7946 0123 ext. 12", "GB"),
        ("+44 20 7946 0123 x12", None),
        ("+442079460123;ext=12", None),
        ("020 7946 0123 Durchwahl 12", "GB"),
        ("020 7946 0123 (DW 12)", "GB"),
    ],
)
def test_the_extension_is_kept_beside_the_number(text: str, country: str | None) -> None:
    """The extension is no part of the number that is dialled and compared."""
    found = number(text, country)
    assert (found.value, found.parts["extension"]) == ("+442079460123", "12")
    assert "12" not in found.parts["national"].split()


def test_letters_are_digits() -> None:
    """A number that spells a word is that number."""
    assert number("1-800-FLOWERS", "US").value == "+18003569377"


@pytest.mark.parametrize(
    ("country", "kind_of_example", "kind"),
    [
        ("DE", phonenumbers.PhoneNumberType.MOBILE, "mobile"),
        ("GB", phonenumbers.PhoneNumberType.FIXED_LINE, "fixed"),
        ("US", phonenumbers.PhoneNumberType.TOLL_FREE, "toll_free"),
        ("GB", phonenumbers.PhoneNumberType.VOIP, "voip"),
    ],
)
def test_the_kind_of_number_is_known(country: str, kind_of_example: int, kind: str) -> None:
    """Mobile, fixed, toll-free and voip are told apart where the country's plan does."""
    example = phonenumbers.example_number_for_type(country, kind_of_example)
    parts = number(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)).parts
    assert (parts["kind"], parts["country"]) == (kind, country)
    assert number("+1 202 555 0123").parts["kind"] == "fixed_or_mobile"
    assert kind in KINDS


@pytest.mark.parametrize(
    ("text", "country", "kind"), [("07700 900123", "GB", "mobile"), ("0115 496 0123", "GB", "fixed"), ("06 39 98 12 34", "FR", "mobile")]
)
def test_numbers_reserved_for_fiction_are_numbers(text: str, country: str, kind: str) -> None:
    """Made-up people have the numbers that regulators keep for them, also those the numbering data leaves out."""
    parts = number(text, country).parts
    assert (parts["kind"], parts["country"]) == (kind, country)


@pytest.mark.parametrize(
    ("text", "country", "reason"),
    [
        ("", "US", "empty"),
        ("call me", "US", "no digits"),
        ("12", "US", "too short"),
        ("202 555 0123 456 789", "US", "too long"),
        ("555-0123", "US", "local number"),
        ("202-099-0123", "US", "not a number in use"),
        ("030 23125123", None, "no country known"),
        ("030 23125123", "Germany", "no country known"),
        ("+999 123 4567", None, "country code"),
        ("1" * 500, "US", "longer than"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, country: str | None, reason: str) -> None:
    """A person reading the reason knows what to correct."""
    found = normalise_phone(text, country)
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_results_do_not_share_their_parts() -> None:
    """What one caller does to a result does not change the next one's."""
    number("+12025550123").parts["kind"] = "spoilt"
    assert number("+12025550123").parts["kind"] == "fixed_or_mobile"
