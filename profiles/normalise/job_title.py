"""Job titles: canonical words, seniority and function, with the level word apart.

"VP Eng", "V.P. of Engineering" and "Vice President, Engineering" are one title; "CEO & Founder" is two; a headline such as
"Head of Sales at Acme | Python" is a title and a company.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from profiles.normalise.result import Normalised, Refused, Result
from profiles.normalise.tables import read_table, read_table_file, word_set
from profiles.normalise.title_split import split_headline, split_titles, stands_alone
from profiles.normalise.title_words import SEPARATOR, SMALL, Word, full_words, shown, title_vocabulary

SENIORITIES = (
    "intern", "entry", "mid", "senior", "lead", "manager", "head", "director", "vice_president", "c_level", "partner", "owner",
)  # fmt: skip
"""Rising. "mid" is a title without any level word; "c_level" includes presidents, managing directors and board members."""

FUNCTIONS = (
    "engineering", "it", "data", "product", "design", "sales", "marketing", "finance", "hr", "legal", "operations", "administration",
    "customer_support", "consulting", "health", "education", "government", "research", "general_management",
)  # fmt: skip
"""The first column of data/title_functions.tsv, which says what belongs to each."""

MAX_LENGTH = 200  # characters; the longest of 64,000 titles that US workers reported has 130

_ALLOWED = "a position such as Sales Manager"
_PLACEHOLDERS = word_set(
    """
    na none null nil unknown tbd tba nan test unspecified notavailable notapplicable title jobtitle position untitled
    """
)
_NO_JOB = word_set(
    """
    retired unemployed homemaker jobseeker opentowork lookingforwork betweenjobs seekingopportunities
    """
)
_GENDER = re.compile(
    r"[(\[]\s*(?:[mfwdxhi]\s*[/|,*]\s*){1,3}[mfwdxhi*]\s*[)\]]|\(\s*(?:all genders|gn|she/her|he/him|they/them)\s*\)", re.I
)
_TERMS = re.compile(
    r"[(\[]\s*(?:remote|hybrid|on-?site|full[- ]?time|part[- ]?time|contract|freelance|temporary|temp|permanent)\s*[)\]]", re.I
)
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_TOKENS_DROPPED = frozenset({"of", "the", "and", "for", "in", "at", "to", "a", "an", ",", "de"})

_PREFIX_LEVELS = word_set(
    """
    senior junior lead principal staff assistant associate deputy graduate trainee apprentice acting interim
    """
)
_TOP_PREFIXES = word_set("senior assistant associate deputy executive group first regional")
_NOT_A_LEVEL = frozenset(
    {
        ("junior", "high"), ("junior", "college"), ("lead", "generation"), ("lead", "burner"), ("staff", "training"),
        ("staff", "development"), ("staff", "relations"), ("senior", "living"), ("senior", "center"), ("senior", "care"),
        ("senior", "services"), ("senior", "citizen"),
        ("assistant", "professor"), ("associate", "professor"), ("principal", "investigator"), ("assistant", "to"), ("associate", "dean"),
        ("graduate", "school"), ("graduate", "teaching"), ("apprentice", "coordinator"), ("staff", "sergeant"),
    }
)  # fmt: skip
_TECHNICAL = frozenset({"engineering", "data", "design", "product", "it", "research"})
_CHIEF_ACRONYMS = word_set("cpo cdo cso cco cao clo cgo cbo cxo ceo cto cfo coo cio ciso cmo cro")
_MANAGERS = word_set("manager supervisor superintendent foreman comptroller dean postmaster sheriff")
_OWNERS = word_set("founder owner entrepreneur proprietor")
_ENTRY = word_set("junior trainee apprentice graduate assistant associate aide helper")


@lru_cache(maxsize=1)
def _functions() -> dict[tuple[str, ...], str]:
    return {tuple(phrase.split()): name for name, phrases in reversed(read_table("title_functions.tsv")) for phrase in phrases}


_short_forms: dict[str, str] = {}
_occupations: dict[str, str] = {}


def title_key(text: str) -> str:
    """The folded words of a title in full, as the shipped words have it; blind to a loaded taxonomy."""
    return _folded(full_words(_unbracketed(_cleaned(text[:MAX_LENGTH]))))


def use_taxonomy(directory: Path | None) -> dict[str, int]:
    """Adds the titles an operator imported (see indexer/taxonomy.py); None takes them off again.

    job_titles.tsv: short forms of whole titles, written in full. occupations.tsv: the occupation a title belongs to; publishers list
    neighbours there, not only synonyms, so it becomes parts["occupation"] and a looser key, never the title itself.
    Both are tables that indexer/taxonomy.py wrote: aliases as keys.

    Returns the number of rows taken from each file. What is already indexed keeps its words until a rebuild.
    """
    _short_forms.clear()
    _occupations.clear()
    normalise_job_title.cache_clear()
    job_title_tokens.cache_clear()
    short = read_table_file(directory / "job_titles.tsv") if directory else []
    occupations = read_table_file(directory / "occupations.tsv") if directory else []
    for full, others in short:
        _short_forms.update(dict.fromkeys(others, full))
    for label, others in occupations:
        _occupations.setdefault(title_key(label), label)
        for other in others:
            _occupations.setdefault(other, label)
    _occupations.update((title_key(label), label) for label, _ in occupations)  # a preferred label is never shadowed by an alias
    return {"job_titles": len(short), "occupations": len(occupations)}


def _words(text: str) -> list[Word]:
    """The words of one title in full, a loaded short form included."""
    clean = _cleaned(text)
    if clean in ("MD", "M.D", "M.D."):
        return full_words("Managing Director")  # beside other words it is a doctor
    words = full_words(_unbracketed(clean))
    if _short_forms and (full := _short_forms.get(_folded(words))):
        return full_words(full)
    return words


def _folded(words: list[Word]) -> str:
    return " ".join([w.fold for w in words if w is not SEPARATOR])


def _unbracketed(text: str) -> str:
    """Without gender marks and terms of work; a bracket that only repeats the rest ("CEO (Chief Executive Officer)") goes too."""
    if "(" not in text and "[" not in text:
        return text
    text = _TERMS.sub(" ", _GENDER.sub(" ", text))
    found = _BRACKET.search(text)
    if not found:
        return text
    outside, inside = (text[: found.start()] + " " + text[found.end() :]).strip(), found.group(1).strip()
    if not outside or not inside:
        return outside or inside
    out, within = full_words(outside), full_words(inside)
    initials = "".join(w.fold[0] for w in out if w.fold not in SMALL and w is not SEPARATOR)
    inner, outer = {w.fold for w in within}, {w.fold for w in out}
    if inner <= outer or inside.replace(".", "").lower() in (initials, initials[:-1]):
        return outside
    if len(inside) <= 5 and " " not in inside and inside[0].lower() == outside[0].lower() and sum(c.isupper() for c in inside) > 1:
        return outside
    if out and within and out[-1].fold == within[-1].fold and out[-1].fold not in ("i", "ii", "iii"):
        return max(outside, inside, key=len)  # "Photographic Technician (Photo Tech)": the longer says it in full
    if outer <= inner or (outside.isupper() and " " not in outside and len(outside) <= 5 and len(within) > 1):
        return inside  # "CNO (Chief Nursing Officer)": the long form says more
    return text


def _own_words(folds: list[str]) -> list[str]:
    """Without whom someone assists: "Assistant to the Mayor" says nothing about the assistant's own level and function."""
    if "to" in folds and folds[0] in ("assistant", "secretary", "executive", "personal", "advisor", "aide"):
        return folds[: folds.index("to")]
    return folds


