"""Splitting one written name into given, middle, family, suffix, credentials and nickname.

nameparser is the splitter. Around it: a fast path for plain names, to which it would give the same answer (a test compares them);
and what it does not know: capitals that mark the family name, cultures that write the family name first, two surnames.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from profiles.normalise.fold import fold
from profiles.normalise.name_data import (
    COMPOUND_GIVEN,
    HAN_FAMILY,
    HUNGARIAN_FAMILY,
    HUNGARIAN_GIVEN,
    IBERIAN_FAMILY,
    IBERIAN_GIVEN,
    INTERNATIONAL_GIVEN,
    PARTICLES,
    PINYIN_FAMILY,
    ROMAJI_FAMILY,
    VIETNAMESE_FAMILY,
    VIETNAMESE_GIVEN,
)
from profiles.normalise.name_nicknames import is_given_name


@dataclass(slots=True)
class Split:
    """The words of a name by part, as written. former: an earlier family name ("née Smith").

    family_first: whether it was written in that order and is shown so.

    glued: the name was written without blanks (Han, Hangul) and is shown so.
    """

    given: list[str] = field(default_factory=list)
    middle: list[str] = field(default_factory=list)
    family: list[str] = field(default_factory=list)
    suffix: str = ""
    credentials: str = ""
    nickname: str = ""
    former: str = ""
    family_first: bool = False
    glued: str = ""


GENERATIONS = {
    "jr": "Jr", "junior": "Jr", "jnr": "Jr", "filho": "Jr", "sr": "Sr", "senior": "Sr", "snr": "Sr",
    "i": "I", "ii": "II", "iii": "III", "iv": "IV", "v": "V", "2nd": "II", "3rd": "III", "4th": "IV", "2": "II", "3": "III",
}  # fmt: skip
"""Generational suffixes, which tell father from son; every other suffix is a credential, which tells nobody from anybody."""

_MOJIBAKE = re.compile("[ÂÃÄÅÐÑØÙ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]")
_NOT_PART_OF_NAMES = re.compile(r"[^\w\s.,'’‘ʼ`´\"“”„«»()\[\]{}‐‑–/&·・̀-ͯ-]", re.UNICODE)
_DIGITS = re.compile(r"(?<!\w)(?!(?:2nd|3rd|4th)\b)\d\w*|\d+(?!\w)", re.IGNORECASE)
_BRACKETS = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "´": "'", "`": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-", "_": " "})
_BLANKS = re.compile(r"\s+")
_PLAIN_WORD = r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+(?:[-'’][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+)*"
_PLAIN = re.compile(rf"{_PLAIN_WORD}(?: (?:{_PLAIN_WORD}|[A-HJ-UWXZ]\.)){{0,2}} {_PLAIN_WORD}")
_PLAIN_INVERTED = re.compile(rf"({_PLAIN_WORD}(?: {_PLAIN_WORD})?), ({_PLAIN_WORD})(?: ({_PLAIN_WORD}))?")
_ROMAN = re.compile(r"[ivx]+", re.IGNORECASE)
_ELISIONS = ("d'", "d’", "l'", "l’")
_PATRONYMIC = re.compile(r"(?:ovich|evich|ich|ovna|evna|ichna|vna)$", re.IGNORECASE)
_HAN = re.compile(r"[\u3005\u3006\u3400-\u9fff\uf900-\ufaff]+")
_KOREAN_GIVEN = re.compile(r"[A-Z][a-z]{1,5}-[a-z]{2,6}")
_PINYIN_GIVEN = re.compile(
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:[iu]?a(?:ng?|i|o)?|[iu]?e(?:ng?|i)?|i(?:ng?|ong|u)?|o(?:ng|u)|u(?:n|i|o)?|o|ü[en]?)){1,2}"
)
_ROMAJI = re.compile(r"(?:(?:[kgsztdnhbpmyrwj]|sh|ch|ts|ky|gy|ny|hy|by|py|my|ry|f)?(?:[aiu]|ee?|oo?h?|ou|uu)n?m?)+")
_VIETNAMESE_LETTER = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_VIETNAMESE_ONLY = ("nguyen", "tran", "pham")
_ACCENT = re.compile(r"[áéíóúñãõç]", re.IGNORECASE)


def clean(text: str) -> str:
    """One line of composed characters without signs that no name has; wrongly decoded UTF-8 ("JosÃ©") is put right where certain."""
    if text.isascii() and text.replace(" ", "").isalpha():
        return " ".join(text.split())
    if _MOJIBAKE.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                text = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
    text = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode()).translate(_BRACKETS)
    text = _DIGITS.sub(" ", text) if any(c.isdigit() for c in text) else text
    return _BLANKS.sub(
        " ", _NOT_PART_OF_NAMES.sub(lambda m: "" if m.group() in "?\ufffd" or not m.group().isprintable() else " ", text)
    ).strip(" ,;/&-·'’\"")


@lru_cache(maxsize=1)
def _nameparser() -> tuple[object, frozenset[str]]:
    """The splitter (immutable, so shared by all threads) and every word that is more to it than a name: titles, suffixes, particles ..."""
    from nameparser import Lexicon, Parser, PatronymicRule, Policy

    words = Lexicon.default()
    known = frozenset().union(
        words.titles, words.given_name_titles, words.after_given_titles, words.suffix_acronyms, words.suffix_acronyms_ambiguous,
        words.suffix_words, words.honorific_tails, words.particles, words.conjunctions, words.bound_given_names, words.maiden_markers,
    )  # fmt: skip
    parser = Parser(policy=Policy(patronymic_rules=frozenset({PatronymicRule.EAST_SLAVIC})))
    return parser, known | PARTICLES | frozenset(GENERATIONS)


def split_plain(text: str) -> Split | None:
    """The fast path: two to four plain Latin words of which none has another meaning, the family name last or before a comma; None when
    the splitter has to look, which takes thirty times as long.
    """
    inverted = _PLAIN_INVERTED.fullmatch(text)
    if not inverted and not _PLAIN.fullmatch(text):
        return None
    words = text.replace(",", "").split(" ")
    known = _nameparser()[1]
    if any(word.lower() in known or word[:2].lower() in _ELISIONS or _ROMAN.fullmatch(word) for word in words):
        return None
    if len(words) > 2 and (_PATRONYMIC.search(words[-1]) or _PATRONYMIC.search(words[1])):
        return None
    if inverted and any(word.isupper() for word in words):  # "Ann Smith, ABC" may be letters behind a name
        return None
    if inverted:
        family, given, middle = inverted.groups()
        return Split([given], [middle] if middle else [], family.split(" "))
    return Split(words[:1], words[1:-1], words[-1:])


def split_nameparser(text: str) -> Split:
    """The splitter's own answer, suffixes sorted into generation and credentials, honorifics dropped."""
    parsed = _nameparser()[0].parse(text)  # type: ignore[attr-defined]  # typed as object: the package is imported on first use
    out = Split(parsed.given.split(), parsed.middle.split(), parsed.family.split(), nickname=parsed.nickname, former=parsed.maiden)
    for word in re.split(r"[,\s]+", parsed.suffix):
        generation = GENERATIONS.get(word.lower().replace(".", ""))
        if generation and not out.suffix:
            out.suffix = generation
        elif word:
            out.credentials += f" {word}" if out.credentials else word
    if out.nickname and not out.former and text.endswith(f"({out.nickname})") and not is_given_name(fold(out.nickname)):
        out.nickname, out.former = "", out.nickname
    if len(out.given) + len(out.family) == 1 and is_given_name(parsed.title.lower()):  # "Prince Chestnut"
        out.given, out.family = [parsed.title], out.given or out.family
    if not (out.given or out.family):  # nothing but words it takes for titles or suffixes ("Judge", "King"): then they are the name
        out.family = (parsed.title or parsed.suffix.replace(",", " ")).split()
        out.suffix = out.credentials = ""
    return out


