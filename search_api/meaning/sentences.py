"""Searches said as sentences: "find me a CFO in Germany", "people at Acme who know Python". The words that ask say nothing of the person.

Each of them may be part of a name or a title as well (Ann List, Head of People, a Ms Need). So they are taken off only where a sentence
has them: at its beginning, after who or that, before the word they belong to. What is left is read as any other free text.
"""

from __future__ import annotations

from collections.abc import Sequence

from profiles.normalise.fold import fold
from search_api.meaning.work import is_title_word

ASKING = frozenset({"find", "show", "get", "give", "list", "search", "seek", "need", "want", "looking", "seeking", "hiring", "hire"})
BEFORE_ASKING = frozenset({"please", "can", "could", "you", "i", "we", "im", "am", "are", "would", "like", "to", "want", "help", "me"})
AFTER_ASKING = frozenset({"me", "us", "for", "all", "some", "any", "every", "the", "a", "an", "to", "hire"})
SUBJECTS = frozenset({
    "people", "person", "persons", "candidate", "candidates", "profile", "profiles", "everyone", "everybody", "anyone", "anybody",
    "someone", "somebody",
})  # fmt: skip
AFTER_SUBJECTS = frozenset({"who", "that", "which", "with", "at", "in", "from", "near", "based", "working", "living", "having", "by"})
WHO = frozenset({"who", "that", "which"})
SAYING = frozenset({"is", "are", "has", "have", "know", "knows", "work", "works", "live", "lives", "speak", "speaks", "use", "uses"})
KNOWING = {
    **dict.fromkeys(("experience", "expertise", "knowledge", "background", "skills"), ("in", "with", "of")),
    **dict.fromkeys(("experienced", "skilled", "proficient"), ("in", "with", "at")),
}
"""Words that lead to a skill, with those that must follow: Head of Customer Experience has none of them behind it."""


def without_asking(chunks: Sequence[str]) -> tuple[list[str], list[str]]:
    """The chunks that say something of the person, and those that only ask. All are kept where nothing else would be left."""
    words = [fold(chunk) for chunk in chunks]
    begin = _beginning(words)
    sentence, off = begin > 0, set(range(begin))
    for at in range(begin, len(words) - 1):
        word, before, after = words[at], words[at - 1] if at else "", words[at + 1]
        led = at - 1 in off or before in WHO or (sentence and before == "and")
        sentence = sentence or word in WHO
        if (
            (word in ("a", "an") and is_title_word(after))
            or (word in WHO and after in SAYING)
            or (word in SAYING and led and sentence)
            or (after in KNOWING.get(word, ()) and (led or before in ("with", "of", "years") or word.endswith("ed")))
        ):
            off.add(at)
        if word.isdigit() and after == "years":
            of = words[at + 2 : at + 3] == ["of"]
            off |= {at, at + 1, *((at + 2 + of,) if words[at + 2 + of : at + 3 + of] == ["experience"] else ())}
    kept = [chunk for at, chunk in enumerate(chunks) if at not in off]
    return (kept, [chunks[at] for at in sorted(off)]) if kept else (list(chunks), [])


def _beginning(words: Sequence[str]) -> int:
    """How many words at the beginning ask: "find me all", "i am looking for a", "people who"; 0 where a name may begin."""
    verb = _while_in(BEFORE_ASKING, words, 0)
    asked = _while_in(AFTER_ASKING, words, verb + 1) if words[verb : verb + 1] and words[verb] in ASKING else 0
    if asked == 1 and len(words) < 3:  # "List Herbert" is somebody
        return 0
    subject = _while_in(AFTER_ASKING, words, asked)
    if words[subject : subject + 1] and words[subject] in SUBJECTS:
        after = words[subject + 1 : subject + 2]
        if asked or (after and after[0] in AFTER_SUBJECTS):
            return subject + 1
    return asked


def _while_in(known: frozenset[str], words: Sequence[str], at: int) -> int:
    while at < len(words) and words[at] in known:
        at += 1
    return at
