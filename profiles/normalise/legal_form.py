"""Legal forms ("GmbH & Co. KG", "S.A. de C.V.", "株式会社", "ООО"): found at either end of a company's name and taken off.

The terms are those of the package cleanco, with the additions of data/legal_forms.tsv. They are looked up as whole words run together
without dots ("B.V." = "BV" = "B. V."), which takes microseconds where trying each term in turn takes hundreds.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cleanco.termdata import terms_by_country, terms_by_type

from profiles.normalise.fold import fold
from profiles.normalise.tables import read_table, word_set

MAX_WORDS = 6  # "San. ve Tic. Ltd. Şti." has five words, "sp. z o. o. sp. k." six

# Short terms that are also words, initials or country codes: taken only when written with dots or a slash ("a.s.", "A/S").
_DOTTED_ONLY = frozenset(
    [
        "da",
        "et",
        "pt",
        "nl",
        "ee",
        "oe",
        "ay",
        "sd",
        "teo",
        "dat",
        "stg",
        "pp",
        "aj",
        "ij",
        "xk",
        "qk",
        "ans",
        "ss",
        "sf",
        "kt",
        "ec",
        "ev",
        "eu",
        "sp",
        "gte",
        "ses",
        "hf",
        "aat",
        "fie",
        "oaj",
        "secs",
        "cpt",
        "nuf",
        "esv",
        "kv",
        "rt",
        "og",
        "mb",
        "eg",
        "cv",
        "pc",
        "pa",
        "na",
        "ike",
        "epe",
        "ad",
        "ks",
        "is",
        "ij",
        "tmi",
        "vat",
        "zat",
        "ek",
        "ou",
        "kd",
        "bt",
        "da",
    ]
)
# The same, but capitals inside a mixed-case name tell them too: "Nordlys AS", "Vertex Loop eK".
_CAPITALS_TELL = word_set("as ae sal sci ou mei og ek bt pp asc ccc cic scop kb pa")
_NEVER = word_set("private & nl de")  # cleanco lists "private" and "nl"; alone they say nothing about the form

# Forms put before the name. Written in capitals, or as here.
_BEFORE = {
    "ooo": "ООО", "oao": "ОАО", "pao": "ПАО", "zao": "ЗАО", "ao": "АО", "tov": "ТОВ", "tzov": "ТОВ", "pp": "ПП", "fop": "ФОП", "ip": "ИП",
    "pt": "PT", "sia": "SIA", "uab": "UAB", "congtytnhh": "TNHH", "congtycophan": "JSC", "kabushikikaisha": "Kabushiki Kaisha",
}  # fmt: skip
_EAST_ASIAN = re.compile(
    r"株式会社|合同会社|有限会社|合名会社|一般社団法人|\((?:株|有|同|주)\)|股份有限公司|有限责任公司|有限責任公司|有限公司|股份公司|주식회사|유한회사"
)
_EAST_ASIAN_NAMES = {"(株)": "株式会社", "(有)": "有限会社", "(同)": "合同会社", "(주)": "주식회사"}
_EDGES = " ,;.-–—/&+|·:'\"“”„«»‚‘’「」『』"
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


def run_together(text: str) -> str:
    """The folded letters and digits of a text without blanks: "B. V." -> "bv"."""
    return _NOT_ALNUM.sub("", text.lower()) if text.isascii() else fold(text).replace(" ", "")


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    """Run-together spelling -> form as shown ("" when it is to be shown as written)."""
    forms: dict[str, str] = {}
    for terms in (*terms_by_type.values(), *terms_by_country.values()):
        forms.update((run_together(term), "") for term in terms)
    for shown, spellings in read_table("legal_forms.tsv"):
        for joined in {run_together(spelling) for spelling in spellings}:
            forms[joined] = "" if forms.get(joined) else shown  # "a.s." and "A.Ş." run together alike: shown as written
    for word in ("", *_NEVER):
        forms.pop(word, None)
    return forms


def _taken(words: list[str], joined: str, mixed_case: bool) -> bool:
    """Whether these written words, of the given run-together spelling, are meant as a legal form."""
    if len(words) > 1 and len(joined) <= 3 and any(len(w) > 1 and w[-1] not in ".,)" for w in words):
        return False  # "In C." is not "Inc.", but "sp. k." is a form
    written = "".join(words)
    if joined in _DOTTED_ONLY or joined in _CAPITALS_TELL:
        if "." in written[:-1] or "/" in written or not written.isascii():
            return True
        return joined in _CAPITALS_TELL and mixed_case and any(c.isupper() for c in written) and not written[1:].islower()
    return True


def _strip_end(words: list[str], mixed_case: bool) -> tuple[list[str], str]:
    forms = _forms()
    for size in range(min(MAX_WORDS, len(words) - 1), 0, -1):
        tail = words[-size:]
        joined = "".join([run_together(w) for w in tail])
        if joined in forms and tail[0][0] not in "&+" and _taken(tail, joined, mixed_case):
            rest = words[:-size]
            while len(rest) > 1 and run_together(rest[-1]) in ("", "and", "und", "et"):
                rest.pop()
            if run_together(rest[-1]) not in ("", "the"):
                return rest, forms[joined] or " ".join(tail).strip(" ,;()")
    return words, ""


def _strip_start(words: list[str]) -> tuple[list[str], str]:
    for size in range(min(3, len(words) - 1), 0, -1):
        head = words[:size]
        joined = "".join(map(run_together, head))
        if joined in _BEFORE and (size > 1 or head[0].isupper()) and not (joined == "ip" and head[0].isascii()):
            return words[size:], _BEFORE[joined]
    return words, ""


def strip_legal_form(text: str) -> tuple[str, str]:
    """The name without its legal form, and the form as shown ("" when there is none). At least one word always remains.

    "Acme GmbH & Co. KG" -> ("Acme", "GmbH & Co. KG"), '株式会社アクメ' -> ("アクメ", "株式会社"), 'ООО "Акме"' -> ("Акме", "ООО").
    """
    found = ""
    match = _EAST_ASIAN.search(text)
    if match and (rest := (text[: match.start()] + " " + text[match.end() :]).strip(_EDGES)):
        text, found = rest, _EAST_ASIAN_NAMES.get(match.group(), match.group())
    words = text.split()
    mixed_case = not text.isupper()
    for _ in range(2):  # two: "Acme Holding AG, Inc." and names that carry the local and the English form
        if len(words) < 2:
            break
        words, form = _strip_end(words, mixed_case)
        found = found or form
        if not form:
            break
    if len(words) > 1:
        words, form = _strip_start(words)
        found = found or form
    return " ".join(words).strip(_EDGES) or text, found
