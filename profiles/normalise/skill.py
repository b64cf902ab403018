"""Skills: one canonical name for each, whatever its spelling ("k8s" is Kubernetes, "Golang" is Go), symbols kept ("C++", "C#", ".NET").

The core (data/skills.tsv) ships; an operator may load a whole taxonomy beneath it (see indexer/taxonomy.py).
A skill nobody lists keeps its words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from anyascii import anyascii

from profiles.normalise.result import Normalised, Refused, Result
from profiles.normalise.tables import Row, read_table, read_table_file, word_set

MAX_LENGTH = 120  # characters; the longest of 14,000 European skill labels has 117, of 9,000 US software names 93

LONGEST_ACRONYM = 5  # letters: 266 of the 283 acronyms that stand behind their own words among O*NET's technology skills have no more

_ALLOWED = "a skill such as Python or Project Management"
_PLACEHOLDERS = word_set("na none null nil unknown tbd tba nan test various other skill skills etc misc")
_TOKEN = re.compile(r"\.?[a-z0-9]+(?:\.[a-z0-9]+)*[+#]*")
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_TAIL = re.compile(r"\s+(?:software|programming language|programming|language|tools?|skills?|certification|certified)$", re.I)
_VENDORS = (
    "adobe", "amazon", "apache", "apple", "atlassian", "autodesk", "bentley", "cisco", "dassault systemes", "esri", "google", "hashicorp",
    "ibm", "intuit", "jetbrains", "mathworks", "microsoft", "ms", "oracle", "ptc", "red hat", "sap", "siemens", "the mathworks", "trimble",
    "vmware", "aws",
)  # fmt: skip
_VENDOR_FIRST = tuple(f"{vendor} " for vendor in _VENDORS)
# Words of the core that a vendor's name turns into something else: "Apple Swift" is Swift, but "IBM Notes" is no taking of notes.
_NOT_AFTER_VENDOR = word_set(
    """
    cloud research sales marketing finance training planning insurance tax mobile c r go management analytics crm erp
    scm plm retail software
    """
) | {"business intelligence"}
_DROPPED = frozenset({"of", "and", "the", "for", "in", "a", "an", "to", "with"})


def skill_key(text: str) -> str:
    """Folded words with the symbols that tell skills apart: "C++" -> "c++", "Node.JS" -> "node.js", "R&D" -> "r and d"."""
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode()))
    low = text.lower().replace("'", "").replace("`", "").replace("&", " and ")
    return " ".join(_TOKEN.findall(low))


def _index(rows: list[Row], names: dict[str, str]) -> dict[str, str]:
    """Adds the rows to `names` (canonical name by key), beneath what is there. Names first: an alias never shadows one."""
    for name, _ in rows:
        names.setdefault(skill_key(name), name)
    for name, others in rows:
        shown = names[skill_key(name)]
        for other in others:
            if key := skill_key(other):
                names.setdefault(key, shown)
    return names


@lru_cache(maxsize=1)
def _core() -> dict[str, str]:
    return _index(read_table("skills.tsv"), {})


_loaded: dict[str, str] = {}


def _known() -> dict[str, str]:
    return _loaded or _core()


def core_skill(text: str) -> str:
    """The shipped core's name for a skill, "" when the core does not list it; blind to a loaded taxonomy."""
    return _find(text, _core())


def use_taxonomy(directory: Path | None) -> dict[str, int]:
    """Loads skills.tsv of an imported taxonomy beneath the core, which wins every conflict; None takes it off again.

    The table is one that indexer/taxonomy.py wrote: names without repeats, aliases as keys.

    Returns the number of rows taken. What is already indexed keeps its names until a rebuild.
    """
    rows = read_table_file(directory / "skills.tsv") if directory else []
    _loaded.clear()
    if rows:
        core = _core()
        keyed = [(skill_key(name), name, aliases) for name, aliases in rows]
        names = {key: name for key, name, _ in keyed}
        _loaded.update({alias: core.get(key, name) for key, name, aliases in keyed for alias in aliases})
        _loaded.update(names)  # an alias never shadows a name, and nothing the core
        _loaded.update(core)
    normalise_skill.cache_clear()
    return {"skills": len(rows)}


