"""Companies: display name, legal form apart, comparison keys, domain.

Names that mean the same company get the same first key: "Jade Loop, LLC", "JADE LOOP" and "jade loop" -> "jade loop". What only may
be the same (a blank more or less, "Group" or "Technologies" at the end, an acronym in brackets) is a looser key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from profiles.normalise.fold import fold
from profiles.normalise.legal_form import strip_legal_form
from profiles.normalise.public_suffixes import registered_part
from profiles.normalise.result import Normalised, Refused, Result
from profiles.normalise.tables import word_set

MAX_LENGTH = 200  # characters; the longest of 36,000 registered US and listed names has 150

_ALLOWED = "the name of an employer or organisation"
_PLACEHOLDERS = frozenset(
    {
        "na", "n a", "none", "null", "nil", "unknown", "not available", "not applicable", "unspecified", "tbd", "tba", "other", "various",
        "confidential", "undisclosed", "test", "private", "nan", "no company", "company", "myself", "me", "self", "my own company",
    }
)  # fmt: skip
_NO_EMPLOYER = frozenset(
    {
        "self employed", "selfemployed", "self employment", "freelance", "freelancer", "freelancing", "freelance consultant", "independent",
        "independent consultant", "independent contractor", "retired", "in retirement", "unemployed", "not employed", "between jobs",
        "open to work", "looking for work", "job seeker", "jobseeker", "homemaker", "stealth", "stealth mode", "stealth startup",
        "selbstandig", "selbststandig", "freiberufler", "freiberuflich", "rentner", "autonomo", "por cuenta propia", "jubilado",
        "independant",
        "retraite", "libero professionista", "zzp",
        "zzper",
    }
)  # fmt: skip

# Written in one way only, whatever the source's case. Others are recased by rule.
_BRANDS = {
    word.lower(): word
    for word in word_set(
        """
        IBM SAP 3M BMW AMD NASA HSBC UBS ING KPMG PwC EY BP GE HP HPE AT&T P&G H&M NEC TSMC NTT KLM DHL UPS UNICEF
        UNESCO IKEA ABB BASF  BBC CNN NBC CBS ESPN MIT UCLA NHS RBC TD BNP ASML NVIDIA LVMH AXA EDF SNCF RWE TUI DZ KfW
        USA UK EU UAE LG TCL BYD ZTE HTC VMware  eBay PayPal LinkedIn YouTube GitHub GitLab HubSpot DocuSign WhatsApp
        OpenAI DeepMind McKinsey McDonald's MasterCard FedEx DuPont  PepsiCo JPMorgan BlackRock GoDaddy TikTok WeWork
        DoorDash SoundCloud AstraZeneca GlaxoSmithKline ThyssenKrupp
        """
    )
}
_SMALL = word_set(
    """
    of and the for in on at de der des du la le les del da do dos das di y e et und van von den ten ter zu zum zur
    """
)
_VOWELS = frozenset("aeiouyAEIOUY")
_GENERIC_TAIL = word_set(
    """
    group groupe gruppe grupo gruppo holding holdings international intl technologies technology tech global worldwide
    solutions services systems software labs partners ventures enterprises industries com io
    """
)
_CONNECTORS = {"und": "and", "et": "and", "og": "and", "och": "and", "y": "and"}
_QUOTES = re.compile(r"[\"“”„«»‟″「」『』]")
_FORMER = re.compile(r"\s*[(\[,–-]\s*(?:formerly|previously|fka|f/k/a|ex|now|vormals|acquired by|part of)\b.*$", re.I)
_REGISTER_TAIL = re.compile(r"\s*/[A-Z]{2,6}/?\s*$")  # EDGAR marks the state or the receipt: "ECOLAB INC/DE/", "Roche Ltd/ADR"
_BRACKETED = re.compile(r"\(\s*([A-Z][A-Z0-9&.]{1,7})\s*\)")
_AMPERSAND = re.compile(r"\s*[&＆]\s*|\s+\+\s+")
_HOST = re.compile(r"(?:(?:[a-z0-9+.-]+:)?//)?([^/?#:]*)")
_RESERVED = re.compile(r"(?:[a-z0-9-]+\.)*([a-z0-9-]+\.(?:example|test))")  # names of RFC 2606, which no suffix list has
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # full stops of other scripts, which stand for a dot in a host name
_EDGES = " ,;-–—/|·:'‘’`*_@\t"


@lru_cache(maxsize=16384)
def registrable_domain(text: str) -> str:
    """The registrable domain of a host or url ("https://www.acme.co.uk/x" -> "acme.co.uk"); "" when there is none. Offline."""
    if not text or len(text) > 2000:
        return ""
    found = _HOST.match(text.lower().rpartition("@")[2].translate(_DOTS).strip())
    host = found.group(1).strip().strip(".") if found else ""
    reserved = _RESERVED.fullmatch(host)
    return reserved.group(1) if reserved else registered_part(host, of_any_ending=False)


def _recased(word: str, first: bool) -> str:
    low = word.lower()
    if low in _BRANDS:
        return _BRANDS[low]
    if low in _SMALL and not first:
        return low
    letters = [c for c in word if c.isalpha()]
    if len(letters) <= 4 and letters and not any(fold(c)[:1] in _VOWELS for c in letters if fold(c)):
        return word.upper()  # "xtg", "QMM": initials, since nothing in them can be spoken
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))


def tidy_company(text: str) -> str:
    """The name as one would write it: blanks and quotes tidied; ALL CAPS and all lower recased, brands and initials kept ("IBM", "3M")."""
    if not (text.isupper() or text.islower()):
        return text
    words = text.split()
    if len(words) == 1 and text.isupper() and len(text) <= 5:
        return text  # one short word in capitals: its owner's way to write it, or initials
    return " ".join(_recased(word, first=at == 0) for at, word in enumerate(words))


def _cleaned(text: str) -> str:
    clean = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode()) if not text.isascii() else text
    clean = " ".join(_QUOTES.sub(" ", clean).split())
    return _FORMER.sub("", _REGISTER_TAIL.sub("", clean)).strip(_EDGES)


def _key(name: str) -> str:
    """Folded words; "&" and its likes are "and"; "The" off."""
    folded = fold(_AMPERSAND.sub(" and ", name))
    words = folded.split()
    if len(words) > 2:
        words[1:-1] = [_CONNECTORS.get(w, w) for w in words[1:-1]]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


def run_together(key: str) -> str:
    """A comparison key without blanks and "and": "at and t" and "att" are one, "jade loop" and "jadeloop"."""
    return "".join(word for word in key.split() if word != "and") or key


def _looser(key: str, acronym: str) -> list[str]:
    words = key.split()
    core = list(words)
    while len(core) > 1 and core[-1] in _GENERIC_TAIL and len("".join(core[:-1])) > 3:  # never down to "ab", "3m"
        core.pop()
    if core[-1] == "and":
        core = words
    found = [run_together(key), " ".join(core), "".join(w for w in core if w != "and")]
    return [*found, fold(acronym).replace(" ", "")] if acronym else found


@lru_cache(maxsize=65536)
def normalise_company(text: str, domain: str | None = None) -> Result:
    """A company's name.

    value: display name without legal form.
    keys: comparison key (folded; legal form, "The" and punctuation off, "&" = "and"), then looser ones without repeats: run together
    ("jadeloop"), without generic last words ("Altenrich Group" -> "altenrich"), acronym given in brackets.
    parts: legal_form ("" when none), domain (registrable domain of `domain`, "" when none), acronym (initials of three words or more,
    or the one in brackets; "" when none).
    Refuses what is empty, a placeholder, no employer at all ("self-employed"), longer than 200 characters or without letter or digit.
    """
    if len(text) > MAX_LENGTH:
        return Refused("is too long for a company's name", f"up to {MAX_LENGTH} characters")
    clean = _cleaned(text)
    folded = fold(clean)
    if not folded or not any(c.isalnum() for c in clean):  # folding spells emoji out
        return Refused("holds no letter or digit", _ALLOWED)
    if folded in _PLACEHOLDERS:
        return Refused("is a placeholder", _ALLOWED)
    if folded in _NO_EMPLOYER:
        return Refused("says that there is no employer", _ALLOWED)
    bracketed = _BRACKETED.search(clean)
    acronym = bracketed.group(1) if bracketed and bracketed.start() > 0 else ""
    if bracketed and acronym and _initials(fold(clean[: bracketed.start()])).startswith(acronym[:1].lower()):
        clean = (clean[: bracketed.start()].rstrip() + " " + clean[bracketed.end() :].lstrip()).strip(_EDGES)
    else:
        acronym = ""
    name, form = strip_legal_form(clean)
    key = _key(name)
    if not key:
        name, key = clean, folded
    keys = tuple(dict.fromkeys([key, *(k for k in _looser(key, acronym) if k)]))
    words = [w for w in key.split() if w != "and"]
    initials = acronym or (_initials(" ".join(words)).upper() if 3 <= len(words) <= 6 and len(_initials(" ".join(words))) >= 3 else "")
    parts = {"legal_form": form, "domain": registrable_domain(domain) if domain else "", "acronym": initials}
    return Normalised(tidy_company(name), keys, parts)


def _initials(folded: str) -> str:
    return "".join(w[0] for w in folded.split() if w not in _SMALL)


def company_tokens(text: str) -> tuple[str, ...]:
    """Words to index and to query: those of the comparison key without "and"; () when the text is no company's name."""
    found = normalise_company(text)
    return tuple(w for w in found.keys[0].split() if w != "and") if isinstance(found, Normalised) else ()