def split(text: str) -> Split:
    """A cleaned name by parts. Raises nothing; an empty split when there is no name in it."""
    han = _glued_han(text)
    if han:
        return han
    out = split_plain(text) or split_nameparser(text)
    for part in (out.given, out.middle, out.family):
        part[:] = [w for w in part if any(c.isalnum() for c in w)]
    if not out.family and len(out.given) > 1:
        out.family = [out.given.pop()]
    while len(out.family) > 1 and len(out.family[0]) == 2 and out.family[0][1] == ".":  # an initial taken for the conjunction e, i, y
        out.middle.append(out.family.pop(0))
    if not out.given and len(out.family) > 1 and "," not in text:
        _particle_first(out)
    if "," not in text and out.given and out.family:
        if text[0] > "\u2e7f" and fold(out.family[0]) == fold(text[: len(out.family[0])]):
            out.family_first = True
            out.glued = text if " " not in text else ""
        else:
            out = _ordered(out)
    return _compound_given(out)


def _glued_han(text: str) -> Split | None:
    """An unspaced Han name: a Chinese surname is one character; a Japanese family name mostly two (three where the second is 々)."""
    if not 2 <= len(text) <= 6 or not _HAN.fullmatch(text):
        return None
    chinese = len(text) == 2 or (len(text) == 3 and text[0] in HAN_FAMILY)
    cut = 1 if chinese else 3 if len(text) > 3 and text[1] == "々" else 2
    return Split([text[cut:]], [], [text[:cut]], family_first=True, glued=text)


def _particle_first(out: Split) -> None:
    """A family name of particles and one word, then a given name ("de Vries Maria"); not where the last word is a second surname."""
    words = out.family
    lead = next((i for i, w in enumerate(words) if w.lower() not in PARTICLES), 0)
    if len(words) == 2 and words[0][0].isupper():  # "Das Williams": a lone particle before a family name is written small
        out.given, out.family = words[:1], words[1:]
    elif lead and len(words) == lead + 2 and fold(words[-1]) not in IBERIAN_FAMILY:
        out.given, out.family = [words[-1]], words[:-1]


def _is_caps(word: str) -> bool:
    """Capitals that can mark a family name, not initials (JB, A.J.): three letters and more, or a known short surname."""
    if not word.isupper() or "." in word:
        return False
    low = word.lower()
    return len(word) > 2 or low in PINYIN_FAMILY or low in VIETNAMESE_FAMILY or low in PARTICLES


