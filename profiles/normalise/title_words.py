"""Words of job titles: split, written in full, and in the right case.

A Word is one folded word with the way it is shown and what joined it to the one before ("-" in "Co-Founder"). SEPARATOR stands for a
comma or a dash between parts of a title. Abbreviations and local words come from data/title_words.tsv; those whose meaning depends on
their neighbours ("Eng" in "Sales Eng" and "VP Eng") are decided here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from profiles.normalise.fold import fold
from profiles.normalise.tables import read_table, word_set


class Word(NamedTuple):
    """fold: folded word, "," for a separator.    shown: as displayed.    glue: what stands before it when shown (" ", "-", "/")."""

    fold: str
    shown: str
    glue: str = " "


LONGEST_INITIALS = 4  # letters; a single word of capitals up to this length is taken for initials nobody listed ("RTT", "CRNA")
SEPARATOR = Word(",", ",", "")
OF, AND = Word("of", "of"), Word("and", "and")
SMALL = word_set(
    """
    of the and for in at to on or with a an de la le du des der die das und et e y di da do van het
    """
)
HEADS = frozenset({"president", "director", "head"})
_ENGLISH_SMALL = word_set("of the and for in at to or on with")
AFTER_HEAD_NOT_OF = word_set(
    """
    of and for to in at or de general emeritus elect chef nurse coach teacher cook waiter start teller clerk cashier
    usher designate
    """
)

_ACRONYMS = word_set(
    """
    it hr qa qc ux ui sql sap erp crm seo sem pr ceo cto cfo coo cio ciso cmo cpo cdo cso cco cao clo api aws gis cad
    cnc hvac rn lpn ehs pmo b2b b2c ai ml php emea apac dach usa uk us eu latam mena anz ii iii iv vi vii pm ba ea pa md
    cpa phd mba bi gmp gcp nlp bim plc crna it/ot nyc rf tv dj vfx 2d 3d vip tax/vat vat pos ngo oem r&d esl stem
    ecg ekg mri ct usps irs fbi faa epa dod hris swat ems emt
    """
)
_CASED = {
    "ios": "iOS", "devops": "DevOps", "devsecops": "DevSecOps", "mlops": "MLOps", ".net": ".NET", "javascript": "JavaScript",
    "typescript": "TypeScript", "node.js": "Node.js", "graphql": "GraphQL", "linkedin": "LinkedIn", "youtube": "YouTube", "saas": "SaaS",
    "i": "I", "phd": "PhD", "macos": "macOS", "mysql": "MySQL", "postgresql": "PostgreSQL",
}  # fmt: skip
_SYMBOLIC = re.compile(r"(?:c\+\+|[cf]#|\.net|[a-z]+\.(?:js|net|io))", re.I)
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_SEPARATORS = re.compile(r"\s*[,;:|•·–—]\s*|\s+-+\s+|\s+/+\s+|\s*[\r\n\t]\s*|(?<=\w)-\s+|\s*[()\[\]]\s*")
_AMPERSAND = re.compile(r"\s*[&＆]\s*|\s+\+\s+")
_GLUE = re.compile(r"([-/])")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_EDGES = ".,'\"`*_!?“”„«»‘’"

# Heads in other languages -> (what they head as, whether the function comes first in English).
_LOCAL_HEADS = {
    **dict.fromkeys(word_set(
    """
    leiter leiterin hoofd responsable responsabile jefe jefa kierownik kierowniczka ansvarig chef vedouci
    """
), "Head"),
    **dict.fromkeys(word_set(
    """
    directeur directrice directora direttore direttrice diretor diretora dyrektor dyrektorka direktor direktorin
    """
), "Director"),
    **dict.fromkeys(word_set("gerente encargado encargada menedzer"), "Manager"),
}  # fmt: skip
# Departments after a local head, where the word alone would mean something else.
_LOCAL_DEPARTMENTS = {
    "commercial": "Sales", "commerciale": "Sales", "comercial": "Sales", "financier": "Finance", "financiere": "Finance",
    "financiero": "Finance", "financiera": "Finance", "finanziario": "Finance", "financeiro": "Finance", "technique": "Engineering",
    "tecnico": "Engineering", "tecnica": "Engineering", "technik": "Engineering", "techniek": "Engineering", "ingenieria": "Engineering",
    "engenharia": "Engineering", "ingegneria": "Engineering", "sistemas": "IT", "ti": "IT", "personal": "HR", "betrieb": "Operations",
    "rh": "HR", "hr": "HR", "marketingu": "Marketing", "marketing": "Marketing",
}  # fmt: skip
_CONNECTORS = word_set(
    """
    de del della delle dei di da do das dos der des du d la las los le les van het fur dzialu ds
    """
)
_DEVELOPMENT_BEFORE = word_set(
    """
    business product training research organizational organisational career professional market new talent web app
    """
)
_DEVELOPMENT_AFTER = word_set(
    """
    manager director specialist coordinator officer lead head representative executive associate consultant team
    """
)
_TECHNICAL_BEFORE = word_set(
    """
    support writer recruiter account architect director manager program project consultant specialist product
    """
)


@lru_cache(maxsize=1)
def _phrases() -> tuple[dict[str, tuple[Word, ...]], dict[str, int]]:
    """Folded phrase -> words in full; and the longest phrase, in words, by its first word."""
    phrases: dict[str, tuple[Word, ...]] = {}
    for full, others in read_table("title_words.tsv"):
        words = tuple(_plain_words(full))
        phrases[" ".join(w.fold for w in words)] = words
        for other in others:
            phrases.setdefault(other, words)
    longest: dict[str, int] = {}
    for phrase in phrases:
        first, *rest = phrase.split()
        longest[first] = max(longest.get(first, 1), 1 + len(rest))
    return phrases, longest


@lru_cache(maxsize=1)
def title_vocabulary() -> frozenset[str]:
    """Every word of the titles, levels and departments that are written in full here."""
    return frozenset(word.fold for words in _phrases()[0].values() for word in words) | LEVEL_WORDS | HEADS


def _fold(piece: str) -> str:
    return _NOT_ALNUM.sub("", piece.replace("'", "").lower()) if piece.isascii() else fold(piece)


def _recase(piece: str, folded: str, uniform: bool) -> str:
    if folded in _CASED:
        return _CASED[folded]
    if folded in _ACRONYMS:
        return piece.upper()
    if folded in SMALL and (uniform or piece.islower() or folded in _ENGLISH_SMALL):  # "Tool and Die Maker" has no German article
        return folded if piece.isascii() else piece
    if uniform or piece.islower():
        return piece[:1].upper() + piece[1:].lower()
    return piece


def _plain_words(text: str) -> list[Word]:
    """The words as written, with separators, dotted initials run together ("V.P." -> "VP") and "&" as "and"."""
    if "." in text:
        text = _DOTTED.sub(lambda m: m.group().replace(".", ""), text)
    text = _SEPARATORS.sub(" , ", _AMPERSAND.sub(" and ", text))
    uniform = text.islower() or (text.isupper() and len(text) > LONGEST_INITIALS)
    words: list[Word] = []
    for chunk in text.split():
        if chunk == ",":
            if words and words[-1] is not SEPARATOR:
                words.append(SEPARATOR)
            continue
        words += _words_in(chunk, uniform)
    while words and words[-1] is SEPARATOR:
        words.pop()
    return words


@lru_cache(maxsize=16384)  # titles are many, their words few
def _words_in(chunk: str, uniform: bool) -> tuple[Word, ...]:
    """The words of what stands between two blanks. uniform: whether the whole title is in one case, so that case says nothing."""
    if _SYMBOLIC.fullmatch(chunk.rstrip(",")):
        return (Word(chunk.lower(), _recase(chunk, chunk.lower(), uniform)),)
    words: list[Word] = []
    bare, glue = chunk.strip(_EDGES), " "
    for piece in _GLUE.split(bare) if "-" in bare or "/" in bare else (bare,):
        if piece in ("-", "/"):
            glue = piece
        elif folded := _fold(piece):
            words.append(Word(folded, _recase(piece.strip(_EDGES), folded, uniform), glue))
            glue = " "
    return tuple(words)


def _expanded(words: list[Word]) -> list[Word]:
    """Known phrases and abbreviations in full, longest first; departments after a local head by their own table."""
    phrases, longest = _phrases()
    found: list[Word] = []
    at, local = 0, ""
    while at < len(words):
        word = words[at]
        for size in range(min(longest.get(word.fold, 1), len(words) - at), 0, -1):
            key = " ".join([w.fold for w in words[at : at + size]]) if size > 1 else word.fold
            full = phrases.get(key)
            if size == 1 and word.fold == "director" and at + 1 < len(words) and words[at + 1].fold in _CONNECTORS:
                full = None  # Spanish: "Director de Ventas"
            if local and size == 1 and word.fold in _LOCAL_DEPARTMENTS:
                full = tuple(_plain_words(_LOCAL_DEPARTMENTS[word.fold]))
            if full:
                found += [full[0]._replace(glue=word.glue), *full[1:]]
                at += size
                break
        else:
            at += 1
            following = words[at].fold if at < len(words) else ""
            if local and word.fold in _CONNECTORS:
                continue
            if word.fold == "director" and following in _CONNECTORS:
                local = "Director"
                found.append(word)
            elif word.fold in _LOCAL_HEADS and not found and (word.fold != "chef" or following in _CONNECTORS):
                local = _LOCAL_HEADS[word.fold]
                found.append(Word(local.lower(), local))
            else:
                found.append(word)
    if local:
        return _local_order(found, local)
    return found


def _local_order(found: list[Word], local: str) -> list[Word]:
    """A rule: "Gerente de Ventas" -> "Sales Manager"; "Directeur" alone heads the whole house."""
    if local == "Director" and len(found) == 1:
        return [Word("managing", "Managing"), Word("director", "Director")]
    if local == "Manager" and len(found) > 1 and found[0].fold == "manager":
        return [*found[1:], found[0]]
    return found


def _in_context(words: list[Word], at: int) -> str:
    """The full word behind an abbreviation that its neighbours decide; "" when it is none."""
    word = words[at].fold
    before = words[at - 1].fold if at else ""
    after = words[at + 1].fold if at + 1 < len(words) else ""
    ends = after in ("", ",", "and", "i", "ii", "iii")
    under_head = before in HEADS or before == "of" or (before == "," and at > 1 and words[at - 2].fold in HEADS)
    if word == "eng":
        return "Engineer" if ends and not under_head else "Engineering"
    if word == "dev":
        developing = under_head or before in _DEVELOPMENT_BEFORE or after in _DEVELOPMENT_AFTER
        return "Development" if developing else "Developer"
    if word == "tech":
        if under_head or before in ("information", "chief"):
            return "Technology"
        return "Technical" if after in _TECHNICAL_BEFORE else "Technician" if ends and before else "Technology"
    if word == "admin":
        return "Administration" if under_head else "Administrator" if ends else "Administrative"
    if word == "acct":
        return "Accountant" if ends and not under_head else "Account"
    if word == "exec":
        return "Executive"
    return ""


_CONTEXTUAL = frozenset({"eng", "dev", "tech", "admin", "acct", "exec"})


def _with_of(words: list[Word]) -> list[Word]:
    """One way to write what someone heads: "Director - Sales", "Director, Sales", "VP Sales", "Head Sales" all get an "of"."""
    found: list[Word] = []
    for at, word in enumerate(words):
        if word is SEPARATOR and found and found[-1].fold in HEADS and len(found) <= 4 and not _starts_level(words[at + 1 :]):
            found.append(OF)
        elif (
            found
            and found[-1].fold in HEADS
            and word is not SEPARATOR
            and word.fold not in AFTER_HEAD_NOT_OF
            and (at <= 1 or (found[-1].fold == "president" and len(found) >= 2 and found[-2].fold == "vice"))
        ):
            found += [OF, word]
        else:
            found.append(word)
    return found


LEVEL_WORDS = word_set(
    """
    senior junior lead principal staff assistant associate deputy intern trainee chief acting interim i ii iii iv
    """
)


def _starts_level(words: list[Word]) -> bool:
    return bool(words) and (words[0].fold in LEVEL_WORDS or words[-1].fold in ("manager", "officer", "director", "partner", "founder"))


_INVERTED = word_set("senior junior lead principal staff assistant associate")


def _level_first(words: list[Word]) -> list[Word]:
    """A rule: "Engineer, Senior" -> "Senior Engineer"."""
    if len(words) > 2 and words[-2] is SEPARATOR and words[-1].fold in _INVERTED:
        return [words[-1], *words[:-2]]
    return words


def full_words(text: str) -> list[Word]:
    """The words of a title, written in full, in canonical order."""
    words = _expanded(_plain_words(text))
    for at, word in enumerate(words):
        if word.fold in _CONTEXTUAL and (full := _in_context(words, at)):
            words[at] = Word(full.lower(), full, word.glue)
    return _with_of(_level_first(words))


def shown(words: list[Word]) -> str:
    """The words as displayed."""
    text = "".join(f"{w.glue}{w.shown}" for w in words).strip()
    return text[:1].upper() + text[1:] if text[:1].islower() and not text.startswith("iOS") else text
