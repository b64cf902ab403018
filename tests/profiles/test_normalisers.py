"""Promises that every normaliser keeps."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from profiles.models import ValueKind
from profiles.normalise import NORMALISERS
from profiles.normalise.result import Normalised, Refused

WORDS = [
    "Jane", "Doe", "Dr.", "Jr.", ",", "van der", "GARCÍA", "López", "(Bob)", '"Bob"', "@", "acme.example", "+49 30 23125 123", "00",
    "ext. 5", "VP",
    "Sr.", "&", "Engineering", "GmbH", "株式会社", "Munich", "CA",
    "C++", ".NET", "https://", "linkedin.com/in/", "x.com/", "%C3%BC", "/", "田中",
    "Nguyễn", "Anh", "-", "’", "\u200b", "🎉", "PhD", "née", "Ltd.",
    "Paris", "TX", "#", "mailto:", "1", "İ", "ß", "ﬁ", "SMITH", "y", "de", "Ivanovich",
]  # fmt: skip
LIKELY = st.builds(lambda words, glue: glue.join(words), st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from([" ", "", ", "]))
"""Texts made of what such texts are made of: they come further than random letters."""

SAMPLES = {
    ValueKind.NAME: [
        "María José García López",
        "SMITH John",
        "Ron Anders, Jr.",
        "Nguyễn Văn Anh",
        "酒井直樹",
        "Judge",
        "de Vries Maria",
        "Tanaka LOES",
        "A. B.",
    ],
    ValueKind.EMAIL: ["Jane.Doe+x@ACME.example", "jürgen@xn--mller-kva.example"],
    ValueKind.PHONE: ["+49 30 23125 123", "00 1 202 555 0123 x5", "+44 7700 900123"],
    ValueKind.JOB_TITLE: ["VP Eng", "Sr. SW Eng.", "Geschäftsführer", "Head of Finance"],
    ValueKind.COMPANY: ["ACME Holding GmbH & Co. KG", "Acme, Inc.", "株式会社アクメ"],
    ValueKind.LOCATION: ["Greater Munich Area", "Paris, TX", "NYC", "München", "CA"],
    ValueKind.SKILL: ["k8s", "C++", ".net", "NodeJS", "a skill nobody has heard of"],
    ValueKind.LINK: ["de.linkedin.com/in/J%C3%BCrgen?x=1", "facebook.com/jane.doe", "@Jane@social.example", "youtube.com/user/Jane"],
}
"""Real-looking values of every kind."""


def test_every_kind_of_value_has_a_normaliser() -> None:
    """A kind without a normaliser could be neither compared nor searched."""
    assert set(NORMALISERS) == set(ValueKind) == set(SAMPLES)


@pytest.mark.parametrize("kind", list(NORMALISERS))
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=80), LIKELY))
@example(text="")
@example(text="\x00\ud800\uffff")
@example(text="a" * 5000)
def test_no_text_breaks_a_normaliser(kind: ValueKind, text: str) -> None:
    """Whatever a feed or a searcher writes, the answer is a value with keys, ready for JSON, or a reason."""
    found = NORMALISERS[kind](text)
    if isinstance(found, Refused):
        assert found.reason
    else:
        assert isinstance(found, Normalised)
        assert found.value.strip()
        assert found.keys
        assert all(found.keys)
        json.dumps(found.parts)


def first_key(kind: ValueKind, text: str) -> str | None:
    """What a value is recognised by; None where it is refused."""
    found = NORMALISERS[kind](text)
    return found.keys[0] if isinstance(found, Normalised) else None


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAMPLES.items() for text in texts])
def test_a_value_read_again_is_the_same_value(kind: ValueKind, text: str) -> None:
    """What roster shows can be typed into a search or sent back in a feed: it is the same value."""
    found = NORMALISERS[kind](text)
    assert isinstance(found, Normalised)
    assert first_key(kind, found.value) == found.keys[0]


@pytest.mark.parametrize("kind", [ValueKind.NAME, ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK])
@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=60), LIKELY))
def test_names_and_contacts_read_again_are_the_same_whatever_they_were(kind: ValueKind, text: str) -> None:
    """Persons are recognised by these kinds, so it holds for them on any text."""
    found = NORMALISERS[kind](text)
    assert isinstance(found, Refused) or first_key(kind, found.value) == found.keys[0]
