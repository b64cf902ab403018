"""Free text: which words of `q` may be a name, a title, a company, a place or a skill.

Nothing in `q` is a hard filter. Each part is a set of alternatives of which the best counts, so "Paris" is a given name or a city, and
"Virginia Foxx" is found although Virginia is a state. Exact values (addresses, numbers, handles, links) are found first. A text in the
boolean language (see boolean.py) asks what its operators say, each of its words again being anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engines.query import Clause, Phrase, Term, Without
from mappings.reading import Ranking
from profiles.normalise.company import company_tokens
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.job_title import is_title_phrase, job_title_tokens
from profiles.normalise.skill import skill_tokens
from search_api.meaning import names, places, work
from search_api.meaning.boolean import Leaf, compile_expression, leaves, parse
from search_api.meaning.clauses import SYNONYM, Reading, best, every, favour, only_exact, some
from search_api.meaning.contacts import find_contacts
from search_api.meaning.sentences import without_asking

MAX_WORDS = 32  # words of a query: each costs a dozen lookups, and no person is described in more
MAX_PHRASE = 5  # words taken as one: "republic of north macedonia", "vice president of product marketing"
RELAXED_LEAST = 2  # parts: one alone would show everybody called Anna
JOINED_COMPANY_UP_TO = 4  # parts of which two may be a company's one word: each pair says the whole question once more
ALL_UP_TO = 3  # parts that must all match; of more, one may be missing

# Words that join the parts of a query and say nothing of the person: "engineer at Acme in Berlin".
JOINING = frozenset({
    "at", "in", "of", "from", "the", "and", "for", "with", "near", "by", "who", "is", "works", "working", "based", "lives", "living",
    "someone", "somebody", "anyone", "knows",
})  # fmt: skip

WITHOUT = frozenset({"without", "excluding", "except"})
AFTER_WITHOUT = frozenset({"a", "an", "any", "the", "knowing", "having"})

FORMER = frozenset({"ex", "former", "formerly", "previously"})
"""Before an employer: worked there, and no longer does."""

# Areas wider than a country and ways of working: nobody is held by them, but some have them in a title.
WIDE = frozenset({
    "emea", "apac", "latam", "dach", "mena", "nordics", "benelux", "europe", "asia", "africa", "worldwide", "remote", "remotely",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FreeText:
    """`q` understood. minimum: how many readings must match; None where the text says so itself, by operators.
    can_relax: whether one fewer would still say something of a person.
    ignored: words that only join others, legal forms, and areas too wide to be held.    unwanted: what a sentence takes out.
    """

    clause: Clause | None
    readings: tuple[Reading, ...]
    minimum: int | None
    can_relax: bool = False
    ignored: tuple[str, ...] = ()
    unwanted: tuple[Reading, ...] = ()


def read_free_text(text: str, ranking: Ranking, *, relaxed: bool = False) -> FreeText:
    """What a free text asks for; clause None when there is nothing in it to look for.

    Up to three parts must all match: fewer would bury the person under people who share one word. Of four and more one may be missing: such
    queries mix a name with a title, a company and a place, and one of these is often old, misspelt or unknown to the sources. There,
    somebody who has two neighbouring words for a name is found whatever the others say.
    An exact value must match whatever else is there. relaxed: one part fewer must match, but two at least; asked when nobody has them all.
    """
    found, rest = find_contacts(text, ranking)
    exact = [Reading(contact.text, "q", contact.clause, (contact.kind,), contact.field) for contact in found]
    chunks, asking = without_asking([chunk for raw in rest.split() if (chunk := raw.strip(",;:!?\"'()[]{}|"))])
    wide = [chunk for chunk in chunks if fold(chunk) in WIDE]
    chunks = [chunk for chunk in chunks if chunk not in wide] or wide
    wide = wide if chunks is not wide else []
    chunks, unwanted = _taken_out(chunks, ranking)
    parts, forms, ignored = _parts(chunks, ranking, last_open=not rest.endswith((" ", ",")))
    minimum = len(parts) if len(parts) <= ALL_UP_TO else len(parts) - 1
    can_relax = minimum > RELAXED_LEAST
    minimum -= 1 if relaxed and can_relax else 0
    clauses: list[Clause] = [reading.clause for reading in exact]
    if parts:
        matched = some([reading.clause for reading in parts], minimum)
        if minimum < len(parts):
            matched = best((matched, *_full_names(parts)))
        matched = best((matched, *_joined(parts, minimum, ranking)))
        if len(parts) == len(forms) == 1:
            matched = _with_legal_form(matched, parts[0].text, forms[0], ranking)
        words = _in_order(fold_tokens(" ".join((*(part.text for part in parts), *forms))), rest)
        whole = names.whole_name(words, ranking) if 2 <= len(words) <= MAX_PHRASE else []
        if len(parts) == len(words) <= MAX_PHRASE and not forms:
            matched = best((matched, *names.initialled(words, ranking)))
        titles = (clause for chunk in wide for clause in work.title_words(chunk, ranking))
        clauses.append(favour(matched, (*whole, *(names.word_clause(fold(form), ranking, rough=False) for form in forms), *titles)))
    minimum += len(exact)
    meant = every(clauses) if clauses else None
    if meant and unwanted:
        meant = Without(meant, best(part.clause for part in unwanted))
    return FreeText(meant, (*exact, *parts), minimum, can_relax, (*asking, *ignored, *wide), unwanted)


def _taken_out(chunks: list[str], ranking: Ranking) -> tuple[list[str], tuple[Reading, ...]]:
    """What is wanted, and the one thing behind "without", as NOT takes it out: only what is spelt so."""
    at = next((n for n, chunk in enumerate(chunks) if n and fold(chunk) in WITHOUT), len(chunks))
    begin = next((n for n in range(at + 1, len(chunks)) if fold(chunks[n]) not in AFTER_WITHOUT), len(chunks))
    end = begin + _size_of_phrase(chunks[begin:])
    parts, _, _ = _parts(chunks[begin:end], ranking, last_open=False)
    unwanted = only_exact(every(part.clause for part in parts)) if parts else None
    if unwanted is None:
        return chunks, ()
    return [*chunks[:at], *chunks[end:]], (Reading(" ".join(chunks[begin:end]), "q", unwanted, ("not wanted",)),)


def read_boolean(text: str, ranking: Ranking) -> FreeText:
    """What a text in the boolean language asks for. Raises BooleanError."""
    expression = parse(text)
    readings: list[Reading] = []

    def read(leaf: Leaf) -> Clause:
        found = _quoted(leaf.text, ranking) if leaf.quoted else every(part.clause for part in leaf_parts(leaf.text))
        readings.append(Reading(leaf.text, "q", found, ("phrase",) if leaf.quoted else ("words",)))
        return found

    def leaf_parts(words: str) -> list[Reading]:
        return _parts(words.split(), ranking, last_open=False)[0]

    clause = compile_expression(expression, read)
    return FreeText(clause, tuple(readings), None) if leaves(expression) else FreeText(None, (), None)


def _quoted(text: str, ranking: Ranking) -> Clause:
    """A phrase: words that follow one another in a title, a company or a skill, a place so called, or a name of these words."""
    clauses, _ = _named(text, ranking)
    if title := work.title_phrase(text, ranking):
        clauses.append(title)
    if company := company_tokens(text):
        clauses.append(Phrase("company", company, ranking.weight("company", "word"), "phrase of a company"))
    if skill := skill_tokens(text):
        clauses.append(Phrase("skill", skill, ranking.weight("skill", "word"), "phrase of a skill"))
    if words := fold_tokens(text):
        clauses.append(every(names.word_clause(word, ranking, rough=False) for word in words))
    return best(clauses)


def _in_order(words: Sequence[str], text: str) -> Sequence[str]:
    """The words with those behind a comma first: "Thomas, Thierry" is called Thierry Thomas."""
    family, _, given = text.partition(",")
    turned = [*fold_tokens(given), *fold_tokens(family)]
    return turned if sorted(turned) == sorted(words) else words


def _joined(parts: Sequence[Reading], minimum: int, ranking: Ranking) -> Iterator[Clause]:
    """The parts with two neighbours that nothing recognised written as one, where others write them so: "yun yong" is Yunyong, and "hollow
    bridge" the company Hollowbridge.
    """
    for at, (one, other) in enumerate(pairwise(parts) if len(parts) <= names.JOINED_UP_TO else ()):
        if one.name and other.name and not (one.means or other.means):
            words = (fold(one.text), fold(other.text))
            ways = [names.word_clause(word, ranking) for (word,) in names.joined_readings(words)]
            if len(parts) <= JOINED_COMPANY_UP_TO:
                ways.append(Term("company", "".join(words), ranking.weight("company", "word"), "company"))
            if ways:
                rest = [part.clause for part in (*parts[:at], *parts[at + 2 :])]
                yield every((best(ways), some(rest, minimum - 2))) if minimum > 2 else best(ways)


def _full_names(parts: Sequence[Reading]) -> list[Clause]:
    """Two neighbouring parts taken for given and family name: nothing recognised them, or took one of them for a place (Santos)."""
    found = []
    for one, other in pairwise(parts):
        places = [part for part in (one, other) if part.means == "location" and len(part.text) > names.ARTICLE]
        unknown = [part for part in (one, other) if not part.means]
        if one.name and other.name and unknown and len(places) + len(unknown) == 2:
            found.append(every((one.name, other.name)))
    return found


def _with_legal_form(matched: Clause, word: str, form: str, ranking: Ranking) -> Clause:
    """One word and a legal form are a company, misspelt or not, or a person with a short surname: "Polderlijn BV", "Beatriz Sa"."""
    company = work.company_clause(f"{word} {form}", ranking)
    person = every((matched, names.word_clause(fold(form), ranking, rough=False)))
    return best((person, company, *work.near_company(fold(word), ranking))) if company else person


def _is_joining(chunk: str) -> bool:
    return fold(chunk) in JOINING or not (fold(chunk) or work.known_skill(chunk))


def _is_legal_form(chunk: str) -> bool:
    """Whether the word adds nothing to a company's name ("Inc", "GmbH")."""
    return len(chunk) > 1 and company_tokens(f"acme {chunk}") == company_tokens("acme")