def _function(folds: list[str]) -> str:
    table = _functions()
    best: tuple[float, int] = (0, -1)
    name = ""
    for at in range(len(folds)):
        for size in range(1, min(4, len(folds) - at) + 1):
            found = table.get(tuple(folds[at : at + size])) or (table.get((folds[at].removesuffix("s"),)) if size == 1 else None)
            # the longest phrase decides, then the later one; "general management" words only when nothing else speaks
            rank = (size if found != "general_management" or size > 2 else 0.5, at)
            if found and rank > best:
                best, name = rank, found
    return name


def _top_seniority(folds: list[str], last: str) -> str:
    """Levels told by the office itself; "" when it is none of the high ones."""
    joined = " ".join(folds)
    if "vice president" in joined:
        return "vice_president"
    if not _OWNERS.isdisjoint(folds) and "product owner" not in joined and "process owner" not in joined:
        return "owner"
    if last == "partner" and (len(folds) == 1 or folds[-2] not in ("business", "channel", "client", "delivery", "alliance")):
        return "partner"
    chief_officer = "chief" in folds and "officer" in folds[folds.index("chief") :]
    if chief_officer or "managing director" in joined or "general counsel" in joined or "board member" in joined:
        return "c_level"
    if (len(folds) == 1 and last in _CHIEF_ACRONYMS) or "president" in folds or last in ("chairman", "chairwoman", "chairperson", "chair"):
        return "c_level"
    return ""


