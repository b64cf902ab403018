"""Names of persons: parts, comparison keys, and the tokens, codes and formal names they are searched and compared by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import jellyfish

from profiles.normalise.fold import fold
from profiles.normalise.name_case import recase
from profiles.normalise.name_data import NO_NAMES
from profiles.normalise.name_nicknames import formal_names
from profiles.normalise.name_split import GENERATIONS, Split, clean, split
from profiles.normalise.result import Normalised, Refused, Result

__all__ = ["fold_variants", "formal_names", "joined_words", "name_tokens", "normalise_name", "phonetic_codes", "spelt_words"]

LONGEST_NAME = 200
"""Characters. The longest name of 22,000 state legislators has 72; four times that leaves room for any person, not for a paragraph."""

_ALLOWED = "a person's name, such as Jane Doe"

CJK = 0x2E80
"""First code point of the scripts in which one character can be a name."""

_EMAIL = re.compile(r"\S@\S+\.\S")
_URL = re.compile(r"://|\bwww\.|^\S+\.(?:com|org|net|edu|gov|io|info|example|test)(?:/\S*)?$", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”„«(]\s*([^\"“”„«»()]+?)\s*[\"“”»)]")
_TITLES = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "mme", "monsieur", "madame", "sr", "sra", "don", "dona", "ing"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"})
_UMLAUT = re.compile("[äöüøåÄÖÜØÅ]|[aouAOU][\u0308\u030a]")

_HYPHEN = re.compile("[-\u2010\u2011\u2013]")
_BETWEEN_WORDS = re.compile('[\\s,.()"\u2010\u2011\u2013-]+')
_PARTICLE = 3  # letters: al, de, van
_SYLLABLE = 5  # letters: "min jun", "mary ann"; longer given names are never written as one
_RESPELLINGS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^tch", "ch"), (r"^[yj]e(?=katerin|len|vgen|fim|lizav)|^ye", "e"), (r"^ja(?=ko[vw]|ros|nko)", "ya"), (r"^i(?=[aeou])", "y"),
        (r"sch", "sh"), (r"dt$", "t"), (r"mps", "ms"), (r"w", "v"), (r"ph", "f"), (r"tia", "tya"), (r"[ea][iy]", "ai"), (r"aie", "ai"),
        (r"(?:iy|ii|y)$", "i"), (r"iia$", "ia"),
    )
)  # fmt: skip
"""Spellings of one sound in German, Slavic and English names that metaphone codes apart; see `phonetic_codes`."""


def normalise_name(text: str = "", *, given: str = "", middle: str = "", family: str = "", suffix: str = "", nickname: str = "") -> Result:
    """A person's name.

    text: the whole name. given ... nickname: parts, where the source has them; with a given and a family name they are used as they stand
    and the text is not looked at.

    value: "Given Middle Family Suffix"; a name in Han or Hangul is shown family first, as written.
    keys: folded "given middle family suffix"; without middle name and suffix; with the former family name; with ä, ö, ü, ø, å spelt ae, oe,
    ue, oe, aa.
    parts: given, middle, family, suffix ("Jr", "II": generations), credentials ("PhD": titles and degrees behind the name), nickname,
    former_family ("née Smith"): display forms, "" when absent; given_tokens (given and middle), family_tokens: lists of folded words.
    """
    if not (given and family):
        text = text if text.strip() else " ".join(filter(None, (given, middle, family)))
        refused = _refusal(text)
        if refused:
            return refused
        line = clean(text)
        if len(line) > LONGEST_NAME:  # a ligature can become eighteen letters
            return Refused(f"longer than {LONGEST_NAME} characters", _ALLOWED)
        said = split(line)
        said.suffix, said.nickname = said.suffix or _generation(suffix), said.nickname or clean(nickname)
    elif max(map(len, (given, middle, family, suffix, nickname))) > LONGEST_NAME:
        return Refused(f"longer than {LONGEST_NAME} characters", _ALLOWED)
    else:
        refused = _refusal(f"{given} {family}")
        if refused:
            return refused
        line, said = "", _from_parts(given, middle, family, suffix, nickname)
    found = _result(said)
    settled = _settled(line, said, found) if line and found else found or Refused("no word a name could consist of", _ALLOWED)
    return settled if isinstance(settled, Refused) or settled.value == text else _refusal(settled.value) or settled


def _refusal(text: str) -> Refused | None:
    """Why a text is no name; None when it may be one."""
    if len(text) > LONGEST_NAME:
        return Refused(f"longer than {LONGEST_NAME} characters", _ALLOWED)
    stripped = text.strip()
    if stripped.replace(" ", "").isalpha() and len(stripped) > 4 and " " in stripped and stripped[0].isupper():
        return None if stripped.lower() not in NO_NAMES else Refused("a placeholder where nobody is named", _ALLOWED)
    if not stripped:
        return Refused("empty", _ALLOWED)
    if _EMAIL.search(stripped):
        return Refused("an e-mail address, not a name", _ALLOWED)
    if _URL.search(stripped):
        return Refused("a web address, not a name", _ALLOWED)
    letters = sum(c.isalpha() for c in stripped)
    if not letters:
        return Refused("no letters in it", _ALLOWED)
    if letters == 1 and ord(max(stripped)) < CJK:
        return Refused("a single letter", _ALLOWED)
    return Refused("a placeholder where nobody is named", _ALLOWED) if stripped.lower() in NO_NAMES else None


def _generation(suffix: str) -> str:
    return GENERATIONS.get(suffix.strip(" .,").lower(), "") if suffix else ""


def _from_parts(given: str, middle: str, family: str, suffix: str, nickname: str) -> Split:
    """The parts as the source gives them; only what stands in the wrong field (titles, suffixes, a quoted nickname) moves."""
    out = Split(suffix=_generation(suffix), nickname=clean(nickname))
    if suffix and not out.suffix:
        out.credentials = clean(suffix)
    if not given.isalpha():
        quoted = _QUOTED.search(given)
        if quoted:
            out.nickname = out.nickname or clean(quoted.group(1))
            given = given.replace(quoted.group(), " ")
    out.given = clean(given).replace(",", " ").split()
    while len(out.given) > 1 and out.given[0].lower().rstrip(".") in _TITLES:
        out.given.pop(0)
    out.middle = clean(middle).replace(",", " ").split()
    if "(" in family:
        quoted = _QUOTED.search(family)
        if quoted:
            out.former = clean(quoted.group(1))
            family = family.replace(quoted.group(), " ")
    name, _, behind = clean(family).partition(",")
    out.family = name.split()
    for word in behind.split():
        out.suffix = out.suffix or _generation(word)
        if not _generation(word):
            out.credentials = f"{out.credentials} {word}".strip()
    if len(out.family) > 1 and len(out.family[-1].rstrip(".")) > 1 and _generation(out.family[-1]):
        out.suffix = out.suffix or _generation(out.family[-1])
        out.family.pop()
    return out


def _result(said: Split) -> Normalised | None:
    """The split name in usual case with its keys; None when nothing of it can be compared."""
    whole = "".join(said.given + said.middle + said.family)
    lower, upper = whole.islower(), whole.isupper()
    given = " ".join(recase(said.given, whole_lower=lower, whole_upper=upper, family=False))
    middle = " ".join(recase(said.middle, whole_lower=lower, whole_upper=upper, family=False)) if said.middle else ""
    family = " ".join(recase(said.family, whole_lower=lower, whole_upper=upper, family=True))
    front, back = f"{fold(given)} {fold(middle)}" if middle else fold(given), fold(family)
    full = " ".join(f"{front} {back} {said.suffix.lower()}".split())
    if not f"{front}{back}".strip():
        return None
    shown = f"{given} {middle} {family} {said.suffix}" if not said.family_first else said.glued or f"{family} {given} {middle}"
    keys = {full: None, f"{fold(given)} {back}".strip() or full: None}
    if _UMLAUT.search(shown):
        keys[fold(_expanded(f"{given} {middle} {family} {said.suffix}"))] = None
    if said.former:
        keys[f"{fold(given)} {fold(said.former)}".strip()] = None
    nickname = said.nickname.title() if said.nickname.islower() or (upper and said.nickname.isupper()) else said.nickname
    parts = {
        "given": given, "middle": middle, "family": family, "suffix": said.suffix, "credentials": said.credentials, "nickname": nickname,
        "former_family": said.former,
        "given_tokens": front.split(), "family_tokens": back.split(),
    }  # fmt: skip
    return Normalised(" ".join(shown.split()), tuple(keys), parts)


def _settled(line: str, said: Split, found: Normalised) -> Result:
    """The result, once reading its value again gives the same key: so a name taken from a result is the same name.

    Most values are the words of the text in its order, which settles it. Where a comma, capitals or a foreign order moved words, the
    value is read again; the few that come out otherwise (a title behind a comma) are taken as read from their own value.
    """
    if found.value == line and not said.family_first:
        return found
    for _ in range(3):
        again = _result(split(clean(found.value)))
        if again is None:
            return Refused("no word a name could consist of", _ALLOWED)
        if again.value == found.value and again.keys[0] == found.keys[0]:
            return found
        found = again
    return Refused("cannot be read as one name", "given and family name as separate fields")


def _expanded(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_UMLAUTS)


def fold_variants(token: str) -> tuple[str, ...]:
    """The folded spellings of a word: "Müller" -> ("muller", "mueller"). The word itself alone when it has no such letter."""
    plain = fold(token)
    return tuple(dict.fromkeys((plain, fold(_expanded(token))))) if _UMLAUT.search(token) else (plain,)


def name_tokens(text: str) -> tuple[str, ...]:
    """The words to index and search a name by, folded; behind them those of the spelling with ae, oe, ue: so Müller is met by both."""
    words = fold(text).split()
    if _UMLAUT.search(text):
        words += fold(_expanded(text)).split()
    return tuple(dict.fromkeys(words))


def spelt_words(text: str) -> dict[str, str]:
    """The words of a name by their folded form, as they are spelt but for case: "José García-López" -> {"jose": "josé", "garcia": ...}."""
    pieces = _BETWEEN_WORDS.split(unicodedata.normalize("NFC", text.lower()).replace("’", "'"))
    return {folded: piece for piece in pieces if (folded := fold(piece)) and " " not in folded}


def joined_words(value: str, given: Sequence[str], family: Sequence[str]) -> tuple[str, ...]:
    """Folded words that others write as one: hyphenated ("jiaxiu"), with a particle ("vandenberg", "desa"), two short given names
    ("maryann"), and names written without blanks ("lina" of 李娜). value: the name as shown; given, family: its folded words.
    """
    found = [fold(_HYPHEN.sub("", word)) for word in value.split() if _HYPHEN.search(word)]
    if len(family) > 1 and len(family[0]) <= _PARTICLE:
        found.append("".join(family))
    if len(given) == 2 and all(1 < len(word) <= _SYLLABLE for word in given):
        found.append("".join(given))
    if " " not in value and given and family:
        found.append(fold(value).replace(" ", ""))
    return tuple(dict.fromkeys(word for word in found if word))


def edits(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap with their neighbour to make one word of the other."""
    return jellyfish.damerau_levenshtein_distance(one, other)


@lru_cache(maxsize=65536)
def phonetic_codes(token: str) -> tuple[str, ...]:
    """How a folded word sounds: metaphone of the word and, where different, of its plainer respelling ("m:SXMR", "m:XMR" for schumer).

    Chosen on 49 pairs of spellings of one name, and the mates a word gets among 11,817 family names (mean; fewer is better):
    metaphone alone finds 38 pairs (3.6 mates), with NYSIIS 39 (5.0), with match rating 39 (3.8), with the respelling 49 (4.1).
    The respellings were written for those pairs; on 49 others they find 39, metaphone alone 36, with NYSIIS or match rating 37 each.
    """
    if not token.isascii() or not token.isalpha() or len(token) < 2:
        return ()
    plain = token
    for pattern, to in _RESPELLINGS:
        plain = pattern.sub(to, plain)
    codes = (jellyfish.metaphone(token), jellyfish.metaphone(plain))
    return tuple(dict.fromkeys(f"m:{code.replace(' ', '')}" for code in codes if code))