def _parts(chunks: Sequence[str], ranking: Ranking, *, last_open: bool) -> tuple[list[Reading], list[str], tuple[str, ...]]:
    """The chunks, phrases that name a title, a place or a skill taken together, the longest first; the legal forms; and what is left out.

    Where nothing but joining words is left, they are all there is ("The Who", "Li In").
    """
    alone = all(_is_joining(chunk) or _is_legal_form(chunk) for chunk in chunks)
    parts: list[Reading] = []
    forms: list[str] = []
    ignored: list[str] = []
    at = 0
    while at < len(chunks):
        size = _size_of_phrase(chunks[at:])
        taken = chunks[at : at + size]
        at += size
        last = last_open and at == len(chunks)
        former, named = _former(taken[0], chunks[at:], ranking) if size == 1 else (None, 0)
        at += named
        if former:
            parts.append(former)
        elif size > 1:
            parts.append(_phrase(taken, ranking, last=last))
        elif not alone and _is_joining(taken[0]):
            ignored.append(taken[0])
        elif not alone and _is_legal_form(taken[0]):
            forms.append(taken[0])
            ignored.append(taken[0])
        elif fold(taken[0]) or work.known_skill(taken[0]):
            parts.append(_word(taken[0], ranking, last=last))
    return parts, forms, tuple(ignored)