def _seniority(folds: list[str], function: str) -> str:
    last = folds[folds.index("of", 1) - 1] if "of" in folds[1:] else folds[-1]  # "Head of Sales": the head
    if top := _top_seniority(folds, last):
        return top
    first, rest = folds[0], set(folds)
    leveled = tuple(folds[:2]) not in _NOT_A_LEVEL
    if "director" in rest:
        return "manager" if first == "assistant" else "director"
    if folds[:2] == ["general", "manager"] or folds[:2] == ["executive", "director"]:
        return "director"
    if (
        folds[:2] == ["head", "of"]
        or folds == ["head"]
        or (last in ("chief", "head") and len(folds) > 1)
        or folds[:3] == ["chief", "of", "staff"]
    ):
        return "head"
    if not _MANAGERS.isdisjoint(rest) or (last == "controller" and function == "finance") or (last == "principal" and "school" in rest):
        return "manager"
    if (leveled and first in ("lead", "principal", "head", "chief")) or last in ("lead", "leader"):
        return "lead"
    if (leveled and "senior" in rest) or last in ("iii", "iv") or (leveled and first == "staff" and function in _TECHNICAL):
        return "senior"
    if "intern" in rest or folds[:2] == ["working", "student"]:
        return "intern"
    if (
        (leveled and first in _ENTRY)
        or last in ("assistant", "trainee", "apprentice", "i", "aide", "helper")
        or folds[:2] == ["entry", "level"]
    ):
        return "entry"
    return "mid"


def _level_apart(words: list[Word]) -> tuple[str, list[Word]]:
    """The level word as shown ("" when none) and the words without it; a title that is only a level keeps its words."""
    folds = [w.fold for w in words]
    for head in ("president", "director", "head"):
        if head in folds[:4] and "of" in folds[1:5] and folds.index("of") == folds.index(head) + 1 and len(folds) > folds.index("of") + 1:
            at = folds.index("of")
            if head != "president" or "vice" in folds[:at]:
                return shown(words[:at]), words[at + 1 :]
    tail = (
        1
        if folds[-1] == "director" and folds[-2:-1] not in (["managing"], ["executive"])
        else 2
        if folds[-2:] == ["vice", "president"]
        else 0
    )
    if tail and len(folds) > tail:
        before = words[:-tail]
        if before[0].fold in _TOP_PREFIXES:
            return shown([before[0], *words[-tail:]]), before[1:] or words
        return shown(words[-tail:]), before
    if len(folds) > 1 and folds[0] in _PREFIX_LEVELS and tuple(folds[:2]) not in _NOT_A_LEVEL:
        return words[0].shown, words[1:]
    if len(folds) > 1 and folds[-1] in ("i", "ii", "iii", "iv", "intern", "trainee"):
        return words[-1].shown, words[:-1]
    return "", words


