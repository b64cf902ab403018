"""Promises of comparing names: spellings, habits and damage of one name are told from another name."""

from __future__ import annotations

import pytest

from profiles.normalise.name import normalise_name
from profiles.normalise.result import Normalised
from profiles.resolve.names import Likeness, NameForm, match_forms, spells


def form(text: str) -> NameForm:
    found = normalise_name(text)
    assert isinstance(found, Normalised)
    return NameForm(tuple(found.parts["given_tokens"]), tuple(found.parts["family_tokens"]))


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        ("Robert Smith", "Bob Smith", Likeness.NICKNAME, Likeness.EXACT),
        ("José García López", "Jose Garcia", Likeness.EXACT, Likeness.PART),
        ("Katharina Müller", "Katharina Mueller", Likeness.EXACT, Likeness.SOUND),
        ("Mohammed Yussuf", "Muhamad Yusuf", Likeness.SOUND, Likeness.SOUND),
        ("Юлия Иванова", "Iuliia Ivanova", Likeness.SOUND, Likeness.EXACT),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", Likeness.EXACT, Likeness.SOUND),
        ("Jan Bil?ík", "Jan Bilčík", Likeness.EXACT, Likeness.NEAR),
        ("J. Smith", "John Smith", Likeness.INITIAL, Likeness.EXACT),
        ("Anna Smith", "Robert Smith", Likeness.DIFFERENT, Likeness.EXACT),
        ("Lee Chan", "Leo Chan", Likeness.DIFFERENT, Likeness.EXACT),
        ("Ada Byron", "Ada King", Likeness.EXACT, Likeness.DIFFERENT),
        ("Njl Frs", "Najla Fares", Likeness.SOUND, Likeness.SOUND),
        ("Lynn Byron", "Lena Byron", Likeness.DIFFERENT, Likeness.EXACT),
        ("Hsyn Lhsn", "Hussein Al-Hassan", Likeness.SOUND, Likeness.SOUND),
        ("Smyrh Lshryf", "Samira Alsharif", Likeness.SOUND, Likeness.SOUND),
        ("Mhmwd Bnny", "Mohammed Bennani", Likeness.DIFFERENT, Likeness.SOUND),
        ("Smyrh Bnny", "Samir Bennani", Likeness.DIFFERENT, Likeness.SOUND),
        ("Aly Nour", "Ali Nur", Likeness.SOUND, Likeness.SOUND),
        ("Ia Wright", "Ian Wright", Likeness.NEAR, Likeness.EXACT),
        ("Jse Cxo", "José Cox", Likeness.NEAR, Likeness.NEAR),
        ("Dav Luiz Guerra", "Davi Luiz Guerra", Likeness.NEAR, Likeness.EXACT),
    ],
)
def test_names_are_alike_in_the_way_they_are(one: str, other: str, given: Likeness, family: Likeness) -> None:
    """Each kind of likeness is told apart, whichever name comes first."""
    for a, b in ((one, other), (other, one)):
        match = match_forms(form(a), form(b))
        assert (match.given, match.family) == (given, family)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jin", "Yin"),
        ("Jun", "Yun"),
        ("Jan", "Ian"),
        ("Roy", "Rue"),
        ("Lyn", "Ellen"),
        ("Glyn", "Gillian"),
        ("Lynn", "Lennon"),
        ("Sue", "Soo"),
    ],
)
def test_short_names_that_many_have_are_not_one_another(one: str, other: str) -> None:
    """However alike they are written: what is a way of spelling in a longer name makes another one of these."""
    assert match_forms(form(f"{one} Smith"), form(f"{other} Smith")).given is Likeness.DIFFERENT


@pytest.mark.parametrize("word", ["y" * 90, "b" * 90, "wy" * 45])
def test_no_name_takes_long_to_read(word: str) -> None:
    """Made to be hostile, it is compared in a moment: with steps that grow with each letter this would not end."""
    spoken = "".join(letter + "i" * 3 for letter in word.replace("y", "i"))[:180]
    assert match_forms(NameForm((word,), (word,)), NameForm((spoken + "z",), (spoken + "z",))).given is Likeness.DIFFERENT


def test_given_and_family_name_may_have_changed_places() -> None:
    """Byron Ada is Ada Byron."""
    match = match_forms(NameForm(("ada",), ("byron",)), NameForm(("byron",), ("ada",)))
    assert (match.given, match.family) == (Likeness.EXACT, Likeness.EXACT)


def test_a_name_turned_round_may_lack_a_surname() -> None:
    """A list that gives the family name first gives one of two: "Dietz Anneli" is Anneli Braun Dietz."""
    one, other = NameForm(("dietz",), ("anneli",)), NameForm(("anneli",), ("braun", "dietz"))
    assert match_forms(one, other)[:2] == match_forms(other, one)[:2] == (Likeness.EXACT, Likeness.PART)


@pytest.mark.parametrize("address", ["danielle.fonfort", "dfonfort2", "fonfort", "fonfort-danielle", "danielle-fonfort-sales-4c"])
def test_an_address_spells_a_name(address: str) -> None:
    """A family name with the first name or its initial, in either order, or alone; digits and dots are what mailboxes ask for."""
    assert spells(address, NameForm(("danielle",), ("fonfort",)))


@pytest.mark.parametrize("address", ["danielle", "fonfortini", "fonfort-sales"])
def test_an_address_with_less_or_more_does_not(address: str) -> None:
    """A first name is many people's, and what only begins like a family name is another one."""
    assert not spells(address, NameForm(("danielle",), ("fonfort",)))


def test_of_a_short_family_name_an_address_must_spell_the_first_name_too() -> None:
    """Two letters are initials as often as a name; of two surnames one is enough."""
    assert spells("hu.junying", NameForm(("junying",), ("hu",)))
    assert not spells("hu", NameForm(("junying",), ("hu",)))
    assert spells("ytello", NameForm(("yolanda",), ("tello", "sosa")))


def test_a_middle_initial_tells_father_from_son() -> None:
    """Brian S. is not Brian C., and may be Brian Samuel."""
    assert match_forms(form("Brian S. Cedeno"), form("Brian C. Cedeno")).middle == "different"
    assert match_forms(form("Brian S. Cedeno"), form("Brian Samuel Cedeno")).middle == "same"
    assert match_forms(form("Brian S. Cedeno"), form("Brian Cedeno")).middle == ""