def _former(chunk: str, behind: Sequence[str], ranking: Ranking) -> tuple[Reading | None, int]:
    """An employer of before ("ex-Acme", "former Acme", "formerly at Acme"), and how many chunks behind the first it takes.

    None where what follows is known as something else: a former senator is found by her title.
    """
    mark, dash, name = chunk.partition("-")
    taken = 0
    if not dash:
        taken = next((n for n, word in enumerate(behind, start=1) if fold(word) not in JOINING), 0)
        name = behind[taken - 1] if taken else ""
    if fold(mark) not in FORMER or not name or _word(name, ranking, last=False).means:
        return None, 0
    clause = work.company_clause(name, ranking, "past")
    return (Reading(name, "q", clause, ("company of before",), "company"), taken) if clause else (None, 0)


def _is_letter_with_signs(chunk: str) -> bool:
    return len(fold(chunk)) == 1 < len(chunk) and not chunk.endswith(".")


def _size_of_phrase(chunks: Sequence[str]) -> int:
    """How many chunks from the first name one thing together."""
    return next((n for n in range(min(MAX_PHRASE, len(chunks)), 1, -1) if _is_phrase(chunks[:n])), 1)


def _is_phrase(chunks: Sequence[str]) -> bool:
    if _is_joining(chunks[0]) or _is_joining(chunks[-1]):
        return False
    text = " ".join(chunks)
    return is_title_phrase(text) or bool(places.place_readings(fold(text))) or work.known_skill(text) is not None


