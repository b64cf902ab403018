"""Free text: which words of `q` may be a name, a title, a company, a place or a skill.

Nothing in `q` is a hard filter. Each part is a set of alternatives of which the best counts, so "Paris" is a given name or a city, and
"Virginia Foxx" is found although Virginia is a state. Exact values (addresses, numbers, handles, links) are found first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.query import Clause, Term
from mappings.reading import Ranking
from profiles.normalise.company import company_tokens
from profiles.normalise.fold import fold, fold_tokens
from search_api.meaning import names, places, work
from search_api.meaning.clauses import Reading, best, every, favour, some
from search_api.meaning.contacts import find_contacts

MAX_WORDS = 32  # words of a query: each costs a dozen lookups, and no person is described in more
MAX_PHRASE = 4  # words of a place or skill taken as one: "republic of north macedonia", "search engine optimization seo"
RELAXED_LEAST = 2  # parts: one alone would show everybody called Anna
ALL_UP_TO = 3  # parts that must all match; of more, one may be missing

# Words that join the parts of a query and say nothing of the person: "engineer at Acme in Berlin".
JOINING = frozenset({"at", "in", "of", "from", "the", "and", "for", "with", "near", "by", "who", "is", "works"})


@dataclass(frozen=True, slots=True)
class FreeText:
    """`q` understood. minimum: how many readings must match. can_relax: whether one fewer would still say something of a person.
    ignored: words that only join others, and legal forms.
    """

    clause: Clause | None
    readings: tuple[Reading, ...]
    minimum: int
    can_relax: bool = False
    ignored: tuple[str, ...] = ()


def read_free_text(text: str, ranking: Ranking, *, relaxed: bool = False) -> FreeText:
    """What a free text asks for; clause None when there is nothing in it to look for.

    Up to three parts must all match: fewer would bury the person under people who share one word. Of four and more one may be missing: such
    queries mix a name with a title, a company and a place, and one of these is often old, misspelt or unknown to the sources.
    An exact value must match whatever else is there. relaxed: one part fewer must match, but two at least; asked when nobody has them all.
    """
    found, rest = find_contacts(text, ranking)
    exact = [Reading(contact.text, "q", contact.clause, (contact.kind,)) for contact in found]
    kept, ignored = _without_joining([chunk for raw in rest.split() if (chunk := raw.strip(",;:!?\"'()[]{}|"))])
    parts = _parts(kept, ranking, last_open=not rest.endswith((" ", ",")))
    minimum = len(parts) if len(parts) <= ALL_UP_TO else len(parts) - 1
    can_relax = minimum > RELAXED_LEAST
    minimum -= 1 if relaxed and can_relax else 0
    clauses: list[Clause] = [reading.clause for reading in exact]
    if parts:
        matched = some([reading.clause for reading in parts], minimum)
        words = fold_tokens(" ".join(kept))
        whole = names.whole_name(words, ranking) if 2 <= len(words) <= MAX_PHRASE + 1 else []
        clauses.append(favour(matched, whole))
    return FreeText(every(clauses) if clauses else None, (*exact, *parts), minimum + len(exact), can_relax, ignored)


def _without_joining(chunks: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The chunks that say something, and the others; where nothing else is left, all of them ("The Who", "Li In")."""
    kept = [chunk for chunk in chunks if fold(chunk) not in JOINING and not _legal_form(chunk) and (fold(chunk) or work.known_skill(chunk))]
    if not kept:
        kept = [chunk for chunk in chunks if fold(chunk)]
    return kept, tuple(chunk for chunk in chunks if chunk not in kept)


def _legal_form(chunk: str) -> bool:
    """Whether the word adds nothing to a company's name ("Inc", "GmbH")."""
    return len(chunk) > 1 and company_tokens(f"acme {chunk}") == company_tokens("acme")


def _parts(chunks: Sequence[str], ranking: Ranking, *, last_open: bool) -> list[Reading]:
    """The chunks, phrases that name a place or a skill taken together, the longest first."""
    parts: list[Reading] = []
    at = 0
    while at < len(chunks):
        size = next((n for n in range(min(MAX_PHRASE, len(chunks) - at), 1, -1) if _is_phrase(chunks[at : at + n])), 1)
        taken = chunks[at : at + size]
        at += size
        last = last_open and at == len(chunks)
        parts.append(_phrase(taken, ranking, last=last) if size > 1 else _word(taken[0], ranking, last=last))
    return parts


def _is_phrase(chunks: Sequence[str]) -> bool:
    text = " ".join(chunks)
    return bool(places.place_readings(fold(text))) or work.known_skill(text) is not None


def _phrase(chunks: Sequence[str], ranking: Ranking, *, last: bool) -> Reading:
    """Several chunks that name one thing, or else each of them something of its own."""
    text = " ".join(chunks)
    clauses, said = _named(text, ranking)
    apart = every(_word(chunk, ranking, last=last and n == len(chunks) - 1).clause for n, chunk in enumerate(chunks))
    return Reading(text, "q", best((*clauses, apart)), (*said, "or each word by itself"))


def _named(text: str, ranking: Ranking) -> tuple[list[Clause], list[str]]:
    """A place or a skill that is so called as a whole."""
    clauses, said = places.place_terms(fold(text), ranking)
    skill = work.known_skill(text)
    if skill:
        clauses.append(Term("skill_key", skill[0], ranking.weight("skill", "whole"), "skill"))
        said.append(f"skill {skill[1]}")
    return clauses, said


def _word(chunk: str, ranking: Ranking, *, last: bool) -> Reading:
    """One chunk in everything it may be. What is recognised is not also looked for by sound and edit distance, unless it is a place:
    people are named after places, and spelt as wrongly as others.
    """
    clauses, said = _named(chunk, ranking)
    title = work.is_title_word(chunk)
    known = title or bool(work.known_skill(chunk))
    words = fold_tokens(chunk)
    if name := names.compound_clause(chunk, ranking, last=last, rough=not known):
        clauses.append(name)
    clauses += [
        *work.title_words(chunk, ranking),
        *work.company_words(chunk, ranking),
        *places.place_words(chunk, ranking),
        *work.skill_words(chunk, ranking),
    ]
    if domain := work.domain_term(chunk, ranking):
        clauses.append(domain)
        said.append("company domain")
    if not known and not said and len(words) == 1:
        clauses += work.near_words(words[0], ranking)
    said = [*(["job title"] if title else []), *said]
    return Reading(chunk, "q", best(clauses), (*said, "name", *(() if said else ("company", "word of a title, place or skill"))))