def _cleaned(text: str) -> str:
    clean = text if text.isascii() else unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())
    return " ".join(clean.split()).strip(" \"'“”„«»,;-–|/*•")


@lru_cache(maxsize=65536)
def normalise_job_title(text: str) -> Result:
    """One job title; put text that may hold several, or a headline, through split_job_titles first.

    value: canonical title in English words where known ("Vice President of Engineering").
    keys: its folded words with the level, then the same words sorted without "of", "the", "and" ("IT Director" and "Director of IT"
    share it), then the occupation of an imported taxonomy.
    parts: seniority (of SENIORITIES), function (of FUNCTIONS, "" when no word tells), level_word ("Senior", "Vice President", "" ...),
    base (title without the level word), and occupation where an imported taxonomy knows it.
    Refuses what is empty, a placeholder, no position ("retired"), longer than 200 characters, or without letter.
    """
    if len(text) > MAX_LENGTH:
        return Refused("is too long for a job title", f"up to {MAX_LENGTH} characters")
    words = _words(text)
    folds = [w.fold for w in words if w is not SEPARATOR]
    if not folds or not any(c.isalpha() for c in text):
        return Refused("holds no letter", _ALLOWED)
    run = "".join(folds)
    if run in _PLACEHOLDERS:
        return Refused("is a placeholder", _ALLOWED)
    if run in _NO_JOB:
        return Refused("says that there is no job", _ALLOWED)
    value, key = shown(words), " ".join(folds)
    level, base = _level_apart(words)
    own = _own_words(folds)
    function = _function(own)
    parts = {"seniority": _seniority(own, function), "function": function, "level_word": level, "base": shown(base)}
    keys = [key, " ".join(sorted(t for t in folds if t not in _TOKENS_DROPPED)) or key]
    if occupation := _occupations.get(key):
        parts["occupation"] = occupation
        keys.append(title_key(occupation))
    return Normalised(value, tuple(dict.fromkeys(keys)), parts)


def split_job_titles(text: str) -> list[str]:
    """The titles in a text, as written: "CEO & Founder" -> two, "Sales and Marketing Director" -> one, a headline without its company.

    [] when nothing is left. Never more than MAX_TITLES (see title_split).
    """
    return split_titles(text)


@lru_cache(maxsize=4096)
def job_title_tokens(text: str) -> tuple[str, ...]:
    """Words to index and to query, abbreviations in full, without "of", "the", "and", "for": "vp eng" -> vice president engineering."""
    found: dict[str, None] = {}
    for title in split_job_titles(text):
        for word in _words(title[:MAX_LENGTH]):
            if word.fold not in _TOKENS_DROPPED:
                found.update(dict.fromkeys(word.fold.split()))
    return tuple(found)


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Every word of a known title, level or field of work."""
    return frozenset(word for phrase in _functions() for word in phrase) | title_vocabulary()


def is_known_word(fold: str) -> bool:
    """Whether a folded word stands in a known title, level or field of work: another is a company's own, or misspelt."""
    return fold in _vocabulary() or fold.removesuffix("s") in _vocabulary()


@lru_cache(maxsize=16384)
def is_title_phrase(text: str) -> bool:
    """Whether all words of a text are words of job titles and together name a position: "head of data", "senior product manager"."""
    folds = [word.fold for word in full_words(text) if word is not SEPARATOR]
    own = [fold for fold in folds if fold not in SMALL]
    if len(own) < 2 or not all(map(is_known_word, own)):
        return False
    return stands_alone(text)


__all__ = [
    "FUNCTIONS", "SENIORITIES", "is_known_word", "is_title_phrase", "job_title_tokens", "normalise_job_title", "split_headline",
    "split_job_titles", "use_taxonomy",
]  # fmt: skip