def _spellings(text: str) -> list[str]:
    """Looser readings of a skill's name, closest first: without bracket, "software", trailing acronym or vendor."""
    found = []
    if bracket := _BRACKET.search(text):
        found += [text[: bracket.start()], bracket.group(1)]
        text = text[: bracket.start()]
    if _TAIL.search(text):
        text = _TAIL.sub("", text)
        found.append(text)
    *words, last = text.split() or [""]
    if len(words) > 1 and len(last) > 1 and (last.isupper() or _abbreviates(last, words)):
        found.append(" ".join(words))  # "Structured query language SQL"
        initials = "".join(w[0] for w in words).upper()
        if len(initials) == len(last) and initials[-1] == last[-1] and sum(map(str.__eq__, initials, last)) >= len(last) - 1:
            found.append(last)  # "Extensible markup language XML"; "Epicor Vista ERP" is another thing than ERP
    return found


def _abbreviates(last: str, words: list[str]) -> bool:
    """Whether a last word in small letters is the words' acronym: "hypertext markup language html", as some feeds write it."""
    of = iter("".join(words))
    letters = iter(last)
    return last.islower() and len(last) <= LONGEST_ACRONYM and all(c in of for c in last) and all(w[0] in letters for w in words[1:])


def _without_vendor(key: str, known: dict[str, str]) -> str:
    if not key.startswith(_VENDOR_FIRST):
        return ""
    for vendor in _VENDORS:
        if key.startswith(vendor + " "):
            rest = key[len(vendor) + 1 :]
            if rest in known and rest not in _NOT_AFTER_VENDOR:
                return known[rest]
    return ""


def _find(text: str, known: dict[str, str]) -> str:
    """The canonical name of a skill, "" when nobody lists it."""
    key = skill_key(text)
    if key in known:
        return known[key]
    spellings = _spellings(text)
    for at, spelling in enumerate(spellings):
        bracketed = at == 1 and "(" in text and spelling and spelling not in text.split("(")[0]
        if not bracketed and (name := known.get(skill_key(spelling))):
            return name
    return next((name for k in (key, *map(skill_key, spellings)) if (name := _without_vendor(k, known))), "")


@lru_cache(maxsize=65536)
def normalise_skill(text: str) -> Result:
    """A skill.

    value: canonical name ("Kubernetes"); an unlisted skill's own words, tidied.
    keys: one, the folded canonical name ("kubernetes", "c++").
    parts: known (whether the core or a loaded taxonomy lists it).
    Refuses what is empty, a placeholder, longer than 120 characters, or without letter or digit.
    """
    if len(text) > MAX_LENGTH:
        return Refused("is too long for a skill", f"up to {MAX_LENGTH} characters")
    clean = " ".join(text.encode("utf-8", "ignore").decode().split()).strip(" \"'“”„«»,;:-–•*|")
    key = skill_key(clean)
    if not key or not any(c.isalnum() for c in clean):  # folding spells emoji out
        return Refused("holds no letter or digit", _ALLOWED)
    if key in _PLACEHOLDERS or key == "n a":
        return Refused("is a placeholder", _ALLOWED)
    name = _find(clean, _known())
    value = name or clean
    value = value[:1].upper() + value[1:] if value.islower() and " " in value else value
    return Normalised(value, (skill_key(name) or key,), {"known": bool(name)})


def skill_tokens(text: str) -> tuple[str, ...]:
    """Words to index and to query: those of the canonical name, symbols kept, without "of" and "and"; () when the text is no skill."""
    found = normalise_skill(text)
    return tuple(dict.fromkeys(t for t in found.keys[0].split() if t not in _DROPPED)) if isinstance(found, Normalised) else ()
