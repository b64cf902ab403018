"""Splits a text into titles: headlines ("Head of Sales at Acme"), and several titles in one field ("CEO & Founder").

A text is split only where both sides can stand alone as a title, so that "Research & Development Manager" stays whole.
"""

from __future__ import annotations

import re
from functools import lru_cache

from profiles.normalise.tables import word_set
from profiles.normalise.title_words import HEADS, SEPARATOR, full_words

MAX_TITLES = 8  # more in one field is a list of keywords, not of positions

_AT = re.compile(r"\s+(?:at|bei|chez|@)\s+|\s+@(?=\w)", re.I)
_BAR = re.compile(r"\s*(?:\||•|·|\n)\s*")
_BETWEEN = re.compile(
    r"(\s*;\s*|\s+/+\s+|\s*&\s*|\s+and\s+|\s+und\s+|\s+et\s+|\s*,\s*|\s+[-–—]\s+|\s+\+\s+|(?<=[A-Za-z.])/(?=[A-Za-z]))", re.I
)
_STOP = word_set("of for to in at with on de")
_EXECUTIVE = word_set("founder owner president chairman partner officer director member")
_AGENTS = word_set(
    """
    assistant associate accountant attendant consultant sergeant agent president superintendent student resident chief
    analyst artist architect nurse clerk chef cook coach judge guide attorney secretary representative executive
    specialist expert scientist technician physician librarian musician politician dean fellow intern trainee
    entrepreneur strategist recruiter principal physicist provost mate aide buyer broker chairman chairwoman foreman
    salesman spokesperson salesperson lead member host hostess pilot sheriff mayor senator detective actress waitress
    diplomat ambassador marine captain treasurer notary deputy trustee delegate advocate auditor surgeon scholar
    """
)
_NOT_AGENTS = word_set(
    """
    computer printer customer consumer power water user matter center order paper career labor sensor motor vendor
    transfer weather theater leather rubber timber laser fiber cyber other number server container chamber semiconductor
    color floor door indoor outdoor interior exterior sector donor minor major senior junior behavior elevator reactor
    tractor employer supplier offer member air hair cancer layer paper silver her their over under after former
    newsletter twitter poster register character quarter winter summer river letter soccer feather error mortar solar
    cellular molecular vascular regular popular particular ever never
    """
)
_LEVEL_ONLY = word_set("lead senior junior principal staff associate assistant deputy chief")
_PAIRS = frozenset({("board", "member"), ("team", "lead"), ("technical", "lead"), ("team", "member"), ("faculty", "member")})


def split_headline(text: str) -> tuple[str, str | None]:
    """Title and company of a headline: "Head of Operations at Acme | vehicle repairs" -> ("Head of Operations", "Acme").

    Only "at" and "@" name a company for sure; after a bar may stand a company or a skill, so what follows it is dropped.
    """
    first = _BAR.split(text.strip(), maxsplit=1)[0]
    found = _AT.search(first)
    if not found or not found.start():
        return first.strip(), None
    title, company = first[: found.start()].strip(" ,-–"), first[found.end() :].strip(" ,-–")
    return (title, company or None) if title else (first.strip(), None)


def _is_agent(word: str) -> bool:
    return word in _AGENTS or (word.endswith(("er", "or", "ist", "ian", "eer")) and len(word) > 3 and word not in _NOT_AGENTS)


def stands_alone(piece: str) -> bool:
    """Whether a piece of text names a position by itself."""
    folds = [w.fold for w in full_words(piece) if w is not SEPARATOR]
    if not folds or (len(folds) == 1 and folds[0] in _LEVEL_ONLY):
        return False
    head = folds[: next((at for at, f in enumerate(folds) if at and f in _STOP), len(folds))]
    if tuple(head[-2:]) in _PAIRS:
        return True
    last = head[-1]
    if len(folds) == 1 and len(last) == 3 and last[0] == "c" and last[-1] == "o":
        return True  # CPO, CSO ...: chiefs of more than one thing
    return last in HEADS or (last not in ("lead", "member", "deputy") and _is_agent(last)) or head[:2] == ["vice", "president"]


def _is_executive(piece: str) -> bool:
    return any(w.fold in _EXECUTIVE for w in full_words(piece))


def split_titles(text: str) -> list[str]:
    """The titles in a text, as written, at most MAX_TITLES, without repeats."""
    return list(_split(text))


@lru_cache(maxsize=65536)
def _split(text: str) -> tuple[str, ...]:
    text = " ".join(split_headline(text[:1000].encode("utf-8", "ignore").decode())[0].split())
    pieces = _BETWEEN.split(text)
    titles: list[str] = []
    current = pieces[0]
    depth = current.count("(") - current.count(")")
    for between, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        tight_slash = between == "/"  # "Writer/Editor" is one trade
        spoken = between.strip().isalpha()  # so is "Power Line Installer and Repairer"; "President and CEO" are two offices
        if (
            depth <= 0
            and stands_alone(piece)
            and stands_alone(current)
            and (not tight_slash or (_is_executive(piece) and _is_executive(current)))
            and (not spoken or _is_executive(piece) or _is_executive(current))
        ):
            titles.append(current)
            current = piece
        else:
            current += between + piece
        depth = current.count("(") - current.count(")")
    titles.append(current)
    return tuple(dict.fromkeys(t for t in (t.strip(" ,;-–|/&") for t in titles) if t))[:MAX_TITLES]
