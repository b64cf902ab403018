"""Letters thrown together are told from names of any language, and names a letter apart from other names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.normalise.gibberish import is_gibberish
from profiles.resolve.likeness import is_misspelt, may_be_one_name


@pytest.mark.parametrize("local", ["asdfghjkl", "xkqzvbnm", "asdkjhqw", "zxcvbn", "mail.qwrtplkj"])
def test_thrown_letters_are_gibberish(local: str) -> None:
    """What fingers make of a keyboard."""
    assert is_gibberish(local)


@pytest.mark.parametrize(
    "local",
    [
        "jane.doe",
        "jsmith",
        "fgupta",
        "wojciechowski",
        "przybylski",
        "schwarzkopf",
        "nguyen.thi",
        "ozturk",
        "hr-department",
        "x",
        "jkrw",
        "",
        "1234567",
    ],
)
def test_names_words_and_initials_are_not(local: str) -> None:
    """Names of many languages, initials in front, abbreviations too short to judge."""
    assert not is_gibberish(local)


@given(st.text(max_size=64))
def test_any_text_is_judged(local: str) -> None:
    """No text breaks it."""
    assert is_gibberish(local) in (True, False)


def test_names_near_and_far() -> None:
    """Another order, a letter more or less: perhaps one name. Another word: two."""
    doe = (("jane",), ("doe",), "")
    assert may_be_one_name(doe, (("doe",), ("jane",), ""))
    assert may_be_one_name(doe, (("jane",), ("doh",), ""))
    assert not may_be_one_name(doe, (("robert",), ("crossbury",), ""))


def test_a_misspelt_word_is_long_enough_to_be_known() -> None:
    """One letter wrong in a long name is a slip, and two in a very long one; in a short one it is another name."""
    assert is_misspelt("emberpoint", "emberpiont")
    assert is_misspelt("clear works", "clearworks")
    assert not is_misspelt("acme", "acne")
    assert is_misspelt("lumumivox", "lumurnivox")
    assert is_misspelt("emberpoint logistics", "emberpiont logistic")
    assert not is_misspelt("emberpoint", "umberpaimt")
    assert not is_misspelt("harrison", "harisson media")