def _ordered(out: Split) -> Split:
    """Family and given put right where capitals, the culture's order or a second surname say otherwise than 'the last word'."""
    words = out.given + out.middle + out.family
    caps = [_is_caps(w) for w in words]
    if any(caps) and not all(w.isupper() for w in words):
        lead = next(i for i, c in enumerate([*caps, False]) if not c)
        trail = next(i for i, c in enumerate([*reversed(caps), False]) if not c)
        if lead and not trail:
            return _family_first(out, words, lead)
        if trail and not lead and trail < len(words):
            return _with(out, words, len(words) - trail)
        return out
    folded = [fold(w) for w in words]
    if _written_family_first(words, folded):
        lead = 1
        while lead < len(words) - 1 and folded[0] in IBERIAN_FAMILY and folded[lead] in IBERIAN_FAMILY:
            lead += 1
        return _family_first(out, words, lead)
    if len(out.family) == 1 or folded[-len(out.family)] in PARTICLES:
        cut = len(words) - len(out.family)
        if cut >= 2 and folded[cut - 1] == "el":  # Arabic names; the splitter takes it for a middle name
            return _with(out, words, cut - 1)
        if cut >= 2 and _second_surname(words, folded, cut):
            cut -= 1
            while cut > 1 and words[cut - 1].lower() in PARTICLES:
                cut -= 1
            return _with(out, words, cut)
    return out


def _written_family_first(words: list[str], folded: list[str]) -> bool:
    """Whether known names say that the family name stands first; where both ends could be it ("Long Do", "Abe Chen"), the western order
    stands.
    """
    return _begins_with_family(words, folded) and not (len(words) == 2 and _begins_with_family(words[::-1], folded[::-1]))


def _begins_with_family(words: list[str], folded: list[str]) -> bool:
    first, last = folded[0], folded[-1]
    if first in VIETNAMESE_FAMILY and _vietnamese(folded[1:]):
        if last not in VIETNAMESE_FAMILY:
            return True
        marked = first in _VIETNAMESE_ONLY or any(_VIETNAMESE_LETTER.search(w) for w in words)
        return marked and last in VIETNAMESE_GIVEN and (len(words) > 2 or first == "nguyen")
    if first in IBERIAN_FAMILY and last in IBERIAN_GIVEN:
        return True
    if len(words) > 3:
        return False
    if first in HUNGARIAN_FAMILY and last not in HUNGARIAN_FAMILY and last in HUNGARIAN_GIVEN and first not in HUNGARIAN_GIVEN:
        return True
    if first in ROMAJI_FAMILY and last not in ROMAJI_FAMILY and len(last) > 2 and _ROMAJI.fullmatch(last):
        return True
    if len(words) == 2 and _KOREAN_GIVEN.fullmatch(words[1]) and len(first) <= 5:
        return True
    return len(words) == 2 and first in PINYIN_FAMILY and last not in PINYIN_FAMILY and _PINYIN_GIVEN.fullmatch(last) is not None


def _vietnamese(folded: list[str]) -> bool:
    return folded[-1] in VIETNAMESE_GIVEN and all(w in VIETNAMESE_GIVEN or w in VIETNAMESE_FAMILY or len(w) == 1 for w in folded)


def _second_surname(words: list[str], folded: list[str], cut: int) -> bool:
    """Whether the word before the family name is a first surname: it is known as one, and the rest of the name is Spanish or Portuguese."""
    before, first, last = folded[cut - 1], folded[0], folded[-1]
    if len(before) == 1 or before in IBERIAN_GIVEN:
        return False
    iberian = first in IBERIAN_GIVEN
    if before in IBERIAN_FAMILY:
        return last in IBERIAN_FAMILY or iberian or bool(_ACCENT.search(words[cut - 1])) or not is_given_name(first)
    if not iberian or is_given_name(before):
        return False
    if first not in INTERNATIONAL_GIVEN:
        return True
    return last in IBERIAN_FAMILY and bool(_ACCENT.search(words[-1] + words[cut - 1]))


def _with(out: Split, words: list[str], cut: int) -> Split:
    out.given, out.middle, out.family = words[:1], words[1:cut], words[cut:]
    return out


def _family_first(out: Split, words: list[str], lead: int) -> Split:
    """Family name first. Vietnamese names end with the given name; elsewhere it follows the family name."""
    rest = words[lead:]
    out.family = words[:lead]
    if len(rest) > 1 and fold(words[0]) in VIETNAMESE_FAMILY and _vietnamese([fold(w) for w in rest]):
        out.given, out.middle = rest[-1:], rest[:-1]
    else:
        out.given, out.middle = rest[:1], rest[1:]
    return out


def _compound_given(out: Split) -> Split:
    """Two words that make one given name: "María José"; but "María Florina" are two."""
    if len(out.given) == 1 and out.middle and fold(out.middle[0]) in COMPOUND_GIVEN.get(fold(out.given[0]), ()):
        out.given.append(out.middle.pop(0))
    return out