def _phrase(chunks: Sequence[str], ranking: Ranking, *, last: bool) -> Reading:
    """Several chunks that name one thing, or else each of them something of its own."""
    text = " ".join(chunks)
    clauses, said = _named(text, ranking)
    means = said[0][0] if said else ""
    if is_title_phrase(text) and (title := work.title_clause(text, ranking)):
        clauses.append(title)
        said.insert(0, ("job_title", "job title"))
        said += [("job_title", f"{SYNONYM}{other}") for other in work.synonyms(job_title_tokens(text))]
        means = means or "job_title"
    each = [chunk for chunk in chunks if not _is_joining(chunk)]
    apart = every(_word(chunk, ranking, last=last and n == len(each) - 1).clause for n, chunk in enumerate(each))
    return Reading(text, "q", best((*clauses, apart)), (*dict.fromkeys(words for _, words in said), "or each word by itself"), means)


def _named(text: str, ranking: Ranking) -> tuple[list[Clause], list[tuple[str, str]]]:
    """A place or a skill that is so called as a whole; each reading with its field and in words."""
    clauses, told = places.place_terms(fold(text), ranking)
    said = [("location", words) for words in told]
    skill = work.known_skill(text)
    if skill:
        clauses.append(Term("skill_key", skill[0], ranking.weight("skill", "whole"), "skill"))
        said.append(("skill", f"skill {skill[1]}"))
    return clauses, said


def _word(chunk: str, ranking: Ranking, *, last: bool) -> Reading:
    """One chunk in everything it may be. What is recognised is not also looked for by sound and edit distance, unless it is a place:
    people are named after places, and spelt as wrongly as others.
    """
    clauses, said = _named(chunk, ranking)
    if title := work.is_title_word(chunk):
        said.insert(0, ("job_title", "job title"))
        said += [("job_title", f"{SYNONYM}{other}") for other in work.synonyms(job_title_tokens(chunk))]
    known = title or bool(work.known_skill(chunk))
    # C# and C++ are no initials.
    name = None if known and _is_letter_with_signs(chunk) else names.compound_clause(chunk, ranking, last=last, rough=not known)
    if name:
        clauses.append(name)
    clauses += [
        *work.title_words(chunk, ranking, known=title),
        *work.company_words(chunk, ranking),
        *places.place_words(chunk, ranking),
        *work.skill_words(chunk, ranking),
    ]
    if domain := work.domain_term(chunk, ranking):
        clauses.append(domain)
        said.append(("company", "company domain"))
    words = fold_tokens(chunk)
    if not said and len(words) == 1:
        clauses += [*work.near_words(words[0], ranking), *places.near_words(words[0], ranking)]
    told = (*(words for _, words in said), *(("name",) if name else ()), *(() if said else ("company", "word of a title, place or skill")))
    return Reading(chunk, "q", best(clauses), told, said[0][0] if said else "", name)
