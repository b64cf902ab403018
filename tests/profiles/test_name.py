"""Promises about names of persons."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nameparser import Parser, PatronymicRule, Policy

from profiles.normalise.name import fold_variants, formal_names, name_tokens, normalise_name, phonetic_codes
from profiles.normalise.name_split import split_plain
from profiles.normalise.result import Normalised, Refused


def name(text: str = "", **parts: str) -> Normalised:
    found = normalise_name(text, **parts)
    assert isinstance(found, Normalised), found
    return found


@pytest.mark.parametrize(
    ("text", "given_name", "middle", "family"),
    [
        ("Amy Klobuchar", "Amy", "", "Klobuchar"),
        ("Jean Paul Smith", "Jean", "Paul", "Smith"),
        ("Smith, John A.", "John", "A.", "Smith"),
        ("van der Berg, Jan", "Jan", "", "van der Berg"),
        ("Juan de la Vega", "Juan", "", "de la Vega"),
        ("Ursula von der Leyen", "Ursula", "", "von der Leyen"),
        ("Salem bin Rashid", "Salem", "", "bin Rashid"),
        ("Mohamed Al-Harbi", "Mohamed", "", "Al-Harbi"),
        ("Aisha El Hassan", "Aisha", "", "El Hassan"),
        ("de Vries Maria", "Maria", "", "de Vries"),
    ],
)
def test_a_name_is_split_at_the_family_name_whatever_order_comma_or_particles(text: str, given_name: str, middle: str, family: str) -> None:
    """Given, middle and family name are told apart in western order, behind a comma, and with particles."""
    parts = name(text).parts
    assert (parts["given"], parts["middle"], parts["family"]) == (given_name, middle, family)


@pytest.mark.parametrize(
    ("text", "given_name", "middle", "family"),
    [
        ("María José García López", "María José", "", "García López"),
        ("Darío Rodríguez Díaz", "Darío", "", "Rodríguez Díaz"),
        ("María Florina Huguet Martínez", "María", "Florina", "Huguet Martínez"),
        ("João Ferreira de Loureiro", "João", "", "Ferreira de Loureiro"),
        ("Davi Luiz Santos Alves", "Davi Luiz", "", "Santos Alves"),
        ("José Ortega y Gasset", "José", "", "Ortega y Gasset"),
        ("Gálvez Sánchez María", "María", "", "Gálvez Sánchez"),
        ("María Fernanda Silva", "María Fernanda", "", "Silva"),
        ("Jennifer Ann Lopez", "Jennifer", "Ann", "Lopez"),
        ("Bernardo Costa e Silva", "Bernardo", "", "Costa e Silva"),
    ],
)
def test_spanish_and_portuguese_names_keep_both_surnames(text: str, given_name: str, middle: str, family: str) -> None:
    """The first surname is not taken for a middle name, nor a second given name for a surname."""
    parts = name(text).parts
    assert (parts["given"], parts["middle"], parts["family"]) == (given_name, middle, family)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("JOHN SMITH", "John Smith"),
        ("SMITH John", "John Smith"),
        ("Loes BOSCHEN", "Loes Boschen"),
        ("GARCÍA LÓPEZ María José", "María José García López"),
        ("zofia pawlik", "Zofia Pawlik"),
        ("RONALD MCDONALD", "Ronald McDonald"),
        ("sinéad o'neil", "Sinéad O'Neil"),
        ("JUAN DE LA CRUZ", "Juan de la Cruz"),
        ("ANA MACHADO", "Ana Machado"),
        ("ELLEN MACARTHUR", "Ellen MacArthur"),
        ("JB Pritzker", "JB Pritzker"),
        ("anne-marie d'angelo", "Anne-Marie D'Angelo"),
        ("Ronnie McDONALD", "Ronnie McDonald"),
    ],
)
def test_capitals_and_small_letters_become_what_a_person_writes(text: str, shown: str) -> None:
    """Names in capitals or small letters are shown in usual case, and capitals tell the family name."""
    assert name(text).value == shown


@pytest.mark.parametrize(
    ("text", "given_name", "family"),
    [
        ("田中 由美子", "由美子", "田中"),
        ("酒井直樹", "直樹", "酒井"),
        ("王慧敏", "慧敏", "王"),
        ("김민수", "민수", "김"),
        ("Trần Hữu Sơn", "Sơn", "Trần"),
        ("Nguyen Van Anh", "Anh", "Nguyen"),
        ("Nagy Mária", "Mária", "Nagy"),
        ("Long Đỗ", "Long", "Đỗ"),  # either word is a family name somewhere
        ("Abe Chen", "Abe", "Chen"),
        ("Tanaka Yumiko", "Yumiko", "Tanaka"),
        ("Xie Junbo", "Junbo", "Xie"),
        ("Kim Min-su", "Min-su", "Kim"),
        ("Иванов Иван Петрович", "Иван", "Иванов"),
        ("Юлія Журба", "Юлія", "Журба"),
    ],
)
def test_names_written_family_first_are_understood(text: str, given_name: str, family: str) -> None:
    """Names in Han, Hangul and Cyrillic, and the romanised ones of cultures that write the family name first; western order where both ends
    could be the family name.
    """
    parts = name(text).parts
    assert (parts["given"], parts["family"]) == (given_name, family)


def test_names_in_other_scripts_are_compared_in_plain_letters() -> None:
    """A Cyrillic name is found by its romanised spelling, and shown as it was written."""
    found = name("Иван Петров")
    assert found.value == "Иван Петров"
    assert found.keys[0] == "ivan petrov"
    assert name("酒井直樹").value == "酒井直樹"


@pytest.mark.parametrize(
    ("text", "suffix", "credentials"),
    [
        ("William J. Smith, Sr", "Sr", ""),
        ("Don Ortega Jr.", "Jr", ""),
        ("JOHN SMITH III MD", "III", "MD"),
        ("John Smith Ph.D.", "", "Ph.D."),
        ("Prof. Dr. Hans Mayer", "", ""),
    ],
)
def test_a_generation_is_kept_apart_from_degrees_and_honorifics_are_dropped(text: str, suffix: str, credentials: str) -> None:
    """Jr and III tell father from son and are part of the key; degrees are shown apart and compare nothing."""
    found = name(text)
    assert (found.parts["suffix"], found.parts["credentials"]) == (suffix, credentials)
    assert found.keys[0].endswith(suffix.lower())
    assert "prof" not in found.keys[0]
    assert "md" not in found.keys[0].split()


def test_father_and_son_have_different_keys_and_share_the_looser_one() -> None:
    """Jr makes another name; without the suffix the two are the same."""
    father, son = name("Don Ortega Sr"), name("Don Ortega Jr")
    assert father.keys[0] != son.keys[0]
    assert father.keys[1] == son.keys[1] == "don ortega"


@pytest.mark.parametrize("text", ['Robert "Bob" Smith', "Robert (Bob) Smith", "Robert “Bob” Smith", "Robert 'Bob' Smith"])
def test_a_nickname_in_quotes_or_brackets_is_set_apart(text: str) -> None:
    """Robert "Bob" Smith is Robert Smith who is called Bob."""
    found = name(text)
    assert (found.value, found.parts["nickname"]) == ("Robert Smith", "Bob")


def test_an_earlier_family_name_is_a_looser_key() -> None:
    """A person is also met under the name before marriage."""
    for text in ("Julie Charlton (Peters)", "Julie Charlton née Peters"):
        assert "julie peters" in name(text).keys[1:]
    assert "julie peters" in name(given="julie", family="charlton (peters)").keys


def test_parts_that_the_source_gives_are_used_as_they_stand() -> None:
    """No guess where the source knows: even an odd split stays, only case, suffix and nickname are put right."""
    found = name("ignored", given="maría josé", family="garcía lópez")
    assert (found.parts["given"], found.parts["family"]) == ("María José", "García López")
    assert name(given="Pablo", middle="José", family="Hernández Rivera").keys[0] == "pablo jose hernandez rivera"
    assert name(given="Ron", family="Anders, Jr.").parts["suffix"] == "Jr"
    assert name(given='Robert "Bob"', family="Smith").parts["nickname"] == "Bob"
    assert name(given="Garcia", family="Lopez").parts["given"] == "Garcia"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "jane@acme.example", "https://acme.example/jane", "www.acme.example", "12345", "x" * 201, "?", "N/A", "unknown", "J."],
)
def test_what_is_no_name_is_refused_with_a_reason(text: str) -> None:
    """Addresses, digits, placeholders and paragraphs are not taken for persons."""
    found = normalise_name(text)
    assert isinstance(found, Refused)
    assert found.reason


@pytest.mark.parametrize(
    ("text", "shown"),
    [("john 🎉 smith", "John Smith"), ("JosÃ© GarcÃ\xada", "José García"), ("Jane Doe 2", "Jane Doe"), ("Mu?ller Hans", "Muller Hans")],
)
def test_emoji_wrong_encodings_and_digits_do_not_break_a_name(text: str, shown: str) -> None:
    """What no name has is left out, what was decoded wrongly is decoded rightly."""
    assert name(text).value == shown


def test_umlauts_are_found_in_both_spellings() -> None:
    """Müller is met by Muller and by Mueller."""
    assert name_tokens("Jürgen Müller") == ("jurgen", "muller", "juergen", "mueller")
    assert fold_variants("Müller") == ("muller", "mueller")
    assert fold_variants("Smith") == ("smith",)
    assert "juergen mueller" in name("Jürgen Müller").keys


SOUND_ALIKE = [
    "shumer/schumer", "pelosee/pelosi", "klobucher/klobuchar", "klobushar/klobuchar", "mohamed/muhammad", "yekaterina/ekaterina",
    "mueller/muller", "meyer/maier", "meier/mayer", "fadipe/phadipe", "smith/smyth", "jon/john", "catherine/katherine",
    "catherine/kathryn", "stephen/steven", "philip/filip", "geoffrey/jeffrey", "schmidt/schmitt", "tchaikovsky/chaikovsky",
    "dmitriy/dmitry", "sergey/sergei", "aleksandr/alexander", "gonzalez/gonzales", "lieberman/liberman", "macdonald/mcdonald",
    "thompson/thomson", "wojcik/vojcik", "yusuf/youssef", "hussein/husain", "reid/reed", "kowalski/kovalsky", "schroeder/schroder",
    "leahy/leahey", "buttigieg/butigeg", "ossoff/osoff", "iuliia/yulia", "tatiana/tatyana", "fischer/fisher", "wozniak/vozniak",
    "petrov/petroff", "hoffmann/hofman", "chavez/chaves", "erik/eric", "sofia/sophia",
]  # fmt: skip


@pytest.mark.parametrize("pair", SOUND_ALIKE)
def test_spellings_of_one_sound_share_a_code(pair: str) -> None:
    """Whoever heard the name finds it."""
    one, other = pair.split("/")
    assert set(phonetic_codes(one)) & set(phonetic_codes(other))


@pytest.mark.parametrize("pair", ["smith/schmidt", "martin/marin", "meyer/miller", "garcia/lopez", "wang/li", "brown/green", "neal/nolan"])
def test_names_that_sound_apart_share_no_code(pair: str) -> None:
    """A code that meets everything finds nothing."""
    one, other = pair.split("/")
    assert not set(phonetic_codes(one)) & set(phonetic_codes(other))


@pytest.mark.parametrize(
    "pair", ["bob/robert", "bob/rob", "liz/beth", "bill/william", "rafa/rafael", "pepe/jose", "sasha/aleksandr", "gosia/malgorzata"]
)
def test_a_nickname_and_its_formal_name_share_one(pair: str) -> None:
    """Bob and Robert may be one person, Bob and Rob too."""
    one, other = pair.split("/")
    assert formal_names(one)[0] == one
    assert set(formal_names(one)) & set(formal_names(other))
    assert formal_names("qwertz") == ("qwertz",)


_GIVEN = [
    "John", "Anna", "Jean-Luc", "Zofia", "Jürgen", "Siân", "Nguyễn", "Kwame", "Bo", "Al", "Prince", "Van", "Ali", "May", "Dean",
    "Faith", "Abdul", "Björn", "O'Shea", "Ian",
]  # fmt: skip
_MIDDLE = ["", "A.", "Marie", "De", "van", "Lee", "Ivanovich", "King", "Ba", "Ng", "E.", "I."]
_FAMILY = [
    "Smith", "Klobuchar", "Hyde-Smith", "O'Neil", "D'Angelo", "Ma", "Do", "Judge", "King", "Ivanovich", "Petrovna", "Ng", "Esq",
    "Lord", "Bishop", "MD", "Santos", "Þórsdóttir", "San", "Mac", "Ó", "Vi", "St",
]  # fmt: skip


Parts = tuple[str, str, str]


def by_the_splitter(text: str) -> tuple[Parts, str]:
    """Given, middle and family name as nameparser splits them, and all else it finds."""
    slow = Parser(policy=Policy(patronymic_rules=frozenset({PatronymicRule.EAST_SLAVIC}))).parse(text)
    return (slow.given, slow.middle, slow.family), "".join((slow.suffix, slow.nickname, slow.maiden, slow.title))


def fast_and_slow(text: str) -> tuple[Parts, tuple[Parts, str]] | None:
    """What the fast path and nameparser answer; None where the fast path leaves the text to nameparser."""
    fast = split_plain(text)
    return fast and ((" ".join(fast.given), " ".join(fast.middle), " ".join(fast.family)), by_the_splitter(text))


def test_the_fast_path_answers_as_the_splitter_would() -> None:
    """Plain names that skip nameparser are split exactly as nameparser splits them, whichever part stands first."""
    names = list(itertools.product(_GIVEN, _MIDDLE, _FAMILY))
    forms = (
        (" ".join(filter(None, words)) for words in names),
        (f"{family}, {first} {middle}".strip() for first, middle, family in names),
        (f"{family} {middle}, {first}" for first, middle, family in names if middle),
    )
    for texts, at_least in zip(forms, (500, 500, 400), strict=True):
        both = [found for text in texts if (found := fast_and_slow(text))]
        assert len(both) > at_least
        assert [fast for fast, _ in both] == [parts for _, (parts, _) in both]
        assert not any(other for _, (_, other) in both)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("abcdeilmnorstuvyzéüñł-'ABEIJMSVY"), min_size=1, max_size=9), min_size=2, max_size=4),
    st.integers(0, 3),
)
def test_the_fast_path_answers_as_the_splitter_would_on_any_words(words: list[str], before_comma: int) -> None:
    """The same, on words nobody chose, with a comma behind some of them."""
    comma = ", " if 0 < before_comma < len(words) else ""
    found = fast_and_slow(f"{' '.join(words[:before_comma])}{comma}{' '.join(words[before_comma:])}".strip())
    assert found is None or found[1] == (found[0], "")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30), st.text(max_size=10), st.text(max_size=20))
def test_parts_never_raise(given_name: str, family: str, middle: str, suffix: str, nickname: str) -> None:
    """Whatever a source writes into its fields, the answer is a name or a reason."""
    found = normalise_name(given=given_name, family=family, middle=middle, suffix=suffix, nickname=nickname)
    assert isinstance(found, Refused) or found.keys[0]


@given(st.text(max_size=60))
def test_tokens_and_codes_never_raise(text: str) -> None:
    """Searching with any text gives tokens, codes and formal names."""
    for token in name_tokens(text):
        assert token
        assert all(code.startswith("m:") for code in phonetic_codes(token))
        assert formal_names(token)[0] == token
